package agents

import (
	"slices"
	"strings"
	"testing"

	"exodus/sim"
)

// A turn to the same plan changes nothing, to the last bit; one to another leaves the weeks before it alone, and
// one in week 0 is that plan from the start.
func TestTurn(t *testing.T) {
	spec := everything()
	plan := compile(t, spec)
	spec.Model.LeakAversion, spec.Model.AlarmRate = 0.5, 0.05
	spec.Labs[0].Growth = 0.9
	other := compile(t, spec)
	luck := sim.Luck{Seed: 4, Run: 6}
	run := func(first *Plan, turns ...Turn) *Trajectory {
		t.Helper()
		all, err := RunSideBySide(t.Context(), []Task{{first, luck, turns}, {first, sim.Luck{Seed: 8}, nil}}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return all[0]
	}
	whole, unlike := run(plan), run(other)
	if run(plan, Turn{0, plan}, Turn{13, plan}, Turn{14, plan}).Digest() != whole.Digest() {
		t.Error("turns to the same plan changed the run")
	}
	if run(plan, Turn{0, other}).Digest() != unlike.Digest() {
		t.Error("a turn in week 0 is not the other plan from the start")
	}
	turned, n := run(plan, Turn{20, other}), len(whole.Vendors)
	if !slices.Equal(turned.Revenue[:20*n], whole.Revenue[:20*n]) {
		t.Error("a turn changed weeks before it")
	}
	if slices.Equal(turned.Revenue[20*n:], whole.Revenue[20*n:]) {
		t.Error("a turn changed nothing after it")
	}

	spec.Model.CapacityLag++
	_, err := RunSideBySide(t.Context(), []Task{{plan, luck, []Turn{{5, compile(t, spec)}}}}, Options{})
	if err == nil || !strings.Contains(err.Error(), "week 5") {
		t.Errorf("a turn to another capacity lag: %v", err)
	}
}
