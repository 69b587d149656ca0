package agents

import "exodus/sim"

// sums are over the labs of a block, for one vendor; the fields are exported for encoders.
type sums struct {
	Kept, Asked, Inquiries float64 // of the phase decide; USD million a year
	Clients, Gone          float64 // of the phase settle: labs that ever bought, and those of them that left, weighted by conflict
}

// views are sums over the labs of a part, for one vendor, that only an observer reads.
type views struct{ trust, conflict, premium, left float64 }

// addUp posts the sums over a block of labs.
func (m *Market) addUp(t sim.Time, lo, hi int) {
	block, n := lo/sim.BlockSize, len(m.plan.vendors)
	to := m.board.Sums[block*n : block*n+n]
	if t.Phase == decide {
		m.addRequests(to, lo, hi)
		return
	}
	m.addClients(to, lo, hi)
	for i := m.plan.blocks[block][0]; i < m.plan.blocks[block][1]; i++ {
		m.addSpend(i)
		if m.watched {
			m.addViews(i)
		}
	}
}

func (m *Market) addRequests(to []sums, lo, hi int) {
	for j := range to {
		to[j].Kept, to[j].Asked, to[j].Inquiries = 0, 0, 0
	}
	for i := lo; i < hi; i++ {
		rel := m.relations(i)[:len(to)]
		for j := range to {
			to[j].Kept += rel[j].Kept
			to[j].Asked += rel[j].Asked
		}
		inquiry := m.board.Labs[i].Inquiry
		if inquiry == 0 {
			continue
		}
		for j := range len(to) - 1 {
			if rel[j].Asked > 0 {
				to[j].Inquiries += inquiry
			}
		}
	}
}

func (m *Market) addClients(to []sums, lo, hi int) {
	for _, j := range m.doubted {
		s := &to[j]
		s.Clients, s.Gone = 0, 0
		for i := lo; i < hi; i++ {
			conflict, r := m.doubt(i, j).Conflict, &m.board.Relations[i*len(to)+j]
			spend := r.spend(m.board.filled[j])
			if conflict == 0 || r.Peak == 0 && spend == 0 {
				continue
			}
			s.Clients += conflict
			if r.left(spend) {
				s.Gone += conflict
			}
		}
	}
}

func (m *Market) addSpend(part int) {
	labs, n := m.plan.parts[part], len(m.plan.vendors)
	to, filled := m.board.spend[part*n:part*n+n], m.board.filled[:n]
	for j, r := range m.relations(labs.lo) {
		to[j] = r.spend(filled[j])
	}
	for i := labs.lo + 1; i < labs.hi; i++ {
		for j, r := range m.relations(i) {
			to[j] += r.spend(filled[j])
		}
	}
}

func (m *Market) addViews(part int) {
	labs, n := m.plan.parts[part], len(m.plan.vendors)
	to, filled := m.board.views[part*n:part*n+n], m.board.filled[:n]
	for j := range to {
		to[j] = views{trust: float64(labs.hi - labs.lo)} // a vendor that was never doubted has it whole
	}
	reviewing := 0.0
	for i := labs.lo; i < labs.hi; i++ {
		for j, r := range m.relations(i) {
			if r.left(r.spend(filled[j])) {
				to[j].left++
			}
		}
		if m.board.Labs[i].Reviewing {
			reviewing++
		}
	}
	m.board.reviewing[part] = reviewing
	for _, j := range m.doubted {
		s, herd := &to[j], m.board.Offers[j].Herd
		s.trust = 0
		for i := labs.lo; i < labs.hi; i++ {
			d := m.doubt(i, j)
			trust := d.trust()
			s.trust += trust
			s.conflict += felt(d.Conflict, m.model.Herding, herd)
			if trust < 1 {
				s.premium += premium(m.labs[i].leak, m.model.PriceSensitivity, trust)
			}
		}
	}
}

// premium is how much dearer a vendor feels than it is.
func premium(leak, priceSensitivity, trust float64) float64 {
	return sim.Exp(float64(leak*(1-trust))/priceSensitivity) - 1
}
