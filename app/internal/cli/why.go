package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"exodus/agents"
	"exodus/agents/field"
	"exodus/scenarios"
	"exodus/scenarios/ask"
	"exodus/scenarios/words"
)

// whyOptions are the flags of exodus why.
type whyOptions struct {
	changes
	lab, vendor, beside string
	week, runs          int
	seed                uint64
	asJSON              bool
}

func whyCommand() *cobra.Command {
	var o whyOptions
	cmd := &cobra.Command{
		Use:   "why SCENARIO --lab LAB",
		Short: "Say why a lab left a vendor, or stayed, and what would have changed its mind",
		Long: `Why follows one lab through the run without random variation: what it saw, what it made of that, and which event set
its review off. It splits what the lab loses for want of trust along the chain from stake to firewall; the parts are Shapley
values and add up. Then it moves each input that the decision depends on over its plausible range, the others as they are,
and says from which value on the lab would have decided otherwise, and in what share of the runs with random variation it
leaves there.`,
		Example: `  exodus why meta-scale --lab Google
  exodus why meta-scale --lab Google --beside Anthropic     # what tells the two apart
  exodus why meta-scale --lab OpenAI --week 13 --json`,
		Args:              oneArg("a built-in scenario or a file"),
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.execute(cmd, args[0], cmd.OutOrStdout())
		},
	}
	o.changes.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.lab, "lab", "", "the lab that is asked about")
	f.StringVar(&o.vendor, "vendor", "", "the vendor that it left or stayed with (default that of the event)")
	f.StringVar(&o.beside, "beside", "", "another lab to set it against")
	f.IntVar(&o.week, "week", 26, "the week at whose end it has left or not, counted from the event's own as 0 (default +26, or the last of a shorter run)")
	f.IntVar(&o.runs, "runs", 200, "how many runs the shares of runs are of")
	f.Uint64Var(&o.seed, "seed", 1, "the seed of their random numbers")
	f.BoolVar(&o.asJSON, "json", false, "print the answer in JSON")
	return cmd
}

func (o *whyOptions) execute(cmd *cobra.Command, name string, stdout io.Writer) error {
	if o.runs < 1 || o.runs > 1_000_000 {
		return misusef("--runs %d: enter a number from 1 to 1000000", o.runs)
	}
	s, err := o.changes.load(name)
	if err != nil {
		return err
	}
	labs, vendors := s.Spec.LabNames(), s.Spec.VendorNames()
	o.lab, o.beside, o.vendor = scenarios.Normal(o.lab), scenarios.Normal(o.beside), scenarios.Normal(o.vendor)
	switch {
	case o.lab == "":
		return misusef("--lab: name the lab that is asked about%s", agents.Nearest("", labs))
	case !slices.Contains(labs, o.lab):
		return misusef("--lab %s: there is no lab %s%s", o.lab, words.Quote(o.lab), agents.Nearest(o.lab, labs))
	case o.beside != "" && !slices.Contains(labs, o.beside):
		return misusef("--beside %s: there is no lab %s%s", o.beside, words.Quote(o.beside), agents.Nearest(o.beside, labs))
	case o.beside == o.lab:
		return misusef("--beside %s: name another lab", o.beside)
	case o.vendor == "":
		o.vendor = s.FocusVendor()
	case !slices.Contains(vendors, o.vendor):
		return misusef("--vendor %s: there is no vendor %s%s", o.vendor, words.Quote(o.vendor), agents.Nearest(o.vendor, vendors))
	}
	first, last := s.Since(0), s.Since(s.Spec.Weeks-1)
	if !cmd.Flags().Changed("week") {
		o.week = min(o.week, last)
	}
	if o.week < first || o.week > last {
		return misusef("--week %d: the run of %s has the weeks %+d to %+d", o.week, s.Name, first, last)
	}
	w, err := ask.WhyLeft(cmd.Context(), s, o.lab, o.vendor, o.beside, s.WeekAt(o.week), o.runs, o.seed)
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("why %s: stopped before it was done", name)
	case err != nil:
		return fmt.Errorf("why %s: %w", name, err)
	case o.asJSON:
		return printJSON(stdout, whyOf(w, o.seed))
	}
	_, err = io.WriteString(stdout, tellWhy(w))
	return err
}

// tellWhy is the answer in words and tables.
func tellWhy(w *ask.Why) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	s := w.Scenario
	say("%s", s.Describe())
	say("%s", headline(w))
	if !w.Bought {
		return b.String()
	}
	say("")
	say("%s", whatHappened(w))

	var weeks words.Table
	weeks.Line("")
	weeks.Row("Week", "of its spend", "trust", "feels dearer", "regret", "threshold", "")
	for _, k := range told(w) {
		x := w.Weeks[k]
		state := ""
		switch {
		case x.Left:
			state = "has left"
		case x.Reviewing:
			state = "reviews"
		}
		weeks.Row(fmt.Sprintf("  %+d", s.Since(x.Week)), words.Percent(x.Part), words.WholePercent(x.Trust), words.SignedPercent(x.Premium), inNats(x.Regret), inNats(x.Threshold), state)
	}
	b.WriteString(weeks.String())

	var seen words.Table
	seen.Line("")
	seen.Row(fmt.Sprintf("What it sees in week %+d", s.Since(w.SeenAt)), "has", "wants", "price", "quality", "trust", "(nats against the start)")
	for _, v := range w.Seen {
		seen.Row("  "+v.Vendor, words.Percent(v.Mix), words.Percent(v.Ideal), inNats(v.Price), inNats(v.Quality), inNats(v.Trust))
	}
	b.WriteString(seen.String())

	if w.Loss > 0 {
		say("\n%s", stairs(w))
		var chain words.Table
		chain.Line("")
		chain.Row(fmt.Sprintf("What distrust of %s costs it in week %+d", w.Vendor, s.Since(w.Week)), "nats", "part")
		for _, p := range w.Chain {
			if p.Nats != 0 {
				chain.Row("  "+p.Name, inNats(p.Nats), words.WholePercent(p.Nats/w.Loss))
			}
		}
		chain.Row("  all", inNats(w.Loss), "100%")
		b.WriteString(chain.String())
	}
	b.WriteString(tellLevers(w))
	if w.Beside != nil {
		say("\n%s", tellBeside(w))
	}
	return b.String()
}

func inNats(x float64) string { return words.Fixed(x, 3) }

// told are the weeks that the table shows, as places in Weeks.
func told(w *ask.Why) (at []int) {
	for k, x := range w.Weeks {
		since := w.Scenario.Since(x.Week)
		if since <= 6 || since == 8 || since == 13 || since == 26 || since == 52 || x.Week == w.Week {
			at = append(at, k)
		}
	}
	return at
}

func headline(w *ask.Why) string {
	s := w.Scenario
	at := fmt.Sprintf("week %+d (%s)", s.Since(w.Week), words.Date(s.Date(w.Week)))
	if !w.Bought {
		return fmt.Sprintf("%s has bought nothing from %s by %s, so there is nothing to leave.", w.Lab, w.Vendor, at)
	}
	often := fmt.Sprintf("It has left in %s of %s with random variation.", words.WholePercent(w.Share), count(w.Runs, "run"))
	if w.Left {
		return fmt.Sprintf("%s has left %s by %s: since week %+d (%s). %s", w.Lab, w.Vendor, at, s.Since(w.Since), words.Date(s.Date(w.Since)), often)
	}
	now := w.Weeks[len(w.Weeks)-1].Part
	return fmt.Sprintf("%s has not left %s by %s: it gives it %s of its spend. %s", w.Lab, w.Vendor, at, words.Percent(now), often)
}

func whatHappened(w *ask.Why) string {
	s := w.Scenario
	most, threshold := 0.0, 0.0
	for _, x := range w.Weeks {
		most, threshold = max(most, x.Regret), x.Threshold
	}
	if w.Review < 0 {
		return fmt.Sprintf("It does not review its vendors: keeping its work where it is never costs it more than %s nats, and its threshold is %s.", inNats(most), inNats(threshold))
	}
	x := w.Weeks[slices.IndexFunc(w.Weeks, func(x ask.WhyWeek) bool { return x.Week == w.Review })]
	text := fmt.Sprintf("It reviews its vendors from week %+d (%s) on: keeping its work where it is would cost it %s nats, and its threshold is %s.", s.Since(w.Review), words.Date(s.Date(w.Review)), inNats(x.Regret), inNats(threshold))
	if w.Cause != nil {
		text += fmt.Sprintf(" What set it off: %s (%s).", w.Cause.Tell(), words.Date(s.DateOf(w.Cause)))
	}
	return text
}

// stairs leads from what the owner has to the trust premium.
func stairs(w *ask.Why) string {
	x := w.Step
	if x.Owner == "" {
		return fmt.Sprintf("Its trust in %s is %s; with %s of its secrets exposed and a leak aversion of %s nats, %s feels %s dearer than it is.",
			w.Vendor, words.WholePercent(x.Trust), words.WholePercent(x.Exposure), words.Stated(x.Aversion), w.Vendor, words.WholePercent(x.Premium))
	}
	return fmt.Sprintf("%s controls %s to %s. Times a rivalry of %s, and what a firewall of %s lets through, and others' leaving, that is a conflict of %s. "+
		"%s's trust in %s is %s. With %s of its secrets exposed, and a leak aversion of %s nats, %s feels %s dearer than it is.",
		x.Owner, w.Vendor, words.WholePercent(x.Control), words.WholePercent(x.Rivalry), words.WholePercent(x.Firewall), words.WholePercent(x.Conflict),
		w.Lab, w.Vendor, words.WholePercent(x.Trust), words.WholePercent(x.Exposure), words.Stated(x.Aversion), w.Vendor, words.WholePercent(x.Premium))
}

// tellLevers says at which values the decision flips.
func tellLevers(w *ask.Why) string {
	var table words.Table
	table.Line("")
	head, outcome := "What would have sent it away", "it leaves"
	if w.Left {
		head = "What would have kept it"
	}
	table.Row(head, "now", "", "in runs there")
	var firm []string
	flips := 0
	for k, l := range w.Levers {
		if len(l.Flips) == 0 {
			firm = append(firm, l.Input.Path)
			continue
		}
		flips++
		others := ""
		for _, f := range l.Flips[1:] {
			others += ", and again at " + valueOf(&f)
		}
		table.Row("  "+l.Input.Path, words.Stated(l.Input.Value), valueOf(&l.Flips[0])+others, outcome+" in "+words.WholePercent(w.Shares[k]))
	}
	text := table.String()
	if flips == 0 {
		return "\nNo input alone would have changed that: neither what happens at " + w.Vendor + ", nor what " + w.Lab + " is, nor how labs behave, over their whole plausible ranges.\n"
	}
	if len(firm) > 0 {
		text += fmt.Sprintf("It makes no difference over the whole plausible range of %s.\n", words.List(firm))
	}
	return text
}

// valueOf writes the value of a flip, rounded to the far side.
func valueOf(f *ask.Flip) string {
	up := f.Value > f.Short
	x := f.Value
	if f.Input.Kind == field.Number {
		step := math.Pow(10, math.Floor(math.Log10(f.Input.High-f.Input.Low))-3)
		if up {
			x = min(math.Ceil(x/step)*step, f.Input.Max)
		} else {
			x = max(math.Floor(x/step)*step, f.Input.Min)
		}
	}
	side := "or less"
	if up {
		side = "or more"
	}
	digits := max(0, 3-int(math.Floor(math.Log10(f.Input.High-f.Input.Low))))
	if f.Input.Kind != field.Number {
		digits = 0
	}
	return strings.TrimSpace(trimZeros(words.Fixed(x, digits)) + " " + side)
}

func trimZeros(number string) string {
	if !strings.Contains(number, ".") {
		return number
	}
	return strings.TrimSuffix(strings.TrimRight(number, "0"), ".")
}

// traitText says a trait of both labs.
var traitText = map[string]func(lab string, x ask.Traits) string{
	"part":      func(_ string, x ask.Traits) string { return words.Percent(x.Part) },
	"rivalry":   func(_ string, x ask.Traits) string { return words.WholePercent(x.Rivalry) },
	"exposure":  func(_ string, x ask.Traits) string { return words.WholePercent(x.Exposure) },
	"exit time": func(_ string, x ask.Traits) string { return words.Stated(x.Exit) + " weeks" },
	"growth":    func(_ string, x ask.Traits) string { return words.SignedPercent(x.Growth) + " a year" },
}

// tellBeside says what tells two labs apart.
func tellBeside(w *ask.Why) string {
	c := w.Beside
	how := func(left bool) string {
		if left {
			return "has left"
		}
		return "has not left"
	}
	if c.Left == w.Left {
		return fmt.Sprintf("%s %s either way: both decide alike. %s gave %s %s of its spend at the start, %s %s.", c.Lab, how(c.Left), w.Lab, w.Vendor, words.Percent(c.Own.Part), c.Lab, words.Percent(c.Other.Part))
	}
	text := fmt.Sprintf("%s %s. ", c.Lab, how(c.Left))
	names := map[string]string{"part": "the part of their work at " + w.Vendor + " at the start", "rivalry": "their rivalry with the owner", "exposure": "how much of their secrets is exposed", "exit time": "the time that leaving takes them", "growth": "how their budgets grow"}
	would := "would have left, too"
	if !w.Left {
		would = "would not have left either"
	}
	if len(c.Apart) == 0 {
		return text + fmt.Sprintf("No one thing tells them apart: with the part, the rivalry, the exposure, the exit time or the growth of %s alone, %s would have decided as it did.", w.Lab, c.Lab)
	}
	var all []string
	for _, t := range c.Apart {
		all = append(all, fmt.Sprintf("%s: %s for %s, %s for %s; with %s's, %s %s", names[t.Name], traitText[t.Name](w.Lab, c.Own), w.Lab, traitText[t.Name](c.Lab, c.Other), c.Lab, w.Lab, c.Lab, would))
	}
	return text + "What tells them apart is " + strings.Join(all, "; or ") +
		fmt.Sprintf(". Trust in %s: %s and %s. Regret, at most: %s and %s nats.", w.Vendor, words.WholePercent(c.Own.Trust), words.WholePercent(c.Other.Trust), inNats(c.Own.Regret), inNats(c.Other.Regret))
}

// whyJSON is the answer for scripts.
type whyJSON struct {
	Scenario  string             `json:"scenario"`
	Variant   string             `json:"variant,omitempty"`
	Changes   []string           `json:"changes,omitempty"`
	Lab       string             `json:"lab"`
	Vendor    string             `json:"vendor"`
	Week      int                `json:"weeks_after"`
	Date      string             `json:"date"`
	Left      bool               `json:"left"`
	Since     *int               `json:"left_since"` // weeks after the event
	Runs      int                `json:"runs"`
	Seed      uint64             `json:"seed"`
	ShareLeft float64            `json:"share_left"`
	Review    *int               `json:"review_starts"`
	Cause     string             `json:"cause,omitempty"`
	Weeks     []whyWeekJSON      `json:"weeks"`
	Seen      []whySeenJSON      `json:"seen"`
	Loss      float64            `json:"trust_loss_nats"`
	Chain     map[string]float64 `json:"chain_nats"`
	Levers    []leverJSON        `json:"levers"`
	Beside    *besideJSON        `json:"beside,omitempty"`
}

type whyWeekJSON struct {
	Week      int     `json:"weeks_after"`
	Part      float64 `json:"part_of_spend"`
	Trust     float64 `json:"trust"`
	Premium   float64 `json:"premium"`
	Regret    float64 `json:"regret"`
	Threshold float64 `json:"threshold"`
	Reviewing bool    `json:"reviewing"`
	Left      bool    `json:"left"`
}

type whySeenJSON struct {
	Vendor  string  `json:"vendor"`
	Price   float64 `json:"price"`
	Quality float64 `json:"quality"`
	Trust   float64 `json:"trust"`
	Mix     float64 `json:"mix"`
	Ideal   float64 `json:"ideal"`
}

type leverJSON struct {
	Input string     `json:"input"`
	File  float64    `json:"file"`
	Low   float64    `json:"low"`
	High  float64    `json:"high"`
	Flips []flipJSON `json:"flips"`
	Share *float64   `json:"share_left_there,omitempty"`
}

type flipJSON struct {
	Value float64 `json:"value"`
	Short float64 `json:"just_short"`
	Left  bool    `json:"answer_beyond"`
}

type besideJSON struct {
	Lab   string     `json:"lab"`
	Left  bool       `json:"left"`
	Own   ask.Traits `json:"own"`
	Other ask.Traits `json:"other"`
	Apart []string   `json:"told_apart_by"`
}

func whyOf(w *ask.Why, seed uint64) whyJSON {
	s := w.Scenario
	out := whyJSON{
		Scenario: s.Name, Variant: s.Variant, Changes: s.Changes, Lab: w.Lab, Vendor: w.Vendor, Week: s.Since(w.Week), Date: s.Date(w.Week).Format(time.DateOnly),
		Left: w.Left, Runs: w.Runs, Seed: seed, ShareLeft: w.Share, Loss: w.Loss, Chain: map[string]float64{}, Levers: []leverJSON{},
	}
	since := func(week int) *int {
		if week < 0 {
			return nil
		}
		week = s.Since(week)
		return &week
	}
	out.Since, out.Review = since(w.Since), since(w.Review)
	if w.Cause != nil {
		out.Cause = w.Cause.Name
	}
	for _, x := range w.Weeks {
		out.Weeks = append(out.Weeks, whyWeekJSON{s.Since(x.Week), x.Part, x.Trust, x.Premium, x.Regret, x.Threshold, x.Reviewing, x.Left})
	}
	for _, v := range w.Seen {
		out.Seen = append(out.Seen, whySeenJSON{v.Vendor, v.Price, v.Quality, v.Trust, v.Mix, v.Ideal})
	}
	for _, p := range w.Chain {
		out.Chain[p.Name] = p.Nats
	}
	for k, l := range w.Levers {
		out.Levers = append(out.Levers, leverOf(l, finite(w.Shares[k])))
	}
	if c := w.Beside; c != nil {
		out.Beside = &besideJSON{c.Lab, c.Left, c.Own, c.Other, []string{}}
		for _, t := range c.Apart {
			out.Beside.Apart = append(out.Beside.Apart, t.Name)
		}
	}
	return out
}
