package agents

import (
	"context"
	"math"
	"testing"

	"exodus/sim"
)

// one is a market of one lab at two vendors, of which an owner that the lab rivals takes the first.
func one(change func(*Spec)) Spec {
	s := Spec{
		Weeks: 12, Model: defaults[Model](),
		Vendors: []Vendor{{Name: "A", Price: 1, Quality: 1, Headroom: 2}, {Name: "B", Price: 1, Quality: 1, Headroom: 3}},
		Owners:  []Owner{{Name: "O"}},
		Labs:    []Lab{{Name: "L", Segment: "all", Exposure: 0.8, ExitWeeks: 5, Count: 1, Rivalry: map[string]float64{"O": 1}, Spend: map[string]float64{"A": 60, "B": 40}}},
		Events:  []Event{{Name: "deal", Kind: "stake", Week: 2, Owner: "O", Vendor: "A", Stake: 0.5}},
	}
	s.Model.PriceAdjustment, s.Model.Herding = 0, 0
	change(&s)
	return s
}

func lived(t *testing.T, s Spec) *Trajectory {
	t.Helper()
	plan, err := Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	run, err := Run(context.Background(), plan, sim.Luck{}, Options{Decisions: true})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// In a review the whole target is at the vendor that the lab likes best, and what it wants stays a logit's.
func TestWinnerTakesAll(t *testing.T) {
	run := lived(t, one(func(s *Spec) { s.Model.WinnerTakesAll = true }))
	reviewed := false
	for _, d := range run.Decisions {
		if !d.Reviewing {
			continue
		}
		reviewed = true
		best := 0
		for j := range d.Utility {
			if d.Utility[j] > d.Utility[best] {
				best = j
			}
		}
		for j, target := range d.Target {
			if want := map[bool]float64{true: d.Budget}[j == best]; target != want {
				t.Errorf("week %d: the target at %s is %v, not %v", d.Week, run.Vendors[j], target, want)
			}
		}
	}
	if !reviewed {
		t.Error("nobody reviews")
	}
}

// By hand: after one week of full alarm, trust is T = 1 - S with S = 1 - exp(-2 * 0.5), and the lab's pull on A is
// (1 - 0.8 S)^5, so that the premium is (1 - 0.8 S)^(-5/1.5) - 1.
func TestMultiplicativeTrust(t *testing.T) {
	run := lived(t, one(func(s *Spec) { s.Model.MultiplicativeTrust, s.Model.AlarmRate = true, 1 }))
	conflict := 1 - math.Exp(-1)
	if got, want := run.Premium[run.Rel(2, 0, 0)], math.Pow(1-0.8*conflict, -5/1.5)-1; math.Abs(got-want) > 1e-12*want {
		t.Errorf("premium %v, not %v", got, want)
	}
	want := 0.6 * math.Pow(1-0.8*conflict, 5)
	want /= want + 0.4 + 0.002
	for _, d := range run.Decisions {
		if d.Week == 2 && math.Abs(d.Ideal[0]-want) > 1e-9 {
			t.Errorf("it wants %v of A, not %v", d.Ideal[0], want)
		}
	}
}

// What was perceived is not forgotten when the stake is undone; what is left of an incident is.
func TestNoForgiving(t *testing.T) {
	with := func(never bool) *Trajectory {
		return lived(t, one(func(s *Spec) {
			s.Model.NoForgiving, s.Model.AlarmRate, s.Model.ReviewThreshold = never, 1, 50
			s.Events = append(s.Events, Event{Name: "block", Kind: "block", Week: 4, Owner: "O", Vendor: "A"},
				Event{Name: "leak", Kind: "incident", Week: 5, Vendor: "B", Severity: 0.4})
		}))
	}
	never, ever := with(true), with(false)
	conflict := 1 - math.Exp(-1)
	if got := never.Trust[never.Rel(11, 0, 0)]; math.Abs(got-(1-conflict)) > 1e-12 {
		t.Errorf("trust in A is %v at the end, not %v", got, 1-conflict)
	}
	if got := ever.Trust[ever.Rel(11, 0, 0)]; got <= 1-conflict {
		t.Errorf("with forgiving it is %v", got)
	}
	if a, b := never.Trust[never.Rel(11, 0, 1)], ever.Trust[ever.Rel(11, 0, 1)]; a != b || a <= 1-0.4 {
		t.Errorf("what is left of the incident: %v and %v", 1-a, 1-b)
	}
}
