package desktop

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// contrast is the ratio of two colours as the Web Content Accessibility Guidelines define it.
func contrast(a, b color.Color) float64 {
	luminance := func(c color.Color) float64 {
		linear := func(x uint32) float64 {
			if v := float64(x) / 0xffff; v > 0.04045 {
				return math.Pow((v+0.055)/1.055, 2.4)
			} else {
				return v / 12.92
			}
		}
		r, g, b, _ := c.RGBA()
		return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Text is read at 4.5 to 1 at least, and controls are seen at 3 to 1, in light and in dark.
func TestContrast(t *testing.T) {
	l := newLook()
	grounds := []fyne.ThemeColorName{theme.ColorNameBackground, theme.ColorNameOverlayBackground, theme.ColorNameMenuBackground}
	texts := []fyne.ThemeColorName{
		theme.ColorNameForeground, theme.ColorNamePlaceHolder, theme.ColorNameDisabled, theme.ColorNameSuccess, theme.ColorNameWarning, theme.ColorNameError,
	}
	for variant, name := range map[fyne.ThemeVariant]string{theme.VariantLight: "light", theme.VariantDark: "dark"} {
		check := func(ink, ground fyne.ThemeColorName, least float64) {
			if got := contrast(l.Color(ink, variant), l.Color(ground, variant)); got < least {
				t.Errorf("%s: %s on %s is %.2f to 1; at least %g is needed", name, ink, ground, got, least)
			}
		}
		for _, ground := range grounds {
			for _, ink := range texts {
				check(ink, ground, 4.5)
			}
			// The tracks of sliders, empty boxes and radio buttons, and what is chosen in them.
			check(theme.ColorNameInputBorder, ground, 3)
			check(theme.ColorNameForeground, theme.ColorNameHeaderBackground, 4.5)
			check(theme.ColorNamePrimary, ground, 3)
		}
		for _, ink := range []fyne.ThemeColorName{theme.ColorNameForeground, theme.ColorNamePlaceHolder} {
			check(ink, theme.ColorNameInputBackground, 4.5)
			check(ink, theme.ColorNameButton, 4.5)
		}
		check(theme.ColorNameInputBorder, theme.ColorNameInputBackground, 3)
		for ink, ground := range map[fyne.ThemeColorName]fyne.ThemeColorName{
			theme.ColorNameForegroundOnPrimary: theme.ColorNamePrimary, theme.ColorNameForegroundOnWarning: theme.ColorNameWarning,
		} {
			check(ink, ground, 4.5)
		}
	}
}

// Texts are in the typeface of the figures.
func TestTypeface(t *testing.T) {
	if got := newLook().Font(fyne.TextStyle{}).Name(); got != "LiberationSans-Regular.ttf" {
		t.Errorf("the window is in %s", got)
	}
}
