package scenarios

import (
	"context"
	"fmt"
	"slices"

	"exodus/agents"
	"exodus/scenarios/words"
	"exodus/sim"
	"exodus/sim/study"
)

// Leaving is how a lab stands to a vendor at the end of a week, over the runs of a market: whatever tells who has left,
// tells this. Of a line of many labs it is told of most of them.
type Leaving struct {
	Lab, Vendor string
	Runs        int
	Left        float64 // share of the runs in which the lab has left by then
	Ever        float64 // share of the runs in which it had left at the end of some week until then
	CutOff      float64 // share of the runs in which the vendor does not serve it as it did, for want of capacity
	Since       int     // the week of the run since which it is gone: the median of the runs in which it is; -1 without any
	Before, Now float64 // what it spends in the week before the event, and then: medians, USD million a year
}

// HasLeft, IsCutOff and Stays are what is said of a lab in a word, which at most one of them is. One that bought nothing
// before does not stay.
func (l *Leaving) HasLeft() bool  { return l.Left > 0.5 }
func (l *Leaving) IsCutOff() bool { return !l.HasLeft() && l.CutOff > 0.5 }
func (l *Leaving) Stays() bool    { return !l.HasLeft() && !l.IsCutOff() && l.Before > 0 && l.Now > 0 }

// Often says in how many runs the lab has left: left in 92% of 1,000 runs, and in how many it ever had, where those are
// more. Of one run it says nothing.
func (l *Leaving) Often() string {
	if l.Runs == 1 {
		return ""
	}
	text := fmt.Sprintf("left in %s of %s", words.WholePercent(l.Left), words.Counted(l.Runs, "run"))
	if ever := words.WholePercent(l.Ever); l.Ever > l.Left {
		text += fmt.Sprintf(" (ever in %s)", ever)
	}
	return text
}

// Leavings says who has left a vendor by the end of a week, over runs of this scenario in which that was recorded: of
// each lab, in their order. Nobody has where the market has no such vendor.
func (s *Scenario) Leavings(vendor string, week int, runs ...*agents.Trajectory) (all []Leaving) {
	if len(runs) == 0 || week < 0 || week >= runs[0].Weeks {
		return nil
	}
	j, before := slices.Index(runs[0].Vendors, vendor), min(max(0, s.WeekAt(-1)), week)
	if j < 0 {
		return nil
	}
	share := 1 / float64(len(runs))
	for i, lab := range runs[0].Labs {
		l := Leaving{Lab: lab, Vendor: vendor, Runs: len(runs), Since: -1}
		var since, was, is []float64
		left, ever, cut := 0, 0, 0
		for _, t := range runs {
			gone := func(week int) bool { return t.Left[t.Rel(week, i, j)] > 0.5 }
			was, is = append(was, t.Spend[t.Rel(before, i, j)]), append(is, t.Spend[t.Rel(week, i, j)])
			if t.CutOff[t.Rel(week, i, j)] > 0.5 {
				cut++
			}
			first := week
			for first >= 0 && !gone(first) {
				first--
			}
			if first >= 0 {
				ever++
			}
			if first != week {
				continue
			}
			left++
			for first > 0 && gone(first-1) {
				first--
			}
			since = append(since, float64(first))
		}
		l.Left, l.Ever, l.CutOff = float64(left)*share, float64(ever)*share, float64(cut)*share
		middle := []float64{0.5}
		l.Before, l.Now = study.Quantiles(was, middle)[0], study.Quantiles(is, middle)[0]
		if left > 0 {
			l.Since = int(study.Quantiles(since, middle)[0])
		}
		all = append(all, l)
	}
	return all
}

// mostLived is how many weeks of labs with vendors are lived again to say who has left: those take some seconds.
const mostLived = 1e8

// LeavingsOf lives runs of the scenario, under luck of one seed, and says who has left a vendor by the end of a week. Runs
// are what they were in a study of the same seed, which therefore need not record it. Of a large market fewer are lived,
// the first; the result says how many.
func (s *Scenario) LeavingsOf(ctx context.Context, vendor string, week, runs int, seed uint64) ([]Leaving, error) {
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		return nil, err
	}
	labs := 0
	for _, l := range s.Spec.Labs {
		labs += l.Count
	}
	runs = min(runs, max(1, int(mostLived/(float64(labs)*float64(len(s.Spec.Vendors)+1)*float64(s.Spec.Weeks)))))
	tasks, lived := make([]agents.Task, runs), make([]*agents.Trajectory, runs)
	for i := range tasks {
		tasks[i] = agents.Task{Plan: plan, Luck: sim.Luck{Seed: seed, Run: uint64(i)}}
	}
	err = agents.RunAll(ctx, tasks, agents.Options{Lean: true, Left: true}, func(i int, t *agents.Trajectory) error {
		lived[i] = t
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("run %s%s: %w", s.Name, of(s.Variant), err)
	}
	return s.Leavings(vendor, week, lived...), nil
}
