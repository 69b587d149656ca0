package agents

import "exodus/sim"

// sums are over the labs of a block, for one vendor; the fields are exported for encoders.
type sums struct {
	Kept, Asked, Inquiries float64 // of the phase decide; USD million a year
	Clients, Gone          float64 // of the phase settle: labs that ever bought, and those of them that left, weighted by conflict
}

// views are sums over the labs of a part, for one vendor, that only an observer reads.
type views struct{ trust, conflict, premium, left, cutOff float64 }

// addUp posts the sums over a block of labs.
func (m *Market) addUp(t sim.Time, lo, hi int) {
	block, n := lo/sim.BlockSize, len(m.plan.vendors)
	to := m.board.Sums[block*n : block*n+n]
	if t.Phase == decide {
		m.addRequests(to, lo, hi)
		return
	}
	for i := m.plan.blocks[block][0]; i < m.plan.blocks[block][1]; i++ {
		m.settle(i)
		if m.watched || m.counted {
			m.addDepartures(i)
		}
		if m.watched {
			m.addViews(i)
		}
	}
	m.addClients(to, lo, hi)
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
		base := m.labs[i].line.base[:len(to)]
		for j := range len(to) - 1 {
			if base[j] > 0 && !rel[j].Reduced {
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
			if conflict == 0 || r.Peak == 0 {
				continue
			}
			s.Clients += conflict
			if r.Left {
				s.Gone += conflict
			}
		}
	}
}

// settle adds up what the labs of a part spend, and says who of them has left whom.
func (m *Market) settle(part int) {
	labs, n := m.plan.parts[part], len(m.plan.vendors)
	to, served, filled := m.board.spend[part*n:part*n+n], m.board.served[:n], m.board.filled[:n]
	clear(to)
	full := true
	for j := range served {
		full = full && served[j] == 1 && filled[j] == 1
	}
	for i := labs.lo; i < labs.hi; i++ {
		rel, spent := m.relations(i)[:n], 0.0
		for j := range rel {
			spend := rel[j].spend(served[j], filled[j])
			to[j] += spend
			spent += spend
		}
		switch self := &m.board.Labs[i]; {
		case self.Moving || !full:
			self.Still = 0
		case self.Still < clientWeeks:
			self.Still++
		default: // a mix that has stood for so long makes nobody leave or come
			continue
		}
		scale := 0.0
		if spent > 0 {
			scale = 1 / spent
		}
		for j := range rel {
			r := &rel[j]
			short := served[j] < 1 || filled[j] < 1 && r.Asked > 0
			r.judge(float64(r.spend(served[j], filled[j])*scale), short)
		}
	}
}

// addDepartures counts who has left whom, and who is cut off.
func (m *Market) addDepartures(part int) {
	labs, n := m.plan.parts[part], len(m.plan.vendors)
	to := m.board.views[part*n : part*n+n]
	for j := range to {
		to[j].left, to[j].cutOff = 0, 0
	}
	for i := labs.lo; i < labs.hi; i++ {
		for j, r := range m.relations(i) {
			if r.Left {
				to[j].left++
			}
			if r.CutOff {
				to[j].cutOff++
			}
		}
	}
}

func (m *Market) addViews(part int) {
	labs, n := m.plan.parts[part], len(m.plan.vendors)
	to := m.board.views[part*n : part*n+n]
	for j := range to { // a vendor that was never doubted has trust whole
		to[j].trust, to[j].conflict, to[j].premium = float64(labs.hi-labs.lo), 0, 0
	}
	reviewing := 0.0
	for i := labs.lo; i < labs.hi; i++ {
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
				s.premium += m.model.premium(m.labs[i].leak, trust)
			}
		}
	}
}

// premium is how much dearer a vendor feels than it is.
func (m *Model) premium(leak, trust float64) float64 {
	return sim.Exp(m.distrust(leak, trust)/m.PriceSensitivity) - 1
}
