package study

import (
	"math"
	"testing"

	"exodus/sim"
)

// runsOf are single runs at points: what f gives there, what a run's luck adds at all points alike, and what it does
// differently from point to point.
func runsOf(points [][]float64, f func([]float64) float64, n int, common, interaction float64, seed uint64) [][]float64 {
	luck := sim.Luck{Seed: seed}
	runs := make([][]float64, len(points))
	for i, x := range points {
		for r := range n {
			runs[i] = append(runs[i], f(x)+common*luck.Normal(1, 1, r)+interaction*luck.Normal(sim.Key(i), 2, r))
		}
	}
	return runs
}

func means(runs [][]float64) (all []float64) {
	for _, xs := range runs {
		all = append(all, meanOf(xs, whole(len(xs))))
	}
	return all
}

// Luck that all points share is not between them: a parameter that moves little is not drowned by it.
func TestNoiseCommonLuck(t *testing.T) {
	levels := Grid([]Param{{Levels: []float64{0.16472, 0.16611, 0.16737, 0.16857}}})
	own := func(x []float64) float64 { return x[0] }
	exact := variance([]float64{0.16472, 0.16611, 0.16737, 0.16857}, whole(4))
	for _, n := range []int{2, 8, 100} {
		between, within := Noise(runsOf(levels, own, n, 0.0079, 0, 3))
		if math.Abs(between/exact-1) > 1e-9 || !(within > 0) {
			t.Errorf("of %d runs with common luck, %g lies between points, want %g, and %g within", n, between, exact, within)
		}
	}
	// Of luck that differs from point to point, the means still hold a part, which is taken off without bias.
	sum, tries := 0.0, 400
	for seed := range uint64(tries) {
		between, _ := Noise(runsOf(levels, func(x []float64) float64 { return 10 * x[0] }, 8, 0.05, 0.01, seed))
		sum += between / float64(tries)
	}
	if want := 100 * exact; math.Abs(sum/want-1) > 0.05 {
		t.Errorf("with an interaction %g lies between points on average, want %g", sum, want)
	}
	if between, within := Noise([][]float64{{3}, {5}}); between != 2 || within != 0 {
		t.Errorf("of one run at each point, %g lies between and %g within, want 2 and 0", between, within)
	}
	if between, within := Noise([][]float64{{3, 5}}); between != 0 || within != 2 {
		t.Errorf("of one point, %g lies between and %g within, want 0 and 2", between, within)
	}
}

// What does not vary is 0 (0 to 0), by both methods, whatever its size and whatever luck all points share.
func TestConstant(t *testing.T) {
	params := params(3)
	params = append(params, Param{Name: "no width", Low: 2, High: 2}, Param{Name: "one level", Low: 2, High: 2, Whole: true})
	sobol, err := SobolPoints(params, 16, 1)
	if err != nil {
		t.Fatal(err)
	}
	morris := MorrisPoints(params, 8, 1)
	for _, size := range []float64{0, 0.1, -3e8, 1e-300} {
		f := func([]float64) float64 { return size }
		if between, within := Noise(runsOf(sobol, f, 7, size/3, 0, 2)); between != 0 || (within == 0) != (size*size == 0) {
			t.Errorf("of a constant %g, %g lies between points and %g within", size, between, within)
		}
		if between, within := Noise(runsOf(sobol, f, 7, 0, 0, 2)); between != 0 || within != 0 {
			t.Errorf("of a constant %g without luck, %g lies between points and %g within", size, between, within)
		}
		indices, err := SobolIndices(params, means(runsOf(sobol, f, 7, size/3, 0, 2)), 1)
		if err != nil {
			t.Fatal(err)
		}
		for k, index := range indices {
			if index != (Index{}) {
				t.Errorf("the indices of %s in a constant %g are %v", params[k].Name, size, index)
			}
		}
		effects, err := MorrisEffects(params, morris, means(runsOf(morris, f, 7, size/3, 0, 2)), 1)
		if err != nil {
			t.Fatal(err)
		}
		for k, effect := range effects {
			if effect != (Effect{}) {
				t.Errorf("the effects of %s on a constant %g are %v", params[k].Name, size, effect)
			}
		}
	}
}

// What varies at few points varies in some resamples alone: all estimates stay numbers.
func TestVariesInSomeResamples(t *testing.T) {
	two := params(2)
	points, err := SobolPoints(two, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	for at := range points {
		measured := make([]float64, len(points))
		for i := range measured {
			measured[i] = 0.3
		}
		measured[at] = 0.7
		indices, err := SobolIndices(two, measured, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, index := range indices {
			for _, e := range []Estimate{index.First, index.Total} {
				if s := e.Value + e.Low + e.High; math.IsNaN(s) || math.IsInf(s, 0) {
					t.Errorf("where point %d alone differs, an index is %v", at, e)
				}
			}
		}
	}
}

// On common random numbers with noise, intervals hold the exact indices about as often as they say. What the means
// still hold of luck that differs from point to point counts as one more input, which moves nothing by itself.
func TestIntervalsOnCommonLuck(t *testing.T) {
	gFirst, gTotal := gIndices()
	const n, tries = 8, 40
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
		sd := math.Sqrt(c.variance)
		rest := 0.1 // of the variance, in a mean
		hits, all, shares := [2]int{}, 0, 0.0
		for seed := range uint64(tries) {
			points, err := SobolPoints(c.params, 128, seed)
			if err != nil {
				t.Fatal(err)
			}
			runs := runsOf(points, c.f, n, 3*sd, sd*math.Sqrt(rest*n), seed)
			between, _ := Noise(runs)
			shares += between / c.variance / tries
			indices, err := SobolIndices(c.params, means(runs), seed)
			if err != nil {
				t.Fatal(err)
			}
			for k, got := range indices {
				all++
				if first := c.first[k] / (1 + rest); got.First.Low <= first+1e-3 && first-1e-3 <= got.First.High {
					hits[0]++
				}
				if total := (c.total[k] + rest) / (1 + rest); got.Total.Low <= total+1e-3 && total-1e-3 <= got.Total.High {
					hits[1]++
				}
			}
		}
		for order, hit := range hits {
			if part := float64(hit) / float64(all); part < 0.85 {
				t.Errorf("%s: %.3f of the intervals of order %d hold what is exact", c.name, part, order)
			}
		}
		if math.Abs(shares-1) > 0.05 {
			t.Errorf("%s: parameters are found to make %.3f times the variance that they make", c.name, shares)
		}
	}
}

// Of elementary effects what is exact is the mean over all steps of the grid of levels.
func TestMorrisIntervals(t *testing.T) {
	for _, c := range []struct {
		name   string
		params []Param
		f      func([]float64) float64
	}{{"Ishigami", ishigamiParams(), ishigami}, {"Sobol G", params(6), sobolG}} {
		exact := make([]float64, len(c.params))
		var levels []Param
		for _, p := range c.params {
			for level := range morrisLevels {
				p.Levels = append(p.Levels, p.Within(float64(level)/(morrisLevels-1)))
			}
			levels = append(levels, p)
		}
		grid := Grid(levels)
		for _, x := range grid {
			for k, p := range levels {
				for low := range morrisLevels / 2 {
					if x[k] == p.Levels[low] {
						up := append([]float64(nil), x...)
						up[k] = p.Levels[low+morrisLevels/2]
						exact[k] += math.Abs(c.f(up)-c.f(x)) / (2.0 / 3) / float64(len(grid)/2)
					}
				}
			}
		}
		hits, all := 0, 0
		for seed := range uint64(60) {
			points := MorrisPoints(c.params, 30, seed)
			effects, err := MorrisEffects(c.params, points, means(runsOf(points, c.f, 4, 5, 0, seed)), seed)
			if err != nil {
				t.Fatal(err)
			}
			for k, e := range effects {
				all++
				if e.Absolute.Low <= exact[k]+1e-9 && exact[k]-1e-9 <= e.Absolute.High {
					hits++
				}
			}
		}
		if part := float64(hits) / float64(all); part < 0.82 {
			t.Errorf("%s: %.3f of the intervals of the mean absolute effect hold what is exact", c.name, part)
		}
	}
}

// Whole numbers are sampled as whole numbers, each about as often as any other, and by every design.
func TestWhole(t *testing.T) {
	p := []Param{{Name: "weeks", Low: 1, High: 12, Whole: true}, {Name: "x", Low: 0, High: 1}}
	sobol, err := Sobol(p, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, points := range map[string][][]float64{"lhs": LatinHypercube(p, 1200, 1), "sobol": sobol, "morris": MorrisPoints(p, 400, 1)} {
		count := map[float64]int{}
		for _, x := range points {
			count[x[0]]++
		}
		levels := 12
		if name == "morris" {
			levels = 4
		}
		if len(count) != levels {
			t.Errorf("%s takes the levels %v", name, count)
		}
		for x, n := range count {
			if x != math.Trunc(x) || x < 1 || x > 12 || math.Abs(float64(n*levels)/float64(len(points))-1) > 0.3 {
				t.Errorf("%s takes %v %d times in %d points", name, x, n, len(points))
			}
		}
	}
	for high := 1.0; high <= 6; high++ { // a step moves every range of two levels and more
		p := []Param{{Name: "n", Low: 1, High: high, Whole: true}}
		points := MorrisPoints(p, 50, 2)
		effects, err := MorrisEffects(p, points, measure(points, func(x []float64) float64 { return 2 * x[0] }), 1)
		if err != nil || math.Abs(effects[0].Mean.Value-2*(high-1)) > 1e-9 {
			t.Errorf("over 1 to %g, what grows by 2 a level has the effect %v (%v)", high, effects, err)
		}
	}
}
