package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// The most that a file may hold. Scenarios are written by people, and the TOML library takes a time that grows
// with the square of the keys in a table.
const (
	mostBytes  = 1 << 20
	mostLines  = 20_000
	mostValues = 30_000
	mostWidth  = 10_000 // bytes in a line
	mostDepth  = 40     // of brackets
)

// node is a value of a TOML file with its place.
type node struct {
	place place
	table *table
	list  []*node
	value any // string, int64, float64, bool, time.Time or other where it is neither a table nor a list
}

// other is a value of a kind that no scenario has, such as a time of day, as it was written.
type other string

// table keeps its keys in the order of the file.
type table struct {
	keys []string
	at   map[string]*node
}

func newTable() *table { return &table{at: map[string]*node{}} }

func (t *table) set(key string, n *node) {
	if t.at[key] == nil {
		t.keys = append(t.keys, key)
	}
	t.at[key] = n
}

// place is where a value was stated: in a file, or in a change.
type place struct {
	line, column int
	change       string // such as "labs.Google.exposure=2"; then there is no line
}

// parse turns a file into a tree.
func parse(file string, src []byte) (*node, error) {
	fail := func(line, column int, format string, args ...any) error {
		return Errors{{file, line, column, fmt.Sprintf(format, args...)}}
	}
	if len(src) > mostBytes {
		return nil, fail(0, 0, "%d bytes; a scenario has at most %d", len(src), mostBytes)
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if n := bytes.Count(src, []byte("\n")); n > mostLines {
		return nil, fail(0, 0, "%d lines; a scenario has at most %d. For many labs alike, state count", n, mostLines)
	}
	if n := bytes.Count(src, []byte("=")); n > mostValues {
		return nil, fail(0, 0, "%d values; a scenario has at most %d. For many labs alike, state count", n, mostValues)
	}
	line := 0
	for text := range bytes.Lines(src) {
		if line++; len(text) > mostWidth {
			return nil, fail(line, 1, "a line of %d bytes; break it, at most %d are read", len(text), mostWidth)
		}
	}
	if at := invalidUTF8(src); at >= 0 {
		line, column := position(src, at)
		return nil, fail(line, column, "byte %#02x is not UTF-8; save the file in that encoding", src[at])
	}
	if at := tooDeep(src); at >= 0 {
		line, column := position(src, at)
		return nil, fail(line, column, "brackets within brackets, more than %d deep", mostDepth)
	}
	// The library's decoder knows all rules of TOML, such as that a key is stated once; its parser knows places.
	var whole map[string]any
	if err := toml.Unmarshal(src, &whole); err != nil {
		var decode *toml.DecodeError
		if errors.As(err, &decode) {
			line, column := decode.Position()
			return nil, fail(line, column, "%s", strings.TrimPrefix(decode.Error(), "toml: "))
		}
		return nil, fail(0, 0, "%s", strings.TrimPrefix(err.Error(), "toml: "))
	}
	b := &builder{root: &node{place: place{line: 1, column: 1}, table: newTable()}, src: src}
	b.parser.Reset(src)
	current := b.root
	for b.parser.NextExpression() {
		e := b.parser.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			current = b.open(e)
		case unstable.KeyValue:
			b.add(current, e)
		}
	}
	if err := b.parser.Error(); err != nil {
		return nil, fail(0, 0, "%v", err)
	}
	return b.root, nil
}

// invalidUTF8 is the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(src []byte) int {
	for at := 0; at < len(src); {
		r, size := utf8.DecodeRune(src[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

// tooDeep is the offset of the first bracket that is nested too deep, or -1: parsers recurse.
func tooDeep(src []byte) int {
	depth := 0
	for at := 0; at < len(src); at++ {
		switch c := src[at]; c {
		case '#':
			if end := bytes.IndexByte(src[at:], '\n'); end >= 0 {
				at += end
			} else {
				return -1
			}
		case '"', '\'':
			at = quoted(src, at)
		case '[', '{':
			if depth++; depth > mostDepth {
				return at
			}
		case ']', '}':
			depth--
		}
	}
	return -1
}

// quoted is the offset of the end of the string that starts at an offset.
func quoted(src []byte, at int) int {
	quote := src[at : at+1]
	if long := bytes.Repeat(quote, 3); bytes.HasPrefix(src[at:], long) {
		quote = long
	}
	for at += len(quote); at < len(src); at++ {
		if src[at] == '\\' && quote[0] == '"' {
			at++
		} else if bytes.HasPrefix(src[at:], quote) {
			return at + len(quote) - 1
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

// builder makes a tree of what the parser finds.
type builder struct {
	parser unstable.Parser
	src    []byte
	root   *node
	lines  []int // offsets at which lines start
}

func (b *builder) place(n *unstable.Node) place {
	if b.lines == nil {
		b.lines = []int{0}
		for at, c := range b.src {
			if c == '\n' {
				b.lines = append(b.lines, at+1)
			}
		}
	}
	at := int(n.Raw.Offset)
	line, found := slices.BinarySearch(b.lines, at)
	if found {
		line++
	}
	return place{line: line, column: 1 + utf8.RuneCount(b.src[b.lines[line-1]:at])}
}

// open returns the table that a header such as [labs.Google] opens.
func (b *builder) open(e *unstable.Node) *node {
	at := b.root
	keys := e.Key()
	for keys.Next() {
		at = b.child(at, string(keys.Node().Data), b.place(keys.Node()))
		if e.Kind == unstable.ArrayTable && keys.IsLast() {
			element := &node{place: at.place, table: newTable()}
			at.table, at.list = nil, append(at.list, element)
			return element
		}
		if len(at.list) > 0 {
			at = at.list[len(at.list)-1]
		}
	}
	return at
}

// child returns a table within a table, made where it is not there yet.
func (b *builder) child(in *node, key string, at place) *node {
	if n := in.table.at[key]; n != nil {
		return n
	}
	n := &node{place: at, table: newTable()}
	in.table.set(key, n)
	return n
}

// add puts a key and its value into a table.
func (b *builder) add(in *node, e *unstable.Node) {
	keys := e.Key()
	for keys.Next() {
		key, at := string(keys.Node().Data), b.place(keys.Node())
		if !keys.IsLast() {
			in = b.child(in, key, at)
			continue
		}
		n := b.value(e.Value(), at)
		if old := in.table.at[key]; old != nil && old.table != nil && n.table != nil {
			for _, k := range n.table.keys {
				old.table.set(k, n.table.at[k])
			}
		} else {
			in.table.set(key, n)
		}
	}
}

func (b *builder) value(v *unstable.Node, at place) *node {
	n := &node{place: at}
	text := string(v.Data)
	n.value = other(text)
	switch v.Kind {
	case unstable.InlineTable:
		n.value, n.table = nil, newTable()
		for it := v.Children(); it.Next(); {
			b.add(n, it.Node())
		}
	case unstable.Array:
		n.value, n.list = nil, []*node{}
		for it := v.Children(); it.Next(); {
			n.list = append(n.list, b.value(it.Node(), at))
		}
	case unstable.String:
		n.value = text
	case unstable.Bool:
		n.value = text == "true"
	case unstable.Integer:
		if x, err := strconv.ParseInt(text, 0, 64); err == nil {
			n.value = x
		}
	case unstable.Float:
		if x, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64); err == nil {
			n.value = x
		}
	case unstable.LocalDate:
		if x, err := time.Parse(time.DateOnly, text); err == nil {
			n.value = x
		}
	}
	return n
}
