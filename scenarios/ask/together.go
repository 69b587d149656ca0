package ask

import (
	"context"
	"math"
	"slices"

	"exodus/agents/field"
	"exodus/scenarios"
)

// How the smallest change of several levers together is sought. Reliability engineers seek their design point so (Hasofer and
// Lind 1974): go along a direction to where the target is just reached, turn towards the slope there, and again.
const (
	slopeRuns = 64
	slopeStep = 0.05 // of a lever's range, to each side
	tiny      = 0.05 // of the largest move: levers that move less are left where they are
	farthest  = 1.5  // of the ranges, along a direction
)

// joint are levers that are moved together: z is how far each is, in parts of its range.
type joint struct {
	*seeker
	levers []scenarios.Input
}

// together finds the smallest change of several levers at once, each measured in parts of its range, that reaches the target.
// What comes out is tried with all runs.
func (k *seeker) together(ctx context.Context, out *Seek, all []scenarios.Input, runs int) error {
	j := &joint{seeker: k}
	for _, in := range all {
		if in.Kind == field.Number {
			j.levers = append(j.levers, in)
		}
	}
	if len(j.levers) < 2 {
		return nil
	}
	starts, err := j.starts(ctx, out)
	if err != nil {
		return err
	}
	best, length := []float64(nil), math.Inf(1)
	for _, d := range starts {
		for range k.rounds {
			t, ok, err := j.edge(ctx, d, min(slopeRuns, runs), runs)
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			z := j.along(d, t)
			if n := norm(z); n < length {
				best, length = z, n
			}
			slope, err := j.slope(ctx, z)
			if err != nil {
				return err
			}
			steep := norm(slope)
			if steep == 0 {
				break
			}
			turned, size := make([]float64, len(d)), norm(d)
			for i := range d {
				turned[i] = d[i]/size + slope[i]/steep
			}
			if d = turned; norm(d) < 1e-9 {
				break
			}
		}
	}
	if best = largest(best); best == nil {
		return nil
	}
	t, ok, err := j.edge(ctx, best, runs, runs)
	if err != nil || !ok {
		return err
	}
	point := j.along(best, t)
	for _, l := range out.Levers {
		if l.OK && norm(point) > 0.98*l.Distance() {
			return nil // one alone does it with as little
		}
	}
	there, err := k.try(ctx, [][]Moved{j.at(point)}, runs)
	if err != nil || there[0] == nil || !there[0].reached(0.5) {
		return err
	}
	out.Combined, out.Together = j.at(point), there[0].reading()
	return nil
}

// starts are directions to begin with: each lever that does it alone, and all levers, each to the side to which the slack
// grows, from where things are and from where each end of one lever would bring them.
func (j *joint) starts(ctx context.Context, out *Seek) (all [][]float64, err error) {
	slope, err := j.slope(ctx, make([]float64, len(j.levers)))
	if err != nil {
		return nil, err
	}
	if norm(slope) > 0 {
		all = append(all, slope)
	}
	signs := make([]float64, len(j.levers))
	for i, in := range j.levers {
		for _, l := range out.Levers {
			if l.Input.Path != in.Path || !l.OK {
				continue
			}
			one := make([]float64, len(j.levers))
			one[i] = math.Copysign(1, l.Value-in.Value)
			all = append(all, one)
			// There, where it is just reached, the others show what they can do.
			edge := slices.Clone(one)
			edge[i] = (l.Value - in.Value) / (in.High - in.Low)
			at, err := j.slope(ctx, edge)
			if err != nil {
				return nil, err
			}
			for k := range signs {
				if at[k] != 0 {
					signs[k] = math.Copysign(1, at[k])
				}
			}
		}
	}
	if norm(signs) > 0 {
		all = append(all, signs)
	}
	return all, nil
}

// at are the levers moved by z.
func (j *joint) at(z []float64) (moved []Moved) {
	for i, in := range j.levers {
		if z[i] != 0 {
			moved = append(moved, Moved{in, min(max(in.Value+z[i]*(in.High-in.Low), in.Low), in.High)})
		}
	}
	return moved
}

// along is the point that lies so far along a direction, within the levers' ranges.
func (j *joint) along(d []float64, t float64) []float64 {
	z, size := make([]float64, len(d)), norm(d)
	for i, in := range j.levers {
		width := in.High - in.Low
		z[i] = min(max(t*d[i]/size, (in.Low-in.Value)/width), (in.High-in.Value)/width)
	}
	return z
}

// edge is how far along a direction the target begins to be reached, as well as few runs show what all would.
func (j *joint) edge(ctx context.Context, d []float64, few, runs int) (t float64, ok bool, err error) {
	reached := func(ts ...float64) ([]bool, error) {
		var points [][]Moved
		for _, t := range ts {
			points = append(points, j.at(j.along(d, t)))
		}
		tried, err := j.try(ctx, points, few)
		yes := make([]bool, len(ts))
		for i := range yes {
			yes[i] = err == nil && tried[i] != nil && j.guess(tried[i], 0.5, runs) >= 0
		}
		return yes, err
	}
	const parts = 6
	short, beyond := 0.0, farthest
	for round := range 4 { // to a thousandth of the ranges
		var ts []float64
		for k := 1; k <= parts; k++ {
			ts = append(ts, short+(beyond-short)*float64(k)/parts)
		}
		yes, err := reached(ts...)
		if err != nil {
			return 0, false, err
		}
		k := slices.Index(yes, true)
		if k < 0 {
			if round == 0 {
				return 0, false, nil
			}
			k = parts - 1
		}
		if k > 0 {
			short = ts[k-1]
		}
		beyond = ts[k]
	}
	return beyond, true, nil
}

// slope is how the slack grows with each lever around a point.
func (j *joint) slope(ctx context.Context, z []float64) ([]float64, error) {
	var points [][]Moved
	steps := make([]float64, len(z))
	for i, in := range j.levers {
		up, down := slices.Clone(z), slices.Clone(z)
		width := in.High - in.Low
		up[i] = min(z[i]+slopeStep, (in.High-in.Value)/width)
		down[i] = max(z[i]-slopeStep, (in.Low-in.Value)/width)
		steps[i] = up[i] - down[i]
		points = append(points, j.at(up), j.at(down))
	}
	tried, err := j.try(ctx, points, slopeRuns)
	slope := make([]float64, len(z))
	for i := range slope {
		if up, down := 2*i, 2*i+1; err == nil && tried[up] != nil && tried[down] != nil {
			slope[i] = (tried[up].slack(0.5) - tried[down].slack(0.5)) / steps[i]
		}
	}
	return slope, err
}

func norm(z []float64) float64 {
	sum := 0.0
	for _, x := range z {
		sum += x * x
	}
	return math.Sqrt(sum)
}

// largest leaves out the levers that hardly move; nil where fewer than two are left.
func largest(z []float64) []float64 {
	most, n := 0.0, 0
	for _, x := range z {
		most = max(most, math.Abs(x))
	}
	z = slices.Clone(z)
	for i := range z {
		if math.Abs(z[i]) < tiny*most {
			z[i] = 0
		} else {
			n++
		}
	}
	if n < 2 || most == 0 {
		return nil
	}
	return z
}
