package figure

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bar is a bar of a [Bars] figure: a value with its interval. A bar that is apart stands below the others, under a
// rule, in grey.
type Bar struct {
	Name             string
	Value, Low, High float64
	Apart            bool
}

// Bars is a figure of horizontal bars with their intervals.
type Bars struct {
	Title, Under string
	Unit         string // what the values are, below the axis
	Bars         []Bar
}

// Write returns the figure as a file in one of the Formats. It is as high as its bars need.
func (b *Bars) Write(format string) ([]byte, error) {
	height := vg.Length(76 + 15*len(b.Bars))
	return write(format, Width, height, b.draw)
}

func (b *Bars) draw(c draw.Canvas) {
	const edge, row = 8, 15
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, edge, -edge, edge, -edge)
	title, under, label, small := style(11, true, ink), style(8.5, false, quiet), style(8, false, ink), style(8, false, quiet)
	c.FillText(title, vg.Point{X: c.Min.X, Y: c.Max.Y - 11}, b.Title)
	c.FillText(under, vg.Point{X: c.Min.X, Y: c.Max.Y - 23}, fitText(under, b.Under, c.Max.X-c.Min.X))

	wide, least, most := vg.Length(0), 0.0, 1e-12
	for _, bar := range b.Bars {
		wide = max(wide, label.Width(bar.Name))
		least, most = min(least, bar.Low, bar.Value), max(most, bar.High, bar.Value)
	}
	wide = min(wide, Width/3)
	left, right := c.Min.X+wide+10, c.Max.X-40 // room for the last value
	x := func(v float64) vg.Length { return left + vg.Length((v-least)/(most-least))*(right-left) }
	top, bottom := c.Max.Y-38, c.Max.Y-38-row*vg.Length(len(b.Bars))

	label.YAlign, small.YAlign = text.YCenter, text.YCenter
	ticks := small
	ticks.XAlign, ticks.YAlign = text.XCenter, text.YTop
	for _, k := range round(least, most, func(v, _ float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }) {
		at := x(k.Value)
		c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.6}, at, bottom, at, top)
		c.FillText(ticks, vg.Point{X: at, Y: bottom - 3}, k.Label)
	}
	c.FillText(ticks, vg.Point{X: (left + right) / 2, Y: bottom - 14}, b.Unit)
	for i, bar := range b.Bars {
		y := top - row*(vg.Length(i)+0.5)
		fill := palette[1]
		if bar.Apart {
			fill = color.RGBA{0xb0, 0xb0, 0xb0, 0xff}
			c.StrokeLine2(draw.LineStyle{Color: quiet, Width: 0.5}, c.Min.X, y+row/2, right+40, y+row/2)
		}
		name := label
		name.XAlign = text.XRight
		c.FillText(name, vg.Point{X: left - 6, Y: y}, fitText(name, bar.Name, wide))
		from, to := x(0), x(bar.Value)
		c.FillPolygon(fill, []vg.Point{{X: from, Y: y - 4}, {X: to, Y: y - 4}, {X: to, Y: y + 4}, {X: from, Y: y + 4}})
		end := max(to, from)
		if !math.IsNaN(bar.Low) && bar.High > bar.Low {
			whisker := draw.LineStyle{Color: ink, Width: 0.8}
			c.StrokeLine2(whisker, x(bar.Low), y, x(bar.High), y)
			c.StrokeLine2(whisker, x(bar.Low), y-2, x(bar.Low), y+2)
			c.StrokeLine2(whisker, x(bar.High), y-2, x(bar.High), y+2)
			end = max(end, x(bar.High))
		}
		c.FillText(small, vg.Point{X: end + 5, Y: y}, fmt.Sprintf("%.3g", bar.Value))
	}
	c.StrokeLine2(draw.LineStyle{Color: quiet, Width: 0.8}, x(0), bottom, x(0), top)
}
