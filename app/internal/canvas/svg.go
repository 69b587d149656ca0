package canvas

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// svgFont names the font that a figure brings along. Where such a font is not read, one of the same widths is asked for,
// and last of all one that is hardly wider.
const svgFont = "ExodusSans"

const svgFonts = ",Liberation Sans,Arimo,Helvetica,Arial,DejaVu Sans Condensed,sans-serif"

// svgCanvas is a [vg.Canvas] that writes SVG. What it has written is kept apart from its colours, so that they can be said
// in another way.
type svgCanvas struct {
	pen
	width, height vg.Length
	out           strings.Builder
	pieces        []string // of what is written, each up to a colour
	colours       []color.NRGBA
	fonts         [2]svgGlyphs // regular and bold
}

// svgGlyphs are the characters that are written in a font.
type svgGlyphs struct {
	face font.Face
	used map[rune]bool
}

func newSVG(width, height vg.Length) *svgCanvas {
	size := settle(vg.Point{X: width, Y: height})
	c := &svgCanvas{width: size.X, height: size.Y}
	c.at = affine{1, 0, 0, 0, -1, c.height.Points()}
	vg.Initialize(c)
	return c
}

func (c *svgCanvas) Size() (w, h vg.Length) { return c.width, c.height }

// paint writes a property that is a colour, and how far it is seen through.
func (c *svgCanvas) paint(property string) {
	c.out.WriteString(property + ":")
	c.pieces, c.colours = append(c.pieces, c.out.String()), append(c.colours, c.colour)
	c.out.Reset()
	if a := c.colour.A; a != 0xff {
		c.out.WriteString(";" + property + "-opacity:" + decimal(float64(a)/0xff))
	}
}

// decimal writes a number with at most three decimals.
func decimal(x float64) string {
	text := strconv.FormatFloat(x, 'f', 3, 64)
	text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	if text == "-0" {
		return "0"
	}
	return text
}

// point writes where a point is.
func (c *svgCanvas) point(p vg.Point) string {
	x, y := c.at.to(p.X.Points(), p.Y.Points())
	return decimal(x) + " " + decimal(y)
}

func (c *svgCanvas) path(p vg.Path) {
	c.out.WriteString(`<path d="`)
	put := func(command string, points ...vg.Point) {
		for i, at := range points {
			if i > 0 {
				command = " "
			}
			c.out.WriteString(command + c.point(at))
		}
	}
	for i, part := range p {
		switch part.Type {
		case vg.MoveComp:
			put("M", part.Pos)
		case vg.LineComp:
			put("L", part.Pos)
		case vg.CurveComp:
			command := "Q"
			if len(part.Control) == 2 {
				command = "C"
			}
			put(command, append(slices.Clone(part.Control), part.Pos)...)
		case vg.ArcComp: // of which only dots are made, that begin where it does
			const quarters = 4 // of a turn at most are one arc
			for k := range quarters + 1 {
				sin, cos := math.Sincos(part.Start + part.Angle*float64(k)/quarters)
				at := vg.Point{X: part.Pos.X + part.Radius*vg.Length(cos), Y: part.Pos.Y + part.Radius*vg.Length(sin)}
				switch r := decimal(part.Radius.Points()); {
				case k > 0 && part.Angle > 0: // counted upwards, which is the other way round on a page
					put("A"+r+" "+r+" 0 0 0 ", at)
				case k > 0:
					put("A"+r+" "+r+" 0 0 1 ", at)
				case i == 0:
					put("M", at)
				case i != 1 || p[0].Type != vg.MoveComp:
					put("L", at)
				}
			}
		case vg.CloseComp:
			c.out.WriteString("Z")
		}
	}
	c.out.WriteString(`"`)
}

func (c *svgCanvas) Fill(p vg.Path) {
	c.path(p)
	c.out.WriteString(` style="`)
	c.paint("fill")
	c.out.WriteString("\"/>\n")
}

func (c *svgCanvas) Stroke(p vg.Path) {
	if c.stroke <= 0 {
		return
	}
	c.path(p)
	c.out.WriteString(` style="fill:none;`)
	c.paint("stroke")
	c.out.WriteString(";stroke-width:" + decimal(c.stroke.Points()))
	for i, d := range c.dashes {
		c.out.WriteString([...]string{";stroke-dasharray:", ","}[min(i, 1)] + decimal(d.Points()))
	}
	if c.offset != 0 && len(c.dashes) > 0 {
		c.out.WriteString(";stroke-dashoffset:" + decimal(c.offset.Points()))
	}
	c.out.WriteString("\"/>\n")
}

func (c *svgCanvas) FillString(f font.Face, at vg.Point, words string) {
	if f.Font.Size == 0 || words == "" {
		return
	}
	x, y := c.at.to(at.X.Points(), at.Y.Points())
	fmt.Fprintf(&c.out, `<text x="%s" y="%s" `, decimal(x), decimal(y))
	if c.turned != 0 {
		fmt.Fprintf(&c.out, `transform="rotate(%s %s %s)" `, decimal(-c.turned*180/math.Pi), decimal(x), decimal(y))
	}
	glyphs := &c.fonts[0]
	c.out.WriteString(`style="`)
	if f.Font.Weight == stdfont.WeightBold {
		glyphs = &c.fonts[1]
		c.out.WriteString("font-weight:bold;")
	}
	c.out.WriteString("font-size:" + decimal(f.Font.Size.Points()) + "px;")
	c.paint("fill")
	c.out.WriteString(`">`)
	xml.EscapeText(&c.out, []byte(words)) // into memory, where no write fails
	c.out.WriteString("</text>\n")
	if glyphs.used == nil {
		*glyphs = svgGlyphs{f, map[rune]bool{}}
	}
	for _, r := range words {
		glyphs.used[r] = true
	}
}

// drawn is what was drawn, with its colours as they are said.
func (c *svgCanvas) drawn(say func(i int, colour color.NRGBA) string) string {
	var out strings.Builder
	for i, piece := range c.pieces {
		out.WriteString(piece + say(i, c.colours[i]))
	}
	return out.String() + c.out.String()
}

func hex(_ int, c color.NRGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

// element is the drawing as an element, with the glyphs that it uses as a font, so that it looks the same everywhere and
// its text is text.
func (d Drawing) element(c *svgCanvas, fontName, drawn string) (string, error) {
	var out bytes.Buffer
	w, h := decimal(c.width.Points()), decimal(c.height.Points())
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]spt" height="%[2]spt" viewBox="0 0 %[1]s %[2]s" role="img" font-family="%[3]s"`, w, h, fontName+svgFonts)
	if d.Note.Text != "" {
		fmt.Fprintf(&out, "\n\tdata-%s=\"%s\"", d.Note.Key, base64.StdEncoding.EncodeToString(packed(d.Note.Text)))
	}
	out.WriteString(">\n")
	element := func(name, attributes, text string) {
		fmt.Fprintf(&out, "<%s%s>", name, attributes)
		xml.EscapeText(&out, []byte(text)) // into memory, where no write fails
		fmt.Fprintf(&out, "</%s>\n", name)
	}
	element("title", "", d.Title)
	element("desc", "", d.About)
	if d.Note.Text != "" {
		element("metadata", ` id="`+d.Note.Key+`"`, d.Note.Text)
	}
	out.WriteString("<style>\n")
	for i, weight := range []string{"normal", "bold"} {
		glyphs := c.fonts[i]
		if glyphs.used == nil {
			continue
		}
		ttf, err := subset(glyphs.face.Face, sourceOf(glyphs.face), glyphs.used)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "@font-face{font-family:%s;font-weight:%s;src:url(data:font/ttf;base64,%s) format(\"truetype\")}\n", fontName, weight, base64.StdEncoding.EncodeToString(ttf))
	}
	out.WriteString("</style>\n" + drawn + "</svg>\n")
	return out.String(), nil
}

func (d Drawing) svg() ([]byte, error) {
	c := newSVG(d.Width, d.Height)
	d.paint(c)
	text, err := d.element(c, svgFont, c.drawn(hex))
	return []byte("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + text), err
}

// Inline is the drawing as an element of a page, in which say says each of its colours: as that of the drawing, and what it
// is in the same drawing on a dark page. Its font has a name of its own: in a page, the glyphs of one figure would stand
// for those of all.
func (d Drawing) Inline(dark Drawing, id string, say func(light, dark color.NRGBA) string) (string, error) {
	c, other := newSVG(d.Width, d.Height), newSVG(dark.Width, dark.Height)
	d.paint(c)
	dark.paint(other)
	if !slices.Equal(c.pieces, other.pieces) { // drawn another way in the dark: the one on white serves everywhere
		other = c
	}
	return d.element(c, svgFont+"-"+id, c.drawn(func(i int, colour color.NRGBA) string { return say(colour, other.colours[i]) }))
}
