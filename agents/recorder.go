package agents

import (
	"context"

	"exodus/sim"
)

// Options say how a market is run, not what it comes to.
type Options struct {
	Decisions bool // record each lab's decisions
	Workers   int  // goroutines that resume agents; 0 is as many as pay
}

// Run runs the market of a plan once, under luck. When ctx is cancelled it returns the weeks that there are,
// and the context's error.
func Run(ctx context.Context, plan *Plan, luck sim.Luck, o Options) (*Trajectory, error) {
	m := New(plan, luck)
	rec := NewRecorder(m, o.Decisions)
	run, err := sim.Start(sim.Config{Worlds: []sim.World{m}, Phases: Phases(), Workers: o.Workers, Observe: rec.Observe})
	if err != nil {
		return nil, err
	}
	defer run.Stop()
	err = run.To(ctx, plan.Weeks())
	return rec.Trajectory(), err
}

// Recorder writes down what a market does, week by week.
type Recorder struct {
	market *Market
	all    Trajectory
}

// NewRecorder starts to record a market. From now on its agents log what they do; where decisions is on,
// labs write down every decision too. A line of many labs logs nothing, and appears in the series alone.
func NewRecorder(m *Market, decisions bool) *Recorder {
	rec := &Recorder{market: m}
	weeks, n := m.plan.Weeks(), len(m.plan.vendors)
	for i, line := range m.plan.spec.Labs {
		rec.all.Labs = append(rec.all.Labs, line.Name)
		rec.all.Members = append(rec.all.Members, line.Count)
		if line.Count == 1 {
			m.labs[m.plan.lines[i].first].diary = &diary{decisions: decisions, market: m, agent: line.Name}
		}
	}
	for j, v := range m.plan.vendors {
		rec.all.Vendors = append(rec.all.Vendors, v.Name)
		m.vendors[j].diary = &diary{market: m, agent: v.Name}
	}
	for _, s := range []*[]float64{&rec.all.Revenue, &rec.all.Load, &rec.all.Capacity, &rec.all.Price, &rec.all.Utilisation, &rec.all.Inquiries} {
		*s = make([]float64, 0, weeks*n)
	}
	for _, s := range []*[]float64{&rec.all.Spend, &rec.all.Trust, &rec.all.Conflict, &rec.all.Premium, &rec.all.Left} {
		*s = make([]float64, 0, weeks*len(rec.all.Labs)*n)
	}
	m.watched = true
	return rec
}

// Trajectory is what was recorded so far.
func (rec *Recorder) Trajectory() *Trajectory { return &rec.all }

// Observe records the week that the market has just lived; it is the Observe of [sim.Config].
func (rec *Recorder) Observe(week int) {
	rec.all.Weeks++
	rec.vendors()
	rec.relations()
	rec.events(week)
}

func (rec *Recorder) vendors() {
	m, t := rec.market, &rec.all
	for j := range t.Vendors {
		revenue, inquiries := 0.0, 0.0
		for i := range m.plan.parts {
			s := &m.sums(i)[j]
			revenue += s.Spend
			inquiries += s.Inquiries
		}
		load, capacity, price := m.board.load[j], m.board.capacity[j], m.board.price[j]
		t.Revenue = append(t.Revenue, revenue)
		t.Load = append(t.Load, load)
		t.Capacity = append(t.Capacity, capacity)
		t.Price = append(t.Price, price)
		t.Utilisation = append(t.Utilisation, m.vendors[j].utilisation())
		t.Inquiries = append(t.Inquiries, load+inquiries)
	}
}

// relations adds the parts of each line, in order, and takes means over its labs.
func (rec *Recorder) relations() {
	m, t := rec.market, &rec.all
	n, next := len(t.Vendors), 0
	for line, members := range t.Members {
		series := []*[]float64{&t.Spend, &t.Trust, &t.Conflict, &t.Premium, &t.Left}
		at := len(t.Spend)
		for _, s := range series {
			*s = append(*s, make([]float64, n)...)
		}
		reviewing := 0.0
		for ; next < len(m.plan.parts) && m.plan.parts[next].line == line; next++ {
			for j, s := range m.sums(next) {
				view := &m.board.views[next*n+j]
				for k, x := range [...]float64{s.Spend, view.trust, view.conflict, view.premium, view.left} {
					(*series[k])[at+j] += x
				}
			}
			reviewing += m.board.reviewing[next]
		}
		for _, s := range series[1:] {
			for j := range n {
				(*s)[at+j] /= float64(members)
			}
		}
		t.Reviewing = append(t.Reviewing, reviewing/float64(members))
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
			t.Log = append(t.Log, Entry{Week: week, Agent: agent, Event: e.Kind, Vendor: e.Vendor, Value: e.value(), Cause: e.Name})
		}
	}
	for i := range t.Labs {
		if d := m.labs[m.plan.lines[i].first].diary; d != nil {
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

// value is the figure that the event states.
func (e *Event) value() float64 {
	switch e.Kind {
	case "stake", "sale":
		return e.Stake
	case "votes":
		return e.Votes
	case "executives":
		return e.Executives
	case "firewall":
		return e.Cred
	case "price", "quality", "capacity":
		return e.Change
	case "term":
		return e.Weeks
	case "commitment":
		return e.Minimum
	case "incident":
		return e.Severity
	}
	return 0 // block
}
