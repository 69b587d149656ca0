// Package canvas writes drawings as PNG, SVG, PDF and TeX, and paints them for a window. It draws lines, areas and text,
// lays text out on a [Page], and gives each thing a colour of its own ([Theme]); what the things are it does not know.
//
// A drawing is written the same, byte for byte, on every platform: what is drawn stands at whole parts of a point, and
// pixels are filled in whole numbers. Its text stays text, in a font that is part of the program and of which an SVG
// or a PDF brings the glyphs that it uses along. Names in other scripts are shaped with the fonts of the machine, and
// drawn as outlines. A file may hold a note that is not seen, such as where it came from: see [Note].
package canvas

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// Formats are what a drawing can be written as.
var Formats = []string{"svg", "pdf", "png", "tex"}

// Drawing is what is written as a file.
type Drawing struct {
	Width, Height vg.Length
	Paper         color.NRGBA // what it is drawn on, of a PNG
	DPI           int         // dots an inch, of a PNG
	Title, About  string      // told to those who do not see it
	Note          Note
	Paint         func(vg.CanvasSizer)
}

// Note is text that a file holds beside what is seen, so that other programs keep it: in an SVG as metadata and as an
// attribute, in a PNG as text chunks of two kinds, in a PDF as its keywords, in a TeX as a comment. It is in ASCII, on one line.
type Note struct{ Key, Text string }

// Write returns the drawing as a file in one of the Formats.
func (d Drawing) Write(format string) ([]byte, error) {
	switch format {
	case "svg":
		return d.svg()
	case "pdf":
		return d.pdf()
	case "png":
		return d.png()
	case "tex":
		return d.tex()
	}
	return nil, fmt.Errorf("no drawing can be written as %q", format)
}

func (d Drawing) paint(c vg.CanvasSizer) { d.Paint(settled{c}) }

// settled is a canvas on which everything stands at whole parts of a point. A processor that fuses products with sums
// comes to other last bits than one that does not; what is written is then the same.
type settled struct{ vg.CanvasSizer }

func settle(p vg.Point) vg.Point {
	const parts = 1024
	return vg.Point{X: vg.Length(math.Round(float64(p.X)*parts) / parts), Y: vg.Length(math.Round(float64(p.Y)*parts) / parts)}
}

func settlePath(p vg.Path) vg.Path {
	out := slices.Clone(p)
	for i := range out {
		out[i].Pos = settle(out[i].Pos)
		out[i].Control = slices.Clone(out[i].Control)
		for k := range out[i].Control {
			out[i].Control[k] = settle(out[i].Control[k])
		}
	}
	return out
}

func (s settled) Stroke(p vg.Path) { s.CanvasSizer.Stroke(settlePath(p)) }
func (s settled) Fill(p vg.Path)   { s.CanvasSizer.Fill(settlePath(p)) }

func (s settled) FillString(f font.Face, at vg.Point, words string) {
	s.CanvasSizer.FillString(f, settle(at), words)
}
