// Package figure draws results with gonum/plot, fit to print: one drawing for the screen and for paper.
//
// A figure is drawn as a journal would: dates on the axis and weeks since the deal below them, lines labelled at
// their ends instead of in a box, events marked with their dates and names. Colours come from a palette that
// colour-blind readers can tell apart, and lines differ in dashes too, so that a print in grey still reads; a vendor
// or lab keeps its colour in every figure. The same results give the same bytes.
//
// [Kinds] is the one list of what can be drawn. Each kind makes a [Figure] of [Results]; a figure is written to a
// file, with the receipt of where it came from inside it, or drawn for a window.
package figure

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"exodus/app/internal/canvas"
	"exodus/scenarios/words"
)

// Figure is a drawing that is ready to be written.
type Figure struct {
	Kind  string
	Title string
	Under string // what was run and what is shown of it, below the title
	Mark  string // what a reader must not miss, such as that only some of the runs are done; shown without a title too

	body body
}

// body is what a figure shows below its title.
type body interface{ draw(p *canvas.Page) }

// tall is a body that needs a height on a page of a width.
type tall interface {
	body
	height(p *canvas.Page) vg.Length
}

const margin = 8 // around a figure, in points of the layout

// draw draws the figure on a canvas.
func (f *Figure) draw(c draw.Canvas, t *canvas.Theme, unit float64, titled bool) {
	p := &canvas.Page{Canvas: c, Theme: t, Unit: unit}
	p.SetColor(p.Paper)
	p.Fill(p.Rectangle.Path())
	q := f.header(p, titled, true)
	f.body.draw(q)
}

// header draws the title and what is below it, and returns the part of the page that is left.
func (f *Figure) header(p *canvas.Page, titled, visible bool) *canvas.Page {
	m := p.Pt(margin)
	area := vg.Rectangle{Min: vg.Point{X: p.Min.X + m, Y: p.Min.Y + m}, Max: vg.Point{X: p.Max.X - m, Y: p.Max.Y - m}}
	width := area.Max.X - area.Min.X
	lines := func(s text.Style, title string) canvas.Paragraph { // which may be anybody's
		return p.Wrap(s, words.Ellipsis(title, mostTitle), width)
	}
	put := func(t canvas.Paragraph) {
		if visible {
			p.Print(t, text.XLeft, area.Min.X, area.Max.Y)
		}
		area.Max.Y -= t.Height()
	}
	if titled && f.Title != "" {
		put(lines(p.Bold(11, p.Ink), f.Title))
	}
	if titled && f.Under != "" {
		put(lines(p.Style(canvas.Small, p.Quiet), f.Under))
	}
	if f.Mark != "" {
		put(p.Wrap(p.Bold(canvas.Small, p.Readable(p.Palette[0])), f.Mark, width))
	}
	if titled || f.Mark != "" {
		area.Max.Y -= p.Pt(5)
	}
	return p.Sub(area)
}

// windowUnit makes the type of a figure as large as the text of a window.
const windowUnit = 1.45

func themeOf(isDark bool) *canvas.Theme {
	if isDark {
		return canvas.Dark
	}
	return canvas.Light
}

// Image draws the figure for a window: width by height pixels, of which scale make one that does not depend on the
// screen. It has no title: the window has its own. Figures may be drawn on any goroutine, several at once.
func (f *Figure) Image(width, height int, scale float64, isDark bool) *image.RGBA {
	width, height = max(1, width), max(1, height)
	t := themeOf(isDark)
	c := canvas.NewRaster(width, height, scale, t.Paper)
	p := &canvas.Page{Canvas: draw.New(c), Theme: t, Unit: windowUnit}
	f.drawBody(p)
	return c.Image()
}

// drawBody draws the figure without its title.
func (f *Figure) drawBody(p *canvas.Page) {
	f, p.Unit = f.fitted(p, false)
	f.body.draw(f.header(p, false, true))
}

// Area says where the data are in the Image of the same width, height and scale.
func (f *Figure) Area(width, height int, scale float64) Area {
	if _, ok := f.body.(*chart); !ok {
		return Area{}
	}
	pixels := func(n int) vg.Length { return vg.Length(float64(max(1, n)) / scale) }
	p := &canvas.Page{Canvas: canvas.Blank(pixels(width), pixels(height)), Theme: canvas.Light, Unit: windowUnit}
	f, p.Unit = f.fitted(p, false)
	over := f.body.(*chart)
	data := over.layout(f.header(p, false, false)).data
	weeks := over.weeks
	if over.over != nil {
		weeks = 0
	}
	at := func(x vg.Length) int { return int(math.Round(float64(x) * scale)) }
	return Area{image.Rect(at(data.Min.X), height-at(data.Max.Y), at(data.Max.X), height-at(data.Min.Y)), weeks}
}

// Values are what the lines of a figure over time are at a week: that at the pointer, by [Area.Week]. Of many lines
// they are the largest, and the rest as one.
func (f *Figure) Values(week int, isDark bool) []Value {
	if over, ok := f.body.(*chart); ok && over.lanes == nil {
		return over.largest(mostValues).(*chart).values(week, themeOf(isDark))
	}
	return nil
}

// Area says where in a picture the data are, and which week is where.
type Area struct {
	Rect  image.Rectangle // in pixels
	Weeks int             // from the left edge to the right; 0 in a figure that is not over time
}

// Week is the week at a column of the picture; false left and right of the data.
func (a Area) Week(x int) (int, bool) {
	if a.Weeks == 0 || x < a.Rect.Min.X || x >= a.Rect.Max.X {
		return 0, false
	}
	return min(a.Weeks-1, (x-a.Rect.Min.X)*a.Weeks/a.Rect.Dx()), true
}

// X is the column at which the figures of a week stand: those that it ends with.
func (a Area) X(week int) int {
	return a.Rect.Min.X + int(math.Round(float64(week+1)/float64(max(1, a.Weeks))*float64(a.Rect.Dx())))
}

// Value is what a line of a figure is at a week.
type Value struct {
	Name   string
	Value  float64
	Text   string // the value as people write it, with its outer band if there is one
	Colour color.NRGBA
	Ghost  bool // of the market compared with
}

const mostValues = 15 // beside a pointer

// values are those of the lines at a week, in the order of the lines.
func (c *chart) values(week int, t *canvas.Theme) (out []Value) {
	p := &canvas.Page{Theme: t}
	c.dress(p)
	for _, a := range c.panels {
		for _, s := range a.series {
			if week < 0 || week >= len(s.values) || !isFinite(s.values[week]) {
				continue
			}
			v := Value{Name: s.name, Value: s.values[week], Text: a.format(s.values[week]), Colour: p.Of(s.index), Ghost: s.ghost}
			if len(s.bands) > 0 {
				v.Text += fmt.Sprintf(" (%s to %s)", a.format(s.bands[0].low[week]), a.format(s.bands[0].high[week]))
			}
			out = append(out, v)
		}
	}
	return out
}

// Colour is that of the vendor or lab with an index in the scenario, as the figures draw it.
func Colour(index int, isDark bool) color.NRGBA { return themeOf(isDark).Of(index) }

// Reach is the least and the most that the scale of each panel holds of a figure over time; nil of others.
func (f *Figure) Reach() (reach [][2]float64) {
	if c, ok := f.body.(*chart); ok {
		for _, p := range c.panels {
			low, high := p.bounds()
			reach = append(reach, [2]float64{low, high})
		}
	}
	return reach
}

// Cover makes the scales reach at least as far as those of another figure of the kind, so that they stand still from
// one to the next.
func (f *Figure) Cover(reach [][2]float64) {
	if c, ok := f.body.(*chart); ok && len(c.panels) == len(reach) {
		for i, p := range c.panels {
			p.least, p.most = min(p.least, reach[i][0]), max(p.most, reach[i][1])
		}
	}
}
