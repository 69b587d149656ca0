#!/bin/sh
# Package simd of Go 1.27.4 (GOEXPERIMENT=simd).
#
# A package that has a vector type in its API compiles. A package that imports it does not, as long as the importing
# file does not itself use package simd: the compiler cannot import simd/internal/bridge, which neither of them names.
# So vectors cannot be wrapped in a package of one's own (type F64 = simd.Float64s), or returned to callers that only
# pass them on.
#
# Seen: "lanes: compiles", and for its importer an error that names simd/internal/bridge.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.27.4 GOEXPERIMENT=simd GOFLAGS=
go version
cat >go.mod <<'MOD'
module vectors

go 1.27
MOD
mkdir lanes
cat >lanes/lanes.go <<'GO'
package lanes

import "simd"

// Twice doubles each element.
func Twice(x simd.Float64s) simd.Float64s { return x.Add(x) }

// Ones is a vector of ones.
func Ones() simd.Float64s { return simd.BroadcastFloat64s(1) }
GO
cat >main.go <<'GO'
package main

import (
	"fmt"

	"vectors/lanes"
)

func main() { fmt.Println(lanes.Twice(lanes.Ones())) }
GO
go build ./lanes
echo "lanes: compiles"
if go build . 2>error; then
	echo "changed: its importer compiles, too" >&2
	exit 1
fi
cat error
grep -q 'simd/internal/bridge' error
