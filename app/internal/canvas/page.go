package canvas

import (
	"image/color"
	"math"
	"strings"

	"github.com/rivo/uniseg"
	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Page is a canvas with a theme, on which lengths are given in points of the layout.
type Page struct {
	draw.Canvas
	*Theme
	Unit  float64      // what a point of the layout is
	Tight bool         // whether rows stand as close as they may, so that type is larger
	Looks map[int]Look // of those that are drawn together
}

// Blank is a canvas on which nothing is drawn: a body is laid out on it.
func Blank(width, height vg.Length) draw.Canvas {
	return draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: width, Y: height}}}
}

// Of is the colour of a thing among those that are drawn together.
func (p *Page) Of(index int) color.NRGBA {
	if l, ok := p.Looks[index]; ok {
		return p.Palette[l.colour]
	}
	return p.Theme.Of(index)
}

// Dash is how its line is broken.
func (p *Page) Dash(index int) []float64 {
	if l, ok := p.Looks[index]; ok {
		return Dashes[l.dash]
	}
	return Dashes[max(0, index)/2%len(Dashes)]
}

// Row is how high a row is at least, where rows stand close and where there is room.
func (p *Page) Row(close, usual float64) vg.Length {
	if p.Tight {
		return p.Pt(close)
	}
	return p.Pt(usual)
}

// Pt is a length in points of the layout.
func (p *Page) Pt(x float64) vg.Length { return vg.Length(x * p.Unit) }

// Sub is a part of the page.
func (p *Page) Sub(r vg.Rectangle) *Page {
	q := *p
	q.Rectangle = r
	return &q
}

// Sizes of type, in points of the layout.
const (
	Tiny  = 7.5 // sizes of type, in points of the layout
	Small = 8
)

// Style is a style of text: its size in points of the layout.
func (p *Page) Style(size float64, c color.NRGBA) text.Style {
	f := Sans
	f.Size = p.Pt(size)
	return text.Style{Color: c, Font: f, Handler: Text, YAlign: text.YCenter}
}

// Bold is a style of bold text.
func (p *Page) Bold(size float64, c color.NRGBA) text.Style {
	s := p.Style(size, c)
	s.Font.Weight = stdfont.WeightBold
	return s
}

// Line draws a line of a width, in points of the layout.
func (p *Page) Line(c color.NRGBA, width float64, x0, y0, x1, y1 vg.Length, dash ...float64) {
	p.StrokeLines(p.Pen(c, width, dash), []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y1}})
}

// Pen is how a line is drawn: its width and dashes are in points of the layout.
func (p *Page) Pen(c color.NRGBA, width float64, dash []float64) draw.LineStyle {
	s := draw.LineStyle{Color: c, Width: p.Pt(width)}
	for _, d := range dash {
		s.Dashes = append(s.Dashes, p.Pt(d))
	}
	return s
}

// Box fills a rectangle.
func (p *Page) Box(c color.NRGBA, x0, y0, x1, y1 vg.Length) {
	p.FillPolygon(c, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
}

// Write puts text at a point; align is where the point is in the text: text.XLeft, XCenter or XRight. The point is
// at half of its height.
func (p *Page) Write(s text.Style, align text.XAlignment, x, y vg.Length, words string) {
	s.XAlign = align
	p.FillText(s, vg.Point{X: x, Y: y}, words)
}

// Paragraph is text that is broken into lines of a width.
type Paragraph struct {
	Style text.Style
	Lines []string
	Lead  vg.Length // from line to line
}

// Wrap breaks text between words, and words that are too long by themselves anywhere. Nothing is cut. An amount stays
// with its currency, and a mark with its letter.
func (p *Page) Wrap(s text.Style, words string, room vg.Length) Paragraph {
	out := Paragraph{Style: s, Lead: s.Font.Size * 1.25}
	line := ""
	words = strings.ReplaceAll(words, "USD ", "USD\u00a0")
	for word := range strings.FieldsFuncSeq(words, func(c rune) bool { return c == ' ' || c == '\n' || c == '\t' }) {
		if joined := strings.TrimPrefix(line+" "+word, " "); s.Width(joined) <= room {
			line = joined
			continue
		}
		if line != "" {
			out.Lines = append(out.Lines, line)
		}
		line = ""
		for c := uniseg.NewGraphemes(word); c.Next(); {
			if longer := line + c.Str(); line == "" || s.Width(longer) <= room {
				line = longer
				continue
			}
			out.Lines = append(out.Lines, line)
			line = c.Str()
		}
	}
	if line != "" {
		out.Lines = append(out.Lines, line)
	}
	return out
}

// Height is that of all its lines.
func (t Paragraph) Height() vg.Length { return t.Lead * vg.Length(len(t.Lines)) }

// Width is that of its longest line.
func (t Paragraph) Width() (w vg.Length) {
	for _, line := range t.Lines {
		w = max(w, t.Style.Width(line))
	}
	return w
}

// Print writes a paragraph whose top is at y.
func (p *Page) Print(t Paragraph, align text.XAlignment, x, y vg.Length) {
	for i, line := range t.Lines {
		p.Write(t.Style, align, x, y-t.Lead*(vg.Length(i)+0.5), line)
	}
}

// Note is what a body says below itself, in quiet type; "" is nothing.
func (p *Page) Note(words string) Paragraph {
	return p.Wrap(p.Style(Tiny, p.Quiet), words, p.Max.X-p.Min.X)
}

// Disc draws a dot of a radius, in points of the layout.
func (p *Page) Disc(c color.Color, x, y vg.Length, radius float64) {
	var path vg.Path
	path.Move(vg.Point{X: x + p.Pt(radius), Y: y})
	path.Arc(vg.Point{X: x, Y: y}, p.Pt(radius), 0, 2*math.Pi)
	path.Close()
	p.SetColor(c)
	p.Fill(path)
}
