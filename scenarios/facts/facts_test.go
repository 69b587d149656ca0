package facts

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim"
	"exodus/sim/study"
)

func load(t testing.TB, name string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func with(t testing.TB, s *scenarios.Scenario, variant string, changes ...string) *scenarios.Scenario {
	t.Helper()
	changed, err := s.With(variant, changes)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// The reference scenario shows every fact that it states, in the median of 200 runs, and none of what is only
// claimed. A market in which trust does not matter fails at least four of them.
func TestFacts(t *testing.T) {
	s := load(t, "meta-scale")
	scores, err := Judge(t.Context(), s, 200, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(scores) != 9 {
		t.Fatalf("%d facts", len(scores))
	}
	for _, score := range scores {
		want := Holds
		if score.Fact.Claim {
			want = NotSupported
		}
		if score.Verdict != want {
			t.Errorf("%s: %s: %+v", score.Fact.ID, score.Verdict, score.Checks)
		}
		for _, c := range score.Checks {
			if !(c.Low <= c.Median && c.Median <= c.High) || len(c.Values) != 200 {
				t.Errorf("%s: the interval of %d values is %v to %v around %v", score.Fact.ID, len(c.Values), c.Low, c.High, c.Median)
			}
		}
	}

	blind, err := Judge(t.Context(), with(t, s, "", "model.leak_aversion=0"), 20, 1)
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, score := range blind {
		if score.Verdict == FallsShort {
			failed++
		}
	}
	if failed < 4 {
		t.Errorf("a market in which trust does not matter fails %d facts only", failed)
	}
}

// Scores do not hang on how runs are grouped, and a fact that a change put out of reach is an error.
func TestScore(t *testing.T) {
	s := load(t, "template")
	few, err := Judge(t.Context(), s, 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	many, err := Judge(t.Context(), s, scoreGroup+10, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := many[0].Checks[0].Values[:10]; !slices.Equal(got, few[0].Checks[0].Values) {
		t.Errorf("of many runs the first are %v, of few %v", got, few[0].Checks[0].Values)
	}
	for i := 1; i < 10; i++ {
		if few[0].Checks[0].Values[i] == few[0].Checks[0].Values[0] {
			t.Error("two runs have the same luck")
		}
	}
	if few[0].Checks[0].Met < 0.5 {
		t.Errorf("%v of the runs meet the template's fact", few[0].Checks[0].Met)
	}
	_, err = Judge(t.Context(), with(t, s, "", "events.deal.date=2027-06-01"), 1, 1)
	if err == nil || !strings.Contains(err.Error(), "+26 weeks after deal is not in the run") {
		t.Errorf("a fact out of reach gives %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Judge(ctx, s, 1000, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled score gives %v", err)
	}
}

// The facts leave less of leak aversion than was assumed, and cannot tell the stake from the executives, since both
// moved on the same day. Every point that is kept holds all facts, and the seed alone decides which they are.
func TestCalibrate(t *testing.T) {
	s := load(t, "meta-scale")
	var params []study.Param
	for _, path := range []string{"model.leak_aversion", "model.control_per_stake", "model.control_per_executives", "model.inquiry_multiple"} {
		p, err := s.Range(path)
		if err != nil {
			t.Fatal(err)
		}
		params = append(params, p)
	}
	params[0].Low = 0.5 // far below what is plausible
	calibrate := func() *Posterior {
		p, err := Calibrate(t.Context(), s, params, 60, 5, 3, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := calibrate()
	if len(p.Accepted) < 5 || len(p.Accepted) > 50 || p.Tried != 60 {
		t.Fatalf("%d of %d points are kept", len(p.Accepted), p.Tried)
	}
	if least := slices.Min(p.Values(0)); least < 1.5 {
		t.Errorf("a leak aversion of %v holds all facts", least)
	}
	all, err := Calibrate(t.Context(), s, s.Ranges(), 40, 20, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Alike) != 1 || all.Alike[0].A != "model.control_per_stake" || all.Alike[0].B != "model.control_per_executives" {
		t.Errorf("what cannot be told apart is %v, want the stake and the executives, which moved together", all.Alike)
	}
	if !slices.Contains(all.Silent, "model.control_per_votes") || slices.Contains(all.Silent, "model.leak_aversion") {
		t.Errorf("what moves nothing is %v; no votes changed hands", all.Silent)
	}
	for i, f := range s.Facts {
		if f.Claim != (p.Held[i] == 0) {
			t.Errorf("%s holds at %v of the points", f.ID, p.Held[i])
		}
	}
	for _, point := range p.Accepted[:3] {
		var changes []string
		for k, param := range params {
			changes = append(changes, fmt.Sprintf("%s=%v", param.Name, point[k]))
		}
		scores, err := Judge(t.Context(), with(t, s, "", changes...), 5, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, score := range scores {
			if score.Verdict == FallsShort {
				t.Errorf("%v was kept, and %s falls short", point, score.Fact.ID)
			}
		}
	}
	if again := calibrate(); !slices.EqualFunc(again.Accepted, p.Accepted, slices.Equal) {
		t.Error("the same seed keeps other points")
	}
}

// The measures of runs are the metrics of facts, wherever the variant that a fact compares with is run too, in whatever
// pieces the plan is run; with all that is recorded come the relations.
func TestModelMeasures(t *testing.T) {
	s := load(t, "meta-scale")
	m := scenarios.NewModel(s)
	plan := &study.Plan{Model: m.Name(), Variants: []string{scenarios.Reference, "no-deal"}, Points: [][]float64{{}}, Runs: 40, Seed: 1, Chunk: 100}
	scores, err := Judge(t.Context(), s, 40, 1)
	if err != nil {
		t.Fatal(err)
	}
	var values [][]float64
	var ids []string
	for _, score := range scores {
		for _, c := range score.Checks {
			values, ids = append(values, c.Values), append(ids, score.Fact.ID)
		}
	}
	if len(m.Measures()) != len(values) {
		t.Fatalf("%d measures, %d checks of facts", len(m.Measures()), len(values))
	}
	run := func(m *scenarios.Model, from, to int) []study.Result {
		var jobs []study.Job
		for i := from; i < to; i++ {
			jobs = append(jobs, plan.Job(i))
		}
		results, err := m.Run(t.Context(), plan, jobs)
		if err != nil {
			t.Fatal(err)
		}
		return results
	}
	measured := 0
	for _, pieces := range [][]int{{0, 80}, {0, 3, 37, 70, 75, 80}} { // some of them apart from what they compare with
		for p := 1; p < len(pieces); p++ {
			for i, r := range run(m, pieces[p-1], pieces[p]) {
				job := plan.Job(pieces[p-1] + i)
				for k, x := range r.Measures {
					f := scores[slices.IndexFunc(scores, func(s Score) bool { return s.Fact.ID == ids[k] })].Fact
					switch {
					case f.Variant != "" || job.Variant == 1 && f.Against == "":
						if f.Variant != "" && !math.IsNaN(x) {
							t.Errorf("%s is of another variant, and measured as %v", ids[k], x)
						}
					case job.Variant == 0 && x != values[k][job.Run]:
						t.Errorf("%s is %v in run %d, want %v", m.Measures()[k], x, job.Run, values[k][job.Run])
					case job.Variant == 0:
						measured++
					}
				}
			}
		}
	}
	if measured < 2*40*8 {
		t.Errorf("only %d measures were compared", measured)
	}

	full := scenarios.NewModel(s)
	full.Full = true
	lone, err := agents.Compile(s.Spec)
	if err != nil {
		t.Fatal(err)
	}
	trajectory, err := agents.Run(t.Context(), lone, sim.Luck{Seed: 1, Run: 2}, agents.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := run(full, 2, 3)[0].Series
	if len(all) != len(full.Series()) {
		t.Errorf("%d series, want %d", len(all), len(full.Series()))
	}
	vendors, google, surge := len(full.Vendors()), slices.Index(full.Labs(), "Google"), slices.Index(full.Vendors(), "Surge")
	unit := google*vendors + surge
	for name, want := range map[string]float64{
		"trust": trajectory.Trust[trajectory.Rel(50, google, surge)],
		"spend": trajectory.Spend[trajectory.Rel(50, google, surge)],
	} {
		if got := all[slices.Index(full.Series(), name)][50*len(full.Labs())*vendors+unit]; got != want || want == 0 {
			t.Errorf("%s of Google and Surge is %v, want %v", name, got, want)
		}
	}
	if got, want := all[1][50*vendors+surge], trajectory.Share(50, surge); got != want {
		t.Errorf("the share of Surge is %v, want %v", got, want)
	}
}

// From a point at which facts fall short, the search finds one at which all hold, by the seed alone; of facts that
// contradict each other, it finds the nearest.
func TestFit(t *testing.T) {
	s := load(t, "meta-scale")
	aversion, err := s.Range("model.leak_aversion")
	if err != nil {
		t.Fatal(err)
	}
	stake, err := s.Range("model.control_per_stake")
	if err != nil {
		t.Fatal(err)
	}
	aversion.Low, aversion.High = 0, 4 // in the middle of which trust matters too little
	params := []study.Param{aversion, stake}
	fit := func(s *scenarios.Scenario) *Best {
		best, err := Fit(t.Context(), s, params, 80, 3, 7, nil)
		if err != nil {
			t.Fatal(err)
		}
		return best
	}
	best := fit(s)
	if best.Distance != 0 || best.Tried < 2 {
		t.Fatalf("after %d points the distance is %v at %v", best.Tried, best.Distance, best.Point)
	}
	for _, score := range best.Scores {
		if score.Verdict == FallsShort {
			t.Errorf("at distance 0, %s falls short", score.Fact.ID)
		}
	}
	if again := fit(s); !slices.Equal(again.Point, best.Point) || again.Tried != best.Tried {
		t.Error("the same seed finds another point")
	}
	none := with(t, s, "")
	for i := range none.Facts { // trust cannot matter and not matter
		for c := range none.Facts[i].Checks {
			if check := &none.Facts[i].Checks[c]; check.Metric == "spend_change" {
				low := 5.0
				*check = scenarios.Check{Metric: check.Metric, Lab: check.Lab, Vendor: check.Vendor, Week: check.Week, Min: &low}
			}
		}
	}
	if best := fit(none); best.Distance == 0 || best.Tried != 80 {
		t.Errorf("facts that cannot hold are met after %d points, at distance %v", best.Tried, best.Distance)
	}
}
