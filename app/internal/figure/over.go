package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"exodus/agents"
	"exodus/app/internal/results"
	"exodus/scenarios/words"
)

// quantity is how one of results is drawn over time.
type quantity struct {
	of     results.Quantity
	title  string
	unit   string // of a panel that shows it beside another
	ticks  ticker
	format func(float64) string
	summed bool // the values of vendors add up
}

var (
	shares     = quantity{results.Share, "Share of the market", "", percent, words.Percent, true}
	revenues   = quantity{results.Revenue, "Revenue, a year", "", money, words.Money, true}
	capacities = quantity{results.Capacity, "Capacity", "CAPACITY A YEAR", money, words.Money, true}
	prices     = quantity{results.Price, "Price", "PRICE INDEX", plain, func(x float64) string { return fmt.Sprintf("%.3f", x) }, false}
)

// Share draws each vendor's share of the market over time, or of what chosen labs spend.
func Share(r Results, o Options) (*Figure, error) {
	if len(o.Labs) > 0 {
		return r.shareAmong(o)
	}
	f, err := r.overTime(o, shares)
	if err != nil {
		return nil, err
	}
	f.body.(*chart).panels[0].stacked = o.Stacked
	return f, nil
}

// shareAmong draws each vendor's share of what chosen labs spend outside of their own house, in one run.
func (r Results) shareAmong(o Options) (*Figure, error) {
	if r.Run == nil {
		return nil, lacking("there is no run to draw the share among labs from")
	}
	c, focus := newTime(r.Scenario), r.Scenario.FocusVendor()
	p := &panel{ticks: percent, format: words.Percent, stacked: o.Stacked, summed: true}
	c.panels = []*panel{p}
	among := func(t *agents.Trajectory, vendor string) []float64 {
		return byWeek(t.Weeks, func(week int) float64 {
			part, whole := 0.0, 0.0
			for i, lab := range t.Labs {
				if !shows(o, lab, o.Labs) {
					continue
				}
				for j, name := range t.Vendors[:len(t.Vendors)-1] {
					spend := t.Spend[t.Rel(week, i, j)]
					if whole += spend; name == vendor {
						part += spend
					}
				}
			}
			return part / whole
		})
	}
	for j, name := range r.Run.Vendors[:len(r.Run.Vendors)-1] {
		if !shows(o, name, o.Vendors) {
			continue
		}
		if g := r.Ghost; g != nil && name == focus && !o.Stacked && slices.Contains(g.Vendors, name) {
			p.series = append(p.series, &series{name: r.GhostName, index: j, ghost: true, values: among(g, name)})
		}
		p.series = append(p.series, &series{name: name, index: j, values: among(r.Run, name)})
	}
	f := &Figure{Kind: "share", Title: "Share of what is spent by " + namedAll(o.Labs), body: c}
	r.describeRun(f)
	return f, nil
}

// namedAll joins names as a title does: the first few of many.
func namedAll(names []string) string {
	var all []string
	for i, name := range names {
		if i == 3 && len(names) > 4 {
			all = append(all, others(len(names)-i))
			break
		}
		all = append(all, named(name))
	}
	return words.List(all)
}

// Revenue draws what each vendor sells, in-house work among it.
func Revenue(r Results, o Options) (*Figure, error) { return r.overTime(o, revenues) }

// Capacity draws the capacities and the prices of vendors.
func Capacity(r Results, o Options) (*Figure, error) {
	f, err := r.overTime(o, capacities, prices)
	if err != nil {
		return nil, err
	}
	f.Kind, f.Title = "capacity", "Capacity and price"
	return f, nil
}

// overTime draws quantities of vendors over time, each in a panel: as medians of a study with the bands that hold 50%
// and 90% of its runs, or as they were in one run.
func (r Results) overTime(o Options, quantities ...quantity) (*Figure, error) {
	if r.Run == nil && r.Study == nil {
		return nil, lacking("there is no run to draw %s from", quantities[0].of)
	}
	c := newTime(r.Scenario)
	focus := r.Scenario.FocusVendor()
	for _, q := range quantities {
		p := &panel{name: q.unit, ticks: q.ticks, format: q.format, summed: q.summed}
		if q.of == results.Price {
			p.least, p.most, p.loose = 1, 1, true
		}
		c.panels = append(c.panels, p)
		for j, name := range r.vendors() {
			if name == agents.InHouse && q.of != results.Revenue || !shows(o, name, o.Vendors) {
				continue
			}
			if g := r.Ghost; g != nil && name == focus && !o.Stacked {
				if k := slices.Index(g.Vendors, name); k >= 0 {
					p.series = append(p.series, &series{name: r.GhostName, index: j, ghost: true,
						values: byWeek(g.Weeks, func(week int) float64 {
							if r.GhostBands != nil {
								return r.GhostBands.At(q.of, week, k).Median()
							}
							return q.of.Of(g, week, k)
						})})
				}
			}
			s := &series{name: name, index: j}
			if name == focus {
				s.weight = math.Inf(1)
			}
			if r.Study == nil {
				s.values = byWeek(r.Run.Weeks, func(week int) float64 { return q.of.Of(r.Run, week, j) })
			} else {
				s.values, s.bands = r.Study.fan(r.Study.Worlds, j, q.of)
			}
			if o.Stacked {
				s.bands = nil
			}
			p.series = append(p.series, s)
		}
	}
	f := &Figure{Kind: quantities[0].of.String(), Title: quantities[0].title, body: c}
	r.describe(f, !o.Stacked)
	return f, nil
}

// fan makes a line of medians, and the bands around it: those that hold 90% and 50% of the runs, or, where runs whose
// parameters are drawn too are beside them, those that hold 90% of these and of those.
func (s *Study) fan(of []*results.Bands, vendor int, quantity results.Quantity) (median []float64, bands []band) {
	outer, inner := band{}, band{}
	own, wide := of[0], of[s.Ignorant]
	for week := range s.Weeks {
		q := own.At(quantity, week, vendor)
		in, out := [2]float64{q[1], q[3]}, [2]float64{q[0], q[4]}
		if s.Ignorant != 0 {
			in = out
			q := wide.At(quantity, week, vendor)
			out = [2]float64{q[0], q[4]}
		}
		median = append(median, q.Median())
		outer.low, outer.high = append(outer.low, out[0]), append(outer.high, out[1])
		inner.low, inner.high = append(inner.low, in[0]), append(inner.high, in[1])
	}
	return median, []band{outer, inner}
}

// Gain draws what each vendor gains in revenue over the variant compared with, on the same luck.
func Gain(r Results, o Options) (*Figure, error) {
	c := newTime(r.Scenario)
	p := &panel{ticks: money, format: words.Money, signed: true, summed: true}
	c.panels = []*panel{p}
	against, focus := r.GhostName, r.Scenario.FocusVendor()
	switch {
	case r.Study != nil && len(r.Study.Gains) > 0 && r.Study.Gains[0] != nil:
		against = r.Study.Against
	case r.Study != nil || r.Ghost == nil || r.Run == nil:
		return nil, lacking("gain compares two variants, and these results have one: make some with exodus batch %s --against no-deal, say", r.Scenario.Name)
	}
	for j, name := range r.vendors() {
		if name == agents.InHouse || !shows(o, name, o.Vendors) {
			continue
		}
		s := &series{name: name, index: j}
		if name == focus {
			s.weight = math.Inf(1)
		}
		if r.Study != nil {
			s.values, s.bands = r.Study.fan(r.Study.Gains, j, results.Revenue)
		} else {
			k := slices.Index(r.Ghost.Vendors, name)
			s.values = byWeek(min(r.Run.Weeks, r.Ghost.Weeks), func(week int) float64 {
				x := r.Run.Revenue[r.Run.At(week, j)]
				if k >= 0 {
					x -= r.Ghost.Revenue[r.Ghost.At(week, k)]
				}
				return x
			})
		}
		p.series = append(p.series, s)
	}
	f := &Figure{Kind: "gain", Title: "Gain in revenue over " + variantTitle(r.Scenario, against) + ", a year", body: c}
	r.describe(f, true)
	return f, nil
}

// Spend draws what labs spend with a vendor: each chosen one in a panel, or the one that the scenario is about.
func Spend(r Results, o Options) (*Figure, error) {
	return r.perLab(o, "spend", "Spend with %s, a year", panel{ticks: money, format: words.Money, summed: true}, func(t *agents.Trajectory, at int) float64 { return t.Spend[at] })
}

// Premium draws how much dearer a vendor feels to each lab than it is; of a week, every vendor.
func Premium(r Results, o Options) (*Figure, error) {
	if o.Week != nil && r.Run != nil {
		return r.perPair(o, "premium", "Trust premium: how much dearer vendors feel to labs than they are", "+100% feels twice as dear",
			r.Run.Premium, premiumScale)
	}
	return r.perLab(o, "premium", "Trust premium on %s: how much dearer it feels than it is",
		panel{ticks: percent, format: words.SignedPercent}, func(t *agents.Trajectory, at int) float64 { return t.Premium[at] })
}

// perLab draws a relation between labs and vendors over time, with a panel for each vendor.
func (r Results) perLab(o Options, kind, title string, as panel, of func(t *agents.Trajectory, at int) float64) (*Figure, error) {
	if r.Run == nil {
		return nil, lacking("there is no run to draw %s from", kind)
	}
	chosen := o.Vendors
	if len(chosen) == 0 {
		chosen = []string{r.Scenario.FocusVendor()}
	}
	if len(chosen) > 4 {
		return nil, fmt.Errorf("%s is drawn at one to four vendors, not at %d", kind, len(chosen))
	}
	c := newTime(r.Scenario)
	c.ofLabs = true
	weight := func(lab, vendor int, summed bool) (most float64) { // of what does not add up, those who buy most are told of
		if summed {
			return 0
		}
		for week := range r.Run.Weeks {
			most = max(most, r.Run.Spend[r.Run.Rel(week, lab, vendor)])
		}
		return most
	}
	for _, vendor := range chosen {
		as := as
		j := slices.Index(r.Run.Vendors, vendor)
		p := &as
		if p.least, p.series = 0, nil; len(chosen) > 1 {
			p.name = strings.ToUpper(named(vendor))
		}
		for i, lab := range r.Run.Labs {
			if !shows(o, lab, o.Labs) {
				continue
			}
			if g := r.Ghost; g != nil {
				if gi, gj := slices.Index(g.Labs, lab), slices.Index(g.Vendors, vendor); gi >= 0 && gj >= 0 {
					p.series = append(p.series, &series{name: r.GhostName, index: i, ghost: true, silent: true,
						values: byWeek(g.Weeks, func(week int) float64 { return of(g, g.Rel(week, gi, gj)) })})
				}
			}
			p.series = append(p.series, &series{name: lab, index: i,
				values: byWeek(r.Run.Weeks, func(week int) float64 { return of(r.Run, r.Run.Rel(week, i, j)) }), weight: weight(i, j, as.summed)})
		}
		c.panels = append(c.panels, p)
	}
	f := &Figure{Kind: kind, Title: fmt.Sprintf(title, namedAll(chosen)), body: c}
	r.describeRun(f)
	if r.Ghost != nil {
		f.Under += " · dashed: " + r.GhostName
	}
	return f, nil
}

func byWeek(weeks int, at func(week int) float64) []float64 {
	out := make([]float64, weeks)
	for week := range out {
		out[week] = at(week)
	}
	return out
}
