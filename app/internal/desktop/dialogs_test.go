package desktop

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"exodus/app/internal/receipt"
	"exodus/app/internal/session"
)

// typing is the entry that has the keys.
func (w *opened) typing() *entry {
	w.t.Helper()
	switch e := w.win.Canvas().Focused().(type) {
	case *entry:
		return e
	case *valueEntry:
		return &e.entry
	}
	w.t.Fatalf("the keys are given to %T", w.win.Canvas().Focused())
	return nil
}

// dialog is the one that is open, or nil.
func (w *opened) dialog() *asked {
	if len(w.asking) == 0 {
		return nil
	}
	return w.asking[len(w.asking)-1]
}

// await waits for something that is done behind the window.
func (w *opened) await(what string, done func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("%s does not come", what)
		}
	}
}

// A figure is saved with two keys. What is there already is not touched before it was asked about, and never where it
// cannot be replaced whole.
func TestSaveFigure(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	w := open(t, "meta-scale")
	w.session.Choose("audited-firewall")
	w.settle()
	w.saveFigure()
	suggested := filepath.Join(home, "meta-scale-audited-firewall-share.svg")
	if got := w.typing().Text; got != suggested {
		t.Fatalf("it would be saved as %s", got)
	}
	for text, want := range map[string]string{"": "Enter a file name", home: "This is a folder", "~/mine.gif": "must end in .svg"} {
		w.typing().SetText(text)
		if a := w.dialog(); !a.buttons[0].Disabled() {
			t.Errorf("%q can be saved to; want %q", text, want)
		}
	}
	there := filepath.Join(home, "mine.png")
	if err := os.WriteFile(there, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	w.typing().SetText("mine.png")
	if a := w.dialog(); a.buttons[0].Disabled() || a.buttons[0].Text != "Replace" {
		t.Errorf("over another file the button says %q", a.buttons[0].Text)
	}
	w.typing().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if w.dialog() != nil || w.modal() {
		t.Fatal("Escape leaves the dialog open")
	}
	if content, _ := os.ReadFile(there); string(content) != "mine" {
		t.Errorf("a dialog that was left made %q of a file", content)
	}

	w.saveFigure()
	w.typing().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	w.await("the figure", func() bool { _, err := os.Stat(suggested); return err == nil })
	content, err := os.ReadFile(suggested)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := receipt.Extract(content); err != nil || r.Variant != "audited-firewall" {
		t.Errorf("the figure is of %+v (%v)", r, err)
	}
	w.await("the word of it", func() bool {
		return strings.HasPrefix(w.bottom.notice, "Saved meta-scale-audited-firewall-share.svg in ")
	})
	w.saveFigure()
	if got, want := w.typing().Text, strings.Replace(suggested, ".svg", "-2.svg", 1); got != want {
		t.Errorf("the next would be saved as %s; want %s", got, want)
	}
	w.dialog().take(1)
	w.session.Set("events.deal.stake", "0.3")
	if w.settle(); w.bottom.notice != "" {
		t.Errorf("after the next command it still says %q", w.bottom.notice)
	}

	// A folder in which nothing can be written: here, one that is a file.
	w.saveFigure()
	w.typing().SetText(filepath.Join(there, "figure.svg"))
	if runtime.GOOS == "windows" || !w.dialog().buttons[0].Disabled() {
		w.typing().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		w.await("the trouble", func() bool { return w.dialog() != nil })
	}
	if content, _ := os.ReadFile(there); string(content) != "mine" {
		t.Errorf("what could not be saved made %q of a file", content)
	}
}

// Where a value is being typed, the keys of the window do what they say, and have what was typed.
func TestKeys(t *testing.T) {
	w := open(t, "meta-scale")
	row := newLeverRow(w.session)
	w.tabs.Hide()
	w.body.Add(row)
	row.set(w.snap.Levers[w.snap.Most[0]], "")
	c := w.win.Canvas()
	c.Focus(row.entry)
	row.entry.SetText("0.2")
	row.entry.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyS, Modifier: fyne.KeyModifierControl})
	if w.dialog() == nil {
		t.Fatal("Ctrl S is lost where a value is typed")
	}
	w.dialog().take(1)
	if snap := w.settle(); len(snap.Changes) != 1 || snap.Changes[0].Value != "0.2" {
		t.Errorf("what was typed is not among %v", snap.Changes)
	}
	row.set(w.snap.Levers[w.snap.Most[0]], "")
	c.Focus(row.entry)
	row.entry.TypedShortcut(&fyne.ShortcutUndo{})
	if snap := w.settle(); len(snap.Changes) != 0 {
		t.Errorf("Ctrl Z in an entry in which nothing was typed leaves %v", snap.Changes)
	}
	row.set(w.snap.Levers[w.snap.Most[0]], "")
	c.Focus(row.entry)
	row.entry.SetText("7")
	row.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if snap := w.settle(); row.entry.Text != "0.49" || snap.Refused != nil || c.Focused() != nil {
		t.Errorf("after Escape the entry has %q", row.entry.Text)
	}

	c.Focus(row.slider)
	row.slider.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if snap := w.settle(); !snap.Playing {
		t.Error("space does not play after a lever was moved")
	}
	w.session.Pause()
	w.session.Seek(5)
	w.settle()
	row.slider.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	if snap := w.settle(); snap.Week != 5 || len(snap.Changes) != 1 {
		t.Errorf("an arrow on a lever leads to week %d, with the changes %v", snap.Week, snap.Changes)
	}

	// What was chosen with the pointer does not keep the keys.
	c.Focus(w.top.variant)
	w.top.variant.SetSelected("Audited firewall")
	if w.settle(); c.Focused() != nil {
		t.Errorf("after a variant was chosen the keys are those of %T", c.Focused())
	}
	w.bottom.from.OnChanged(fromThisWeek)
	w.settle()
	w.feed.list.OnSelected(0)
	if w.settle(); c.Focused() != nil {
		t.Errorf("after a line of the feed the keys are those of %T", c.Focused())
	}

	// While there is a dialog, the keys are its own.
	w.tell("Something", "is so.")
	c.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeySpace})
	if snap := w.settle(); snap.Playing {
		t.Error("behind a dialog it begins to play")
	}
	c.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if w.dialog() != nil {
		t.Error("Escape leaves what was told")
	}
}

// From the search, the keys alone lead to a lever, and its value is typed over.
func TestLeverByKeys(t *testing.T) {
	w := open(t, "meta-scale")
	w.win.Canvas().Focus(w.levers.search)
	w.levers.search.SetText("firewall cred")
	w.levers.search.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	for _, r := range "0.6" {
		w.typing().TypedRune(r)
	}
	w.typing().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if snap := w.settle(); len(snap.Changes) != 1 || snap.Changes[0] != (session.Change{Path: "events.promise.credibility", Value: "0.6"}) {
		t.Errorf("the changes are %v", snap.Changes)
	}
}

// Names that were hidden and are no longer there do not stand in the way of saving.
func TestHiddenElsewhere(t *testing.T) {
	w := open(t, "meta-scale")
	share := w.pages[0].(*sharePage)
	share.chips.root.Objects[1].(*chip).Tapped(nil)
	if got := share.saving(w.snap).options.Hide; len(got) != 1 || got[0] != "Surge" {
		t.Errorf("hidden is %v", got)
	}
	w.session.Open("template")
	w.settle()
	if got := share.saving(w.snap).options.Hide; len(got) != 0 {
		t.Errorf("in another market hidden is %v", got)
	}
	if _, err := share.saving(w.snap).write(t.Context(), w.snap, "svg"); err != nil {
		t.Error(err)
	}
}

// A file that somebody else changed is replaced, opened or left, as one is asked; what differs is to be seen.
func TestConflict(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.toml")
	source := openSource(t)
	if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	w := open(t, path)
	w.session.Set("events.deal.stake", "0.2")
	w.settle()
	theirs := strings.Replace(source, "weeks = 104", "weeks = 80", 1)
	if err := os.WriteFile(path, []byte(theirs), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := w.session.Save("", false)
	var c *session.Conflict
	if !errors.As(err, &c) || !bytes.Contains(c.Theirs, []byte("weeks = 80")) || !bytes.Contains(c.Mine, []byte("stake = 0.2")) {
		t.Fatalf("saving says %v", err)
	}
	w.settleConflict("", c)
	w.dialog().take(3)
	if content, _ := os.ReadFile(path); string(content) != theirs {
		t.Error("cancelled, the file is another")
	}
	w.settleConflict("", c)
	w.dialog().take(2)
	if snap := w.settle(); snap.Weeks != 80 {
		t.Errorf("theirs has %d weeks", snap.Weeks)
	}
	w.session.Undo()
	w.settle()
	w.settleConflict("", c)
	w.dialog().take(1)
	w.await("mine", func() bool {
		content, _ := os.ReadFile(path)
		return bytes.Contains(content, []byte("stake = 0.2")) && bytes.Contains(content, []byte("weeks = 104"))
	})
}

// What is not done is told: of what was to be opened in a dialog, of a number where it was typed, and of a value that
// could be, but not now, at the bottom.
func TestRefusedTold(t *testing.T) {
	w := open(t, "meta-scale")
	before := w.snap
	for name, content := range map[string]string{"picture.png": "\x89PNG\r\n\x1a\n\x00\xff", "zeros.toml": "weeks = 3\x00"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		w.open(path)
		if snap := w.settle(); w.dialog() == nil || snap.Name != before.Name || len(snap.Problems) > 0 {
			t.Fatalf("%s is opened as %s, with a dialog: %t", name, snap.Name, w.dialog() != nil)
		}
		w.dialog().take(0)
		if w.settle(); w.dialog() != nil {
			t.Error("it is told twice")
		}
	}
	for e, want := range map[*valueEntry]string{w.top.runs: "1 to 10,000 are possible", w.top.seed: "a whole number from 0"} {
		e.OnSubmitted("lots")
		if w.settle(); !strings.Contains(explained.text(), want) {
			t.Errorf("of lots it says %q; want %q", explained.text(), want)
		}
		e.OnSubmitted("20")
		if w.settle(); explained.text() != "" {
			t.Errorf("after 20 it still says %q", explained.text())
		}
	}
	w.session.ActFrom(true)
	w.session.Set("events.deal.stake", "0.3")
	w.settle()
	if row := w.row("events.deal.stake"); !strings.Contains(row.caption.Text, "see the message at the bottom") || !w.bottom.trouble || !strings.Contains(w.bottom.status.Text, "the run has ended") {
		t.Errorf("at the end it says %q, and below %q", row.caption.Text, w.bottom.status.Text)
	}
	w.session.Seek(20)
	if w.settle(); strings.Contains(w.bottom.status.Text, "the run has ended") {
		t.Error("after another command it still says that the run has ended")
	}
}

// A broken text that would take the window minutes to draw is told of, and stays as it is.
func TestTextTooLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.toml")
	text := "title = \"" + strings.Repeat("long ", 100_000) + "\"\nweeks = \n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	w := open(t, "meta-scale")
	w.open(path)
	snap := w.settle()
	if len(snap.Problems) == 0 || !w.problems.text.Disabled() || len(w.problems.text.Text) > 200 || snap.Source != text {
		t.Fatalf("%d problems, a text of %d letters for one of %d", len(snap.Problems), len(w.problems.text.Text), len(snap.Source))
	}
	w.session.Undo()
	w.session.Edit("weeks = \n")
	if snap = w.settle(); w.problems.text.Disabled() || w.problems.text.Text != snap.Source {
		t.Errorf("a short text is shown as %q", w.problems.text.Text)
	}
}

// What was opened before is offered again, each file by a name of its own.
func TestRecent(t *testing.T) {
	w := open(t, "meta-scale")
	source := []byte(openSource(t))
	var paths []string
	for range 2 {
		path := filepath.Join(t.TempDir(), "mine.toml")
		if err := os.WriteFile(path, source, 0o644); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
		w.open(path)
		w.settle()
	}
	if w.top.scenario.Selected != "mine.toml" || w.snap.File != paths[1] {
		t.Fatalf("%s is shown as %s", w.snap.File, w.top.scenario.Selected)
	}
	w.top.scenario.SetSelected(paths[0])
	if snap := w.settle(); snap.File != paths[0] || w.top.scenario.Selected != "mine.toml" {
		t.Errorf("chosen among %v, %s is shown as %s", w.top.scenario.Options, snap.File, w.top.scenario.Selected)
	}
	if err := os.Remove(paths[1]); err != nil {
		t.Fatal(err)
	}
	w.top.scenario.SetSelected(paths[1])
	if snap := w.settle(); w.dialog() == nil || snap.File != paths[0] || w.top.scenario.Selected != "mine.toml" {
		t.Errorf("a file that is gone is opened as %s, and %s is shown", snap.File, w.top.scenario.Selected)
	}
}
