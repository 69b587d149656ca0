package cli

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/app/internal/receipt"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/sim"
)

// runOptions are the flags of exodus run.
type runOptions struct {
	changes
	seed, run                                    uint64
	weeks                                        int
	out                                          string
	noFigures, decisions, force, asJSON, isQuiet bool
}

func runCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run SCENARIO",
		Short: "Run a scenario once, print who gained and who left, and save the results",
		Long: `Run runs a scenario once: a built-in one by its name, or a file. It prints the market before the deal and 13, 26
and 52 weeks after it, and writes tables, figures and a provenance record to a directory.`,
		Example: `  exodus run meta-scale
  exodus run meta-scale --variant no-deal
  exodus run meta-scale --set events.deal.stake=0.1 --set labs.Google.exposure=0.5 --out out/mine
  exodus run mine.toml --seed 7 --json`,
		Args:              oneArg("a built-in scenario or a file"),
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("weeks") && (o.weeks < 1 || o.weeks > agents.MostWeeks) {
				return misusef("--weeks %d: enter a number from 1 to %d", o.weeks, agents.MostWeeks)
			}
			return o.execute(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.changes.flags(cmd)
	f := cmd.Flags()
	f.Uint64Var(&o.seed, "seed", 1, "the seed of all random numbers")
	f.Uint64Var(&o.run, "run", 0, "the number of the run under that seed")
	f.IntVar(&o.weeks, "weeks", 0, "run this many weeks instead of the scenario's")
	f.StringVar(&o.out, "out", "", "the `directory` to write to (default out/ and the names of what was run)")
	f.BoolVar(&o.noFigures, "no-figures", false, "write no figures")
	f.BoolVar(&o.decisions, "decisions", false, "also write decisions.csv: what each lab saw and decided, every week")
	f.BoolVar(&o.force, "force", false, "replace other results in the directory")
	f.BoolVar(&o.asJSON, "json", false, "print a summary in JSON instead of the tables")
	f.BoolVar(&o.isQuiet, "quiet", false, "print nothing but errors")
	return cmd
}

func (o *runOptions) execute(ctx context.Context, name string, stdout, stderr io.Writer) error {
	s, err := o.changes.load(name)
	if err != nil {
		return err
	}
	if o.weeks > 0 {
		s = s.Until(o.weeks)
	}
	if !o.isQuiet {
		warnOfMemory(stderr, labsOf(s), 1, 1)
	}
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		return err
	}
	luck := sim.Luck{Seed: o.seed, Run: o.run}
	trajectory, err := agents.Run(ctx, plan, luck, agents.Options{Decisions: o.decisions})
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("run %s: stopped in week %d of %d; nothing was written", name, trajectory.Weeks, plan.Weeks())
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", name, err)
	}
	if err := trajectory.Finite(); err != nil {
		return fmt.Errorf("run %s: %w", name, err)
	}
	run := &store.Run{Scenario: s, Luck: luck, Trajectory: trajectory, Version: version(), Platform: platform()}
	figures, err := o.figures(run)
	if err != nil {
		return err
	}
	if !o.isQuiet && len(figures) > 0 {
		warnOfLetters(stderr, s, runFormats)
	}
	dir := o.out
	if dir == "" {
		dir = o.directory(s)
	}
	files := run.Files(figures)
	changed, err := store.Write(dir, files, o.force)
	var there *store.Exists
	if errors.As(err, &there) {
		return fmt.Errorf("%s already exists with other content; choose another --out, or use --force to replace it", there.Path)
	}
	if err != nil {
		return err
	}
	switch {
	case o.isQuiet:
		return nil
	case o.asJSON:
		return printJSON(stdout, summarise(run, dir, files))
	}
	if err := printSummary(stdout, run); err != nil {
		return err
	}
	return printFiles(stdout, dir, files, changed)
}

// runFormats are those of the figures that commands draw unasked.
var runFormats = []string{"svg", "png"}

// figures draws what a run shows.
func (o *runOptions) figures(run *store.Run) ([]store.File, error) {
	if o.noFigures {
		return nil, nil
	}
	r := figure.Results{Scenario: run.Scenario, Run: run.Trajectory, Luck: run.Luck}
	receipt := receipt.Of(run.Results(), run.Version, figure.Options{})
	var files []store.File
	for _, draw := range []func(figure.Results, figure.Options) (*figure.Figure, error){figure.Share, figure.Spend} {
		f, err := draw(r, figure.Options{})
		if err != nil {
			return nil, err
		}
		for _, format := range runFormats {
			content, err := f.Write(format, figure.Paper{}, receipt)
			if err != nil {
				return nil, fmt.Errorf("draw figure %s: %w", f.Kind, err)
			}
			files = append(files, store.File{Name: f.Kind + "." + format, Content: content})
		}
	}
	return files, nil
}

// directory is where results go that nobody named a place for: different runs go to different ones.
func (o *runOptions) directory(s *scenarios.Scenario) string {
	suffix := ""
	if o.seed != 1 {
		suffix += fmt.Sprintf("-seed%d", o.seed)
	}
	if o.run != 0 {
		suffix += fmt.Sprintf("-run%d", o.run)
	}
	if o.weeks != 0 {
		suffix += fmt.Sprintf("-weeks%d", o.weeks)
	}
	if len(s.Changes) > 0 {
		h := fnv.New32a()
		io.WriteString(h, strings.Join(s.Changes, "\n"))
		suffix += fmt.Sprintf("-set%08x", h.Sum32())
	}
	return filepath.Join("out", s.FileName(suffix))
}

func printFiles(w io.Writer, dir string, files []store.File, changed bool) error {
	if !changed {
		_, err := fmt.Fprintf(w, "\nThe same results are already in %s.\n", dir)
		return err
	}
	fmt.Fprintf(w, "\nWritten to %s:\n", dir)
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name
	}
	_, err := fmt.Fprintf(w, "  %s\n", strings.Join(names, "  "))
	return err
}
