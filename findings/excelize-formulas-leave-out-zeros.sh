#!/bin/sh
# github.com/xuri/excelize/v2 v2.11.1: formulas as CalcCellValue computes them.
#
# One expects the number that a spreadsheet shows for the same formula, or an error where a function is not known.
# CORREL, SUMXMY2 and SUMX2MY2 leave out every pair in which one of the numbers is 0, though PEARSON, which is the same
# function by another name, does not. AVEDEV of a range looks at its first cell only. None of them says so.
#
# It matters to a program that writes formulas beside data with zeros in it, such as weeks that begin at 0 or a share
# that is lost, and stores or tests what this package computes for them: whoever opens the file sees other numbers. The
# way around is to compute such numbers in Go, or to let a spreadsheet without a window recalculate the file.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module zeros

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"github.com/xuri/excelize/v2"
)

func main() {
	file := excelize.NewFile()
	for week, spend := range []float64{3, 1, 4, 1, 5} {
		row := week + 1
		if err := file.SetSheetRow("Sheet1", fmt.Sprintf("A%d", row), &[]any{week, spend}); err != nil {
			log.Fatal(err)
		}
	}
	for _, formula := range []struct{ text, right string }{
		{"CORREL(A1:A5,B1:B5)", "0.3535"},
		{"PEARSON(A1:A5,B1:B5)", "0.3535"},
		{"SUMXMY2(A1:A5,B1:B5)", "18"},
		{"SUMX2MY2(A1:A5,B1:B5)", "-22"},
		{"AVEDEV(B1:B5)", "1.44"},
	} {
		if err := file.SetCellFormula("Sheet1", "C1", formula.text); err != nil {
			log.Fatal(err)
		}
		value, err := file.CalcCellValue("Sheet1", "C1")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s, by definition %s\n", formula.text, value, formula.right)
	}
}
GO
cat >want <<'END'
CORREL(A1:A5,B1:B5): 0.563601861976635, by definition 0.3535
PEARSON(A1:A5,B1:B5): 0.353553390593274, by definition 0.3535
SUMXMY2(A1:A5,B1:B5): 9, by definition 18
SUMX2MY2(A1:A5,B1:B5): -13, by definition -22
AVEDEV(B1:B5): 0.2, by definition 1.44
END
GOFLAGS=-mod=mod go get github.com/xuri/excelize/v2@v2.11.1 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
