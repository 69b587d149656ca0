package session

import (
	"math"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"exodus/agents"
	"exodus/sim/study"
)

// row is what one run comes to: by quantity, week and vendor. Single precision is enough for a picture, and equal
// runs stay equal.
type row []float32

func newRow(t *agents.Trajectory) row {
	n := len(t.Vendors)
	r := make(row, int(quantities)*t.Weeks*n)
	part := t.Weeks * n
	for week := range t.Weeks {
		total := 0.0
		for j := range n - 1 {
			total += t.Revenue[t.At(week, j)]
		}
		for j := range n {
			at := t.At(week, j)
			r[at] = float32(t.Revenue[at] / total)
			r[int(Revenue)*part+at] = float32(t.Revenue[at])
			r[int(Price)*part+at] = float32(t.Price[at])
			r[int(Capacity)*part+at] = float32(t.Capacity[at])
		}
		r[t.At(week, n-1)] = float32(math.NaN()) // In-house is outside the sums of shares
	}
	return r
}

// newFans are quantiles of runs. read copies cells of a run, from one on.
func newFans(vendors []string, weeks, runs int, read func(cells []float32, run, from int)) *Fans {
	f := &Fans{Vendors: vendors, Weeks: weeks, Runs: runs}
	cells := weeks * len(vendors)
	for q := range f.taken {
		f.taken[q] = sync.OnceValue(func() [][5]float32 {
			return quantilesOf(cells, runs, func(some []float32, run, from int) { read(some, run, q*cells+from) })
		})
	}
	return f
}

// take takes the quantiles of some quantities now, rather than when they are asked for.
func (f *Fans) take(some ...Quantity) {
	for _, q := range some {
		f.taken[q]()
	}
}

// quantilesOf takes the quantiles of cells over runs, on all processors.
func quantilesOf(cells, runs int, read func(cells []float32, run, from int)) [][5]float32 {
	values := make([][5]float32, cells)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	const block = 64 // cells that are turned into columns together: few enough to stay in the cache
	for first := 0; first < cells; first += 2 * block {
		group.Go(func() error {
			columns, side := make([]float32, block*runs), make([]float32, block)
			for from := first; from < min(first+2*block, cells); from += block {
				some := side[:min(block, cells-from)]
				for run := range runs {
					read(some, run, from)
					for c, x := range some {
						columns[c*runs+run] = x
					}
				}
				for c := range some {
					values[from+c] = quantiles(columns[c*runs : (c+1)*runs])
				}
			}
			return nil
		})
	}
	group.Wait()
	return values
}

// quantiles are those of values at Levels; it reorders the values. Those that are none are left out.
func quantiles(xs []float32) (q [5]float32) {
	isNaN := func(x float32) bool { return x != x }
	if slices.ContainsFunc(xs, isNaN) {
		xs = slices.DeleteFunc(xs, isNaN)
	}
	if len(xs) == 0 {
		nan := float32(math.NaN())
		return [5]float32{nan, nan, nan, nan, nan}
	}
	copy(q[:], study.Quantiles(xs, Levels[:]))
	return q
}

// fansOf are those of runs of one world.
func fansOf(vendors []string, weeks int, rows []row) *Fans {
	return newFans(vendors, weeks, len(rows), func(cells []float32, run, from int) { copy(cells, rows[run][from:]) })
}

// differences are those of runs of one world from those of another, run by run and day by day: shift is how many weeks
// the other had been lived when the first began. There is none in a week that only one of them has. A vendor that only
// one of them has is at 0 in the other; those that only the other has come last.
func differences(vendors []string, weeks int, rows []row, others []string, otherWeeks int, otherRows []row, shift int) *Fans {
	union := slices.Clone(vendors)
	for _, name := range others {
		if !slices.Contains(union, name) {
			union = append(union, name)
		}
	}
	n := len(union)
	here := make([]int, int(quantities)*weeks*n) // by cell, where it is in a row; below 0 where it is not
	there := make([]int, len(here))
	for cell := range here {
		q, week, j := cell/(weeks*n), cell/n%weeks, cell%n
		here[cell], there[cell] = absent, absent
		if j < len(vendors) {
			here[cell] = (q*weeks+week)*len(vendors) + j
		}
		if then := week + shift; then < 0 || then >= otherWeeks {
			here[cell], there[cell] = nowhere, nowhere
		} else if k := slices.Index(others, union[j]); k >= 0 {
			there[cell] = (q*otherWeeks+then)*len(others) + k
		}
	}
	value := func(r row, at int) float32 {
		switch at {
		case absent:
			return 0
		case nowhere:
			return float32(math.NaN())
		}
		return r[at]
	}
	return newFans(union, weeks, len(rows), func(cells []float32, run, from int) {
		for c := range cells {
			cells[c] = value(rows[run], here[from+c]) - value(otherRows[run], there[from+c])
		}
	})
}

// absent is the place of a vendor that a world does not have, nowhere that of a week.
const absent, nowhere = -1, -2
