package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
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
		err = o.collect(ctx, plan, model, results, missing, add, progress)
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
	runner, encode := results.Head.Encoding(model)
	return study.Run(ctx, plan, runner, missing, o.workers, func(chunk int, jobs []study.Job, done []study.Result) error {
		c, err := encode(chunk, jobs, done)
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

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
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
