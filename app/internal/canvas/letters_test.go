package canvas

import (
	"slices"
	"testing"

	"github.com/go-text/typesetting/fontscan"
	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// nameless is a machine without fonts, until the test ends.
func nameless(t *testing.T) {
	before := letters
	letters = newShaper(func() []fontscan.Footprint { return nil })
	t.Cleanup(func() { letters = before })
}

func sansFace(bold bool) font.Face {
	f := Sans
	if f.Size = 10; bold {
		f.Weight = stdfont.WeightBold
	}
	return Text.Fonts.Lookup(f, f.Size)
}

// Letters that no font has are lacking; those that the font of figures has, and what has no look of its own, are not.
func TestLacks(t *testing.T) {
	nameless(t)
	for text, want := range map[string]bool{"日本電気": true, "Łódź שוק": false, "\u200b\u202e\t": false} {
		for _, c := range text {
			if Lacks(c) != want && c != ' ' {
				t.Errorf("%q is lacking: %v", c, !want)
			}
		}
	}
}

// What the font of figures has is written as ever, and no font is looked for.
func TestPlain(t *testing.T) {
	before := letters
	letters = newShaper(func() []fontscan.Footprint { t.Error("fonts were looked for"); return nil })
	t.Cleanup(func() { letters = before })
	f := sansFace(false)
	for _, words := range []string{"Scale", "Łódź Ёлка Ωμέγα", "−12% → USD 3M · “x” … ≤", "e\u0301"} {
		if !isPlain(f, words) {
			t.Errorf("%q is shaped", words)
		}
		if got := width(f, words); got != f.Width(words) {
			t.Errorf("%q is %g wide, not %g", words, got, f.Width(words))
		}
	}
	for _, words := range []string{"מטא", "日本", "ไทย", "ميتا", "हिन्दी", "한국"} {
		if isPlain(f, words) {
			t.Errorf("%q is not shaped", words)
		}
	}
}

// A line is put in the order in which it is read: what runs from right to left turned round, numbers and foreign words
// in it not, and brackets with what they hold.
func TestOrder(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"abc", "abc"},
		{"אבג", "גבא"},
		{"a אבג דה b", "a הד גבא b"},
		{"אבג 123 דה", "הד 123 גבא"},
		{"אבג 123 abc", "123 גבא abc"},
		{"אבג 1,234 דה", "הד 1,234 גבא"},
		{"אבג abc דה", "גבא abc הד"},
		{"x: אב (גד)", "x: )דג( בא"},
		{"אב: 12%", "12% :בא"},
		{"abc (אב) d", "abc (בא) d"},
		{"سلام ١٢", "١٢ مالس"},
	} {
		if got := placed(c.text); got != c.want {
			t.Errorf("%q is placed as %q, not %q (levels %v)", c.text, got, c.want, levelsOf([]rune(c.text)))
		}
	}
}

// starts are where the parts of a path begin.
func starts(p vg.Path) (out []float64) {
	for _, c := range p {
		if c.Type == vg.MoveComp {
			out = append(out, float64(c.Pos.X))
		}
	}
	return out
}

// Hebrew, whose letters the font of figures has, begins on the right.
func TestHebrew(t *testing.T) {
	nameless(t)
	f := sansFace(false)
	one, two, both := letters.shape(f, "ש"), letters.shape(f, "ל"), letters.shape(f, "של")
	if d := both.advance - one.advance - two.advance; d > 0.02 || d < -0.02 {
		t.Errorf("two letters are %g wide, and %g and %g alone", both.advance, one.advance, two.advance)
	}
	last := starts(both.outline)
	if want := two.advance + slices.Max(starts(one.outline)); slices.Max(last) < want-0.05 {
		t.Errorf("the first letter begins at %g, not at %g on the right", slices.Max(last), want)
	}
	if first := starts(both.outline)[0] - starts(two.outline)[0]; first > 0.02 || first < -0.02 {
		t.Errorf("the last letter does not stand on the left, but %g to its right", first)
	}
}

// Arabic letters are joined, with a font of the machine; without one they are named as lacking.
func TestArabic(t *testing.T) {
	f := sansFace(false)
	if Lacks('ه') {
		t.Skip("no font of this machine has Arabic letters")
	}
	joined := letters.shape(f, "ههه").advance
	alone := 3 * letters.shape(f, "ه").advance
	if joined == alone || joined <= 0 {
		t.Errorf("three letters are %g wide joined, and %g apart", joined, alone)
	}
}

// Letters that are only there as pictures are lacking.
func TestPictures(t *testing.T) {
	for _, face := range []bool{false, true} {
		f := sansFace(face)
		if Lacks('🦄') {
			continue
		}
		if len(letters.shape(f, "🦄").outline) == 0 {
			t.Error("an emoji is not lacking, and nothing is drawn")
		}
	}
}
