package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"exodus/app/internal/figure"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/sim/study"
)

// batchOptions are the flags of exodus batch.
type batchOptions struct {
	set             []string
	variants        []string
	against         string
	sweep           []string
	design          string
	points          int
	runs            int
	seed            uint64
	workers         int
	out             string
	until           string
	uncertainty     string
	full            bool
	sketched        bool // keep sketches instead of rows
	resume, isQuiet bool
	sliced          string
	queue           queue
	share           *slice // of the study, or none for all of it
	figures         bool   // draw the gain of the first variant over against
}

// chunkJobs is about how many runs a part holds: a second or less of work, and a few megabytes. A part of relations
// holds ten times as much.
const chunkJobs, fullChunkJobs = 512, 64

// mostJobs is how many runs a study on one machine may have, and mostShared one on many.
const mostJobs, mostShared = 10_000_000, 1_000_000_000

func batchCommand() *cobra.Command {
	var o batchOptions
	cmd := &cobra.Command{
		Use:   "batch SCENARIO",
		Short: "Run a scenario many times, over variants and a design, and save quantiles",
		Long: `Batch runs a scenario many times: in variants, and over the points of a design that sweeps its inputs. All variants
and points meet the same luck. It writes every run and week as Parquet, and quantiles as CSV. A batch that was
interrupted goes on with --resume, and one that is done is extended with --resume and more --runs.`,
		Example: `  exodus batch meta-scale --runs 1000 --against no-deal --out out/batch
  exodus batch meta-scale --runs 200 --variant audited-firewall,monitored-firewall
  exodus batch meta-scale --runs 100 --sweep events.deal.stake=0:0.49:0.07
  exodus batch meta-scale --runs 10 --design sobol --points 256 --sweep model.leak_aversion=3:8 --sweep model.herding=0:1
  exodus batch meta-scale --runs 10 --design points.csv
  exodus batch meta-scale --runs 20000 --until 'share.Scale@26<=0.001'`,
		Args:              oneArg("a built-in scenario or a file"),
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.execute(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.commonFlags(cmd, 1000)
	f := cmd.Flags()
	f.StringSliceVar(&o.variants, "variant", nil, "run these variants, separated by commas; reference is the scenario as it is")
	f.StringVar(&o.against, "against", "", "also run this variant, and compare the others with it, run by run")
	f.StringArrayVar(&o.sweep, "sweep", nil, "vary an input: `path=low:high:step` or path=a,b,c in a grid, path=low:high in other designs; may be repeated")
	f.StringVar(&o.design, "design", "grid", "grid, lhs, sobol, or a CSV file of points with paths as its header")
	f.IntVar(&o.points, "points", 0, "how many points of lhs or sobol")
	f.BoolVar(&o.full, "full", false, "also save what every lab spends with and thinks of every vendor, week by week")
	o.queue.flags(cmd)
	f.StringVar(&o.sliced, "slice", "", "run only a share of the study: `i/n`, i from 0; /n takes i from the array of a scheduler (Slurm, Kubernetes, PBS, SGE)")
	cmd.RegisterFlagCompletionFunc("variant", func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		return variantNames(args), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

func compareCommand() *cobra.Command {
	o := batchOptions{design: "grid", figures: true}
	cmd := &cobra.Command{
		Use:   "compare SCENARIO A B",
		Short: "Compare two variants of a scenario on the same luck, in many runs, with a figure",
		Long: `Compare runs two variants of a scenario side by side, each run on the same luck, and says what A gains over B: a
table with intervals, and a figure. reference is the scenario as it is. It is the short form of batch with --against.`,
		Example: `  exodus compare meta-scale reference no-deal
  exodus compare meta-scale audited-firewall reference --runs 1000`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 3 {
				return misusef("%s: a scenario and two of its variants are needed, such as meta-scale reference no-deal", cmd.CommandPath())
			}
			if args[1] == args[2] {
				return misusef("%s: %s is compared with itself; name two variants", cmd.CommandPath(), args[1])
			}
			return nil
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, part string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return completeScenarios(cmd, args, part)
			}
			return append(variantNames(args), scenarios.Reference), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.variants, o.against = args[1:2], args[2]
			return o.execute(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.commonFlags(cmd, 200)
	return cmd
}

// commonFlags are those of every command that makes a study.
func (o *batchOptions) commonFlags(cmd *cobra.Command, runs int) {
	f := cmd.Flags()
	f.IntVar(&o.runs, "runs", runs, "how many runs of each point and variant")
	f.StringArrayVar(&o.set, "set", nil, "change an input: `path=value`; may be repeated")
	f.Uint64Var(&o.seed, "seed", 1, "the seed that all luck, and the design, comes from")
	f.IntVar(&o.workers, "workers", 0, "how many goroutines run (default one for each processor)")
	f.StringVar(&o.out, "out", "", "the `directory` to write to (default out/ and the names of what is run)")
	f.StringVar(&o.until, "until", "", "run until the 95% interval of a median is so narrow: `metric<=width`, such as share.Scale@26<=0.002; --runs is the most")
	f.StringVar(&o.uncertainty, "uncertainty", "luck", "none, luck, or both: also with the parameters of behaviour drawn over their plausible ranges")
	f.BoolVar(&o.resume, "resume", false, "go on with the study that the directory holds")
	f.BoolVar(&o.isQuiet, "quiet", false, "print nothing but errors")
}

func (o *batchOptions) execute(ctx context.Context, name string, stdout, stderr io.Writer) error {
	if err := o.readSlice(); err != nil {
		return err
	}
	if err := o.checkQueue(); err != nil {
		return err
	}
	switch o.uncertainty {
	case "none":
		o.set = append(o.set, "uncertainty.scale=0")
	case "luck", "both":
	default:
		return misusef("--uncertainty %s: none, luck or both is needed", o.uncertainty)
	}
	s, err := (&changes{set: o.set}).load(name)
	if err != nil {
		return err
	}
	model := scenarios.NewModel(s)
	model.Full = o.full
	plan, err := o.plan(s, model)
	if err != nil {
		return err
	}
	goal, err := parseUntil(o.until, s, model)
	if err != nil {
		return misuse{err}
	}
	dir := o.out
	if dir == "" {
		dir = filepath.Join("out", s.Name+"-batch-"+o.identity(plan))
	}
	if o.share != nil {
		dir = filepath.Join(dir, o.share.dir())
	}
	if goal != nil { // from few runs to as many as it takes, each time going on from those that are done
		plan.Runs = min(o.runs, firstRuns)
		if old, err := store.ReadStudy(dir); err == nil && o.resume {
			plan.Runs = min(o.runs, max(plan.Runs, old.Plan.Runs))
		}
	}
	for resume := o.resume; ; resume = true {
		summary, owes, err := o.complete(ctx, s, model, plan, dir, resume, stderr)
		if err != nil {
			return err
		}
		if goal != nil && plan.Runs < o.runs && !goal.met(plan, summary) {
			plan.Runs = min(2*plan.Runs, o.runs)
			continue
		}
		if o.isQuiet {
			return nil
		}
		if o.share != nil {
			_, err := fmt.Fprintf(stdout, "Share %d of %d is done, in %s. Join all of them with: exodus merge %s/slice-* --out DIR\n", o.share.index, o.share.count, dir, filepath.Dir(dir))
			return err
		}
		if err := printBatch(stdout, s, plan, model, summary, owes, dir, o.against, o.figures); err != nil {
			return err
		}
		if goal != nil && !goal.met(plan, summary) {
			return fmt.Errorf("after %s the interval of %s is still wider; more are possible with --resume and a higher --runs", count(plan.Runs, "run"), o.until)
		}
		return nil
	}
}

// complete runs what is missing of a study, and sums it up.
func (o *batchOptions) complete(ctx context.Context, s *scenarios.Scenario, model *scenarios.Model, plan *study.Plan, dir string, resume bool, stderr io.Writer) (summary *store.Summary, owes string, err error) {
	head := store.StudyHead{
		Version: version(), Platform: platform(), Scenario: s.Name, Changes: s.Changes, Against: o.against,
		Weeks: s.Spec.Weeks, Measures: model.Measures(), Full: o.full, Sketched: o.sketched, Plan: plan, Source: string(s.Source),
	}
	results, err := store.OpenStudy(dir, head, resume)
	if err != nil {
		return nil, "", err
	}
	defer results.Close()
	missing := results.Missing()
	jobs := plan.Jobs()
	if o.share != nil {
		missing, jobs = o.share.of(missing), plan.JobsIn(o.share.of(upTo(plan.Chunks())))
	}
	progress := newProgress(stderr, o.isQuiet, "runs", jobs, jobs-plan.JobsIn(missing))
	add := func(chunk int, c store.Chunk) error {
		if err := results.Add(chunk, c); err != nil {
			return err
		}
		progress.add(plan.JobsIn([]int{chunk}))
		return nil
	}
	if o.queue.isUsed() {
		err = o.collect(ctx, plan, model, results, missing, add, stderr)
	} else {
		err = o.runHere(ctx, plan, model, results, missing, add)
	}
	progress.finish()
	if stopped(ctx, err) {
		left := results.Missing()
		if o.share != nil {
			left, dir = o.share.of(left), filepath.Dir(dir)
		}
		return nil, "", fmt.Errorf("stopped after %d of %d runs; go on with the same command and --resume --out %s", jobs-plan.JobsIn(left), jobs, dir)
	}
	if err != nil {
		return nil, "", err
	}
	if o.share != nil {
		return nil, "", nil
	}
	return o.sumUp(ctx, s, plan, model, results)
}

// runHere runs chunks in this process.
func (o *batchOptions) runHere(ctx context.Context, plan *study.Plan, model *scenarios.Model, results *store.Study, missing []int, add func(int, store.Chunk) error) error {
	if results.Head.Sketched {
		sketcher := store.NewSketcher(model, results)
		return study.Run(ctx, plan, sketcher, missing, o.workers, func(chunk int, jobs []study.Job, done []study.Result) error {
			c, err := sketcher.EncodeChunk(chunk, jobs, done)
			if err != nil {
				return err
			}
			return add(chunk, c)
		})
	}
	return study.Run(ctx, plan, model, missing, o.workers, func(chunk int, jobs []study.Job, done []study.Result) error {
		c, err := store.EncodeChunk(plan, model, chunk, jobs, done)
		if err != nil {
			return err
		}
		return add(chunk, c)
	})
}

// sumUp finishes a study of which all parts are there.
func (o *batchOptions) sumUp(ctx context.Context, s *scenarios.Scenario, plan *study.Plan, model *scenarios.Model, results *store.Study) (summary *store.Summary, owes string, err error) {
	if summary, err = results.Finish(model.Vendors()); err != nil {
		return nil, "", err
	}
	if o.figures {
		if err := o.drawGain(ctx, s, model, results, summary); err != nil {
			return nil, "", err
		}
	}
	if o.uncertainty == "both" && !results.Head.Sketched { // which takes the values of each run
		owes, err = owesTo(s, plan, model, results)
	}
	return summary, owes, err
}

// owesTo says which parameters the width of the outer band of a result hangs on: the share of the variance of the
// market share of the vendor that it is about, in the last column of the tables, that each explains by itself.
func owesTo(s *scenarios.Scenario, p *study.Plan, model *scenarios.Model, results *store.Study) (string, error) {
	columns := pointsOf(s, s.Spec.Weeks)
	last := columns[len(columns)-1]
	vendor := figure.Focus(s)
	values, err := results.Values(slices.Index(scenarios.Quantities, "share"), last.week, slices.Index(model.Vendors(), vendor), model.Vendors())
	if err != nil {
		return "", err
	}
	world := slices.IndexFunc(p.Variants, func(v string) bool { return strings.HasSuffix(v, scenarios.Ignorant) })
	drawn, err := model.Drawn(p, world)
	if err != nil {
		return "", err
	}
	params := s.Ranges()
	type part struct {
		name  string
		share float64
	}
	var parts []part
	for k, param := range params {
		var xs, ys []float64
		for run, y := range values[world] {
			if !math.IsNaN(y) {
				xs, ys = append(xs, drawn[run][k]), append(ys, y)
			}
		}
		parts = append(parts, part{param.Name, study.Explained(xs, ys)})
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(b.share, a.share) })
	var text []string
	for _, part := range parts[:min(3, len(parts))] {
		text = append(text, fmt.Sprintf("%s (%.0f%% of the variance)", part.name, 100*part.share))
	}
	return fmt.Sprintf("What is not known of behaviour matters most for the share of %s, %s, through %s.", vendor, last.title(), strings.Join(text, ", ")), nil
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// firstRuns is how many runs a batch begins with that goes on until a goal is met.
const firstRuns = 256

// goal is how narrow the 95% interval of a median is to be, in every point and variant.
type goal struct {
	vendor, quantity, week int
	width                  float64
}

// parseUntil reads a goal such as share.Scale@26<=0.002.
func parseUntil(text string, s *scenarios.Scenario, model *scenarios.Model) (*goal, error) {
	if text == "" {
		return nil, nil
	}
	metric, width, ok := strings.Cut(text, "<=")
	x, err := strconv.ParseFloat(strings.TrimSpace(width), 64)
	if !ok || err != nil || !(x > 0) || math.IsInf(x, 0) {
		return nil, fmt.Errorf("--until %q: a metric and a width above 0 are needed, such as share.%s@26<=0.002", text, model.Vendors()[0])
	}
	series, week, err := parseMetric(strings.TrimSpace(metric), s, model)
	if err != nil {
		return nil, fmt.Errorf("--until %w", err)
	}
	n := len(scenarios.Quantities)
	return &goal{series / n, series % n, week, x}, nil
}

func (g *goal) met(p *study.Plan, sum *store.Summary) bool {
	const median, of95 = 2, 1.96 // the third level; standard errors to each side
	for world := range len(p.Points) * len(p.Variants) {
		if 2*of95*sum.Quantiles[sum.At(world, g.week, g.vendor, g.quantity)].Error[median] > g.width {
			return false
		}
	}
	return true
}

// drawGain draws what the first variant gains over the one that it is compared with.
func (o *batchOptions) drawGain(ctx context.Context, s *scenarios.Scenario, model *scenarios.Model, results *store.Study, sum *store.Summary) error {
	from := results.Results(s, sum, model.Vendors())
	shown, err := figure.From(ctx, from)
	if err != nil {
		return err
	}
	fig, err := figure.Draw("gain", shown, figure.Options{})
	if err != nil {
		return err
	}
	receipt := figure.ReceiptOf(from, version(), figure.Options{})
	for _, format := range runFormats {
		content, err := fig.Write(format, figure.Paper{}, receipt)
		if err != nil {
			return fmt.Errorf("draw figure gain: %w", err)
		}
		if err := results.AddFile(store.File{Name: "gain." + format, Content: content}); err != nil {
			return err
		}
	}
	return nil
}

// plan lays out the study.
func (o *batchOptions) plan(s *scenarios.Scenario, model *scenarios.Model) (*study.Plan, error) {
	p := &study.Plan{Model: model.Name(), Runs: o.runs, Seed: o.seed}
	for _, v := range append(slices.Clone(o.variants), o.against) {
		if v != "" && !slices.Contains(p.Variants, v) {
			p.Variants = append(p.Variants, v)
		}
	}
	if len(o.variants) == 0 && !slices.Contains(p.Variants, scenarios.Reference) {
		p.Variants = append([]string{scenarios.Reference}, p.Variants...)
	}
	if o.uncertainty == "both" {
		for _, v := range slices.Clone(p.Variants) {
			p.Variants = append(p.Variants, v+scenarios.Ignorant)
		}
	}
	// Facts compare variants of the same luck, which a part holds together.
	var err error
	if p.Params, p.Points, err = o.layOut(); err != nil {
		return nil, err
	}
	size := chunkJobs
	if o.full {
		size = fullChunkJobs
	}
	if o.sketched = sketched(p); o.sketched {
		if o.full {
			return nil, misusef("--full: what every lab does is kept of at most %d runs in all; these are more", store.MostRows)
		}
		if o.queue.isUsed() {
			return nil, misusef("a study of over %d runs keeps sketches, which are made on one machine; ask for fewer, or share it out with --slice", store.MostRows)
		}
		size = store.SketchChunk
		p.Runs = (p.Runs + study.Block - 1) / study.Block * study.Block // so that what is compared is in one part
	}
	together := study.Block * len(p.Variants)
	p.Chunk = max(1, size/together) * together
	if err := p.Validate(); err != nil {
		return nil, misuse{err}
	}
	most := mostJobs
	if o.share != nil || o.queue.isUsed() {
		most = mostShared
	}
	if n := float64(p.Runs) * float64(len(p.Points)) * float64(len(p.Variants)); n > float64(most) {
		return nil, misusef("%.3g runs in all; at most %d are possible in one study", n, most)
	}
	if err := model.Check(p); err != nil {
		return nil, misuse{err}
	}
	return p, nil
}

// sketched says whether a study is too large for a row for every run and week.
func sketched(p *study.Plan) bool {
	return float64(p.Runs)*float64(len(p.Points))*float64(len(p.Variants)) > store.MostRows
}

// layOut makes the points of the design.
func (o *batchOptions) layOut() (names []string, points [][]float64, err error) {
	if o.design != "grid" && o.design != "lhs" && o.design != "sobol" {
		if len(o.sweep) > 0 {
			return nil, nil, misusef("--sweep and a file of points are two designs; choose one")
		}
		f, err := os.Open(o.design)
		if err != nil {
			return nil, nil, misusef("--design %s: neither grid, lhs or sobol, nor a file that can be read", o.design)
		}
		defer f.Close()
		names, points, err = study.ReadPoints(f)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", o.design, err)
		}
		return names, points, nil
	}
	var params []study.Param
	for _, text := range o.sweep {
		p, err := parseSweep(text, o.design == "grid")
		if err != nil {
			return nil, nil, misusef("--sweep %s: %w", text, err)
		}
		if slices.Contains(names, p.Name) {
			return nil, nil, misusef("--sweep %s: %s is swept already", text, p.Name)
		}
		names, params = append(names, p.Name), append(params, p)
	}
	switch {
	case o.design == "grid":
		if o.points != 0 {
			return nil, nil, misusef("--points is for lhs and sobol; a grid has as many as its levels make")
		}
		size := 1.0
		for _, p := range params {
			size *= float64(len(p.Levels))
		}
		if size > study.MostPoints {
			return nil, nil, misusef("a grid of %.3g points; at most %d are possible", size, study.MostPoints)
		}
		return names, study.Grid(params), nil
	case len(params) == 0:
		return nil, nil, misusef("--design %s needs a --sweep, such as --sweep model.leak_aversion=3:8", o.design)
	case o.points < 1 || o.points > study.MostPoints:
		return nil, nil, misusef("--design %s needs --points, 1 to %d", o.design, study.MostPoints)
	case o.design == "lhs":
		return names, study.LatinHypercube(params, o.points, o.seed), nil
	}
	points, err = study.Sobol(params, o.points)
	if err != nil {
		return nil, nil, misuse{err}
	}
	return names, points, nil
}

// parseSweep reads path=a,b,c or path=low:high:step of a grid, and path=low:high of other designs.
func parseSweep(text string, grid bool) (study.Param, error) {
	path, values, ok := strings.Cut(text, "=")
	p := study.Param{Name: strings.TrimSpace(path)}
	if !ok || p.Name == "" {
		return p, errors.New("a path and values are needed, such as events.deal.stake=0:0.49:0.07")
	}
	numbers := func(separator string) (xs []float64, err error) {
		for part := range strings.SplitSeq(values, separator) {
			x, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
			if err != nil || x-x != 0 {
				return nil, fmt.Errorf("%q is not a number", part)
			}
			xs = append(xs, x)
		}
		return xs, nil
	}
	if !strings.Contains(values, ":") {
		if !grid {
			return p, errors.New("a range is needed, low:high")
		}
		var err error
		p.Levels, err = numbers(",")
		return p, err
	}
	xs, err := numbers(":")
	if err != nil {
		return p, err
	}
	switch {
	case grid && len(xs) != 3:
		return p, errors.New("in a grid, low:high:step or a list a,b,c is needed")
	case !grid && len(xs) != 2:
		return p, errors.New("a range is needed, low:high")
	case xs[0] > xs[1]:
		return p, errors.New("low is above high")
	case !grid:
		p.Low, p.High = xs[0], xs[1]
		return p, nil
	case xs[2] <= 0 || (xs[1]-xs[0])/xs[2] > study.MostPoints:
		return p, fmt.Errorf("a step of %v makes too many levels, or none", xs[2])
	}
	for i := 0; ; i++ {
		x := xs[0] + float64(i)*xs[2]
		if x > xs[1]+xs[2]*1e-9 {
			return p, nil
		}
		p.Levels = append(p.Levels, min(x, xs[1]))
	}
}

// identity is short and stands for all that a study comes from but the number of its runs, so that more runs of
// the same find the same place.
func (o *batchOptions) identity(p *study.Plan) string {
	q := *p
	q.Runs = 0
	return q.Hash()[:8]
}

// printBatch prints what the first point comes to: a table for each variant, of medians with their intervals.
func printBatch(w io.Writer, s *scenarios.Scenario, p *study.Plan, model *scenarios.Model, sum *store.Summary, owes, dir, against string, hasFigures bool) error {
	fmt.Fprintf(w, "%s\n%s of each of %s and %s, seed %d: medians, and 5%% to 95%% of the runs\n",
		s.Describe(), count(p.Runs, "run"), count(len(p.Points), "point"), count(len(p.Variants), "variant"), p.Seed)
	if sum.Failed > 0 {
		fmt.Fprintf(w, "%s failed; runs.parquet says why\n", count(sum.Failed, "run"))
	}
	columns := pointsOf(s, s.Spec.Weeks)
	vendors := model.Vendors()
	wide := 14
	for _, v := range vendors {
		wide = max(wide, utf8.RuneCountInString(v))
	}
	if len(p.Points) > 1 {
		fmt.Fprintf(w, "The first point: %s. The others are in quantiles.csv.\n", strings.Join(scenarios.Changes(p, 0), ", "))
	}
	share, revenue := slices.Index(scenarios.Quantities, "share"), slices.Index(scenarios.Quantities, "revenue")
	print := func(title string, cells []store.Quantiles, world, quantity int, format func(x float64) string, vendors []string) {
		fmt.Fprintf(w, "\n%s\n%-*s", title, wide, "")
		for _, c := range columns {
			fmt.Fprintf(w, "%22s", c.title())
		}
		fmt.Fprintln(w)
		for j, v := range vendors {
			fmt.Fprintf(w, "%-*s", wide, v)
			for _, c := range columns {
				q := cells[sum.At(world, c.week, j, quantity)].Value
				fmt.Fprintf(w, "%22s", fmt.Sprintf("%s (%s to %s)", format(q[2]), format(q[0]), format(q[4])))
			}
			fmt.Fprintln(w)
		}
	}
	percent := func(x float64) string { return fmt.Sprintf("%.1f", 100*x) }
	millions := func(x float64) string { return fmt.Sprintf("%.0f", math.Round(x)+0) } // without a negative zero
	for world, variant := range p.Variants {
		print("Market share in %, "+variant, sum.Quantiles, world, share, percent, vendors[:len(vendors)-1])
	}
	columns = columns[1:] // before the deal there is nothing to gain
	for world, variant := range p.Variants {
		plain, _ := strings.CutSuffix(variant, scenarios.Ignorant)
		if sum.Differences != nil && plain != against && len(columns) > 0 {
			print("Gain in USD M a year, "+variant+" over "+against, sum.Differences, world, revenue, millions, vendors)
		}
	}
	if sum.Narrowing > 0 {
		fmt.Fprintf(w, "Pairing runs on the same luck narrowed these intervals %.1f times.\n", sum.Narrowing)
	}
	if owes != "" {
		fmt.Fprintf(w, "\n%s\n", owes)
	}
	files := "study.json  parts/  runs.parquet  quantiles.csv"
	if sum.Differences != nil {
		files += "  differences.csv"
	}
	if hasFigures {
		files += "  gain.svg  gain.png"
	}
	_, err := fmt.Fprintf(w, "\nWritten to %s:\n  %s\n", dir, files)
	return err
}
