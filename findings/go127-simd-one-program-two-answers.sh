#!/bin/sh
# Package simd of Go 1.27.4 (GOEXPERIMENT=simd), on amd64 with AVX2 and FMA.
#
# One binary gives other numbers with its emulation (GODEBUG=simd=0) than with the processor's vectors:
# - MulAdd rounds once in hardware, and twice where it is emulated. (A Mul followed by an Add rounds twice everywhere.)
# - Abs of negative zero is +0 in hardware, and stays -0 where it is emulated.
# - LoadFloat64sPart of ten numbers says that it loaded as many as a vector holds; emulated, it says 10, though a vector
#   holds 2.
# - Store into a slice that is too short panics in hardware; emulated, it stores what fits and says nothing.
#
# So "the same source, the same results" does not hold for these four, on one machine and within one binary.
#
# Seen: the lines in $want below.
set -eu

[ "$(uname -m)" = x86_64 ] && grep -q avx2 /proc/cpuinfo && grep -q fma /proc/cpuinfo || {
	echo "this needs an x86-64 processor with AVX2 and FMA" >&2
	exit 1
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.27.4 GOEXPERIMENT=simd GOFLAGS=
go version
cat >go.mod <<'MOD'
module twoanswers

go 1.27
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"math"
	"simd"
)

// vector is one whose elements are x and zeros.
func vector(x float64) simd.Float64s {
	numbers := make([]float64, 16)
	numbers[0] = x
	return simd.LoadFloat64s(numbers)
}

func first(v simd.Float64s) float64 {
	numbers := make([]float64, 16)
	v.Store(numbers)
	return numbers[0]
}

func short() (outcome string) {
	defer func() {
		if recover() != nil {
			outcome = "panics"
		}
	}()
	vector(1).Store(make([]float64, 1))
	return "says nothing"
}

func main() {
	x := 1 + math.Ldexp(1, -27)
	fused, apart := first(vector(x).MulAdd(vector(x), vector(-1))), first(vector(x).Mul(vector(x)).Add(vector(-1)))
	_, loaded := simd.LoadFloat64sPart(make([]float64, 10))
	fmt.Printf("MulAdd equals Mul and Add: %t; Abs(-0) is negative: %t; part is more than a vector holds: %t; short Store %s\n",
		fused == apart, math.Signbit(first(vector(math.Copysign(0, -1)).Abs())), loaded > vector(0).Len(), short())
}
GO
go build -o twoanswers .
cat >want <<'END'
hardware: MulAdd equals Mul and Add: false; Abs(-0) is negative: false; part is more than a vector holds: false; short Store panics
emulated: MulAdd equals Mul and Add: true; Abs(-0) is negative: true; part is more than a vector holds: true; short Store says nothing
END
{
	printf 'hardware: ' && GODEBUG=simd=+256 ./twoanswers
	printf 'emulated: ' && GODEBUG=simd=0 ./twoanswers
} | tee got
diff want got
