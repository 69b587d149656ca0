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
