#!/bin/sh
# Go 1.27.4: the profile "goroutineleak" of runtime/pprof.
#
# One expects that a goroutine which nobody can ever wake is in the profile of leaks. The goroutine behind an iter.Pull
# whose next and stop are gone is not, though nothing refers to it any more and it is never collected; runtime's count
# of goroutines and the profile "goroutine" both have it. What is worse, it counts as alive: an ordinary goroutine that
# waits for a channel which only such a one could serve is missing from the profile, too.
#
# It matters to a program that runs its agents as coroutines: the profile is empty while each abandoned run keeps all
# its agents. The way around is to call stop always, and to watch runtime.NumGoroutine.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.27.4 GOFLAGS= GOEXPERIMENT=
go version
cat >go.mod <<'MOD'
module leaks

go 1.27
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"iter"
	"runtime"
	"runtime/pprof"
	"time"
)

// receivers leaves ten goroutines that wait for a channel which nobody else has.
func receivers() {
	for range 10 {
		nobody := make(chan int)
		go func() { <-nobody }()
	}
}

// pulls leaves ten iterators that were begun, and are neither read to their end nor stopped.
func pulls() {
	for range 10 {
		next, _ := iter.Pull(func(yield func(int) bool) {
			for yield(0) {
			}
		})
		next()
	}
}

// both leaves ten of each: the iterator would serve the channel at its end, which never comes.
func both() {
	for range 10 {
		end := make(chan int)
		next, _ := iter.Pull(func(yield func(int) bool) {
			for yield(0) {
			}
			close(end)
		})
		next()
		go func() { <-end }()
	}
}

func main() {
	for _, leak := range []struct {
		name string
		make func()
	}{{"receivers", receivers}, {"pulls", pulls}, {"both", both}} {
		profile := pprof.Lookup("goroutineleak")
		goroutines, found := runtime.NumGoroutine(), profile.Count()
		leak.make()
		time.Sleep(time.Second)
		if err := profile.WriteTo(io.Discard, 0); err != nil {
			fmt.Println(err)
		}
		fmt.Printf("%s: %d goroutines more, %d leaks more\n",
			leak.name, runtime.NumGoroutine()-goroutines, profile.Count()-found)
	}
}
GO
cat >want <<'END'
receivers: 10 goroutines more, 10 leaks more
pulls: 10 goroutines more, 0 leaks more
both: 20 goroutines more, 0 leaks more
END
go run . | tee got
diff want got
