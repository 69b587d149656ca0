package desktop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	"github.com/rogpeppe/go-internal/diff"

	"exodus/app/internal/figure"
	"exodus/app/internal/report"
	"exodus/app/internal/session"
	"exodus/app/internal/store"
	"exodus/scenarios/words"
)

// shortcuts are the keys of the window: those that every program has, and those of a player.
func (w *Window) shortcuts() {
	s, c := w.session, w.win.Canvas()
	free := func(do func()) func(fyne.Shortcut) { // while there is a dialog, keys are the dialog's
		return func(fyne.Shortcut) {
			if !w.modal() {
				do()
			}
		}
	}
	key := func(name fyne.KeyName, modifier fyne.KeyModifier, do func()) {
		c.AddShortcut(&desktop.CustomShortcut{KeyName: name, Modifier: modifier}, free(do))
	}
	key(fyne.KeyO, fyne.KeyModifierShortcutDefault, w.openDialog)
	key(fyne.KeyS, fyne.KeyModifierShortcutDefault, func() { w.save("", false) })
	key(fyne.KeyE, fyne.KeyModifierShortcutDefault, w.saveFigure)
	c.AddShortcut(&fyne.ShortcutUndo{}, free(s.Undo)) // Ctrl Z and Y, where no text is edited
	c.AddShortcut(&fyne.ShortcutCopy{}, free(w.copyFigure))
	c.AddShortcut(&fyne.ShortcutRedo{}, free(s.Redo))
	key(fyne.KeyZ, fyne.KeyModifierShortcutDefault|fyne.KeyModifierShift, s.Redo)
	key(fyne.KeyF, fyne.KeyModifierShortcutDefault, func() { c.Focus(w.levers.search) })
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		if w.modal() {
			w.answer(e.Name)
			return
		}
		switch e.Name {
		case fyne.KeySpace:
			w.bottom.toggle()
		case fyne.KeyLeft:
			s.Step(-1)
		case fyne.KeyRight:
			s.Step(1)
		case fyne.KeyHome:
			s.Seek(0)
		case fyne.KeyEnd:
			s.Seek(1 << 20)
		case fyne.KeyPageUp, fyne.KeyPageDown:
			n := len(w.tabs.Items)
			step := 1
			if e.Name == fyne.KeyPageUp {
				step = n - 1
			}
			w.tabs.SelectIndex((w.tabs.SelectedIndex() + step) % n)
		case fyne.KeyEscape:
			s.Cancel()
		}
	})
}

// failed says what could not be done, and why.
func (w *Window) failed(what string, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		w.tell(what, err.Error())
	}
}

// behind does something that takes a while, and then says how it went.
func (w *Window) behind(doing, done, failed string, do func() error) {
	w.bottom.say(doing + "...")
	go func() {
		err := do()
		fyne.Do(func() {
			if err != nil {
				w.bottom.say("")
				w.failed(failed, err)
				return
			}
			w.bottom.say(done)
		})
	}()
}

// saved says where something is now, its name first.
func saved(path string) string { return "Saved " + filepath.Base(path) + " in " + filepath.Dir(path) }

// open opens a scenario; changes that were not saved are asked about.
func (w *Window) open(name string) {
	if w.snap == nil || !w.snap.Dirty {
		w.session.Open(name)
		return
	}
	w.top.refresh(w.snap) // until it is opened
	text := widget.NewLabel("You have unsaved changes. Undo brings them back.")
	text.Wrapping = fyne.TextWrapWord
	w.ask("Open "+filepath.Base(name)+"?", text, fyne.NewSize(420, 0),
		choice{"Open", func() { w.session.Open(name) }}, choice{"Save first...", func() { w.save("", false) }}, choice{"Cancel", nil})
}

func (w *Window) openDialog() { w.chooseScenario(w.open) }

// chooseScenario asks for the file of a scenario.
func (w *Window) chooseScenario(then func(path string)) {
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if err != nil || r == nil {
			w.failed("Couldn't open the file", err)
			return
		}
		r.Close()
		then(r.URI().Path())
	}, w.win)
	d.SetFilter(storage.NewExtensionFileFilter([]string{".toml"}))
	w.file(d)
}

// saveMenu offers what can be saved.
func (w *Window) saveMenu(below fyne.CanvasObject) {
	item := func(title string, key fyne.KeyName, do func()) *fyne.MenuItem {
		if key != "" { // a shortcut of its own Fyne draws too pale to be read
			title += "   (Ctrl " + string(key) + ")"
		}
		return fyne.NewMenuItem(title, do)
	}
	menu := fyne.NewMenu("",
		item("Figure as shown...", fyne.KeyE, w.saveFigure),
		item("Copy the figure", fyne.KeyC, w.copyFigure),
		item("Report (HTML)...", "", w.saveReport),
		fyne.NewMenuItemSeparator(),
		item("Data of this run (CSV)...", "", w.saveRun),
		item("Data of all runs (Parquet)...", "", w.saveRuns),
		fyne.NewMenuItemSeparator(),
		item("Save scenario", fyne.KeyS, func() { w.save("", false) }),
		item("Save scenario as...", "", w.saveAs))
	pop := widget.NewPopUpMenu(menu, w.win.Canvas())
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(below)
	pop.ShowAtPosition(at.AddXY(below.Size().Width-pop.MinSize().Width, below.Size().Height))
	w.win.Canvas().Focus(pop)
}

// named is what something of the market on show is called unless told otherwise.
func (w *Window) named(what string) string {
	name := w.snap.World.Scenario.Name
	if w.snap.Variant != "" {
		name += "-" + w.snap.Variant
	}
	return words.FileName(name, "-"+what)
}

func (w *Window) empty() bool { return w.snap == nil || w.snap.World == nil }

// saveFigure saves the figure of the page, in the format of the name that is chosen for it.
func (w *Window) saveFigure() {
	if w.empty() {
		return
	}
	snap, f := w.snap, w.page().saving(w.snap)
	w.saveDialog("Save the figure", w.named(f.kind), figure.Formats, func(path string, _ bool) {
		w.behind("Drawing "+filepath.Base(path), saved(path), "Couldn't save the figure", func() error {
			content, err := f.write(context.Background(), snap, formatOf(path))
			if err != nil {
				return err
			}
			return store.ReplaceFile(path, content)
		})
	})
}

// saveReport writes the results as a page that opens in any browser.
func (w *Window) saveReport() {
	if w.empty() {
		return
	}
	w.saveDialog("Save a report that opens in any browser", w.named("report"), []string{"html"}, func(path string, _ bool) {
		w.behind("Writing "+filepath.Base(path), saved(path), "Couldn't save the report", func() error { return writeReport(context.Background(), w.session, path) })
	})
}

// writeReport runs all runs once more, as a study that the report can name.
func writeReport(ctx context.Context, s *session.Session, path string) error {
	return withStudy(ctx, s, func(from *store.Results) error {
		content, err := report.Write(ctx, from)
		if err != nil {
			return err
		}
		return store.ReplaceFile(path, content)
	})
}

// copyFigure puts the figure of the page on the clipboard.
func (w *Window) copyFigure() {
	if w.empty() {
		return
	}
	snap, f := w.snap, w.page().saving(w.snap)
	w.behind("Copying", "The figure is on the clipboard", "Couldn't copy the figure", func() error {
		content, err := f.write(context.Background(), snap, "png")
		if err != nil {
			return err
		}
		return w.copy(content)
	})
}

// saveRun exports the run that is shown.
func (w *Window) saveRun() {
	if w.empty() {
		return
	}
	w.saveDialog("Save the data of this run as tables in a folder", w.named("data"), nil, func(dir string, replace bool) {
		w.behind("Writing "+filepath.Base(dir), saved(dir), "Couldn't save the data", func() error { return w.session.Export(context.Background(), dir, replace) })
	})
}

// saveRuns exports all runs.
func (w *Window) saveRuns() {
	if w.empty() {
		return
	}
	w.saveDialog("Save the data of all runs as a study in a folder", w.named("runs"), nil, func(dir string, _ bool) {
		w.behind("Writing "+filepath.Base(dir), saved(dir), "Couldn't save the data", func() error { return w.session.ExportRuns(context.Background(), dir) })
	})
}

func (w *Window) saveAs() {
	name := "mine"
	if w.snap.File != "" {
		name = strings.TrimSuffix(filepath.Base(w.snap.File), ".toml")
	}
	w.saveDialog("Save the scenario", name, []string{"toml"}, func(path string, replace bool) { w.save(path, replace) })
}

// save saves the scenario with its changes. A built-in one needs a file of its own.
func (w *Window) save(path string, force bool) {
	if w.snap == nil {
		return
	}
	if path == "" && w.snap.File == "" {
		w.saveAs()
		return
	}
	go func() {
		left, err := w.session.Save(path, force)
		fyne.Do(func() {
			var conflict *session.Conflict
			switch {
			case errors.As(err, &conflict):
				w.settleConflict(path, conflict)
			case err != nil:
				w.failed("Couldn't save the scenario", err)
			case len(left) > 0:
				w.tell("Partly saved", fmt.Sprintf("Changes made mid-run are kept in this session only: %s.", words.Counted(len(left), "change")))
			default:
				w.bottom.say(saved(w.session.Snapshot().File))
			}
		})
	}()
}

// settleConflict asks what is to become of a file that somebody else changed.
func (w *Window) settleConflict(path string, c *session.Conflict) {
	head := widget.NewLabel(c.Path + " was changed on disk since it was opened. Lines with - are in the file now; lines with + would replace them.")
	head.Wrapping = fyne.TextWrapWord
	lines := diff.Diff("the file", c.Theirs, "this session", c.Mine)
	if at := bytes.Index(lines, []byte("\n@@")); at >= 0 {
		lines = lines[at+1:]
	}
	changes := widget.NewLabel(string(lines))
	changes.TextStyle.Monospace, changes.SizeName = true, theme.SizeNameCaptionText
	w.ask("The file was changed by another program", container.NewBorder(head, nil, nil, nil, container.NewScroll(changes)), fyne.NewSize(760, 460),
		choice{"Save mine elsewhere...", w.saveAs},
		choice{"Replace theirs with mine", func() { w.save(path, true) }},
		choice{"Open theirs", func() { w.session.Open(c.Path) }},
		choice{"Cancel", nil})
}
