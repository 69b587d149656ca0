#!/bin/sh
# fyne.io/fyne/v2 v2.8.1, with its driver for tests: no screen and no C compiler is needed.
#
# One expects that what a user types into a field for whole numbers is that number, or is refused. In an Entry that is
# bound by binding.IntToString, a leading zero makes it octal: 010 is 8, while the field goes on showing 010, and 008 is
# refused as not being a number. IntToStringWithFormat with %d does the same, though %d is how numbers without a base
# are scanned.
#
# It matters to fields for weeks, months and seeds, which people copy from tables with leading zeros: the run is another
# one than the window says. The way around is a string binding with a validator that parses in base 10.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module octal

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"fyne.io/fyne/v2/data/binding"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

// typed is what an integer is after a user typed text into an empty field that shows it.
func typed(text string, field func(binding.Int) binding.String) string {
	weeks := binding.NewInt()
	entry := widget.NewEntryWithData(field(weeks))
	window := test.NewWindow(entry)
	defer window.Close()
	entry.SetText("")
	test.Type(entry, text)
	n, err := weeks.Get()
	if err != nil {
		log.Fatal(err)
	}
	if entry.Validate() != nil {
		return "refused"
	}
	return fmt.Sprintf("shows %s, is %d", entry.Text, n)
}

func main() {
	test.NewApp()
	for _, text := range []string{"10", "010", "008"} {
		plain := typed(text, func(i binding.Int) binding.String { return binding.IntToString(i) })
		format := typed(text, func(i binding.Int) binding.String { return binding.IntToStringWithFormat(i, "%d") })
		fmt.Printf("%s: %s; with %%d %s\n", text, plain, format)
	}
}
GO
export GOFLAGS=-mod=mod CGO_ENABLED=0
go get fyne.io/fyne/v2@v2.8.1 >/dev/null 2>&1
cat >want <<'END'
10: shows 10, is 10; with %d shows 10, is 10
010: shows 010, is 8; with %d shows 010, is 8
008: refused; with %d refused
END
go run -tags ci . | tee got
diff want got
