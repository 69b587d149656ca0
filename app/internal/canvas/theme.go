package canvas

import (
	"image/color"
	"math"
	"slices"
)

// Theme is what a figure is coloured with, on white paper or on a dark screen.
type Theme struct {
	Paper, Ink, Quiet, Faint color.NRGBA
	Palette, Second          []color.NRGBA // of one kind of things, and of another; as many of each
}

// RGB is a colour by its number, such as 0xd55e00.
func RGB(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

func colours(hex ...uint32) (out []color.NRGBA) {
	for _, h := range hex {
		out = append(out, RGB(h))
	}
	return out
}

// The palettes are of Okabe and Ito ("Color Universal Design", 2008): vermillion, blue, bluish green, reddish purple,
// ochre, sky blue, grey, and ink; on white paper the yellow is darkened, on a dark screen the dark ones are lightened.
// Wine and olive, of Tol ("Colour schemes", 2021), are for the ninth and tenth. The second palette is for
// things of another kind, so that none is taken for one of the first: indigo, rose, forest, plum, brown, teal, slate, brick, moss and violet.
var (
	Light = &Theme{RGB(0xffffff), RGB(0x222222), RGB(0x666666), RGB(0xe4e4e4),
		colours(0xd55e00, 0x0072b2, 0x008f68, 0xcc79a7, 0xb88a00, 0x56b4e9, 0x6b6b6b, 0x000000, 0x882255, 0x7f7f1f),
		colours(0x332288, 0xc2566b, 0x1b6e35, 0xa3419b, 0x7a5230, 0x2a8a80, 0x4a6274, 0xa8392b, 0x66731a, 0x7b5cc4)}
	Dark = &Theme{RGB(0x17191e), RGB(0xe8e8e8), RGB(0xa3a6ad), RGB(0x33373f),
		colours(0xf0803c, 0x3a8ad0, 0x28ad88, 0xe39cc5, 0xdcae2a, 0x8fd0f7, 0xaaaaaa, 0xffffff, 0xd6659a, 0xb5b54a),
		colours(0x9a93f0, 0xf08a9b, 0x63c27c, 0xd487cd, 0xc69a70, 0x69cfc2, 0x9db4c4, 0xe07a6a, 0xb9c765, 0xbfa3f2)}
)

// Dashes tell lines apart where colours repeat, or do not print.
var Dashes = [][]float64{nil, {6, 2}, {2, 2}, {8, 2, 2, 2}, {1, 1.5}, {4, 4}}

// Of is the colour of the thing with an index; it keeps it in every figure. What has an index below 0, such as the rest of many,
// has none.
func (t *Theme) Of(index int) color.NRGBA {
	if index < 0 {
		return t.Quiet
	}
	return t.Palette[index%len(t.Palette)]
}

// Turned is the theme for things of the other kind.
func (t *Theme) Turned() *Theme {
	l := *t
	l.Palette = t.Second
	return &l
}

// Fade makes a colour see-through.
func Fade(c color.NRGBA, alpha float64) color.NRGBA {
	c.A = uint8(math.Round(255 * alpha))
	return c
}

// Blend is a colour the part x of the way to another.
func Blend(a, b color.NRGBA, x float64) color.NRGBA {
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

// Contrast is that of WCAG 2, from 1 to 21.
func Contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Readable is a colour moved towards ink until text of it is legible on the paper: at a contrast of 4.5.
func (t *Theme) Readable(c color.NRGBA) color.NRGBA {
	for x := 0.0; x < 1; x += 0.05 {
		if m := Blend(c, t.Ink, x); Contrast(m, t.Paper) >= 4.5 {
			return m
		}
	}
	return t.Ink
}

// Over is black or white, whichever reads better on a ground.
func Over(ground color.NRGBA) color.NRGBA {
	black, white := RGB(0), RGB(0xffffff)
	if Contrast(black, ground) >= Contrast(white, ground) {
		return black
	}
	return white
}

// Look is how a line is told apart from others.
type Look struct{ colour, dash int }

// Looks give each of the things that are drawn together, by their indices, a look of its own. Each has that of its index, as in
// every figure, unless one before it has the same colour while others are free, or the same dashes too.
func Looks(indices []int) map[int]Look {
	out := map[int]Look{}
	order := slices.Compact(slices.Sorted(slices.Values(indices)))
	order = slices.DeleteFunc(order, func(i int) bool { return i < 0 })
	colours, taken := map[int]bool{}, map[Look]bool{}
	size := len(Light.Palette)
	for _, i := range order {
		l := Look{i % size, i / 2 % len(Dashes)}
		for k := 0; k < size && colours[l.colour] && len(order) <= size; k++ {
			l.colour = (l.colour + 1) % size
		}
		for k := 0; k < size*len(Dashes) && taken[l]; k++ {
			if l.dash = (l.dash + 1) % len(Dashes); k%len(Dashes) == len(Dashes)-1 {
				l.colour = (l.colour + 1) % size
			}
		}
		colours[l.colour], taken[l], out[i] = true, true, l
	}
	return out
}

// Ground is what the least of a scale is coloured with, just off the paper.
func (t *Theme) Ground() color.NRGBA { return Blend(t.Paper, t.Ink, 0.06) }

// Alarm is what something is coloured with that is alarming from 0 to 1.
func (t *Theme) Alarm(x float64) color.NRGBA {
	return Blend(t.Palette[0], t.Ground(), 1-max(0, min(1, x)))
}
