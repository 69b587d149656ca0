package canvas

import (
	"encoding/xml"
	"errors"
	"image/color"
	"io"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

// sketch is a drawing of one of each: a line, an area, a dot, and text that stands.
func sketch(ink color.NRGBA) Drawing {
	return Drawing{Width: 100, Height: 50, Title: `<"T" & co>`, About: "what it shows", Note: Note{"key", `{"a":"<b>"}`}, Paint: func(c vg.CanvasSizer) {
		line := vg.Path{}
		line.Move(vg.Point{X: 10, Y: 10})
		line.Line(vg.Point{X: 90, Y: 40})
		c.SetColor(ink)
		c.SetLineWidth(1.5)
		c.SetLineDash([]vg.Length{6, 2}, 0)
		c.Stroke(line)
		dot := vg.Path{}
		dot.Move(vg.Point{X: 24, Y: 20})
		dot.Arc(vg.Point{X: 20, Y: 20}, 4, 0, 2*math.Pi)
		dot.Close()
		half := ink
		half.A = 0x80
		c.SetColor(half)
		c.Fill(dot)
		c.Push()
		c.Translate(vg.Point{X: 30, Y: 10})
		c.Rotate(math.Pi / 2)
		f := Sans
		f.Size = 8
		c.SetColor(ink)
		c.FillString(Text.Fonts.Lookup(f, 8), vg.Point{X: 5}, "a <b> & c")
		c.Pop()
	}}
}

// An SVG says what was drawn where, counted from the top, and is whole XML.
func TestSVG(t *testing.T) {
	got, err := sketch(color.NRGBA{0xd5, 0x5e, 0, 0xff}).Write("svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<svg xmlns="http://www.w3.org/2000/svg" width="100pt" height="50pt" viewBox="0 0 100 50" role="img" font-family="ExodusSans,`,
		`<title>&lt;&#34;T&#34; &amp; co&gt;</title>`,
		`<path d="M10 40L90 10" style="fill:none;stroke:#D55E00;stroke-width:1.5;stroke-dasharray:6,2"/>`,
		`<path d="M24 30A4 4 0 0 0 20 26A4 4 0 0 0 16 30A4 4 0 0 0 20 34A4 4 0 0 0 24 30Z" style="fill:#D55E00;fill-opacity:0.502"/>`,
		`<text x="30" y="35" transform="rotate(-90 30 35)" style="font-size:8px;fill:#D55E00">a &lt;b&gt; &amp; c</text>`,
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("the SVG has no %s", want)
		}
	}
	for d := xml.NewDecoder(strings.NewReader(string(got))); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, got)
		}
	}
}

// In a page, each colour is said with the one that it has in the dark, and the font has a name of its own.
func TestInline(t *testing.T) {
	light, dark := color.NRGBA{0, 0, 0, 0xff}, color.NRGBA{0xff, 0xff, 0xff, 0xff}
	var pairs [][2]color.NRGBA
	got, err := sketch(light).Inline(sketch(dark), "x", func(light, dark color.NRGBA) string {
		pairs = append(pairs, [2]color.NRGBA{light, dark})
		return "var(--c)"
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(pairs) != 3 || pairs[0] != [2]color.NRGBA{light, dark} || strings.Count(got, "var(--c)") != 3 || !strings.Contains(got, "fill:var(--c);fill-opacity:0.502") {
		t.Errorf("the colours are %v in\n%s", pairs, got)
	}
	if !strings.HasPrefix(got, "<svg ") || !strings.Contains(got, `font-family="ExodusSans-x,`) || !strings.Contains(got, "@font-face{font-family:ExodusSans-x;") {
		t.Errorf("it begins with %.200s", got)
	}
	// What is drawn another way in the dark is drawn as on white.
	other := sketch(dark)
	other.Paint = func(c vg.CanvasSizer) { c.SetColor(dark); c.Fill(vg.Rectangle{Max: vg.Point{X: 9, Y: 9}}.Path()) }
	got, err = sketch(light).Inline(other, "x", func(light, dark color.NRGBA) string {
		if light != dark {
			t.Errorf("%v is %v in the dark", light, dark)
		}
		return "black"
	})
	if err != nil || !strings.Contains(got, "M10 40L90 10") {
		t.Errorf("drawn another way: %v, %s", err, got)
	}
}
