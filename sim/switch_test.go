package sim

import (
	"iter"
	"testing"
)

// BenchmarkSwitch goes to a coroutine and back: two switches, and nothing else. An agent that acts in two phases of a
// week costs as much beyond its acting, at least.
func BenchmarkSwitch(b *testing.B) {
	next, stop := iter.Pull(func(yield func(struct{}) bool) {
		for yield(struct{}{}) {
		}
	})
	defer stop()
	for b.Loop() {
		next()
	}
}
