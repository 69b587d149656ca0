#!/bin/sh
# gonum.org/v1/plot v0.17.0: the axes of a figure as they are by default.
#
# One expects that ticks which stand at different places have different labels. Where ticks are less than 0.1 or more
# than ten million apart, DefaultTicks counts the decimals of the step, and then takes that count for the significant
# digits of the whole value. The digits that tell the ticks apart are cut: an axis from 1 to 1.03 reads 1, 1, 1, 1, and
# one from 1 to 1.07 has "1.1" at 1.06. An axis that begins at 0 looks right, and so does the curve.
#
# It matters wherever a line moves little: a price, an index that starts at 1, a share near one half. The way around is
# a plot.Ticker of one's own that writes as many decimals as the step needs.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module ticks

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"

	"gonum.org/v1/plot"
)

func main() {
	for _, axis := range [][2]float64{{0, 0.03}, {1, 1.03}, {1, 1.07}, {2.5, 2.55}, {12, 12.1}, {1e8, 1.4e8}} {
		fmt.Printf("%v to %v:", axis[0], axis[1])
		for _, tick := range (plot.DefaultTicks{}).Ticks(axis[0], axis[1]) {
			if !tick.IsMinor() {
				fmt.Printf(" %.9g reads %s;", tick.Value, tick.Label)
			}
		}
		fmt.Println()
	}
}
GO
GOFLAGS=-mod=mod go get gonum.org/v1/plot@v0.17.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
cat >want <<'END'
0 to 0.03: 0 reads 0; 0.01 reads 0.01; 0.02 reads 0.02; 0.03 reads 0.03;
1 to 1.03: 1 reads 1; 1.01 reads 1; 1.02 reads 1; 1.03 reads 1;
1 to 1.07: 1 reads 1; 1.02 reads 1; 1.04 reads 1; 1.06 reads 1.1;
2.5 to 2.55: 2.5 reads 2.5; 2.525 reads 2.52; 2.55 reads 2.55;
12 to 12.1: 12 reads 12; 12.05 reads 12; 12.1 reads 12;
1e+08 to 1.4e+08: 100000000 reads 1e+08; 120000000 reads 1e+08; 140000000 reads 1e+08;
END
diff want got
