package desktop

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/figure"
	"exodus/app/internal/session"
	"exodus/scenarios/words"
)

// flowsPage shows who moved what from whom to whom, up to the week of the timeline.
type flowsPage struct {
	root  fyne.CanvasObject
	chart *chart
	said  *widget.Label
}

func newFlowsPage(*Window) *flowsPage {
	p := &flowsPage{chart: newChart(nil, nil), said: widget.NewLabel("")}
	p.said.SizeName, p.said.Truncation = theme.SizeNameCaptionText, fyne.TextTruncateEllipsis
	p.root = container.NewBorder(nil, p.said, nil, nil, p.chart)
	return p
}

func (p *flowsPage) object() fyne.CanvasObject { return p.root }

func (p *flowsPage) saving(snap *session.Snapshot) saving {
	return saving{"flows", figure.Options{Week: dealWeek(snap)}}
}

// dealWeek is the week of the timeline as figures count it.
func dealWeek(snap *session.Snapshot) *int {
	week := snap.World.Scenario.Since(snap.Shown())
	return &week
}

// of: what is moved from one to another is moved in one run.
func (p *flowsPage) of(snap *session.Snapshot) string { return "Flows are of " + snap.View.RunTitle() }

func (p *flowsPage) refresh(snap *session.Snapshot) {
	from, to := flowWeeks(snap)
	date := snap.World.Scenario.Date
	setText(p.said, fmt.Sprintf("From the week of %s to that of %s (drag the timeline to change the period)", words.LongDate(date(from)), words.LongDate(date(to))))
	p.chart.show(p.saving(snap).drawing(snap))
}

func (p *flowsPage) follow(w *Window) func(*session.Snapshot, func()) {
	how := p.saving(w.snap)
	p.chart.hold()
	return func(snap *session.Snapshot, told func()) { p.chart.follow(how.drawing(snap), told) }
}

// flowWeeks are the weeks that flows are shown between: the one before the event, and the last that has gone by.
func flowWeeks(snap *session.Snapshot) (from, to int) {
	from = max(0, snap.World.Scenario.WeekAt(-1))
	return from, max(min(from+1, snap.Weeks-1), snap.Shown())
}
