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

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/sim/study"
)

// sensitivityOptions are the flags of exodus sensitivity.
type sensitivityOptions struct {
	changes
	figure.Question
	out string
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
	f.StringVar(&o.Metric, "metric", "", "what is measured, such as share.Scale@26")
	f.StringVar(&o.Method, "method", "morris", "morris or sobol")
	f.StringArrayVar(&o.Vary, "vary", nil, "vary this `path` over its plausible range (default all uncertain parameters of the model); may be repeated")
	f.IntVar(&o.Points, "points", 0, "trajectories of morris (default 20), or base points of sobol (default 128)")
	f.IntVar(&o.Runs, "runs", 8, "runs at each point, whose mean is taken")
	f.Uint64Var(&o.Seed, "seed", 1, "the seed that all luck, and the design, comes from")
	f.StringVar(&o.out, "out", "", "also write a table and a figure to this `directory`")
	return cmd
}

func (o *sensitivityOptions) execute(ctx context.Context, name string, stdout, stderr io.Writer) error {
	s, err := o.changes.load(name)
	if err != nil {
		return err
	}
	answer, err := answerQuestion(ctx, s, o.Question, stdout, stderr)
	if err != nil || o.out == "" {
		return err
	}
	files := []store.File{{Name: "sensitivity.csv", Content: answer.table}}
	for _, format := range runFormats {
		content, err := answer.draw(format, figure.Paper{}, version())
		if err != nil {
			return err
		}
		files = append(files, store.File{Name: "sensitivity." + format, Content: content})
	}
	if err := writeNew(o.out, files); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "\nWritten to %s:\n  sensitivity.csv  sensitivity.svg  sensitivity.png\n", o.out)
	return err
}

// question is one of exodus sensitivity as it is answered.
type question struct {
	figure.Question
	scenario *scenarios.Scenario
	jobs     int // runs in all
	bars     *figure.Sensitivity
	table    []byte // as CSV
}

// answerQuestion measures what the question asks for, and prints the answer.
func answerQuestion(ctx context.Context, s *scenarios.Scenario, asked figure.Question, stdout, stderr io.Writer) (*question, error) {
	q := &question{Question: asked, scenario: s}
	model := scenarios.NewModel(s)
	m, err := parseMetric(q.Metric, s, model)
	if err != nil {
		return nil, misuse{err}
	}
	params, err := rangesOf(s, q.Vary)
	if err != nil {
		return nil, misusef("--vary %w", err)
	}
	points, err := q.layOut(params)
	if err != nil {
		return nil, err
	}
	plan := &study.Plan{Model: model.Name(), Variants: []string{scenarios.Reference}, Points: points, Runs: q.Runs, Seed: q.Seed, Chunk: chunkJobs}
	for _, p := range params {
		plan.Params = append(plan.Params, p.Name)
	}
	if err := plan.Validate(); err != nil {
		return nil, misuse{err}
	}
	q.jobs = plan.Jobs()
	runs, err := measureRuns(ctx, plan, model, m.quantity, m.week*len(model.Vendors())+m.vendor, newProgress(stderr, false, "runs", q.jobs, 0))
	if errors.Is(err, context.Canceled) {
		return nil, errors.New("stopped before all points were measured")
	}
	if err != nil {
		return nil, err
	}
	return q, q.report(stdout, params, points, runs)
}

// draw draws the answer, as a version of the program.
func (q *question) draw(format string, paper figure.Paper, version string) ([]byte, error) {
	s := q.scenario
	f, err := figure.SensitivityOf(figure.Results{Scenario: s, Sensitivity: q.bars}, figure.Options{})
	if err != nil {
		return nil, err
	}
	content, err := f.Write(format, paper, &figure.Receipt{
		Version: version, Scenario: s.Name, Title: s.Title, Variant: s.Variant, Changes: s.Changes,
		Weeks: s.Spec.Weeks, Runs: q.jobs, Of: q.jobs, Source: string(s.Source), Question: &q.Question,
	})
	if err != nil {
		return nil, fmt.Errorf("draw figure sensitivity: %w", err)
	}
	return content, nil
}

// metric is a quantity of a vendor in a week.
type metric struct{ quantity, vendor, week int }

// parseMetric reads a metric such as share.Scale@26.
func parseMetric(text string, s *scenarios.Scenario, model *scenarios.Model) (m metric, err error) {
	name, at, ok := strings.Cut(text, "@")
	quantity, vendor, _ := strings.Cut(name, ".")
	m.quantity, m.vendor = slices.Index(scenarios.Quantities, quantity), slices.Index(model.Vendors(), vendor)
	if !ok || m.quantity < 0 || m.vendor < 0 {
		return m, fmt.Errorf("metric %q: a quantity, a vendor and a week are needed, such as share.%s@26; quantities are %s, vendors %s",
			text, model.Vendors()[0], strings.Join(scenarios.Quantities, ", "), strings.Join(model.Vendors(), ", "))
	}
	if vendor == agents.InHouse && (quantity == "share" || quantity == "utilisation") {
		return m, fmt.Errorf("metric %q: work in house has no %s", text, quantity)
	}
	counted, err := strconv.Atoi(at)
	first := 0
	if e := figure.Anchor(s); e != nil {
		first = e.Week
	}
	if m.week = first + counted - 1; err != nil || counted < 1 || m.week >= model.Steps() {
		return m, fmt.Errorf("metric %q: the week goes from 1 to %d", text, model.Steps()-first)
	}
	return m, nil
}

// metricWords says in words what share.Scale@26 is.
func metricWords(metric string) string {
	name, week, _ := strings.Cut(metric, "@")
	quantity, vendor, _ := strings.Cut(name, ".")
	return fmt.Sprintf("the %s of %s in week %s", quantity, vendor, week)
}

func (q *question) layOut(params []study.Param) ([][]float64, error) {
	n, usual := q.Points, map[string]int{"morris": 20, "sobol": 128}
	if usual[q.Method] == 0 {
		return nil, misusef("--method %s: morris or sobol is needed", q.Method)
	}
	if n == 0 {
		n = usual[q.Method]
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

// measureRuns runs a plan and keeps one number of each run, by point: that at a place of a series.
func measureRuns(ctx context.Context, p *study.Plan, model study.Model, series, place int, progress *progress) ([][]float64, error) {
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
			runs[job.Point][job.Run] = results[i].Series[series][place]
		}
		progress.add(len(jobs))
		return nil
	})
	return runs, err
}

// report prints what the parameters do, those that matter most first, and keeps it.
func (q *question) report(w io.Writer, params []study.Param, points, runs [][]float64) error {
	means := make([]float64, len(runs))
	for i, xs := range runs {
		for _, x := range xs {
			means[i] += x / float64(len(xs))
		}
	}
	head := []string{"parameter", "low", "high"}
	var columns []string
	var rows [][]study.Estimate // by parameter; the first is what they are ordered by
	switch q.Method {
	case "morris":
		columns = []string{"effect", "direction", "spread"}
		effects, err := study.MorrisEffects(params, points, means, q.Seed)
		if err != nil {
			return fmt.Errorf("sensitivity of %s: %w", q.Metric, err)
		}
		for _, e := range effects {
			rows = append(rows, []study.Estimate{e.Absolute, e.Mean, e.Spread})
		}
	default:
		columns = []string{"total", "first"}
		indices, err := study.SobolIndices(params, means, q.Seed)
		if err != nil {
			return fmt.Errorf("sensitivity of %s: %w", q.Metric, err)
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
		q.scenario.Describe(), q.Metric, q.Method, count(len(points), "point"), count(q.Runs, "run"), q.Seed)
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
	if q.Runs == 1 {
		fmt.Fprintf(w, "\nHow much is luck does not show with 1 run at each point; with it, the parameters make a standard deviation of %s.\n", figures(math.Sqrt(between)))
	} else {
		fmt.Fprintf(w, "\nOf single runs, luck makes a standard deviation of %s, and the parameters one of %s.\n", figures(math.Sqrt(within)), figures(math.Sqrt(between)))
	}
	if q.Method == "sobol" && slices.ContainsFunc(rows, func(r []study.Estimate) bool { return r[1].Value < 0 }) {
		fmt.Fprintln(w, "An index lies between 0 and 1: an estimate below 0 means that with so few --points what the parameter does by itself does not show.")
	}
	for _, c := range columns {
		head = append(head, c, c+"_q05", c+"_q95")
	}
	noise := "luck, not known from 1 run"
	if q.Runs > 1 {
		noise = "luck of a single run"
		cells = append(cells, []string{"luck", "", "", full(math.Sqrt(within))})
	}
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
	q.table = content.Bytes()
	sens := &figure.Sensitivity{
		Metric: metricWords(q.Metric), How: fmt.Sprintf("%s, %s of %s", q.Method, count(len(points), "point"), count(q.Runs, "run")),
		Unit:  "effect of a parameter over its range, and standard deviation of luck, on " + metricWords(q.Metric) + "; whiskers 5% to 95%",
		Noise: figure.Bar{Name: noise, Value: math.Sqrt(within)},
	}
	for _, i := range order {
		e := rows[i][0]
		sens.Bars = append(sens.Bars, figure.Bar{Name: params[i].Name, Value: e.Value, Low: e.Low, High: e.High})
	}
	if q.Method == "sobol" {
		sens.Unit, sens.Percent = "share of the variance with the other parameters, and of single runs by luck; whiskers 5% to 95%", true
		sens.Noise.Value = within / (within + between)
	}
	q.bars = sens
	return nil
}

// writeNew writes files into a directory that holds no others of their names.
func writeNew(dir string, files []store.File) error {
	_, err := store.Write(dir, files, false)
	var there *store.Exists
	if errors.As(err, &there) {
		return fmt.Errorf("%s is there already, from something else; choose another --out, or take it away", there.Path)
	}
	return err
}

// full writes a number so that it reads back exactly.
func full(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
