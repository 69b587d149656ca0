package ask

import (
	"context"
	"fmt"
	"math"
	"slices"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// Claim is a sentence about a market at the end of a week, and what would have to be wrong for it to fail. All of it is of
// the run without random variation.
type Claim struct {
	Text   string
	Fails  string      // what is so where it fails
	Levers []Lever     // the assumptions that it can depend on: those with a flip first, by their distance
	Under  []Mechanism // the rival mechanisms, and whether it holds under each
	inputs func(in scenarios.Input) bool
	holds  func(m *agents.Market) bool
	target Target // that it fails, of runs with random variation
}

// Mechanism is an assumption of the model in exchange for another.
type Mechanism struct {
	Name   string
	Holds  bool
	change func(m *agents.Model)
}

// rivals are the mechanisms that a claim is tried under.
var rivals = []Mechanism{
	{Name: "the threshold rule (all work to the best vendor)", change: func(m *agents.Model) { m.WinnerTakesAll = true }},
	{Name: "multiplicative trust", change: func(m *agents.Model) { m.MultiplicativeTrust = true }},
	{Name: "no forgiving", change: func(m *agents.Model) { m.NoForgiving = true }},
	{Name: "no herding", change: func(m *agents.Model) { m.Herding = 0 }},
	{Name: "even placing", change: func(m *agents.Model) { m.LogitPlacing = 0 }},
}

// Claims are what a report says first of a market at the end of a week: what the vendor that it is about loses, and which
// labs leave it, or stay although they rival its owner. A line of many labs says nothing. There are none where nothing
// happens.
func Claims(ctx context.Context, s *scenarios.Scenario, week int) ([]Claim, error) {
	focus := s.Focus()
	if focus == nil || s.Undoes(focus) || week < focus.Week || week >= s.Spec.Weeks {
		return nil, nil
	}
	certain, err := deterministic(s)
	if err != nil {
		return nil, err
	}
	t, err := run(ctx, certain.Until(week+1).Spec, agents.Options{})
	if err != nil {
		return nil, err
	}
	vendor := s.FocusVendor()
	j := slices.Index(t.Vendors, vendor)
	var claims []Claim
	if before := s.WeekAt(-1); before >= 0 {
		was, is := t.Share(before, j), t.Share(week, j)
		if lost := was - is; lost > 0.005 {
			half := was - lost/2
			claims = append(claims, Claim{
				Text:   fmt.Sprintf("%s loses %s of the market, from %s to %s", vendor, words.Fixed(100*lost, 1)+" points", words.Percent(was), words.Percent(is)),
				Fails:  "it loses half of that or less",
				inputs: func(in scenarios.Input) bool { return in.Keys[0] == "model" },
				holds:  func(m *agents.Market) bool { return m.Share(j) < half },
				target: Target{Week: week, Checks: []Bound{{Low: half, High: math.Inf(1), measure: func(t, _ *agents.Trajectory) float64 { return t.Share(week, j) }}}},
			})
		}
	}
	for i := range s.Spec.Labs {
		lab := &s.Spec.Labs[i]
		if lab.Count > 1 || lab.Spend[vendor] == 0 {
			continue
		}
		first := lineOf(s, i)
		c := Claim{
			Text: fmt.Sprintf("%s leaves %s", lab.Name, vendor), Fails: "it stays",
			inputs: func(in scenarios.Input) bool {
				return in.Keys[0] == "model" || in.Keys[0] == "labs" && in.Keys[1] == lab.Name
			},
			holds:  func(m *agents.Market) bool { return m.HasLeft(first, j) },
			target: leftTarget(week, i, j, math.Inf(-1), 0.5),
		}
		if !t.HasLeft(week, i, j) {
			c.Text, c.Fails = fmt.Sprintf("%s does not leave %s", lab.Name, vendor), "it leaves"
			c.holds = func(m *agents.Market) bool { return !m.HasLeft(first, j) }
			c.target = leftTarget(week, i, j, 0.75, math.Inf(1))
		}
		claims = append(claims, c)
	}
	for k := range claims {
		if err := claims[k].doubt(ctx, certain, week, vendor); err != nil {
			return nil, err
		}
	}
	return claims, nil
}

// leftTarget is that the share of a line that has left is within bounds.
func leftTarget(week, lab, vendor int, low, high float64) Target {
	return Target{Week: week, Departures: true, Checks: []Bound{{Low: low, High: high, measure: func(t, _ *agents.Trajectory) float64 { return t.Left[t.Rel(week, lab, vendor)] }}}}
}

// mostTogether is how many assumptions are moved together: more say little, and take long.
const mostTogether = 4

// Nearest is the smallest change of several assumptions together, of those of which one alone does it, with which the claim fails in the median of some runs with
// random variation, each measured in parts of its range. It is nil where one alone needs no more, or nothing does it.
func (c *Claim) Nearest(ctx context.Context, s *scenarios.Scenario, runs int, seed uint64) ([]Moved, error) {
	var inputs []scenarios.Input
	alone := &Seek{}
	for _, l := range c.Levers {
		if len(l.Flips) > 0 && len(inputs) < mostTogether {
			inputs = append(inputs, l.Input)
			alone.Levers = append(alone.Levers, Reached{Input: l.Input, OK: true, Value: l.Flips[0].Value})
		}
	}
	if len(inputs) < 2 {
		return nil, nil
	}
	k := &seeker{s: s, target: &c.target, seed: seed, rounds: 2}
	now, err := k.try(ctx, [][]Moved{nil}, runs)
	if err != nil || now[0] == nil {
		return nil, err
	}
	k.now = map[int]*tried{runs: now[0]}
	err = k.together(ctx, alone, inputs, runs)
	return alone.Combined, err
}

// doubt finds what would have to be wrong for the claim to fail.
func (c *Claim) doubt(ctx context.Context, s *scenarios.Scenario, week int, vendor string) error {
	var inputs []scenarios.Input
	for _, in := range s.Inputs() {
		if c.inputs(in) && isAssumed(s, in, vendor) && in.High > in.Low {
			inputs = append(inputs, in)
		}
	}
	q := &question{s: s, weeks: week + 1, yes: c.holds}
	var err error
	if c.Levers, err = q.flips(ctx, inputs); err != nil {
		return err
	}
	byDistance(c.Levers)
	var tasks []agents.Task
	for _, m := range rivals {
		spec := s.Until(week + 1).Spec
		m.change(&spec.Model)
		plan, err := agents.Compile(spec)
		if err != nil {
			return err
		}
		tasks, c.Under = append(tasks, agents.Task{Plan: plan}), append(c.Under, m)
	}
	return agents.Live(ctx, tasks, func(task int, m *agents.Market) { c.Under[task].Holds = c.holds(m) })
}

// isAssumed says whether an input is one that somebody could be wrong about: of behaviour, what is drawn; of a lab, what
// nobody has reported.
func isAssumed(s *scenarios.Scenario, in scenarios.Input, vendor string) bool {
	name := in.Keys[len(in.Keys)-1]
	if in.Keys[0] == "model" {
		return in.Drawn
	}
	if known, ok := s.Known(in.Keys); ok && known.Kind == "reported" {
		return false
	}
	switch {
	case len(in.Keys) == 3:
		return slices.Contains([]string{"exposure", "exit_weeks", "growth"}, name)
	case in.Keys[2] == "rivalry":
		return ownsOf(s, vendor, name)
	}
	return in.Keys[2] == "spend" && name == vendor
}
