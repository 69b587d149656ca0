#!/bin/sh
# @duckdb/node-api 1.5.6-r.1 from npm, on a file of github.com/parquet-go/parquet-go v0.32.0.
#
# One expects that a query of a file counts the rows that it counts once the file is loaded into a table. In DuckDB, NaN
# is greater than every number and equal to itself. The statistics of a Parquet column leave NaN out, as the format
# demands of every writer, and DuckDB takes them for bounds of all values: a comparison that only NaN can pass then
# passes over the whole row group. isnan sees the rows. Files that DuckDB wrote itself are not affected, since it writes
# no statistics for a column that has a NaN.
#
# It matters where NaN means "no value yet": the same condition counts other rows once the same data is cut into other
# row groups. The way around is to ask isnan, to write NULL instead of NaN, or to load the file into a table first.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module nan

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"log"
	"math"

	"github.com/parquet-go/parquet-go"
)

type row struct {
	Share float64 `parquet:"share"`
}

func main() {
	rows := []row{{0.1}, {math.NaN()}, {0.3}, {math.NaN()}}
	if err := parquet.WriteFile("apart.parquet", rows); err != nil {
		log.Fatal(err)
	}
	// The same with a number above the bound that is asked for.
	if err := parquet.WriteFile("beside.parquet", append(rows, row{0.9})); err != nil {
		log.Fatal(err)
	}
}
GO
cat >count.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api'
const connection = await (await DuckDBInstance.create()).connect()
const count = async (from, where) => (await connection.runAndReadAll(`select count(*) from ${from} where ${where}`)).getRowsJson()[0][0]
for (const name of ['apart', 'beside']) {
  await connection.run(`create table ${name} as from '${name}.parquet'`)
  for (const where of ['share > 0.5', "share = 'nan'::double", 'not (share <= 1)', 'isnan(share)']) {
    console.log(`${name}, ${where}: ${await count(`'${name}.parquet'`, where)} in the file, ${await count(name, where)} in a table`)
  }
}
JS
cat >want <<'END'
apart, share > 0.5: 0 in the file, 2 in a table
apart, share = 'nan'::double: 0 in the file, 2 in a table
apart, not (share <= 1): 0 in the file, 2 in a table
apart, isnan(share): 2 in the file, 2 in a table
beside, share > 0.5: 3 in the file, 3 in a table
beside, share = 'nan'::double: 0 in the file, 2 in a table
beside, not (share <= 1): 0 in the file, 2 in a table
beside, isnan(share): 2 in the file, 2 in a table
END
GOFLAGS=-mod=mod go get github.com/parquet-go/parquet-go@v0.32.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run .
npm install --silent --no-fund --no-audit --prefix "$dir" @duckdb/node-api@1.5.6-r.1
node count.mjs | tee got
diff want got
