package sim

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"unsafe"
)

// Run is the agents of some Worlds while they run. Its methods are for one goroutine at a time. Any goroutine will do,
// even one that is locked to its thread as a window's is: coroutines made on one thread and resumed on a
// locked one are fatal to a program, so a Run touches its agents only on goroutines of its own.
type Run struct {
	worlds  []World
	kinds   [][]Kind // by world
	phases  []Phase
	steps   [][]step // by phase
	workers []*worker
	observe func(week int)
	at      Time  // what comes next
	over    error // why the run cannot continue
}

// step is what a phase asks of a kind: that its agents act, or only that its sums are taken.
type step struct {
	kind int
	acts bool
}

// worker resumes a fixed share of the agents.
type worker struct {
	run    *Run
	share  []span    // by kind, whole blocks
	busy   []bool    // by phase, whether it asks anything of the share
	agents [][]actor // by kind, of the share
	turn   chan struct{}
	failed *failure
}

// span is the agents lo to hi-1 of a kind.
type span struct{ lo, hi int }

// actor is the goroutine of an agent, as a coroutine.
//
// The actors of a block are a chain: a worker resumes the first of them, each resumes the one after it when it has
// acted, and the last goes back to the worker. So the block is left standing, each in the call by which it resumed
// the next. The next time, the worker resumes the last, and they return up the chain, each acting on its way. That
// is one switch for an agent that acts, where a worker that resumed one after another would make two.
type actor struct {
	resume func() (struct{}, bool)
	stop   func()
	leave  func(struct{}) bool // of the first of a block: back to the worker, from the agent that acts last
	trail  trail               // of many
}

// failure is a panic, and its place in the order of agents.
type failure struct {
	kind, agent int
	err         *AgentError
}

// worthWhile is how many blocks of agents it takes to justify waking another worker in every phase.
const worthWhile = 8

// Start starts the agents, before week 0. They live until [Run.Stop], or until one of them panics.
func Start(cfg Config) (*Run, error) {
	kinds, err := cfg.validate()
	if err != nil {
		return nil, fmt.Errorf("start a run: %w", err)
	}
	r := &Run{worlds: cfg.Worlds, kinds: kinds, phases: cfg.Phases, observe: cfg.Observe}
	for _, p := range cfg.Phases {
		var steps []step
		for i, name := range slices.Concat(p.Kinds, p.Folds) {
			k := slices.IndexFunc(kinds[0], func(kind Kind) bool { return kind.Name == name })
			steps = append(steps, step{k, i < len(p.Kinds)})
		}
		r.steps = append(r.steps, steps)
	}
	most := 1
	for _, kind := range kinds[0] {
		most = max(most, (len(kind.Agents)+BlockSize-1)/BlockSize)
	}
	n := cfg.Workers
	if n == 0 {
		n = max(1, min(runtime.GOMAXPROCS(0), most/worthWhile))
	}
	n = min(n, most)
	for i := range n {
		w := &worker{run: r}
		for _, kind := range kinds[0] {
			all := len(kind.Agents)
			blocks := (all + BlockSize - 1) / BlockSize
			w.share = append(w.share, span{min(all, blocks*i/n*BlockSize), min(all, blocks*(i+1)/n*BlockSize)})
		}
		for _, steps := range r.steps {
			w.busy = append(w.busy, slices.ContainsFunc(steps, func(s step) bool { return w.share[s.kind].lo < w.share[s.kind].hi }))
		}
		r.workers = append(r.workers, w)
	}
	r.everywhere((*worker).create)
	return r, nil
}

// everywhere does something for each worker, on goroutines of the run's own.
func (r *Run) everywhere(do func(*worker)) {
	var all sync.WaitGroup
	for _, w := range r.workers {
		all.Go(func() { do(w) })
	}
	all.Wait()
}

// Week is the current week of the run: the first that is not complete.
func (r *Run) Week() int { return r.at.Week }

// Seek tells the run that its worlds have been put to the start of a week.
func (r *Run) Seek(week int) { r.at = Time{Week: week} }

// To runs all weeks before the given one. When the context is cancelled it returns the context's error, at most a
// phase later; calling it again continues from there. An *[AgentError] ends the run.
func (r *Run) To(ctx context.Context, week int) error {
	if r.over != nil {
		return r.over
	}
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.lead(ctx, week, &err)
	}()
	<-done
	if first := r.failure(); first != nil {
		r.over = first.err
		r.everywhere((*worker).stop)
		return first.err
	}
	return err
}

// Stop ends the run: none of its goroutines is left when it returns. It may be called more than once, and
// after a failure.
func (r *Run) Stop() {
	if r.over == nil {
		r.over = ErrStopped
		r.everywhere((*worker).stop)
	}
}

// lead takes all workers through the phases, being the first of them itself. It leaves an error in err and
// not in a result, since an agent can end the goroutine that resumes it.
func (r *Run) lead(ctx context.Context, week int, err *error) {
	var acting, followers sync.WaitGroup
	for _, w := range r.workers[1:] {
		w.turn = make(chan struct{}, 1)
		followers.Go(func() {
			for range w.turn {
				w.act(&acting)
			}
		})
	}
	defer func() {
		acting.Wait()
		for _, w := range r.workers[1:] {
			close(w.turn)
		}
		followers.Wait()
	}()

	for r.at.Week < week {
		for r.at.Phase < len(r.phases) {
			if *err = ctx.Err(); *err != nil {
				return
			}
			acting.Add(1)
			for _, w := range r.workers[1:] {
				if w.busy[r.at.Phase] {
					acting.Add(1)
					w.turn <- struct{}{}
				}
			}
			r.workers[0].act(&acting)
			acting.Wait()
			if r.failure() != nil {
				return
			}
			r.at.Phase++
		}
		if r.observe != nil && !r.observed() {
			return
		}
		r.at = Time{Week: r.at.Week + 1}
	}
}

// observed calls the observer, and reports whether that went well.
func (r *Run) observed() (well bool) {
	defer func() {
		if !well {
			r.workers[0].failed = &failure{err: r.agentError("the observer", "observe", 0, recover())}
		}
	}()
	r.observe(r.at.Week)
	return true
}

// failure is the first failure in the order of agents, whichever worker met it, or nil.
func (r *Run) failure() *failure {
	var first *failure
	for _, w := range r.workers {
		f := w.failed
		if f != nil && (first == nil || f.kind < first.kind || f.kind == first.kind && f.agent < first.agent) {
			first = f
		}
	}
	return first
}

func (r *Run) agentError(who, phase string, world int, value any) *AgentError {
	return &AgentError{Agent: who, Phase: phase, Week: r.at.Week, Luck: r.worlds[world].Luck(), Value: value, Stack: debug.Stack()}
}

// act does what this phase asks of the worker's share of the agents: it resumes them, and takes their sums.
func (w *worker) act(done *sync.WaitGroup) {
	defer done.Done() // also where an agent ends this goroutine
	r := w.run
	for _, s := range r.steps[r.at.Phase] {
		agents, share := w.agents[s.kind], w.share[s.kind]
		for lo := share.lo; lo < share.hi; lo += BlockSize {
			hi := min(lo+BlockSize, share.hi)
			if s.acts {
				if _, alive := agents[lo-share.lo].resume(); !alive {
					return
				}
			}
			if r.kinds[0][s.kind].Fold != nil && !w.fold(s.kind, lo, hi) {
				return
			}
		}
	}
}

// fold posts the sums over a block of agents, in each world, and reports whether that went well.
func (w *worker) fold(kind, lo, hi int) (well bool) {
	r, world := w.run, 0
	defer func() {
		if !well {
			name := fmt.Sprintf("the sum over %s %d to %d", r.kinds[0][kind].Name, lo, hi-1)
			w.failed = &failure{kind, lo, r.agentError(name, r.phases[r.at.Phase].Name, world, recover())}
		}
	}()
	for world = range r.kinds {
		r.kinds[world][kind].Fold(r.at, lo, hi)
	}
	return true
}

// create makes the coroutines of the worker's share of the agents.
func (w *worker) create() {
	worlds := w.run.kinds
	for k, share := range w.share {
		lanes := make([]Agent, 0, (share.hi-share.lo)*len(worlds)) // by agent and world
		for i := share.lo; i < share.hi; i++ {
			for _, kinds := range worlds {
				lanes = append(lanes, kinds[k].Agents[i])
			}
		}
		actors, links := make([]actor, share.hi-share.lo), make([]link, share.hi-share.lo)
		many := len(actors) > BlockSize
		for i := range actors {
			lo := i / BlockSize * BlockSize
			links[i] = link{w, k, share.lo + i, lanes[i*len(worlds):][:len(worlds)], actors[lo:min(lo+BlockSize, len(actors))], i - lo, many}
			actors[i].resume, actors[i].stop = iter.Pull(links[i].loop)
			actors[i].trail.to = closureOf(&actors[i].resume)
		}
		w.agents = append(w.agents, actors)
	}
}

// link is an agent in the chain of its block.
type link struct {
	worker      *worker
	kind, agent int
	lanes       []Agent // by world
	chain       []actor
	place       int  // in the chain
	many        bool // so that what the next ones need is to be fetched
}

// loop is what the goroutine of an agent does: it acts in every world, and lets the next agent in the chain act.
func (l *link) loop(yield func(struct{}) bool) {
	r, self, world, well := l.worker.run, &l.chain[l.place], 0, false
	defer func() {
		if !well && l.worker.failed == nil { // recovered here, where the stack is the agent's own
			name := l.lanes[world].Name()
			l.worker.failed = &failure{l.kind, l.agent, r.agentError(name, r.phases[r.at.Phase].Name, world, recover())}
		}
	}()
	if l.place == 0 {
		self.leave = yield
	}
	self.trail.record, self.trail.from = goroutine(), closureOf(&yield)
	for down, alive := true, true; alive; down = !down {
		if l.many {
			self.trail.stack = uintptr(unsafe.Pointer(&world)) // it moves when it grows
			l.fetchNext(down)
		}
		for world = range l.lanes {
			l.lanes[world].Act(r.at)
		}
		switch {
		case !down:
			alive = yield(struct{}{})
		case l.place+1 < len(l.chain):
			_, alive = l.chain[l.place+1].resume()
		default:
			alive = l.chain[0].leave(struct{}{})
		}
	}
	well = true
}

// fetchNext fetches what the agent that is a few turns ahead needs.
func (l *link) fetchNext(down bool) {
	step := ahead
	if !down {
		step = -ahead
	}
	if next := l.place + step; 0 <= next && next < len(l.chain) {
		fetch(&l.chain[next].trail, l.worker.run.kinds[0][l.kind].Slots, uintptr(l.agent+step))
	}
}

// stop ends the coroutines of the worker's agents.
func (w *worker) stop() {
	for _, actors := range w.agents {
		for _, a := range actors {
			a.stop()
		}
	}
}
