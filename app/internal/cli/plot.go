package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"exodus/app/internal/figure"
	"exodus/app/internal/receipt"
	"exodus/app/internal/report"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// plotOptions are the flags of exodus plot.
type plotOptions struct {
	figure.Options
	paper            figure.Paper
	figures, formats []string
	out              string
	list, force      bool
}

func plotCommand() *cobra.Command {
	var o plotOptions
	var week int
	cmd := &cobra.Command{
		Use:   "plot DIR",
		Short: "Draw figures of results, fit to print, each with its provenance record (receipt) inside",
		Long: `Plot draws figures from the results of a run or of a study: those that are asked for, or all that the results can be
drawn as. What exodus sensitivity wrote is drawn as sensitivity; what exodus calibrate wrote, as one run at the point
that it found. Weeks count from the deal's own as 0. Each file holds the receipt of where it came from; exodus figure prints it,
and exodus reproduce draws the figure again from nothing else.`,
		Example: `  exodus plot out/meta-scale
  exodus plot out/batch --figure share,gain --format svg,pdf --size column
  exodus plot out/batch --figure trust,flows --week 13 --labs Google,xAI --dark --format png --dpi 600
  exodus plot --list`,
		Args: func(cmd *cobra.Command, args []string) error {
			if o.list {
				return noArgs(cmd, args)
			}
			return oneArg("a directory of results")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.list {
				return listKinds(cmd.OutOrStdout())
			}
			if cmd.Flags().Changed("week") {
				o.Week = &week
			}
			if o.paper.Title != "" && o.paper.NoTitle {
				return misusef("--title and --no-title: choose one")
			}
			return o.execute(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.figures, "figure", nil, "the `kinds` of figures, separated by commas (default all that the results can be drawn as)")
	f.StringSliceVar(&o.formats, "format", []string{"svg"}, "the `formats`, separated by commas: svg, pdf, png, tex")
	f.StringVar(&o.paper.Size, "size", "page", "column, page or slide")
	f.StringArrayVar(&o.Labs, "labs", nil, "show these labs only: a `name`, or several with commas between; may be repeated")
	f.StringArrayVar(&o.Vendors, "vendors", nil, "show these vendors only: a `name`, or several with commas between; may be repeated")
	f.IntVar(&week, "week", 0, "the week of trust, flows, sweep and sensitivity (default 26), and of premium")
	f.BoolVar(&o.Stacked, "stacked", false, "draw shares as areas on top of one another")
	f.IntVar(&o.paper.DPI, "dpi", 300, "dots an inch, of png")
	f.BoolVar(&o.paper.Dark, "dark", false, "draw on a dark ground")
	f.StringVar(&o.paper.Title, "title", "", "a title in place of the figure's own")
	f.BoolVar(&o.paper.NoTitle, "no-title", false, "draw no title, for a caption in the text")
	f.StringVar(&o.out, "out", "", "the `directory` to write to (default figures in DIR)")
	f.BoolVar(&o.force, "force", false, "replace other figures of the same names")
	f.BoolVar(&o.list, "list", false, "list the kinds of figures, with a line each")
	offer := func(flag string, names []string) {
		cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return names, cobra.ShellCompDirectiveNoFileComp
		})
	}
	var kinds, sizes []string
	for _, k := range figure.Kinds {
		kinds = append(kinds, k.Name+"\t"+k.Doc)
	}
	for _, s := range figure.Sizes {
		sizes = append(sizes, s.Name+"\t"+s.Doc)
	}
	offer("figure", kinds)
	offer("size", sizes)
	offer("format", figure.Formats)
	return cmd
}

// warnOfLetters says which letters of a scenario's names no font has, where figures in some formats show boxes for them.
func warnOfLetters(w io.Writer, s *scenarios.Scenario, formats []string) {
	boxed := slices.DeleteFunc(slices.Clone(formats), func(format string) bool { return format == "svg" })
	if len(boxed) == 0 {
		return
	}
	if missing := figure.Missing(s); missing != "" {
		fmt.Fprintf(w, "No font of this machine has letters for %s: they are boxes in %s; in SVG they are text.\n", words.OneLine(missing), words.List(boxed))
	}
}

func listKinds(w io.Writer) error {
	var table words.Table
	for _, k := range figure.Kinds {
		table.Row(k.Name, k.Doc)
	}
	_, err := table.WriteTo(w)
	return err
}

func (o *plotOptions) execute(ctx context.Context, dir string, stdout, stderr io.Writer) error {
	for _, name := range o.figures {
		if _, err := figure.KindOf(name); err != nil {
			return misusef("--figure: %w", err)
		}
	}
	for _, format := range o.formats {
		if err := figure.Check(format, o.paper); err != nil {
			return misuse{err}
		}
	}
	if len(o.formats) == 0 {
		return misusef("--format is empty; there are %s", strings.Join(figure.Formats, ", "))
	}
	from, err := store.Read(ctx, dir)
	if err != nil {
		return err
	}
	if err := o.choose(from.Scenario); err != nil {
		return err
	}
	warnOfLetters(stderr, from.Scenario, o.formats)
	files, skipped, err := o.draw(ctx, from)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("%s: nothing can be drawn of it: %s", dir, strings.Join(skipped, "; "))
	}
	out := o.out
	if out == "" {
		out = filepath.Join(dir, "figures")
	}
	changed, err := store.Write(out, files, o.force)
	var there *store.Exists
	if errors.As(err, &there) {
		return fmt.Errorf("%s already exists with another figure; choose another --out, or --force to replace it", there.Path)
	}
	if err != nil {
		return err
	}
	if from.Done < from.Jobs {
		fmt.Fprintf(stdout, "Partial: %d of %d runs are done, and the figures say so.\n", from.Done, from.Jobs)
	}
	if !changed {
		_, err := fmt.Fprintf(stdout, "The same figures are in %s already.\n", out)
		return err
	}
	fmt.Fprintf(stdout, "Written to %s:\n", out)
	for _, f := range files {
		fmt.Fprintf(stdout, "  %s\n", f.Name)
	}
	return nil
}

// choose reads the names of --labs and --vendors, which are those of the scenario or of its variants.
func (o *plotOptions) choose(s *scenarios.Scenario) (err error) {
	labs, vendors := s.EveryName()
	if o.Labs, err = scenarios.SplitNames(o.Labs, labs); err != nil {
		return misusef("--labs %w", err)
	}
	if o.Vendors, err = scenarios.SplitNames(o.Vendors, vendors); err != nil {
		return misusef("--vendors %w", err)
	}
	return nil
}

// draw draws what is asked for, or what can be drawn; skipped says why some cannot.
func (o *plotOptions) draw(ctx context.Context, from *store.Results) (files []store.File, skipped []string, err error) {
	kinds := slices.Compact(slices.Clone(o.figures))
	if a := from.Answer; a != nil && a.Sensitivity != nil {
		if slices.ContainsFunc(kinds, func(kind string) bool { return kind != "sensitivity" }) {
			return nil, nil, fmt.Errorf("%s: what exodus sensitivity writes can be drawn as sensitivity alone; the other kinds are drawn from what exodus run or exodus batch writes", from.Dir)
		}
		kinds = []string{"sensitivity"}
	}
	if len(kinds) == 0 {
		for _, k := range figure.Kinds {
			kinds = append(kinds, k.Name)
		}
	}
	results, err := figure.From(ctx, from, kinds...)
	if err != nil {
		return nil, nil, err
	}
	receipt := receipt.Of(from, version(), o.Options)
	for _, kind := range kinds {
		f, err := figure.Draw(kind, results, o.Options)
		var lacking *figure.Lacking
		switch {
		case errors.As(err, &lacking) && len(o.figures) == 0:
			skipped = append(skipped, err.Error())
			continue
		case errors.As(err, &lacking):
			return nil, nil, fmt.Errorf("%s: %w", from.Dir, err)
		case err != nil:
			return nil, nil, misuse{err}
		}
		for _, format := range o.formats {
			content, err := f.Write(format, o.paper, receipt)
			if err != nil {
				return nil, nil, fmt.Errorf("draw figure %s: %w", kind, err)
			}
			files = append(files, store.File{Name: o.fileName(kind, format), Content: content})
		}
	}
	return files, skipped, nil
}

// fileName tells figures of other sizes and grounds apart.
func (o *plotOptions) fileName(kind, format string) string {
	if o.Stacked {
		kind += "-stacked"
	}
	if o.paper.Size != "page" {
		kind += "-" + o.paper.Size
	}
	if o.paper.Dark {
		kind += "-dark"
	}
	return kind + "." + format
}

func figureCommand() *cobra.Command {
	asReceipt := false
	cmd := &cobra.Command{
		Use:   "figure FILE",
		Short: "Show where a figure came from: its provenance record, or receipt",
		Example: `  exodus figure out/meta-scale/share.svg
  exodus figure share.pdf --receipt`,
		Args: oneArg("the file of a figure"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, _, err := readFigure(args[0])
			if err != nil {
				return err
			}
			if !asReceipt {
				return printReceipt(cmd.OutOrStdout(), r)
			}
			return printJSON(cmd.OutOrStdout(), r)
		},
	}
	cmd.Flags().BoolVar(&asReceipt, "receipt", false, "print the whole receipt as JSON")
	return cmd
}

// mostFigure is how large a file may be that is read as a figure.
const mostFigure = 64 << 20

// readFigure reads a figure's file, and the receipt in it.
func readFigure(path string) (*receipt.Receipt, []byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%s: there is no such file", path)
	}
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, nil, fmt.Errorf("%s is a directory; name the file of a figure", path)
	}
	content, err := io.ReadAll(io.LimitReader(f, mostFigure+1))
	if err != nil {
		return nil, nil, err
	}
	r, err := receipt.Extract(content)
	if err != nil && bytes.Contains(content[:min(len(content), 1024)], []byte(report.Generator)) {
		return nil, nil, fmt.Errorf("%s is a report, and no figure; its last section names the commands that make it again", path)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, content, nil
}

// printReceipt prints what a receipt says, but for the scenario itself. It may come from anybody, so that what would
// act on a terminal is quoted.
func printReceipt(w io.Writer, r *receipt.Receipt) error {
	var table words.Table
	line := func(name, text string) {
		if text != "" {
			table.Row(name, words.OneLine(text))
		}
	}
	line("figure", r.Figure)
	line("scenario", fmt.Sprintf("%s: %s", r.Scenario, r.Title))
	line("variant", r.Variant)
	line("changes", strings.Join(r.Changes, ", "))
	line("weeks", fmt.Sprint(r.Weeks))
	switch {
	case r.By != "":
		line("made by", r.By)
	case r.Question != nil:
		q := r.Question
		line("question", fmt.Sprintf("what %s depends on: %s, %s, seed %d", figure.MetricWords(q.Metric), q.Method, count(r.Runs, "run"), q.Seed))
	case r.Plan == nil:
		line("run", fmt.Sprintf("seed %d, run %d", r.Luck.Seed, r.Luck.Run))
	default:
		line("variants", strings.Join(r.Plan.Variants, ", "))
		line("runs", fmt.Sprintf("%d of %d, seed %d", r.Runs, r.Of, r.Plan.Seed))
	}
	line("digest", r.Digest)
	line("drawn by", "exodus "+r.Version)
	_, err := table.WriteTo(w)
	return err
}
