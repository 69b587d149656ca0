package agents

import (
	"math"
	"slices"

	"exodus/sim"
)

// diary is what an agent writes down in a week, for the recorder to collect.
type diary struct {
	decisions bool // whether every decision is asked for

	market   *Market
	agent    string
	week     int
	before   []relation // by vendor: how the lab stood to it before this week
	log      []Entry
	decision Decision
}

// add writes down an event. Its cause is the last event for the worse at the vendor.
func (d *diary) add(event string, vendor int, value float64) {
	e := Entry{Week: d.week, Agent: d.agent, Event: event, Value: value}
	if vendor >= 0 {
		e.Vendor = d.market.plan.vendors[vendor].Name
		e.Cause = d.market.cause(vendor)
	}
	d.log = append(d.log, e)
}

// cause is the name of the last event for the worse at a vendor, or "".
func (m *Market) cause(vendor int) string {
	if i := m.board.News[vendor].Cause; i > 0 {
		return m.plan.spec.Events[i-1].Name
	}
	return ""
}

// decided writes down what a lab saw and what it makes of it, now that asked holds its targets.
func (d *diary) decided(l *lab, rel []relation, money, regret float64, starts, ends bool) {
	n := len(rel)
	dec := Decision{
		Week: d.week, Lab: d.agent, Budget: money,
		Price: make([]float64, n), Trust: make([]float64, n),
		Utility: make([]float64, n), Ideal: make([]float64, n), Mix: make([]float64, n),
		Regret: regret, Threshold: l.model.ReviewThreshold, Reviewing: l.board.Labs[l.i].Reviewing,
		Target: make([]float64, n),
	}
	spent, whole := 0.0, 0.0
	for j := range rel {
		r := &rel[j]
		dec.Price[j] = l.board.Sellers[j].Price
		dec.Trust[j], dec.Target[j] = l.doubt(l.i, j).trust(), r.Asked
		dec.Utility[j] = l.utility(dec.Trust[j], j, d.week)
		dec.Ideal[j] = sim.Exp(dec.Utility[j])
		whole += dec.Ideal[j]
		spent += r.Kept
	}
	worst, most := -1, 0.0
	for j := range n {
		dec.Ideal[j] /= whole
		dec.Mix[j] = rel[j].Kept / spent
		if w := dec.Mix[j]; w > 0 && dec.Ideal[j] > 0 {
			if part := w * sim.Log(w/dec.Ideal[j]); part > most {
				worst, most = j, part
			}
		}
	}
	if worst >= 0 {
		dec.Cause = l.cause(worst)
	}
	switch {
	case starts && worst >= 0:
		d.add(ReviewStarts, worst, l.model.premium(l.leak, dec.Trust[worst]))
	case ends:
		d.add(ReviewEnds, -1, regret)
	}
	d.decision = dec
}

// utility is what the lab sees in vendor j this week, in nats, such that its exponentials are in proportion
// to the ideal mix and, at the start, are that mix.
func (l *lab) utility(trust float64, j, week int) float64 {
	at := &l.plan.labs[l.i]
	base := l.line.base[j]
	if base == 0 || l.board.Offers[j].Pull == 0 {
		return math.Inf(-1)
	}
	u := sim.Log(base) + l.board.Offers[j].LogPull
	if first := 1 - l.doubt(l.i, j).First; l.model.MultiplicativeTrust {
		u -= l.model.distrust(l.leak, trust) - l.model.distrust(l.leak, first)
	} else {
		u -= float64(l.leak * (first - trust))
	}
	if taste := l.plan.spec.Uncertainty.Taste * l.plan.spec.Uncertainty.Scale; taste > 0 {
		u += float64(taste * l.luck.Normal(at.key, l.plan.taste[j], week))
	}
	return u
}

// placed adds what the lab keeps and asks for.
func (d *diary) placed(rel []relation) {
	if !d.decisions {
		return
	}
	for j := range rel {
		d.decision.Kept = append(d.decision.Kept, rel[j].Kept)
		d.decision.Asked = append(d.decision.Asked, rel[j].Asked)
	}
}

// opens begins a lab's week: it notes how the lab stands to its vendors so far.
func (d *diary) opens(rel []relation, week int) {
	d.week, d.before = week, append(d.before[:0], rel...)
}

// closes ends it: it writes down which vendors the lab has left by now, which have cut it off, and to which it is back.
func (d *diary) closes(l *lab) {
	for j, r := range l.relations(l.i) {
		spend, before := r.spend(l.board.served[j], l.board.filled[j]), &d.before[j]
		switch {
		case r.Left && !before.Left:
			d.add(Leaves, j, spend)
		case r.CutOff && !before.CutOff:
			d.add(CutOff, j, spend)
		case l.board.News[j].Ending: // it must leave, and is not back where it was cut off
		case before.Left && !r.Left, before.CutOff && !r.CutOff:
			d.add(Returns, j, spend)
		}
	}
}

// ended writes down that a vendor serves nobody from this week on.
func (d *diary) ended(week int) {
	d.week = week
	d.add(EndsService, slices.Index(d.market.plan.vendorNames, d.agent), 0)
}

// filled writes down that a vendor starts to lay off, or to turn work away. before is the share of new work
// that it filled last week.
func (d *diary) filled(v *vendor, week int, laysOff bool, before float64) {
	d.week = week
	if s := &v.board.Sellers[v.j]; laysOff && !s.Idle {
		d.add(LaysOff, v.j, s.NextCapacity)
	}
	if now := v.board.filled[v.j]; now < 1 && before == 1 {
		d.add(TurnsAway, v.j, now)
	}
}
