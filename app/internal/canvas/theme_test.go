package canvas

import (
	"slices"
	"testing"
)

// Text in the colour of a line can be read, on paper and on a screen, and so can text on the cells of a map. In grey,
// lines of neighbours differ in lightness or in dashes.
func TestContrast(t *testing.T) {
	for _, theme := range []*Theme{Light, Dark} {
		for i, c := range theme.Palette {
			if x := Contrast(theme.Readable(c), theme.Paper); x < 4.5 {
				t.Errorf("text of colour %d has a contrast of %.1f", i, x)
			}
			if x := Contrast(c, theme.Paper); x < 2 {
				t.Errorf("a line of colour %d has a contrast of %.1f", i, x)
			}
			for k := range i {
				sameDash := slices.Equal(Dashes[i/2%len(Dashes)], Dashes[k/2%len(Dashes)])
				if d := Contrast(c, theme.Palette[k]); sameDash && d < 1.15 {
					t.Errorf("in grey, colours %d and %d differ by %.2f, and their dashes do not", i, k, d)
				}
			}
		}
		if x := Contrast(theme.Quiet, theme.Paper); x < 4.5 {
			t.Errorf("quiet text has a contrast of %.1f", x)
		}
		for x := 0.0; x <= 1; x += 0.01 {
			ground := Blend(theme.Palette[0], theme.Ground(), x)
			if c := Contrast(Over(ground), ground); c < 4.5 {
				t.Errorf("text on a cell of %.2f has a contrast of %.1f", x, c)
			}
		}
	}
}
