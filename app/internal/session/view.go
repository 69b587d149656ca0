package session

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"exodus/agents"
	"exodus/app/internal/results"
	"exodus/scenarios"
	"exodus/scenarios/words"
	"exodus/sim"
)

// View says which runs the pages show: medians over all of them, or one.
type View struct {
	OneRun bool
	Run    int // of the one: its number under the seed, or Deterministic
}

// Deterministic stands for the number of the run that has no random variation.
const Deterministic = -1

// RunPath stands for the path of an input where the number of the run to show was refused.
const RunPath = "run"

const mostRunNumber = 1_000_000_000

func parseRun(text string) (int, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" || text == "deterministic" {
		return Deterministic, nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(text, "run "))
	if err != nil || n < 0 || n > mostRunNumber {
		return 0, fmt.Errorf("run %s: enter a number from 0, or \"deterministic\" for the run without random variation", text)
	}
	return n, nil
}

// lived is the number of the run that is lived for a view: behind medians it is the deterministic one.
func (v View) lived() int {
	if v.OneRun {
		return v.Run
	}
	return Deterministic
}

// RunTitle says which run [World.Run] is.
func (v View) RunTitle() string {
	if v.lived() == Deterministic {
		return "the deterministic run"
	}
	return "run " + words.Count(v.Run)
}

// Medians says whether the pages show medians over runs: they are chosen, and known.
func (s *Snapshot) Medians() bool { return !s.View.OneRun && s.World != nil && s.World.Fans != nil }

// Of says what the numbers of the pages are of.
func (s *Snapshot) Of() string {
	if s.Medians() {
		return "median of " + words.Counted(s.World.Fans.Runs, "run")
	}
	if !s.View.OneRun {
		return s.View.RunTitle() + ", until the others are done"
	}
	return s.View.RunTitle()
}

// OfLabs is the snapshot as it is shown where labs are: while the medians of labs are not there yet, that of one run alone,
// so that all of a page is of the same.
func (s *Snapshot) OfLabs() *Snapshot {
	if !s.Medians() || s.World.Buyers != nil {
		return s
	}
	one, world := *s, *s.World
	world.Fans, one.World, one.Difference = nil, &world, nil
	return &one
}

// Value is a quantity of a vendor at the end of a week: the median, or that of the one run. NaN where there is none.
func (s *Snapshot) Value(q results.Quantity, week, vendor int) float64 {
	if f := s.World.Fans; s.Medians() && week < f.Weeks && vendor < len(f.Vendors) {
		return f.At(q, week, vendor).Median()
	}
	return q.Of(s.World.Run, week, vendor)
}

// Utilisation is that of a vendor at the end of a week, as [Snapshot.Value]; false while it is not known.
func (s *Snapshot) Utilisation(week, vendor int) (x float64, known bool) {
	if !s.Medians() {
		return s.World.Run.Utilisation[s.World.Run.At(week, vendor)], true
	}
	b := s.World.Buyers
	if b == nil || week*b.vendors+vendor >= len(b.used) {
		return math.NaN(), false
	}
	return float64(b.used[week*b.vendors+vendor]), true
}

// Opinion is what a lab has of a vendor at the end of a week, as [Snapshot.Value]; false while it is not known.
func (s *Snapshot) Opinion(o Opinion, week, lab, vendor int) (x float64, known bool) {
	run := s.World.Run
	at := run.Rel(week, lab, vendor)
	if s.Medians() {
		b := s.World.Buyers
		if b == nil {
			return math.NaN(), false
		}
		if q, ok := b.At(o, week, lab, vendor); ok {
			return float64(q[2]), true
		}
		if o == Spends || doubts(run, week, vendor) { // what nobody doubts is trusted whole in every run
			return math.NaN(), false
		}
	}
	return [opinions][]float64{Spends: run.Spend, Trusts: run.Trust, Premiums: run.Premium}[o][at], true
}

// Relations are what labs spend and think in all weeks: the medians, or those of the one run. Medians says which.
func (s *Snapshot) Relations() (t *agents.Trajectory, medians bool) {
	if s.Medians() && s.World.Buyers != nil {
		return s.World.Buyers.over(s.World.Run), true
	}
	return s.World.Run, false
}

// Leavings say how labs stand to a vendor at the end of a week, in their order, over the runs or in the one; false while
// it is not known.
func (s *Snapshot) Leavings(week, vendor int) (all []scenarios.Leaving, known bool) {
	run, b := s.World.Run, s.World.Buyers
	if !s.Medians() {
		return s.World.Scenario.Leavings(run.Vendors[vendor], week, run), true
	}
	if b == nil {
		return nil, false
	}
	before, ending := min(max(0, s.World.Scenario.WeekAt(-1)), week), s.World.Scenario.Ends(run.Vendors[vendor], week)
	for i, lab := range run.Labs {
		l := b.leaving(run.Rel(week, i, vendor))
		l.Lab, l.Vendor, l.Ending, l.Since = lab, run.Vendors[vendor], ending, -1
		l.Before, _ = s.Opinion(Spends, before, i, vendor)
		l.Now, _ = s.Opinion(Spends, week, i, vendor)
		all = append(all, l)
	}
	return all, true
}

// Reviewing is the share of the runs in which a lab reviews its vendors in a week, as [Snapshot.Leavings].
func (s *Snapshot) Reviewing(week, lab int) (share float64, known bool) {
	at := week*len(s.World.Run.Labs) + lab
	if s.Medians() {
		if s.World.Buyers == nil {
			return 0, false
		}
		return float64(s.World.Buyers.reviews[at]), true
	}
	if s.World.Run.Reviewing[at] > 0.5 {
		return 1, true
	}
	return 0, true
}

// Then is the week of the market that it is compared with that has the date of a week of the one shown; false where
// that has none.
func (s *Snapshot) Then(week int) (then int, ok bool) {
	then = week + shiftOf(s.World.Scenario, s.Other.Scenario)
	return then, then >= 0 && then < s.Other.Run.Weeks
}

// Gain is the difference of a quantity of a vendor from the market that it is compared with, at [results.Levels] over the runs; of
// one run all are the same. It is false where there is none.
func (s *Snapshot) Gain(q results.Quantity, week, vendor int) (d results.Band, ok bool) {
	if s.Other == nil {
		return d, false
	}
	if s.Medians() {
		f := s.Difference
		if f == nil || week >= f.Weeks || vendor >= len(f.Vendors) {
			return d, false
		}
		d = f.At(q, week, vendor)
		return d, d[2] == d[2]
	}
	then, ok := s.Then(week)
	if !ok {
		return d, false
	}
	other := slices.Index(s.Other.Run.Vendors, s.World.Run.Vendors[vendor])
	x := s.Value(q, week, vendor)
	if other >= 0 {
		x -= q.Of(s.Other.Run, then, other)
	}
	for i := range d {
		d[i] = x
	}
	return d, x == x
}

// focus is the vendor that a world is about, by its index.
func (t *twin) focus() int {
	name := t.scenario.FocusVendor()
	for j, v := range t.scenario.Spec.Vendors {
		if v.Name == name {
			return j
		}
	}
	return 0
}

// FocusVendor is the vendor that the market is about, by its index.
func (s *Snapshot) FocusVendor() int {
	name := s.World.Scenario.FocusVendor()
	for j, v := range s.World.Run.Vendors {
		if v == name {
			return j
		}
	}
	return 0
}

func luckOf(seed uint64, run int) sim.Luck { return sim.Luck{Seed: seed, Run: uint64(run)} }

type show struct {
	oneRun bool
	run    string
	keep   bool // the number that there is
}

func (v show) do(c *core) error {
	view := View{v.oneRun, c.view.Run}
	if !v.keep {
		var err error
		if view.Run, err = parseRun(v.run); err != nil {
			return err
		}
	}
	if was := c.view.lived(); c.view != view {
		c.view, c.refused = view, nil
		c.soon()
		if c.market != nil && was != view.lived() {
			c.begin()
		}
	}
	return nil
}

// picked is the plan and luck of the run that a view shows of a world.
func (t *twin) picked(run int, seed uint64) (agents.Task, error) {
	if run != Deterministic {
		return t.task(luckOf(seed, run)), nil
	}
	task := agents.Task{Luck: luckOf(seed, 0)}
	var err error
	if task.Plan, err = t.plan.Deterministic(); err != nil {
		return task, err
	}
	for _, turn := range t.turns {
		plan, err := turn.Plan.Deterministic()
		if err != nil {
			return task, err
		}
		task.Turns = append(task.Turns, agents.Turn{Week: turn.Week, Plan: plan})
	}
	return task, nil
}

// Has says whether the market has a vendor.
func (s *Snapshot) Has(vendor string) bool { return slices.Contains(s.World.Run.Vendors, vendor) }

// OtherValue is [Snapshot.Value] of the market that it is compared with, in a week and of a vendor of its own.
func (s *Snapshot) OtherValue(q results.Quantity, week, vendor int) float64 {
	if f := s.Other.Fans; s.Medians() && f != nil && week < f.Weeks && vendor < len(f.Vendors) {
		return f.At(q, week, vendor).Median()
	}
	return q.Of(s.Other.Run, week, vendor)
}

// Budget is what a lab spends in all at the end of a week, as [Snapshot.Value]; false while it is not known.
func (s *Snapshot) Budget(week, lab int) (total float64, known bool) {
	if s.Medians() {
		b := s.World.Buyers
		if b == nil {
			return math.NaN(), false
		}
		return float64(b.budgets[week*b.labs+lab]), true
	}
	for j := range s.World.Run.Vendors {
		total += s.World.Run.Spend[s.World.Run.Rel(week, lab, j)]
	}
	return total, true
}
