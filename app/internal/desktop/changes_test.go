package desktop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/session"
)

// What differs from the file is counted and listed, also after a start, and taken back one by one or all.
func TestChanges(t *testing.T) {
	app, dir := test.NewTempApp(t), t.TempDir()
	begin := func() (*opened, *session.Session) {
		s := session.New(session.Config{Dir: dir, Runs: 10})
		w := &opened{New(app, s, func([]byte) error { return nil }), t}
		w.win.Resize(fyne.NewSize(1280, 800))
		w.settle()
		return w, s
	}
	w, s := begin()
	if w.top.changes.Visible() {
		t.Errorf("before any change the chip says %q", w.top.changes.Text)
	}
	s.Set("uncertainty.budget", "0.05")
	s.Set("events.deal.stake", "0.2")
	if w.settle(); w.top.changes.Text != "2 changes" || !w.top.changes.Visible() {
		t.Errorf("after two changes the chip says %q", w.top.changes.Text)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	w, s = begin()
	t.Cleanup(func() { s.Close() })
	if w.top.changes.Text != "2 changes" || !w.top.changes.Visible() || w.snap.Undo != "" {
		t.Errorf("after a start the chip says %q, with %q to undo", w.top.changes.Text, w.snap.Undo)
	}
	dots := func() (all []string) {
		for _, row := range w.levers.rows {
			if row.group != "" && strings.Contains(row.heading, "●") {
				all = append(all, string(row.group))
			}
		}
		return all
	}
	if got := strings.Join(dots(), " "); got != "Deal Uncertainty" {
		t.Errorf("closed groups with changes are marked: %s", got)
	}
	list := changesOf(w.snap)
	if len(list) != 2 || list[0].text != "Budget spread (was 0): 0.05" || list[1].text != "Deal: Stake (was 0.49): 0.2" {
		t.Errorf("the list says %q", list)
	}
	w.listChanges()
	w.dialog().take(1)
	s.Reset("events.deal.stake")
	if w.settle(); w.top.changes.Text != "1 change" || strings.Join(dots(), " ") != "Uncertainty" {
		t.Errorf("with one taken back the chip says %q, and the groups %v are marked", w.top.changes.Text, dots())
	}
	if !strings.Contains(w.top.undo.help, "Take back Deal: Stake") {
		t.Errorf("undo says %q", w.top.undo.help)
	}
	s.Set("events.deal.stake", "0.2")
	s.ActFrom(true)
	s.Seek(30)
	s.Set("events.promise.credibility", "0.8")
	w.settle()
	if list := changesOf(w.snap); len(list) != 3 || !strings.HasSuffix(list[2].text, "0.8 from 14 Nov 2025") {
		t.Errorf("with a change from a week on the list says %q", list)
	}
	w.listChanges()
	w.dialog().take(0)
	if snap := w.settle(); len(snap.Changes)+len(snap.Interventions) > 0 || w.top.changes.Visible() {
		t.Errorf("with all taken back, %v and %v are left", snap.Changes, snap.Interventions)
	}
}

// A file that another program changed is noticed while it is open, and either text can be had.
func TestFileChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.toml")
	mine := openSource(t)
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(mine)
	w := open(t, path)
	notice := func(want bool) {
		t.Helper()
		w.await("the notice", func() bool {
			time.Sleep(10 * time.Millisecond)
			w.refresh(w.session.Snapshot())
			return w.news.root.Visible() == want
		})
	}
	if w.news.root.Visible() {
		t.Error("it begins with a notice")
	}
	theirs := strings.Replace(mine, "weeks = 104", "weeks = 90", 1)
	write(theirs)
	notice(true)
	if want := "mine.toml was changed by another program"; w.news.text.Text != want {
		t.Errorf("it says %q", w.news.text.Text)
	}
	w.session.KeepMine()
	if notice(false); w.snap.Weeks != 104 {
		t.Errorf("kept, the run has %d weeks", w.snap.Weeks)
	}
	write(strings.Replace(mine, "weeks = 104", "weeks = 80", 1))
	notice(true)
	w.session.Set("events.deal.stake", "0.2")
	w.session.Reload()
	if snap := w.settle(); snap.Weeks != 80 || len(snap.Changes) != 1 || w.news.root.Visible() {
		t.Errorf("reloaded, the run has %d weeks, with the changes %v", snap.Weeks, snap.Changes)
	}
	w.session.Undo()
	if snap := w.settle(); snap.Weeks != 104 {
		t.Errorf("with that undone, the run has %d weeks", snap.Weeks)
	}
}

// What is typed into a broken file stays as it was typed, however late the snapshots are.
func TestEditor(t *testing.T) {
	w := open(t, "meta-scale")
	w.session.Edit("title = \"x\"\nweeks =\n")
	snap := w.settle()
	if w.body.Objects[0] != w.problems.root {
		t.Fatal("a broken text is not shown")
	}
	if !w.levers.veil.Visible() {
		t.Error("the levers of a scenario that cannot run are bright")
	}
	if !w.problems.gutter.wrong[2] || len(w.problems.gutter.numbers) != 3 {
		t.Errorf("of %v the lines %v are marked", snap.Problems, w.problems.gutter.wrong)
	}
	text := w.problems.text
	w.win.Canvas().Focus(text)
	text.CursorRow, text.CursorColumn = 1, 7
	for _, letter := range " max_weeks" {
		text.TypedRune(letter)
		w.refresh(snap) // which does not have the letter yet
	}
	want := "title = \"x\"\nweeks = max_weeks\n"
	if text.Text != want {
		t.Errorf("what was typed is %q; want %q", text.Text, want)
	}
	if snap = w.settle(); text.Text != want || snap.Source != want {
		t.Errorf("at last it is %q, and the session has %q", text.Text, snap.Source)
	}
	w.session.Edit("weeks = other\n")
	if w.settle(); text.Text != "weeks = other\n" {
		t.Errorf("what another command made of the text is not shown: %q", text.Text)
	}
	w.session.Undo()
	if w.settle(); w.levers.veil.Visible() {
		t.Error("the levers of a scenario that runs again are dimmed")
	}
}

// Explanations go where what they explain does.
func TestExplanationsGo(t *testing.T) {
	w := open(t, "meta-scale")
	row := newLeverRow(w.session)
	w.body.Objects[0] = row
	l := w.snap.Levers[w.snap.Most[0]]
	row.set(l, "")
	row.name.explain()
	if explained.text() == "" {
		t.Fatal("nothing is explained")
	}
	if row.set(l, ""); explained.text() == "" {
		t.Error("the same lever anew takes the explanation away")
	}
	if row.set(w.snap.Levers[w.snap.Most[1]], ""); explained.text() != "" {
		t.Errorf("in the place of another lever it still explains %q", explained.text())
	}
	row.name.explain()
	first := explained.Objects[1].(*widget.Label)
	row.name.leave()
	row.name.explain()
	if explained.Objects[1] == fyne.CanvasObject(first) || !explained.Visible() {
		t.Error("an explanation is shown by a thing that was hidden")
	}
	w.tabs.SelectIndex(2)
	if explained.text() != "" {
		t.Error("it stays on another page")
	}
}

// text is what is explained; "" where nothing is.
func (e *explanation) text() string {
	if len(e.Objects) == 0 {
		return ""
	}
	return e.Objects[1].(*widget.Label).Text
}
