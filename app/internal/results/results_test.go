package results

import (
	"math"
	"testing"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim"
)

func lived(t *testing.T) *agents.Trajectory {
	t.Helper()
	s, err := scenarios.Load("meta-scale")
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
	return run
}

// The quantities are those that studies record, by name and by value.
func TestQuantities(t *testing.T) {
	if int(quantities) != len(scenarios.Quantities) {
		t.Fatalf("there are %d quantities, and studies record %d", quantities, len(scenarios.Quantities))
	}
	run := lived(t)
	for q, series := range scenarios.Values(run) {
		row := Quantity(q).Append(nil, run)
		for week := range run.Weeks {
			for j := range run.Vendors {
				got, want := Quantity(q).Of(run, week, j), series[run.At(week, j)]
				if same := row[run.At(week, j)]; (got != want || same != want) && (got == got || want == want || same == same) {
					t.Fatalf("%s of %s in week %d is %v, and a study records %v", Quantity(q), run.Vendors[j], week, got, want)
				}
			}
		}
	}
}

// Bands among other vendors and weeks are found by name and by date; what is not there is said to be none, or nothing.
func TestAmong(t *testing.T) {
	run := lived(t)
	own := OfRun(run)
	vendors := []string{"Surge", "Nobody", "Scale"}
	there := own.Among(vendors, run.Weeks, -3)
	if got, want := there.At(Share, 10, 2), own.At(Share, 7, 0); got != want {
		t.Errorf("three weeks later Scale has %v, want %v", got, want)
	}
	if got := there.At(Revenue, 10, 1); got != (Band{}) {
		t.Errorf("who is not there sells %v", got)
	}
	for what, b := range map[string]Band{"a price of nobody": there.At(Price, 10, 1), "a week before the first": there.At(Share, 2, 2), "a week after the last": own.At(Share, run.Weeks, 0)} {
		if !math.IsNaN(b.Median()) {
			t.Errorf("%s is %v", what, b)
		}
	}
}

// A digest tells worlds apart that differ in one number, in their weeks, or in their order.
func TestDigest(t *testing.T) {
	run := lived(t)
	other := *run
	other.Price = append([]float64(nil), run.Price...)
	other.Price[500] += 1e-15
	a, b := OfRun(run), OfRun(&other)
	if Digest(a) == Digest(b) || Digest(a, b) == Digest(b, a) || Digest(a) == Digest(a.Among(a.Vendors, a.Weeks-1, 0)) {
		t.Error("different worlds have one digest")
	}
	if Digest(a, b) != Digest(OfRun(run), b) {
		t.Error("a world has two digests")
	}
}
