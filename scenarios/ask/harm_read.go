package ask

import (
	"math"
	"slices"
)

// The two worlds that are compared.
const (
	Absent = iota // the event does not happen
	Present
)

// LossSpread is how a Loss lies over the runs. The parts of medians need not add up; those of each run do.
type LossSpread struct{ Harm, Distrust, Price, Waiting, Unmet Spread }

// Lab, Segment and All say what a lab, a segment and all buyers lose in a week, USD million a year.
func (h *Harm) Lab(week, lab int) LossSpread         { return h.loss(week, lab) }
func (h *Harm) Segment(week, segment int) LossSpread { return h.loss(week, len(h.Labs)+segment) }
func (h *Harm) All(week int) LossSpread              { return h.loss(week, len(h.Labs)+len(h.Segments)) }

func (h *Harm) loss(week, buyer int) LossSpread {
	var s [parts]Spread
	for k := range s {
		s[k] = spreadOf(h.losses.of(week, parts*buyer+k))
	}
	return LossSpread{s[0], s[1], s[2], s[3], s[4]}
}

// Total is what all buyers lose from the event to the end of a week, USD million.
func (h *Harm) Total(until int) Spread {
	all := len(h.Labs) + len(h.Segments)
	return spreadOf(h.summed(until, func(week, run int) float64 { return h.losses.of(week, parts*all)[run] }))
}

// summed adds what there is a year over the weeks from the event's to another, in each run.
func (h *Harm) summed(until int, yearly func(week, run int) float64) []float64 {
	total := make([]float64, h.Runs)
	for week := max(h.First, h.Scenario.WeekAt(0)); week <= until; week++ {
		for run := range total {
			total[run] += yearly(week, run) / 52
		}
	}
	return total
}

// each is a number of each run.
func (h *Harm) each(of func(run int) float64) Spread {
	values := make([]float64, h.Runs)
	for run := range values {
		values[run] = of(run)
	}
	return spreadOf(values)
}

// HHI is that of a week in a world: see [HHI]. HHIChange is what the event adds to it.
func (h *Harm) HHI(world, week int, firms []int) Spread {
	return h.each(func(run int) float64 { return HHI(h.revenue(world, week, run), firms) })
}

func (h *Harm) HHIChange(week int, firms []int) Spread {
	return h.each(func(run int) float64 {
		return HHI(h.revenue(Present, week, run), firms) - HHI(h.revenue(Absent, week, run), firms)
	})
}

// MHHI is the modified HHI of a week in a world, for one of the Controls.
func (h *Harm) MHHI(world, week, control int) Spread {
	return spreadOf(h.common[world].of(week, control))
}

// Exposed is the spend of a segment whose data rival owners could look into, USD million a year; that of all for -1.
func (h *Harm) Exposed(world, week, segment int) Spread {
	return h.each(func(run int) (x float64) {
		for k := range h.Segments {
			if segment < 0 || k == segment {
				x += h.exposed[world].of(week, k)[run]
			}
		}
		return x
	})
}

// Revenue is what a vendor has of a world in a week, and Gain what the event adds to it, USD million a year. TotalGain is
// that summed from the event to the end of a week, USD million.
func (h *Harm) Revenue(world, week, vendor int) Spread {
	return h.each(func(run int) float64 { return h.sold(world, week, vendor, run) })
}

func (h *Harm) Gain(week, vendor int) Spread {
	return h.each(func(run int) float64 { return h.gain(week, vendor, run) })
}

func (h *Harm) TotalGain(until, vendor int) Spread {
	return spreadOf(h.summed(until, func(week, run int) float64 { return h.gain(week, vendor, run) }))
}

func (h *Harm) gain(week, vendor, run int) float64 {
	return h.sold(Present, week, vendor, run) - h.sold(Absent, week, vendor, run)
}

func (h *Harm) sold(world, week, vendor, run int) (x float64) {
	for segment := range h.Segments {
		x += h.spend[world].of(week, segment*len(h.Vendors)+vendor)[run]
	}
	return x
}

// PriceChange is what the event adds to a vendor's price in a week, relative to that without it.
func (h *Harm) PriceChange(week, vendor int) Spread {
	return h.each(func(run int) float64 {
		return h.prices[Present].of(week, vendor)[run]/h.prices[Absent].of(week, vendor)[run] - 1
	})
}

// Price is that of a vendor in a world and week, as an index.
func (h *Harm) Price(world, week, vendor int) Spread {
	return spreadOf(h.prices[world].of(week, vendor))
}

// Diversion is where a segment's spend with the vendor that the scenario is about goes: to a vendor, as parts of 1.
type Diversion struct {
	Vendor string
	Logit  Spread // by the logit model, from what buyers think of the others in the week before the event
	Shown  Spread // what the vendor has gained in the run, over what the vendor of the event has lost; NaN where it lost nothing
}

// Diversion is that of a segment in a week, to each vendor but the one that loses. It is nil where nobody of the segment
// buys there.
func (h *Harm) Diversion(week, segment int) (all []Diversion) {
	n, focus := len(h.Vendors), slices.Index(h.Vendors, h.Scenario.FocusVendor())
	whole := make([]float64, h.Runs)
	for j := range h.Vendors {
		for run, x := range h.logit.of(0, segment*n+j) {
			whole[run] += x
		}
	}
	if slices.Max(whole) == 0 {
		return nil
	}
	gain := func(j, run int) float64 {
		return h.spend[Present].of(week, segment*n+j)[run] - h.spend[Absent].of(week, segment*n+j)[run]
	}
	for j, name := range h.Vendors {
		if j == focus {
			continue
		}
		d := Diversion{Vendor: name}
		d.Logit = h.each(func(run int) float64 { return h.logit.of(0, segment*n+j)[run] / whole[run] })
		var shown []float64
		for run := range h.Runs {
			if lost := -gain(focus, run); lost > 1e-9*whole[run] {
				shown = append(shown, gain(j, run)/lost)
			}
		}
		d.Shown = Spread{math.NaN(), math.NaN(), math.NaN()}
		if len(shown) > 0 {
			d.Shown = spreadOf(shown)
		}
		all = append(all, d)
	}
	return all
}
