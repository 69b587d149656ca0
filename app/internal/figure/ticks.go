package figure

import (
	"math"
	"time"

	"exodus/scenarios/words"
)

// tick is a mark on a scale.
type tick struct {
	at    float64
	label string
}

// ticker marks a scale from low to high in at most so many steps.
type ticker func(low, high float64, most int) []tick

// months marks the first days of months, or of years, between two days.
func months(from, to time.Time, most int) (ticks []time.Time, layout string) {
	span := int(to.Sub(from).Hours()/24/30.4) + 1
	step := 1
	for _, s := range []int{1, 3, 6, 12, 24, 60, 120, 240} {
		if step = s; span/s <= most {
			break
		}
	}
	if layout = "Jan 2006"; step >= 12 {
		layout = "2006"
	}
	for at := time.Date(from.Year(), 1, 1, 0, 0, 0, 0, time.UTC); !at.After(to); at = at.AddDate(0, step, 0) {
		if !at.Before(from) {
			ticks = append(ticks, at)
		}
	}
	if len(ticks) == 0 {
		return []time.Time{from}, "2 Jan 2006"
	}
	return ticks, layout
}

// steps marks a scale in steps of 1, 2, 2.5 or 5 times a power of ten, zero among them.
func steps(low, high float64, most int, label func(x, step float64) string) (ticks []tick) {
	span := high - low
	if !(span > 0) || math.IsInf(span, 0) {
		return nil
	}
	step := math.Pow(10, math.Floor(math.Log10(span/float64(max(most, 1)))))
	for _, k := range []float64{1, 2, 2.5, 5, 10} {
		if span/(step*k) <= float64(most) {
			step *= k
			break
		}
	}
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		ticks = append(ticks, tick{i * step, label(i*step+0, step)})
	}
	return ticks
}

// decimals is how many of them a step needs.
func decimals(step float64) int {
	for n := range 9 {
		if x := step * math.Pow(10, float64(n)); math.Abs(x-math.Round(x)) < 1e-6*x {
			return n
		}
	}
	return 9
}

func percent(low, high float64, most int) []tick {
	return steps(low, high, most, func(x, step float64) string { return words.Fixed(100*x, decimals(100*step)) + "%" })
}

func money(low, high float64, most int) []tick {
	return steps(low, high, most, func(x, step float64) string {
		switch size := math.Abs(x); {
		case size < step/2:
			return "0"
		case x < 0:
			return words.Minus + moneyIn(size, step)
		default:
			return moneyIn(size, step)
		}
	})
}

// moneyIn writes USD million with the decimals that a step needs.
func moneyIn(x, step float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e6, "T"}, {1000, "B"}, {1, "M"}, {0.001, "K"}, {1e-6, ""}} {
		if x >= unit.size*(1-1e-9) || unit.name == "" {
			return "USD " + words.Fixed(x/unit.size, decimals(step/unit.size)) + unit.name
		}
	}
	return ""
}

// plain marks a scale with numbers.
func plain(low, high float64, most int) []tick {
	return steps(low, high, most, func(x, step float64) string { return words.Fixed(x, decimals(step)) })
}

// Money writes USD million as what is measured.
func Money(million float64) string { return words.Money(million) }

// isFinite says whether a number can be drawn.
func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
