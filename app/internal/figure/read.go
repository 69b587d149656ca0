package figure

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"exodus/agents"
	"exodus/app/internal/receipt"
	"exodus/app/internal/results"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/facts"
	"exodus/sim"
)

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
		if r.Scores, r.ScoreRuns = from.Scores, results.FactRuns; len(r.Scores) == 0 {
			var err error
			if r.Scores, err = facts.Judge(ctx, r.Scenario, results.FactRuns, seed); err != nil && !errors.As(err, &r.Unscored) {
				return r, fmt.Errorf("score the facts of %s: %w", r.Scenario.Name, err)
			}
		}
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
	head, plan := from.Head, from.Head.Plan
	return &Study{
		Scenario: from.Scenario, Vendors: from.Vendors, Weeks: from.Weeks, Runs: plan.Runs, Seed: plan.Seed, Done: from.Done, Jobs: from.Jobs,
		Variants: plan.Variants, Against: head.Against, Ignorant: max(0, slices.Index(plan.Variants, plan.Variants[0]+scenarios.Ignorant)),
		Params: plan.Params, Points: plan.Points, Worlds: from.Worlds, Gains: from.Gains,
	}
}
