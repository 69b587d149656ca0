package figure

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"exodus/agents"
	"exodus/app/internal/canvas"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// chart is a figure of panels, one below the other, over the weeks of a scenario or over an input.
type chart struct {
	start  time.Time
	weeks  int
	anchor int    // the week of the event that weeks are counted from, or -1
	since  string // what that event is
	marks  []mark
	panels []*panel
	ofLabs bool   // whether the lines are of labs
	lanes  []lane // in place of panels: see timeline
	over   *input // in place of weeks
	note   string // what is not drawn, below the chart
}

// input is what a chart is drawn over that is not over weeks.
type input struct {
	name string
	at   []float64 // in place of the end of a week, by the index of a value
}

// mark is what happened in a week.
type mark struct {
	week    int
	text    string
	isFocus bool // weeks are counted from it
}

// panel is a scale with its lines. Values are by week; a week's is known at its end.
type panel struct {
	name    string // what is measured, above the panel; "" where the title says it
	ticks   ticker
	format  func(x float64) string // of a single value
	stacked bool                   // areas on top of one another instead of lines
	least   float64                // the scale reaches at least from here
	most    float64                // to here
	loose   bool                   // and need not hold zero
	signed  bool                   // values are differences
	summed  bool                   // the rest of many lines is drawn as their sum
	series  []*series
}

// series is a line with its bands, the outer one first.
type series struct {
	name   string
	index  int // in the scenario, which gives the colour and dash
	values []float64
	bands  []band
	ghost  bool    // of a market compared with: dashed and thin
	silent bool    // without a label
	beyond bool    // it is too large for the scale that shows the others, and its label says how large
	weight float64 // how large it is among many; 0 where its values say so
}

// band lies between two lines.
type band struct{ low, high []float64 }

// newTime makes a chart of a scenario's weeks, in which its events are marked.
func newTime(s *scenarios.Scenario) *chart {
	c := &chart{start: s.Start, weeks: max(1, s.Spec.Weeks), anchor: -1}
	if e := s.Focus(); e != nil {
		if c.anchor, c.since = e.Week, "event"; e.Kind == "stake" {
			c.since = "deal"
		}
	}
	events := slices.Clone(s.Spec.Events)
	isFocus := func(e *agents.Event) int {
		if f := s.Focus(); f != nil && f.Name == e.Name {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(events, func(a, b agents.Event) int { // the event that weeks are counted from is named first
		return cmp.Or(a.Week-b.Week, isFocus(&b)-isFocus(&a), s.DateOf(&a).Compare(s.DateOf(&b)))
	})
	for _, e := range events {
		if e.Week < c.weeks {
			first := isFocus(&e) == 1
			date := words.Date(s.DateOf(&e))
			e.Vendor, e.Owner, e.Lab = named(e.Vendor), named(e.Owner), named(e.Lab)
			c.marks = append(c.marks, mark{e.Week, date + ": " + words.Ellipsis(e.Tell(), mostMark), first})
		}
	}
	return c
}

// timeLayout says where the parts of a chart stand.
type timeLayout struct {
	data   vg.Rectangle   // of all panels
	panels []vg.Rectangle // of each
	low    []float64      // of the scale of each
	high   []float64
	ticks  [][]tick
	labels [][]canvas.Paragraph // of the lines of each panel, in their order; none where it is not labelled
	marks  vg.Length            // where the texts of the marks begin, upwards
	rows   []int                // of the marks
	left   []vg.Length          // where the text of each mark begins
	texts  []canvas.Paragraph
	note   canvas.Paragraph // of what is not drawn, at the bottom
}

func (c *chart) layout(p *canvas.Page) (l timeLayout) {
	c.dress(p)
	l.data = p.Rectangle
	wide, right := vg.Length(0), vg.Length(0)
	ticks := p.Style(canvas.Small, p.Ink)
	for _, panel := range c.panels {
		low, high := panel.extent()
		l.low, l.high = append(l.low, low), append(l.high, high)
		room := (p.Max.Y - p.Min.Y) / vg.Length(len(c.panels))
		marks := panel.ticks(low, high, min(7, max(2, int(room/p.Pt(26)))))
		l.ticks = append(l.ticks, marks)
		for _, k := range marks {
			wide = max(wide, ticks.Width(k.label))
		}
		labels := c.labels(p, panel, room-p.Pt(30))
		for _, t := range labels {
			right = max(right, t.Width())
		}
		l.labels = append(l.labels, labels)
	}
	if c.lanes != nil {
		for _, lane := range c.lanes {
			wide = max(wide, c.laneName(p, lane).Width())
		}
		right = p.Pt(4)
	}
	l.data.Min.X += wide + p.Pt(5)
	l.data.Max.X -= right + p.Pt(10)
	l.data.Min.Y += p.Pt(15)
	if c.anchor >= 0 || c.over != nil {
		l.data.Min.Y += p.Pt(11)
	}
	if c.lanes != nil {
		l.data.Min.Y += c.legend(p, l.data.Min.X, 0, false)
	}
	note := c.note
	if unnamed := c.placeMarks(p, &l); unnamed > 0 {
		note = strings.TrimPrefix(note+"; "+words.Counted(unnamed, "other event")+" marked without a name", "; ")
	}
	l.note = p.Note(note)
	l.data.Min.Y += l.note.Height()
	l.marks = l.data.Max.Y
	if len(c.panels) > 0 && c.panels[0].name != "" {
		l.data.Max.Y -= p.Pt(12)
	}
	for i := range c.panels {
		n := vg.Length(len(c.panels))
		gap := p.Pt(20) // with the name of the next panel
		height := (l.data.Max.Y - l.data.Min.Y - gap*(n-1)) / n
		top := l.data.Max.Y - vg.Length(i)*(height+gap)
		l.panels = append(l.panels, vg.Rectangle{Min: vg.Point{X: l.data.Min.X, Y: top - height}, Max: vg.Point{X: l.data.Max.X, Y: top}})
	}
	return l
}

// height is that of its lanes, or what its panels need for the names of their lines.
func (c *chart) height(p *canvas.Page) vg.Length {
	if c.lanes != nil {
		return c.lanesHeight(p)
	}
	l := c.layout(p)
	total := p.Pt(26) + p.Max.Y - l.data.Max.Y + l.note.Height()
	for i, panel := range c.panels {
		names := vg.Length(0)
		for _, t := range c.labels(p, panel, math.MaxInt32) {
			names += labelHeight(p, t)
		}
		if total += max(p.Pt(70), names); i > 0 {
			total += p.Pt(20)
		}
	}
	return total
}

func (s *series) last() float64 {
	if len(s.values) == 0 {
		return math.NaN()
	}
	return s.values[len(s.values)-1]
}

// x is where a time, in weeks from the start, is.
func (c *chart) x(data vg.Rectangle, week float64) vg.Length {
	return data.Min.X + vg.Length(week/float64(c.weeks))*(data.Max.X-data.Min.X)
}

// place is the time of a value, in weeks from the start.
func (c *chart) place(i int) float64 {
	if c.over == nil {
		return float64(i + 1) // a week's figure is known at its end, and what happens in a week moves nothing before it
	}
	at := c.over.at
	if n := len(at) - 1; at[n] > at[0] {
		return (at[i] - at[0]) / (at[n] - at[0]) * float64(c.weeks)
	}
	return float64(c.weeks) / 2
}

// extent is the scale that holds all lines and bands, zero, and a little room.
func (a *panel) extent() (low, high float64) {
	if a.stacked {
		return 0, 1
	}
	low, high = a.bounds()
	if high-low < 1e-6 { // where nothing happens, a scale that says so
		if a.loose {
			low -= 0.05
		}
		high += 0.1
	}
	room := 0.06 * (high - low)
	if high += room; low < 0 || a.loose {
		low -= room
	}
	return low, high
}

// bounds are the least and the most that the scale has to hold.
func (a *panel) bounds() (low, high float64) {
	low, high = a.least, a.most
	cover := func(xs []float64) {
		for _, x := range xs {
			if isFinite(x) {
				low, high = min(low, x), max(high, x)
			}
		}
	}
	for _, s := range a.series {
		if s.beyond {
			continue
		}
		cover(s.values)
		for _, b := range s.bands {
			cover(b.low)
			cover(b.high)
		}
	}
	return low, high
}

// infinite says whether some values are, which cannot be drawn.
func (c *chart) infinite() bool {
	for _, a := range c.panels {
		for _, s := range a.series {
			all := [][]float64{s.values}
			for _, b := range s.bands {
				all = append(all, b.low, b.high)
			}
			for _, values := range all {
				if slices.ContainsFunc(values, func(x float64) bool { return math.IsInf(x, 0) }) {
					return true
				}
			}
		}
	}
	return false
}

// dress gives the page the colours and dashes of what is drawn together.
func (c *chart) dress(p *canvas.Page) {
	p.Looks = c.looks()
	if c.ofLabs {
		p.Theme = p.Theme.Turned()
	}
}

// looks are those of its lines.
func (c *chart) looks() map[int]canvas.Look {
	var drawn []int
	for _, a := range c.panels {
		for _, s := range a.series {
			drawn = append(drawn, s.index)
		}
	}
	return canvas.Looks(drawn)
}

func (c *chart) draw(p *canvas.Page) {
	l := c.layout(p)
	p.Print(l.note, text.XLeft, p.Min.X, p.Min.Y+l.note.Height())
	for i, panel := range c.panels {
		c.drawPanel(p, panel, l, i)
	}
	c.drawMarks(p, l)
	for i, panel := range c.panels {
		if panel.name != "" {
			style, y := p.Bold(canvas.Tiny, p.Quiet), l.panels[i].Max.Y+p.Pt(9)
			p.Box(p.Paper, p.Min.X, y-p.Pt(4.5), p.Min.X+style.Width(panel.name)+p.Pt(3), y+p.Pt(4.5))
			p.Write(style, text.XLeft, p.Min.X, y, panel.name)
		}
	}
	if c.lanes != nil {
		c.drawLanes(p, l)
	}
	if c.over != nil {
		c.drawInput(p, l)
		return
	}
	c.drawDates(p, l)
}

func (c *chart) drawPanel(p *canvas.Page, a *panel, l timeLayout, i int) {
	at, low, high := l.panels[i], l.low[i], l.high[i]
	y := func(v float64) vg.Length { return at.Min.Y + vg.Length((v-low)/(high-low))*(at.Max.Y-at.Min.Y) }
	for _, k := range l.ticks[i] {
		if !a.stacked {
			p.Line(p.Faint, 0.6, at.Min.X, y(k.at), at.Max.X, y(k.at))
		}
		p.Write(p.Style(canvas.Small, p.Ink), text.XRight, at.Min.X-p.Pt(4), y(k.at), k.label)
	}
	points := func(values []float64) (out []vg.Point) {
		for week, v := range values {
			if isFinite(v) {
				out = append(out, vg.Point{X: c.x(l.data, c.place(week)), Y: y(v)})
			}
		}
		if len(out) == 1 { // a run of one week is a line across it
			out = append([]vg.Point{{X: c.x(l.data, 0), Y: out[0].Y}}, out...)
		}
		return out
	}
	if a.stacked {
		c.drawStack(p, a, l, i, points)
		return
	}
	for _, s := range a.series {
		for k, b := range s.bands {
			area := points(b.low)
			top := points(b.high)
			slices.Reverse(top)
			if area = append(area, top...); len(area) > 2 {
				p.FillPolygon(canvas.Fade(p.Of(s.index), 0.13+0.09*float64(k)), area)
			}
		}
	}
	if low < 0 && high > 0 {
		p.Line(p.Quiet, 0.8, at.Min.X, y(0), at.Max.X, y(0))
	}
	for _, s := range a.series {
		if s.beyond {
			continue
		}
		style := p.Pen(p.Of(s.index), 1.5, p.Dash(s.index))
		if s.ghost {
			style = p.Pen(canvas.Blend(p.Of(s.index), p.Paper, 0.25), 1.1, []float64{3, 2.5})
		}
		p.StrokeLines(style, points(s.values))
	}
	c.drawLabels(p, a, l.labels[i], at, points, nil)
}

// drawStack draws areas on top of one another, in tints of their colours, with a line of paper between them.
func (c *chart) drawStack(p *canvas.Page, a *panel, l timeLayout, i int, points func([]float64) []vg.Point) {
	var below []float64
	middles := make([]float64, len(a.series))
	for k := len(a.series) - 1; k >= 0; k-- { // the first on top
		s := a.series[k]
		above := slices.Clone(s.values)
		for week := range above {
			if !isFinite(above[week]) {
				above[week] = 0
			}
			if week < len(below) {
				above[week] += below[week]
			}
		}
		if below == nil {
			below = make([]float64, len(above))
		}
		low, high := points(below), points(above)
		area := append(low, reversed(high)...)
		if len(area) > 2 {
			p.FillPolygon(canvas.Blend(p.Of(s.index), p.Paper, 0.25), area)
			p.StrokeLines(p.Pen(p.Paper, 0.7, nil), high)
		}
		if n := len(above); n > 0 {
			middles[k] = (below[n-1] + above[n-1]) / 2
		}
		below = above
	}
	c.drawLabels(p, a, l.labels[i], l.panels[i], points, middles)
}

func reversed(points []vg.Point) []vg.Point {
	out := slices.Clone(points)
	slices.Reverse(out)
	return out
}

func (c *chart) date(week int) time.Time { return c.start.AddDate(0, 0, 7*week) }
