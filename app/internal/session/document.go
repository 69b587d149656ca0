package session

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"exodus/scenarios"
	"exodus/scenarios/words"
)

// document is what commands change and undo takes back. It is a value: what it points to is never changed.
type document struct {
	Name, File, Source string
	Variant, Compare   string
	Changes            []Change
	Interventions      []Intervention
	Runs               int
	Seed               uint64
	ThisWeek           bool

	base     *scenarios.Scenario // of Source; nil where something is wrong
	problems scenarios.Errors    // with Source
	memo     *memo               // nil where nothing is kept
}

// same says whether two documents are the same to a user.
func (d *document) same(other *document) bool {
	a, b := *d, *other
	for _, x := range []*document{&a, &b} {
		x.base, x.problems, x.memo = nil, nil, nil
	}
	return reflect.DeepEqual(a, b)
}

// parse reads the document's text, and leaves what is wrong with it in problems.
func (d *document) parse() {
	name := d.File
	if name == "" {
		name = d.Name + ".toml"
	}
	var err error
	d.problems, d.memo = nil, &memo{}
	if d.base, err = scenarios.Parse(name, []byte(d.Source)); err != nil {
		d.base, d.problems = nil, problemsOf(err)
	}
}

// with is the scenario with a variant and changes. Where it is another by one number than one that was made lately, as
// while a lever is moved, it is made of that one.
func (d *document) with(variant string, changes []Change) (*scenarios.Scenario, error) {
	if s := d.memo.scenario(variant, changes); s != nil {
		return s, nil
	}
	s, err := d.memo.moved(variant, changes)
	if err == nil && s == nil {
		s, err = d.base.With(variant, texts(changes))
	}
	if err == nil {
		d.memo.keep(made{variant: variant, changes: changes, scenario: s})
	}
	return s, err
}

// problemsOf are the errors that an error lists.
func problemsOf(err error) scenarios.Errors {
	if list, ok := err.(scenarios.Errors); ok {
		return list
	}
	return scenarios.Errors{{Text: err.Error()}}
}

func (c Change) String() string { return c.Path + "=" + c.Value }

func texts(changes []Change) (all []string) {
	for _, c := range changes {
		all = append(all, c.String())
	}
	return all
}

// withChange is the changes with one more, in place of one of the same path.
func withChange(changes []Change, c Change) []Change {
	out := slices.Clone(changes)
	if i := slices.IndexFunc(out, func(old Change) bool { return old.Path == c.Path }); i >= 0 {
		out[i] = c
		return out
	}
	return append(out, c)
}

func withoutChange(changes []Change, path string) []Change {
	return nilIfEmpty(slices.DeleteFunc(slices.Clone(changes), func(c Change) bool { return c.Path == path }))
}

// withIntervention is the interventions with one more, by week and in the order in which they were made.
func withIntervention(all []Intervention, i Intervention) []Intervention {
	out := slices.Clone(all)
	for k, old := range out {
		if old.Week == i.Week && old.Path == i.Path {
			out[k] = i
			return out
		}
	}
	out = append(out, i)
	slices.SortStableFunc(out, func(a, b Intervention) int { return a.Week - b.Week })
	return out
}

func withoutInterventions(all []Intervention, path string) []Intervention {
	return nilIfEmpty(slices.DeleteFunc(slices.Clone(all), func(i Intervention) bool { return i.Path == path }))
}

// nilIfEmpty makes lists without elements alike.
func nilIfEmpty[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return s
}

// The limits of what is asked for in a window.
const (
	mostRuns    = 10_000
	defaultRuns = 1000
	defaultName = "meta-scale"
)

func parseRuns(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > mostRuns {
		return 0, fmt.Errorf("%s runs: 1 to %s are possible; exodus batch makes more", text, words.Count(mostRuns))
	}
	return n, nil
}

func parseSeed(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("seed %s: a whole number from 0 is needed", text)
	}
	return n, nil
}
