#!/bin/sh
# github.com/mattn/go-runewidth v0.0.27, beside v0.0.24 and v0.0.28.
#
# One expects that a package which is imported and never called costs a start nothing to speak of. v0.0.26 and v0.0.27 fill
# a table of the widths of all characters, strict and not, in their init: 15 to 17 ms of every start of every program that
# has the package somewhere among its modules, here through pdfcpu v0.15.0, which asks for v0.0.27 exactly. That was half of
# what our shortest command took from start to files. v0.0.24 and v0.0.28 cost a hundredth of it, so that a module file that
# was left alone between the two keeps the cost for good: nothing says so, neither vet nor a vulnerability database.
#
# GODEBUG=inittrace=1 shows it. The way around is to ask for v0.0.28 or later in one's own go.mod.
#
# Seen: v0.0.24 0.10 ms, v0.0.27 17 ms, v0.0.28 0.024 ms. What is checked is the ratio, of one run on one machine.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import _ "github.com/mattn/go-runewidth"

func main() {}
GO
# cost prints what the init of a version takes, in microseconds: the least of five starts.
cost() {
	printf 'module start\n\ngo 1.26\n\nrequire github.com/mattn/go-runewidth %s\n' "$1" >go.mod
	rm -f go.sum
	GOFLAGS=-mod=mod go build -o start . >/dev/null 2>&1
	for i in 1 2 3 4 5; do
		GODEBUG=inittrace=1 ./start 2>&1 | awk '/go-runewidth/ { print int(1000 * $5) }'
	done | sort -n | head -1
}
before=$(cost v0.0.24)
with=$(cost v0.0.27)
after=$(cost v0.0.28)
echo "init of v0.0.24, v0.0.27 and v0.0.28: $before, $with and $after us"
if [ "$with" -lt $((20 * before + 1)) ] || [ "$with" -lt $((20 * after + 1)) ]; then
	echo "changed: v0.0.27 is no longer 20 times as dear as its neighbours" >&2
	exit 1
fi
