package store

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

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
type sketches struct {
	study               *Study
	part                io.Writer
	vendors             int
	values, differences []*ddsketch.DDSketch
}

func (s *Study) newSketches(vendors int) *sketches {
	p := s.Head.Plan
	cells := len(p.Points) * len(p.Variants) * s.Head.Weeks * vendors * len(scenarios.Quantities)
	out := &sketches{study: s, vendors: vendors, values: make([]*ddsketch.DDSketch, cells)}
	if s.Head.Against != "" {
		out.differences = make([]*ddsketch.DDSketch, cells)
	}
	return out
}

func add(cells []*ddsketch.DDSketch, at int, x float64) error {
	if math.IsNaN(x) {
		return nil
	}
	if cells[at] == nil {
		cells[at] = newSketch()
	}
	if err := cells[at].Add(x); err != nil { // beyond what a sketch can hold, such as an infinite price
		return fmt.Errorf("sketch %v: %w", x, err)
	}
	return nil
}

// add adds runs, and their differences from those that they are compared with, which are among them.
func (all *sketches) add(jobs []study.Job, results []study.Result) error {
	s := all.study
	p := s.Head.Plan
	at := map[study.Job]int{}
	for i, job := range jobs {
		at[job] = i
	}
	cells := s.Head.Weeks * all.vendors * len(scenarios.Quantities)
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
		for quantity, series := range results[i].Series[:len(scenarios.Quantities)] {
			for place, x := range series { // week*vendors + vendor
				cell := world*cells + place*len(scenarios.Quantities) + quantity
				if err := add(all.values, cell, x); err != nil {
					return err
				}
				if reference == nil {
					continue
				}
				if err := add(all.differences, cell, x-reference[quantity][place]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (all *sketches) begin(part, _ io.Writer) error {
	all.part = part
	clear(all.values)
	clear(all.differences)
	return nil
}

func (all *sketches) end(note *partNote) error {
	w := newWriter[sketchRow](all.part)
	var rows []sketchRow
	for side, cells := range [][]*ddsketch.DDSketch{all.values, all.differences} {
		for i, sketch := range cells {
			if sketch == nil {
				continue
			}
			row := sketchRow{Quantity: int32(i % len(scenarios.Quantities)), Difference: side == 1}
			i /= len(scenarios.Quantities)
			row.Vendor = int32(i % all.vendors)
			i /= all.vendors
			row.Week, row.World = int32(i%all.study.Head.Weeks), int32(i/all.study.Head.Weeks)
			sketch.Encode(&row.Sketch, false)
			rows = append(rows, row)
		}
	}
	if _, err := w.Write(rows); err != nil {
		return err
	}
	metadata, err := note.metadata()
	if err != nil {
		return err
	}
	for _, m := range metadata {
		w.SetKeyValueMetadata(m.Key, m.Value)
	}
	return w.Close()
}

// summariseSketches merges the sketches of chunks, in their order.
func (s *Study) summariseSketches(vendors []string, chunks []int) (*Summary, error) {
	all := s.newSketches(len(vendors))
	out := &Summary{weeks: s.Head.Weeks, vendors: len(vendors)}
	for _, chunk := range chunks {
		err := s.readPart(chunk, func(f *parquet.File) error {
			note, err := noteIn(f)
			if err != nil {
				return err
			}
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
