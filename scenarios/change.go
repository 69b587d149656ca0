package scenarios

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"exodus/agents"
	"exodus/agents/field"
	"exodus/scenarios/words"
)

// With returns the scenario with a variant ("" or [Reference] for none) and then changes applied, each "path=value".
func (s *Scenario) With(variant string, changes []string) (*Scenario, error) {
	tree := s.tree
	if variant = Normal(variant); variant == Reference {
		variant = ""
	}
	if variant != "" {
		names := make([]string, len(s.Variants))
		for i, v := range s.Variants {
			names[i] = v.Name
		}
		variants := s.tree.table.at["variants"]
		if variants == nil || variants.table.at[variant] == nil {
			return nil, Errors{{File: s.File, Text: fmt.Sprintf("there is no variant %s%s", words.Quote(variant), agents.Nearest(variant, names))}}
		}
		overlay := variants.table.at[variant]
		d := &decoder{file: s.File}
		tree = s.remove(d, overlay, s.Variants[slices.Index(names, variant)].Remove)
		for _, name := range field.Of(reflect.TypeFor[Variant]()).Names() {
			overlay = overlay.without(name)
		}
		s.known(d, overlay, nil)
		if err := d.err(); err != nil {
			return nil, err
		}
		tree = merge(tree, overlay)
	}
	for _, change := range changes {
		overlay, err := s.change(tree, change)
		if err != nil {
			return nil, err
		}
		tree = merge(tree, overlay)
	}
	changed := &Scenario{Name: s.Name, File: s.File, Source: s.Source, tree: s.tree, applied: tree, lead: s.lead, Variant: variant, Changes: slices.Clone(changes)}
	d := &decoder{file: s.File, base: s.tree}
	changed.decode(d, tree)
	if err := d.err(); err != nil {
		return nil, err
	}
	return changed, nil
}

// Beside returns the scenario's changes as they apply in the world of another variant: without those of inputs that
// the variant states itself, or takes away. A variant without a deal stays without one whatever the deal is made.
func (s *Scenario) Beside(variant string, changes []string) (kept []string) {
	overlay := s.tree.table.at["variants"].keyed(variant)
	var removed []string
	for _, v := range s.Variants {
		if v.Name == variant {
			removed = v.Remove
		}
	}
	for _, change := range changes {
		path, _, _, _ := CutPath(change, "=")
		if overlay != nil && overlay.states(path) || slices.ContainsFunc(removed, func(r string) bool {
			gone, _ := ParsePath(r)
			return len(gone) <= len(path) && slices.Equal(gone, path[:len(gone)])
		}) {
			continue
		}
		kept = append(kept, change)
	}
	return kept
}

// states says whether a table states the value at a path, or any of the table there.
func (n *node) states(path []string) bool {
	for _, key := range path {
		if n.table == nil {
			return true // a value where a change goes deeper
		}
		if n = n.table.at[key]; n == nil {
			return false
		}
	}
	return true
}

// inputs are the keys of a file that a variant or a change may set. A variant says of its own values where they come
// from.
var inputs = []string{"start", "weeks", "model", "uncertainty", "vendors", "labs", "owners", "events", "evidence"}

// without is a table but for a key.
func (n *node) without(key string) *node {
	out := &node{place: n.place, table: newTable()}
	for _, k := range n.table.keys {
		if k != key {
			out.table.set(k, n.table.at[k])
		}
	}
	return out
}

// merge lays a table over another. Neither is changed.
func merge(base, over *node) *node {
	if base.table == nil || over.table == nil {
		return over
	}
	out := &node{place: base.place, table: newTable()}
	for _, k := range base.table.keys {
		out.table.set(k, base.table.at[k])
	}
	for _, k := range over.table.keys {
		n := over.table.at[k]
		if old := out.table.at[k]; old != nil {
			n = merge(old, n)
		}
		out.table.set(k, n)
	}
	return out
}

// remove is the scenario's tree without what a variant takes away.
func (s *Scenario) remove(d *decoder, variant *node, paths []string) *node {
	tree := s.tree
	for _, text := range paths {
		path, err := ParsePath(text)
		if err == nil {
			err = s.resolve(path, d.near)
		}
		if _, stated := find(tree, path); err == nil && !stated {
			err = fmt.Errorf("%s is not in the file, so it cannot be removed", text)
		}
		if err != nil {
			at, _ := find(variant, []string{"remove"})
			d.say(at, "remove: %v", err)
			continue
		}
		tree = tree.cut(path)
	}
	return tree
}

// cut is a table but for what a path leads to. The order of its keys stays.
func (n *node) cut(path []string) *node {
	if len(path) == 1 {
		return n.without(path[0])
	}
	out := merge(n, &node{table: newTable()}) // a copy
	out.table.set(path[0], n.table.at[path[0]].cut(path[1:]))
	return out
}

// known reports the keys of a variant that are no inputs.
func (s *Scenario) known(d *decoder, n *node, path []string) {
	for _, key := range n.table.keys {
		if err := resolvable(append(path, key), d.near); err != nil {
			d.say(n.table.at[key].place, "%v", err)
		}
	}
}

// change turns "path=value" into a tree to lay over the scenario's.
func (s *Scenario) change(tree *node, change string) (*node, error) {
	fail := func(format string, args ...any) error {
		return Errors{{File: change, Text: fmt.Sprintf(format, args...)}}
	}
	path, value, err := ParseChange(change)
	if err != nil {
		return nil, fail("%v", err)
	}
	at := &Scenario{tree: tree}
	if err := at.resolve(path, agents.Nearest); err != nil {
		return nil, fail("%v", err)
	}
	parsed, err := parse("", []byte("x = "+value))
	if err != nil {
		return nil, fail("%v", err)
	}
	n := parsed.table.at["x"]
	n.mark(change)
	return n.at(path), nil
}

// ParseChange reads a change, path=value: the path, and the value as a file would state it. A bare word is text.
func ParseChange(change string) (path []string, value string, err error) {
	const example = "a change is path=value, such as events.deal.stake=0"
	path, value, found, err := CutPath(change, "=")
	switch value = strings.TrimSpace(value); {
	case err != nil:
		return nil, "", fmt.Errorf("%w; %s", err, example)
	case !found || value == "":
		return nil, "", errors.New(example)
	}
	parsed, err := parse("", []byte("x = "+value))
	switch {
	case err != nil || len(parsed.table.keys) != 1:
		value = quote(value)
	case strings.ContainsAny(value, "#\n{["): // on one line, without a comment: it may be written among others
		value = parsed.table.at["x"].text()
	}
	return path, value, nil
}

// mark says of a value and all within it that a change states it.
func (n *node) mark(change string) {
	n.place = place{change: change}
	for _, child := range n.list {
		child.mark(change)
	}
	if n.table != nil {
		for _, child := range n.table.at {
			child.mark(change)
		}
	}
}

// suggester says what a wrong name was probably meant to be, as agents.Nearest does.
type suggester func(name string, known []string) string

// resolvable checks that a path begins with an input.
func resolvable(path []string, near suggester) error {
	for _, name := range inputs {
		if path[0] == name {
			return nil
		}
	}
	return fmt.Errorf("unknown input %s%s", path[0], near(path[0], inputs))
}

// resolve checks that a path leads to an input of the scenario, or to a table of inputs.
func (s *Scenario) resolve(path []string, near suggester) error {
	if slices.Contains(path, "") {
		return fmt.Errorf("the path %q lacks a name; one is like events.deal.stake", strings.Join(path, "."))
	}
	if err := resolvable(path, near); err != nil {
		return err
	}
	f, n := whole, s.tree
	for i, key := range path {
		here := JoinPath(path[:i]...)
		switch f.Kind {
		case field.Numbers:
			return s.resolveNumber(path, i, near)
		case field.Named:
			if n.keyed(key) == nil {
				return fmt.Errorf("there is no %s in %s%s", key, here, near(key, n.keys()))
			}
			f = f.Each()
		case field.Table:
			fields := field.Of(f.Type)
			found := fields.Named(key)
			if found == nil {
				return fmt.Errorf("%s has no %s%s", here, key, near(key, fields.Names()))
			}
			f = found
		default:
			return fmt.Errorf("%s is a single value, and has no %s", here, key)
		}
		n = n.keyed(key)
	}
	return nil
}

// whole is a file as if it were a field.
var whole = &field.Field{Kind: field.Table, Type: reflect.TypeFor[file]()}

// FieldOf is what the table of inputs says of the input at a path, in whichever variant it is there; nil where it has none.
func FieldOf(path []string) *field.Field {
	f := whole
	for _, key := range path {
		switch f.Kind {
		case field.Numbers, field.Named:
			f = f.Each()
		case field.Table:
			f = field.Of(f.Type).Named(key)
		default:
			return nil
		}
		if f == nil {
			return nil
		}
	}
	return f
}

// resolveNumber checks the key of a table of numbers, which are named after vendors or owners.
func (s *Scenario) resolveNumber(path []string, i int, near suggester) error {
	if i < len(path)-1 {
		return fmt.Errorf("%s is a single value, and has no %s", JoinPath(path[:i+1]...), path[i+1])
	}
	table, names := "vendors", []string{agents.InHouse}
	if path[i-1] == "rivalry" {
		table, names = "owners", nil
	}
	if n := s.tree.table.at[table]; n != nil && n.table != nil {
		names = append(names, n.table.keys...)
	}
	for _, name := range names {
		if name == path[i] {
			return nil
		}
	}
	return fmt.Errorf("%s: there is no %s among the %s%s", JoinPath(path...), path[i], table, near(path[i], names))
}
