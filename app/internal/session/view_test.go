package session

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"exodus/agents"
	"exodus/agents/field"
	"exodus/app/internal/results"
	"exodus/scenarios"
	"exodus/sim"
)

// The pages show medians over the runs, or one: the deterministic run, or one by its number.
func TestView(t *testing.T) {
	s := begin(t, Config{Runs: 30})
	snap := settled(t, s)
	if snap.Of() != "median of 30 runs" || snap.View.RunTitle() != "the deterministic run" {
		t.Errorf("it opens on the %s, beside %s", snap.Of(), snap.View.RunTitle())
	}
	deterministic := snap.World.Run.Digest()
	calm, luck, err := snap.Reproduced()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := agents.Compile(calm.Spec)
	if err != nil {
		t.Fatal(err)
	}
	again, err := agents.Run(t.Context(), plan, luck, agents.Options{})
	if err != nil || again.Digest() != deterministic {
		t.Errorf("the deterministic run is not that of the scenario which is said to make it (%v)", err)
	}
	s.SetSeed("7")
	if snap = settled(t, s); snap.World.Run.Digest() != deterministic {
		t.Error("the deterministic run is another under another seed")
	}
	s.ShowRun("17")
	snap = settled(t, s)
	if plan, err = agents.Compile(snap.World.Scenario.Spec); err != nil {
		t.Fatal(err)
	}
	run, err := agents.Run(t.Context(), plan, sim.Luck{Seed: 7, Run: 17}, agents.Options{})
	if err != nil || snap.World.Run.Digest() != run.Digest() || snap.Of() != "run 17" {
		t.Errorf("run 17 is shown as %s (%v)", snap.Of(), err)
	}
	if got, want := snap.Value(results.Share, 60, 0), run.Share(60, 0); got != want {
		t.Errorf("its share is %g; want %g", got, want)
	}
	for _, wrong := range []string{"-3", "1.5", "first"} {
		s.ShowRun(wrong)
		if snap = settled(t, s); snap.Refused == nil || snap.Refused.Path != RunPath || snap.View.Run != 17 {
			t.Errorf("run %q is taken: %+v", wrong, snap.View)
		}
	}
	s.ShowMedian()
	if snap = settled(t, s); !snap.Medians() || snap.World.Run.Digest() != deterministic {
		t.Errorf("back at the median, it is the %s", snap.Of())
	}
}

// Who has left is the share of the runs in which a lab has, of the same runs as the medians.
func TestBuyers(t *testing.T) {
	s := begin(t, Config{Runs: 25})
	snap := settled(t, s)
	plan, err := agents.Compile(snap.World.Scenario.Spec)
	if err != nil {
		t.Fatal(err)
	}
	const week, google, scale = 34, 0, 0
	left, ever, trust := 0, 0, []float32{}
	for run := range 25 {
		r, err := agents.Run(t.Context(), plan, sim.Luck{Seed: 1, Run: uint64(run)}, agents.Options{})
		if err != nil {
			t.Fatal(err)
		}
		once := false
		for k := range week + 1 {
			once = once || r.HasLeft(k, google, scale)
		}
		if once {
			ever++
		}
		if r.HasLeft(week, google, scale) {
			left++
		}
		trust = append(trust, float32(r.Trust[r.Rel(week, google, scale)]))
	}
	all, known := snap.Leavings(week, scale)
	if l := all[google]; !known || l.Runs != 25 || l.Left != float64(left)/25 || l.Ever != float64(ever)/25 {
		t.Errorf("Google stands to Scale as %+v; want %d left and %d ever of 25 runs", l, left, ever)
	}
	if got, known := snap.Opinion(Trusts, week, google, scale); !known || float32(got) != quantiles(trust)[2] {
		t.Errorf("its trust is %g; want %g", got, quantiles(trust)[2])
	}
	if got, known := snap.Opinion(Trusts, week, google, 1); !known || got != 1 {
		t.Errorf("a vendor that nobody doubts is trusted %g", got)
	}
	if _, known := snap.Utilisation(week, scale); !known {
		t.Error("its utilisation is not known")
	}
}

// An event that is not called in English has its name whole.
func TestTitles(t *testing.T) {
	if of, title := titleOf(&scenarios.Input{Field: &field.Field{Title: "weeks to exit"}, Keys: []string{"events", "übernahme", "exit_weeks"}}); of != "Übernahme" || title != "Weeks to exit" {
		t.Errorf("it is called %s, %s", of, title)
	}
}

// Who must leave a vendor that ends its service is told so in the feed, and where labs stand, in one run and over all.
func TestMustLeave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "closing.toml")
	os.WriteFile(path, []byte(`title = "A supplier closes"
start = 2026-01-05
weeks = 60
[vendors.A]
[vendors.B]
[labs.L]
segment = "s"
exposure = 0.7
exit_weeks = 8
spend = { A = 100, B = 50 }
[events.closure]
date = 2026-03-06
kind = "end"
vendor = "A"
until = 2026-06-05
`), 0o666)
	s := begin(t, Config{Runs: 10})
	s.Open(path)
	snap := settled(t, s)
	var told []string
	for _, line := range snap.Feed {
		told = append(told, line.Text)
	}
	for _, want := range []string{"A will end its service in 13 weeks", "L must leave A, with USD 100M a year", "A ends its service"} {
		if !slices.Contains(told, want) {
			t.Errorf("the feed does not say %q: %q", want, told)
		}
	}
	for _, week := range []int{7, 8, 59} {
		all, known := snap.Leavings(week, 0)
		if one := snap.World.Scenario.Leavings("A", week, snap.World.Run); !known || !snap.Medians() || all[0].MustLeave() != (week >= 8) || one[0].MustLeave() != (week >= 8) {
			t.Errorf("week %d: over the runs %+v, in the one %+v", week, all, one)
		}
	}
}
