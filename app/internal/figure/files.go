package figure

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
	"gonum.org/v1/plot/vg/vgtex"

	"exodus/scenarios/words"
)

// Formats are what a figure can be written as.
var Formats = []string{"svg", "pdf", "png", "tex"}

// Paper says how a figure is written.
type Paper struct {
	Size    string `json:"size,omitempty"` // of Sizes; page where it is empty
	DPI     int    `json:"dpi,omitempty"`  // of png; 300 where it is 0
	Dark    bool   `json:"dark,omitempty"`
	Title   string `json:"title,omitempty"` // in place of the figure's own
	NoTitle bool   `json:"no_title,omitempty"`
}

const (
	usualDPI  = 300
	mostDPI   = 1200
	mostTitle = 1000 // characters
)

// Check says what is wrong with a format and a paper.
func Check(format string, paper Paper) error {
	if _, err := sizeOf(paper.Size); err != nil {
		return err
	}
	if paper.DPI != 0 && (paper.DPI < 36 || paper.DPI > mostDPI) {
		return fmt.Errorf("%d dots an inch; 36 to %d are possible", paper.DPI, mostDPI)
	}
	if n := utf8.RuneCountInString(paper.Title); n > mostTitle {
		return fmt.Errorf("a title of %s characters; %s are possible", words.Count(n), words.Count(mostTitle))
	}
	for _, f := range Formats {
		if f == format {
			return nil
		}
	}
	return fmt.Errorf("no figure can be written as %q; there are %s", format, strings.Join(Formats, ", "))
}

// Write returns the figure as a file in one of the Formats, with a receipt inside; nil is none.
func (f *Figure) Write(format string, paper Paper, receipt *Receipt) ([]byte, error) {
	if err := Check(format, paper); err != nil {
		return nil, err
	}
	size, _ := sizeOf(paper.Size)
	t, shown, text := themeOf(paper.Dark), *f, ""
	if paper.Title != "" {
		shown.Title = paper.Title
	}
	if receipt != nil {
		stated := *receipt
		stated.Format, stated.Figure, stated.Paper, stated.File = receiptFormat, f.Kind, paper, format
		text = stated.encode()
	}
	width := size.width
	height, unit := shown.fit(size, t, !paper.NoTitle)
	paint := func(c vg.CanvasSizer) { shown.draw(draw.New(settled{c}), t, unit, !paper.NoTitle) }
	switch format {
	case "svg":
		return shown.svg(width, height, paint, text)
	case "pdf":
		c := newPDF(width, height)
		c.doc.SetTitle(shown.Title, true)
		c.doc.SetSubject(shown.Under, true)
		c.doc.SetProducer("exodus", false)
		if text != "" {
			c.doc.SetKeywords(text, false)
		}
		paint(c)
		return c.file()
	case "png":
		dpi := paper.DPI
		if dpi == 0 {
			dpi = usualDPI
		}
		return shown.png(width, height, dpi, t, paint, text)
	}
	return tex(width, height, paint, text)
}

const legible = 8.5 // points of type, on a slide

// fit lays the figure out for a size, and returns how high it is there, and what a point of its layout is. Elsewhere than
// on a slide it is as high as it needs, up to a whole page. On a slide it has its panels beside one another where that
// makes its type larger, and smaller type where it must.
func (f *Figure) fit(size Size, t *theme, titled bool) (vg.Length, float64) {
	if _, ok := f.body.(tall); !ok {
		return size.height, size.unit
	}
	on := func(height vg.Length) *page { // nothing is drawn on it
		return &page{Canvas: draw.NewCanvas(&raster{}, size.width, height), theme: t, unit: size.unit}
	}
	p := on(size.height)
	fitted, unit := f.fitted(p, titled)
	if size.tallest == size.height {
		wide, isChart := *f, false
		if c, ok := f.body.(*chart); ok && (len(c.panels) > 1 || len(c.lanes) > 1 && tiny*unit < legible) { // lanes are better off with the whole width
			isChart, wide.body = true, c.beside()
		}
		if isChart {
			if other, larger := wide.fitted(p, titled); larger > unit || larger == unit && other.lines() > fitted.lines() {
				fitted, unit = other, larger
			}
		}
		*f = *fitted
		return size.height, unit
	}
	needed := func(g *Figure, p *page) vg.Length {
		left := g.header(p, titled, false)
		return p.Max.Y - left.Max.Y + g.body.(tall).height(left) + p.pt(margin)
	}
	room := on(size.tallest)
	tallest, smaller := f.fitted(room, titled)
	full := false // whether it uses all that it has
	switch b := f.body.(type) {
	case *chart:
		full = b.lanes == nil
	case *alluvial:
		full = b.moved()
	}
	// A chart of many lines shows as many as its usual height has room for, or a few.
	if full && tallest.lines() > fewLines && tallest.lines() > fitted.lines() {
		few := *f
		few.body = fitted.body
		tallest, smaller = few.fitted(room, titled)
	}
	room.unit = smaller
	height := needed(tallest, room)
	if full {
		height = max(height, size.height)
	}
	*f = *tallest
	return min(height, size.tallest), smaller
}

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
func (f *Figure) svg(width, height vg.Length, paint func(vg.CanvasSizer), receipt string) ([]byte, error) {
	c := vgsvg.New(width, height)
	w := &watched{c, map[bool]map[rune]bool{}, map[bool]font.Face{}}
	paint(w)
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
	element("title", f.Title)
	element("desc", strings.TrimSpace(f.Mark+" "+f.Under))
	if receipt != "" {
		element(`metadata id="`+receiptKey+`"`, receipt)
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
	if receipt != "" {
		kept = "\n\tdata-" + receiptKey + "=\"" + base64.StdEncoding.EncodeToString(packed(receipt)) + "\""
	}
	return []byte(top + "\n\trole=\"img\"" + kept + ">\n" + head.String() + "<g " + rest), nil
}

// svgFont names the font that a figure brings along.
const svgFont = "ExodusSans"

func (f *Figure) png(width, height vg.Length, dpi int, t *theme, paint func(vg.CanvasSizer), receipt string) ([]byte, error) {
	scale := float64(dpi) / 72
	c := newRaster(int(math.Ceil(float64(width)*scale)), int(math.Ceil(float64(height)*scale)), scale, t.paper).forPaper()
	paint(c)
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, c.img); err != nil {
		return nil, err
	}
	const header = 8 + 25 // the signature and the first chunk, after which others may stand
	content := drawn.Bytes()
	out := append([]byte(nil), content[:header]...)
	out = append(out, pngResolution(dpi)...)
	out = append(out, pngChunk("Title", f.Title)...)
	if receipt != "" {
		out = append(out, pngChunk(receiptKey, receipt)...)
		out = append(out, packedChunk(receiptKey, receipt)...)
	}
	return append(out, content[header:]...), nil
}

// escaped is a canvas of TeX, on which text is what it says.
type escaped struct{ vg.CanvasSizer }

var texSigns = strings.NewReplacer(`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "%", `\%`, "$", `\$`, "&", `\&`, "#", `\#`, "_", `\_`,
	"~", `\textasciitilde{}`, "^", `\textasciicircum{}`, "−", `$-$`, "≤", `$\le$`, "≥", `$\ge$`, "→", `$\to$`, "·", `\textperiodcentered{}`, "…", `\dots{}`, "<", `\textless{}`, ">", `\textgreater{}`)

func (e escaped) FillString(f font.Face, at vg.Point, words string) {
	text := texSigns.Replace(words)
	if f.Font.Weight == stdfont.WeightBold {
		text = `\textbf{` + text + "}"
	}
	// The canvas centres what it is given on the middle of its width, and TeX has fonts and signs of its own: in a box
	// of the width that was reckoned with, they begin where they should.
	text = fmt.Sprintf(`\makebox[%gpt][l]{%s}`, math.Round(1024*width(f, words).Points())/1024, text)
	middle := (width(f, words) - f.Width(text)) / 2
	e.CanvasSizer.FillString(f, vg.Point{X: at.X + middle, Y: at.Y}, text)
}

// SetColor hands a see-through colour on as it is: the canvas takes what RGBA says, darkened by how far it is seen
// through, for the colour itself.
func (e escaped) SetColor(c color.Color) { e.CanvasSizer.SetColor(straight{c}) }

type straight struct{ color.Color }

func (s straight) RGBA() (r, g, b, a uint32) {
	c := color.NRGBAModel.Convert(s.Color).(color.NRGBA)
	_, _, _, a = c.RGBA()
	c.A = 0xff
	r, g, b, _ = c.RGBA()
	return r, g, b, a
}

// tex writes PGF, in a font of the same widths.
func tex(width, height vg.Length, paint func(vg.CanvasSizer), receipt string) ([]byte, error) {
	c := vgtex.NewDocument(width, height)
	paint(escaped{c})
	var drawn bytes.Buffer
	if _, err := c.WriteTo(&drawn); err != nil {
		return nil, err
	}
	out := strings.Replace(drawn.String(), `\usepackage{pgf}`, `\usepackage[T1]{fontenc}`+"\n"+`\usepackage{textcomp,helvet,pgf}`+"\n"+`\renewcommand{\familydefault}{\sfdefault}`, 1)
	if receipt != "" {
		out = "%" + receiptKey + " " + receipt + "\n" + out
	}
	return []byte(out), nil
}
