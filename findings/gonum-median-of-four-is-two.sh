#!/bin/sh
# gonum.org/v1/gonum v0.17.0, package stat, and golang.org/x/exp/stats beside it.
#
# One expects that Quantile with LinInterp interpolates as R, NumPy and spreadsheets do by default, and that the median
# of 1, 2, 3 and 4 is 2.5. It is 2: the interpolation is of the other kind, in which the largest number stands at 1 and
# none at 0. All quantiles lie too low by up to one number, so that the band from 5% to 95% of symmetric numbers is not
# symmetric, and that of -x is another than the negative of that of x. x/exp/stats, by the same language's authors,
# answers 2.5.
#
# It matters to bands of few runs, and where a figure made in Go is checked against a table made elsewhere. The way
# around is x/exp/stats, or to take the mean of Quantile(p) of x and -Quantile(1-p) of -x.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module median

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"

	"golang.org/x/exp/stats"
	"gonum.org/v1/gonum/stat"
)

func main() {
	for _, n := range []int{4, 20} {
		var numbers []float64
		for i := range n {
			numbers = append(numbers, float64(i+1))
		}
		fmt.Printf("1 to %d, at 5%%, 50%% and 95%%: gonum", n)
		for _, p := range []float64{0.05, 0.5, 0.95} {
			fmt.Printf(" %.4g", stat.Quantile(p, stat.LinInterp, numbers, nil))
		}
		fmt.Print("; x/exp")
		for _, q := range stats.Quantiles(numbers, 0.05, 0.5, 0.95) {
			fmt.Printf(" %.4g", q)
		}
		fmt.Println()
	}
}
GO
cat >want <<'END'
1 to 4, at 5%, 50% and 95%: gonum 1 2 3.8; x/exp 1.15 2.5 3.85
1 to 20, at 5%, 50% and 95%: gonum 1 10 19; x/exp 1.95 10.5 19.05
END
export GOFLAGS=-mod=mod
go get gonum.org/v1/gonum@v0.17.0 golang.org/x/exp@v0.0.0-20261014143641-f0251eb4aa3e >/dev/null 2>&1
go run . | tee got
diff want got
