package scenarios

import (
	"testing"

	"exodus/agents"
	"exodus/sim"
)

const closing = `title = "A supplier closes"
start = 2026-01-05
weeks = 60
[uncertainty]
scale = 0
[vendors.A]
[vendors.B]
[labs.L]
segment = "s"
exposure = 0.7
exit_weeks = 8
spend = { A = 100, B = 50 }
[labs.M]
segment = "s"
exposure = 0.7
exit_weeks = 8
spend = { B = 50 }
[events.closure]
date = 2026-03-06
kind = "end"
vendor = "A"
until = "2026-06-05"
[variants.goes-on]
remove = ["events.closure"]
[variants.longer]
events.closure.until = 2027-01-01
`

// A file states the day from which a vendor serves nobody, within the run or beyond it; its customers must leave, from the
// announcement on; and without the event, nothing happens.
func TestEndOfService(t *testing.T) {
	s, err := Parse("closing.toml", []byte(closing))
	if err != nil {
		t.Fatal(err)
	}
	if e := s.Event("closure"); e.Week != 8 || e.Until != 21 || e.Tell() != "A will end its service in 13 weeks" {
		t.Errorf("%+v: %s", e, e.Tell())
	}
	if e := with(t, s, "longer").Event("closure"); e.Until != 51 || e.Week != 8 {
		t.Errorf("with a longer notice: %+v", e)
	}
	if e := with(t, s, "", "events.closure.until=2026-03-06").Event("closure"); e.Until != 8 || e.Tell() != "A ends its service at once" {
		t.Errorf("without notice: %+v: %s", e, e.Tell())
	}
	if s.FocusVendor() != "A" || s.Focus().Name != "closure" {
		t.Errorf("the focus is %v", s.Focus())
	}
	run := func(s *Scenario) *agents.Trajectory {
		t.Helper()
		plan, err := agents.Compile(s.Spec)
		if err != nil {
			t.Fatal(err)
		}
		traj, err := agents.Run(t.Context(), plan, sim.Luck{}, agents.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return traj
	}
	traj := run(s)
	for week, must := range map[int]bool{7: false, 8: true, 20: true, 21: true, 59: true} {
		for _, l := range s.Leavings("A", week, traj) {
			if l.MustLeave() != (must && l.Lab == "L") || l.HasLeft() || l.IsCutOff() || l.Stays() != (!must && l.Lab == "L") {
				t.Errorf("week %d: %+v", week, l)
			}
		}
	}
	for _, l := range s.Leavings("B", 59, traj) {
		if !l.Stays() {
			t.Errorf("%+v", l)
		}
	}
	c, err := s.Counterfactual()
	if err != nil || c.Variant != "goes-on" {
		t.Fatalf("the world without it is %+v: %v", c, err)
	}
	calm := run(c.Scenario)
	if calm.Spend[calm.Rel(59, 0, 0)] != 100 || traj.Spend[traj.Rel(59, 0, 0)] != 0 {
		t.Errorf("L spends %v with A without it, and %v with it", calm.Spend[calm.Rel(59, 0, 0)], traj.Spend[traj.Rel(59, 0, 0)])
	}
}
