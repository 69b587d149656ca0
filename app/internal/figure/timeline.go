package figure

import (
	"image/color"
	"slices"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"exodus/agents"
	"exodus/app/internal/canvas"
	"exodus/scenarios/words"
)

// lane is what one agent did.
type lane struct {
	name   string
	index  int     // of its colour
	lab    bool    // whether that is a lab's
	weight float64 // how large it is among many
	text   string  // in place of what it did
	spans  [][2]int
	done   []done
}

// done is something that an agent did in a week.
type done struct {
	week        int
	event, text string
}

// sign is what stands for an event: what the legend says of it, and what stands beside one, in which % is the vendor.
type sign struct{ event, doc, text string }

// signs are how what agents do is drawn, in the order of the legend. Reviews are spans.
var signs = []sign{
	{agents.ReviewStarts, "reviews its vendors", ""},
	{agents.Pauses, "pauses work at once", "pauses work at %"},
	{agents.Leaves, "leaves: less than half of the part it gave", "leaves %"},
	{agents.CutOff, "is cut off, for want of capacity", "is cut off by %"},
	{agents.MustLeave, "must leave, since the vendor ends its service", "must leave %"},
	{agents.Returns, "returns", "returns %"},
	{agents.EndsService, "ends its service", "ends its service"},
	{agents.LaysOff, "lays off", "lays off"},
	{agents.TurnsAway, "turns work away", "turns work away"},
}

// Timeline draws what happened: the scenario's events, and what each agent did about them.
func Timeline(r Results, o Options) (*Figure, error) {
	if r.Run == nil {
		return nil, lacking("there is no run to draw a timeline from")
	}
	c := newTime(r.Scenario)
	logs := map[string][]agents.Entry{}
	for _, e := range r.Run.Log {
		logs[e.Agent] = append(logs[e.Agent], e)
	}
	labs, vendors := r.sizes()
	add := func(name string, index int, lab bool, weight float64) {
		l := lane{name: name, index: index, lab: lab, weight: weight}
		for _, e := range logs[name] {
			if i := slices.IndexFunc(signs, func(s sign) bool { return s.event == e.Event }); i >= 0 && signs[i].text != "" {
				l.done = append(l.done, done{e.Week, e.Event, strings.Replace(signs[i].text, "%", e.Vendor, 1)})
			}
		}
		l.spans = spansOf(logs[name], r.Run.Weeks)
		if len(l.done)+len(l.spans) > 0 {
			c.lanes = append(c.lanes, l)
		}
	}
	for i, name := range r.Run.Labs {
		if shows(o, name, o.Labs) {
			add(name, i, true, labs[i])
		}
	}
	for j, name := range r.Run.Vendors {
		if _, isLab := logs[name]; shows(o, name, o.Vendors) && !(isLab && slices.Contains(r.Run.Labs, name)) {
			add(name, j, false, vendors[j])
		}
	}
	if len(c.lanes) == 0 {
		c.lanes = []lane{{name: "nobody did anything"}}
	}
	f := &Figure{Kind: "timeline", Title: "What happened, and who did what about it", body: c}
	r.describeRun(f)
	if weeks := c.eventful(); weeks < c.weeks*4/5 {
		c.weeks = weeks
		f.Under += " · nothing more after " + words.Date(r.Scenario.Date(weeks))
	}
	return f, nil
}

// eventful is in how many weeks all happens, with room for the words beside the last of it.
func (c *chart) eventful() int {
	weeks := c.anchor + usualWeek
	for _, m := range c.marks {
		weeks = max(weeks, m.week*5/3)
	}
	for _, l := range c.lanes {
		for _, s := range l.spans {
			weeks = max(weeks, s[1]+2)
		}
		for _, d := range l.done {
			weeks = max(weeks, d.week*5/3)
		}
	}
	return weeks
}

// spansOf are the weeks in which a lab reviewed its vendors: from the first to the one after the last.
func spansOf(log []agents.Entry, weeks int) (spans [][2]int) {
	since := -1
	for _, e := range log {
		switch {
		case e.Event == agents.ReviewStarts && since < 0:
			since = e.Week
		case e.Event == agents.ReviewEnds && since >= 0:
			spans, since = append(spans, [2]int{since, e.Week}), -1
		}
	}
	if since >= 0 {
		spans = append(spans, [2]int{since, weeks})
	}
	return spans
}

func (l lane) colour(p *canvas.Page) color.NRGBA {
	if l.lab {
		return p.Turned().Of(l.index)
	}
	return p.Of(l.index)
}

const closeLaneRow, laneRow = 13, 17

func (c *chart) laneName(p *canvas.Page, l lane) canvas.Paragraph {
	return p.Wrap(p.Style(canvas.Small, p.Readable(l.colour(p))), named(l.name), (p.Max.X-p.Min.X)*3/10)
}

// height is that of the lanes, one below the other.
func (c *chart) lanesHeight(p *canvas.Page) vg.Length {
	total := p.Pt(30) + c.legend(p, p.Min.X, 0, false)
	l := c.layout(p)
	total += p.Max.Y - l.data.Max.Y + l.note.Height()
	for _, lane := range c.lanes {
		total += c.laneHeight(p, lane)
	}
	return total
}

func (c *chart) laneHeight(p *canvas.Page, l lane) vg.Length {
	return max(p.Row(closeLaneRow, laneRow), c.laneName(p, l).Height()+p.Row(1, 3))
}

func (c *chart) drawLanes(p *canvas.Page, l timeLayout) {
	total := vg.Length(0)
	for _, p.Tight = range []bool{false, true} {
		total = 0
		for _, lane := range c.lanes {
			total += c.laneHeight(p, lane)
		}
		if total <= l.data.Max.Y-l.data.Min.Y {
			break
		}
	}
	stretch := (l.data.Max.Y - l.data.Min.Y) / total
	top := l.data.Max.Y
	for _, lane := range c.lanes {
		height := c.laneHeight(p, lane) * stretch
		y, colour := top-height/2, lane.colour(p)
		p.Line(p.Faint, 0.6, l.data.Min.X, top-height, l.data.Max.X, top-height)
		name := c.laneName(p, lane)
		p.Print(name, text.XRight, l.data.Min.X-p.Pt(5), y+name.Height()/2)
		for _, s := range lane.spans {
			p.Box(canvas.Blend(colour, p.Paper, 0.4), c.x(l.data, float64(s[0])), y-p.Pt(6), c.x(l.data, float64(s[1])), y-p.Pt(4))
		}
		style := p.Style(canvas.Tiny, p.Ink)
		p.Write(p.Style(canvas.Tiny, p.Quiet), text.XLeft, l.data.Min.X+p.Pt(5), y, lane.text)
		slices.SortStableFunc(lane.done, func(a, b done) int { return a.week - b.week })
		clear := l.data.Min.X // where the last text ends
		for i, d := range lane.done {
			x := c.x(l.data, float64(d.week)+0.5)
			drawSign(p, d.event, colour, x, y)
			next := l.data.Max.X + p.Pt(10)
			if i+1 < len(lane.done) {
				next = c.x(l.data, float64(lane.done[i+1].week)+0.5) - p.Pt(5)
			}
			if at := x + p.Pt(5); at >= clear && at+style.Width(d.text) <= next {
				p.Write(style, text.XLeft, at, y+p.Pt(1), d.text)
				clear = at + style.Width(d.text)
			}
		}
		top -= height
	}
	c.legend(p, l.data.Min.X, l.data.Min.Y-p.Pt(26), true)
}

// drawSign draws the sign of an event.
func drawSign(p *canvas.Page, event string, colour color.Color, x, y vg.Length) {
	s := p.Pt(3.2)
	at := func(dx, dy float64) vg.Point { return vg.Point{X: x + vg.Length(dx)*s, Y: y + vg.Length(dy)*s} }
	switch event {
	case agents.ReviewStarts:
		p.FillPolygon(colour, []vg.Point{at(-2, -0.3), at(2, -0.3), at(2, 0.3), at(-2, 0.3)})
	case agents.Pauses:
		p.FillPolygon(colour, []vg.Point{at(-0.9, -1), at(-0.3, -1), at(-0.3, 1), at(-0.9, 1)})
		p.FillPolygon(colour, []vg.Point{at(0.3, -1), at(0.9, -1), at(0.9, 1), at(0.3, 1)})
	case agents.Leaves:
		p.FillPolygon(colour, []vg.Point{at(-1.1, 0.9), at(1.1, 0.9), at(0, -1.1)})
	case agents.CutOff:
		p.FillPolygon(colour, []vg.Point{at(-1.1, 0.7), at(-0.7, 1.1), at(1.1, -0.7), at(0.7, -1.1)})
		p.FillPolygon(colour, []vg.Point{at(-1.1, -0.7), at(-0.7, -1.1), at(1.1, 0.7), at(0.7, 1.1)})
	case agents.MustLeave:
		p.FillPolygon(colour, []vg.Point{at(-0.9, 1.1), at(1.1, 0), at(-0.9, -1.1)})
	case agents.EndsService:
		p.FillPolygon(colour, []vg.Point{at(-1.1, 0.45), at(-0.45, 1.1), at(0.45, 1.1), at(1.1, 0.45), at(1.1, -0.45), at(0.45, -1.1), at(-0.45, -1.1), at(-1.1, -0.45)})
	case agents.Returns:
		p.FillPolygon(colour, []vg.Point{at(-1.1, -0.9), at(1.1, -0.9), at(0, 1.1)})
	case agents.LaysOff:
		p.FillPolygon(colour, []vg.Point{at(-0.9, -0.9), at(0.9, -0.9), at(0.9, 0.9), at(-0.9, 0.9)})
	case agents.TurnsAway:
		p.FillPolygon(colour, []vg.Point{at(0, -1.3), at(1.1, 0), at(0, 1.3), at(-1.1, 0)})
	}
}

// legend says what the signs that are used mean, in as many rows as it takes, and returns how high it is.
func (c *chart) legend(p *canvas.Page, left, top vg.Length, visible bool) vg.Length {
	used := map[string]bool{}
	for _, l := range c.lanes {
		if len(l.spans) > 0 {
			used[agents.ReviewStarts] = true
		}
		for _, d := range l.done {
			used[d.event] = true
		}
	}
	style := p.Style(canvas.Tiny, p.Quiet)
	x, rows := p.Min.X, 0
	for _, s := range signs {
		if !used[s.event] {
			continue
		}
		width := p.Pt(13) + style.Width(s.doc) + p.Pt(9)
		if rows == 0 || x+width-p.Pt(9) > p.Max.X {
			x, rows = p.Min.X, rows+1
		}
		if y := top - p.Pt(10)*vg.Length(rows) + p.Pt(3); visible {
			drawSign(p, s.event, p.Quiet, x+p.Pt(6), y)
			p.Write(style, text.XLeft, x+p.Pt(14), y, s.doc)
		}
		x += width
	}
	return p.Pt(10)*vg.Length(rows) + p.Pt(4)
}
