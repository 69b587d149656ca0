package desktop

import (
	"fmt"
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/app/internal/session"
	"exodus/scenarios/words"
)

// trustPage shows how labs see vendors in the week of the timeline: their trust, or how much dearer a vendor feels.
type trustPage struct {
	root    fyne.CanvasObject
	grid    *heat
	rows    []int // the labs in it
	columns []int // and the vendors
	premium bool
	chart   *chart // the history of the pair that was chosen
	pair    [2]int
	about   *widget.Label
	snap    *session.Snapshot
}

func newTrustPage(w *Window) *trustPage {
	p := &trustPage{about: widget.NewLabel("Choose a cell to see its history"), pair: [2]int{-1, -1}}
	p.grid = newHeat(func(lab, vendor int) {
		p.pair = [2]int{p.rows[lab], p.columns[vendor]}
		p.refresh(p.snap)
	})
	p.chart = newChart(func(week int) []reading { return p.readout(week) }, func(week int) { w.session.Seek(week + 1) })
	which := newChoice([]string{"trust", "trust premium"}, func(choice string) {
		p.premium = choice == "trust premium"
		if p.snap != nil {
			p.refresh(p.snap)
		}
	})
	explain := newHint("what is this?", "Trust is how sure a lab is that what it shows the vendor stays there: 100% is full trust. The trust premium is how much dearer the vendor feels than it is: at +50% a lab treats it as if it cost half as much again.")
	p.about.SizeName, p.about.Truncation = theme.SizeNameCaptionText, fyne.TextTruncateEllipsis
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

func (p *trustPage) of(snap *session.Snapshot) string { return "Trust: " + snap.OfLabs().Of() }

func (p *trustPage) refresh(snap *session.Snapshot) {
	snap = snap.OfLabs()
	p.snap = snap
	run, week := snap.World.Run, snap.Shown()
	labs, vendors := run.Labs, run.Vendors[:len(run.Vendors)-1]
	if p.pair[0] < 0 || p.pair[0] >= len(labs) || p.pair[1] >= len(vendors) {
		p.pair = mostAlarmed(run, week)
	}
	what := session.Trusts
	if p.premium {
		what = session.Premiums
	}
	p.rows, p.columns = most(labs, p.pair[0], mostTrustRows, func(i int) float64 { return total(run, week, i) }),
		most(vendors, p.pair[1], mostTrustColumns, func(j int) float64 { return alarm(run, week, j) })
	p.grid.set(pick(labs, p.rows), pick(vendors, p.columns), func(row, column int) (string, color.NRGBA, color.NRGBA) {
		x, known := snap.Opinion(what, week, p.rows[row], p.columns[column])
		if !known {
			_, ground, ink := figure.Cell(1, false, isDark())
			return "–", ground, ink
		}
		return figure.Cell(x, p.premium, isDark())
	}, [2]int{slices.Index(p.rows, p.pair[0]), slices.Index(p.columns, p.pair[1])})
	lab, vendor := labs[p.pair[0]], vendors[p.pair[1]]
	about := words.Ellipsis(lab, 30) + "'s trust premium on " + words.Ellipsis(vendor, 30)
	if rest := len(labs) - len(p.rows) + len(vendors) - len(p.columns); rest > 0 {
		about += fmt.Sprintf("   ·   above: the %d largest labs, and the %d vendors that are trusted least", len(p.rows), len(p.columns))
	}
	setText(p.about, about)
	p.chart.mark(snap.Week)
	p.chart.show(saving{"premium", figure.Options{Labs: []string{lab}, Vendors: []string{vendor}, Until: until(snap)}}.drawing(snap))
}

// mostTrustRows and mostTrustColumns are how many labs and vendors can be read beside one another.
const mostTrustRows, mostTrustColumns = 14, 9

// most picks the names of the largest values, in their order, with a chosen one among them.
func most(names []string, chosen, room int, value func(i int) float64) []int {
	all := make([]int, len(names))
	for i := range all {
		all[i] = i
	}
	largest(all, room, value)
	all = all[:min(room, len(all))]
	if !slices.Contains(all, chosen) {
		all[len(all)-1] = chosen
	}
	slices.Sort(all)
	return all
}

func pick(names []string, which []int) (picked []string) {
	for _, i := range which {
		picked = append(picked, names[i])
	}
	return picked
}

func total(run *agents.Trajectory, week, lab int) (sum float64) {
	for j := range run.Vendors {
		sum += run.Spend[run.Rel(week, lab, j)]
	}
	return sum
}

// alarm is how much any lab distrusts a vendor; of vendors that are trusted alike, the larger comes first.
func alarm(run *agents.Trajectory, week, vendor int) float64 {
	least := 1.0
	for i := range run.Labs {
		least = min(least, run.Trust[run.Rel(week, i, vendor)])
	}
	return 1 - least + 1e-6*run.Share(week, vendor)
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
	lines := []reading{{cells: []string{day(p.snap, week)}}}
	for _, what := range []struct {
		name  string
		of    session.Opinion
		write func(float64) string
	}{{"trust", session.Trusts, words.WholePercent}, {"trust premium", session.Premiums, words.SignedPercent}, {"spend a year", session.Spends, words.Money}} {
		x, known := p.snap.Opinion(what.of, week, p.pair[0], p.pair[1])
		lines = append(lines, reading{cells: []string{what.name, numberCell(x, known, what.write).text}})
	}
	return lines
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
	for i, name := range slices.Concat(rows, columns) {
		if name = words.Ellipsis(name, 18); i >= len(rows) {
			name = words.Ellipsis(name, max(4, 110/len(columns)))
		}
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
