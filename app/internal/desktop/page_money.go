package desktop

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"exodus/app/internal/figure"
	"exodus/app/internal/results"
	"exodus/app/internal/session"
)

// moneyPage shows what vendors sell, or what they could and at what price.
type moneyPage struct {
	root   fyne.CanvasObject
	chart  *chart
	chips  *chips
	prices bool // and capacities
	snap   *session.Snapshot
}

const sells, couldSell = "revenue", "capacity, price"

func newMoneyPage(w *Window) *moneyPage {
	p := &moneyPage{}
	p.chart = newChart(func(week int) []reading {
		if p.prices {
			return readout(p.snap, week, p.chips.hidden, results.Capacity, results.Price)
		}
		return readout(p.snap, week, p.chips.hidden, results.Revenue)
	}, func(week int) { w.session.Seek(week + 1) })
	p.chips = newChips(func() { p.refresh(p.snap) })
	which := newChoice([]string{sells, couldSell}, func(choice string) {
		p.prices = choice == couldSell
		if p.snap != nil {
			p.refresh(p.snap)
		}
	})
	p.root = container.NewBorder(container.NewBorder(nil, nil, which, nil, container.NewHScroll(p.chips.root)), nil, nil, nil, p.chart)
	return p
}

func (p *moneyPage) object() fyne.CanvasObject { return p.root }

func (p *moneyPage) saving(snap *session.Snapshot) saving {
	kind := "revenue"
	if p.prices {
		kind = "capacity"
	}
	return saving{kind, figure.Options{Hide: p.chips.off(), Until: until(snap)}}
}

func (p *moneyPage) of(snap *session.Snapshot) string { return "Money: " + snap.Of() }

func (p *moneyPage) refresh(snap *session.Snapshot) {
	p.snap = snap
	vendors := snap.World.Run.Vendors
	if p.prices {
		vendors = vendors[:len(vendors)-1] // work in-house has neither
	}
	p.chips.offer(vendors)
	p.chart.mark(snap.Week)
	p.chart.show(p.saving(snap).drawing(snap))
}

func (p *moneyPage) follow(w *Window) func(*session.Snapshot, func()) {
	how := p.saving(w.snap)
	p.chart.hold()
	return func(snap *session.Snapshot, told func()) {
		p.chart.follow(how.drawing(snap), func() {
			p.snap = snap
			told()
		})
	}
}
