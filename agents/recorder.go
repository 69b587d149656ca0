package agents

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"exodus/sim"
)

// Options say how markets are run and what is recorded of them, not what they come to.
type Options struct {
	Lean      bool // record only the series by vendor, and spend: no views, no log
	Left      bool // of a lean run, record who has left whom as well
	Decisions bool // record each lab's decisions as well
	Workers   int  // goroutines that resume agents; 0 is as many as pay

	Watch func(week int, m *Market) // sees each market after each of its weeks, if it is there
}

// Task is one run: a market, and what chance has in store for it.
type Task struct {
	Plan  *Plan
	Luck  sim.Luck
	Turns []Turn // by week, none for a market that lives under one plan
}

// Turn is a change of plan while a market lives: from the start of Week on it goes on under Plan, from the state
// that it has come to. Its plans are of the same labs, vendors, owners and weeks, and have the same capacity lag.
type Turn struct {
	Week int
	Plan *Plan
}

// Run runs the market of a plan once, under luck. When ctx is cancelled it returns the weeks that there are,
// and the context's error.
func Run(ctx context.Context, plan *Plan, luck sim.Luck, o Options) (*Trajectory, error) {
	trajectories, err := RunSideBySide(ctx, []Task{{Plan: plan, Luck: luck}}, o)
	return trajectories[0], err
}

// RunSideBySide runs tasks in lanes: one goroutine for each agent lives it in all of them, which makes many
// runs of a small market cheap. Each comes to what it comes to alone, to the last bit. The tasks must be alike:
// as many labs, vendors, owners and weeks. 16 to 32 at a time are best; more fall out of the cache.
func RunSideBySide(ctx context.Context, tasks []Task, o Options) ([]*Trajectory, error) {
	if len(tasks) == 0 {
		return nil, nil
	}
	worlds, recorders, trajectories := make([]sim.World, len(tasks)), make([]*Recorder, len(tasks)), make([]*Trajectory, len(tasks))
	weeks := 0
	markets := founded(tasks)
	for i, task := range tasks {
		worlds[i], recorders[i] = markets[i], NewRecorder(markets[i], o)
		trajectories[i] = recorders[i].Trajectory()
		if weeks = task.Plan.Weeks(); weeks != tasks[0].Plan.Weeks() {
			return trajectories, fmt.Errorf("markets of %d and %d weeks cannot run side by side", tasks[0].Plan.Weeks(), weeks)
		}
	}
	observe := func(week int) {
		for _, rec := range recorders {
			rec.Observe(week)
			if o.Watch != nil {
				o.Watch(week, rec.market)
			}
		}
	}
	run, err := sim.Start(sim.Config{Worlds: worlds, Phases: Phases(), Workers: o.Workers, Observe: observe})
	if err != nil {
		return trajectories, err
	}
	defer run.Stop()
	for next := 0; next < weeks; {
		next = weeks
		for i, task := range tasks { // to the nearest turn, and there through those of that week
			for _, turn := range task.Turns {
				switch {
				case turn.Week == run.Week():
					if err := markets[i].follow(turn.Plan, turn.Week); err != nil {
						return trajectories, err
					}
				case turn.Week > run.Week():
					next = min(next, turn.Week)
				}
			}
		}
		if err := run.To(ctx, next); err != nil {
			return trajectories, err
		}
	}
	run.Stop()
	retire(markets)
	return trajectories, nil
}

// Lanes is how many runs of a small market live side by side: enough to share the cost of a switch between
// goroutines, few enough to stay in the cache.
const Lanes = 32

// RunAll runs any number of tasks on all processors, in groups side by side, and calls done with the index and
// the trajectory of each. Several goroutines call it at once. The tasks must be alike, as for [RunSideBySide].
// The first error, of a run or of done, ends it all.
func RunAll(ctx context.Context, tasks []Task, o Options, done func(task int, t *Trajectory) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	lanes := Lanes
	if len(tasks) > 0 { // of large markets, one fills the cache
		lanes = max(1, min(lanes, sim.BlockSize*Lanes/len(tasks[0].Plan.labs)))
	}
	o.Workers = 1
	for first := 0; first < len(tasks); first += lanes {
		group.Go(func() error {
			some := tasks[first:min(first+lanes, len(tasks))]
			trajectories, err := RunSideBySide(ctx, some, o)
			if err != nil {
				return err
			}
			for i, t := range trajectories {
				if err := done(first+i, t); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// Recorder writes down what a market does, week by week.
type Recorder struct {
	market *Market
	all    Trajectory
	lean   bool
	left   bool // though it is lean
}

// NewRecorder starts to record a market. A line of many labs logs nothing, and appears in the series alone.
func NewRecorder(m *Market, o Options) *Recorder {
	rec := &Recorder{market: m, lean: o.Lean, left: o.Lean && o.Left, all: Trajectory{Labs: m.plan.labNames, Vendors: m.plan.vendorNames, Members: m.plan.members}}
	m.watched, m.counted = !o.Lean, o.Lean && o.Left
	if m.watched {
		for i, line := range m.plan.spec.Labs {
			if line.Count == 1 {
				m.labs[m.plan.lines[i].first].diary = &diary{decisions: o.Decisions, market: m, agent: line.Name}
			}
		}
		for j := range m.vendors {
			m.vendors[j].diary = &diary{market: m, agent: m.vendors[j].Name()}
		}
	}
	rec.makeRoom()
	return rec
}

// makeRoom makes the series by vendor and those by lab, empty, with room for all weeks.
func (rec *Recorder) makeRoom() {
	vendors, spend, views := rec.all.split()
	perVendor := rec.market.plan.Weeks() * len(rec.all.Vendors)
	perLab := perVendor * len(rec.all.Labs)
	if !rec.lean {
		carve(make([]float64, len(views)*perLab), views[:], perLab)
	} else if rec.left {
		carve(make([]float64, 2*perLab), []*[]float64{&rec.all.Left, &rec.all.CutOff}, perLab)
	}
	r, ok := rec.market.plan.rooms.Get().(*room)
	if ok {
		clear(r.vendors)
		clear(r.labs)
	} else {
		r = &room{rec.market.plan, make([]float64, len(vendors)*perVendor), make([]float64, perLab)}
	}
	carve(r.vendors, vendors[:], perVendor)
	carve(r.labs, spend[:], perLab)
	rec.all.room = r
}

// carve makes empty series, each with as much room, out of one slice.
func carve(all []float64, series []*[]float64, room int) {
	for i, s := range series {
		*s = all[i*room : i*room : (i+1)*room]
	}
}

// room is the memory of what a lean recorder writes: zeros, at first. Those by vendor and by lab are apart, so that
// whoever keeps the former does not keep the latter.
type room struct {
	plan          *Plan
	vendors, labs []float64
}

// Release gives up a trajectory, of which nobody may keep a series: its memory serves another run of the same plan.
// Whoever has many runs one after the other, and does not keep them, saves the time that new memory takes.
func (t *Trajectory) Release() {
	if t.room != nil {
		t.room.plan.rooms.Put(t.room)
	}
	*t = Trajectory{}
}

// Trajectory is what was recorded so far.
func (rec *Recorder) Trajectory() *Trajectory { return &rec.all }

// Observe records the week that the market has just lived; it is the Observe of [sim.Config].
func (rec *Recorder) Observe(week int) {
	rec.all.Weeks++
	rec.spend()
	rec.sellers()
	if !rec.lean {
		rec.views()
		rec.events(week)
	} else if rec.left {
		rec.departures()
	}
}

// departures are the views that say who has left whom.
func (rec *Recorder) departures() {
	m, t, n := rec.market, &rec.all, len(rec.all.Vendors)
	at := len(t.Left)
	t.Left, t.CutOff = t.Left[:at+n*len(t.Labs)], t.CutOff[:at+n*len(t.Labs)]
	for i, part := range m.plan.parts {
		members := float64(t.Members[part.line])
		for j, view := range m.board.views[i*n:][:n] {
			t.Left[at+part.line*n+j] += view.left / members
			t.CutOff[at+part.line*n+j] += view.cutOff / members
		}
	}
}

// spend adds the parts of each line, and of all, in their order.
func (rec *Recorder) spend() {
	m, t, n := rec.market, &rec.all, len(rec.all.Vendors)
	at, from := len(t.Revenue), len(t.Spend)
	t.Revenue, t.Spend = t.Revenue[:at+n], t.Spend[:from+n*len(t.Labs)]
	revenue := t.Revenue[at:]
	for i, part := range m.plan.parts {
		line := t.Spend[from+part.line*n:][:n]
		for j, spend := range m.board.spend[i*n:][:n] {
			line[j] += spend
			revenue[j] += spend
		}
	}
}

// sellers records what vendors sold, and at what.
func (rec *Recorder) sellers() {
	m, t, n, at := rec.market, &rec.all, len(rec.all.Vendors), len(rec.all.Load)
	for _, s := range [...]*[]float64{&t.Load, &t.Capacity, &t.Price, &t.Utilisation, &t.Inquiries} {
		*s = (*s)[:at+n]
	}
	inquiries := t.Inquiries[at:]
	for i := range m.plan.blocks {
		for j := range inquiries {
			inquiries[j] += m.board.Sums[i*n+j].Inquiries
		}
	}
	for j := range inquiries {
		v := &m.board.Sellers[j]
		inquiries[j] += v.Load
		t.Load[at+j], t.Capacity[at+j], t.Price[at+j], t.Utilisation[at+j] = v.Load, v.Capacity, v.Price, v.utilisation()
	}
}

// views adds what the labs of each line think, and takes means over them.
func (rec *Recorder) views() {
	m, t, n, next := rec.market, &rec.all, len(rec.all.Vendors), 0
	_, _, views := t.split()
	at := len(t.Trust)
	for _, s := range views {
		*s = (*s)[:at+n*len(t.Labs)]
	}
	for line, members := range t.Members {
		reviewing := 0.0
		for ; next < len(m.plan.parts) && m.plan.parts[next].line == line; next++ {
			for j, view := range m.board.views[next*n:][:n] {
				for k, x := range [...]float64{view.trust, view.conflict, view.premium, view.left, view.cutOff} {
					(*views[k])[at+j] += x
				}
			}
			reviewing += m.board.reviewing[next]
		}
		for _, s := range views {
			for j := range n {
				(*s)[at+j] /= float64(members)
			}
		}
		t.Reviewing = append(t.Reviewing, reviewing/float64(members))
		at += n
	}
}

// events logs what the wire published, and collects what labs and vendors wrote down.
func (rec *Recorder) events(week int) {
	m, t := rec.market, &rec.all
	if week < len(m.plan.weeks) {
		for _, i := range m.plan.weeks[week] {
			e := &m.plan.spec.Events[i]
			agent := e.Owner
			if agent == "" {
				agent = e.Vendor
			}
			t.Log = append(t.Log, Entry{Week: week, Agent: agent, Event: e.Kind, Vendor: e.Vendor, Value: m.plan.events[i].kind.worth(e), Cause: e.Name, Lab: e.Lab})
		}
	}
	for i := range t.Labs {
		l := &m.labs[m.plan.lines[i].first]
		if d := l.diary; d != nil {
			d.closes(l)
			t.Log = append(t.Log, d.log...)
			d.log = d.log[:0]
			if d.decisions {
				t.Decisions = append(t.Decisions, d.decision)
			}
		}
	}
	for j := range m.vendors {
		d := m.vendors[j].diary
		t.Log = append(t.Log, d.log...)
		d.log = d.log[:0]
	}
}
