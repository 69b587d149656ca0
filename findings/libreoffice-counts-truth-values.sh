#!/bin/sh
# LibreOffice 7.4.7 and gnumeric 1.12.55 of Debian 12, on one workbook of github.com/xuri/excelize/v2 v2.11.1.
#
# One expects that two spreadsheets show the same for AVERAGE over the same cells of the same xlsx file. Where cells
# hold TRUE and FALSE, LibreOffice counts them as 1 and 0; gnumeric leaves them out, as the description of the format
# has it for cells that are referred to. So the mean of a column of truth values is a share in one and a division by
# zero in the other, and a column that mixes them with numbers has another sum and another mean, with no hint in either.
#
# It matters to a table with a column such as "left" or "converged" and a formula below it: it was right on the machine
# where it was made. The way around is to write 1 and 0, or COUNTIF(...,TRUE), on which both agree.
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
module truth

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
	for i, cells := range [][]any{{true, true}, {false, false}, {true, 7}, {true, 5}} {
		if err := file.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &cells); err != nil {
			log.Fatal(err)
		}
	}
	for i, formula := range []string{"AVERAGE(A1:A4)", "AVERAGE(B1:B4)", "SUM(B1:B4)", "COUNTIF(A1:A4,TRUE)"} {
		if err := file.SetCellFormula("Sheet1", fmt.Sprintf("D%d", i+1), formula); err != nil {
			log.Fatal(err)
		}
		if err := file.SetCellStr("Sheet1", fmt.Sprintf("C%d", i+1), formula); err != nil {
			log.Fatal(err)
		}
	}
	if err := file.SaveAs("truth.xlsx"); err != nil {
		log.Fatal(err)
	}
}
GO
cat >want <<'END'
AVERAGE(A1:A4): 0.75 and #DIV/0!
AVERAGE(B1:B4): 3.25 and 6
SUM(B1:B4): 13 and 12
COUNTIF(A1:A4,TRUE): 3 and 3
END
export GOFLAGS=-mod=mod
go get github.com/xuri/excelize/v2@v2.11.1 >/dev/null 2>&1
go run .
# Both write the cells of a row between tabs.
soffice -env:UserInstallation="file://$dir/profile" --headless --convert-to 'csv:Text - txt - csv (StarCalc):9,0,76' truth.xlsx >/dev/null 2>&1
ssconvert -O 'separator="	" quoting-mode=never' truth.xlsx gnumeric.txt 2>/dev/null
cut -f3,4 truth.csv >left
cut -f4 gnumeric.txt | paste left - | sed 's/\t/: /; s/\t/ and /' | tee got
diff want got
