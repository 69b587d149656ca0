package scenarios

import (
	"slices"
	"time"

	"exodus/agents"
)

// lead is the event of the file that weeks are counted from, with its own date.
type lead struct {
	event agents.Event
	date  time.Time
}

// Focus is the event that weeks, headlines and counterfactuals refer to; nil where nothing happens. The file names it
// (focus), or its facts do; else it is the first stake after week 0, else the first event: by date, then by place in
// the file. A variant that has no such event counts from the day on which the file has it.
func (s *Scenario) Focus() *agents.Event {
	if s.lead == nil {
		return s.first()
	}
	for i := range s.Spec.Events {
		if e := &s.Spec.Events[i]; e.Name == s.lead.event.Name {
			return e
		}
	}
	e := s.lead.event
	if e.Week = weeksBetween(s.Start, s.lead.date); e.Week < 0 || e.Week >= s.Spec.Weeks {
		return s.first()
	}
	return &e
}

// Happens says whether the event is one of the scenario's own: a variant may be without its focus.
func (s *Scenario) Happens(e *agents.Event) bool {
	return e != nil && slices.ContainsFunc(s.Spec.Events, func(own agents.Event) bool { return own.Name == e.Name })
}

// first is the first stake after week 0, else the first event; nil where there is none.
func (s *Scenario) first() *agents.Event {
	events := s.byDate()
	for _, e := range events {
		if e.Kind == "stake" && e.Week > 0 {
			return e
		}
	}
	if len(events) > 0 {
		return events[0]
	}
	return nil
}

// byDate are the events, those of one day in the order of the file.
func (s *Scenario) byDate() []*agents.Event {
	events := make([]*agents.Event, len(s.Spec.Events))
	for i := range events {
		events[i] = &s.Spec.Events[i]
	}
	slices.SortStableFunc(events, func(a, b *agents.Event) int { return s.DateOf(a).Compare(s.DateOf(b)) })
	return events
}

// findLead settles the focus of the file itself, which named is the key of.
func (s *Scenario) findLead(named string) {
	var e *agents.Event
	if e = s.Event(named); e == nil {
		for i := range s.Facts {
			if e = s.Event(s.Facts[i].Event); e != nil {
				break
			}
		}
	}
	if e == nil {
		e = s.first()
	}
	if e != nil {
		s.lead = &lead{*e, s.DateOf(e)}
	}
}

// checkFocus checks that the focus that the file names is an event of it.
func (s *Scenario) checkFocus(d *decoder) {
	n := s.tree.table.at["focus"]
	if n == nil || d.about["focus"] {
		return
	}
	if name, isText := n.value.(string); isText && s.Event(name) == nil {
		d.say(n.place, "focus: there is no event %q%s", name, d.near(name, s.Spec.EventNames()))
	}
}

// Event is the event of a name, or nil.
func (s *Scenario) Event(name string) *agents.Event {
	for i := range s.Spec.Events {
		if s.Spec.Events[i].Name == name {
			return &s.Spec.Events[i]
		}
	}
	return nil
}

// FocusVendor is the vendor that the scenario is about: that of its focus, else its first.
func (s *Scenario) FocusVendor() string {
	if e := s.Focus(); e != nil && slices.ContainsFunc(s.Spec.Vendors, func(v agents.Vendor) bool { return v.Name == e.Vendor }) {
		return e.Vendor
	}
	return s.Spec.Vendors[0].Name
}

// DateOf is the day of an event as the file states it.
func (s *Scenario) DateOf(e *agents.Event) time.Time {
	if date, ok := s.dates[e.Name]; ok {
		return date
	}
	if s.lead != nil && s.lead.event.Name == e.Name {
		return s.lead.date
	}
	return s.Date(e.Week)
}

// Weeks are counted from the week of the focus, which is +0: the week before it is -1. WeekAt is the week of the run
// that is counted as +n, and Since is how a week of the run is counted. Without an event they count from week 0.
func (s *Scenario) WeekAt(n int) int { return s.origin() + n }

// Since is how a week of the run is counted: see [Scenario.WeekAt].
func (s *Scenario) Since(week int) int { return week - s.origin() }

func (s *Scenario) origin() int {
	if e := s.Focus(); e != nil {
		return e.Week
	}
	return 0
}
