package agents

import "exodus/sim"

// sums are over the labs of a part, for one vendor; the fields are exported for encoders.
type sums struct {
	Kept, Asked, Inquiries float64 // of the phase decide; USD million a year
	Spend                  float64 // of the phase settle, as all that follow
	Clients, Gone          float64 // labs that ever bought, and those of them that left, weighted by conflict
}

// views are sums over the labs of a part, for one vendor, that only an observer reads.
type views struct{ trust, conflict, premium, left float64 }

// addUp posts the sums over a block of labs.
func (m *Market) addUp(t sim.Time, lo, _ int) {
	block := m.plan.blocks[lo/sim.BlockSize]
	for i := block[0]; i < block[1]; i++ {
		switch {
		case t.Phase == decide:
			m.addRequests(i)
		case m.watched:
			m.addSpend(i)
			m.addViews(i)
		default:
			m.addSpend(i)
		}
	}
}

// sums of part i, by vendor.
func (m *Market) sums(i int) []sums {
	n := len(m.plan.vendors)
	return m.board.sums[i*n : i*n+n]
}

func (m *Market) addRequests(i int) {
	part, to := m.plan.parts[i], m.sums(i)
	for j := range to {
		to[j].Kept, to[j].Asked, to[j].Inquiries = 0, 0, 0
	}
	for i := part.lo; i < part.hi; i++ {
		rel := m.relations(i)[:len(to)]
		inquiry := m.board.labs[i].Inquiry
		for j := range to {
			s, r := &to[j], &rel[j]
			s.Kept += r.Kept
			s.Asked += r.Asked
			if r.Asked > 0 && j < len(to)-1 {
				s.Inquiries += inquiry
			}
		}
	}
}

func (m *Market) addSpend(i int) {
	part, to := m.plan.parts[i], m.sums(i)
	for j := range to {
		to[j].Spend, to[j].Clients, to[j].Gone = 0, 0, 0
	}
	for i := part.lo; i < part.hi; i++ {
		rel := m.relations(i)[:len(to)]
		for j := range to {
			s, r := &to[j], &rel[j]
			s.Spend += r.Spend
			if r.Conflict == 0 || r.Peak == 0 {
				continue
			}
			s.Clients += r.Conflict
			if r.left() {
				s.Gone += r.Conflict
			}
		}
	}
}

func (m *Market) addViews(i int) {
	part, n := m.plan.parts[i], len(m.plan.vendors)
	to := m.board.views[i*n : i*n+n]
	clear(to)
	reviewing := 0.0
	for i := part.lo; i < part.hi; i++ {
		rel, leak := m.relations(i), m.traits[i].leak
		for j := range to {
			s, r := &to[j], &rel[j]
			trust := r.trust()
			s.trust += trust
			s.conflict += felt(r.Conflict, m.model.Herding, m.board.offers[j].Herd)
			if trust < 1 {
				s.premium += premium(leak, m.model.PriceSensitivity, trust)
			}
			if r.left() {
				s.left++
			}
		}
		if m.board.labs[i].Reviewing {
			reviewing++
		}
	}
	m.board.reviewing[i] = reviewing
}

// premium is how much dearer a vendor feels than it is.
func premium(leak, priceSensitivity, trust float64) float64 {
	return sim.Exp(float64(leak*(1-trust))/priceSensitivity) - 1
}
