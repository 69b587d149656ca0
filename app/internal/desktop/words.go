package desktop

import (
	"math"
	"strconv"
	"strings"

	"exodus/app/internal/results"
	"exodus/app/internal/session"
	"exodus/scenarios/words"
)

// named is a name as there is room for it: anybody may have chosen it.
func named(name string) string { return words.Ellipsis(name, 32) }

// index writes a number that stands for itself, such as a price.
func index(x float64) string { return words.Fixed(x, 2) }

// between is a range, with its unit named once.
func between(low, high string) string {
	if low == high {
		return low
	}
	return low + " to " + strings.TrimPrefix(high, "USD ")
}

// write is how a quantity is written.
func write(q results.Quantity) func(float64) string {
	switch q {
	case results.Share:
		return words.Percent
	case results.Price:
		return index
	}
	return words.Money
}

// signed writes a difference of a quantity.
func signed(q results.Quantity, x float64) string {
	switch q {
	case results.Share:
		return words.Points(x)
	case results.Price:
		return words.Signed(x, 2)
	}
	return words.SignedMoney(x)
}

// bound writes the least or the most that a value may be.
func bound(x float64) string {
	if math.IsInf(x, 0) {
		return "any number"
	}
	return strings.Replace(strconv.FormatFloat(x, 'g', 6, 64), "-", words.Minus, 1)
}

// day writes the date of a week of the market on show, and how the week is counted.
func day(snap *session.Snapshot, week int) string {
	s := snap.World.Scenario
	text := words.LongDate(s.Date(week))
	if s.Focus() != nil {
		text += ", week " + sinceEvent(s.Since(week))
	}
	return text
}

// sinceEvent writes a number of weeks since the event that weeks are counted from: +0 is its own.
func sinceEvent(weeks int) string {
	if weeks == 0 {
		return "+0"
	}
	return words.Signed(float64(weeks), 0)
}

// before is the week before the event that weeks are counted from; false where no week lies before it, or it is yet
// to come.
func before(snap *session.Snapshot) (week int, ok bool) {
	s := snap.World.Scenario
	week = s.WeekAt(-1)
	return week, s.Focus() != nil && week >= 0 && week < snap.Shown()
}
