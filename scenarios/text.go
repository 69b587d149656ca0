package scenarios

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"exodus/scenarios/words"
)

// encoding says what a file is where it is not UTF-8, and at which byte, or nothing.
func encoding(src []byte) (at int, text string) {
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) || bytes.IndexByte(src[:min(2, len(src))], 0) >= 0 {
		return 0, "the file is in UTF-16; save it as UTF-8"
	}
	for at := 0; at < len(src); {
		r, size := utf8.DecodeRune(src[at:])
		if r == utf8.RuneError && size == 1 {
			return at, fmt.Sprintf("byte %#02x is not UTF-8; save the file in that encoding", src[at])
		}
		at += size
	}
	return 0, ""
}

// unseen is the offset of the first character of a file that no reader sees, and what it is, or nothing. Texts have
// stricter rules, which [builder.text] knows, since a text may also write such a character as an escape.
func unseen(src []byte) (at int, text string) {
	for at, r := range string(src) {
		if r != '\n' && r != '\r' && r != '\t' && words.Hidden(r) && !words.Joins(r) {
			return at, describeHidden(r) + "; remove it"
		}
	}
	return 0, ""
}

func describeHidden(r rune) string {
	switch {
	case r == '\n' || r == '\r':
		return "a line break"
	case r == '\t':
		return "a tab"
	case unicode.IsControl(r):
		return fmt.Sprintf("the control character U+%04X", r)
	case unicode.Is(unicode.Noncharacter_Code_Point, r):
		return fmt.Sprintf("U+%04X, which is not a character", r)
	}
	return fmt.Sprintf("U+%04X, which no reader sees", r)
}

// hiddenIn finds a character that a text of a scenario may not have, or "": one that acts on a terminal, breaks a figure or
// is not seen, so that two texts that differ look alike. The joiner, the non-joiner and variation selectors stand where
// scripts need them, as Persian, Hindi, Japanese names and emoji do: behind a character that they shape, and in front of
// one. Between Latin letters they would do nothing but hide.
func hiddenIn(text string, lines bool) string {
	if lines {
		text = strings.ReplaceAll(text, "\n", "")
	}
	if !strings.ContainsFunc(text, words.Hidden) {
		return ""
	}
	all := []rune(text)
	for i, r := range all {
		if !words.Hidden(r) {
			continue
		}
		var before, after rune
		if i > 0 {
			before = all[i-1]
		}
		if i+1 < len(all) {
			after = all[i+1]
		}
		selects := unicode.Is(unicode.Variation_Selector, r)
		switch {
		case selects && (shaped(before) || after == keycap):
		case !selects && words.Joins(r) && (shaped(before) || unicode.Is(unicode.Variation_Selector, before)) && shaped(after):
		default:
			return describeHidden(r)
		}
	}
	return ""
}

// keycap makes a key of the digit in front of it.
const keycap = '\u20e3'

// shaped says whether joiners and variation selectors may shape a character: emoji, and scripts other than ours.
func shaped(r rune) bool {
	return r > unicode.MaxASCII && unicode.In(r, unicode.L, unicode.M, unicode.S) && !words.Hidden(r) &&
		!unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Inherited)
}

// brackets finds what is wrong with the brackets and escapes of a file, and at which byte: nesting that is too deep for
// parsers, which recurse, and what only TOML 1.1 has, which other programs refuse.
func brackets(src []byte) (at int, text string) {
	var open []byte
	comma := false // whether the last thing was a comma
	for at := 0; at < len(src); at++ {
		c := src[at]
		inBraces := len(open) > 0 && open[len(open)-1] == '{'
		switch c {
		case ' ', '\t', '\r':
			continue
		case '#':
			if end := bytes.IndexByte(src[at:], '\n'); end >= 0 {
				at += end - 1
			} else {
				return 0, ""
			}
			continue
		case '"', '\'':
			end := quoted(src, at)
			if escape := newEscape(src[at:min(end+1, len(src))]); escape != "" {
				return at, fmt.Sprintf(`the escape %s is of TOML 1.1; write \u and four digits`, escape)
			}
			at = end
		case '\n':
			if inBraces {
				return at, "a line break within { } is of TOML 1.1; put all between the braces on one line, or state it as a table under a [header]"
			}
			continue
		case '[', '{':
			if open = append(open, c); len(open) > mostDepth {
				return at, fmt.Sprintf("brackets within brackets, more than %d deep", mostDepth)
			}
		case ']', '}':
			if c == '}' && inBraces && comma {
				return at, "a comma before } is of TOML 1.1; remove it"
			}
			open = open[:max(0, len(open)-1)]
		}
		comma = c == ','
	}
	return 0, ""
}

// newEscape finds an escape that TOML 1.0 does not have in a string with its quotes.
func newEscape(text []byte) string {
	if text[0] == '\'' {
		return ""
	}
	for i := 0; i+1 < len(text); i++ {
		if text[i] == '\\' {
			if i++; text[i] == 'e' || text[i] == 'x' {
				return string(text[i-1 : i+1])
			}
		}
	}
	return ""
}

// quoted is the offset of the end of the string that starts at an offset.
func quoted(src []byte, at int) int {
	quote := src[at : at+1]
	if long := bytes.Repeat(quote, 3); bytes.HasPrefix(src[at:], long) {
		quote = long
	}
	for at += len(quote); at < len(src); at++ {
		switch {
		case src[at] == '\\' && quote[0] == '"':
			at++
		case src[at] == '\n' && len(quote) == 1: // not closed, which the parser says
			return at - 1
		case bytes.HasPrefix(src[at:], quote):
			for at += len(quote) - 1; len(quote) == 3 && at+1 < len(src) && src[at+1] == quote[0]; at++ { // it may end in quotes
			}
			return at
		}
	}
	return at
}

// position is the line and column, from 1 and in characters, of an offset.
func position(src []byte, at int) (line, column int) {
	before := src[:at]
	start := bytes.LastIndexByte(before, '\n') + 1
	return 1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(before[start:])
}

// text is a text of the file as all of a scenario are: composed, and without what no reader sees. Only about may have
// lines. It notes what is wrong.
func (b *builder) text(raw string, at place, what string, lines bool) string {
	text := Normal(strings.ReplaceAll(raw, "\r\n", "\n"))
	if found := hiddenIn(text, lines); found != "" {
		b.say(at, "%s has %s; remove it", what, found)
	}
	return text
}

// key is a key of a table. It notes one that is written in two ways: as other programs read the file, those are two.
func (b *builder) key(in *table, raw string, at place) string {
	key := b.text(raw, at, fmt.Sprintf("the name %q", raw), false)
	before := key
	if other, differs := in.respelt[key]; differs {
		before = other
	}
	switch {
	case in.at[key] != nil && raw != before:
		b.say(at, "%s is one name, and is written in two ways, with its accents as letters of their own and without; write it in one", key)
	case raw != key && in.respelt == nil:
		in.respelt = map[string]string{key: raw}
	case raw != key:
		in.respelt[key] = raw
	}
	return key
}
