package session

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim"
)

// Buyers is what labs do over the runs: who has left whom, what they spend, and what they think of vendors. It is of
// the same runs as the fans beside it.
type Buyers struct {
	Runs            int
	labs, vendors   int
	left, ever, cut []int32   // how many members of a lab, in all runs together, by week, lab and vendor
	members         []int     // of each lab
	reviews         []float32 // the share of the runs in which it reviews, by week and lab
	used            []float32 // median utilisation, by week and vendor
	budgets         []float32 // median spend in all, by week and lab
	layout
	values [][5]float32

	once sync.Once
	run  *agents.Trajectory // with medians of the opinions
}

// over is a run with the medians of what labs spend and think in place of its own, as far as they are kept.
func (b *Buyers) over(run *agents.Trajectory) *agents.Trajectory {
	b.once.Do(func() {
		t := *run
		t.Spend, t.Trust, t.Premium = slices.Clone(t.Spend), slices.Clone(t.Trust), slices.Clone(t.Premium)
		for o, into := range [opinions][]float64{Spends: t.Spend, Trusts: t.Trust, Premiums: t.Premium} {
			for v, column := range b.columns[o] {
				if column < 0 {
					continue
				}
				for at := range run.Weeks * b.labs {
					into[at*b.vendors+v] = float64(b.values[at*b.cells+column][2])
				}
			}
		}
		b.run = &t
	})
	return b.run
}

// Opinion is what a lab has of a vendor.
type Opinion int

// The opinions: what it spends there is in USD million a year.
const (
	Spends Opinion = iota
	Trusts
	Premiums
	opinions
)

// layout says where in a row of cells the opinions of a week and lab are.
type layout struct {
	columns [opinions][]int // by vendor: the cell of a lab; -1 for one that is not kept
	cells   int             // of a lab in a week
}

// layOut gives a cell to each opinion that is kept: of spend at every vendor, of trust in those that are doubted. Of a
// market too large for that, no more is kept than of the vendor that it is about; below mostCells.
func layOut(t *agents.Trajectory, focus, runs, weeks int) (l layout) {
	room := mostCells / 2 / max(1, runs*weeks*len(t.Labs))
	var doubted []int
	for j := range t.Vendors {
		for week := range t.Weeks {
			if doubts(t, week, j) {
				doubted = append(doubted, j)
				break
			}
		}
	}
	kept := [opinions][]int{Trusts: doubted, Premiums: doubted}
	for j := range t.Vendors {
		kept[Spends] = append(kept[Spends], j)
	}
	if len(kept[Spends])+2*len(doubted) > room {
		kept = [opinions][]int{{focus}, {focus}, {focus}}
	}
	if room < int(opinions) {
		kept = [opinions][]int{}
	}
	for o := range kept {
		l.columns[o] = make([]int, len(t.Vendors))
		for j := range l.columns[o] {
			l.columns[o][j] = -1
		}
		for _, j := range kept[o] {
			l.columns[o][j] = l.cells
			l.cells++
		}
	}
	return l
}

func doubts(t *agents.Trajectory, week, vendor int) bool {
	for i := range t.Labs {
		if t.Trust[t.Rel(week, i, vendor)] < 1 {
			return true
		}
	}
	return false
}

// At is the quantiles of an opinion at [results.Levels]; false where they are not kept.
func (b *Buyers) At(o Opinion, week, lab, vendor int) (q [5]float32, ok bool) {
	column := b.columns[o][vendor]
	if column < 0 {
		return q, false
	}
	return b.values[(week*b.labs+lab)*b.cells+column], true
}

// buyers lives all runs once more, with what labs think, when all else is known: while a lever moves nobody waits for it.
func (j *job) buyers(ctx context.Context, like *agents.Trajectory) (*Buyers, error) {
	t := j.market.main
	weeks, labs, vendors := t.scenario.Spec.Weeks, len(like.Labs), len(like.Vendors)
	b := &Buyers{Runs: j.runs, labs: labs, vendors: vendors, layout: layOut(like, t.focus(), j.runs, weeks)}
	relations := weeks * labs * vendors
	b.left, b.ever, b.cut, b.members = make([]int32, relations), make([]int32, relations), make([]int32, relations), like.Members
	reviews := make([]int32, weeks*labs)
	rows, used, budgets := make([][]float32, j.runs), make([][]float32, j.runs), make([][]float32, j.runs)
	var sums sync.Mutex
	tasks := make([]agents.Task, j.runs)
	for i := range tasks {
		tasks[i] = t.task(sim.Luck{Seed: j.seed, Run: uint64(i)})
	}
	err := agents.RunAll(ctx, tasks, agents.Options{}, func(run int, t *agents.Trajectory) error {
		rows[run] = b.row(t)
		used[run] = singles(t.Utilisation)
		budgets[run] = make([]float32, weeks*labs)
		for i := range budgets[run] {
			sum := 0.0
			for _, x := range t.Spend[i*vendors:][:vendors] {
				sum += x
			}
			budgets[run][i] = float32(sum)
		}
		sums.Lock()
		defer sums.Unlock()
		for week := range t.Weeks {
			for i := range labs {
				if t.Reviewing[week*labs+i] > 0.5 {
					reviews[week*labs+i]++
				}
			}
		}
		for i := range labs { // a sum of whole numbers is the same in any order
			members := float64(t.Members[i])
			for v := range vendors {
				most := int32(0)
				for week := range t.Weeks {
					at := t.Rel(week, i, v)
					gone := int32(math.Round(t.Left[at] * members))
					most = max(most, gone)
					b.left[at] += gone
					b.ever[at] += most
					b.cut[at] += int32(math.Round(t.CutOff[at] * members))
				}
			}
		}
		t.Release()
		return nil
	})
	if err != nil {
		return nil, err
	}
	b.reviews = make([]float32, len(reviews))
	for i, n := range reviews {
		b.reviews[i] = float32(n) / float32(j.runs)
	}
	b.values = columnQuantiles(rows, weeks*labs*b.cells)
	b.used, b.budgets = medians(used, weeks*vendors), medians(budgets, weeks*labs)
	return b, ctx.Err()
}

func singles(series []float64) []float32 {
	out := make([]float32, len(series))
	for i, x := range series {
		out[i] = float32(x)
	}
	return out
}

// medians are those of each cell over all rows.
func medians(rows [][]float32, cells int) []float32 {
	out := make([]float32, cells)
	for i, q := range columnQuantiles(rows, cells) {
		out[i] = q[2]
	}
	return out
}

// row is what is kept of a run.
func (b *Buyers) row(t *agents.Trajectory) []float32 {
	row := make([]float32, t.Weeks*b.labs*b.cells)
	for o, series := range [opinions][]float64{Spends: t.Spend, Trusts: t.Trust, Premiums: t.Premium} {
		for v, column := range b.columns[o] {
			if column < 0 {
				continue
			}
			for week := range t.Weeks {
				for i := range b.labs {
					row[(week*b.labs+i)*b.cells+column] = float32(series[t.Rel(week, i, v)])
				}
			}
		}
	}
	return row
}

// leaving is how a lab stands to a vendor over the runs, at a week, lab and vendor: of a line of many labs, over its
// members too, as departures of a study are.
func (b *Buyers) leaving(at int) scenarios.Leaving {
	all := float64(b.Runs * b.members[at/b.vendors%b.labs])
	return scenarios.Leaving{Runs: b.Runs, Left: float64(b.left[at]) / all, Ever: float64(b.ever[at]) / all, CutOff: float64(b.cut[at]) / all}
}

// columnQuantiles are the quantiles of each cell over all rows, taken on all processors.
func columnQuantiles(rows [][]float32, cells int) [][5]float32 {
	out := make([][5]float32, cells)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	const block = 512
	for first := 0; first < cells; first += block {
		group.Go(func() error {
			side := make([]float32, len(rows))
			for c := first; c < min(first+block, cells); c++ {
				for run, row := range rows {
					side[run] = row[c]
				}
				out[c] = quantiles(side)
			}
			return nil
		})
	}
	group.Wait()
	return out
}
