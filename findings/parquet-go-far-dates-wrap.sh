#!/bin/sh
# github.com/parquet-go/parquet-go v0.32.0.
#
# One expects that a time.Time which a column cannot hold is refused, and that one in milliseconds holds all that a Go
# program can mean. A field of that type goes through nanoseconds since 1970 in 64 bits, whatever unit its tag asks for;
# they end in 1677 and in April 2262. What lies outside wraps around, with no error at writing or reading: a day in 2300
# comes back as one in 1715, and one in 1600 as one in 2184.
#
# It matters to "never" written as a far date, to history, and to runs over centuries: sorted by date, the far future
# comes first. The way around is an int64 of milliseconds with the same tag, which every reader shows as a date.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module dates

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"log"
	"time"

	"github.com/parquet-go/parquet-go"
)

type row struct {
	Plain   time.Time `parquet:"plain"`
	Millis  time.Time `parquet:"millis,timestamp(millisecond)"`
	Integer int64     `parquet:"integer,timestamp(millisecond)"`
}

func main() {
	var rows []row
	years := []int{1600, 2026, 2300, 9999}
	for _, year := range years {
		day := time.Date(year, time.June, 1, 0, 0, 0, 0, time.UTC)
		rows = append(rows, row{day, day, day.UnixMilli()})
	}
	var file bytes.Buffer
	if err := parquet.Write(&file, rows); err != nil {
		log.Fatal(err)
	}
	read, err := parquet.Read[row](bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		log.Fatal(err)
	}
	for i, row := range read {
		fmt.Printf("%d: plain %d, in milliseconds %d, as an integer %d\n",
			years[i], row.Plain.Year(), row.Millis.Year(), time.UnixMilli(row.Integer).UTC().Year())
	}
}
GO
cat >want <<'END'
1600: plain 2184, in milliseconds 2184, as an integer 1600
2026: plain 2026, in milliseconds 2026, as an integer 2026
2300: plain 1715, in milliseconds 1715, as an integer 2300
9999: plain 1815, in milliseconds 1815, as an integer 9999
END
GOFLAGS=-mod=mod go get github.com/parquet-go/parquet-go@v0.32.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
