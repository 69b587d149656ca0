package agents

import "exodus/sim"

// bulletin is what the wire has published of a vendor; its fields are exported for encoders.
type bulletin struct {
	Firewall, Quality           float64
	PriceChange, CapacityChange float64 // this week's, factors
	Cause                       int     // the last event for the worse, counted from 1; 0 for none
	Touched                     bool    // from the first event on that can cost it trust
}

// wire publishes the events of the scenario.
type wire struct{ *Market }

func (w *wire) Name() string { return "the wire" }

// Act applies the events of the week to the public state, in their order.
func (w *wire) Act(t sim.Time) {
	w.forget()
	w.news, w.stale = w.stale, false
	if t.Week < len(w.plan.weeks) && len(w.plan.weeks[t.Week]) > 0 { // a market may live on after the weeks of its plan
		w.news = true
		for _, i := range w.plan.weeks[t.Week] {
			w.publish(i)
		}
	}
	if w.news {
		w.findDoubted()
	}
}

// forget takes back what held for one week only.
func (w *wire) forget() {
	b := &w.board
	if b.fresh[0] == 0 {
		return
	}
	b.fresh[0] = 0
	clear(b.severity)
	for j := range b.News {
		b.News[j].PriceChange, b.News[j].CapacityChange = 1, 1
	}
}

func (w *wire) publish(i int) {
	b, e, at := &w.board, &w.plan.spec.Events[i], w.plan.events[i]
	held, about := at.owner*len(w.plan.vendors)+at.vendor, &b.News[at.vendor]
	worse := false
	switch e.Kind {
	case "stake", "votes", "executives":
		// A deal may state all three; what it does not state stays as it is.
		hold := func(slots []float64, field string, value float64) {
			if e.States(field) {
				worse = worse || value > slots[held]
				slots[held] = value
			}
		}
		hold(b.stake, "stake", e.Stake)
		hold(b.votes, "votes", e.Votes)
		hold(b.executives, "executives", e.Executives)
	case "block":
		b.hold(held, w.plan.holding(at.owner, at.vendor))
	case "sale":
		if e.Stake == 0 { // as where a variant made the deal before it nothing
			break
		}
		part := min(1, e.Stake/b.stake[held])
		votes := float64(part * b.votes[held])
		b.stake[held], b.votes[held] = max(0, b.stake[held]-e.Stake), b.votes[held]-votes
		if at.to >= 0 {
			to := at.to*len(w.plan.vendors) + at.vendor
			b.stake[to] += e.Stake
			b.votes[to] += votes
			worse = true
		}
	case "commitment":
		b.minimum[held] = e.Minimum
	case "firewall":
		worse = e.Cred < about.Firewall
		about.Firewall = e.Cred
	case "price":
		worse = e.Change > 0
		about.PriceChange *= 1 + e.Change
	case "capacity":
		worse = e.Change < 0
		about.CapacityChange *= 1 + e.Change
	case "quality":
		worse = e.Change < 0
		about.Quality *= 1 + e.Change
	case "term":
		w.offer(b.term, at, e.Weeks)
	case "incident":
		worse = e.Severity > 0
		w.offer(b.severity, at, e.Severity)
	}
	if worse {
		about.Cause = i + 1
	}
	if e.Kind == "price" || e.Kind == "capacity" || e.Kind == "incident" {
		b.fresh[0] = 1
	}
	if e.touches() {
		about.Touched = true
	}
}

// holding is what an owner holds of a vendor from before the start.
func (p *Plan) holding(owner, vendor int) Holding {
	for _, h := range p.held {
		if h.owner == owner && h.vendor == vendor {
			return h.Holding
		}
	}
	return Holding{}
}

// touches says whether the event can cost its vendor trust.
func (e *Event) touches() bool {
	return e.Kind == "incident" || e.Owner != "" && e.Kind != "commitment"
}

// offer sets what a vendor's event means for the one line that it concerns, or for all.
func (w *wire) offer(slots []float64, at eventPlan, value float64) {
	for line := range w.plan.lines {
		if at.line == line || at.line < 0 {
			slots[line*len(w.plan.vendors)+at.vendor] = value
		}
	}
}
