package session

import (
	"time"

	"golang.org/x/sync/errgroup"
)

// While a lever is moved, answers are to follow it: each is of the newest value, of as many runs as fit between two
// pictures, and the next begins when it is there. Once the hand rests, or lets go, all runs are lived.
const (
	frame       = time.Second / 30
	glanceEvery = time.Second / 33
	glanceTime  = 6 * time.Millisecond   // that the runs of a glance are to take: the window draws on the same processors
	glanceMost  = 50 * time.Millisecond  // and may take, where even few of them take longer
	untaken     = 100 * time.Millisecond // after which nobody is waited for
	restsAfter  = 150 * time.Millisecond
	leastRuns   = 64 // of a glance, where they do not take too long
	fewestRuns  = 8  // whose median says more than one run does
)

// hand is what a session knows of the lever that is being moved.
type hand struct {
	moving bool
	owed   bool   // whether all runs of the market are still to be lived
	lever  string // its path
	runs   int    // of each glance of this drag, so that lines do not move by themselves; below 0 before the first
	began  time.Time
	taken  func() uint64 // the number of the answer that was taken last; nil where nobody takes any
	rest   *time.Timer   // until the lever is taken to rest
	next   *time.Timer   // until another glance may begin
}

func newHand() hand {
	h := hand{rest: time.NewTimer(time.Hour), next: time.NewTimer(time.Hour)}
	h.rest.Stop()
	h.next.Stop()
	return h
}

// moves says that a lever is being moved.
func (c *core) moves(path string) {
	if !c.moving || c.hand.lever != path {
		c.hand.lever, c.hand.runs = path, -1
	}
	c.moving = true
	c.rest.Reset(restsAfter)
}

// rests says that no lever is being moved any more: what was only glanced at is answered whole.
func (c *core) rests() {
	c.rest.Stop()
	if !c.moving {
		return
	}
	c.moving = false
	if c.owed {
		c.begin()
	}
}

// beginAgain begins the glance that was to wait.
func (c *core) beginAgain() {
	if c.pending && c.job == nil {
		c.begin()
	}
}

// glance makes of the next computation one that follows a hand, or says how long it is to wait: until it is time for
// another picture, and until somebody has taken the last one. A window that has no time gets fewer, and newer ones.
func (c *core) glance(j *job) (wait time.Duration) {
	if wait = glanceEvery - time.Since(c.hand.began); wait > 0 {
		return wait
	}
	if wait = untaken - time.Since(c.hand.began); wait > 0 && c.taken != nil && c.taken() != c.answer.number {
		return wait
	}
	if c.hand.runs < 0 {
		c.hand.runs = c.fitting(j)
	}
	c.hand.began = time.Now()
	j.glance, j.runs = true, min(c.hand.runs, j.runs)
	a := &c.answer
	same := func(m *market) bool {
		return m != nil && m.other != nil && j.market.other != nil && m.other.as(j.market.other)
	}
	if same(a.market) && a.seed == j.seed && a.shown == j.run {
		j.otherRun = a.otherRun
	}
	if same(a.fansOf) && j.lived.twin != nil { // of the same seed, then
		j.otherFans = a.otherFans
	}
	return 0
}

// slow has the next glances of a drag make fewer runs, where one has taken longer than a hand can wait.
func (c *core) slow(j *job) {
	if j.glance && time.Since(j.began) > 2*glanceMost {
		if c.hand.runs /= 2; c.hand.runs < fewestRuns {
			c.hand.runs = 0
		}
	}
}

// fitting is how many runs fit between two pictures, by how long the last ones took: a power of two, or none.
func (c *core) fitting(j *job) int {
	worlds := 1.0
	if j.market.other != nil && j.lived.twin == nil {
		worlds = 2
	}
	within := func(t time.Duration) int { return int(t.Seconds() * c.answer.perSecond / worlds) }
	if j.large || c.view.OneRun || c.answer.perSecond == 0 {
		return 0
	}
	runs := leastRuns
	for 2*runs <= within(glanceTime) {
		runs *= 2
	}
	for runs > 0 && runs > within(glanceMost) {
		runs /= 2
	}
	if runs < fewestRuns {
		return 0
	}
	return runs
}

// atOnce is the run that is shown and so many runs, together.
func (e *runs) atOnce(n int) (r result, err error) {
	var group errgroup.Group
	group.Go(guarded(func() (err error) {
		r.picture, err = e.picture(e.ctx)
		return err
	}))
	group.Go(guarded(func() (err error) {
		if n > 0 {
			r.fans, err = e.live(n)
		}
		return err
	}))
	return r, group.Wait()
}
