package scenarios

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"exodus/agents"
)

// Input is a number, or a yes or no, that a scenario states or leaves at its default: what a change can reach.
type Input struct {
	Path   string   // as a change writes it
	Keys   []string // the parts of Path
	Kind   InputKind
	Value  float64 // 1 and 0 for yes and no
	Stated bool    // whether the file states it; for the value of a default, false

	Doc, Unit, Symbol string
	Drawn             bool    // whether ignorance of it is drawn where uncertainty.ranges is on
	Min, Max          float64 // what makes sense at all; infinite where there is no limit
	Low, High         float64 // what is plausible, widened to hold Value
	Plausible         bool    // whether Low and High are stated; they are a guess otherwise
}

// InputKind says how an input is written.
type InputKind int

// The kinds of inputs.
const (
	Number InputKind = iota
	Whole
	YesNo
)

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
	root := reflect.TypeFor[file]()
	for _, f := range fieldsOf(root) {
		if f.name == "weeks" && l.wants("weeks") {
			l.add(f.tag, f.typ, float64(s.Spec.Weeks), "weeks")
		}
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
func (l *lister) fields(v reflect.Value, path ...string) {
	if !l.wants(path...) {
		return
	}
	for _, f := range fieldsOf(v.Type()) {
		if l.only != nil && (len(l.only) <= len(path) || l.only[len(path)] != f.name) {
			continue
		}
		if l.event != nil && !agents.Kinds[l.event.Kind].Reads(f.name) {
			continue
		}
		field, at := v.FieldByIndex(f.at), append(slices.Clone(path), f.name)
		switch f.typ.Kind() {
		case reflect.Float64:
			l.add(f.tag, f.typ, field.Float(), at...)
		case reflect.Int:
			l.add(f.tag, f.typ, float64(field.Int()), at...)
		case reflect.Bool:
			x := 0.0
			if field.Bool() {
				x = 1
			}
			l.add(f.tag, f.typ, x, at...)
		case reflect.Map:
			for _, name := range l.named(f.name) {
				l.add(f.tag, f.typ.Elem(), field.MapIndex(reflect.ValueOf(name)), append(slices.Clone(at), name)...)
			}
		}
	}
}

// named are the keys that a table of numbers may have.
func (l *lister) named(field string) (names []string) {
	if field == "rivalry" {
		for _, o := range l.s.Spec.Owners {
			names = append(names, o.Name)
		}
		return names
	}
	for _, v := range l.s.Spec.Vendors {
		names = append(names, v.Name)
	}
	return append(names, agents.InHouse)
}

// add lists an input. Its value is a number, or what a map holds, if anything.
func (l *lister) add(tag reflect.StructTag, t reflect.Type, value any, path ...string) {
	if l.only != nil && !slices.Equal(path, l.only) {
		return
	}
	in := Input{Path: JoinPath(path...), Keys: path, Doc: tag.Get("doc"), Unit: tag.Get("unit"), Symbol: tag.Get("symbol"), Drawn: tag.Get("drawn") != ""}
	switch x := value.(type) {
	case float64:
		in.Value = x
	case reflect.Value:
		if x.IsValid() {
			in.Value = x.Float()
		}
	}
	_, in.Stated = find(l.tree, path)
	bound := func(key string, otherwise float64) float64 {
		if x, err := strconv.ParseFloat(tag.Get(key), 64); err == nil {
			return x
		}
		return otherwise
	}
	in.Min, in.Max = bound("min", math.Inf(-1)), bound("max", math.Inf(1))
	switch t.Kind() {
	case reflect.Bool:
		in.Kind, in.Min, in.Max, in.Low, in.High = YesNo, 0, 1, 0, 1
		l.found = append(l.found, in)
		return
	case reflect.Int:
		in.Kind = Whole
	}
	if in.Low, in.High, in.Plausible = agents.Plausible(tag, in.Value); !in.Plausible { // from the limits, around the value
		in.Low, in.High = max(in.Min, in.Value/4), min(in.Max, max(4*in.Value, in.Value+4))
	}
	l.found = append(l.found, in)
}

// Write writes a value of the input as a change states it.
func (in *Input) Write(x float64) string {
	switch in.Kind {
	case YesNo:
		return strconv.FormatBool(x != 0)
	case Whole:
		return strconv.FormatFloat(math.Round(x), 'f', -1, 64)
	}
	return strings.Replace(strconv.FormatFloat(x, 'g', -1, 64), "e+", "e", 1)
}
