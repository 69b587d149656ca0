package desktop

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"exodus/app/internal/figure"
	"exodus/app/internal/session"
)

// percent writes a part as people say it.
func percent(x float32) string { return fmt.Sprintf("%.1f%%", 100*x) }

// money writes USD million a year.
func money(x float32) string { return figure.Money(float64(x)) }

// premium writes a trust premium.
func premium(x float64) string {
	text, _, _ := figure.Cell(x, true, false)
	return text
}

// index writes a number that stands for itself, such as a price.
func index(x float32) string { return fmt.Sprintf("%.2f", x) }

// between is a range, with its unit named once.
func between(low, high string) string {
	if low == high {
		return low
	}
	return low + " to " + strings.TrimPrefix(high, "USD ")
}

// points writes a difference of shares.
func points(x float32) string { return fmt.Sprintf("%+.1f", 100*x) }

// write is how a quantity is written.
func write(q session.Quantity) func(float32) string {
	switch q {
	case session.Share:
		return percent
	case session.Price:
		return index
	}
	return money
}

// short writes a bound.
func short(x float64) string {
	switch {
	case math.IsInf(x, 1):
		return "any number"
	case math.IsInf(x, -1):
		return "any number"
	}
	return strconv.FormatFloat(x, 'g', 6, 64)
}
