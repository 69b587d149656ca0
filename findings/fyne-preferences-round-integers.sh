#!/bin/sh
# fyne.io/fyne/v2 v2.8.1, with its driver for tests: no screen and no C compiler is needed.
#
# One expects that Preferences().Int gives back what SetInt was given. It does while the program runs. The file holds
# all digits, too; but the next start reads its numbers through float64, so that an integer beyond 2^53 comes back as
# its neighbour. IntList does the same.
#
# It matters to a window that keeps the seed of the last run: the run that it offers to repeat tomorrow is another one.
# The way around is SetString.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module preferences

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2/app"
)

const seed = 9007199254740993

func main() {
	kept := app.NewWithID("preferences.example").Preferences()
	if len(os.Args) > 1 {
		kept.SetInt("seed", seed)
	}
	fmt.Printf("seed: %d\n", kept.Int("seed"))
	// The file is written a little later.
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		names, _ := filepath.Glob(filepath.Join(os.TempDir(), "*", "*", "preferences.json"))
		for _, name := range names {
			if text, err := os.ReadFile(name); err == nil && strings.Contains(string(text), "seed") {
				fmt.Printf("file: %s\n", strings.TrimSpace(string(text)))
				return
			}
		}
	}
}
GO
export GOFLAGS=-mod=mod CGO_ENABLED=0
go get fyne.io/fyne/v2@v2.8.1 >/dev/null 2>&1
go build -tags ci -o preferences .
cat >want <<'END'
seed: 9007199254740993
file: {"seed":9007199254740993}
seed: 9007199254740992
file: {"seed":9007199254740993}
END
# Fyne puts its files below these.
export TMPDIR="$dir" XDG_CACHE_HOME="$dir"
{
	./preferences set
	./preferences
} | tee got
diff want got
