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
	"image"
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
type body interface{ draw(p *page) }

// tall is a body that needs a height on a page of a width.
type tall interface {
	body
	height(p *page) vg.Length
}

const margin = 8 // around a figure, in points of the layout

// draw draws the figure on a canvas.
func (f *Figure) draw(c draw.Canvas, t *theme, unit float64, titled bool) {
	p := &page{Canvas: c, theme: t, unit: unit}
	p.SetColor(p.paper)
	p.Fill(p.Rectangle.Path())
	q := f.header(p, titled, true)
	f.body.draw(q)
}

// header draws the title and what is below it, and returns the part of the page that is left.
func (f *Figure) header(p *page, titled, visible bool) *page {
	m := p.pt(margin)
	area := vg.Rectangle{Min: vg.Point{X: p.Min.X + m, Y: p.Min.Y + m}, Max: vg.Point{X: p.Max.X - m, Y: p.Max.Y - m}}
	width := area.Max.X - area.Min.X
	lines := func(s text.Style, title string) paragraph { // which may be anybody's
		return p.wrap(s, words.Ellipsis(title, mostTitle), width)
	}
	put := func(t paragraph) {
		if visible {
			p.print(t, text.XLeft, area.Min.X, area.Max.Y)
		}
		area.Max.Y -= t.height()
	}
	if titled && f.Title != "" {
		put(lines(p.bold(11, p.ink), f.Title))
	}
	if titled && f.Under != "" {
		put(lines(p.style(small, p.quiet), f.Under))
	}
	if f.Mark != "" {
		put(p.wrap(p.bold(small, p.readable(p.palette[0])), f.Mark, width))
	}
	if titled || f.Mark != "" {
		area.Max.Y -= p.pt(5)
	}
	return p.sub(area)
}

// windowUnit makes the type of a figure as large as the text of a window.
const windowUnit = 1.45

func themeOf(isDark bool) *theme {
	if isDark {
		return dark
	}
	return light
}

// Image draws the figure for a window: width by height pixels, of which scale make one that does not depend on the
// screen. It has no title: the window has its own. Figures may be drawn on any goroutine, several at once.
func (f *Figure) Image(width, height int, scale float64, isDark bool) *image.RGBA {
	width, height = max(1, width), max(1, height)
	t := themeOf(isDark)
	c := canvas.NewRaster(width, height, scale, t.paper)
	p := &page{Canvas: draw.New(c), theme: t, unit: windowUnit}
	f.drawBody(p)
	return c.Image()
}

// drawBody draws the figure without its title.
func (f *Figure) drawBody(p *page) {
	f, p.unit = f.fitted(p, false)
	f.body.draw(f.header(p, false, true))
}

// Area says where the data are in the Image of the same width, height and scale.
func (f *Figure) Area(width, height int, scale float64) Area {
	if _, ok := f.body.(*chart); !ok {
		return Area{}
	}
	pixels := func(n int) vg.Length { return vg.Length(float64(max(1, n)) / scale) }
	p := &page{Canvas: blank(pixels(width), pixels(height)), theme: light, unit: windowUnit}
	f, p.unit = f.fitted(p, false)
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
