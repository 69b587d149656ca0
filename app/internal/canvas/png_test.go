package canvas

import (
	"bytes"
	"image/color"
	"image/png"
	"testing"
)

// A PNG holds the pixels that were painted.
func TestPNG(t *testing.T) {
	d := sketch(color.NRGBA{0xd5, 0x5e, 0, 0xff})
	d.DPI, d.Paper = 150, color.NRGBA{0xf0, 0xf1, 0xf2, 0xff}
	content, err := d.Write("png")
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	c := NewRaster(209, 105, 150.0/72, d.Paper).forPaper()
	d.paint(c)
	if got.Bounds() != c.Image().Bounds() {
		t.Fatalf("the picture is %v, and %v were painted", got.Bounds(), c.Image().Bounds())
	}
	inked := 0
	for y := range 105 {
		for x := range 209 {
			if r, g, b, _ := got.At(x, y).RGBA(); color.RGBA64Model.Convert(c.Image().At(x, y)) != (color.RGBA64{uint16(r), uint16(g), uint16(b), 0xffff}) {
				t.Fatalf("at %d, %d it is %v, and %v was painted", x, y, got.At(x, y), c.Image().At(x, y))
			}
			if got.At(x, y) != got.At(0, 0) {
				inked++
			}
		}
	}
	if inked < 500 {
		t.Errorf("%d pixels are drawn", inked)
	}
}
