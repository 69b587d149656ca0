package scenarios

import (
	"fmt"
	"runtime"
	clock "runtime/metrics"
	"testing"

	"golang.org/x/sync/errgroup"

	"exodus/sim/study"
)

// BenchmarkEnsemble runs the reference market many times, and takes the quantiles of every quantity of every vendor
// and week: runs a second, and the share of processor time that the garbage collector took.
func BenchmarkEnsemble(b *testing.B) {
	for _, runs := range []int{200, 1000, 10_000} {
		for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
			b.Run(fmt.Sprintf("runs=%d/workers=%d", runs, workers), func(b *testing.B) {
				s, err := Load("meta-scale")
				if err != nil {
					b.Fatal(err)
				}
				m := NewModel(s)
				p := &study.Plan{Model: m.Name(), Variants: []string{Reference}, Points: [][]float64{{}}, Runs: runs, Seed: 1, Chunk: 128}
				chunks := make([]int, p.Chunks())
				for i := range chunks {
					chunks[i] = i
				}
				collector, all := processorTime()
				for b.Loop() {
					series := make([][][]float64, runs)
					err := study.Run(b.Context(), p, m, chunks, workers, func(_ int, jobs []study.Job, results []study.Result) error {
						for i, job := range jobs {
							series[job.Run] = results[i].Series
						}
						return nil
					})
					if err != nil {
						b.Fatal(err)
					}
					fans(series, workers)
				}
				b.ReportMetric(float64(b.N*runs)/b.Elapsed().Seconds(), "runs/s")
				collectorAfter, allAfter := processorTime()
				b.ReportMetric(100*(collectorAfter-collector)/(allAfter-all), "GC-%")
			})
		}
	}
}

// fans are the quantiles of series by run and series, of each week and vendor.
func fans(runs [][][]float64, workers int) [][][]float64 {
	out := make([][][]float64, len(runs[0]))
	var group errgroup.Group
	group.SetLimit(workers)
	for k := range out {
		group.Go(func() error {
			cells := make([][]float64, len(runs[0][k]))
			for cell := range cells {
				cells[cell] = make([]float64, len(runs))
			}
			for i := range runs {
				for cell, x := range runs[i][k] {
					cells[cell][i] = x
				}
			}
			for _, xs := range cells {
				out[k] = append(out[k], study.Quantiles(xs, []float64{0.05, 0.25, 0.5, 0.75, 0.95}))
			}
			return nil
		})
	}
	group.Wait()
	return out
}

// processorTime is what the garbage collector has taken so far, and what all of the program has, in seconds.
func processorTime() (collector, all float64) {
	s := []clock.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}, {Name: "/cpu/classes/user:cpu-seconds"}}
	clock.Read(s)
	return s[0].Value.Float64(), s[0].Value.Float64() + s[1].Value.Float64()
}
