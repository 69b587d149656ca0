package agents

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// sound is a Spec with nothing wrong in it.
func sound() Spec {
	return Spec{
		Weeks: 52,
		Model: Model{PriceSensitivity: 1.5, BusyAbove: 0.85, IdleBelow: 0.7, PriceNeutralAt: 0.85, Foothold: 0.002},
		Labs: []Lab{
			{Name: "Ada", Segment: "frontier", Rivalry: map[string]float64{"Own": 0.9}, Exposure: 0.5, ExitWeeks: 8, Count: 1,
				Spend: map[string]float64{"Alpha": 10, "Beta": 5, InHouse: 3}},
			{Name: "Bank", Segment: "enterprise", Exposure: 0.3, ExitWeeks: 20, Count: 100, SizeSigma: 1,
				Spend: map[string]float64{"Alpha": 20}},
		},
		Vendors: []Vendor{
			{Name: "Alpha", Price: 1, Quality: 1, Headroom: 1.25},
			{Name: "Beta", Price: 1, Quality: 1, Headroom: 1.25, Segments: []string{"frontier"}},
		},
		Owners: []Owner{{Name: "Own", Lab: "Ada"}, {Name: "Fund"}},
		Events: []Event{
			{Name: "deal", Week: 8, Kind: "stake", Owner: "Own", Vendor: "Alpha", Stake: 0.49, Executives: 1},
			{Name: "sale", Week: 20, Kind: "sale", Owner: "Own", Vendor: "Alpha", Stake: 0.1, To: "Fund"},
			{Name: "block", Week: 30, Kind: "block", Owner: "Own", Vendor: "Alpha"},
		},
	}
}

// Each rule, broken alone in a Spec that is sound otherwise, is told where it was broken, and so that it can be
// mended. Every one of them is told at once where several are broken.
func TestCheck(t *testing.T) {
	if problems := func() []Problem { s := sound(); return s.Check() }(); problems != nil {
		t.Fatalf("a sound Spec has problems: %v", Problems(problems))
	}
	event := func(e Event) func(*Spec) {
		return func(s *Spec) { e.Name = "it"; s.Events = append(s.Events, e) }
	}
	stated := func(fields string) map[string]bool {
		m := map[string]bool{}
		for _, f := range strings.Fields(fields) {
			m[f] = true
		}
		return m
	}
	for _, c := range []struct {
		breaks func(*Spec)
		want   string
	}{
		{func(s *Spec) { s.Weeks = 0; s.Events = nil }, "weeks: 0 weeks; a run has 1 to 5200"},
		{func(s *Spec) { s.Weeks = 5201 }, "weeks: 5201 weeks; a run has 1 to 5200"},
		{func(s *Spec) { s.Model.IdleBelow = 0.85 }, "model.busy_above: 0.85 is not above idle_below, 0.85"},
		{func(s *Spec) { s.Labs[0].Exposure, s.Model.LeakAversion, s.Model.PriceSensitivity = 0.7, 100, 0.01 }, "model.leak_aversion: 100 times an exposure of 0.7 over a price_sensitivity of 0.01 is 7000: a vendor would feel exp(7000) times as dear as it is, which is beyond all numbers; at most 700 is possible"},
		{func(s *Spec) { s.Model.AlarmRate = 1.1 }, "model.alarm_rate: 1.1 is out of range; it goes from 0 to 1"},
		{func(s *Spec) { s.Model.CapacityLag = -1 }, "model.capacity_lag_weeks: -1 is out of range; it goes from 0 to 520"},
		{func(s *Spec) { s.Uncertainty.Scale = math.NaN() }, "uncertainty.scale: NaN is not a number to reckon with; give a finite one"},
		{func(s *Spec) { s.Labs[0].Spend["Alpha"] = math.Inf(1) }, "labs.Ada.spend.Alpha: +Inf is not a number to reckon with; give a finite one"},
		{func(s *Spec) { s.Labs[0].Spend["Alpha"] = -1 }, "labs.Ada.spend.Alpha: -1 is out of range; it goes from 0 to 1000000000"},
		{func(s *Spec) { s.Labs[0].Rivalry["Own"] = 1.5 }, "labs.Ada.rivalry.Own: 1.5 is out of range; it goes from 0 to 1"},
		{func(s *Spec) { s.Labs[0].Rivalry["Onw"] = 0.5 }, `labs.Ada.rivalry.Onw: there is no owner "Onw"; did you mean Own?`},
		{func(s *Spec) { s.Labs[0].Spend["Alhpa"] = 1 }, `labs.Ada.spend.Alhpa: there is no vendor "Alhpa"; did you mean Alpha?`},
		{func(s *Spec) { s.Labs[1].Spend["Beta"] = 1 }, `labs.Bank.spend.Beta: Beta is not qualified for segment "enterprise", only for frontier`},
		{func(s *Spec) { s.Labs[1].Spend = map[string]float64{"Alpha": 0} }, "labs.Bank.spend: a lab needs spend with some vendor, or In-house"},
		{func(s *Spec) { s.Labs[1].Segment = "" }, "labs.Bank.segment: a segment is needed, such as frontier"},
		{func(s *Spec) { s.Labs[1].Count = MostLabs }, "labs.Bank.count: that makes more than 10000000 labs in all"},
		{func(s *Spec) { s.Labs[1].Exposure, s.Labs[1].ExposureSD = 0.1, 0.31 }, "labs.Bank.exposure_sd: 0.31 is too wide around a mean of 0.1; it must be below 0.3"},
		{func(s *Spec) { s.Labs[0].RivalrySD = 0.4 }, "labs.Ada.rivalry_sd: 0.4 is too wide around a mean of 0.9; it must be below 0.3"},
		{func(s *Spec) { s.Labs[1].Name = "Ada"; s.Labs[1].Segment = "frontier" }, "labs.Ada: this name is taken"},
		{func(s *Spec) { s.Labs[1].Name = "" }, "labs.: a name is needed"},
		{func(s *Spec) { s.Labs[1].Name = "a\tb" }, "labs.a\tb: a name may not have control characters such as line breaks"},
		{func(s *Spec) {
			s.Labs, s.Owners[0].Lab = nil, ""
			s.Vendors = []Vendor{{Name: "Alpha", Price: 1, Quality: 1, Headroom: 1, Capacity: 5}}
		}, "labs: a market needs a lab"},
		{func(s *Spec) { s.Vendors = append(s.Vendors, Vendor{Name: InHouse, Price: 1, Quality: 1, Headroom: 1}) }, "vendors.In-house: every lab has In-house anyway; choose another name"},
		{func(s *Spec) { s.Vendors = append(s.Vendors, Vendor{Name: "New", Price: 1, Quality: 1, Headroom: 1}) },
			"vendors.New: nobody buys from it at the start, so headroom leaves it without capacity; state its capacity"},
		{func(s *Spec) { s.Vendors[1].Segments = []string{"frontier", "enterprize"} }, `vendors.Beta.segments: no lab is of segment "enterprize"; did you mean enterprise?`},
		{func(s *Spec) { s.Vendors[0].Price = 2 }, "vendors.Alpha.price: 2 is out of range; it goes from 0.7 to 1.5"},
		{func(s *Spec) { s.Owners[1].Lab = "Adda" }, `owners.Fund.lab: there is no lab "Adda"; did you mean Ada?`},
		{func(s *Spec) { s.Owners[1].Lab = "Ada" }, "owners.Fund.lab: owner Own is lab Ada already"},

		{event(Event{Kind: "steak", Owner: "Own", Vendor: "Alpha"}), `events.it.kind: there is no kind of event "steak"; did you mean stake?`},
		{event(Event{Week: 52, Kind: "price", Vendor: "Alpha"}), "events.it.date: that is week 52; the run has weeks 0 to 51"},
		{event(Event{Week: -1, Kind: "price", Vendor: "Alpha"}), "events.it.date: that is week -1; the run has weeks 0 to 51"},
		{event(Event{Kind: "price", Vendor: "Alpa"}), `events.it.vendor: there is no vendor "Alpa"; did you mean Alpha?`},
		{event(Event{Kind: "price", Vendor: InHouse}), `events.it.vendor: there is no vendor "In-house"; there are Alpha, Beta`},
		{event(Event{Kind: "price"}), `events.it.vendor: there is no vendor ""; there are Alpha, Beta`},
		{event(Event{Kind: "price", Stated: stated("vendor change")}), `events.it.vendor: there is no vendor ""; there are Alpha, Beta`},
		{event(Event{Kind: "block", Vendor: "Beta", Stated: stated("owner vendor")}), `events.it.owner: there is no owner ""; there are Own, Fund`},
		{event(Event{Kind: "stake", Owner: "Won", Vendor: "Beta"}), `events.it.owner: there is no owner "Won"; did you mean Own?`},
		{event(Event{Kind: "incident", Vendor: "Beta", Lab: "Bonk", Severity: 0.1}), `events.it.lab: there is no lab "Bonk"; did you mean Bank?`},
		{event(Event{Kind: "incident", Vendor: "Beta", Severity: 1.1}), "events.it.severity: 1.1 is out of range; it goes from 0 to 1"},
		{event(Event{Kind: "firewall", Vendor: "Beta", Cred: math.Inf(-1)}), "events.it.credibility: -Inf is not a number to reckon with; give a finite one"},
		{event(Event{Kind: "commitment", Owner: "Fund", Vendor: "Beta", Minimum: 4}), "events.it.owner: Fund buys nothing that it could commit to; state owners.Fund.lab"},
		{event(Event{Kind: "price", Vendor: "Beta", Stated: stated("vendor")}), "events.it: an event of kind price needs change"},
		{event(Event{Kind: "price", Vendor: "Beta", Stated: stated("vendor change owner")}), "events.it.owner: an event of kind price has no owner; it has vendor, change"},
		{event(Event{Week: 9, Kind: "stake", Owner: "Fund", Vendor: "Alpha", Stake: 0.52}), "events.it.stake: the stake that owners hold in Alpha then add up to 1.01, which is over 1"},
		{event(Event{Week: 9, Kind: "executives", Owner: "Fund", Vendor: "Alpha", Executives: 0.1}), "events.it.executives: the executives that owners hold in Alpha then add up to 1.1, which is over 1"},
		{event(Event{Week: 7, Kind: "block", Owner: "Own", Vendor: "Alpha"}), "events.it.owner: Own has nothing in Alpha by then that could be undone"},
		{event(Event{Week: 9, Kind: "sale", Owner: "Own", Vendor: "Alpha", Stake: 0.5}), "events.it.stake: Own holds 0.49 of Alpha by then, and cannot sell 0.5"},
		{event(Event{Week: 21, Kind: "sale", Owner: "Fund", Vendor: "Alpha", Stake: 0.11}), "events.it.stake: Fund holds 0.1 of Alpha by then, and cannot sell 0.11"},
		{event(Event{Week: 31, Kind: "sale", Owner: "Own", Vendor: "Alpha", Stake: 0.1}), "events.it.stake: Own holds 0 of Alpha by then, and cannot sell 0.1"},
		{event(Event{Week: 9, Kind: "sale", Owner: "Own", Vendor: "Alpha", Stake: 0.1, To: "Own"}), "events.it.to: Own cannot sell to itself"},
	} {
		s := sound()
		c.breaks(&s)
		if got := Problems(s.Check()).Error(); got != c.want {
			t.Errorf("the problems are\n%s\nwant\n%s", got, c.want)
		}
	}
}

// Votes go along with a stake that is sold: whoever gets them may not have too many, and who gave them away may
// not be counted with them.
func TestCheckFollowsVotes(t *testing.T) {
	s := sound()
	s.Events = []Event{
		{Name: "deal", Week: 1, Kind: "stake", Owner: "Own", Vendor: "Alpha", Stake: 0.4, Votes: 0.6},
		{Name: "half", Week: 2, Kind: "sale", Owner: "Own", Vendor: "Alpha", Stake: 0.2},
		{Name: "other", Week: 3, Kind: "votes", Owner: "Fund", Vendor: "Alpha", Votes: 0.7},
		{Name: "rest", Week: 4, Kind: "sale", Owner: "Own", Vendor: "Alpha", Stake: 0.2, To: "Fund"},
		{Name: "back", Week: 5, Kind: "votes", Owner: "Own", Vendor: "Alpha", Votes: 0.01},
	}
	want := "events.back.votes: the votes that owners hold in Alpha then add up to 1.01, which is over 1"
	if got := Problems(s.Check()).Error(); got != want {
		t.Errorf("the problems are\n%s\nwant\n%s", got, want)
	}
}

// All that is wrong is told together, and suggestions stop where they would only take time.
func TestCheckTellsAll(t *testing.T) {
	s := sound()
	s.Weeks, s.Model.Herding, s.Labs[0].Exposure, s.Vendors[0].Quality, s.Owners[1].Lab, s.Events[0].Stake = 9000, -1, 2, 0, "Nobody", 7
	var paths []string
	for _, p := range s.Check() {
		paths = append(paths, strings.Join(p.Path, "."))
	}
	want := []string{"weeks", "model.herding", "vendors.Alpha.quality", "labs.Ada.exposure", "owners.Fund.lab", "events.deal.stake"}
	if !slices.Equal(paths[:min(6, len(paths))], want) {
		t.Errorf("the problems are at %v, want %v", paths, want)
	}

	s = sound()
	for i := range 2 * mostSuggested {
		s.Labs[0].Spend[fmt.Sprintf("Alpha%03d", i)] = 1
	}
	problems := s.Check()
	if len(problems) != 2*mostSuggested || !strings.HasSuffix(problems[0].Text, "did you mean Alpha?") || strings.Contains(problems[150].Text, ";") {
		t.Errorf("%d problems, from %v to %v", len(problems), problems[0], problems[len(problems)-1])
	}
}

// What is asked for is what was probably meant.
func TestNearest(t *testing.T) {
	for _, c := range []struct{ name, known, want string }{
		{"Gogle", "Google Meta", "; did you mean Google?"},
		{"google", "Google Meta", "; did you mean Google?"},
		{"Mtea", "Beta Meta", "; did you mean Meta?"}, // two swapped letters are one slip
		{"xyz", "Google Meta", "; there are Google, Meta"},
		{"xyz", "", "; there are none"},
		{"xyz", strings.Repeat("abcdefgh ", 21), ""},
	} {
		if got := Nearest(c.name, strings.Fields(c.known)); got != c.want {
			t.Errorf("%s among %s gives %q, want %q", c.name, c.known, got, c.want)
		}
	}
}
