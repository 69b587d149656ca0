package scenarios

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"exodus/agents"
	"exodus/agents/field"
	"exodus/sim/study"
)

// Input is a number, or a yes or no, that a scenario states or leaves at its default: what a change can reach.
type Input struct {
	*field.Field
	Path      string   // as a change writes it
	Keys      []string // the parts of Path
	Value     float64  // 1 and 0 for yes and no
	Low, High float64  // what is plausible, widened to hold Value; a guess where it is not stated
	Stated    bool     // whether the file states it; for the value of a default, false
}

// Inputs lists the inputs of the scenario that are numbers or yes and no, with variant and changes applied, in the
// order of a file: the length of the run, behaviour, uncertainty, vendors, labs, what owners hold, and events. Of a lab, the spend with
// every vendor and the rivalry with every owner are there, also where none is stated; of an event, what its kind
// reads.
func (s *Scenario) Inputs() []Input { return s.inputs(nil) }

// Input is the one of a path.
func (s *Scenario) Input(path string) (Input, bool) {
	keys, err := ParsePath(path)
	if err != nil {
		return Input{}, false
	}
	if all := s.inputs(keys); len(all) == 1 {
		return all[0], true
	}
	return Input{}, false
}

func (s *Scenario) inputs(only []string) []Input {
	l := &lister{s: s, tree: s.applied, only: only}
	if l.wants("weeks") {
		l.add(field.Of(whole.Type).Named("weeks"), float64(s.Spec.Weeks), "weeks")
	}
	l.fields(reflect.ValueOf(s.Spec.Model), "model")
	l.fields(reflect.ValueOf(s.Spec.Uncertainty), "uncertainty")
	for i := range s.Spec.Vendors {
		l.fields(reflect.ValueOf(s.Spec.Vendors[i]), "vendors", s.Spec.Vendors[i].Name)
	}
	for i := range s.Spec.Labs {
		l.fields(reflect.ValueOf(s.Spec.Labs[i]), "labs", s.Spec.Labs[i].Name)
	}
	for _, o := range s.Spec.Owners {
		for _, h := range o.Holds {
			l.fields(reflect.ValueOf(h), "owners", o.Name, "holds", h.Vendor)
		}
	}
	for i := range s.Spec.Events {
		l.event = &s.Spec.Events[i]
		l.fields(reflect.ValueOf(s.Spec.Events[i]), "events", s.Spec.Events[i].Name)
	}
	return l.found
}

// EveryName are the names of the labs and of the vendors that the file has, In-house among them, and of those that only
// variants of it have.
func (s *Scenario) EveryName() (labs, vendors []string) {
	trees := []*node{s.applied, s.tree}
	for _, v := range s.Variants {
		trees = append(trees, s.tree.table.at["variants"].keyed(v.Name))
	}
	add := func(names []string, key string) []string {
		for _, tree := range trees {
			for _, name := range tree.keyed(key).keys() {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
		return names
	}
	return add(nil, "labs"), append(add(nil, "vendors"), agents.InHouse)
}

type lister struct {
	s     *Scenario
	tree  *node
	only  []string      // the path of the one that is asked for; nil for all
	event *agents.Event // the one whose fields are listed
	found []Input
}

// wants says whether a path leads to what is asked for.
func (l *lister) wants(path ...string) bool {
	return l.only == nil || len(path) <= len(l.only) && slices.Equal(path, l.only[:len(path)])
}

// fields lists those of a struct at a path.
func (l *lister) fields(table reflect.Value, path ...string) {
	if !l.wants(path...) {
		return
	}
	fields := field.Of(table.Type()).All
	for i := range fields {
		f := &fields[i]
		if l.only != nil && (len(l.only) <= len(path) || l.only[len(path)] != f.Name) {
			continue
		}
		if l.event != nil && !l.event.Reads(f.Name) {
			continue
		}
		at := append(slices.Clone(path), f.Name)
		if x, ok := f.Value(table); ok {
			l.add(f, x, at...)
		} else if f.Kind == field.Numbers {
			all := f.In(table).Interface().(map[string]float64)
			for _, name := range l.named(f.Name) {
				l.add(f.Each(), all[name], append(slices.Clone(at), name)...)
			}
		}
	}
}

// named are the keys that a table of numbers may have.
func (l *lister) named(field string) []string {
	if field == "rivalry" {
		return l.s.Spec.OwnerNames()
	}
	return append(l.s.Spec.VendorNames(), agents.InHouse)
}

// add lists an input.
func (l *lister) add(f *field.Field, value float64, path ...string) {
	if l.only != nil && !slices.Equal(path, l.only) {
		return
	}
	low, high := f.Around(value)
	_, stated := find(l.tree, path)
	l.found = append(l.found, Input{f, JoinPath(path...), path, value, low, high, stated})
}

// Write writes a value of the input as a change states it.
func (in *Input) Write(x float64) string {
	switch in.Kind {
	case field.YesNo:
		return strconv.FormatBool(x != 0)
	case field.Whole:
		return strconv.FormatFloat(math.Round(x), 'f', -1, 64)
	}
	return strings.Replace(strconv.FormatFloat(x, 'g', -1, 64), "e+", "e", 1)
}

// Ranges are the parameters of behaviour that are only assumed, over their plausible ranges: what ignorance varies.
func (s *Scenario) Ranges() (params []study.Param) {
	for _, in := range s.Inputs() {
		if in.Drawn {
			params = append(params, in.param())
		}
	}
	return params
}

// Range is the plausible range of an input by its dotted path, widened to hold what it is in the scenario with its variant
// and changes. The path is that of [JoinPath], however it was written.
func (s *Scenario) Range(path string) (study.Param, error) {
	keys, err := ParsePath(path)
	if err != nil {
		return study.Param{}, err
	}
	at := &Scenario{tree: s.applied}
	if err := at.resolve(keys, agents.Nearest); err != nil {
		return study.Param{}, err
	}
	all := s.inputs(keys)
	if len(all) != 1 || !all[0].Plausible {
		return study.Param{}, fmt.Errorf("%s is not a number with a plausible range", JoinPath(keys...))
	}
	return all[0].param(), nil
}

func (in *Input) param() study.Param {
	return study.Param{Name: in.Path, Low: in.Low, High: in.High, Whole: in.Kind == field.Whole}
}
