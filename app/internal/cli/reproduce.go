package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/app/internal/receipt"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

func reproduceCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reproduce FILE",
		Short: "Run and draw a figure again from its provenance record, and compare",
		Long: `Reproduce takes from a figure the receipt of where it came from, runs the same again, draws the same again, and compares.
It says that the figure is identical, to the last byte, or what differs and why; then the exit code is 1.`,
		Example: `  exodus reproduce out/meta-scale/share.svg`,
		Args:    oneArg("the file of a figure"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return reproduce(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
}

func reproduce(ctx context.Context, path string, stdout, stderr io.Writer) error {
	r, content, err := readFigure(path)
	if err != nil {
		return err
	}
	if r.By != "" {
		return fmt.Errorf("%s cannot be drawn again from its receipt; it was made by %s", path, words.OneLine(r.By))
	}
	if r.Runs < r.Of {
		return fmt.Errorf("%s was drawn when %d of %d runs were done, which nobody can repeat; draw it again from all of them", path, r.Runs, r.Of)
	}
	_, err = figure.KindOf(r.Figure)
	if err == nil {
		err = figure.Check(r.File, r.Paper)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s, err := scenarioOf(r)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	again, digest, err := drawAgain(ctx, r, s, stderr)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	switch {
	case digest != r.Digest:
		return fmt.Errorf("%s differs: what was run again has the digest %.16s, and the figure says %.16s; %s", path, digest, words.OneLine(r.Digest), versions(r))
	case bytes.Equal(again, content):
		_, err = fmt.Fprintf(stdout, "identical: %s of %s, digest %.16s\n", r.Figure, words.OneLine(r.Scenario), digest)
		return err
	}
	if figure.Borrows(s, r.Paper.Title) {
		return fmt.Errorf("%s differs: the results are the same, the drawing is another; it has letters that are drawn, and measured, with the fonts of a machine, so it may have been drawn on one with others", path)
	}
	return fmt.Errorf("%s differs: the results are the same, the drawing is another; %s", path, versions(r))
}

// drawAgain runs and draws what a receipt speaks of, and returns the digest of the results.
// The file says who drew it, and need not have been drawn by this very version.
func drawAgain(ctx context.Context, r *receipt.Receipt, s *scenarios.Scenario, stderr io.Writer) (again []byte, digest string, err error) {
	from, err := runAgain(ctx, r, s, stderr)
	if err != nil {
		return nil, "", err
	}
	if from.Digest != r.Digest {
		return nil, from.Digest, nil
	}
	again, err = figure.Make(ctx, from, r.Figure, r.File, r.Paper, r.Options, r.Version)
	return again, from.Digest, err
}

// versions says who drew a figure and who draws it now.
func versions(r *receipt.Receipt) string {
	if r.Version == version() {
		return fmt.Sprintf("it says that this very version, %s, drew it, so the file was changed", version())
	}
	return fmt.Sprintf("it was drawn by version %s, and this is %s", words.OneLine(r.Version), version())
}

// scenarioOf is the scenario of a receipt, as it was run.
func scenarioOf(r *receipt.Receipt) (*scenarios.Scenario, error) {
	s, err := scenarios.Parse(r.Scenario+".toml", []byte(r.Source))
	if err == nil {
		s, err = s.With(r.Variant, r.Changes)
	}
	if err != nil {
		return nil, fmt.Errorf("its scenario is not one that this version reads: %w", err)
	}
	if r.Weeks < 1 || r.Weeks > agents.MostWeeks {
		return nil, fmt.Errorf("invalid: %d weeks; a run has 1 to %d", r.Weeks, agents.MostWeeks)
	}
	return s.Until(r.Weeks), nil
}

// runAgain runs what a receipt speaks of.
func runAgain(ctx context.Context, r *receipt.Receipt, s *scenarios.Scenario, stderr io.Writer) (*store.Results, error) {
	if r.Question != nil {
		answer, err := answerQuestion(ctx, s, *r.Question, "", stderr)
		if err != nil {
			return nil, errors.New(err.Error()) // of the file, and no misuse of the command
		}
		return answer.Results(ctx, "")
	}
	if r.Plan != nil {
		return studyAgain(ctx, r, s, stderr)
	}
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		return nil, err
	}
	t, err := agents.Run(ctx, plan, r.Luck, agents.Options{})
	if err != nil {
		return nil, err
	}
	return (&store.Run{Scenario: s, Luck: r.Luck, Trajectory: t, Version: version(), Platform: platform()}).Results(), nil
}

// studyAgain runs a study in a place of its own, which is gone afterwards.
func studyAgain(ctx context.Context, r *receipt.Receipt, s *scenarios.Scenario, stderr io.Writer) (*store.Results, error) {
	p := r.Plan
	if n := float64(p.Runs) * float64(len(p.Points)) * float64(len(p.Variants)); n > mostJobs {
		return nil, fmt.Errorf("invalid: %.3g runs; at most %d are possible in one study", n, mostJobs)
	}
	model := scenarios.NewModel(s)
	model.Full = r.Full
	if model.Name() != p.Model {
		return nil, errors.New("its study is of another scenario than the one in it; the file was changed")
	}
	if err := model.Prepare(p); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "exodus-reproduce-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	dir = filepath.Join(dir, "study")
	o := batchOptions{against: r.Against, full: r.Full, sketched: sketched(p)}
	if _, _, err := o.complete(ctx, s, model, p, dir, false, stderr); err != nil {
		return nil, err
	}
	return store.Read(ctx, dir)
}
