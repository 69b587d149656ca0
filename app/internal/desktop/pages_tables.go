package desktop

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

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
	which  *widget.RadioGroup // of the views
	events *widget.Label
	chosen int
	view   int
	snap   *session.Snapshot
	agentKind
}

// agentKind is what tells the page of one kind of agents from that of another.
type agentKind struct {
	heads func(snap *session.Snapshot) []string
	rows  func(snap *session.Snapshot) [][]cell
	name  func(snap *session.Snapshot, i int) string
	say   func(snap *session.Snapshot, i, week int) []reading
	views []agentView
}

// agentView is a figure of an agent's history.
type agentView struct {
	title func(snap *session.Snapshot) string
	kind  string // of figure
	of    func(name string) figure.Options
}

func newAgentPage(w *Window, kind agentKind) *agentPage {
	p := &agentPage{about: widget.NewLabel(""), events: widget.NewLabel(""), agentKind: kind}
	p.table = newSorted(func(row int) {
		p.chosen = row
		p.refresh(p.snap)
	})
	p.chart = newChart(func(week int) []reading {
		if p.snap == nil {
			return nil
		}
		return append([]reading{{cells: []string{p.snap.World.Scenario.Date(week).Format("2 January 2006") + sinceDeal(p.snap, week)}}}, p.say(p.snap, p.chosen, week)...)
	}, func(week int) { w.session.Seek(week + 1) })
	p.which = newChoice(nil, func(choice string) {
		if at := slices.Index(p.which.Options, choice); at >= 0 && at != p.view {
			p.view = at
			p.refresh(p.snap)
		}
	})
	p.about.TextStyle.Bold = true
	p.events.Wrapping, p.events.SizeName = fyne.TextWrapWord, theme.SizeNameCaptionText
	history := container.NewHSplit(p.chart, container.NewVScroll(p.events))
	history.SetOffset(0.68)
	split := container.NewVSplit(p.table.root, container.NewBorder(container.NewHBox(p.about, p.which), nil, nil, nil, history))
	split.SetOffset(0.52)
	p.root = split
	return p
}

func (p *agentPage) object() fyne.CanvasObject { return p.root }

func (p *agentPage) saving(snap *session.Snapshot) saving {
	v := p.views[p.view]
	o := v.of(p.name(snap, p.chosen))
	o.Until = until(snap)
	return saving{v.kind, o}
}

func (p *agentPage) refresh(snap *session.Snapshot) {
	p.snap = snap
	rows := p.rows(snap)
	if p.chosen >= len(rows) {
		p.chosen = 0
	}
	p.table.set(p.heads(snap), rows)
	name := p.name(snap, p.chosen)
	var titles []string
	for _, v := range p.views {
		titles = append(titles, v.title(snap))
	}
	about := name
	if len(titles) == 1 {
		about += ": " + titles[0]
	}
	setText(p.about, about)
	if !slices.Equal(p.which.Options, titles) {
		p.which.Options, p.which.Selected, p.which.Hidden = titles, titles[p.view], len(titles) < 2
		p.which.Refresh()
	}
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
	p.chart.show(p.saving(snap).drawing(snap))
}

// beforeDeal is the week before the event that weeks are counted from, or the first.
func beforeDeal(snap *session.Snapshot) int {
	return max(0, snap.World.Scenario.WeekAt(-1))
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
	supplier := func(snap *session.Snapshot) string { return snap.World.Run.Vendors[max(0, focusOf(snap))] }
	return newAgentPage(w, agentKind{
		heads: func(snap *session.Snapshot) []string {
			at := "At " + supplier(snap)
			return []string{"Lab", "Now", at, "Change", "Over time", "Trust", "Premium", "Spends a year", "Segment"}
		},
		rows: labRows,
		name: func(snap *session.Snapshot, i int) string { return snap.World.Run.Labs[i] },
		say: func(snap *session.Snapshot, i, week int) (lines []reading) {
			run := snap.World.Run
			for j, vendor := range run.Vendors {
				if x := run.Spend[run.Rel(week, i, j)]; x > 0 {
					lines = append(lines, reading{cells: []string{vendor, figure.Money(x)}, color: figure.Colour(j, isDark())})
				}
			}
			return lines
		},
		views: []agentView{
			{func(snap *session.Snapshot) string { return "spends at " + supplier(snap) }, "spend", func(name string) figure.Options { return figure.Options{Labs: []string{name}} }},
			{func(*session.Snapshot) string { return "shares of all its vendors" }, "share", func(name string) figure.Options { return figure.Options{Labs: []string{name}} }},
		},
	})
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
			textCell(name), {text: state, value: rank}, moneyCell(run.Spend[at]),
			changeCell(run.Spend[run.Rel(before, i, focus)], run.Spend[at]),
			{series: series, value: run.Spend[at], color: figure.Colour(i, isDark())},
			{text: fmt.Sprintf("%.0f%%", 100*run.Trust[at]), value: run.Trust[at]},
			{text: premium(run.Premium[at]), value: run.Premium[at]},
			moneyCell(total), textCell(segmentOf(snap, i)),
		})
	}
	return rows
}

func segmentOf(snap *session.Snapshot, lab int) string {
	return snap.World.Scenario.Spec.Labs[lab].Segment
}

// focusOf is the vendor that the scenario is about, by its index.
func focusOf(snap *session.Snapshot) int {
	focus := snap.World.Scenario.FocusVendor()
	for j, name := range snap.World.Run.Vendors {
		if name == focus {
			return j
		}
	}
	return -1
}

func newVendorsPage(w *Window) *agentPage {
	return newAgentPage(w, agentKind{
		heads: func(*session.Snapshot) []string {
			return []string{"Vendor", "Share", "Change", "Over time", "Sells a year", "Growth", "Price", "Used", "Capacity"}
		},
		rows: vendorRows,
		name: func(snap *session.Snapshot, i int) string { return snap.World.Run.Vendors[i] },
		say: func(snap *session.Snapshot, i, week int) (lines []reading) {
			run := snap.World.Run
			for lab, name := range run.Labs {
				if x := run.Spend[run.Rel(week, lab, i)]; x > 0 {
					lines = append(lines, reading{cells: []string{name, figure.Money(x)}, color: figure.Colour(lab, isDark())})
				}
			}
			return lines
		},
		views: []agentView{{func(*session.Snapshot) string { return "revenue a year" }, "revenue", func(name string) figure.Options { return figure.Options{Vendors: []string{name}} }}},
	})
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
		price, used, capacity := cell{text: "-"}, cell{text: "-"}, cell{text: "-"} // work in-house has none
		if name != agents.InHouse {
			price = cell{text: fmt.Sprintf("%.2f", run.Price[at]), value: run.Price[at]}
			used = cell{text: fmt.Sprintf("%.0f%%", 100*run.Utilisation[at]), value: run.Utilisation[at]}
			capacity = moneyCell(run.Capacity[at])
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
		rows = append(rows, append(row, cell{series: series, value: share, color: c}, moneyCell(run.Revenue[at]), changeCell(run.Revenue[was], run.Revenue[at]),
			price, used, capacity))
	}
	return rows
}

// factsPage is the scorecard, which turns as a lever is dragged.
type factsPage struct {
	root  fyne.CanvasObject
	chart *chart
	said  *widget.Label
}

func newFactsPage(*Window) *factsPage {
	p := &factsPage{chart: newChart(nil, nil), said: widget.NewLabel("")}
	p.said.SizeName, p.said.Wrapping = theme.SizeNameCaptionText, fyne.TextWrapWord
	p.root = container.NewBorder(nil, p.said, nil, nil, p.chart)
	return p
}

func (p *factsPage) object() fyne.CanvasObject { return p.root }

func (p *factsPage) saving(*session.Snapshot) saving { return saving{kind: "facts"} }

func (p *factsPage) refresh(snap *session.Snapshot) {
	text := "A fact holds where the medians of the runs, as dots, are within what is allowed, which is shaded; lines hold 90% of the runs. "
	switch {
	case len(snap.World.Scenario.Facts) == 0:
		text = ""
	case snap.Interventions != nil:
		text += "With the changes made on the way. "
	}
	var sources []string
	for _, f := range snap.World.Scenario.Facts {
		if f.Source != "" && !slices.Contains(sources, f.Source) {
			sources = append(sources, f.Source)
		}
	}
	if len(sources) > 0 {
		text += "After " + strings.Join(sources, "; ") + "."
	}
	setText(p.said, text)
	p.chart.show(p.saving(snap).drawing(snap))
}
