package canvas

import (
	"slices"

	"golang.org/x/text/unicode/bidi"
)

func classOf(c rune) bidi.Class {
	p, _ := bidi.LookupRune(c)
	return p.Class()
}

// isRightToLeft says of a character that it is written from right to left, or orders text in which such are.
func isRightToLeft(c rune) bool {
	if c < 0x590 {
		return false
	}
	switch classOf(c) {
	case bidi.R, bidi.AL, bidi.AN, bidi.RLO, bidi.RLE, bidi.RLI, bidi.LRO, bidi.LRE, bidi.LRI, bidi.PDF, bidi.PDI, bidi.FSI:
		return true
	}
	return false
}

// levelsOf are the levels of the characters of a line by the Unicode Bidirectional Algorithm (UAX 9), in a line that
// runs from left to right, as the words around a name do: 0 of what runs so, 1 of what runs from right to left, 2 of a
// number in the midst of that. The library's own order does not tell 0 from 2. Marks that embed or override are passed
// over.
func levelsOf(runes []rune) []int {
	n := len(runes)
	class := make([]bidi.Class, n)
	original := make([]bidi.Class, n)
	for i, c := range runes {
		class[i] = classOf(c)
		original[i] = class[i]
	}
	isStrong := func(c bidi.Class) bool { return c == bidi.L || c == bidi.R || c == bidi.AL }
	strong, before := bidi.L, bidi.L // the last that has a direction, and the class of the one before
	for i := range class {
		switch c := class[i]; {
		case c == bidi.NSM: // W1
			class[i] = before
		case c == bidi.EN && strong == bidi.AL: // W2
			class[i] = bidi.AN
		}
		if isStrong(class[i]) {
			strong = class[i]
		}
		if before = class[i]; before == bidi.Control || before > bidi.Control {
			before = bidi.ON
		}
	}
	for i, c := range class { // W3, W4
		if c == bidi.AL {
			class[i] = bidi.R
		}
		if i == 0 || i == n-1 || c != bidi.ES && c != bidi.CS {
			continue
		}
		if a, b := class[i-1], class[i+1]; a == b && (a == bidi.EN || a == bidi.AN && c == bidi.CS) {
			class[i] = a
		}
	}
	for i := 0; i < n; i++ { // W5, W6
		if class[i] != bidi.ET {
			continue
		}
		end := i
		for end < n && class[end] == bidi.ET {
			end++
		}
		if i > 0 && class[i-1] == bidi.EN || end < n && class[end] == bidi.EN {
			for k := i; k < end; k++ {
				class[k] = bidi.EN
			}
		}
		i = end - 1
	}
	strong = bidi.L
	for i, c := range class { // W7
		if c == bidi.L || c == bidi.R {
			strong = c
		} else if c == bidi.EN && strong == bidi.L {
			class[i] = bidi.L
		}
	}
	side := func(i int) (bidi.Class, bool) { // what a neighbour counts as
		switch class[i] {
		case bidi.L:
			return bidi.L, true
		case bidi.R, bidi.EN, bidi.AN:
			return bidi.R, true
		}
		return bidi.ON, false
	}
	last := func(i int) bidi.Class {
		for i--; i >= 0; i-- {
			if c, ok := side(i); ok {
				return c
			}
		}
		return bidi.L
	}
	for _, pair := range brackets(runes, original) { // N0
		inside := bidi.ON
		for i := pair[0] + 1; i < pair[1] && inside != bidi.L; i++ {
			if c, ok := side(i); ok {
				inside = c
			}
		}
		if inside == bidi.R {
			inside = last(pair[0])
		}
		if inside != bidi.ON {
			class[pair[0]], class[pair[1]] = inside, inside
		}
	}
	levels := make([]int, n)
	for i := 0; i < n; i++ {
		switch class[i] {
		case bidi.L:
		case bidi.R:
			levels[i] = 1
		case bidi.EN, bidi.AN:
			levels[i] = 2
		default: // N1, N2
			end := i
			for end < n {
				if _, ok := side(end); ok {
					break
				}
				end++
			}
			after := bidi.L
			if end < n {
				after, _ = side(end)
			}
			if last(i) == bidi.R && after == bidi.R {
				for k := i; k < end; k++ {
					levels[k] = 1
				}
			}
			i = end - 1
		}
	}
	return levels
}

// brackets are the pairs of them, in the order in which they open.
func brackets(runes []rune, class []bidi.Class) (pairs [][2]int) {
	var open []int
	for i, c := range runes {
		p, _ := bidi.LookupRune(c)
		if class[i] != bidi.ON || !p.IsBracket() {
			continue
		}
		if p.IsOpeningBracket() {
			open = append(open, i)
			continue
		}
		for k := len(open) - 1; k >= 0; k-- {
			if closing[runes[open[k]]] == c {
				pairs = append(pairs, [2]int{open[k], i})
				open = open[:k]
				break
			}
		}
	}
	slices.SortFunc(pairs, func(a, b [2]int) int { return a[0] - b[0] })
	return pairs
}

// closing are the brackets that names have, by those that open them.
var closing = map[rune]rune{'(': ')', '[': ']', '{': '}', '<': '>', '«': '»', '（': '）', '「': '」', '『': '』', '【': '】', '《': '》', '〈': '〉', '［': '］'}

// visual is the order from left to right of runs of some levels.
func visual(levels []int) []int {
	order := make([]int, len(levels))
	for i := range order {
		order[i] = i
	}
	for level := 2; level >= 1; level-- { // L2
		for i := 0; i < len(levels); i++ {
			end := i
			for end < len(levels) && levels[order[end]] >= level {
				end++
			}
			if end > i {
				slices.Reverse(order[i:end])
				i = end
			}
		}
	}
	return order
}
