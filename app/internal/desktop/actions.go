package desktop

import (
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
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/report"
	"exodus/app/internal/session"
	"exodus/app/internal/store"
)

// shortcuts are the keys of the window: those that every program has, and those of a player.
func (w *Window) shortcuts() {
	s, c := w.session, w.win.Canvas()
	key := func(name fyne.KeyName, modifier fyne.KeyModifier, do func()) {
		c.AddShortcut(&desktop.CustomShortcut{KeyName: name, Modifier: modifier}, func(fyne.Shortcut) { do() })
	}
	key(fyne.KeyO, fyne.KeyModifierShortcutDefault, w.openDialog)
	key(fyne.KeyS, fyne.KeyModifierShortcutDefault, func() { w.save("", false) })
	key(fyne.KeyE, fyne.KeyModifierShortcutDefault, w.saveFigure)
	c.AddShortcut(&fyne.ShortcutUndo{}, func(fyne.Shortcut) { s.Undo() }) // Ctrl Z and Y, where no text is edited
	c.AddShortcut(&fyne.ShortcutCopy{}, func(fyne.Shortcut) { w.copyFigure() })
	c.AddShortcut(&fyne.ShortcutRedo{}, func(fyne.Shortcut) { s.Redo() })
	key(fyne.KeyZ, fyne.KeyModifierShortcutDefault|fyne.KeyModifierShift, s.Redo)
	key(fyne.KeyF, fyne.KeyModifierShortcutDefault, func() { c.Focus(w.levers.search) })
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
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

// failed says that something was not done, and why.
func (w *Window) failed(err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		dialog.ShowError(err, w.win)
	}
}

// behind does something that takes a while, and then says how it went.
func (w *Window) behind(what string, do func() error) {
	go func() {
		err := do()
		fyne.Do(func() {
			if err != nil {
				w.failed(err)
				return
			}
			w.bottom.status.SetText(what)
		})
	}()
}

// open opens a scenario; changes that were not saved are asked about.
func (w *Window) open(name string) {
	if w.snap == nil || !w.snap.Dirty {
		w.session.Open(name)
		return
	}
	dialog.ShowConfirm("Changes are not saved", "Open "+filepath.Base(name)+" and let the changes go? Undo brings them back.", func(yes bool) {
		if yes {
			w.session.Open(name)
		} else {
			w.top.refresh(w.snap)
		}
	}, w.win)
}

func (w *Window) openDialog() { w.chooseScenario(w.open) }

// chooseScenario asks for the file of a scenario.
func (w *Window) chooseScenario(then func(path string)) {
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if err != nil || r == nil {
			w.failed(err)
			return
		}
		r.Close()
		then(r.URI().Path())
	}, w.win)
	d.SetFilter(storage.NewExtensionFileFilter([]string{".toml"}))
	d.Show()
}

// saveMenu offers what can be saved.
func (w *Window) saveMenu(below fyne.CanvasObject) {
	menu := fyne.NewMenu("",
		fyne.NewMenuItem("Figure as shown...   Ctrl E", w.saveFigure),

		fyne.NewMenuItem("Copy the figure   Ctrl C", w.copyFigure),
		fyne.NewMenuItem("Report...", w.saveReport),
		fyne.NewMenuItem("Data of this run...", func() { w.saveInto("data", w.exportRun) }),
		fyne.NewMenuItem("Data of all runs...", func() {
			w.saveInto("runs", func(dir string, _ bool) error { return w.session.ExportRuns(context.Background(), dir) })
		}),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Scenario with changes   Ctrl S", func() { w.save("", false) }),
		fyne.NewMenuItem("Scenario as...", w.saveAs))
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(below)
	widget.ShowPopUpMenuAtPosition(menu, w.win.Canvas(), at.AddXY(-140, below.Size().Height))
}

// saveFigure saves the figure of the page, in the format of the name that is chosen for it.
func (w *Window) saveFigure() {
	if w.snap == nil || w.snap.World == nil {
		return
	}
	snap, figure := w.snap, w.page().saving(w.snap)
	d := dialog.NewFileSave(func(out fyne.URIWriteCloser, err error) {
		if err != nil || out == nil {
			w.failed(err)
			return
		}
		out.Close()
		path := out.URI().Path()
		w.behind("Saved "+path, func() error {
			format := strings.TrimPrefix(filepath.Ext(path), ".")
			if format == "" {
				format, path = "svg", path+".svg"
			}
			content, err := figure.write(context.Background(), w.session, snap, format)
			if err != nil {
				return err
			}
			return store.ReplaceFile(path, content)
		})
	}, w.win)
	d.SetFileName(snap.World.Scenario.Name + "-" + figure.kind + ".svg")
	d.SetTitleText("Save the figure as .svg, .pdf, .png or .tex")
	d.Show()
}

// saveReport writes what the market comes to as a page for those who have not the program.
func (w *Window) saveReport() {
	if w.snap == nil || w.snap.World == nil {
		return
	}
	d := dialog.NewFileSave(func(out fyne.URIWriteCloser, err error) {
		if err != nil || out == nil {
			w.failed(err)
			return
		}
		out.Close()
		path := out.URI().Path()
		w.behind("Saved "+path, func() error { return writeReport(context.Background(), w.session, path) })
	}, w.win)
	d.SetFileName(w.snap.World.Scenario.Name + "-" + report.Name)
	d.Show()
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
	if w.snap == nil || w.snap.World == nil {
		return
	}
	snap, figure := w.snap, w.page().saving(w.snap)
	w.behind("Copied", func() error {
		content, err := figure.write(context.Background(), w.session, snap, "png")
		if err != nil {
			return err
		}
		return w.copy(content)
	})
}

// saveInto asks for a directory, and has something written into a new one there.
func (w *Window) saveInto(name string, write func(dir string, force bool) error) {
	if w.snap == nil || w.snap.World == nil {
		return
	}
	d := dialog.NewFolderOpen(func(at fyne.ListableURI, err error) {
		if err != nil || at == nil {
			w.failed(err)
			return
		}
		dir := filepath.Join(at.Path(), w.snap.World.Scenario.Name+"-"+name)
		w.behind("Saved "+dir, func() error { return write(dir, false) })
	}, w.win)
	d.Show()
}

func (w *Window) exportRun(dir string, force bool) error {
	return w.session.Export(context.Background(), dir, force)
}

func (w *Window) saveAs() {
	d := dialog.NewFileSave(func(out fyne.URIWriteCloser, err error) {
		if err != nil || out == nil {
			w.failed(err)
			return
		}
		out.Close()
		w.save(out.URI().Path(), true)
	}, w.win)
	d.SetFileName("mine.toml")
	d.Show()
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
				w.settle(path, conflict)
			case err != nil:
				w.failed(err)
			case len(left) > 0:
				dialog.ShowInformation("Saved", fmt.Sprintf("Saved, but for %d changes from a week on, which a scenario cannot state.", len(left)), w.win)
			default:
				w.bottom.status.SetText("Saved")
			}
		})
	}()
}

// settle asks what is to become of a file that somebody else changed.
func (w *Window) settle(path string, c *session.Conflict) {
	text := widget.NewLabel(c.Error())
	text.Wrapping = fyne.TextWrapWord
	mine := widget.NewMultiLineEntry()
	mine.SetText(w.snap.Source)
	mine.Disable()
	var d *dialog.CustomDialog
	choose := func(title string, do func()) *widget.Button {
		return widget.NewButton(title, func() {
			d.Hide()
			do()
		})
	}
	buttons := []fyne.CanvasObject{
		choose("Keep mine", func() { w.save(path, true) }),
		choose("Reload theirs", func() { w.session.Open(w.snap.File) }),
		choose("Save mine elsewhere", w.saveAs),
		choose("Cancel", func() {}),
	}
	d = dialog.NewCustomWithoutButtons("The file was changed by somebody else", container.NewBorder(text, nil, nil, nil, mine), w.win)
	d.SetButtons(buttons)
	d.Resize(fyne.NewSize(640, 420))
	d.Show()
}
