#!/bin/sh
# fyne.io/fyne/v2 v2.8.1, with its driver for tests: no screen and no C compiler is needed.
#
# The shortcut beside a menu's item is drawn at about a fifth of the opacity that the theme asks for: its alpha is taken
# from color.RGBA(), which has 16 bits, and cut to 8 bits without a shift. In the default dark theme white letters on
# grey then reach a contrast of 1.3:1, where the item's own text has more than 7:1 and accessibility rules ask for 4.5:1.
#
# Seen: "item 7.3:1, shortcut 1.3:1".
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module shortcut

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"image/color"
	"math"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// luminance is the relative luminance of a colour, as accessibility rules define it.
func luminance(c color.Color) float64 {
	linear := func(x uint32) float64 {
		v := float64(x) / 0xffff
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func main() {
	test.NewApp()
	item := fyne.NewMenuItem("Save", nil)
	item.Shortcut = &desktop.CustomShortcut{KeyName: fyne.KeyS, Modifier: fyne.KeyModifierControl}
	window := test.NewWindow(widget.NewMenu(fyne.NewMenu("File", item)))
	window.Resize(fyne.NewSize(300, 60))
	picture, ground := window.Canvas().Capture(), luminance(theme.Color(theme.ColorNameMenuBackground))

	// The item stands in the left half, its shortcut in the right one.
	var best [2]float64
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
			half, l := 2*x/picture.Bounds().Dx(), luminance(picture.At(x, y))
			best[half] = max(best[half], (max(l, ground)+0.05)/(min(l, ground)+0.05))
		}
	}
	fmt.Printf("item %.1f:1, shortcut %.1f:1\n", best[0], best[1])
	if best[0] < 7 || best[1] > 2 {
		fmt.Println("changed: the shortcut is as legible as the item")
		os.Exit(1)
	}
}
GO
export GOFLAGS=-mod=mod CGO_ENABLED=0
go get fyne.io/fyne/v2@v2.8.1 >/dev/null 2>&1
go run -tags ci .
