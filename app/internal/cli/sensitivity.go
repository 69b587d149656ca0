package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/sim/study"
)

// sensitivityOptions are the flags of exodus sensitivity.
type sensitivityOptions struct {
	changes
	store.Question
	out string
}

func sensitivityCommand() *cobra.Command {
	var o sensitivityOptions
	cmd := &cobra.Command{
		Use:   "sensitivity SCENARIO",
		Short: "Show which assumptions drive a result",
		Long: `Sensitivity varies the parameters of behaviour over their plausible ranges and says how much each moves a metric.
morris finds which matter at all, from few runs: the mean effect of a parameter over its whole range, and how much that
effect depends on the others. sobol says which share of the variance each explains, by itself and with the others. Both
have bootstrap intervals of 5% to 95%, and show the random variation beside.

A metric is quantity.vendor@week, with weeks counted from the event's own as 0; quantities are ` + strings.Join(scenarios.Quantities, ", ") + `.`,
		Example: `  exodus sensitivity meta-scale --metric share.Scale@26
  exodus sensitivity meta-scale --metric share.Scale@26 --method sobol --points 256
  exodus sensitivity meta-scale --metric revenue.Turing@52 --vary model.leak_aversion --vary labs.Google.exposure`,
		Args:              oneArg("a built-in scenario or a file"),
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.execute(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.changes.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.Metric, "metric", "", "what is measured, such as share.Scale@26")
	f.StringVar(&o.Method, "method", "morris", "morris or sobol")
	f.StringArrayVar(&o.Vary, "vary", nil, "vary this `path` over its plausible range (default all uncertain parameters of the model); may be repeated")
	f.IntVar(&o.Points, "points", 0, "trajectories of morris (default 20), or base points of sobol (default 128)")
	f.IntVar(&o.Runs, "runs", 8, "runs at each point, whose mean is taken")
	f.Uint64Var(&o.Seed, "seed", 1, "the seed of all random numbers, and of the design")
	f.StringVar(&o.out, "out", "", "also write the answer, a table and a figure to this `directory`, which exodus plot and report read")
	return cmd
}

func (o *sensitivityOptions) execute(ctx context.Context, name string, stdout, stderr io.Writer) error {
	s, err := o.changes.load(name)
	if err != nil {
		return err
	}
	answer, err := answerQuestion(ctx, s, o.Question, o.out, stderr)
	if err != nil {
		return err
	}
	if o.out == "" {
		return printSensitivity(stdout, s, answer.Sensitivity)
	}
	// What the runs came to is kept before anything else is made of it.
	kept, err := answer.File()
	if err != nil {
		return err
	}
	written := writeNew(o.out, []store.File{{Name: "sensitivity.csv", Content: answer.Sensitivity.Table()}, kept})
	if err := printSensitivity(stdout, s, answer.Sensitivity); err != nil {
		return err
	}
	if written != nil {
		return written
	}
	warnOfLetters(stderr, s, runFormats)
	if err := o.draw(ctx, answer); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "\nWritten to %s:\n  sensitivity.csv  sensitivity.svg  sensitivity.png  %s\n", o.out, kept.Name)
	return err
}

// draw draws the answer beside it.
func (o *sensitivityOptions) draw(ctx context.Context, answer *store.Answer) error {
	from, err := answer.Results(ctx, o.out)
	if err != nil {
		return err
	}
	var files []store.File
	for _, format := range runFormats {
		content, err := figure.Make(ctx, from, "sensitivity", format, figure.Paper{}, figure.Options{}, version())
		if err != nil {
			return err
		}
		files = append(files, store.File{Name: "sensitivity." + format, Content: content})
	}
	return writeNew(o.out, files)
}

// answerQuestion measures what the question asks for, unless the directory that the answer is for, if any, holds another.
func answerQuestion(ctx context.Context, s *scenarios.Scenario, asked store.Question, out string, stderr io.Writer) (*store.Answer, error) {
	q := &store.Sensitivity{Question: asked}
	model := scenarios.NewModel(s)
	m, err := parseMetric(q.Metric, s, model)
	if err != nil {
		return nil, misuse{err}
	}
	params, err := rangesOf(s, q.Vary)
	if err != nil {
		return nil, misusef("--vary %w", err)
	}
	q.Metric = m.String()
	if len(q.Vary) > 0 {
		q.Vary = namesOf(params)
	}
	points, err := layOut(q.Question, params)
	if err != nil {
		return nil, err
	}
	plan := &study.Plan{Model: model.Name(), Variants: []string{scenarios.Reference}, Params: namesOf(params), Points: points, Runs: q.Runs, Seed: q.Seed, Chunk: chunkJobs}
	warnOfMemory(stderr, mostLabs(s, plan), plan.Jobs(), 0)
	if err := model.Prepare(plan); err != nil {
		return nil, misuse{err}
	}
	answer := store.NewAnswer(s)
	answer.Sensitivity = q
	if err := checkRoom(out, answer); err != nil {
		return nil, err
	}
	runs, err := measureRuns(ctx, plan, model, m, newProgress(stderr, false, "runs", plan.Jobs(), 0))
	if errors.Is(err, context.Canceled) {
		return nil, errors.New("stopped before all points were measured")
	}
	if err != nil {
		return nil, err
	}
	if err := estimate(q, params, points, runs); err != nil {
		return nil, err
	}
	return answer, nil
}

func namesOf(params []study.Param) (names []string) {
	for _, p := range params {
		names = append(names, p.Name)
	}
	return names
}

// metric is a metric and where a model records it.
type metric struct {
	scenarios.Metric
	quantity, vendor, week int
}

// parseMetric reads a metric such as share.Scale@26.
func parseMetric(text string, s *scenarios.Scenario, model *scenarios.Model) (m metric, err error) {
	vendors := model.Vendors()
	if m.Metric, err = scenarios.ParseMetric(text, vendors); err != nil {
		return m, err
	}
	m.quantity, m.vendor = slices.Index(scenarios.Quantities, m.Quantity), slices.Index(vendors, m.Vendor)
	first, last := s.Since(0), s.Since(model.Steps()-1)
	switch {
	case m.quantity < 0:
		return m, fmt.Errorf("metric %q: there is no quantity %q%s", text, m.Quantity, agents.Nearest(m.Quantity, scenarios.Quantities))
	case m.vendor < 0:
		return m, fmt.Errorf("metric %q: there is no vendor %q%s", text, m.Vendor, agents.Nearest(m.Vendor, vendors))
	case m.None():
		return m, fmt.Errorf("metric %q: work in house has no %s", text, m.Quantity)
	case m.Week < first || m.Week > last:
		return m, fmt.Errorf("metric %q: the week goes from %d to %d, counted from the event's own as 0", text, first, last)
	}
	m.week = s.WeekAt(m.Week)
	return m, nil
}

// missing says why a run may have no such number.
func (m metric) missing() string {
	switch m.Quantity {
	case "share":
		return "nobody buys from any vendor in that week"
	case "utilisation":
		return m.Vendor + " has no capacity in that week"
	}
	return "a number has grown beyond all bounds"
}

// layOut are the points that a question is answered from.
func layOut(q store.Question, params []study.Param) ([][]float64, error) {
	n, usual := q.Points, map[string]int{"morris": 20, "sobol": 128}
	if usual[q.Method] == 0 {
		return nil, misusef("--method %s: morris or sobol is needed", q.Method)
	}
	if n == 0 {
		n = usual[q.Method]
	}
	if q.Runs < 1 {
		return nil, misusef("--runs %d: at least 1 is needed", q.Runs)
	}
	if n < 2 || n > 1<<20 {
		return nil, misusef("--points %d: 2 to %d are possible", q.Points, 1<<20)
	}
	if cost := float64(n) * float64(len(params)+2) * float64(q.Runs); cost > mostJobs {
		return nil, misusef("that makes %.3g runs; at most %d are possible", cost, mostJobs)
	}
	if q.Method == "morris" {
		return study.MorrisPoints(params, n, q.Seed), nil
	}
	points, err := study.SobolPoints(params, n, q.Seed)
	if err != nil {
		return nil, misuse{err}
	}
	return points, nil
}

// measureRuns runs a plan and keeps the metric of each run, by point. One without a number ends it at once: nothing can be
// said of a metric that is not there at every point.
func measureRuns(ctx context.Context, p *study.Plan, model *scenarios.Model, m metric, progress *progress) ([][]float64, error) {
	runs := make([][]float64, len(p.Points))
	for i := range runs {
		runs[i] = make([]float64, p.Runs)
	}
	place := m.week*len(model.Vendors()) + m.vendor
	defer progress.finish()
	err := study.Run(ctx, p, model, upTo(p.Chunks()), 0, func(_ int, jobs []study.Job, results []study.Result) error {
		for i, job := range jobs {
			at := func() string {
				return fmt.Sprintf("point %d (%s), run %d", job.Point+1, strings.Join(scenarios.Changes(p, job.Point), ", "), job.Run)
			}
			if results[i].Err != nil {
				return fmt.Errorf("%s: %w", at(), results[i].Err)
			}
			x := results[i].Series[m.quantity][place]
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("%s has no finite value at %s: %s", m, at(), m.missing())
			}
			runs[job.Point][job.Run] = x
		}
		progress.add(len(jobs))
		return nil
	})
	return runs, err
}

// estimate says what the parameters do, those that matter most first.
func estimate(q *store.Sensitivity, params []study.Param, points, runs [][]float64) error {
	means := make([]float64, len(runs))
	for i, xs := range runs {
		for _, x := range xs {
			means[i] += x / float64(len(xs))
		}
	}
	q.Measured = len(points)
	for _, p := range params {
		q.Inputs = append(q.Inputs, store.Effect{Path: p.Name, Low: p.Low, High: p.High})
	}
	switch q.Method {
	case "morris":
		q.Columns = []string{"effect", "direction", "spread"}
		effects, err := study.MorrisEffects(params, points, means, q.Seed)
		if err != nil {
			return fmt.Errorf("sensitivity of %s: %w", q.Metric, err)
		}
		for i, e := range effects {
			q.Inputs[i].Estimates = []study.Estimate{e.Absolute, e.Mean, e.Spread}
		}
	default:
		q.Columns = []string{"total", "first"}
		indices, err := study.SobolIndices(params, means, q.Seed)
		if err != nil {
			return fmt.Errorf("sensitivity of %s: %w", q.Metric, err)
		}
		for i, index := range indices {
			q.Inputs[i].Estimates = []study.Estimate{index.Total, index.First}
		}
	}
	slices.SortStableFunc(q.Inputs, func(a, b store.Effect) int {
		switch x, y := a.Estimates[0].Value, b.Estimates[0].Value; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	q.Between, q.Within = study.Noise(runs)
	return nil
}

// printSensitivity prints what the parameters do.
func printSensitivity(w io.Writer, s *scenarios.Scenario, q *store.Sensitivity) error {
	fmt.Fprintf(w, "%s\nWhat %s depends on: %s of %s, %s each, seed %d; in brackets 5%% to 95%% by bootstrap\n\n",
		s.Describe(), q.Metric, q.Method, count(q.Measured, "point"), count(q.Runs, "run"), q.Seed)
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "parameter\trange\t%s\n", strings.Join(q.Columns, "\t"))
	for _, in := range q.Inputs {
		fmt.Fprintf(out, "%s\t%s to %s", in.Path, exactly(in.Low), exactly(in.High))
		for _, e := range in.Estimates {
			fmt.Fprintf(out, "\t%s (%s to %s)", figures(e.Value), figures(e.Low), figures(e.High))
		}
		fmt.Fprintln(out)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	parameters := figures(math.Sqrt(q.Between))
	lines := []string{fmt.Sprintf("In single runs, random variation makes a standard deviation of %s, and the parameters one of %s.", figures(math.Sqrt(q.Within)), parameters)}
	if q.Runs == 1 {
		lines[0] = fmt.Sprintf("With one run per point, noise cannot be estimated; the parameters and noise together make a standard deviation of %s.", parameters)
	}
	if q.Still() {
		lines = append(lines, q.Metric+" does not vary: none of these parameters moves it.")
	}
	if q.Method == "sobol" && slices.ContainsFunc(q.Inputs, func(in store.Effect) bool { return in.Estimates[1].Value < 0 }) {
		lines = append(lines, "An index lies between 0 and 1: an estimate below 0 means that with so few --points the effect of the parameter by itself does not show.")
	}
	_, err := fmt.Fprintf(w, "\n%s\n", strings.Join(lines, "\n"))
	return err
}

// exactly writes the end of a range as it is.
func exactly(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// checkRoom refuses a directory that holds the answer to another question, before hours of runs are spent on it.
func checkRoom(dir string, answer *store.Answer) error {
	if dir == "" {
		return nil
	}
	return explainExists(answer.CheckRoom(dir))
}

// writeNew writes files into a directory that holds no others of their names.
func writeNew(dir string, files []store.File) error {
	_, err := store.Write(dir, files, false)
	return explainExists(err)
}

func explainExists(err error) error {
	var there *store.Exists
	if errors.As(err, &there) {
		return fmt.Errorf("%s already exists with other content; choose another --out, or delete it", there.Path)
	}
	return err
}
