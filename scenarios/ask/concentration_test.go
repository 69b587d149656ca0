package ask

import (
	"context"
	"math"
	"testing"

	"exodus/scenarios"
)

// Two vendors of equal size: HHI 5,000. One owner with 40% of both, the rest each other people's.
//
// Partial control: gamma = beta, so for j and k the ratio is 0.4*0.4 / (0.4*0.4 + 0.6*0.6) = 0.16/0.52, and
// MHHI = 10,000 (2/4 + 2/4 * 0.16/0.52). Silent: the others decide, and earn nothing at the other vendor: MHHI = HHI.
// Full: the owner decides alone and earns the same of both: MHHI = 10,000, a monopoly.
func TestModifiedHHI(t *testing.T) {
	const market = `title = "Two suppliers"
start = 2026-01-05
weeks = 4
[uncertainty]
scale = 0
[vendors.A]
[vendors.B]
[labs.L]
segment = "all"
exposure = 0.1
exit_weeks = 4
spend = { A = 50, B = 50 }
[owners.O]
holds.A = { stake = 0.4 }
[events.deal]
date = 2026-01-12
kind = "stake"
owner = "O"
vendor = "B"
stake = 0.4
`
	s, err := scenarios.Parse("two.toml", []byte(market))
	if err != nil {
		t.Fatal(err)
	}
	h, err := HarmOf(context.Background(), s, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !h.Common() {
		t.Error("an owner of both has no common ownership")
	}
	for k, want := range []float64{5000, 5000 + 5000*0.16/0.52, 10000} {
		if got := h.MHHI(Present, 2, k).Median; math.Abs(got-want) > 1e-6 {
			t.Errorf("%s control: %v, not %v", Controls[k].Name, got, want)
		}
		if got := h.MHHI(Absent, 2, k).Median; math.Abs(got-5000) > 1e-6 {
			t.Errorf("%s control, with one of them: %v, not 5000", Controls[k].Name, got)
		}
	}
	if got := h.HHI(Present, 2, nil).Median; math.Abs(got-5000) > 1e-6 {
		t.Errorf("HHI %v, not 5000", got)
	}
	if got := h.HHI(Present, 2, []int{1, 5}).Median; math.Abs(got-3000) > 1e-6 { // 2,500 and five times 100
		t.Errorf("HHI with five firms of a tenth: %v, not 3000", got)
	}
}

// The HHI of published cases: the US merger guidelines' own example of four firms of 30, 30, 20 and 20 percent is 2,600.
func TestHHI(t *testing.T) {
	if got := HHI([]float64{30, 30, 20, 20}, nil); math.Abs(got-2600) > 1e-9 {
		t.Errorf("%v, not 2600", got)
	}
	if got := HHI([]float64{0, 0}, nil); got != 0 {
		t.Errorf("without revenue: %v", got)
	}
}

// The markets of a comparison must be alike, buyer by buyer; one in which nothing happens has no answer, and says so.
func TestUnlike(t *testing.T) {
	if _, err := HarmOf(context.Background(), load(t, "meta-scale", "events.deal.stake=0", "events.deal.executives=0"), 1, 1); err != ErrNoEvent {
		t.Errorf("a deal of nothing: %v", err)
	}
}

// Diversion adds up to 1 in each segment, by the model and in the run, where all money is delivered.
func TestDiversionAddsUp(t *testing.T) {
	h, err := HarmOf(context.Background(), load(t, "meta-scale", "uncertainty.scale=0"), 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	for k, segment := range h.Segments {
		logit, shown := 0.0, 0.0
		for _, d := range h.Diversion(h.Scenario.WeekAt(52), k) {
			logit += d.Logit.Median
			shown += d.Shown.Median
		}
		if math.Abs(logit-1) > 1e-9 {
			t.Errorf("%s: the logit's diversion comes to %v", segment, logit)
		}
		if segment == "frontier" && math.Abs(shown-1) > 1e-3 {
			t.Errorf("%s: the run's diversion comes to %v", segment, shown)
		}
	}
}

// Sums over segments, and over labs, are those of all buyers in each run; totals add up over weeks.
func TestHarmAddsUp(t *testing.T) {
	h, err := HarmOf(context.Background(), load(t, "meta-scale"), 8, 1)
	if err != nil {
		t.Fatal(err)
	}
	for run := range h.Runs {
		for _, week := range []int{h.Scenario.WeekAt(0), h.Scenario.WeekAt(26)} {
			all := len(h.Labs) + len(h.Segments)
			for part := range parts {
				sum, segments := 0.0, 0.0
				for i := range h.Labs {
					sum += h.losses.of(week, parts*i+part)[run]
				}
				for k := range h.Segments {
					segments += h.losses.of(week, parts*(len(h.Labs)+k)+part)[run]
				}
				whole := h.losses.of(week, parts*all+part)[run]
				if math.Abs(sum-whole) > 1e-9*max(1, math.Abs(whole)) || math.Abs(segments-whole) > 1e-9*max(1, math.Abs(whole)) {
					t.Errorf("run %d, week %d, part %d: labs %v, segments %v, all %v", run, week, part, sum, segments, whole)
				}
			}
		}
	}
	if before := h.All(h.Scenario.WeekAt(-1)); before != (LossSpread{}) {
		t.Errorf("before the event: %+v", before)
	}
}

// An incident's harm by hand: one lab, one vendor, In-house by its foothold alone. With trust cut to 1 - s, the log-sum
// falls by -ln(b exp(-beta_L e s) + (1 - b)), b the vendor's part with the foothold; the lab stands, so its mix is what it
// was, and the divergence makes up for the rest: V falls by the vendor's whole loss, beta_L e s.
func TestHarmByHand(t *testing.T) {
	const market = `title = "One supplier"
start = 2026-01-05
weeks = 3
[model]
review_threshold = 50
[uncertainty]
scale = 0
[vendors.A]
[labs.L]
segment = "all"
exposure = 0.5
exit_weeks = 4
spend = { A = 100 }
[events.leak]
date = 2026-01-12
kind = "incident"
vendor = "A"
severity = 0.3
`
	s, err := scenarios.Parse("one.toml", []byte(market))
	if err != nil {
		t.Fatal(err)
	}
	h, err := HarmOf(context.Background(), s, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := 100 * math.Expm1(5*0.5*0.3/1.5)
	if got := h.All(1).Harm.Median; math.Abs(got-want) > 1e-9*want {
		t.Errorf("harm %v, not %v", got, want)
	}
}
