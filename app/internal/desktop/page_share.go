package desktop

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/figure"
	"exodus/app/internal/results"
	"exodus/app/internal/session"
)

// sharePage is the picture that the eye meets first: the shares of the market, and in a sentence what became of the
// vendor that the scenario is about.
type sharePage struct {
	root    fyne.CanvasObject
	head    *widget.Label
	under   *widget.Label
	others  *widget.Label // below the picture: what became of the other vendors
	chart   *chart
	chips   *chips
	stacked bool
	snap    *session.Snapshot
}

func newSharePage(w *Window) *sharePage {
	p := &sharePage{head: widget.NewLabel(""), under: widget.NewLabel(""), others: widget.NewLabel("")}
	p.chart = newChart(func(week int) []reading { return readout(p.snap, week, p.chips.hidden, results.Share) }, func(week int) { w.session.Seek(week + 1) })
	p.chips = newChips(func() { p.refresh(p.snap) })
	how := newChoice([]string{"lines", "stacked"}, func(choice string) {
		p.stacked = choice == "stacked"
		if p.snap != nil {
			p.refresh(p.snap)
		}
	})
	p.head.SizeName, p.head.TextStyle.Bold, p.head.Truncation = theme.SizeNameSubHeadingText, true, fyne.TextTruncateEllipsis
	for _, l := range []*widget.Label{p.under, p.others} { // lines that never wrap: the picture between them stands still
		l.Truncation, l.SizeName = fyne.TextTruncateEllipsis, theme.SizeNameCaptionText
	}
	says := container.New(layout.NewCustomPaddedVBoxLayout(-6), p.head, p.under)
	p.root = container.NewBorder(container.NewVBox(says, container.NewBorder(nil, nil, how, nil, container.NewHScroll(p.chips.root))), p.others, nil, nil, p.chart)
	return p
}

func (p *sharePage) object() fyne.CanvasObject { return p.root }

func (p *sharePage) saving(snap *session.Snapshot) saving {
	return saving{"share", figure.Options{Hide: p.chips.off(), Stacked: p.stacked, Until: until(snap)}}
}

func (p *sharePage) of(snap *session.Snapshot) string { return "Shares: " + snap.Of() }

func (p *sharePage) refresh(snap *session.Snapshot) {
	p.snap = snap
	p.chips.offer(snap.World.Run.Vendors[:len(snap.World.Run.Vendors)-1])
	p.chart.mark(snap.Week)
	p.chart.show(p.saving(snap).drawing(snap))
	p.say(story(snap))
}

func (p *sharePage) say(head, under, others string) {
	setText(p.head, head)
	setText(p.under, under)
	setText(p.others, others)
}

func (p *sharePage) follow(w *Window) func(*session.Snapshot, func()) {
	how := p.saving(w.snap)
	p.chart.hold()
	return func(snap *session.Snapshot, told func()) {
		head, under, others := story(snap)
		p.chart.follow(how.drawing(snap), func() {
			p.snap = snap
			p.say(head, under, others)
			told()
		})
	}
}
