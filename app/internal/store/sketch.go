package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/parquet-go/parquet-go"

	"exodus/scenarios"
	"exodus/sim/study"
)

// A study of over MostRows runs keeps no row for every run and week: it would be hundreds of gigabytes, which nobody
// reads. Its parts hold sketches instead, of every quantity in every week, which merge into quantiles; runs.parquet
// still has a row for each run.
const MostRows = 1_000_000

// SketchChunk is about how many runs a part of sketches holds.
const SketchChunk = 16384

// sketchAccuracy is how far, relative to itself, a quantile of a sketch may be off; sketchBins is how many bins that
// takes at most, from the largest value down: what is below a fiftieth of it is not told apart.
const (
	sketchAccuracy = 0.001
	sketchBins     = 2048
)

func newSketch() *ddsketch.DDSketch {
	s, err := ddsketch.LogCollapsingLowestDenseDDSketch(sketchAccuracy, sketchBins)
	if err != nil {
		panic(err) // of constants that are wrong
	}
	return s
}

// sketchRow is what a part of sketches holds for a quantity of a vendor in a week, over the runs of a world.
type sketchRow struct {
	World      int32  `parquet:"world"` // point*variants + variant
	Week       int32  `parquet:"week"`
	Vendor     int32  `parquet:"vendor"`
	Quantity   int32  `parquet:"quantity"`
	Difference bool   `parquet:"difference"` // from the variant compared with, run by run
	Sketch     []byte `parquet:"sketch"`     // a DDSketch, in the encoding of DataDog's sketches
}

// sketches are those of some runs, by the cells of a [Summary]; nil where no run had a value.
type sketches struct{ values, differences []*ddsketch.DDSketch }

func (s *Study) newSketches(vendors int) sketches {
	p := s.Head.Plan
	cells := len(p.Points) * len(p.Variants) * s.Head.Weeks * vendors * len(scenarios.Quantities)
	out := sketches{values: make([]*ddsketch.DDSketch, cells)}
	if s.Head.Against != "" {
		out.differences = make([]*ddsketch.DDSketch, cells)
	}
	return out
}

func add(cells []*ddsketch.DDSketch, at int, x float64) {
	if math.IsNaN(x) {
		return
	}
	if cells[at] == nil {
		cells[at] = newSketch()
	}
	if err := cells[at].Add(x); err != nil { // beyond what a sketch can hold, such as an infinite price
		panic(fmt.Sprintf("sketch %v: %v", x, err))
	}
}

// sketcher is a model that folds the series of its runs into sketches as it goes, a few runs at a time, so that a
// chunk of many runs needs little memory.
type sketcher struct {
	*scenarios.Model
	study *Study

	mu   sync.Mutex
	done map[study.Job]sketches // by the first job that was asked for
}

// Encoding is how the chunks of a study are run, and made into files: with rows, or with sketches.
func (h *StudyHead) Encoding(m *scenarios.Model) (study.Model, func(chunk int, jobs []study.Job, results []study.Result) (Chunk, error)) {
	if h.Sketched {
		k := &sketcher{Model: m, study: &Study{Head: *h}, done: map[study.Job]sketches{}}
		return k, k.encode
	}
	return m, func(chunk int, jobs []study.Job, results []study.Result) (Chunk, error) {
		return encodeChunk(h.Plan, m, chunk, jobs, results)
	}
}

// Run runs jobs. Its results have measures, and no series.
func (k *sketcher) Run(ctx context.Context, p *study.Plan, jobs []study.Job) ([]study.Result, error) {
	const few = 512
	all := k.study.newSketches(len(k.Vendors()))
	results := make([]study.Result, 0, len(jobs))
	for len(results) < len(jobs) {
		first := len(results)
		end := min(first+few, len(jobs))
		for end < len(jobs) && jobs[end].Point == jobs[end-1].Point && jobs[end].Run/study.Block == jobs[end-1].Run/study.Block {
			end++ // runs that are compared stay together
		}
		some, err := k.Model.Run(ctx, p, jobs[first:end])
		if err != nil {
			return nil, err
		}
		k.study.sketch(all, len(k.Vendors()), jobs[first:end], some)
		for _, r := range some {
			results = append(results, study.Result{Measures: r.Measures, Err: r.Err})
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.done[jobs[0]] = all
	return results, nil
}

// sketch adds runs to sketches, and their differences from those that they are compared with.
func (s *Study) sketch(all sketches, vendors int, jobs []study.Job, results []study.Result) {
	p := s.Head.Plan
	at := map[study.Job]int{}
	for i, job := range jobs {
		at[job] = i
	}
	cells := s.Head.Weeks * vendors * len(scenarios.Quantities)
	sum := &Summary{weeks: s.Head.Weeks, vendors: vendors}
	for i, job := range jobs {
		if results[i].Err != nil {
			continue
		}
		world := job.Point*len(p.Variants) + job.Variant
		var reference [][]float64
		if all.differences != nil {
			other := job
			other.Variant = s.opposite(world) % len(p.Variants)
			if k, there := at[other]; there && results[k].Err == nil {
				reference = results[k].Series
			}
		}
		base := world * cells
		for k, series := range results[i].Series[:vendors*len(scenarios.Quantities)] {
			for week, x := range series {
				cell := base + sum.At(0, week, k/len(scenarios.Quantities), k%len(scenarios.Quantities))
				add(all.values, cell, x)
				if reference != nil {
					add(all.differences, cell, x-reference[k][week])
				}
			}
		}
	}
}

// encode makes the part of a chunk that this model has run.
func (k *sketcher) encode(chunk int, jobs []study.Job, results []study.Result) (Chunk, error) {
	k.mu.Lock()
	all := k.done[jobs[0]]
	delete(k.done, jobs[0])
	k.mu.Unlock()

	p := k.study.Head.Plan
	first, _ := p.Range(chunk)
	note := noteOf(p, chunk)
	note.fill(first, results)
	var out bytes.Buffer
	w := newWriter[sketchRow](&out)
	var rows []sketchRow
	for side, cells := range [][]*ddsketch.DDSketch{all.values, all.differences} {
		for i, sketch := range cells {
			if sketch == nil {
				continue
			}
			row := sketchRow{Quantity: int32(i % len(scenarios.Quantities)), Difference: side == 1}
			i /= len(scenarios.Quantities)
			row.Vendor = int32(i % len(k.Vendors()))
			i /= len(k.Vendors())
			row.Week, row.World = int32(i%k.study.Head.Weeks), int32(i/k.study.Head.Weeks)
			sketch.Encode(&row.Sketch, false)
			rows = append(rows, row)
		}
	}
	if _, err := w.Write(rows); err != nil {
		return Chunk{}, fmt.Errorf("encode %s: %w", PartName(chunk), err)
	}
	text, err := json.Marshal(note)
	if err != nil {
		return Chunk{}, err
	}
	w.SetKeyValueMetadata(noteKey, string(text))
	if err := w.Close(); err != nil {
		return Chunk{}, fmt.Errorf("encode %s: %w", PartName(chunk), err)
	}
	return Chunk{Part: out.Bytes()}, nil
}

// summariseSketches merges the sketches of chunks, in their order.
func (s *Study) summariseSketches(vendors []string, chunks []int) (*Summary, error) {
	all := s.newSketches(len(vendors))
	out := &Summary{weeks: s.Head.Weeks, vendors: len(vendors)}
	for _, chunk := range chunks {
		err := s.readPart(chunk, func(f *parquet.File, note *partNote) error {
			out.Failed += len(note.Failed)
			return all.merge(f, out)
		})
		if err != nil {
			return nil, err
		}
	}
	quantiles := func(cells []*ddsketch.DDSketch) []Quantiles {
		found := make([]Quantiles, len(cells))
		for i, sketch := range cells {
			if sketch != nil {
				found[i] = sketched(sketch)
			}
		}
		return found
	}
	out.Quantiles = quantiles(all.values)
	if all.differences != nil {
		out.Differences = quantiles(all.differences)
	}
	return out, nil
}

// merge adds the sketches of a part, which lie as the cells of a summary do.
func (k *sketches) merge(f *parquet.File, cells *Summary) error {
	r := parquet.NewGenericReader[sketchRow](f)
	defer r.Close()
	rows := make([]sketchRow, 4096)
	for {
		n, err := r.Read(rows)
		for _, row := range rows[:n] {
			to := k.values
			if row.Difference {
				to = k.differences
			}
			at := cells.At(int(row.World), int(row.Week), int(row.Vendor), int(row.Quantity))
			if at < 0 || at >= len(to) {
				return errors.New("it speaks of what the study does not have")
			}
			if to[at] == nil {
				to[at] = newSketch()
			}
			if err := to[at].DecodeAndMergeWith(row.Sketch); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// sketched is the quantiles of a sketch, with their Monte Carlo errors, as [distribution] finds them of values.
func sketched(s *ddsketch.DDSketch) (q Quantiles) {
	q.Runs = int(s.GetCount())
	levels := levelsFor(q.Runs)
	x, err := s.GetValuesAtQuantiles(levels)
	if err != nil {
		panic(err) // it is not empty, and the levels are between 0 and 1
	}
	for i := range q.Value {
		q.Value[i], q.Error[i] = x[3*i+1], (x[3*i+2]-x[3*i])/2
	}
	return q
}

// levelsFor are those of quantiles.csv, each between those a standard error of the rank below and above.
func levelsFor(runs int) []float64 {
	var levels []float64
	for _, level := range quantileLevels {
		d := math.Sqrt(level * (1 - level) / float64(runs))
		levels = append(levels, max(0, level-d), level, min(1, level+d))
	}
	return slices.Clip(levels)
}
