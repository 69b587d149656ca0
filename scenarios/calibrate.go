package scenarios

import (
	"context"
	"math"
	"runtime"
	"strconv"

	"golang.org/x/sync/errgroup"

	"exodus/sim/study"
)

// Posterior is what facts leave of what was assumed: of many points of a Latin hypercube over plausible ranges, those
// at which every fact holds. It is approximate Bayesian computation by rejection (Pritchard et al. 1999), from
// uniform priors.
type Posterior struct {
	Params   []study.Param
	Tried    int
	Accepted [][]float64 // the values of Params at each point
	Held     []float64   // by fact: the share of all points at which it holds
	Alike    []Pair      // parameters that the facts cannot tell apart
}

// Pair is two parameters that move what facts measure in the same proportions, so that more of one is made up for by
// less of the other.
type Pair struct {
	A, B   string
	Cosine float64 // of the angle between their effects on all metrics of the facts; 1 or -1 is the same direction
}

// Calibrate tries points of a Latin hypercube over the ranges of params, with some runs at each, and keeps those at
// which all facts hold that are not mere claims. tried, where it is not nil, is called after each point, from
// several goroutines.
func (s *Scenario) Calibrate(ctx context.Context, params []study.Param, points, runs int, seed uint64, tried func()) (*Posterior, error) {
	sample := study.LatinHypercube(params, points, seed)
	verdicts := make([][]Score, points)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, point := range sample {
		group.Go(func() error {
			var err error
			if verdicts[i], err = s.scoreAt(ctx, params, point, runs, seed); err != nil {
				return err
			}
			if tried != nil {
				tried()
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := &Posterior{Params: params, Tried: points, Held: make([]float64, len(s.Facts))}
	for i, scores := range verdicts {
		all := true
		for f, score := range scores {
			if score.Verdict == Holds {
				out.Held[f] += 1 / float64(points)
			}
			all = all && (score.Verdict == Holds || score.Fact.Claim)
		}
		if all {
			out.Accepted = append(out.Accepted, sample[i])
		}
	}
	out.Alike = alike(params, sample, verdicts)
	return out, nil
}

// scoreAt judges the facts at a point of the ranges of params. Facts that were taken off the scenario stay off.
func (s *Scenario) scoreAt(ctx context.Context, params []study.Param, point []float64, runs int, seed uint64) ([]Score, error) {
	changes := append([]string(nil), s.Changes...)
	for k, p := range params {
		changes = append(changes, p.Name+"="+strconv.FormatFloat(point[k], 'g', -1, 64))
	}
	there, err := s.With(s.Variant, changes)
	if err != nil {
		return nil, err
	}
	there.Facts = s.Facts
	return there.Score(ctx, runs, seed)
}

// alike finds pairs of parameters whose effects on the metrics of facts point the same way. An effect is the
// correlation with a metric over the points; one that chance could make is none.
func alike(params []study.Param, sample [][]float64, verdicts [][]Score) (pairs []Pair) {
	const parallel = 0.9
	chance := 3 / math.Sqrt(float64(len(sample)))
	effects := make([][]float64, len(params))
	for f, score := range verdicts[0] {
		for c := range score.Checks {
			var ys []float64
			finite := true
			for _, at := range verdicts {
				y := at[f].Checks[c].Median
				ys = append(ys, y)
				finite = finite && !math.IsInf(y, 0) && !math.IsNaN(y)
			}
			if !finite { // such as the weeks until what never happens at some points
				continue
			}
			for k := range params {
				xs := make([]float64, len(sample))
				for i := range xs {
					xs[i] = sample[i][k]
				}
				effects[k] = append(effects[k], study.Correlation(xs, ys))
			}
		}
	}
	dot := func(a, b []float64) (sum float64) {
		for i := range a {
			sum += a[i] * b[i]
		}
		return sum
	}
	for b := range params {
		for a := range b {
			x, y := effects[a], effects[b]
			if len(x) == 0 || math.Sqrt(dot(x, x)) < 2*chance || math.Sqrt(dot(y, y)) < 2*chance {
				continue
			}
			if cosine := dot(x, y) / math.Sqrt(dot(x, x)*dot(y, y)); math.Abs(cosine) >= parallel {
				pairs = append(pairs, Pair{params[a].Name, params[b].Name, cosine})
			}
		}
	}
	return pairs
}

// Values are those of a parameter at the accepted points.
func (p *Posterior) Values(param int) (xs []float64) {
	for _, point := range p.Accepted {
		xs = append(xs, point[param])
	}
	return xs
}
