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
	"exodus/agents/field"
	"exodus/sim"
	"exodus/sim/study"
)

// Model is a scenario as a study runs it: a [study.Model] whose parameters are dotted paths of inputs, and whose
// variants are those of the scenario.
type Model struct {
	Full bool // whether the series of [Relations] are recorded too

	base   *Scenario
	anchor *Scenario
	frame  Frame

	mu     sync.Mutex
	worlds map[[2]int]*world // by point and variant; the last few
}

// world is a variant at a point, compiled.
type world struct {
	scenario *Scenario
	plan     *agents.Plan
	span     Span
}

// Reference is what a study calls the scenario as it is, beside its variants.
const Reference = "reference"

// Ignorant ends the name of a variant in which the parameters of behaviour are drawn from their plausible ranges
// too, beside luck.
const Ignorant = " (parameters too)"

// Drawn is what the parameters of [Scenario.Ranges] were in each run of the first point of a variant.
func (m *Model) Drawn(p *study.Plan, variant int) ([][]float64, error) {
	w, err := m.world(p, 0, variant)
	if err != nil {
		return nil, err
	}
	var drawn [][]float64
	for run := range p.Runs {
		behaviour := reflect.ValueOf(w.plan.Behaviour(sim.Luck{Seed: p.Seed, Run: uint64(run)}))
		var values []float64
		for _, f := range field.Of(behaviour.Type()).All {
			if f.Drawn {
				x, _ := f.Value(behaviour)
				values = append(values, x)
			}
		}
		drawn = append(drawn, values)
	}
	return drawn, nil
}

// Quantities are what is recorded of every vendor and week: the series of a Model, whose units are the vendors.
var Quantities = []string{"revenue", "share", "load", "capacity", "price", "utilisation", "inquiries"}

// Departures are what is recorded of every lab and week: the share of the line's members that have left the vendor of
// the frame's focus at the end of the week, and that have ever left it by then. They are series that follow those of
// Quantities, whose units are the labs.
var Departures = []string{"left", "ever_left"}

// Relations are what is recorded of every lab, vendor and week where all is asked for: series that follow those of
// Departures, whose units are lab*len(Vendors) + vendor.
var Relations = []string{"spend", "trust", "conflict", "premium", "left"}

// NewModel makes a model of a scenario, which records what the scenario itself has. Whoever runs a study prepares it
// for the plan.
func NewModel(s *Scenario) *Model {
	return &Model{base: s, anchor: s, frame: frameOf(s), worlds: map[[2]int]*world{}}
}

// Name identifies the scenario with all that its runs depend on.
func (m *Model) Name() string {
	h := sha256.New()
	h.Write(m.base.Source)
	for _, s := range append([]string{m.base.Variant, strconv.Itoa(m.base.Spec.Weeks)}, m.base.Changes...) {
		h.Write([]byte{0})
		h.Write([]byte(s))
	}
	return m.base.Name + " " + hex.EncodeToString(h.Sum(nil))
}

// Vendors are those whose series the model records, In-house last.
func (m *Model) Vendors() []string { return m.frame.Vendors }

// Labs are those whose relations the model records.
func (m *Model) Labs() []string { return m.frame.Labs }

// Series names the series: Quantities, Departures, and Relations where they are recorded.
func (m *Model) Series() []string {
	names := slices.Concat(Quantities, Departures)
	if m.Full {
		names = append(names, Relations...)
	}
	return names
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

// Steps is the number of weeks of the scenario itself; a variant may have another.
func (m *Model) Steps() int { return m.base.Spec.Weeks }

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

// mostWorlds is how many compiled markets are kept: those that the workers of a study are at.
const mostWorlds = 64

func (m *Model) world(p *study.Plan, point, variant int) (*world, error) {
	key := [2]int{point, variant}
	m.mu.Lock()
	known := m.worlds[key]
	m.mu.Unlock()
	if known != nil {
		return known, nil
	}
	s, err := m.base.At(p, point, p.Variants[variant])
	if err != nil {
		return nil, err
	}
	w := &world{scenario: s, span: Span{-weeksBetween(s.Start, m.frame.Start), s.Spec.Weeks}}
	if w.plan, err = agents.Compile(s.Spec); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.worlds) >= mostWorlds {
		clear(m.worlds)
	}
	m.worlds[key] = w
	return w, nil
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
			measures, err := m.measures(ctx, p, job, lived)
			if err != nil {
				return err
			}
			results[i].Series, results[i].Measures = m.series(t), measures
		}
	}
	return nil
}

// runAlike runs jobs of one market, and keeps what they lived through.
func (m *Model) runAlike(ctx context.Context, p *study.Plan, jobs []study.Job, results []study.Result, lived map[study.Job]*agents.Trajectory) error {
	w, err := m.world(p, jobs[0].Point, jobs[0].Variant)
	if err != nil {
		return err
	}
	tasks := make([]agents.Task, len(jobs))
	for i, job := range jobs {
		tasks[i] = agents.Task{Plan: w.plan, Luck: sim.Luck{Seed: p.Seed, Run: uint64(job.Run)}}
	}
	trajectories, err := agents.RunSideBySide(ctx, tasks, agents.Options{Lean: !m.Full, Left: true, Workers: 1})
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
		if results[i].Err = t.Finite(); results[i].Err == nil {
			lived[jobs[i]] = t
		}
	}
	return nil
}

// measures are the metrics of facts in a run. A fact that is of another variant has none, nor one that compares with
// a variant that is not in the plan.
func (m *Model) measures(ctx context.Context, p *study.Plan, job study.Job, lived map[study.Job]*agents.Trajectory) (all []float64, err error) {
	name, ignorant := strings.CutSuffix(p.Variants[job.Variant], Ignorant)
	own, err := m.world(p, job.Point, job.Variant)
	if err != nil {
		return nil, err
	}
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
			if of && against != nil { // by date
				there, err := m.world(p, other.Point, other.Variant)
				if err != nil {
					return nil, err
				}
				against = against.Since(own.span.First - there.span.First)
			}
		}
		for c := range f.Checks {
			x := math.NaN()
			if of && against != nil {
				x = own.scenario.Measure(f, &f.Checks[c], lived[job], against)
			}
			all = append(all, x)
		}
	}
	return all, nil
}

// Values are the series of Quantities of a trajectory, by week and vendor. NaN is where there is none: In-house has no
// share, and without a limit neither a capacity nor a utilisation.
func Values(t *agents.Trajectory) [][]float64 {
	return [][]float64{t.Revenue, shares(t), t.Load, sellersOnly(t, t.Capacity), t.Price, sellersOnly(t, t.Utilisation), t.Inquiries}
}

// series are those of a trajectory, in the order of Series. Labs and vendors that its world does not have sell and spend
// nothing, and have neither a price nor a utilisation.
func (m *Model) series(t *agents.Trajectory) [][]float64 {
	t = t.Among(m.frame.Labs, m.frame.Vendors)
	left, ever := m.departures(t)
	all := append(Values(t), left, ever)
	if m.Full {
		all = append(all, t.Spend, t.Trust, t.Conflict, t.Premium, t.Left)
	}
	return all
}

// departures are the series of Departures, by week and lab of the frame.
func (m *Model) departures(t *agents.Trajectory) (left, ever []float64) {
	focus, n := slices.Index(t.Vendors, m.frame.Focus), len(t.Labs)
	left, ever = make([]float64, t.Weeks*n), make([]float64, t.Weeks*n)
	for lab := range n {
		most := 0.0
		for week := range t.Weeks {
			x := t.Left[t.Rel(week, lab, focus)]
			most = max(most, x)
			left[week*n+lab], ever[week*n+lab] = x, most
		}
	}
	return left, ever
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

// sellersOnly is a series by week and vendor, without In-house.
func sellersOnly(t *agents.Trajectory, q []float64) []float64 {
	out := slices.Clone(q)
	for week := range t.Weeks {
		out[t.At(week, len(t.Vendors)-1)] = math.NaN()
	}
	return out
}
