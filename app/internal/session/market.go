package session

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// market is what a document comes to: the worlds to be run.
type market struct {
	main, other *twin // other is nil where there is none
}

// shift is how many weeks of the other world have gone by where the main one begins: below 0 where it begins later. The
// weeks of both are paired by their dates, as far as they begin on the same day of the week.
func (m *market) shift() int { return shiftOf(m.main.scenario, m.other.scenario) }

func shiftOf(main, other *scenarios.Scenario) int {
	return int(math.Floor(main.Start.Sub(other.Start).Hours() / (7 * 24)))
}

// twin is one of the worlds.
type twin struct {
	scenario *scenarios.Scenario // with variant and changes from the start
	title    string
	plan     *agents.Plan
	turns    []agents.Turn
	stages   []stage
	labs     int // and how many there are of all lines
}

// stage is how a world is from a week on.
type stage struct {
	week    int
	changes []Change            // so far
	values  *scenarios.Scenario // with them
	told    []told
}

// told is an intervention as it is made.
type told struct {
	Intervention
	event string // the name of the event that makes it; "" where it is a change of behaviour
}

// mostLabs is how many labs a window's market may have: about a gigabyte of them.
const mostLabs = 1_000_000

// build makes the worlds of a document. A world to compare with that cannot be made is missing, with an error of its own.
func (d *document) build() (m *market, missing, err error) {
	if n := len(d.Interventions); n > mostInterventions {
		return nil, nil, fmt.Errorf("%d changes from a week on; at most %d are possible", n, mostInterventions)
	}
	m = &market{}
	if m.main, err = d.twin(d.Variant, d.Changes, d.Interventions); err != nil {
		return nil, nil, err
	}
	m.other, missing = d.opposite()
	return m, missing, nil
}

// opposite is the world that the document's is compared with.
func (d *document) opposite() (t *twin, err error) {
	isVariant := slices.ContainsFunc(d.base.Variants, func(v scenarios.Variant) bool { return v.Name == d.Compare })
	switch {
	case d.Compare == "":
		return nil, nil
	case d.Compare == scenarios.Reference:
		if t, err = d.twin("", nil, nil); err == nil {
			t.title = "the saved file"
		}
		return t, err
	case isVariant:
		return d.beside(d.Compare)
	}
	s, err := scenarios.Load(d.Compare)
	if err != nil {
		return nil, err
	}
	other := &document{base: s}
	return other.twin("", nil, nil)
}

// beside is the world of another variant with the document's changes, but for those of what the variant states.
func (d *document) beside(variant string) (*twin, error) {
	var changes []Change
	var interventions []Intervention
	applies := func(c Change) bool { return len(d.base.Beside(variant, []string{c.String()})) > 0 }
	for _, c := range d.Changes {
		if applies(c) {
			changes = append(changes, c)
		}
	}
	for _, i := range d.Interventions {
		if applies(Change{i.Path, i.Value}) {
			interventions = append(interventions, i)
		}
	}
	return d.twin(variant, changes, interventions)
}

// twin is the world of a variant with changes from the start, and some on the way.
func (d *document) twin(variant string, changes []Change, interventions []Intervention) (*twin, error) {
	whole, err := d.world(variant, changes)
	if err != nil {
		return nil, err
	}
	t := *whole
	lived := life{behaviour: changes, values: changes, stage: t.stages[0]}
	for k := 0; k < len(interventions); {
		first := k
		for ; k < len(interventions) && interventions[k].Week == interventions[first].Week; k++ {
		}
		key := fmt.Sprintf("%q %#v %#v", variant, changes, interventions[:k])
		known, ok := d.memo.get(key)
		if !ok {
			if known, err = d.goOn(variant, lived, interventions[first:k]); err != nil {
				return nil, err
			}
			if t.labs <= memoLabs {
				d.memo.put(key, known)
			}
		}
		lived = known
		t.turns, t.stages = append(t.turns, lived.turn), append(t.stages[:len(t.stages):len(t.stages)], lived.stage)
	}
	return &t, nil
}

// world is the world of a variant with changes from the start. It is not to be changed.
func (d *document) world(variant string, changes []Change) (*twin, error) {
	s, err := d.with(variant, changes)
	if err != nil {
		return nil, err
	}
	if t := d.memo.world(s); t != nil {
		return t, nil
	}
	t := &twin{scenario: s, title: s.Title, stages: []stage{{changes: changes, values: s}}}
	if t.title == "" {
		t.title = s.Name
	}
	for _, v := range s.Variants {
		if v.Name == variant {
			t.title = v.Label()
		}
	}
	for _, lab := range s.Spec.Labs {
		t.labs += lab.Count
	}
	if t.labs > mostLabs {
		return nil, fmt.Errorf("a market of %s labs does not fit into a window, which has room for %s; exodus run and exodus batch take it", words.Count(t.labs), words.Count(mostLabs))
	}
	if t.plan, err = agents.Compile(s.Spec); err != nil {
		return nil, err
	}
	if t.labs <= memoLabs {
		d.memo.build(s, t)
	}
	return t, nil
}

// memoLabs is how many labs a market may have whose plans are kept: each takes memory.
const memoLabs = 10_000

// mostInterventions is how many a document may have.
const mostInterventions = 100

// life is what became of a world through its interventions so far.
type life struct {
	behaviour, values []Change // those that the plan has, and all
	events            []agents.Event
	stage             stage
	turn              agents.Turn
}

// memo keeps what became of worlds, by what they are made of. A session and its computation both look there.
type memo struct {
	mu    sync.Mutex
	lives map[string]life
	made  []made // lately, the newest first
}

// made is the scenario of a variant and changes.
type made struct {
	variant  string
	changes  []Change
	scenario *scenarios.Scenario
	world    *twin // of it; nil where it was not made yet
}

// mostMade is how many are kept: those of a lever that moves and of the worlds beside it, and some of those before.
const mostMade = 8

// scenario is one that was made lately, or nil.
func (m *memo) scenario(variant string, changes []Change) *scenarios.Scenario {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.made, func(k made) bool { return k.variant == variant && slices.Equal(k.changes, changes) })
	if i < 0 {
		return nil
	}
	k := m.made[i]
	m.made = slices.Insert(slices.Delete(m.made, i, i+1), 0, k)
	return k.scenario
}

// moved is the scenario of one that was made lately with another number; nil where there is none such.
func (m *memo) moved(variant string, changes []Change) (*scenarios.Scenario, error) {
	if m == nil {
		return nil, nil
	}
	m.mu.Lock()
	all := slices.Clone(m.made)
	m.mu.Unlock()
	for _, k := range all {
		c, ok := oneMoved(k.changes, changes)
		if !ok || k.variant != variant {
			continue
		}
		if x, err := strconv.ParseFloat(c.Value, 64); err == nil {
			if s, err := k.scenario.Set(c.Path, x); err != nil || slices.Equal(s.Changes, texts(changes)) {
				return s, err
			}
		}
	}
	return nil, nil
}

// oneMoved is the only change by which changes differ from others: of another value, or the last and new.
func oneMoved(from, to []Change) (one Change, ok bool) {
	if len(to) != len(from) && len(to) != len(from)+1 {
		return one, false
	}
	for i, c := range to {
		switch {
		case i < len(from) && from[i] == c:
		case ok || i < len(from) && from[i].Path != c.Path:
			return one, false
		default:
			one, ok = c, true
		}
	}
	return one, ok
}

func (m *memo) keep(k made) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made = slices.Insert(m.made, 0, k)
	m.made = m.made[:min(len(m.made), mostMade)]
}

// world is that of a scenario which was made lately, or nil.
func (m *memo) world(s *scenarios.Scenario) *twin {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.made {
		if k.scenario == s {
			return k.world
		}
	}
	return nil
}

func (m *memo) build(s *scenarios.Scenario, t *twin) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.made {
		if m.made[i].scenario == s {
			m.made[i].world = t
		}
	}
}

func (m *memo) get(key string) (l life, ok bool) {
	if m == nil {
		return l, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok = m.lives[key]
	return l, ok
}

func (m *memo) put(key string, l life) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lives == nil || len(m.lives) > 4*mostInterventions {
		m.lives = map[string]life{}
	}
	m.lives[key] = l
}

// goOn takes a world on to the week of some interventions.
func (d *document) goOn(variant string, so life, interventions []Intervention) (life, error) {
	week, before := interventions[0].Week, so.stage.values
	if weeks := before.Spec.Weeks; week >= weeks {
		return so, fmt.Errorf("week %d is not in the run, which has weeks 0 to %d", week, weeks-1)
	}
	so.events = slices.Clone(so.events)
	for _, i := range interventions {
		so.values = withChange(so.values, Change{i.Path, i.Value})
	}
	now, err := d.with(variant, so.values)
	if err != nil {
		return so, err
	}
	so.stage = stage{week: week, changes: so.values, values: now}
	for _, i := range interventions {
		event, isBehaviour, err := act(i, before, now)
		if err != nil {
			return so, err
		}
		made := told{Intervention: i}
		if event != nil {
			event.Name = eventName(now, so.events, i)
			made.event = event.Name
			so.events = append(so.events, *event)
		}
		if isBehaviour {
			so.behaviour = withChange(so.behaviour, Change{i.Path, i.Value})
		}
		so.stage.told = append(so.stage.told, made)
	}
	lived, err := d.with(variant, so.behaviour)
	if err != nil {
		return so, err
	}
	spec := lived.Spec
	spec.Events = append(slices.Clone(spec.Events), so.events...)
	plan, err := agents.Compile(spec)
	if err != nil {
		return so, err
	}
	so.turn = agents.Turn{Week: week, Plan: plan}
	return so, nil
}

// eventName is a name for the event of an intervention that no other has.
func eventName(s *scenarios.Scenario, events []agents.Event, i Intervention) string {
	name := fmt.Sprintf("week %d: %s", i.Week, i.Path)
	for slices.ContainsFunc(slices.Concat(s.Spec.Events, events), func(e agents.Event) bool { return e.Name == name }) {
		name += "'"
	}
	return name
}

// at is how the world is in a week.
func (t *twin) at(week int) *stage {
	st := &t.stages[0]
	for i := range t.stages {
		if t.stages[i].week <= week {
			st = &t.stages[i]
		}
	}
	return st
}

// act says how an intervention is made: by an event in its week, by a change of behaviour from it on, or by neither
// where it changes nothing.
func act(i Intervention, before, now *scenarios.Scenario) (event *agents.Event, behaviour bool, err error) {
	fixed := func(why string) error {
		return scenarios.Errors{{File: i.Path + "=" + i.Value, Text: why + "; change it from the start"}}
	}
	was, known := before.Input(i.Path)
	is, still := now.Input(i.Path)
	if !known || !still {
		return nil, false, fixed("this cannot change from week to week")
	}
	switch is.Keys[0] {
	case "weeks":
		return nil, false, fixed("the length of the run holds from its start")
	case "owners":
		return nil, false, fixed("what an owner holds from before the start is known at the start only")
	case "model", "uncertainty", "labs":
		if is.Fixed {
			return nil, false, fixed("what a market is built of holds from its start")
		}
		return nil, true, nil
	}
	if was.Value == is.Value {
		return nil, false, nil
	}
	if is.Keys[0] == "vendors" {
		event = &agents.Event{Week: i.Week, Kind: is.Name, Vendor: is.Keys[1]}
		switch {
		case is.Name == "firewall":
			event.Cred = is.Value
			return event, false, nil
		case was.Value == 0 || is.Value == 0:
			return nil, false, fixed("a vendor's capacity at the start is known at its start only")
		case is.Name == "headroom":
			event.Kind = "capacity"
		}
		event.Change = is.Value/was.Value - 1
		return event, false, nil
	}
	e := eventOf(now, is.Keys[1])
	if e.Week >= i.Week {
		return nil, true, nil // it is yet to come
	}
	if event = e.Amend(i.Week, is.Field, was.Value, is.Value); event == nil {
		return nil, false, fixed(fmt.Sprintf("%s lies in the past, and cannot be taken back", e.Name))
	}
	return event, false, nil
}

func eventOf(s *scenarios.Scenario, name string) *agents.Event {
	return &s.Spec.Events[slices.IndexFunc(s.Spec.Events, func(e agents.Event) bool { return e.Name == name })]
}
