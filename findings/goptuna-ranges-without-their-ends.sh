#!/bin/sh
# github.com/c-bata/goptuna v0.9.0, with its random sampler and with TPE.
#
# One expects that a range of integers has its upper end in it, as its documentation has it ("included"), and that each
# step below is tried. The upper end itself is never suggested, neither by SuggestInt nor by SuggestStepInt. And where
# the step does not divide the range, the last value below the end is not suggested either: from 0 to 11 in steps of 4,
# 8 is never tried. TPE tries them, and goes beyond the end: from 0 to 10 in steps of 4 it suggests 12.
#
# It matters to a search for settings: the best one may be among those that are never tried, and the study looks
# complete; or it is one that the model does not allow. The way around is SuggestFloat over a range that is one wider,
# rounded down.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module steps

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"maps"
	"slices"

	"github.com/c-bata/goptuna"
	"github.com/c-bata/goptuna/tpe"
)

// suggested are the values that a study tried.
func suggested(sampler goptuna.Sampler, trials int, suggest func(goptuna.Trial) (int, error)) []int {
	study, err := goptuna.CreateStudy("steps", goptuna.StudyOptionLogger(nil), goptuna.StudyOptionSampler(sampler))
	if err != nil {
		log.Fatal(err)
	}
	seen := map[int]bool{}
	err = study.Optimize(func(trial goptuna.Trial) (float64, error) {
		value, err := suggest(trial)
		seen[value] = true
		return 0, err
	}, trials)
	if err != nil {
		log.Fatal(err)
	}
	return slices.Sorted(maps.Keys(seen))
}

func main() {
	steps := func(low, high, step int) func(goptuna.Trial) (int, error) {
		return func(trial goptuna.Trial) (int, error) { return trial.SuggestStepInt("weeks", low, high, step) }
	}
	for _, r := range [][3]int{{0, 8, 4}, {0, 10, 4}, {0, 11, 4}, {1, 9, 2}} {
		fmt.Printf("from %d to %d in steps of %d: %v\n",
			r[0], r[1], r[2], suggested(goptuna.NewRandomSampler(), 2000, steps(r[0], r[1], r[2])))
	}
	fmt.Println("SuggestInt from 0 to 4:", suggested(goptuna.NewRandomSampler(), 2000,
		func(trial goptuna.Trial) (int, error) { return trial.SuggestInt("weeks", 0, 4) }))
	fmt.Println("TPE, from 0 to 10 in steps of 4:", suggested(tpe.NewSampler(), 300, steps(0, 10, 4)))
}
GO
cat >want <<'END'
from 0 to 8 in steps of 4: [0 4]
from 0 to 10 in steps of 4: [0 4]
from 0 to 11 in steps of 4: [0 4]
from 1 to 9 in steps of 2: [1 3 5 7]
SuggestInt from 0 to 4: [0 1 2 3]
TPE, from 0 to 10 in steps of 4: [0 4 8 12]
END
GOFLAGS=-mod=mod go get github.com/c-bata/goptuna@v0.9.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
