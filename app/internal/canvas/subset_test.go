package canvas

import (
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A subset of a font draws its characters as the whole font does, those made of parts too, and has no others.
func TestSubset(t *testing.T) {
	face := sansFace(true)
	source := sourceOf(face)
	used := map[rune]bool{}
	const text = "Meta takes 49% of Scale · ÅÖé Łódź −≤≥"
	for _, c := range text {
		used[c] = true
	}
	small, err := subset(face.Face, source, used)
	if err != nil {
		t.Fatal(err)
	}
	if len(small) > 20_000 {
		t.Errorf("the subset has %d bytes, the font %d", len(small), len(source))
	}
	got, err := opentype.Parse(small)
	if err != nil {
		t.Fatal(err)
	}
	var buf, other sfnt.Buffer
	ppem := fixed.I(64)
	for _, c := range text {
		a, err := face.Face.GlyphIndex(&buf, c)
		if err != nil || a == 0 {
			t.Fatalf("the font has no %c", c)
		}
		b, err := got.GlyphIndex(&other, c)
		if err != nil || b == 0 {
			t.Errorf("the subset has no %c (%v)", c, err)
			continue
		}
		want, err := face.Face.LoadGlyph(&buf, a, ppem, nil)
		if err != nil {
			t.Fatal(err)
		}
		have, err := got.LoadGlyph(&other, b, ppem, nil)
		if err != nil || len(have) != len(want) {
			t.Errorf("%c has %d segments, want %d (%v)", c, len(have), len(want), err)
			continue
		}
		for i := range want {
			if have[i] != want[i] {
				t.Errorf("%c is drawn otherwise", c)
				break
			}
		}
		wide, _ := face.Face.GlyphAdvance(&buf, a, ppem, font.HintingNone)
		if advance, err := got.GlyphAdvance(&other, b, ppem, font.HintingNone); err != nil || advance != wide {
			t.Errorf("%c is %v wide, want %v (%v)", c, advance, wide, err)
		}
	}
	if b, _ := got.GlyphIndex(&other, 'Q'); b != 0 {
		t.Error("the subset has a Q, which is not used")
	}
	if checksum(small) != 0xb1b0afba {
		t.Errorf("the subset has the checksum %#x", checksum(small))
	}
}
