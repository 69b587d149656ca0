// Package figure draws results with gonum/plot, fit to print: one drawing for the screen and for paper.
//
// A figure is drawn as a journal would: dates on the axis, lines labelled at their ends instead of in a box,
// the event marked with its date and name. Colours come from a palette that colour-blind readers can tell
// apart, and lines differ in dashes too, so that a print in grey still reads. The same results give the same
// bytes.
package figure

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"slices"
	"time"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"exodus/agents"
	"exodus/scenarios"
)

// The size of a figure: the text width of a page.
const (
	Width  = 17 * vg.Centimeter
	Height = 9.5 * vg.Centimeter
	dpi    = 200

	eventRow = 10 // the height of a row of events, in points
)

// Formats are what a figure can be written as.
var Formats = []string{"svg", "png"}

// palette is of Okabe and Ito ("Color Universal Design", 2008), the yellow darkened for white paper.
var palette = []color.Color{
	color.RGBA{0xd5, 0x5e, 0x00, 0xff}, // vermillion
	color.RGBA{0x00, 0x72, 0xb2, 0xff}, // blue
	color.RGBA{0x00, 0x9e, 0x73, 0xff}, // bluish green
	color.RGBA{0xcc, 0x79, 0xa7, 0xff}, // reddish purple
	color.RGBA{0xb8, 0x8a, 0x00, 0xff}, // ochre
	color.RGBA{0x56, 0xb4, 0xe9, 0xff}, // sky blue
	color.RGBA{0x55, 0x55, 0x55, 0xff}, // grey
	color.RGBA{0x00, 0x00, 0x00, 0xff}, // black
}

// dashes tell lines apart where colours repeat, or do not print.
var dashes = [][]vg.Length{nil, {6, 2}, {2, 2}, {8, 2, 2, 2}, {1, 1.5}, {4, 4}}

var (
	ink   = color.RGBA{0x22, 0x22, 0x22, 0xff}
	faint = color.RGBA{0xe4, 0xe4, 0xe4, 0xff}
	quiet = color.RGBA{0x77, 0x77, 0x77, 0xff}
)

// Results are what a figure is drawn from.
type Results struct {
	Scenario *scenarios.Scenario
	Run      *agents.Trajectory
}

// Figure is a drawing that is ready to be written.
type Figure struct {
	plot   *plot.Plot
	title  string
	under  string // what was run, below the title
	bands  []band
	lines  []line
	events []mark
}

// band is an area between two lines over the same days.
type band struct {
	area  plotter.XYs
	color color.Color
}

// line is a series with its label.
type line struct {
	name   string
	points plotter.XYs
	style  draw.LineStyle
}

// mark is a day on which something happened.
type mark struct {
	x    float64
	text string
}

// Share draws each vendor's share of the market over time.
func Share(r Results) *Figure {
	f := newFigure(r.Scenario, r.Run.Weeks, "Share of the market", percent)
	for j, name := range r.Run.Vendors {
		if name != agents.InHouse {
			f.add(r.Scenario, r.Run.Weeks, name, j, func(week int) float64 { return r.Run.Share(week, j) })
		}
	}
	return f.fit()
}

// Spend draws what each lab spends with the vendor that the first event is about, or else the first vendor.
func Spend(r Results) *Figure {
	vendor := Focus(r.Scenario)
	j := slices.Index(r.Run.Vendors, vendor)
	f := newFigure(r.Scenario, r.Run.Weeks, "Spend with "+vendor+", a year", money)
	for i, name := range r.Run.Labs {
		f.add(r.Scenario, r.Run.Weeks, name, i, func(week int) float64 { return r.Run.Spend[r.Run.Rel(week, i, j)] })
	}
	return f.fit()
}

// Interval is a median with the 5% and 95% quantiles around it.
type Interval struct{ Low, Median, High float64 }

// Gain draws what each vendor gains in revenue, against another variant on the same luck: the median of many runs
// as a line, in bands that hold 5% to 95% of them. inner is of luck alone, in USD million a year; outer, where it is
// not nil, of luck and of what is not known of behaviour.
func Gain(s *scenarios.Scenario, weeks int, against string, vendors []string, inner, outer func(week, vendor int) Interval) *Figure {
	f := newFigure(s, weeks, "Gain in revenue over "+against+", a year", money)
	for j, name := range vendors {
		if name == agents.InHouse {
			continue
		}
		f.add(s, weeks, name, j, func(week int) float64 { return inner(week, j).Median })
		for _, band := range []func(week, vendor int) Interval{outer, inner} {
			if band != nil {
				f.shade(s, weeks, func(week int) float64 { return band(week, j).Low }, func(week int) float64 { return band(week, j).High })
			}
		}
	}
	return f.fit()
}

// Focus is the vendor that a scenario is about: the one of its first stake, else of its first event, else the
// first.
func Focus(s *scenarios.Scenario) string {
	if len(s.Spec.Events) == 0 {
		return s.Spec.Vendors[0].Name
	}
	for _, e := range s.Spec.Events {
		if e.Kind == "stake" {
			return e.Vendor
		}
	}
	return s.Spec.Events[0].Vendor
}

func newFigure(s *scenarios.Scenario, weeks int, title string, ticks func(min, max float64) []plot.Tick) *Figure {
	p := plot.New()
	p.BackgroundColor = color.White
	p.X.Tick.Marker = plot.TickerFunc(dates)
	p.Y.Tick.Marker = plot.TickerFunc(ticks)
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Tick.Label.Font = sans(8, false)
		axis.Tick.Label.Color = ink
		axis.LineStyle.Color, axis.LineStyle.Width = quiet, 0.5
		axis.Tick.LineStyle.Color, axis.Tick.LineStyle.Width = quiet, 0.5
		axis.Tick.Length = 3
		axis.Padding = 0
	}
	p.Y.LineStyle.Width = 0
	p.Y.Tick.LineStyle.Width = 0
	p.X.Min, p.X.Max = day(s.Date(0)), day(s.Date(weeks))
	p.Y.Min = 0

	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	grid.Horizontal.Color, grid.Horizontal.Width = faint, 0.6
	p.Add(grid)

	f := &Figure{plot: p, title: title, under: s.Describe()}
	for _, e := range s.Spec.Events {
		if e.Week >= weeks {
			continue
		}
		x := day(s.Date(e.Week))
		if n := len(f.events); n == 0 || f.events[n-1].x != x { // events of one day are told by the first
			f.events = append(f.events, mark{x, s.Date(e.Week).Format("2 Jan 2006") + "  " + scenarios.Tell(&e)})
		}
	}
	return f
}

func sans(size font.Length, bold bool) font.Font {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(float64(size))}
	if bold {
		f.Weight = stdfont.WeightBold
	}
	return f
}

// day is a date as a number of the axis.
func day(t time.Time) float64 { return float64(t.Unix()) / 86400 }

// add adds a line; the index gives it its colour and dash, so that who is drawn keeps both in every figure.
func (f *Figure) add(s *scenarios.Scenario, weeks int, name string, index int, at func(week int) float64) {
	l := line{name: name, style: draw.LineStyle{
		Color:  palette[index%len(palette)],
		Width:  vg.Points(1.5),
		Dashes: dashes[index/2%len(dashes)],
	}}
	for week := range weeks {
		if y := at(week); !math.IsNaN(y) {
			// A week's figure is known at its end, and what happens in a week moves nothing before it.
			l.points = append(l.points, plotter.XY{X: day(s.Date(week + 1)), Y: y})
		}
	}
	if len(l.points) == 1 { // a run of one week is a line across it
		l.points = append(plotter.XYs{{X: day(s.Date(0)), Y: l.points[0].Y}}, l.points...)
	}
	if len(l.points) > 0 {
		f.lines = append(f.lines, l)
	}
}

// shade adds a band to the last line that was added, in its colour.
func (f *Figure) shade(s *scenarios.Scenario, weeks int, low, high func(week int) float64) {
	b := band{}
	r, g, blue, _ := f.lines[len(f.lines)-1].style.Color.RGBA()
	b.color = color.NRGBA{uint8(r >> 8), uint8(g >> 8), uint8(blue >> 8), 0x30}
	for week := range weeks {
		b.area = append(b.area, plotter.XY{X: day(s.Date(week + 1)), Y: low(week)})
	}
	for week := weeks - 1; week >= 0; week-- {
		b.area = append(b.area, plotter.XY{X: day(s.Date(week + 1)), Y: high(week)})
	}
	f.bands = append(f.bands, b)
}

// fit makes the vertical axis hold all lines and bands, from zero on or below, with a little room above.
func (f *Figure) fit() *Figure {
	bottom, top := 0.0, 0.0
	cover := func(points plotter.XYs) {
		for _, p := range points {
			bottom, top = min(bottom, p.Y), max(top, p.Y)
		}
	}
	for _, b := range f.bands {
		cover(b.area)
		f.plot.Add(&plotter.Polygon{XYs: []plotter.XYs{b.area}, Color: b.color})
	}
	for _, l := range f.lines {
		cover(l.points)
		f.plot.Add(&plotter.Line{XYs: l.points, LineStyle: l.style})
	}
	room := 0.08 * max(1e-9, top-bottom)
	if f.plot.Y.Max = top + room; bottom < 0 {
		f.plot.Y.Min = bottom - room/2
		zero := plotter.XYs{{X: f.plot.X.Min, Y: 0}, {X: f.plot.X.Max, Y: 0}}
		f.plot.Add(&plotter.Line{XYs: zero, LineStyle: draw.LineStyle{Color: quiet, Width: 0.8}})
	}
	return f
}

// Write returns the figure as a file in one of the Formats.
func (f *Figure) Write(format string) ([]byte, error) { return write(format, Width, Height, f.draw) }

// write draws on a page of a size, and returns the file.
func write(format string, width, height vg.Length, paint func(draw.Canvas)) ([]byte, error) {
	var out bytes.Buffer
	var err error
	switch format {
	case "svg":
		c := vgsvg.New(width, height)
		paint(draw.New(c))
		_, err = c.WriteTo(&out)
	case "png":
		c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi))}
		paint(draw.New(c))
		_, err = c.WriteTo(&out)
	default:
		err = fmt.Errorf("no figure can be written as %q; there are %v", format, Formats)
	}
	return out.Bytes(), err
}

// draw lays the figure out: titles above, labels at the right, the plot in what is left.
func (f *Figure) draw(c draw.Canvas) {
	const edge = 8
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, edge, -edge, edge, -edge)

	title, under, label := style(11, true, ink), style(8.5, false, quiet), style(8, false, ink)
	c.FillText(title, vg.Point{X: c.Min.X, Y: c.Max.Y - 11}, f.title)
	c.FillText(under, vg.Point{X: c.Min.X, Y: c.Max.Y - 23}, fitText(under, f.under, c.Max.X-c.Min.X))

	wide := vg.Length(0)
	names := make([]string, len(f.lines))
	for i, l := range f.lines {
		names[i] = fitText(label, l.name, Width/4)
		wide = max(wide, label.Width(names[i]))
	}
	header := vg.Length(42)
	if len(f.events) > 1 {
		header += eventRow
	}
	area := draw.Crop(c, 0, -wide-10, 0, -header)
	f.plot.Draw(area)
	data := f.plot.DataCanvas(area)
	x, y := f.plot.Transforms(&data)
	f.drawEvents(data, x, c.Max.X)

	ends := make([]vg.Length, len(f.lines))
	for i, l := range f.lines {
		ends[i] = y(l.points[len(l.points)-1].Y)
	}
	at := spread(ends, 10, data.Min.Y+5, data.Max.Y) // clear of the dates
	for i, l := range f.lines {
		name := label
		name.Color = l.style.Color
		name.YAlign = text.YCenter
		right := x(l.points[len(l.points)-1].X)
		if d := at[i] - ends[i]; d > 3 || d < -3 { // a label that moved is led to its line
			c.StrokeLine2(draw.LineStyle{Color: l.style.Color, Width: 0.4}, right+1, ends[i], right+6, at[i])
		}
		c.FillText(name, vg.Point{X: right + 8, Y: at[i]}, names[i])
	}
}

// drawEvents marks what happened, each with its text in the first row above the plot that has room for it.
func (f *Figure) drawEvents(data draw.Canvas, x func(float64) vg.Length, right vg.Length) {
	small := style(7.5, false, quiet)
	rows := [2]vg.Length{-1e9, -1e9} // where the text of a row ends
	for _, m := range f.events {
		at := x(m.x)
		data.StrokeLine2(draw.LineStyle{Color: quiet, Width: 0.6, Dashes: []vg.Length{2, 2}}, at, data.Min.Y, at, data.Max.Y)
		width := small.Width(m.text)
		left := min(at, right-width)
		for row := range rows {
			if left > rows[row]+6 {
				data.FillText(small, vg.Point{X: left, Y: data.Max.Y + 3 + vg.Length(row)*eventRow}, m.text)
				rows[row] = left + width
				break
			}
		}
	}
}

func style(size font.Length, bold bool, c color.Color) text.Style {
	return text.Style{Color: c, Font: sans(size, bold), Handler: plot.DefaultTextHandler}
}

// fitText shortens a text that is wider than there is room for.
func fitText(style text.Style, s string, room vg.Length) string {
	if style.Width(s) <= room {
		return s
	}
	runes := []rune(s)
	for len(runes) > 1 && style.Width(string(runes)+"…") > room {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// spread moves labels apart so that none is closer to the next than gap, as little as may be, within low and
// high if they fit.
func spread(at []vg.Length, gap, low, high vg.Length) []vg.Length {
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case at[a] < at[b]:
			return -1
		case at[a] > at[b]:
			return 1
		}
		return b - a // of equals, the first is on top
	})
	out := slices.Clone(at)
	// Neighbours that are too close form a group, which is centred on what its members want.
	type group struct {
		members []int
		centre  vg.Length
	}
	bottom := func(g group) vg.Length { return g.centre - gap*vg.Length(len(g.members)-1)/2 }
	top := func(g group) vg.Length { return g.centre + gap*vg.Length(len(g.members)-1)/2 }
	place := func(members []int) group {
		g := group{members: members}
		for _, i := range members {
			g.centre += at[i] / vg.Length(len(members))
		}
		half := gap * vg.Length(len(members)-1) / 2
		g.centre = max(min(g.centre, high-half), low+half)
		return g
	}
	var groups []group
	for _, i := range order {
		g := place([]int{i})
		for len(groups) > 0 && bottom(g)-top(groups[len(groups)-1]) < gap {
			last := groups[len(groups)-1]
			groups = groups[:len(groups)-1]
			g = place(append(slices.Clone(last.members), g.members...))
		}
		groups = append(groups, g)
	}
	for _, g := range groups {
		for k, i := range g.members {
			out[i] = bottom(g) + gap*vg.Length(k)
		}
	}
	return out
}
