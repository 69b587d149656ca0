package desktop

import (
	"image/color"
	"math"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/figure"
	"exodus/app/internal/session"
	"exodus/scenarios/words"
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
	title   string
	labs    bool   // whether they are labs, of which medians come later than of vendors
	nothing string // what is said where it did nothing in the whole run
	heads   func(snap *session.Snapshot) []string
	rows    func(snap *session.Snapshot) [][]cell
	name    func(snap *session.Snapshot, i int) string
	say     func(snap *session.Snapshot, i, week int) []reading
	views   []agentView
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
		return append([]reading{{cells: []string{day(p.snap, week)}}}, p.say(p.snap, p.chosen, week)...)
	}, func(week int) { w.session.Seek(week + 1) })
	p.which = newChoice(nil, func(choice string) {
		if at := slices.Index(p.which.Options, choice); at >= 0 && at != p.view {
			p.view = at
			p.refresh(p.snap)
		}
	})
	p.about.TextStyle.Bold, p.about.Truncation = true, fyne.TextTruncateEllipsis
	p.events.Wrapping, p.events.SizeName = fyne.TextWrapWord, theme.SizeNameCaptionText
	history := container.NewHSplit(p.chart, container.NewVScroll(p.events))
	history.SetOffset(0.68)
	split := container.NewVSplit(p.table.root, container.NewBorder(container.NewBorder(nil, nil, nil, p.which, p.about), nil, nil, nil, history))
	split.SetOffset(0.52)
	p.root = split
	return p
}

func (p *agentPage) object() fyne.CanvasObject { return p.root }

func (p *agentPage) of(snap *session.Snapshot) string { return p.title + ": " + p.seen(snap).Of() }

// seen is what the page shows of the market.
func (p *agentPage) seen(snap *session.Snapshot) *session.Snapshot {
	if p.labs {
		return snap.OfLabs()
	}
	return snap
}

func (p *agentPage) saving(snap *session.Snapshot) saving {
	v := p.views[p.view]
	o := v.of(p.name(snap, p.chosen))
	o.Until = until(snap)
	return saving{v.kind, o}
}

func (p *agentPage) refresh(snap *session.Snapshot) {
	snap = p.seen(snap)
	p.snap = snap
	rows := p.rows(snap)
	if p.chosen >= len(rows) {
		p.chosen = 0
	}
	p.table.set(p.heads(snap), rows)
	p.table.mark(p.chosen)
	name := p.name(snap, p.chosen)
	var titles []string
	for _, v := range p.views {
		titles = append(titles, v.title(snap))
	}
	about := named(name)
	if len(titles) == 1 {
		about += ": " + titles[0]
	}
	setText(p.about, about)
	if !slices.Equal(p.which.Options, titles) {
		p.which.Options, p.which.Selected, p.which.Hidden = titles, titles[p.view], len(titles) < 2
		p.which.Refresh()
	}
	setText(p.events, happened(snap, name, p.nothing))
	p.chart.mark(snap.Week)
	p.chart.show(p.saving(snap).drawing(snap))
}

// none is what a cell says where there is nothing to say. It sorts below all else.
var none = cell{text: "–", value: math.Inf(-1)}

func nameCell(name string) cell { return cell{text: words.Ellipsis(name, 26)} }

// numberCell writes a value, unless it is not known.
func numberCell(x float64, known bool, write func(float64) string) cell {
	if !known || x != x {
		return none
	}
	return cell{text: write(x), value: x}
}

// changeCell writes how a value has changed since the week before the event, if there is one.
func changeCell(was, is float64, known bool) cell {
	if !known || !(was > 0) || is != is {
		return none
	}
	return cell{text: words.SignedPercent(is/was - 1), value: is/was - 1}
}

// mostRows is how many agents the pointer reads: of more, the largest.
const mostRows = 14

// list makes lines of the largest values, and counts the rest.
func list(names []string, value func(i int) (float64, bool), colour func(i int) color.Color) (lines []reading) {
	var shown []int
	for i := range names {
		if x, known := value(i); known && x > 0 {
			shown = append(shown, i)
		}
	}
	size := func(i int) float64 { x, _ := value(i); return x }
	largest(shown, mostRows, size)
	for _, i := range shown[:min(mostRows, len(shown))] {
		lines = append(lines, reading{cells: []string{words.Ellipsis(names[i], 24), words.Money(size(i))}, color: colour(i)})
	}
	if rest := len(shown) - mostRows; rest > 0 {
		lines = append(lines, reading{cells: []string{words.Counted(rest, "other"), ""}, quiet: true})
	}
	return lines
}

// happened tells what an agent did up to the week of the timeline.
func happened(snap *session.Snapshot, name, nothing string) string {
	of := strings.ReplaceAll(feedOf(snap), "\n", " ")
	text := strings.ToUpper(of[:1]) + of[1:] + ":\n"
	empty := text
	for _, line := range snap.Feed {
		if line.Agent == name && line.Week < max(1, snap.Week) {
			text += words.Date(line.Date) + "  " + line.Text + "\n"
		}
	}
	switch {
	case text != empty:
		return text
	case snap.Week < snap.Weeks:
		return text + "Nothing has happened to it so far."
	}
	return text + nothing
}
