package scenarios

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"exodus/agents"
	"exodus/sim"
	"exodus/sim/study"
)

// runs runs a scenario under some luck, side by side.
func runs(t testing.TB, s *Scenario, n int) []*agents.Trajectory {
	t.Helper()
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		t.Fatal(err)
	}
	var all []*agents.Trajectory
	for first := 0; first < n; first += 32 {
		var tasks []agents.Task
		for run := first; run < min(n, first+32); run++ {
			tasks = append(tasks, agents.Task{Plan: plan, Luck: sim.Luck{Seed: 1, Run: uint64(run)}})
		}
		some, err := agents.RunSideBySide(t.Context(), tasks, agents.Options{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, some...)
	}
	return all
}

// The digests of every built-in market, with every variant, with luck and without: the same on every
// processor. They change when the model does, or a scenario; then see what else did.
func TestDigests(t *testing.T) {
	var got strings.Builder
	for _, name := range Names() {
		s := load(t, name)
		for _, v := range append([]Variant{{}}, s.Variants...) {
			for _, scale := range []string{"0", "1"} {
				w := with(t, s, v.Name, "uncertainty.scale="+scale)
				fmt.Fprintf(&got, "%s %q scale %s: %s\n", name, v.Name, scale, runs(t, w, 1)[0].Digest())
			}
		}
	}
	const path = "testdata/digests.txt"
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the digests are\n%swant\n%s", got.String(), want)
	}
}

// What the variants are for: each answers a question, in the right direction.
func TestVariants(t *testing.T) {
	s := load(t, "meta-scale")
	share := map[string]float64{}
	for _, v := range append([]Variant{{}}, s.Variants...) {
		run := runs(t, with(t, s, v.Name, "uncertainty.scale=0"), 1)[0]
		share[v.Name] = run.Share(8+51, 0)
	}
	order := strings.Fields("no-deal minority-ceo-stays monitored-firewall audited-firewall ceo-stays")
	for i := 1; i < len(order); i++ {
		if share[order[i-1]] <= share[order[i]] {
			t.Errorf("Scale keeps %.3f with %s, %.3f with %s", share[order[i-1]], order[i-1], share[order[i]], order[i])
		}
	}
	if share["neutral-investor"] != share["no-deal"] {
		t.Error("a neutral investor costs Scale customers")
	}
	for _, better := range []string{"audited-firewall", "price-cut", "long-terms", "meta-commits", "minority-ceo-leaves", "blocked"} {
		if share[better] <= share[""] {
			t.Errorf("with %s Scale keeps %.4f, without %.4f", better, share[better], share[""])
		}
	}
}

// What a check measures, on two small trajectories in which a deal falls in week 2.
func TestMetrics(t *testing.T) {
	s := load(t, "template") // for its events alone
	s.Spec.Events[0].Week = 2
	make := func(spend ...float64) *agents.Trajectory {
		tr := &agents.Trajectory{Labs: []string{"a", "b"}, Vendors: []string{"V", "W", agents.InHouse}, Weeks: len(spend)}
		for _, x := range spend {
			// Lab a spends x with V; lab b spends 10 with V, 30 with W and 5 in-house.
			tr.Spend = append(tr.Spend, x, 0, 0, 10, 30, 5)
			tr.Revenue = append(tr.Revenue, x+10, 30, 5)
			tr.Load = append(tr.Load, x+10, 30, 5)
			tr.Inquiries = append(tr.Inquiries, 2*(x+10), 60, 5)
		}
		return tr
	}
	run, against := make(100, 90, 60, 44, 20), make(100, 90, 112, 122, 132)
	f := &Fact{Event: s.Spec.Events[0].Name}
	for _, c := range []struct {
		check Check
		want  float64
	}{
		{Check{Metric: "spend", Lab: "a", Vendor: "V", Week: 0}, 60},
		{Check{Metric: "spend", Lab: "a", Minus: "b", Vendor: "V", Week: 0}, 50},
		{Check{Metric: "spend", Lab: "a", Over: "b", Vendor: "V", Week: 2}, 2},
		{Check{Metric: "spend_change", Lab: "a", Vendor: "V", Week: 1}, 44./90 - 1},
		{Check{Metric: "spend_loss", Lab: "a", Vendor: "V", Week: 2}, 70},
		{Check{Metric: "weeks_to_half", Lab: "a", Vendor: "V"}, 1},
		{Check{Metric: "inquiries_ratio", Vendor: "V", Week: 0}, 1.4},
		{Check{Metric: "load_ratio", Vendor: "V", Week: 0}, 0.7},
		{Check{Metric: "share", Vendor: "V", Week: 2}, 0.5},
		{Check{Metric: "revenue", Vendor: "V", Week: 2}, 30},
		{Check{Metric: "revenue", Rivals: "V", Week: 2}, 30},
		{Check{Metric: "gain", Vendor: "V", Week: 0}, -52},
		{Check{Metric: "cumulative_gain", Vendor: "V", Week: 2}, (-52. - 78 - 112) / 52},
		{Check{Metric: "largest_difference", Week: 0}, 112},
	} {
		if got := s.Measure(f, &c.check, run, against); got < c.want-1e-12 || got > c.want+1e-12 {
			t.Errorf("%+v is %v, want %v", c.check, got, c.want)
		}
	}
	never := s.Measure(f, &Check{Metric: "weeks_to_half", Lab: "a", Vendor: "V", Week: 1}, make(100, 90, 80, 70, 60), nil)
	if never < 1e300 {
		t.Errorf("a lab that never halves its spend does so in week %v", never)
	}
	one, two := 1.0, 2.0
	for _, c := range []struct {
		check Check
		x     float64
		met   bool
	}{
		{Check{Min: &one}, 1, true}, {Check{Above: &one}, 1, false}, {Check{Max: &two}, 2, true}, {Check{Below: &two}, 2, false},
		{Check{Min: &one, Max: &two}, 1.5, true}, {Check{Min: &one, Max: &two}, 2.5, false},
	} {
		if c.check.Met(c.x) != c.met {
			t.Errorf("%v meets %s: %v", c.x, c.check.Bounds(), !c.met)
		}
	}
}

// Where a study compares variants, a design does not undo what tells them apart: without a deal, the market is the same
// at every stake. Alone, a variant is varied as the file is.
func TestVariantsKeepWhatTheyState(t *testing.T) {
	s := with(t, load(t, "meta-scale"), "", "uncertainty.scale=0")
	m := NewModel(s)
	run := func(variants ...string) []study.Result {
		t.Helper()
		p := &study.Plan{Model: m.Name(), Variants: variants, Params: []string{"events.deal.stake"}, Points: [][]float64{{0.1}, {0.4}}, Runs: 1, Seed: 1, Chunk: 100}
		results, err := m.Run(t.Context(), p, p.JobsOf(0))
		if err != nil {
			t.Fatal(err)
		}
		return results
	}
	both := run(Reference, "no-deal") // by point, then by variant
	if !slices.Equal(both[1].Series[0], both[3].Series[0]) {
		t.Error("a market without a deal hangs on the stake of the deal")
	}
	if slices.Equal(both[0].Series[0], both[2].Series[0]) || slices.Equal(both[0].Series[0], both[1].Series[0]) {
		t.Error("the stake makes no difference to the deal")
	}
	m = NewModel(s)
	if alone := run("no-deal"); slices.Equal(alone[0].Series[0], alone[1].Series[0]) {
		t.Error("a variant alone is not varied")
	}
}

func TestRange(t *testing.T) {
	s := load(t, "meta-scale")
	if got := len(s.Ranges()); got != 13 {
		t.Errorf("%d parameters are uncertain", got)
	}
	for path, want := range map[string][2]float64{"model.leak_aversion": {3, 8}, "labs.Google.exposure": {0, 1}, "labs.Google.spend.Scale": {0, 500}, "events.deal.stake": {0, 1},
		`labs."Google" .exposure`: {0, 1}, "labs.Google.count": {1, 1e6}, "model.capacity_lag_weeks": {1, 12}} {
		if p, err := s.Range(path); err != nil || p.Low != want[0] || p.High != want[1] {
			t.Errorf("the range of %s is %v, %v", path, p, err)
		}
	}
	wide, err := Parse("wide.toml", []byte(strings.Replace(string(s.Source), "leak_aversion = 5 ", "leak_aversion = 12 ", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if p, err := wide.Range("model.leak_aversion"); err != nil || p.Low != 3 || p.High != 12 {
		t.Errorf("a value outside of the plausible range gives %v, %v", p, err)
	}
	// Wherever the value comes from: a file, a change, a variant, or a change of a variant.
	changed := with(t, s, "", "model.leak_aversion=20", "labs.Google.exit_weeks=80", "model.capacity_lag_weeks=0")
	for path, want := range map[string][2]float64{"model.leak_aversion": {3, 20}, "labs.Google.exit_weeks": {1, 80}, "model.capacity_lag_weeks": {0, 12}} {
		if p, err := changed.Range(path); err != nil || p.Low != want[0] || p.High != want[1] || p.Whole != (path == "model.capacity_lag_weeks") {
			t.Errorf("changed, the range of %s is %v, %v", path, p, err)
		}
	}
	varied, err := Parse("varied.toml", append(slices.Clone(s.Source), "\n[variants.timid]\nmodel.leak_aversion = 20\nevents.cut = { date = 2025-07-01, kind = \"price\", vendor = \"Scale\", change = -0.7 }\n"...))
	if err != nil {
		t.Fatal(err)
	}
	timid := with(t, varied, "timid")
	for path, want := range map[string][2]float64{"model.leak_aversion": {3, 20}, "events.cut.change": {-0.7, 0.5}} {
		if p, err := timid.Range(path); err != nil || p.Low != want[0] || p.High != want[1] {
			t.Errorf("in a variant, the range of %s is %v, %v", path, p, err)
		}
	}
	for _, path := range []string{"labs.Google.segment", "labs.Google", "model.nothing", "weeks", "uncertainty.ranges", "events.deal.weeks", "model.", ""} {
		if p, err := s.Range(path); err == nil {
			t.Errorf("%s has the range %v", path, p)
		}
	}
}

// A number is written so that it reads back exactly, and a whole one as a whole one.
func TestNumeral(t *testing.T) {
	for x, want := range map[float64]string{1e6: "1000000", 12: "12", -3: "-3", 0.21: "0.21", 1e21: "1e+21", 1e-7: "1e-07", 1234567.5: "1.2345675e+06", 0: "0"} {
		if got := numeral(x); got != want {
			t.Errorf("%v is written %s", x, got)
		}
	}
}
