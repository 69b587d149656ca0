package figure

import (
	"image/color"
	"math"
	"slices"
)

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

// look is how the line of a vendor or lab is told apart.
type look struct{ colour, dash int }

// looks give each of the vendors or labs that are drawn together a look of its own. Each has that of its index, as in
// every figure, unless one before it has the same colour while others are free, or the same dashes too.
func looks(indices []int) map[int]look {
	out := map[int]look{}
	order := slices.Compact(slices.Sorted(slices.Values(indices)))
	order = slices.DeleteFunc(order, func(i int) bool { return i < 0 })
	colours, taken := map[int]bool{}, map[look]bool{}
	size := len(light.palette)
	for _, i := range order {
		l := look{i % size, i / 2 % len(dashes)}
		for k := 0; k < size && colours[l.colour] && len(order) <= size; k++ {
			l.colour = (l.colour + 1) % size
		}
		for k := 0; k < size*len(dashes) && taken[l]; k++ {
			if l.dash = (l.dash + 1) % len(dashes); k%len(dashes) == len(dashes)-1 {
				l.colour = (l.colour + 1) % size
			}
		}
		colours[l.colour], taken[l], out[i] = true, true, l
	}
	return out
}

// ground is what the least of a scale is coloured with, just off the paper.
func (t *theme) ground() color.NRGBA { return blend(t.paper, t.ink, 0.06) }

// alarm is what something is coloured with that is alarming from 0 to 1.
func (t *theme) alarm(x float64) color.NRGBA {
	return blend(t.palette[0], t.ground(), 1-max(0, min(1, x)))
}
