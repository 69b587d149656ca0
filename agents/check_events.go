package agents

import (
	"reflect"
	"slices"
	"strings"

	"exodus/agents/field"
)

// checkEvents checks each event by itself, and then, vendor by vendor, what they come to one after the other.
func (c *checker) checkEvents() {
	c.names("events", c.EventNames())
	var sound []*Event
	for _, e := range c.inOrder() {
		found := len(c.found)
		c.numbers(reflect.ValueOf(*e), "events", e.Name)
		if c.checkFields(e); len(c.found) == found {
			sound = append(sound, e)
		}
	}
	slices.SortStableFunc(sound, func(a, b *Event) int { return strings.Compare(a.Vendor, b.Vendor) })
	var h *history
	for i, e := range sound {
		if i == 0 || e.Vendor != sound[i-1].Vendor {
			h = c.historyOf(e.Vendor, 0)
		}
		c.checkNext(h, e)
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

// wrong adds a problem with a field of an event.
func (c *checker) wrong(e *Event, name, format string, args ...any) {
	c.at([]string{"events", e.Name, name}, format, args...)
}

// checkFields checks what an event by itself must and may say.
func (c *checker) checkFields(e *Event) {
	kind := KindOf(e.Kind)
	if kind == nil {
		c.wrong(e, "kind", "there is no kind of event %q%s", e.Kind, Nearest(e.Kind, KindNames()))
		return
	}
	if c.Weeks > 0 && (e.Week < 0 || e.Week >= c.Weeks) {
		c.wrong(e, "date", "that is week %d; the run has weeks 0 to %d", e.Week, c.Weeks-1)
	}
	if e.Stated != nil {
		for _, name := range kind.Needs {
			if !e.Stated[name] {
				c.at([]string{"events", e.Name}, "an event of kind %s needs %s", e.Kind, name)
			}
		}
		for _, f := range field.Of(reflect.TypeFor[Event]()).All {
			if f.Name != "date" && f.Name != "kind" && e.Stated[f.Name] && !kind.Reads(f.Name) {
				c.wrong(e, f.Name, "an event of kind %s has no %s; it has %s", e.Kind, f.Name, strings.Join(append(slices.Clone(kind.Needs), kind.May...), ", "))
			}
		}
	}
	known := func(name, what, value string, names func() []string) {
		if e.States(name) && (value != "" || slices.Contains(kind.Needs, name)) {
			c.known([]string{"events", e.Name, name}, what, value, names())
		}
	}
	known("vendor", "vendor", e.Vendor, c.VendorNames)
	known("owner", "owner", e.Owner, c.OwnerNames)
	known("lab", "lab", e.Lab, c.LabNames)
	known("to", "owner", e.To, c.OwnerNames)
	if e.To != "" && e.To == e.Owner {
		c.wrong(e, "to", "%s cannot sell to itself", e.Owner)
	}
}

// history is what the wire has published so far of one vendor: a board of that vendor alone.
type history struct {
	board
	level map[string]float64 // by kind: what relative changes have come to
}

// historyOf begins the history of a vendor with what held before the start. What its events mean for labs is kept of so
// many lines.
func (s *Spec) historyOf(vendor string, lines int) *history {
	h := &history{level: map[string]float64{}}
	h.News = make([]bulletin, 1)
	h.share(1, len(s.Owners), lines, 0)
	if i := slices.IndexFunc(s.Vendors, func(v Vendor) bool { return v.Name == vendor }); i >= 0 {
		h.News[0] = s.Vendors[i].bulletin()
	}
	for k := range s.Owners {
		h.hold(k, s.Owners[k].holding(vendor))
	}
	return h
}

// next resolves the names in an event of the vendor, in its history.
func (h *history) next(s *Spec, e *Event) eventPlan {
	at := s.planOf(e)
	at.vendor = 0
	return at
}

// totals are what all owners together hold of the vendor, by heldFields.
func (h *history) totals() (totals [3]float64) {
	for i, slots := range [...][]float64{h.stake, h.votes, h.executives} {
		for _, x := range slots {
			totals[i] += x
		}
	}
	return totals
}

// checkNext says what is wrong with the next event of a history, or adds it.
func (c *checker) checkNext(h *history, e *Event) {
	at, found := h.next(c.Spec, e), len(c.found)
	if at.kind.check != nil {
		if at.kind.check(c, e, h, at); len(c.found) > found {
			return
		}
	}
	before := h.totals()
	at.kind.publish(&h.board, e, at)
	for i, total := range h.totals() {
		if total > 1+1e-9 && total > before[i] {
			place := heldFields[i]
			if !e.States(place) {
				place = "owner"
			}
			c.wrong(e, place, "the %s that owners hold in %s then add up to %.4g, which is over 1", heldFields[i], e.Vendor, total)
		}
	}
}

// ChangesNothing says whether an event of the Spec states what held before it, as where a variant undoes a deal.
func (s *Spec) ChangesNothing(name string) bool {
	i := slices.IndexFunc(s.Events, func(e Event) bool { return e.Name == name })
	if i < 0 {
		return false
	}
	h, week := s.historyOf(s.Events[i].Vendor, len(s.Labs)), 0
	for _, e := range s.inOrder() {
		if e.Vendor != s.Events[i].Vendor {
			continue
		}
		if e.Week != week {
			h.forget()
			week = e.Week
		}
		at, numbers, news := h.next(s, e), slices.Clone(h.Numbers), h.News[0]
		at.kind.publish(&h.board, e, at)
		if e.Name == name {
			return news == h.News[0] && slices.Equal(numbers, h.Numbers)
		}
	}
	return false
}

// dealt says whether an event before e gives its owner something in its vendor, be it 0: a deal whose size a
// variant sets to nothing may still be blocked.
func (c *checker) dealt(e *Event) bool {
	return slices.ContainsFunc(c.Events, func(o Event) bool {
		return (o.Week <= e.Week || o.Week >= c.Weeks) && o.Vendor == e.Vendor && (o.Owner == e.Owner && slices.Contains(heldFields, o.Kind) || o.To == e.Owner && o.Kind == "sale")
	})
}
