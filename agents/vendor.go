package agents

import "exodus/sim"

// The limits of a price index, and of the utilisation that moves it.
const (
	lowestPrice, highestPrice = 0.7, 1.5
	busiest                   = 1.2
	weeksAQuarter             = 12 // price_adjustment is a quarter's
)

// vendor sells data work.
type vendor struct {
	*Market
	j     int
	diary *diary
}

func (v *vendor) Name() string { return v.plan.vendors[v.j].Name }

func (v *vendor) inHouse() bool { return v.j == len(v.plan.vendors)-1 }

// Act opens the vendor in one phase, and fills what labs asked for in another.
func (v *vendor) Act(t sim.Time) {
	if t.Phase == prepare {
		v.open()
	} else {
		v.fill(t.Week)
	}
}

// open puts this week's price and capacity in force, and posts what they mean to every lab.
func (v *vendor) open() {
	b, m, j := &v.board, &v.model, v.j
	b.price[j] = min(max(b.nextPrice[j]*b.priceChange[j], lowestPrice), highestPrice)
	b.capacity[j] = b.nextCapacity[j] * b.capacityChange[j]
	start, o := &v.plan.vendors[j], &b.offers[j]
	o.LogPull = -float64(m.PriceSensitivity * sim.Log(b.price[j]/start.Price))
	if b.quality[j] != start.Quality {
		o.LogPull += float64(m.QualitySensitivity * sim.Log(b.quality[j]/start.Quality))
	}
	o.Pull = sim.Exp(o.LogPull)
	o.Touched = b.touched[j] != 0

	clients, gone := 0.0, 0.0
	for i := j; i < len(b.sums); i += len(b.offers) { // block by block
		clients += b.sums[i].Clients
		gone += b.sums[i].Gone
	}
	if o.Herd = 0; clients > 0 {
		o.Herd = gone / clients
	}
}

// utilisation is load over capacity; that of a vendor without any is 0.
func (v *vendor) utilisation() float64 {
	if v.board.capacity[v.j] == 0 {
		return 0
	}
	return v.board.load[v.j] / v.board.capacity[v.j]
}

// fill fills what labs asked for within capacity, and sets capacity and price for next week.
func (v *vendor) fill(week int) {
	b, m, j := &v.board, &v.model, v.j
	kept, asked := 0.0, 0.0
	for i := j; i < len(b.sums); i += len(b.offers) {
		kept += b.sums[i].Kept
		asked += b.sums[i].Asked
	}
	kept, asked = kept/b.price[j], asked/b.price[j]
	o := &b.offers[j]
	before := o.Filled
	if o.Filled = 1; v.inHouse() {
		b.load[j] = kept + asked
		b.nextPrice[j], b.nextCapacity[j] = b.price[j], b.capacity[j]
		return
	}
	if room := max(0, b.capacity[j]-kept); room < asked {
		o.Filled = room / asked
	}
	b.load[j] = kept + float64(o.Filled*asked)
	used := v.utilisation()

	// The ring holds the last lag weeks and this one. Before week lag, it holds what week 0 was.
	n, ring := len(v.plan.vendors), m.CapacityLag+1
	if week == 0 {
		for lag := range ring {
			b.used[lag*n+j] = used
		}
	}
	b.used[week%ring*n+j] = used
	then := b.used[(week+1)%ring*n+j]
	b.nextCapacity[j] = b.capacity[j]
	switch {
	case then > m.BusyAbove:
		b.nextCapacity[j] *= 1 + m.HiringRate
	case then < m.IdleBelow:
		b.nextCapacity[j] *= 1 - m.LayoffRate
	}
	step := float64(m.PriceAdjustment*(min(busiest, used)-m.PriceNeutralAt)) / weeksAQuarter
	b.nextPrice[j] = min(max(b.price[j]*(1+step), lowestPrice), highestPrice)

	if v.diary != nil {
		v.diary.filled(v, week, then < m.IdleBelow, before)
	}
	b.idle[j] = 0
	if then < m.IdleBelow {
		b.idle[j] = 1
	}
}
