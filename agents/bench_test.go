package agents

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"exodus/sim"
)

// plain lives worlds side by side in a plain loop over their agents, in the engine's order: what it is measured against.
func plain(worlds [][]sim.Kind, weeks int) {
	act := func(kind, lo, hi int, t sim.Time) {
		for i := lo; i < hi; i++ {
			for _, kinds := range worlds {
				kinds[kind].Agents[i].Act(t)
			}
		}
	}
	fold := func(kind, lo, hi int, t sim.Time) {
		for _, kinds := range worlds {
			if kinds[kind].Fold != nil {
				kinds[kind].Fold(t, lo, hi)
			}
		}
	}
	place := map[string]int{}
	for k, kind := range worlds[0] {
		place[kind.Name] = k
	}
	type step struct {
		phase, kind int
		acts        bool
	}
	var steps []step
	for phase, p := range phases {
		for _, name := range p.Kinds {
			steps = append(steps, step{phase, place[name], true})
		}
		for _, name := range p.Folds {
			steps = append(steps, step{phase, place[name], false})
		}
	}
	for week := range weeks {
		for _, s := range steps {
			all := len(worlds[0][s.kind].Agents)
			for lo := 0; lo < all; lo += sim.BlockSize {
				hi, t := min(lo+sim.BlockSize, all), sim.Time{Week: week, Phase: s.phase}
				if s.acts {
					act(s.kind, lo, hi, t)
				}
				fold(s.kind, lo, hi, t)
			}
		}
	}
}

// BenchmarkReference runs the reference market with its luck, several replicates side by side: the engine against
// a plain loop over the same replicates, in the same order, and against one that lives each replicate for itself.
func BenchmarkReference(b *testing.B) {
	s := referenceSpec(true)
	s.Uncertainty = defaults[Uncertainty]()
	plan := compile(b, s)
	for _, lanes := range []int{1, 8, 32} {
		markets, worlds := make([]*Market, lanes), make([]sim.World, lanes)
		kinds := make([][]sim.Kind, lanes)
		for i := range markets {
			markets[i] = New(plan, sim.Luck{})
			worlds[i], kinds[i] = markets[i], markets[i].Kinds()
		}
		next := uint64(0)
		reset := func() {
			for _, m := range markets {
				m.Reset(sim.Luck{Seed: 1, Run: next})
				next++
			}
		}
		report := func(b *testing.B) {
			b.ReportMetric(float64(b.N*lanes)/b.Elapsed().Seconds(), "runs/s")
		}
		b.Run(fmt.Sprintf("lanes=%d/plain", lanes), func(b *testing.B) {
			for b.Loop() {
				reset()
				plain(kinds, plan.Weeks())
			}
			report(b)
		})
		b.Run(fmt.Sprintf("lanes=%d/apart", lanes), func(b *testing.B) {
			for b.Loop() {
				reset()
				for i := range kinds {
					plain(kinds[i:i+1], plan.Weeks())
				}
			}
			report(b)
		})
		b.Run(fmt.Sprintf("lanes=%d/engine", lanes), func(b *testing.B) {
			run, err := sim.Start(sim.Config{Worlds: worlds, Phases: phases, Workers: 1})
			if err != nil {
				b.Fatal(err)
			}
			defer run.Stop()
			for b.Loop() {
				reset()
				run.Seek(0)
				if err := run.To(context.Background(), plan.Weeks()); err != nil {
					b.Fatal(err)
				}
			}
			report(b)
		})
	}
}

// held is what is in use of the heap and of stacks, in bytes, and how often something was allocated so far.
func held() (bytes, allocations uint64) {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse, m.Mallocs
}

// BenchmarkPopulation runs one market of many labs: ns for a lab and week. With the engine, also the bytes that a lab
// takes, its goroutine included, and what a week allocates after the first run.
func BenchmarkPopulation(b *testing.B) {
	for _, labs := range []int{1000, 100_000, 1_000_000} {
		s := referenceSpec(true)
		s.Uncertainty = defaults[Uncertainty]()
		for i := range s.Labs {
			s.Labs[i].Count = labs / len(s.Labs)
			s.Labs[i].SizeSigma, s.Labs[i].ExposureSD = 1, 0.1
		}
		plan := compile(b, s)
		before, _ := held()
		m := New(plan, sim.Luck{Seed: 1})
		kinds := m.Kinds()
		weeks := 52
		if labs > 100_000 {
			weeks = 4
		}
		report := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*weeks*labs), "ns/lab-week")
		}
		b.Run(fmt.Sprintf("labs=%d/plain", labs), func(b *testing.B) {
			for b.Loop() {
				m.Reset(sim.Luck{Seed: 1})
				plain([][]sim.Kind{kinds}, weeks)
			}
			report(b)
		})
		b.Run(fmt.Sprintf("labs=%d/engine", labs), func(b *testing.B) {
			run, err := sim.Start(sim.Config{Worlds: []sim.World{m}, Phases: phases, Workers: 1})
			if err != nil {
				b.Fatal(err)
			}
			defer run.Stop()
			live := func() {
				m.Reset(sim.Luck{Seed: 1})
				run.Seek(0)
				if err := run.To(context.Background(), weeks); err != nil {
					b.Fatal(err)
				}
			}
			live()
			after, begun := held()
			for b.Loop() {
				live()
			}
			report(b)
			_, ended := held()
			b.ReportMetric(float64(after-before)/float64(labs), "B/lab")
			b.ReportMetric(float64((ended-begun)/uint64(b.N*weeks)), "allocations/week")
		})
	}
}

// BenchmarkGrowth runs a market that grows tenfold, in labs and in vendors: ns for a lab, vendor and week.
func BenchmarkGrowth(b *testing.B) {
	for _, c := range []struct{ labs, vendors int }{{10, 7}, {100, 7}, {1000, 7}, {10, 70}, {100, 70}} {
		b.Run(fmt.Sprintf("labs=%d/vendors=%d", c.labs, c.vendors), func(b *testing.B) {
			s := referenceSpec(true)
			s.Uncertainty = defaults[Uncertainty]()
			for i := range s.Labs {
				s.Labs[i].Count = c.labs / len(s.Labs)
			}
			for _, v := range s.Vendors {
				for i := 1; i < c.vendors/7; i++ { // without spend: they start from a foothold
					v := v
					v.Name, v.Capacity = fmt.Sprint(v.Name, i), 100
					s.Vendors = append(s.Vendors, v)
				}
			}
			m := New(compile(b, s), sim.Luck{Seed: 1})
			run, err := sim.Start(sim.Config{Worlds: []sim.World{m}, Phases: phases, Workers: 1})
			if err != nil {
				b.Fatal(err)
			}
			defer run.Stop()
			for b.Loop() {
				m.Reset(sim.Luck{Seed: 1})
				run.Seek(0)
				if err := run.To(context.Background(), s.Weeks); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*s.Weeks*c.labs*(c.vendors+1)), "ns/lab-vendor-week")
		})
	}
}
