#!/bin/sh
# gonum.org/v1/gonum v0.17.0, on amd64.
#
# One expects that the sum of the same numbers in the same order is the same number. floats.Sum, and with it stat.Mean
# and stat.Variance, is assembly on amd64 that adds in strands, and takes one number apart if the slice does not begin
# at an address that 16 divides. So the last bits depend on where the numbers lie: the mean of all[1:] is another one
# than the mean of a copy of all[1:]. Built with -tags noasm, or for most other processors, numbers are added from left
# to right.
#
# It matters where results are compared by their bits: with golden files, between machines, or between a run that keeps
# a column whole and one that cuts it. A plain loop is the way around.
#
# Seen: the lines in $want below.
set -eu

[ "$(uname -m)" = x86_64 ] || {
	echo "this needs an x86-64 processor" >&2
	exit 1
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module sums

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"math/rand/v2"
	"unsafe"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

func main() {
	random := rand.New(rand.NewPCG(1, 2))
	sums, means, variances := 0, 0, 0
	for range 100 {
		// The same numbers twice: at an address that 16 divides, and 8 bytes after one.
		room := make([]float64, 2002)
		if uintptr(unsafe.Pointer(&room[0]))%16 != 0 {
			room = room[1:]
		}
		even, odd := room[:1000], room[1001:2001]
		for i := range even {
			even[i] = random.Float64()
		}
		copy(odd, even)
		if floats.Sum(even) != floats.Sum(odd) {
			sums++
		}
		if stat.Mean(even, nil) != stat.Mean(odd, nil) {
			means++
		}
		if stat.Variance(even, nil) != stat.Variance(odd, nil) {
			variances++
		}
	}
	fmt.Printf("of 100 columns, %d have two sums, %d two means, %d two variances\n", sums, means, variances)
}
GO
export GOFLAGS=-mod=mod
go get gonum.org/v1/gonum@v0.17.0 >/dev/null 2>&1
cat >want <<'END'
amd64: of 100 columns, 62 have two sums, 48 two means, 32 two variances
noasm: of 100 columns, 0 have two sums, 0 two means, 0 two variances
END
{
	printf 'amd64: ' && go run .
	printf 'noasm: ' && go run -tags noasm .
} | tee got
diff want got
