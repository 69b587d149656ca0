package agents

import "exodus/sim"

// bulletin is what the wire has published of a vendor; its fields are exported for encoders.
type bulletin struct {
	Firewall, Quality           float64
	PriceChange, CapacityChange float64 // this week's, factors
	Cause                       int     // the last event for the worse, counted from 1; 0 for none
	Touched                     bool    // from the first event on that can cost it trust
	Ending                      bool    // whether it has announced that it serves nobody
	End                         int     // from that week on
}

// bulletin is what is known of the vendor at the start.
func (v *Vendor) bulletin() bulletin {
	return bulletin{Firewall: v.Firewall, Quality: v.Quality, PriceChange: 1, CapacityChange: 1}
}

// wire publishes the events of the scenario.
type wire struct{ *Market }

func (w *wire) Name() string { return "the wire" }

// Act applies the events of the week to the public state, in their order.
func (w *wire) Act(t sim.Time) {
	if w.board.fresh[0] > 0 {
		w.board.forget()
		w.board.fresh[0] = 0
	}
	w.news, w.stale = w.stale, false
	if t.Week < len(w.plan.weeks) && len(w.plan.weeks[t.Week]) > 0 { // a market may live on after the weeks of its plan
		w.news = true
		for _, i := range w.plan.weeks[t.Week] {
			w.publish(i)
		}
	}
	if w.news {
		w.readNews()
	}
}

// forget takes back what held for one week only.
func (b *board) forget() {
	clear(b.severity)
	for j := range b.News {
		b.News[j].PriceChange, b.News[j].CapacityChange = 1, 1
	}
}

// publish makes an event known.
func (w *wire) publish(i int) {
	at := w.plan.events[i]
	about := &w.board.News[at.vendor]
	if at.kind.publish(&w.board, &w.plan.spec.Events[i], at) {
		about.Cause = i + 1
	}
	about.Touched = about.Touched || at.kind.touches
	w.board.fresh[0] = 1
}
