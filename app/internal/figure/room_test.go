package figure

import (
	"fmt"
	"image/color"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"exodus/app/internal/canvas"
	"exodus/scenarios"
)

// noted is a canvas that notes where text stands. It is moved and turned as figures do it, and never scaled.
type noted struct {
	vg.Canvas
	width, height vg.Length
	state         placing
	stack         []placing
	boxes         []box
}

type placing struct {
	origin vg.Point
	angle  float64
}

func (s placing) to(x, y vg.Length) vg.Point {
	sin, cos := math.Sincos(s.angle)
	return s.origin.Add(vg.Point{X: x*vg.Length(cos) - y*vg.Length(sin), Y: x*vg.Length(sin) + y*vg.Length(cos)})
}

type box struct {
	text           string
	x0, y0, x1, y1 float64
}

func (w *noted) Size() (x, y vg.Length)             { return w.width, w.height }
func (w *noted) Stroke(vg.Path)                     {}
func (w *noted) Fill(vg.Path)                       {}
func (w *noted) SetColor(color.Color)               {}
func (w *noted) SetLineWidth(vg.Length)             {}
func (w *noted) SetLineDash([]vg.Length, vg.Length) {}
func (w *noted) Translate(p vg.Point)               { w.state.origin = w.state.to(p.X, p.Y) }
func (w *noted) Rotate(angle float64)               { w.state.angle += angle }
func (w *noted) Push()                              { w.stack = append(w.stack, w.state) }

func (w *noted) Pop() {
	w.state = w.stack[len(w.stack)-1]
	w.stack = w.stack[:len(w.stack)-1]
}

func (w *noted) FillString(f font.Face, at vg.Point, text string) {
	b := box{text, math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, corner := range [][2]vg.Length{{0, -0.18}, {f.Width(text), -0.18}, {0, 0.72}, {f.Width(text), 0.72}} { // of capitals and descenders
		p := w.state.to(at.X+corner[0], at.Y+corner[1]*f.Font.Size)
		b.x0, b.y0, b.x1, b.y1 = min(b.x0, float64(p.X)), min(b.y0, float64(p.Y)), max(b.x1, float64(p.X)), max(b.y1, float64(p.Y))
	}
	w.boxes = append(w.boxes, b)
}

// many is a market of fifteen vendors and twelve labs, each of which moves something of its work to all.
func many(t *testing.T) Results {
	t.Helper()
	var b, spend strings.Builder
	b.WriteString("title = \"Fifteen vendors\"\nstart = 2026-01-05\nweeks = 60\n[owners.Beta]\n")
	for i := range 15 {
		fmt.Fprintf(&b, "[vendors.\"Vendor number %d\"]\n", i+1)
		fmt.Fprintf(&spend, "\"Vendor number %d\" = %d, ", i+1, 100/(i+1))
	}
	for i := range 12 {
		fmt.Fprintf(&b, "[labs.\"Laboratory number %d\"]\nsegment = \"s\"\nrivalry.Beta = %.2f\nexposure = 0.9\nexit_weeks = 4\nspend = { %sIn-house = 20 }\n", i+1, 1-0.02*float64(i), spend.String())
	}
	b.WriteString("[events.deal]\ndate = 2026-03-02\nkind = \"stake\"\nowner = \"Beta\"\nvendor = \"Vendor number 1\"\nstake = 0.49\nexecutives = 1\n")
	s, err := scenarios.Parse("many.toml", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return run(t, s)
}

// At every size, no text is cut by the edge of the page, and none lies on another.
func TestTextHasRoom(t *testing.T) {
	all := markets(t)
	all["many"] = many(t)
	each(t, all, func(name string, f *Figure) {
		for _, size := range Sizes {
			for _, titled := range []bool{true, false} {
				w := &noted{}
				var unit float64
				w.width = size.width
				f := *f
				w.height, unit = f.fit(size, canvas.Light, titled)
				f.draw(draw.New(w), canvas.Light, unit, titled)
				for i, b := range w.boxes {
					if b.x0 < -0.1 || b.y0 < -0.1 || b.x1 > float64(w.width)+0.1 || b.y1 > float64(w.height)+0.1 {
						t.Errorf("%s, %s: %q is cut: %.1f to %.1f of %.1f, %.1f to %.1f of %.1f", name, size.Name, b.text, b.x0, b.x1, w.width, b.y0, b.y1, w.height)
					}
					for _, c := range w.boxes[:i] {
						if x, y := min(b.x1, c.x1)-max(b.x0, c.x0), min(b.y1, c.y1)-max(b.y0, c.y0); x > 0.3 && y > 0.6 {
							t.Errorf("%s, %s: %q lies on %q by %.1f, %.1f", name, size.Name, b.text, c.text, x, y)
						}
					}
				}
			}
		}
	})
}

// On a slide, the type of a crowded figure is legible still.
func TestSlidesAreLegible(t *testing.T) {
	r := many(t)
	for _, kind := range []string{"share", "spend", "revenue", "trust", "premium", "flows", "capacity", "timeline"} {
		f, err := Draw(kind, r, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, unit := f.fit(Sizes[2], canvas.Light, true); canvas.Tiny*unit < legible {
			t.Errorf("%s: the type is %.1f points", kind, canvas.Tiny*unit)
		}
	}
}
