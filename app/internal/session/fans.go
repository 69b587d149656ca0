package session

import (
	"math"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"exodus/agents"
	"exodus/app/internal/results"
	"exodus/sim/study"
)

// row is what one run comes to: by quantity of results.Kept, week and vendor. It is in full precision, so that the same
// runs, written to a directory and read back, give the same picture to the last byte.
type row []float64

func newRow(t *agents.Trajectory) row {
	r := make(row, 0, len(results.Kept)*t.Weeks*len(t.Vendors))
	for _, q := range results.Kept {
		r = q.Append(r, t)
	}
	return r
}

// newFans are the bands of runs. read copies cells of a run, from one on. Those of a quantity are taken once, when one of
// them is asked for.
func newFans(vendors []string, weeks, runs int, read func(cells []float64, run, from int)) *results.Bands {
	cells := weeks * len(vendors)
	taken := make([]func() []results.Band, len(results.Kept))
	for k := range taken {
		taken[k] = sync.OnceValue(func() []results.Band {
			return bandsOf(cells, runs, func(some []float64, run, from int) { read(some, run, k*cells+from) })
		})
	}
	return results.New(vendors, weeks, runs, func(q results.Quantity, week, vendor int) results.Band {
		k := slices.Index(results.Kept, q)
		if k < 0 {
			return results.None
		}
		return taken[k]()[week*len(vendors)+vendor]
	})
}

// take takes the bands of some quantities now, rather than when they are asked for.
func take(f *results.Bands, some ...results.Quantity) {
	for _, q := range some {
		f.At(q, 0, 0)
	}
}

// bandsOf takes the bands of cells over runs, on all processors.
func bandsOf(cells, runs int, read func(cells []float64, run, from int)) []results.Band {
	values := make([]results.Band, cells)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	const block = 64 // cells that are turned into columns together: few enough to stay in the cache
	for first := 0; first < cells; first += 2 * block {
		group.Go(func() error {
			columns, side := make([]float64, block*runs), make([]float64, block)
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

// quantiles are those of values at the levels of a band; it reorders the values. Those that are none are left out.
func quantiles[F float32 | float64](xs []F) (q [5]F) {
	isNaN := func(x F) bool { return x != x }
	if slices.ContainsFunc(xs, isNaN) {
		xs = slices.DeleteFunc(xs, isNaN)
	}
	if len(xs) == 0 {
		nan := F(math.NaN())
		return [5]F{nan, nan, nan, nan, nan}
	}
	copy(q[:], study.Quantiles(xs, results.Levels[:]))
	return q
}

// fansOf are those of runs of one world.
func fansOf(vendors []string, weeks int, rows []row) *results.Bands {
	return newFans(vendors, weeks, len(rows), func(cells []float64, run, from int) { copy(cells, rows[run][from:]) })
}

// differences are those of runs of one world from those of another, run by run and day by day: shift is how many weeks
// the other had been lived when the first began. There is none in a week that only one of them has. A vendor that only
// one of them has sells nothing in the other; those that only the other has come last.
func differences(vendors []string, weeks int, rows []row, others []string, otherWeeks int, otherRows []row, shift int) *results.Bands {
	union := slices.Clone(vendors)
	for _, name := range others {
		if !slices.Contains(union, name) {
			union = append(union, name)
		}
	}
	n := len(union)
	here := make([]int, len(results.Kept)*weeks*n) // by cell, where it is in a row; below 0 where it is not
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
	value := func(r row, at, cell int) float64 {
		switch at {
		case absent:
			return results.Kept[cell/(weeks*n)].Absent()
		case nowhere:
			return math.NaN()
		}
		return r[at]
	}
	return newFans(union, weeks, len(rows), func(cells []float64, run, from int) {
		for c := range cells {
			cells[c] = value(rows[run], here[from+c], from+c) - value(otherRows[run], there[from+c], from+c)
		}
	})
}

// absent is the place of a vendor that a world does not have, nowhere that of a week.
const absent, nowhere = -1, -2
