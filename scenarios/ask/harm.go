package ask

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim"
	"exodus/sim/study"
)

// Harm is what an event does to those who buy and those who sell, week by week, over many runs of both worlds.
type Harm struct {
	Scenario *scenarios.Scenario
	Without  *scenarios.Counterfactual
	Runs     int
	First    int // the first week of the scenario's run that both worlds have
	Weeks    int // the one after the last
	Labs     []string
	Segments []string
	Vendors  []string // In-house last

	segment []int // by lab: of Segments
	losses  samples
	spend   [2]samples // without and with the event: by segment and vendor
	prices  [2]samples // by vendor
	exposed [2]samples // by segment
	common  [2]samples // by degree of control: see MHHI
	logit   samples    // by segment and vendor, of one week: see Diversion
}

// samples are numbers by week, place and run.
type samples struct {
	places, runs int
	all          []float64
}

func makeSamples(weeks, places, runs int) samples {
	return samples{places, runs, make([]float64, weeks*places*runs)}
}

func (s *samples) of(week, place int) []float64 {
	return s.all[(week*s.places+place)*s.runs:][:s.runs]
}

// Spread is how a number lies over the runs: 5%, 50% and 95% of them are below.
type Spread struct{ Low, Median, High float64 }

func spreadOf(values []float64) Spread {
	q := study.Quantiles(slices.Clone(values), []float64{0.05, 0.5, 0.95})
	return Spread{q[0], q[1], q[2]}
}

// ErrNoEvent says that nothing happens in a scenario.
var ErrNoEvent = errors.New("nothing happens in this scenario, so nobody is harmed: it has no event, or the one that it is about changes nothing")

// mostNumbers is how many numbers an answer may keep while it is found: 1.6 GB.
const mostNumbers = 200_000_000

// HarmOf compares a scenario with the world in which the event that it is about does not happen, run by run.
func HarmOf(ctx context.Context, s *scenarios.Scenario, runs int, seed uint64) (*Harm, error) {
	c, err := s.Counterfactual()
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, ErrNoEvent
	}
	shift, ok := c.Scenario.ShiftTo(s)
	if !ok {
		return nil, fmt.Errorf("the world without the event, %s, has no week in common with this one", c.Without)
	}
	if err := alike(&s.Spec, &c.Scenario.Spec); err != nil {
		return nil, fmt.Errorf("compare with %s: %w", c.Without, err)
	}
	with, err := agents.Compile(s.Spec)
	if err != nil {
		return nil, err
	}
	without, err := agents.Compile(c.Scenario.Spec)
	if err != nil {
		return nil, err
	}
	h := &Harm{Scenario: s, Without: c, Runs: runs, First: max(0, -shift), Weeks: min(s.Spec.Weeks, c.Scenario.Spec.Weeks-shift)}
	for _, l := range s.Spec.Labs {
		if !slices.Contains(h.Segments, l.Segment) {
			h.Segments = append(h.Segments, l.Segment)
		}
		h.segment = append(h.segment, slices.Index(h.Segments, l.Segment))
	}
	h.Labs, h.Vendors = s.Spec.LabNames(), append(s.Spec.VendorNames(), agents.InHouse)
	sold := len(h.Segments) * len(h.Vendors)
	places := parts*h.buyers() + 2*(sold+len(h.Vendors)+len(h.Segments)+len(Controls))
	if most := mostNumbers / places / h.Weeks; runs > most {
		return nil, fmt.Errorf("%d runs of %d weeks, %d labs and %d vendors take too much memory; choose at most %d", runs, h.Weeks, len(h.Labs), len(h.Vendors), most)
	}
	h.losses = makeSamples(h.Weeks, parts*h.buyers(), runs)
	for world := range 2 {
		h.spend[world] = makeSamples(h.Weeks, sold, runs)
		h.prices[world] = makeSamples(h.Weeks, len(h.Vendors), runs)
		h.exposed[world] = makeSamples(h.Weeks, len(h.Segments), runs)
		h.common[world] = makeSamples(h.Weeks, len(Controls), runs)
	}
	h.logit = makeSamples(1, sold, runs)

	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	lanes := max(1, min(agents.Lanes, runs/runtime.GOMAXPROCS(0)))
	for first := 0; first < runs; first += lanes {
		group.Go(func() error {
			lucks := make([]sim.Luck, min(lanes, runs-first))
			for i := range lucks {
				lucks[i] = sim.Luck{Seed: seed, Run: uint64(first + i)}
			}
			o := observer{Harm: h}
			return agents.RunPaired(ctx, with, without, shift, lucks, func(week, lane int, one, other *agents.Market) {
				o.observe(week, first+lane, one, other)
			})
		})
	}
	return h, group.Wait()
}

// buyers is how many are told of: each lab, each segment, and all.
func (h *Harm) buyers() int { return len(h.Labs) + len(h.Segments) + 1 }

// alike says why two markets cannot be compared buyer by buyer.
func alike(with, without *agents.Spec) error {
	if !reflect.DeepEqual(with.Model, without.Model) {
		return errors.New("its buyers behave otherwise ([model] differs), so their gains cannot be compared in money")
	}
	if !slices.EqualFunc(with.Labs, without.Labs, func(a, b agents.Lab) bool {
		return a.Name == b.Name && a.Count == b.Count && a.Segment == b.Segment && maps.Equal(a.Spend, b.Spend)
	}) {
		return errors.New("its labs are others, or spend otherwise at the start, so they cannot be compared one by one")
	}
	if !slices.EqualFunc(with.Vendors, without.Vendors, func(a, b agents.Vendor) bool {
		return a.Name == b.Name && a.Price == b.Price && a.Quality == b.Quality && slices.Equal(a.Segments, b.Segments)
	}) {
		return errors.New("its vendors are others, or differ at the start, so preferences for them cannot be compared")
	}
	return nil
}

// observer takes the numbers of one pair of markets after the other.
type observer struct {
	*Harm
	with, without agents.Appraisal
}

// observe takes the numbers of a week of a run.
func (o *observer) observe(week, run int, with, without *agents.Market) {
	price := with.Behaviour().PriceSensitivity
	n, all := len(o.Vendors), len(o.Labs)+len(o.Segments)
	before := week == max(o.First, o.Scenario.WeekAt(-1))
	for i := range with.Labs() {
		with.Appraise(i, week, &o.with)
		without.Appraise(i, week, &o.without)
		line := o.with.Line
		segment := o.segment[line]
		l := lossOf(&o.with, &o.without, price)
		for k, x := range l.parts() {
			for _, buyer := range [...]int{line, len(o.Labs) + segment, all} {
				o.losses.of(week, parts*buyer+k)[run] += *x
			}
		}
		for world, a := range [...]*agents.Appraisal{&o.without, &o.with} {
			market := [...]*agents.Market{without, with}[world]
			for j, spend := range a.Spend {
				o.spend[world].of(week, segment*n+j)[run] += spend
				o.exposed[world].of(week, segment)[run] += spend * market.Exposed(i, j)
			}
		}
		if before {
			o.divert(run, segment, &o.without)
		}
	}
	for world, market := range [...]*agents.Market{without, with} {
		for j := range o.Vendors {
			o.prices[world].of(week, j)[run] = market.Price(j)
		}
		for k, c := range Controls {
			o.common[world].of(week, k)[run] = c.mhhi(market, o.revenue(world, week, run))
		}
	}
}

// divert adds where the spend of a lab with the vendor that the scenario is about would go, were it out of reach: in
// proportion to what the lab thinks of the others, as in every logit model.
func (o *observer) divert(run, segment int, a *agents.Appraisal) {
	focus := slices.Index(o.Vendors, o.Scenario.FocusVendor())
	rest := 0.0
	for k := range a.Base {
		if k != focus {
			rest += a.Base[k] * math.Exp(a.Gain[k]-a.Loss[k])
		}
	}
	for k := range a.Base {
		if k != focus && rest > 0 {
			o.logit.of(0, segment*len(o.Vendors)+k)[run] += a.Spend[focus] * a.Base[k] * math.Exp(a.Gain[k]-a.Loss[k]) / rest
		}
	}
}

// revenue of each vendor but In-house in a world, week and run.
func (h *Harm) revenue(world, week, run int) []float64 {
	n := len(h.Vendors)
	all := make([]float64, n-1)
	for segment := range h.Segments {
		for j := range all {
			all[j] += h.spend[world].of(week, segment*n+j)[run]
		}
	}
	return all
}
