package store

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/parquet-go/parquet-go"
	"golang.org/x/sync/errgroup"

	"exodus/scenarios"
	"exodus/sim/study"
)

// A study of over MostRows runs keeps no row for every run and week: they would be hundreds of gigabytes, which nobody
// reads. Its parts hold sketches instead, of every quantity in every week, which merge into quantiles; runs.parquet
// still has a row for each run.
const MostRows = 1_000_000

// SketchChunk is about how many runs a part holds in a study of so many worlds, each of so many sketches: fewer where
// the sketches of all worlds, which a part has in memory at once, would be too many.
func SketchChunk(worlds, sketches int) int {
	const usual, most = 16384, 1 << 18
	if worlds*sketches <= most {
		return usual
	}
	return min(usual, study.Block*max(1, most/sketches))
}

// sketchAccuracy is how far, relative to itself, a quantile of a sketch may be off; sketchBins is how many bins that
// takes at most, from the largest value down: values below a fiftieth of it are not told apart.
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
	Week       int32  `parquet:"week"`  // of the run
	Vendor     int32  `parquet:"vendor"`
	Quantity   int32  `parquet:"quantity"`
	Difference bool   `parquet:"difference"` // from the variant compared with, run by run
	Sketch     []byte `parquet:"sketch"`     // a DDSketch, in the encoding of DataDog's sketches
}

// sketches are those of a chunk, as they grow: tallies, by world of the chunk, week, vendor and quantity.
type sketches struct {
	head                *StudyHead
	part                io.Writer
	mapping             mapping.IndexMapping
	first               []int        // by world of the chunk: where its cells begin
	worlds              []int        // of the chunk, in ascending order
	locks               []sync.Mutex // by world of the chunk and quantity: runs are added from several goroutines
	values, differences []tally
}

func (h *StudyHead) newSketches() *sketches {
	return &sketches{head: h, mapping: newSketch().IndexMapping}
}

// cells is how many sketches a world has, on either side.
func (h *StudyHead) cells(world int) int {
	return h.Span(world).Weeks * len(h.Vendors) * len(scenarios.Quantities)
}

func (all *sketches) begin(jobs []study.Job, part, _ io.Writer) error {
	if len(jobs) > math.MaxUint16 {
		return fmt.Errorf("a chunk of %d runs; sketches are made of at most %d", len(jobs), math.MaxUint16)
	}
	all.part, all.worlds, all.first = part, all.head.worldsOf(jobs), all.first[:0]
	n := 0
	for _, world := range all.worlds {
		all.first = append(all.first, n)
		n += all.head.cells(world)
	}
	all.values = emptied(all.values, n)
	if all.head.Against != "" {
		all.differences = emptied(all.differences, n)
	}
	all.locks = make([]sync.Mutex, len(all.worlds)*len(scenarios.Quantities))
	return nil
}

// add adds runs, and their differences from those that they are compared with, which are among them.
func (all *sketches) add(jobs []study.Job, results []study.Result) error {
	at := map[study.Job]int{}
	for i, job := range jobs {
		at[job] = i
	}
	var some []pair // runs of one world
	for i, job := range jobs {
		world := all.head.world(job)
		if results[i].Err == nil {
			run := pair{values: results[i].Series}
			if all.differences != nil {
				other := job
				other.Variant = all.head.opposite(world) % len(all.head.Plan.Variants)
				if k, there := at[other]; there && results[k].Err == nil {
					run.from = results[k].Series
				}
			}
			some = append(some, run)
		}
		if i+1 == len(jobs) || all.head.world(jobs[i+1]) != world {
			if err := all.addRuns(world, some); err != nil {
				return err
			}
			some = some[:0]
		}
	}
	return nil
}

// pair is the series of a run, and of the one that it is compared with, if there is one.
type pair struct{ values, from [][]float64 }

// addRuns adds runs of a world: all of them to a tally at once, while the cache has it.
func (all *sketches) addRuns(world int, runs []pair) error {
	place, _ := slices.BinarySearch(all.worlds, world)
	for quantity := range scenarios.Quantities {
		err := func() error {
			lock := &all.locks[place*len(scenarios.Quantities)+quantity]
			lock.Lock()
			defer lock.Unlock()
			shift := 0 // of the week of the run that it is compared with, on the same date
			own, vendors := all.head.Span(world), len(all.head.Vendors)
			other := own
			if all.differences != nil {
				other = all.head.Span(all.head.opposite(world))
				shift = (own.First - other.First) * vendors
			}
			for unit := range own.Weeks * vendors { // week*vendors + vendor
				cell := all.first[place] + unit*len(scenarios.Quantities) + quantity
				met := other.Has(own.First + unit/vendors)
				for _, run := range runs {
					x := run.values[quantity][unit]
					if err := all.values[cell].add(all.mapping, x); err != nil {
						return err
					}
					if run.from == nil || !met {
						continue
					}
					if err := all.differences[cell].add(all.mapping, x-run.from[quantity][unit+shift]); err != nil {
						return err
					}
				}
			}
			return nil
		}()
		if err != nil {
			return err
		}
	}
	return nil
}

// end writes the sketches: a group of rows for each world and side, so that each can be read by itself.
func (all *sketches) end(note *partNote) error {
	w := newWriter[sketchRow](all.part)
	var rows []sketchRow
	for side, cells := range [][]tally{all.values, all.differences} {
		if len(cells) == 0 { // nothing is compared
			continue
		}
		vendors := len(all.head.Vendors)
		for k, world := range all.worlds {
			rows = rows[:0]
			for i := range cells[all.first[k]:][:all.head.cells(world)] {
				row := sketchRow{World: int32(world), Quantity: int32(i % len(scenarios.Quantities)), Difference: side == 1, Sketch: cells[all.first[k]+i].encode()}
				if len(row.Sketch) == 0 {
					continue
				}
				i /= len(scenarios.Quantities)
				row.Vendor, row.Week = int32(i%vendors), int32(i/vendors)
				rows = append(rows, row)
			}
			if _, err := w.Write(rows); err != nil {
				return err
			}
			if err := w.Flush(); err != nil {
				return err
			}
		}
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

// tally counts values by the bins of a sketch, in a tenth of the memory that the sketch itself takes.
type tally struct {
	zeros        uint16
	above, below bins // zero
}

// bins are counts by index, from low on.
type bins struct {
	low    int
	counts []uint16
}

// emptied is n tallies that are empty, and whose memory may have been used before.
func emptied(all []tally, n int) []tally {
	if len(all) < n {
		all = append(all, make([]tally, n-len(all))...)
	}
	all = all[:n]
	for i := range all {
		t := &all[i]
		t.zeros, t.above.counts, t.below.counts = 0, t.above.counts[:0], t.below.counts[:0]
	}
	return all
}

// add counts a value, as [ddsketch.DDSketch.Add] does; NaN is left out.
func (t *tally) add(m mapping.IndexMapping, x float64) error {
	switch {
	case math.IsInf(x, 0): // which has no bin either
	case math.Abs(x) > m.MaxIndexableValue():
		return fmt.Errorf("sketch %v: beyond what a sketch can hold", x)
	case x > m.MinIndexableValue():
		t.above.add(m.Index(x))
	case x < -m.MinIndexableValue():
		t.below.add(m.Index(-x))
	case !math.IsNaN(x):
		t.zeros++
	}
	return nil
}

func (b *bins) add(index int) {
	if at := index - b.low; at < 0 || at >= len(b.counts) {
		b.reach(index)
	}
	b.counts[max(0, index-b.low)]++
}

// reach makes room for an index, and some to spare. Values below the bins of the sketch fall into the lowest one, as they
// do there: so the order in which values come does not matter.
func (b *bins) reach(index int) {
	before, from, spare, top := slices.Clone(b.counts), b.low, 16+len(b.counts)/4, index
	low, high := index-spare, index+spare
	if len(before) > 0 {
		low, high = min(low, from), max(high, from+len(before)-1)
	}
	for i, n := range slices.Backward(before) {
		if n > 0 {
			top = max(top, from+i)
			break
		}
	}
	b.low = max(low, top-sketchBins+1)
	if n := high - b.low + 1; n <= cap(b.counts) {
		b.counts = b.counts[:n]
		clear(b.counts)
	} else {
		b.counts = make([]uint16, n)
	}
	for i, n := range before {
		b.counts[max(0, from+i-b.low)] += n
	}
}

// encode makes the tally a sketch, in the encoding of DataDog's sketches; it is empty where nothing was counted.
func (t *tally) encode() (out []byte) {
	sketch := newSketch()
	for i, n := range t.above.counts {
		sketch.GetPositiveValueStore().AddWithCount(t.above.low+i, float64(n))
	}
	for i, n := range t.below.counts {
		sketch.GetNegativeValueStore().AddWithCount(t.below.low+i, float64(n))
	}
	if err := sketch.AddWithCount(0, float64(t.zeros)); err != nil {
		panic(err) // zero can always be counted
	}
	if !sketch.IsEmpty() {
		sketch.Encode(&out, false)
	}
	return out
}

// mostMerging is how many worlds are summed up at a time.
const mostMerging = 4

// summariseSketches merges the sketches of chunks, in their order: those of a few worlds at a time, so that memory does
// not grow with the study.
func (s *Study) summariseSketches(out *Summary, chunks []int) error {
	h := &s.Head
	sides := [][]Quantiles{out.Quantiles}
	if out.Differences != nil {
		sides = append(sides, out.Differences)
	}
	var group errgroup.Group
	group.SetLimit(min(s.workers(), mostMerging))
	for world := range h.worlds() {
		for side, found := range sides {
			group.Go(func() error {
				merged := make([]*ddsketch.DDSketch, h.cells(world))
				for _, chunk := range chunks {
					if !h.Plan.Meets(chunk, world) {
						continue
					}
					err := s.readPart(chunk, func(f *parquet.File) error { return h.merge(merged, f, world, side == 1) })
					if err != nil {
						return err
					}
				}
				at := out.At(world, h.Span(world).First, 0, 0)
				for i, sketch := range merged {
					if sketch != nil {
						found[at+i] = sketched(sketch)
					}
				}
				return nil
			})
		}
	}
	return group.Wait()
}

// merge adds the sketches that a part has of a world, or of its differences.
func (h *StudyHead) merge(merged []*ddsketch.DDSketch, f *parquet.File, world int, difference bool) error {
	for _, group := range f.RowGroups() {
		if low, high, known := boundsOf(group, "world"); known && (int32(world) < low.Int32() || int32(world) > high.Int32()) {
			continue
		}
		if low, high, known := boundsOf(group, "difference"); known && low.Boolean() == high.Boolean() && low.Boolean() != difference {
			continue
		}
		if err := h.mergeGroup(merged, group, world, difference); err != nil {
			return err
		}
	}
	return nil
}

// boundsOf are the least and the largest value of a column.
func boundsOf(group parquet.RowGroup, column string) (low, high parquet.Value, known bool) {
	leaf, there := group.Schema().Lookup(column)
	if !there {
		return low, high, false
	}
	c, ok := group.ColumnChunks()[leaf.ColumnIndex].(*parquet.FileColumnChunk)
	if !ok {
		return low, high, false
	}
	return c.Bounds()
}

func (h *StudyHead) mergeGroup(merged []*ddsketch.DDSketch, group parquet.RowGroup, world int, difference bool) error {
	return eachSketch(group, func(row *sketchRow) error {
		if int(row.World) != world || row.Difference != difference {
			return nil
		}
		at, err := h.cellOf(row)
		if err != nil {
			return err
		}
		if merged[at] == nil {
			merged[at] = newSketch()
		}
		return merged[at].DecodeAndMergeWith(row.Sketch)
	})
}

// cellOf is the place of a sketch among those of its world and side.
func (h *StudyHead) cellOf(row *sketchRow) (int, error) {
	world, week, vendor, quantity := int(row.World), int(row.Week), int(row.Vendor), int(row.Quantity)
	if world < 0 || world >= h.worlds() || week < 0 || week >= h.Span(world).Weeks || vendor < 0 || vendor >= len(h.Vendors) ||
		quantity < 0 || quantity >= len(scenarios.Quantities) {
		return 0, errors.New("it has a sketch of what the study does not have")
	}
	return (week*len(h.Vendors)+vendor)*len(scenarios.Quantities) + quantity, nil
}

// eachSketch calls use with each row of a group.
func eachSketch(group parquet.RowGroup, use func(*sketchRow) error) error {
	r := parquet.NewGenericRowGroupReader[sketchRow](group)
	defer r.Close()
	rows := make([]sketchRow, 1024)
	for {
		n, err := r.Read(rows)
		for i := range rows[:n] {
			if err := use(&rows[i]); err != nil {
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
