package scenarios

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"exodus/agents"
	"exodus/sim/study"
)

// Ranges are the parameters of behaviour that are only assumed, over their plausible ranges: what ignorance varies.
func (s *Scenario) Ranges() (params []study.Param) {
	for _, f := range fieldsOf(reflect.TypeFor[agents.Model]()) {
		if f.tag.Get("drawn") == "" {
			continue
		}
		if p, err := s.Range("model." + f.name); err == nil {
			params = append(params, p)
		}
	}
	return params
}

// Range is the plausible range of an input by its dotted path, widened to hold the scenario's own value.
func (s *Scenario) Range(path string) (study.Param, error) {
	p := study.Param{Name: path}
	parts, err := ParsePath(path)
	if err != nil {
		return p, err
	}
	p.Name = JoinPath(parts...)
	if err := s.resolve(parts, agents.Nearest); err != nil {
		return p, err
	}
	t, tag := reflect.TypeFor[file](), reflect.StructTag("")
	for _, key := range parts {
		switch {
		case t.Kind() == reflect.Map:
			t = t.Elem()
		case isNamed(t):
			t = t.Elem()
		default:
			for _, f := range fieldsOf(t) {
				if f.name == key {
					t, tag = f.typ, f.tag
					break
				}
			}
		}
	}
	low, errLow := strconv.ParseFloat(tag.Get("low"), 64)
	high, errHigh := strconv.ParseFloat(tag.Get("high"), 64)
	if errLow != nil || errHigh != nil || t.Kind() != reflect.Float64 {
		return p, fmt.Errorf("%s is not a number with a plausible range", path)
	}
	p.Low, p.High = low, high
	if n := s.tree; strings.HasPrefix(path, "model.") {
		if model := n.table.at["model"].keyed(parts[1]); model != nil {
			if x, ok := model.number(); ok {
				p.Low, p.High = min(low, x), max(high, x)
			}
		}
	}
	return p, nil
}

// keyed is what a table has for a key, if it is one and has it.
func (n *node) keyed(key string) *node {
	if n == nil || n.table == nil {
		return nil
	}
	return n.table.at[key]
}
