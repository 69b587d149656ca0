package desktop

import (
	"fmt"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/app/internal/session"
)

// agentPage is a table of agents of a kind, with the history of the one that is chosen.
type agentPage struct {
	root   fyne.CanvasObject
	table  *sorted
	chart  *chart
	about  *widget.Label
	events *widget.Label
	chosen int
	snap   *session.Snapshot
	kind   string // of figure that the page saves
	rows   func(snap *session.Snapshot) [][]cell
	name   func(snap *session.Snapshot, i int) string
	draw   func(snap *session.Snapshot, i int) drawing
	say    func(snap *session.Snapshot, i, week int) []string
}

func newAgentPage(w *Window, heads []string, widths []float32) *agentPage {
	p := &agentPage{about: widget.NewLabel(""), events: widget.NewLabel("")}
	p.table = newSorted(heads, widths, func(row int) {
		p.chosen = row
		p.refresh(p.snap)
	})
	p.chart = newChart(func(week int) []string {
		if p.snap == nil {
			return nil
		}
		return append([]string{p.snap.World.Scenario.Date(week+1).Format("2 January 2006") + sinceDeal(p.snap, week)}, p.say(p.snap, p.chosen, week)...)
	}, func(week int) { w.session.Seek(week + 1) })
	p.about.TextStyle.Bold = true
	p.events.Wrapping, p.events.SizeName = fyne.TextWrapWord, theme.SizeNameCaptionText
	history := container.NewHSplit(p.chart, container.NewVScroll(p.events))
	history.SetOffset(0.68)
	split := container.NewVSplit(p.table.table, container.NewBorder(p.about, nil, nil, nil, history))
	split.SetOffset(0.52)
	p.root = split
	return p
}

func (p *agentPage) object() fyne.CanvasObject { return p.root }

func (p *agentPage) saving(snap *session.Snapshot) saving {
	name := []string{p.name(snap, p.chosen)}
	if p.kind == "spend" {
		return saving{p.kind, figure.Options{Labs: name}}
	}
	return saving{p.kind, figure.Options{Vendors: name}}
}

func (p *agentPage) refresh(snap *session.Snapshot) {
	p.snap = snap
	rows := p.rows(snap)
	if p.chosen >= len(rows) {
		p.chosen = 0
	}
	p.table.set(rows)
	name := p.name(snap, p.chosen)
	setText(p.about, name)
	text := ""
	for _, line := range snap.Feed {
		if line.Agent == name && line.Week < max(1, snap.Week) {
			text += line.Date.Format("2 Jan 2006") + "  " + line.Text + "\n"
		}
	}
	if text == "" {
		text = "Nothing has happened to it yet."
	}
	setText(p.events, text)
	p.chart.mark(snap.Week)
	p.chart.show(p.draw(snap, p.chosen))
}

// beforeDeal is the week before the first event, or the first.
func beforeDeal(snap *session.Snapshot) int {
	if events := snap.World.Scenario.Spec.Events; len(events) > 0 {
		return max(0, events[0].Week-1)
	}
	return 0
}

func textCell(text string) cell { return cell{text: text} }

func moneyCell(x float64) cell { return cell{text: figure.Money(x), value: x} }

func changeCell(was, is float64) cell {
	if was <= 0 {
		return cell{text: "-", value: math.Inf(-1)}
	}
	return cell{text: fmt.Sprintf("%+.0f%%", 100*(is/was-1)), value: is/was - 1}
}

func newLabsPage(w *Window) *agentPage {
	p := newAgentPage(w, []string{"Lab", "Segment", "Spends", "At supplier", "Change", "Trust", "Premium", "Now", "At supplier, over time"},
		[]float32{124, 82, 76, 82, 60, 50, 68, 72, 150})
	p.kind = "spend"
	p.rows = labRows
	p.name = func(snap *session.Snapshot, i int) string { return snap.World.Run.Labs[i] }
	p.draw = func(snap *session.Snapshot, i int) drawing { return labDrawing(snap, i) }
	p.say = func(snap *session.Snapshot, i, week int) (lines []string) {
		run := snap.World.Run
		for j, vendor := range run.Vendors {
			if x := run.Spend[run.Rel(week, i, j)]; x > 0 {
				lines = append(lines, vendor+"  "+figure.Money(x))
			}
		}
		return lines
	}
	return p
}

// labRows are what labs do in the week of the timeline, above all with the supplier that the scenario is about.
func labRows(snap *session.Snapshot) (rows [][]cell) {
	run, week, before := snap.World.Run, snap.Shown(), beforeDeal(snap)
	focus := max(0, focusOf(snap))
	for i, name := range run.Labs {
		total := 0.0
		for j := range run.Vendors {
			total += run.Spend[run.Rel(week, i, j)]
		}
		at := run.Rel(week, i, focus)
		state, rank := "stays", 0.0
		switch {
		case run.Spend[run.Rel(before, i, focus)] == 0 && run.Spend[at] == 0:
			state, rank = "not there", -1
		case run.Left[at] >= 0.5:
			state, rank = "has left", 2
		case run.Reviewing[week*len(run.Labs)+i] >= 0.5:
			state, rank = "reviews", 1
		}
		var series []float64
		for k := range week + 1 {
			series = append(series, run.Spend[run.Rel(k, i, focus)])
		}
		rows = append(rows, []cell{
			textCell(name), textCell(segmentOf(snap, i)), moneyCell(total), moneyCell(run.Spend[at]),
			changeCell(run.Spend[run.Rel(before, i, focus)], run.Spend[at]),
			{text: fmt.Sprintf("%.2f", run.Trust[at]), value: run.Trust[at]},
			{text: fmt.Sprintf("%+.0f%%", 100*run.Premium[at]), value: run.Premium[at]},
			{text: state, value: rank}, {series: series, value: run.Spend[at], color: figure.Colour(i, isDark())},
		})
	}
	return rows
}

func segmentOf(snap *session.Snapshot, lab int) string {
	return snap.World.Scenario.Spec.Labs[lab].Segment
}

// focusOf is the vendor that the scenario is about, by its index.
func focusOf(snap *session.Snapshot) int {
	focus := figure.Focus(snap.World.Scenario)
	for j, name := range snap.World.Run.Vendors {
		if name == focus {
			return j
		}
	}
	return -1
}

func newVendorsPage(w *Window) *agentPage {
	p := newAgentPage(w, []string{"Vendor", "Share", "Change", "Revenue", "Change", "Price", "Used", "Capacity", "Share over time"},
		[]float32{104, 62, 64, 84, 64, 54, 54, 84, 170})
	p.kind = "revenue"
	p.rows = vendorRows
	p.name = func(snap *session.Snapshot, i int) string { return snap.World.Run.Vendors[i] }
	p.draw = func(snap *session.Snapshot, i int) drawing { return vendorDrawing(snap, i) }
	p.say = func(snap *session.Snapshot, i, week int) (lines []string) {
		run := snap.World.Run
		for lab, name := range run.Labs {
			if x := run.Spend[run.Rel(week, lab, i)]; x > 0 {
				lines = append(lines, name+"  "+figure.Money(x))
			}
		}
		return lines
	}
	return p
}

// vendorRows are what vendors come to in the week of the timeline.
func vendorRows(snap *session.Snapshot) (rows [][]cell) {
	run, week, before := snap.World.Run, snap.Shown(), beforeDeal(snap)
	for j, name := range run.Vendors {
		at, was := run.At(week, j), run.At(before, j)
		share, shareWas := run.Share(week, j), run.Share(before, j)
		row := []cell{textCell(name), {text: "-"}, {text: "-"}}
		if name != agents.InHouse {
			row[1], row[2] = cell{text: fmt.Sprintf("%.1f%%", 100*share), value: share}, changeCell(shareWas, share)
		}
		used := cell{text: "-"}
		if name != agents.InHouse {
			used = cell{text: fmt.Sprintf("%.0f%%", 100*run.Utilisation[at]), value: run.Utilisation[at]}
		}
		var series []float64
		for k := range week + 1 {
			x := run.Revenue[run.At(k, j)]
			if name != agents.InHouse {
				x = run.Share(k, j)
			}
			series = append(series, x)
		}
		var c color.Color = figure.Colour(j, isDark())
		rows = append(rows, append(row, moneyCell(run.Revenue[at]), changeCell(run.Revenue[was], run.Revenue[at]),
			cell{text: fmt.Sprintf("%.2f", run.Price[at]), value: run.Price[at]}, used, moneyCell(run.Capacity[at]), cell{series: series, value: share, color: c}))
	}
	return rows
}

// factsPage is the scorecard, which turns as a lever is dragged.
type factsPage struct {
	root fyne.CanvasObject
	list *widget.List
	snap *session.Snapshot
}

func newFactsPage() *factsPage {
	p := &factsPage{}
	p.list = widget.NewList(func() int {
		if p.snap == nil {
			return 0
		}
		return len(p.snap.Facts)
	}, func() fyne.CanvasObject {
		verdict, title, text := widget.NewLabel(""), widget.NewLabel(""), widget.NewLabel("")
		title.TextStyle.Bold = true
		verdict.TextStyle.Bold = true
		text.SizeName, text.Wrapping = theme.SizeNameCaptionText, fyne.TextWrapWord
		return container.NewBorder(container.NewBorder(nil, nil, container.New(fixed{150}, verdict), nil, title), nil, nil, nil, text)
	}, p.fill)
	note := newSmall("A fact holds where the medians of the runs are within its bounds. In brackets 5% to 95% of the runs.")
	p.root = container.NewBorder(note, nil, nil, nil, p.list)
	return p
}

func (p *factsPage) object() fyne.CanvasObject { return p.root }

func (p *factsPage) saving(*session.Snapshot) saving { return saving{kind: "facts"} }

func (p *factsPage) refresh(snap *session.Snapshot) {
	before := p.snap
	p.snap = snap
	if before == nil || len(before.Facts) != len(snap.Facts) {
		for i, score := range snap.Facts {
			p.list.SetItemHeight(i, 34+17*float32(len(score.Checks)+1))
		}
	}
	p.list.Refresh()
}

func (p *factsPage) fill(id widget.ListItemID, o fyne.CanvasObject) {
	if id >= len(p.snap.Facts) {
		return
	}
	score := p.snap.Facts[id]
	box := o.(*fyne.Container)
	text := box.Objects[0].(*widget.Label)
	head := box.Objects[1].(*fyne.Container)
	title := head.Objects[0].(*widget.Label)
	verdict := head.Objects[1].(*fyne.Container).Objects[0].(*widget.Label)
	mark := map[string]string{"holds": "✓ holds", "falls short": "✗ falls short", "claim not supported": "○ not supported"}[string(score.Verdict)]
	verdict.Importance = widget.SuccessImportance
	if string(score.Verdict) == "falls short" {
		verdict.Importance = widget.DangerImportance
	} else if string(score.Verdict) != "holds" {
		verdict.Importance = widget.WarningImportance
	}
	verdict.SetText(mark)
	title.SetText(score.Fact.Title)
	lines := ""
	for _, c := range score.Checks {
		lines += fmt.Sprintf("%s: %.4g (%.4g to %.4g), wanted %s, met in %.0f%% of the runs\n", c.Check.Describe(), c.Median, c.Low, c.High, c.Check.Bounds(), 100*c.Met)
	}
	text.SetText(lines + score.Fact.Source)
}
