package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"exodus/app/internal/canvas"
	"exodus/app/internal/results"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/words"
	"exodus/sim"
	"exodus/sim/study"
)

// Bar is a value with its interval.
type Bar struct {
	Name             string
	Value, Low, High float64
}

// Sensitivity is how much parameters matter for a metric, the first most.
type Sensitivity struct {
	Metric string // what is measured
	How    string // by which method and how many runs
	Unit   string // what the values are
	Scale  Scale  // how they are written
	Bars   []Bar  // by the paths of inputs
	Noise  Bar    // what luck makes beside

	rest int // inputs that are left out of Bars
}

// Scale is how numbers are written.
type Scale int

// The scales.
const (
	Plain   Scale = iota
	Shares        // as percent
	Points        // differences of shares, as percentage points
	Amounts       // of USD million a year
)

// Write writes a number with its unit.
func (s Scale) Write(x float64) string {
	switch s {
	case Shares:
		return words.Percent(x)
	case Points:
		return words.Fixed(100*x, 1) + " pts"
	case Amounts:
		return words.Money(x)
	}
	return words.Measured(x)
}

// ticks marks a scale.
func (s Scale) ticks(low, high float64, most int) []tick {
	switch s {
	case Shares:
		return percent(low, high, most)
	case Points:
		ticks := percent(low, high, most)
		for i := range ticks {
			ticks[i].label = strings.TrimSuffix(ticks[i].label, "%") + " pts"
		}
		return ticks
	case Amounts:
		return money(low, high, most)
	}
	return plain(low, high, most)
}

// MetricWords says in words what share.Scale@26 is.
func MetricWords(metric string) string {
	m, err := scenarios.ParseMetric(metric, nil)
	if err != nil {
		return metric // of an answer that was changed by hand
	}
	return fmt.Sprintf("the %s of %s in week %+d", m.Quantity, m.Vendor, m.Week)
}

// scaleOf is how differences of a metric are written.
func scaleOf(metric string) Scale {
	switch quantity, _, _ := strings.Cut(metric, "."); quantity {
	case "share", "utilisation":
		return Points
	case "revenue":
		return Amounts
	}
	return Plain
}

// answered is an answer of exodus sensitivity, to be drawn: the first of what is estimated of each input.
func answered(a *store.Sensitivity) *Sensitivity {
	metric := MetricWords(a.Metric)
	s := &Sensitivity{
		Metric: metric, How: fmt.Sprintf("%s, %s of %s", a.Method, words.Counted(a.Measured, "point"), words.Counted(a.Runs, "run")),
		Unit:  "effect of a parameter over its range, and standard deviation of random variation, on " + metric + "; whiskers 5% to 95%",
		Scale: scaleOf(a.Metric),
		Noise: Bar{Name: "random variation of a single run", Value: math.Sqrt(a.Within)},
	}
	if a.Method == "sobol" {
		s.Unit, s.Scale = "share of the variance with the other parameters, and of single runs by random variation; whiskers 5% to 95%", Shares
		s.Noise.Value = a.Luck()
	}
	if a.Runs == 1 {
		s.Noise.Name = "noise, which one run per point cannot show"
	}
	for _, in := range a.Inputs {
		e := in.Estimates[0]
		s.Bars = append(s.Bars, Bar{Name: in.Path, Value: e.Value, Low: e.Low, High: e.High})
	}
	return s
}

// SensitivityOf draws how much parameters matter as bars with their intervals, and luck apart from them.
func SensitivityOf(r Results, o Options) (*Figure, error) {
	s := r.Sensitivity
	if s == nil {
		var err error
		if s, err = r.explained(o); err != nil {
			return nil, err
		}
		r.Scenario = r.Study.Scenario
	}
	named := *s
	named.Bars = slices.Clone(s.Bars)
	for i := range named.Bars {
		named.Bars[i].Name, _ = InputWords(r.Scenario, s.Bars[i].Name)
	}
	f := &Figure{Kind: "sensitivity", Title: "What " + s.Metric + " depends on", Under: r.Scenario.Describe() + " · " + s.How, body: (*bars)(&named)}
	r.markPartial(f)
	return f, nil
}

const (
	fewestPoints = 8 // from which something can be said of what inputs explain
	resamples    = 400
	normalSpan   = 3.2897 // standard deviations between the 5% and 95% quantiles of a normal distribution
)

// explained says of a study of many points which share of the variance of single runs a straight line through each
// input explains, with intervals by bootstrap over the points, and which share is luck.
func (r Results) explained(o Options) (*Sensitivity, error) {
	s := r.Study
	if s == nil || len(s.Params) == 0 || len(s.Points) < fewestPoints {
		return nil, lacking("sensitivity is drawn from a study of %d points or more: make one with exodus batch %s --design sobol --points 64 --sweep model.leak_aversion=3:8 --sweep model.herding=0:1, say; or from what exodus sensitivity --out writes", fewestPoints, r.Scenario.Name)
	}
	week, err := r.week(o, usualWeek)
	if err != nil {
		return nil, err
	}
	vendor := s.Scenario.FocusVendor()
	if len(o.Vendors) > 0 {
		vendor = o.Vendors[0]
	}
	j := slices.Index(s.Vendors, vendor)
	var ys []float64
	within := 0.0
	for point := range s.Points {
		q := s.at(point).At(results.Share, week, j)
		ys = append(ys, q[2])
		sd := (q[4] - q[0]) / normalSpan
		within += sd * sd / float64(len(s.Points))
	}
	between := variance(ys)
	noise := 0.0
	if within > 0 {
		noise = within / (within + between)
	}
	out := &Sensitivity{
		Metric: fmt.Sprintf("the share of %s", vendor),
		How:    fmt.Sprintf("%d points of %s runs, seed %d · %s", len(s.Points), words.Count(s.Runs), s.Seed, r.weekText(week)),
		Unit:   "share of the variance of single runs that a straight line through the input explains; intervals of 90%, by bootstrap",
		Noise:  Bar{Name: "luck", Value: noise},
		Scale:  Shares,
	}
	out.Noise.Low, out.Noise.High = out.Noise.Value, out.Noise.Value
	for k, name := range s.Params {
		var xs []float64
		for _, point := range s.Points {
			xs = append(xs, point[k])
		}
		bar := Bar{Name: name, Value: study.Explained(xs, ys) * (1 - out.Noise.Value)}
		luck, samples := sim.Luck{Seed: s.Seed}, make([]float64, resamples)
		for n := range samples {
			var x, y []float64
			for i := range ys {
				pick := int(luck.Uniform(keyResample, sim.Key(n), i) * float64(len(ys)))
				x, y = append(x, xs[pick]), append(y, ys[pick])
			}
			samples[n] = study.Explained(x, y) * (1 - out.Noise.Value)
		}
		slices.Sort(samples)
		bar.Low, bar.High = samples[resamples/20], samples[resamples-resamples/20]
		out.Bars = append(out.Bars, bar)
	}
	slices.SortStableFunc(out.Bars, func(a, b Bar) int { return cmp.Compare(b.Value, a.Value) })
	return out, nil
}

var keyResample = sim.KeyOf("figure bootstrap")

func variance(xs []float64) (v float64) {
	mean := 0.0
	for _, x := range xs {
		mean += x / float64(len(xs))
	}
	for _, x := range xs {
		v += (x - mean) * (x - mean) / float64(max(1, len(xs)-1))
	}
	return v
}

type bars Sensitivity

// tickRoom is as wide as a mark of each scale may be.
var tickRoom = []string{"0.0000", "0.0000", "2.5 pts", "USD 250M"}

const barRow = 15 // the least height of a bar's row, in points of the layout

// names are those of the bars, broken so that they take a third of the width at most, and how high each row is.
func (b *bars) names(p *canvas.Page) (names []canvas.Paragraph, rows []vg.Length, wide vg.Length) {
	all := append(append([]Bar(nil), b.Bars...), b.Noise)
	for _, bar := range all {
		name := p.Wrap(p.Style(canvas.Small, p.Ink), named(bar.Name), (p.Max.X-p.Min.X)/3)
		names = append(names, name)
		rows = append(rows, max(p.Pt(barRow), name.Height()+p.Pt(3)))
		wide = max(wide, name.Width())
	}
	return names, rows, wide
}

func (b *bars) height(p *canvas.Page) vg.Length {
	_, rows, _ := b.names(p)
	total := b.unit(p).Height() + p.Pt(20)
	for _, row := range rows {
		total += row
	}
	return total
}

func (b *bars) unit(p *canvas.Page) canvas.Paragraph {
	words := b.Unit
	if b.rest > 0 {
		words += " · the " + others(b.rest) + " have smaller effects"
	}
	return p.Wrap(p.Style(canvas.Small, p.Quiet), words, p.Max.X-p.Min.X)
}

func (b *bars) draw(p *canvas.Page) {
	names, rows, wide := b.names(p)
	all := append(append([]Bar(nil), b.Bars...), b.Noise)
	low, high := 0.0, 1e-12
	for _, bar := range all {
		for _, v := range []float64{bar.Low, bar.Value, bar.High} {
			if isFinite(v) {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	value := p.Style(canvas.Small, p.Quiet)
	widest := value.Width("−0.0000")
	for _, bar := range all {
		widest = max(widest, value.Width(b.Scale.Write(bar.Value))+p.Pt(4))
	}
	left, right := p.Min.X+wide+p.Pt(8), p.Max.X-widest
	x := func(v float64) vg.Length { return left + vg.Length((v-low)/(high-low))*(right-left) }
	bottom := p.Max.Y
	for _, row := range rows {
		bottom -= row
	}
	for _, k := range b.Scale.ticks(low, high, max(3, int((right-left)/(value.Width(tickRoom[b.Scale])+p.Pt(12))))) {
		p.Line(p.Faint, 0.6, x(k.at), bottom, x(k.at), p.Max.Y)
		p.Write(p.Style(canvas.Small, p.Ink), text.XCenter, x(k.at), bottom-p.Pt(7), k.label)
	}
	unit := b.unit(p)
	p.Print(unit, text.XLeft, p.Min.X, bottom-p.Pt(13))
	top := p.Max.Y
	for i, bar := range all {
		y := top - rows[i]/2
		fill := p.Palette[1]
		if i == len(all)-1 {
			fill = canvas.Blend(p.Quiet, p.Paper, 0.4)
			p.Line(p.Quiet, 0.5, p.Min.X, top, p.Max.X, top)
		}
		p.Print(names[i], text.XRight, left-p.Pt(5), y+names[i].Height()/2)
		end := x(0)
		if isFinite(bar.Value) {
			p.Box(fill, x(0), y-p.Pt(4), x(bar.Value), y+p.Pt(4))
			end = max(x(bar.Value), x(0))
		}
		if bar.High > bar.Low && isFinite(bar.High-bar.Low) {
			p.Line(p.Ink, 0.8, x(bar.Low), y, x(bar.High), y)
			p.Line(p.Ink, 0.8, x(bar.Low), y-p.Pt(2), x(bar.Low), y+p.Pt(2))
			p.Line(p.Ink, 0.8, x(bar.High), y-p.Pt(2), x(bar.High), y+p.Pt(2))
			end = max(end, x(bar.High))
		}
		p.Write(value, text.XLeft, end+p.Pt(4), y, b.Scale.Write(bar.Value))
		top -= rows[i]
	}
	p.Line(p.Quiet, 0.8, x(0), bottom, x(0), p.Max.Y)
}
