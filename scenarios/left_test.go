package scenarios

import (
	"testing"

	"exodus/agents"
)

// Who has left is counted over the runs, at the end of the week that is shown; who ever had is a second figure.
func TestLeavings(t *testing.T) {
	s := parsed(t, small) // whose deal is in week 2
	run := func(left, cut string, spend ...float64) *agents.Trajectory {
		tr := &agents.Trajectory{Labs: []string{"L"}, Vendors: []string{"A", agents.InHouse}, Weeks: len(spend)}
		for week, x := range spend {
			flag := func(series string) float64 { return float64(series[week] - '0') }
			tr.Spend, tr.Left, tr.CutOff = append(tr.Spend, x, 0), append(tr.Left, flag(left), 0), append(tr.CutOff, flag(cut), 0)
		}
		return tr
	}
	gone, back := run("00011", "00000", 9, 8, 7, 2, 1), run("00110", "00000", 9, 8, 2, 3, 6)
	never, cut := run("00000", "00000", 9, 8, 8, 8, 8), run("00000", "00011", 9, 8, 8, 1, 1)
	for _, c := range []struct {
		runs []*agents.Trajectory
		week int
		want Leaving
		said string
	}{
		{[]*agents.Trajectory{gone}, 4, Leaving{Left: 1, Ever: 1, Since: 3, Before: 8, Now: 1}, ""},
		{[]*agents.Trajectory{gone}, 2, Leaving{Since: -1, Before: 8, Now: 7}, ""},
		{[]*agents.Trajectory{back}, 4, Leaving{Ever: 1, Since: -1, Before: 8, Now: 6}, ""},
		{[]*agents.Trajectory{cut}, 4, Leaving{CutOff: 1, Since: -1, Before: 8, Now: 1}, ""},
		{[]*agents.Trajectory{gone, back, never, gone}, 4, Leaving{Left: 0.5, Ever: 0.75, Since: 3, Before: 8, Now: 3.5}, "left in 50% of 4 runs (ever in 75%)"},
		{[]*agents.Trajectory{never, never}, 4, Leaving{Since: -1, Before: 8, Now: 8}, "left in 0% of 2 runs"},
	} {
		got := s.Leavings("A", c.week, c.runs...)
		c.want.Lab, c.want.Vendor, c.want.Runs = "L", "A", len(c.runs)
		if len(got) != 1 || got[0] != c.want || got[0].Often() != c.said {
			t.Errorf("it is %+v, %q; want %+v, %q", got, got[0].Often(), c.want, c.said)
		}
	}
	if got := s.Leavings("nobody", 4, gone); got != nil {
		t.Errorf("a vendor that is not there is left by %v", got)
	}
	if l := (Leaving{Now: 3}); l.Stays() || l.HasLeft() || l.IsCutOff() {
		t.Error("a lab that was not there stays, or has left")
	}
}
