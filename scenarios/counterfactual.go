package scenarios

import (
	"fmt"
	"strings"

	"exodus/agents"
	"exodus/scenarios/words"
)

// Counterfactual is the world in which the focus of a scenario does not happen.
type Counterfactual struct {
	Scenario *Scenario
	Variant  string // of the file, that it is; "" where the scenario was changed
	Without  string // in words, what was taken out
}

// Counterfactual is the file's own variant that undoes the focus: the first in which the event is absent, or states what
// held before it. Where the file has none, all that the event's owner does from that day on is undone; an event without
// an owner, alone. It is nil where there is no such event in this scenario. Its error says why it cannot be undone.
func (s *Scenario) Counterfactual() (*Counterfactual, error) {
	focus := s.Focus()
	if focus == nil || s.Undoes(focus) {
		return nil, nil
	}
	for _, v := range s.Variants {
		w, err := s.With(v.Name, s.Beside(v.Name, s.Changes))
		if err == nil && v.Name != s.Variant && w.Undoes(focus) {
			return &Counterfactual{w, v.Name, fmt.Sprintf("the variant “%s” of the file", v.Label())}, nil
		}
	}
	var told []string
	tree := s.applied
	for _, e := range s.byDate() {
		if e.Name != focus.Name && (focus.Owner == "" || e.Owner != focus.Owner || s.DateOf(e).Before(s.DateOf(focus))) {
			continue
		}
		tree = tree.cut([]string{"events", e.Name})
		told = append(told, e.Tell())
	}
	w := *s
	w.applied, w.Spec = tree, agents.Spec{}
	d := &decoder{file: s.File, base: s.tree}
	w.decode(d, tree)
	if err := d.err(); err != nil {
		return nil, fmt.Errorf("without %s: %w", focus.Name, err)
	}
	without := "the same market without this: " + told[0]
	if focus.Owner != "" {
		without = fmt.Sprintf("the same market without what %s does from %s on: %s", focus.Owner, words.Date(s.DateOf(focus)), strings.Join(told, "; "))
	}
	return &Counterfactual{w.Until(s.Spec.Weeks), "", without}, nil
}

// Undoes says whether an event of the reference does not happen here, or changes nothing.
func (s *Scenario) Undoes(e *agents.Event) bool {
	return !s.Happens(e) || s.Spec.ChangesNothing(e.Name)
}

// ShiftTo is how many weeks later another scenario begins: its week w is the week w + shift of this one. ok is false
// where their weeks do not begin on the same days, or where they have no week in common.
func (s *Scenario) ShiftTo(other *Scenario) (shift int, ok bool) {
	days := int(other.Start.Sub(s.Start).Hours() / 24)
	shift = days / 7
	return shift, days%7 == 0 && shift < s.Spec.Weeks && shift+other.Spec.Weeks > 0
}
