package desktop

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/session"
	"exodus/scenarios/words"
)

// changed is an input that differs from the file, and how.
type changed struct{ path, text string }

// changesOf are the inputs that differ from the file, from the start or from a week on.
func changesOf(snap *session.Snapshot) (all []changed) {
	add := func(path, how string) {
		for i := range all {
			if all[i].path == path {
				all[i].text += ", " + how
				return
			}
		}
		title, was := path, ""
		for i := range snap.Levers {
			if l := &snap.Levers[i]; l.Path == path {
				if title = l.Title; l.Of != "" && !strings.Contains(title, l.Of) {
					title = l.Of + ": " + title
				}
				was = " (was " + l.Write(l.InFile) + ")"
			}
		}
		all = append(all, changed{path, title + was + ": " + how})
	}
	for _, c := range snap.Changes {
		add(c.Path, c.Value)
	}
	for _, i := range snap.Interventions {
		how := i.Value + " from "
		if snap.World != nil {
			how += words.Date(snap.World.Scenario.Date(i.Week))
		} else {
			how += "week " + words.Count(i.Week)
		}
		add(i.Path, how)
	}
	return all
}

// changesChip counts what differs from the file; a tap lists it.
type changesChip struct{ widget.Button }

func newChangesChip(tapped func()) *changesChip {
	c := &changesChip{}
	c.OnTapped, c.Importance = tapped, widget.WarningImportance
	c.ExtendBaseWidget(c)
	c.Hide()
	return c
}

// count shows a number of changes, and says whether the chip has come or gone.
func (c *changesChip) count(n int) (moved bool) {
	if moved = c.Hidden != (n == 0); moved {
		c.Hidden = n == 0
	}
	if text := words.Counted(n, "change"); c.Text != text {
		c.SetText(text)
	}
	return moved
}

// listChanges lists what differs from the file, to be taken back one by one, or all.
func (w *Window) listChanges() {
	if w.snap == nil {
		return
	}
	lines := container.NewVBox()
	for _, c := range changesOf(w.snap) {
		text := widget.NewLabel(c.text)
		text.Truncation = fyne.TextTruncateEllipsis
		var back *widget.Button
		back = widget.NewButtonWithIcon("Take back", theme.ContentUndoIcon(), func() {
			w.session.Reset(c.path)
			back.Disable()
			text.Importance = widget.LowImportance
			text.Refresh()
		})
		lines.Add(container.NewBorder(nil, nil, nil, back, text))
	}
	w.ask("Changes from the file", container.NewVScroll(lines), fyne.NewSize(560, min(480, 130+34*float32(len(lines.Objects)))),
		choice{"Take back all", w.session.ResetAll}, choice{"Close", nil})
}

// fileNotice says that another program has changed the file, until it is said what is to become of that.
type fileNotice struct {
	root *fyne.Container
	text *widget.Label
}

func newFileNotice(s *session.Session) *fileNotice {
	n := &fileNotice{text: widget.NewLabel("")}
	n.text.Truncation, n.text.Importance = fyne.TextTruncateEllipsis, widget.WarningImportance
	n.root = container.NewBorder(nil, nil, nil, container.NewHBox(widget.NewButton("Reload", s.Reload), widget.NewButton("Keep mine", s.KeepMine)), n.text)
	n.root.Hide()
	return n
}

// show says it of a file, and whether the notice has come or gone.
func (n *fileNotice) show(file string, changed bool) (moved bool) {
	if moved = n.root.Hidden == changed; moved {
		n.root.Hidden = !changed
	}
	setText(n.text, file+" was changed by another program")
	return moved
}
