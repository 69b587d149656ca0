package figure

import "gonum.org/v1/plot/vg"

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

func (b beside) pages(p *page) (pages []*page) {
	rows := vg.Length((len(b.parts) + 1) / 2)
	gap := p.pt(besideGap)
	width, height := (p.Max.X-p.Min.X-gap)/2, (p.Max.Y-p.Min.Y-gap*(rows-1))/rows
	for i := range b.parts {
		left, top := p.Min.X+vg.Length(i%2)*(width+gap), p.Max.Y-vg.Length(i/2)*(height+gap)
		pages = append(pages, p.sub(vg.Rectangle{Min: vg.Point{X: left, Y: top - height}, Max: vg.Point{X: left + width, Y: top}}))
	}
	return pages
}

func (b beside) height(p *page) (most vg.Length) {
	for i, part := range b.pages(p) {
		most = max(most, b.parts[i].height(part))
	}
	rows := vg.Length((len(b.parts) + 1) / 2)
	return most*rows + p.pt(besideGap)*(rows-1)
}

func (b beside) draw(p *page) {
	for i, part := range b.pages(p) {
		b.parts[i].draw(part)
	}
}
