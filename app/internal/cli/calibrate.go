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
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"exodus/agents"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/facts"
	"exodus/sim/study"
)

// calibrateOptions are the flags of exodus calibrate.
type calibrateOptions struct {
	changes
	free, facts  []string
	method       string
	points, runs int
	seed         uint64
	out          string
}

func calibrateCommand() *cobra.Command {
	var o calibrateOptions
	cmd := &cobra.Command{
		Use:   "calibrate SCENARIO",
		Short: "Show which assumptions agree with the facts",
		Long: `Calibrate looks for values of the parameters of behaviour, within their plausible ranges, at which all facts of the
scenario hold.

With --method abc it tries many points and keeps those at which they hold: approximate Bayesian computation by
rejection. It prints what is left of each range, and which parameters the facts cannot tell apart. With --out it writes
the points that were kept, which exodus batch takes as a design, and the scenario with their medians as a variant.

With --method fit it searches for one such point by CMA-ES, which finds it where few points are any good, and says how
far off the nearest one is where none holds them all. With --out it writes the scenario with that point as a variant.`,
		Example: `  exodus calibrate meta-scale --points 400 --out out/calibrated
  exodus calibrate meta-scale --free model.control_per_stake --free model.control_per_executives
  exodus calibrate meta-scale --method fit --out out/fitted
  exodus batch meta-scale --design out/calibrated/posterior.csv --runs 10`,
		Args:              oneArg("a built-in scenario or a file"),
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.execute(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.changes.flags(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&o.free, "free", nil, "vary this `path` over its plausible range (default all uncertain parameters of the model); may be repeated")
	f.StringArrayVar(&o.facts, "facts", nil, "hold it against this `fact` alone (default all); may be repeated")
	f.StringVar(&o.method, "method", "abc", "abc, which says what the facts leave of the ranges, or fit, which searches for one point")
	f.IntVar(&o.points, "points", 200, "how many points are tried; of a fit, at most")
	f.IntVar(&o.runs, "runs", 20, "runs at each point, whose medians are held against the facts")
	f.Uint64Var(&o.seed, "seed", 1, "the seed of all random numbers, and of the points")
	f.StringVar(&o.out, "out", "", "also write the points that were kept, and a variant, to this `directory`, which exodus plot and report read")
	return cmd
}

func (o *calibrateOptions) execute(ctx context.Context, name string, stdout, stderr io.Writer) error {
	if o.points < 1 || o.points > 1_000_000 || o.runs < 1 || o.runs > 100_000 {
		return misusef("--points %d --runs %d: 1 to 1000000 points of 1 to 100000 runs are possible", o.points, o.runs)
	}
	s, err := o.changes.load(name)
	if err != nil {
		return err
	}
	if err := o.keepFacts(s); err != nil {
		return err
	}
	if !slices.ContainsFunc(s.Facts, func(f scenarios.Fact) bool { return !f.Claim }) {
		return fmt.Errorf("%s states no facts to calibrate by; add some under [facts], as in: exodus scenarios show meta-scale", name)
	}
	params, err := rangesOf(s, o.free)
	if err != nil {
		return misusef("--free %w", err)
	}
	if len(o.free) > 0 {
		o.free = namesOf(params)
	}
	asked := store.NewAnswer(s)
	asked.Calibration = &o.calibration().Calibration
	if err := checkRoom(o.out, asked); err != nil {
		return err
	}
	warnOfMemory(stderr, labsOf(s), o.points*o.runs, 0)
	search := o.sample
	switch o.method {
	case "abc":
	case "fit":
		search = o.fit
	default:
		return misusef("--method %s: abc or fit is needed", o.method)
	}
	progress := newProgress(stderr, false, "points", o.points, 0)
	c, found, err := search(ctx, s, params, func() { progress.add(1) }, progress.finish, stdout)
	if errors.Is(err, context.Canceled) {
		return errors.New("stopped before all points were tried")
	}
	if err != nil {
		return err
	}
	if o.out != "" && c != nil {
		if err := o.write(s, c, stdout); err != nil {
			return err
		}
	}
	return found
}

// write keeps a calibration: the points that were kept, the scenario with the point found, and the answer.
func (o *calibrateOptions) write(s *scenarios.Scenario, c *calibration, stdout io.Writer) error {
	o.addVariant(s, c)
	answer := store.NewAnswer(s)
	answer.Calibration = &c.Calibration
	kept, err := answer.File()
	if err != nil {
		return err
	}
	var files []store.File
	if c.points != nil {
		files = append(files, store.File{Name: "posterior.csv", Content: c.points})
	}
	files = append(files, store.File{Name: "calibrated.toml", Content: append(slices.Clone(s.Source), c.Added...)}, kept)
	if err := writeNew(o.out, files); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\nWritten to %s:\n ", o.out)
	for _, f := range files {
		fmt.Fprintf(stdout, " %s", f.Name)
	}
	_, err = fmt.Fprintln(stdout)
	return err
}

// calibration is one with what is kept beside it.
type calibration struct {
	store.Calibration
	how    string // the point was found
	points []byte // that were kept, as CSV
}

func (o *calibrateOptions) calibration() *calibration {
	return &calibration{Calibration: store.Calibration{Method: o.method, Free: o.free, Only: o.facts, Points: o.points, Runs: o.runs, Seed: o.seed}}
}

// keepFacts takes all facts off the scenario but those that are asked for.
func (o *calibrateOptions) keepFacts(s *scenarios.Scenario) (err error) {
	if len(o.facts) == 0 {
		return nil
	}
	var ids []string
	for _, f := range s.Facts {
		ids = append(ids, f.ID)
	}
	if o.facts, err = scenarios.SplitNames(o.facts, ids); err != nil {
		return misusef("--facts: %w", err)
	}
	for _, id := range o.facts {
		if !slices.Contains(ids, id) {
			return misusef("--facts: %s states no fact %q%s", s.Name, id, agents.Nearest(id, ids))
		}
	}
	s.Facts = slices.DeleteFunc(s.Facts, func(f scenarios.Fact) bool { return !slices.Contains(o.facts, f.ID) })
	return nil
}

// sample keeps the points at which the facts hold. found is an error where there are none.
func (o *calibrateOptions) sample(ctx context.Context, s *scenarios.Scenario, params []study.Param, tried, finish func(), stdout io.Writer) (c *calibration, found, err error) {
	posterior, err := facts.Calibrate(ctx, s, params, o.points, o.runs, o.seed, tried)
	finish()
	if err != nil {
		return nil, nil, err
	}
	c = o.calibration()
	c.Tried, c.Kept, c.Silent, c.Alike, c.TooFew = posterior.Tried, len(posterior.Accepted), posterior.Silent, posterior.Alike, posterior.TooFew
	for i, f := range s.Facts {
		c.Facts = append(c.Facts, store.Held{Title: f.Title, Claim: f.Claim, Share: posterior.Held[i]})
	}
	if c.Kept > 0 {
		for k, param := range params {
			q := study.Quantiles(posterior.Values(k), []float64{0.05, 0.5, 0.95})
			if param.Whole { // of which the median may lie between two
				q[1] = math.Floor(q[1])
			}
			c.Inputs = append(c.Inputs, store.Left{Path: param.Name, Low: param.Low, High: param.High, Value: q[1], Range: &[2]float64{q[0], q[2]}})
		}
	}
	if err := printPosterior(stdout, s, c); err != nil {
		return nil, nil, err
	}
	if c.Kept == 0 {
		return nil, fmt.Errorf("at no point of %d do all facts of %s hold; exodus calibrate --method fit finds the nearest", c.Tried, s.Name), nil
	}
	c.how, c.points = fmt.Sprintf("medians of the %d points of %d at which all facts hold", c.Kept, c.Tried), posteriorCSV(posterior)
	return c, nil, nil
}

// fit searches for one point at which the facts hold. found is an error where it did not find one.
func (o *calibrateOptions) fit(ctx context.Context, s *scenarios.Scenario, params []study.Param, tried, finish func(), stdout io.Writer) (c *calibration, found, err error) {
	best, err := facts.Fit(ctx, s, params, o.points, o.runs, o.seed, tried)
	finish()
	if err != nil {
		return nil, nil, err
	}
	c = o.calibration()
	c.Tried, c.Distance = best.Tried, best.Distance
	for k, param := range params {
		c.Inputs = append(c.Inputs, store.Left{Path: param.Name, Low: param.Low, High: param.High, Value: best.Point[k]})
	}
	short := 0
	for _, score := range best.Scores {
		c.Facts = append(c.Facts, store.Held{Title: score.Fact.Title, Claim: score.Fact.Claim, Verdict: string(score.Verdict)})
		if score.Verdict == facts.FallsShort {
			short++
		}
	}
	fmt.Fprintf(stdout, "%s\nThe best of %s, in medians of %s, seed %d\n\n", s.Describe(), count(c.Tried, "point"), count(o.runs, "run"), o.seed)
	out := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "parameter\trange\tfound")
	for _, in := range c.Inputs {
		fmt.Fprintf(out, "%s\t%s to %s\t%s\n", in.Path, exactly(in.Low), exactly(in.High), figures(in.Value))
	}
	fmt.Fprintln(out, "\nfact\tthere")
	for _, f := range c.Facts {
		fmt.Fprintf(out, "%s\t%s\n", f.Title, f.Verdict)
	}
	if err := out.Flush(); err != nil {
		return nil, nil, err
	}
	if short > 0 {
		found = fmt.Errorf("after %s, %s of %s at the nearest (distance %.3g)", count(best.Tried, "point"), fallShort(short), s.Name, best.Distance)
	}
	c.how = fmt.Sprintf("the best of %s by CMA-ES, at distance %.3g of the facts", count(best.Tried, "point"), best.Distance)
	return c, found, nil
}

// rangesOf are the plausible ranges of paths, or of all uncertain parameters where none is named. A text may list several
// paths with commas between them.
func rangesOf(s *scenarios.Scenario, paths []string) ([]study.Param, error) {
	if len(paths) == 0 {
		return s.Ranges(), nil
	}
	var params []study.Param
	known := map[string]bool{}
	for _, text := range paths {
		for more := true; more; {
			var keys []string
			var err error
			if keys, text, more, err = scenarios.CutPath(text, ","); err != nil {
				return nil, err
			}
			p, err := s.Range(scenarios.JoinPath(keys...))
			if err == nil && known[p.Name] {
				err = fmt.Errorf("%s is named twice", p.Name)
			}
			if err != nil {
				return nil, err
			}
			known[p.Name] = true
			params = append(params, p)
		}
	}
	return params, nil
}

func printPosterior(w io.Writer, s *scenarios.Scenario, c *calibration) error {
	fmt.Fprintf(w, "%s\n%d of %s hold all facts, in medians of %s, seed %d\n\n", s.Describe(), c.Kept, count(c.Tried, "point"), count(c.Runs, "run"), c.Seed)
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "fact\tholds at")
	for _, f := range c.Facts {
		what := ""
		if f.Claim {
			what = "; a claim, which need not hold"
		}
		fmt.Fprintf(out, "%s\t%.0f%% of the points%s\n", f.Title, 100*f.Share, what)
	}
	if c.Kept == 0 {
		return out.Flush()
	}
	fmt.Fprintln(out, "\nparameter\trange\tleft by the facts, median (5% to 95%)")
	for _, in := range c.Inputs {
		fmt.Fprintf(out, "%s\t%s to %s\t%s (%s to %s)\n", in.Path, exactly(in.Low), exactly(in.High), figures(in.Value), figures(in.Range[0]), figures(in.Range[1]))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if c.TooFew {
		fmt.Fprintln(w, "\nThese are too few runs to tell which parameters the facts say nothing of, or cannot tell apart.")
	}
	if len(c.Silent) > 0 {
		fmt.Fprintf(w, "\nThe facts say nothing of %s, which %s nothing that they measure.\n", strings.Join(c.Silent, ", "), map[bool]string{true: "moves", false: "move"}[len(c.Silent) == 1])
	}
	if len(c.Alike) > 0 {
		fmt.Fprintln(w, "\nThe facts cannot tell these apart: both move all that the facts measure in the same proportions.")
	}
	for _, pair := range c.Alike {
		fmt.Fprintf(w, "  %s and %s (cosine of their effects %.2f)\n", pair.A, pair.B, pair.Cosine)
	}
	return nil
}

func posteriorCSV(p *facts.Posterior) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	var names []string
	for _, param := range p.Params {
		names = append(names, param.Name)
	}
	w.Write(names)
	for _, point := range p.Accepted {
		var line []string
		for _, x := range point {
			line = append(line, store.Full(x))
		}
		w.Write(line)
	}
	w.Flush() // into memory, where no write fails
	return out.Bytes()
}

// addVariant makes the point found a variant, whose values are marked as derived.
func (o *calibrateOptions) addVariant(s *scenarios.Scenario, c *calibration) {
	c.Variant = "calibrated"
	for slices.ContainsFunc(s.Variants, func(v scenarios.Variant) bool { return v.Name == c.Variant }) {
		c.Variant += "-again"
	}
	var out strings.Builder
	if !bytes.HasSuffix(s.Source, []byte("\n")) {
		out.WriteString("\n")
	}
	title := "Calibrated to the facts"
	for _, v := range s.Variants {
		if v.Name == s.Variant {
			title = v.Label() + ", calibrated to the facts"
		}
	}
	fmt.Fprintf(&out, "\n[variants.%s]\ntitle = %q\n", c.Variant, title)
	source := fmt.Sprintf("exodus calibrate %s --method %s: %s, in %d runs, seed %d", s.Name, o.method, c.how, o.runs, o.seed)
	var found []string
	for _, in := range c.Inputs {
		evidence := scenarios.JoinPath("evidence", in.Path)
		found = append(found, in.Path+"="+store.Full(in.Value), evidence+`.kind="derived"`, fmt.Sprintf("%s.source=%q", evidence, source))
	}
	for _, line := range s.Stated(found) {
		fmt.Fprintln(&out, line)
	}
	c.Added = out.String()
}
