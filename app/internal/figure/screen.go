package figure

import "image/color"

// Colour is that of the vendor or lab with an index in the scenario, as the figures draw it.
func Colour(index int, isDark bool) color.NRGBA { return themeOf(isDark).of(index) }

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
