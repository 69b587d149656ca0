package canvas

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"strings"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgtex"
)

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
func (d Drawing) tex() ([]byte, error) {
	c := vgtex.NewDocument(d.Width, d.Height)
	d.paint(escaped{c})
	var drawn bytes.Buffer
	if _, err := c.WriteTo(&drawn); err != nil {
		return nil, err
	}
	out := strings.Replace(drawn.String(), `\usepackage{pgf}`, `\usepackage[T1]{fontenc}`+"\n"+`\usepackage{textcomp,helvet,pgf}`+"\n"+`\renewcommand{\familydefault}{\sfdefault}`, 1)
	if d.Note.Text != "" {
		out = "%" + d.Note.Key + " " + d.Note.Text + "\n" + out
	}
	return []byte(out), nil
}
