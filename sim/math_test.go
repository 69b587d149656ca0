package sim

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// The reference: exponential and logarithm from their series in 320 bits, of
// which at least 250 are right. Nothing here comes from package math.

const bigPrec = 320

func newBig() *big.Float                { return new(big.Float).SetPrec(bigPrec) }
func bigOf(x float64) *big.Float        { return newBig().SetFloat64(x) }
func bigQuo(x, y *big.Float) *big.Float { return newBig().Quo(x, y) }

// bigTwiceAtanh returns ln((1+s)/(1-s)) for |s| < 1/2.
func bigTwiceAtanh(s *big.Float) *big.Float {
	sum, power, ss := newBig(), newBig().Set(s), newBig().Mul(s, s)
	term := newBig()
	for k := int64(1); power.Sign() != 0; k += 2 {
		term.Quo(power, newBig().SetInt64(k))
		if sum.Sign() != 0 && term.MantExp(nil) < sum.MantExp(nil)-bigPrec {
			break
		}
		sum.Add(sum, term)
		power.Mul(power, ss)
	}
	return sum.Add(sum, sum)
}

var bigLn2 = bigTwiceAtanh(bigQuo(bigOf(1), bigOf(3)))

// bigLog returns ln x for x > 0.
func bigLog(x *big.Float) *big.Float {
	m := newBig()
	e := x.MantExp(m)
	if m.Cmp(bigOf(math.Sqrt2/2)) < 0 { // into [0.707, 1.414), so that near 1 nothing cancels
		m.Add(m, m)
		e--
	}
	s := bigQuo(newBig().Sub(m, bigOf(1)), newBig().Add(m, bigOf(1)))
	log := newBig().Mul(newBig().SetInt64(int64(e)), bigLn2)
	return log.Add(log, bigTwiceAtanh(s))
}

// bigExp returns e**x.
func bigExp(x *big.Float) *big.Float {
	const halvings = 20
	k, _ := bigQuo(x, bigLn2).Int64()
	r := newBig().Sub(x, newBig().Mul(newBig().SetInt64(k), bigLn2))
	r.SetMantExp(r, -halvings)
	sum, term := bigOf(1), bigOf(1)
	for n := int64(1); n <= 16; n++ {
		term.Mul(term, r)
		term.Quo(term, newBig().SetInt64(n))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum.SetMantExp(sum, int(k))
}

// ulpsOff returns the distance of got from want in units of the last place that
// a float64 of want's magnitude has.
func ulpsOff(got float64, want *big.Float) float64 {
	g := newBig()
	switch {
	case math.IsNaN(got):
		return math.Inf(1)
	case math.IsInf(got, 1) && want.MantExp(nil) > 1024:
		return 0
	case math.IsInf(got, 0): // as if the next number after the largest
		g.SetMantExp(bigOf(math.Copysign(1, got)), 1024)
	default:
		g.SetFloat64(got)
	}
	diff := g.Sub(g, want)
	ulp := max(want.MantExp(nil)-53, -1074)
	off, _ := diff.SetMantExp(diff, -ulp).Float64()
	return math.Abs(off)
}

// testRand returns a source of numbers that are the same in every run.
func testRand() *rand.Rand { return rand.New(rand.NewPCG(20, 26)) }

// between returns a number in [low, high), the same on every architecture.
func between(rnd *rand.Rand, low, high float64) float64 {
	return low + float64(rnd.Float64()*(high-low))
}

// expArguments are where Exp might err: everywhere, near 0, at both ends of the
// range, and at the borders of the cells of its table.
func expArguments() []float64 {
	rnd := testRand()
	var xs []float64
	for range 12000 {
		xs = append(xs,
			between(rnd, -708, 709.7),
			between(rnd, -1, 1),
			between(rnd, -745.2, -708.3))
	}
	for range 2000 {
		tiny := math.Ldexp(between(rnd, 1, 2), -rnd.IntN(1060))
		xs = append(xs, tiny, -tiny)
		border := (float64(rnd.IntN(2<<17)-1<<17) + 0.5) * (math.Ln2 / expCells)
		if border > -708 && border < 709 {
			xs = append(xs, border, math.Nextafter(border, 1e3), math.Nextafter(border, -1e3))
		}
	}
	for _, end := range []float64{709.782712893384, -708.3964185322641, -745.1332191019411} {
		for x, i := math.Nextafter(end, 0), 0; i < 200; i++ {
			xs = append(xs, x, 2*end-x)
			x = math.Nextafter(x, 0)
		}
	}
	return xs
}

// logArguments are where Log might err: everywhere, subnormal, near 1, and at
// the borders of the cells of its table.
func logArguments() []float64 {
	rnd := testRand()
	var xs []float64
	for range 12000 {
		xs = append(xs,
			math.Float64frombits(rnd.Uint64N(0x7ff<<52)),
			between(rnd, 0.5, 2),
			between(rnd, 0.98, 1.02))
	}
	for range 1000 {
		near := math.Ldexp(between(rnd, 1, 2), -1-rnd.IntN(53))
		xs = append(xs, 1+near, 1-near, math.Float64frombits(rnd.Uint64N(1<<52)))
	}
	for i := range uint64(logCells) {
		for _, bits := range []uint64{0x3fe5<<48 + 0xf<<44, 0x4065<<48 + 0xf<<44} {
			for step := range uint64(20) {
				xs = append(xs, math.Float64frombits(bits+i<<45+step-10))
			}
		}
	}
	return append(xs, math.MaxFloat64, math.SmallestNonzeroFloat64, 0x1p-1022, 0x1.fffffffffffffp-1023)
}

func TestExpAccuracy(t *testing.T) {
	const bound, subnormalBound = 0.52, 0.76 // as documented
	worst, subnormalWorst := 0.0, 0.0
	xs := expArguments()
	for _, x := range xs {
		want := bigExp(bigOf(x))
		got := Exp(x)
		off := ulpsOff(got, want)
		if want.MantExp(nil) <= -1022 {
			subnormalWorst = max(subnormalWorst, off)
			if off > subnormalBound {
				t.Fatalf("Exp(%x) = %x is off by %.3f ulp", x, got, off)
			}
		} else {
			worst = max(worst, off)
			if off > bound {
				t.Fatalf("Exp(%x) = %x is off by %.3f ulp", x, got, off)
			}
		}
	}
	t.Logf("%d arguments: at most %.4f ulp, subnormal %.4f ulp", len(xs), worst, subnormalWorst)
}

func TestLogAccuracy(t *testing.T) {
	const bound = 0.52 // as documented
	worst := 0.0
	xs := logArguments()
	for _, x := range xs {
		if x == 1 {
			continue
		}
		got := Log(x)
		off := ulpsOff(got, bigLog(bigOf(x)))
		worst = max(worst, off)
		if off > bound {
			t.Fatalf("Log(%x) = %x is off by %.3f ulp", x, got, off)
		}
	}
	t.Logf("%d arguments: at most %.4f ulp", len(xs), worst)
}

// monotone fails if f decreases over n neighbouring float64s around x.
func monotone(t *testing.T, name string, f func(float64) float64, x float64, n int) {
	t.Helper()
	for range n / 2 {
		x = math.Nextafter(x, math.Inf(-1))
	}
	last := f(x)
	for range n {
		x = math.Nextafter(x, math.Inf(1))
		y := f(x)
		if !(y >= last) {
			t.Fatalf("%s(%x) = %x, less than %x just before", name, x, y, last)
		}
		last = y
	}
}

func TestExpMonotone(t *testing.T) {
	for k := -746 * 185; k < 710*185; k++ { // 185 cells a unit: every border
		monotone(t, "Exp", Exp, (float64(k)+0.5)*(math.Ln2/expCells), 8)
	}
	rnd := testRand()
	for range 200 {
		monotone(t, "Exp", Exp, between(rnd, -745, 709), 2000)
		monotone(t, "Exp", Exp, between(rnd, -0.003, 0.003), 2000)
	}
	for _, x := range []float64{0, 709.782712893384, -708.3964185322641, -745.1332191019411} {
		monotone(t, "Exp", Exp, x, 2000)
	}
}

func TestLogMonotone(t *testing.T) {
	for i := range uint64(logCells * 2046) { // every border of every binade
		bits := 1<<52 + i<<45
		monotone(t, "Log", Log, math.Float64frombits(bits|1<<44), 8)
	}
	rnd := testRand()
	for range 200 {
		monotone(t, "Log", Log, math.Float64frombits(rnd.Uint64N(0x7ff<<52-2000)+1000), 2000)
		monotone(t, "Log", Log, between(rnd, 0.9, 1.1), 2000)
	}
	monotone(t, "Log", Log, 1, 20000)
}

func TestMathSpecialCases(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name    string
		f       func(float64) float64
		x, want float64
	}{
		{"Exp", Exp, inf, inf},
		{"Exp", Exp, math.MaxFloat64, inf},
		{"Exp", Exp, 710, inf},
		{"Exp", Exp, 0x1.62e42fefa39fp+9, inf},
		{"Exp", Exp, 0x1.62e42fefa39efp+9, 0x1.fffffffffff2ap+1023},
		{"Exp", Exp, 0, 1},
		{"Exp", Exp, math.Copysign(0, -1), 1},
		{"Exp", Exp, math.SmallestNonzeroFloat64, 1},
		{"Exp", Exp, -0x1.74910d52d3051p+9, math.SmallestNonzeroFloat64},
		{"Exp", Exp, -0x1.74910d52d3052p+9, 0},
		{"Exp", Exp, -746, 0},
		{"Exp", Exp, -math.MaxFloat64, 0},
		{"Exp", Exp, -inf, 0},
		{"Exp", Exp, nan, nan},
		{"Log", Log, inf, inf},
		{"Log", Log, 1, 0},
		{"Log", Log, 0, -inf},
		{"Log", Log, math.Copysign(0, -1), -inf},
		{"Log", Log, -math.SmallestNonzeroFloat64, nan},
		{"Log", Log, -1, nan},
		{"Log", Log, -inf, nan},
		{"Log", Log, nan, nan},
	} {
		// Comparing bits tells +0 from -0, and holds NaN to the one of package math.
		if got := c.f(c.x); math.Float64bits(got) != math.Float64bits(c.want) {
			t.Errorf("%s(%x) = %x, want %x", c.name, c.x, got, c.want)
		}
	}
}

// Values to the last bit: these are the correctly rounded ones.
func TestMathBits(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"Exp(1)", Exp(1), math.E},
		{"Exp(-1)", Exp(-1), 0x1.78b56362cef38p-02},
		{"Exp(0.5)", Exp(0.5), math.SqrtE},
		{"Exp(100)", Exp(100), 0x1.3494a9b171bf5p+144},
		{"Exp(-700)", Exp(-700), 0x1.14f2b0fb9307fp-1010},
		{"Log(2)", Log(2), math.Ln2},
		{"Log(10)", Log(10), math.Ln10},
		{"Log(0.1)", Log(0.1), -0x1.26bb1bbb55515p+01},
		{"Log(MaxFloat64)", Log(math.MaxFloat64), 0x1.62e42fefa39efp+09},
		{"Log(5e-324)", Log(5e-324), -0x1.74385446d71c3p+09},
	} {
		if c.got != c.want {
			t.Errorf("%s = %x, want %x", c.name, c.got, c.want)
		}
	}
}

// digest sums up float64s, bit by bit.
type digest struct{ sum uint64 }

func (d *digest) add(x float64) {
	h := fnv.New64a()
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], d.sum)
	binary.LittleEndian.PutUint64(b[8:], math.Float64bits(x))
	h.Write(b[:])
	d.sum = h.Sum64()
}

// On every architecture, and with every instruction set of it, Exp and Log must
// give these same bits.
func TestMathGolden(t *testing.T) {
	const wantExp, wantLog = 0x749125486e47d45f, 0x369b90c4c57622b8
	rnd := testRand()
	var exp, log digest
	for range 50000 {
		exp.add(Exp(between(rnd, -746, 710)))
		exp.add(Exp(between(rnd, -2, 2)))
		log.add(Log(math.Float64frombits(rnd.Uint64N(0x7ff << 52))))
		log.add(Log(between(rnd, 0.5, 2)))
	}
	if exp.sum != wantExp {
		t.Errorf("Exp: digest %#x, want %#x", exp.sum, uint64(wantExp))
	}
	if log.sum != wantLog {
		t.Errorf("Log: digest %#x, want %#x", log.sum, uint64(wantLog))
	}
}

// split returns x as a multiple of unit, the nearest, and the nearest float64 to
// the rest.
func split(x *big.Float, unit float64) (hi, lo float64) {
	n, _ := bigQuo(x, bigOf(unit)).Float64()
	hi = math.RoundToEven(n) * unit
	lo, _ = newBig().Sub(x, bigOf(hi)).Float64()
	return hi, lo
}

// The tables and constants are what their comments say, and what the arguments
// for exactness in Exp and Log take for granted holds.
func TestTables(t *testing.T) {
	cell := bigQuo(bigLn2, bigOf(expCells))
	if v, _ := bigQuo(bigOf(1), cell).Float64(); v != expPerUnit {
		t.Errorf("expPerUnit is %x, want %x", expPerUnit, v)
	}
	if hi, lo := split(cell, 0x1p-42); hi != expCellHi || lo != expCellLo {
		t.Errorf("expCellHi, expCellLo are %x, %x, want %x, %x", expCellHi, expCellLo, hi, lo)
	}
	if hi, lo := split(bigLn2, 0x1p-42); hi != ln2Hi || lo != ln2Lo {
		t.Errorf("ln2Hi, ln2Lo are %x, %x, want %x, %x", ln2Hi, ln2Lo, hi, lo)
	}

	for i, entry := range expTable {
		power := bigExp(newBig().Mul(cell, bigOf(float64(i))))
		hi, _ := power.Float64()
		lo, _ := newBig().Sub(power, bigOf(hi)).Float64()
		if i == 0 {
			lo = 0
		}
		if entry.hi != hi || entry.lo != lo {
			t.Errorf("expTable[%d] is %x, want {%x %x}", i, entry, hi, lo)
		}
	}

	for i, entry := range logTable {
		bits := 0x3fe6<<48 + uint64(i)<<45
		f := math.Float64frombits(bits)
		unit := 1.0 / 128
		if f > 1 {
			unit = 1.0 / 256
		}
		inv, _ := split(bigQuo(bigOf(1), bigOf(f)), unit)
		hi, lo := split(bigLog(bigOf(inv)), 0x1p-42)
		if entry.inv != inv || entry.hi != -hi || entry.lo != -lo {
			t.Errorf("logTable[%d] is %x, want {%x %x %x}", i, entry, inv, -hi, -lo)
		}
		// r is below 2^-7, and hi above it unless it is 0.
		for _, z := range []float64{math.Float64frombits(bits - 1<<44), math.Float64frombits(bits + 1<<44 - 1)} {
			r := math.Abs(math.FMA(z, inv, -1))
			if r >= 0x1p-7 || hi != 0 && r >= math.Abs(hi) {
				t.Errorf("logTable[%d]: r is %v at %x, hi %v", i, r, z, hi)
			}
		}
	}
}

var benchmarkArguments = func() (xs [1024]float64) {
	rnd := testRand()
	for i := range xs {
		xs[i] = between(rnd, 0.01, 20)
	}
	return xs
}()

func benchmark(b *testing.B, f func(float64) float64) {
	for i := 0; b.Loop(); i++ {
		f(benchmarkArguments[i&1023])
	}
}

func BenchmarkExp(b *testing.B)     { benchmark(b, Exp) }
func BenchmarkMathExp(b *testing.B) { benchmark(b, math.Exp) }
func BenchmarkLog(b *testing.B)     { benchmark(b, Log) }
func BenchmarkMathLog(b *testing.B) { benchmark(b, math.Log) }
