#!/bin/sh
# github.com/parquet-go/parquet-go v0.32.0.
#
# A plain float64 whose field is tagged "optional" cannot hold 0: a zero is written as NULL, so that an average over the
# column leaves out all zeros. Negative zero is not the zero value of the type by its bits, and is written as a number.
# A pointer keeps the difference between 0 and none.
#
# Seen: "plain: [<null> 0.5 -0]" and "pointer: [0 0.5 <null>]".
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module zero

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"log"
	"math"

	"github.com/parquet-go/parquet-go"
)

type plain struct {
	Share float64 `parquet:"share,optional"`
}

type pointer struct {
	Share *float64 `parquet:"share,optional"`
}

// column writes rows to a file, and reads their one column back.
func column[T any](rows []T) []parquet.Value {
	var file bytes.Buffer
	writer := parquet.NewGenericWriter[T](&file)
	if _, err := writer.Write(rows); err != nil {
		log.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		log.Fatal(err)
	}
	read, err := parquet.OpenFile(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		log.Fatal(err)
	}
	page, err := read.RowGroups()[0].ColumnChunks()[0].Pages().ReadPage()
	if err != nil {
		log.Fatal(err)
	}
	values := make([]parquet.Value, len(rows))
	n, _ := page.Values().ReadValues(values)
	return values[:n]
}

func main() {
	zero, half := 0.0, 0.5
	fmt.Println("plain:", column([]plain{{0}, {0.5}, {math.Copysign(0, -1)}}))
	fmt.Println("pointer:", column([]pointer{{&zero}, {&half}, {nil}}))
}
GO
GOFLAGS=-mod=mod go get github.com/parquet-go/parquet-go@v0.32.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
printf 'plain: [<null> 0.5 -0]\npointer: [0 0.5 <null>]\n' | diff - got
