package session

import (
	"math"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"exodus/agents"
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

// ranks says between which two of n sorted values the quantile of a level lies, and how far along: type 7, as R
// and NumPy take it.
func ranks(level float64, n int) (at int, part float32) {
	h := level * float64(n-1)
	at = min(int(h), n-1)
	return at, float32(h - float64(at))
}

// newFans takes quantiles of runs, on all processors. value reads a cell of a run.
func newFans(vendors []string, weeks, runs int, value func(run, cell int) float32) *Fans {
	cells := int(quantities) * weeks * len(vendors)
	f := &Fans{Vendors: vendors, Weeks: weeks, Runs: runs, values: make([][5]float32, cells)}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	const block = 16 // cells side by side in a line of the cache
	for first := 0; first < cells; first += 64 * block {
		group.Go(func() error {
			columns := make([]float32, block*runs)
			for from := first; from < min(first+64*block, cells); from += block {
				n := min(block, cells-from)
				for run := range runs {
					for c := range n {
						columns[c*runs+run] = value(run, from+c)
					}
				}
				for c := range n {
					f.values[from+c] = quantiles(columns[c*runs : (c+1)*runs])
				}
			}
			return nil
		})
	}
	group.Wait()
	return f
}

var nan = float32(math.NaN())

// quantiles are those of values at Levels; it reorders the values. Those that are none are left out.
func quantiles(xs []float32) (q [5]float32) {
	same := true
	for _, x := range xs {
		if x != xs[0] {
			same = false
			break
		}
	}
	if same {
		return [5]float32{xs[0], xs[0], xs[0], xs[0], xs[0]}
	}
	xs = slices.DeleteFunc(xs, func(x float32) bool { return x != x })
	if len(xs) == 0 {
		return [5]float32{nan, nan, nan, nan, nan}
	}
	lo := 0
	for i, level := range Levels {
		at, part := ranks(level, len(xs))
		selectAt(xs[lo:], at-lo)
		q[i] = xs[at]
		if part > 0 { // the next one is the least of those above
			next := slices.Min(xs[at+1:])
			if next-q[i] < float32(math.Inf(1)) {
				q[i] += part * (next - q[i])
			}
		}
		lo = at
	}
	return q
}

// selectAt puts the value of a rank into its place, lower ones before it and higher ones after it (Hoare 1961).
func selectAt(xs []float32, k int) {
	for lo, hi := 0, len(xs)-1; lo < hi; {
		a, b, c := xs[lo], xs[(lo+hi)/2], xs[hi]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := lo, hi
		for i <= j {
			for xs[i] < pivot {
				i++
			}
			for xs[j] > pivot {
				j--
			}
			if i <= j {
				xs[i], xs[j] = xs[j], xs[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return
		}
	}
}

// fansOf are those of runs of one world.
func fansOf(vendors []string, weeks int, rows []row) *Fans {
	return newFans(vendors, weeks, len(rows), func(run, cell int) float32 { return rows[run][cell] })
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
	return newFans(vendors, both, len(rows), func(run, cell int) float32 {
		x := rows[run][here[cell]]
		if at := there[cell]; at >= 0 {
			x -= otherRows[run][at]
		}
		return x
	})
}
