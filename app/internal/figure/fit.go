package figure

import "gonum.org/v1/plot/vg"

const legible = 8.5 // points of type, on a slide

// fit lays the figure out for a size, and returns how high it is there, and what a point of its layout is. Elsewhere than
// on a slide it is as high as it needs, up to a whole page. On a slide it has its panels beside one another where that
// makes its type larger, and smaller type where it must.
func (f *Figure) fit(size Size, t *theme, titled bool) (vg.Length, float64) {
	if _, ok := f.body.(tall); !ok {
		return size.height, size.unit
	}
	on := func(height vg.Length) *page { // nothing is drawn on it
		return &page{Canvas: blank(size.width, height), theme: t, unit: size.unit}
	}
	p := on(size.height)
	fitted, unit := f.fitted(p, titled)
	if size.tallest == size.height {
		wide, isChart := *f, false
		if c, ok := f.body.(*chart); ok && (len(c.panels) > 1 || len(c.lanes) > 1 && tiny*unit < legible) { // lanes are better off with the whole width
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
	needed := func(g *Figure, p *page) vg.Length {
		left := g.header(p, titled, false)
		return p.Max.Y - left.Max.Y + g.body.(tall).height(left) + p.pt(margin)
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
	room.unit = smaller
	height := needed(tallest, room)
	if full {
		height = max(height, size.height)
	}
	*f = *tallest
	return min(height, size.tallest), smaller
}

// fitted is the figure with as many lines as a page has room for, and how large a point of its layout is there. Of two
// ways to make room, lines beyond the first few are left out before type becomes small.
func (f *Figure) fitted(p *page, titled bool) (*Figure, float64) {
	tallest, ok := f.body.(tall)
	if !ok {
		return f, p.unit
	}
	q := *p
	q.tight = true
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
		return with(tallest), q.unit
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
	for !fits(tallest) && q.unit > 0.75*p.unit {
		q.unit *= 0.96
		left = f.header(&q, titled, false)
	}
	for ; isCrowd && most > 1 && !fits(tallest); most-- {
		tallest = lines.largest(most - 1).(tall)
	}
	for !fits(tallest) && q.unit > 0.55*p.unit {
		q.unit *= 0.96
		left = f.header(&q, titled, false)
	}
	return with(tallest), q.unit
}

// lines is how many lines the figure has, if it can have fewer.
func (f *Figure) lines() int {
	if c, ok := f.body.(crowd); ok {
		return c.lines()
	}
	return 0
}
