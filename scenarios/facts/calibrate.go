package facts

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"exodus/scenarios"
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
	Silent   []string    // parameters that move nothing that the facts measure
	Alike    []Pair      // parameters that the facts cannot tell apart
	TooFew   bool        // whether the runs are too few to say either
}

// Pair is two parameters that move what facts measure in the same proportions, so that more of one is made up for by
// less of the other.
type Pair struct {
	A, B   string
	Cosine float64 // of the angle between their effects on all metrics of the facts; 1 or -1 is the same direction
}

// fewPoints is at how many points the effects of parameters are compared, and enoughRuns in how many runs at least: some
// metrics are whole weeks. All of that takes at most mostWork times as many runs as the points that were tried.
const fewPoints, enoughRuns, mostWork = 4, 20, 3

// Calibrate tries points of a Latin hypercube over the ranges of params, with some runs at each, and keeps those at
// which all facts hold that are not mere claims. tried, where it is not nil, is called after each point, from
// several goroutines.
func Calibrate(ctx context.Context, s *scenarios.Scenario, params []study.Param, points, runs int, seed uint64, tried func()) (*Posterior, error) {
	sample := study.LatinHypercube(params, points, seed)
	verdicts := make([][]Score, points)
	group, trying := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, point := range sample {
		group.Go(func() error {
			var err error
			if verdicts[i], err = judgeAt(trying, s, params, point, runs, seed); err != nil {
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
	few := min(fewPoints, mostWork*points*runs/(2*len(params)*max(runs, enoughRuns)))
	if out.TooFew = few == 0; out.TooFew {
		return out, nil
	}
	at := slices.Clone(out.Accepted)
	for i := 0; len(at) < few && i < len(sample); i++ { // where the facts hold at no more
		at = append(at, sample[i])
	}
	effects, err := effectsOf(ctx, s, params, at[:min(len(at), few)], verdicts, max(runs, enoughRuns), seed)
	if err != nil {
		return nil, err
	}
	out.Silent, out.Alike = tellApart(params, effects)
	return out, nil
}

// judgeAt judges the facts at a point of the ranges of params. Facts that were taken off the scenario stay off.
func judgeAt(ctx context.Context, s *scenarios.Scenario, params []study.Param, point []float64, runs int, seed uint64) ([]Score, error) {
	names := make([]string, len(params))
	for k, p := range params {
		names[k] = p.Name
	}
	changes := scenarios.Changes(&study.Plan{Params: names, Points: [][]float64{point}}, 0)
	there, err := s.With(s.Variant, slices.Concat(s.Changes, changes))
	if err != nil {
		return nil, err
	}
	there.Facts = s.Facts
	return Judge(ctx, there, runs, seed)
}

// effectsOf are what small steps of each parameter do to the metrics of facts, at some points, one metric after the other
// and point by point: in units of how much the metric varies over the sample. Steps meet the same luck, so that
// differences are the parameter's own.
func effectsOf(ctx context.Context, s *scenarios.Scenario, params []study.Param, at [][]float64, verdicts [][]Score, runs int, seed uint64) ([][]float64, error) {
	const step = 0.1 // of the range, to each side
	sides := make([][2][]Score, len(at)*len(params))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range sides {
		for side, to := range [...]float64{-step, step} {
			group.Go(func() (err error) {
				k := i % len(params)
				point := slices.Clone(at[i/len(params)])
				to *= params[k].High - params[k].Low
				if params[k].Whole {
					to = math.Copysign(math.Ceil(math.Abs(to)), to)
				}
				point[k] = min(max(point[k]+to, params[k].Low), params[k].High)
				sides[i][side], err = judgeAt(ctx, s, params, point, runs, seed)
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	effects := make([][]float64, len(params))
	for f, score := range verdicts[0] {
		for c := range score.Checks {
			var over []float64
			for _, there := range verdicts {
				over = append(over, there[f].Checks[c].mean())
			}
			scale := study.Deviation(over)
			for point := range at {
				var moved []float64
				for k := range params {
					pair := sides[point*len(params)+k]
					moved = append(moved, (pair[1][f].Checks[c].mean()-pair[0][f].Checks[c].mean())/scale)
				}
				if slices.ContainsFunc(moved, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }) {
					continue // such as the weeks until what never happens, or a metric that nothing moves
				}
				for k, x := range moved {
					effects[k] = append(effects[k], x)
				}
			}
		}
	}
	return effects, nil
}

// mean is that over the runs.
func (c *CheckScore) mean() (mean float64) {
	for _, x := range c.Values {
		mean += x / float64(len(c.Values))
	}
	return mean
}

// tellApart finds the parameters that move nothing, and pairs of which both move everything in the same proportions.
func tellApart(params []study.Param, effects [][]float64) (silent []string, pairs []Pair) {
	const nothing, parallel = 0.01, 0.95
	dot := func(a, b []float64) (sum float64) {
		for i := range a {
			sum += float64(a[i] * b[i])
		}
		return sum
	}
	most := 0.0
	for _, e := range effects {
		most = max(most, math.Sqrt(dot(e, e)))
	}
	moves := func(k int) bool { return math.Sqrt(dot(effects[k], effects[k])) > nothing*most }
	for b := range params {
		if !moves(b) {
			silent = append(silent, params[b].Name)
			continue
		}
		for a := range b {
			x, y := effects[a], effects[b]
			if !moves(a) {
				continue
			}
			if cosine := dot(x, y) / math.Sqrt(dot(x, x)*dot(y, y)); math.Abs(cosine) >= parallel {
				pairs = append(pairs, Pair{params[a].Name, params[b].Name, cosine})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b Pair) int { return cmp.Compare(math.Abs(b.Cosine), math.Abs(a.Cosine)) })
	return silent, pairs
}

// Values are those of a parameter at the accepted points.
func (p *Posterior) Values(param int) (xs []float64) {
	for _, point := range p.Accepted {
		xs = append(xs, point[param])
	}
	return xs
}
