package agents

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"exodus/sim"
)

// Where nothing happens, nobody moves a cent: whatever the foothold, however many vendors are empty, whoever has held
// what for years. Where prices move, at least nobody reviews in week 0.
func TestNothingHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.Float64Range(0, 1)
		s := Spec{Weeks: rapid.IntRange(1, 60).Draw(t, "weeks"), Model: defaults[Model]()}
		s.Model.Foothold = rapid.Float64Range(1e-6, 0.5).Draw(t, "foothold")
		s.Model.ReviewThreshold = rapid.Float64Range(1.1e-9, 0.2).Draw(t, "c")
		s.Model.PriceAdjustment = rapid.SampledFrom([]float64{0, 0, 0.1, 3}).Draw(t, "psi_p")
		s.Model.PriceSensitivity = rapid.Float64Range(0.1, 5).Draw(t, "beta_p")
		s.Uncertainty = defaults[Uncertainty]()
		s.Uncertainty.Scale = rapid.SampledFrom([]float64{0, 1}).Draw(t, "luck")
		s.Owners = []Owner{{Name: "old"}}
		vendors, labs := rapid.IntRange(1, 80).Draw(t, "vendors"), rapid.IntRange(1, 4).Draw(t, "labs")
		load := make([]float64, vendors)
		for i := range labs {
			lab := Lab{Name: fmt.Sprint("lab ", i), Segment: "s", Exposure: unit.Draw(t, "e"), ExitWeeks: rapid.Float64Range(1, 40).Draw(t, "tau"),
				Rivalry: map[string]float64{"old": unit.Draw(t, "rho")}, Spend: map[string]float64{}, Count: rapid.SampledFrom([]int{1, 1, 30}).Draw(t, "count"), SizeSigma: 0.5}
			for range rapid.IntRange(1, 3).Draw(t, "buys from") {
				j, x := rapid.IntRange(0, vendors-1).Draw(t, "vendor"), rapid.Float64Range(0.1, 500).Draw(t, "spend")
				load[j] += x - lab.Spend[fmt.Sprint("v", j)]
				lab.Spend[fmt.Sprint("v", j)] = x
			}
			s.Labs = append(s.Labs, lab)
		}
		for j := range vendors {
			v := Vendor{Name: fmt.Sprint("v", j), Price: 1, Quality: 1, Headroom: rapid.Float64Range(1, 2).Draw(t, "headroom")}
			if load[j] == 0 {
				v.Capacity = 100
			}
			s.Vendors = append(s.Vendors, v)
		}
		s.Owners[0].Holds = []Holding{{Vendor: "v0", Stake: unit.Draw(t, "stake"), Votes: unit.Draw(t, "votes"), Executives: unit.Draw(t, "executives")}}
		plan, err := Compile(s)
		if err != nil {
			t.Fatal(err)
		}
		traj, err := Run(t.Context(), plan, sim.Luck{Seed: 1, Run: rapid.Uint64Range(0, 99).Draw(t, "run")}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		weeks := traj.Weeks
		if s.Model.PriceAdjustment > 0 {
			weeks = 1
		}
		for week := range weeks {
			for i, lab := range traj.Labs {
				if traj.Reviewing[week*labs+i] > 0 {
					t.Fatalf("week %d: %s reviews", week, lab)
				}
				for j := range vendors {
					now, then := traj.Spend[traj.Rel(week, i, j)], s.Labs[i].Spend[s.Vendors[j].Name]
					if math.Abs(now-then) > 1e-9*max(1, then) { // of a million dollars, a tenth of a cent
						t.Fatalf("week %d: %s spends %v with v%d, and %v at the start", week, lab, now, j, then)
					}
				}
			}
		}
	})
}

// An owner from before the start moves nobody by being there: with luck and with parameters drawn, every run is that
// without it, to the last bit. Trust is what it was worth all along.
func TestOldOwner(t *testing.T) {
	s := referenceSpec(true)
	s.Uncertainty = defaults[Uncertainty]()
	s.Uncertainty.Ranges = true
	s.Events[0].Week, s.Events[1].Week = 60, 60
	s.Owners = append(s.Owners, Owner{Name: "Fund"})
	for i := range s.Labs {
		s.Labs[i].Rivalry["Fund"] = 0.5
	}
	s.Owners[1].Holds = []Holding{{Vendor: "Surge", Stake: 0.3, Votes: 0.2, Executives: 0.1}, {Vendor: "Scale", Stake: 0.2}}
	for r := range uint64(20) {
		luck := sim.Luck{Seed: 4, Run: r}
		old := run(t, s, luck)
		free := s
		free.Owners = []Owner{s.Owners[0], {Name: "Fund"}}
		without := run(t, free, luck)
		n := without.Rel(60, 0, 0)
		if !slices.Equal(old.Spend[:n], without.Spend[:n]) {
			t.Fatalf("run %d: an old owner moves somebody", r)
		}
		at, m := old.Rel(59, 6, 1), compile(t, s).Behaviour(luck)
		if old.Trust[at] >= 1 || old.Trust[at] != old.Trust[old.Rel(0, 6, 1)] {
			t.Errorf("run %d: trust in a vendor with an old owner goes from %v to %v", r, old.Trust[old.Rel(0, 6, 1)], old.Trust[at])
		}
		if control := 1 - math.Exp(-(0.3*m.ControlPerStake + 0.2*m.ControlPerVotes + 0.1*m.ControlPerExecs)); old.Trust[at] < 1-control {
			t.Errorf("run %d: trust is %v where control is %v", r, old.Trust[at], control)
		}
	}
}

// What an owner holds from before the start is where events begin, and what a block restores.
func TestHoldings(t *testing.T) {
	s := referenceSpec(false)
	s.Owners[0].Holds = []Holding{{Vendor: "Surge", Stake: 0.25, Votes: 0.1}}
	stake := func(name string, week int, stake float64) Event {
		return Event{Name: name, Week: week, Kind: "stake", Owner: "Meta", Vendor: "Surge", Stake: stake,
			Stated: map[string]bool{"owner": true, "vendor": true, "stake": true}}
	}
	s.Events = []Event{stake("more", 9, 0.5), {Name: "court", Week: 20, Kind: "block", Owner: "Meta", Vendor: "Surge"}}
	traj := run(t, s, sim.Luck{})
	conflict := func(stake, votes float64) float64 { return (1 - math.Exp(-(2*stake + 1.5*votes))) * 0.9 }
	for week, want := range map[int]float64{0: conflict(0.25, 0.1), 8: conflict(0.25, 0.1), 20: conflict(0.25, 0.1)} {
		if got := traj.Conflict[traj.Rel(week, 0, 1)]; math.Abs(got-want) > 1e-12 && week < 9 || got < want-1e-12 {
			t.Errorf("week %d: Google's conflict with Surge is %v, want %v", week, got, want)
		}
	}
	if got, want := traj.Conflict[traj.Rel(9, 0, 1)], conflict(0.5, 0.1); math.Abs(got-want) > 1e-12 { // votes stay as they were
		t.Errorf("with half of it the conflict is %v, want %v", got, want)
	}
	if got, want := traj.Trust[traj.Rel(9, 0, 1)], 1-(conflict(0.25, 0.1)+0.4*(conflict(0.5, 0.1)-conflict(0.25, 0.1))); math.Abs(got-want) > 1e-12 {
		t.Errorf("trust falls from where it was, to %v, want %v", got, want)
	}
	if slices.Max(traj.Reviewing[:9*10]) != 0 || slices.Max(traj.Reviewing[9*10:13*10]) != 1 {
		t.Error("labs review before the stake grows, or not then")
	}
	s.Events[0].Stake = 0.8
	s.Owners = append(s.Owners, Owner{Name: "Fund", Holds: []Holding{{Vendor: "Surge", Stake: 0.3}}})
	if problems := s.Check(); len(problems) != 1 || problems[0].Text != "the stake that owners hold in Surge then add up to 1.1, which is over 1" {
		t.Errorf("of a vendor that is held twice: %v", problems)
	}
}

// Who has left is judged by the part of its spend: below half of the highest it is gone, above 0.6 of it back. Where the
// lab did not aim lower, it was cut off; and one that was hardly ever there cannot leave.
func TestJudge(t *testing.T) {
	type week struct {
		part           float64
		reduced, short bool
		want           string
	}
	all := func(n int, w week) (weeks []week) {
		for range n {
			weeks = append(weeks, w)
		}
		return weeks
	}
	for name, c := range map[string]struct {
		client bool
		peak   float64
		weeks  []week
	}{
		"leaves below half, and is back above 0.6": {true, 0.4, []week{
			{0.21, true, false, ""}, {0.2, true, false, ""}, {0.1999, true, false, "left"}, {0.21, false, false, "left"}, {0.24, false, false, "left"},
			{0.2401, false, false, ""}, {0.21, true, false, ""}, {0.19, true, false, "left"}}},
		"the highest part is that so far":               {true, 0.1, []week{{0.8, false, false, ""}, {0.39, true, false, "left"}, {0.48, false, false, "left"}, {0.49, false, false, ""}}},
		"does not leave what it does not aim away from": {true, 0.4, []week{{0.1, false, false, ""}, {0.1, true, false, "left"}}},
		"is cut off, and then leaves":                   {true, 0.4, []week{{0.1, false, true, "cut off"}, {0.2, false, true, "cut off"}, {0.19, true, true, "left"}, {0.3, false, false, ""}}},
		"is cut off, and then served again":             {true, 0.4, []week{{0.1, false, true, "cut off"}, {0.23, true, false, "cut off"}, {0.25, false, false, ""}}},
		"was hardly there":                              {false, 0.009, []week{{0.001, true, false, ""}, {0, true, false, ""}}},
		"came for too short a time":                     {false, 0, append(all(12, week{part: 0.05}), week{0.005, true, false, ""}, week{0, true, false, ""})},
		"came, and left":                                {false, 0, append(all(13, week{part: 0.01}), week{0.004, true, false, "left"})},
	} {
		r := relation{Client: c.client, Peak: c.peak}
		for i, w := range c.weeks {
			r.Reduced = w.reduced
			r.judge(w.part, w.short)
			got := map[[2]bool]string{{true, false}: "left", {false, true}: "cut off", {true, true}: "both"}[[2]bool{r.Left, r.CutOff}]
			if got != w.want {
				t.Errorf("%s: with a part of %v in week %d it is %q, want %q", name, w.part, i, got, w.want)
			}
		}
	}
}

// twoSellers is a lab that buys 100 from A and 50 from B.
func twoSellers(events ...Event) Spec {
	s := Spec{Weeks: 30, Model: defaults[Model](), Uncertainty: defaults[Uncertainty](), Owners: []Owner{{Name: "O"}}, Events: events}
	s.Uncertainty.Scale = 0
	for _, name := range []string{"A", "B"} {
		s.Vendors = append(s.Vendors, Vendor{Name: name, Price: 1, Quality: 1, Headroom: 1.25})
	}
	s.Labs = []Lab{{Name: "L", Segment: "s", Rivalry: map[string]float64{"O": 0.8}, Exposure: 0.7, ExitWeeks: 8, Count: 1, Spend: map[string]float64{"A": 100, "B": 50}}}
	return s
}

// Work beyond a capacity is not delivered in the week in which it is lost, and those who wanted it have not left.
func TestCutOff(t *testing.T) {
	traj := run(t, twoSellers(Event{Name: "fire", Week: 4, Kind: "capacity", Vendor: "A", Change: -0.9}), sim.Luck{})
	capacity := traj.Capacity[traj.At(4, 0)]
	if got := traj.Revenue[traj.At(4, 0)] / traj.Price[traj.At(4, 0)]; got != capacity || capacity > 12.6 {
		t.Errorf("with a capacity of %v, A delivers %v", capacity, got)
	}
	if traj.Utilisation[traj.At(4, 0)] != 1 {
		t.Errorf("its utilisation is %v", traj.Utilisation[traj.At(4, 0)])
	}
	at := traj.Rel(4, 0, 0)
	if traj.Left[at] != 0 || traj.CutOff[at] != 1 || traj.CutOff[traj.Rel(3, 0, 0)] != 0 || traj.CutOff[traj.Rel(4, 0, 1)] != 0 {
		t.Errorf("its customer has left in part %v and is cut off in part %v", traj.Left[at], traj.CutOff[at])
	}
	if !slices.ContainsFunc(traj.Log, func(e Entry) bool { return e.Week == 4 && e.Agent == "L" && e.Event == CutOff && e.Vendor == "A" }) {
		t.Errorf("nobody says so: %v", traj.Log)
	}

	gone := run(t, twoSellers(
		Event{Name: "stop", Week: 4, Kind: "capacity", Vendor: "A", Change: -0.99}, Event{Name: "stop too", Week: 4, Kind: "capacity", Vendor: "B", Change: -0.99}), sim.Luck{})
	for i, x := range gone.Spend {
		if math.IsNaN(x) || x < 0 {
			t.Fatalf("spend %d is %v where nobody delivers", i, x)
		}
	}
}

// A growing budget brings nobody back, and a shrinking one does not make anybody leave.
func TestBudgetsDoNotLeave(t *testing.T) {
	deal := Event{Name: "deal", Week: 4, Kind: "stake", Owner: "O", Vendor: "A", Stake: 0.6, Executives: 1}
	s := twoSellers(deal)
	s.Weeks, s.Labs[0].Growth = 200, 3
	s.Model.PriceAdjustment = 0
	traj := run(t, s, sim.Luck{})
	if end := traj.Rel(199, 0, 0); traj.Left[end] != 1 || traj.Spend[end] < 100 {
		t.Errorf("at the end the lab spends %v with A, and has left it in part %v", traj.Spend[end], traj.Left[end])
	}
	if slices.ContainsFunc(traj.Log, func(e Entry) bool { return e.Event == Returns }) {
		t.Error("a growing budget brings a lab back")
	}
	s = twoSellers()
	s.Weeks, s.Labs[0].Growth = 100, -0.9
	traj = run(t, s, sim.Luck{})
	if slices.Max(traj.Left) != 0 || traj.Spend[traj.Rel(99, 0, 0)] > 2 {
		t.Errorf("a lab with a hundredth of its budget left has left: %v", traj.Log)
	}
}

// A price event moves the price by what it says, and the limits that the vendor keeps to move with it.
func TestPriceEvents(t *testing.T) {
	for _, change := range []float64{-0.5, -0.3, 1} {
		s := twoSellers(Event{Name: "cut", Week: 4, Kind: "price", Vendor: "A", Change: change})
		s.Model.PriceAdjustment = 3
		traj, before := run(t, s, sim.Luck{}), run(t, twoSellersAt(3), sim.Luck{})
		if got, want := traj.Price[traj.At(4, 0)], before.Price[before.At(4, 0)]*(1+change); math.Abs(got-want) > 1e-12 {
			t.Errorf("a change of %v makes a price of %v, want %v", change, got, want)
		}
		for week := 4; week < 30; week++ {
			if p := traj.Price[traj.At(week, 0)] / (1 + change); p < 0.7-1e-12 || p > 1.5+1e-12 {
				t.Errorf("a change of %v: in week %d the price is %v times what it made of the first", change, week, p)
			}
		}
	}
}

func twoSellersAt(priceAdjustment float64) Spec {
	s := twoSellers()
	s.Model.PriceAdjustment = priceAdjustment
	return s
}
