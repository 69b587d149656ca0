package canvas

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"strings"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// watched is a canvas that notes which characters are written in which font.
type watched struct {
	vg.CanvasSizer
	used map[bool]map[rune]bool // by whether they are bold
	face map[bool]font.Face
}

func (w *watched) FillString(f font.Face, at vg.Point, words string) {
	bold := f.Font.Weight == stdfont.WeightBold
	if w.used[bold] == nil {
		w.used[bold], w.face[bold] = map[rune]bool{}, f
	}
	for _, c := range words {
		w.used[bold][c] = true
	}
	w.CanvasSizer.FillString(f, at, words)
}

// svg brings the glyphs that it uses along, as a font, so that it looks the same everywhere, and its text is text. Where
// such a font is not read, one of the same widths is asked for, and last of all one that is hardly wider.
func (d Drawing) svg() ([]byte, error) {
	c := vgsvg.New(d.Width, d.Height)
	w := &watched{c, map[bool]map[rune]bool{}, map[bool]font.Face{}}
	d.paint(w)
	var drawn, head bytes.Buffer
	if _, err := c.WriteTo(&drawn); err != nil {
		return nil, err
	}
	element := func(name, text string) {
		fmt.Fprintf(&head, "<%s>", name)
		xml.EscapeText(&head, []byte(text)) // into memory, where no write fails
		name, _, _ = strings.Cut(name, " ")
		fmt.Fprintf(&head, "</%s>\n", name)
	}
	element("title", d.Title)
	element("desc", d.About)
	if d.Note.Text != "" {
		element(`metadata id="`+d.Note.Key+`"`, d.Note.Text)
	}
	head.WriteString("<style>\n")
	for _, bold := range []bool{false, true} {
		if w.used[bold] == nil {
			continue
		}
		face := w.face[bold]
		font, err := subset(face.Face, sourceOf(face), w.used[bold])
		if err != nil {
			return nil, err
		}
		weight := map[bool]string{false: "normal", true: "bold"}[bold]
		fmt.Fprintf(&head, "@font-face{font-family:%s;font-weight:%s;src:url(data:font/ttf;base64,%s) format(\"truetype\")}\n", svgFont, weight, base64.StdEncoding.EncodeToString(font))
	}
	head.WriteString("</style>\n")
	top, rest, _ := strings.Cut(drawn.String(), ">\n<g ")
	rest = strings.ReplaceAll(rest, "font-family:Liberation Sans;font-variant:normal;", "font-family:"+svgFont+",Liberation Sans,Arimo,Helvetica,Arial,DejaVu Sans Condensed,sans-serif;")
	rest = strings.ReplaceAll(rest, "font-style:normal;", "")
	kept := ""
	if d.Note.Text != "" {
		kept = "\n\tdata-" + d.Note.Key + "=\"" + base64.StdEncoding.EncodeToString(packed(d.Note.Text)) + "\""
	}
	return []byte(top + "\n\trole=\"img\"" + kept + ">\n" + head.String() + "<g " + rest), nil
}

// svgFont names the font that a figure brings along.
const svgFont = "ExodusSans"
