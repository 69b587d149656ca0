package study

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Plan is what a study runs.
type Plan struct {
	Model    string      `json:"model"`    // names the model with all that it depends on, such as by a hash
	Variants []string    `json:"variants"` // at least one, by their names in the model
	Params   []string    `json:"params"`   // what the design varies
	Points   [][]float64 `json:"points"`   // each with a value for each of Params; one that is empty where nothing varies
	Runs     int         `json:"runs"`     // replicates of each point and variant
	Seed     uint64      `json:"seed"`
	Chunk    int         `json:"chunk"` // jobs in a chunk
}

// Job is one run of a plan.
type Job struct {
	Point, Variant, Run int
}

// Block is how many runs of one point and variant follow one another, so that a model may run them side by side.
const Block = 32

// Validate says what is wrong with a plan.
func (p *Plan) Validate() error {
	switch {
	case p.Runs < 1:
		return fmt.Errorf("%d runs; a study has at least 1", p.Runs)
	case p.Chunk < 1:
		return fmt.Errorf("%d jobs in a chunk; there is at least 1", p.Chunk)
	case len(p.Variants) == 0:
		return fmt.Errorf("a study has at least one variant")
	case len(p.Points) == 0:
		return fmt.Errorf("the design has no points")
	}
	for i, point := range p.Points {
		if len(point) != len(p.Params) {
			return fmt.Errorf("point %d has %d values for %d parameters", i, len(point), len(p.Params))
		}
	}
	return nil
}

// Jobs is how many runs there are in all.
func (p *Plan) Jobs() int { return p.Runs * len(p.Points) * len(p.Variants) }

// Chunks is how many chunks they make.
func (p *Plan) Chunks() int { return (p.Jobs() + p.Chunk - 1) / p.Chunk }

// Range is the jobs of a chunk: first to end-1.
func (p *Plan) Range(chunk int) (first, end int) {
	return chunk * p.Chunk, min((chunk+1)*p.Chunk, p.Jobs())
}

// JobsIn is how many runs some chunks have.
func (p *Plan) JobsIn(chunks []int) (n int) {
	for _, chunk := range chunks {
		first, end := p.Range(chunk)
		n += end - first
	}
	return n
}

// Job is the i-th run of the plan. Runs go in blocks: one block of every variant of every point, then the next
// block of each.
func (p *Plan) Job(i int) Job {
	worlds := len(p.Points) * len(p.Variants)
	round := i / (Block * worlds)
	size := min(Block, p.Runs-round*Block) // the last blocks may be smaller
	i -= round * Block * worlds
	world := i / size
	return Job{Point: world / len(p.Variants), Variant: world % len(p.Variants), Run: round*Block + i%size}
}

// JobsOf are the jobs of a chunk.
func (p *Plan) JobsOf(chunk int) []Job {
	first, end := p.Range(chunk)
	jobs := make([]Job, 0, end-first)
	for i := first; i < end; i++ {
		jobs = append(jobs, p.Job(i))
	}
	return jobs
}

// Meets says whether a chunk may have runs of a world, which is a variant of a point: point*len(Variants) + variant.
// That it has none is certain.
func (p *Plan) Meets(chunk, world int) bool {
	first, end := p.Range(chunk)
	a, b := p.Job(first), p.Job(end-1)
	from, to := a.Point*len(p.Variants)+a.Variant, b.Point*len(p.Variants)+b.Variant
	switch b.Run/Block - a.Run/Block {
	case 0:
		return from <= world && world <= to
	case 1:
		return from <= world || world <= to
	}
	return true
}

// Settled is how many jobs, from the first on, stay what they are when the plan is given more runs: those in
// whole blocks.
func (p *Plan) Settled() int { return p.Runs / Block * Block * len(p.Points) * len(p.Variants) }

// Hash names the plan: studies with the same hash have the same results.
func (p *Plan) Hash() string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // a struct of plain values
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Model is what a study runs.
type Model interface {
	// Series names the series of numbers that a run leaves behind, and Steps is of how many steps each is.
	Series() []string
	Steps() int

	// Measures names the single numbers that it leaves behind besides.
	Measures() []string

	// Run runs jobs of a plan and returns a result for each. It is called from several goroutines at once. Its
	// error is that of the context; a job that fails by itself says so in its result.
	Run(ctx context.Context, p *Plan, jobs []Job) ([]Result, error)
}

// Result is what a job returns.
type Result struct {
	Series   [][]float64 // by series and step, and by unit where it has several: step*units + unit; none where the job failed
	Measures []float64   // NaN where there is none
	Err      error
}
