package agents

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"exodus/sim"
)

// What each kind of event does, on the reference market without a deal: the figure that it moves, before its
// week (9) and in it or after.
func TestEvents(t *testing.T) {
	const scale, surge, turing = 0, 1, 2
	const google, microsoft, meta, government = 0, 1, 5, 9
	deal := Event{Name: "deal", Week: 8, Kind: "stake", Owner: "Meta", Vendor: "Scale", Stake: 0.49, Votes: 0.3, Executives: 1}
	at := func(e Event) Event { e.Name, e.Week = "it", 9; return e }
	state := func(e Event, fields ...string) Event {
		e.Stated = map[string]bool{"owner": true, "vendor": true}
		for _, f := range fields {
			e.Stated[f] = true
		}
		return e
	}
	conflict := func(power, rivalry, firewall float64) float64 {
		return (1 - math.Exp(-power)) * rivalry * (1 - firewall)
	}
	type market = *Trajectory
	conflictOf := func(week, lab, vendor int) func(market) float64 {
		return func(m market) float64 { return m.Conflict[m.Rel(week, lab, vendor)] }
	}
	for name, c := range map[string]struct {
		events []Event
		figure func(with, without market) float64
		want   float64
	}{
		"a stake alone": {
			[]Event{at(state(Event{Kind: "stake", Owner: "Meta", Vendor: "Scale", Stake: 0.3}, "stake"))},
			func(m, _ market) float64 { return conflictOf(9, google, scale)(m) }, conflict(2*0.3, 0.9, 0)},
		"votes are added to a stake": {
			[]Event{deal, at(state(Event{Kind: "votes", Owner: "Meta", Vendor: "Scale", Votes: 0.5}, "votes"))},
			func(m, _ market) float64 { return conflictOf(9, google, scale)(m) }, conflict(2*0.49+1.5*0.5+0.8, 0.9, 0)},
		"executives come back": {
			[]Event{deal, at(state(Event{Kind: "executives", Owner: "Meta", Vendor: "Scale"}, "executives"))},
			func(m, _ market) float64 { return conflictOf(9, google, scale)(m) }, conflict(2*0.49+1.5*0.3, 0.9, 0)},
		"a block undoes the deal": {
			[]Event{deal, at(Event{Kind: "block", Owner: "Meta", Vendor: "Scale"})},
			func(m, _ market) float64 { return conflictOf(9, google, scale)(m) }, 0},
		"a sale to somebody else": {
			[]Event{deal, at(Event{Kind: "sale", Owner: "Meta", Vendor: "Scale", Stake: 0.49 / 2, To: "Fund"})},
			func(m, _ market) float64 { return conflictOf(9, google, scale)(m) },
			1 - (1-conflict(2*0.245+1.5*0.15+0.8, 0.9, 0))*(1-conflict(2*0.245+1.5*0.15, 0.5, 0))},
		"a sale to nobody here": {
			[]Event{deal, at(Event{Kind: "sale", Owner: "Meta", Vendor: "Scale", Stake: 0.49})},
			func(m, _ market) float64 { return conflictOf(9, google, scale)(m) }, conflict(0.8, 0.9, 0)},
		"a sale of nothing": {
			[]Event{at(Event{Kind: "sale", Owner: "Meta", Vendor: "Scale"})},
			func(m, _ market) float64 {
				if m.Trust[m.Rel(9, google, scale)] == 1 { // and not NaN
					return 1
				}
				return 0
			}, 1},
		"a firewall": {
			[]Event{deal, at(Event{Kind: "firewall", Vendor: "Scale", Cred: 0.8})},
			func(m, _ market) float64 { return conflictOf(9, google, scale)(m) }, conflict(2*0.49+1.5*0.3+0.8, 0.9, 0.8)},
		"a price": {
			[]Event{at(Event{Kind: "price", Vendor: "Scale", Change: -0.2})},
			func(m, o market) float64 { return m.Price[m.At(9, scale)] / o.Price[o.At(9, scale)] }, 0.8},
		"a price acts in full, however large": {
			[]Event{at(Event{Kind: "price", Vendor: "Scale", Change: 3})},
			func(m, o market) float64 { return m.Price[m.At(9, scale)] / o.Price[o.At(9, scale)] }, 4},
		"a price acts in full, however small": {
			[]Event{at(Event{Kind: "price", Vendor: "Scale", Change: -0.75})},
			func(m, o market) float64 { return m.Price[m.At(9, scale)] / o.Price[o.At(9, scale)] }, 0.25},
		"a loss of capacity cuts all customers in proportion": {
			[]Event{at(Event{Kind: "capacity", Vendor: "Surge", Change: -0.9})},
			func(m, o market) float64 {
				return m.Spend[m.Rel(9, google, surge)] / m.Spend[m.Rel(9, microsoft, surge)] * o.Spend[o.Rel(8, microsoft, surge)] / o.Spend[o.Rel(8, google, surge)]
			}, 1},
		"a capacity": {
			[]Event{at(Event{Kind: "capacity", Vendor: "Surge", Change: -0.4})},
			func(m, o market) float64 { return m.Capacity[m.At(9, surge)] / o.Capacity[o.At(9, surge)] }, 0.6},
		"a term keeps a client longer": {
			[]Event{deal, {Name: "it", Week: 8, Kind: "term", Vendor: "Scale", Lab: "Google", Weeks: 26}},
			// Google's exit time is 6 weeks, and no emergency pause is possible under a term.
			func(m, o market) float64 {
				x, d := m.Spend[m.Rel(7, google, scale)], m.Decisions[8*10+google]
				return (x - d.Kept[scale]) / (x - d.Target[scale])
			}, 1 - math.Exp(-1./32)},
		"a term for one lab is nobody else's": {
			[]Event{deal, {Name: "it", Week: 8, Kind: "term", Vendor: "Scale", Lab: "Google", Weeks: 26}},
			func(m, _ market) float64 {
				x, d := m.Spend[m.Rel(7, microsoft, scale)], m.Decisions[8*10+microsoft]
				return (x - d.Kept[scale]) / (x - d.Target[scale])
			}, 1 - math.Exp(-1./8)*0.7},
		"a commitment is kept": {
			[]Event{at(Event{Kind: "commitment", Owner: "Meta", Vendor: "Scale", Minimum: 450})},
			func(m, _ market) float64 { return m.Spend[m.Rel(60, meta, scale)] }, 450},
		"an incident costs trust": {
			[]Event{at(Event{Kind: "incident", Vendor: "Turing", Severity: 0.4})},
			func(m, _ market) float64 {
				return m.Trust[m.Rel(9, government, turing)] + m.Trust[m.Rel(9, google, turing)]
			}, 1.2},
		"an incident is forgotten slowly": {
			[]Event{at(Event{Kind: "incident", Vendor: "Surge", Lab: "Google", Severity: 0.4})},
			func(m, _ market) float64 { return m.Trust[m.Rel(11, google, surge)] }, 1 - 0.4*0.988*0.988},
		"an incident of one lab": {
			[]Event{at(Event{Kind: "incident", Vendor: "Surge", Lab: "Google", Severity: 0.4})},
			func(m, _ market) float64 { return m.Trust[m.Rel(11, microsoft, surge)] }, 1},
		"quality draws every client by its elasticity": {
			[]Event{at(Event{Kind: "quality", Vendor: "Surge", Change: 0.5})},
			func(m, o market) float64 {
				a, b := m.Decisions[9*10+google], o.Decisions[9*10+google]
				return math.Exp(a.Utility[surge] - b.Utility[surge])
			}, 1.5},
	} {
		with, without := referenceSpec(false), referenceSpec(false)
		for _, s := range []*Spec{&with, &without} {
			s.Owners = append(s.Owners, Owner{Name: "Fund"})
			s.Labs[google].Rivalry["Fund"] = 0.5
		}
		with.Events = c.events
		if slices.ContainsFunc(c.events, func(e Event) bool { return e.Vendor == "Turing" }) {
			with.Vendors[turing].Segments, without.Vendors[turing].Segments = nil, nil // government too
		}
		got := c.figure(decided(t, with), decided(t, without))
		tolerance := 1e-12
		if name == "a commitment is kept" {
			tolerance = 1e-3 // from below, since leaving others takes notice
		}
		if !(math.Abs(got-c.want) <= tolerance*max(1, c.want)) { // so that NaN fails too
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func decided(t *testing.T, s Spec) *Trajectory {
	t.Helper()
	traj, err := Run(t.Context(), compile(t, s), sim.Luck{}, Options{Decisions: true})
	if err != nil {
		t.Fatal(err)
	}
	return traj
}

// A decision holds the equations of a lab: utilities, ideal mix, regret, target, notice.
func TestDecisions(t *testing.T) {
	traj := decided(t, referenceSpec(true))
	if len(traj.Decisions) != 104*10 {
		t.Fatalf("%d decisions", len(traj.Decisions))
	}
	before, first := traj.Decisions[7*10], traj.Decisions[8*10] // Google's
	if before.Lab != "Google" || before.Reviewing || before.Cause != "" && before.Regret > 0.01 {
		t.Errorf("before the deal: %+v", before)
	}
	d := first
	if !d.Reviewing || d.Cause != "deal" || d.Threshold != 0.03 {
		t.Errorf("Google's decision in the deal's week: %+v", d)
	}
	whole, regret := 0.0, 0.0
	for j := range d.Utility {
		whole += math.Exp(d.Utility[j])
	}
	for j := range d.Utility {
		if ideal := math.Exp(d.Utility[j]) / whole; math.Abs(ideal-d.Ideal[j]) > 1e-12 || math.Abs(ideal*d.Budget-d.Target[j]) > 1e-9 {
			t.Errorf("vendor %d: ideal %v, target %v, want %v of %v", j, d.Ideal[j], d.Target[j], ideal, d.Budget)
		}
		regret += d.Mix[j] * math.Log(d.Mix[j]/d.Ideal[j])
	}
	if math.Abs(regret-d.Regret) > 1e-12 {
		t.Errorf("the regret is %v, want %v", d.Regret, regret)
	}
	trust := 1 - 0.4*(1-math.Exp(-(2*0.49+0.8)))*0.9*0.85
	if math.Abs(d.Trust[0]-trust) > 1e-12 {
		t.Errorf("Google's trust in Scale is %v, want %v", d.Trust[0], trust)
	}
	if x := traj.Spend[traj.Rel(7, 0, 0)]; math.Abs(d.Kept[0]-(x-(x-d.Target[0])*(1-math.Exp(-1./6)*0.7))) > 1e-9 {
		t.Errorf("Google keeps %v of %v, aiming at %v", d.Kept[0], x, d.Target[0])
	}
	if plain := run(t, referenceSpec(true), sim.Luck{}); len(plain.Decisions) != 0 || !sameMarket(plain, traj) {
		t.Error("recording decisions changes the market, or is done unasked")
	}
}

// The log of the reference market tells the story: who reviews when, what it feels, who leaves, who lays off.
func TestLog(t *testing.T) {
	traj := run(t, referenceSpec(true), sim.Luck{})
	var got []string
	for _, e := range traj.Log {
		if e.Event != Pauses {
			got = append(got, fmt.Sprintf("%d %s %s %s %.3g %s", e.Week, e.Agent, e.Event, e.Vendor, e.Value, e.Cause))
		}
	}
	want := []string{
		"8 Meta stake Scale 0.49 deal",
		"8 Scale firewall Scale 0.15 promise",
		"8 Google review starts Scale 1.24 deal",
		"8 Microsoft review starts Scale 0.587 deal",
		"8 xAI review starts Scale 0.975 deal",
		"9 OpenAI review starts Scale 2.63 deal",
		"9 Other gen-AI review starts Scale 0.458 deal",
		"9 Handshake turns away Handshake 0.768 ",
		"11 Labelbox turns away Labelbox 0.308 ",
		"12 Google leaves Scale 94.3 deal",
		"12 OpenAI leaves Scale 15.4 deal",
		"12 xAI leaves Scale 37 deal",
		"13 Scale lays off Scale 1.36e+03 deal",
		"15 Microsoft leaves Scale 63.2 deal",
		"21 Other gen-AI review ends  0.0074 ",
		"23 OpenAI review ends  0.00629 ",
		"24 xAI review ends  0.00613 ",
		"25 Microsoft review ends  0.0068 ",
		"27 Google review ends  0.00617 ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the log is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
