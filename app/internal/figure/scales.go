package figure

import (
	"fmt"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// drawInput draws the scale of an input.
func (c *chart) drawInput(p *page, l timeLayout) {
	bottom, style := l.data.Min.Y, p.style(small, p.ink)
	p.line(p.quiet, 0.6, l.data.Min.X, bottom, l.data.Max.X, bottom)
	low, high := c.over.at[0], c.over.at[len(c.over.at)-1]
	most := max(2, int((l.data.Max.X-l.data.Min.X)/(style.Width("0.0000")+p.pt(14))))
	for _, k := range plain(low, high, most) {
		at := l.data.Min.X + vg.Length((k.at-low)/(high-low))*(l.data.Max.X-l.data.Min.X)
		p.line(p.quiet, 0.6, at, bottom, at, bottom-p.pt(3))
		p.write(style, text.XCenter, at, bottom-p.pt(9), k.label)
	}
	p.write(p.style(small, p.quiet), text.XCenter, (l.data.Min.X+l.data.Max.X)/2, bottom-p.pt(20), c.over.name)
}

// drawDates draws the two scales of time: dates, and the weeks since the event that they are counted from.
func (c *chart) drawDates(p *page, l timeLayout) {
	bottom := l.data.Min.Y
	p.line(p.quiet, 0.6, l.data.Min.X, bottom, l.data.Max.X, bottom)
	style := p.style(small, p.ink)
	room := l.data.Max.X - l.data.Min.X
	most := max(1, int(room/(style.Width("Jan 2026")+p.pt(16))))
	dates, layout := months(c.start, c.date(c.weeks), most)
	for _, d := range dates {
		at := c.x(l.data, d.Sub(c.start).Hours()/24/7)
		label := d.Format(layout)
		half := style.Width(label) / 2
		p.line(p.quiet, 0.6, at, bottom, at, bottom-p.pt(3))
		p.write(style, text.XCenter, max(p.Min.X+half, min(at, p.Max.X-half)), bottom-p.pt(9), label)
	}
	if c.anchor < 0 {
		return
	}
	quiet := p.style(tiny, p.quiet)
	step := 520
	for _, s := range []int{1, 2, 4, 13, 26, 52, 104, 260} {
		if float64(c.weeks)/float64(s)*float64(quiet.Width("+104")+p.pt(14)) <= float64(room) {
			step = s
			break
		}
	}
	end := l.data.Min.X
	for after := -(c.anchor / step) * step; c.anchor+after <= c.weeks; after += step {
		label := fmt.Sprintf("%+d", after)
		if after == 0 {
			label = "0"
		} else if after < 0 {
			label = fmt.Sprintf("−%d", -after)
		}
		at := c.x(l.data, float64(c.anchor+after))
		p.write(quiet, text.XCenter, at, bottom-p.pt(19.5), label)
		end = at + quiet.Width(label)/2
	}
	for _, caption := range []string{"weeks since the " + c.since, "weeks"} {
		if end+p.pt(5)+quiet.Width(caption) <= p.Max.X || caption == "weeks" {
			p.write(quiet, text.XLeft, min(end+p.pt(5), p.Max.X-quiet.Width(caption)), bottom-p.pt(19.5), caption)
			return
		}
	}
}
