package figure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"exodus/agents"
	"exodus/app/internal/receipt"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/facts"
	"exodus/sim"
)

// factRuns is how many runs facts are scored in.
const factRuns = 200

// Make is the file of a kind of figure, drawn from results that were read back, as a version of the program draws it; its
// receipt says so.
func Make(ctx context.Context, from *store.Results, kind, format string, paper Paper, o Options, version string) ([]byte, error) {
	results, err := From(ctx, from, kind)
	if err != nil {
		return nil, err
	}
	f, err := Draw(kind, results, o)
	if err != nil {
		return nil, err
	}
	content, err := f.Write(format, paper, receipt.Of(from, version, o))
	if err != nil {
		return nil, fmt.Errorf("draw figure %s: %w", kind, err)
	}
	return content, nil
}

// From makes results that were read back ready to be drawn as some kinds. Of a study, that is its first variant at the
// first point of its design.
func From(ctx context.Context, from *store.Results, kinds ...string) (Results, error) {
	r := Results{Scenario: from.Scenario, Run: from.Trajectory}
	seed := uint64(0)
	if from.Head == nil {
		r.Luck, seed = from.Receipt.Luck, from.Receipt.Luck.Seed
		if a := from.Answer; a != nil && a.Sensitivity != nil {
			r.Sensitivity = answered(a.Sensitivity)
		}
	} else {
		plan := from.Head.Plan
		seed = plan.Seed
		r.Study = studyOf(from)
		var err error
		if r.Scenario, r.Run, err = typical(ctx, from, 0); err != nil {
			return r, err
		}
		if against := slices.Index(plan.Variants, from.Head.Against); against > 0 {
			var other *scenarios.Scenario
			if other, r.Ghost, err = typical(ctx, from, against); err != nil {
				return r, err
			}
			r.Ghost = r.Ghost.Since(from.Head.Span(0).First - from.Head.Span(against).First) // by date
			r.GhostName = titled(other, from.Head.Against)
		}
	}
	if slices.Contains(kinds, "facts") && len(r.Scenario.Facts) > 0 {
		scores, err := facts.Judge(ctx, r.Scenario, factRuns, seed)
		if err != nil && !errors.As(err, &r.Unscored) {
			return r, fmt.Errorf("score the facts of %s: %w", r.Scenario.Name, err)
		}
		r.Scores, r.ScoreRuns = scores, factRuns
	}
	return r, nil
}

// typical is the market of a variant of a study at its first point, and its run without luck, among the labs and vendors of
// the study.
func typical(ctx context.Context, from *store.Results, variant int) (*scenarios.Scenario, *agents.Trajectory, error) {
	s, err := from.Scenario.At(from.Head.Plan, 0, from.Head.Plan.Variants[variant])
	if err != nil {
		return nil, nil, err
	}
	calm := *s
	calm.Spec.Uncertainty.Scale, calm.Spec.Uncertainty.Ranges = 0, false
	plan, err := agents.Compile(calm.Spec)
	if err != nil {
		return nil, nil, err
	}
	t, err := agents.Run(ctx, plan, sim.Luck{Seed: from.Head.Plan.Seed}, agents.Options{})
	if err != nil {
		return nil, nil, err
	}
	return s, t.Among(from.Head.Labs, from.Head.Vendors), nil
}

// titled is what a variant is called in a figure.
func titled(s *scenarios.Scenario, variant string) string {
	for _, v := range s.Variants {
		if v.Name == variant && v.Title != "" {
			return v.Title
		}
	}
	return variant
}

// studyOf is a study as its first variant is drawn: in that one's weeks. Another variant has none where it has begun
// later, or ended sooner.
func studyOf(from *store.Results) *Study {
	head, sum := from.Head, from.Summary
	plan, shown, all := head.Plan, head.Span(0), sum.Weeks()
	of := func(cells []store.Quantiles) func(point, variant, week, vendor int, quantity string) [5]float64 {
		return func(point, variant, week, vendor int, quantity string) [5]float64 {
			if week += shown.First; all.Has(week) {
				q := cells[sum.At(point*len(plan.Variants)+variant, week, vendor, slices.Index(scenarios.Quantities, quantity))]
				if q.Runs > 0 {
					return q.Value
				}
			}
			none := math.NaN()
			return [5]float64{none, none, none, none, none}
		}
	}
	s := &Study{
		Scenario: from.Scenario, Vendors: from.Vendors, Weeks: shown.Weeks, Runs: plan.Runs, Seed: plan.Seed, Done: from.Done, Jobs: from.Jobs,
		Variants: plan.Variants, Against: head.Against, Ignorant: max(0, slices.Index(plan.Variants, plan.Variants[0]+scenarios.Ignorant)),
		Params: plan.Params, Points: plan.Points, Quantiles: of(sum.Quantiles),
	}
	if sum.Differences != nil && plan.Variants[0] != head.Against {
		s.Gains = of(sum.Differences)
	}
	return s
}
