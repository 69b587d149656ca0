package agents

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"exodus/sim"
)

// Appraisal is what a lab makes of its vendors at the end of a week, in the nats of its utility against the start: by it
// is judged what the week is worth to the lab. Series are by vendor.
type Appraisal struct {
	Line   int     // of the Spec
	Budget float64 // USD million a year
	Unmet  float64 // what it had and nobody delivered, USD million a year

	Base  []float64 // the share that its preferences start from, with this week's taste; 0 where not qualified
	Gain  []float64 // what price and quality add to the vendor
	Loss  []float64 // what want of trust takes from it
	Spend []float64 // USD million a year, at the end of the week
	Mix   []float64 // its part of that
}

// Appraise fills in what a lab makes of its vendors at the end of the week that the market has just lived.
func (m *Market) Appraise(lab, week int, a *Appraisal) {
	l, n := &m.labs[lab], len(m.vendors)
	self, rel := &m.board.Labs[lab], m.relations(lab)
	*a = Appraisal{Line: l.line.index, Budget: self.Budget, Base: append(a.Base[:0], l.line.base...),
		Gain: slices.Grow(a.Gain[:0], n)[:n], Loss: slices.Grow(a.Loss[:0], n)[:n], Spend: slices.Grow(a.Spend[:0], n)[:n], Mix: slices.Grow(a.Mix[:0], n)[:n]}
	clear(a.Loss)
	clear(a.Mix)
	spent := 0.0
	for j := range rel {
		a.Gain[j] = m.board.Offers[j].LogPull
		if m.board.Offers[j].Touched {
			a.Loss[j] = l.doubt(lab, j).Loss
		}
		if m.taste > 0 {
			a.Base[j] *= sim.Exp(float64(m.taste * m.luck.Normal(m.plan.labs[lab].key, m.plan.taste[j], week)))
		}
		a.Spend[j] = rel[j].spend(m.board.served[j], m.board.filled[j])
		spent += a.Spend[j]
	}
	money := self.Budget
	if m.noise > 0 {
		money = float64(money * m.plan.factor(m.luck, m.plan.labs[lab].key, keyBudget, week, m.noise))
	}
	a.Unmet = max(0, money-spent)
	for j := range rel {
		if spent > 0 {
			a.Mix[j] = a.Spend[j] / spent
		}
	}
}

// Labs is how many labs the market has: all members of all lines.
func (m *Market) Labs() int { return len(m.labs) }

// Behaviour is how buyers and sellers behave in this run.
func (m *Market) Behaviour() Model { return m.model }

// Exposed is how much of what lab i has at vendor j rival owners could look into this week: the sum over owners of their
// control of the vendor, times the rivalry, times what the firewall lets through, and at most all of it.
func (m *Market) Exposed(i, j int) float64 {
	sum, open := 0.0, 1-m.board.News[j].Firewall
	for k, rivalry := range m.labs[i].rivalriesOf(i) {
		sum += float64(float64(m.board.control[k*len(m.vendors)+j]*rivalry) * open)
	}
	return sum
}

// RunPaired lives two plans under each luck, side by side, and shows each pair after every week that both have lived.
// Week w of the one is week w + shift of the other; see is told that of the one. The plans have the same labs and vendors.
func RunPaired(ctx context.Context, one, other *Plan, shift int, lucks []sim.Luck, see func(week, lane int, one, other *Market)) error {
	if a, b := one, other; !slices.Equal(a.labNames, b.labNames) || !slices.Equal(a.members, b.members) || !slices.Equal(a.vendorNames, b.vendorNames) {
		return fmt.Errorf("two markets are compared lab by lab: they need the same labs and vendors")
	}
	var markets [2][]*Market
	var runs [2]*sim.Run
	for k, plan := range []*Plan{one, other} {
		var worlds []sim.World
		for _, luck := range lucks {
			m := New(plan, luck)
			markets[k], worlds = append(markets[k], m), append(worlds, m)
		}
		run, err := sim.Start(sim.Config{Worlds: worlds, Phases: Phases(), Workers: 1})
		if err != nil {
			return err
		}
		defer run.Stop()
		runs[k] = run
	}
	for week := max(0, -shift); week < min(one.Weeks(), other.Weeks()-shift); week++ {
		if err := runs[0].To(ctx, week+1); err != nil {
			return err
		}
		if err := runs[1].To(ctx, week+shift+1); err != nil {
			return err
		}
		for lane := range lucks {
			see(week, lane, markets[0][lane], markets[1][lane])
		}
	}
	return nil
}

// Holds is what owner k has of vendor j this week.
func (m *Market) Holds(k, j int) Holding {
	held := k*len(m.vendors) + j
	return Holding{m.plan.vendors[j].Name, m.board.stake[held], m.board.votes[held], m.board.executives[held]}
}

// Price is that of vendor j in force this week, as an index.
func (m *Market) Price(j int) float64 { return m.board.Sellers[j].Price }

// Owners is how many owners there are.
func (m *Market) Owners() int { return len(m.owners) }

// Live lives tasks in groups side by side, on all processors, without a record of them, and shows each market at the end of
// its last week. The tasks must be alike, as for [RunSideBySide]; several goroutines call see at once.
func Live(ctx context.Context, tasks []Task, see func(task int, m *Market)) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for first := 0; first < len(tasks); first += Lanes {
		group.Go(func() error {
			some := tasks[first:min(first+Lanes, len(tasks))]
			markets, worlds := make([]*Market, len(some)), make([]sim.World, len(some))
			for i, task := range some {
				markets[i] = New(task.Plan, task.Luck)
				worlds[i] = markets[i]
			}
			run, err := sim.Start(sim.Config{Worlds: worlds, Phases: Phases(), Workers: 1})
			if err != nil {
				return err
			}
			defer run.Stop()
			if err := run.To(ctx, some[0].Plan.Weeks()); err != nil {
				return err
			}
			for i, m := range markets {
				see(first+i, m)
			}
			return nil
		})
	}
	return group.Wait()
}

// HasLeft says whether a lab has left a vendor by now.
func (m *Market) HasLeft(lab, vendor int) bool { return m.relations(lab)[vendor].Left }

// Share is the vendor's share of this week's revenue of all vendors but In-house.
func (m *Market) Share(vendor int) float64 {
	n, all, its := len(m.vendors), 0.0, 0.0
	for i := range m.plan.parts {
		for j, spend := range m.board.spend[i*n:][:n-1] {
			all += spend
			if j == vendor {
				its += spend
			}
		}
	}
	return its / all
}
