package agents

import (
	"reflect"
	"slices"
	"strings"

	"exodus/agents/field"
)

func (c *checker) checkEvents() {
	c.names("events", len(c.Events), func(i int) string { return c.Events[i].Name })
	held, levels := c.heldBefore(), map[[2]string]float64{}
	for _, e := range c.inOrder() {
		before := len(c.found)
		c.numbers(reflect.ValueOf(*e), "events", e.Name)
		c.checkFields(e)
		if len(c.found) == before {
			c.apply(e, held)
			c.compound(e, levels)
		}
	}
}

// inOrder are the events as they are published.
func (s *Spec) inOrder() (events []*Event) {
	for i := range s.Events {
		events = append(events, &s.Events[i])
	}
	slices.SortStableFunc(events, func(a, b *Event) int { return a.Week - b.Week })
	return events
}

// ChangesNothing says whether an event of the Spec states what held before it, as where a variant undoes a deal.
func (s *Spec) ChangesNothing(name string) bool {
	c := &checker{Spec: s}
	start, held := c.heldBefore(), c.heldBefore()
	var before []*Event
	for _, e := range c.inOrder() {
		if e.Name != name {
			c.apply(e, held)
			before = append(before, e)
			continue
		}
		// last is what the last event of the kind before it states of the same, or what held at the start.
		last := func(of func(*Event) float64, start float64) float64 {
			for _, o := range slices.Backward(before) {
				if o.Kind == e.Kind && o.Vendor == e.Vendor && o.Owner == e.Owner && (o.Lab == "" || o.Lab == e.Lab) {
					return of(o)
				}
			}
			return start
		}
		switch e.Kind {
		case "stake", "votes", "executives":
			for i, x := range [...]float64{e.Stake, e.Votes, e.Executives} {
				if e.States(heldFields[i]) && x != held[[3]string{heldFields[i], e.Vendor, e.Owner}] {
					return false
				}
			}
			return true
		case "block":
			for _, field := range heldFields {
				if at := [3]string{field, e.Vendor, e.Owner}; held[at] != start[at] {
					return false
				}
			}
			return true
		case "sale":
			return e.Stake == 0
		case "price", "quality", "capacity":
			return e.Change == 0
		case "incident":
			return e.Severity == 0
		case "term":
			return e.Weeks == last(func(o *Event) float64 { return o.Weeks }, 0)
		case "commitment":
			return e.Minimum == last(func(o *Event) float64 { return o.Minimum }, 0)
		case "firewall":
			of := slices.IndexFunc(s.Vendors, func(v Vendor) bool { return v.Name == e.Vendor })
			return of >= 0 && e.Cred == last(func(o *Event) float64 { return o.Cred }, s.Vendors[of].Firewall)
		}
	}
	return false
}

// mostCompounded is how many times greater, or smaller, the events of a run may make a vendor's price, quality or
// capacity: far beyond it, numbers overflow.
const mostCompounded = 1e6

// compound follows the relative changes of a vendor from event to event.
func (c *checker) compound(e *Event, levels map[[2]string]float64) {
	if !Kinds[e.Kind].Reads("change") {
		return
	}
	key := [2]string{e.Kind, e.Vendor}
	before, changed := levels[key]
	if !changed {
		before = 1
	}
	within := func(x float64) bool { return x >= 1/mostCompounded && x <= mostCompounded }
	if levels[key] = before * (1 + e.Change); within(before) && !within(levels[key]) { // said of the first
		c.at([]string{"events", e.Name, "change"}, "together with earlier events, the %s of %s becomes %.3g times what it was at the start; it can become 1/%.0f to %.0f times that",
			e.Kind, e.Vendor, levels[key], mostCompounded, mostCompounded)
	}
}

// checkFields checks what an event by itself must and may say.
func (c *checker) checkFields(e *Event) {
	at := func(field string) []string { return []string{"events", e.Name, field} }
	kind, ok := Kinds[e.Kind]
	if !ok {
		c.at(at("kind"), "there is no kind of event %q%s", e.Kind, Nearest(e.Kind, sortedKeys(Kinds)))
		return
	}
	if c.Weeks > 0 && (e.Week < 0 || e.Week >= c.Weeks) {
		c.at(at("date"), "that is week %d; the run has weeks 0 to %d", e.Week, c.Weeks-1)
	}
	if e.Stated != nil {
		for _, field := range kind.Needs {
			if !e.Stated[field] {
				c.at([]string{"events", e.Name}, "an event of kind %s needs %s", e.Kind, field)
			}
		}
		for _, f := range field.Of(reflect.TypeFor[Event]()).All {
			if f.Name != "date" && f.Name != "kind" && e.Stated[f.Name] && !kind.Reads(f.Name) {
				c.at(at(f.Name), "an event of kind %s has no %s; it has %s", e.Kind, f.Name, strings.Join(append(slices.Clone(kind.Needs), kind.May...), ", "))
			}
		}
	}
	if kind.Reads("vendor") && (e.Stated == nil || e.Stated["vendor"]) {
		vendors := c.vendorNames()
		c.known(at("vendor"), "vendor", e.Vendor, vendors[:len(vendors)-1])
	}
	if kind.Reads("owner") && (e.Stated == nil || e.Stated["owner"]) {
		c.known(at("owner"), "owner", e.Owner, c.ownerNames())
	}
	if e.Lab != "" {
		c.known(at("lab"), "lab", e.Lab, c.labNames())
	}
	if e.To != "" {
		c.known(at("to"), "owner", e.To, c.ownerNames())
		if e.To == e.Owner {
			c.at(at("to"), "%s cannot sell to itself", e.Owner)
		}
	}
	if e.Kind == "commitment" {
		if i := slices.IndexFunc(c.Owners, func(o Owner) bool { return o.Name == e.Owner }); i >= 0 && c.Owners[i].Lab == "" {
			c.at(at("owner"), "%s buys nothing that it could commit to; state owners.%s.lab", e.Owner, e.Owner)
		}
	}
}

// heldFields are what an owner can have in a vendor.
var heldFields = []string{"stake", "votes", "executives"}

// holdings are the stakes, votes and executives that owners have in vendors, by field, vendor and owner.
type holdings map[[3]string]float64

// heldBefore is what owners hold from before the start.
func (c *checker) heldBefore() holdings {
	held := holdings{}
	for _, o := range c.Owners {
		for _, h := range o.Holds {
			for i, x := range [...]float64{h.Stake, h.Votes, h.Executives} {
				held[[3]string{heldFields[i], h.Vendor, o.Name}] = x
			}
		}
	}
	return held
}

// checkTotal checks that owners do not hold more of a vendor than there is.
func (c *checker) checkTotal(path []string, held holdings, field, vendor, add string) {
	if total := held.total(field, vendor, c.ownerNames()); total > 1+1e-9 {
		c.at(path, "the %s that owners hold in %s %s up to %.4g, which is over 1", field, vendor, add, total)
	}
}

// apply follows what is held from event to event.
func (c *checker) apply(e *Event, held holdings) {
	at := func(field string) []string { return []string{"events", e.Name, field} }
	set := func(field string, value float64) {
		held[[3]string{field, e.Vendor, e.Owner}] = value
		place := field
		if !e.States(field) {
			place = "owner"
		}
		c.checkTotal(at(place), held, field, e.Vendor, "then add")
	}
	switch e.Kind {
	case "stake", "votes", "executives":
		for i, field := range heldFields {
			if e.States(field) {
				set(field, [...]float64{e.Stake, e.Votes, e.Executives}[i])
			}
		}
	case "block":
		if !c.dealt(e) {
			c.at(at("owner"), "%s has nothing in %s by then that could be undone", e.Owner, e.Vendor)
		}
		before := c.heldBefore()
		for _, field := range heldFields {
			set(field, before[[3]string{field, e.Vendor, e.Owner}])
		}
	case "sale":
		key, votes := [3]string{"stake", e.Vendor, e.Owner}, [3]string{"votes", e.Vendor, e.Owner}
		if e.Stake > held[key]+1e-9 {
			c.at(at("stake"), "%s holds %v of %s by then, and cannot sell %v", e.Owner, held[key], e.Vendor, e.Stake)
			return
		}
		if e.Stake == 0 {
			return
		}
		gone := float64(min(1, e.Stake/held[key]) * held[votes]) // votes go along in proportion
		held[key] = max(0, held[key]-e.Stake)
		held[votes] -= gone
		if e.To != "" {
			held[[3]string{"stake", e.Vendor, e.To}] += e.Stake
			held[[3]string{"votes", e.Vendor, e.To}] += gone
		}
	}
}

// dealt says whether an event before e gives its owner something in its vendor, be it 0: a deal whose size a
// variant sets to nothing may still be blocked.
func (c *checker) dealt(e *Event) bool {
	return slices.ContainsFunc(c.Events, func(o Event) bool {
		return (o.Week <= e.Week || o.Week >= c.Weeks) && o.Vendor == e.Vendor && (o.Owner == e.Owner && slices.Contains(heldFields, o.Kind) || o.To == e.Owner && o.Kind == "sale")
	})
}

func (h holdings) total(field, vendor string, owners []string) (total float64) {
	for _, owner := range owners {
		total += h[[3]string{field, vendor, owner}]
	}
	return total
}
