package session

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"exodus/agents"
	"exodus/app/internal/results"
	"exodus/scenarios/facts"
	"exodus/scenarios/words"
	"exodus/sim"
)

const (
	firstRuns = results.FactRuns // of the first fans, and of facts
	patience  = 400 * time.Millisecond
	quick     = 2_000_000 // relations of a lab and a vendor, in all weeks of a run, that take about 50 ms

	// In one computation: relations as above, and cells of all runs.
	mostWork  = 2_000_000_000
	mostCells = 100_000_000
)

// answer is what is known of markets.
type answer struct {
	number        uint64  // counts what was found
	market        *market // of the runs
	seed          uint64
	shown         int // the number of the run
	run, otherRun *agents.Trajectory
	feed          []Line

	fansOf          *market
	fans, otherFans *results.Bands
	difference      *results.Bands

	buyersOf *market
	buyers   *Buyers
	told     []Line // the feed with who has left in most runs

	factsOf  *market
	facts    []facts.Score
	factRuns int

	doing     string
	done      int
	perSecond float64
	took      time.Duration
	err       error
}

// lived is what the runs of the world that is compared with came to. While a lever moves that does not reach that
// world, they need not be lived again.
type lived struct {
	twin    *twin
	seed    uint64
	rows    []row
	vendors []string
	weeks   int
}

// as says whether both worlds are the same in all that a run takes from them.
func (t *twin) as(u *twin) bool {
	return slices.Equal(t.turns, u.turns) && (t.plan == u.plan || reflect.DeepEqual(t.scenario.Spec, u.scenario.Spec))
}

// job is a computation under way. It is one goroutine, with those that its runs have.
type job struct {
	market   *market
	runs     int // that there will be
	seed     uint64
	run      int // the one that is shown
	doc      document
	lived    lived // before, of the other world
	glance   bool  // whether it follows a hand: all at once, of few runs
	seen     <-chan struct{}
	cancel   context.CancelFunc
	began    time.Time
	pictured bool // whether its first runs are known
	large    bool
	progress atomic.Int64

	// Of a glance, what is known of the other world already; nil where it is not.
	otherRun  *agents.Trajectory
	otherFans *results.Bands
}

// result is what a job found; the parts that are nil are not known yet, or as before.
type result struct {
	doing      string
	picture    *picture
	fans       *ensemble
	buyers     *Buyers
	facts      []facts.Score
	err        error
	ended      bool
	perSecond  float64
	isProgress bool
}

type picture struct {
	run, other *agents.Trajectory
	feed       []Line
}

type ensemble struct {
	fans, other, difference *results.Bands
	lived                   lived
}

// work is how many relations a run has in all its weeks.
func (t *twin) work() int {
	return t.labs * (1 + len(t.scenario.Spec.Vendors)) * t.scenario.Spec.Weeks
}

func (t *twin) cells() int {
	return len(results.Kept) * (1 + len(t.scenario.Spec.Vendors)) * t.scenario.Spec.Weeks
}

// affordable is how many runs of a market a window makes, at most as many as are asked for.
func (m *market) affordable(asked int) int {
	work, cells := m.main.work(), m.main.cells()
	if m.other != nil {
		work, cells = work+m.other.work(), cells+m.other.cells()
	}
	return max(1, min(asked, mostWork/work, mostCells/cells))
}

// begin computes what the market comes to, as soon as what is computed now has ended.
func (c *core) begin() {
	c.pending = true
	if c.job != nil {
		c.hurry()
		return
	}
	j := &job{market: c.market, runs: c.market.affordable(c.doc.Runs), seed: c.doc.Seed, run: c.view.lived(), doc: c.doc, seen: c.cfg.Seen, began: time.Now(),
		large: c.market.main.work() > quick}
	if l := c.lived; j.market.other != nil && l.twin != nil && l.seed == j.seed && l.twin.as(j.market.other) {
		j.lived = l
	}
	if c.moving {
		if wait := c.glance(j); wait > 0 {
			c.next.Reset(wait)
			return
		}
	}
	c.pending, c.owed = false, j.glance
	var ctx context.Context
	ctx, j.cancel = context.WithCancel(context.Background())
	c.job = j
	go j.compute(ctx, c.results)
}

// hurry ends the computation that another waits for. Where commands follow one another every one would be ended by the
// next: so the first picture is made always, but where it would hold up a hand.
func (c *core) hurry() {
	j := c.job
	switch {
	case j.glance && time.Since(j.began) < patience:
	case j.glance, j.large, j.pictured, c.moving:
		j.cancel()
	}
}

// take takes in what a job found.
func (c *core) take(r result) {
	j, a := c.job, &c.answer
	if r.picture != nil || r.fans != nil || r.buyers != nil || r.facts != nil {
		a.number++
	}
	if r.doing != "" {
		a.doing = r.doing
	}
	if r.picture != nil {
		j.pictured = true
		a.market, a.seed, a.shown = j.market, j.seed, j.run
		a.run, a.otherRun, a.feed, a.err = r.picture.run, r.picture.other, r.picture.feed, nil
		a.told = nil
		a.done = 0
	}
	if r.picture != nil && r.fans == nil && (j.glance || a.fansOf != j.market) { // older ones are not shown beside it
		a.fansOf, a.fans, a.otherFans, a.difference = nil, nil, nil, nil
	}
	if r.fans != nil {
		a.fansOf, a.fans, a.otherFans, a.difference = j.market, r.fans.fans, r.fans.other, r.fans.difference
		c.lived = r.fans.lived
		a.done, a.took = r.fans.fans.Runs, time.Since(j.began)
	}
	if r.buyers != nil {
		a.buyersOf, a.buyers = j.market, r.buyers
		a.told = r.buyers.tell(j.market.main.scenario, a.run, a.feed)
	}
	if r.facts != nil {
		a.factsOf, a.facts, a.factRuns = j.market, r.facts, min(firstRuns, j.runs)
	}
	if r.isProgress {
		a.done, a.perSecond = int(j.progress.Load()), r.perSecond
	}
	if r.err != nil && !errors.Is(r.err, context.Canceled) {
		a.err = r.err
	}
	if r.ended {
		j.cancel()
		c.slow(j)
		c.job, a.doing = nil, ""
		if c.pending {
			c.begin()
		}
	} else if c.pending {
		c.hurry()
	}
	c.publish()
}

func (c *core) status() Status {
	a := &c.answer
	s := Status{Doing: a.doing, Done: a.done, PerSecond: a.perSecond, Took: a.took, Err: a.err, Busy: c.job != nil || c.pending || c.moving}
	if c.market != nil {
		s.Of = c.market.affordable(c.doc.Runs)
		switch {
		case s.Of < c.doc.Runs:
			s.Warning = fmt.Sprintf("%s labs: %s runs are made in place of %s", words.Count(c.market.main.labs), words.Count(s.Of), words.Count(c.doc.Runs))
		case c.note != "":
			s.Warning = c.note
		}
	}
	if c.missing != nil {
		s.Warning = "nothing to compare with: " + c.missing.Error()
	}
	return s
}

// end ends the computation, and waits for it.
func (c *core) stop() {
	c.pending = false
	if c.job != nil {
		c.job.cancel()
	}
	for c.job != nil {
		if r := <-c.results; r.ended {
			c.job = nil
		}
	}
}

// compute finds out what a market comes to, and sends it part by part. The last result says that it has ended.
func (j *job) compute(ctx context.Context, results chan<- result) {
	send := func(r result) { results <- r }
	if err := guarded(func() error { return j.answerAll(ctx, send) })(); err != nil {
		send(result{err: err})
	}
	send(result{ended: true})
}

// guarded makes an error of a panic. What panics here is ours, not an agent's; the program lives on with the last good
// answer. A goroutine of a group needs a guard of its own.
func guarded(do func() error) func() error {
	return func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("the computation failed: %v", p)
			}
		}()
		return do()
	}
}

func (j *job) answerAll(ctx context.Context, send func(result)) error {
	if j.glance {
		r, err := j.newRuns(ctx, send).atOnce(j.runs)
		if err == nil {
			send(r)
		}
		return err
	}
	send(result{doing: FirstRun})
	e := j.newRuns(ctx, send)
	first, err := e.atOnce(j.first())
	if err != nil {
		return err
	}
	first.doing = ManyRuns
	send(first)
	if j.seen != nil {
		select {
		case <-j.seen:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := e.to(min(firstRuns, j.runs)); err != nil {
		return err
	}
	if len(j.market.main.scenario.Facts) > 0 {
		send(result{doing: JudgeFacts})
		facts, err := j.facts(ctx)
		if err != nil && ctx.Err() != nil {
			return err
		}
		if err != nil { // as where a change moved an event away from its facts
			send(result{err: err})
		} else {
			send(result{facts: facts, doing: ManyRuns})
		}
	}
	for e.done < j.runs {
		if err := e.to(min(5*e.done, j.runs)); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	buyers, err := j.buyers(ctx, first.picture.run)
	if err != nil {
		return err
	}
	send(result{buyers: buyers})
	return nil
}

// first is how many runs are told of together with the one that is shown: as many as take no time to speak of. Before
// anything was seen there are none.
func (j *job) first() int {
	if j.seen != nil {
		select {
		case <-j.seen:
		default:
			return 0
		}
	}
	work := j.market.main.work()
	if j.market.other != nil {
		work += j.market.other.work()
	}
	return enough(min(leastRuns, j.runs, quick/work), j.runs)
}

// enough is a number of runs, or none where their median says no more than one run does.
func enough(n, all int) int {
	if n < min(fewestRuns, all) {
		return 0
	}
	return n
}

// picture lives the one run that is shown, in both worlds.
func (j *job) picture(ctx context.Context) (*picture, error) {
	p := &picture{}
	var group errgroup.Group
	one := func(t *twin, into **agents.Trajectory) {
		group.Go(guarded(func() error {
			task, err := t.picked(j.run, j.seed)
			if err != nil {
				return err
			}
			all, err := agents.RunSideBySide(ctx, []agents.Task{task}, agents.Options{})
			if err != nil {
				return fmt.Errorf("run %s: %w", t.title, err)
			}
			*into = all[0]
			return nil
		}))
	}
	one(j.market.main, &p.run)
	if p.other = j.otherRun; j.market.other != nil && p.other == nil {
		one(j.market.other, &p.other)
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	p.feed = feed(j.market.main, p.run)
	return p, nil
}

func (t *twin) task(luck sim.Luck) agents.Task {
	return agents.Task{Plan: t.plan, Luck: luck, Turns: t.turns}
}

// runs are the many runs of a job.
type runs struct {
	*job
	ctx          context.Context
	send         func(result)
	done         int
	main, others []row
	vendors      [2][]string
	weeks        [2]int
	made         atomic.Int64  // in all worlds
	spent        time.Duration // by all that have ended; nothing else looks at it while it changes
}

func (j *job) newRuns(ctx context.Context, send func(result)) *runs {
	e := &runs{job: j, ctx: ctx, send: send, others: j.lived.rows}
	e.vendors[1], e.weeks[1] = j.lived.vendors, j.lived.weeks
	return e
}

// to lives runs until there are n, and sends the fans of all.
func (e *runs) to(n int) error {
	ended, told := make(chan struct{}), make(chan struct{})
	began := time.Now()
	go e.tellProgress(began, ended, told)
	found, err := e.live(n)
	close(ended)
	<-told
	e.spent += time.Since(began)
	if err != nil {
		return err
	}
	e.send(result{fans: found, isProgress: true, perSecond: e.perSecond(0)})
	return nil
}

// live lives runs until there are n, and takes the fans of all.
func (e *runs) live(n int) (*ensemble, error) {
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	var group errgroup.Group
	var once sync.Mutex
	more := func(world int, t *twin, rows *[]row) {
		first := len(*rows)
		if first >= n {
			return
		}
		*rows = slices.Grow(slices.Clip(*rows), n-first)[:n]
		group.Go(guarded(func() error {
			tasks := make([]agents.Task, n-first)
			for i := range tasks {
				tasks[i] = t.task(sim.Luck{Seed: e.seed, Run: uint64(first + i)})
			}
			err := agents.RunAll(ctx, tasks, agents.Options{Lean: true}, func(i int, t *agents.Trajectory) error {
				(*rows)[first+i] = newRow(t)
				if e.made.Add(1); world == 0 {
					e.progress.Add(1)
				}
				once.Lock()
				e.vendors[world], e.weeks[world] = t.Vendors, t.Weeks
				once.Unlock()
				t.Release()
				return nil
			})
			if err != nil {
				cancel()
				return fmt.Errorf("runs of %s: %w", t.title, err)
			}
			return nil
		}))
	}
	more(0, e.market.main, &e.main)
	if e.market.other != nil {
		more(1, e.market.other, &e.others)
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	e.done = n
	found := &ensemble{fans: fansOf(e.vendors[0], e.weeks[0], e.main)}
	if e.market.other != nil {
		if found.other = e.otherFans; found.other == nil {
			found.other = fansOf(e.vendors[1], e.weeks[1], e.others[:n])
		}
		found.difference = differences(e.vendors[0], e.weeks[0], e.main, e.vendors[1], e.weeks[1], e.others[:n], e.market.shift())
		found.lived = lived{e.market.other, e.seed, e.others, e.vendors[1], e.weeks[1]}
	}
	for _, f := range []*results.Bands{found.fans, found.other, found.difference} {
		switch {
		case f == nil:
		case e.glance:
			take(f, results.Share) // what is looked at beyond this is taken when it is
		default:
			take(f, results.Kept...)
		}
	}
	return found, e.ctx.Err()
}

// perSecond is how many runs of all worlds were lived in a second.
func (e *runs) perSecond(more time.Duration) float64 {
	return float64(e.made.Load()) / (e.spent + more).Seconds()
}

// tellProgress says how far the runs are, until they have ended.
func (e *runs) tellProgress(began time.Time, ended <-chan struct{}, told chan<- struct{}) {
	defer close(told)
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			e.send(result{isProgress: true, perSecond: e.perSecond(time.Since(began))})
		case <-ended:
			return
		}
	}
}

// facts judges the facts, in worlds with the same changes and interventions.
func (j *job) facts(ctx context.Context) ([]facts.Score, error) {
	s := j.market.main.scenario
	return facts.JudgeIn(ctx, s, min(firstRuns, j.runs), j.seed, func(variant string) (agents.Task, error) {
		if variant == s.Variant {
			return j.market.main.task(sim.Luck{}), nil
		}
		t, err := j.doc.beside(variant)
		if err != nil {
			return agents.Task{}, err
		}
		return t.task(sim.Luck{}), nil
	})
}
