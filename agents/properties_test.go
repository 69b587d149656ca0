package agents

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"exodus/sim"
)

// anySpec draws a small market.
func anySpec(t *rapid.T) Spec {
	unit := rapid.Float64Range(0, 1)
	s := Spec{Weeks: rapid.IntRange(1, 40).Draw(t, "weeks"), Model: defaults[Model](), Uncertainty: defaults[Uncertainty]()}
	for _, mechanism := range []*bool{&s.Model.WinnerTakesAll, &s.Model.MultiplicativeTrust, &s.Model.NoForgiving} {
		*mechanism = rapid.IntRange(0, 3).Draw(t, "a rival mechanism") == 0
	}
	s.Model.EmergencyPause = unit.Draw(t, "psi")
	s.Model.LogitPlacing = unit.Draw(t, "nu")
	s.Model.Herding = unit.Draw(t, "chi")
	s.Model.PriceAdjustment = rapid.Float64Range(0, 3).Draw(t, "psi_p")
	s.Model.CapacityLag = rapid.IntRange(0, 6).Draw(t, "lag")
	s.Uncertainty.Budget = rapid.Float64Range(0, 0.1).Draw(t, "budget noise")
	s.Uncertainty.Taste = rapid.Float64Range(0, 0.3).Draw(t, "taste")
	s.Uncertainty.Ranges = rapid.Bool().Draw(t, "ranges")
	vendors, labs := rapid.IntRange(1, 5).Draw(t, "vendors"), rapid.IntRange(1, 5).Draw(t, "labs")
	for j := range vendors {
		s.Vendors = append(s.Vendors, Vendor{Name: fmt.Sprint("vendor ", j), Price: rapid.Float64Range(0.7, 1.5).Draw(t, "price"),
			Quality: 1, Headroom: rapid.Float64Range(1, 2).Draw(t, "headroom")})
	}
	s.Owners = []Owner{{Name: "owner", Lab: "lab 0"}, {Name: "fund"}}
	for i := range labs {
		lab := Lab{Name: fmt.Sprint("lab ", i), Segment: "all", Exposure: unit.Draw(t, "exposure"), ExitWeeks: rapid.Float64Range(1, 40).Draw(t, "tau"),
			Growth: rapid.Float64Range(-0.5, 2).Draw(t, "growth"), Rivalry: map[string]float64{"owner": unit.Draw(t, "rivalry")},
			Spend: map[string]float64{InHouse: rapid.Float64Range(1, 100).Draw(t, "in-house")}, Count: 1}
		for j := range vendors {
			lab.Spend[s.Vendors[j].Name] = rapid.SampledFrom([]float64{0, 1, 50, 400}).Draw(t, "spend")
		}
		s.Labs = append(s.Labs, lab)
	}
	for j := range s.Vendors {
		v, load := &s.Vendors[j], 0.0
		for _, lab := range s.Labs {
			load += lab.Spend[v.Name] / v.Price
		}
		if load == 0 || rapid.Bool().Draw(t, "states its capacity") {
			v.Capacity = load + rapid.SampledFrom([]float64{0.5, 100, 1000}).Draw(t, "capacity")
		}
	}
	if rapid.Bool().Draw(t, "held from before") {
		s.Owners[1].Holds = []Holding{{Vendor: "vendor 0", Stake: rapid.Float64Range(0, 0.4).Draw(t, "held"), Votes: unit.Draw(t, "votes")}}
		s.Labs[0].Rivalry["fund"] = unit.Draw(t, "old rivalry")
	}
	s.Events = []Event{
		{Name: "deal", Week: rapid.IntRange(0, s.Weeks-1).Draw(t, "deal"), Kind: "stake", Owner: "owner", Vendor: "vendor 0", Stake: rapid.Float64Range(0, 0.6).Draw(t, "stake")},
		{Name: "pledge", Week: rapid.IntRange(0, s.Weeks-1).Draw(t, "pledge"), Kind: "commitment", Owner: "owner", Vendor: "vendor 0", Minimum: rapid.SampledFrom([]float64{0, 20, 1e6}).Draw(t, "minimum")},
		{Name: "fire", Week: rapid.IntRange(0, s.Weeks-1).Draw(t, "fire"), Kind: "capacity", Vendor: "vendor 0", Change: rapid.Float64Range(-0.99, 0).Draw(t, "capacity")},
	}
	if week := rapid.IntRange(0, s.Weeks-1).Draw(t, "end"); rapid.Bool().Draw(t, "ends") {
		s.Events = append(s.Events, Event{Name: "end", Week: week, Kind: "end", Vendor: s.Vendors[vendors-1].Name, Until: week + rapid.IntRange(0, 20).Draw(t, "notice")})
	}
	return s
}

func close(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

// Whatever the market: no number is lost, shares add up to 1, and money is conserved. What a lab has for a
// week is what it spends, what vendors turned away, and what waits because a review has nobody to try.
func TestMoneyIsConserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySpec(t)
		plan, err := Compile(s)
		if err != nil {
			t.Fatal(err)
		}
		traj, err := Run(t.Context(), plan, sim.Luck{Seed: rapid.Uint64().Draw(t, "seed")}, Options{Decisions: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, series := range traj.series() {
			for i, x := range *series {
				if !(x >= 0) || math.IsInf(x, 0) {
					t.Fatalf("number %d of a series is %v", i, x)
				}
			}
		}
		n := len(traj.Vendors)
		for week := range traj.Weeks {
			shares, sold := 0.0, 0.0
			for j := range n - 1 {
				shares += traj.Share(week, j)
				sold += traj.Revenue[traj.At(week, j)]
			}
			if sold > 0 && !close(shares, 1) {
				t.Fatalf("week %d: the shares add up to %v", week, shares)
			}
			for j := range n {
				at := traj.At(week, j)
				if !close(traj.Load[at]*traj.Price[at], traj.Revenue[at]) {
					t.Fatalf("week %d: %s earns %v with a volume of %v at %v", week, traj.Vendors[j], traj.Revenue[at], traj.Load[at], traj.Price[at])
				}
				spent := 0.0
				for i := range traj.Labs {
					spent += traj.Spend[traj.Rel(week, i, j)]
				}
				if !close(spent, traj.Revenue[at]) {
					t.Fatalf("week %d: labs spend %v with %s, which earns %v", week, spent, traj.Vendors[j], traj.Revenue[at])
				}
			}
			served := make([]float64, n) // the share of what is kept
			for j := range n {
				kept := 0.0
				for i := range traj.Labs {
					kept += traj.Decisions[week*len(traj.Labs)+i].Kept[j] / traj.Price[traj.At(week, j)]
				}
				if served[j] = 1; j < n-1 && kept > 0 {
					served[j] = min(1, traj.Capacity[traj.At(week, j)]/kept)
				}
			}
			for i := range traj.Labs {
				d := traj.Decisions[week*len(traj.Labs)+i]
				spent := sum(traj.Spend[traj.Rel(week, i, 0):][:n])
				asked, kept, delivered := sum(d.Asked), sum(d.Kept), 0.0
				for j := range n {
					delivered += d.Kept[j] * served[j]
				}
				left := max(0, d.Budget-kept)
				waits := left - asked
				if d.Reviewing && waits > 1e-9*d.Budget { // only where all vendors are being reduced, In-house apart
					if !close(waits, left*(1-plan.Behaviour(sim.Luck{}).LogitPlacing)) && !s.Uncertainty.Ranges {
						t.Fatalf("week %d: %s has %v left and asks for %v", week, d.Lab, left, asked)
					}
				} else if !close(asked, left) {
					t.Fatalf("week %d: %s has %v left and asks for %v", week, d.Lab, left, asked)
				}
				if over := max(0, kept-d.Budget); spent > d.Budget+over+1e-9*d.Budget {
					t.Fatalf("week %d: %s spends %v of a budget of %v", week, d.Lab, spent, d.Budget)
				}
				if spent < delivered-1e-9*d.Budget || spent > delivered+asked+1e-9*d.Budget {
					t.Fatalf("week %d: %s keeps %v, of which %v can be served, asks for %v, and spends %v", week, d.Lab, kept, delivered, asked, spent)
				}
			}
		}
	})
}

// sameMarket says whether two runs agree in all their series, to the last bit.
func sameMarket(a, b *Trajectory) bool {
	of := b.series()
	for i, s := range a.series() {
		if !slices.Equal(*s, *of[i]) {
			return false
		}
	}
	return true
}

// A change that changes nothing changes no bit of the market, with luck of every sort on.
func TestNullChanges(t *testing.T) {
	luck := sim.Luck{Seed: 11, Run: 3}
	base := everything()
	want := run(t, base, luck)
	with := func(change func(s *Spec)) *Trajectory {
		s := everything()
		change(&s)
		return run(t, s, luck)
	}
	for name, same := range map[string]func(s *Spec){
		"nothing":             func(*Spec) {},
		"a price change of 0": func(s *Spec) { s.Events = append(s.Events, Event{Name: "x", Week: 3, Kind: "price", Vendor: "Surge"}) },
		"an owner of nothing": func(s *Spec) { s.Owners = append(s.Owners, Owner{Name: "Nobody"}) },
		"a term for a client that stays nowhere": func(s *Spec) {
			s.Events = append(s.Events, Event{Name: "x", Week: 3, Kind: "term", Vendor: "Surge", Lab: "Government", Weeks: 50})
		},
		"a stake of an owner whom nobody rivals": func(s *Spec) {
			s.Owners = append(s.Owners, Owner{Name: "Neutral"})
			s.Events = append(s.Events, Event{Name: "x", Week: 3, Kind: "stake", Owner: "Neutral", Vendor: "Surge", Stake: 0.9})
		},
	} {
		if got := with(same); !sameMarket(got, want) {
			t.Errorf("%s changes the market", name)
		}
	}
	if got := with(func(s *Spec) { s.Events[0].Stake = 0.48 }); sameMarket(got, want) {
		t.Error("a smaller stake changes nothing")
	}
}

// Without a stake, and without the executives, the deal is none: bit for bit.
func TestPlacebo(t *testing.T) {
	luck := sim.Luck{Seed: 1}
	none, zero, neutral := referenceSpec(false), referenceSpec(true), referenceSpec(true)
	zero.Events[0].Stake, zero.Events[0].Executives = 0, 0
	neutral.Owners = append(neutral.Owners, Owner{Name: "Fund"})
	neutral.Events[0].Owner = "Fund"
	for _, s := range []*Spec{&none, &zero, &neutral} {
		s.Uncertainty = defaults[Uncertainty]()
	}
	want := run(t, none, luck)
	for name, s := range map[string]Spec{"a stake of 0": zero, "an owner whom nobody rivals": neutral} {
		if got := run(t, s, luck); !sameMarket(got, want) {
			t.Errorf("%s differs from no deal", name)
		}
	}
}

// A newcomer moves nobody else's draws: a lab and a vendor that deal with one another only leave all others
// as they were, to the last bit.
func TestNewcomersMoveNoDraws(t *testing.T) {
	luck := sim.Luck{Seed: 11, Run: 3}
	s := everything()
	s.Uncertainty.Ranges = false
	want := run(t, s, luck)
	for j := range s.Vendors {
		if len(s.Vendors[j].Segments) == 0 {
			t.Fatal("every vendor here must name its segments")
		}
	}
	s.Vendors = append([]Vendor{{Name: "Idle", Price: 1, Quality: 1, Headroom: 1.25, Segments: []string{"island"}}}, s.Vendors...)
	s.Labs = append(s.Labs, Lab{Name: "Islander", Segment: "island", Exposure: 0.5, ExitWeeks: 4, Count: 1, Spend: map[string]float64{"Idle": 10}})
	got := run(t, s, luck)
	for week := range want.Weeks {
		for i, lab := range want.Labs {
			for j, vendor := range want.Vendors {
				a, b := want.Spend[want.Rel(week, i, j)], got.Spend[got.Rel(week, i, j+1)]
				if a != b {
					t.Fatalf("week %d: %s spends %v with %s, and %v once there is an idle vendor", week, lab, a, vendor, b)
				}
			}
		}
	}
}

// Replicates that live side by side come to what they come to alone, to the last bit.
func TestLanesAreSingleRuns(t *testing.T) {
	specs := rapid.Custom(anySpec)
	for i := range 500 {
		plan := compile(t, specs.Example(i))
		var tasks []Task
		for r := range [...]int{2, 3, 5, 8, Lanes}[i%5] {
			tasks = append(tasks, Task{Plan: plan, Luck: sim.Luck{Seed: uint64(i), Run: uint64(r)}})
		}
		together, err := RunSideBySide(t.Context(), tasks, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for r, task := range tasks {
			alone, err := Run(t.Context(), plan, task.Luck, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if together[r].Digest() != alone.Digest() {
				t.Fatalf("market %d: run %d of %d in lanes differs from the same run alone", i, r, len(tasks))
			}
		}
	}
}

func sum(xs []float64) float64 {
	total := 0.0
	for _, x := range xs {
		total += x
	}
	return total
}

// A lab that stands by its mix takes a short way, unless its decisions are written down: it comes to the same bits.
func TestStandingIsPlacing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan, err := Compile(anySpec(t))
		if err != nil {
			t.Fatal(err)
		}
		luck := sim.Luck{Seed: rapid.Uint64().Draw(t, "seed")}
		short, err := Run(t.Context(), plan, luck, Options{Lean: true})
		if err != nil {
			t.Fatal(err)
		}
		long, err := Run(t.Context(), plan, luck, Options{Decisions: true})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(short.Spend, long.Spend) || !slices.Equal(short.Revenue, long.Revenue) || !slices.Equal(short.Inquiries, long.Inquiries) {
			t.Fatal("the short way comes to something else")
		}
	})
}
