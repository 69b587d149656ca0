package figure

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"github.com/rivo/uniseg"
	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"exodus/scenarios/words"
)

// Size is a size to print at: its type stays legible there.
type Size struct {
	Name, Doc     string
	width, height vg.Length
	unit          float64   // what a point of the layout is at this size
	tallest       vg.Length // no figure is higher
}

// Sizes that figures are printed at; the second is the usual one.
var Sizes = []Size{
	{"column", "8.6 cm wide, a column of a journal", 8.6 * vg.Centimeter, 6.6 * vg.Centimeter, 0.86, 22 * vg.Centimeter},
	{"page", "17 cm wide, the text of a page", 17 * vg.Centimeter, 10 * vg.Centimeter, 1, 24 * vg.Centimeter},
	{"slide", "25.4 cm by 14.3 cm, a slide", 25.4 * vg.Centimeter, 14.29 * vg.Centimeter, 1.7, 14.29 * vg.Centimeter},
}

// theme is what a figure is coloured with, on white paper or on a dark screen.
type theme struct {
	paper, ink, quiet, faint color.NRGBA
	palette, labs            []color.NRGBA // of vendors; of labs, as many
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

func colours(hex ...uint32) (out []color.NRGBA) {
	for _, h := range hex {
		out = append(out, rgb(h))
	}
	return out
}

// The palettes are of Okabe and Ito ("Color Universal Design", 2008): vermillion, blue, bluish green, reddish purple,
// ochre, sky blue, grey, and ink; on white paper the yellow is darkened, on a dark screen the dark ones are lightened.
// Wine and olive, of Tol ("Colour schemes", 2021), are for the ninth and tenth. Labs have a palette of their own, so
// that no lab is taken for a vendor: indigo, rose, forest, plum, brown, teal, slate, brick, moss and violet.
var (
	light = &theme{rgb(0xffffff), rgb(0x222222), rgb(0x666666), rgb(0xe4e4e4),
		colours(0xd55e00, 0x0072b2, 0x008f68, 0xcc79a7, 0xb88a00, 0x56b4e9, 0x6b6b6b, 0x000000, 0x882255, 0x7f7f1f),
		colours(0x332288, 0xc2566b, 0x1b6e35, 0xa3419b, 0x7a5230, 0x2a8a80, 0x4a6274, 0xa8392b, 0x66731a, 0x7b5cc4)}
	dark = &theme{rgb(0x17191e), rgb(0xe8e8e8), rgb(0xa3a6ad), rgb(0x33373f),
		colours(0xf0803c, 0x3a8ad0, 0x28ad88, 0xe39cc5, 0xdcae2a, 0x8fd0f7, 0xaaaaaa, 0xffffff, 0xd6659a, 0xb5b54a),
		colours(0x9a93f0, 0xf08a9b, 0x63c27c, 0xd487cd, 0xc69a70, 0x69cfc2, 0x9db4c4, 0xe07a6a, 0xb9c765, 0xbfa3f2)}
)

// dashes tell lines apart where colours repeat, or do not print.
var dashes = [][]float64{nil, {6, 2}, {2, 2}, {8, 2, 2, 2}, {1, 1.5}, {4, 4}}

// of is the colour of the vendor or lab with an index in the scenario; it keeps it in every figure. The rest of many has
// none.
func (t *theme) of(index int) color.NRGBA {
	if index < 0 {
		return t.quiet
	}
	return t.palette[index%len(t.palette)]
}

// ofLabs is the theme for lines that are labs.
func (t *theme) ofLabs() *theme {
	l := *t
	l.palette = t.labs
	return &l
}

// fade makes a colour see-through.
func fade(c color.NRGBA, alpha float64) color.NRGBA {
	c.A = uint8(math.Round(255 * alpha))
	return c
}

// blend is a colour the part x of the way to another.
func blend(a, b color.NRGBA, x float64) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + x*(float64(b)-float64(a)))) }
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}
}

// luminance is that of WCAG 2.
func luminance(c color.NRGBA) float64 {
	part := func(x uint8) float64 {
		if v := float64(x) / 255; v > 0.04045 {
			return math.Pow((v+0.055)/1.055, 2.4)
		}
		return float64(x) / 255 / 12.92
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

// contrast is that of WCAG 2, from 1 to 21.
func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// readable is a colour moved towards ink until text of it is legible on the paper: at a contrast of 4.5.
func (t *theme) readable(c color.NRGBA) color.NRGBA {
	for x := 0.0; x < 1; x += 0.05 {
		if m := blend(c, t.ink, x); contrast(m, t.paper) >= 4.5 {
			return m
		}
	}
	return t.ink
}

// over is black or white, whichever reads better on a ground.
func over(ground color.NRGBA) color.NRGBA {
	black, white := rgb(0), rgb(0xffffff)
	if contrast(black, ground) >= contrast(white, ground) {
		return black
	}
	return white
}

// page is a canvas with a theme, on which lengths are given in points of the layout.
type page struct {
	draw.Canvas
	*theme
	unit  float64
	tight bool         // whether rows stand as close as they may, so that type is larger
	looks map[int]look // of those that are drawn together
}

// of is the colour of a vendor or lab among those that are drawn together.
func (p *page) of(index int) color.NRGBA {
	if l, ok := p.looks[index]; ok {
		return p.palette[l.colour]
	}
	return p.theme.of(index)
}

// dash is how the line of a vendor or lab is broken.
func (p *page) dash(index int) []float64 {
	if l, ok := p.looks[index]; ok {
		return dashes[l.dash]
	}
	return dashes[max(0, index)/2%len(dashes)]
}

// row is how high a row is at least, where rows stand close and where there is room.
func (p *page) row(close, usual float64) vg.Length {
	if p.tight {
		return p.pt(close)
	}
	return p.pt(usual)
}

func (p *page) pt(x float64) vg.Length { return vg.Length(x * p.unit) }

// sub is a part of the page.
func (p *page) sub(r vg.Rectangle) *page {
	q := *p
	q.Rectangle = r
	return &q
}

// sans is the font of figures.
var sans = font.Font{Typeface: "Liberation", Variant: "Sans"}

// style is a style of text: its size in points of the layout.
func (p *page) style(size float64, c color.NRGBA) text.Style {
	f := sans
	f.Size = p.pt(size)
	return text.Style{Color: c, Font: f, Handler: textHandler, YAlign: text.YCenter}
}

func (p *page) bold(size float64, c color.NRGBA) text.Style {
	s := p.style(size, c)
	s.Font.Weight = stdfont.WeightBold
	return s
}

// line draws a line of a width, in points of the layout.
func (p *page) line(c color.NRGBA, width float64, x0, y0, x1, y1 vg.Length, dash ...float64) {
	p.StrokeLines(p.stroke(c, width, dash), []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y1}})
}

func (p *page) stroke(c color.NRGBA, width float64, dash []float64) draw.LineStyle {
	s := draw.LineStyle{Color: c, Width: p.pt(width)}
	for _, d := range dash {
		s.Dashes = append(s.Dashes, p.pt(d))
	}
	return s
}

// box fills a rectangle.
func (p *page) box(c color.NRGBA, x0, y0, x1, y1 vg.Length) {
	p.FillPolygon(c, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
}

// write puts text at a point; align is where the point is in the text: text.XLeft, XCenter or XRight. The point is
// at half of its height.
func (p *page) write(s text.Style, align text.XAlignment, x, y vg.Length, words string) {
	s.XAlign = align
	p.FillText(s, vg.Point{X: x, Y: y}, words)
}

// paragraph is text that is broken into lines of a width.
type paragraph struct {
	style text.Style
	lines []string
	lead  vg.Length // from line to line
}

// named is a name as figures write it: a very long one ends in an ellipsis.
func named(name string) string { return words.Ellipsis(name, mostName) }

const mostName = 48 // letters

// wrap breaks text between words, and words that are too long by themselves anywhere. Nothing is cut. An amount stays
// with its currency, and a mark with its letter.
func (p *page) wrap(s text.Style, words string, room vg.Length) paragraph {
	out := paragraph{style: s, lead: s.Font.Size * 1.25}
	line := ""
	words = strings.ReplaceAll(words, "USD ", "USD\u00a0")
	for word := range strings.FieldsFuncSeq(words, func(c rune) bool { return c == ' ' || c == '\n' || c == '\t' }) {
		if joined := strings.TrimPrefix(line+" "+word, " "); s.Width(joined) <= room {
			line = joined
			continue
		}
		if line != "" {
			out.lines = append(out.lines, line)
		}
		line = ""
		for c := uniseg.NewGraphemes(word); c.Next(); {
			if longer := line + c.Str(); line == "" || s.Width(longer) <= room {
				line = longer
				continue
			}
			out.lines = append(out.lines, line)
			line = c.Str()
		}
	}
	if line != "" {
		out.lines = append(out.lines, line)
	}
	return out
}

func (t paragraph) height() vg.Length { return t.lead * vg.Length(len(t.lines)) }

func (t paragraph) width() (w vg.Length) {
	for _, line := range t.lines {
		w = max(w, t.style.Width(line))
	}
	return w
}

// print writes a paragraph whose top is at y.
func (p *page) print(t paragraph, align text.XAlignment, x, y vg.Length) {
	for i, line := range t.lines {
		p.write(t.style, align, x, y-t.lead*(vg.Length(i)+0.5), line)
	}
}

// spread moves things of some heights apart so that none overlaps the next, as little as may be, within low and high
// if they fit. at is the middle of each.
func spread(at, heights []vg.Length, low, high vg.Length) []vg.Length {
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case at[a] < at[b]:
			return -1
		case at[a] > at[b]:
			return 1
		}
		return b - a // of equals, the first is on top
	})
	// Neighbours that are too close form a group, which is centred on what its members want.
	type group struct {
		members     []int
		bottom, top vg.Length
	}
	place := func(members []int) group {
		height, offset, want := vg.Length(0), vg.Length(0), vg.Length(0)
		for _, i := range members {
			want += at[i] - (offset + heights[i]/2)
			offset += heights[i]
		}
		height = offset
		bottom := max(min(want/vg.Length(len(members)), high-height), low)
		return group{members, bottom, bottom + height}
	}
	var groups []group
	for _, i := range order {
		g := place([]int{i})
		for len(groups) > 0 && g.bottom < groups[len(groups)-1].top {
			last := groups[len(groups)-1]
			groups = groups[:len(groups)-1]
			g = place(append(slices.Clone(last.members), g.members...))
		}
		groups = append(groups, g)
	}
	out := slices.Clone(at)
	for _, g := range groups {
		y := g.bottom
		for _, i := range g.members {
			out[i] = y + heights[i]/2
			y += heights[i]
		}
	}
	return out
}

// sizeOf finds a size by its name; the usual one where there is none.
func sizeOf(name string) (Size, error) {
	if name == "" {
		return Sizes[1], nil
	}
	var names []string
	for _, s := range Sizes {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Size{}, fmt.Errorf("there is no size %q; there are %s", name, strings.Join(names, ", "))
}
