package figure

import (
	"fmt"
	"image"
	"image/color"
	"math"
)

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
func (c *chart) values(week int, t *theme) (out []Value) {
	p := &page{theme: t}
	c.dress(p)
	for _, a := range c.panels {
		for _, s := range a.series {
			if week < 0 || week >= len(s.values) || !isFinite(s.values[week]) {
				continue
			}
			v := Value{Name: s.name, Value: s.values[week], Text: a.format(s.values[week]), Colour: p.of(s.index), Ghost: s.ghost}
			if len(s.bands) > 0 {
				v.Text += fmt.Sprintf(" (%s to %s)", a.format(s.bands[0].low[week]), a.format(s.bands[0].high[week]))
			}
			out = append(out, v)
		}
	}
	return out
}

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
