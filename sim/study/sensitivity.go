package study

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"exodus/sim"
)

// Estimate is a number that was estimated from a sample, with the 5% and 95% quantiles of its bootstrap
// distribution (Efron 1979).
type Estimate struct{ Value, Low, High float64 }

// Effect is how much a parameter matters by the method of elementary effects, in the unit of what was measured
// for a step over the whole range of the parameter.
type Effect struct {
	Mean     Estimate // of the effects: their direction
	Absolute Estimate // mean of their absolute values, mu*: how much the parameter matters
	Spread   Estimate // their standard deviation: how much that depends on the others
}

// morrisLevels is how many values of its range a parameter takes.
const morrisLevels = 4

// MorrisPoints lays out trajectories through the ranges of parameters, on each of which every parameter steps once
// (Morris 1991). There are trajectories*(len(params)+1) points; [MorrisEffects] reads what was measured at them.
func MorrisPoints(params []Param, trajectories int, seed uint64) [][]float64 {
	luck := sim.Luck{Seed: seed}
	const step = morrisLevels / 2 // of the levels: the step that hits all of them equally often
	var points [][]float64
	for t := range trajectories {
		level := make([]int, len(params))
		for k, p := range params {
			level[k] = int(luck.Uniform(sim.KeyOf(p.Name), keyLevel, t) * morrisLevels)
		}
		order := make([]int, len(params))
		for k := range order {
			order[k] = k
		}
		for k := len(order) - 1; k > 0; k-- {
			j := int(luck.Uniform(sim.KeyOf(params[k].Name), keyOrder, t) * float64(k+1))
			order[k], order[j] = order[j], order[k]
		}
		for i := range len(params) + 1 {
			if i > 0 {
				k := order[i-1]
				level[k] = (level[k] + step) % morrisLevels // up from the lower half, down from the upper
			}
			point := make([]float64, len(params))
			for k, p := range params {
				point[k] = p.Within(float64(level[k]) / (morrisLevels - 1))
			}
			points = append(points, point)
		}
	}
	return points
}

var keyLevel, keyOrder = sim.KeyOf("morris level"), sim.KeyOf("morris order")

// MorrisEffects are the effects of parameters on what was measured at the points of [MorrisPoints], in their
// order. The seed decides the bootstrap.
func MorrisEffects(params []Param, points [][]float64, measured []float64, seed uint64) ([]Effect, error) {
	if err := sound(measured, len(points)); err != nil {
		return nil, err
	}
	effects := make([][]float64, len(params))
	for i := 1; i < len(points); i++ {
		if i%(len(params)+1) == 0 { // another trajectory begins
			continue
		}
		for k, p := range params {
			if d := points[i][k] - points[i-1][k]; d != 0 {
				effects[k] = append(effects[k], (measured[i]-measured[i-1])/(d/(p.High-p.Low)))
			}
		}
	}
	for k := range effects {
		if len(effects[k]) == 0 { // its range has no width, so that no step could be taken
			effects[k] = []float64{0}
		}
	}
	out := make([]Effect, len(params))
	for k, sample := range effects {
		out[k].Mean = bootstrap(len(sample), seed, func(pick []int) float64 { return meanOf(sample, pick) })
		out[k].Absolute = bootstrap(len(sample), seed, func(pick []int) float64 {
			sum := 0.0
			for _, i := range pick {
				sum += math.Abs(sample[i])
			}
			return sum / float64(len(pick))
		})
		out[k].Spread = bootstrap(len(sample), seed, func(pick []int) float64 { return math.Sqrt(variance(sample, pick)) })
	}
	return out, nil
}

// Index is how much of the variance of what was measured a parameter explains (Sobol 1993).
type Index struct {
	First Estimate // by itself
	Total Estimate // together with the others
}

// SobolPoints lays out n*(len(params)+2) points from which [SobolIndices] estimates indices: two samples A and B of
// n points, and for each parameter A with that parameter as in B (Saltelli et al. 2010). n is best a power of two.
//
// The seed shifts the sequence, which leaves it as even as it is. A sequence that is not shifted begins with points whose
// coordinates are correlated, and a few of them give estimates that are off by more than their intervals say.
func SobolPoints(params []Param, n int, seed uint64) ([][]float64, error) {
	both := slices.Concat(params, params)
	shift, luck := make([]uint64, len(both)), sim.Luck{Seed: seed}
	for i := range shift {
		shift[i] = uint64(luck.Uniform(keyShift, sim.Key(i), 0) * (1 << sobolBits))
	}
	sample, err := sobol(both, n, shift)
	if err != nil {
		return nil, err
	}
	k := len(params)
	var points [][]float64
	for _, x := range sample {
		a, b := x[:k:k], x[k:]
		points = append(points, a, b)
		for i := range k {
			mixed := slices.Clone(a)
			mixed[i] = b[i]
			points = append(points, mixed)
		}
	}
	return points, nil
}

var keyShift = sim.KeyOf("sobol shift")

// SobolIndices are the indices of parameters from what was measured at the points of [SobolPoints]: of first order
// by the estimator of Saltelli et al. (2010), in total by that of Jansen (1999). The seed decides the bootstrap.
//
// Where nothing varies, in the sample or in a resample, all indices are 0.
func SobolIndices(params []Param, measured []float64, seed uint64) ([]Index, error) {
	k := len(params)
	n := len(measured) / (k + 2)
	if err := sound(measured, n*(k+2)); err != nil {
		return nil, err
	}
	a := func(i int) float64 { return measured[i*(k+2)] }
	b := func(i int) float64 { return measured[i*(k+2)+1] }
	mixed := func(i, param int) float64 { return measured[i*(k+2)+2+param] }
	// The mean is subtracted, which leaves the indices as they are and makes their estimates more precise.
	centre := 0.0
	for i := range n {
		centre += (a(i) + b(i)) / float64(2*n)
	}
	// part is a share of the variance of the picked points.
	part := func(pick []int, of float64) float64 {
		mean, least, most := 0.0, math.Inf(1), math.Inf(-1)
		for _, i := range pick {
			mean += (a(i) + b(i)) / float64(2*len(pick))
			least, most = min(least, a(i), b(i)), max(most, a(i), b(i))
		}
		if most-least <= rounding*max(math.Abs(least), math.Abs(most)) {
			return 0
		}
		all := 0.0
		for _, i := range pick {
			for _, y := range [...]float64{a(i) - mean, b(i) - mean} {
				all += float64(y*y) / float64(2*len(pick))
			}
		}
		return of / all
	}
	out := make([]Index, k)
	for param := range k {
		out[param].First = bootstrap(n, seed, func(pick []int) float64 {
			sum := 0.0
			for _, i := range pick {
				sum += float64((b(i) - centre) * (mixed(i, param) - a(i)))
			}
			return part(pick, sum/float64(len(pick)))
		})
		out[param].Total = bootstrap(n, seed, func(pick []int) float64 {
			sum := 0.0
			for _, i := range pick {
				d := a(i) - mixed(i, param)
				sum += float64(d * d)
			}
			return part(pick, sum/float64(2*len(pick)))
		})
	}
	return out, nil
}

// rounding is how far, of its size, a number may be off that was summed in another order.
const rounding = 1e-13

// Noise splits the variance of single runs at many points: the part that lies between the means of points, which
// parameters explain, and the part within points, which is random variation. runs holds what was measured in each run of each
// point, as many at each, the i-th with the same random numbers at all of them.
//
// It is a two-way layout without replication (Scheffé 1959): what a run's random numbers add at all points alike is in every
// mean alike, and so not between them. Only what they do differently from point to point, the interaction, is still in the
// means, and is subtracted.
func Noise(runs [][]float64) (between, within float64) {
	if len(runs) == 0 || len(runs[0]) == 0 {
		return 0, 0
	}
	n := len(runs[0])
	var means []float64          // of points
	common := make([]float64, n) // means of runs over the points
	for _, xs := range runs {
		all := whole(n)
		means = append(means, meanOf(xs, all))
		within += variance(xs, all) / float64(len(runs))
		for r, x := range xs {
			common[r] += x / float64(len(runs))
		}
	}
	between = variance(means, whole(len(means)))
	if n == 1 || len(runs) == 1 {
		return between, within
	}
	grand, interaction := meanOf(means, whole(len(means))), 0.0
	for i, xs := range runs {
		for r, x := range xs {
			d := x - means[i] - (common[r] - grand)
			interaction += float64(d * d)
		}
	}
	interaction /= float64((len(runs) - 1) * (n - 1))
	return max(0, between-interaction/float64(n)), within
}

// Correlation is the linear correlation of xs and ys. It is 0 where either does not vary.
func Correlation(xs, ys []float64) float64 {
	all := whole(len(xs))
	mx, my, sum := meanOf(xs, all), meanOf(ys, all), 0.0
	for i := range xs {
		sum += float64((xs[i] - mx) * (ys[i] - my))
	}
	v := variance(xs, all) * variance(ys, all)
	if !(v > 0) {
		return 0
	}
	return sum / max(1, float64(len(xs)-1)) / math.Sqrt(v)
}

// Deviation is the standard deviation of xs, as an estimate from a sample.
func Deviation(xs []float64) float64 { return math.Sqrt(variance(xs, whole(len(xs)))) }

// Explained is the share of the variance of ys that a straight line through xs explains.
func Explained(xs, ys []float64) float64 {
	r := Correlation(xs, ys)
	return r * r
}

// sound says what is wrong with measurements.
func sound(measured []float64, want int) error {
	if len(measured) != want || want == 0 {
		return errors.New("there is not one measurement for each point of the design")
	}
	for i, x := range measured {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("what was measured at point %d is %v, not a finite number", i+1, x)
		}
	}
	return nil
}

// resamples is how many samples a bootstrap takes.
const resamples = 400

// bootstrap estimates from a whole sample of n, and from resamples of it with replacement.
func bootstrap(n int, seed uint64, estimate func(pick []int) float64) Estimate {
	e := Estimate{Value: estimate(whole(n))}
	luck := sim.Luck{Seed: seed}
	values, pick := make([]float64, resamples), make([]int, n)
	for r := range values {
		for i := range pick {
			pick[i] = int(luck.Uniform(keyBootstrap, sim.Key(r), i) * float64(n))
		}
		values[r] = estimate(pick)
	}
	q := Quantiles(values, []float64{0.05, 0.95})
	e.Low, e.High = q[0], q[1]
	return e
}

var keyBootstrap = sim.KeyOf("bootstrap")

// whole picks every element once.
func whole(n int) []int {
	pick := make([]int, n)
	for i := range pick {
		pick[i] = i
	}
	return pick
}

func meanOf(xs []float64, pick []int) float64 {
	sum := 0.0
	for _, i := range pick {
		sum += xs[i]
	}
	return sum / float64(len(pick))
}

// variance is that of the picked values, as an estimate from a sample. It is exactly 0 where they are all the same, since
// they are counted from the first.
func variance(xs []float64, pick []int) float64 {
	if len(pick) == 0 {
		return 0
	}
	first, mean, sum := xs[pick[0]], 0.0, 0.0
	for _, i := range pick {
		mean += (xs[i] - first) / float64(len(pick))
	}
	for _, i := range pick {
		d := xs[i] - first - mean
		sum += float64(d * d)
	}
	return sum / max(1, float64(len(pick)-1))
}
