package desktop

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// choice is a button of a dialog.
type choice struct {
	title string
	do    func() // may be nil
}

// asked is a dialog that is open.
type asked struct {
	buttons []*widget.Button // in the order of the choices
	take    func(choice int)
}

// ask shows something until a choice is made. The first is what is expected, and made by Enter too; the last leaves
// all as it is, and is made by Escape too.
func (w *Window) ask(title string, content fyne.CanvasObject, size fyne.Size, choices ...choice) *asked {
	stopExplaining()
	d := dialog.NewCustomWithoutButtons(title, content, w.win)
	a := &asked{}
	a.take = func(i int) {
		if a.buttons[i].Disabled() || !slices.Contains(w.asking, a) {
			return
		}
		w.asking = slices.DeleteFunc(w.asking, func(b *asked) bool { return b == a })
		d.Hide()
		if choices[i].do != nil {
			choices[i].do()
		}
	}
	var shown []fyne.CanvasObject // the expected one at the right
	for i, c := range choices {
		b := widget.NewButton(c.title, func() { a.take(i) })
		if i == 0 {
			b.Importance = widget.HighImportance
		}
		a.buttons, shown = append(a.buttons, b), append([]fyne.CanvasObject{b}, shown...)
	}
	d.SetButtons(shown)
	w.asking = append(w.asking, a)
	d.Resize(size)
	d.Show()
	return a
}

// tell says something that is to be read.
func (w *Window) tell(title, text string) {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	w.ask(title, l, fyne.NewSize(460, 0), choice{"Close", nil})
}

// modal says whether a dialog or a menu has the keys.
func (w *Window) modal() bool { return w.win.Canvas().Overlays().Top() != nil }

// answer gives a key to the dialog on top, where no part of it has the focus.
func (w *Window) answer(key fyne.KeyName) {
	if len(w.asking) == 0 {
		return
	}
	a := w.asking[len(w.asking)-1]
	switch key {
	case fyne.KeyEscape:
		a.take(len(a.buttons) - 1)
	case fyne.KeyReturn, fyne.KeyEnter:
		a.take(0)
	}
}

// lastFolder is the key of the folder that something was last saved to.
const lastFolder = "folder"

// saveDialog asks for the path of what is to be saved: a file in one of some formats, or a folder where there are none.
// Nothing is touched before save is called, which is told whether the reader has seen that something is replaced.
func (w *Window) saveDialog(title, name string, formats []string, save func(path string, replace bool)) {
	preferences := fyne.CurrentApp().Preferences()
	folder := preferences.String(lastFolder)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		folder, _ = os.UserHomeDir()
	}
	if len(formats) > 0 {
		name += "." + formats[0]
	}
	var a *asked
	entry := newEntry()
	note := widget.NewLabel("")
	note.SizeName, note.Wrapping = theme.SizeNameCaptionText, fyne.TextWrapWord
	kinds := widget.NewRadioGroup(nil, nil)
	kinds.Horizontal = true
	path := func() string { return absolute(entry.Text, folder) }
	look := func(string) {
		is := lookAt(path(), formats)
		setText(note, is.note)
		if format := formatOf(path()); len(formats) > 1 && kinds.Selected != format {
			kinds.Selected = format
			kinds.Refresh()
		}
		if a == nil {
			return
		}
		button := a.buttons[0]
		if button.Text = "Save"; is.there {
			button.Text = "Replace"
		}
		if is.wrong {
			button.Disable()
		} else {
			button.Enable()
		}
		button.Refresh()
	}
	entry.OnChanged = look
	entry.OnSubmitted = func(string) { a.take(0) }
	entry.escape = func() { a.take(1) }
	kinds.Options = formats
	kinds.OnChanged = func(format string) {
		if old := formatOf(path()); format != "" && format != old {
			entry.SetText(strings.TrimSuffix(entry.Text, "."+old) + "." + format)
		}
	}
	browse := widget.NewButtonWithIcon("", theme.FolderOpenIcon(), func() {
		w.file(dialog.NewFolderOpen(func(at fyne.ListableURI, err error) {
			if err == nil && at != nil {
				entry.SetText(filepath.Join(at.Path(), filepath.Base(path())))
			}
		}, w.win))
	})
	content := container.NewVBox(container.NewBorder(nil, nil, nil, browse, entry))
	if len(formats) > 1 {
		content.Add(kinds)
	}
	content.Add(note)
	entry.SetText(fresh(filepath.Join(folder, name)))
	a = w.ask(title, content, fyne.NewSize(620, 0), choice{"Save", func() {
		preferences.SetString(lastFolder, filepath.Dir(path()))
		save(path(), lookAt(path(), formats).there)
	}}, choice{"Cancel", nil})
	look("")
	w.win.Canvas().Focus(entry)
	entry.CursorColumn = len([]rune(entry.Text))
	entry.Refresh()
}

// file shows a dialog of Fyne's for files.
func (w *Window) file(d *dialog.FileDialog) {
	a := &asked{buttons: []*widget.Button{widget.NewButton("", nil)}}
	a.take = func(int) { d.Dismiss() }
	w.asking = append(w.asking, a)
	d.SetOnClosed(func() { w.asking = slices.DeleteFunc(w.asking, func(b *asked) bool { return b == a }) })
	d.Resize(fyne.NewSize(760, 520))
	d.Show()
}

// sight is what there is at a path.
type sight struct {
	there bool // and would be replaced
	wrong bool // and nothing can be saved there
	note  string
}

func lookAt(path string, formats []string) sight {
	info, err := os.Stat(path)
	switch {
	case path == "":
		return sight{wrong: true, note: "Enter a file name."}
	case len(formats) > 0 && err == nil && info.IsDir():
		return sight{wrong: true, note: "This is a folder. Add a file name."}
	case len(formats) > 0 && !slices.Contains(formats, formatOf(path)):
		return sight{wrong: true, note: "The file name must end in ." + strings.Join(formats, ", .") + "."}
	case err == nil && !info.IsDir() && len(formats) == 0:
		return sight{wrong: true, note: "This is a file. Choose a new or empty folder."}
	case err == nil && info.IsDir():
		if inside, err := os.ReadDir(path); err != nil || len(inside) > 0 {
			return sight{there: true, note: "This folder already exists. Files with the same names in it will be replaced."}
		}
	case err == nil:
		return sight{there: true, note: "This file already exists and will be replaced."}
	case !errors.Is(err, fs.ErrNotExist):
		return sight{wrong: true, note: err.Error()}
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return sight{note: filepath.Dir(path) + " will be created."}
	}
	return sight{}
}

// formatOf is the ending of a path, without its dot.
func formatOf(path string) string {
	return strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
}

// absolute is the path that is meant by what was typed.
func absolute(text, folder string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	if rest, ok := strings.CutPrefix(text, "~"+string(filepath.Separator)); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(text) {
		return filepath.Clean(text)
	}
	return filepath.Join(folder, text)
}

// fresh is a path at which there is nothing yet: the one given, or one with a number.
func fresh(path string) string {
	format := filepath.Ext(path)
	for n, next := 2, path; n < 1000; n++ {
		if _, err := os.Stat(next); err != nil {
			return next
		}
		next = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, format), n, format)
	}
	return path
}
