package session

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"exodus/agents"
	"exodus/app/internal/results"
	"exodus/scenarios"
)

// core is what the goroutine of a session owns.
type core struct {
	cfg     Config
	tell    func(*Snapshot)
	number  uint64
	command uint64 // the last one that was done
	refused *Refusal

	doc        document
	undo, redo []step
	key        string // what goes on being changed in one step
	dragWeek   int    // from which a drag acts
	dragFrom   string // what it began at
	saved      document
	sums       map[string]string // by path, the SHA-256 of what was read there or written
	recent     []string

	market  *market // of the last document that was right
	missing error   // why there is nothing to compare with
	note    string  // what else is to be told

	job     *job
	pending bool // whether another is to begin when this one has ended
	results chan result
	answer  answer
	lived   lived

	view    View
	head    int
	playing bool
	speed   float64
	ticker  *time.Ticker
	last    time.Time // of playing
	passed  float64   // of a week

	keeper
	watcher
	hand
	shown   leverCache
	origins originCache
}

// step is a document to go back to, and what was done to it.
type step struct {
	doc   document
	label string
}

// leverCache keeps the levers of a stage of a market.
type leverCache struct {
	base    *scenarios.Scenario // of the document
	variant string
	stage   *stage
	all     []Lever
	most    []int
}

// originCache keeps what a file with a variant says of its inputs.
type originCache struct {
	base    *scenarios.Scenario
	variant string
	all     map[string]origin
}

// mostSteps is how many steps can be undone.
const mostSteps = 10_000

func newCore(cfg Config, tell func(*Snapshot)) *core {
	c := &core{cfg: cfg, tell: tell, results: make(chan result), speed: 13, sums: map[string]string{}, view: View{Run: Deterministic}}
	c.keeper, c.hand = newKeeper(cfg.Dir), newHand()
	if cfg.Runs == 0 {
		c.cfg.Runs = defaultRuns
	}
	c.doc = document{Runs: c.cfg.Runs, Seed: 1}
	kept := c.restore()
	week, note := c.head, c.note
	switch {
	case cfg.Scenario != "":
		if err := (open{cfg.Scenario}).do(c); err != nil {
			c.refuse(0, open{cfg.Scenario}, err)
		}
	case kept:
		c.rebuild()
	}
	if c.market == nil && c.doc.Source == "" {
		if err := (open{defaultName}).do(c); err != nil {
			c.refuse(0, open{defaultName}, err)
		}
	}
	if kept && cfg.Scenario == "" {
		c.head = min(week, c.weeks())
	}
	c.undo, c.redo, c.key, c.note = nil, nil, "", note
	return c
}

// obey does commands in their order, and says whether the session is to end.
func (c *core) obey(orders []order) (end bool) {
	for i, o := range orders {
		c.command = o.number
		if d, ok := o.command.(set); ok && d.drag && i+1 < len(orders) {
			if next, ok := orders[i+1].command.(set); ok && next.drag && next.path == d.path {
				continue // it was dragged on already
			}
		}
		if _, ok := o.command.(closing); ok {
			return true
		}
		if d, ok := o.command.(set); ok && d.drag {
			c.moves(d.path)
		} else {
			c.rests()
		}
		err := o.command.do(c)
		switch {
		case o.done != nil:
			o.done <- err
		case err != nil:
			c.refuse(o.number, o.command, err)
		}
	}
	c.publish()
	return false
}

func (c *core) refuse(number uint64, cmd command, err error) {
	c.refused = &Refusal{Command: number, Err: err}
	switch cmd := cmd.(type) {
	case set:
		c.refused.Path, c.refused.Text = cmd.path, cmd.value
	case open:
		c.refused.Text = cmd.name
	case compare:
		c.refused.Text = cmd.with
	case setRuns:
		c.refused.Path, c.refused.Text = RunsPath, cmd.runs
	case setSeed:
		c.refused.Path, c.refused.Text = SeedPath, cmd.seed
	case show:
		c.refused.Path, c.refused.Text = RunPath, cmd.run
	}
}

// change makes doc the document, as a step to be undone. Changes of the same key, one after another, are one step;
// "" is a step of its own. The error is that of a document which comes to no market: then nothing is changed.
func (c *core) change(label, key string, doc document) error {
	old := c.doc
	if doc.same(&old) {
		c.refused = nil
		return nil
	}
	if err := c.become(doc); err != nil {
		return err
	}
	c.refused = nil
	goesOn := key != "" && key == c.key && len(c.undo) > 0
	if !goesOn {
		c.undo = append(c.undo, step{old, label})
		if len(c.undo) > mostSteps {
			c.undo = slices.Delete(c.undo, 0, 1)
		}
	} else if c.undo[len(c.undo)-1].label = label; c.undo[len(c.undo)-1].doc.same(&c.doc) { // back where it began
		c.undo = c.undo[:len(c.undo)-1]
		key = ""
	}
	c.redo, c.key, c.note = nil, key, ""
	return nil
}

// become makes doc the document, and begins to find out what it comes to.
func (c *core) become(doc document) error {
	old := c.doc
	switch {
	case doc.base == nil: // its text is being mended; the last good market stays
		c.doc = doc
	default:
		m, missing, err := doc.build()
		if err != nil {
			return err
		}
		c.doc = doc
		anew := old
		anew.ThisWeek = doc.ThisWeek
		if c.market == nil || !anew.same(&doc) {
			atEnd := c.market == nil || c.head >= c.weeks()
			c.market, c.missing = m, missing
			if c.head = min(c.head, c.weeks()); atEnd && !c.playing {
				c.head = c.weeks()
			}
			c.begin()
		}
	}
	c.soon()
	return nil
}

// rebuild makes a market of a document that came from elsewhere. What is wrong with it is told as problems.
func (c *core) rebuild() {
	c.doc.parse()
	doc := c.doc
	if doc.base == nil {
		return
	}
	if err := c.become(doc); err != nil {
		c.doc.problems, c.doc.base = problemsOf(err), nil
	}
}

func (c *core) weeks() int {
	if c.market == nil {
		return 0
	}
	return c.market.main.scenario.Spec.Weeks
}

// errBroken is the error of a change to a scenario whose text is wrong.
var errBroken = errors.New("the scenario has problems; correct its text, or undo, before changing anything else")

type open struct{ name string }

func (o open) do(c *core) error {
	src, file, err := read(o.name)
	if err != nil {
		return err
	}
	doc := document{Name: o.name, File: file, Source: string(src), Runs: c.doc.Runs, Seed: c.doc.Seed, ThisWeek: c.doc.ThisWeek}
	doc.parse()
	if doc.base != nil {
		doc.Compare = against(doc.base)
	}
	if err := c.change("Open "+o.name, "", doc); err != nil { // right as a file, but not for a window
		doc.base, doc.problems = nil, problemsOf(err)
		if err := c.change("Open "+o.name, "", doc); err != nil {
			return err
		}
	}
	if file != "" {
		c.sums[file] = sum(src)
	}
	c.saved, c.playing = c.doc, false
	c.head = c.weeks()
	if file != "" {
		o.name = file
	}
	c.remember(o.name)
	return nil
}

// remember puts a scenario first among the recent ones.
func (c *core) remember(name string) {
	c.recent = append([]string{name}, slices.DeleteFunc(c.recent, func(r string) bool { return r == name })...)
	c.recent = c.recent[:min(len(c.recent), 10)]
}

// against is the variant that a scenario is best compared with: the one that its facts are first compared with.
func against(s *scenarios.Scenario) string {
	for _, f := range s.Facts {
		if f.Against != "" {
			return f.Against
		}
	}
	return ""
}

type edit struct{ source string }

func (e edit) do(c *core) error {
	doc := c.doc
	doc.Source = e.source
	doc.parse()
	err := c.change("Edit the text", "edit", doc)
	if err != nil { // the text is right by itself, but not with what was changed in it
		doc.base, doc.problems = nil, problemsOf(err)
		err = c.change("Edit the text", "edit", doc)
	}
	return err
}

type set struct {
	path, value string
	drag        bool
}

func (s set) do(c *core) error {
	doc, key := c.doc, ""
	if doc.base == nil {
		return errBroken
	}
	if s.drag {
		key = "drag " + s.path
	}
	week := 0
	if doc.ThisWeek {
		if week = c.head; key != "" && key == c.key {
			week = c.dragWeek
		}
		if week >= c.weeks() {
			return scenarios.Errors{{File: s.path + "=" + s.value, Text: "the run has ended, and no week is left in which this could act; step back, or change it from the start"}}
		}
	}
	if week > 0 {
		doc.Interventions = withIntervention(doc.Interventions, Intervention{week, s.path, s.value})
	} else {
		doc.Changes = withChange(doc.Changes, Change{s.path, s.value})
		doc.Changes = c.needed(doc, s.path)
	}
	if key == "" || key != c.key {
		c.dragFrom = c.written(s.path)
	}
	if err := c.change(c.titled(s.path)+" "+c.dragFrom+" to "+s.value, key, doc); err != nil {
		return err
	}
	c.dragWeek = week
	return nil
}

// titled is what an input is called.
func (c *core) titled(path string) string {
	if in, ok := c.input(path); ok {
		of, title := titleOf(&in)
		if of != "" {
			title = of + ": " + title
		}
		return title
	}
	return path
}

// written is an input as it is written, at the play head.
func (c *core) written(path string) string {
	if in, ok := c.input(path); ok {
		return in.Write(in.Value)
	}
	return ""
}

func (c *core) input(path string) (in scenarios.Input, ok bool) {
	if c.market == nil {
		return in, false
	}
	return c.market.main.at(c.head).values.Input(path)
}

// needed are the changes of a document without the one of a path where it states what holds anyway.
func (c *core) needed(doc document, path string) []Change {
	without := withoutChange(doc.Changes, path)
	value := func(changes []Change) (x float64, ok bool) {
		s, err := doc.with(doc.Variant, changes)
		if err != nil {
			return 0, false
		}
		in, ok := s.Input(path)
		return in.Value, ok && (in.Stated || in.Keys[0] == "model" || in.Keys[0] == "uncertainty")
	}
	was, known := value(without)
	if is, ok := value(doc.Changes); known && ok && is == was {
		return without
	}
	return doc.Changes
}

type release struct{}

func (release) do(c *core) error {
	c.key = ""
	return nil
}

type reset struct{ path string }

func (r reset) do(c *core) error {
	doc := c.doc
	doc.Changes, doc.Interventions = withoutChange(doc.Changes, r.path), withoutInterventions(doc.Interventions, r.path)
	return c.change("Take back "+c.titled(r.path), "", doc)
}

type resetAll struct{}

func (resetAll) do(c *core) error {
	doc := c.doc
	doc.Changes, doc.Interventions = nil, nil
	return c.change("Take back all changes", "", doc)
}

type choose struct{ variant string }

func (v choose) do(c *core) error {
	doc := c.doc
	if doc.base == nil {
		return errBroken
	}
	doc.Variant = v.variant
	return c.change("Choose a variant", "", doc)
}

type compare struct{ with string }

func (w compare) do(c *core) error {
	doc := c.doc
	if doc.base == nil {
		return errBroken
	}
	doc.Compare = w.with
	if _, err := doc.opposite(); err != nil {
		return err
	}
	return c.change("Compare", "", doc)
}

type setRuns struct{ runs string }

func (r setRuns) do(c *core) (err error) {
	doc := c.doc
	if doc.Runs, err = parseRuns(r.runs); err != nil {
		return err
	}
	return c.change("Change the number of runs", "", doc)
}

type setSeed struct{ seed string }

func (s setSeed) do(c *core) (err error) {
	doc := c.doc
	if doc.Seed, err = parseSeed(s.seed); err != nil {
		return err
	}
	return c.change("Change the seed", "", doc)
}

type actFrom struct{ thisWeek bool }

func (a actFrom) do(c *core) error {
	doc := c.doc
	doc.ThisWeek = a.thisWeek
	return c.change("Choose from when changes act", "", doc)
}

type undo struct{}

func (undo) do(c *core) error { return c.goBack(&c.undo, &c.redo) }

type redo struct{}

func (redo) do(c *core) error { return c.goBack(&c.redo, &c.undo) }

func (c *core) goBack(from, to *[]step) error {
	n := len(*from)
	if n == 0 {
		return nil
	}
	last := (*from)[n-1]
	now := step{c.doc, last.label}
	if err := c.become(last.doc); err != nil {
		return fmt.Errorf("%s: %w", last.label, err)
	}
	*from, *to = (*from)[:n-1], append(*to, now)
	c.key, c.refused = "", nil
	return nil
}

type cancel struct{}

func (cancel) do(c *core) error {
	if c.job != nil || c.pending {
		c.pending, c.owed, c.note = false, false, "cancelled: some runs are not done"
	}
	if c.job != nil {
		c.job.cancel()
	}
	return nil
}

// world is a twin with what is known of it.
func (a *answer) world(t *twin, run *agents.Trajectory, fans *results.Bands) *World {
	if t == nil || run == nil {
		return nil
	}
	w := &World{Scenario: t.scenario, Title: t.title, Run: run, Fans: fans}
	if t == a.market.main && a.buyersOf == a.market {
		w.Buyers = a.buyers
	}
	return w
}

// publish makes a snapshot of what there is.
func (c *core) publish() {
	c.number++
	d := &c.doc
	snap := &Snapshot{
		Number: c.number, Command: c.command,
		Name: d.Name, File: d.File, Source: d.Source, Problems: d.problems, Dirty: c.dirty(), Recent: slices.Clone(c.recent),
		Variant: d.Variant, Compare: d.Compare, Runs: d.Runs, Seed: d.Seed, ThisWeek: d.ThisWeek,
		Changes: d.Changes, Interventions: d.Interventions, Refused: c.refused,
		View: c.view, FileChanged: c.fileChanged(), Week: c.head, Weeks: c.weeks(), Playing: c.playing, Speed: c.speed,
	}
	if n := len(c.undo); n > 0 {
		snap.Undo = c.undo[n-1].label
	}
	if n := len(c.redo); n > 0 {
		snap.Redo = c.redo[n-1].label
	}
	if c.market != nil {
		if st := c.market.main.at(c.head); c.shown.stage != st {
			c.shown = c.levers(st)
		}
		snap.Levers, snap.Most = c.shown.all, c.shown.most
	}
	a := &c.answer
	if a.market != nil {
		snap.World, snap.Other = a.world(a.market.main, a.run, a.fans), a.world(a.market.other, a.otherRun, a.otherFans)
		snap.Difference, snap.Facts, snap.Feed = a.difference, a.facts, a.feed
		if a.told != nil && snap.Medians() {
			snap.Feed = a.told
		}
	}
	snap.FactRuns = a.factRuns
	snap.Moving, snap.Answer = c.moving, a.number
	snap.Stale, snap.FactsStale = a.market != c.market, a.factsOf != c.market
	snap.Status = c.status()
	c.tell(snap)
}

func (c *core) levers(st *stage) leverCache {
	if o := &c.origins; c.doc.base != nil && (o.base != c.doc.base || o.variant != c.doc.Variant) {
		if file, err := c.doc.with(c.doc.Variant, nil); err == nil {
			*o = originCache{c.doc.base, c.doc.Variant, originsOf(file)}
		}
	}
	changed := map[string]bool{}
	for _, x := range c.doc.Changes {
		changed[x.Path] = true
	}
	for _, x := range c.doc.Interventions {
		changed[x.Path] = true
	}
	all := c.shown.moved(&c.doc, c.origins.all, st)
	if all == nil {
		all = levers(c.origins.all, st.values)
	}
	for i := range all {
		all[i].Changed = changed[all[i].Path]
	}
	return leverCache{c.doc.base, c.doc.Variant, st, all, most(st.values, all)}
}

// moved are the levers of a stage where only one of them has moved since those of the cache; nil where more is other.
func (k *leverCache) moved(doc *document, file map[string]origin, now *stage) []Lever {
	if k.stage == nil || k.base != doc.base || k.variant != doc.Variant {
		return nil
	}
	c, ok := oneMoved(k.stage.changes, now.changes)
	if !ok {
		if c, ok = oneMoved(now.changes, k.stage.changes); !ok { // it was taken back
			return nil
		}
	}
	in, known := now.values.Input(c.Path)
	i := slices.IndexFunc(k.all, func(l Lever) bool { return l.Path == c.Path })
	if !known || i < 0 {
		return nil
	}
	all := slices.Clone(k.all)
	all[i] = leverOf(in, file)
	return all
}
