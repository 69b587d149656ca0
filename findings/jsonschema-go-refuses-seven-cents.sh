#!/bin/sh
# github.com/google/jsonschema-go v0.4.3, which the Model Context Protocol's Go SDK v1.8.0 checks arguments with, and
# github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 beside it.
#
# One expects that 0.07 is a multiple of 0.01, as it is in the JSON that both come from. The first library divides one
# float64 by the other and asks for a whole number; 0.07 / 0.01 is 7.000000000000001. So one price in six is refused
# that a schema with "multipleOf": 0.01 is there to let through, and the error speaks of
# 1261007895663739/18014398509481984. The second library computes with the decimals, and takes them all: one document,
# one schema, two answers.
#
# It matters to tools with a step in their schema, such as a price in cents: valid arguments are refused before the tool
# sees them. The way around is a schema in whole cents.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module cents

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"strings"

	google "github.com/google/jsonschema-go/jsonschema"
	santhosh "github.com/santhosh-tekuri/jsonschema/v6"
)

const schema = `{"type": "number", "multipleOf": 0.01}`

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func word(err error) string {
	if err != nil {
		return "refused"
	}
	return "taken"
}

func main() {
	var parsed google.Schema
	if err := json.Unmarshal([]byte(schema), &parsed); err != nil {
		log.Fatal(err)
	}
	first := must(parsed.Resolve(nil))

	compiler := santhosh.NewCompiler()
	if err := compiler.AddResource("schema.json", must(santhosh.UnmarshalJSON(strings.NewReader(schema)))); err != nil {
		log.Fatal(err)
	}
	second := must(compiler.Compile("schema.json"))

	refused := 0
	for cents := range 1000 {
		text := fmt.Sprintf("%d.%02d", cents/100, cents%100)
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			log.Fatal(err)
		}
		one, two := first.Validate(value), second.Validate(must(santhosh.UnmarshalJSON(strings.NewReader(text))))
		if one != nil {
			refused++
		}
		if two != nil {
			log.Fatal(two)
		}
		if cents == 7 || cents == 50 || cents == 499 {
			fmt.Printf("%s: %s and %s\n", text, word(one), word(two))
		}
	}
	fmt.Printf("of 0.00 to 9.99, refused by the first: %d\n", refused)
}
GO
cat >want <<'END'
0.07: refused and taken
0.50: taken and taken
4.99: taken and taken
of 0.00 to 9.99, refused by the first: 159
END
export GOFLAGS=-mod=mod
go get github.com/google/jsonschema-go@v0.4.3 github.com/santhosh-tekuri/jsonschema/v6@v6.0.3 >/dev/null 2>&1
go run . | tee got
diff want got
