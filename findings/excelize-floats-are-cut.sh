#!/bin/sh
# github.com/xuri/excelize/v2 v2.11.1.
#
# One expects that a float64 in a cell comes back as it was, or at worst rounded: a workbook's XML holds numbers as
# decimal text, and spreadsheets themselves write 17 digits. SetCellValue and the stream writer keep 15 digits, and do
# not round to them but cut the rest: 2/3 is stored as 0.666666666666666, and every number is moved toward zero. The
# number just below 1 becomes 0.999999999999999.
#
# It matters where a sheet is compared with the data that it was made from, and for sums: ten parts of one thing add up
# to less than the thing. The way around is SetCellFloat with a precision of 17 instead of the usual -1.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module floats

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"math"

	"github.com/xuri/excelize/v2"
)

func main() {
	file := excelize.NewFile()
	for _, cell := range []struct {
		what string
		set  func(cell string) error
	}{
		{"2/3", func(cell string) error { return file.SetCellValue("Sheet1", cell, 2.0/3) }},
		{"less than 1", func(cell string) error { return file.SetCellValue("Sheet1", cell, math.Nextafter(1, 0)) }},
		{"12345678.90123456", func(cell string) error { return file.SetCellValue("Sheet1", cell, 12345678.90123456) }},
		{"2/3 with a precision", func(cell string) error { return file.SetCellFloat("Sheet1", cell, 2.0/3, 17, 64) }},
	} {
		if err := cell.set("A1"); err != nil {
			log.Fatal(err)
		}
		stored, err := file.GetCellValue("Sheet1", "A1", excelize.Options{RawCellValue: true})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s\n", cell.what, stored)
	}
}
GO
cat >want <<'END'
2/3: 0.666666666666666
less than 1: 0.999999999999999
12345678.90123456: 12345678.9012345
2/3 with a precision: 0.66666666666666663
END
GOFLAGS=-mod=mod go get github.com/xuri/excelize/v2@v2.11.1 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
