package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ParsePath reads a dotted path of names, such as labs.Google.exposure. A name that holds a dot, or whatever else has a
// meaning where the path stands, is written in quotes as in TOML: labs."A.I. Labs".exposure. Other names may be in quotes too,
// and need none for blanks within.
func ParsePath(text string) ([]string, error) {
	path, rest, _, err := cut(text, ".", "")
	if err == nil && rest != "" {
		err = fmt.Errorf("%q: nothing can follow a name in quotes but a dot", rest)
	}
	return path, err
}

// CutPath reads the path at the start of a text, up to a separator that is not within quotes, such as = or @.
func CutPath(text, separator string) (path []string, rest string, found bool, err error) {
	return cut(text, ".", separator)
}

// SplitNames are the names in the values of a flag that may be repeated: each value is a name as it is known, whatever
// characters it has, or a list of names with commas between, of which those that hold a comma are in quotes.
func SplitNames(values, known []string) (names []string, err error) {
	for _, value := range values {
		if whole := Normal(value); slices.Contains(known, whole) {
			names = append(names, whole)
			continue
		}
		list, rest, _, err := cut(value, ",", "")
		if err == nil && rest != "" {
			err = fmt.Errorf("%q: nothing can follow a name in quotes but a comma", rest)
		}
		if err != nil {
			return nil, err
		}
		names = append(names, list...)
	}
	return names, nil
}

// Normal is a name with its letters composed: é is one character, also where it was typed as e and an accent. All names
// of a scenario are so.
func Normal(name string) string { return norm.NFC.String(name) }

// cut reads names between separators up to an end, if there is one, and returns what follows that. Names lose the blanks
// around them, and their quotes. With no end, what follows a name in quotes is the rest.
func cut(text, between, end string) (names []string, rest string, found bool, err error) {
	for rest = text; ; {
		var name string
		rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
		if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
			if name, rest, err = unquote(rest); err != nil {
				return nil, "", false, err
			}
			rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
		} else {
			at := len(rest)
			for _, stop := range []string{between, end} {
				if i := strings.Index(rest, stop); stop != "" && i >= 0 {
					at = min(at, i)
				}
			}
			name, rest = strings.TrimRightFunc(rest[:at], unicode.IsSpace), rest[at:]
		}
		names = append(names, Normal(name))
		if after, more := strings.CutPrefix(rest, between); more {
			rest = after
			continue
		}
		if after, ends := strings.CutPrefix(rest, end); ends && end != "" {
			return names, after, true, nil
		}
		if rest != "" && end != "" {
			return nil, "", false, fmt.Errorf("%q: nothing can follow a name in quotes but %s or %s", rest, between, end)
		}
		return names, rest, false, nil
	}
}

// unquote reads the name in quotes that a text starts with: in "double" ones a backslash escapes, in 'single' ones it
// does not.
func unquote(text string) (name, rest string, err error) {
	end := 1
	for end < len(text) && text[end] != text[0] {
		if text[end] == '\\' && text[0] == '"' {
			end++
		}
		end++
	}
	if end >= len(text) {
		return "", "", fmt.Errorf("%s: the quote at its start is not closed", text)
	}
	quoted, rest := text[:end+1], text[end+1:]
	if text[0] == '\'' {
		return quoted[1:end], rest, nil
	}
	if name, err = strconv.Unquote(quoted); err != nil {
		return "", "", fmt.Errorf("%s: a backslash in double quotes begins an escape such as \\\" or \\u00e9; 'single' quotes have none", quoted)
	}
	return name, rest, nil
}

// JoinPath is the dotted path of its parts, with quotes where they are needed: what [ParsePath] and [CutPath] read, and
// nothing that a flag takes for something else.
func JoinPath(parts ...string) string {
	quoted := make([]string, len(parts))
	for i, p := range parts {
		quoted[i] = p
		if p == "" || strings.ContainsAny(p, `.=@<,:"'`) || strings.TrimSpace(p) != p || strings.ContainsFunc(p, func(r rune) bool { return !strconv.IsPrint(r) }) {
			quoted[i] = quote(p)
		}
	}
	return strings.Join(quoted, ".")
}

// TOMLPath is a path as a key of a TOML file.
func TOMLPath(parts ...string) string {
	bare := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
	}
	quoted := make([]string, len(parts))
	for i, p := range parts {
		quoted[i] = p
		if p == "" || strings.ContainsFunc(p, func(r rune) bool { return !bare(r) }) {
			quoted[i] = quote(p)
		}
	}
	return strings.Join(quoted, ".")
}

// quote is a text in double quotes as TOML has them. (strconv.Quote has escapes that TOML has not, such as \x7f.)
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case unicode.IsControl(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
