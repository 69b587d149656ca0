package figure

import (
	"image/color"
	"strings"

	"github.com/rivo/uniseg"
	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"exodus/app/internal/canvas"
	"exodus/scenarios/words"
)

// page is a canvas with a theme, on which lengths are given in points of the layout.
type page struct {
	draw.Canvas
	*theme
	unit  float64
	tight bool         // whether rows stand as close as they may, so that type is larger
	looks map[int]look // of those that are drawn together
}

// blank is a canvas on which nothing is drawn: a body is laid out on it.
func blank(width, height vg.Length) draw.Canvas {
	return draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: width, Y: height}}}
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

// style is a style of text: its size in points of the layout.
func (p *page) style(size float64, c color.NRGBA) text.Style {
	f := canvas.Sans
	f.Size = p.pt(size)
	return text.Style{Color: c, Font: f, Handler: canvas.Text, YAlign: text.YCenter}
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

// note is what a body says below itself, in quiet type; "" is nothing.
func (p *page) note(words string) paragraph {
	return p.wrap(p.style(tiny, p.quiet), words, p.Max.X-p.Min.X)
}
