package agents

import (
	"fmt"
	"slices"

	"exodus/sim"
)

// The phases of a week, and the kinds of agents.
const (
	announce = iota
	prepare
	decide
	fill
	settle
)

var phases = []sim.Phase{
	announce: {Name: "announce", Kinds: []string{"wire"}},
	prepare:  {Name: "prepare", Kinds: []string{"owner", "vendor"}},
	decide:   {Name: "decide", Kinds: []string{"lab"}},
	fill:     {Name: "fill", Kinds: []string{"vendor"}},
	settle:   {Name: "settle", Folds: []string{"lab"}},
}

// Phases are the phases of a market's week, for [sim.Config].
func Phases() []sim.Phase { return phases }

// Market is a market alive under one luck: a [sim.World].
type Market struct {
	plan    *Plan
	model   Model   // of this run
	noise   float64 // of budgets
	taste   float64 // of utilities, scaled
	doubted []int   // the vendors to which anything has happened that can cost them trust
	news    bool    // whether this week can differ from the last in what the wire says, or owners and rivalries come to
	stale   bool    // whether next week is news, whatever it brings
	watched bool    // whether labs add up trust, conflict and premium as well
	counted bool    // whether they add up who has left whom
	board   board
	luck    sim.Luck

	wire      wire
	owners    []owner
	vendors   []vendor
	labs      []lab
	rivalries []float64 // by lab and owner, of this run
	ending    []int     // the vendors that have announced the end of their service, also after it
}

// board is all that agents know of one another, and of themselves, from one phase to another.
type board struct {
	slots

	// Of Numbers, the vendors'. What is by owner and vendor is at owner*len(vendors)+vendor, and so on.
	served []float64 // by vendor: the share of what was kept that it serves
	filled []float64 // by vendor: the share of what was asked that it filled
	used   []float64 // by week of a ring and vendor: utilisation

	// The wire's.
	term, severity           []float64 // by line and vendor: weeks; this week's incident
	stake, votes, executives []float64 // by owner and vendor
	minimum                  []float64 // by owner and vendor: the commitment, USD million a year
	fresh                    []float64 // one: 1 where something holds for this week only

	// The owners'.
	control []float64 // by owner and vendor
	floor   []float64 // by owner and vendor

	// Sums over the labs of a part, for whoever observes.
	spend     []float64 // by part and vendor, USD million a year
	views     []views   // by part and vendor, where the market is watched
	reviewing []float64 // by part: labs that review, where the market is watched
}

// slots are what agents own of the board, and all that a market is at the start of a week; the fields are exported
// for encoders.
type slots struct {
	Labs      []labState // the labs'
	Relations []relation // by lab and vendor: the labs'
	Doubts    []doubt    // by vendor and lab: the labs'; most vendors are never doubted
	Sums      []sums     // by block of labs and vendor
	Offers    []offer    // by vendor: its own, which every lab reads
	Sellers   []seller   // by vendor: its own
	News      []bulletin // by vendor: the wire's
	Numbers   []float64
}

func (s *slots) clone() slots {
	return slots{slices.Clone(s.Labs), slices.Clone(s.Relations), slices.Clone(s.Doubts), slices.Clone(s.Sums),
		slices.Clone(s.Offers), slices.Clone(s.Sellers), slices.Clone(s.News), slices.Clone(s.Numbers)}
}

func (s *slots) sizes() [8]int {
	return [...]int{len(s.Labs), len(s.Relations), len(s.Doubts), len(s.Sums), len(s.Offers), len(s.Sellers), len(s.News), len(s.Numbers)}
}

// set copies slots of the same sizes.
func (s *slots) set(from *slots) {
	copy(s.Labs, from.Labs)
	copy(s.Relations, from.Relations)
	copy(s.Doubts, from.Doubts)
	copy(s.Sums, from.Sums)
	copy(s.Offers, from.Offers)
	copy(s.Sellers, from.Sellers)
	copy(s.News, from.News)
	copy(s.Numbers, from.Numbers)
}

// New makes a market of a plan, under luck.
func New(plan *Plan, luck sim.Luck) *Market {
	n, owners, labs, parts := len(plan.vendors), len(plan.spec.Owners), len(plan.labs), len(plan.parts)
	m := &Market{plan: plan, labs: make([]lab, labs)}
	m.board = board{
		slots: slots{
			News:      make([]bulletin, n),
			Sellers:   make([]seller, n),
			Offers:    make([]offer, n),
			Labs:      make([]labState, labs),
			Relations: make([]relation, labs*n),
			Doubts:    make([]doubt, labs*n),
			Sums:      make([]sums, len(plan.blocks)*n),
		},
		spend:     make([]float64, parts*n),
		views:     make([]views, parts*n),
		reviewing: make([]float64, parts),
	}
	m.doubted, m.ending = make([]int, 0, n), make([]int, 0, n)
	m.board.share(n, owners, len(plan.lines), plan.spec.Model.CapacityLag)
	m.wire = wire{m}
	for k := range owners {
		m.owners = append(m.owners, owner{m, k})
	}
	for j := range n {
		m.vendors = append(m.vendors, vendor{Market: m, j: j})
	}
	m.rivalries = make([]float64, labs*owners)
	for i := range m.labs {
		m.labs[i] = lab{Market: m, i: i}
	}
	m.Reset(luck)
	return m
}

// founded makes a market for each task, out of those of its plan that have been lived, if there are any; the rest of
// those follow. Markets that lived side by side stay together: on two processors, neighbours in memory would take the
// cache from each other.
func founded(tasks []Task) []*Market {
	markets := make([]*Market, len(tasks))
	var lived []*Market
	if old, ok := tasks[0].Plan.retired.Get().(*[]*Market); ok {
		lived = *old
	}
	for i, task := range tasks {
		if len(lived) > 0 && lived[0].plan == task.Plan {
			markets[i], lived = lived[0], lived[1:]
			markets[i].Reset(task.Luck)
		} else {
			markets[i] = New(task.Plan, task.Luck)
		}
	}
	return append(markets, lived...)
}

// retire gives up markets that founded has made, of which nobody keeps anything, for others to live in.
func retire(markets []*Market) {
	plan := markets[0].plan
	markets = slices.DeleteFunc(markets, func(m *Market) bool { return m.plan != plan })
	for _, m := range markets {
		for i := range m.vendors {
			m.vendors[i].diary = nil
		}
		for _, line := range m.plan.lines {
			m.labs[line.first].diary = nil
		}
		m.watched, m.counted = false, false
	}
	plan.retired.Put(&markets)
}

// share makes the slices of numbers out of one.
func (b *board) share(vendors, owners, lines, lag int) {
	held, offered := owners*vendors, lines*vendors
	pieces := []struct {
		slice *[]float64
		size  int
	}{
		{&b.stake, held}, {&b.votes, held}, {&b.executives, held}, {&b.minimum, held},
		{&b.term, offered}, {&b.severity, offered}, {&b.fresh, 1},
		{&b.control, held}, {&b.floor, held},
		{&b.served, vendors}, {&b.filled, vendors}, {&b.used, (lag + 1) * vendors},
	}
	total := 0
	for _, p := range pieces {
		total += p.size
	}
	b.Numbers = make([]float64, total)
	rest := b.Numbers
	for _, p := range pieces {
		*p.slice, rest = rest[:p.size:p.size], rest[p.size:]
	}
}

// Reset puts the market to the start of week 0, under luck.
func (m *Market) Reset(luck sim.Luck) {
	p, b := m.plan, &m.board
	m.luck, m.model, m.stale = luck, p.Behaviour(luck), true
	m.noise, m.taste = p.spec.Uncertainty.Budget, p.spec.Uncertainty.Taste*p.spec.Uncertainty.Scale
	clear(b.Numbers)
	for _, j := range m.doubted {
		clear(b.Doubts[j*len(m.labs):][:len(m.labs)])
	}
	clear(b.Sums)
	for j, v := range p.vendors {
		b.News[j] = v.bulletin()
		b.Sellers[j] = seller{NextPrice: v.Price, NextCapacity: p.Capacity(j), BasePrice: v.Price}
		b.Offers[j], b.served[j], b.filled[j] = offer{}, 1, 1
	}
	for _, h := range p.held {
		b.hold(b.held(h.owner, h.vendor), h.Holding)
		b.News[h.vendor].Touched = true
	}
	for k := range m.owners {
		m.owners[k].post()
	}
	m.readNews()
	for i := range m.labs {
		m.labs[i].reset()
	}
}

// held is where the board has what an owner has of a vendor.
func (b *board) held(owner, vendor int) int { return owner*len(b.News) + vendor }

// hold puts down what an owner has of a vendor.
func (b *board) hold(held int, h Holding) {
	b.stake[held], b.votes[held], b.executives[held] = h.Stake, h.Votes, h.Executives
}

// readNews lists the vendors to which anything has happened that can cost them trust, and those that end their service.
func (m *Market) readNews() {
	m.doubted, m.ending = m.doubted[:0], m.ending[:0]
	for j := range m.board.News {
		if m.board.News[j].Touched {
			m.doubted = append(m.doubted, j)
		}
		if m.board.News[j].Ending {
			m.ending = append(m.ending, j)
		}
	}
}

// Luck is what the market runs under.
func (m *Market) Luck() sim.Luck { return m.luck }

// Kinds returns the agents.
func (m *Market) Kinds() []sim.Kind {
	slots := []sim.Slots{sim.SlotsOf(m.labs, 1), sim.SlotsOf(m.board.Labs, 1), sim.SlotsOf(m.board.Relations, len(m.vendors))}
	for j := range m.vendors {
		if m.plan.touches(j) {
			slots = append(slots, sim.SlotsOf(m.board.Doubts[j*len(m.labs):][:len(m.labs)], 1))
		}
	}
	return []sim.Kind{
		{Name: "wire", Agents: []sim.Agent{&m.wire}},
		{Name: "owner", Agents: asAgents[*owner](m.owners)},
		{Name: "vendor", Agents: asAgents[*vendor](m.vendors)},
		{Name: "lab", Agents: asAgents[*lab](m.labs), Fold: m.addUp, Slots: slots},
	}
}

// asAgents lists pointers to the elements of s as agents.
func asAgents[P interface {
	*T
	sim.Agent
}, T any](s []T) []sim.Agent {
	agents := make([]sim.Agent, len(s))
	for i := range s {
		agents[i] = P(&s[i])
	}
	return agents
}

// State is a market at the start of a week: a plain value, for encoding/gob or whatever keeps it.
type State struct {
	Week  int
	Luck  sim.Luck
	Slots slots
}

// Save returns the state of the market, which has come to the start of week.
func (m *Market) Save(week int) State { return State{week, m.luck, m.board.slots.clone()} }

// Restore puts the market to a state that was saved from a market with the same labs, vendors, owners and
// capacity lag. The rest of the plan may differ: the market goes on under its own plan from there.
func (m *Market) Restore(s State) error {
	b := &m.board.slots
	if s.Slots.sizes() != b.sizes() {
		return fmt.Errorf("restore a market of %d labs and %d vendors: the state is of one of %d labs and %d vendors, or of other owners",
			len(b.Labs), len(b.Offers), len(s.Slots.Labs), len(s.Slots.Offers))
	}
	m.Reset(s.Luck)
	b.set(&s.Slots)
	m.readNews()
	return nil
}

// follow puts the market, which has come to the start of week, under another plan.
func (m *Market) follow(plan *Plan, week int) error {
	type shape struct{ labs, parts, vendors, owners, lag, weeks int }
	of := func(p *Plan) shape {
		return shape{len(p.labs), len(p.parts), len(p.vendors), len(p.spec.Owners), p.spec.Model.CapacityLag, p.spec.Weeks}
	}
	if a, b := of(m.plan), of(plan); a != b {
		return fmt.Errorf("in week %d: a market of %d labs, %d vendors and %d owners, with a capacity lag of %d and %d weeks to live, cannot go on as one of %d, %d, %d, %d and %d",
			week, a.labs, a.vendors, a.owners, a.lag, a.weeks, b.labs, b.vendors, b.owners, b.lag, b.weeks)
	}
	state := m.Save(week)
	m.plan = plan
	return m.Restore(state)
}
