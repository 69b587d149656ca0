package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"exodus/scenarios"
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
	return steps(low, high, most, func(x, step float64) string {
		if n := math.Round(100 * x); math.Abs(n) >= 1000 && math.Abs(n) < 1e15 {
			return scenarios.Count(int(n)) + "%"
		}
		return strings.Replace(strconv.FormatFloat(100*x, 'f', decimals(100*step), 64), "-", "−", 1) + "%"
	})
}

func money(low, high float64, most int) []tick {
	return steps(low, high, most, func(x, step float64) string {
		switch size := math.Abs(x); {
		case size < step/2:
			return "0"
		case x < 0:
			return "−" + moneyIn(size, step)
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
	}{{1000, "B"}, {1, "M"}, {0.001, "K"}} {
		if x >= unit.size*(1-1e-9) || unit.name == "K" {
			return "USD " + strconv.FormatFloat(x/unit.size, 'f', decimals(step/unit.size), 64) + unit.name
		}
	}
	return ""
}

// plain marks a scale with numbers.
func plain(low, high float64, most int) []tick {
	return steps(low, high, most, func(x, step float64) string {
		return strings.Replace(strconv.FormatFloat(x, 'f', decimals(step), 64), "-", "−", 1)
	})
}

// Money writes USD million as people do.
func Money(x float64) string {
	switch size := x; {
	case x == 0:
		return "0"
	case x < 0:
		return "-" + Money(-x)
	case size >= 10_000:
		return fmt.Sprintf("USD %.0fB", x/1000)
	case size >= 1000:
		return fmt.Sprintf("USD %.1fB", x/1000)
	case size >= 10:
		return fmt.Sprintf("USD %.0fM", x)
	case size >= 1:
		return fmt.Sprintf("USD %.1fM", x)
	}
	return fmt.Sprintf("USD %.0fK", 1000*x)
}

// Amount writes USD million with three digits, as what is measured, so that a reader can calculate on.
func Amount(x float64) string { return amount(x, false) }

// Stated writes USD million as they were stated, with three digits at most.
func Stated(x float64) string { return amount(x, true) }

func amount(x float64, stated bool) string {
	if x < 0 {
		return "−" + amount(-x, stated)
	}
	if x < 0.0005 {
		return "USD 0"
	}
	text, name := "", ""
	for _, unit := range []struct {
		size float64
		name string
	}{{0.001, "K"}, {1, "M"}, {1000, "B"}} {
		if text, name = ThreeDigits(x/unit.size), unit.name; len(text) < 4 || strings.ContainsRune(text, '.') {
			break
		}
	}
	return "USD " + cut(text, stated) + name
}

// ThreeDigits writes a number with three digits that count, and commas between thousands.
func ThreeDigits(x float64) string {
	switch {
	case x == 0:
		return "0"
	case x < 0:
		return "-" + ThreeDigits(-x)
	}
	_, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', 2, 64), "e") // of the number as it is rounded
	e, _ := strconv.Atoi(exponent)
	switch {
	case e < 3:
		return strconv.FormatFloat(x, 'f', min(2-e, 9), 64)
	case e < 15:
		return scenarios.Count(int(math.Round(x)))
	}
	return strconv.FormatFloat(x, 'e', 2, 64)
}

// cut takes the zeros away that say nothing, where a number was stated.
func cut(text string, stated bool) string {
	if stated && strings.ContainsRune(text, '.') {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return text
}

func formatPercent(x float64, digits int) string {
	return strconv.FormatFloat(100*x, 'f', digits, 64) + "%"
}
