#!/bin/sh
# gonum.org/v1/plot v0.17.0, package plotter.
#
# One expects that the box of numbers which are symmetric is symmetric, whichever of the nine usual quartiles is meant.
# NewBoxPlot and NewQuartPlot of an odd count take the lower quartile from the half without the median, and the upper
# one from the half with it: of 1 to 5 the box goes from 1.5 to 4, around a median of 3. An even count is right. So the
# upper side always looks shorter, and numbers turned around (-x) have another box than the same one turned around.
#
# It matters to figures of few replicates: skew is seen where there is none, and adding a run makes it vanish. The way
# around is to set Quartile1 and Quartile3 of the box before it is drawn.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module boxes

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"gonum.org/v1/plot/plotter"
)

func main() {
	for _, n := range []int{3, 4, 5, 6, 101} {
		var up, down plotter.Values
		for i := 1; i <= n; i++ {
			up, down = append(up, float64(i)), append(down, -float64(i))
		}
		box, err := plotter.NewBoxPlot(1, 0, up)
		if err != nil {
			log.Fatal(err)
		}
		turned, err := plotter.NewBoxPlot(1, 0, down)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("1 to %d: %.4g below the median, %.4g above; turned around: %.4g below, %.4g above\n", n,
			box.Median-box.Quartile1, box.Quartile3-box.Median, turned.Median-turned.Quartile1, turned.Quartile3-turned.Median)
	}
}
GO
cat >want <<'END'
1 to 3: 1 below the median, 0.5 above; turned around: 1 below, 0.5 above
1 to 4: 1 below the median, 1 above; turned around: 1 below, 1 above
1 to 5: 1.5 below the median, 1 above; turned around: 1.5 below, 1 above
1 to 6: 1.5 below the median, 1.5 above; turned around: 1.5 below, 1.5 above
1 to 101: 25.5 below the median, 25 above; turned around: 25.5 below, 25 above
END
GOFLAGS=-mod=mod go get gonum.org/v1/plot@v0.17.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
