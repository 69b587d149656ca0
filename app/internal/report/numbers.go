package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/app/internal/results"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/words"
	"exodus/sim"
)

// interval is a number with its 90% interval.
type interval struct {
	mid, low, high float64
	wide           *[2]float64 // the same of the runs whose parameters of behaviour are drawn too
	spread         bool        // whether there are low and high, which one run has not
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

// inner is what stands in brackets: the interval of random variation, then that of parameter uncertainty too. It is empty
// where all of it reads the same as the number.
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

// world is what happened in one variant, by week and vendor.
type world func(quantity results.Quantity, week, vendor int) interval

// numbers are what a report says, and where it is from.
type numbers struct {
	from     *store.Results
	shown    figure.Results
	s        *scenarios.Scenario        // as drawn
	file     *scenarios.Scenario        // as its file has it, before variant and changes
	stated   map[string]scenarios.Input // the inputs of the file, by their paths
	unscored string                     // why the facts are not scored, where they cannot be
	anchor   *agents.Event              // that weeks are counted from, or nil
	undone   bool                       // whether that event changes nothing in these results
	other    *scenarios.Counterfactual  // the world without it; nil where there is none, or none is known
	focus    int                        // the vendor that it is about

	with    world
	without world  // the deal; nil where that is not known
	calm    bool   // whether without is one deterministic run, of a study that did not run it
	gain    world  // of revenue alone; nil where nothing is compared
	against string // in words, what gains are over
}

// usual are the weeks after the event that a report tells about.
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
	n.undone = n.anchor != nil && n.s.Undoes(n.anchor)
	if from.Receipt == nil || len(from.Receipt.Interventions) == 0 { // what somebody did mid-run cannot be taken out
		n.other, _ = n.s.Counterfactual() // where other events need the deal, there is none
	}
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

// one is the world of one run.
func one(b *results.Bands) world {
	return func(quantity results.Quantity, week, vendor int) interval {
		return interval{mid: b.At(quantity, week, vendor).Median()}
	}
}

func (n *numbers) readRun(ctx context.Context) (err error) {
	n.with = one(results.OfRun(n.from.Trajectory))
	if n.other == nil {
		return nil
	}
	n.without, err = n.runWithout(ctx, n.other.Scenario.Spec, n.from.Receipt.Luck)
	if err != nil || n.without == nil {
		return err
	}
	n.against = "the same run without " + n.deal()
	n.gain = func(q results.Quantity, week, vendor int) interval {
		return interval{mid: n.with(q, week, vendor).mid - n.without(q, week, vendor).mid}
	}
	return nil
}

func (n *numbers) readStudy(ctx context.Context) (err error) {
	study := n.shown.Study
	if !n.measured(0) {
		return fmt.Errorf("%s: none of the runs that a report begins with is done, or all of them failed; go on with exodus batch and --resume", n.from.Dir)
	}
	n.with = n.ofVariant(0, study.Worlds)
	if len(study.Gains) > 0 && study.Gains[0] != nil {
		n.gain = n.ofVariant(0, study.Gains)
		n.against = "the same runs of “" + n.variantTitle(study.Against) + "”"
	}
	if n.other == nil {
		return nil
	}
	if v := slices.Index(study.Variants, n.other.Variant); n.other.Variant != "" && v >= 0 && n.measured(v) {
		n.without = n.ofVariant(v, study.Worlds)
		if n.other.Variant == study.Against && n.gain != nil {
			n.against = "the same runs without " + n.deal()
		}
		return nil
	}
	spec := n.other.Scenario.Spec
	spec.Uncertainty.Scale, spec.Uncertainty.Ranges = 0, false
	n.without, err = n.runWithout(ctx, spec, sim.Luck{Seed: n.from.Head.Plan.Seed})
	n.calm = n.without != nil
	return err
}

// runWithout runs the world without the deal, with the weeks and vendors of these results; nil where it has no week in
// common with them.
func (n *numbers) runWithout(ctx context.Context, spec agents.Spec, luck sim.Luck) (world, error) {
	shift, ok := n.s.ShiftTo(n.other.Scenario)
	if !ok {
		return nil, nil
	}
	plan, err := agents.Compile(spec)
	if err != nil {
		return nil, err
	}
	t, err := agents.Run(ctx, plan, luck, agents.Options{Lean: true})
	if err != nil {
		return nil, fmt.Errorf("run %s without its deal: %w", n.s.Name, err)
	}
	return one(results.OfRun(t).Among(n.from.Vendors, n.from.Weeks, -shift)), nil
}

// measured says whether any run of a variant at the first point is done and did not fail.
func (n *numbers) measured(variant int) bool {
	return n.shown.Study.Worlds[variant].Runs > 0
}

// ofVariant is the world of a variant of a study, at the first point of its design.
func (n *numbers) ofVariant(variant int, bands []*results.Bands) world {
	study := n.shown.Study
	own, wide := bands[variant], (*results.Bands)(nil)
	if v := slices.Index(study.Variants, study.Variants[variant]+scenarios.Ignorant); v >= 0 && n.measured(v) {
		wide = bands[v]
	}
	return func(quantity results.Quantity, week, vendor int) interval {
		q := own.At(quantity, week, vendor)
		i := interval{mid: q.Median(), low: q[0], high: q[4], spread: true}
		if wide != nil {
			q := wide.At(quantity, week, vendor)
			i.wide = &[2]float64{q[0], q[4]}
		}
		return i
	}
}

// before is the last week before the event, and after the one that begins so many weeks after the event's own; it is
// false where the results end sooner.
func (n *numbers) before() int { return max(0, n.s.WeekAt(-1)) }

func (n *numbers) after(weeks int) (int, bool) {
	at := n.s.WeekAt(weeks)
	return at, at < n.from.Weeks
}

// hasBefore says whether there is a week before the event, or where there is no event, a first week.
func (n *numbers) hasBefore() bool { return n.anchor == nil || n.s.WeekAt(-1) >= 0 }

// answerWeek is the week that the answer is about: +26, else +52, else the last.
func (n *numbers) answerWeek() int {
	for _, w := range usual[1:] {
		if at, ok := n.after(w); ok {
			return at
		}
	}
	return n.from.Weeks - 1
}

// when is a week as a sentence begins with it, and column as a table is headed by it: counted, with its date.
func (n *numbers) when(week int) string {
	date := day(n.s.Date(week))
	if n.anchor == nil {
		return fmt.Sprintf("In the week of %s", date)
	}
	return fmt.Sprintf("In week %s after %s (%s)", plus(n.s.Since(week)), n.deal(), date)
}

func (n *numbers) column(week int) string {
	return fmt.Sprintf("Week %s (%s)", plus(n.s.Since(week)), words.Date(n.s.Date(week)))
}

// plus writes a counted week: +26, +0, −1.
func plus(week int) string {
	if week == 0 {
		return "+0"
	}
	return words.Signed(float64(week), 0)
}

// deal is what the event is called.
func (n *numbers) deal() string {
	if n.anchor == nil {
		return "the start"
	}
	switch {
	case n.anchor.Kind != "stake":
		return "the event"
	case n.undone:
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
		return "Reference case"
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

const (
	mostListed  = 12 // names in a sentence
	mostVendors = 50 // in a table
	mostName    = 60 // letters
)
