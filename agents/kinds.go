package agents

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"exodus/agents/field"
	"exodus/scenarios/words"
)

// heldFields are what an owner can have in a vendor.
var heldFields = []string{"stake", "votes", "executives"}

// Kind is a kind of event, and all that there is to know of it. Whatever reads, checks, publishes, lists or tells events
// asks it: a kind more is one more literal in [Kinds].
type Kind struct {
	Name       string
	Needs, May []string // the fields that an event of the kind must state, and those that it may
	Does       string   // in a line
	Tell       func(e *Event) string

	touches bool // whether it can cost its vendor trust

	// worth is the figure that the event has in the log.
	worth func(e *Event) float64
	// check says what is wrong with an event whose fields are right one by one, by what was published before; nil: nothing.
	check func(c *checker, e *Event, h *history, at eventPlan)
	// publish makes the event known, and says whether it is one for the worse.
	publish func(b *board, e *Event, at eventPlan) (worse bool)
	// amend is the event that makes later of a past one what it would have been with another value of a field; nil where it
	// cannot be taken back.
	amend func(e *Event, f *field.Field, was, is float64) *Event
}

// Kinds are all kinds of events.
var Kinds = []Kind{
	{
		Name: "stake", Needs: []string{"owner", "vendor", "stake"}, May: []string{"votes", "executives", "valuation_before", "valuation"},
		Does: "the owner holds that share from now on; what is not stated stays; valuations are for reports",
		Tell: func(e *Event) string {
			if e.Stake == 0 && e.Votes == 0 && e.Executives == 0 {
				return fmt.Sprintf("no stake for %s in %s", e.Owner, e.Vendor)
			}
			return fmt.Sprintf("%s takes %s of %s", e.Owner, words.StatedPercent(e.Stake), e.Vendor)
		},
		touches: true, worth: func(e *Event) float64 { return e.Stake }, publish: holds("stake", "votes", "executives"), amend: setAgain,
	},
	{
		Name: "votes", Needs: []string{"owner", "vendor", "votes"},
		Does: "the owner holds that share of the votes from now on",
		Tell: func(e *Event) string {
			return fmt.Sprintf("%s has %s of the votes in %s", e.Owner, words.StatedPercent(e.Votes), e.Vendor)
		},
		touches: true, worth: func(e *Event) float64 { return e.Votes }, publish: holds("votes"), amend: setAgain,
	},
	{
		Name: "executives", Needs: []string{"owner", "vendor", "executives"},
		Does:    "that share of the vendor's leading executives has moved to the owner",
		Tell:    func(e *Event) string { return fmt.Sprintf("executives of %s move to %s", e.Vendor, e.Owner) },
		touches: true, worth: func(e *Event) float64 { return e.Executives }, publish: holds("executives"), amend: setAgain,
	},
	{
		Name: "firewall", Needs: []string{"vendor", "credibility"},
		Does: "how well customers' data are kept from owners: a promise 0.15, audited 0.5, under a monitored order 0.8",
		Tell: func(e *Event) string {
			return fmt.Sprintf("%s promises a firewall (credibility %s)", e.Vendor, words.StatedPercent(e.Cred))
		},
		worth: func(e *Event) float64 { return e.Cred }, amend: setAgain,
		publish: func(b *board, e *Event, at eventPlan) bool {
			about := &b.News[at.vendor]
			worse := e.Cred < about.Firewall
			about.Firewall = e.Cred
			return worse
		},
	},
	changes("price", "relative: -0.2 is 20% less", func(about *bulletin) *float64 { return &about.PriceChange }, 1),
	changes("quality", "relative", func(about *bulletin) *float64 { return &about.Quality }, -1),
	changes("capacity", "relative", func(about *bulletin) *float64 { return &about.CapacityChange }, -1),
	{
		Name: "term", Needs: []string{"vendor", "weeks"}, May: []string{"lab"},
		Does: "weeks that a contract adds to leaving; for one lab, or for all",
		Tell: func(e *Event) string {
			return fmt.Sprintf("%s has terms of %s weeks%s", e.Vendor, words.Stated(e.Weeks), ofLab(e))
		},
		worth: func(e *Event) float64 { return e.Weeks }, amend: setAgain,
		publish: func(b *board, e *Event, at eventPlan) bool {
			b.offer(b.term, at, e.Weeks)
			return false
		},
	},
	{
		Name: "commitment", Needs: []string{"owner", "vendor", "minimum"},
		Does: "what the owner, being a lab, spends there at least",
		Tell: func(e *Event) string {
			return fmt.Sprintf("%s commits %s a year to %s", e.Owner, words.StatedMoney(e.Minimum), e.Vendor)
		},
		worth: func(e *Event) float64 { return e.Minimum }, amend: setAgain,
		check: func(c *checker, e *Event, _ *history, at eventPlan) {
			if c.Owners[at.owner].Lab == "" {
				c.wrong(e, "owner", "%s buys nothing that it could commit to; state owners.%s.lab", e.Owner, e.Owner)
			}
		},
		publish: func(b *board, e *Event, at eventPlan) bool {
			b.minimum[b.held(at.owner, at.vendor)] = e.Minimum
			return false
		},
	},
	{
		Name: "incident", Needs: []string{"vendor", "severity"}, May: []string{"lab"},
		Does:    "the share of trust that it destroys; that of one lab, or of all",
		Tell:    func(e *Event) string { return fmt.Sprintf("an incident at %s%s", e.Vendor, ofLab(e)) },
		touches: true, worth: func(e *Event) float64 { return e.Severity },
		publish: func(b *board, e *Event, at eventPlan) bool {
			b.offer(b.severity, at, e.Severity)
			return e.Severity > 0
		},
	},
	{
		Name: "block", Needs: []string{"owner", "vendor"},
		Does:    "the owner's stake, votes and executives there are again what they were before the scenario",
		Tell:    func(e *Event) string { return fmt.Sprintf("%s's stake in %s is undone", e.Owner, e.Vendor) },
		touches: true, worth: func(*Event) float64 { return 0 },
		check: func(c *checker, e *Event, _ *history, _ eventPlan) {
			if !c.dealt(e) {
				c.wrong(e, "owner", "%s has nothing in %s by then that could be undone", e.Owner, e.Vendor)
			}
		},
		publish: func(b *board, _ *Event, at eventPlan) bool {
			b.hold(b.held(at.owner, at.vendor), at.before)
			return false
		},
	},
	{
		Name: "sale", Needs: []string{"owner", "vendor", "stake"}, May: []string{"to"},
		Does: "part of the stake is sold, its votes along with it",
		Tell: func(e *Event) string {
			text := fmt.Sprintf("%s sells %s of %s", e.Owner, words.StatedPercent(e.Stake), e.Vendor)
			if e.To != "" {
				text += " to " + e.To
			}
			return text
		},
		touches: true, worth: func(e *Event) float64 { return e.Stake },
		check: func(c *checker, e *Event, h *history, at eventPlan) {
			if held := h.stake[h.held(at.owner, at.vendor)]; e.Stake > held+1e-9 {
				c.wrong(e, "stake", "%s holds %v of %s by then, and cannot sell %v", e.Owner, held, e.Vendor, e.Stake)
			}
		},
		publish: func(b *board, e *Event, at eventPlan) bool {
			if e.Stake == 0 { // as where a variant made the deal before it nothing
				return false
			}
			held := b.held(at.owner, at.vendor)
			part := min(1, e.Stake/b.stake[held])
			votes := float64(part * b.votes[held])
			b.stake[held], b.votes[held] = max(0, b.stake[held]-e.Stake), b.votes[held]-votes
			if at.to < 0 {
				return false
			}
			to := b.held(at.to, at.vendor)
			b.stake[to] += e.Stake
			b.votes[to] += votes
			return true
		},
	},
	{
		Name: "end", Needs: []string{"vendor", "until"},
		Does: "the vendor announces that it serves nobody from that day on: its customers must leave, and it takes no new work",
		Tell: func(e *Event) string {
			if e.Until == e.Week {
				return e.Vendor + " ends its service at once"
			}
			return fmt.Sprintf("%s will end its service in %s", e.Vendor, words.Counted(e.Until-e.Week, "week"))
		},
		worth: func(e *Event) float64 { return float64(e.Until - e.Week) },
		check: func(c *checker, e *Event, h *history, _ eventPlan) {
			if e.Until < e.Week {
				c.wrong(e, "until", "that is before it is announced; give a day on its date or after it")
			}
			if before := h.News[0]; before.Ending && e.Week >= before.End {
				c.wrong(e, "vendor", "%s has ended its service by then", e.Vendor)
			}
		},
		publish: func(b *board, e *Event, at eventPlan) bool {
			about := &b.News[at.vendor]
			about.Ending, about.End = true, e.Until
			return true
		},
	},
}

// KindOf is the kind of a name, or nil.
func KindOf(name string) *Kind {
	if i := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Name == name }); i >= 0 {
		return &Kinds[i]
	}
	return nil
}

// KindNames are the names of all kinds.
func KindNames() []string {
	names := make([]string, len(Kinds))
	for i := range Kinds {
		names[i] = Kinds[i].Name
	}
	return names
}

// Reads says whether an event of the kind has a field, by its name in a file.
func (k *Kind) Reads(name string) bool {
	return k != nil && (slices.Contains(k.Needs, name) || slices.Contains(k.May, name))
}

// Fields says which fields an event of the kind states: those that it must, and behind a semicolon those that it may.
func (k *Kind) Fields() string {
	text := strings.Join(k.Needs, ", ")
	if len(k.May) > 0 {
		text += "; " + strings.Join(k.May, ", ")
	}
	return text
}

// Tell says in a few words what the event is.
func (e *Event) Tell() string {
	if k := KindOf(e.Kind); k != nil {
		return k.Tell(e)
	}
	return e.Name
}

// Amend is the event that makes from a later week on of a past one what it would have been with another value of a field:
// nil where that cannot be taken back.
func (e *Event) Amend(week int, f *field.Field, was, is float64) *Event {
	amend := KindOf(e.Kind).amend
	if amend == nil || f.Fixed {
		return nil
	}
	again := amend(e, f, was, is)
	again.Week = week
	return again
}

// holds makes what the event states of these fields the total that its owner has of its vendor; the rest stays.
func holds(fields ...string) func(*board, *Event, eventPlan) bool {
	return func(b *board, e *Event, at eventPlan) (worse bool) {
		held := b.held(at.owner, at.vendor)
		for i, total := range [...]float64{e.Stake, e.Votes, e.Executives} {
			if name := heldFields[i]; slices.Contains(fields, name) && e.states(name) {
				slot := &[...][]float64{b.stake, b.votes, b.executives}[i][held]
				worse = worse || total > *slot
				*slot = total
			}
		}
		return worse
	}
}

// offer sets what a vendor's event means for the one line that it concerns, or for all.
func (b *board) offer(slots []float64, at eventPlan, value float64) {
	n := len(b.News)
	for line := range len(slots) / n {
		if at.line == line || at.line < 0 {
			slots[line*n+at.vendor] = value
		}
	}
}

// setAgain states the field again, as an event that is like the first, or as one of a part of a deal.
func setAgain(e *Event, f *field.Field, _, is float64) *Event {
	again := &Event{Kind: e.Kind, Owner: e.Owner, Vendor: e.Vendor, Lab: e.Lab, Stated: map[string]bool{
		f.Name: true, "owner": e.Owner != "", "vendor": true, "lab": e.Lab != "",
	}}
	if slices.Contains(heldFields, f.Name) {
		again.Kind = f.Name
	}
	f.Set(reflect.ValueOf(again).Elem(), is)
	return again
}

// makeUp makes up for the difference between two relative changes.
func makeUp(e *Event, _ *field.Field, was, is float64) *Event {
	return &Event{Kind: e.Kind, Vendor: e.Vendor, Change: (1+is)/(1+was) - 1}
}

// changes is a kind of event that changes something of a vendor by a factor, worse with the sign of the change.
func changes(name, does string, of func(*bulletin) *float64, worse float64) Kind {
	return Kind{
		Name: name, Needs: []string{"vendor", "change"}, Does: does,
		Tell: func(e *Event) string {
			if e.Change < 0 {
				return fmt.Sprintf("%s cuts its %s by %s", e.Vendor, name, words.StatedPercent(-e.Change))
			}
			return fmt.Sprintf("%s raises its %s by %s", e.Vendor, name, words.StatedPercent(e.Change))
		},
		worth: func(e *Event) float64 { return e.Change }, check: compounds, amend: makeUp,
		publish: func(b *board, e *Event, at eventPlan) bool {
			*of(&b.News[at.vendor]) *= 1 + e.Change
			return e.Change*worse > 0
		},
	}
}

// ofLab says which lab an event concerns that may be of one.
func ofLab(e *Event) string {
	if e.Lab == "" {
		return ""
	}
	return " for " + e.Lab
}

// mostCompounded is how many times greater, or smaller, the events of a run may make a vendor's price, quality or
// capacity: far beyond it, numbers overflow.
const mostCompounded = 1e6

// compounds checks what the relative changes of a vendor come to, event after event.
func compounds(c *checker, e *Event, h *history, _ eventPlan) {
	before := h.level[e.Kind]
	if before == 0 {
		before = 1
	}
	after := before * (1 + e.Change)
	h.level[e.Kind] = after
	within := func(x float64) bool { return x >= 1/mostCompounded && x <= mostCompounded }
	if within(before) && !within(after) { // said of the first
		c.wrong(e, "change", "together with earlier events, the %s of %s becomes %.3g times what it was at the start; it can become 1/%.0f to %.0f times that",
			e.Kind, e.Vendor, after, mostCompounded, mostCompounded)
	}
}
