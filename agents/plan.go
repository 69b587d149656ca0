package agents

import (
	"reflect"
	"slices"
	"strconv"
	"sync"

	"exodus/agents/field"
	"exodus/sim"
)

// Plan is a Spec made ready to run: names resolved, preferences inverted, populations drawn. What it says never
// changes, so any number of markets share one.
type Plan struct {
	spec    Spec
	vendors []Vendor // In-house last
	lines   []linePlan
	labs    []labPlan

	parts  []part   // the labs, cut where blocks or lines meet: what is recorded of lines is summed over parts
	blocks [][2]int // by block of labs, its first part and the one after its last

	labNames, vendorNames []string // which every trajectory has
	members               []int    // by line

	load    []float64 // by vendor: volume at the start
	held    []heldPlan
	weeks   [][]int // by week, its events
	events  []eventPlan
	ranges  []rangePlan
	rivalry []sim.Key // by owner: names the draws of a lab's rivalry
	taste   []sim.Key // by vendor: names the draws of a lab's taste

	retired, rooms sync.Pool // markets that have been lived side by side, and rooms of trajectories that were given up
}

// linePlan is what all labs of a line share.
type linePlan struct {
	index   int
	first   int       // its first lab
	spend   []float64 // by vendor: at the start, of all members, USD million a year
	mix     []float64 // by vendor: its part of that
	base    []float64 // by vendor: the share that preferences start from; 0 where the vendor is not qualified
	habit   float64   // the divergence of the starting mix from base, in nats
	growth  float64   // of the budget, a factor a week
	owners  []int     // the owners that the line is itself
	rivalry []float64 // by owner
}

// labPlan is what there is to know of one lab before a run.
type labPlan struct {
	key      sim.Key
	line     int
	size     float64 // its share of the line's spend
	exposure float64
	rivalry  []float64 // by owner
}

// part is the labs lo to hi-1: of one line, and in one block.
type part struct{ line, lo, hi int }

// eventPlan is an event with its names resolved; -1 stands for nobody, or for all.
type eventPlan struct {
	kind                    *Kind
	owner, vendor, line, to int
	before                  Holding // what its owner held of its vendor from before the start
}

// planOf resolves the names in an event.
func (s *Spec) planOf(e *Event) eventPlan {
	owner := func(name string) int {
		return slices.IndexFunc(s.Owners, func(o Owner) bool { return o.Name == name })
	}
	at := eventPlan{
		kind:   KindOf(e.Kind),
		owner:  owner(e.Owner),
		vendor: slices.IndexFunc(s.Vendors, func(v Vendor) bool { return v.Name == e.Vendor }),
		line:   slices.IndexFunc(s.Labs, func(l Lab) bool { return l.Name == e.Lab }),
		to:     owner(e.To),
	}
	if at.owner >= 0 {
		at.before = s.Owners[at.owner].holding(e.Vendor)
	}
	return at
}

// holding is what an owner holds of a vendor from before the start.
func (o *Owner) holding(vendor string) Holding {
	for _, h := range o.Holds {
		if h.Vendor == vendor {
			return h
		}
	}
	return Holding{}
}

// heldPlan is what an owner holds of a vendor from before the start.
type heldPlan struct {
	owner, vendor int
	Holding
}

// rangePlan is a behavioural parameter that ignorance varies.
type rangePlan struct {
	field     *field.Field // of Model
	key       sim.Key
	low, high float64
}

// The names of draws. Those of rivalries and tastes end in the name of an owner or vendor.
var (
	keyMarket   = sim.KeyOf("market")
	keyLeak     = sim.KeyOf("leak_aversion")
	keyExposure = sim.KeyOf("exposure")
	keyExit     = sim.KeyOf("exit_weeks")
	keyBudget   = sim.KeyOf("budget")
	keySize     = sim.KeyOf("size")
)

// Compile makes a Plan of a Spec. Its error is the [Problems] of the Spec.
func Compile(spec Spec) (*Plan, error) {
	if problems := spec.Check(); len(problems) > 0 {
		return nil, Problems(problems)
	}
	p := &Plan{spec: spec, vendors: append(slices.Clone(spec.Vendors), Vendor{Name: InHouse, Price: 1, Quality: 1, Headroom: 1.25})}
	for _, o := range spec.Owners {
		p.rivalry = append(p.rivalry, sim.KeyOf("rivalry."+o.Name))
	}
	for _, v := range p.vendors {
		p.vendorNames = append(p.vendorNames, v.Name)
		p.taste = append(p.taste, sim.KeyOf("taste."+v.Name))
	}
	p.load = make([]float64, len(p.vendors))
	for i := range spec.Labs {
		p.labNames, p.members = append(p.labNames, spec.Labs[i].Name), append(p.members, spec.Labs[i].Count)
		p.addLine(&spec.Labs[i])
		p.addLabs(i)
	}
	p.divide()
	p.schedule()
	p.findRanges()
	return p, nil
}

// addLine inverts the spend of a line into the shares that its preferences start from (Berry 1994).
func (p *Plan) addLine(line *Lab) {
	lp := linePlan{
		index:   len(p.lines),
		first:   len(p.labs),
		spend:   make([]float64, len(p.vendors)),
		mix:     make([]float64, len(p.vendors)),
		base:    make([]float64, len(p.vendors)),
		growth:  sim.Exp(sim.Log(1+line.Growth) / 52),
		rivalry: make([]float64, len(p.spec.Owners)),
	}
	total, missing := 0.0, 0.0
	for j, v := range p.vendors { // in their order: a map has none
		spend := line.Spend[v.Name]
		lp.spend[j] = spend
		total += spend
		p.load[j] += spend / v.Price
		if spend == 0 && p.qualified(v, line) {
			missing++
		}
	}
	foothold := p.spec.Model.Foothold
	sum := 1 + float64(foothold*missing)
	for j, v := range p.vendors {
		share := lp.spend[j] / total
		lp.mix[j] = share
		if share == 0 && p.qualified(v, line) {
			share = foothold
		}
		lp.base[j] = share / sum
	}
	lp.habit = sim.Log(sum)
	for k, o := range p.spec.Owners {
		lp.rivalry[k] = line.Rivalry[o.Name]
		if o.Lab == line.Name {
			lp.owners = append(lp.owners, k)
		}
	}
	p.lines = append(p.lines, lp)
}

func (p *Plan) qualified(v Vendor, line *Lab) bool {
	return len(v.Segments) == 0 || slices.Contains(v.Segments, line.Segment)
}

// addLabs draws the labs of a line. Who they are is a fact of the market, not luck: their draws are the same
// in every run.
func (p *Plan) addLabs(i int) {
	line, rivalry := &p.spec.Labs[i], p.lines[i].rivalry
	var facts sim.Luck
	first, sizes := len(p.labs), 0.0
	for member := range line.Count {
		lab := labPlan{key: sim.KeyOf(line.member(member)), line: i, size: 1, rivalry: rivalry}
		if line.SizeSigma > 0 {
			lab.size = sim.Exp(float64(line.SizeSigma * facts.Normal(lab.key, keySize, sim.Once)))
		}
		lab.exposure = spread(facts, lab.key, keyExposure, line.Exposure, line.ExposureSD)
		if line.RivalrySD > 0 {
			lab.rivalry = make([]float64, len(rivalry))
			for k, mean := range rivalry {
				lab.rivalry[k] = spread(facts, lab.key, p.rivalry[k], mean, line.RivalrySD)
			}
		}
		sizes += lab.size
		p.labs = append(p.labs, lab)
	}
	for m := first; m < len(p.labs); m++ {
		p.labs[m].size /= sizes
	}
}

// member is the name of a lab of the line.
func (l *Lab) member(i int) string {
	if l.Count == 1 {
		return l.Name
	}
	return l.Name + "/" + strconv.Itoa(i+1)
}

// spread draws from the beta distribution of a mean and a standard deviation. What is certain stays so.
func spread(luck sim.Luck, agent, purpose sim.Key, mean, sd float64) float64 {
	if sd == 0 || mean == 0 || mean == 1 {
		return mean
	}
	shapes := float64(mean*(1-mean))/float64(sd*sd) - 1
	return luck.Beta(agent, purpose, sim.Once, float64(mean*shapes), float64((1-mean)*shapes))
}

// divide cuts the blocks of labs where lines meet.
func (p *Plan) divide() {
	for lo := 0; lo < len(p.labs); lo += sim.BlockSize {
		first := len(p.parts)
		for i := lo; i < min(lo+sim.BlockSize, len(p.labs)); i++ {
			line := p.labs[i].line
			if i == lo || line != p.labs[i-1].line {
				p.parts = append(p.parts, part{line, i, i})
			}
			p.parts[len(p.parts)-1].hi = i + 1
		}
		p.blocks = append(p.blocks, [2]int{first, len(p.parts)})
	}
}

// schedule finds what is held before the first week, and puts the events into their weeks, in the order of the Spec.
func (p *Plan) schedule() {
	p.weeks = make([][]int, p.spec.Weeks)
	for k, o := range p.spec.Owners {
		for _, h := range o.Holds {
			p.held = append(p.held, heldPlan{k, slices.IndexFunc(p.vendors, func(v Vendor) bool { return v.Name == h.Vendor }), h})
		}
	}
	for i, e := range p.spec.Events {
		p.weeks[e.Week] = append(p.weeks[e.Week], i)
		p.events = append(p.events, p.spec.planOf(&e))
	}
}

// touches says whether an event, or an owner from before the start, can cost vendor j trust.
func (p *Plan) touches(j int) bool {
	return slices.ContainsFunc(p.held, func(h heldPlan) bool { return h.vendor == j }) ||
		slices.ContainsFunc(p.events, func(at eventPlan) bool { return at.vendor == j && at.kind.touches })
}

// findRanges lists the parameters that ignorance varies.
func (p *Plan) findRanges() {
	fields, model := field.Of(reflect.TypeFor[Model]()).All, reflect.ValueOf(p.spec.Model)
	for i := range fields {
		if f := &fields[i]; f.Drawn {
			mode, _ := f.Value(model)
			low, high := f.Around(mode)
			p.ranges = append(p.ranges, rangePlan{f, sim.KeyOf("range." + f.Name), low, high})
		}
	}
}

// Weeks is how many weeks a run lives.
func (p *Plan) Weeks() int { return p.spec.Weeks }

// Capacity is that of a vendor at the start.
func (p *Plan) Capacity(vendor int) float64 {
	if v := p.vendors[vendor]; v.Capacity > 0 {
		return v.Capacity
	}
	return p.vendors[vendor].Headroom * p.load[vendor]
}

// strata is how many runs share the plausible ranges out among them: those that a study runs together.
const strata = 32

// Behaviour returns the behavioural parameters of a run: those of the Spec, with what luck makes of them, and
// where the Spec asks for ignorance, draws from their plausible ranges, by Latin hypercube over runs.
func (p *Plan) Behaviour(luck sim.Luck) Model {
	m := p.spec.Model
	if p.spec.Uncertainty.Ranges {
		model := reflect.ValueOf(&m).Elem()
		for _, r := range p.ranges {
			mode, _ := r.field.Value(model)
			r.field.Set(model, sim.Triangular(luck.Stratified(keyMarket, r.key, strata), r.low, mode, r.high))
		}
	}
	m.LeakAversion *= p.factor(luck, keyMarket, keyLeak, sim.Once, p.spec.Uncertainty.LeakAversion)
	return m
}

// factor draws exp(sd N(0, 1)), whose median is 1.
func (p *Plan) factor(luck sim.Luck, agent, purpose sim.Key, week int, sd float64) float64 {
	sd *= p.spec.Uncertainty.Scale
	if sd == 0 {
		return 1
	}
	return sim.Exp(float64(sd * luck.Normal(agent, purpose, week)))
}
