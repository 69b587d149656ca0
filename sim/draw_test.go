package sim

import (
	"hash/fnv"
	"math"
	"math/big"
	"slices"
	"testing"
)

func philoxOf(counter [4]uint64, key [2]uint64) (block [4]uint64) {
	block[0], block[1], block[2], block[3] = philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1])
	return block
}

func blockOf(l Luck, agent, purpose Key, week int, try uint32) (block [4]uint64) {
	block[0], block[1], block[2], block[3] = l.block(agent, purpose, week, try)
	return block
}

// The known answers that Salmon et al. publish with their library Random123
// (tests/kat_vectors, "philox4x64 10"): all zeros, all ones, digits of pi.
func TestPhiloxKnownAnswers(t *testing.T) {
	const ones = math.MaxUint64
	for _, c := range []struct {
		counter [4]uint64
		key     [2]uint64
		want    [4]uint64
	}{
		{
			[4]uint64{0, 0, 0, 0},
			[2]uint64{0, 0},
			[4]uint64{0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b},
		}, {
			[4]uint64{ones, ones, ones, ones},
			[2]uint64{ones, ones},
			[4]uint64{0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0},
		}, {
			[4]uint64{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
			[2]uint64{0x452821e638d01377, 0xbe5466cf34e90c6c},
			[4]uint64{0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6},
		},
	} {
		if got := philoxOf(c.counter, c.key); got != c.want {
			t.Errorf("philox(%#x, %#x) = %#x, want %#x", c.counter, c.key, got, c.want)
		}
	}
}

func TestKeyOf(t *testing.T) {
	// From the authors' test_fnv.c, which RFC 9923 reprints.
	for name, want := range map[string]Key{
		"":       0xcbf29ce484222325,
		"a":      0xaf63dc4c8601ec8c,
		"b":      0xaf63df4c8601f1a5,
		"foo":    0xdcb27518fed9d577,
		"foobar": 0x85944171f73967e8,
		"chongo": 0xe150688c8217b8fd,
	} {
		if got := KeyOf(name); got != want {
			t.Errorf("KeyOf(%q) = %#x, want %#x", name, got, want)
		}
	}
	for _, name := range []string{"Crew 7", "Güterzug", "\x00\xff"} {
		h := fnv.New64a()
		h.Write([]byte(name))
		if got := KeyOf(name); got != Key(h.Sum64()) {
			t.Errorf("KeyOf(%q) = %#x, want %#x", name, got, h.Sum64())
		}
	}
}

// The contract in the comment on Luck, word by word.
func TestDrawMap(t *testing.T) {
	const agent, purpose = Key(0x0123456789abcdef), Key(0xfedcba9876543210)
	l := Luck{Seed: 0x1111222233334444, Run: 0x5555666677778888}
	for _, c := range []struct {
		week int
		try  uint32
		word uint64
	}{
		{0, 0, 0},
		{52, 0, 52},
		{Once, 0, 0xffffffff},
		{math.MinInt32, 0, 0x80000000},
		{52, 3, 3<<32 + 52},
		{Once, math.MaxUint32, math.MaxUint64},
	} {
		want := philoxOf(
			[4]uint64{0x5555666677778888, 0x0123456789abcdef, 0xfedcba9876543210, c.word},
			[2]uint64{0x1111222233334444, 1})
		if got := blockOf(l, agent, purpose, c.week, c.try); got != want {
			t.Errorf("block for week %d, try %d = %#x, want %#x", c.week, c.try, got, want)
		}
		if c.try != 0 {
			continue
		}
		u := l.Uniform(agent, purpose, c.week)
		if want := float64(want[0]/2048|1) / (1 << 53); u != want {
			t.Errorf("Uniform for week %d = %v, want %v", c.week, u, want)
		}
		if n := l.Normal(agent, purpose, c.week); n != normalQuantile(u) {
			t.Errorf("Normal for week %d = %v, want the quantile of %v", c.week, n, u)
		}
	}
}

func TestUnitIsOpen(t *testing.T) {
	for _, c := range []struct {
		word uint64
		want float64
	}{
		{0, 0x1p-53},
		{1<<63 - 1, 0.5 - 0x1p-53},
		{1 << 63, 0.5 + 0x1p-53},
		{math.MaxUint64, 1 - 0x1p-53},
	} {
		if got := unit(c.word); got != c.want {
			t.Errorf("unit(%#x) = %x, want %x", c.word, got, c.want)
		}
	}
}

// stream is a sequence of draws in which one coordinate counts up.
type stream struct {
	name string
	word func(i int) uint64
}

func (s stream) at(i int) float64 { return unit(s.word(i)) }

// streams vary each coordinate in turn while the others stay, near zero (where a
// weak generator shows its pattern) and at what names and seeds look like.
func streams() []stream {
	var all []stream
	for _, c := range []struct {
		name           string
		l              Luck
		agent, purpose Key
		week           int
	}{
		{"zero", Luck{}, 0, 0, 0},
		{"named", Luck{Seed: 20260101, Run: 17}, KeyOf("crew"), KeyOf("productivity"), Once},
		{"large", Luck{Seed: 1 << 63, Run: 1 << 40}, 1 << 63, 1 << 63, 1 << 30},
	} {
		first := func(l Luck, agent, purpose Key, week int) uint64 { return blockOf(l, agent, purpose, week, 0)[0] }
		l, a, p, w := c.l, c.agent, c.purpose, c.week
		all = append(all,
			stream{c.name + "/week", func(i int) uint64 { return first(l, a, p, w+i) }},
			stream{c.name + "/agent", func(i int) uint64 { return first(l, a+Key(i), p, w) }},
			stream{c.name + "/purpose", func(i int) uint64 { return first(l, a, p+Key(i), w) }},
			stream{c.name + "/run", func(i int) uint64 { return first(Luck{l.Seed, l.Run + uint64(i)}, a, p, w) }},
			stream{c.name + "/seed", func(i int) uint64 { return first(Luck{l.Seed + uint64(i), l.Run}, a, p, w) }},
			stream{c.name + "/try", func(i int) uint64 { return blockOf(l, a, p, w, uint32(i))[0] }},
			stream{c.name + "/word", func(i int) uint64 { return blockOf(l, a, p, w+i/4, 0)[i%4] }},
			// Neighbours in this one are draws with two coordinates exchanged.
			stream{c.name + "/exchange", func(i int) uint64 {
				x, y := Key(i/2), Key(i/2+1)
				if i%2 == 1 {
					x, y = y, x
				}
				return first(l, a+x, p+y, w)
			}},
		)
	}
	return all
}

// sigmas is the bound on test statistics that are about standard normal if all
// is well: 1 in 16000 is beyond it. The draws are fixed, so it holds or does not.
const sigmas = 4

// chiSquare returns the statistic of counts that should all be equal, as Wilson
// and Hilferty (1931) make it about standard normal.
func chiSquare(counts []int) float64 {
	total := 0
	for _, n := range counts {
		total += n
	}
	expected := float64(total) / float64(len(counts))
	sum := 0.0
	for _, n := range counts {
		sum += (float64(n) - expected) * (float64(n) - expected) / expected
	}
	freedom := float64(len(counts) - 1)
	variance := 2 / (9 * freedom)
	return (math.Cbrt(sum/freedom) - (1 - variance)) / math.Sqrt(variance)
}

func TestUniformity(t *testing.T) {
	const n = 1 << 16
	for _, s := range streams() {
		t.Run(s.name, func(t *testing.T) {
			var counts [256]int
			var bit [64]int
			for i := range n {
				counts[int(s.at(i)*256)]++
				w := s.word(i)
				for b := range bit {
					bit[b] += int(w >> b & 1)
				}
			}
			if z := chiSquare(counts[:]); math.Abs(z) > sigmas {
				t.Errorf("chi-square is %.1f sigma from even", z)
			}
			for b, set := range bit {
				if z := (float64(set) - n/2) / math.Sqrt(n/4); math.Abs(z) > sigmas+0.5 { // 1500 of these
					t.Errorf("bit %d is set %d times of %d, %.1f sigma from half", b, set, n, z)
				}
			}
		})
	}
}

func TestIndependenceOfNeighbours(t *testing.T) {
	const n = 1 << 16
	for _, s := range streams() {
		t.Run(s.name, func(t *testing.T) {
			const side = 32
			var counts [side * side]int
			for lag := 1; lag <= 2; lag++ {
				sum := 0.0
				for i := range n {
					sum += 12 * (s.at(i) - 0.5) * (s.at(i+lag) - 0.5)
				}
				if z := sum / math.Sqrt(n); math.Abs(z) > sigmas {
					t.Errorf("correlation at lag %d is %.4f, %.1f sigma from 0", lag, sum/n, z)
				}
			}
			for i := range n {
				x, y := int(s.at(2*i)*side), int(s.at(2*i+1)*side)
				counts[x*side+y]++
			}
			if z := chiSquare(counts[:]); math.Abs(z) > sigmas {
				t.Errorf("chi-square of pairs is %.1f sigma from even", z)
			}
		})
	}
}

// No draw depends on another: any order gives the same draws.
func TestDrawOrder(t *testing.T) {
	l := Luck{Seed: 1, Run: 2}
	draw := func(week int) [4]float64 {
		return [4]float64{
			l.Uniform(3, 4, week), l.Normal(3, 4, week),
			Triangular(l.Uniform(3, 4, week), 1, 2, 4), l.Beta(3, 4, week, 0.7, 2),
		}
	}
	var forward [100][4]float64
	for week := range forward {
		forward[week] = draw(week)
	}
	for week := len(forward) - 1; week >= 0; week-- {
		if got := draw(week); got != forward[week] {
			t.Fatalf("week %d: %v after its successors, %v before them", week, got, forward[week])
		}
	}
}

// bigNormal returns the cumulative distribution and the density of the standard
// normal distribution at z: the series z + z³/3 + z⁵/(3·5) + … times the density
// is what the distribution exceeds 1/2 by (Abramowitz and Stegun, 26.2.11).
func bigNormal(z float64) (cumulative, density *big.Float) {
	pi, _ := newBig().SetString("3.14159265358979323846264338327950288419716939937510582097494459")
	zz := newBig().Mul(bigOf(z), bigOf(z))
	density = bigExp(bigQuo(zz, bigOf(-2)))
	density.Quo(density, newBig().Sqrt(pi.Add(pi, pi)))
	sum, term := newBig(), bigOf(z)
	for k := int64(3); term.Sign() != 0 && term.MantExp(nil) > -bigPrec; k += 2 {
		sum.Add(sum, term)
		term.Mul(term, zz)
		term.Quo(term, newBig().SetInt64(k))
	}
	cumulative = sum.Mul(sum, density)
	return cumulative.Add(cumulative, bigOf(0.5)), density
}

func TestNormalQuantile(t *testing.T) {
	// Wichura's own test values, one for each of his approximations.
	for _, c := range []struct{ p, want float64 }{
		{0.25, -0.6744897501960817},
		{0.001, -3.090232306167814},
		{1e-20, -9.262340089798408},
		{0.5, 0},
	} {
		got := normalQuantile(c.p)
		if math.Abs(got-c.want) > 1e-15*math.Abs(c.want) {
			t.Errorf("normalQuantile(%v) = %v, want %v", c.p, got, c.want)
		}
	}

	const bound = 2e-15 // as documented
	worst := 0.0
	check := func(p float64) {
		if p == 0.5 {
			return // 0, as above
		}
		z := normalQuantile(p)
		// By Newton's step, z is too large by (cumulative - p)/density.
		cumulative, density := bigNormal(z)
		cumulative.Sub(cumulative, bigOf(p))
		off, _ := cumulative.Quo(cumulative, density).Float64()
		off = math.Abs(off / z)
		worst = max(worst, off)
		if !(off < bound) {
			t.Fatalf("normalQuantile(%v) = %v, off by %.2g of it", p, z, off)
		}
	}
	rnd := testRand()
	for range 1000 {
		check(unit(rnd.Uint64()))                       // everywhere
		check(unit(rnd.Uint64() >> rnd.IntN(54)))       // into the lower tail
		check(1 - unit(rnd.Uint64()>>rnd.IntN(54)))     // into the upper tail
		check(0.5 - unit(rnd.Uint64()>>rnd.IntN(53))/4) // towards the centre
	}
	for _, border := range []float64{0.075, 0.925, math.Exp(-25), 1 - math.Exp(-25)} {
		for p, i := border-8*0x1p-53, 0; i < 16; i++ {
			check(p)
			p += 0x1p-53
		}
	}
	t.Logf("relative error at most %.2g", worst)

	// The range in the comment on Normal.
	if z := normalQuantile(unit(0)); z < -8.21 {
		t.Errorf("the least normal draw is %v", z)
	}
}

// kolmogorov fails if the sample is unlikely to come from the distribution whose
// cumulative distribution function is given: 1 in 1000 that do are refused.
func kolmogorov(t *testing.T, sample []float64, cumulative func(float64) float64) {
	t.Helper()
	slices.Sort(sample)
	n := float64(len(sample))
	worst := 0.0
	for i, x := range sample {
		f := cumulative(x)
		worst = max(worst, f-float64(i)/n, float64(i+1)/n-f)
	}
	if d := worst * math.Sqrt(n); !(d < 1.95) {
		t.Errorf("Kolmogorov-Smirnov statistic is %.2f", d)
	}
}

// moments fails if the mean or the variance of the sample is too far from what
// they should be.
func moments(t *testing.T, sample []float64, mean, variance float64) {
	t.Helper()
	n := float64(len(sample))
	m1, m2, m4 := 0.0, 0.0, 0.0
	for _, x := range sample {
		m1 += x / n
		d := (x - mean) * (x - mean)
		m2 += d / n
		m4 += d * d / n
	}
	if z := (m1 - mean) / math.Sqrt(variance/n); !(math.Abs(z) < sigmas) {
		t.Errorf("mean is %v, want %v: %.1f sigma off", m1, mean, z)
	}
	if z := (m2 - variance) / math.Sqrt((m4-m2*m2)/n); !(math.Abs(z) < sigmas) {
		t.Errorf("variance is %v, want %v: %.1f sigma off", m2, variance, z)
	}
}

// sampleOf returns draws for 1000 weeks of each of 100 runs.
func sampleOf(draw func(l Luck, week int) float64) []float64 {
	var sample []float64
	for run := range uint64(100) {
		for week := range 1000 {
			sample = append(sample, draw(Luck{Seed: 5, Run: run}, week))
		}
	}
	return sample
}

func TestNormalDistribution(t *testing.T) {
	agent, purpose := KeyOf("crew"), KeyOf("productivity")
	sample := sampleOf(func(l Luck, week int) float64 { return l.Normal(agent, purpose, week) })
	moments(t, sample, 0, 1)
	kolmogorov(t, sample, func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 })
}

// In each group of runs every run draws from another part; within parts, and over groups, draws are uniform; purposes
// are shuffled apart.
func TestStratified(t *testing.T) {
	const strata, groups = 32, 400
	var all []float64
	together := 0 // runs that have the same part for two purposes
	for group := range groups {
		var seen, other [strata]bool
		for i := range strata {
			luck := Luck{Seed: 5, Run: uint64(group*strata + i)}
			x, y := luck.Stratified(1, 2, strata), luck.Stratified(1, 3, strata)
			if x <= 0 || x >= 1 || luck.Stratified(1, 2, strata) != x {
				t.Fatalf("run %d draws %v", luck.Run, x)
			}
			a, b := int(x*strata), int(y*strata)
			if seen[a] || other[b] {
				t.Fatalf("in group %d two runs draw from part %d or %d", group, a, b)
			}
			seen[a], other[b] = true, true
			if a == b {
				together++
			}
			all = append(all, x*strata-float64(a))
		}
	}
	if mean := float64(together) / groups; mean < 0.8 || mean > 1.2 { // a random permutation keeps one in its place
		t.Errorf("of %d runs, %v have the same part for two purposes", strata, mean)
	}
	slices.Sort(all)
	worst := 0.0 // of Kolmogorov and Smirnov
	for i, x := range all {
		worst = max(worst, math.Abs(x-(float64(i)+0.5)/float64(len(all))))
	}
	if worst > 1.63/math.Sqrt(float64(len(all))) {
		t.Errorf("within parts, draws are off uniform by %v", worst)
	}
}

func TestTriangularDistribution(t *testing.T) {
	for _, c := range []struct{ low, mode, high float64 }{
		{0, 0.3, 1},
		{-5, 2, 3},
		{1, 1, 4},
		{1, 4, 4},
		{1e9, 1e9 + 1, 1e9 + 5},
		{-0.75e308, 0, 0.75e308},
	} {
		scale := c.high - c.low // so that the moments of wide ones do not overflow
		l, m, h := c.low/scale, c.mode/scale, c.high/scale
		sample := sampleOf(func(luck Luck, week int) float64 {
			x := Triangular(luck.Uniform(7, 8, week), c.low, c.mode, c.high)
			if !(c.low <= x && x <= c.high) {
				t.Fatalf("%v: drew %v", c, x)
			}
			return x / scale
		})
		moments(t, sample, (l+m+h)/3, (l*(l-m)+m*(m-h)+h*(h-l))/18)
		kolmogorov(t, sample, func(x float64) float64 {
			if x < m {
				return (x - l) * (x - l) / (m - l)
			}
			return 1 - (h-x)*(h-x)/(h-m)
		})
	}

	// It rises with the uniform draw, and stays within its ends when these are so
	// close together that every number is rounded.
	rising := make(map[float64]float64)
	var us []float64
	for week := range 1000 {
		u := Luck{}.Uniform(1, 2, week)
		us = append(us, u)
		rising[u] = Triangular(Luck{}.Uniform(1, 2, week), 3, 4, 9)
		low, high := 1.0, 1+0x1p-51
		if x := Triangular(Luck{}.Uniform(1, 2, week), low, low, high); !(low <= x && x <= high) {
			t.Fatalf("drew %x from [%x, %x]", x, low, high)
		}
	}
	slices.Sort(us)
	for i := range len(us) - 1 {
		if !(rising[us[i]] < rising[us[i+1]]) {
			t.Fatalf("uniform %v draws %v, but %v draws %v", us[i], rising[us[i]], us[i+1], rising[us[i+1]])
		}
	}
}

func TestBetaDistribution(t *testing.T) {
	for _, c := range []struct {
		alpha, beta float64
		cumulative  func(x float64) float64 // nil if it has no simple form
	}{
		{1, 1, func(x float64) float64 { return x }},
		{2, 2, func(x float64) float64 { return x * x * (3 - 2*x) }},
		{0.5, 0.5, func(x float64) float64 { return math.Asin(math.Sqrt(x)) * 2 / math.Pi }},
		{1, 4.5, func(x float64) float64 { return 1 - math.Pow(1-x, 4.5) }},
		{0.1, 1, func(x float64) float64 { return math.Pow(x, 0.1) }},
		{3, 1, func(x float64) float64 { return x * x * x }},
		{2, 5, nil},
		{0.2, 3, nil},
		{30, 1.5, nil},
		{0.01, 0.02, nil},
		{1e6, 2e6, nil},
	} {
		a, b := c.alpha, c.beta
		sample := sampleOf(func(l Luck, week int) float64 {
			x := l.Beta(7, 8, week, a, b)
			if !(0 <= x && x <= 1) {
				t.Fatalf("Beta(%v, %v) = %v", a, b, x)
			}
			return x
		})
		moments(t, sample, a/(a+b), a*b/((a+b)*(a+b)*(a+b+1)))
		if c.cumulative != nil {
			kolmogorov(t, sample, c.cumulative)
		}
		if t.Failed() {
			t.Fatalf("for Beta(%v, %v)", a, b)
		}
	}
}

func TestDrawSpecialCases(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	l := Luck{Seed: 1, Run: 2}
	if x := Triangular(l.Uniform(3, 4, 5), 6, 6, 6); x != 6 {
		t.Errorf("Triangular of a point = %v, want the point", x)
	}
	for _, c := range [][3]float64{
		{2, 1, 3}, {1, 4, 3}, {3, 2, 1}, {nan, 1, 2}, {1, nan, 2}, {1, 2, nan},
		{-inf, 0, 1}, {0, 1, inf}, {inf, inf, inf}, {-1e308, 0, 1e308},
	} {
		if x := Triangular(l.Uniform(3, 4, 5), c[0], c[1], c[2]); !math.IsNaN(x) {
			t.Errorf("Triangular of %v = %v, want NaN", c, x)
		}
	}
	for _, c := range [][2]float64{{0, 1}, {1, 0}, {-1, 1}, {1, -1}, {nan, 1}, {1, nan}, {inf, 1}, {1, inf}, {1e-301, 1}, {1, 1e301}} {
		if x := l.Beta(3, 4, 5, c[0], c[1]); !math.IsNaN(x) {
			t.Errorf("Beta of %v = %v, want NaN", c, x)
		}
	}
	for _, shapes := range [][2]float64{{1e-300, 1e-300}, {1e300, 1e300}, {1e-300, 1e300}, {1e300, 1e-300}, {1e-5, 1e5}} {
		for week := range 100 {
			if x := l.Beta(3, 4, week, shapes[0], shapes[1]); !(0 <= x && x <= 1) {
				t.Errorf("Beta of %v = %v, want a number in [0, 1]", shapes, x)
			}
		}
	}
}

// On every architecture, and for ever, the draws must have these same bits.
func TestDrawGolden(t *testing.T) {
	var uniform, normal, triangular, beta digest
	for run := range uint64(20) {
		l := Luck{Seed: 2026 << run, Run: run}
		for _, name := range []string{"crew", "yard", "weather"} {
			agent := KeyOf(name)
			for week := Once; week < 500; week++ {
				uniform.add(l.Uniform(agent, KeyOf("uniform"), week))
				normal.add(l.Normal(agent, KeyOf("normal"), week))
				triangular.add(Triangular(l.Uniform(agent, KeyOf("triangular"), week), 0.7, 1, 1.9))
				beta.add(l.Beta(agent, KeyOf("beta"), week, 2, 5))
				beta.add(l.Beta(agent, KeyOf("small shapes"), week, 0.3, 0.8))
			}
		}
	}
	for _, c := range []struct {
		name      string
		got, want uint64
	}{
		{"Uniform", uniform.sum, 0x785bd9081f83ec99},
		{"Normal", normal.sum, 0xadbe96145712177c},
		{"Triangular", triangular.sum, 0x27c94f7939f7773},
		{"Beta", beta.sum, 0xc9d6a0c61e4a074a},
	} {
		if c.got != c.want {
			t.Errorf("%s: digest %#x, want %#x", c.name, c.got, c.want)
		}
	}
}

func TestDrawsDoNotAllocate(t *testing.T) {
	l := Luck{Seed: 1, Run: 2}
	name, week, sum := "crew", 0, 0.0
	if n := testing.AllocsPerRun(1000, func() {
		agent := KeyOf(name)
		sum += l.Uniform(agent, 1, week)
		sum += l.Normal(agent, 2, week)
		sum += Triangular(l.Uniform(agent, 3, week), 1, 2, 4)
		sum += l.Beta(agent, 4, week, 0.5, 2)
		week++
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDraws(b *testing.B) {
	l := Luck{Seed: 1, Run: 2}
	agent, purpose := KeyOf("crew"), KeyOf("productivity")
	for _, c := range []struct {
		name string
		draw func(week int) float64
	}{
		{"Uniform", func(week int) float64 { return l.Uniform(agent, purpose, week) }},
		{"Normal", func(week int) float64 { return l.Normal(agent, purpose, week) }},
		{"Triangular", func(week int) float64 { return Triangular(l.Uniform(agent, purpose, week), 1, 2, 4) }},
		{"Beta", func(week int) float64 { return l.Beta(agent, purpose, week, 2, 5) }},
		{"BetaSmall", func(week int) float64 { return l.Beta(agent, purpose, week, 0.3, 0.8) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for week := 0; b.Loop(); week++ {
				c.draw(week)
			}
		})
	}
}
