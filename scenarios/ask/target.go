package ask

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/scenarios/words"
	"exodus/sim/study"
)

// Target is what is to be reached: that a metric has a bound, that a lab stays, or that a fact holds.
type Target struct {
	Text   string
	Name   string // of what is measured; that of a fact has several checks
	Checks []Bound
	Week   int  // of the run: the last that is measured
	Paired bool // whether the world without the event is measured, too

	Departures bool // whether who has left is measured
}

// Bound is what a number of a run is to be.
type Bound struct {
	Name      string
	Low, High float64 // infinite where there is no bound
	Strict    bool    // whether the bounds themselves do not do
	measure   func(t, without *agents.Trajectory) float64
}

func (b *Bound) met(x float64) bool {
	if b.Strict {
		return x > b.Low && x < b.High
	}
	return x >= b.Low && x <= b.High
}

// LabMetrics are the metrics of a lab that a target may have, at the vendor that the scenario is about.
var LabMetrics = []string{"spend", "spend_change", "spend_loss"}

// PairedMetrics are those that compare with the world without the event.
var PairedMetrics = []string{"gain", "cumulative_gain"}

// ParseTarget reads a target: share.Scale@26>=0.25, spend_change.Google@26>=-0.2, gain.Turing@52<=30, stays.Google@26, or
// fact.google-majority.
func ParseTarget(s *scenarios.Scenario, text string) (*Target, error) {
	if id, ok := strings.CutPrefix(text, "fact."); ok {
		return factTarget(s, text, id)
	}
	metric, op, number := text, "", ""
	for _, sign := range []string{">=", "<=", ">", "<"} {
		if i := strings.LastIndex(text, sign); i >= 0 {
			metric, op, number = text[:i], sign, text[i+len(sign):]
			break
		}
	}
	labs, vendors := s.Spec.LabNames(), s.Spec.VendorNames()
	m, err := scenarios.ParseMetric(metric, slices.Concat(vendors, labs))
	if err != nil {
		return nil, fmt.Errorf("target %q: a metric, a sign and a number are needed, such as share.%s@26>=0.25; or stays.LAB@26, or fact.NAME", text, vendors[0])
	}
	week := s.WeekAt(m.Week)
	if week < 0 || week >= s.Spec.Weeks {
		return nil, fmt.Errorf("target %q: the week goes from %d to %d, counted from the event's own as 0", text, s.Since(0), s.Since(s.Spec.Weeks-1))
	}
	known := func(what, name string, names []string) error {
		if !slices.Contains(names, name) {
			return fmt.Errorf("target %q: there is no %s %s%s", text, what, words.Quote(name), agents.Nearest(name, names))
		}
		return nil
	}
	t := &Target{Text: text, Name: m.String(), Week: week}
	if m.Quantity == "stays" {
		if op != "" {
			return nil, fmt.Errorf("target %q: stays has no bound; write stays.%s@%d", text, m.Vendor, m.Week)
		}
		if err := known("lab", m.Vendor, labs); err != nil {
			return nil, err
		}
		i, j := slices.Index(labs, m.Vendor), slices.Index(vendors, s.FocusVendor())
		t.Departures = true
		t.Checks = []Bound{{Name: t.Name, Low: math.Inf(-1), High: 0.5, measure: func(t, _ *agents.Trajectory) float64 { return t.Left[t.Rel(week, i, j)] }}}
		return t, nil
	}
	x, err := study.ParseNumber(number)
	if op == "" || err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return nil, fmt.Errorf("target %q: a bound is needed after the metric, such as >=0.25 or <=30", text)
	}
	b := Bound{Name: t.Name, Low: math.Inf(-1), High: math.Inf(1), Strict: len(op) == 1}
	if op[0] == '>' {
		b.Low = x
	} else {
		b.High = x
	}
	check := &scenarios.Check{Metric: m.Quantity, Week: m.Week, Vendor: m.Vendor}
	switch {
	case slices.Contains(LabMetrics, m.Quantity):
		err = known("lab", m.Vendor, labs)
		check.Lab, check.Vendor = m.Vendor, s.FocusVendor()
		if err == nil && m.Quantity != "spend" && s.WeekAt(-1) < 0 {
			err = fmt.Errorf("target %q: there is no week before the event to compare with", text)
		}
	case slices.Contains(PairedMetrics, m.Quantity):
		err = known("vendor", m.Vendor, vendors)
		t.Paired = true
	case m.None():
		err = fmt.Errorf("target %q: work in house has no %s", text, m.Quantity)
	case slices.Contains(scenarios.Quantities, m.Quantity):
		if err = known("vendor", m.Vendor, append(slices.Clone(vendors), agents.InHouse)); err == nil {
			b.measure = quantityOf(m, week, vendors)
			t.Checks = []Bound{b}
		}
		return t, err
	default:
		err = fmt.Errorf("target %q: there is no quantity %s%s", text, words.Quote(m.Quantity), agents.Nearest(m.Quantity, slices.Concat(scenarios.Quantities, LabMetrics, PairedMetrics, []string{"stays"})))
	}
	if err != nil {
		return nil, err
	}
	b.measure = checkOf(s, focusFact(s), check)
	t.Checks = []Bound{b}
	return t, nil
}

// quantityOf measures one of the quantities of a vendor.
func quantityOf(m scenarios.Metric, week int, vendors []string) func(t, _ *agents.Trajectory) float64 {
	k, j := slices.Index(scenarios.Quantities, m.Quantity), slices.Index(vendors, m.Vendor)
	if j < 0 {
		j = len(vendors) // In-house
	}
	return func(t, _ *agents.Trajectory) float64 { return scenarios.Values(t)[k][t.At(week, j)] }
}

// focusFact counts weeks from the event that the scenario is about.
func focusFact(s *scenarios.Scenario) *scenarios.Fact {
	f := &scenarios.Fact{}
	if e := s.Focus(); e != nil {
		f.Event = e.Name
	}
	return f
}

func checkOf(s *scenarios.Scenario, f *scenarios.Fact, c *scenarios.Check) func(t, without *agents.Trajectory) float64 {
	return func(t, without *agents.Trajectory) float64 {
		if without == nil {
			without = t
		}
		return s.Measure(f, c, t, without)
	}
}

// factTarget is that all checks of a fact hold.
func factTarget(s *scenarios.Scenario, text, id string) (*Target, error) {
	var ids []string
	for i := range s.Facts {
		f := &s.Facts[i]
		if ids = append(ids, f.ID); f.ID != id {
			continue
		}
		t := &Target{Text: text, Name: f.Title}
		if f.Variant != "" && f.Variant != s.Variant {
			return nil, fmt.Errorf("target %q: the fact is of the variant %s; add --variant %s", text, f.Variant, f.Variant)
		}
		for k := range f.Checks {
			c := &f.Checks[k]
			b := Bound{Name: c.Describe(), Low: math.Inf(-1), High: math.Inf(1), measure: checkOf(s, f, c)}
			for _, x := range []*float64{c.Min, c.Above} {
				if x != nil {
					b.Low = max(b.Low, *x)
				}
			}
			for _, x := range []*float64{c.Max, c.Below} {
				if x != nil {
					b.High = min(b.High, *x)
				}
			}
			b.Strict = c.Above != nil || c.Below != nil
			t.Checks = append(t.Checks, b)
			week := s.EventWeek(f.Event) + c.Week
			if c.Metric == "weeks_to_half" || c.Metric == "largest_difference" {
				week = s.Spec.Weeks - 1
			}
			t.Week = max(t.Week, week)
			t.Paired = t.Paired || f.Against != ""
		}
		return t, nil
	}
	return nil, fmt.Errorf("target %q: there is no fact %s%s", text, words.Quote(id), agents.Nearest(id, ids))
}
