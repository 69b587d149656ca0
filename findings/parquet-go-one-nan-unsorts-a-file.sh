#!/bin/sh
# github.com/parquet-go/parquet-go v0.32.0.
#
# One expects that a SortingWriter writes the rows in the order that it then declares in the file, wherever it puts NaN.
# A NaN compares as equal to every number: with one among the rows, numbers on its two sides are neither sorted nor
# merged with each other, and the file still says that it is sorted by the column. The same rows without the NaN are
# sorted.
#
# It matters to readers that trust the declaration, for a binary search or a merge: they miss rows that are there. The
# way around is to keep NaN out of columns to sort by, as NULL through a pointer.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module sorted

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"log"
	"math"
	"slices"

	"github.com/parquet-go/parquet-go"
)

type row struct {
	Share float64 `parquet:"share"`
}

// written is what a file of these shares, sorted in buffers of three rows, holds, and the column that it says it is sorted by.
func written(shares ...float64) ([]float64, []string) {
	var out bytes.Buffer
	writer := parquet.NewSortingWriter[row](&out, 3,
		parquet.SortingWriterConfig(parquet.SortingColumns(parquet.Ascending("share"))))
	for _, share := range shares {
		if _, err := writer.Write([]row{{share}}); err != nil {
			log.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		log.Fatal(err)
	}
	file, err := parquet.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		log.Fatal(err)
	}
	var by []string
	for _, group := range file.RowGroups() {
		for _, column := range group.SortingColumns() {
			by = append(by, column.Path()...)
		}
	}
	rows, err := parquet.Read[row](bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		log.Fatal(err)
	}
	var got []float64
	for _, row := range rows {
		got = append(got, row.Share)
	}
	return got, by
}

func main() {
	shares := []float64{0.7, 0.2, 0.5, 0.9, 0.1, 0.4}
	got, by := written(shares...)
	fmt.Println("without NaN:", got, "sorted by", by)
	got, by = written(slices.Insert(shares, 1, math.NaN())...)
	fmt.Println("with NaN:", got, "sorted by", by)
}
GO
cat >want <<'END'
without NaN: [0.1 0.2 0.4 0.5 0.7 0.9] sorted by [share]
with NaN: [0.1 0.4 0.5 0.7 NaN 0.2 0.9] sorted by [share]
END
GOFLAGS=-mod=mod go get github.com/parquet-go/parquet-go@v0.32.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
