package scenarios

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"exodus/agents"
)

// Fact is something that a run must show for the scenario to be believed, or a claim that is put to the test.
type Fact struct {
	ID      string  `toml:"-"`
	Title   string  `toml:"title" required:"true" doc:"The fact, in a line."`
	Source  string  `toml:"source" doc:"Who reports it."`
	Why     string  `toml:"why" doc:"Why it is expected to hold, or not to."`
	Claim   bool    `toml:"claim" default:"false" doc:"Whether it is only claimed: then it need not hold."`
	Event   string  `toml:"event" required:"true" doc:"The event that weeks are counted from: its own week is +0."`
	Variant string  `toml:"variant" doc:"The variant that is run; none where it is not named."`
	Against string  `toml:"against" doc:"The variant that is run beside it on the same luck, for metrics that compare."`
	Checks  []Check `toml:"checks" required:"true" doc:"What must hold; all of it."`
}

// Check is a metric of a run with its bounds.
type Check struct {
	Metric string   `toml:"metric" required:"true" enum:"spend,spend_change,spend_loss,weeks_to_half,inquiries_ratio,load_ratio,share,revenue,gain,cumulative_gain,largest_difference" doc:"What is measured; see the metrics."`
	Lab    string   `toml:"lab" doc:"The lab whose spend is measured."`
	Vendor string   `toml:"vendor" doc:"The vendor where it is measured."`
	Rivals string   `toml:"rivals_of" doc:"In place of a vendor: all others but In-house."`
	Minus  string   `toml:"minus" doc:"A lab whose same metric is taken off."`
	Over   string   `toml:"over" doc:"A lab by whose same metric it is divided."`
	Week   int      `toml:"week" default:"0" min:"0" max:"5200" unit:"weeks" doc:"The week, counted from the event's own as 0."`
	Min    *float64 `toml:"min" doc:"The metric is at least this."`
	Max    *float64 `toml:"max" doc:"The metric is at most this."`
	Above  *float64 `toml:"above" doc:"The metric is more than this."`
	Below  *float64 `toml:"below" doc:"The metric is less than this."`
}

// metric measures something in the weeks counted from an event. before is the week before the event, and
// last the week that is asked for. A market compared with may have other vendors, so each looks up its own.
type metric struct {
	doc            string
	lab, vendor    bool // what it needs to be told
	rivals, paired bool // whether rivals_of may stand for a vendor; whether it compares with another run
	measure        func(run, against *agents.Trajectory, lab int, c *Check, before, last int) float64
}

// metrics by name. Money is in USD million a year unless it is said otherwise.
var metrics = map[string]metric{
	"spend": {doc: "what the lab spends with the vendor in the week", lab: true, vendor: true,
		measure: func(run, _ *agents.Trajectory, lab int, c *Check, _, last int) float64 {
			return spend(run, lab, c, last)
		}},
	"spend_change": {doc: "its relative change against the week before the event; -0.5 is half gone", lab: true, vendor: true,
		measure: func(run, _ *agents.Trajectory, lab int, c *Check, before, last int) float64 {
			return spend(run, lab, c, last)/spend(run, lab, c, before) - 1
		}},
	"spend_loss": {doc: "its fall since the week before the event", lab: true, vendor: true,
		measure: func(run, _ *agents.Trajectory, lab int, c *Check, before, last int) float64 {
			return spend(run, lab, c, before) - spend(run, lab, c, last)
		}},
	"weeks_to_half": {doc: "the weeks from that of the event to the first in which it is below half of the week before the event; infinite where there is none", lab: true, vendor: true,
		measure: func(run, _ *agents.Trajectory, lab int, c *Check, before, _ int) float64 {
			for week := before + 1; week < run.Weeks; week++ {
				if spend(run, lab, c, week) < spend(run, lab, c, before)/2 {
					return float64(week - before - 1)
				}
			}
			return math.Inf(1)
		}},
	"inquiries_ratio": {doc: "the vendor's inquiries over its load of the week before the event", vendor: true,
		measure: func(run, _ *agents.Trajectory, _ int, c *Check, before, last int) float64 {
			return at(run.Inquiries, run, c, last) / at(run.Load, run, c, before)
		}},
	"load_ratio": {doc: "the vendor's load over that of the week before the event", vendor: true,
		measure: func(run, _ *agents.Trajectory, _ int, c *Check, before, last int) float64 {
			return at(run.Load, run, c, last) / at(run.Load, run, c, before)
		}},
	"share": {doc: "the vendor's share of the revenue of all vendors but In-house", vendor: true,
		measure: func(run, _ *agents.Trajectory, _ int, c *Check, _, last int) float64 {
			return run.Share(last, slices.Index(run.Vendors, c.Vendor))
		}},
	"revenue": {doc: "the vendor's revenue", vendor: true, rivals: true,
		measure: func(run, _ *agents.Trajectory, _ int, c *Check, _, last int) float64 {
			return at(run.Revenue, run, c, last)
		}},
	"gain": {doc: "the vendor's revenue, less that in the run beside it", vendor: true, rivals: true, paired: true,
		measure: func(run, against *agents.Trajectory, _ int, c *Check, _, last int) float64 {
			return at(run.Revenue, run, c, last) - at(against.Revenue, against, c, last)
		}},
	"cumulative_gain": {doc: "the gain summed over the counted weeks up to the week, in USD million", vendor: true, rivals: true, paired: true,
		measure: func(run, against *agents.Trajectory, _ int, c *Check, before, last int) float64 {
			total := 0.0
			for week := before + 1; week <= last; week++ {
				total += (at(run.Revenue, run, c, week) - at(against.Revenue, against, c, week)) / 52
			}
			return total
		}},
	"largest_difference": {doc: "the largest difference in any vendor's revenue from the run beside it, in any week of both", paired: true,
		measure: func(run, against *agents.Trajectory, _ int, _ *Check, _, _ int) float64 {
			most := 0.0
			for _, name := range slices.Concat(run.Vendors, against.Vendors) {
				one := &Check{Vendor: name}
				for week := range min(run.Weeks, against.Weeks) {
					most = max(most, math.Abs(at(run.Revenue, run, one, week)-at(against.Revenue, against, one, week)))
				}
			}
			return most
		}},
}

func spend(t *agents.Trajectory, lab int, c *Check, week int) float64 {
	return t.Spend[t.Rel(week, lab, slices.Index(t.Vendors, c.Vendor))]
}

// at sums a series over the vendors of a check. One that is not in the market has nothing.
func at(series []float64, t *agents.Trajectory, c *Check, week int) (total float64) {
	for j, name := range t.Vendors {
		if c.Rivals == "" && name == c.Vendor || c.Rivals != "" && name != c.Rivals && name != agents.InHouse {
			total += series[t.At(week, j)]
		}
	}
	return total
}

// Measure returns the metric of a run of the scenario. against is the run beside it, for metrics that
// compare, on the same luck. It is NaN, which meets no check, where the runs have not all the weeks, or the run
// not the lab or vendor, that the check asks for.
func (s *Scenario) Measure(f *Fact, c *Check, run, against *agents.Trajectory) float64 {
	m := metrics[c.Metric]
	before := s.EventWeek(f.Event) - 1
	last := before + 1 + c.Week
	if before < 0 || last >= run.Weeks || m.paired && last >= against.Weeks || m.vendor && c.Rivals == "" && !slices.Contains(run.Vendors, c.Vendor) {
		return math.NaN()
	}
	measure := func(lab string) float64 {
		i := slices.Index(run.Labs, lab)
		if m.lab && i < 0 {
			return math.NaN()
		}
		return m.measure(run, against, i, c, before, last)
	}
	x := measure(c.Lab)
	if c.Minus != "" {
		x -= measure(c.Minus)
	}
	if c.Over != "" {
		x /= measure(c.Over)
	}
	return x
}

// EventWeek is the week of an event, or -1.
func (s *Scenario) EventWeek(name string) int {
	if e := s.Event(name); e != nil {
		return e.Week
	}
	return -1
}

// Met says whether a value lies within the bounds of the check.
func (c *Check) Met(x float64) bool {
	return !math.IsNaN(x) && (c.Min == nil || x >= *c.Min) && (c.Max == nil || x <= *c.Max) &&
		(c.Above == nil || x > *c.Above) && (c.Below == nil || x < *c.Below)
}

// meetable says whether any number meets the check.
func (c *Check) meetable() bool {
	low, high := math.Inf(-1), math.Inf(1)
	for _, x := range []*float64{c.Min, c.Above} {
		if x != nil {
			low = max(low, *x)
		}
	}
	for _, x := range []*float64{c.Max, c.Below} {
		if x != nil {
			high = min(high, *x)
		}
	}
	return c.Met(low) || c.Met(low/2+high/2) || c.Met(high)
}

// Bounds says in words what the check asks of its metric.
func (c *Check) Bounds() string {
	var parts []string
	add := func(sign string, x *float64) {
		if x != nil {
			parts = append(parts, fmt.Sprintf("%s %g", sign, *x))
		}
	}
	add(">=", c.Min)
	add(">", c.Above)
	add("<=", c.Max)
	add("<", c.Below)
	return strings.Join(parts, " and ")
}

// Describe says in words what the check measures.
func (c *Check) Describe() string {
	text := c.Metric
	switch {
	case c.Lab != "" && c.Minus != "":
		text += fmt.Sprintf(" of %s less %s", c.Lab, c.Minus)
	case c.Lab != "" && c.Over != "":
		text += fmt.Sprintf(" of %s over %s", c.Lab, c.Over)
	case c.Lab != "":
		text += " of " + c.Lab
	}
	if c.Vendor != "" {
		text += " at " + c.Vendor
	}
	if c.Rivals != "" {
		text += " of the rivals of " + c.Rivals
	}
	if c.Metric != "weeks_to_half" && c.Metric != "largest_difference" {
		text += fmt.Sprintf(", +%d weeks", c.Week)
	}
	return text
}

// CheckFacts checks that the facts speak of what there is, and can be met, where changes may have moved it.
func (s *Scenario) CheckFacts() error {
	d := &decoder{file: s.File}
	s.checkFacts(d)
	if s.Variant != "" {
		d.errors = d.errors.in(s.Variant)
	}
	return d.err()
}

// checkFacts checks that facts speak of what there is, and can be met.
func (s *Scenario) checkFacts(d *decoder) {
	var variants []string
	for _, v := range s.Variants {
		variants = append(variants, v.Name)
	}
	for i := range s.Facts {
		c := factChecker{d, s, &s.Facts[i], s.EventWeek(s.Facts[i].Event)}
		c.event()
		c.known("variant", "variant", c.Variant, variants)
		c.known("against", "variant", c.Against, variants)
		if c.Checks != nil && len(c.Checks) == 0 {
			c.wrong("checks", "a fact needs a check")
		}
		for i := range c.Checks {
			if m, ok := metrics[c.Checks[i].Metric]; ok { // else it was said already
				c.check(&m, &c.Checks[i])
			}
		}
	}
}

// factChecker checks a fact.
type factChecker struct {
	*decoder
	s *Scenario
	*Fact
	week int // of its event, or -1
}

func (c *factChecker) wrong(key, format string, args ...any) {
	path := []string{"facts", c.ID, key}
	place, _ := find(c.s.tree, path)
	c.say(place, "%s: %s", JoinPath(path...), fmt.Sprintf(format, args...))
}

func (c *factChecker) known(key, what, name string, names []string) {
	if name != "" && !slices.Contains(names, name) {
		c.wrong(key, "there is no %s %q%s", what, name, c.near(name, names))
	}
}

// event checks the event that weeks are counted from.
func (c *factChecker) event() {
	switch {
	case c.Event == "" && !c.about[JoinPath("facts", c.ID, "event")]:
		c.wrong("event", "an event is needed, from which weeks are counted%s", agents.Nearest("", c.s.Spec.EventNames()))
	case c.Event != "" && c.week < 0:
		c.known("event", "event", c.Event, c.s.Spec.EventNames())
	case c.Event != "" && c.week == 0 && !c.undated:
		c.wrong("event", "%s falls in week 0, and no week lies before it to compare with", c.Event)
	}
}

// check checks one of its checks, of a metric.
func (c *factChecker) check(m *metric, check *Check) {
	for _, name := range []string{check.Lab, check.Minus, check.Over} {
		c.known("checks", "lab", name, c.s.Spec.LabNames())
	}
	vendors := c.s.Spec.VendorNames()
	c.known("checks", "vendor", check.Rivals, vendors)
	if check.Metric != "share" { // of which In-house has none
		vendors = append(vendors, agents.InHouse)
	}
	c.known("checks", "vendor", check.Vendor, vendors)
	switch wrong := m.wrong(check); {
	case wrong != "":
		c.wrong("checks", "%s", wrong)
	case m.paired && c.Against == "":
		c.wrong("checks", "metric %s compares two runs; state against, a variant", check.Metric)
	case c.week > 0 && !c.undated && (check.Week < 0 || c.week+check.Week >= c.s.Spec.Weeks):
		c.wrong("checks", "+%d weeks after %s is not in the run, which ends at +%d", check.Week, c.Event, c.s.Spec.Weeks-1-c.week)
	}
}

// wrong says what a check of the metric states too little or too much, or "".
func (m *metric) wrong(c *Check) string {
	switch {
	case m.lab && c.Lab == "":
		return fmt.Sprintf("metric %s needs a lab", c.Metric)
	case !m.lab && c.Lab+c.Minus+c.Over != "":
		return fmt.Sprintf("metric %s is of no lab", c.Metric)
	case m.vendor && c.Vendor == "" && (c.Rivals == "" || !m.rivals):
		return fmt.Sprintf("metric %s needs a vendor", c.Metric)
	case !m.vendor && c.Vendor+c.Rivals != "":
		return fmt.Sprintf("metric %s is of no vendor", c.Metric)
	case c.Vendor != "" && c.Rivals != "":
		return fmt.Sprintf("metric %s is of a vendor or of the rivals of one; state one of the two", c.Metric)
	case !m.rivals && c.Rivals != "":
		return fmt.Sprintf("metric %s is of one vendor, not of the rivals of one", c.Metric)
	case c.Bounds() == "":
		return fmt.Sprintf("metric %s needs a bound: min, max, above or below", c.Metric)
	case !c.meetable():
		return fmt.Sprintf("no value of %s is %s", c.Metric, c.Bounds())
	}
	return ""
}

// checkWorld checks that a variant has what the facts that speak of it measure.
func (s *Scenario) checkWorld(d *decoder, w *Scenario) {
	for i := range s.Facts {
		f := &s.Facts[i]
		say := func(key, format string, args ...any) {
			place, _ := find(s.tree, []string{"facts", f.ID, key})
			d.say(place, "%s: variant %s %s", JoinPath("facts", f.ID, key), w.Variant, fmt.Sprintf(format, args...))
		}
		for _, c := range f.Checks {
			if f.Variant == w.Variant {
				for _, lab := range []string{c.Lab, c.Minus, c.Over} {
					if lab != "" && !slices.ContainsFunc(w.Spec.Labs, func(l agents.Lab) bool { return l.Name == lab }) {
						say("variant", "has no lab %s", lab)
					}
				}
				if c.Vendor != "" && c.Vendor != agents.InHouse && !slices.ContainsFunc(w.Spec.Vendors, func(v agents.Vendor) bool { return v.Name == c.Vendor }) {
					say("variant", "has no vendor %s", c.Vendor)
				}
			}
			for _, use := range [][2]string{{"variant", f.Variant}, {"against", f.Against}} {
				if use[1] == w.Variant && s.EventWeek(f.Event)+c.Week >= w.Spec.Weeks {
					say(use[0], "has %d weeks, too few for +%d weeks after %s", w.Spec.Weeks, c.Week, f.Event)
				}
			}
		}
	}
}
