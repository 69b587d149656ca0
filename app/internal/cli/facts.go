package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"exodus/app/internal/figure"
	"exodus/scenarios"
	"exodus/scenarios/facts"
	"exodus/scenarios/words"
)

// factsOptions are the flags of exodus facts.
type factsOptions struct {
	changes
	runs        int
	seed        uint64
	uncertainty string
	asJSON      bool
}

func factsCommand() *cobra.Command {
	var o factsOptions
	cmd := &cobra.Command{
		Use:   "facts SCENARIO",
		Short: "Check which of its facts a scenario reproduces",
		Long: `Facts runs a scenario many times and compares the runs with its facts: stylised facts that the model must reproduce to
be believed. For each check it prints the median of the metric with its 90% interval, the bound that the fact sets, and the
share of the runs that meet it. A fact holds if its medians are within their bounds. The exit code is 1 if one falls short.

With --uncertainty both, a second line shows the same for runs in which the behavioural parameters are drawn from their
plausible ranges too. Whether a fact holds is judged on random variation alone.`,
		Example: `  exodus facts meta-scale
  exodus facts meta-scale --set model.leak_aversion=0     # a market in which trust does not matter`,
		Args:              oneArg("a built-in scenario or a file"),
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.execute(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.changes.flags(cmd)
	f := cmd.Flags()
	f.IntVar(&o.runs, "runs", 200, "how many runs")
	f.Uint64Var(&o.seed, "seed", 1, "the seed of all random numbers")
	f.StringVar(&o.uncertainty, "uncertainty", "luck", "what varies between runs: none, luck (random numbers), or both (also the behavioural parameters, drawn from their plausible ranges)")
	f.BoolVar(&o.asJSON, "json", false, "print the scorecard in JSON")
	return cmd
}

func (o *factsOptions) execute(ctx context.Context, name string, stdout, stderr io.Writer) error {
	if o.runs < 1 || o.runs > 10_000_000 {
		return misusef("--runs %d: enter a number from 1 to 10000000", o.runs)
	}
	if err := o.changes.doubt(o.uncertainty); err != nil {
		return err
	}
	s, err := o.changes.load(name)
	if err != nil {
		return err
	}
	if len(s.Facts) == 0 {
		return fmt.Errorf("%s has no facts; add some under [facts], as in: exodus scenarios show meta-scale", name)
	}
	warnOfMemory(stderr, labsOf(s), o.runs, 0)
	scores, err := facts.Judge(ctx, s, o.runs, o.seed)
	var drawn []facts.Score
	if err == nil && o.uncertainty == "both" {
		var wide *scenarios.Scenario
		if wide, err = s.With(o.variant, append(slices.Clone(o.set), "uncertainty.ranges=true")); err == nil {
			drawn, err = facts.Judge(ctx, wide, o.runs, o.seed)
		}
	}
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("facts of %s: stopped before all runs were done", name)
	}
	if err != nil {
		return err
	}
	print := printScores
	if o.asJSON {
		print = printScoresJSON
	}
	if err := print(stdout, s, scores, drawn, o.runs, o.seed); err != nil {
		return err
	}
	short := 0
	for _, score := range scores {
		if score.Verdict == facts.FallsShort {
			short++
		}
	}
	if short > 0 {
		return fmt.Errorf("%s of %s", fallShort(short), s.Name)
	}
	return nil
}

func fallShort(n int) string {
	if n == 1 {
		return "1 fact falls short"
	}
	return fmt.Sprintf("%d facts fall short", n)
}

func printScores(w io.Writer, s *scenarios.Scenario, scores, drawn []facts.Score, runs int, seed uint64) error {
	fmt.Fprintf(w, "%s\nMedians of %s, seed %d; 90%% intervals in brackets\n", s.Describe(), count(runs, "run"), seed)
	for i, score := range scores {
		f := score.Fact
		fmt.Fprintf(w, "\n%s: %s\n", score.Verdict, f.Title)
		var table words.Table
		for k, c := range score.Checks {
			line := func(what string, c facts.CheckScore) {
				told := figure.Tell(c)
				if what == "" {
					what = told.What
				}
				interval := ""
				if told.Interval != told.Median { // else nothing varies
					interval = "(" + told.Interval + ")"
				}
				table.Row("  "+what, told.Median, interval, told.Wanted, words.WholePercent(c.Met)+" of runs")
			}
			line("", c)
			if drawn != nil {
				line("  with parameter uncertainty", drawn[i].Checks[k])
			}
		}
		if score.Verdict != facts.Holds && f.Why != "" {
			table.Line("  " + f.Why)
		}
		if f.Source != "" {
			table.Line("  source: " + f.Source)
		}
		if _, err := table.WriteTo(w); err != nil {
			return err
		}
	}
	return nil
}

// figures writes a number with the digits that a reader can use. What takes for ever never happens.
func figures(x float64) string {
	if math.IsInf(x, 1) {
		return "never"
	}
	return words.Stated(x)
}

// scoreJSON is a fact's score for scripts. A metric that never comes to a number, such as the weeks until
// something that does not happen, has no value.
type scoreJSON struct {
	ID      string      `json:"id"`
	Title   string      `json:"title"`
	Source  string      `json:"source,omitempty"`
	Claim   bool        `json:"claim"`
	Verdict string      `json:"verdict"`
	Checks  []checkJSON `json:"checks"`
}

type checkJSON struct {
	What   string   `json:"what"`
	Bounds string   `json:"bounds"`
	Median *float64 `json:"median"`
	Low    *float64 `json:"q05"`
	High   *float64 `json:"q95"`
	Met    float64  `json:"share_met"`

	Drawn *checkJSON `json:"with_parameters_drawn,omitempty"`
}

func checkOf(c facts.CheckScore) checkJSON {
	return checkJSON{c.Check.Describe(), c.Check.Bounds(), finite(c.Median), finite(c.Low), finite(c.High), c.Met, nil}
}

func printScoresJSON(w io.Writer, _ *scenarios.Scenario, scores, drawn []facts.Score, _ int, _ uint64) error {
	var all []scoreJSON
	for i, score := range scores {
		f := score.Fact
		one := scoreJSON{ID: f.ID, Title: f.Title, Source: f.Source, Claim: f.Claim, Verdict: string(score.Verdict)}
		for k, c := range score.Checks {
			check := checkOf(c)
			if drawn != nil {
				too := checkOf(drawn[i].Checks[k])
				check.Drawn = &too
			}
			one.Checks = append(one.Checks, check)
		}
		all = append(all, one)
	}
	return printJSON(w, all)
}

// printJSON prints a value for scripts. Letters such as < stay as they are, since it is no part of a web page.
func printJSON(w io.Writer, value any) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(value)
}

func finite(x float64) *float64 {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return nil
	}
	return &x
}
