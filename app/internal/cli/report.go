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
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"exodus/app/internal/report"
	"exodus/app/internal/store"
)

func reportCommand() *cobra.Command {
	var out string
	var pdf bool
	cmd := &cobra.Command{
		Use:   "report DIR",
		Short: "Write what results say as one page that anyone can open",
		Long: `Report writes the results of a run or of a study, or what exodus sensitivity or exodus calibrate has written, as one HTML
file: the answer with its intervals, figures, the scorecard,
what the deal's price says, where each input comes from, the method, and the command that makes it again. It needs no
program, no network and no script, and prints well.

A PDF is what any browser prints of it, as in the last example: no library that is kept up and goes along with a program
of one file sets such a page. The figures by themselves are PDF by exodus plot --format pdf.`,
		Example: `  exodus report out/meta-scale
  exodus report out/batch --out paper/scale.html
  chromium --headless --no-pdf-header-footer --print-to-pdf=scale.pdf paper/scale.html`,
		Args: oneArg("a directory of results"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if pdf {
				return noPDF(args[0], out)
			}
			return writeReport(cmd.Context(), args[0], out, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "the `file` to write (default "+report.Name+" in DIR)")
	cmd.Flags().BoolVar(&pdf, "pdf", false, "") // that many would type: the answer says what to do instead
	cmd.Flags().MarkHidden("pdf")
	return cmd
}

// noPDF says how a report becomes a PDF.
func noPDF(dir, out string) error {
	html := filepath.Join(dir, report.Name)
	command := "exodus report " + dir
	if out != "" {
		html = strings.TrimSuffix(out, filepath.Ext(out)) + ".html"
		command += " --out " + html
	}
	return misusef("--pdf is not supported; print the page from a browser: %s && chromium --headless --no-pdf-header-footer --print-to-pdf=%s.pdf %s",
		command, strings.TrimSuffix(html, ".html"), html)
}

func writeReport(ctx context.Context, dir, out string, stdout, stderr io.Writer) error {
	if out == "" {
		out = filepath.Join(dir, report.Name)
	}
	from, err := store.Read(ctx, dir)
	if err != nil {
		return err
	}
	if err := checkReport(out); err != nil {
		return err
	}
	step, end := steps(stderr)
	content, err := report.Write(ctx, from, step)
	end()
	if err != nil {
		return fmt.Errorf("report on %s: %w", dir, err)
	}
	if err := store.ReplaceFile(out, content); err != nil {
		return err
	}
	if from.Done < from.Jobs {
		fmt.Fprintf(stdout, "Partial: %d of %d runs are done, and the report says so.\n", from.Done, from.Jobs)
	}
	_, err = fmt.Fprintf(stdout, "Written to %s\n", out)
	return err
}

// steps tells what is being done where that takes longer than a reader waits without a word; end is called when all is
// done.
func steps(w io.Writer) (step func(string), end func()) {
	began, ticker, done := time.Now(), time.NewTicker(5*time.Second), make(chan struct{})
	var now atomic.Value
	now.Store("reading")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				fmt.Fprintf(w, "%.0f s: %s\n", time.Since(began).Seconds(), now.Load())
			}
		}
	}()
	return func(what string) { now.Store(what) }, func() {
		ticker.Stop()
		close(done)
		<-ended
	}
}

// checkReport says why a report cannot be written where it is wanted: what is there may be replaced by a newer report,
// and by nothing else.
func checkReport(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return fmt.Errorf("%s: cannot be written to: %w", path, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory; name a file for the report, such as %s", path, filepath.Join(path, report.Name))
	}
	start, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil {
		return fmt.Errorf("%s: cannot be read: %w", path, err)
	}
	if !bytes.Contains(start, []byte(report.Generator)) {
		return fmt.Errorf("%s already exists and is not a report; choose another --out", path)
	}
	return nil
}
