package agents

import "exodus/sim"

// labState is what the board holds of a lab; its fields are exported for encoders.
type labState struct {
	Budget    float64 // USD million a year
	Habit     float64 // divergence of the mix from the preferences at the start, in nats
	Inquiry   float64 // what it inquires of each vendor it may try beyond its orders, USD million a year
	Reviewing bool    // its vendors
	Moving    bool    // whether this week's mix may differ from last week's
	Still     uint8   // for how many weeks it has not, up to clientWeeks
}

// relation is what the board holds of a lab and a vendor, in USD million a year; its fields are exported for encoders.
// What the lab spends with the vendor is what it kept and what was filled of what it asked for, whoever reads it.
type relation struct {
	Kept, Asked float64 // of the spend before; beyond it. While a lab decides, that spend itself, and what it aims at
	Peak        float64 // the highest part of the lab's spend that the vendor had
	Reduced     bool    // whether the lab aims below what it spends
	Client      bool    // whether the vendor has had enough of the lab's spend for it to leave
	Weeks       uint8   // for how many weeks running it has, until it is one
	Left        bool    // whether the lab has left the vendor
	CutOff      bool    // whether the vendor does not serve it as it did, for want of capacity
}

// What a lab that leaves is judged by: the part of its spend that it gives a vendor.
const (
	leavesBelow  = 0.5  // of the highest part
	returnsAbove = 0.6  // the same
	clientPart   = 0.01 // of its spend, at the start or for
	clientWeeks  = 13   // weeks running
)

// spend is what the lab spends, where the vendor serves so much of what was kept, and of what was asked.
func (r *relation) spend(served, filled float64) float64 {
	return float64(r.Kept*served) + float64(filled*r.Asked)
}

// judge says whether the lab has left the vendor, which has that part of its spend at the end of a week. A fall that the
// vendor's capacity caused is not leaving.
func (r *relation) judge(part float64, short bool) {
	if part > r.Peak {
		r.Peak = part
	}
	switch {
	case !r.Client:
		if r.Weeks++; part < clientPart {
			r.Weeks = 0
		}
		r.Client = r.Weeks == clientWeeks
	case r.Left || r.CutOff:
		if part > returnsAbove*r.Peak {
			r.Left, r.CutOff = false, false
		} else if r.CutOff && r.Reduced && part < leavesBelow*r.Peak {
			r.Left, r.CutOff = true, false
		}
	case part < leavesBelow*r.Peak:
		r.Left, r.CutOff = r.Reduced, short && !r.Reduced
	}
}

// doubt is what the board holds of a lab and a vendor that something has touched; its fields are exported for encoders.
type doubt struct {
	Fear     float64 // perceived conflict
	First    float64 // the same at the start
	Hurt     float64 // what is left of incidents
	Conflict float64 // herding apart
	Loss     float64 // utility that the lab loses with the vendor since the start for want of trust, in nats
	Keeps    float64 // the part of its pull that the vendor keeps: exp(-Loss)
}

func (d *doubt) trust() float64 { return float64((1 - d.Hurt) * (1 - d.Fear)) }

// alarmed says whether the lab perceives more conflict than at the start.
func (d *doubt) alarmed() bool { return d.Fear > d.First }

// doubt of lab i about vendor j.
func (m *Market) doubt(i, j int) *doubt { return &m.board.Doubts[j*len(m.labs)+i] }

// relations of lab i, by vendor.
func (m *Market) relations(i int) []relation {
	n := len(m.plan.vendors)
	return m.board.Relations[i*n : i*n+n]
}

// rivalriesOf lab i with each owner.
func (m *Market) rivalriesOf(i int) []float64 {
	n := len(m.owners)
	return m.rivalries[i*n : i*n+n]
}

// lab buys data work.
type lab struct {
	*Market
	line  *linePlan
	i     int
	diary *diary

	// What luck made of it for this run.
	leak   float64 // utility lost with a vendor that is not trusted at all, in nats: beta_L e
	notice float64 // share of the way out that a week goes, where no term binds: 1 - exp(-1/tau)
	tau    float64 // weeks
}

func (l *lab) Name() string {
	return l.plan.spec.Labs[l.line.index].member(l.i - l.line.first)
}

// reset draws what luck makes of the lab, and puts its spend to the start.
func (l *lab) reset() {
	p, at, u := l.plan, &l.plan.labs[l.i], &l.plan.spec.Uncertainty
	l.line = &p.lines[at.line]
	l.leak = l.model.LeakAversion * min(1, at.exposure*p.factor(l.luck, at.key, keyExposure, sim.Once, u.Exposure))
	l.tau = max(1, p.spec.Labs[at.line].ExitWeeks*p.factor(l.luck, at.key, keyExit, sim.Once, u.ExitWeeks))
	l.notice = 1 - sim.Exp(-1/l.tau)
	for k, rivalry := 0, l.rivalriesOf(l.i); k < len(rivalry); k++ {
		rivalry[k] = min(1, at.rivalry[k]*p.factor(l.luck, at.key, p.rivalry[k], sim.Once, u.Rivalry))
	}
	self := &l.board.Labs[l.i]
	*self = labState{Habit: l.line.habit, Still: clientWeeks}
	for j, r := 0, l.relations(l.i); j < len(r); j++ {
		spend := float64(l.line.spend[j] * at.size)
		r[j] = relation{Kept: spend, Peak: l.line.mix[j], Client: l.line.mix[j] >= clientPart}
		self.Budget += spend
	}
	for _, j := range l.doubted { // of owners from before the start, whom it has lived with
		d := l.doubt(l.i, j)
		if l.line.base[j] > 0 {
			d.Conflict = l.conflict(j)
		}
		d.Fear, d.First, d.Keeps = d.Conflict, d.Conflict, 1
	}
}

// Act is the lab's week: it takes stock of what it spends, believes the news and reprices by it, and posts what it keeps
// and what it asks for.
func (l *lab) Act(t sim.Time) {
	self, rel := &l.board.Labs[l.i], l.relations(l.i)
	if l.diary != nil {
		l.diary.opens(rel, t.Week)
	}
	self.Budget = float64(self.Budget * l.line.growth)
	money := self.Budget
	if l.noise > 0 {
		money = float64(money * l.plan.factor(l.luck, l.plan.labs[l.i].key, keyBudget, t.Week, l.noise))
	}

	l.believe()
	spent, ideal, regret := l.perceive(self, rel, t.Week)
	must := false
	if len(l.ending) > 0 {
		regret, must = l.withoutEnding(rel, ideal)
	}
	starts := !self.Reviewing && (regret > l.model.ReviewThreshold || must)
	ends := self.Reviewing && regret <= l.model.ReviewThreshold/4 && !must
	if starts || ends {
		self.Reviewing = starts
	}
	self.Moving = self.Reviewing || spent == 0 || spent > money

	told := l.diary != nil && (starts || ends || l.diary.decisions)
	if !self.Moving && !told && len(l.line.owners) == 0 {
		l.stand(self, rel, money, spent)
		return
	}
	l.aim(self, rel, money, spent, ideal)
	if told {
		l.diary.decided(l, rel, money, regret, starts, ends)
	}
	l.place(self, rel, money, starts)
	if told {
		l.diary.placed(rel)
	}
}

// perceive takes stock of what the lab spends, and prices vendors by what it thinks of them. It returns what it spends
// and the regret of its mix beyond that of the start, in nats, and leaves the ideal mix in Asked, as parts of the ideal
// that it returns.
func (l *lab) perceive(self *labState, rel []relation, week int) (spent, ideal, regret float64) {
	base, offers := l.line.base[:len(rel)], l.board.Offers[:len(rel)]
	served, filled := l.board.served[:len(rel)], l.board.filled[:len(rel)]
	lean, moved := 0.0, self.Moving
	for j := range rel {
		r, offer := &rel[j], &offers[j]
		spend := r.spend(served[j], filled[j])
		if filled[j] < 1 && r.Asked > 0 || served[j] < 1 && r.Kept > 0 {
			moved = true
		}
		share, gain := float64(base[j]*offer.Pull), offer.LogPull
		if offer.Touched {
			d := l.doubt(l.i, j)
			share = float64(share * d.Keeps)
			gain -= d.Loss
		}
		r.Kept, r.Asked = spend, share
		ideal += share
		spent += spend
		lean += float64(spend * gain)
	}
	if l.taste > 0 {
		ideal, lean = l.waver(rel, week)
	}
	if spent == 0 { // there is no mix to regret
		self.Habit = l.line.habit
		return 0, ideal, 0
	}
	if moved {
		self.Habit = l.line.divergence(rel, spent)
	}
	return spent, ideal, self.Habit - l.line.habit - lean/spent + sim.Log(ideal)
}

// withoutEnding is the regret of a lab where vendors are to end their service, or have: that of its mix of the others, and
// a nat more while it still buys from one. Then it must review, and whatever it still moves away is not leaving: nobody
// leaves a vendor of which it is no client.
func (l *lab) withoutEnding(rel []relation, ideal float64) (regret float64, must bool) {
	for _, j := range l.ending {
		r := &rel[j]
		if r.Client && !r.Left && r.Kept > 0 && l.diary != nil {
			l.diary.add(MustLeave, j, r.Kept)
		}
		r.Client, r.Weeks, r.CutOff = false, 0, false
		must = must || r.Kept > 0
	}
	open := 0.0
	for j := range rel {
		if l.board.Offers[j].Pull > 0 {
			open += rel[j].Kept
		}
	}
	regret = -l.line.habit
	for j := range rel {
		if w := rel[j].Kept / open; w > 0 && l.board.Offers[j].Pull > 0 {
			regret += float64(w * sim.Log(w*ideal/rel[j].Asked))
		}
	}
	if must {
		regret++
	}
	return regret, must
}

// waver shakes what the lab thinks of each vendor by this week's taste. It returns the ideal, and what the mix leans on.
func (l *lab) waver(rel []relation, week int) (ideal, lean float64) {
	for j := range rel {
		r, gain := &rel[j], l.board.Offers[j].LogPull
		if l.board.Offers[j].Touched {
			gain -= l.doubt(l.i, j).Loss
		}
		shock := float64(l.taste * l.luck.Normal(l.plan.labs[l.i].key, l.plan.taste[j], week))
		r.Asked = float64(r.Asked * sim.Exp(shock))
		ideal += r.Asked
		lean += float64(r.Kept * (gain + shock))
	}
	return ideal, lean
}

// believe moves what the lab thinks of vendors towards this week's news, fast where it is bad.
func (l *lab) believe() {
	b, m, n := &l.board, &l.model, len(l.board.Offers)
	for _, j := range l.doubted {
		d := l.doubt(l.i, j)
		if l.line.base[j] == 0 {
			continue
		}
		if l.news {
			d.Conflict = l.conflict(j)
		}
		d.learn(m, l.leak, felt(d.Conflict, m.Herding, b.Offers[j].Herd), b.severity[l.line.index*n+j])
		d.Keeps = sim.Exp(-d.Loss)
	}
}

// learn moves the doubt by a week, in which there is such a conflict, and an incident of such a severity.
func (d *doubt) learn(m *Model, leak, conflict, severity float64) {
	rate := m.RecoveryRate
	if conflict > d.Fear {
		rate = m.AlarmRate
	} else if m.NoForgiving {
		rate = 0
	}
	d.Fear += float64(rate * (conflict - d.Fear))
	d.Hurt = float64(d.Hurt * (1 - m.RecoveryRate))
	if severity > d.Hurt {
		d.Hurt = severity
	}
	if m.MultiplicativeTrust {
		d.Loss = m.distrust(leak, d.trust()) - m.distrust(leak, 1-d.First)
	} else {
		d.Loss = float64(leak * ((1 - d.First) - d.trust()))
	}
}

// distrust is the utility that a lab loses with a vendor that it trusts so much, in nats; leak is what it would lose with
// one that it does not trust at all, if it lost in proportion.
func (m *Model) distrust(leak, trust float64) float64 {
	if !m.MultiplicativeTrust || leak == 0 {
		return float64(leak * (1 - trust))
	}
	exposed := leak / m.LeakAversion
	return -float64(m.LeakAversion * sim.Log(max(leastFactor, 1-float64(exposed*(1-trust)))))
}

// leastFactor stands for nothing where a factor of a pull has no logarithm.
const leastFactor = 1e-9

// conflict of the lab with vendor j, by those who control it, herding apart.
func (l *lab) conflict(j int) float64 {
	open, safe := 1-l.board.News[j].Firewall, 1.0
	for k, rivalry := range l.rivalriesOf(l.i) {
		safe = float64(safe * (1 - float64(l.board.control[k*len(l.board.Offers)+j]*rivalry*open)))
	}
	return 1 - safe
}

// felt is the conflict that counts: others who leave make it worse.
func felt(conflict, herding, herd float64) float64 {
	if conflict = float64(conflict * (1 + float64(herding*herd))); conflict > 1 {
		return 1
	}
	return conflict
}

// stand is aim and place of a lab that stands by its mix, and has at least what it spends: it keeps all of that, and
// places what it has beyond it in proportion.
func (l *lab) stand(self *labState, rel []relation, money, spent float64) {
	base := l.line.base[:len(rel)]
	growth, want, left := money/spent, 0.0, money
	for j := range rel {
		kept := rel[j].Kept
		want += float64(kept * growth)
		left -= kept
	}
	scale := max(0, left) / want
	for j := range rel {
		r := &rel[j]
		r.Asked, r.Reduced = float64(float64(r.Kept*growth)*scale), false
		if base[j] == 0 {
			r.Asked = 0
		}
	}
	self.Inquiry = 0
}

// aim sets the lab's target: its ideal mix where it reviews its vendors, else the mix that it has.
func (l *lab) aim(self *labState, rel []relation, money, spent, ideal float64) {
	if self.Reviewing && l.model.WinnerTakesAll {
		best := 0
		for j := range rel {
			if rel[j].Asked > rel[best].Asked {
				best = j
			}
		}
		for j := range rel {
			rel[j].Asked = 0
		}
		rel[best].Asked = money
	} else if self.Reviewing || spent == 0 { // without a mix there is none to stand by
		scale := money / ideal
		for j := range rel {
			rel[j].Asked = float64(rel[j].Asked * scale)
		}
	} else {
		scale := money / spent
		for j := range rel {
			rel[j].Asked = float64(rel[j].Kept * scale)
		}
	}
	if len(l.line.owners) > 0 {
		l.commit(self, rel, money)
	}
}

// commit lifts the targets to what the lab, as an owner, has committed to; its other targets make room.
func (l *lab) commit(self *labState, rel []relation, money float64) {
	floor := func(j int) (most float64) {
		if l.board.Offers[j].Pull == 0 { // whatever was committed
			return 0
		}
		for _, k := range l.line.owners {
			most = max(most, l.board.floor[k*len(rel)+j])
		}
		return float64(most * l.plan.labs[l.i].size)
	}
	// Targets that make room may fall below what was committed in turn, so it goes on until none does.
	for held := -1; ; {
		bound, rest, count := 0.0, 0.0, 0
		for j := range rel {
			if f := floor(j); f > 0 && f >= rel[j].Asked {
				bound += f
				count++
			} else {
				rest += rel[j].Asked
			}
		}
		if count == held || count == 0 {
			return
		}
		held, self.Moving = count, true
		lift, room := money/bound, 0.0
		if bound < money {
			lift, room = 1, (money-bound)/rest
		}
		for j := range rel {
			if f := floor(j); f > 0 && f >= rel[j].Asked {
				rel[j].Asked = float64(f * lift)
			} else {
				rel[j].Asked = float64(rel[j].Asked * room)
			}
		}
	}
}

// place posts what the lab keeps of its spend, and where it asks for what its budget leaves over.
func (l *lab) place(self *labState, rel []relation, money float64, starts bool) {
	m, base, term := &l.model, l.line.base[:len(rel)], l.board.term[l.line.index*len(rel):][:len(rel)]

	// Leaving takes notice.
	left, want, open, moves := money, 0.0, 0.0, 0.0
	for j := range rel {
		r := &rel[j]
		excess := r.Kept - r.Asked
		if r.Reduced = excess > 0; r.Reduced {
			r.Kept -= float64(excess * (1 - l.stays(j, term[j], excess, starts)))
			moves += excess
			if self.Reviewing {
				r.Asked = reduced
			}
		} else if base[j] > 0 && j < len(rel)-1 {
			open++
		}
		if r.Asked > 0 {
			want += r.Asked
		}
		left -= r.Kept
	}

	for _, j := range l.ending {
		if base[j] > 0 && !rel[j].Reduced {
			open--
		}
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
		if r.Asked == reduced || base[j] == 0 {
			r.Asked = 0
			continue
		}
		r.Asked = float64(r.Asked * scale)
		if j < len(rel)-1 {
			r.Asked += even
		}
	}
	for _, j := range l.ending { // which take no new work
		rel[j].Asked, rel[j].Reduced = 0, true
	}
}

// reduced stands in Asked, which is never negative else, of a vendor from which a lab that reviews moves work away.
const reduced = -1

// stays is the share of what exceeds the target at vendor j that the lab cannot, or does not, take away this week.
func (l *lab) stays(j int, term, excess float64, starts bool) float64 {
	if term > 0 {
		return sim.Exp(-1 / (l.tau + term))
	}
	stays := 1 - l.notice
	if starts && l.doubt(l.i, j).alarmed() {
		stays *= 1 - l.model.EmergencyPause
		if l.diary != nil {
			l.diary.add(Pauses, j, excess*l.model.EmergencyPause)
		}
	}
	return stays
}

// divergence is that of a mix, of so much spend, from the preferences at the start, in nats.
func (line *linePlan) divergence(rel []relation, spent float64) (d float64) {
	for j := range rel {
		if w := rel[j].Kept / spent; w > 0 {
			d += float64(w * sim.Log(w/line.base[j]))
		}
	}
	return d
}
