package agents

import "exodus/sim"

// The limits of a price that a vendor sets, over its base price, and of the utilisation that moves it.
const (
	lowestPrice, highestPrice = 0.7, 1.5
	busiest                   = 1.2
	weeksAQuarter             = 12 // price_adjustment is a quarter's
)

// seller is what the board holds of a vendor; its fields are exported for encoders.
type seller struct {
	Price, Capacity         float64 // in force
	NextPrice, NextCapacity float64 // from next week on
	BasePrice               float64 // that of the start, moved by every price event
	Load                    float64 // volume filled
	Idle                    bool    // whether it laid off last
}

// utilisation is load over capacity; that of a vendor without any is 0.
func (s *seller) utilisation() float64 {
	if s.Capacity == 0 {
		return 0
	}
	return s.Load / s.Capacity
}

// offer is what a vendor posts for labs to read; its fields are exported for encoders.
type offer struct {
	Pull, LogPull float64 // how price and quality draw every lab, against the start; Pull is 0 where it takes no new work
	Herd          float64 // X: the share of its clients, weighted by conflict, that had left
	Touched       bool    // whether anything ever happened that can cost it trust
}

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
		v.open(t.Week)
	} else {
		v.fill(t.Week)
	}
}

// open puts this week's price and capacity in force, and posts what they mean to every lab.
func (v *vendor) open(week int) {
	s, o, about := &v.board.Sellers[v.j], &v.board.Offers[v.j], &v.board.News[v.j]
	s.Capacity = s.NextCapacity * about.CapacityChange
	s.BasePrice *= about.PriceChange
	if price := s.NextPrice * about.PriceChange; price != s.Price || v.news {
		s.Price = price
		o.LogPull = v.pull(price, about.Quality)
		o.Pull = sim.Exp(o.LogPull)
	}
	if about.Ending {
		o.Pull = 0
		if week >= about.End {
			s.Capacity = 0 // and so it stays, since what is nothing neither grows nor shrinks
		}
		if v.diary != nil && week == about.End {
			v.diary.ended(week)
		}
	}
	if o.Touched = about.Touched; !o.Touched {
		return
	}
	o.Herd = 0
	clients, gone := 0.0, 0.0
	for i := v.j; i < len(v.board.Sums); i += len(v.board.Offers) { // block by block
		clients += v.board.Sums[i].Clients
		gone += v.board.Sums[i].Gone
	}
	if clients > 0 {
		o.Herd = gone / clients
	}
}

// pull is how a price and a quality draw every lab, against the vendor's at the start, in nats.
func (v *vendor) pull(price, quality float64) float64 {
	start := &v.plan.vendors[v.j]
	pull := -float64(v.model.PriceSensitivity * sim.Log(price/start.Price))
	if quality != start.Quality {
		pull += float64(v.model.QualitySensitivity * sim.Log(quality/start.Quality))
	}
	return pull
}

// between is x within limits.
func between(low, x, high float64) float64 {
	if x < low {
		return low
	}
	if x > high {
		return high
	}
	return x
}

// fill fills what labs asked for within capacity, and sets capacity and price for next week.
func (v *vendor) fill(week int) {
	b, m, s := &v.board, &v.model, &v.board.Sellers[v.j]
	kept, asked := 0.0, 0.0
	for i := v.j; i < len(b.Sums); i += len(b.Offers) {
		kept += b.Sums[i].Kept
		asked += b.Sums[i].Asked
	}
	kept, asked = kept/s.Price, asked/s.Price
	if v.inHouse() {
		s.Load = kept + asked
		s.NextPrice, s.NextCapacity = s.Price, s.Capacity
		return
	}
	served, filled, before := 1.0, 1.0, b.filled[v.j]
	if kept > s.Capacity { // nobody is served beyond it
		served = s.Capacity / kept
	}
	if room := max(0, s.Capacity-kept); room < asked {
		filled = room / asked
	}
	b.served[v.j], b.filled[v.j] = served, filled
	s.Load = float64(kept*served) + float64(filled*asked)
	used := s.utilisation()

	// The ring holds the last lag weeks and this one. Before week lag, it holds what week 0 was.
	n, ring := len(b.Offers), m.CapacityLag+1
	if week == 0 {
		for lag := range ring {
			b.used[lag*n+v.j] = used
		}
	}
	b.used[week%ring*n+v.j] = used
	then := b.used[(week+1)%ring*n+v.j]
	s.NextPrice, s.NextCapacity = s.Price, s.Capacity
	idle := false
	if s.Load > 0 { // else it waits for work, as it is
		switch idle = then < m.IdleBelow; {
		case then > m.BusyAbove:
			s.NextCapacity *= 1 + m.HiringRate
		case idle:
			s.NextCapacity *= 1 - m.LayoffRate
		}
		step := float64(m.PriceAdjustment*(min(busiest, used)-m.PriceNeutralAt)) / weeksAQuarter
		s.NextPrice = between(float64(lowestPrice*s.BasePrice), s.Price*(1+step), float64(highestPrice*s.BasePrice))
	}
	if v.diary != nil {
		v.diary.filled(v, week, idle, before)
	}
	s.Idle = idle
}
