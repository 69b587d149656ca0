#!/bin/sh
# github.com/influxdata/tdigest v0.0.1.
#
# One expects that digests can be joined by AddCentroidList, and that the whole then counts what its parts count.
# Centroids are kept in a buffer until it is full; a list that meets a full buffer is passed over to its end, without an
# error, and so is every one after it. Of a hundred digests of 1000 numbers each, the first eight are in the result. The
# same centroids added one by one by AddCentroid are all there.
#
# It matters to quantiles over chunks that several workers computed, which is what digests are for: the band is that of
# the chunks that came first. The way around is AddCentroid in a loop.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module digests

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/influxdata/tdigest"
)

func main() {
	lists, single := tdigest.New(), tdigest.New()
	for part := range 100 {
		digest := tdigest.New()
		for i := range 1000 {
			digest.Add(float64(1000*part+i), 1)
		}
		lists.AddCentroidList(digest.Centroids())
		for _, centroid := range digest.Centroids() {
			single.AddCentroid(centroid)
		}
	}
	fmt.Printf("as lists: %.0f numbers, median %.0f\n", lists.Count(), lists.Quantile(0.5))
	fmt.Printf("one by one: %.0f numbers, median %.0f\n", single.Count(), single.Quantile(0.5))
}
GO
cat >want <<'END'
as lists: 8000 numbers, median 4000
one by one: 100000 numbers, median 50000
END
GOFLAGS=-mod=mod go get github.com/influxdata/tdigest@v0.0.1 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
