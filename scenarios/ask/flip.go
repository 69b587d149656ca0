package ask

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"exodus/agents"
	"exodus/agents/field"
	"exodus/scenarios"
)

// Flip is a value of an input at which an answer of yes or no changes, the other inputs as they are.
type Flip struct {
	Input scenarios.Input
	Value float64 // just beyond: here the answer is another than at the file's value, or at the last flip before
	Short float64 // just short of it, on the side of the file's value
	To    bool    // the answer beyond
}

// Distance is how far the flip is from the value that the input has, in parts of its plausible range.
func (f *Flip) Distance() float64 {
	return math.Abs(f.Value-f.Input.Value) / (f.Input.High - f.Input.Low)
}

// Lever is an input that is moved over its plausible range, and the flips on the way, the nearest to its value first.
type Lever struct {
	Input scenarios.Input
	Flips []Flip
}

// byDistance puts levers with a flip first, the nearest foremost.
func byDistance(levers []Lever) {
	slices.SortStableFunc(levers, func(a, b Lever) int {
		if len(a.Flips) == 0 || len(b.Flips) == 0 {
			return min(1, len(b.Flips)) - min(1, len(a.Flips))
		}
		return cmp.Compare(a.Flips[0].Distance(), b.Flips[0].Distance())
	})
}

// question is one that a market without random variation answers by yes or no, after some weeks.
type question struct {
	s     *scenarios.Scenario // with the inputs as they are
	weeks int
	yes   func(m *agents.Market) bool
}

// point is a value of an input.
type point struct {
	in *scenarios.Input
	x  float64
}

// answer answers the question at each point. possible is false at those that no market can have.
func (q *question) answer(ctx context.Context, points []point) (yes, possible []bool, err error) {
	yes, possible = make([]bool, len(points)), make([]bool, len(points))
	plans := make([]*agents.Plan, len(points))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for first := 0; first < len(points); first += steps {
		part := points[first:min(first+steps, len(points))]
		group.Go(func() error {
			for k, p := range part {
				if s, err := q.s.Set(p.in.Path, p.x); err == nil {
					plans[first+k], _ = agents.Compile(s.Until(q.weeks).Spec) // nil where no market can have that value
				}
			}
			return nil
		})
	}
	group.Wait()
	var tasks []agents.Task
	var of []int
	for i, plan := range plans {
		if possible[i] = plan != nil; possible[i] {
			tasks, of = append(tasks, agents.Task{Plan: plan}), append(of, i)
		}
	}
	err = agents.Live(ctx, tasks, func(task int, m *agents.Market) { yes[of[task]] = q.yes(m) })
	return yes, possible, err
}

// How finely a lever's range is looked through, and how narrow a flip is found, in parts of the range. A change that comes
// and goes within one step is not seen.
const (
	steps     = 32
	narrowest = 1e-6
	cuts      = 8 // into which a step with a flip is cut, again and again
)

// bracket is two values of a lever between which the answer changes.
type bracket struct {
	lever    int
	from, to float64 // from is nearer to the value that the input has
	yes      bool    // at from
}

// flips finds where the answer changes, over the plausible range of each input.
func (q *question) flips(ctx context.Context, inputs []scenarios.Input) ([]Lever, error) {
	levers := make([]Lever, len(inputs))
	var points []point
	for i, in := range inputs {
		levers[i].Input = in
		for _, x := range gridOf(&inputs[i], steps) {
			points = append(points, point{&inputs[i], x})
		}
	}
	yes, possible, err := q.answer(ctx, points)
	if err != nil {
		return nil, err
	}
	var open []bracket
	for k := 1; k < len(points); k++ {
		a, b := points[k-1], points[k]
		if a.in != b.in || !possible[k-1] || !possible[k] || yes[k-1] == yes[k] {
			continue
		}
		found := bracket{slices.IndexFunc(inputs, func(in scenarios.Input) bool { return in.Path == a.in.Path }), a.x, b.x, yes[k-1]}
		if math.Abs(b.x-b.in.Value) < math.Abs(a.x-a.in.Value) {
			found.from, found.to, found.yes = b.x, a.x, yes[k]
		}
		open = append(open, found)
	}
	for len(open) > 0 {
		if open, err = q.narrow(ctx, levers, open); err != nil {
			return nil, err
		}
	}
	for i := range levers {
		slices.SortStableFunc(levers[i].Flips, func(a, b Flip) int { return cmp.Compare(a.Distance(), b.Distance()) })
	}
	return levers, nil
}

// narrow cuts each bracket, and keeps the part nearest to the input's value in which the answer changes. Those that are
// narrow enough are flips.
func (q *question) narrow(ctx context.Context, levers []Lever, open []bracket) ([]bracket, error) {
	var points []point
	var inner [][]float64
	var left []bracket
	for _, b := range open {
		l := &levers[b.lever]
		xs := between(&l.Input, b.from, b.to)
		if len(xs) == 0 {
			l.Flips = append(l.Flips, Flip{l.Input, b.to, b.from, !b.yes})
			continue
		}
		left, inner = append(left, b), append(inner, xs)
		for _, x := range xs {
			points = append(points, point{&l.Input, x})
		}
	}
	yes, possible, err := q.answer(ctx, points)
	if err != nil {
		return nil, err
	}
	k := 0
	for i := range left {
		b, found := &left[i], false
		for _, x := range inner[i] {
			if !found && possible[k] {
				if yes[k] != b.yes {
					b.to, found = x, true
				} else {
					b.from = x
				}
			}
			k++
		}
	}
	return left, nil
}

// gridOf are the values at which a lever's range is looked through, its own among them.
func gridOf(in *scenarios.Input, n int) (xs []float64) {
	switch width := in.High - in.Low; {
	case in.Kind == field.YesNo:
		return []float64{0, 1}
	case in.Kind == field.Whole:
		n = int(min(float64(n), width))
	}
	for k := range n + 1 {
		x := in.Low + (in.High-in.Low)*float64(k)/float64(n)
		if in.Kind == field.Whole {
			x = math.Round(x)
		}
		xs = append(xs, x)
	}
	xs = append(xs, in.Value)
	slices.Sort(xs)
	return slices.Compact(xs)
}

// between are the values that cut a bracket, from the one end to the other; none where it is narrow enough.
func between(in *scenarios.Input, from, to float64) (xs []float64) {
	width := math.Abs(to - from)
	if width <= narrowest*(in.High-in.Low) || in.Kind == field.YesNo || in.Kind == field.Whole && width <= 1 {
		return nil
	}
	for k := 1; k < cuts; k++ {
		x := from + (to-from)*float64(k)/cuts
		if in.Kind == field.Whole {
			x = math.Round(x)
		}
		if x != from && x != to && (len(xs) == 0 || x != xs[len(xs)-1]) {
			xs = append(xs, x)
		}
	}
	return xs
}
