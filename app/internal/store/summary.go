package store

import (
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
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
	failed := 0
	for _, chunk := range chunks {
		note, err := s.note(chunk)
		if err != nil {
			return nil, err
		}
		failed += len(note.Failed)
	}
	cells := worlds * weeks * len(vendors) * len(scenarios.Quantities)
	out := &Summary{Failed: failed, Quantiles: make([]Quantiles, cells), weeks: weeks, vendors: len(vendors)}
	if s.Head.Against != "" {
		out.Differences = make([]Quantiles, cells)
	}
	var narrowings []float64
	step := max(1, min(weeks, mostValues/max(1, p.Jobs()*len(vendors))))
	for quantity, name := range scenarios.Quantities {
		for from := 0; from < weeks; from += step {
			to := min(from+step, weeks)
			values, err := s.gather(quantity, from, to, vendors, chunks)
			if err != nil {
				return nil, err
			}
			at := func(world, week, j int) []float64 { return values[(world*(to-from)+week-from)*len(vendors)+j] }
			if out.Differences != nil && name == "revenue" && to == weeks {
				narrowings = s.narrowings(func(world, j int) []float64 { return at(world, weeks-1, j) }, len(vendors))
			}
			var group errgroup.Group
			group.SetLimit(runtime.GOMAXPROCS(0))
			for week := from; week < to; week++ {
				group.Go(func() error {
					scratch := make([]float64, 0, p.Runs)
					for world := range worlds {
						for j := range vendors {
							cell := out.At(world, week, j, quantity)
							out.Quantiles[cell] = distribution(append(scratch[:0], at(world, week, j)...))
							if out.Differences != nil {
								reference := at(s.opposite(world), week, j)
								out.Differences[cell] = distribution(differences(scratch, at(world, week, j), reference, 0))
							}
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
	values, err := s.gather(quantity, week, week+1, vendors, s.all())
	if err != nil {
		return nil, err
	}
	var out [][]float64
	for at := vendor; at < len(values); at += len(vendors) {
		out = append(out, values[at])
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

// gather reads the values of a quantity in the weeks from to to-1: by world, week and vendor, those of each run. They
// are NaN in a run that failed, or is in none of the chunks.
func (s *Study) gather(quantity, from, to int, vendors []string, chunks []int) ([][]float64, error) {
	p, weeks, width := s.Head.Plan, s.Head.Weeks, (to-from)*len(vendors)
	values := make([][]float64, len(p.Points)*len(p.Variants)*width)
	whole := make([]float64, len(values)*p.Runs)
	for i := range whole {
		whole[i] = math.NaN()
	}
	for i := range values {
		values[i] = whole[i*p.Runs : (i+1)*p.Runs : (i+1)*p.Runs]
	}
	buffers := sync.Pool{New: func() any { return new([]float64) }}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, chunk := range chunks {
		group.Go(func() error {
			column := buffers.Get().(*[]float64)
			defer buffers.Put(column)
			*column = (*column)[:0]
			var jobs []study.Job // that have rows
			err := s.readPart(chunk, func(f *parquet.File, note *partNote) (err error) {
				for _, rows := range f.RowGroups() {
					if *column, err = appendValues(*column, rows.ColumnChunks()[firstQuantity+quantity]); err != nil {
						return err
					}
				}
				first, end := p.Range(chunk)
				for job := first; job < end; job++ {
					if note.Failed[job] == "" {
						jobs = append(jobs, p.Job(job))
					}
				}
				if len(*column) != len(jobs)*weeks*len(vendors) {
					return errors.New("it has rows for another number of runs than it should")
				}
				return nil
			})
			// Runs of one world lie side by side in what they go to: a few of them at a time stay in the cache.
			for rest := *column; len(jobs) > 0 && err == nil; {
				n := 1
				for n < len(jobs) && jobs[n].Point == jobs[0].Point && jobs[n].Variant == jobs[0].Variant {
					n++
				}
				world := jobs[0].Point*len(p.Variants) + jobs[0].Variant
				for cell := range width {
					to, at := values[world*width+cell], from*len(vendors)+cell
					for i, job := range jobs[:n] {
						to[job.Run] = rest[i*weeks*len(vendors)+at]
					}
				}
				rest, jobs = rest[n*weeks*len(vendors):], jobs[n:]
			}
			return err
		})
	}
	return values, group.Wait()
}

// appendValues reads a column of numbers.
func appendValues(to []float64, column parquet.ColumnChunk) ([]float64, error) {
	pages := column.Pages()
	defer pages.Close()
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return to, nil
		}
		if err != nil {
			return nil, err
		}
		data := page.Data()
		to = append(to, data.Double()...)
		parquet.Release(page)
	}
}
