package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/exp/stats"
)

// Quantiles are those that sorting finds, whatever the order and however many values are alike.
func TestQuantiles(t *testing.T) {
	levels := []float64{0, 0.05, 0.25, 0.5, 0.75, 0.95, 1}
	random := rand.New(rand.NewPCG(1, 2))
	makers := map[string]func(i, n int) float64{
		"normal":     func(int, int) float64 { return random.NormFloat64() },
		"alike":      func(int, int) float64 { return 3 },
		"few":        func(int, int) float64 { return float64(random.IntN(3)) },
		"rising":     func(i, _ int) float64 { return float64(i) },
		"falling":    func(i, _ int) float64 { return -float64(i) },
		"organ pipe": func(i, n int) float64 { return float64(min(i, n-i)) },
		"saw":        func(i, _ int) float64 { return float64(i % 7) },
	}
	for name, maker := range makers {
		for _, n := range []int{1, 2, 3, 24, 25, 100, 1000, 5000} {
			xs := make([]float64, n)
			for i := range xs {
				xs[i] = maker(i, n)
			}
			sorted := slices.Sorted(slices.Values(xs))
			want := stats.Quantiles(sorted, levels...)
			got := Quantiles(xs, levels)
			for i := range levels {
				if math.Abs(got[i]-want[i]) > 1e-12*(1+math.Abs(want[i])) {
					t.Errorf("%s, %d values: the quantile at %v is %v, want %v", name, n, levels[i], got[i], want[i])
				}
			}
			if slices.Sort(xs); !slices.Equal(xs, sorted) {
				t.Errorf("%s, %d values: other values than before", name, n)
			}
		}
	}
}

// Between infinite values there is no proportion.
func TestQuantilesInfinite(t *testing.T) {
	inf := math.Inf(1)
	if got := fmt.Sprint(Quantiles([]float64{inf, 1, 2, inf}, []float64{0, 0.4, 0.6, 1})); got != "[1 2 +Inf +Inf]" {
		t.Errorf("quantiles beside infinite values are %s", got)
	}
}

// On an input made to be unlucky, the number of steps stays bounded: a rank is found all the same.
func TestQuantilesBudget(t *testing.T) {
	xs := make([]float64, 4000)
	for i := range xs {
		xs[i] = float64((i * 7919) % 4001)
	}
	want := slices.Sorted(slices.Values(xs))
	order(xs, []int{17, 2000}, 0, 0)
	if xs[17] != want[17] || xs[2000] != want[2000] || !slices.IsSorted(xs) {
		t.Error("without a budget it does not sort")
	}
}

func BenchmarkQuantiles(b *testing.B) {
	levels := []float64{0.05, 0.25, 0.5, 0.75, 0.95}
	for _, n := range []int{200, 1000, 10000} {
		xs, ys := make([]float64, n), make([]float64, n)
		random := rand.New(rand.NewPCG(1, 2))
		for i := range xs {
			xs[i] = random.NormFloat64()
		}
		b.Run(fmt.Sprintf("select/values=%d", n), func(b *testing.B) {
			for b.Loop() {
				copy(ys, xs)
				Quantiles(ys, levels)
			}
		})
		b.Run(fmt.Sprintf("sort/values=%d", n), func(b *testing.B) {
			for b.Loop() {
				copy(ys, xs)
				slices.Sort(ys)
				stats.Quantiles(ys, levels...)
			}
		})
	}
}
