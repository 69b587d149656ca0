package session

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// BenchmarkLever moves a lever, and measures the time until the first picture that answers it, and until the first
// fans of 200 runs in both worlds: at 50, 95 and 99% of the moves.
func BenchmarkLever(b *testing.B) {
	s := begin(b, Config{Runs: firstRuns})
	settled(b, s)
	var picture, fans []time.Duration
	n := 0
	for b.Loop() {
		n++
		began := time.Now()
		s.Drag("events.deal.stake", fmt.Sprintf("%.4f", 0.2+0.5*float64(n%1000)/1000))
		given := s.Commands()
		answers := func(snap *Snapshot) bool { return snap.Command >= given && !snap.Stale }
		until(b, s, answers)
		picture = append(picture, time.Since(began))
		until(b, s, func(snap *Snapshot) bool { return answers(snap) && !snap.World.Stale })
		fans = append(fans, time.Since(began))
		settled(b, s)
	}
	for name, all := range map[string][]time.Duration{"picture": picture, "fans": fans} {
		slices.Sort(all)
		for _, p := range []int{50, 95, 99} {
			b.ReportMetric(float64(all[(len(all)-1)*p/100].Microseconds())/1000, fmt.Sprintf("%s-ms/%d%%", name, p))
		}
	}
}
