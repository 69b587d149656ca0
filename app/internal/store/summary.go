package store

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go"
	"golang.org/x/sync/errgroup"

	"exodus/scenarios"
	"exodus/sim/study"
)

// mostValues is how many numbers are held at once to find their quantiles: 256 MB.
const mostValues = 32 << 20

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
// the runs: weeks are taken a few at a time.
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
	for quantity, name := range scenarios.Quantities {
		for from := 0; from < weeks; from += step {
			to := min(from+step, weeks)
			if err := values.read(quantity, from, to); err != nil {
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
	}
	if len(narrowings) > 0 {
		out.Narrowing = study.Quantiles(narrowings, []float64{0.5})[0]
	}
	return out, nil
}

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

// encodeQuantiles makes a table of quantiles. In a table of differences, what was compared with is left out.
func (s *Study) encodeQuantiles(cells []Quantiles, vendors []string, against string) []byte {
	p := s.Head.Plan
	header := []string{"point", "variant", "week", "vendor", "quantity", "runs"}
	for _, level := range quantileLevels {
		name := fmt.Sprintf("q%02.0f", 100*level)
		header = append(header, name, name+"_error")
	}
	return table(header, func(add func(...string)) {
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

	from, to int       // weeks
	values   []float64 // by world, week, vendor and run
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
	carries := sync.Pool{New: func() any { return new([]float64) }}
	var group errgroup.Group
	group.SetLimit(m.study.workers())
	for i, chunk := range m.chunks {
		group.Go(func() error {
			var jobs []study.Job // that have rows
			first, _ := p.Range(chunk)
			for k, job := range p.JobsOf(chunk) {
				if m.failed[i][first+k] == "" {
					jobs = append(jobs, job)
				}
			}
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
						whole := len(page) / (m.study.Head.Weeks * m.vendors)
						if whole > len(jobs) {
							return errOther
						}
						m.set(page, jobs[:whole])
						jobs = jobs[whole:]
						*carry = append((*carry)[:0], page[whole*m.study.Head.Weeks*m.vendors:]...)
						return nil
					})
					if err != nil {
						return err
					}
				}
				if len(jobs) > 0 || len(*carry) > 0 {
					return errOther
				}
				return nil
			})
		})
	}
	return group.Wait()
}

var errOther = errors.New("it has rows for another number of runs than it should")

// set takes over the values of jobs from their column.
func (m *matrix) set(column []float64, jobs []study.Job) {
	p, run, width := m.study.Head.Plan, m.study.Head.Weeks*m.vendors, (m.to-m.from)*m.vendors
	column = column[m.from*m.vendors:]
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
