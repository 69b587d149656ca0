package session

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"exodus/agents"
	"exodus/app/internal/results"
	"exodus/scenarios"
	"exodus/sim"
)

// reference is a document of the reference scenario.
func reference(t testing.TB) document {
	t.Helper()
	s, err := scenarios.Load(defaultName)
	if err != nil {
		t.Fatal(err)
	}
	return document{Name: defaultName, Source: string(s.Source), base: s, Runs: 10, Seed: 1}
}

// live is the digest of a run of a document's market, without its log: interventions are told there too.
func live(t testing.TB, d document) *agents.Trajectory {
	t.Helper()
	m, _, err := d.build()
	if err != nil {
		t.Fatal(err)
	}
	all, err := agents.RunSideBySide(t.Context(), []agents.Task{m.main.task(sim.Luck{Seed: 3, Run: 1})}, agents.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

// An intervention that changes nothing gives exactly the same trajectory, for every lever there is.
func TestInterventionOfNothing(t *testing.T) {
	d := reference(t)
	want := live(t, d).Digest()
	for _, variant := range []string{"", "long-terms", "price-cut", "meta-commits"} {
		d := d
		d.Variant = variant
		if variant != "" {
			want = live(t, d).Digest()
		}
		base, err := d.base.With(variant, nil)
		if err != nil {
			t.Fatal(err)
		}
		acted := 0
		for _, in := range base.Inputs() {
			if variant != "" && in.Keys[0] != "events" {
				continue
			}
			d.Interventions = []Intervention{{20, in.Path, in.Write(in.Value)}}
			if _, _, err := d.build(); err != nil {
				continue // from the start only; see TestFromTheStartOnly
			}
			acted++
			if got := live(t, d).Digest(); got != want {
				t.Errorf("%s: an intervention that sets %s to what it is changed the run", variant, in.Path)
			}
		}
		if acted == 0 {
			t.Errorf("%s: no lever can act from a week on", variant)
		}
	}
}

// Weeks before an intervention stay as they were, and those after it do not, for every way in which one is made.
func TestIntervention(t *testing.T) {
	for _, at := range []struct {
		variant, path, value string
		week                 int
	}{
		{"", "model.leak_aversion", "1", 12},
		{"", "labs.Google.rivalry.Meta", "0", 12},
		{"", "labs.Google.growth", "1", 12},
		{"", "uncertainty.exposure", "0.5", 12},
		{"", "events.deal.stake", "0", 12},
		{"", "events.deal.stake", "0.1", 4}, // which is yet to come
		{"", "events.deal.executives", "0", 12},
		{"", "events.deal.votes", "0.4", 12},
		{"", "events.promise.credibility", "0.8", 12},
		{"", "vendors.Scale.firewall", "0.9", 12},
		{"", "vendors.Scale.price", "0.8", 12},
		{"", "vendors.Scale.quality", "2", 12},
		{"", "vendors.Scale.headroom", "1.6", 12},
		{"price-cut", "events.cut.change", "-0.5", 12},
		{"long-terms", "events.terms.weeks", "2", 12},
		{"meta-commits", "events.commitment.minimum", "900", 12},
	} {
		d := reference(t)
		d.Variant = at.variant
		before := live(t, d)
		d.Interventions = []Intervention{{at.week, at.path, at.value}}
		after := live(t, d)
		cut := at.week * len(before.Vendors)
		if !slices.Equal(after.Revenue[:cut], before.Revenue[:cut]) || !slices.Equal(after.Capacity[:cut], before.Capacity[:cut]) {
			t.Errorf("%s from week %d changed the weeks before", at.path, at.week)
		}
		if slices.Equal(after.Revenue[cut:], before.Revenue[cut:]) {
			t.Errorf("%s from week %d changed nothing", at.path, at.week)
		}
	}
}

// An event of the past that is set again in its own week comes to what it would have come to from the start.
func TestSetAgainAtOnce(t *testing.T) {
	d := reference(t)
	d.Changes = []Change{{"events.promise.credibility", "0.8"}, {"events.deal.stake", "0.2"}}
	want := live(t, d)
	d.Changes = nil
	d.Interventions = []Intervention{{8, "events.promise.credibility", "0.8"}, {8, "events.deal.stake", "0.2"}}
	got := live(t, d) // the deal is in week 8, so it is yet to come at its start
	if !slices.Equal(got.Revenue, want.Revenue) {
		t.Error("changes before the deal came to another market than from the start")
	}
	for _, in := range []Intervention{{0, "events.deal.stake", "0.2"}, {0, "model.leak_aversion", "2"}, {0, "labs.Google.growth", "0.9"}} {
		d.Changes, d.Interventions = []Change{{in.Path, in.Value}}, nil
		want := live(t, d).Digest()
		d.Changes, d.Interventions = nil, []Intervention{in}
		if live(t, d).Digest() != want {
			t.Errorf("%s in week 0 is not the change from the start", in.Path)
		}
	}
}

// What a market is built of, and what happened once, can be changed from the start only.
func TestFromTheStartOnly(t *testing.T) {
	for _, path := range []string{"weeks=90", "labs.Google.count=3", "labs.Google.spend.Scale=300", "model.capacity_lag_weeks=2", "model.foothold=0.01",
		"events.deal.valuation=3", "events.deal.owner=Investor", "start=2025-04-11"} {
		d := reference(t)
		c := cut(path)
		d.Interventions = []Intervention{{20, c.Path, c.Value}}
		if _, _, err := d.build(); err == nil {
			t.Errorf("%s acts from week 20", path)
		}
	}
}

func cut(change string) Change {
	for i, r := range change {
		if r == '=' {
			return Change{change[:i], change[i+1:]}
		}
	}
	return Change{}
}

// The ghost without a deal stays without one while the deal is changed; other changes reach it.
func TestBeside(t *testing.T) {
	d := reference(t)
	d.Compare = "no-deal"
	d.Changes = []Change{{"events.deal.stake", "0.3"}, {"model.leak_aversion", "7"}}
	m, missing, err := d.build()
	if err != nil || missing != nil {
		t.Fatal(err, missing)
	}
	spec := m.other.scenario.Spec
	if e := eventOf(m.other.scenario, "deal"); e.Stake != 0 || spec.Model.LeakAversion != 7 {
		t.Errorf("the ghost has a stake of %g and a leak aversion of %g", e.Stake, spec.Model.LeakAversion)
	}
	d.Compare = scenarios.Reference
	if m, missing, err = d.build(); err != nil || missing != nil || eventOf(m.other.scenario, "deal").Stake != 0.49 || m.other.scenario.Spec.Model.LeakAversion != 5 {
		t.Errorf("the file as it is: %v %v %+v", err, missing, m.other.scenario.Changes)
	}
}

// commands makes random commands for the core.
func commands(r *rand.Rand, levers []Lever) command {
	l := levers[r.IntN(len(levers))]
	value := l.Write(l.Low + r.Float64()*(l.High-l.Low))
	if l.Path == scenarios.JoinPath("labs", l.Of, "count") { // a million labs take their time
		value = fmt.Sprint(1 + r.IntN(20))
	}
	switch r.IntN(16) {
	case 0, 1, 2:
		return set{l.Path, value, false}
	case 3, 4, 5:
		return set{l.Path, value, true}
	case 6:
		return release{}
	case 7:
		return reset{l.Path}
	case 8:
		return choose{[]string{"", "no-deal", "audited-firewall", "price-cut", "nonsense"}[r.IntN(5)]}
	case 9:
		return compare{[]string{"", "no-deal", scenarios.Reference, "blocked", "nonsense"}[r.IntN(5)]}
	case 10:
		return setRuns{[]string{"10", "20", "none", "-1"}[r.IntN(4)]}
	case 11:
		return setSeed{fmt.Sprint(r.IntN(9) - 1)}
	case 12:
		return actFrom{r.IntN(2) == 0}
	case 13:
		return seek{r.IntN(110), false}
	case 14:
		return [...]command{undo{}, redo{}}[r.IntN(2)]
	default:
		return [...]command{set{"model.leak_aversion", "lots", false}, resetAll{}, open{"nowhere"}, edit{"weeks = 3\n"}, cancel{}}[r.IntN(5)]
	}
}

// After 10,000 random commands, undoing all of them returns the exact document, and doing all again the last one.
func TestUndoOfAll(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 500
	}
	s := begin(t, Config{Runs: 10})
	first := settled(t, s)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		cmd := commands(r, first.Levers)
		if _, broken := cmd.(edit); broken { // a text with problems is mended at once
			s.command(cmd)
			cmd = undo{}
		}
		s.command(cmd)
		if i%100 == 99 { // a window cannot give them all at once
			given := s.Commands()
			until(t, s, func(snap *Snapshot) bool { return snap.Command >= given })
		}
	}
	doAll := func() {
		for snap := s.Snapshot(); snap.Redo != ""; {
			s.Redo()
			given := s.Commands()
			snap = until(t, s, func(snap *Snapshot) bool { return snap.Command >= given })
		}
	}
	doAll() // what the last commands may have undone
	last := settled(t, s)
	for snap := last; snap.Undo != ""; {
		s.Undo()
		given := s.Commands()
		snap = until(t, s, func(snap *Snapshot) bool { return snap.Command >= given })
	}
	if got := settled(t, s); !sameDocument(got, first) {
		t.Errorf("undoing all came to another document:\n%+v\n%+v", documentOf(got), documentOf(first))
	} else if got.World.Run.Digest() != first.World.Run.Digest() || !sameFans(got.World.Fans, first.World.Fans) {
		t.Error("undoing all came to another market")
	}
	doAll()
	got := settled(t, s)
	if !sameDocument(got, last) {
		t.Errorf("doing all again came to another document:\n%+v\n%+v", documentOf(got), documentOf(last))
	}
	if len(last.Problems) == 0 && got.World.Run.Digest() != last.World.Run.Digest() { // else it is the last good one
		t.Error("doing all again came to another market")
	}
}

func sameFans(a, b *results.Bands) bool {
	if a == nil || b == nil {
		return a == b
	}
	return results.Digest(a) == results.Digest(b)
}

func documentOf(s *Snapshot) document {
	return document{Name: s.Name, File: s.File, Source: s.Source, Variant: s.Variant, Compare: s.Compare, Changes: s.Changes,
		Interventions: s.Interventions, Runs: s.Runs, Seed: s.Seed, ThisWeek: s.ThisWeek}
}

func sameDocument(a, b *Snapshot) bool {
	x, y := documentOf(a), documentOf(b)
	return x.same(&y)
}
