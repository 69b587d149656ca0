package study

import (
	"math"
	"slices"
)

// Quantiles are those of xs at levels, of type 7 as R and NumPy take them: between the two values around a level,
// in proportion. Next to an infinite value, where nothing is in proportion, it is the nearer of the two. It
// reorders xs, which holds no NaN and is not empty.
//
// It selects instead of sorting: a handful of levels of 10,000 values costs a tenth.
func Quantiles[F float32 | float64](xs []F, levels []float64) []F {
	last := float64(len(xs) - 1)
	ranks := make([]int, 0, 2*len(levels))
	for _, level := range levels {
		low := int(level * last)
		ranks = append(ranks, low, min(low+1, len(xs)-1))
	}
	slices.Sort(ranks)
	order(xs, slices.Compact(ranks), 0, 20*len(xs))
	out := make([]F, len(levels))
	for i, level := range levels {
		at := float64(level * last)
		low := int(at)
		a, b := xs[low], xs[min(low+1, len(xs)-1)]
		switch part := at - float64(low); {
		case a == b || part == 0:
			out[i] = a
		case isInf(a) || isInf(b):
			if out[i] = a; part >= 0.5 {
				out[i] = b
			}
		default:
			out[i] = a + F(part*float64(b-a))
		}
	}
	return out
}

func isInf[F float32 | float64](x F) bool { return math.IsInf(float64(x), 0) }

// order moves values until those of the ranks, in ascending order, stand where sorting would put them. xs begins at
// rank base. budget bounds the rounds of an unlucky input, after which it sorts.
//
// The partition takes no branch on a value: on values in no order, a mispredicted one would cost more than all
// the rest.
func order[F float32 | float64](xs []F, ranks []int, base, budget int) {
	for len(ranks) > 0 {
		n := len(xs)
		if budget -= n; n <= 24 || budget < 0 {
			slices.Sort(xs)
			return
		}
		five := [5]F{xs[0], xs[n/4], xs[n/2], xs[3*n/4], xs[n-1]}
		slices.Sort(five[:])
		pivot := five[2]
		end := 0
		for k, x := range xs {
			xs[k], xs[end] = xs[end], x
			less := 0
			if x < pivot {
				less = 1
			}
			end += less
		}
		if end == 0 { // the pivot is the least of all: those equal to it are in their places
			for k, x := range xs {
				if x == pivot {
					xs[k], xs[end] = xs[end], x
					end++
				}
			}
			split, _ := slices.BinarySearch(ranks, base+end)
			xs, ranks, base = xs[end:], ranks[split:], base+end
			continue
		}
		split, _ := slices.BinarySearch(ranks, base+end)
		order(xs[:end], ranks[:split], base, budget)
		xs, ranks, base = xs[end:], ranks[split:], base+end
	}
}
