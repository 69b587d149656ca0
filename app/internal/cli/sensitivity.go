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
	"text/tabwriter"

	"github.com/spf13/cobra"

	"exodus/app/internal/figure"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/sim/study"
)

// sensitivityOptions are the flags of exodus sensitivity.
type sensitivityOptions struct {
	changes
	metric, method string
	vary           []string
	points, runs   int
	seed           uint64
	out            string
}

func sensitivityCommand() *cobra.Command {
	var o sensitivityOptions
	cmd := &cobra.Command{
		Use:   "sensitivity SCENARIO",
		Short: "Say which assumptions a result hangs on",
		Long: `Sensitivity varies the parameters of behaviour over their plausible ranges and says how much each moves a metric.
morris finds which matter at all, from few runs: the mean effect of a parameter over its whole range, and how much that
effect depends on the others. sobol says which share of the variance each explains, by itself and with the others. Both
have bootstrap intervals of 5% to 95%, and say how much luck there is beside.

A metric is quantity.vendor@week, with the week counted from the deal's own as 1; quantities are ` + strings.Join(scenarios.Quantities, ", ") + `.`,
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
	f.StringVar(&o.metric, "metric", "", "what is measured, such as share.Scale@26")
	f.StringVar(&o.method, "method", "morris", "morris or sobol")
	f.StringArrayVar(&o.vary, "vary", nil, "vary this `path` over its plausible range (default all uncertain parameters of the model); may be repeated")
	f.IntVar(&o.points, "points", 0, "trajectories of morris (default 20), or base points of sobol (default 128)")
	f.IntVar(&o.runs, "runs", 8, "runs at each point, whose mean is taken")
	f.Uint64Var(&o.seed, "seed", 1, "the seed that all luck, and the design, comes from")
	f.StringVar(&o.out, "out", "", "also write a table and a figure to this `directory`")
	return cmd
}

func (o *sensitivityOptions) execute(ctx context.Context, name string, stdout, stderr io.Writer) error {
	s, err := o.changes.load(name)
	if err != nil {
		return err
	}
	model := scenarios.NewModel(s)
	series, week, err := parseMetric(o.metric, s, model)
	if err != nil {
		return misuse{err}
	}
	params, err := rangesOf(s, o.vary)
	if err != nil {
		return misusef("--vary %w", err)
	}
	points, err := o.layOut(params)
	if err != nil {
		return err
	}
	plan := &study.Plan{Model: model.Name(), Variants: []string{scenarios.Reference}, Points: points, Runs: o.runs, Seed: o.seed, Chunk: chunkJobs}
	for _, p := range params {
		plan.Params = append(plan.Params, p.Name)
	}
	if err := plan.Validate(); err != nil {
		return misuse{err}
	}
	runs, err := measureRuns(ctx, plan, model, series, week, newProgress(stderr, false, "runs", plan.Jobs(), 0))
	if errors.Is(err, context.Canceled) {
		return errors.New("stopped before all points were measured")
	}
	if err != nil {
		return err
	}
	return o.report(stdout, s, params, points, runs)
}

// parseMetric finds the series and week of a metric such as share.Scale@26.
func parseMetric(text string, s *scenarios.Scenario, model *scenarios.Model) (series, week int, err error) {
	name, at, ok := strings.Cut(text, "@")
	if series = slices.Index(model.Series(), name); !ok || series < 0 {
		return 0, 0, fmt.Errorf("metric %q: a quantity, a vendor and a week are needed, such as share.%s@26; quantities are %s, vendors %s",
			text, model.Vendors()[0], strings.Join(scenarios.Quantities, ", "), strings.Join(model.Vendors(), ", "))
	}
	counted, err := strconv.Atoi(at)
	first := 0
	if e := figure.Anchor(s); e != nil {
		first = e.Week
	}
	if week = first + counted - 1; err != nil || counted < 1 || week >= model.Steps() {
		return 0, 0, fmt.Errorf("metric %q: the week goes from 1 to %d", text, model.Steps()-first)
	}
	return series, week, nil
}

func (o *sensitivityOptions) layOut(params []study.Param) ([][]float64, error) {
	n, usual := o.points, map[string]int{"morris": 20, "sobol": 128}
	if usual[o.method] == 0 {
		return nil, misusef("--method %s: morris or sobol is needed", o.method)
	}
	if n == 0 {
		n = usual[o.method]
	}
	if n < 2 || n > 1<<20 {
		return nil, misusef("--points %d: 2 to %d are possible", o.points, 1<<20)
	}
	if cost := float64(n) * float64(len(params)+2) * float64(o.runs); cost > mostJobs {
		return nil, misusef("that makes %.3g runs; at most %d are possible", cost, mostJobs)
	}
	if o.method == "morris" {
		return study.MorrisPoints(params, n, o.seed), nil
	}
	points, err := study.SobolPoints(params, n)
	if err != nil {
		return nil, misuse{err}
	}
	return points, nil
}

// measureRuns runs a plan and keeps one number of each run, by point.
func measureRuns(ctx context.Context, p *study.Plan, model study.Model, series, week int, progress *progress) ([][]float64, error) {
	runs := make([][]float64, len(p.Points))
	for i := range runs {
		runs[i] = make([]float64, p.Runs)
	}
	chunks := make([]int, p.Chunks())
	for i := range chunks {
		chunks[i] = i
	}
	defer progress.finish()
	err := study.Run(ctx, p, model, chunks, 0, func(_ int, jobs []study.Job, results []study.Result) error {
		for i, job := range jobs {
			if results[i].Err != nil {
				return results[i].Err
			}
			runs[job.Point][job.Run] = results[i].Series[series][week]
		}
		progress.add(len(jobs))
		return nil
	})
	return runs, err
}

// report prints what the parameters do, those that matter most first.
func (o *sensitivityOptions) report(w io.Writer, s *scenarios.Scenario, params []study.Param, points, runs [][]float64) error {
	means := make([]float64, len(runs))
	for i, xs := range runs {
		for _, x := range xs {
			means[i] += x / float64(len(xs))
		}
	}
	head := []string{"parameter", "low", "high"}
	var columns []string
	var rows [][]study.Estimate // by parameter; the first is what they are ordered by
	switch o.method {
	case "morris":
		columns = []string{"effect", "direction", "spread"}
		effects, err := study.MorrisEffects(params, points, means, o.seed)
		if err != nil {
			return fmt.Errorf("sensitivity of %s: %w", o.metric, err)
		}
		for _, e := range effects {
			rows = append(rows, []study.Estimate{e.Absolute, e.Mean, e.Spread})
		}
	default:
		columns = []string{"total", "first"}
		indices, err := study.SobolIndices(params, means, o.seed)
		if err != nil {
			return fmt.Errorf("sensitivity of %s: %w", o.metric, err)
		}
		for _, i := range indices {
			rows = append(rows, []study.Estimate{i.Total, i.First})
		}
	}
	order := make([]int, len(params))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := rows[a][0].Value, rows[b][0].Value; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	between, within := study.Noise(runs)

	fmt.Fprintf(w, "%s\nWhat %s hangs on: %s of %s, %s each, seed %d; in brackets 5%% to 95%% by bootstrap\n\n",
		s.Describe(), o.metric, o.method, count(len(points), "point"), count(o.runs, "run"), o.seed)
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "parameter\trange\t%s\n", strings.Join(columns, "\t"))
	var cells [][]string
	for _, i := range order {
		p := params[i]
		fmt.Fprintf(out, "%s\t%g to %g", p.Name, p.Low, p.High)
		line := []string{p.Name, full(p.Low), full(p.High)}
		for _, e := range rows[i] {
			fmt.Fprintf(out, "\t%s (%s to %s)", figures(e.Value), figures(e.Low), figures(e.High))
			line = append(line, full(e.Value), full(e.Low), full(e.High))
		}
		fmt.Fprintln(out)
		cells = append(cells, line)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nOf single runs, luck makes a standard deviation of %s, and the parameters one of %s.\n", figures(math.Sqrt(within)), figures(math.Sqrt(between)))
	if o.out == "" {
		return nil
	}
	for _, c := range columns {
		head = append(head, c, c+"_q05", c+"_q95")
	}
	cells = append(cells, []string{"luck", "", "", full(math.Sqrt(within))})
	var content bytes.Buffer
	rowsOf := csv.NewWriter(&content)
	rowsOf.Write(head)
	for _, line := range cells {
		for len(line) < len(head) {
			line = append(line, "")
		}
		rowsOf.Write(line)
	}
	rowsOf.Flush() // into memory, where no write fails
	files := []store.File{{Name: "sensitivity.csv", Content: content.Bytes()}}
	sens := &figure.Sensitivity{
		Metric: o.metric, How: fmt.Sprintf("%s, %s of %s", o.method, count(len(points), "point"), count(o.runs, "run")),
		Unit:  "effect of a parameter over its range, and standard deviation of luck, on " + o.metric + "; whiskers 5% to 95%",
		Noise: figure.Bar{Name: "luck of a single run", Value: math.Sqrt(within)},
	}
	for _, i := range order {
		e := rows[i][0]
		sens.Bars = append(sens.Bars, figure.Bar{Name: params[i].Name, Value: e.Value, Low: e.Low, High: e.High})
	}
	if o.method == "sobol" {
		sens.Unit, sens.Percent = "share of the variance with the other parameters, and of single runs by luck; whiskers 5% to 95%", true
		sens.Noise.Value = within / (within + between)
	}
	fig, err := figure.SensitivityOf(figure.Results{Scenario: s, Sensitivity: sens}, figure.Options{})
	if err != nil {
		return err
	}
	receipt := &figure.Receipt{
		Version: version(), Scenario: s.Name, Title: s.Title, Variant: s.Variant, Changes: s.Changes,
		Weeks: s.Spec.Weeks, Runs: len(points) * o.runs, Of: len(points) * o.runs, Source: string(s.Source), By: o.command(),
	}
	for _, format := range runFormats {
		content, err := fig.Write(format, figure.Paper{}, receipt)
		if err != nil {
			return fmt.Errorf("draw figure sensitivity: %w", err)
		}
		files = append(files, store.File{Name: "sensitivity." + format, Content: content})
	}
	if _, err := store.Write(o.out, files, true); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "Written to %s:\n  sensitivity.csv  sensitivity.svg  sensitivity.png\n", o.out)
	return err
}

// full writes a number so that it reads back exactly.
func full(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// command is the command line that does the same again, but for the scenario's file.
func (o *sensitivityOptions) command() string {
	text := fmt.Sprintf("exodus sensitivity --metric %q --method %s --points %d --runs %d --seed %d", o.metric, o.method, o.points, o.runs, o.seed)
	for _, path := range o.vary {
		text += fmt.Sprintf(" --vary %q", path)
	}
	return text
}
