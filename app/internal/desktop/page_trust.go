package desktop

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/app/internal/session"
)

// trustPage shows how labs see vendors in the week of the timeline: their trust, or how much dearer a vendor feels.
type trustPage struct {
	root    fyne.CanvasObject
	grid    *heat
	premium bool
	chart   *chart // the history of the pair that was chosen
	pair    [2]int
	about   *widget.Label
	snap    *session.Snapshot
}

func newTrustPage(w *Window) *trustPage {
	p := &trustPage{about: widget.NewLabel("Choose a cell to see its history"), pair: [2]int{-1, -1}}
	p.grid = newHeat(func(lab, vendor int) {
		p.pair = [2]int{lab, vendor}
		p.refresh(p.snap)
	})
	p.chart = newChart(func(week int) []reading { return p.readout(week) }, func(week int) { w.session.Seek(week + 1) })
	which := newChoice([]string{"trust", "trust premium"}, func(choice string) {
		p.premium = choice == "trust premium"
		if p.snap != nil {
			p.refresh(p.snap)
		}
	})
	explain := newHint("what is this?", "Trust is how sure a lab is that what it shows the vendor stays there: 100% is full trust. The trust premium is how much dearer the vendor feels than it is: at +50% its work has to be as good as if it cost half as much again.")
	p.about.SizeName = theme.SizeNameCaptionText
	split := container.NewVSplit(p.grid, container.NewBorder(p.about, nil, nil, nil, p.chart))
	split.SetOffset(0.66)
	p.root = container.NewBorder(container.NewHBox(which, explain), nil, nil, nil, split)
	return p
}

func (p *trustPage) object() fyne.CanvasObject { return p.root }

func (p *trustPage) saving(snap *session.Snapshot) saving {
	kind := "trust"
	if p.premium {
		kind = "premium"
	}
	return saving{kind, figure.Options{Week: dealWeek(snap)}}
}

func (p *trustPage) refresh(snap *session.Snapshot) {
	p.snap = snap
	run, week := snap.World.Run, snap.Shown()
	labs, vendors := run.Labs, run.Vendors[:len(run.Vendors)-1]
	if p.pair[0] < 0 || p.pair[0] >= len(labs) || p.pair[1] >= len(vendors) {
		p.pair = mostAlarmed(run, week)
	}
	values := run.Trust
	if p.premium {
		values = run.Premium
	}
	p.grid.set(labs, vendors, func(lab, vendor int) (string, color.NRGBA, color.NRGBA) {
		return figure.Cell(values[run.Rel(week, lab, vendor)], p.premium, isDark())
	}, p.pair)
	setText(p.about, fmt.Sprintf("How much dearer %s feels to %s than it is", vendors[p.pair[1]], labs[p.pair[0]]))
	p.chart.mark(snap.Week)
	p.chart.show(saving{"premium", figure.Options{
		Labs: labs[p.pair[0] : p.pair[0]+1], Vendors: vendors[p.pair[1] : p.pair[1]+1], Until: until(snap),
	}}.drawing(snap))
}

// mostAlarmed is the pair that a reader would look at first: of the largest premium.
func mostAlarmed(run *agents.Trajectory, week int) (pair [2]int) {
	most := -1.0
	for i := range run.Labs {
		for j := range len(run.Vendors) - 1 {
			if x := run.Premium[run.Rel(week, i, j)]; x > most {
				most, pair = x, [2]int{i, j}
			}
		}
	}
	return pair
}

func (p *trustPage) readout(week int) []reading {
	if p.snap == nil || p.pair[0] < 0 {
		return nil
	}
	run := p.snap.World.Run
	at := run.Rel(week, p.pair[0], p.pair[1])
	return []reading{
		{cells: []string{p.snap.World.Scenario.Date(week).Format("2 January 2006") + sinceDeal(p.snap, week)}},
		{cells: []string{"trust", fmt.Sprintf("%.0f%%", 100*run.Trust[at])}},
		{cells: []string{"conflict", fmt.Sprintf("%.2f", run.Conflict[at])}},
		{cells: []string{"trust premium", premium(run.Premium[at])}},
		{cells: []string{"spend a year", figure.Money(run.Spend[at])}},
	}
}

// heat is a table of cells in shades, of labs by vendors.
type heat struct {
	widget.BaseWidget
	tapped        func(row, column int)
	rows, columns []string
	cells         []*canvas.Rectangle
	texts         []*canvas.Text
	heads         []*canvas.Text // of rows, then of columns
	chosen        [2]int
}

func newHeat(tapped func(row, column int)) *heat {
	h := &heat{tapped: tapped}
	h.ExtendBaseWidget(h)
	return h
}

// set fills the table: of each cell its text, its ground and its ink.
func (h *heat) set(rows, columns []string, cell func(row, column int) (text string, ground, ink color.NRGBA), chosen [2]int) {
	if len(rows) != len(h.rows) || len(columns) != len(h.columns) {
		h.cells, h.texts, h.heads = nil, nil, nil
		for range len(rows) * len(columns) {
			h.cells, h.texts = append(h.cells, canvas.NewRectangle(nil)), append(h.texts, canvas.NewText("", nil))
		}
		for range len(rows) + len(columns) {
			h.heads = append(h.heads, canvas.NewText("", nil))
		}
	}
	h.rows, h.columns, h.chosen = rows, columns, chosen
	ink := theme.Color(theme.ColorNameForeground)
	for i, name := range append(append([]string(nil), rows...), columns...) {
		h.heads[i].Text, h.heads[i].Color, h.heads[i].TextSize = name, ink, theme.CaptionTextSize()
	}
	for i := range rows {
		for j := range columns {
			text, ground, over := cell(i, j)
			at := i*len(columns) + j
			h.cells[at].FillColor = ground
			h.cells[at].StrokeWidth, h.cells[at].StrokeColor = 0, ink
			if chosen == [2]int{i, j} {
				h.cells[at].StrokeWidth = 2
			}
			h.texts[at].Text, h.texts[at].Color, h.texts[at].TextSize = text, over, theme.CaptionTextSize()
		}
	}
	h.Refresh()
}

// room is what the names of rows and columns take.
func (h *heat) room() (left, top float32) {
	for i := range h.rows {
		left = max(left, h.heads[i].MinSize().Width)
	}
	return left + 10, 22
}

func (h *heat) Tapped(e *fyne.PointEvent) {
	left, top := h.room()
	if len(h.cells) == 0 || e.Position.X < left || e.Position.Y < top {
		return
	}
	column := int((e.Position.X - left) / ((h.Size().Width - left) / float32(len(h.columns))))
	row := int((e.Position.Y - top) / ((h.Size().Height - top) / float32(len(h.rows))))
	if row < len(h.rows) && column < len(h.columns) {
		h.tapped(row, column)
	}
}

func (h *heat) CreateRenderer() fyne.WidgetRenderer { return &heatRenderer{h} }

type heatRenderer struct{ h *heat }

func (r *heatRenderer) MinSize() fyne.Size { return fyne.NewSize(300, 160) }

func (r *heatRenderer) Layout(size fyne.Size) {
	h := r.h
	if len(h.cells) == 0 {
		return
	}
	left, top := h.room()
	wide, high := (size.Width-left)/float32(len(h.columns)), (size.Height-top)/float32(len(h.rows))
	middle := func(t *canvas.Text, x, y, width, height float32) {
		t.Alignment = fyne.TextAlignCenter
		t.Move(fyne.NewPos(x, y+(height-t.MinSize().Height)/2))
		t.Resize(fyne.NewSize(width, t.MinSize().Height))
	}
	for i := range h.rows {
		head := h.heads[i]
		head.Move(fyne.NewPos(4, top+high*float32(i)+(high-head.MinSize().Height)/2))
		for j := range h.columns {
			at := i*len(h.columns) + j
			x, y := left+wide*float32(j), top+high*float32(i)
			h.cells[at].Move(fyne.NewPos(x+1, y+1))
			h.cells[at].Resize(fyne.NewSize(wide-2, high-2))
			middle(h.texts[at], x, y, wide, high)
		}
	}
	for j := range h.columns {
		middle(h.heads[len(h.rows)+j], left+wide*float32(j), 0, wide, top)
	}
}

func (r *heatRenderer) Refresh() {
	r.Layout(r.h.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
}

func (r *heatRenderer) Destroy() {}

func (r *heatRenderer) Objects() (objects []fyne.CanvasObject) {
	for i := range r.h.cells {
		objects = append(objects, r.h.cells[i], r.h.texts[i])
	}
	for _, t := range r.h.heads {
		objects = append(objects, t)
	}
	return objects
}
