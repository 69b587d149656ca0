package scenarios

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Write returns the text of the file with changes to a variant ("" for none) made in it, and the variant to choose for
// that. A change of what the variant states is made there, any other in the file itself; comments and the order of
// things stay. Where a change has no place in the file, all of them become a variant of their own.
func (s *Scenario) Write(variant string, changes []string) (src []byte, chosen string, err error) {
	want, err := s.With(variant, changes)
	if err != nil {
		return nil, "", err
	}
	if src, ok := s.inPlace(variant, changes); ok && comesTo(s.File, src, variant, want) {
		return src, variant, nil
	}
	if variant != "" {
		return nil, "", fmt.Errorf("the changes to variant %s have no place in the file; make them in its text", variant)
	}
	name := "changed"
	for n := 2; s.tree.table.at["variants"].keyed(name) != nil; n++ {
		name = fmt.Sprintf("changed-%d", n)
	}
	out := bytes.NewBuffer(slices.Clone(bytes.TrimRight(s.Source, "\n")))
	fmt.Fprintf(out, "\n\n[variants.%s]\n", name)
	for _, c := range lastOfEach(changes) {
		fmt.Fprintf(out, "%s = %s\n", TOMLPath(c.path...), c.value)
	}
	if comesTo(s.File, out.Bytes(), name, want) {
		return out.Bytes(), name, nil
	}
	return nil, "", fmt.Errorf("the changes have no place in the file; make them in its text")
}

// Stated are the lines of a table of a variant of the file that makes the file what s is, with more changes: what the
// variant of s states beside its title, its changes, and those.
func (s *Scenario) Stated(changes []string) (lines []string) {
	var all []string
	if overlay := s.tree.table.at["variants"].keyed(s.Variant); overlay != nil {
		all = overlay.without("title").statements(nil)
	}
	for _, c := range lastOfEach(slices.Concat(all, s.Changes, changes)) {
		lines = append(lines, TOMLPath(c.path...)+" = "+c.value)
	}
	return lines
}

// statements are the values below a node, each as a change would state it.
func (n *node) statements(path []string) (all []string) {
	if n.table == nil {
		return []string{JoinPath(path...) + "=" + n.text()}
	}
	for _, key := range n.table.keys {
		all = append(all, n.table.at[key].statements(append(path[:len(path):len(path)], key))...)
	}
	return all
}

// text is a value as a file states it.
func (n *node) text() string {
	switch x := n.value.(type) {
	case string:
		return quote(x)
	case time.Time:
		return x.Format(time.DateOnly)
	case nil:
		var parts []string
		for _, key := range n.keys() {
			parts = append(parts, TOMLPath(key)+" = "+n.table.at[key].text())
		}
		if n.table != nil {
			return "{ " + strings.Join(parts, ", ") + " }"
		}
		for _, child := range n.list {
			parts = append(parts, child.text())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	default:
		return fmt.Sprint(x)
	}
}

// comesTo says whether a text reads as a file with a variant that is as wanted.
func comesTo(file string, src []byte, variant string, want *Scenario) bool {
	s, err := Parse(file, src)
	if err != nil {
		return false
	}
	is, err := s.With(variant, nil)
	return err == nil && is.Start.Equal(want.Start) && reflect.DeepEqual(is.Spec, want.Spec)
}

// written is a change with its value as a file states it.
type written struct {
	path  []string
	value string
}

// lastOfEach are changes of different paths: of those of one path, the last counts.
func lastOfEach(changes []string) (all []written) {
	for _, change := range changes {
		path, value, _ := ParseChange(change)
		w := written{path, value}
		all = slices.DeleteFunc(all, func(old written) bool { return slices.Equal(old.path, w.path) })
		all = append(all, w)
	}
	return all
}

// span is a part of a text, from a byte to the one before another.
type span struct{ from, to int }

// places are where a text states things, by path.
type places struct {
	values, inline, headers map[string]span
	filled                  map[int]bool // where the braces that open there hold something
	root                    int          // where a key of the file itself can go
}

func pathKey(path []string) string { return strings.Join(path, "\x00") }

// placesIn finds where a text states values, where its tables in braces open, and where its headers end.
func placesIn(src []byte) *places {
	p := &places{map[string]span{}, map[string]span{}, map[string]span{}, map[int]bool{}, -1}
	var parser unstable.Parser
	parser.Reset(src)
	var table []string
	keysOf := func(n *unstable.Node) (path []string, at int) {
		at = -1
		for keys := n.Key(); keys.Next(); {
			if at < 0 {
				at = int(keys.Node().Raw.Offset)
			}
			path = append(path, Normal(string(keys.Node().Data)))
		}
		return path, at
	}
	var add func(prefix []string, n *unstable.Node)
	add = func(prefix []string, n *unstable.Node) {
		path, _ := keysOf(n)
		path = slices.Concat(prefix, path)
		v := n.Value()
		from := int(v.Raw.Offset)
		if v.Kind != unstable.InlineTable {
			p.values[pathKey(path)] = span{from, from + int(v.Raw.Length)}
			return
		}
		p.inline[pathKey(path)] = span{from + 1, from + 1}
		for it := v.Children(); it.Next(); {
			p.filled[from+1] = true
			add(path, it.Node())
		}
	}
	for parser.NextExpression() {
		e := parser.Expression()
		switch e.Kind {
		case unstable.Table:
			path, at := keysOf(e)
			table = path
			end := len(src)
			if n := bytes.IndexByte(src[at:], '\n'); n >= 0 {
				end = at + n + 1
			}
			p.headers[pathKey(path)] = span{end, end}
			if p.root < 0 {
				p.root = bytes.LastIndexByte(src[:at], '\n') + 1
			}
		case unstable.ArrayTable:
			table = []string{"\x00"} // no input is in one
		case unstable.KeyValue:
			_, at := keysOf(e)
			if p.root < 0 {
				p.root = bytes.LastIndexByte(src[:at], '\n') + 1
			}
			add(table, e)
		}
	}
	return p
}

// inPlace makes changes where the text states what they change, or in the table where it would.
func (s *Scenario) inPlace(variant string, changes []string) ([]byte, bool) {
	src := bytes.TrimPrefix(s.Source, []byte("\xef\xbb\xbf"))
	at := placesIn(src)
	overlay := s.tree.table.at["variants"].keyed(variant)
	type replacement struct {
		span
		text string
	}
	var all []replacement
	for _, c := range lastOfEach(changes) {
		path := c.path
		if overlay != nil && overlay.states(path) {
			path = append([]string{"variants", variant}, path...)
		}
		if where, stated := at.values[pathKey(path)]; stated {
			all = append(all, replacement{where, c.value})
			continue
		}
		place := replacement{span{at.root, at.root}, TOMLPath(path...) + " = " + c.value + "\n"}
		placed := false
		for n := len(path) - 1; n > 0; n-- {
			rest := TOMLPath(path[n:]...) + " = " + c.value
			if where, ok := at.inline[pathKey(path[:n])]; ok {
				place = replacement{where, " " + rest + ","} // in front of what is there: no comma is the last
				if !at.filled[where.from] {
					place.text, at.filled[where.from] = " "+rest+" ", true
				}
				first := slices.IndexFunc(all, func(r replacement) bool { return r.span == where })
				if first >= 0 {
					all = slices.Insert(all, first, place)
					placed = true
				}
				break
			}
			if where, ok := at.headers[pathKey(path[:n])]; ok {
				place = replacement{where, rest + "\n"}
				break
			}
			if n == 1 { // no such table yet
				place = replacement{span{len(src), len(src)}, "\n[" + TOMLPath(path[:1]...) + "]\n" + rest + "\n"}
			}
		}
		if place.from < 0 {
			return nil, false
		}
		if !placed {
			all = append(all, place)
		}
	}
	slices.SortStableFunc(all, func(a, b replacement) int { return a.from - b.from })
	var out bytes.Buffer
	done := 0
	for _, r := range all {
		out.Write(src[done:r.from])
		if r.from == len(src) && len(src) > 0 && src[len(src)-1] != '\n' {
			out.WriteByte('\n')
		}
		out.WriteString(r.text)
		done = r.to
	}
	out.Write(src[done:])
	return out.Bytes(), true
}
