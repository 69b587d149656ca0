#!/bin/sh
# github.com/apache/arrow-go/v18 v18.8.0, package arrow/csv.
#
# One expects of a reader that infers types that it looks at some rows, as all others do, or that it fails before it
# hands out a batch that it could not read. NewInferringReader goes by the first row alone: a share that begins with 0
# is a column of integers. The batch with the rows that follow is handed out all the same, with NULL for 0.5, and Next
# is true; only Err, asked after the loop, tells. The same rows in another order are read rightly. And one value beyond
# 64 bits in the first row makes the column float64 without any error, while in the second row it is NULL.
#
# It matters to tables whose first week is all zeros, and to programs that work on a batch as it comes: sums are made
# before the error is known. The way around is a schema of one's own.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module firstrow

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/csv"
)

func read(numbers ...string) {
	reader := csv.NewInferringReader(strings.NewReader("column\n"+strings.Join(numbers, "\n")+"\n"), csv.WithHeader(true), csv.WithChunk(-1))
	defer reader.Release()
	fmt.Printf("%v:", numbers)
	for reader.Next() {
		column := reader.RecordBatch().Column(0)
		fmt.Printf(" %s %v;", column.DataType(), column)
	}
	fmt.Println(" error afterwards:", reader.Err() != nil)
}

func main() {
	read("0", "0.5", "1")
	read("0.5", "0", "1")
	read("18446744073709551615", "9007199254740993")
	read("9007199254740993", "18446744073709551615")
}
GO
cat >want <<'END'
[0 0.5 1]: int64 [0 (null) 1]; error afterwards: true
[0.5 0 1]: float64 [0.5 0 1]; error afterwards: false
[18446744073709551615 9007199254740993]: float64 [1.8446744073709552e+19 9.007199254740992e+15]; error afterwards: false
[9007199254740993 18446744073709551615]: int64 [9007199254740993 (null)]; error afterwards: true
END
GOFLAGS=-mod=mod go get github.com/apache/arrow-go/v18@v18.8.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
