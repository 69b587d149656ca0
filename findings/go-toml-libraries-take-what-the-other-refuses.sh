#!/bin/sh
# github.com/pelletier/go-toml/v2 v2.4.3, decoding strictly, and github.com/BurntSushi/toml v1.6.0.
#
# One expects that a value which does not fit its field is refused by both, as most are. Each takes some that the other
# refuses, and neither says that it changed them:
# - BurntSushi puts -1 into a uint64 as 18446744073709551615.
# - pelletier fills an array of three from two numbers, so that the third keeps its default, and from four by dropping
#   the last. An integer that no float64 is equal to is rounded.
# - Both take price and Price, which are two keys in TOML, for one field: the one further down wins, and the other is
#   not among the unknown keys.
#
# It matters to a scenario that is checked for unknown keys and then believed: a count of -1 runs without end, and a
# fourth supplier's price is nobody's. The way around is an int64 and a slice, whose values are checked after decoding.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module fits

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"strings"

	burnt "github.com/BurntSushi/toml"
	pelletier "github.com/pelletier/go-toml/v2"
)

type scenario struct {
	Seed   uint64     `toml:"seed"`
	Prices [3]float64 `toml:"prices"`
	Price  float64    `toml:"price"`
}

// outcome is what decode makes of a line over defaults.
func outcome(decode func(*scenario) error) string {
	s := scenario{Prices: [3]float64{7, 7, 7}}
	if decode(&s) != nil {
		return "refused"
	}
	return fmt.Sprintf("%d %v %.0f", s.Seed, s.Prices, s.Price)
}

func main() {
	for _, line := range []string{"seed = -1", "prices = [1, 2]", "prices = [1, 2, 3, 4]", "price = 9007199254740993", "price = 1\nPrice = 2"} {
		strict := outcome(func(s *scenario) error {
			return pelletier.NewDecoder(strings.NewReader(line)).DisallowUnknownFields().Decode(s)
		})
		checked := outcome(func(s *scenario) error {
			data, err := burnt.Decode(line, s)
			if err == nil && len(data.Undecoded()) > 0 {
				err = fmt.Errorf("unknown: %v", data.Undecoded())
			}
			return err
		})
		fmt.Printf("%q: pelletier %s; BurntSushi %s\n", line, strict, checked)
	}
}
GO
cat >want <<'END'
"seed = -1": pelletier refused; BurntSushi 18446744073709551615 [7 7 7] 0
"prices = [1, 2]": pelletier 0 [1 2 7] 0; BurntSushi refused
"prices = [1, 2, 3, 4]": pelletier 0 [1 2 3] 0; BurntSushi refused
"price = 9007199254740993": pelletier 0 [7 7 7] 9007199254740992; BurntSushi refused
"price = 1\nPrice = 2": pelletier 0 [7 7 7] 2; BurntSushi 0 [7 7 7] 2
END
export GOFLAGS=-mod=mod
go get github.com/pelletier/go-toml/v2@v2.4.3 github.com/BurntSushi/toml@v1.6.0 >/dev/null 2>&1
go run . | tee got
diff want got
