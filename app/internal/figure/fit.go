package figure

import (
	"gonum.org/v1/plot/vg"

	"exodus/app/internal/canvas"
)

const legible = 8.5 // points of type, on a slide

// fit lays the figure out for a size, and returns how high it is there, and what a point of its layout is. Elsewhere than
// on a slide it is as high as it needs, up to a whole page. On a slide it has its panels beside one another where that
// makes its type larger, and smaller type where it must.
func (f *Figure) fit(size Size, t *canvas.Theme, titled bool) (vg.Length, float64) {
	if _, ok := f.body.(tall); !ok {
		return size.height, size.unit
	}
	on := func(height vg.Length) *canvas.Page { // nothing is drawn on it
		return &canvas.Page{Canvas: canvas.Blank(size.width, height), Theme: t, Unit: size.unit}
	}
	p := on(size.height)
	fitted, unit := f.fitted(p, titled)
	if size.tallest == size.height {
		wide, isChart := *f, false
		if c, ok := f.body.(*chart); ok && (len(c.panels) > 1 || len(c.lanes) > 1 && canvas.Tiny*unit < legible) { // lanes are better off with the whole width
			isChart, wide.body = true, c.beside()
		}
		if isChart {
			if other, larger := wide.fitted(p, titled); larger > unit || larger == unit && other.lines() > fitted.lines() {
				fitted, unit = other, larger
			}
		}
		*f = *fitted
		return size.height, unit
	}
	needed := func(g *Figure, p *canvas.Page) vg.Length {
		left := g.header(p, titled, false)
		return p.Max.Y - left.Max.Y + g.body.(tall).height(left) + p.Pt(margin)
	}
	room := on(size.tallest)
	tallest, smaller := f.fitted(room, titled)
	full := false // whether it uses all that it has
	switch b := f.body.(type) {
	case *chart:
		full = b.lanes == nil
	case *alluvial:
		full = b.moved()
	}
	// A chart of many lines shows as many as its usual height has room for, or a few.
	if full && tallest.lines() > fewLines && tallest.lines() > fitted.lines() {
		few := *f
		few.body = fitted.body
		tallest, smaller = few.fitted(room, titled)
	}
	room.Unit = smaller
	height := needed(tallest, room)
	if full {
		height = max(height, size.height)
	}
	*f = *tallest
	return min(height, size.tallest), smaller
}

// fitted is the figure with as many lines as a page has room for, and how large a point of its layout is there. Of two
// ways to make room, lines beyond the first few are left out before type becomes small.
func (f *Figure) fitted(p *canvas.Page, titled bool) (*Figure, float64) {
	tallest, ok := f.body.(tall)
	if !ok {
		return f, p.Unit
	}
	q := *p
	q.Tight = true
	left := f.header(&q, titled, false)
	fits := func(b tall) bool { return b.height(left) <= left.Max.Y-left.Min.Y }
	with := func(b body) *Figure {
		g := *f
		g.body = b
		return &g
	}
	lines, isCrowd := f.body.(crowd)
	most := 0
	if isCrowd {
		most = min(lines.lines(), mostLines)
	}
	if (!isCrowd || lines.lines() <= mostLines) && fits(tallest) {
		return with(tallest), q.Unit
	}
	if c, ok := f.body.(*chart); ok && c.lanes == nil && lines.lines() > fewLines {
		most, tallest = fewCurves, lines.largest(fewCurves).(tall)
	} else if most > fewLines { // the most lines that fit
		n, beyond := fewLines, most
		for n+1 < beyond {
			if middle := (n + beyond) / 2; fits(lines.largest(middle).(tall)) {
				n = middle
			} else {
				beyond = middle
			}
		}
		most, tallest = n, lines.largest(n).(tall)
	}
	for !fits(tallest) && q.Unit > 0.75*p.Unit {
		q.Unit *= 0.96
		left = f.header(&q, titled, false)
	}
	for ; isCrowd && most > 1 && !fits(tallest); most-- {
		tallest = lines.largest(most - 1).(tall)
	}
	for !fits(tallest) && q.Unit > 0.55*p.Unit {
		q.Unit *= 0.96
		left = f.header(&q, titled, false)
	}
	return with(tallest), q.Unit
}

// lines is how many lines the figure has, if it can have fewer.
func (f *Figure) lines() int {
	if c, ok := f.body.(crowd); ok {
		return c.lines()
	}
	return 0
}

// beside are the panels of a chart two and two beside one another, or its lanes in two columns, for a page that is wide
// and low.
type beside struct {
	whole *chart
	parts []*chart
}

func (c *chart) beside() beside {
	b := beside{whole: c}
	if n := (len(c.lanes) + 1) / 2; n > 0 {
		for _, lanes := range [][]lane{c.lanes[:n], c.lanes[n:]} {
			one := *c
			one.lanes = lanes
			b.parts = append(b.parts, &one)
		}
	}
	for i := range c.panels {
		one := *c
		one.panels = c.panels[i : i+1]
		b.parts = append(b.parts, &one)
	}
	return b
}

func (b beside) lines() int         { return b.whole.lines() }
func (b beside) largest(n int) body { return b.whole.largest(n).(*chart).beside() }

const besideGap = 12 // between panels beside one another, in points of the layout

func (b beside) pages(p *canvas.Page) (pages []*canvas.Page) {
	rows := vg.Length((len(b.parts) + 1) / 2)
	gap := p.Pt(besideGap)
	width, height := (p.Max.X-p.Min.X-gap)/2, (p.Max.Y-p.Min.Y-gap*(rows-1))/rows
	for i := range b.parts {
		left, top := p.Min.X+vg.Length(i%2)*(width+gap), p.Max.Y-vg.Length(i/2)*(height+gap)
		pages = append(pages, p.Sub(vg.Rectangle{Min: vg.Point{X: left, Y: top - height}, Max: vg.Point{X: left + width, Y: top}}))
	}
	return pages
}

func (b beside) height(p *canvas.Page) (most vg.Length) {
	for i, part := range b.pages(p) {
		most = max(most, b.parts[i].height(part))
	}
	rows := vg.Length((len(b.parts) + 1) / 2)
	return most*rows + p.Pt(besideGap)*(rows-1)
}

func (b beside) draw(p *canvas.Page) {
	for i, part := range b.pages(p) {
		b.parts[i].draw(part)
	}
}
