package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"exodus/agents"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/ask"
	"exodus/scenarios/words"
)

// harmOptions are the flags of exodus harm.
type harmOptions struct {
	changes
	runs               int
	seed               uint64
	uncertainty        string
	week               int
	shorten            bool // whether the week may be earlier, for nobody asked for it
	firms              []string
	out                string
	force, asJSON, asR bool
}

func harmCommand() *cobra.Command {
	var o harmOptions
	cmd := &cobra.Command{
		Use:   "harm SCENARIO",
		Short: "Say what the event costs buyers, what vendors gain, and what it does to concentration",
		Long: `Harm compares a scenario with the same market without the event that it is about, on the same random numbers. It
says what buyers lose in USD a year (the compensating variation of the log-sum), by segment, and how much of it is distrust,
price and waiting; what each vendor gains; and what happens to concentration, to the spend that rival owners could look
into, and to diversion between vendors.

The parts of the harm add up in each run; medians of parts need not add up. What nobody delivers stands beside the harm.`,
		Example: `  exodus harm meta-scale
  exodus harm meta-scale --runs 1 --uncertainty none       # one run without random variation: exact
  exodus harm meta-scale --split Others=5 --week 52        # "Others" are five firms of one size
  exodus harm meta-scale --out out/harm                    # harm.csv: every week and lab
  exodus harm meta-scale --r > market.R                    # the market before, for R's package antitrust`,
		Args:              oneArg("a built-in scenario or a file"),
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.shorten = !cmd.Flags().Changed("week")
			return o.execute(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.changes.flags(cmd)
	f := cmd.Flags()
	f.IntVar(&o.runs, "runs", 200, "how many runs of each world")
	f.Uint64Var(&o.seed, "seed", 1, "the seed of all random numbers")
	f.StringVar(&o.uncertainty, "uncertainty", "luck", "what varies between runs: none, luck (random numbers), or both (also the behavioural parameters, drawn from their plausible ranges)")
	f.IntVar(&o.week, "week", 26, "the week of the tables by buyer and vendor, counted from the event's own as 0 (default +26, or the last of a shorter run)")
	f.StringArrayVar(&o.firms, "split", nil, "count a vendor as so many firms of one size in the HHI: `vendor=firms`; may be repeated")
	f.StringVar(&o.out, "out", "", "also write harm.csv to this `directory`: each week and lab")
	f.BoolVar(&o.force, "force", false, "replace other results in the directory")
	f.BoolVar(&o.asJSON, "json", false, "print the answer in JSON")
	f.BoolVar(&o.asR, "r", false, "print the market of the week before the event as R code, for the package antitrust")
	return cmd
}

func (o *harmOptions) execute(ctx context.Context, name string, stdout, stderr io.Writer) error {
	if o.runs < 1 || o.runs > 10_000_000 {
		return misusef("--runs %d: enter a number from 1 to 10000000", o.runs)
	}
	if o.asJSON && o.asR {
		return misusef("--json and --r: choose one of them")
	}
	if err := o.changes.doubt(o.uncertainty); err != nil {
		return err
	}
	if o.uncertainty == "both" {
		o.changes.set = append(o.changes.set, "uncertainty.ranges=true")
	}
	s, err := o.changes.load(name)
	if err != nil {
		return err
	}
	first, last := max(0, s.Since(0)), s.Since(s.Spec.Weeks-1)
	if o.shorten {
		o.week = min(o.week, last)
	}
	if s.Focus() != nil && (o.week < first || o.week > last) {
		return misusef("--week %d: the run of %s has the weeks +%d to +%d after the event", o.week, s.Name, first, last)
	}
	firms, err := o.split(s)
	if err != nil {
		return err
	}
	h, err := ask.HarmOf(ctx, s, o.runs, o.seed)
	switch {
	case errors.Is(err, ask.ErrNoEvent) && !o.asJSON && !o.asR:
		_, err = fmt.Fprintf(stdout, "%s: %v.\n", s.Describe(), err)
		return err
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("harm of %s: stopped before all runs were done", name)
	case err != nil:
		return fmt.Errorf("harm of %s: %w", name, err)
	}
	if week := s.WeekAt(o.week); week < h.First || week >= h.Weeks {
		return misusef("--week %d: the world without the event has no such week", o.week)
	}
	var written []store.File
	changed := false
	if o.out != "" {
		written = []store.File{{Name: "harm.csv", Content: harmCSV(h)}}
		changed, err = store.Write(o.out, written, o.force)
		var there *store.Exists
		if errors.As(err, &there) {
			return fmt.Errorf("%s already exists with other content; choose another --out, or use --force to replace it", there.Path)
		}
		if err != nil {
			return err
		}
	}
	answer := harmAnswer{h, o.seed, o.week, s.WeekAt(o.week), firms}
	switch {
	case o.asJSON:
		return printJSON(stdout, answer.json())
	case o.asR:
		return answer.printR(stdout)
	}
	if err := answer.print(stdout); err != nil || o.out == "" {
		return err
	}
	return printFiles(stdout, o.out, written, changed)
}

// split is by vendor how many firms it counts as. A name may hold an equals sign, a number cannot.
func (o *harmOptions) split(s *scenarios.Scenario) ([]int, error) {
	names := s.Spec.VendorNames()
	firms := make([]int, len(names))
	for _, text := range o.firms {
		at := max(0, strings.LastIndex(text, "="))
		name, number := strings.TrimSpace(text[:at]), strings.TrimSpace(strings.TrimPrefix(text[at:], "="))
		if name == "" || number == "" {
			return nil, misusef("--split %s: a vendor and a number are needed, such as %s=5", text, names[0])
		}
		j := slices.Index(names, scenarios.Normal(name))
		if j < 0 {
			return nil, misusef("--split %s: there is no vendor %s%s", text, words.Quote(name), agents.Nearest(name, names))
		}
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > 1_000_000 {
			return nil, misusef("--split %s: enter a whole number of firms from 1 to 1000000", text)
		}
		if firms[j] != 0 {
			return nil, misusef("--split %s: %s is split already", text, names[j])
		}
		firms[j] = n
	}
	return firms, nil
}

// harmAnswer is the answer to what was asked.
type harmAnswer struct {
	*ask.Harm
	seed  uint64
	since int // the week of the tables, counted from the event
	week  int // the same, of the run
	firms []int
}

func spread(x ask.Spread, write func(float64) string) (median, interval string) {
	median = write(x.Median)
	if low, high := write(x.Low), write(x.High); low != high {
		interval = "(" + low + " to " + high + ")"
	}
	return median, interval
}

// weeks are those of the first table: the event's own, and +26 and +52 as far as there are.
func (a *harmAnswer) weeks() (all []int) {
	for _, since := range []int{0, 13, 26, 52, a.since} {
		if w := a.Scenario.WeekAt(since); w >= a.First && w < a.Weeks {
			all = append(all, since)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (a *harmAnswer) print(w io.Writer) error {
	s := a.Scenario
	focus := s.Focus()
	runs := "One run"
	if a.Runs > 1 {
		runs = fmt.Sprintf("Medians of %s, seed %d; 90%% intervals in brackets", count(a.Runs, "run"), a.seed)
	}
	fmt.Fprintf(w, "%s\n%s on %s, against %s.\n%s. USD million a year.\n", s.Describe(), focus.Tell(), words.Date(s.DateOf(focus)), a.Without.Without, runs)

	last := a.weeks()[len(a.weeks())-1]
	all := a.All(a.week)
	total, _ := spread(a.Total(s.WeekAt(last)), words.Money)
	fmt.Fprintf(w, "\nIn week +%d (%s) buyers lose %s a year; from the event to week +%d, %s in all.\n", a.since, words.Date(s.Date(a.week)), words.Money(all.Harm.Median), last, total)

	var table words.Table
	head := []string{"harm", "", "distrust", "price", "waiting", "not delivered"}
	row := func(name string, l ask.LossSpread) {
		harm, interval := spread(l.Harm, amount)
		table.Row(name, harm, interval, amount(l.Distrust.Median), amount(l.Price.Median), amount(l.Waiting.Median), amount(l.Unmet.Median))
	}
	table.Line("")
	table.Row(append([]string{"All buyers"}, head...)...)
	for _, since := range a.weeks() {
		row(fmt.Sprintf("  +%d weeks", since), a.All(s.WeekAt(since)))
	}
	table.Line("")
	table.Row(append([]string{fmt.Sprintf("In week +%d", a.since)}, head...)...)
	for k, segment := range a.Segments {
		row("  "+segment, a.Segment(a.week, k))
		for i, lab := range s.Spec.Labs {
			if lab.Segment == segment {
				row("    "+lab.Name, a.Lab(a.week, i))
			}
		}
	}
	if _, err := table.WriteTo(w); err != nil {
		return err
	}
	for _, print := range []func(io.Writer) error{a.printVendors, a.printConcentration, a.printDiversion} {
		if err := print(w); err != nil {
			return err
		}
	}
	return nil
}

// amount writes USD million in a table that says so.
func amount(x float64) string { return words.Fixed(x, 1) }

func (a *harmAnswer) printVendors(w io.Writer) error {
	var table words.Table
	table.Line("")
	table.Row("Vendors", "without", "with", "gain", "", fmt.Sprintf("sum to +%d", a.since), "price")
	for j, name := range a.Vendors {
		gain, interval := spread(a.Gain(a.week, j), func(x float64) string { return words.Signed(x, 1) })
		price := ""
		if name != agents.InHouse {
			price, _ = spread(a.PriceChange(a.week, j), func(x float64) string { return words.Signed(100*x, 1) + "%" })
		}
		table.Row("  "+name, amount(a.Revenue(ask.Absent, a.week, j).Median), amount(a.Revenue(ask.Present, a.week, j).Median), gain, interval,
			words.Signed(a.TotalGain(a.week, j).Median, 1), price)
	}
	_, err := table.WriteTo(w)
	return err
}

func (a *harmAnswer) printConcentration(w io.Writer) error {
	points := func(x float64) string { return words.Fixed(x, 0) }
	var table words.Table
	table.Line("")
	table.Row(fmt.Sprintf("Concentration in week +%d", a.since), "without", "with", "change")
	change, _ := spread(a.HHIChange(a.week, a.firms), func(x float64) string { return words.Signed(x, 0) })
	table.Row("  HHI", points(a.HHI(ask.Absent, a.week, a.firms).Median), points(a.HHI(ask.Present, a.week, a.firms).Median), change)
	if a.Common() {
		for k, c := range ask.Controls {
			without, with := a.MHHI(ask.Absent, a.week, k).Median, a.MHHI(ask.Present, a.week, k).Median
			table.Row("  modified HHI, "+c.Name+" control", points(without), points(with), words.Signed(with-without, 0))
		}
	}
	table.Line("")
	table.Row("Spend that rival owners could look into", "without", "with", "")
	for k, segment := range append([]string{"all buyers"}, a.Segments...) {
		with, interval := spread(a.Exposed(ask.Present, a.week, k-1), amount)
		table.Row("  "+segment, amount(a.Exposed(ask.Absent, a.week, k-1).Median), with, interval)
	}
	if _, err := table.WriteTo(w); err != nil {
		return err
	}
	if n := slices.Max(append([]int{1}, a.firms...)); n > 1 {
		fmt.Fprintf(w, "\nIn the HHI %s.\n", words.List(a.splits()))
	}
	if focus := a.Scenario.Focus(); focus.Owner != "" && !slices.Contains(a.Vendors, focus.Owner) && !a.Common() {
		_, err := fmt.Fprintf(w, "\nThe HHI does not see the deal: %s rivals buyers of %s, and sells nothing itself. The spend that it could look into does.\n", focus.Owner, focus.Vendor)
		return err
	}
	return nil
}

func (a *harmAnswer) splits() (all []string) {
	for j, n := range a.firms {
		if n > 1 {
			all = append(all, fmt.Sprintf("%s counts as %s of one size", a.Vendors[j], count(n, "firm")))
		}
	}
	return all
}

func (a *harmAnswer) printDiversion(w io.Writer) error {
	var table words.Table
	table.Line("")
	table.Row("Diversion from "+a.Scenario.FocusVendor()+" to", "by logit", fmt.Sprintf("in the run, +%d weeks", a.since))
	for k, segment := range a.Segments {
		all := a.Diversion(a.week, k)
		if all == nil {
			continue
		}
		table.Line("  " + segment)
		for _, d := range all {
			if d.Logit.Median > 0 || d.Shown.Median != 0 && !math.IsNaN(d.Shown.Median) {
				table.Row("    "+d.Vendor, words.WholePercent(d.Logit.Median), words.WholePercent(d.Shown.Median))
			}
		}
	}
	_, err := table.WriteTo(w)
	return err
}

// harmCSV is the table of each week and lab; of all labs where none is named.
func harmCSV(h *ask.Harm) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Write([]string{"week", "date", "lab", "harm", "harm_q05", "harm_q95", "distrust", "price", "waiting", "not_delivered"})
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	for week := h.First; week < h.Weeks; week++ {
		for i := range len(h.Labs) + 1 {
			lab, l := "", ask.LossSpread{}
			if i < len(h.Labs) {
				lab, l = h.Labs[i], h.Lab(week, i)
			} else {
				l = h.All(week)
			}
			w.Write([]string{strconv.Itoa(week), h.Scenario.Date(week).Format(time.DateOnly), lab, number(l.Harm.Median), number(l.Harm.Low), number(l.Harm.High),
				number(l.Distrust.Median), number(l.Price.Median), number(l.Waiting.Median), number(l.Unmet.Median)})
		}
	}
	w.Flush()
	return out.Bytes()
}

// spreadJSON is a spread for scripts; money in USD million a year.
type spreadJSON struct {
	Low    *float64 `json:"q05"`
	Median *float64 `json:"median"`
	High   *float64 `json:"q95"`
}

func spreadOf(x ask.Spread) spreadJSON {
	return spreadJSON{finite(x.Low), finite(x.Median), finite(x.High)}
}

type lossJSON struct {
	Week     int        `json:"weeks_after"`
	Date     string     `json:"date"`
	Segment  string     `json:"segment,omitempty"`
	Lab      string     `json:"lab,omitempty"`
	Harm     spreadJSON `json:"harm"`
	Distrust spreadJSON `json:"distrust"`
	Price    spreadJSON `json:"price"`
	Waiting  spreadJSON `json:"waiting"`
	Unmet    spreadJSON `json:"not_delivered"`
}

type harmVendorJSON struct {
	Vendor  string     `json:"vendor"`
	Without spreadJSON `json:"revenue_without"`
	With    spreadJSON `json:"revenue_with"`
	Gain    spreadJSON `json:"gain"`
	Total   spreadJSON `json:"total_gain"`
	Price   spreadJSON `json:"price_change"`
}

type harmJSON struct {
	Scenario  string                `json:"scenario"`
	Variant   string                `json:"variant,omitempty"`
	Changes   []string              `json:"changes,omitempty"`
	Event     string                `json:"event"`
	Against   string                `json:"against"`
	Runs      int                   `json:"runs"`
	Seed      uint64                `json:"seed"`
	Total     spreadJSON            `json:"total_harm"` // from the event to the week of the tables, USD million
	Losses    []lossJSON            `json:"losses"`
	Vendors   []harmVendorJSON      `json:"vendors"`
	HHI       map[string]spreadJSON `json:"hhi"`
	Modified  map[string]spreadJSON `json:"modified_hhi,omitempty"`
	Exposed   map[string]spreadJSON `json:"exposed_spend"`
	Diversion []diversionJSON       `json:"diversion"`
}

type diversionJSON struct {
	Segment string     `json:"segment"`
	Vendor  string     `json:"vendor"`
	Logit   spreadJSON `json:"logit"`
	Shown   spreadJSON `json:"shown"`
}

func (a *harmAnswer) json() harmJSON {
	s := a.Scenario
	out := harmJSON{
		Scenario: s.Name, Variant: s.Variant, Changes: s.Changes, Event: s.Focus().Name, Against: a.Without.Without, Runs: a.Runs, Seed: a.seed,
		Total: spreadOf(a.Total(a.week)), HHI: map[string]spreadJSON{}, Exposed: map[string]spreadJSON{},
	}
	loss := func(since int, segment, lab string, l ask.LossSpread) {
		out.Losses = append(out.Losses, lossJSON{since, s.Date(s.WeekAt(since)).Format(time.DateOnly), segment, lab,
			spreadOf(l.Harm), spreadOf(l.Distrust), spreadOf(l.Price), spreadOf(l.Waiting), spreadOf(l.Unmet)})
	}
	for _, since := range a.weeks() {
		loss(since, "", "", a.All(s.WeekAt(since)))
	}
	for k, segment := range a.Segments {
		loss(a.since, segment, "", a.Segment(a.week, k))
	}
	for i, lab := range s.Spec.Labs {
		loss(a.since, lab.Segment, lab.Name, a.Lab(a.week, i))
	}
	for j, name := range a.Vendors {
		out.Vendors = append(out.Vendors, harmVendorJSON{name, spreadOf(a.Revenue(ask.Absent, a.week, j)), spreadOf(a.Revenue(ask.Present, a.week, j)),
			spreadOf(a.Gain(a.week, j)), spreadOf(a.TotalGain(a.week, j)), spreadOf(a.PriceChange(a.week, j))})
	}
	for world, name := range []string{"without", "with"} {
		out.HHI[name] = spreadOf(a.HHI(world, a.week, a.firms))
		out.Exposed[name] = spreadOf(a.Exposed(world, a.week, -1))
		if a.Common() {
			if out.Modified == nil {
				out.Modified = map[string]spreadJSON{}
			}
			for k, c := range ask.Controls {
				out.Modified[c.Name+"_"+name] = spreadOf(a.MHHI(world, a.week, k))
			}
		}
	}
	out.HHI["change"] = spreadOf(a.HHIChange(a.week, a.firms))
	for k, segment := range a.Segments {
		for _, d := range a.Diversion(a.week, k) {
			out.Diversion = append(out.Diversion, diversionJSON{segment, d.Vendor, spreadOf(d.Logit), spreadOf(d.Shown)})
		}
	}
	return out
}

// printR prints the market of the week before the event in R, for those who go on in the package antitrust. What the model
// does not know, such as margins, is left to them.
func (a *harmAnswer) printR(w io.Writer) error {
	s := a.Scenario
	before := max(a.First, s.WeekAt(-1))
	var names, shares, prices, owners []string
	total := 0.0
	for j := range a.Vendors {
		total += a.Revenue(ask.Present, before, j).Median
	}
	for j, name := range a.Vendors {
		revenue := a.Revenue(ask.Present, before, j).Median
		names = append(names, strconv.Quote(name))
		shares = append(shares, strconv.FormatFloat(revenue/total, 'g', 6, 64))
		prices = append(prices, strconv.FormatFloat(a.Price(ask.Present, before, j).Median, 'g', 6, 64))
		owners = append(owners, strconv.Quote(name))
	}
	_, err := fmt.Fprintf(w, `# %s: the market on %s, medians of %s.
# Shares are of revenue (In-house, the last, is the outside option: drop it where a function wants inside goods alone).
# The model knows no margins: state yours. Its buyers choose by a logit with an elasticity to price of %g.
products <- c(%s)
shares   <- c(%s)
prices   <- c(%s)
owners   <- c(%s)
market   <- data.frame(product = products, share = shares, price = prices, owner = owners)
# library(antitrust)
# n <- nrow(market) - 1
# logit.alm(prices = prices[1:n], shares = shares[1:n], margins = your.margins, ownerPre = owners[1:n], ownerPost = owners.after[1:n])
`, words.OneLine(s.Title), s.Date(before).Format(time.DateOnly), count(a.Runs, "run"), s.Spec.Model.PriceSensitivity+1,
		strings.Join(names, ", "), strings.Join(shares, ", "), strings.Join(prices, ", "), strings.Join(owners, ", "))
	return err
}
