package desktop

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/session"
)

// viewBar chooses which runs the pages show, and says which the page in sight does.
type viewBar struct {
	root    fyne.CanvasObject
	which   *widget.RadioGroup
	run     *valueEntry
	says    *widget.Label
	snap    *session.Snapshot
	binding bool
}

const median, oneRun = "median of the runs", "one run:"

func newViewBar(s *session.Session) *viewBar {
	v := &viewBar{says: widget.NewLabel("")}
	v.which = newChoice([]string{median, oneRun}, func(choice string) {
		switch {
		case v.binding:
		case choice == median:
			s.ShowMedian()
		default:
			s.ShowOneRun()
		}
	})
	v.run = newValueEntry(func(text string) {
		if !v.binding && v.snap != nil && (text != runText(v.snap) || !v.snap.View.OneRun) {
			s.ShowRun(text)
		}
	}, func() string { return runText(v.snap) })
	v.says.SizeName, v.says.Truncation = theme.SizeNameCaptionText, fyne.TextTruncateEllipsis
	v.says.Importance, v.says.Alignment = widget.LowImportance, fyne.TextAlignTrailing
	help := newSmallHint("?", "Median of the runs: every number is the median over all runs, with 90% intervals. One run: every number is of the same run: "+
		"the deterministic one, which has no random variation, or one by its number under the seed, from 0.")
	v.root = container.NewBorder(nil, nil, container.NewHBox(v.which, container.New(fixed{104}, v.run), container.NewCenter(help)), nil, v.says)
	return v
}

func runText(snap *session.Snapshot) string {
	if snap.View.Run == session.Deterministic {
		return "deterministic"
	}
	return strconv.Itoa(snap.View.Run)
}

// refresh shows which runs are chosen; says is what the page in sight shows.
func (v *viewBar) refresh(snap *session.Snapshot, says string) {
	v.binding = true
	defer func() { v.binding = false }()
	v.snap = snap
	choice := median
	if snap.View.OneRun {
		choice = oneRun
	}
	if v.which.Selected != choice {
		v.which.Selected = choice
		v.which.Refresh()
	}
	v.run.give(runText(snap), true)
	setText(v.says, says)
}
