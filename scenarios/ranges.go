package scenarios

import (
	"fmt"
	"reflect"

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
	in := all[0]
	return study.Param{Name: in.Path, Low: in.Low, High: in.High, Whole: in.Kind == Whole}, nil
}

// IsWhole says whether the input of a path takes whole numbers alone, in whichever variant it is there.
func IsWhole(keys []string) bool {
	t := reflect.TypeFor[file]()
	for _, key := range keys {
		switch {
		case t.Kind() == reflect.Map || isNamed(t):
			t = t.Elem()
		case t.Kind() == reflect.Struct:
			fields := fieldsOf(t)
			i := 0
			for i < len(fields) && fields[i].name != key {
				i++
			}
			if i == len(fields) {
				return false
			}
			t = fields[i].typ
		default:
			return false
		}
	}
	return t.Kind() == reflect.Int
}
