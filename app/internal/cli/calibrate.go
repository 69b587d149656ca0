package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/exp/stats"

	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/sim/study"
)

// calibrateOptions are the flags of exodus calibrate.
type calibrateOptions struct {
	changes
	free         []string
	points, runs int
	seed         uint64
	out          string
}

func calibrateCommand() *cobra.Command {
	var o calibrateOptions
	cmd := &cobra.Command{
		Use:   "calibrate SCENARIO",
		Short: "Say what the facts leave of the assumptions",
		Long: `Calibrate tries many points of the plausible ranges of the parameters of behaviour and keeps those at which all facts
of the scenario hold: approximate Bayesian computation by rejection. It prints what is left of each range, and which
parameters the facts cannot tell apart. With --out it writes the points that were kept, which exodus batch takes as a
design, and a variant of the scenario with their medians.`,
		Example: `  exodus calibrate meta-scale --points 400 --out out/calibrated
  exodus calibrate meta-scale --free model.control_per_stake --free model.control_per_executives
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
	f.IntVar(&o.points, "points", 200, "how many points are tried")
	f.IntVar(&o.runs, "runs", 20, "runs at each point, whose medians are held against the facts")
	f.Uint64Var(&o.seed, "seed", 1, "the seed that all luck, and the points, come from")
	f.StringVar(&o.out, "out", "", "also write the points that were kept, and a variant, to this `directory`")
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
	if !slices.ContainsFunc(s.Facts, func(f scenarios.Fact) bool { return !f.Claim }) {
		return fmt.Errorf("%s states no facts to calibrate by; add some under [facts], as in: exodus scenarios show meta-scale", name)
	}
	params, err := rangesOf(s, o.free)
	if err != nil {
		return misusef("--free %w", err)
	}
	progress := newProgress(stderr, false, "points", o.points, 0)
	posterior, err := s.Calibrate(ctx, params, o.points, o.runs, o.seed, func() { progress.add(1) })
	progress.finish()
	if errors.Is(err, context.Canceled) {
		return errors.New("stopped before all points were tried")
	}
	if err != nil {
		return err
	}
	if err := printPosterior(stdout, s, posterior, o.runs, o.seed); err != nil {
		return err
	}
	if len(posterior.Accepted) == 0 {
		return fmt.Errorf("at no point of %d do all facts of %s hold", posterior.Tried, s.Name)
	}
	if o.out == "" {
		return nil
	}
	files := []store.File{{Name: "posterior.csv", Content: posteriorCSV(posterior)}, {Name: "variant.toml", Content: variantTOML(s, posterior, o)}}
	if _, err := store.Write(o.out, files, true); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "\nWritten to %s:\n  posterior.csv  variant.toml\n", o.out)
	return err
}

// rangesOf are the plausible ranges of paths, or of all uncertain parameters where none is named.
func rangesOf(s *scenarios.Scenario, paths []string) ([]study.Param, error) {
	if len(paths) == 0 {
		return s.Ranges(), nil
	}
	var params []study.Param
	for _, path := range paths {
		p, err := s.Range(path)
		if err != nil {
			return nil, err
		}
		params = append(params, p)
	}
	return params, nil
}

func printPosterior(w io.Writer, s *scenarios.Scenario, p *scenarios.Posterior, runs int, seed uint64) error {
	fmt.Fprintf(w, "%s\n%d of %s hold all facts, in medians of %s, seed %d\n\n", s.Describe(), len(p.Accepted), count(p.Tried, "point"), count(runs, "run"), seed)
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "fact\tholds at")
	for i, f := range s.Facts {
		fmt.Fprintf(out, "%s\t%.0f%% of the points\n", f.Title, 100*p.Held[i])
	}
	if len(p.Accepted) == 0 {
		return out.Flush()
	}
	fmt.Fprintln(out, "\nparameter\trange\tleft by the facts, median (5% to 95%)")
	for k, param := range p.Params {
		q := stats.Quantiles(p.Values(k), 0.05, 0.5, 0.95)
		fmt.Fprintf(out, "%s\t%g to %g\t%s (%s to %s)\n", param.Name, param.Low, param.High, figures(q[1]), figures(q[0]), figures(q[2]))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if len(p.Alike) > 0 {
		fmt.Fprintln(w, "\nThe facts cannot tell these apart: both move all that the facts measure in the same proportions.")
	}
	for _, pair := range p.Alike {
		fmt.Fprintf(w, "  %s and %s (cosine of their effects %.2f)\n", pair.A, pair.B, pair.Cosine)
	}
	return nil
}

func posteriorCSV(p *scenarios.Posterior) []byte {
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
			line = append(line, full(x))
		}
		w.Write(line)
	}
	w.Flush() // into memory, where no write fails
	return out.Bytes()
}

// variantTOML is a variant with the medians of what was kept, to be pasted into the scenario.
func variantTOML(s *scenarios.Scenario, p *scenarios.Posterior, o *calibrateOptions) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "# Medians of the %d points of %d at which all facts hold. Append this to the scenario.\n", len(p.Accepted), p.Tried)
	fmt.Fprintf(&out, "[variants.calibrated]\ntitle = \"Calibrated to the facts\"\n")
	for k, param := range p.Params {
		fmt.Fprintf(&out, "%s = %s\n", scenarios.TOMLPath(param.Name), full(stats.Quantiles(p.Values(k), 0.5)[0]))
	}
	for _, param := range p.Params {
		fmt.Fprintf(&out, "\n[evidence.%q]\nkind = \"derived\"\nsource = \"exodus calibrate %s, %d points of %d runs, seed %d\"\n", param.Name, s.Name, p.Tried, o.runs, o.seed)
	}
	return out.Bytes()
}
