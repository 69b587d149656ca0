#!/bin/sh
# github.com/xuri/excelize/v2 v2.11.1.
#
# One expects that reading a cell leaves the workbook as it is. GetCellValue without options gives a number of more than
# 15 digits as a spreadsheet would show it, which is what it promises, and puts what it shows back into the cell: from
# then on the exact number is gone, for RawCellValue too, and from the file that is saved. A workbook that was only
# looked at thus loses digits, and which cells lose them depends on which were looked at. GetRows does not do this.
#
# It matters for seeds and identifiers, and for any check that reads a sheet before it is saved. The way around is to
# give excelize.Options{RawCellValue: true} to every GetCellValue.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module reading

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"github.com/xuri/excelize/v2"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

// stored is what a cell of a saved file holds.
func stored(cell string) string {
	return must(must(excelize.OpenFile("seeds.xlsx")).GetCellValue("Sheet1", cell, excelize.Options{RawCellValue: true}))
}

func main() {
	file := excelize.NewFile()
	for _, cell := range []string{"A1", "A2"} {
		if err := file.SetCellValue("Sheet1", cell, int64(9007199254740993)); err != nil {
			log.Fatal(err)
		}
	}
	if err := file.SaveAs("seeds.xlsx"); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("saved: A1 %s, A2 %s\n", stored("A1"), stored("A2"))

	file = must(excelize.OpenFile("seeds.xlsx"))
	fmt.Printf("looked at: A1 %s\n", must(file.GetCellValue("Sheet1", "A1")))
	if err := file.Save(); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("saved again: A1 %s, A2 %s\n", stored("A1"), stored("A2"))
}
GO
cat >want <<'END'
saved: A1 9007199254740993, A2 9007199254740993
looked at: A1 9.00719925474099E+15
saved again: A1 9.00719925474099E+15, A2 9007199254740993
END
GOFLAGS=-mod=mod go get github.com/xuri/excelize/v2@v2.11.1 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
