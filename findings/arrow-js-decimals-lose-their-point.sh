#!/bin/sh
# apache-arrow 21.2.0 and parquet-wasm 0.8.0 from npm, and hyparquet 1.33.0 beside them, on one file of
# github.com/parquet-go/parquet-go v0.32.0.
#
# One expects that two readers of one Parquet file show the same amount. A column of decimals with two places, the usual
# type for money, is 123.45 in hyparquet. parquet-wasm hands it to Arrow with its scale, and Arrow's value is the text
# 12345, a hundred times as much: neither toString nor valueOf uses the scale, which only the column's type knows.
# Nothing fails, since 12345 is a number like any other.
#
# It matters to a page that shows spending out of a study's file. The way around is to divide by 10 to the power of
# field.type.scale, or to write amounts as float64.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module decimals

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"log"

	"github.com/parquet-go/parquet-go"
)

type row struct {
	Spend int64 `parquet:"spend,decimal(2:18)"`
}

func main() {
	if err := parquet.WriteFile("spend.parquet", []row{{12345}}, parquet.Compression(&parquet.Uncompressed)); err != nil {
		log.Fatal(err)
	}
}
GO
GOFLAGS=-mod=mod go get github.com/parquet-go/parquet-go@v0.32.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run .
npm install --silent --no-fund --no-audit --prefix "$dir" apache-arrow@21.2.0 parquet-wasm@0.8.0 hyparquet@1.33.0
cat >read.mjs <<'JS'
import { readFileSync } from 'fs'
import { tableFromIPC } from 'apache-arrow'
import { readParquet } from 'parquet-wasm/node'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'

const [row] = await parquetReadObjects({ file: await asyncBufferFromFile('spend.parquet') })
console.log('hyparquet:', row.spend)
const table = tableFromIPC(readParquet(readFileSync('spend.parquet')).intoIPCStream())
const spend = table.getChild('spend')
console.log('Arrow, type:', String(spend.type))
console.log('Arrow, toString:', String(spend.get(0)))
console.log('Arrow, valueOf:', Number(spend.get(0).valueOf()))
JS
cat >want <<'END'
hyparquet: 123.45
Arrow, type: Decimal[18e+2]
Arrow, toString: 12345
Arrow, valueOf: 12345
END
node read.mjs | tee got
diff want got
