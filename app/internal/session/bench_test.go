package session

import (
	"fmt"
	"runtime"
	clock "runtime/metrics"
	"slices"
	"testing"
	"time"

	"exodus/agents"
	"exodus/app/internal/results"
	"exodus/scenarios"
	"exodus/sim"
)

// BenchmarkFans runs the reference market many times, and takes the quantiles of all that the window shows of every
// vendor and week: runs a second, and the share of processor time that the garbage collector took.
func BenchmarkFans(b *testing.B) {
	s, err := scenarios.Load("meta-scale")
	if err != nil {
		b.Fatal(err)
	}
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		b.Fatal(err)
	}
	for _, runs := range []int{200, 1000, 10_000} {
		for _, processors := range []int{1, runtime.GOMAXPROCS(0)} {
			b.Run(fmt.Sprintf("runs=%d/processors=%d", runs, processors), func(b *testing.B) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
				tasks := make([]agents.Task, runs)
				for i := range tasks {
					tasks[i] = agents.Task{Plan: plan, Luck: sim.Luck{Seed: 1, Run: uint64(i)}}
				}
				collector, all := processorTime()
				for b.Loop() {
					rows := make([]row, runs)
					err := agents.RunAll(b.Context(), tasks, agents.Options{Lean: true}, func(i int, t *agents.Trajectory) error {
						rows[i] = newRow(t)
						t.Release()
						return nil
					})
					if err != nil {
						b.Fatal(err)
					}
					take(fansOf(scenarios.NewModel(s).Vendors(), plan.Weeks(), rows), results.Kept...)
				}
				b.ReportMetric(float64(b.N*runs)/b.Elapsed().Seconds(), "runs/s")
				collectorAfter, allAfter := processorTime()
				b.ReportMetric(100*(collectorAfter-collector)/(allAfter-all), "GC-%")
			})
		}
	}
}

// processorTime is what the garbage collector has taken so far, and what all of the program has, in seconds.
func processorTime() (collector, all float64) {
	s := []clock.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}, {Name: "/cpu/classes/user:cpu-seconds"}}
	clock.Read(s)
	return s[0].Value.Float64(), s[0].Value.Float64() + s[1].Value.Float64()
}

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
		until(b, s, func(snap *Snapshot) bool { return answers(snap) && snap.World.Fans != nil })
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
