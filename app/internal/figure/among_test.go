package figure

import (
	"math"
	"strings"
	"testing"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim"
)

// The share among chosen labs is of what these spend outside of their own house, and adds up to all of it.
func TestShareAmong(t *testing.T) {
	s, err := scenarios.Load("long-tail")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		t.Fatal(err)
	}
	run, err := agents.Run(t.Context(), plan, sim.Luck{Seed: 1}, agents.Options{})
	if err != nil {
		t.Fatal(err)
	}
	among := []string{"Small firms", "Start-ups"}
	f, err := Share(Results{Scenario: s, Run: run}, Options{Labs: among})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(f.Title, "Small firms and Start-ups") {
		t.Errorf("its title is %q", f.Title)
	}
	series := f.body.(*chart).panels[0].series
	for _, week := range []int{0, 40, 103} {
		sum := 0.0
		for _, line := range series {
			sum += line.values[week]
		}
		if len(series) != 4 || math.Abs(sum-1) > 1e-12 {
			t.Errorf("in week %d, %d shares add up to %g", week, len(series), sum)
		}
	}
	if got := series[0].values[0]; math.Abs(got-110.0/250) > 1e-3 {
		t.Errorf("Scale begins with %g of what they spend, want 110 of 250", got)
	}
}
