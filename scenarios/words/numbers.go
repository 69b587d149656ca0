// Package words writes numbers, dates and names as people read them: on the command line, in figures, reports and the
// window alike. What other programs read (CSV, Parquet, JSON) is not written here.
//
// A negative number begins with the minus sign "−", never with a hyphen, and what rounds to zero has no sign. A number
// that is missing (NaN) is "none".
package words

import (
	"math"
	"strconv"
	"strings"
)

// Minus is the sign of negative numbers in texts for people.
const Minus = "−"

// None stands for a number that is missing.
const None = "none"

// Percent writes a share: 28.8%.
func Percent(x float64) string { return unit(Fixed(100*x, 1), "%") }

// WholePercent writes a share for which one digit more would say too much: 92%.
func WholePercent(x float64) string { return unit(Fixed(100*x, 0), "%") }

// SignedPercent writes a relative change or a premium: +47%.
func SignedPercent(x float64) string { return unit(Signed(100*x, 0), "%") }

// StatedPercent writes a share as somebody stated it: 49%, 12.5%.
func StatedPercent(x float64) string { return unit(Stated(100*x), "%") }

// Points writes a difference of two shares: +1.2 pts.
func Points(x float64) string { return unit(Signed(100*x, 1), " pts") }

// unit adds a unit to what is a number.
func unit(number, name string) string {
	if number == None {
		return None
	}
	return number + name
}

// Fixed writes a number with so many decimals, and commas between thousands.
func Fixed(x float64, decimals int) string {
	text, negative := fixed(x, decimals)
	if negative {
		return Minus + text
	}
	return text
}

// Signed writes a difference with so many decimals and its sign; none where it rounds to zero.
func Signed(x float64, decimals int) string {
	text, negative := fixed(x, decimals)
	return sign(text, negative)
}

func sign(text string, negative bool) string {
	switch {
	case negative:
		return Minus + text
	case text == None || !strings.ContainsAny(text, "123456789∞"):
		return text
	}
	return "+" + text
}

// fixed writes the size of a number, and says whether it is below zero as written.
func fixed(x float64, decimals int) (text string, negative bool) {
	switch {
	case math.IsNaN(x):
		return None, false
	case math.IsInf(x, 0):
		return "∞", x < 0
	case math.Abs(x) >= 1e15:
		text = strconv.FormatFloat(math.Abs(x), 'e', 2, 64)
	default:
		text = grouped(strconv.FormatFloat(math.Abs(x), 'f', decimals, 64))
	}
	return text, x < 0 && strings.ContainsAny(text, "123456789")
}

// grouped puts commas between the thousands of a number's digits.
func grouped(digits string) string {
	whole, rest := digits, ""
	if i := strings.IndexByte(digits, '.'); i >= 0 {
		whole, rest = digits[:i], digits[i:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return whole + rest
}

// Measured writes a number with three significant digits: 0.0120, 4.00, 1,230.
func Measured(x float64) string { return significant(x, false) }

// Stated writes a number with three significant digits at most, without zeros at its end: 0.012, 4, 1,230.
func Stated(x float64) string { return significant(x, true) }

func significant(x float64, stated bool) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return Fixed(x, 0)
	case x == 0:
		return "0"
	case x < 0:
		return Minus + significant(-x, stated)
	}
	text := strconv.FormatFloat(x, 'e', 2, 64) // rounded, so that 999.6 counts as 1,000
	_, after, _ := strings.Cut(text, "e")
	exponent, _ := strconv.Atoi(after)
	switch {
	case exponent < -6:
		return strings.Replace(text, "-", Minus, 1)
	case exponent < 15:
		text = Fixed(x, max(0, 2-exponent))
	}
	if stated && strings.Contains(text, ".") && !strings.Contains(text, "e") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// Money writes USD million as what is measured, with three significant digits: USD 450K, USD 12.3M, USD 7.59B.
func Money(million float64) string {
	text, negative := money(million, Measured)
	if negative {
		return Minus + text
	}
	return text
}

// SignedMoney writes a difference of USD million: +USD 12.3M, −USD 170K.
func SignedMoney(million float64) string {
	text, negative := money(million, Measured)
	return sign(text, negative)
}

// StatedMoney writes USD million as somebody stated them: USD 450M, USD 7.5B.
func StatedMoney(million float64) string {
	text, negative := money(million, Stated)
	if negative {
		return Minus + text
	}
	return text
}

var units = []struct {
	size float64 // in USD million
	name string
}{{1e-6, ""}, {1e-3, "K"}, {1, "M"}, {1e3, "B"}, {1e6, "T"}}

func money(million float64, write func(float64) string) (text string, negative bool) {
	if math.IsNaN(million) {
		return None, false
	}
	size := math.Abs(million)
	switch {
	case size < 0.5e-6: // no dollar
		return "USD 0", false
	case math.IsInf(size, 1):
		return "USD ∞", million < 0
	}
	for _, u := range units {
		n := size / u.size
		if u.name == "" && n < 999.5 {
			return "USD " + Fixed(n, 0), million < 0
		}
		if n < 999.5 || u.name == "T" { // 999.5 would be written as 1,000
			return "USD " + write(n) + u.name, million < 0
		}
	}
	return None, false // the last unit takes all
}

// Count writes a whole number with commas between thousands.
func Count(n int) string {
	digits, negative := strings.CutPrefix(strconv.Itoa(n), "-")
	if negative {
		return Minus + grouped(digits)
	}
	return grouped(digits)
}

// Counted is a number of things: 1 run, 2,000 runs.
func Counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return Count(n) + " " + what
}
