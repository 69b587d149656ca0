package agents

import "exodus/sim"

// labState is what the board holds of a lab; its fields are exported for encoders.
type labState struct {
	Budget    float64 // USD million a year
	Habit     float64 // divergence of the mix from the preferences at the start, in nats
	Inquiry   float64 // what it inquires of each vendor it may try beyond its orders, USD million a year
	Reviewing bool    // its vendors
	Moving    bool    // whether this week's mix may differ from last week's
}

// relation is what the board holds of a lab and a vendor; its fields are exported for encoders.
type relation struct {
	Spend, Peak float64 // USD million a year
	Kept, Asked float64 // of the spend; beyond it. While a lab decides, Asked holds what it aims at
}

// left says whether the lab spends less than half of its peak with the vendor.
func (r *relation) left() bool { return r.Spend < r.Peak/2 }

// doubt is what the board holds of a lab and a vendor that something has touched; its fields are exported for encoders.
type doubt struct {
	Fear     float64 // perceived conflict
	Hurt     float64 // what is left of incidents
	Conflict float64 // herding apart
}

func (d *doubt) trust() float64 { return float64((1 - d.Hurt) * (1 - d.Fear)) }

// doubt of lab i about vendor j.
func (m *Market) doubt(i, j int) *doubt { return &m.board.doubts[j*len(m.labs)+i] }

// relations of lab i, by vendor.
func (m *Market) relations(i int) []relation {
	n := len(m.plan.vendors)
	return m.board.relations[i*n : i*n+n]
}

// lab buys data work.
type lab struct {
	*Market
	i, line int
	diary   *diary

	// What luck made of it for this run.
	leak    float64 // utility lost with a vendor that is not trusted at all, in nats: beta_L e
	notice  float64 // share of the way out that a week goes, where no term binds: 1 - exp(-1/tau)
	tau     float64 // weeks
	rivalry []float64
}

func (l *lab) Name() string {
	return l.plan.spec.Labs[l.line].member(l.i - l.plan.lines[l.line].first)
}

// reset draws what luck makes of the lab, and puts its spend to the start.
func (l *lab) reset() {
	p, at, u := l.plan, &l.plan.labs[l.i], &l.plan.spec.Uncertainty
	tau := p.spec.Labs[at.line].ExitWeeks
	l.line = at.line
	l.leak = l.model.LeakAversion * min(1, at.exposure*p.factor(l.luck, at.key, keyExposure, sim.Once, u.Exposure))
	l.tau = max(1, tau*p.factor(l.luck, at.key, keyExit, sim.Once, u.ExitWeeks))
	l.notice = 1 - sim.Exp(-1/l.tau)
	for k := range l.rivalry {
		l.rivalry[k] = min(1, at.rivalry[k]*p.factor(l.luck, at.key, p.rivalry[k], sim.Once, u.Rivalry))
	}
	line, self := &p.lines[at.line], &l.board.labs[l.i]
	*self = labState{Habit: line.habit}
	for j, r := 0, l.relations(l.i); j < len(r); j++ {
		spend := float64(line.spend[j] * at.size)
		r[j] = relation{Spend: spend, Peak: spend}
		self.Budget += spend
	}
}

// Act decides in one phase, and settles in another.
func (l *lab) Act(t sim.Time) {
	if t.Phase == decide {
		l.decide(t.Week)
	} else {
		l.settle()
	}
}

// decide perceives and reprices the vendors, and posts what the lab keeps and what it asks for.
func (l *lab) decide(week int) {
	self, rel, line := &l.board.labs[l.i], l.relations(l.i), &l.plan.lines[l.line]
	self.Budget = float64(self.Budget * line.growth)
	money := self.Budget
	if sd := l.plan.spec.Uncertainty.Budget; sd > 0 {
		money = float64(money * l.plan.factor(l.luck, l.plan.labs[l.i].key, keyBudget, week, sd))
	}

	spent, ideal, regret := l.perceive(rel, week)
	starts := !self.Reviewing && regret > l.model.ReviewThreshold
	ends := self.Reviewing && regret <= l.model.ReviewThreshold/4
	if starts || ends {
		self.Reviewing = starts
	}
	self.Moving = self.Reviewing
	if self.Reviewing || spent == 0 { // without a mix there is none to stand by
		scale := money / ideal
		for j := range rel {
			rel[j].Asked = float64(rel[j].Asked * scale)
		}
	} else {
		scale := money / spent
		for j := range rel {
			rel[j].Asked = float64(rel[j].Spend * scale)
		}
	}
	if len(line.owners) > 0 {
		l.commit(rel, money)
	}
	if l.diary != nil {
		l.diary.decided(l, rel, week, money, regret, starts, ends)
	}
	l.place(rel, money, starts)
	if l.diary != nil {
		l.diary.placed(rel)
	}
}

// perceive believes the week's news, and prices vendors by it. It returns what the lab spent last week and
// the regret of its mix, in nats, and leaves the ideal mix in Asked, as parts of the ideal that it returns.
func (l *lab) perceive(rel []relation, week int) (spent, ideal, regret float64) {
	base, offers := l.plan.lines[l.line].base[:len(rel)], l.board.offers[:len(rel)]
	taste := l.plan.spec.Uncertainty.Taste * l.plan.spec.Uncertainty.Scale
	lean := 0.0
	for j := range rel {
		r, offer := &rel[j], &offers[j]
		share, gain := float64(base[j]*offer.Pull), offer.LogPull
		if offer.Touched && share > 0 {
			fear := float64(l.leak * (1 - l.believe(j)))
			share = float64(share * sim.Exp(-fear))
			gain -= fear
		}
		if taste > 0 {
			shock := float64(taste * l.luck.Normal(l.plan.labs[l.i].key, l.plan.taste[j], week))
			share = float64(share * sim.Exp(shock))
			gain += shock
		}
		r.Asked = share
		ideal += share
		spent += r.Spend
		lean += float64(r.Spend * gain)
	}
	return spent, ideal, l.board.labs[l.i].Habit - lean/spent + sim.Log(ideal)
}

// believe moves what the lab thinks of a vendor towards this week's news, fast where it is bad, and returns its trust.
func (l *lab) believe(j int) float64 {
	b, m, d := &l.board, &l.model, l.doubt(l.i, j)
	n := len(b.offers)
	if l.news {
		open, safe := 1-b.firewall[j], 1.0
		for k, rivalry := range l.rivalry {
			safe = float64(safe * (1 - float64(b.control[k*n+j]*rivalry*open)))
		}
		d.Conflict = 1 - safe
	}
	conflict := felt(d.Conflict, m.Herding, b.offers[j].Herd)
	rate := m.RecoveryRate
	if conflict > d.Fear {
		rate = m.AlarmRate
	}
	d.Fear += float64(rate * (conflict - d.Fear))
	d.Hurt = max(float64(d.Hurt*(1-m.RecoveryRate)), b.severity[l.line*n+j])
	return d.trust()
}

// felt is the conflict that counts: others who leave make it worse.
func felt(conflict, herding, herd float64) float64 {
	return min(1, float64(conflict*(1+float64(herding*herd))))
}

// commit lifts the targets to what the lab, as an owner, has committed to; its other targets make room.
func (l *lab) commit(rel []relation, money float64) {
	floor := func(j int) (most float64) {
		for _, k := range l.plan.lines[l.line].owners {
			most = max(most, l.board.floor[k*len(rel)+j])
		}
		return float64(most * l.plan.labs[l.i].size)
	}
	bound, rest := 0.0, 0.0
	for j := range rel {
		if f := floor(j); f > rel[j].Asked {
			bound += f
		} else {
			rest += rel[j].Asked
		}
	}
	if bound == 0 {
		return
	}
	l.board.labs[l.i].Moving = true
	lift, room := money/bound, 0.0
	if bound < money {
		lift, room = 1, (money-bound)/rest
	}
	for j := range rel {
		if f := floor(j); f > rel[j].Asked {
			rel[j].Asked = float64(f * lift)
		} else {
			rel[j].Asked = float64(rel[j].Asked * room)
		}
	}
}

// place posts what the lab keeps of its spend, and where it asks for what its budget leaves over.
func (l *lab) place(rel []relation, money float64, starts bool) {
	m, self := &l.model, &l.board.labs[l.i]
	base, term := l.plan.lines[l.line].base[:len(rel)], l.board.term[l.line*len(rel):][:len(rel)]

	// Leaving takes notice.
	left, want, open, moves := money, 0.0, 0.0, 0.0
	for j := range rel {
		r := &rel[j]
		excess := r.Spend - r.Asked
		if excess <= 0 {
			r.Kept = r.Spend
			want += r.Asked
			if base[j] > 0 && j < len(rel)-1 {
				open++
			}
		} else {
			stays := 1 - l.notice
			if term[j] > 0 {
				stays = sim.Exp(-1 / (l.tau + term[j]))
			} else if starts && l.doubt(l.i, j).Fear > 0 {
				stays *= 1 - m.EmergencyPause
				if l.diary != nil {
					l.diary.add(Pauses, j, excess*m.EmergencyPause)
				}
			}
			r.Kept = r.Spend - float64(excess*(1-stays))
			moves += excess
			if !self.Reviewing {
				want += r.Asked
			}
		}
		left -= r.Kept
	}

	// The rest is placed by preference; in a review, a part of it evenly.
	left = max(0, left)
	liking, even := left, 0.0
	self.Inquiry = 0
	if self.Reviewing {
		liking = float64(left * m.LogitPlacing)
		if open > 0 { // else there is nobody to try, and that part of the budget waits
			even = (left - liking) / open
			self.Inquiry = m.InquiryMultiple * moves / open
		}
	}
	scale := 0.0
	if want > 0 {
		scale = liking / want
	}
	for j := range rel {
		r := &rel[j]
		if self.Reviewing && r.Spend > r.Asked || base[j] == 0 {
			r.Asked = 0
			continue
		}
		r.Asked = float64(r.Asked * scale)
		if j < len(rel)-1 {
			r.Asked += even
		}
	}
}

// settle spends what was kept and filled.
func (l *lab) settle() {
	self, rel := &l.board.labs[l.i], l.relations(l.i)
	offers := l.board.offers[:len(rel)]
	moved := self.Moving
	for j := range rel {
		r, filled := &rel[j], offers[j].Filled
		had := r.left()
		r.Spend = r.Kept + float64(filled*r.Asked)
		if r.Spend > r.Peak {
			r.Peak = r.Spend
		}
		if filled < 1 && r.Asked > 0 {
			moved = true
		}
		if l.diary != nil && r.left() != had {
			l.diary.moved(r, j)
		}
	}
	if moved {
		self.Habit = l.plan.lines[l.line].divergence(rel)
	}
}

// divergence is that of a mix from the preferences at the start, in nats.
func (line *linePlan) divergence(rel []relation) float64 {
	whole, d := 0.0, 0.0
	for j := range rel {
		whole += rel[j].Spend
	}
	for j := range rel {
		if w := rel[j].Spend / whole; w > 0 {
			d += float64(w * sim.Log(w/line.base[j]))
		}
	}
	return d
}
