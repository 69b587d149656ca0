package facts

import (
	"context"
	"fmt"
	"slices"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim"
	"exodus/sim/study"
)

// Score is how a fact fares in many runs.
type Score struct {
	Fact    *scenarios.Fact
	Checks  []CheckScore
	Verdict Verdict
}

// CheckScore is how a check of a fact fares: the distribution of its metric over the runs, and the share of the
// runs that meet its bounds.
type CheckScore struct {
	Check             *scenarios.Check
	Low, Median, High float64 // quantiles 5%, 50% and 95%
	Met               float64 // share of runs
	Values            []float64
}

// Verdict says whether a fact holds: whether the medians of all of its checks meet their bounds.
type Verdict string

// The verdicts.
const (
	Holds        Verdict = "holds"
	FallsShort   Verdict = "falls short"
	NotSupported Verdict = "claim not supported"
)

// Judge runs a scenario as often as asked, under luck of one seed, and judges each of its facts. Where a fact
// compares with another variant, both are run on the same luck.
func Judge(ctx context.Context, s *scenarios.Scenario, runs int, seed uint64) ([]Score, error) {
	return JudgeIn(ctx, s, runs, seed, func(variant string) (agents.Task, error) {
		changes := s.Changes
		if variant != s.Variant { // a change is not to undo what tells the variants apart
			changes = s.Beside(variant, changes)
		}
		w, err := s.With(variant, changes)
		if err != nil {
			return agents.Task{}, err
		}
		plan, err := agents.Compile(w.Spec)
		return agents.Task{Plan: plan}, err
	})
}

// JudgeIn is Judge in worlds that world makes, each once, by the names of variants: the luck of its task does not
// count.
func JudgeIn(ctx context.Context, s *scenarios.Scenario, runs int, seed uint64, world func(variant string) (agents.Task, error)) ([]Score, error) {
	if err := s.CheckFacts(); err != nil { // a change may have moved an event away from its facts
		return nil, err
	}
	worlds, err := worldsOf(s, world)
	if err != nil {
		return nil, err
	}
	scores := make([]Score, len(s.Facts))
	for i := range s.Facts {
		scores[i].Fact = &s.Facts[i]
		for c := range s.Facts[i].Checks {
			scores[i].Checks = append(scores[i].Checks, CheckScore{Check: &s.Facts[i].Checks[c], Values: make([]float64, runs)})
		}
	}
	// Each group of runs is measured and forgotten, so that memory does not grow with them.
	for first := 0; first < runs; first += scoreGroup {
		n := min(scoreGroup, runs-first)
		lived := map[string][]*agents.Trajectory{}
		for variant, task := range worlds {
			tasks, all := make([]agents.Task, n), make([]*agents.Trajectory, n)
			for i := range tasks {
				tasks[i] = task
				tasks[i].Luck = sim.Luck{Seed: seed, Run: uint64(first + i)}
			}
			err := agents.RunAll(ctx, tasks, agents.Options{Lean: true}, func(i int, t *agents.Trajectory) error {
				all[i] = t
				return nil
			})
			if err != nil {
				return nil, fmt.Errorf("run %s%s: %w", s.Name, of(variant), err)
			}
			lived[variant] = all
		}
		for _, score := range scores {
			f := score.Fact
			for _, c := range score.Checks {
				for i := range n {
					c.Values[first+i] = s.Measure(f, c.Check, lived[runOf(s, f)][i], lived[againstOf(s, f)][i])
				}
			}
		}
		for _, all := range lived {
			for _, t := range all {
				t.Release()
			}
		}
	}
	for i := range scores {
		scores[i].judge()
	}
	return scores, nil
}

const scoreGroup = 256

func of(variant string) string {
	if variant == "" {
		return ""
	}
	return ", variant " + variant
}

// runOf is the variant that a fact is measured on, and againstOf the one that it is compared with.
func runOf(s *scenarios.Scenario, f *scenarios.Fact) string {
	if f.Variant != "" {
		return f.Variant
	}
	return s.Variant
}

func againstOf(s *scenarios.Scenario, f *scenarios.Fact) string {
	if f.Against != "" {
		return f.Against
	}
	return runOf(s, f)
}

// worldsOf are those of all variants that facts speak of.
func worldsOf(s *scenarios.Scenario, world func(variant string) (agents.Task, error)) (map[string]agents.Task, error) {
	worlds := map[string]agents.Task{}
	for i := range s.Facts {
		for _, variant := range []string{runOf(s, &s.Facts[i]), againstOf(s, &s.Facts[i])} {
			if _, made := worlds[variant]; made {
				continue
			}
			task, err := world(variant)
			if err != nil {
				return nil, err
			}
			worlds[variant] = task
		}
	}
	return worlds, nil
}

// judge sums up what was measured.
func (s *Score) judge() {
	holds := true
	for i := range s.Checks {
		c := &s.Checks[i]
		met := 0
		for _, x := range c.Values {
			if c.Check.Met(x) {
				met++
			}
		}
		c.Met = float64(met) / float64(len(c.Values))
		q := study.Quantiles(slices.Clone(c.Values), []float64{0.05, 0.5, 0.95})
		c.Low, c.Median, c.High = q[0], q[1], q[2]
		holds = holds && c.Check.Met(c.Median)
	}
	switch {
	case holds:
		s.Verdict = Holds
	case s.Fact.Claim:
		s.Verdict = NotSupported
	default:
		s.Verdict = FallsShort
	}
}
