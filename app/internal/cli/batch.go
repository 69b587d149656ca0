package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"exodus/app/internal/figure"
	"exodus/app/internal/receipt"
	"exodus/app/internal/results"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/words"
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
	lines           []int // of the file of points, on which each stands
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

// sketchMemory is what a study that is kept in sketches is to stay below, if they leave it a choice: in bytes.
const sketchMemory = 400 << 20

// mostJobs is how many runs a study on one machine may have, and mostShared one on many.
const mostJobs, mostShared = 10_000_000, 1_000_000_000

func batchCommand() *cobra.Command {
	var o batchOptions
	cmd := &cobra.Command{
		Use:   "batch SCENARIO",
		Short: "Run a scenario many times, over variants and a design, and save quantiles",
		Long: `Batch runs a scenario many times: in variants, and over the points of a design that sweeps its inputs. All variants
and points use the same random numbers. It writes every run and week as Parquet, and quantiles as CSV. A batch that was
interrupted goes on with --resume, and one that is done is extended with --resume and more --runs.`,
		Example: `  exodus batch meta-scale --runs 1000 --against no-deal --out out/batch
  exodus batch meta-scale --runs 200 --variant audited-firewall --variant monitored-firewall
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
	f.StringArrayVar(&o.variants, "variant", nil, "run this variant; may be repeated; reference is the scenario as it is")
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
		Short: "Compare two variants of a scenario with the same random numbers, in many runs",
		Long: `Compare runs two variants of a scenario side by side, with the same random numbers, and says what A gains over B: a
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
	f.Uint64Var(&o.seed, "seed", 1, "the seed of all random numbers, and of the design")
	f.IntVar(&o.workers, "workers", 0, "how many goroutines run (default one for each processor)")
	f.StringVar(&o.out, "out", "", "the `directory` to write to (default out/ and the names of what is run)")
	f.StringVar(&o.until, "until", "", "stop when the 95% interval of a median is at most this wide: `metric<=width`, such as share.Scale@26<=0.002; --runs is the most")
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
	change := changes{set: o.set}
	if err := change.doubt(o.uncertainty); err != nil {
		return err
	}
	s, err := change.load(name)
	if err != nil {
		return err
	}
	if o.variants, err = scenarios.SplitNames(o.variants, append(variantsOf(s), scenarios.Reference)); err != nil {
		return misusef("--variant: %w", err)
	}
	model := scenarios.NewModel(s)
	model.Full = o.full
	plan, err := o.plan(s, model, stderr)
	if err != nil {
		return err
	}
	goal, err := parseUntil(o.until, model.Anchor(), model)
	if err != nil {
		return misuse{err}
	}
	dir := o.out
	if dir == "" {
		dir = filepath.Join("out", words.FileName(s.Name, "-batch-"+o.identity(plan)))
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
		var width float64
		var unknown error
		if goal != nil {
			width, unknown = goal.widest(plan, summary)
			if unknown == nil && width > goal.width && plan.Runs < o.runs {
				plan.Runs = min(2*plan.Runs, o.runs)
				continue
			}
		}
		switch {
		case o.isQuiet:
		case o.share != nil:
			_, err = fmt.Fprintf(stdout, "Share %d of %d is done, in %s. Join all of them with: exodus merge %s/slice-* --out DIR\n", o.share.index, o.share.count, dir, filepath.Dir(dir))
		default:
			err = printBatch(stdout, s, plan, model, summary, owes, dir, o.against, o.figures)
		}
		if err != nil || goal == nil {
			return err
		}
		if unknown != nil {
			return fmt.Errorf("--until: %w", unknown)
		}
		said := fmt.Sprintf("the 95%% interval of the median of %s is %.3g wide after %s", goal, width, count(plan.Runs, "run"))
		if width > goal.width {
			return fmt.Errorf("%s, not %g; go on with --resume and a higher --runs", said, goal.width)
		}
		if !o.isQuiet {
			_, err = fmt.Fprintf(stdout, "%s%s.\n", strings.ToUpper(said[:1]), said[1:])
		}
		return err
	}
}

// complete runs what is missing of a study, and sums it up.
func (o *batchOptions) complete(ctx context.Context, s *scenarios.Scenario, model *scenarios.Model, plan *study.Plan, dir string, resume bool, stderr io.Writer) (summary *store.Summary, owes string, err error) {
	head := store.HeadOf(s, model, plan)
	head.Against, head.Sketched = o.against, o.sketched
	results, err := store.OpenStudy(dir, head, resume)
	if err != nil {
		return nil, "", err
	}
	defer results.Close()
	results.Workers = o.workers
	if o.sketched { // garbage is swept before it doubles what the sketches take
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(min(debug.SetMemoryLimit(-1), sketchMemory)))
	}
	missing, err := results.Missing()
	if err != nil {
		return nil, "", err
	}
	jobs := plan.Jobs()
	if o.share != nil {
		missing, jobs = o.share.of(missing), plan.JobsIn(o.share.of(upTo(plan.Chunks())))
	}
	progress := newProgress(stderr, o.isQuiet, "runs", jobs, jobs-plan.JobsIn(missing))
	maker, done := results.Head.Maker(model), func(chunk int) { progress.add(plan.JobsIn([]int{chunk})) }
	if o.queue.isUsed() {
		err = o.collect(ctx, plan, model, maker, results, missing, done, progress)
	} else {
		err = results.Run(ctx, maker, missing, done)
	}
	progress.finish()
	if stopped(ctx, err) {
		left, err := results.Missing()
		if err != nil {
			return nil, "", err
		}
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
	if o.figures && !o.isQuiet {
		warnOfLetters(stderr, s, runFormats)
	}
	return o.sumUp(ctx, s, plan, model, results)
}

// sumUp finishes a study of which all parts are there.
func (o *batchOptions) sumUp(ctx context.Context, s *scenarios.Scenario, plan *study.Plan, model *scenarios.Model, results *store.Study) (summary *store.Summary, owes string, err error) {
	if summary, err = results.Finish(); err != nil {
		return nil, "", err
	}
	if o.figures {
		if err := o.drawGain(ctx, s, model, results, summary); err != nil {
			return nil, "", err
		}
	}
	if o.uncertainty == "both" && !results.Head.Sketched { // which takes the values of each run
		owes, err = owesTo(plan, model, results)
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
	from := results.Results(s, model.Anchor(), sum)
	shown, err := figure.From(ctx, from)
	if err != nil {
		return err
	}
	fig, err := figure.Draw("gain", shown, figure.Options{})
	if err != nil {
		return err
	}
	receipt := receipt.Of(from, version(), figure.Options{})
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
func (o *batchOptions) plan(s *scenarios.Scenario, model *scenarios.Model, stderr io.Writer) (*study.Plan, error) {
	if err := soundWorkers(o.workers); err != nil {
		return nil, err
	}
	p := &study.Plan{Model: model.Name(), Runs: o.runs, Seed: o.seed}
	for _, v := range append(slices.Clone(o.variants), o.against) {
		if v != "" && !slices.Contains(p.Variants, v) {
			p.Variants = append(p.Variants, v)
		}
	}
	if len(o.variants) == 0 && !slices.Contains(p.Variants, scenarios.Reference) {
		p.Variants = append([]string{scenarios.Reference}, p.Variants...)
	}
	if len(p.Variants) == 1 && o.against != "" {
		return nil, misusef("--against %s: it is compared with itself; name another --variant", o.against)
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
	most := mostJobs
	if o.share != nil || o.queue.isUsed() {
		most = mostShared
	}
	if n := float64(p.Runs) * float64(len(p.Points)) * float64(len(p.Variants)); n > float64(most) {
		return nil, misusef("%.3g runs in all; at most %d are possible in one study", n, most)
	}
	worlds, quantiles := len(p.Points)*len(p.Variants), s.Spec.Weeks*len(model.Vendors())*len(scenarios.Quantities)
	if o.against != "" {
		quantiles *= 2 // those of the differences
	}
	if float64(worlds)*float64(quantiles) > mostQuantiles {
		return nil, misusef("%s and %s: each has quantiles of %s and %s, which memory has room for %s of; take fewer points",
			count(len(p.Points), "point"), count(len(p.Variants), "variant"), count(s.Spec.Weeks, "week"), count(len(model.Vendors()), "vendor"), words.Count(mostQuantiles/quantiles))
	}
	size := chunkJobs
	if o.full {
		size = fullChunkJobs
	}
	if o.sketched = sketched(p); o.sketched {
		if o.full {
			return nil, misusef("--full: what every lab does is kept of at most %d runs in all; these are more", store.MostRows)
		}
		size = store.SketchChunk(worlds, quantiles)
		p.Runs = (p.Runs + study.Block - 1) / study.Block * study.Block // so that what is compared is in one part
	}
	together := study.Block * len(p.Variants)
	p.Chunk = max(1, size/together) * together
	if err := p.Validate(); err != nil {
		return nil, misuse{err}
	}
	if err := reaches(s, p, o.set); err != nil {
		return nil, misuse{err}
	}
	if !o.isQuiet {
		warnOfMemory(stderr, mostLabs(s, p), p.Jobs(), o.workers)
	}
	err = model.Prepare(p)
	var bad *scenarios.PointError
	if errors.As(err, &bad) && o.lines != nil {
		return nil, fmt.Errorf("%s: line %d: %w", o.design, o.lines[bad.Point], err)
	}
	if err != nil {
		return nil, misuse{err}
	}
	return p, nil
}

// mostQuantiles is how many rows quantiles.csv and differences.csv may have: they are in memory at once, with 88 bytes each.
const mostQuantiles = 16_000_000

// mostWorkers is how many goroutines may run: each has runs in memory, and more than there are processors gain nothing.
const mostWorkers = 1024

func soundWorkers(n int) error {
	if n < 0 || n > mostWorkers {
		return misusef("--workers %d: 1 to %d are possible, or 0 for one for each processor", n, mostWorkers)
	}
	return nil
}

// reaches says which change, or parameter of the design, would change nothing, since each of the variants states it itself.
func reaches(s *scenarios.Scenario, p *study.Plan, set []string) error {
	paths := slices.Clone(p.Params)
	for _, change := range set {
		path, _, _ := scenarios.ParseChange(change)
		paths = append(paths, scenarios.JoinPath(path...))
	}
	for _, path := range paths {
		deaf := func(variant string) bool {
			name := strings.TrimSuffix(variant, scenarios.Ignorant)
			return name != scenarios.Reference && len(s.Beside(name, []string{path + "=0"})) == 0
		}
		if scenarios.Compares(p) && !slices.ContainsFunc(p.Variants, func(v string) bool { return !deaf(v) }) {
			return fmt.Errorf("%s: each of the variants states it itself, so that it would change nothing; run them apart, or vary something else", path)
		}
	}
	return nil
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

// mostRows is how many points a printed table has at most.
const mostRows = 24

// printBatch prints what a study comes to, as medians with their intervals: tables of all vendors, or, where there are
// several points, of what becomes of one vendor at each.
func printBatch(w io.Writer, s *scenarios.Scenario, p *study.Plan, model *scenarios.Model, sum *store.Summary, owes, dir, against string, hasFigures bool) error {
	fmt.Fprintf(w, "%s\n%s of each of %s and %s, seed %d: medians, and 5%% to 95%% of the runs\n",
		s.Describe(), count(p.Runs, "run"), count(len(p.Points), "point"), count(len(p.Variants), "variant"), p.Seed)
	if sum.Failed > 0 {
		fmt.Fprintf(w, "%s failed; runs.parquet says why\n", count(sum.Failed, "run"))
	}
	weeks := scenarios.Span{Weeks: sum.Weeks().End()} // from the first of the study on
	columns := pointsOf(model.Anchor(), weeks.Weeks)
	vendors := model.Vendors()
	percent := func(x float64) string { return words.Fixed(100*x, 1) }
	print := func(title string, rows []string, format func(x float64) string, cell func(row, week int) results.Band) {
		head := []string{""}
		for _, c := range columns {
			head = append(head, c.title())
		}
		table := words.Table{Align: "lr"}
		table.Row(head...)
		for i, row := range rows {
			cells := []string{row}
			for _, c := range columns {
				text := words.None
				if v := cell(i, c.week); !math.IsNaN(v.Median()) { // else the world has begun later, or ended sooner
					text = fmt.Sprintf("%s (%s)", format(v[2]), strings.ReplaceAll(format(v[0])+" to "+format(v[4]), "USD ", ""))
				}
				cells = append(cells, text)
			}
			table.Row(cells...)
		}
		fmt.Fprintf(w, "\n%s\n%s", title, &table)
	}
	var points []string
	for i := range p.Points[:min(len(p.Points), mostRows)] {
		points = append(points, strings.Join(scenarios.Changes(p, i), " "))
	}
	focus := max(0, slices.Index(vendors, model.Anchor().FocusVendor()))
	// tables prints what a variant comes to.
	tables := func(what, unit, of string, bands func(world int, in scenarios.Span) *results.Bands, variant int, quantity results.Quantity, format func(x float64) string, vendors []string) {
		if len(p.Points) == 1 {
			print(what+unit+", "+of, vendors, format, func(vendor, week int) results.Band { return bands(variant, weeks).At(quantity, week, vendor) })
			return
		}
		print(fmt.Sprintf("%s of %s%s, %s", what, vendors[focus], unit, of), points, format, func(point, week int) results.Band {
			return bands(point*len(p.Variants)+variant, weeks).At(quantity, week, focus)
		})
		if more := len(p.Points) - len(points); more > 0 {
			fmt.Fprintf(w, "and %s in quantiles.csv\n", count(more, "more point"))
		}
	}
	for i, variant := range p.Variants {
		tables("Market share", " in %", variant, sum.World, i, results.Share, percent, vendors[:len(vendors)-1])
	}
	columns = slices.DeleteFunc(columns, func(c point) bool { return c.label == "before" || c.label == "start" }) // there is nothing to gain yet
	for i, variant := range p.Variants {
		plain, _ := strings.CutSuffix(variant, scenarios.Ignorant)
		if sum.Differences != nil && plain != against && len(columns) > 0 {
			tables("Gain a year", "", variant+" over "+against, sum.Gains, i, results.Revenue, words.Money, vendors)
		}
	}
	if len(p.Points) == 1 && len(columns) > 0 {
		for i := range p.Variants {
			printLeavings(w, s, p, model, sum, i, columns[len(columns)-1])
		}
	}
	switch {
	case sum.Narrowing >= 1.05:
		fmt.Fprintf(w, "\nCommon random numbers made these intervals %.1f times narrower.\n", sum.Narrowing)
	case sum.Narrowing > 0:
		fmt.Fprintf(w, "\nCommon random numbers did not make these intervals narrower (%.2f times): %s hardly varies from run to run.\n", sum.Narrowing, against)
	}
	if owes != "" {
		fmt.Fprintf(w, "\n%s\n", owes)
	}
	files := "study.json  parts/  runs.parquet  quantiles.csv  departures.csv"
	if sum.Differences != nil {
		files += "  differences.csv"
	}
	if hasFigures {
		files += "  gain.svg  gain.png"
	}
	_, err := fmt.Fprintf(w, "\nWritten to %s:\n  %s\n", dir, files)
	return err
}

// printLeavings says in how many runs of a world each lab has left the vendor that the study is about, at the end of the
// last week that the tables show.
func printLeavings(w io.Writer, s *scenarios.Scenario, p *study.Plan, model *scenarios.Model, sum *store.Summary, variant int, at point) {
	var table words.Table
	for i, lab := range model.Labs() {
		if d := sum.Departure(variant, at.week, i); d.Runs > 0 && d.Ever > 0 {
			table.Row("  "+lab, scenarios.Often(d.Left, d.Ever, d.Runs))
		}
	}
	vendor, text := model.Anchor().FocusVendor(), table.String()
	frame := model.Frame()
	there, err := s.At(p, 0, p.Variants[variant])
	switch {
	case err == nil && there.Ends(vendor, at.week-frame.Span(variant).First):
		text += "  its customers must leave, since it ends its service\n"
	case text == "":
		text = "  nobody, in any run\n"
	}
	fmt.Fprintf(w, "\nWho has left %s at the end of week +%s, %s\n%s", vendor, at.label, p.Variants[variant], text)
}
