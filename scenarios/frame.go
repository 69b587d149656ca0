package scenarios

import (
	"fmt"
	"slices"
	"time"

	"exodus/agents"
	"exodus/scenarios/words"
	"exodus/sim/study"
)

// Frame is what the worlds of a study have in all: the vendors and labs of any of them, and where the weeks of each lie.
// Worlds are paired by date, since a variant may state another start or length. Week 0 of a study begins on Start; a
// week before it has a negative number. A world that begins on another day of the week is met, on the dates of the
// study, in the week that it is then in.
type Frame struct {
	Start   time.Time `json:"start"`
	Weeks   int       `json:"weeks"`           // of the scenario that the weeks of the study are those of: see [Model.Anchor]
	Vendors []string  `json:"vendors"`         // In-house last
	Labs    []string  `json:"labs"`            // lines
	Focus   string    `json:"focus"`           // the vendor whose customers are counted as they leave
	Spans   []Span    `json:"spans,omitempty"` // by variant, or by point and variant; none where all have the same weeks
}

// Span is where the weeks of a world lie among those of a study: from First on.
type Span struct {
	First int `json:"first"`
	Weeks int `json:"weeks"`
}

// End is the week after the last.
func (s Span) End() int { return s.First + s.Weeks }

// Has says whether a week of the study is one of the world's.
func (s Span) Has(week int) bool { return s.First <= week && week < s.End() }

// Meets says whether two worlds have a week in common.
func (s Span) Meets(o Span) bool { return max(s.First, o.First) < min(s.End(), o.End()) }

// Span is where the weeks of a world (point*variants + variant) lie.
func (f *Frame) Span(world int) Span {
	if len(f.Spans) == 0 {
		return Span{0, f.Weeks}
	}
	return f.Spans[world%len(f.Spans)]
}

// All is the weeks of any world.
func (f *Frame) All() (all Span) {
	all = f.Span(0)
	for _, s := range f.Spans {
		end := max(all.End(), s.End())
		all.First = min(all.First, s.First)
		all.Weeks = end - all.First
	}
	return all
}

// Date is the day on which a week of the study begins.
func (f *Frame) Date(week int) time.Time { return f.Start.AddDate(0, 0, 7*week) }

// Prepare checks a plan for this scenario, every world of it, and makes the model record what they have in all.
func (m *Model) Prepare(p *study.Plan) error {
	if err := p.Validate(); err != nil {
		return err
	}
	anchor := m.base
	if !Compares(p) { // one variant alone has its own weeks
		w, err := m.world(p, 0, 0)
		if err != nil {
			return &PointError{0, err}
		}
		anchor = w.scenario
	}
	f := frameOf(anchor)
	f.Vendors = f.Vendors[:len(f.Vendors)-1]
	var spans []Span
	for point := range p.Points {
		for variant := range p.Variants {
			w, err := m.world(p, point, variant)
			if err != nil {
				return &PointError{point, err}
			}
			span := Span{-weeksBetween(w.scenario.Start, f.Start), w.scenario.Spec.Weeks}
			if !span.Meets(Span{0, f.Weeks}) {
				return &PointError{point, fmt.Errorf("%s runs %s, and %s %s: they have no date in common, so they cannot be compared",
					p.Variants[variant], w.scenario.period(), anchor.called(), anchor.period())}
			}
			spans = append(spans, span)
			f.Vendors = united(f.Vendors, w.scenario.Spec.VendorNames())
			f.Labs = united(f.Labs, w.scenario.Spec.LabNames())
		}
	}
	f.Vendors = append(f.Vendors, agents.InHouse)
	f.Spans = shortest(spans, len(p.Variants), Span{0, f.Weeks})
	m.mu.Lock()
	defer m.mu.Unlock()
	m.anchor, m.frame = anchor, f
	clear(m.worlds)
	return nil
}

// Anchor is the scenario from whose focus the weeks of the study are counted: the one that the model was made of, or a
// variant that is run alone.
func (m *Model) Anchor() *Scenario { return m.anchor }

// Frame is what the worlds of the plan that the model was prepared for have in all.
func (m *Model) Frame() Frame { return m.frame }

// period says from when to when a scenario runs.
func (s *Scenario) period() string {
	return fmt.Sprintf("from %s to %s", words.Date(s.Start), words.Date(s.Date(s.Spec.Weeks).AddDate(0, 0, -1)))
}

// called is what a study calls a scenario.
func (s *Scenario) called() string {
	if s.Variant == "" {
		return Reference
	}
	return s.Variant
}

// frameOf is the frame of a scenario alone.
func frameOf(s *Scenario) Frame {
	return Frame{Start: s.Start, Weeks: s.Spec.Weeks, Vendors: append(s.Spec.VendorNames(), agents.InHouse), Labs: s.Spec.LabNames(), Focus: s.FocusVendor()}
}

// united is some names, and those of others that are not among them.
func united(names, others []string) []string {
	if slices.Equal(names, others) { // as in most studies
		return names
	}
	known := map[string]bool{}
	for _, name := range names {
		known[name] = true
	}
	for _, name := range others {
		if !known[name] {
			names = append(names, name)
		}
	}
	return names
}

// shortest is spans by world as a [Frame] keeps them: those of the variants where all points have the same, and none
// where all are usual.
func shortest(spans []Span, variants int, usual Span) []Span {
	if !slices.ContainsFunc(spans, func(s Span) bool { return s != usual }) {
		return nil
	}
	for first := variants; first < len(spans); first += variants {
		if !slices.Equal(spans[first:first+variants], spans[:variants]) {
			return spans
		}
	}
	return spans[:variants]
}
