package desktop

import (
	"fmt"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/agents"
	"exodus/app/internal/figure"
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
	p.chart = newChart(func(week int) []reading { return readout(p.snap, week, p.chips.hidden, session.Share) }, func(week int) { w.session.Seek(week + 1) })
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

func (p *sharePage) refresh(snap *session.Snapshot) {
	p.snap = snap
	p.chips.offer(snap.World.Run.Vendors[:len(snap.World.Run.Vendors)-1])
	p.chart.mark(snap.Week)
	p.chart.show(p.saving(snap).drawing(snap))
	head, under, others := story(snap)
	setText(p.head, head)
	setText(p.under, under)
	setText(p.others, others)
}

// story says what has become of the vendor that the scenario is about, at the play head: its share before the first
// event and now, how this compares and who has left, and what the others gained.
func story(snap *session.Snapshot) (head, under, others string) {
	run, s := snap.World.Run, snap.World.Scenario
	focus, now := max(0, focusOf(snap)), snap.Shown()
	name := run.Vendors[focus]
	is := shareOf(snap, now, focus)
	event, before := s.Focus(), s.WeekAt(-1)
	if event == nil || before < 0 || now <= before {
		return fmt.Sprintf("%s has %s of the market", name, percent(is)), s.Date(now).Format("2 January 2006"), ""
	}
	was := shareOf(snap, before, focus)
	verb := "fell"
	if is >= was {
		verb = "rose"
	}
	head = fmt.Sprintf("%s %s from %s to %s of the market", name, verb, percent(was), percent(is))
	if percent(was) == percent(is) {
		head = fmt.Sprintf("%s keeps its %s of the market", name, percent(is))
	}

	var parts []string
	if d := snap.Difference; d != nil && now < d.Weeks && focus < len(d.Vendors) {
		q := d.At(session.Share, now, focus)
		parts = append(parts, fmt.Sprintf("%s against %s (%s to %s)", signed(session.Share, q[2]), snap.Other.Title, points(q[0]), points(q[4])))
	}
	var left []string
	for i, lab := range run.Labs {
		if run.Left[run.Rel(now, i, focus)] >= 0.5 {
			left = append(left, lab)
		}
	}
	switch n := len(left); {
	case n == 0:
		parts = append(parts, "no lab has left it")
	case n == 1:
		parts = append(parts, left[0]+" has left it")
	case n <= 6:
		parts = append(parts, strings.Join(left[:n-1], ", ")+" and "+left[n-1]+" have left it")
	default:
		parts = append(parts, fmt.Sprintf("%s and %d more have left it", strings.Join(left[:5], ", "), n-5))
	}
	var changes []string
	for j, other := range run.Vendors[:min(9, len(run.Vendors)-1)] {
		if was := shareOf(snap, before, j); j != focus && was > 0 {
			changes = append(changes, fmt.Sprintf("%s %+.0f%%", other, 100*(shareOf(snap, now, j)/was-1)))
		}
	}
	since := "Since " + s.DateOf(event).Format("2 January 2006") + ":  "
	return head, strings.Join(parts, "   ·   "), since + strings.Join(changes, "   ")
}

// shareOf is the median share of a vendor, or that of the one run where no more is known.
func shareOf(snap *session.Snapshot, week, vendor int) float32 {
	if f := snap.World.Fans; f != nil && week < f.Weeks && vendor < len(f.Vendors) {
		return f.At(session.Share, week, vendor)[2]
	}
	return float32(snap.World.Run.Share(week, vendor))
}

// readout says what quantities are in a week: of each vendor the median, the range of the runs, and the difference from
// the market that it is compared with. Of several quantities it gives the medians.
func readout(snap *session.Snapshot, week int, hidden map[string]bool, quantities ...session.Quantity) []reading {
	if snap == nil || snap.World == nil {
		return nil
	}
	run, fans, q := snap.World.Run, snap.World.Fans, quantities[0]
	lines := []reading{{cells: []string{snap.World.Scenario.Date(week).Format("2 January 2006") + sinceDeal(snap, week)}}}
	heads := reading{cells: []string{"", q.String()}, quiet: true}
	difference := snap.Difference
	if len(quantities) > 1 {
		for _, other := range quantities[1:] {
			heads.cells = append(heads.cells, other.String())
		}
	} else {
		if fans != nil && week < fans.Weeks {
			heads.cells = []string{"", "median", "90% of runs"}
		}
		if difference != nil && week < difference.Weeks {
			heads.cells = append(heads.cells, "difference")
		} else {
			difference = nil
		}
	}
	lines = append(lines, heads)
	for j, name := range run.Vendors {
		if hidden[name] || name == agents.InHouse && q != session.Revenue {
			continue
		}
		line := reading{cells: []string{name}, color: figure.Colour(j, isDark())}
		for _, q := range quantities {
			text := write(q)
			if fans == nil || week >= fans.Weeks || j >= len(fans.Vendors) {
				line.cells = append(line.cells, text(float32(valueOf(run, q, week, j))))
				continue
			}
			v := fans.At(q, week, j)
			line.cells = append(line.cells, text(v[2]))
			if len(quantities) == 1 {
				line.cells = append(line.cells, between(text(v[0]), text(v[4])))
			}
		}
		if difference != nil && j < len(difference.Vendors) {
			line.cells = append(line.cells, signed(q, difference.At(q, week, j)[2]))
		}
		lines = append(lines, line)
	}
	if difference != nil {
		lines = append(lines, reading{cells: []string{"The difference is from " + snap.Other.Title + "."}})
	}
	return lines
}

// sinceDeal says how a week is counted.
func sinceDeal(snap *session.Snapshot, week int) string {
	if snap.World.Scenario.Focus() == nil {
		return ""
	}
	return fmt.Sprintf(", week %+d", snap.World.Scenario.Since(week))
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
			return readout(p.snap, week, p.chips.hidden, session.Capacity, session.Price)
		}
		return readout(p.snap, week, p.chips.hidden, session.Revenue)
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

// off are the names that are hidden, of those that there are.
func (c *chips) off() (names []string) {
	for _, name := range c.names {
		if c.hidden[name] {
			names = append(names, name)
		}
	}
	return names
}

func (c *chips) offer(names []string) {
	if strings.Join(names, "\n") == strings.Join(c.names, "\n") {
		return
	}
	c.names = names
	c.root.RemoveAll()
	for i, name := range names {
		k := newChip(name, figure.Colour(i, isDark()), func(on bool) {
			c.hidden[name] = !on
			c.changed()
		})
		k.on = !c.hidden[name]
		c.root.Add(k)
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
	return fyne.NewSize(r.k.text.MinSize().Width+18, 26)
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

func (p *flowsPage) refresh(snap *session.Snapshot) {
	from, to := flowWeeks(snap)
	date := snap.World.Scenario.Date
	setText(p.said, fmt.Sprintf("From the week of %s to that of %s, which the timeline moves", date(from).Format("2 January 2006"), date(to).Format("2 January 2006")))
	p.chart.show(p.saving(snap).drawing(snap))
}

// flowWeeks are the weeks that flows are shown between: the one before the event, and the last that has gone by.
func flowWeeks(snap *session.Snapshot) (from, to int) {
	from = beforeDeal(snap)
	return from, max(min(from+1, snap.Weeks-1), snap.Shown())
}
