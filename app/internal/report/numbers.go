package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// interval is a number with what holds 90% of the runs around it.
type interval struct {
	mid, low, high float64
	wide           *[2]float64 // the same of the runs whose parameters of behaviour are drawn too
	spread         bool        // whether there are low and high: of one run there are none
}

// scaled is the interval times a number above 0.
func (i interval) scaled(by float64) interval {
	out := interval{mid: i.mid * by, low: i.low * by, high: i.high * by, spread: i.spread}
	if i.wide != nil {
		out.wide = &[2]float64{i.wide[0] * by, i.wide[1] * by}
	}
	return out
}

// turned is the interval of the opposite number.
func (i interval) turned() interval {
	out := interval{mid: -i.mid, low: -i.high, high: -i.low, spread: i.spread}
	if i.wide != nil {
		out.wide = &[2]float64{-i.wide[1], -i.wide[0]}
	}
	return out
}

// text writes the number and, in brackets, its interval.
func (i interval) text(write func(float64) string) string {
	if inner := i.inner(write); inner != "" {
		return write(i.mid) + " (" + inner + ")"
	}
	return write(i.mid)
}

// inner is what stands in brackets: luck alone, and then what is not known of behaviour too. Where all of it reads the
// same as the number, that is nothing.
func (i interval) inner(write func(float64) string) string {
	return strings.Join(i.ranges(write), "; ")
}

func (i interval) ranges(write func(float64) string) (ranges []string) {
	if !i.spread {
		return nil
	}
	all, same := [][2]float64{{i.low, i.high}}, true
	if i.wide != nil {
		all = append(all, *i.wide)
	}
	for _, r := range all {
		low, high := write(r[0]), write(r[1])
		same = same && low == high && low == write(i.mid)
		ranges = append(ranges, strings.NewReplacer("USD ", "", " pts", "").Replace(low+" to "+high)) // which the number before it has said
	}
	if same {
		return nil
	}
	return ranges
}

// world is what happened in one variant: by quantity of scenarios.Quantities, week and vendor.
type world func(quantity string, week, vendor int) interval

// numbers are what a report says, and where it is from.
type numbers struct {
	from     *store.Results
	shown    figure.Results
	s        *scenarios.Scenario        // as drawn
	file     *scenarios.Scenario        // as its file has it, before variant and changes
	stated   map[string]scenarios.Input // the inputs of the file, by their paths
	unscored string                     // why the facts are not scored, where they cannot be
	anchor   *agents.Event              // that weeks are counted from, or nil
	focus    int                        // the vendor that it is about

	with    world
	without world  // the deal; nil where that is not known
	calm    bool   // whether without is one run without luck, of a study that did not run it
	gain    world  // of revenue alone; nil where nothing is compared
	against string // in words, what gains are over
}

// usual are the weeks after the event that a report speaks of.
var usual = []int{13, 26, 52}

func read(ctx context.Context, from *store.Results, kinds []string) (*numbers, error) {
	shown, err := figure.From(ctx, from, kinds...)
	if err != nil {
		return nil, err
	}
	unscored := ""
	if wrong := shown.Unscored; len(wrong) > 0 {
		unscored = wrong[0].Text[strings.LastIndex(wrong[0].Text, ": ")+1:]
	}
	n := &numbers{from: from, shown: shown, unscored: strings.TrimSpace(unscored), s: shown.Scenario, anchor: shown.Scenario.Focus()}
	n.focus = slices.Index(from.Vendors, n.s.FocusVendor())
	if n.file, err = from.Scenario.With("", nil); err != nil {
		return nil, err
	}
	n.stated = map[string]scenarios.Input{}
	for _, in := range n.file.Inputs() {
		n.stated[in.Path] = in
	}
	if from.Head == nil {
		return n, n.readRun(ctx)
	}
	return n, n.readStudy(ctx)
}

// ofRun is the world of one run.
func ofRun(t *agents.Trajectory) world {
	return func(quantity string, week, vendor int) interval {
		if quantity == "share" {
			return interval{mid: t.Share(week, vendor)}
		}
		return interval{mid: t.Revenue[t.At(week, vendor)]}
	}
}

func (n *numbers) readRun(ctx context.Context) error {
	t := n.from.Trajectory
	n.with = ofRun(t)
	twin, err := n.twin(ctx, func(s *scenarios.Scenario) (*agents.Trajectory, error) {
		plan, err := agents.Compile(s.Spec)
		if err != nil {
			return nil, err
		}
		return agents.Run(ctx, plan, n.from.Receipt.Luck, agents.Options{Lean: true})
	})
	if twin == nil || err != nil {
		return err
	}
	n.without = ofRun(twin)
	n.against = "the same run without the deal"
	n.gain = func(_ string, week, vendor int) interval {
		at := t.At(week, vendor)
		return interval{mid: t.Revenue[at] - twin.Revenue[at]}
	}
	return nil
}

func (n *numbers) readStudy(ctx context.Context) error {
	study := n.shown.Study
	if !n.measured(0) {
		return fmt.Errorf("%s: none of the runs that a report begins with is done, or all of them failed; go on with exodus batch and --resume", n.from.Dir)
	}
	n.with = n.ofVariant(0, study.Quantiles)
	if study.Gains != nil {
		n.gain = n.ofVariant(0, func(point, variant, week, vendor int, quantity string) [5]float64 {
			return study.Gains(point, variant, week, vendor, quantity)
		})
		n.against = "the same runs of “" + n.variantTitle(study.Against) + "”"
	}
	if n.anchor == nil || n.anchor.Kind != "stake" || dealless(n.s) {
		return nil
	}
	order := make([]int, 0, len(study.Variants))
	for v, name := range study.Variants {
		if name == study.Against {
			order = append([]int{v}, order...)
		} else if !strings.HasSuffix(name, scenarios.Ignorant) {
			order = append(order, v)
		}
	}
	for _, v := range order {
		s, err := n.from.Scenario.At(n.from.Head.Plan, 0, study.Variants[v])
		if err != nil {
			return err
		}
		if dealless(s) && n.measured(v) {
			n.without = n.ofVariant(v, study.Quantiles)
			if study.Variants[v] == study.Against && n.gain != nil {
				n.against = "the same runs without the deal"
			}
			return nil
		}
	}
	twin, err := n.twin(ctx, func(s *scenarios.Scenario) (*agents.Trajectory, error) {
		return (&store.Results{Scenario: s, Weeks: n.from.Weeks, Head: n.from.Head}).Typical(ctx, s.Variant)
	})
	if twin != nil && err == nil {
		n.without, n.calm = ofRun(twin), true
	}
	return err
}

// measured says whether any run of a variant at the first point is done and did not fail.
func (n *numbers) measured(variant int) bool {
	return n.from.Summary.Quantiles[n.from.Summary.At(variant, n.from.Head.Span(variant).First, 0, 0)].Runs > 0
}

// ofVariant is the world of a variant of a study, at the first point of its design.
func (n *numbers) ofVariant(variant int, quantiles func(point, variant, week, vendor int, quantity string) [5]float64) world {
	study := n.shown.Study
	wide := slices.Index(study.Variants, study.Variants[variant]+scenarios.Ignorant)
	return func(quantity string, week, vendor int) interval {
		q := quantiles(0, variant, week, vendor, quantity)
		i := interval{mid: q[2], low: q[0], high: q[4], spread: true}
		if wide >= 0 && n.measured(wide) {
			q := quantiles(0, wide, week, vendor, quantity)
			i.wide = &[2]float64{q[0], q[4]}
		}
		return i
	}
}

// dealless says whether nobody comes to hold anything of anybody.
func dealless(s *scenarios.Scenario) bool {
	for _, e := range s.Spec.Events {
		if (e.Kind == "stake" || e.Kind == "votes" || e.Kind == "executives") && (e.Stake > 0 || e.Votes > 0 || e.Executives > 0) {
			return false
		}
	}
	return true
}

// twin lives the same market without its deal; nil where there is no deal, or where it cannot be taken away: from a
// run that somebody intervened in.
func (n *numbers) twin(ctx context.Context, live func(*scenarios.Scenario) (*agents.Trajectory, error)) (*agents.Trajectory, error) {
	if n.anchor == nil || n.anchor.Kind != "stake" || dealless(n.s) || n.from.Receipt != nil && len(n.from.Receipt.Interventions) > 0 {
		return nil, nil
	}
	changes := slices.Clone(n.s.Changes)
	for _, e := range n.s.Spec.Events {
		for field, value := range map[string]float64{"stake": e.Stake, "votes": e.Votes, "executives": e.Executives} {
			if value > 0 && (e.Kind == "stake" || e.Kind == "votes" || e.Kind == "executives") {
				changes = append(changes, scenarios.JoinPath("events", e.Name, field)+"=0")
			}
		}
	}
	slices.Sort(changes[len(n.s.Changes):])
	s, err := n.s.With(n.s.Variant, changes)
	if err != nil { // other events need the deal
		return nil, nil
	}
	t, err := live(s.Until(n.from.Weeks))
	if err != nil {
		return nil, fmt.Errorf("run %s without its deal: %w", n.s.Name, err)
	}
	return t, nil
}

// before is the last week before the event, and after the one that begins so many weeks after the event's own; it is
// false where the results end sooner.
func (n *numbers) before() int { return max(0, n.s.WeekAt(-1)) }

func (n *numbers) after(weeks int) (int, bool) {
	at := n.s.WeekAt(weeks)
	return at, at < n.from.Weeks
}

// date is the first day of a counted week.
func (n *numbers) date(weeks int) string { return day(n.s.Date(n.s.WeekAt(weeks))) }

// deal is what the event is called.
func (n *numbers) deal() string {
	if n.anchor == nil {
		return "the start"
	}
	switch {
	case n.anchor.Kind != "stake":
		return "the event"
	case dealless(n.s):
		return "the day of the deal" // on which nothing happens
	}
	return "the deal"
}

// beforehand is when numbers are compared with.
func (n *numbers) beforehand() string {
	if n.anchor == nil {
		return "in the first week"
	}
	return "the week before " + n.deal()
}

func (n *numbers) variantTitle(name string) string {
	plain := strings.TrimSuffix(name, scenarios.Ignorant)
	if plain == scenarios.Reference {
		return "The scenario as it is"
	}
	for _, v := range n.from.Scenario.Variants {
		if v.Name == plain && v.Title != "" {
			return v.Title
		}
	}
	return plain
}

// money writes USD million as what is measured.
func money(x float64) string { return words.Money(x) }

// signed writes a difference with its sign.
func signed(x float64) string { return words.SignedMoney(x) }

// percent writes a share as people do.
func percent(x float64) string { return words.Percent(x) }

// count writes a whole number with commas between thousands, and what is counted.
func count(n int, what string) string {
	if what == "" {
		return words.Count(n)
	}
	return words.Counted(n, what)
}

// list joins names as a sentence does, the first few of many.
func list(names []string) string { return words.ListOf(names, mostListed) }

const mostListed = 12
