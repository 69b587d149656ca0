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
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go"
	"golang.org/x/sync/errgroup"

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

// Summary is what a study comes to.
type Summary struct {
	Failed int // runs

	// By world (point*variants + variant), week, vendor and quantity: see At.
	Quantiles   []Quantiles
	Differences []Quantiles // from the variant that is compared with, run by run; none where there is none

	// Narrowing is by how much pairing runs narrowed the 5% to 95% intervals of the differences in revenue in
	// the last week, against runs on luck of their own: the median over worlds and vendors. 0 where unknown.
	Narrowing float64

	weeks, vendors int
}

// At is the index of a quantity of scenarios.Quantities in a world, week and vendor.
func (s *Summary) At(world, week, vendor, quantity int) int {
	return ((world*s.weeks+week)*s.vendors+vendor)*len(scenarios.Quantities) + quantity
}

// summarise sums up the parts of chunks. How much memory that takes does not grow with
// the runs: weeks are taken a few at a time. Where that would be many times, the parts are read once, into a file that
// has those weeks together.
func (s *Study) summarise(vendors []string, chunks []int) (*Summary, error) {
	if s.Head.Sketched {
		return s.summariseSketches(vendors, chunks)
	}
	p, weeks := s.Head.Plan, s.Head.Weeks
	worlds := len(p.Points) * len(p.Variants)
	values, err := s.matrix(len(vendors), chunks)
	if err != nil {
		return nil, err
	}
	cells := worlds * weeks * len(vendors) * len(scenarios.Quantities)
	out := &Summary{Quantiles: make([]Quantiles, cells), weeks: weeks, vendors: len(vendors)}
	for _, failed := range values.failed {
		out.Failed += len(failed)
	}
	if s.Head.Against != "" {
		out.Differences = make([]Quantiles, cells)
	}
	var narrowings []float64
	step := max(1, min(weeks, mostValues/max(1, p.Jobs()*len(vendors))))
	if weeks > mostReads*step {
		if stage, err := newStage(s.Dir); err == nil { // without a place for it, parts are read again and again
			defer stage.remove()
			values.stage = stage
		}
	}
	for quantity, name := range scenarios.Quantities {
		cut := values.cut(quantity, step)
		for from := 0; from < weeks; from += step {
			to := min(from+step, weeks)
			var err error
			if cut != nil {
				err = values.readCut(cut, from, to)
			} else {
				err = values.read(quantity, from, to)
			}
			if err != nil {
				return nil, err
			}
			if out.Differences != nil && name == "revenue" && to == weeks {
				narrowings = s.narrowings(func(world, j int) []float64 { return values.at(world, weeks-1, j) }, len(vendors))
			}
			var group errgroup.Group
			group.SetLimit(s.workers())
			for week := from; week < to; week++ {
				group.Go(func() error {
					var scratch []float64
					for j := range vendors {
						for world := range worlds {
							if out.Differences != nil {
								scratch = differences(scratch, values.at(world, week, j), values.at(s.opposite(world), week, j), 0)
								out.Differences[out.At(world, week, j, quantity)] = distribution(scratch)
							}
						}
						for world := range worlds { // last, since it reorders the values
							out.Quantiles[out.At(world, week, j, quantity)] = distribution(values.at(world, week, j))
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

// world is that of a job.
func (s *Study) world(j study.Job) int { return j.Point*len(s.Head.Plan.Variants) + j.Variant }

// opposite is the world that a world is compared with, at the same point: in which parameters are drawn too, if they
// are in that one.
func (s *Study) opposite(world int) int {
	variants := s.Head.Plan.Variants
	name := s.Head.Against
	if strings.HasSuffix(variants[world%len(variants)], scenarios.Ignorant) {
		name += scenarios.Ignorant
	}
	return world/len(variants)*len(variants) + slices.Index(variants, name)
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

// narrowings compares intervals of differences between runs on the same luck with those between runs on
// different luck.
func (s *Study) narrowings(at func(world, vendor int) []float64, vendors int) (factors []float64) {
	width := func(q Quantiles) float64 { return q.Value[4] - q.Value[0] }
	for world := range len(s.Head.Plan.Points) * len(s.Head.Plan.Variants) {
		if s.opposite(world) == world {
			continue
		}
		for j := range vendors {
			xs, ys := at(world, j), at(s.opposite(world), j)
			if paired := width(distribution(differences(nil, xs, ys, 0))); paired > 0 {
				factors = append(factors, width(distribution(differences(nil, xs, ys, 1)))/paired)
			}
		}
	}
	return factors
}

// distribution is the quantiles of values, each with its Monte Carlo error: half the distance between the values
// whose ranks are a standard error of the rank below and above. It reorders the values; those that are none, of runs
// that failed, are left out.
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

// encodeQuantiles writes a table of quantiles. In a table of differences, what was compared with is left out.
func (s *Study) encodeQuantiles(out io.Writer, cells []Quantiles, vendors []string, against string) error {
	p := s.Head.Plan
	header := []string{"point", "variant", "week", "vendor", "quantity", "runs"}
	for _, level := range quantileLevels {
		name := fmt.Sprintf("q%02.0f", 100*level)
		header = append(header, name, name+"_error")
	}
	return writeTable(out, header, func(add func(...string)) {
		i := 0
		for world := range len(p.Points) * len(p.Variants) {
			point, variant := strconv.Itoa(world/len(p.Variants)), p.Variants[world%len(p.Variants)]
			for week := range s.Head.Weeks {
				for _, vendor := range vendors {
					for _, quantity := range scenarios.Quantities {
						q := cells[i]
						i++
						if q.Runs == 0 || against != "" && s.opposite(world) == world {
							continue
						}
						line := []string{point, variant, strconv.Itoa(week), vendor, quantity, strconv.Itoa(q.Runs)}
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

// Values are what a quantity of scenarios.Quantities of a vendor was in a week, in each run, by world. It is NaN in
// a run that failed.
func (s *Study) Values(quantity, week, vendor int, vendors []string) ([][]float64, error) {
	values, err := s.matrix(len(vendors), s.all())
	if err == nil {
		err = values.read(quantity, week, week+1)
	}
	if err != nil {
		return nil, err
	}
	var out [][]float64
	for world := range len(s.Head.Plan.Points) * len(s.Head.Plan.Variants) {
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
	study   *Study
	vendors int
	chunks  []int
	failed  []map[int]string // by place in chunks: the jobs that failed
	stage   *stage           // where columns may be cut, or nil

	from, to int       // weeks
	values   []float64 // by world, week, vendor and run

	starts []int // by place in chunks, in a file of cut: how many runs stand before, of how many in total
	total  int
}

func (s *Study) matrix(vendors int, chunks []int) (*matrix, error) {
	m := &matrix{study: s, vendors: vendors, chunks: chunks, failed: make([]map[int]string, len(chunks))}
	var group errgroup.Group
	group.SetLimit(s.workers())
	for i, chunk := range chunks {
		group.Go(func() error {
			note, err := s.note(chunk)
			if err == nil {
				m.failed[i] = note.Failed
			}
			return err
		})
	}
	return m, group.Wait()
}

// at is what the quantity was in each run. It is NaN in one that failed, or is in none of the chunks.
func (m *matrix) at(world, week, vendor int) []float64 {
	runs := m.study.Head.Plan.Runs
	i := ((world*(m.to-m.from)+week-m.from)*m.vendors + vendor) * runs
	return m.values[i : i+runs : i+runs]
}

// read reads a quantity in the weeks from to to-1, over what was read before.
func (m *matrix) read(quantity, from, to int) error {
	m.begin(from, to)
	return m.eachRun(quantity, func(_, _ int, jobs []study.Job, column []float64) error {
		m.set(column[from*m.vendors:], m.study.Head.Weeks*m.vendors, jobs)
		return nil
	})
}

// begin makes room for the weeks from to to-1.
func (m *matrix) begin(from, to int) {
	p := m.study.Head.Plan
	m.from, m.to = from, to
	if size := p.Jobs() * (to - from) * m.vendors; size <= cap(m.values) {
		m.values = m.values[:size]
	} else {
		m.values = make([]float64, size)
	}
	if len(m.chunks) < p.Chunks() || slices.ContainsFunc(m.failed, func(f map[int]string) bool { return len(f) > 0 }) {
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
		if m.failed[i][first+k] == "" {
			jobs = append(jobs, job)
		}
	}
	return jobs
}

// eachRun calls use with a quantity of all runs, some at a time: which of the chunks has them, how many of its runs went
// before, and by run, week and vendor the quantity. It is called from several goroutines at once.
func (m *matrix) eachRun(quantity int, use func(i, before int, jobs []study.Job, column []float64) error) error {
	carries := sync.Pool{New: func() any { return new([]float64) }}
	run := m.study.Head.Weeks * m.vendors
	var group errgroup.Group
	group.SetLimit(m.study.workers())
	for i, chunk := range m.chunks {
		group.Go(func() error {
			jobs, before := m.jobs(i), 0
			carry := carries.Get().(*[]float64)
			defer carries.Put(carry)
			*carry = (*carry)[:0]
			return m.study.readPart(chunk, func(f *parquet.File) error {
				for _, rows := range f.RowGroups() {
					err := eachPage(rows.ColumnChunks()[firstQuantity+quantity], func(page []float64) error {
						if len(*carry) > 0 { // the last page ended within a run
							*carry = append(*carry, page...)
							page = *carry
						}
						whole := len(page) / run
						if whole > len(jobs)-before {
							return errOther
						}
						if whole > 0 {
							if err := use(i, before, jobs[before:before+whole], page); err != nil {
								return err
							}
						}
						before += whole
						*carry = append((*carry)[:0], page[whole*run:]...)
						return nil
					})
					if err != nil {
						return err
					}
				}
				if before < len(jobs) || len(*carry) > 0 {
					return errOther
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
	weeks := m.study.Head.Weeks
	err = m.eachRun(quantity, func(i, before int, jobs []study.Job, column []float64) error {
		var piece []byte
		for from := 0; from < weeks; from += step {
			to := min(from+step, weeks)
			piece = piece[:0]
			for k := range jobs {
				for _, x := range column[(k*weeks+from)*m.vendors : (k*weeks+to)*m.vendors] {
					piece = binary.LittleEndian.AppendUint64(piece, math.Float64bits(x))
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
	return 8 * int64(m.vendors) * (int64(m.total)*int64(from) + int64(m.starts[i]+before)*int64(to-from))
}

// readCut is read, from a file of cut.
func (m *matrix) readCut(cut *os.File, from, to int) error {
	m.begin(from, to)
	run := (to - from) * m.vendors
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
			m.set(column, run, jobs)
			return nil
		})
	}
	return group.Wait()
}

var errOther = errors.New("it has rows for another number of runs than it should")

// set takes over the values of jobs from a column in which runs are so far apart.
func (m *matrix) set(column []float64, run int, jobs []study.Job) {
	p, width := m.study.Head.Plan, (m.to-m.from)*m.vendors
	// Runs of one world lie side by side in what they go to: a few of them at a time stay in the cache.
	for len(jobs) > 0 {
		n := 1
		for n < len(jobs) && jobs[n].Point == jobs[0].Point && jobs[n].Variant == jobs[0].Variant && jobs[n].Run == jobs[n-1].Run+1 {
			n++
		}
		to := m.values[(jobs[0].Point*len(p.Variants)+jobs[0].Variant)*width*p.Runs+jobs[0].Run:]
		for cell := range width {
			for i := range n {
				to[cell*p.Runs+i] = column[i*run+cell]
			}
		}
		if jobs = jobs[n:]; len(jobs) > 0 {
			column = column[n*run:]
		}
	}
}

// eachPage calls use with each page of a column of numbers.
func eachPage(column parquet.ColumnChunk, use func([]float64) error) error {
	pages := column.Pages()
	defer pages.Close()
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		data := page.Data()
		err = use(data.Double())
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
}
