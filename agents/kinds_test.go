package agents

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"exodus/agents/field"
	"exodus/sim"
)

// example is an event of a kind in the market of two sellers: it states what the kind needs, each number at the high end
// of its plausible range.
func example(k *Kind) Event {
	e := Event{Name: "it", Week: 8, Kind: k.Name, Stated: map[string]bool{}}
	to := reflect.ValueOf(&e).Elem()
	for _, name := range k.Needs {
		e.Stated[name] = true
		f := field.Of(to.Type()).Named(name)
		switch text := map[string]string{"vendor": "A", "owner": "O"}[name]; {
		case text != "":
			f.In(to).SetString(text)
		case name == "until":
			e.Until = 12
		default:
			f.Set(to, f.High)
		}
	}
	return e
}

// Every kind of event does something: in a market with a deal, an event of it changes the run from its week on, and not
// before. A kind that only stands in the list does not.
func TestEveryKindActs(t *testing.T) {
	for i := range Kinds {
		k := &Kinds[i]
		s := twoSellers(Event{Name: "deal", Week: 4, Kind: "stake", Owner: "O", Vendor: "A", Stake: 1})
		s.Owners[0].Lab = "L"
		if k.Name == "stake" {
			s.Events[0].Stake = 0.1
		}
		without := run(t, s, sim.Luck{})
		s.Events = append(s.Events, example(k))
		with := run(t, s, sim.Luck{})
		first := -1
		for j, series := range with.series() {
			for at, x := range *series {
				if week := at * with.Weeks / len(*series); x != (*without.series()[j])[at] && (first < 0 || week < first) {
					first = week
				}
			}
		}
		if first != 8 {
			t.Errorf("an event of kind %s in week 8 changes the run from week %d on", k.Name, first)
		}
		if s.ChangesNothing("it") {
			t.Errorf("an event of kind %s is said to change nothing", k.Name)
		}
		if text := s.Events[1].Tell(); text == "" || text == "it" || k.Does == "" {
			t.Errorf("an event of kind %s is told as %q", k.Name, text)
		}
		if !slices.ContainsFunc(with.Log, func(e Entry) bool { return e.Event == k.Name && e.Cause == "it" && e.Value == k.worth(&s.Events[1]) }) {
			t.Errorf("an event of kind %s is not in the log", k.Name)
		}
	}
}

// What an event states again of what holds already changes nothing.
func TestChangesNothing(t *testing.T) {
	twice := func(e Event) []Event {
		again := e
		again.Name, again.Week = "it", 9
		return []Event{e, again}
	}
	stated := map[string]bool{"owner": true, "vendor": true, "stake": true, "votes": true}
	for name, events := range map[string][]Event{
		"a stake":      twice(Event{Name: "one", Week: 8, Kind: "stake", Owner: "O", Vendor: "A", Stake: 0.3, Votes: 0.2, Stated: stated}),
		"executives":   twice(Event{Name: "one", Week: 8, Kind: "executives", Owner: "O", Vendor: "A", Executives: 1}),
		"a term":       twice(Event{Name: "one", Week: 8, Kind: "term", Vendor: "A", Lab: "L", Weeks: 26}),
		"a commitment": twice(Event{Name: "one", Week: 8, Kind: "commitment", Owner: "O", Vendor: "A", Minimum: 40}),
		"a firewall":   twice(Event{Name: "one", Week: 8, Kind: "firewall", Vendor: "A", Cred: 0.4}),
		"an end":       twice(Event{Name: "one", Week: 8, Kind: "end", Vendor: "A", Until: 20}),
		"no change":    {{Name: "it", Week: 8, Kind: "price", Vendor: "A"}},
		"no incident":  {{Name: "one", Week: 7, Kind: "incident", Vendor: "A", Severity: 0.5}, {Name: "it", Week: 8, Kind: "incident", Vendor: "A"}},
		"no sale":      {{Name: "it", Week: 8, Kind: "sale", Owner: "O", Vendor: "A"}},
		"a block of nothing more than before": {
			{Name: "one", Week: 7, Kind: "stake", Owner: "O", Vendor: "A", Stated: stated}, {Name: "it", Week: 8, Kind: "block", Owner: "O", Vendor: "A"}},
	} {
		s := twoSellers(events...)
		s.Owners[0].Lab = "L"
		if problems := s.Check(); problems != nil {
			t.Fatal(problems)
		}
		if !s.ChangesNothing("it") {
			t.Errorf("%s stated again is said to change something", name)
		}
		for _, e := range []Event{{Week: 8, Kind: "stake", Stake: 0.1}, {Week: 8, Kind: "block"}, {Week: 8, Kind: "capacity", Change: 0.1}} { // of the other vendor
			e.Name, e.Owner, e.Vendor = "before", "O", "B"
			other := s
			other.Events = append([]Event{e}, s.Events...)
			if !other.ChangesNothing("it") {
				t.Errorf("%s changes something beside an event of kind %s of another vendor", name, e.Kind)
			}
		}
	}
	s := twoSellers()
	if s.ChangesNothing("it") {
		t.Error("an event that is not there is said to change nothing")
	}
}

// A vendor that is to end its service, by hand. L buys 100 from A and 50 from B, without growth, and leaves at 1/8 a week;
// A announces in week 4 that it ends in week 8. So L must review: its regret is that of a mix of B alone against what it
// would buy from B and in-house, of which it has the foothold of 0.002 where B has a third, and a nat. It aims at nothing
// at A, and gives what it takes away half by preference and half evenly, which is to B.
func TestEnd(t *testing.T) {
	end := Event{Name: "closure", Week: 4, Kind: "end", Vendor: "A", Until: 8}
	s := twoSellers(end)
	s.Model.PriceAdjustment, s.Vendors[1].Headroom = 0, 5
	other := Lab{Name: "M", Segment: "s", Exposure: 0.5, ExitWeeks: 8, Count: 1, Spend: map[string]float64{"B": 20}} // no customer of A
	s.Labs = append(s.Labs, other)
	traj := decided(t, s)
	spend := func(week, lab, vendor int) float64 { return traj.Spend[traj.Rel(week, lab, vendor)] }
	stays := math.Exp(-1. / 8)
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	d := traj.Decisions[4*2]
	near("the regret", d.Regret, math.Log(1.006)-math.Log(1.002)+1)
	near("the ideal of A", d.Ideal[0], 0)
	near("the ideal of B", d.Ideal[1], 1/1.006)
	near("what L keeps at A", spend(4, 0, 0), 100*stays)
	near("what goes to B", spend(4, 0, 1), 50+100*(1-stays)*(0.5/1.006+0.5))
	near("what goes in-house", spend(4, 0, 2), 100*(1-stays)*0.5*0.006/1.006)
	near("what B is asked for", traj.Inquiries[traj.At(4, 1)], 20+spend(4, 0, 1)+1.5*100)
	near("what A is asked for", traj.Inquiries[traj.At(4, 0)], 100*stays)
	near("the last week of A", spend(7, 0, 0), 100*math.Pow(stays, 4))
	for week := range traj.Weeks {
		at := traj.At(week, 0)
		if over := week >= 8; over != (traj.Capacity[at] == 0) || over != (traj.Revenue[at] == 0) || over && traj.Inquiries[at] != 0 {
			t.Errorf("week %d: A has a capacity of %v, earns %v and is asked for %v", week, traj.Capacity[at], traj.Revenue[at], traj.Inquiries[at])
		}
		if traj.Left[traj.Rel(week, 0, 0)]+traj.CutOff[traj.Rel(week, 0, 0)] > 0 {
			t.Errorf("week %d: who must leave A is said to have left it, or to be cut off", week)
		}
		if near("what M spends with B", spend(week, 1, 1), 20); traj.Reviewing[week*2+1] != 0 || spend(week, 1, 0) != 0 {
			t.Errorf("week %d: M, no customer of A, reviews, or buys from A", week)
		}
		if reviews := traj.Reviewing[week*2] == 1; reviews != (week >= 4 && week <= 8) {
			t.Errorf("week %d: L reviews: %v", week, reviews)
		}
	}
	near("in the end all is placed", spend(29, 0, 1)+spend(29, 0, 2), 150)
	var told []string
	for _, e := range traj.Log {
		if e.Vendor == "A" && e.Event != TurnsAway && e.Event != LaysOff {
			told = append(told, e.Agent+" "+e.Event+" "+e.Cause)
		}
	}
	if want := []string{"A end closure", "L must leave closure", "A ends service closure"}; !slices.Equal(told, want) {
		t.Errorf("the log says %q, want %q", told, want)
	}
	again := s
	again.Events = append(slices.Clone(s.Events), Event{Name: "later", Week: 7, Kind: "end", Vendor: "A", Until: 12})
	if later := run(t, again, sim.Luck{}); later.Capacity[later.At(11, 0)] == 0 || later.Capacity[later.At(12, 0)] != 0 {
		t.Error("an end cannot be put off before it comes")
	}
	again.Events[1].Week = 8
	if problems := again.Check(); len(problems) != 1 || problems[0].Text != "A has ended its service by then" {
		t.Errorf("an end after the end: %v", problems)
	}
	for week, problem := range map[int]string{3: "that is before it is announced; give a day on its date or after it", 4: "", 4000: ""} {
		s.Events[0].Until = week
		if problems := s.Check(); (len(problems) > 0) != (problem != "") || problem != "" && problems[0].Text != problem {
			t.Errorf("an end in week %d: %v", week, problems)
		}
	}
}

// Those who must leave do not make others distrust a vendor; a term holds them longer; a commitment does not hold at all;
// whatever the threshold, they review.
func TestEndAndTheRest(t *testing.T) {
	end := Event{Name: "closure", Week: 6, Kind: "end", Vendor: "A", Until: 25}
	deal := Event{Name: "deal", Week: 2, Kind: "stake", Owner: "O", Vendor: "A", Stake: 0.05}
	s := twoSellers(deal, end)
	s.Model.ReviewThreshold, s.Model.PriceAdjustment = 5, 0
	traj := run(t, s, sim.Luck{})
	conflict := (1 - math.Exp(-2*0.05)) * 0.8
	for week := 2; week < 30; week++ {
		if got := traj.Conflict[traj.Rel(week, 0, 0)]; math.Abs(got-conflict) > 1e-12 {
			t.Errorf("week %d: the conflict is %v, want %v", week, got, conflict)
		}
	}
	if traj.Spend[traj.Rel(24, 0, 0)] > 20 || traj.Reviewing[5] != 0 || slices.Min(traj.Reviewing[6:25]) != 1 {
		t.Errorf("L spends %v with A in week 24, and reviews at %v", traj.Spend[traj.Rel(24, 0, 0)], traj.Reviewing)
	}
	cut := run(t, twoSellers(Event{Name: "fire", Week: 4, Kind: "capacity", Vendor: "A", Change: -0.9}, end), sim.Luck{})
	if !slices.ContainsFunc(cut.Log, func(e Entry) bool { return e.Event == CutOff }) || slices.ContainsFunc(cut.Log, func(e Entry) bool { return e.Event == Returns || e.Week > 6 && e.Event == CutOff }) {
		t.Errorf("who is cut off, and then must leave, is told as %v", cut.Log)
	}
	s.Events = append(s.Events, Event{Name: "contract", Week: 6, Kind: "term", Vendor: "A", Weeks: 26},
		Event{Name: "pledge", Week: 6, Kind: "commitment", Owner: "O", Vendor: "A", Minimum: 90})
	s.Owners[0].Lab = "L"
	held := run(t, s, sim.Luck{})
	if got, want := held.Spend[held.Rel(6, 0, 0)], 100*math.Exp(-1./34); math.Abs(got-want) > 1e-9 {
		t.Errorf("under a term of 26 weeks L keeps %v at A, want %v", got, want)
	}
	if got := held.Spend[held.Rel(29, 0, 0)]; got != 0 {
		t.Errorf("a commitment keeps %v at a vendor that serves nobody", got)
	}
}

// The engine's goroutines and a loop over the same agents come to the same bits, whatever happens.
func TestPlainLoop(t *testing.T) {
	plan, luck := compile(t, everything()), sim.Luck{Seed: 7, Run: 3}
	m := New(plan, luck)
	plain([][]sim.Kind{m.Kinds()}, plan.Weeks())
	other := New(plan, luck)
	if err := start(t, other, nil).To(t.Context(), plan.Weeks()); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(m.Save(60), other.Save(60)) {
		t.Error("the goroutines come to something else than a loop")
	}
}

// A lever that moves once its event has happened makes of it, from then on, what it would have been with the other value;
// what cannot be taken back says so.
func TestAmend(t *testing.T) {
	fields := field.Of(reflect.TypeFor[Event]()).All
	amended := map[string][]string{}
	for i := range Kinds {
		k := &Kinds[i]
		s := twoSellers()
		for j := range fields {
			f := &fields[j]
			if f.Kind != field.Number || !k.Reads(f.Name) {
				continue
			}
			past, would := example(k), example(k)
			past.Stated[f.Name], would.Stated[f.Name] = true, true
			was, is := f.Low+(f.High-f.Low)/4, f.Low+(f.High-f.Low)/2+0.1
			f.Set(reflect.ValueOf(&past).Elem(), was)
			f.Set(reflect.ValueOf(&would).Elem(), is)
			again := past.Amend(20, f, was, is)
			if again == nil {
				continue
			}
			amended[k.Name] = append(amended[k.Name], f.Name)
			then, at := s.historyOf("A", 1), s.historyOf("A", 1)
			for _, e := range []*Event{&past, again} {
				KindOf(e.Kind).publish(&then.board, e, then.next(&s, e))
			}
			k.publish(&at.board, &would, at.next(&s, &would))
			for n, x := range at.Numbers {
				if math.Abs(x-then.Numbers[n]) > 1e-12 {
					t.Errorf("%s: %s amended from %v to %v: %v, want %v", k.Name, f.Name, was, is, then.Numbers, at.Numbers)
				}
			}
			a, b := then.News[0], at.News[0]
			if math.Abs(a.Firewall-b.Firewall)+math.Abs(a.Quality-b.Quality)+math.Abs(a.PriceChange-b.PriceChange)+math.Abs(a.CapacityChange-b.CapacityChange) > 1e-12 || again.Week != 20 {
				t.Errorf("%s: %s amended from %v to %v: %+v, want %+v", k.Name, f.Name, was, is, a, b)
			}
			if problems := withEvents(s, past, *again).Check(); len(problems) > 0 {
				t.Errorf("%s: %s amended: %v", k.Name, f.Name, problems)
			}
		}
	}
	want := map[string][]string{"stake": {"stake", "votes", "executives"}, "votes": {"votes"}, "executives": {"executives"}, "firewall": {"credibility"},
		"price": {"change"}, "quality": {"change"}, "capacity": {"change"}, "term": {"weeks"}, "commitment": {"minimum"}}
	if !reflect.DeepEqual(amended, want) {
		t.Errorf("these can be amended: %v, want %v", amended, want)
	}
}

func withEvents(s Spec, events ...Event) *Spec {
	s.Owners = []Owner{{Name: "O", Lab: "L"}}
	s.Events = events
	for i := range s.Events {
		if i > 0 {
			s.Events[i].Name += "again"
		}
	}
	return &s
}

// More than all of a vendor is refused where it comes about, be it by what a block restores.
func TestMoreThanAll(t *testing.T) {
	stated := map[string]bool{"owner": true, "vendor": true, "stake": true}
	s := twoSellers(
		Event{Name: "less", Week: 2, Kind: "stake", Owner: "O", Vendor: "A", Stake: 0.3, Stated: stated},
		Event{Name: "fund", Week: 3, Kind: "stake", Owner: "Fund", Vendor: "A", Stake: 0.5, Stated: stated},
		Event{Name: "court", Week: 4, Kind: "block", Owner: "O", Vendor: "A", Stated: map[string]bool{"owner": true, "vendor": true}})
	s.Owners = []Owner{{Name: "O", Holds: []Holding{{Vendor: "A", Stake: 0.6}}}, {Name: "Fund"}}
	problems := s.Check()
	if len(problems) != 1 || !slices.Equal(problems[0].Path, []string{"events", "court", "owner"}) {
		t.Errorf("%v", problems)
	}
}
