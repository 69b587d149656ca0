#!/bin/sh
# LibreOffice 7.4.7 and gnumeric 1.12.55 of Debian 12, on one workbook of github.com/xuri/excelize/v2 v2.11.1, and what
# excelize itself computes.
#
# One expects that a formula of an xlsx file means one thing, since the format says that ^ goes from left to right,
# unlike in most programming languages. Gnumeric takes it from right to left even in an xlsx file: 2^3^2 is 512 there,
# and 64 in the others. MROUND of 1.3 to steps of 0.2, which is half way, goes up in one and down in the other, because
# 0.2 is not what it seems; and a comparison of a comparison is true in LibreOffice only, where TRUE is 1.
#
# It matters to a workbook with discounts or elasticities as powers of powers, which nobody checks by hand: there is no
# error and no warning. The way around is parentheses, and FLOOR(x / step + 0.5, 1) * step.
#
# Seen: the lines in $want below.
set -eu

command -v soffice >/dev/null && command -v ssconvert >/dev/null || {
	echo "this needs LibreOffice and gnumeric (Debian's libreoffice-calc and gnumeric)" >&2
	exit 1
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
soffice --version | head -1 | cut -d' ' -f1,2
ssconvert --version 2>&1 | head -1
cat >go.mod <<'MOD'
module powers

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

func main() {
	file := excelize.NewFile()
	for i, formula := range []string{"2^3^2", "0.9^2^3", "(2^3)^2", "MROUND(1.3,0.2)", "1=1=1"} {
		row := i + 1
		if err := file.SetCellFormula("Sheet1", fmt.Sprintf("A%d", row), formula); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\t%s\n", formula, must(file.CalcCellValue("Sheet1", fmt.Sprintf("A%d", row))))
	}
	if err := file.SaveAs("powers.xlsx"); err != nil {
		log.Fatal(err)
	}
}
GO
cat >want <<'END'
2^3^2: excelize 64, LibreOffice 64, gnumeric 512
0.9^2^3: excelize 0.531441, LibreOffice 0.531441, gnumeric 0.43046720999999999992
(2^3)^2: excelize 64, LibreOffice 64, gnumeric 64
MROUND(1.3,0.2): excelize 1.4, LibreOffice 1.4, gnumeric 1.2
1=1=1: excelize FALSE, LibreOffice TRUE, gnumeric FALSE
END
export GOFLAGS=-mod=mod
go get github.com/xuri/excelize/v2@v2.11.1 >/dev/null 2>&1
go run . >excelize
soffice -env:UserInstallation="file://$dir/profile" --headless --convert-to csv powers.xlsx >/dev/null 2>&1
ssconvert powers.xlsx gnumeric.csv 2>/dev/null
paste excelize powers.csv gnumeric.csv | while IFS='	' read -r formula excelize libreoffice gnumeric; do
	echo "$formula: excelize $excelize, LibreOffice $libreoffice, gnumeric $gnumeric"
done | tee got
diff want got
