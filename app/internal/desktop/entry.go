package desktop

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// entry is a line of text that leaves to the window the keys that are the window's.
type entry struct {
	widget.Entry
	self   fyne.CanvasObject // as a canvas knows it: this entry, or what extends it
	escape func()            // may be nil
	idle   func() bool       // whether there is nothing in it to undo; nil where there may be
}

func newEntry() *entry {
	e := &entry{}
	e.extend(e)
	return e
}

func (e *entry) extend(self fyne.Widget) {
	e.self = self
	e.ExtendBaseWidget(self)
}

func (e *entry) TypedKey(key *fyne.KeyEvent) {
	if key.Name == fyne.KeyEscape && e.escape != nil {
		e.escape()
		return
	}
	e.Entry.TypedKey(key)
}

// TypedShortcut gives Ctrl S and its like to the window, and Ctrl Z too where nothing was typed.
func (e *entry) TypedShortcut(s fyne.Shortcut) {
	forWindow := false
	switch s := s.(type) {
	case *desktop.CustomShortcut:
		forWindow = len(s.KeyName) == 1 // letters; the others move the cursor
	case *fyne.ShortcutUndo, *fyne.ShortcutRedo:
		forWindow = e.idle != nil && e.idle()
	}
	if c, ok := fyne.CurrentApp().Driver().CanvasForObject(e.self).(fyne.Shortcutable); ok && forWindow {
		c.TypedShortcut(s)
		return
	}
	e.Entry.TypedShortcut(s)
}

// newChoice is a choice of one of some words, the first unless told otherwise. Once it is made, the keys are the
// window's again.
func newChoice(words []string, changed func(word string)) *widget.RadioGroup {
	r := widget.NewRadioGroup(words, nil)
	r.Horizontal, r.Required = true, true
	if len(words) > 0 {
		r.Selected = words[0]
	}
	r.OnChanged = func(word string) {
		unfocus(r)
		changed(word)
	}
	return r
}

// unfocus gives the keys back to the window.
func unfocus(o fyne.CanvasObject) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil {
		c.Unfocus()
	}
}
