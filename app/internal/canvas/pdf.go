package canvas

import (
	"bytes"
	"math"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// pdfCanvas is a [vg.Canvas] that writes PDF. The one of gonum/plot knows western letters only, embeds fonts whole, and
// states the time of day; this one has all letters of the font, embeds those that are used, and writes the same bytes
// for the same drawing.
type pdfCanvas struct {
	pen
	doc           *fpdf.Fpdf
	width, height vg.Length
	fonts         map[string]bool
}

// pdfDate is the date that every file states: a figure is what it is, whenever it is drawn.
var pdfDate = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func newPDF(width, height vg.Length) *pdfCanvas {
	doc := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: width.Points(), Ht: height.Points()}})
	doc.SetCreationDate(pdfDate)
	doc.SetModificationDate(pdfDate)
	doc.SetCatalogSort(true)
	doc.SetMargins(0, 0, 0)
	doc.SetAutoPageBreak(false, 0)
	doc.AddPage()
	doc.SetLineJoinStyle("round")
	c := &pdfCanvas{doc: doc, width: width, height: height, fonts: map[string]bool{}}
	c.at = affine{1, 0, 0, 0, -1, height.Points()}
	vg.Initialize(c)
	return c
}

func (c *pdfCanvas) Size() (w, h vg.Length) { return c.width, c.height }

// apply makes the document draw in the state of the canvas.
func (c *pdfCanvas) apply() {
	r, g, b := int(c.colour.R), int(c.colour.G), int(c.colour.B)
	c.doc.SetFillColor(r, g, b)
	c.doc.SetDrawColor(r, g, b)
	c.doc.SetTextColor(r, g, b)
	c.doc.SetAlpha(float64(c.colour.A)/255, "Normal")
	c.doc.SetLineWidth(c.stroke.Points())
	var dashes []float64
	for _, d := range c.dashes {
		dashes = append(dashes, d.Points())
	}
	c.doc.SetDashPattern(dashes, c.offset.Points())
}

func (c *pdfCanvas) Stroke(p vg.Path) {
	if c.stroke > 0 {
		c.path(p, "D")
	}
}

func (c *pdfCanvas) Fill(p vg.Path) { c.path(p, "F") }

func (c *pdfCanvas) path(p vg.Path, how string) {
	c.apply()
	to := func(p vg.Point) (float64, float64) { return c.at.to(p.X.Points(), p.Y.Points()) }
	begun := false
	for _, part := range p {
		switch x, y := to(part.Pos); part.Type {
		case vg.MoveComp:
			c.doc.MoveTo(x, y)
		case vg.LineComp:
			c.doc.LineTo(x, y)
		case vg.ArcComp: // of which only dots are made
			const steps = 32
			for i := range steps + 1 {
				sin, cos := math.Sincos(part.Start + part.Angle*float64(i)/steps)
				x, y := to(vg.Point{X: part.Pos.X + part.Radius*vg.Length(cos), Y: part.Pos.Y + part.Radius*vg.Length(sin)})
				if i == 0 && !begun {
					c.doc.MoveTo(x, y)
				} else {
					c.doc.LineTo(x, y)
				}
			}
		case vg.CurveComp:
			x1, y1 := to(part.Control[0])
			if len(part.Control) == 1 {
				c.doc.CurveTo(x1, y1, x, y)
				continue
			}
			x2, y2 := to(part.Control[1])
			c.doc.CurveBezierCubicTo(x1, y1, x2, y2, x, y)
		case vg.CloseComp:
			c.doc.ClosePath()
		}
		begun = true
	}
	c.doc.DrawPath(how)
}

func (c *pdfCanvas) FillString(f font.Face, at vg.Point, words string) {
	if f.Font.Size == 0 || words == "" {
		return
	}
	if !isPlain(f, words) {
		c.Fill(outlined(f, at, words))
	}
	style := ""
	if f.Font.Weight == stdfont.WeightBold {
		style = "B"
	}
	if !c.fonts[style] {
		c.fonts[style] = true
		c.doc.AddUTF8FontFromBytes("sans", style, sourceOf(f))
	}
	c.doc.SetFont("sans", style, f.Font.Size.Points())
	c.apply()
	x, y := c.at.to(at.X.Points(), at.Y.Points())
	if c.turned != 0 {
		c.doc.TransformBegin()
		c.doc.TransformRotate(c.turned*180/math.Pi, x, y)
		defer c.doc.TransformEnd()
	}
	if !isPlain(f, words) { // text that is not seen, under its outlines, but found and copied
		c.doc.SetTextRenderingMode(3)
		defer c.doc.SetTextRenderingMode(0)
		shown := width(f, words)
		words = placed(words)
		if w := c.doc.GetStringWidth(words); w > 0 {
			c.doc.SetFontSize(f.Font.Size.Points() * shown.Points() / w)
		}
	}
	c.doc.Text(x, y, words)
}

// placed is a text as it stands from left to right, which is how readers of PDF take it.
func placed(words string) string {
	runes := []rune(words)
	var out strings.Builder
	for _, i := range visual(levelsOf(runes)) {
		c := runes[i]
		if c > 0xffff { // for which the library has no room
			c = unicode.ReplacementChar
		}
		out.WriteRune(c)
	}
	return out.String()
}

// sourceOf is the file of a font.
func sourceOf(f font.Face) []byte {
	var out bytes.Buffer
	f.Face.WriteSourceTo(nil, &out) // into memory, where no write fails
	return out.Bytes()
}

func (d Drawing) pdf() ([]byte, error) {
	c := newPDF(d.Width, d.Height)
	c.doc.SetTitle(d.Title, true)
	c.doc.SetSubject(d.About, true)
	c.doc.SetProducer("exodus", false)
	if d.Note.Text != "" {
		c.doc.SetKeywords(d.Note.Text, false)
	}
	d.paint(c)
	var out bytes.Buffer
	err := c.doc.Output(&out)
	return out.Bytes(), err
}
