#!/bin/sh
# gonum.org/v1/gonum v0.17.0, package stat.
#
# One expects that a correlation of pairs does not depend on the order in which the pairs come, and that Kendall, which
# is documented as tau-a, counts a tie as neither concordant nor discordant. It looks only at the sign bits of the
# differences, and the sign bit of 0 is that of a positive number: a tie is concordant or discordant by which of the two
# rows comes first. The same three pairs give 1 or 0.33, where tau-a is 0.67; a constant correlates perfectly with
# whatever rises, and as perfectly against whatever falls.
#
# It matters to counts, ranks and shares that end at 0 or 1, where ties are common: sorting the table first changes the
# coefficient, and sorted by the other column the bias is at its largest. The way around is to count pairs oneself, by
# cmp.Compare.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module kendall

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"cmp"
	"fmt"

	"gonum.org/v1/gonum/stat"
)

// tau is tau-a by its definition.
func tau(x, y []float64) float64 {
	sum, pairs := 0, 0
	for i := range x {
		for j := range i {
			sum += cmp.Compare(x[i], x[j]) * cmp.Compare(y[i], y[j])
			pairs++
		}
	}
	return float64(sum) / float64(pairs)
}

func main() {
	for _, rows := range []struct {
		what string
		x, y []float64
	}{
		{"three pairs", []float64{1, 2, 2}, []float64{1, 2, 3}},
		{"the same, last two exchanged", []float64{1, 2, 2}, []float64{1, 3, 2}},
		{"a constant, with what rises", []float64{5, 5, 5, 5}, []float64{1, 2, 3, 4}},
		{"a constant, with what falls", []float64{5, 5, 5, 5}, []float64{4, 3, 2, 1}},
		{"no ties", []float64{1, 2, 3, 4}, []float64{1, 3, 2, 4}},
	} {
		fmt.Printf("%s: %.2f, by definition %.2f\n", rows.what, stat.Kendall(rows.x, rows.y, nil), tau(rows.x, rows.y))
	}
}
GO
cat >want <<'END'
three pairs: 1.00, by definition 0.67
the same, last two exchanged: 0.33, by definition 0.67
a constant, with what rises: 1.00, by definition 0.00
a constant, with what falls: -1.00, by definition 0.00
no ties: 0.67, by definition 0.67
END
GOFLAGS=-mod=mod go get gonum.org/v1/gonum@v0.17.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
