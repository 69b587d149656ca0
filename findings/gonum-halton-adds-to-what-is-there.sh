#!/bin/sh
# gonum.org/v1/gonum v0.17.0, package stat/samplemv.
#
# One expects that Sample fills the matrix that it is given, as every sampler of the package does. Halton adds its
# points to the numbers that the matrix holds already. The second sample in the same matrix thus lies outside of the
# unit cube, and is handed on as probabilities: a Quantiler that scales to ranges, the usual one for experiments,
# answers with parameters far beyond their ranges, without an error. LatinHypercube and IID write over what is there.
#
# It matters to replicated designs, which reuse their matrix to spare memory: only the first replicate is right. The way
# around is batch.Zero() before each Sample.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module halton

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/samplemv"
)

// prices turns probabilities into prices from 10 to 20.
type prices struct{}

func (prices) Dim() int { return 1 }

func (prices) Quantile(x, p []float64) []float64 {
	x[0] = 10 + 10*p[0]
	return x
}

func main() {
	src := rand.NewPCG(1, 2)
	for _, sampler := range []struct {
		name string
		samplemv.Sampler
	}{
		{"LatinHypercube", samplemv.LatinHypercube{Q: prices{}, Src: src}},
		{"Halton", samplemv.Halton{Kind: samplemv.Owen, Q: prices{}, Src: src}},
	} {
		batch := mat.NewDense(100, 1, nil)
		for replicate := range 3 {
			sampler.Sample(batch)
			fmt.Printf("%s, replicate %d: from %.1f to %.1f\n", sampler.name, replicate, mat.Min(batch), mat.Max(batch))
		}
	}
}
GO
cat >want <<'END'
LatinHypercube, replicate 0: from 10.1 to 20.0
LatinHypercube, replicate 1: from 10.1 to 20.0
LatinHypercube, replicate 2: from 10.0 to 20.0
Halton, replicate 0: from 10.0 to 19.9
Halton, replicate 1: from 119.7 to 209.6
Halton, replicate 2: from 1211.1 to 2112.1
END
GOFLAGS=-mod=mod go get gonum.org/v1/gonum@v0.17.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
