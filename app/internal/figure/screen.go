package figure

import (
	"image/color"
	"math"
)

// Colour is that of the vendor or lab with an index in the scenario, as the figures draw it.
func Colour(index int, isDark bool) color.NRGBA { return themeOf(isDark).of(index) }

// Shade is a ground between the paper, at 0, and alarm, at 1, and what text on it is written in.
func Shade(x float64, isDark bool) (ground, text color.NRGBA) {
	t := themeOf(isDark)
	if math.IsNaN(x) {
		return t.paper, t.quiet
	}
	ground = blend(blend(t.paper, t.faint, 0.5), t.palette[0], max(0, min(1, x)))
	return ground, over(ground)
}

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
