package words

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Date writes a day: 13 Jun 2025.
func Date(t time.Time) string { return t.Format("2 Jan 2006") }

// LongDate writes a day in a sentence: 13 June 2025.
func LongDate(t time.Time) string { return t.Format("2 January 2006") }

// List joins names as a sentence does: A, B and C.
func List(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// ListOf is a list that names at most so many, and counts the rest: A, B and 52 others.
func ListOf(names []string, most int) string {
	if len(names) <= most {
		return List(names)
	}
	return List(append(names[:most:most], Counted(len(names)-most, "other")))
}

// Width is how many columns of a terminal a text takes: those of Chinese take two, accents none.
func Width(text string) int { return uniseg.StringWidth(text) }

// Ellipsis cuts a text to so many columns, at a whole character, and ends what was cut in "…".
func Ellipsis(text string, columns int) string {
	if Width(text) <= columns {
		return text
	}
	var b strings.Builder
	left, state := columns-1, -1
	for rest := text; rest != "" && left >= 0; {
		var cluster string
		var width int
		cluster, rest, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if left -= width; left < 0 {
			break
		}
		b.WriteString(cluster)
	}
	if columns < 1 {
		return ""
	}
	return strings.TrimRight(b.String(), " ") + "…"
}

// Pad puts blanks after a text so that it takes so many columns.
func Pad(text string, columns int) string { return text + blanks(columns-Width(text)) }

// PadLeft puts blanks before a text, as before numbers in a column.
func PadLeft(text string, columns int) string { return blanks(columns-Width(text)) + text }

func blanks(n int) string { return strings.Repeat(" ", max(0, n)) }

// Quote puts a text in quotes, and writes what does not print in it as Go does: for what came from outside.
func Quote(text string) string { return strconv.Quote(text) }

// OneLine is a text on one line that tells a terminal nothing but what it says: line breaks, control characters and
// invisible ones are written as Go writes them in quotes.
func OneLine(text string) string {
	acts := func(r rune) bool { return r == utf8.RuneError || Hidden(r) && !Joins(r) }
	if !strings.ContainsFunc(text, acts) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if acts(r) {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Hidden says whether a character is one that no reader sees: it controls, orders or joins what is beside it, or is no
// character at all.
func Hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Noncharacter_Code_Point)
}

// Joins says whether a hidden character shapes its neighbours, as scripts such as Persian, Hindi and emoji need it.
func Joins(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return r == nonJoiner || r == joiner || unicode.Is(unicode.Variation_Selector, r)
}
