package scenarios

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"exodus/agents"
	"exodus/sim"
	"exodus/sim/study"
)

// Model is a scenario as a study runs it: a [study.Model] whose parameters are dotted paths of inputs, and whose
// variants are those of the scenario.
type Model struct {
	Full bool // whether the series of [Relations] are recorded too

	base    *Scenario
	vendors []string
	weeks   int

	mu    sync.Mutex
	plans map[[2]int]*agents.Plan // by point and variant; the last few
}

// Reference is what a study calls the scenario as it is, beside its variants.
const Reference = "reference"

// Ignorant ends the name of a variant in which the parameters of behaviour are drawn from their plausible ranges
// too, beside luck.
const Ignorant = " (parameters too)"

// Drawn is what the parameters of [Scenario.Ranges] were in each run of the first point of a variant.
func (m *Model) Drawn(p *study.Plan, variant int) ([][]float64, error) {
	plan, err := m.compile(p, 0, variant)
	if err != nil {
		return nil, err
	}
	var drawn [][]float64
	for run := range p.Runs {
		behaviour := reflect.ValueOf(plan.Behaviour(sim.Luck{Seed: p.Seed, Run: uint64(run)}))
		var values []float64
		for _, f := range fieldsOf(behaviour.Type()) {
			if f.tag.Get("drawn") != "" {
				values = append(values, behaviour.FieldByIndex(f.at).Float())
			}
		}
		drawn = append(drawn, values)
	}
	return drawn, nil
}

// Quantities are what is recorded of every vendor and week: the series of a Model, whose units are the vendors.
var Quantities = []string{"revenue", "share", "load", "capacity", "price", "utilisation", "inquiries"}

// Relations are what is recorded of every lab, vendor and week where all is asked for: series that follow those of
// Quantities, whose units are lab*len(Vendors()) + vendor.
var Relations = []string{"spend", "trust", "conflict", "premium", "left"}

// NewModel makes a model of a scenario.
func NewModel(s *Scenario) *Model {
	m := &Model{base: s, weeks: s.Spec.Weeks, plans: map[[2]int]*agents.Plan{}}
	for _, v := range s.Spec.Vendors {
		m.vendors = append(m.vendors, v.Name)
	}
	m.vendors = append(m.vendors, agents.InHouse)
	return m
}

// Name identifies the scenario with all that its runs depend on.
func (m *Model) Name() string {
	h := sha256.New()
	h.Write(m.base.Source)
	for _, s := range append([]string{m.base.Variant, strconv.Itoa(m.weeks)}, m.base.Changes...) {
		h.Write([]byte{0})
		h.Write([]byte(s))
	}
	return m.base.Name + " " + hex.EncodeToString(h.Sum(nil))
}

// Vendors are those whose series the model records, In-house last.
func (m *Model) Vendors() []string { return m.vendors }

// Labs are those whose relations the model records.
func (m *Model) Labs() (names []string) {
	for _, l := range m.base.Spec.Labs {
		names = append(names, l.Name)
	}
	return names
}

// Series names the series: Quantities, and Relations where they are recorded.
func (m *Model) Series() []string {
	if m.Full {
		return slices.Concat(Quantities, Relations)
	}
	return Quantities
}

// Measures names the metrics of the scenario's facts: facts.ID, or facts.ID.2 for a second check.
func (m *Model) Measures() (names []string) {
	for _, f := range m.base.Facts {
		for c := range f.Checks {
			name := JoinPath("facts", f.ID)
			if c > 0 {
				name += "." + strconv.Itoa(c+1)
			}
			names = append(names, name)
		}
	}
	return names
}

// Steps is the number of weeks.
func (m *Model) Steps() int { return m.weeks }

// Check says what is wrong with a plan for this scenario: a parameter, a variant, or a value at a point.
func (m *Model) Check(p *study.Plan) error {
	if err := p.Validate(); err != nil {
		return err
	}
	for point := range p.Points {
		for variant := range p.Variants {
			if _, err := m.compile(p, point, variant); err != nil {
				return &PointError{point, err}
			}
		}
	}
	return nil
}

// PointError is what is wrong with a point of a plan.
type PointError struct {
	Point int
	err   error
}

func (e *PointError) Error() string { return e.err.Error() }
func (e *PointError) Unwrap() error { return e.err }

// Changes are the changes that a point of a plan makes.
func Changes(p *study.Plan, point int) (changes []string) {
	for i, name := range p.Params {
		changes = append(changes, name+"="+numeral(p.Points[point][i]))
	}
	return changes
}

// numeral writes a number as a file states it, exactly: a whole one without a point or an exponent, for inputs that take
// whole numbers alone.
func numeral(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// At is the scenario as a study runs a variant of it at a point. Where a study compares variants, each keeps what it
// states itself, whatever a change or a point says: a world without a deal stays without one at every stake.
func (s *Scenario) At(p *study.Plan, point int, variant string) (*Scenario, error) {
	changes := append(slices.Clone(s.Changes), Changes(p, point)...)
	name, ignorant := strings.CutSuffix(variant, Ignorant)
	if name == Reference {
		name = s.Variant
	}
	if name != s.Variant && Compares(p) {
		changes = s.Beside(name, changes)
	}
	if ignorant {
		changes = append(changes, "uncertainty.ranges=true")
	}
	return s.With(name, changes)
}

// Compares says whether a study has several variants.
func Compares(p *study.Plan) bool {
	first := strings.TrimSuffix(p.Variants[0], Ignorant)
	return slices.ContainsFunc(p.Variants, func(v string) bool { return strings.TrimSuffix(v, Ignorant) != first })
}

// mostPlans is how many compiled markets are kept: those that the workers of a study are at.
const mostPlans = 64

func (m *Model) compile(p *study.Plan, point, variant int) (*agents.Plan, error) {
	key := [2]int{point, variant}
	m.mu.Lock()
	plan := m.plans[key]
	m.mu.Unlock()
	if plan != nil {
		return plan, nil
	}
	s, err := m.base.At(p, point, p.Variants[variant])
	if err != nil {
		return nil, err
	}
	if plan, err = agents.Compile(s.Until(m.weeks).Spec); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.plans) >= mostPlans {
		clear(m.plans)
	}
	m.plans[key] = plan
	return plan, nil
}

// Run runs jobs of a plan, those of one market side by side. A run that fails is a result with its error.
func (m *Model) Run(ctx context.Context, p *study.Plan, jobs []study.Job) ([]study.Result, error) {
	results := make([]study.Result, len(jobs))
	for first := 0; first < len(jobs); {
		// Runs of one point are measured together, since facts compare variants. A plan has them one after the other.
		end := first
		for end < len(jobs) && jobs[end].Point == jobs[first].Point && jobs[end].Run/agents.Lanes == jobs[first].Run/agents.Lanes {
			end++
		}
		if err := m.runPoint(ctx, p, jobs[first:end], results[first:end]); err != nil {
			return nil, err
		}
		first = end
	}
	return results, nil
}

// runPoint runs jobs of one point.
func (m *Model) runPoint(ctx context.Context, p *study.Plan, jobs []study.Job, results []study.Result) error {
	lived := map[study.Job]*agents.Trajectory{}
	for first := 0; first < len(jobs); {
		end := first
		for end < len(jobs) && end-first < agents.Lanes && jobs[end].Variant == jobs[first].Variant {
			end++
		}
		if err := m.runAlike(ctx, p, jobs[first:end], results[first:end], lived); err != nil {
			return err
		}
		first = end
	}
	for i, job := range jobs {
		if t := lived[job]; t != nil {
			results[i].Series = m.series(t)
			var err error
			if results[i].Measures, err = m.measures(ctx, p, job, lived); err != nil {
				return err
			}
		}
	}
	return nil
}

// runAlike runs jobs of one market, and keeps what they lived through.
func (m *Model) runAlike(ctx context.Context, p *study.Plan, jobs []study.Job, results []study.Result, lived map[study.Job]*agents.Trajectory) error {
	plan, err := m.compile(p, jobs[0].Point, jobs[0].Variant)
	if err != nil {
		return err
	}
	tasks := make([]agents.Task, len(jobs))
	for i, job := range jobs {
		tasks[i] = agents.Task{Plan: plan, Luck: sim.Luck{Seed: p.Seed, Run: uint64(job.Run)}}
	}
	trajectories, err := agents.RunSideBySide(ctx, tasks, agents.Options{Lean: !m.Full, Workers: 1})
	var failed *sim.AgentError
	switch {
	case errors.As(err, &failed) && len(jobs) > 1: // one of them fails all: find which
		for i := range jobs {
			if err := m.runAlike(ctx, p, jobs[i:i+1], results[i:i+1], lived); err != nil {
				return err
			}
		}
		return nil
	case errors.As(err, &failed):
		results[0].Err = failed
		return nil
	case err != nil:
		return err
	}
	for i, t := range trajectories {
		lived[jobs[i]] = t
	}
	return nil
}

// measures are the metrics of facts in a run. A fact that is of another variant has none, nor one that compares with
// a variant that is not in the plan.
func (m *Model) measures(ctx context.Context, p *study.Plan, job study.Job, lived map[study.Job]*agents.Trajectory) (all []float64, err error) {
	name, ignorant := strings.CutSuffix(p.Variants[job.Variant], Ignorant)
	for i := range m.base.Facts {
		f := &m.base.Facts[i]
		of, against := f.Variant == "" || f.Variant == name, lived[job]
		if of && f.Against != "" {
			other := job
			if ignorant {
				other.Variant = slices.Index(p.Variants, f.Against+Ignorant)
			} else {
				other.Variant = slices.Index(p.Variants, f.Against)
			}
			if of = other.Variant >= 0; of && lived[other] == nil { // it is of another chunk, or it failed
				if err := m.runAlike(ctx, p, []study.Job{other}, make([]study.Result, 1), lived); err != nil {
					return nil, err
				}
			}
			against = lived[other]
		}
		for c := range f.Checks {
			x := math.NaN()
			if of && against != nil {
				x = m.base.Measure(f, &f.Checks[c], lived[job], against)
			}
			all = append(all, x)
		}
	}
	return all, nil
}

// series are those of a trajectory, in the order of Series. Vendors and labs that a variant adds are left out, and those
// that it takes away have nothing.
func (m *Model) series(t *agents.Trajectory) [][]float64 {
	vendors := placesOf(m.vendors, t.Vendors)
	all := [][]float64{t.Revenue, shares(t), t.Load, t.Capacity, t.Price, t.Utilisation, t.Inquiries}
	for k := range all {
		all[k] = pick(all[k], vendors, len(t.Vendors))
	}
	if !m.Full {
		return all
	}
	var pairs []int
	for _, i := range placesOf(m.Labs(), t.Labs) {
		for _, j := range vendors {
			at := -1
			if i >= 0 && j >= 0 {
				at = t.Rel(0, i, j)
			}
			pairs = append(pairs, at)
		}
	}
	for _, q := range [...][]float64{t.Spend, t.Trust, t.Conflict, t.Premium, t.Left} {
		all = append(all, pick(q, pairs, len(t.Labs)*len(t.Vendors)))
	}
	return all
}

// shares are those of all vendors, by week and vendor, as [agents.Trajectory.Share] has them.
func shares(t *agents.Trajectory) []float64 {
	out, n := make([]float64, len(t.Revenue)), len(t.Vendors)
	for week := range t.Weeks {
		total := t.Total(week)
		for at := t.At(week, 0); at < t.At(week, n-1); at++ {
			out[at] = t.Revenue[at] / total
		}
		out[t.At(week, n-1)] = math.NaN()
	}
	return out
}

// placesOf are the places of names among others, -1 where they are not among them.
func placesOf(names, among []string) (places []int) {
	for _, name := range names {
		places = append(places, slices.Index(among, name))
	}
	return places
}

// pick takes the numbers at some places of each week, of which there are so many; 0 where there is none.
func pick(q []float64, places []int, width int) []float64 {
	whole := len(places) == width
	for i, at := range places {
		whole = whole && at == i
	}
	if whole {
		return q
	}
	out := make([]float64, 0, len(q)/width*len(places))
	for ; len(q) > 0; q = q[width:] {
		for _, at := range places {
			x := 0.0
			if at >= 0 {
				x = q[at]
			}
			out = append(out, x)
		}
	}
	return out
}
