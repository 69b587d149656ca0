package facts

import (
	"context"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/optimize"

	"exodus/scenarios"
	"exodus/sim/study"
)

// Best is the point that a search found to come closest to the facts.
type Best struct {
	Params   []study.Param
	Point    []float64 // the values of Params
	Tried    int
	Distance float64 // see [Distance]
	Scores   []Score // at the point
}

// Distance is how far medians are from the bounds of facts that are not mere claims: 0 where all hold. Each check
// adds how far its median is out, relative to the bound, and between 0 and 1 so that none drowns the others.
func Distance(scores []Score) (sum float64) {
	for _, score := range scores {
		if score.Fact.Claim {
			continue
		}
		for _, c := range score.Checks {
			sum += c.out()
		}
	}
	return sum
}

// out is how far the median is outside of the bounds, in [0, 1].
func (c *CheckScore) out() float64 {
	if c.Check.Met(c.Median) {
		return 0
	}
	if math.IsNaN(c.Median) {
		return 1
	}
	far := 0.0
	for _, bound := range []*float64{c.Check.Min, c.Check.Above, c.Check.Max, c.Check.Below} {
		if bound == nil {
			continue
		}
		scale := math.Abs(*bound)
		if scale == 0 {
			scale = max(c.High-c.Low, 1e-6)
		}
		by := (c.Median - *bound) / scale
		if bound == c.Check.Min || bound == c.Check.Above {
			by = -by
		}
		far = max(far, by)
	}
	if math.IsInf(far, 1) {
		return 1
	}
	return max(far/(1+far), 1e-9) // on a bound that is not to be reached, too
}

// Fit searches the ranges of params for a point at which all facts hold that are not mere claims, by CMA-ES
// (Hansen and Ostermeier 2001; Krause, Arbonès and Igel 2016), from the middle of the ranges. It stops where they all
// hold, or after some points. tried, where it is not nil, is called after each point.
func Fit(ctx context.Context, s *scenarios.Scenario, params []study.Param, points, runs int, seed uint64, tried func()) (*Best, error) {
	best := &Best{Params: params, Distance: math.Inf(1)}
	var failed error
	// The search moves in a cube of side 1 between mirrors, so that no point lies outside, and few on its walls.
	cost := func(x []float64) float64 {
		if failed != nil || best.Distance == 0 || best.Tried == points {
			return math.Inf(1)
		}
		point := make([]float64, len(x))
		for k, p := range params {
			point[k] = p.Within(math.Abs(math.Remainder(x[k], 2)))
		}
		scores, err := judgeAt(ctx, s, params, point, runs, seed)
		if err != nil {
			failed = err
			return math.Inf(1)
		}
		distance := Distance(scores)
		if best.Tried++; distance < best.Distance {
			best.Point, best.Distance, best.Scores = point, distance, scores
		}
		if tried != nil {
			tried()
		}
		return distance
	}
	start := make([]float64, len(params))
	for k := range start {
		start[k] = 0.5
	}
	done := func() bool { return failed != nil || best.Distance == 0 || best.Tried == points }
	method := &optimize.CmaEsChol{InitStepSize: 0.3, Src: rand.NewPCG(seed, 0)}
	_, err := optimize.Minimize(optimize.Problem{Func: cost}, start, &optimize.Settings{Converger: converger(done)}, method)
	if failed != nil {
		return nil, failed
	}
	if best.Point != nil { // a search that cannot go on has found what it has
		err = nil
	}
	return best, err
}

// converger ends a search when it says so.
type converger func() bool

func (converger) Init(int) {}

func (done converger) Converged(*optimize.Location) optimize.Status {
	if done() {
		return optimize.FunctionThreshold
	}
	return optimize.NotTerminated
}
