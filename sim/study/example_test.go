package study_test

import (
	"context"
	"fmt"
	"sync"

	"exodus/sim"
	"exodus/sim/study"
)

// walk is a toy model: a walk of five steps, whose drift a design varies.
type walk struct{}

func (walk) Series() []string   { return []string{"place"} }
func (walk) Measures() []string { return nil }
func (walk) Steps() int         { return 5 }
func (walk) Run(_ context.Context, p *study.Plan, jobs []study.Job) ([]study.Result, error) {
	results := make([]study.Result, len(jobs))
	for i, job := range jobs {
		luck := sim.Luck{Seed: p.Seed, Run: uint64(job.Run)}
		place := make([]float64, 5)
		at := 0.0
		for step := range place {
			at += p.Points[job.Point][0] + luck.Normal(sim.KeyOf("walker"), sim.KeyOf("step"), step)
			place[step] = at
		}
		results[i].Series = [][]float64{place}
	}
	return results, nil
}

// A study of two drifts, 1,000 runs each. All points meet the same luck: their means differ by exactly the drift.
func Example() {
	drift := study.Param{Name: "drift", Levels: []float64{0, 1}}
	plan := &study.Plan{Model: "walk", Variants: []string{""}, Params: []string{"drift"}, Points: study.Grid([]study.Param{drift}), Runs: 1000, Seed: 1, Chunk: 100}
	chunks := make([]int, plan.Chunks())
	for i := range chunks {
		chunks[i] = i
	}
	var mu sync.Mutex
	sums := make([]float64, len(plan.Points))
	err := study.Run(context.Background(), plan, walk{}, chunks, 0, func(_ int, jobs []study.Job, results []study.Result) error {
		mu.Lock()
		defer mu.Unlock()
		for i, job := range jobs {
			sums[job.Point] += results[i].Series[0][4]
		}
		return nil
	})
	fmt.Printf("%d runs, error %v: the means are %.1f apart\n", plan.Jobs(), err, (sums[1]-sums[0])/1000)
	// Output: 2000 runs, error <nil>: the means are 5.0 apart
}
