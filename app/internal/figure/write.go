package figure

import (
	"fmt"
	"image/color"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"exodus/app/internal/canvas"
	"exodus/app/internal/receipt"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// Formats are what a figure can be written as.
var Formats = canvas.Formats

// Size is a size to print at: its type stays legible there.
type Size struct {
	Name, Doc     string
	width, height vg.Length
	unit          float64   // what a point of the layout is at this size
	tallest       vg.Length // no figure is higher
}

// Sizes that figures are printed at; the second is the usual one.
var Sizes = []Size{
	{"column", "8.6 cm wide, a column of a journal", 8.6 * vg.Centimeter, 6.6 * vg.Centimeter, 0.86, 22 * vg.Centimeter},
	{"page", "17 cm wide, the text of a page", 17 * vg.Centimeter, 10 * vg.Centimeter, 1, 24 * vg.Centimeter},
	{"slide", "25.4 cm by 14.3 cm, a slide", 25.4 * vg.Centimeter, 14.29 * vg.Centimeter, 1.7, 14.29 * vg.Centimeter},
}

// Paper says how a figure is written.
type Paper = receipt.Paper

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
func (f *Figure) Write(format string, paper Paper, from *receipt.Receipt) ([]byte, error) {
	if err := Check(format, paper); err != nil {
		return nil, err
	}
	d := f.drawing(paper)
	if from != nil {
		stated := *from
		stated.Figure, stated.Paper, stated.File = f.Kind, paper, format
		d.Note = canvas.Note{Key: receipt.Key, Text: stated.Encode()}
	}
	return d.Write(format)
}

// drawing is the figure laid out on a paper that Check has seen.
func (f *Figure) drawing(paper Paper) canvas.Drawing {
	size, _ := sizeOf(paper.Size)
	t, shown := themeOf(paper.Dark), *f
	if paper.Title != "" {
		shown.Title = paper.Title
	}
	height, unit := shown.fit(size, t, !paper.NoTitle)
	d := canvas.Drawing{
		Width: size.width, Height: height, Paper: t.Paper, DPI: paper.DPI,
		Title: shown.Title, About: strings.TrimSpace(shown.Mark + " " + shown.Under),
		Paint: func(c vg.CanvasSizer) { shown.draw(draw.New(c), t, unit, !paper.NoTitle) },
	}
	if d.DPI == 0 {
		d.DPI = usualDPI
	}
	return d
}

// Inline is the figure without its title as an element of a page that has light and dark colours, each of which say names
// as a pair. The id is its own in the page.
func (f *Figure) Inline(paper Paper, id string, say func(light, dark color.NRGBA) string) (string, error) {
	if err := Check("svg", paper); err != nil {
		return "", err
	}
	paper.NoTitle, paper.Dark = true, false
	light := f.drawing(paper)
	paper.Dark = true
	return light.Inline(f.drawing(paper), id, say)
}

// sizeOf finds a size by its name; the usual one where there is none.
func sizeOf(name string) (Size, error) {
	if name == "" {
		return Sizes[1], nil
	}
	var names []string
	for _, s := range Sizes {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Size{}, fmt.Errorf("there is no size %q; there are %s", name, strings.Join(names, ", "))
}

// Missing are the letters in a scenario's names and titles that neither the font of figures nor one of the machine has,
// each once: a PNG, a PDF and the window show boxes in their place.
func Missing(s *scenarios.Scenario) string {
	return written(s, canvas.Lacks)
}

// Borrows says whether a scenario's names and titles, or a title of one's own, have letters that the font of figures
// lacks: a figure with them is then not the same on machines with other fonts.
func Borrows(s *scenarios.Scenario, title string) bool {
	return written(s, canvas.Borrows, title) != ""
}

// written are the letters of a kind, beyond ASCII, in a scenario's names and titles and in other texts, each once.
func written(s *scenarios.Scenario, isKind func(rune) bool, texts ...string) string {
	texts = append(texts, s.Title)
	texts = slices.Concat(texts, s.Spec.VendorNames(), s.Spec.LabNames(), s.Spec.OwnerNames())
	for _, v := range s.Variants {
		texts = append(texts, v.Title)
	}
	var out strings.Builder
	seen := map[rune]bool{}
	for _, text := range texts {
		for _, c := range text {
			if seen[c] || c <= unicode.MaxASCII {
				continue
			}
			seen[c] = true
			if isKind(c) {
				out.WriteRune(c)
			}
		}
	}
	return out.String()
}
