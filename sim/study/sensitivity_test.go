package study

import (
	"math"
	"testing"

	"exodus/sim"
)

// ishigami is the test function of Ishigami and Homma (1990) with a = 7 and b = 0.1, whose indices are known.
func ishigami(x []float64) float64 {
	return math.Sin(x[0]) + 7*math.Pow(math.Sin(x[1]), 2) + 0.1*math.Pow(x[2], 4)*math.Sin(x[0])
}

func ishigamiParams() []Param {
	return []Param{{Name: "x1", Low: -math.Pi, High: math.Pi}, {Name: "x2", Low: -math.Pi, High: math.Pi}, {Name: "x3", Low: -math.Pi, High: math.Pi}}
}

// The exact indices of the Ishigami function.
var ishigamiFirst, ishigamiTotal = []float64{0.3139, 0.4424, 0}, []float64{0.5576, 0.4424, 0.2437}

// sobolG is the G function of Sobol with these coefficients; a small one makes a parameter matter.
var gCoefficients = []float64{0, 1, 4.5, 9, 99, 99}

func sobolG(x []float64) float64 {
	y := 1.0
	for i, a := range gCoefficients {
		y *= (math.Abs(4*x[i]-2) + a) / (1 + a)
	}
	return y
}

// gIndices are the exact indices of the G function.
func gIndices() (first, total []float64) {
	all := 1.0
	for _, a := range gCoefficients {
		all *= 1 + 1/(3*(1+a)*(1+a))
	}
	for _, a := range gCoefficients {
		v := 1 / (3 * (1 + a) * (1 + a))
		first = append(first, v/(all-1))
		total = append(total, v*all/(1+v)/(all-1))
	}
	return first, total
}

func measure(points [][]float64, f func([]float64) float64) []float64 {
	out := make([]float64, len(points))
	for i, p := range points {
		out[i] = f(p)
	}
	return out
}

func checkIndices(t *testing.T, name string, params []Param, f func([]float64) float64, first, total []float64, tolerance float64) {
	t.Helper()
	points, err := SobolPoints(params, 2048, 1)
	if err != nil {
		t.Fatal(err)
	}
	indices, err := SobolIndices(params, measure(points, f), 1)
	if err != nil {
		t.Fatal(err)
	}
	for k, got := range indices {
		if math.Abs(got.First.Value-first[k]) > tolerance || math.Abs(got.Total.Value-total[k]) > tolerance {
			t.Errorf("%s: the indices of parameter %d are %.4f and %.4f, exactly %.4f and %.4f", name, k+1, got.First.Value, got.Total.Value, first[k], total[k])
		}
		for _, e := range []Estimate{got.First, got.Total} {
			if !(e.Low <= e.Value && e.Value <= e.High) {
				t.Errorf("%s: the interval of parameter %d is %v", name, k+1, e)
			}
		}
		// 5% to 95% intervals of so many estimates need not all hold the truth, but may not miss it by far.
		slack := 0.02 + tolerance/2
		if first[k] < got.First.Low-slack || first[k] > got.First.High+slack {
			t.Errorf("%s: the interval of parameter %d, %v, misses %.4f", name, k+1, got.First, first[k])
		}
	}
}

func TestSobolIndices(t *testing.T) {
	checkIndices(t, "Ishigami", ishigamiParams(), ishigami, ishigamiFirst, ishigamiTotal, 0.02)
	first, total := gIndices()
	checkIndices(t, "Sobol G", params(6), sobolG, first, total, 0.02)
}

// With noise that is the same at all points, as luck is in a study, the indices stay what they are; noise of its
// own at each point takes its share from all of them.
func TestSobolIndicesWithNoise(t *testing.T) {
	luck := sim.Luck{Seed: 4}
	checkIndices(t, "Ishigami and common luck", ishigamiParams(), func(x []float64) float64 { return ishigami(x) + 3 }, ishigamiFirst, ishigamiTotal, 0.02)

	points, err := SobolPoints(ishigamiParams(), 2048, 1)
	if err != nil {
		t.Fatal(err)
	}
	const sd = 2.0
	runs := make([][]float64, len(points))
	for i, p := range points {
		for r := range 8 {
			runs[i] = append(runs[i], ishigami(p)+sd*luck.Normal(sim.Key(i), 1, r))
		}
	}
	between, within := Noise(runs)
	if math.Abs(between/13.845-1) > 0.05 || math.Abs(within/(sd*sd)-1) > 0.05 {
		t.Errorf("the variance is split into %.3f and %.3f, want 13.845 and 4", between, within)
	}
	means := make([]float64, len(points))
	for i, xs := range runs {
		means[i] = meanOf(xs, whole(len(xs)))
	}
	indices, err := SobolIndices(ishigamiParams(), means, 1)
	if err != nil {
		t.Fatal(err)
	}
	for k, got := range indices {
		if math.Abs(got.First.Value-ishigamiFirst[k]) > 0.05 {
			t.Errorf("with noise the first index of parameter %d is %.4f, exactly %.4f", k+1, got.First.Value, ishigamiFirst[k])
		}
	}
}

// Intervals from few points hold what is exact about as often as they say, which is nine times in ten, or more often:
// the points lie more evenly than those that a bootstrap thinks of. With noise of its own at each point, what is exact is
// the variance of the function beside that of the noise.
func TestSobolIntervals(t *testing.T) {
	gFirst, gTotal := gIndices()
	for _, c := range []struct {
		name         string
		params       []Param
		f            func([]float64) float64
		first, total []float64
		variance     float64
	}{
		{"Ishigami", ishigamiParams(), ishigami, ishigamiFirst, ishigamiTotal, 13.845},
		{"Sobol G", params(6), sobolG, gFirst, gTotal, 0.4642},
	} {
		for _, noise := range []float64{0, 0.5} { // of the variance of the function
			hits, all, negative := [2]int{}, 0, 0
			for seed := range uint64(60) {
				points, err := SobolPoints(c.params, 64, seed)
				if err != nil {
					t.Fatal(err)
				}
				measured, luck := measure(points, c.f), sim.Luck{Seed: seed}
				for i := range measured {
					measured[i] += math.Sqrt(noise*c.variance) * luck.Normal(1, 1, i)
				}
				indices, err := SobolIndices(c.params, measured, seed)
				if err != nil {
					t.Fatal(err)
				}
				for k, got := range indices {
					all++
					first, total := c.first[k]/(1+noise), (c.total[k]+noise)/(1+noise)
					if got.First.Low <= first+1e-3 && first-1e-3 <= got.First.High {
						hits[0]++
					}
					if got.Total.Low <= total+1e-3 && total-1e-3 <= got.Total.High {
						hits[1]++
					}
					if got.First.High < 0 {
						negative++
					}
				}
			}
			for order, n := range hits {
				if part := float64(n) / float64(all); part < 0.86 {
					t.Errorf("%s with %g noise: %.3f of the intervals of order %d hold what is exact", c.name, noise, part, order)
				}
			}
			if part := float64(negative) / float64(all); part > 0.05 {
				t.Errorf("%s with %g noise: %.3f of the intervals lie below zero", c.name, noise, part)
			}
		}
	}
}

// Of a straight line every effect is its slope; of the G function the order of the parameters is found.
func TestMorris(t *testing.T) {
	ranges := []Param{{Name: "a", Low: 0, High: 2}, {Name: "b", Low: -1, High: 1}, {Name: "c", Low: 5, High: 6}}
	points := MorrisPoints(ranges, 10, 3)
	if len(points) != 40 {
		t.Fatalf("%d points", len(points))
	}
	for i, p := range points {
		for k, r := range ranges {
			if p[k] < r.Low || p[k] > r.High {
				t.Fatalf("point %d is %v, out of range", i, p)
			}
		}
	}
	effects, err := MorrisEffects(ranges, points, measure(points, func(x []float64) float64 { return 3*x[0] - 2*x[1] }), 1)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []float64{6, -4, 0} {
		e := effects[k]
		if math.Abs(e.Mean.Value-want) > 1e-9 || math.Abs(e.Absolute.Value-math.Abs(want)) > 1e-9 || e.Spread.Value > 1e-9 {
			t.Errorf("the effect of %s is %+v, want %v", ranges[k].Name, e, want)
		}
	}

	g := MorrisPoints(params(6), 200, 3)
	effects, err = MorrisEffects(params(6), g, measure(g, sobolG), 1)
	if err != nil {
		t.Fatal(err)
	}
	for k := 1; k < 4; k++ {
		if effects[k].Absolute.Value >= effects[k-1].Absolute.Value || effects[k].Absolute.High < effects[k].Absolute.Low {
			t.Errorf("the G function's parameters %d and %d have effects %v and %v", k, k+1, effects[k-1].Absolute, effects[k].Absolute)
		}
	}
	if effects[4].Absolute.Value > 0.1*effects[0].Absolute.Value {
		t.Errorf("a parameter that does not matter has the effect %v", effects[4].Absolute)
	}
}

func TestSensitivityRefuses(t *testing.T) {
	two := params(2)
	points := MorrisPoints(two, 2, 1)
	if _, err := MorrisEffects(two, points, make([]float64, 5), 1); err == nil {
		t.Error("effects were found without all measurements")
	}
	if _, err := MorrisEffects(two, points, []float64{1, 2, 3, math.NaN(), 5, 6}, 1); err == nil {
		t.Error("effects were found from what is no number")
	}
	if _, err := SobolIndices(two, nil, 1); err == nil {
		t.Error("indices were found without measurements")
	}
	if _, err := SobolPoints(params(27), 8, 1); err == nil {
		t.Error("there are Sobol points for more parameters than the table has dimensions")
	}
}

func TestExplained(t *testing.T) {
	luck := sim.Luck{Seed: 2}
	var xs, zs, ys []float64
	for i := range 4000 {
		x, z := luck.Normal(1, 1, i), luck.Normal(2, 1, i)
		xs, zs, ys = append(xs, x), append(zs, z), append(ys, 3*x-z)
	}
	if a, b := Explained(xs, ys), Explained(zs, ys); math.Abs(a-0.9) > 0.02 || math.Abs(b-0.1) > 0.02 {
		t.Errorf("the parts explain %.3f and %.3f, want 0.9 and 0.1", a, b)
	}
	if got := Explained([]float64{1, 1, 1}, []float64{1, 2, 3}); got != 0 {
		t.Errorf("what does not vary explains %v", got)
	}
}
