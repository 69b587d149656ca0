package desktop

import (
	"fmt"
	"image/color"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/agents/field"
	"exodus/app/internal/session"
	"exodus/scenarios/words"
)

// levers is the panel at the left: what matters most, then all inputs by group, with a search.
type levers struct {
	root   fyne.CanvasObject
	search *entry
	list   *widget.List
	open   map[session.Group]bool
	rows   []leverItem
	shown  map[widget.ListItemID]*leverRow // those of the list that can be seen
	snap   *session.Snapshot
	veil   *veil
}

// leverItem is a line of the panel: a heading, or a lever.
type leverItem struct {
	heading string
	group   session.Group // of a heading that opens and closes
	small   bool          // a heading below another
	lever   int           // index in the snapshot; below 0 for a heading
}

func newLevers(commands leverCommands) *levers {
	p := &levers{open: map[session.Group]bool{}, shown: map[widget.ListItemID]*leverRow{}, search: newEntry()}
	p.search.SetPlaceHolder("Search levers")
	p.search.OnChanged = func(string) { p.layOut() }
	p.search.OnSubmitted = func(string) { p.edit(0) }
	p.search.escape = func() {
		p.search.SetText("")
		unfocus(p.search)
	}
	p.list = widget.NewList(func() int { return len(p.rows) },
		func() fyne.CanvasObject {
			heading := widget.NewLabel("")
			heading.Truncation = fyne.TextTruncateEllipsis
			return container.NewStack(heading, newLeverRow(commands))
		}, p.fill)
	p.list.HideSeparators = true
	p.list.OnSelected = func(id widget.ListItemID) {
		p.list.Unselect(id)
		unfocus(p.list)
		switch item := p.rows[id]; {
		case item.group != "":
			p.open[item.group] = !p.open[item.group]
			p.layOut()
		case item.lever >= 0:
			fyne.Do(func() { p.edit(id) }) // once the space that chose it was typed
		}
	}
	legend := widget.NewLabel("R reported   D derived   A assumed   Y yours")
	legend.SizeName, legend.Importance = theme.SizeNameCaptionText, widget.LowImportance
	p.veil = newVeil()
	p.root = container.NewStack(inOrder(container.NewPadded(p.search), p.list, legend), p.veil)
	return p
}

// edit gives the keys to the lever of a line.
func (p *levers) edit(id widget.ListItemID) {
	p.list.ScrollTo(id)
	c := fyne.CurrentApp().Driver().CanvasForObject(p.list)
	if row := p.shown[id]; row != nil && c != nil {
		row.edit(c)
	}
}

// catchUp paints the lever that is moved.
func (p *levers) catchUp() {
	for _, row := range p.shown {
		row.slider.catchUp()
	}
}

func (p *levers) refresh(snap *session.Snapshot) {
	before := p.snap
	p.snap = snap
	p.veil.draw(len(snap.Problems) > 0)
	if before == nil || len(before.Levers) != len(snap.Levers) || before.Name != snap.Name || !slices.EqualFunc(before.Levers, snap.Levers, sameMark) {
		p.layOut()
		return
	}
	if len(snap.Levers) > 0 && &before.Levers[0] == &snap.Levers[0] && before.Refused == snap.Refused {
		return // while it plays, nothing of them changes from picture to picture
	}
	p.list.Refresh()
}

// layOut decides which lines there are.
func (p *levers) layOut() {
	if p.snap == nil {
		return
	}
	stopExplaining()
	p.rows = p.rows[:0]
	if strings.TrimSpace(p.search.Text) != "" {
		for _, i := range p.snap.Find(p.search.Text) {
			p.rows = append(p.rows, leverItem{lever: i})
		}
		if len(p.rows) == 0 {
			p.rows = append(p.rows, leverItem{heading: noMatch(p.search.Text), lever: -1, small: true})
		}
	} else {
		p.rows = append(p.rows, leverItem{heading: "What matters most", lever: -1})
		for _, i := range p.snap.Most {
			p.rows = append(p.rows, leverItem{lever: i})
		}
		for _, g := range session.Groups {
			p.group(g)
		}
	}
	for i, row := range p.rows {
		height := float32(leverHeight)
		if row.lever < 0 {
			height = 28
		}
		p.list.SetItemHeight(i, height)
	}
	p.list.Refresh()
}

// group adds the lines of a group: its heading and, where it is open, its levers.
func (p *levers) group(g session.Group) {
	n, changed := 0, 0
	for i := range p.snap.Levers {
		if l := &p.snap.Levers[i]; l.Group == g {
			n++
			if l.Changed {
				changed++
			}
		}
	}
	if n == 0 {
		return
	}
	arrow := "▸"
	if p.open[g] {
		arrow = "▾"
	}
	heading := fmt.Sprintf("%s  %s", arrow, g)
	if changed > 0 {
		heading += "   ● " + words.Count(changed) // as the dots of the levers in it, which are out of sight where it is closed
	}
	p.rows = append(p.rows, leverItem{heading: heading, group: g, lever: -1})
	if !p.open[g] {
		return
	}
	of := ""
	for i := range p.snap.Levers {
		l := &p.snap.Levers[i]
		if l.Group != g {
			continue
		}
		if l.Of != of && l.Of != "" {
			p.rows = append(p.rows, leverItem{heading: l.Of, lever: -1, small: true})
		}
		of = l.Of
		p.rows = append(p.rows, leverItem{lever: i})
	}
}

func (p *levers) fill(id widget.ListItemID, o fyne.CanvasObject) {
	stack := o.(*fyne.Container)
	heading, row := stack.Objects[0].(*widget.Label), stack.Objects[1].(*leverRow)
	maps.DeleteFunc(p.shown, func(_ widget.ListItemID, shown *leverRow) bool { return shown == row })
	item := p.rows[id]
	if item.lever < 0 || item.lever >= len(p.snap.Levers) {
		if row.Visible() {
			stopExplaining()
		}
		row.Hide()
		heading.TextStyle.Bold = !item.small || item.group != ""
		heading.Importance = widget.MediumImportance
		if item.small {
			heading.Importance = widget.LowImportance
		}
		heading.Show()
		heading.SetText(item.heading)
		return
	}
	heading.Hide()
	l := p.snap.Levers[item.lever]
	if len(strings.Fields(p.search.Text)) > 0 && l.Of != "" && !strings.Contains(l.Title, l.Of) {
		l.Title = l.Of + ": " + l.Title
	}
	wrong := ""
	if r := p.snap.Refused; r != nil && r.Path == l.Path {
		wrong = whyWrong(&l, r.Text)
	}
	p.shown[id] = row
	row.Show()
	row.set(l, wrong)
}

// whyWrong says, in a line, what is wrong with what was typed for a lever.
func whyWrong(l *session.Lever, text string) string {
	if bare := strings.ReplaceAll(text, ",", ""); l.Kind == field.Whole && bare != text && inRange(l, bare) {
		return "Leave out the comma: " + bare
	}
	if _, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64); err == nil && strings.Count(text, ",") == 1 {
		return "Use a decimal point: " + strings.Replace(text, ",", ".", 1)
	}
	if inRange(l, text) {
		return "Not possible here: see the message at the bottom"
	}
	return fmt.Sprintf("Enter a value from %s to %s", bound(l.Min), bound(l.Max))
}

// noMatch says that no lever is found, and where else to look.
func noMatch(search string) string {
	search = strings.TrimSpace(search)
	text := fmt.Sprintf("No lever matches %q", words.Ellipsis(search, 24))
	for _, other := range []string{"date", "start", "title", "segment", "kind"} {
		if strings.EqualFold(search, other) {
			text += " (it is set in the file)"
		}
	}
	return text
}

// sameMark says whether a lever is marked as it was.
func sameMark(a, b session.Lever) bool { return a.Path == b.Path && a.Changed == b.Changed }

// veil dims what is below it, and keeps the pointer from it.
type veil struct {
	widget.BaseWidget
	pane *canvas.Rectangle
	on   bool
}

func newVeil() *veil {
	v := &veil{pane: canvas.NewRectangle(color.Transparent)}
	v.ExtendBaseWidget(v)
	v.Hide()
	return v
}

func (v *veil) draw(on bool) {
	if v.on == on {
		return
	}
	if v.on = on; !on {
		v.Hide()
		return
	}
	c := color.NRGBAModel.Convert(theme.Color(theme.ColorNameBackground)).(color.NRGBA)
	c.A = 0xb4
	v.pane.FillColor = c
	v.Show()
}

func (v *veil) Tapped(*fyne.PointEvent)             {}
func (v *veil) Dragged(*fyne.DragEvent)             {}
func (v *veil) DragEnd()                            {}
func (v *veil) Scrolled(*fyne.ScrollEvent)          {}
func (v *veil) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(v.pane) }
