package agents

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"math"
	"runtime"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"exodus/sim"
)

// In a browser or Node, the runtime keeps a goroutine of its own for events.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("runtime.handleEvent"))
}

// everything is a market in which all that can vary does: two owners, two deals, every kind of event, two
// populations, luck of every sort, ignorance.
func everything() Spec {
	s := referenceSpec(true)
	s.Weeks = 60
	s.Uncertainty = defaults[Uncertainty]()
	s.Uncertainty.Ranges = true
	s.Uncertainty.Budget, s.Uncertainty.Taste = 0.02, 0.05
	s.Owners = append(s.Owners, Owner{Name: "Fund", Holds: []Holding{{Vendor: "Labelbox", Stake: 0.3}, {Vendor: "Turing", Votes: 0.1}}})
	s.Labs[0].Rivalry["Fund"] = 0.3
	s.Labs = append(s.Labs,
		Lab{Name: "Startups", Segment: "frontier", Rivalry: map[string]float64{"Meta": 0.4}, Exposure: 0.6, ExitWeeks: 5, Growth: 0.5,
			Spend: map[string]float64{"Scale": 40, "Turing": 30, InHouse: 10}, Count: 700, SizeSigma: 1, ExposureSD: 0.2, RivalrySD: 0.2},
		Lab{Name: "Shops", Segment: "enterprise", Rivalry: map[string]float64{}, Exposure: 0.1, ExitWeeks: 30,
			Spend: map[string]float64{"Others": 20, "Labelbox": 5}, Count: 300})
	s.Events = append(s.Events,
		Event{Name: "seat", Week: 10, Kind: "votes", Owner: "Meta", Vendor: "Scale", Votes: 0.2},
		Event{Name: "hire", Week: 12, Kind: "executives", Owner: "Meta", Vendor: "Scale", Executives: 0.5},
		Event{Name: "second deal", Week: 14, Kind: "stake", Owner: "Fund", Vendor: "Turing", Stake: 0.6, Votes: 0.6},
		Event{Name: "leak", Week: 16, Kind: "incident", Vendor: "Surge", Severity: 0.4},
		Event{Name: "private leak", Week: 17, Kind: "incident", Vendor: "Others", Lab: "Google", Severity: 0.6},
		Event{Name: "sale price", Week: 18, Kind: "price", Vendor: "Scale", Change: -0.2},
		Event{Name: "better", Week: 19, Kind: "quality", Vendor: "Mercor", Change: 0.1},
		Event{Name: "fire", Week: 20, Kind: "capacity", Vendor: "Surge", Change: -0.3},
		Event{Name: "lock-in", Week: 22, Kind: "term", Vendor: "Scale", Lab: "Microsoft", Weeks: 26},
		Event{Name: "pledge", Week: 24, Kind: "commitment", Owner: "Meta", Vendor: "Scale", Minimum: 300},
		Event{Name: "closure", Week: 26, Kind: "end", Vendor: "Handshake", Until: 35},
		Event{Name: "half back", Week: 30, Kind: "sale", Owner: "Meta", Vendor: "Scale", Stake: 0.2, To: "Fund"},
		Event{Name: "court", Week: 40, Kind: "block", Owner: "Fund", Vendor: "Turing"})
	return s
}

func compile(t testing.TB, s Spec) *Plan {
	t.Helper()
	p, err := Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A digest of everything, the same on every machine and however many goroutines resume the agents. It
// changes when the model does; then look at what else did.
func TestOneDigest(t *testing.T) {
	plan := compile(t, everything())
	const want = "04653bc0422d3ab51d65653a691c46cc74e19a6c37995215daf2e8ca1c5a451a"
	for _, procs := range []int{1, 2, 8} {
		before := runtime.GOMAXPROCS(procs)
		traj, err := Run(t.Context(), plan, sim.Luck{Seed: 5, Run: 2}, Options{})
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if got := traj.Digest(); got != want {
			t.Errorf("with %d processors the digest is %s, want %s", procs, got, want)
		}
	}
}

// A market that was saved, sent through a file's encoding, restored into another and run on comes to the
// same bits as one that was never interrupted; and a fork leaves the original alone.
func TestSaveRestoreFork(t *testing.T) {
	plan := compile(t, everything())
	luck := sim.Luck{Seed: 9, Run: 4}
	whole, err := Run(t.Context(), plan, luck, Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := New(plan, luck)
	first := start(t, m, nil)
	for _, week := range []int{0, 1, 7, 8, 9, 17, 31, 59} {
		if err := first.To(t.Context(), week); err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := gob.NewEncoder(&file).Encode(m.Save(week)); err != nil {
			t.Fatal(err)
		}
		var state State
		if err := gob.NewDecoder(&file).Decode(&state); err != nil {
			t.Fatal(err)
		}
		fork := New(plan, sim.Luck{Seed: 77})
		rec := NewRecorder(fork, Options{})
		second := start(t, fork, rec.Observe)
		if err := fork.Restore(state); err != nil {
			t.Fatal(err)
		}
		second.Seek(state.Week)
		if err := second.To(t.Context(), plan.Weeks()); err != nil {
			t.Fatal(err)
		}
		rest := rec.Trajectory()
		if rest.Weeks != plan.Weeks()-week {
			t.Fatalf("restored at week %d, %d weeks were recorded", week, rest.Weeks)
		}
		tail := whole.series()
		for i, got := range rest.series() {
			all := *tail[i]
			if want := all[len(all)/plan.Weeks()*week:]; !slices.Equal(*got, want) {
				t.Errorf("restored at week %d, series %d differs from the uninterrupted run's", week, i)
			}
		}
		since := slices.DeleteFunc(slices.Clone(whole.Log), func(e Entry) bool { return e.Week < week })
		if !slices.Equal(rest.Log, since) {
			t.Errorf("restored at week %d, the log differs", week)
		}
	}
	other := New(compile(t, referenceSpec(true)), luck)
	if err := other.Restore(m.Save(59)); err == nil {
		t.Error("a state was restored into another market")
	}
}

func start(t testing.TB, m *Market, observe func(int)) *sim.Run {
	t.Helper()
	r, err := sim.Start(sim.Config{Worlds: []sim.World{m}, Phases: Phases(), Observe: observe})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Stop)
	return r
}

func TestCancelledRunKeepsItsWeeks(t *testing.T) {
	plan := compile(t, referenceSpec(true))
	m := New(plan, sim.Luck{})
	rec := NewRecorder(m, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	r := start(t, m, func(week int) {
		rec.Observe(week)
		if week == 20 {
			cancel()
		}
	})
	if err := r.To(ctx, plan.Weeks()); !errors.Is(err, context.Canceled) {
		t.Fatalf("the error is %v", err)
	}
	if got := rec.Trajectory(); got.Weeks != 21 || len(got.Revenue) != 21*8 {
		t.Errorf("%d weeks and %d revenues were recorded, want 21 and 168", got.Weeks, len(got.Revenue))
	}
}

// What is not observed is not paid for.
func TestWeeksDoNotAllocate(t *testing.T) {
	plan := compile(t, everything())
	m := New(plan, sim.Luck{})
	r := start(t, m, nil)
	if err := r.To(t.Context(), 15); err != nil { // the first review and the first departure are behind
		t.Fatal(err)
	}
	week := func(n int) float64 {
		return testing.AllocsPerRun(3, func() {
			if err := r.To(context.Background(), r.Week()+n); err != nil {
				panic(err)
			}
		})
	}
	if few, many := week(1), week(10); many > few {
		t.Errorf("10 weeks allocate %v times, one week %v", many, few)
	}
}

// A population of equal members is its line in pieces, herding apart: that counts heads.
func TestPopulationOfEquals(t *testing.T) {
	one, many := referenceSpec(true), referenceSpec(true)
	one.Model.Herding, many.Model.Herding = 0, 0
	many.Labs[0].Count = 3000
	a, b := run(t, one, sim.Luck{}), run(t, many, sim.Luck{})
	for i, x := range a.Revenue {
		if off := math.Abs(b.Revenue[i]-x) / x; off > 1e-9 {
			t.Fatalf("revenue %d is %v in pieces, %v whole", i, b.Revenue[i], x)
		}
	}
	for i, x := range a.Trust {
		if math.Abs(b.Trust[i]-x) > 1e-9 {
			t.Fatalf("trust %d is %v in pieces, %v whole", i, b.Trust[i], x)
		}
	}
}

// The members of a population have the sizes, exposures and rivalries that the line says, in every run the
// same.
func TestPopulation(t *testing.T) {
	s := referenceSpec(true)
	s.Labs[0].Count, s.Labs[0].SizeSigma, s.Labs[0].ExposureSD, s.Labs[0].RivalrySD = 20000, 0.8, 0.1, 0.05
	s.Labs[0].Exposure = 0.7
	p := compile(t, s)
	members := p.labs[:20000]
	var size, exposure, rivalry []float64
	total := 0.0
	for _, l := range members {
		total += l.size
		size = append(size, math.Log(l.size))
		exposure = append(exposure, l.exposure)
		rivalry = append(rivalry, l.rivalry[0])
	}
	if math.Abs(total-1) > 1e-12 {
		t.Errorf("the sizes add up to %v", total)
	}
	within := func(what string, xs []float64, mean, sd float64) {
		m, v := 0.0, 0.0
		for _, x := range xs {
			m += x / float64(len(xs))
		}
		for _, x := range xs {
			v += (x - m) * (x - m) / float64(len(xs))
		}
		if !math.IsNaN(mean) && math.Abs(m-mean) > 5*sd/math.Sqrt(20000) {
			t.Errorf("mean %s %v, want %v", what, m, mean)
		}
		if got := math.Sqrt(v); math.Abs(got/sd-1) > 0.05 {
			t.Errorf("standard deviation of %s %v, want %v", what, got, sd)
		}
	}
	within("log size", size, math.NaN(), 0.8)
	within("exposure", exposure, 0.7, 0.1)
	within("rivalry", rivalry, 0.9, 0.05)
	if name := New(p, sim.Luck{}).labs[20000].Name(); name != "Microsoft" {
		t.Errorf("the lab after the first of 20,000 is %q", name)
	}
	if name := New(p, sim.Luck{}).labs[41].Name(); name != "Google/42" {
		t.Errorf("the 42nd member is named %q", name)
	}
}

// A market that has been lived leaves nothing behind for the next one to live in its memory.
func TestLivedAgain(t *testing.T) {
	plan, luck := compile(t, everything()), sim.Luck{Seed: 3, Run: 1}
	digest := func(plan *Plan, luck sim.Luck, o Options) string {
		traj, err := Run(t.Context(), plan, luck, o)
		if err != nil {
			t.Fatal(err)
		}
		return traj.Digest()
	}
	want, lean := digest(plan, luck, Options{}), digest(compile(t, everything()), luck, Options{Lean: true})
	for range 3 { // a pool may forget what it was given
		digest(plan, sim.Luck{Seed: 4}, Options{Decisions: true})
		if got := digest(plan, luck, Options{Lean: true}); got != lean {
			t.Fatal("after a run whose decisions were written down, a lean one differs")
		}
		if got := digest(plan, luck, Options{}); got != want {
			t.Fatal("a run differs from the first one")
		}
	}
}

// The memory of a trajectory that was given up serves the next one, which is as if it had memory of its own.
func TestRelease(t *testing.T) {
	plan := compile(t, everything())
	live := func(run uint64) *Trajectory {
		traj, err := Run(t.Context(), plan, sim.Luck{Run: run}, Options{Lean: true})
		if err != nil {
			t.Fatal(err)
		}
		return traj
	}
	first := live(1)
	want := first.Digest()
	first.Release()
	for range 3 {
		other := live(2)
		again := live(1)
		other.Release()
		if again.Digest() != want {
			t.Fatal("in the memory of another run, a run differs")
		}
		again.Release()
	}
}
