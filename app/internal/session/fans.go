package session

import (
	"math"
	"runtime"
	"slices"

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

// newFans takes quantiles of runs, on all processors. read copies cells of a run, from one on.
func newFans(vendors []string, weeks, runs int, read func(cells []float32, run, from int)) *Fans {
	cells := int(quantities) * weeks * len(vendors)
	f := &Fans{Vendors: vendors, Weeks: weeks, Runs: runs, values: make([][5]float32, cells)}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	const block = 64 // cells that are turned into columns together: few enough to stay in the cache
	for first := 0; first < cells; first += 8 * block {
		group.Go(func() error {
			columns, side := make([]float32, block*runs), make([]float32, block)
			for from := first; from < min(first+8*block, cells); from += block {
				some := side[:min(block, cells-from)]
				for run := range runs {
					read(some, run, from)
					for c, x := range some {
						columns[c*runs+run] = x
					}
				}
				for c := range some {
					f.values[from+c] = quantiles(columns[c*runs : (c+1)*runs])
				}
			}
			return nil
		})
	}
	group.Wait()
	return f
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

// differences are those of runs of one world from those of another, run by run, as far as both have weeks. A vendor
// that only one of them has is at 0 in the other.
func differences(vendors []string, weeks int, rows []row, others []string, otherWeeks int, otherRows []row) *Fans {
	n, m, both := len(vendors), len(others), min(weeks, otherWeeks)
	here := make([]int, int(quantities)*both*n) // by cell, where it is in a row
	there := make([]int, len(here))
	for cell := range here {
		q, week, j := cell/(both*n), cell/n%both, cell%n
		here[cell], there[cell] = (q*weeks+week)*n+j, -1
		if k := slices.Index(others, vendors[j]); k >= 0 {
			there[cell] = (q*otherWeeks+week)*m + k
		}
	}
	return newFans(vendors, both, len(rows), func(cells []float32, run, from int) {
		for c := range cells {
			cells[c] = rows[run][here[from+c]]
			if at := there[from+c]; at >= 0 {
				cells[c] -= otherRows[run][at]
			}
		}
	})
}
