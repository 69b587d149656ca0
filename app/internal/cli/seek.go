package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/scenarios/ask"
	"exodus/scenarios/words"
)

// seekOptions are the flags of exodus seek.
type seekOptions struct {
	changes
	target string
	with   []string
	runs   int
	seed   uint64
	asJSON bool
}

func seekCommand() *cobra.Command {
	var o seekOptions
	cmd := &cobra.Command{
		Use:   "seek SCENARIO --target TARGET",
		Short: "Find what it would take: the smallest change of each input that reaches a target",
		Long: `Seek moves each lever over its plausible range, the others as they are, and finds the value nearest to the scenario's own
from which on the median of the runs reaches a target, and the one from which on 90% of the runs do. Then it finds the
smallest change together of what somebody can do, or of all that --with names, each measured in parts of its range. All runs meet the same random numbers, and
what is found is confirmed with all of them.

A target is a metric with a bound (share.Scale@26>=0.25, spend_change.Google@26>=-0.2, gain.Surge@52<=100), a lab that stays
(stays.Google@26), or a fact that holds (fact.google-majority). Weeks are counted from the event's own as 0. Metrics are
` + strings.Join(scenarios.Quantities, ", ") + ` of a vendor, ` + strings.Join(ask.LabMetrics, ", ") + ` of a lab at the vendor of the event, and
` + strings.Join(ask.PairedMetrics, ", ") + ` of a vendor against the world without the event.

Levers are what happens at the vendor of the event, what that vendor is, and the parameters of behaviour, or those that --with
names.`,
		Example: `  exodus seek meta-scale --target 'spend_change.Google@26>=-0.2'     # finds the firewall
  exodus seek meta-scale --target stays.Google@26 --with events.promise.credibility --with events.deal.stake
  exodus seek meta-scale --target 'share.Scale@26>=0.25' --json`,
		Args:              oneArg("a built-in scenario or a file"),
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.execute(cmd.Context(), args[0], cmd.OutOrStdout())
		},
	}
	o.changes.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.target, "target", "", "what is to be reached, such as share.Scale@26>=0.25")
	f.StringArrayVar(&o.with, "with", nil, "a lever that may be moved, such as events.deal.stake; may be repeated (default those that it can depend on)")
	f.IntVar(&o.runs, "runs", 1000, "how many runs confirm what is found")
	f.Uint64Var(&o.seed, "seed", 1, "the seed of all random numbers")
	f.BoolVar(&o.asJSON, "json", false, "print the answer in JSON")
	return cmd
}

func (o *seekOptions) execute(ctx context.Context, name string, stdout io.Writer) error {
	if o.runs < 10 || o.runs > 100_000 {
		return misusef("--runs %d: enter a number from 10 to 100000", o.runs)
	}
	s, err := o.changes.load(name)
	if err != nil {
		return err
	}
	target, err := ask.ParseTarget(s, o.target)
	if err != nil {
		return misuse{err}
	}
	levers := ask.Levers(s)
	joint := slices.DeleteFunc(slices.Clone(levers), assumed) // what somebody can do, and not what is so
	if len(o.with) > 0 {
		if levers, err = leversOf(s, o.with); err != nil {
			return misuse{err}
		}
		joint = levers
	}
	k, err := ask.SeekTarget(ctx, s, target, levers, joint, o.runs, o.seed)
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("seek in %s: stopped before it was done", name)
	case err != nil:
		return fmt.Errorf("seek in %s: %w", name, err)
	case o.asJSON:
		return printJSON(stdout, seekOf(k))
	}
	_, err = io.WriteString(stdout, tellSeek(k))
	return err
}

// assumed says whether an input is how buyers are, as against what somebody does.
func assumed(in scenarios.Input) bool { return in.Keys[0] == "model" || in.Keys[0] == "labs" }

// leversOf are the inputs of some paths.
func leversOf(s *scenarios.Scenario, paths []string) (levers []scenarios.Input, err error) {
	var known []string
	for _, in := range s.Inputs() {
		known = append(known, in.Path)
	}
	for _, path := range paths {
		in, ok := s.Input(path)
		switch {
		case !ok:
			return nil, fmt.Errorf("--with %s: this is not a number that can be moved%s", path, agents.Nearest(path, known))
		case in.Keys[0] == "weeks" || in.Keys[0] == "uncertainty" || in.Keys[len(in.Keys)-1] == "count":
			return nil, fmt.Errorf("--with %s: this is what is run, not a lever", path)
		case in.High <= in.Low:
			return nil, fmt.Errorf("--with %s: its plausible range is a single value, %s", path, words.Stated(in.Low))
		case slices.ContainsFunc(levers, func(other scenarios.Input) bool { return other.Path == in.Path }):
			return nil, fmt.Errorf("--with %s: this lever is named twice", path)
		}
		levers = append(levers, in)
	}
	return levers, nil
}

func tellSeek(k *ask.Seek) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("%s", k.Scenario.Describe())
	say("Target: %s. As things are: %s.", k.Target.Text, reading(k, k.Now))
	if k.Met {
		say("It is met already.")
		return b.String()
	}
	var none []string
	for _, group := range []struct {
		head    string
		assumed bool
	}{{"What would have to be done", false}, {"What would have to be otherwise", true}} {
		var table words.Table
		table.Line("")
		table.Row(group.head, "now", "in the median", "in 90% of runs", "the metric there")
		any := false
		for i := range k.Levers {
			l := &k.Levers[i]
			if assumed(l.Input) != group.assumed {
				continue
			}
			if !l.OK {
				none = append(none, l.Input.Path)
				continue
			}
			any = true
			nine := "not in its range"
			if l.Often {
				nine = beyond(l.Input, l.Often9)
			}
			table.Row("  "+l.Input.Path, words.Stated(l.Input.Value), beyond(l.Input, l.Value), nine, reading(k, l.There))
		}
		if any {
			b.WriteString(table.String())
		}
	}
	if len(none) > 0 {
		say("\nAlone, none of these reaches it within its plausible range: %s.", words.List(none))
	}
	if len(k.Combined) > 0 {
		var table words.Table
		table.Line("")
		table.Row("Least change together", "now", "then")
		for _, m := range k.Combined {
			table.Row("  "+m.Input.Path, words.Stated(m.Input.Value), words.Measured(m.Value))
		}
		b.WriteString(table.String())
		say("  Then %s.", reading(k, k.Together))
	}
	b.WriteString(asVariant(k))
	return b.String()
}

// reading says what a metric comes to, with the interval of its median, and in how many runs the target is met; that alone
// where the target is yes or no.
func reading(k *ask.Seek, r ask.Reading) string {
	often := fmt.Sprintf("met in %s of %s", words.WholePercent(r.Share), count(k.Runs, "run"))
	switch {
	case k.Target.Departures:
		return often
	case r.Low == r.High:
		return words.Stated(r.Median) + ", " + often
	}
	return fmt.Sprintf("%s (%s to %s), %s", words.Measured(r.Median), words.Measured(r.Low), words.Measured(r.High), often)
}

// beyond writes the value of a lever, rounded away from what it is now.
func beyond(in scenarios.Input, x float64) string {
	return valueOf(&ask.Flip{Input: in, Value: x, Short: in.Value})
}

// asVariant is what was found as a variant of the scenario's file.
func asVariant(k *ask.Seek) string {
	moved := k.Combined
	if len(k.Levers) > 0 && k.Levers[0].OK {
		moved = []ask.Moved{{Input: k.Levers[0].Input, Value: k.Levers[0].Value}}
	}
	if len(moved) == 0 {
		return ""
	}
	text := "\nAs a variant of the file:\n\n[variants.found]\n"
	for _, m := range moved {
		text += fmt.Sprintf("%s = %s\n", m.Input.Path, m.Input.Write(m.Value))
	}
	return text
}

// seekJSON is the answer for scripts.
type seekJSON struct {
	Target   string        `json:"target"`
	Runs     int           `json:"runs"`
	Seed     uint64        `json:"seed"`
	Now      readingJSON   `json:"now"`
	Met      bool          `json:"met_already"`
	Levers   []soughtJSON  `json:"levers"`
	Combined *combinedJSON `json:"combined"`
}

type readingJSON struct {
	Metric *float64 `json:"metric"` // median
	Low    *float64 `json:"low"`    // of its 95% interval
	High   *float64 `json:"high"`
	Share  float64  `json:"share_met"`
}

func readingOf(r ask.Reading) readingJSON {
	return readingJSON{finite(r.Median), finite(r.Low), finite(r.High), r.Share}
}

type soughtJSON struct {
	Input   string   `json:"input"`
	File    float64  `json:"file"`
	Value   *float64 `json:"value"`
	Metric  *float64 `json:"metric"`
	Low     *float64 `json:"low"`
	High    *float64 `json:"high"`
	Reached bool     `json:"reached"`
	In90    *float64 `json:"value_in_90_percent_of_runs"`
}

type combinedJSON struct {
	Values map[string]float64 `json:"values"`
	readingJSON
}

func seekOf(k *ask.Seek) seekJSON {
	out := seekJSON{Target: k.Target.Text, Runs: k.Runs, Seed: k.Seed, Now: readingOf(k.Now), Met: k.Met, Levers: []soughtJSON{}}
	for _, l := range k.Levers {
		one := soughtJSON{Input: l.Input.Path, File: l.Input.Value, Reached: l.OK}
		if l.OK {
			one.Value, one.Metric, one.Low, one.High = &l.Value, finite(l.There.Median), finite(l.There.Low), finite(l.There.High)
		}
		if l.Often {
			one.In90 = &l.Often9
		}
		out.Levers = append(out.Levers, one)
	}
	if len(k.Combined) > 0 {
		out.Combined = &combinedJSON{map[string]float64{}, readingOf(k.Together)}
		for _, m := range k.Combined {
			out.Combined.Values[m.Input.Path] = m.Value
		}
	}
	return out
}
