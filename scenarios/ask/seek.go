package ask

import (
	"cmp"
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"exodus/agents"
	"exodus/agents/field"
	"exodus/scenarios"
	"exodus/sim"
	"exodus/sim/study"
)

// Seek is what it takes to reach a target: for each lever alone, and for all of them together, the smallest change that
// reaches it.
type Seek struct {
	Scenario *scenarios.Scenario
	Target   *Target
	Runs     int
	Seed     uint64

	Now      Reading   // as things are
	Met      bool      // whether the target is met already; then nothing is sought
	Levers   []Reached // those that reach it first, the smallest change foremost
	Combined []Moved   // nil where fewer than two levers together reach it with less
	Together Reading   // there
}

// Reading is how the metric of a target lies over the runs; of a fact, that of the check which is furthest from its bound.
type Reading struct {
	Median    float64
	Low, High float64 // the 95% interval of the median
	Share     float64 // of the runs that meet the target
}

// Reached is the value of a lever from which on the target is reached.
type Reached struct {
	Input  scenarios.Input
	OK     bool    // whether it is, in the median, within the lever's plausible range
	Value  float64 // the nearest to what it is now
	There  Reading
	Often  bool    // whether 90% of the runs reach it within the range
	Often9 float64 // the value from which on they do
}

// Distance is how far a lever is moved, in parts of its plausible range.
func (r *Reached) Distance() float64 {
	return math.Abs(r.Value-r.Input.Value) / (r.Input.High - r.Input.Low)
}

// Moved is a lever at a value.
type Moved struct {
	Input scenarios.Input
	Value float64
}

// How a value is sought: coarsely with few runs, then where the answer changes with more, and confirmed with all.
const (
	coarseRuns  = 32
	coarseSteps = 12
	fineRuns    = 200
	often       = 0.9
)

// SeekTarget finds what it takes to reach a target. levers are the inputs that may be moved, each alone, and joint those that
// may be moved together.
func SeekTarget(ctx context.Context, s *scenarios.Scenario, target *Target, levers, joint []scenarios.Input, runs int, seed uint64) (*Seek, error) {
	k := &seeker{s: s, target: target, seed: seed, rounds: 6}
	out := &Seek{Scenario: s, Target: target, Runs: runs, Seed: seed}
	now, err := k.try(ctx, [][]Moved{nil}, runs)
	if err != nil {
		return nil, err
	}
	if now[0] == nil {
		return nil, errors.New("the market as it is cannot be measured for this target")
	}
	out.Now, out.Met = now[0].reading(), now[0].reached(0.5)
	if out.Met {
		return out, nil
	}
	k.now = map[int]*tried{runs: now[0]}
	for _, few := range []int{coarseRuns, slopeRuns, min(fineRuns, runs)} {
		if k.now[few] == nil {
			if now, err = k.try(ctx, [][]Moved{nil}, few); err != nil {
				return nil, err
			}
			k.now[few] = now[0]
		}
	}
	grids, found, err := k.coarse(ctx, levers)
	if err != nil {
		return nil, err
	}
	for i, in := range levers {
		r := Reached{Input: in}
		if r.Value, r.OK, err = k.refine(ctx, &levers[i], grids[i], found[i], 0.5, runs); err != nil {
			return nil, err
		}
		if r.OK {
			there, err := k.try(ctx, [][]Moved{{{in, r.Value}}}, runs)
			if err != nil {
				return nil, err
			}
			r.There = there[0].reading()
			if r.Often9, r.Often, err = k.refine(ctx, &levers[i], grids[i], found[i], often, runs); err != nil {
				return nil, err
			}
		}
		out.Levers = append(out.Levers, r)
	}
	slices.SortStableFunc(out.Levers, func(a, b Reached) int {
		if a.OK != b.OK {
			if a.OK {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Distance(), b.Distance())
	})
	if err := k.together(ctx, out, joint, runs); err != nil {
		return nil, err
	}
	return out, nil
}

// Levers are the inputs that a target can depend on, as far as somebody could move them or they are only assumed: what
// happens at the vendor that the scenario is about, what that vendor is, and how labs behave.
func Levers(s *scenarios.Scenario) (all []scenarios.Input) {
	vendor := s.FocusVendor()
	for _, in := range s.Inputs() {
		name, use := in.Keys[len(in.Keys)-1], false
		switch in.Keys[0] {
		case "events":
			use = s.Event(in.Keys[1]).Vendor == vendor && !strings.HasPrefix(name, "valuation")
		case "vendors":
			use = in.Keys[1] == vendor && slices.Contains([]string{"price", "quality", "firewall"}, name)
		case "owners":
			use = in.Keys[3] == vendor
		case "model":
			use = in.Drawn
		}
		if use && in.High > in.Low {
			all = append(all, in)
		}
	}
	return all
}

// seeker runs a market with levers moved, always on the same draws.
type seeker struct {
	s      *scenarios.Scenario
	target *Target
	seed   uint64
	now    map[int]*tried // the market as it is, in so many runs
	rounds int            // from each direction in which levers are moved together
}

// guess is the slack of all runs where few were tried: their draws are among those of all, so that what tells the two apart
// where no lever is moved, tells them apart elsewhere.
func (k *seeker) guess(few *tried, share float64, runs int) float64 {
	n := len(few.values[0])
	if n == runs || k.now[n] == nil {
		return few.slack(share)
	}
	return few.slack(share) + k.now[runs].slack(share) - k.now[n].slack(share)
}

// tried is what a target's checks came to, by check and run.
type tried struct {
	target *Target
	values [][]float64
}

// level is the quantile of a check that must meet its bounds for a share of the runs to meet them.
func (t *tried) level(check int, share float64) float64 {
	b := &t.target.Checks[check]
	at := share
	if math.IsInf(b.High, 1) {
		at = 1 - share
	}
	return study.Quantiles(slices.Clone(t.values[check]), []float64{at})[0]
}

// reached says whether a share of the runs meets each check.
func (t *tried) reached(share float64) bool {
	for c := range t.values {
		if !t.target.Checks[c].met(t.level(c, share)) {
			return false
		}
	}
	return true
}

// slack is how far the check that is furthest from its bounds is within them; negative where it is not.
func (t *tried) slack(share float64) float64 {
	least := math.Inf(1)
	for c := range t.values {
		x, b := t.level(c, share), &t.target.Checks[c]
		least = min(least, x-b.Low, b.High-x)
	}
	return least
}

func (t *tried) reading() Reading {
	worst, least := 0, math.Inf(1)
	for c := range t.values {
		x, b := t.level(c, 0.5), &t.target.Checks[c]
		if slack := min(x-b.Low, b.High-x); slack < least {
			worst, least = c, slack
		}
	}
	values := slices.Clone(t.values[worst])
	n := float64(len(values))
	half := 0.98 / math.Sqrt(n) // 1.96 times the standard deviation of a binomial share of one half
	q := study.Quantiles(values, []float64{max(0, 0.5-half), 0.5, min(1, 0.5+half)})
	met := 0
	for run := range t.values[0] {
		all := true
		for c := range t.values {
			all = all && t.target.Checks[c].met(t.values[c][run])
		}
		if all {
			met++
		}
	}
	return Reading{q[1], q[0], q[2], float64(met) / n}
}

// mostAtOnce is how many runs are kept at once, for their memory.
const mostAtOnce = 2048

// try runs the market with each set of levers moved. It is nil where no market can be like that, or has no such number.
func (k *seeker) try(ctx context.Context, points [][]Moved, runs int) ([]*tried, error) {
	type pair struct{ with, without *agents.Plan }
	plans := make([]pair, len(points))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, moved := range points {
		group.Go(func() error {
			plans[i].with, plans[i].without = k.plans(moved)
			return nil
		})
	}
	group.Wait()
	out := make([]*tried, len(points))
	each := max(1, mostAtOnce/runs)
	for first := 0; first < len(points); first += each {
		var tasks []agents.Task
		var of []int // by task, its point; those of the world without the event follow those of the one with it
		for i := first; i < min(first+each, len(points)); i++ {
			if plans[i].with == nil || k.target.Paired && plans[i].without == nil {
				continue
			}
			out[i] = k.target.untried(runs)
			worlds := []*agents.Plan{plans[i].with}
			if k.target.Paired {
				worlds = append(worlds, plans[i].without)
			}
			for _, plan := range worlds {
				for run := range runs {
					tasks, of = append(tasks, agents.Task{Plan: plan, Luck: sim.Luck{Seed: k.seed, Run: uint64(run)}}), append(of, i)
				}
			}
		}
		lived := make([]*agents.Trajectory, len(tasks)) // of those that wait for another
		err := agents.RunAll(ctx, tasks, agents.Options{Lean: true, Left: k.target.Departures}, func(task int, t *agents.Trajectory) error {
			if lived[task] = t; !k.target.Paired {
				out[of[task]].measure(task%runs, t, nil)
				t.Release()
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for task := 0; k.target.Paired && task < len(tasks); task += 2 * runs {
			for run := range runs {
				out[of[task]].measure(run, lived[task+run], lived[task+runs+run])
			}
		}
	}
	for i, t := range out {
		if t != nil && slices.ContainsFunc(t.values, func(runs []float64) bool { return slices.ContainsFunc(runs, math.IsNaN) }) {
			out[i] = nil
		}
	}
	return out, nil
}

func (t *Target) untried(runs int) *tried {
	out := &tried{t, make([][]float64, len(t.Checks))}
	for c := range out.values {
		out.values[c] = make([]float64, runs)
	}
	return out
}

// measure takes the numbers of a run.
func (t *tried) measure(run int, with, without *agents.Trajectory) {
	for c := range t.values {
		t.values[c][run] = t.target.Checks[c].measure(with, without)
	}
}

// plans are those of the market with levers moved, and of the same without the event where the target compares.
func (k *seeker) plans(moved []Moved) (with, without *agents.Plan) {
	s := k.s
	for _, m := range moved {
		var err error
		if s, err = s.Set(m.Input.Path, m.Value); err != nil {
			return nil, nil
		}
	}
	with, _ = agents.Compile(s.Until(k.target.Week + 1).Spec)
	if k.target.Paired {
		if c, err := s.Counterfactual(); err == nil && c != nil && c.Scenario.Start.Equal(s.Start) {
			without, _ = agents.Compile(c.Scenario.Until(k.target.Week + 1).Spec)
		} else if err == nil && c == nil { // the event changes nothing: the two worlds are one
			without = with
		}
	}
	return with, without
}

// coarse looks through the range of each lever with few runs.
func (k *seeker) coarse(ctx context.Context, levers []scenarios.Input) (grids [][]float64, found [][]*tried, err error) {
	var points [][]Moved
	for i := range levers {
		grid := gridOf(&levers[i], coarseSteps)
		grids = append(grids, grid)
		for _, x := range grid {
			points = append(points, []Moved{{levers[i], x}})
		}
	}
	all, err := k.try(ctx, points, coarseRuns)
	if err != nil {
		return nil, nil, err
	}
	for _, grid := range grids {
		found, all = append(found, all[:len(grid)]), all[len(grid):]
	}
	return grids, found, nil
}

// refine finds the value nearest to a lever's own from which on a share of the runs reaches the target. It begins between
// two values of the coarse grid, and goes on to the next where more runs do not bear them out.
func (k *seeker) refine(ctx context.Context, in *scenarios.Input, grid []float64, found []*tried, share float64, runs int) (value float64, ok bool, err error) {
	own := slices.Index(grid, in.Value)
	var candidates [][2]float64 // short of it, and beyond
	for _, step := range []int{-1, 1} {
		for i := own + step; i >= 0 && i < len(grid); i += step {
			end := i == 0 || i == len(grid)-1 // where few runs come close, all may reach it
			if found[i] != nil && (k.guess(found[i], share, runs) >= 0 || end && found[i].reached(share-0.15)) {
				candidates = append(candidates, [2]float64{grid[i-step], grid[i]})
				break
			}
		}
	}
	slices.SortStableFunc(candidates, func(a, b [2]float64) int {
		return cmp.Compare(math.Abs(a[1]-in.Value), math.Abs(b[1]-in.Value))
	})
	at := func(x float64, n int) (*tried, error) {
		t, err := k.try(ctx, [][]Moved{{{*in, x}}}, n)
		if err != nil {
			return nil, err
		}
		return t[0], nil
	}
	best := math.Inf(1)
	for _, c := range candidates {
		if math.Abs(c[0]-in.Value) >= best {
			break
		}
		short, beyond := c[0], c[1]
		step := beyond - short
		// With all runs: is it reached there, and not before?
		t, err := at(beyond, runs)
		if err != nil {
			return 0, false, err
		}
		for (t == nil || !t.reached(share)) && in.Kind != field.YesNo { // a step further
			next := min(max(beyond+step, in.Low), in.High)
			if next == beyond {
				break
			}
			short, beyond = beyond, next
			if t, err = at(beyond, runs); err != nil {
				return 0, false, err
			}
		}
		if t == nil || !t.reached(share) {
			continue
		}
		for short != in.Value { // a step back
			s, err := at(short, runs)
			if err != nil {
				return 0, false, err
			}
			if s == nil || !s.reached(share) {
				break
			}
			beyond, t = short, s
			if short -= step; (short-in.Value)*step < 0 {
				short = in.Value
			}
		}
		x, err := k.close(ctx, in, short, beyond, share, runs)
		if err != nil {
			return 0, false, err
		}
		if math.Abs(x-in.Value) < best {
			best, value, ok = math.Abs(x-in.Value), x, true
		}
	}
	return value, ok, nil
}

// close narrows two values down, of which one reaches the target: first with some of the runs, then with all of them, by
// the rule of false position where the numbers are smooth, and by halves where they jump.
func (k *seeker) close(ctx context.Context, in *scenarios.Input, short, beyond, share float64, runs int) (float64, error) {
	whole := in.Kind != field.Number
	slackAt := func(x float64, n int) (float64, bool, error) {
		t, err := k.try(ctx, [][]Moved{{{*in, x}}}, n)
		if err != nil || t[0] == nil {
			return math.Inf(-1), false, err
		}
		return t[0].slack(share), t[0].reached(share), nil
	}
	few := min(fineRuns, runs)
	for range 6 { // by halves, with some
		middle := (short + beyond) / 2
		if whole {
			middle = math.Round(middle)
		}
		if middle == short || middle == beyond || math.Abs(beyond-short) < 2e-3*(in.High-in.Low) {
			break
		}
		t, err := k.try(ctx, [][]Moved{{{*in, middle}}}, few)
		if err != nil {
			return 0, err
		}
		if t[0] != nil && k.guess(t[0], share, runs) >= 0 {
			beyond = middle
		} else {
			short = middle
		}
	}
	if whole {
		return k.steps(ctx, in, short, beyond, share, runs)
	}
	// With all runs the edge may lie a little elsewhere.
	width := beyond - short
	b, reached, err := slackAt(beyond, runs)
	if err != nil {
		return 0, err
	}
	for ; !reached && beyond != in.High && beyond != in.Low; width *= 2 {
		short, beyond = beyond, min(max(beyond+width, in.Low), in.High)
		if b, reached, err = slackAt(beyond, runs); err != nil {
			return 0, err
		}
	}
	a, reached, err := slackAt(short, runs)
	if err != nil {
		return 0, err
	}
	for ; reached && short != in.Value; width *= 2 {
		beyond, b = short, a
		if short -= width; (short-in.Value)*width < 0 {
			short = in.Value
		}
		if a, reached, err = slackAt(short, runs); err != nil {
			return 0, err
		}
	}
	for n := 0; n < 12 && math.Abs(beyond-short) > narrowest*(in.High-in.Low) && b > 0; n++ {
		x := (short + beyond) / 2
		if n%2 == 0 && a < 0 && !math.IsInf(a, -1) {
			x = short + (beyond-short)*(a/(a-b))
			x += (beyond - x) * 0.02 // to the side that reaches it
		}
		y, reached, err := slackAt(x, runs)
		if err != nil {
			return 0, err
		}
		if reached {
			beyond, b = x, y
		} else {
			short, a = x, y
		}
		if scale := max(math.Abs(b), 1e-12); b > 0 && scale < 1e-4*math.Abs(b-a) {
			break
		}
	}
	return beyond, nil
}

// steps confirms a whole number, or a yes or no, with all runs.
func (k *seeker) steps(ctx context.Context, in *scenarios.Input, short, beyond, share float64, runs int) (float64, error) {
	step := 1.0
	if beyond < short {
		step = -1
	}
	for x := short + step; x != beyond; x += step {
		t, err := k.try(ctx, [][]Moved{{{*in, x}}}, runs)
		if err != nil {
			return 0, err
		}
		if t[0] != nil && t[0].reached(share) {
			return x, nil
		}
	}
	return beyond, nil
}
