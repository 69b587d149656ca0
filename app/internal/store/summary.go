package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/parquet-go/parquet-go"
	"golang.org/x/sync/errgroup"

	"exodus/app/internal/results"
	"exodus/scenarios"
	"exodus/sim/study"
)

// mostValues is how many numbers are held at once to find their quantiles: 256 MB. A variable for tests.
var mostValues = 32 << 20

// mostReads is how often a column of all parts is read, before it is cheaper to cut it into pieces that are read once.
const mostReads = 3

// quantileLevels are those of quantiles.csv.
var quantileLevels = []float64{0.05, 0.25, 0.5, 0.75, 0.95}

// Quantiles is the distribution of a quantity over runs, at the levels of quantiles.csv.
type Quantiles struct {
	Runs  int // that it was measured in
	Value [5]float64
	Error [5]float64 // Monte Carlo error of each
}

// Summary is the results of a study.
type Summary struct {
	Failed int // runs

	// By world (point*variants + variant), week, vendor and quantity: see At. A world has none, of no runs, in a week that
	// is not one of its own.
	Quantiles   []Quantiles
	Differences []Quantiles // from the variant that is compared with, run by run and date by date; none where there is none

	// Narrowing is by how much pairing runs narrowed the 5% to 95% intervals of the differences in revenue in
	// the last week, against runs with random numbers of their own: the median over worlds and vendors. 0 where unknown.
	Narrowing float64

	frame    *scenarios.Frame
	weeks    scenarios.Span // of all worlds
	runs     []int          // by world: those that did not fail
	departed [][]int64      // by world: see departures
}

// At is the index of a quantity of scenarios.Quantities in a world, week of the study and vendor.
func (s *Summary) At(world, week, vendor, quantity int) int {
	return ((world*s.weeks.Weeks+week-s.weeks.First)*len(s.frame.Vendors)+vendor)*len(scenarios.Quantities) + quantity
}

// World is the results of a world (point*variants + variant), in weeks of the study.
func (s *Summary) World(world int, in scenarios.Span) *results.Bands {
	return s.bands(s.Quantiles, world, in)
}

// Gains is how a world differs from the one that it is compared with, in the same way.
func (s *Summary) Gains(world int, in scenarios.Span) *results.Bands {
	return s.bands(s.Differences, world, in)
}

func (s *Summary) bands(cells []Quantiles, world int, in scenarios.Span) *results.Bands {
	return results.New(s.frame.Vendors, in.Weeks, s.runs[world], func(q results.Quantity, week, vendor int) results.Band {
		if week += in.First; s.weeks.Has(week) {
			if c := cells[s.At(world, week, vendor, int(q))]; c.Runs > 0 {
				return c.Value
			}
		}
		return results.None
	})
}

// Weeks are those of any world: a week before the first of the study's own has a negative number.
func (s *Summary) Weeks() scenarios.Span { return s.weeks }

// summarise sums up the parts of chunks. How much memory that takes does not grow with
// the runs: weeks are taken a few at a time. Where that would be many times, the parts are read once, into a file that
// has those weeks together.
func (s *Study) summarise(chunks []int) (*Summary, error) {
	h := &s.Head
	worlds, vendors := h.worlds(), len(h.Vendors)
	out := &Summary{frame: &h.Frame, weeks: h.All(), runs: make([]int, worlds), departed: make([][]int64, worlds)}
	cells := worlds * out.weeks.Weeks * vendors * len(scenarios.Quantities)
	out.Quantiles = make([]Quantiles, cells)
	if h.Against != "" {
		out.Differences = make([]Quantiles, cells)
	}
	values, err := s.matrix(chunks)
	if err != nil {
		return nil, err
	}
	for i, note := range values.notes {
		out.Failed += len(note.Failed)
		if err := out.addDepartures(h, chunks[i], note); err != nil {
			return nil, err
		}
	}
	if h.Sketched {
		return out, s.summariseSketches(out, chunks)
	}
	var narrowings []float64
	step := max(1, min(out.weeks.Weeks, mostValues/max(1, h.Plan.Jobs()*vendors)))
	if out.weeks.Weeks > mostReads*step {
		if stage, err := newStage(s.Dir); err == nil { // without a place for it, parts are read again and again
			defer stage.remove()
			values.stage = stage
		}
	}
	for quantity, name := range scenarios.Quantities {
		cut := values.cut(quantity, step)
		for from := out.weeks.First; from < out.weeks.End(); from += step {
			to := min(from+step, out.weeks.End())
			var err error
			if cut != nil {
				err = values.readCut(cut, from, to)
			} else {
				err = values.read(quantity, from, to)
			}
			if err != nil {
				return nil, err
			}
			if last := h.Weeks - 1; out.Differences != nil && name == "revenue" && from <= last && last < to {
				narrowings = h.narrowings(func(world, j int) []float64 { return values.at(world, last, j) })
			}
			var group errgroup.Group
			group.SetLimit(s.workers())
			for week := from; week < to; week++ {
				group.Go(func() error {
					var scratch []float64
					for j := range vendors {
						for world := range worlds {
							if out.Differences != nil && h.Span(world).Has(week) {
								scratch = differences(scratch, values.at(world, week, j), values.at(h.opposite(world), week, j), 0)
								out.Differences[out.At(world, week, j, quantity)] = distribution(scratch)
							}
						}
						for world := range worlds { // last, since it reorders the values
							if h.Span(world).Has(week) {
								out.Quantiles[out.At(world, week, j, quantity)] = distribution(values.at(world, week, j))
							}
						}
					}
					return nil
				})
			}
			group.Wait()
		}
		if cut != nil {
			cut.Close()
		}
	}
	if len(narrowings) > 0 {
		out.Narrowing = study.Quantiles(narrowings, []float64{0.5})[0]
	}
	return out, nil
}

// differences are those of runs with the runs that are shift further on, 0 or 1. It puts them into a slice that is
// given, from its start on.
func differences(into, xs, ys []float64, shift int) []float64 {
	into = into[:0]
	for i, x := range xs[:len(xs)-shift] {
		into = append(into, x-ys[i+shift])
	}
	for i, x := range xs[len(xs)-shift:] {
		into = append(into, x-ys[i])
	}
	return into
}

// narrowings compares intervals of differences between runs with the same random numbers with those between runs
// with different ones.
func (h *StudyHead) narrowings(at func(world, vendor int) []float64) (factors []float64) {
	width := func(q Quantiles) float64 { return q.Value[4] - q.Value[0] }
	for world := range h.worlds() {
		if h.opposite(world) == world {
			continue
		}
		for j := range h.Vendors {
			xs, ys := at(world, j), at(h.opposite(world), j)
			if paired := width(distribution(differences(nil, xs, ys, 0))); paired > 0 {
				factors = append(factors, width(distribution(differences(nil, xs, ys, 1)))/paired)
			}
		}
	}
	return factors
}

// distribution is the quantiles of values, each with its Monte Carlo error: half the distance between the values
// whose ranks are a standard error of the rank below and above. It reorders the values; those that do not exist are
// left out: in runs that failed, of In-house, in a week that a world does not have.
func distribution(xs []float64) (q Quantiles) {
	xs = slices.DeleteFunc(xs, math.IsNaN)
	if q.Runs = len(xs); q.Runs == 0 {
		return q
	}
	x := study.Quantiles(xs, levelsFor(len(xs)))
	for i := range q.Value {
		q.Value[i], q.Error[i] = x[3*i+1], (x[3*i+2]-x[3*i])/2
	}
	return q
}

// encodeQuantiles writes a table of quantiles, of which sum has the frame. In a table of differences, what was compared
// with is left out.
func (s *Study) encodeQuantiles(out io.Writer, sum *Summary, cells []Quantiles, against string) error {
	h := &s.Head
	header := append(h.worldColumns(), "week", "date", "vendor", "quantity", "runs")
	for _, level := range quantileLevels {
		name := fmt.Sprintf("q%02.0f", 100*level)
		header = append(header, name, name+"_error")
	}
	return writeTable(out, header, func(add func(...string)) {
		for world := range h.worlds() {
			if against != "" && h.opposite(world) == world {
				continue
			}
			span, which := h.Span(world), h.worldCells(world)
			for week := span.First; week < span.End(); week++ {
				when := []string{strconv.Itoa(week - span.First), h.Date(week).Format(time.DateOnly)}
				for j, vendor := range h.Vendors {
					for k, quantity := range scenarios.Quantities {
						q := cells[sum.At(world, week, j, k)]
						if q.Runs == 0 {
							continue
						}
						line := slices.Concat(which, when, []string{vendor, quantity, strconv.Itoa(q.Runs)})
						for k := range quantileLevels {
							line = append(line, number(q.Value[k]), number(q.Error[k]))
						}
						add(line...)
					}
				}
			}
		}
	})
}

// Values are what a quantity of scenarios.Quantities of a vendor was in a week of the study, in each run, by world. It
// is NaN in a run that failed.
func (s *Study) Values(quantity, week, vendor int) ([][]float64, error) {
	values, err := s.matrix(s.all())
	if err == nil {
		err = values.read(quantity, week, week+1)
	}
	if err != nil {
		return nil, err
	}
	var out [][]float64
	for world := range s.Head.worlds() {
		out = append(out, values.at(world, week, vendor))
	}
	return out, nil
}

// all are the chunks of the plan.
func (s *Study) all() []int {
	chunks := make([]int, s.Head.Plan.Chunks())
	for i := range chunks {
		chunks[i] = i
	}
	return chunks
}

// matrix is what a quantity was in some weeks, as the parts of some chunks have it.
type matrix struct {
	study  *Study
	chunks []int
	notes  []*partNote // by place in chunks
	stage  *stage      // where columns may be cut, or nil

	from, to int       // weeks of the study
	values   []float64 // by world, week, vendor and run

	starts []int // by place in chunks, in a file of cut: how many runs stand before, of how many in total
	total  int
}

func (s *Study) matrix(chunks []int) (*matrix, error) {
	m := &matrix{study: s, chunks: chunks, notes: make([]*partNote, len(chunks))}
	var group errgroup.Group
	group.SetLimit(s.workers())
	for i, chunk := range chunks {
		group.Go(func() (err error) {
			m.notes[i], err = s.note(chunk)
			return err
		})
	}
	return m, group.Wait()
}

// at is what the quantity was in each run. It is NaN in one that failed, or is in none of the chunks, and where there is
// none.
func (m *matrix) at(world, week, vendor int) []float64 {
	runs := m.study.Head.Plan.Runs
	i := ((world*(m.to-m.from)+week-m.from)*len(m.study.Head.Vendors) + vendor) * runs
	return m.values[i : i+runs : i+runs]
}

// read reads a quantity in the weeks from to to-1, over what was read before.
func (m *matrix) read(quantity, from, to int) error {
	m.begin(from, to)
	return m.eachRun(quantity, func(_, _ int, jobs []study.Job, column []float64) error {
		m.set(column, m.study.Head.Span(m.study.Head.world(jobs[0])), jobs)
		return nil
	})
}

// begin makes room for the weeks from to to-1.
func (m *matrix) begin(from, to int) {
	p := m.study.Head.Plan
	m.from, m.to = from, to
	if size := p.Jobs() * (to - from) * len(m.study.Head.Vendors); size <= cap(m.values) {
		m.values = m.values[:size]
	} else {
		m.values = make([]float64, size)
	}
	if len(m.chunks) < p.Chunks() || len(m.study.Head.Spans) > 0 || slices.ContainsFunc(m.notes, func(n *partNote) bool { return len(n.Failed) > 0 }) {
		for i := range m.values {
			m.values[i] = math.NaN()
		}
	}
}

// jobs are those of the i-th chunk that have rows.
func (m *matrix) jobs(i int) (jobs []study.Job) {
	p := m.study.Head.Plan
	first, _ := p.Range(m.chunks[i])
	for k, job := range p.JobsOf(m.chunks[i]) {
		if m.notes[i].Failed[first+k] == "" {
			jobs = append(jobs, job)
		}
	}
	return jobs
}

// eachRun calls use with a quantity of all runs, some of one world at a time: which of the chunks has them, how many of
// its runs went before, and by run, week of the world and vendor the quantity. It is called from several goroutines at
// once.
func (m *matrix) eachRun(quantity int, use func(i, before int, jobs []study.Job, column []float64) error) error {
	h := &m.study.Head
	carries := sync.Pool{New: func() any { return new([]float64) }}
	var group errgroup.Group
	group.SetLimit(m.study.workers())
	for i, chunk := range m.chunks {
		group.Go(func() error {
			jobs, before := m.jobs(i), 0
			carry := carries.Get().(*[]float64)
			defer carries.Put(carry)
			*carry = (*carry)[:0]
			return m.study.readPart(chunk, func(f *parquet.File) error {
				leaf, there := f.Schema().Lookup(scenarios.Quantities[quantity])
				if !there {
					return fmt.Errorf("it has no column %s", scenarios.Quantities[quantity])
				}
				for _, rows := range f.RowGroups() {
					err := eachPage(rows.ColumnChunks()[leaf.ColumnIndex], func(page []float64) error {
						if len(*carry) > 0 { // the last page ended within a run
							*carry = append(*carry, page...)
							page = *carry
						}
						for before < len(jobs) {
							world := h.world(jobs[before])
							run, n := h.Span(world).Weeks*len(h.Vendors), 0
							for before+n < len(jobs) && h.world(jobs[before+n]) == world && (n+1)*run <= len(page) {
								n++
							}
							if n == 0 {
								break
							}
							if err := use(i, before, jobs[before:before+n], page[:n*run]); err != nil {
								return err
							}
							before, page = before+n, page[n*run:]
						}
						*carry = append((*carry)[:0], page...)
						return nil
					})
					if err != nil {
						return err
					}
				}
				if before < len(jobs) || len(*carry) > 0 {
					return errRows
				}
				return nil
			})
		})
	}
	return group.Wait()
}

// cut reads a quantity once, and writes it to a file by groups of so many weeks, from which readCut reads them. It is
// nil where that cannot be done, such as on a disk that is full.
func (m *matrix) cut(quantity, step int) *os.File {
	if m.stage == nil {
		return nil
	}
	file, err := os.OpenFile(filepath.Join(m.stage.dir, "cut"), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return nil
	}
	m.starts, m.total = make([]int, len(m.chunks)), 0
	for i := range m.chunks {
		m.starts[i] = m.total
		m.total += len(m.jobs(i))
	}
	h := &m.study.Head
	all, vendors := h.All(), len(h.Vendors)
	err = m.eachRun(quantity, func(i, before int, jobs []study.Job, column []float64) error {
		span := h.Span(h.world(jobs[0]))
		var piece []byte
		for from := all.First; from < all.End(); from += step {
			to := min(from+step, all.End())
			piece = piece[:0]
			for k := range jobs {
				for week := from; week < to; week++ {
					for j := range vendors {
						x := math.NaN()
						if span.Has(week) {
							x = column[(k*span.Weeks+week-span.First)*vendors+j]
						}
						piece = binary.LittleEndian.AppendUint64(piece, math.Float64bits(x))
					}
				}
			}
			if _, err := file.WriteAt(piece, m.inCut(i, before, from, to)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil { // which is told, if it lies in the parts, when they are read again
		file.Close()
		return nil
	}
	return file
}

// inCut is where the runs of the i-th chunk, after so many, have the weeks from to to-1 in a file of cut.
func (m *matrix) inCut(i, before, from, to int) int64 {
	first := m.study.Head.All().First
	return 8 * int64(len(m.study.Head.Vendors)) * (int64(m.total)*int64(from-first) + int64(m.starts[i]+before)*int64(to-from))
}

// readCut is read, from a file of cut.
func (m *matrix) readCut(cut *os.File, from, to int) error {
	m.begin(from, to)
	run := (to - from) * len(m.study.Head.Vendors)
	var group errgroup.Group
	group.SetLimit(m.study.workers())
	for i := range m.chunks {
		group.Go(func() error {
			jobs := m.jobs(i)
			piece := make([]byte, 8*len(jobs)*run)
			if _, err := cut.ReadAt(piece, m.inCut(i, 0, from, to)); err != nil && len(piece) > 0 {
				return fmt.Errorf("%s: cannot be read: %w", cut.Name(), reason(err))
			}
			column := make([]float64, len(jobs)*run)
			for k := range column {
				column[k] = math.Float64frombits(binary.LittleEndian.Uint64(piece[8*k:]))
			}
			m.set(column, scenarios.Span{First: from, Weeks: to - from}, jobs)
			return nil
		})
	}
	return group.Wait()
}

var errRows = errors.New("it has rows for another number of runs than it should")

// set takes over the values of jobs from a column that has so many weeks of each.
func (m *matrix) set(column []float64, span scenarios.Span, jobs []study.Job) {
	p, vendors := m.study.Head.Plan, len(m.study.Head.Vendors)
	width, run := (m.to-m.from)*vendors, span.Weeks*vendors
	from := max(m.from, span.First)
	skip, cells := (from-span.First)*vendors, (min(m.to, span.End())-from)*vendors
	if cells <= 0 {
		return
	}
	// Runs of one world lie side by side in the target: a few of them at a time stay in the cache.
	for len(jobs) > 0 {
		n := 1
		for n < len(jobs) && jobs[n].Point == jobs[0].Point && jobs[n].Variant == jobs[0].Variant && jobs[n].Run == jobs[n-1].Run+1 {
			n++
		}
		to := m.values[m.study.Head.world(jobs[0])*width*p.Runs+(from-m.from)*vendors*p.Runs+jobs[0].Run:]
		for cell := range cells {
			for i := range n {
				to[cell*p.Runs+i] = column[i*run+skip+cell]
			}
		}
		jobs, column = jobs[n:], column[n*run:]
	}
}

// eachPage calls use with each page of a column of numbers: NaN where there is none.
func eachPage(column parquet.ColumnChunk, use func([]float64) error) error {
	pages := column.Pages()
	defer pages.Close()
	var spread []float64
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		data := page.Data()
		numbers := data.Double()
		if page.NumNulls() > 0 {
			numbers = withNulls(spread[:0], numbers, page.DefinitionLevels())
			spread = numbers
		}
		err = use(numbers)
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
}

// withNulls puts numbers where the levels say that there is one, and NaN elsewhere.
func withNulls(into, numbers []float64, levels []byte) []float64 {
	for _, level := range levels {
		if level == 0 {
			into = append(into, math.NaN())
		} else {
			into, numbers = append(into, numbers[0]), numbers[1:]
		}
	}
	return into
}
