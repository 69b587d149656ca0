package scenarios

import (
	"maps"
	"reflect"
	"slices"

	"exodus/agents"
	"exodus/agents/field"
)

// Set returns the scenario with an input at a value, in place of what a change said of it before. It comes to the same
// as [Scenario.With] with that change among the others, and has the same errors, but the value does not pass through
// text: a lever that is dragged moves sixty times a second.
func (s *Scenario) Set(path string, x float64) (*Scenario, error) {
	keys, err := ParsePath(path)
	if err != nil {
		return nil, err
	}
	spec := s.Spec
	kind, known := set(&spec, keys, x)
	text := (&Input{Field: &field.Field{Kind: kind}}).Write(x)
	changes := s.changed(path, text)
	if !known || s.overlaps(keys) || len(spec.Check()) > 0 { // With knows what to say
		return s.With(s.Variant, changes)
	}
	leaf := &node{value: x, place: place{change: path + "=" + text}}
	moved := *s
	moved.Spec, moved.Changes, moved.applied = spec, changes, merge(s.applied, leaf.at(keys))
	return &moved, nil
}

// set puts a value into a Spec, and copies on the way there what the Spec shares with others. It says false where there is
// no such input, or it cannot have that value.
func set(spec *agents.Spec, keys []string, x float64) (kind field.Kind, known bool) {
	if slices.Equal(keys, []string{"weeks"}) {
		spec.Weeks = int(x)
		return field.Whole, x == float64(spec.Weeks)
	}
	table, rest := tableOf(spec, keys)
	if !table.IsValid() || len(rest) == 0 {
		return kind, false
	}
	f := field.Of(table.Type()).Named(rest[0])
	if f == nil {
		return kind, false
	}
	if e, ok := table.Addr().Interface().(*agents.Event); ok {
		if !e.Reads(rest[0]) {
			return kind, false
		}
		e.Stated = maps.Clone(e.Stated)
		e.Stated[rest[0]] = true
	}
	if f.Kind == field.Numbers && len(rest) == 2 {
		all := map[string]float64{}
		maps.Copy(all, f.In(table).Interface().(map[string]float64))
		all[rest[1]] = x
		f.In(table).Set(reflect.ValueOf(all))
		return field.Number, true
	}
	return f.Kind, f.Set(table, x) && len(rest) == 1
}

// tableOf is the struct of a Spec that the path of an input leads to, a copy where it is one of several, and what of the
// path is left.
func tableOf(spec *agents.Spec, keys []string) (table reflect.Value, rest []string) {
	var list reflect.Value
	switch keys[0] {
	case "model":
		return reflect.ValueOf(&spec.Model).Elem(), keys[1:]
	case "uncertainty":
		return reflect.ValueOf(&spec.Uncertainty).Elem(), keys[1:]
	case "vendors":
		spec.Vendors = slices.Clone(spec.Vendors)
		list = reflect.ValueOf(spec.Vendors)
	case "labs":
		spec.Labs = slices.Clone(spec.Labs)
		list = reflect.ValueOf(spec.Labs)
	case "events":
		spec.Events = slices.Clone(spec.Events)
		list = reflect.ValueOf(spec.Events)
	default:
		return table, nil
	}
	for i := range list.Len() {
		if len(keys) > 1 && list.Index(i).FieldByName("Name").String() == keys[1] {
			return list.Index(i), keys[2:]
		}
	}
	return table, nil
}

// changed are the changes of the scenario with one more, in place of an earlier one of its path.
func (s *Scenario) changed(path, value string) []string {
	keys, _ := ParsePath(path)
	changes := slices.Clone(s.Changes)
	i := slices.IndexFunc(changes, func(c string) bool {
		of, _, _, _ := CutPath(c, "=")
		return slices.Equal(of, keys)
	})
	if i < 0 {
		return append(changes, path+"="+value)
	}
	changes[i] = path + "=" + value
	return changes
}

// overlaps says whether a change states a table around a path, or what lies below it: then it matters which came last.
func (s *Scenario) overlaps(keys []string) bool {
	return slices.ContainsFunc(s.Changes, func(c string) bool {
		other, _, _, _ := CutPath(c, "=")
		n := min(len(other), len(keys))
		return len(other) != len(keys) && slices.Equal(other[:n], keys[:n])
	})
}

// at is a tree in which a path leads to the node.
func (n *node) at(keys []string) *node {
	for _, key := range slices.Backward(keys) {
		outer := &node{place: place{change: n.place.change}, table: newTable()}
		outer.table.set(key, n)
		n = outer
	}
	return n
}
