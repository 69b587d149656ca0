#!/bin/sh
# github.com/parquet-go/parquet-go v0.32.0.
#
# One expects that Read refuses a column whose type is not that of the field, or at least the values that do not fit; of
# a text that is no number it does. Numbers are made to fit: 5000000000 in an int32 is 705032704, 2^63 is 0 in a uint32
# and negative in an int64, and 2.75 in an integer is 2. A list that was written with the tag "list" is empty for a
# field without that tag. A column that the file does not have is 0 in every row. There is no error for any of these.
#
# It matters to whoever reads a table that another program wrote: int64 is what most write for whole numbers, and a
# share of 0 looks like a result. The way around is to compare the file's Schema() with SchemaOf of the struct before
# the rows are read.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module fits

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"log"

	"github.com/parquet-go/parquet-go"
)

type written struct {
	Count int64     `parquet:"count"`
	Seed  uint64    `parquet:"seed"`
	Share float64   `parquet:"share"`
	Name  string    `parquet:"name"`
	List  []float64 `parquet:"list,list"`
}

// read says what a file of one row gives to a struct with one field.
func read[T any](what string, file []byte) {
	rows, err := parquet.Read[T](bytes.NewReader(file), int64(len(file)))
	if err != nil {
		fmt.Printf("%s: refused\n", what)
		return
	}
	fmt.Printf("%s: %v\n", what, rows)
}

func main() {
	var out bytes.Buffer
	if err := parquet.Write(&out, []written{{5000000000, 1 << 63, 2.75, "b", []float64{1, 2}}}); err != nil {
		log.Fatal(err)
	}
	file := out.Bytes()
	read[struct {
		Count int32 `parquet:"count"`
	}]("count as int32", file)
	read[struct {
		Seed int64 `parquet:"seed"`
	}]("seed as int64", file)
	read[struct {
		Seed uint32 `parquet:"seed"`
	}]("seed as uint32", file)
	read[struct {
		Share int64 `parquet:"share"`
	}]("share as int64", file)
	read[struct {
		Name int64 `parquet:"name"`
	}]("name as int64", file)
	read[struct {
		List []float64 `parquet:"list"`
	}]("list without its tag", file)
	read[struct {
		Price float64 `parquet:"price"`
	}]("a column that is not there", file)
}
GO
cat >want <<'END'
count as int32: [{705032704}]
seed as int64: [{-9223372036854775808}]
seed as uint32: [{0}]
share as int64: [{2}]
name as int64: refused
list without its tag: [{[]}]
a column that is not there: [{0}]
END
GOFLAGS=-mod=mod go get github.com/parquet-go/parquet-go@v0.32.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
