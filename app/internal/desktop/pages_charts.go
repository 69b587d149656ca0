package desktop

import (
	"fmt"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/app/internal/session"
)

// sharePage is the picture that the eye meets first: the shares of the market.
type sharePage struct {
	root    fyne.CanvasObject
	chart   *chart
	chips   *chips
	stacked bool
	since   *widget.Label
	snap    *session.Snapshot
}

func newSharePage(w *Window) *sharePage {
	p := &sharePage{since: widget.NewLabel("")}
	p.chart = newChart(func(week int) []string { return readout(p.snap, session.Share, week, p.chips.hidden) }, func(week int) { w.session.Seek(week + 1) })
	p.chips = newChips(func() { p.refresh(p.snap) })
	how := widget.NewRadioGroup([]string{"lines", "stacked"}, func(choice string) {
		p.stacked = choice == "stacked"
		if p.snap != nil {
			p.refresh(p.snap)
		}
	})
	how.Horizontal, how.Required, how.Selected = true, true, "lines"
	p.since.Wrapping, p.since.SizeName = fyne.TextWrapWord, theme.SizeNameCaptionText
	p.root = container.NewBorder(container.NewBorder(nil, nil, how, nil, p.chips.root), p.since, nil, nil, p.chart)
	return p
}

func (p *sharePage) object() fyne.CanvasObject { return p.root }

func (p *sharePage) saving(*session.Snapshot) saving {
	return saving{"share", figure.Options{Hide: off(p.chips.hidden), Stacked: p.stacked}}
}

func (p *sharePage) refresh(snap *session.Snapshot) {
	p.snap = snap
	p.chips.offer(snap.World.Run.Vendors[:len(snap.World.Run.Vendors)-1])
	p.chart.mark(snap.Week)
	p.chart.show(shareDrawing(snap, p.chips.hidden, p.stacked))
	setText(p.since, sinceText(snap))
}

// sinceText says how much each vendor's share has changed since the week before the first event, at the play head.
func sinceText(snap *session.Snapshot) string {
	run, spec := snap.World.Run, &snap.World.Scenario.Spec
	if len(spec.Events) == 0 || spec.Events[0].Week == 0 || snap.Shown() < spec.Events[0].Week {
		return ""
	}
	before, now := spec.Events[0].Week-1, snap.Shown()
	var parts []string
	for j, name := range run.Vendors[:len(run.Vendors)-1] {
		was, is := run.Share(before, j), run.Share(now, j)
		if was > 0 {
			parts = append(parts, fmt.Sprintf("%s %+.0f%%", name, 100*(is/was-1)))
		}
	}
	return "Change of the share since " + snap.World.Scenario.Date(spec.Events[0].Week).Format("2 January 2006") + ":  " + strings.Join(parts, "   ")
}

// readout says what a quantity is in a week: of each vendor its value, the range of the runs, and the difference from
// the market that it is compared with.
func readout(snap *session.Snapshot, q session.Quantity, week int, hidden map[string]bool) []string {
	if snap == nil || snap.World == nil {
		return nil
	}
	run, fans, text := snap.World.Run, snap.World.Fans, write(q)
	lines := []string{snap.World.Scenario.Date(week+1).Format("2 January 2006") + sinceDeal(snap, week)}
	for j, name := range run.Vendors {
		if hidden[name] || name == agents.InHouse && q != session.Revenue {
			continue
		}
		line := name + "  "
		if fans != nil && week < fans.Weeks && j < len(fans.Vendors) {
			v := fans.At(q, week, j)
			line += fmt.Sprintf("%s  (%s to %s)", text(v[2]), text(v[0]), text(v[4]))
		} else {
			line += text(float32(valueOf(run, q, week, j)))
		}
		if d := snap.Difference; d != nil && week < d.Weeks && j < len(d.Vendors) {
			line += "   " + signed(q, d.At(q, week, j)[2])
		}
		lines = append(lines, line)
	}
	if snap.Other != nil {
		lines = append(lines, "last: the difference from "+snap.Other.Title)
	}
	return lines
}

// sinceDeal is how many weeks after the first event a week ends.
func sinceDeal(snap *session.Snapshot, week int) string {
	events := snap.World.Scenario.Spec.Events
	if len(events) == 0 {
		return ""
	}
	return fmt.Sprintf(", week %+d", week+1-events[0].Week)
}

func valueOf(run *agents.Trajectory, q session.Quantity, week, vendor int) float64 {
	at := run.At(week, vendor)
	switch q {
	case session.Revenue:
		return run.Revenue[at]
	case session.Price:
		return run.Price[at]
	case session.Capacity:
		return run.Capacity[at]
	}
	return run.Share(week, vendor)
}

// signed writes a difference.
func signed(q session.Quantity, x float32) string {
	switch q {
	case session.Share:
		return fmt.Sprintf("%+.1f pts", 100*x)
	case session.Price:
		return fmt.Sprintf("%+.2f", x)
	}
	if x < 0 {
		return figure.Money(float64(x))
	}
	return "+" + figure.Money(float64(x))
}

// moneyPage shows revenue, price or capacity.
type moneyPage struct {
	root     fyne.CanvasObject
	chart    *chart
	chips    *chips
	quantity session.Quantity
	snap     *session.Snapshot
}

func newMoneyPage(w *Window) *moneyPage {
	p := &moneyPage{quantity: session.Revenue}
	p.chart = newChart(func(week int) []string { return readout(p.snap, p.quantity, week, p.chips.hidden) }, func(week int) { w.session.Seek(week + 1) })
	p.chips = newChips(func() { p.refresh(p.snap) })
	quantities := map[string]session.Quantity{"revenue": session.Revenue, "price": session.Price, "capacity": session.Capacity}
	which := widget.NewRadioGroup([]string{"revenue", "price", "capacity"}, func(choice string) {
		p.quantity = quantities[choice]
		if p.snap != nil {
			p.refresh(p.snap)
		}
	})
	which.Horizontal, which.Required, which.Selected = true, true, "revenue"
	p.root = container.NewBorder(container.NewBorder(nil, nil, which, nil, p.chips.root), nil, nil, nil, p.chart)
	return p
}

func (p *moneyPage) object() fyne.CanvasObject { return p.root }

func (p *moneyPage) saving(*session.Snapshot) saving {
	kind := "capacity"
	if p.quantity == session.Revenue {
		kind = "revenue"
	}
	return saving{kind, figure.Options{Hide: off(p.chips.hidden)}}
}

func (p *moneyPage) refresh(snap *session.Snapshot) {
	p.snap = snap
	p.chips.offer(snap.World.Run.Vendors[:len(snap.World.Run.Vendors)-1])
	p.chart.mark(snap.Week)
	p.chart.show(quantityDrawing(snap, p.quantity, p.chips.hidden))
}

// chips are vendors in their colours, to be shown or hidden.
type chips struct {
	root    *fyne.Container
	names   []string
	hidden  map[string]bool
	changed func()
}

func newChips(changed func()) *chips {
	return &chips{root: container.NewHBox(), hidden: map[string]bool{}, changed: changed}
}

func (c *chips) offer(names []string) {
	if strings.Join(names, "\n") == strings.Join(c.names, "\n") {
		return
	}
	c.names = names
	c.root.RemoveAll()
	for i, name := range names {
		c.root.Add(newChip(name, figure.Colour(i, isDark()), func(on bool) {
			c.hidden[name] = !on
			c.changed()
		}))
	}
}

// chip is a name with its colour, faint where it is off.
type chip struct {
	widget.BaseWidget
	box    *canvas.Rectangle
	text   *canvas.Text
	color  color.Color
	on     bool
	tapped func(on bool)
}

func newChip(name string, c color.Color, tapped func(on bool)) *chip {
	k := &chip{box: canvas.NewRectangle(c), text: canvas.NewText(name, theme.Color(theme.ColorNameForeground)), color: c, on: true, tapped: tapped}
	k.text.TextSize = theme.CaptionTextSize()
	k.box.CornerRadius = 2
	k.ExtendBaseWidget(k)
	return k
}

func (k *chip) Tapped(*fyne.PointEvent) {
	k.on = !k.on
	k.Refresh()
	k.tapped(k.on)
}

func (k *chip) CreateRenderer() fyne.WidgetRenderer { return &chipRenderer{k} }

type chipRenderer struct{ k *chip }

func (r *chipRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.k.text.MinSize().Width+22, 26)
}

func (r *chipRenderer) Layout(size fyne.Size) {
	r.k.box.Move(fyne.NewPos(2, size.Height/2-5))
	r.k.box.Resize(fyne.NewSize(10, 10))
	r.k.text.Move(fyne.NewPos(16, size.Height/2-r.k.text.MinSize().Height/2))
}

func (r *chipRenderer) Refresh() {
	r.k.box.FillColor, r.k.text.Color = r.k.color, theme.Color(theme.ColorNameForeground)
	if !r.k.on {
		r.k.box.FillColor, r.k.text.Color = theme.Color(theme.ColorNameSeparator), theme.Color(theme.ColorNamePlaceHolder)
	}
	r.k.box.Refresh()
	r.k.text.Refresh()
}

func (r *chipRenderer) Destroy()                     {}
func (r *chipRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.k.box, r.k.text} }

// flowsPage shows who moved what from whom to whom, up to the week of the timeline.
type flowsPage struct {
	root  fyne.CanvasObject
	chart *chart
	said  *widget.Label
}

func newFlowsPage(*Window) *flowsPage {
	p := &flowsPage{chart: newChart(nil, nil), said: widget.NewLabel("")}
	p.said.SizeName = theme.SizeNameCaptionText
	p.root = container.NewBorder(nil, p.said, nil, nil, p.chart)
	return p
}

func (p *flowsPage) object() fyne.CanvasObject { return p.root }

func (p *flowsPage) saving(snap *session.Snapshot) saving {
	return saving{"flows", figure.Options{Week: dealWeek(snap)}}
}

// dealWeek is the week of the timeline as figures count it: from that of the first event, as 1.
func dealWeek(snap *session.Snapshot) int {
	first := 0
	if e := figure.Anchor(snap.World.Scenario); e != nil {
		first = e.Week
	}
	return max(1, snap.Shown()-first+1)
}

func (p *flowsPage) refresh(snap *session.Snapshot) {
	from, to := flowWeeks(snap)
	date := snap.World.Scenario.Date
	setText(p.said, fmt.Sprintf("From the week of %s to that of %s, which the timeline moves", date(from).Format("2 January 2006"), date(to).Format("2 January 2006")))
	p.chart.show(flowsDrawing(snap, from, to))
}

// flowWeeks are the weeks that flows are shown between: the one before the first event, and the last that has gone by.
func flowWeeks(snap *session.Snapshot) (from, to int) {
	if events := snap.World.Scenario.Spec.Events; len(events) > 0 {
		from = max(0, events[0].Week-1)
	}
	return from, max(min(from+1, snap.Weeks-1), snap.Shown())
}
