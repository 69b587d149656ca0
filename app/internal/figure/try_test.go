package figure

import (
	"image/png"
	"os"
	"testing"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim"
)

func TestTry(t *testing.T) {
	s, err := scenarios.Load("meta-scale")
	if err != nil {
		t.Fatal(err)
	}
	run := func(s *scenarios.Scenario) *agents.Trajectory {
		plan, _ := agents.Compile(s.Spec)
		tr, err := agents.Run(t.Context(), plan, sim.Luck{Seed: 1}, agents.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
	n, _ := s.With("no-deal", nil)
	r := Results{Scenario: s, Run: run(s), Ghost: run(n), GhostName: "no deal"}
	f, _ := Share(r, Options{})
	for _, d := range []bool{false, true} {
		name := "/tmp/try-light.png"
		if d {
			name = "/tmp/try-dark.png"
		}
		w, _ := os.Create(name)
		png.Encode(w, f.Image(1200, 700, 1, d))
		w.Close()
	}
}

func BenchmarkImage(b *testing.B) {
	s, _ := scenarios.Load("meta-scale")
	plan, _ := agents.Compile(s.Spec)
	tr, _ := agents.Run(b.Context(), plan, sim.Luck{Seed: 1}, agents.Options{})
	for b.Loop() {
		f, _ := Share(Results{Scenario: s, Run: tr, Ghost: tr}, Options{})
		f.Image(1200, 700, 1, false)
	}
}
