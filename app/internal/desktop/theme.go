package desktop

import (
	"image/color"

	"codeberg.org/go-fonts/liberation/liberationmonoregular"
	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// look is Fyne's own theme, closer set: much is on the window at once, and is read at a desk.
type look struct{ fyne.Theme }

func newLook() fyne.Theme { return look{theme.DefaultTheme()} }

func (l look) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return 13
	case theme.SizeNameCaptionText:
		return 11
	case theme.SizeNameHeadingText:
		return 19
	case theme.SizeNameSubHeadingText:
		return 15
	case theme.SizeNamePadding:
		return 3
	case theme.SizeNameInnerPadding:
		return 5
	case theme.SizeNameInlineIcon:
		return 17
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius:
		return 4
	}
	return l.Theme.Size(name)
}

// The primary colour is the blue of the figures.
var (
	lightColors = map[fyne.ThemeColorName]color.Color{
		theme.ColorNamePrimary:    color.NRGBA{0x00, 0x5f, 0x99, 0xff},
		theme.ColorNameBackground: color.NRGBA{0xf6, 0xf6, 0xf4, 0xff},
		theme.ColorNameForeground: color.NRGBA{0x20, 0x20, 0x20, 0xff},
		theme.ColorNameSeparator:  color.NRGBA{0xd8, 0xd8, 0xd4, 0xff},
		// Small print is in these two, and is to be read too.
		theme.ColorNameDisabled:        color.NRGBA{0x62, 0x62, 0x60, 0xff},
		theme.ColorNamePlaceHolder:     color.NRGBA{0x62, 0x62, 0x60, 0xff},
		theme.ColorNameInputBackground: color.NRGBA{0xe6, 0xe6, 0xe2, 0xff},
		// Whoever looks for a control looks for this one: boxes, radio buttons, the tracks of sliders.
		theme.ColorNameInputBorder: color.NRGBA{0x7a, 0x7a, 0x78, 0xff},
		// So are what holds, what is to be heeded, and what is wrong.
		theme.ColorNameSuccess: color.NRGBA{0x00, 0x78, 0x56, 0xff},
		theme.ColorNameWarning: color.NRGBA{0xa4, 0x48, 0x00, 0xff},
		theme.ColorNameError:   color.NRGBA{0xb3, 0x1b, 0x1b, 0xff},
		theme.ColorNameShadow:  color.NRGBA{0x00, 0x00, 0x00, 0x1c}, // between the parts of the window too

		theme.ColorNameForegroundOnPrimary: color.NRGBA{0xff, 0xff, 0xff, 0xff},
		theme.ColorNameForegroundOnWarning: color.NRGBA{0xff, 0xff, 0xff, 0xff},
		theme.ColorNameOverlayBackground:   color.NRGBA{0xff, 0xff, 0xff, 0xff},
		theme.ColorNameMenuBackground:      color.NRGBA{0xff, 0xff, 0xff, 0xff},
		theme.ColorNameHeaderBackground:    color.NRGBA{0xec, 0xec, 0xe8, 0xff},
	}
	darkColors = map[fyne.ThemeColorName]color.Color{
		theme.ColorNamePrimary:    color.NRGBA{0x56, 0xb4, 0xe9, 0xff},
		theme.ColorNameBackground: color.NRGBA{0x1c, 0x1d, 0x20, 0xff},
		theme.ColorNameForeground: color.NRGBA{0xe8, 0xe8, 0xe6, 0xff},
		theme.ColorNameSeparator:  color.NRGBA{0x3a, 0x3c, 0x40, 0xff},

		theme.ColorNameDisabled:        color.NRGBA{0xa2, 0xa4, 0xaa, 0xff},
		theme.ColorNamePlaceHolder:     color.NRGBA{0xa2, 0xa4, 0xaa, 0xff},
		theme.ColorNameInputBackground: color.NRGBA{0x30, 0x33, 0x39, 0xff},
		theme.ColorNameInputBorder:     color.NRGBA{0x88, 0x8a, 0x90, 0xff},

		theme.ColorNameSuccess: color.NRGBA{0x4c, 0xc3, 0x8a, 0xff},
		theme.ColorNameWarning: color.NRGBA{0xff, 0xa0, 0x3a, 0xff},
		theme.ColorNameError:   color.NRGBA{0xff, 0x7b, 0x72, 0xff},

		theme.ColorNameForegroundOnPrimary: color.NRGBA{0x10, 0x14, 0x18, 0xff},
		theme.ColorNameForegroundOnWarning: color.NRGBA{0x10, 0x14, 0x18, 0xff},
		theme.ColorNameOverlayBackground:   color.NRGBA{0x26, 0x28, 0x2d, 0xff},
		theme.ColorNameMenuBackground:      color.NRGBA{0x26, 0x28, 0x2d, 0xff},
		theme.ColorNameHeaderBackground:    color.NRGBA{0x26, 0x28, 0x2d, 0xff},
	}
)

func (l look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	own := lightColors
	if variant == theme.VariantDark {
		own = darkColors
	}
	if c, ok := own[name]; ok {
		return c
	}
	return l.Theme.Color(name, variant)
}

// The typeface is that of the figures.
var (
	regular   = fyne.NewStaticResource("LiberationSans-Regular.ttf", liberationsansregular.TTF)
	bold      = fyne.NewStaticResource("LiberationSans-Bold.ttf", liberationsansbold.TTF)
	monospace = fyne.NewStaticResource("LiberationMono-Regular.ttf", liberationmonoregular.TTF)
)

func (l look) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Symbol:
		return l.Theme.Font(style)
	case style.Monospace:
		return monospace
	case style.Bold:
		return bold
	}
	return regular
}

// isDark says whether the window is drawn light on dark.
func isDark() bool { return fyne.CurrentApp().Settings().ThemeVariant() == theme.VariantDark }
