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

	respelt map[string]string // keys that the file spells other than composed, as it does
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
	if at, text := encoding(src); text != "" {
		line, column := position(src, at)
		return nil, fail(line, column, "%s", text)
	}
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
	for _, check := range []func([]byte) (int, string){unseen, brackets} {
		if at, text := check(src); text != "" {
			line, column := position(src, at)
			return nil, fail(line, column, "%s", text)
		}
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
	b := &builder{file: file, root: &node{place: place{line: 1, column: 1}, table: newTable()}, src: src}
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
	if len(b.wrong) > 0 {
		return nil, b.wrong
	}
	return b.root, nil
}

// builder makes a tree of what the parser finds.
type builder struct {
	parser unstable.Parser
	file   string
	src    []byte
	root   *node
	lines  []int // offsets at which lines start
	wrong  Errors
}

func (b *builder) say(at place, format string, args ...any) {
	b.wrong = append(b.wrong, Error{b.file, at.line, at.column, fmt.Sprintf(format, args...)})
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
		place := b.place(keys.Node())
		at = b.child(at, b.key(at.table, string(keys.Node().Data), place), place)
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
		at := b.place(keys.Node())
		key := b.key(in.table, string(keys.Node().Data), at)
		if !keys.IsLast() {
			in = b.child(in, key, at)
			continue
		}
		n := b.value(e.Value(), at, key, in == b.root && key == "about")
		if old := in.table.at[key]; old != nil && old.table != nil && n.table != nil {
			for _, k := range n.table.keys {
				old.table.set(k, n.table.at[k])
			}
		} else {
			in.table.set(key, n)
		}
	}
}

// value is the value of a key; only the text of about may have lines.
func (b *builder) value(v *unstable.Node, at place, key string, lines bool) *node {
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
			n.list = append(n.list, b.value(it.Node(), at, key, false))
		}
	case unstable.String:
		n.value = b.text(text, at, key, lines)
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

// keyed is what a table has for a key, if it is one and has it.
func (n *node) keyed(key string) *node {
	if n == nil || n.table == nil {
		return nil
	}
	return n.table.at[key]
}
