package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"exodus/scenarios/ask"
	"exodus/scenarios/words"
)

// doubtOptions are the flags of exodus doubt.
type doubtOptions struct {
	changes
	week   int
	asJSON bool
}

func doubtCommand() *cobra.Command {
	var o doubtOptions
	cmd := &cobra.Command{
		Use:   "doubt SCENARIO",
		Short: "Say what would have to be wrong for its conclusions to fail",
		Long: `Doubt takes what a report says first of a scenario: what the vendor of the event loses, and which labs leave it or stay.
For each sentence it moves each assumption over its plausible range, the others as they are, and says from which value on
the sentence fails; then which small changes of several together do it; and under which rival mechanisms it holds. Assumptions
are the parameters of behaviour, and what a lab is as far as nobody has reported it.`,
		Example: `  exodus doubt meta-scale
  exodus doubt meta-scale --week 52 --variant audited-firewall`,
		Args:              oneArg("a built-in scenario or a file"),
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.execute(cmd, args[0], cmd.OutOrStdout())
		},
	}
	o.changes.flags(cmd)
	f := cmd.Flags()
	f.IntVar(&o.week, "week", 26, "the week at whose end the sentences are meant, counted from the event's own as 0 (default +26, or the last of a shorter run)")
	f.BoolVar(&o.asJSON, "json", false, "print the answer in JSON")
	return cmd
}

func (o *doubtOptions) execute(cmd *cobra.Command, name string, stdout io.Writer) error {
	s, err := o.changes.load(name)
	if err != nil {
		return err
	}
	last := s.Since(s.Spec.Weeks - 1)
	if !cmd.Flags().Changed("week") {
		o.week = min(o.week, last)
	}
	if o.week < 0 || o.week > last {
		return misusef("--week %d: the run of %s has the weeks +0 to %+d after the event", o.week, s.Name, last)
	}
	ctx := cmd.Context()
	claims, err := ask.Claims(ctx, s, s.WeekAt(o.week))
	var together [][]ask.Moved
	for i := range claims {
		if err != nil {
			break
		}
		var moved []ask.Moved
		moved, err = claims[i].Nearest(ctx, s, doubtRuns, 1)
		together = append(together, moved)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("doubt %s: stopped before it was done", name)
	case err != nil:
		return fmt.Errorf("doubt %s: %w", name, err)
	case o.asJSON:
		return printJSON(stdout, claimsOf(claims, together, o.week))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nWhat would have to be wrong, in week %+d (%s), in the run without random variation\n", s.Describe(), o.week, words.Date(s.Date(s.WeekAt(o.week))))
	if len(claims) == 0 {
		b.WriteString("\nNothing happens in this scenario, so there is nothing to doubt.\n")
	}
	for i := range claims {
		fmt.Fprintf(&b, "\n%s.\n", claims[i].Text)
		for _, line := range tellDoubt(&claims[i], together[i]) {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	_, err = io.WriteString(stdout, b.String())
	return err
}

// doubtRuns are those in whose median a claim fails with several assumptions moved together.
const doubtRuns = 32

// tellDoubt says what would have to be wrong for a claim to fail.
func tellDoubt(c *ask.Claim, together []ask.Moved) (lines []string) {
	var fails []string
	firm := 0
	for _, l := range c.Levers {
		if len(l.Flips) == 0 {
			firm++
			continue
		}
		fails = append(fails, fmt.Sprintf("%s is %s (%s is taken)", l.Input.Path, valueOf(&l.Flips[0]), words.Stated(l.Input.Value)))
	}
	rest := fmt.Sprintf("the whole plausible range of %s", count(firm, "other assumption"))
	if len(fails) == 0 {
		lines = append(lines, fmt.Sprintf("It holds over the whole plausible range of each of %s.", count(firm, "assumption")))
	} else {
		lines = append(lines, fmt.Sprintf("%s if %s.", strings.ToUpper(c.Fails[:1])+c.Fails[1:], strings.Join(fails, ", or ")))
		if firm > 0 {
			lines = append(lines, "It holds over "+rest+".")
		}
	}
	if len(together) > 0 {
		var moved []string
		for _, m := range together {
			moved = append(moved, fmt.Sprintf("%s %s (%s)", m.Input.Path, words.Measured(m.Value), words.Stated(m.Input.Value)))
		}
		lines = append(lines, "Together, less is enough: "+words.List(moved)+".")
	}
	var holds, not []string
	for _, m := range c.Under {
		if m.Holds {
			holds = append(holds, m.Name)
		} else {
			not = append(not, m.Name)
		}
	}
	text := ""
	if len(holds) > 0 {
		text = "It holds under " + words.List(holds) + "."
	}
	if len(not) > 0 {
		text = strings.TrimSpace(text + " It does not under " + words.List(not) + ".")
	}
	return append(lines, text)
}

// claimJSON is a claim for scripts.
type claimJSON struct {
	Claim    string             `json:"claim"`
	Week     int                `json:"weeks_after"`
	Fails    string             `json:"fails_where"`
	Levers   []leverJSON        `json:"assumptions"`
	Together map[string]float64 `json:"together,omitempty"`
	Under    map[string]bool    `json:"holds_under"`
}

func claimsOf(claims []ask.Claim, together [][]ask.Moved, week int) []claimJSON {
	out := []claimJSON{}
	for i, c := range claims {
		one := claimJSON{Claim: c.Text, Week: week, Fails: c.Fails, Levers: []leverJSON{}, Under: map[string]bool{}}
		for _, l := range c.Levers {
			one.Levers = append(one.Levers, leverOf(l, nil))
		}
		for _, m := range together[i] {
			if one.Together == nil {
				one.Together = map[string]float64{}
			}
			one.Together[m.Input.Path] = m.Value
		}
		for _, m := range c.Under {
			one.Under[m.Name] = m.Holds
		}
		out = append(out, one)
	}
	return out
}

func leverOf(l ask.Lever, share *float64) leverJSON {
	out := leverJSON{l.Input.Path, l.Input.Value, l.Input.Low, l.Input.High, []flipJSON{}, share}
	for _, f := range l.Flips {
		out.Flips = append(out.Flips, flipJSON{f.Value, f.Short, f.To})
	}
	return out
}
