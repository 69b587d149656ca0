package scenarios

import (
	"fmt"
	"slices"

	"exodus/agents"
	"exodus/scenarios/words"
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
	Ending      bool    // whether the vendor has announced by then that it ends its service
	Since       int     // the week of the run since which it is gone: the median of the runs in which it is; -1 without any
	Before, Now float64 // what it spends in the week before the event, and then: medians, USD million a year
}

// HasLeft, MustLeave, IsCutOff and Stays are what is said of a lab in a word, which at most one of them is. One that bought
// nothing before does not stay. One that must leave has not left of itself, be it gone: its vendor ends its service.
func (l *Leaving) HasLeft() bool   { return l.Left > 0.5 }
func (l *Leaving) MustLeave() bool { return l.Ending && !l.HasLeft() && l.Before > 0 }
func (l *Leaving) IsCutOff() bool  { return !l.Ending && !l.HasLeft() && l.CutOff > 0.5 }
func (l *Leaving) Stays() bool {
	return !l.HasLeft() && !l.MustLeave() && !l.IsCutOff() && l.Before > 0 && l.Now > 0
}

// Ends says whether a vendor has announced by a week of the run that it ends its service.
func (s *Scenario) Ends(vendor string, week int) bool {
	return slices.ContainsFunc(s.Spec.Events, func(e agents.Event) bool { return e.Kind == "end" && e.Vendor == vendor && e.Week <= week })
}

// Often says in how many runs the lab has left: see [Often].
func (l *Leaving) Often() string { return Often(l.Left, l.Ever, l.Runs) }

// Often says in how many runs a lab has left a vendor, and in how many it ever had, where those are more: left in 92% of
// 1,000 runs (ever in 95%). Of one run there is nothing to say.
func Often(left, ever float64, runs int) string {
	if runs == 1 {
		return ""
	}
	text := fmt.Sprintf("left in %s of %s", words.WholePercent(left), words.Counted(runs, "run"))
	if often := words.WholePercent(ever); ever > left && often != words.WholePercent(left) {
		text += fmt.Sprintf(" (ever in %s)", often)
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
	ending, share := s.Ends(vendor, week), 1/float64(len(runs))
	for i, lab := range runs[0].Labs {
		l := Leaving{Lab: lab, Vendor: vendor, Runs: len(runs), Ending: ending, Since: -1}
		var since, was, is []float64
		left, ever, cut := 0, 0, 0
		for _, t := range runs {
			gone := func(week int) bool { return t.HasLeft(week, i, j) }
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
