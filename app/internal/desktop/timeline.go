package desktop

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// mark is something that happened in a week.
type mark struct {
	week int
	text string
	own  bool // of the reader, not of the scenario
}

// timeline is a scrubber over the weeks of a run, with marks of what happened.
type timeline struct {
	widget.BaseWidget
	scrubbed func(week int)
	date     func(week int) string
	weeks    int
	week     int // how many have gone by
	marks    []mark
	focused  bool

	track, gone *canvas.Rectangle
	knob        *canvas.Circle
	from, to    *canvas.Text
	now         *canvas.Text
	ticks       []*canvas.Line
	names       []*canvas.Text
}

func newTimeline(scrubbed func(week int)) *timeline {
	t := &timeline{scrubbed: scrubbed, date: func(int) string { return "" }}
	t.track, t.gone = canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	t.track.CornerRadius, t.gone.CornerRadius = 2, 2
	t.knob = canvas.NewCircle(nil)
	t.from, t.to, t.now = canvas.NewText("", nil), canvas.NewText("", nil), canvas.NewText("", nil)
	t.now.TextStyle.Bold = true
	t.ExtendBaseWidget(t)
	return t
}

// set shows a week of a run, and what happened in it.
func (t *timeline) set(week, weeks int, marks []mark, date func(week int) string) {
	t.week, t.weeks, t.marks, t.date = week, weeks, marks, date
	t.Refresh()
}

// x is where one is after some weeks.
func (t *timeline) x(week int) float32 {
	return edge + (t.Size().Width-2*edge)*float32(week)/float32(max(1, t.weeks))
}

const edge = 12 // room at both ends

func (t *timeline) scrub(x float32) {
	part := float64((x - edge) / (t.Size().Width - 2*edge))
	week := max(0, min(t.weeks, int(math.Round(part*float64(t.weeks)))))
	if week != t.week && t.weeks > 0 {
		t.week = week
		t.Refresh()
		t.scrubbed(week)
	}
}

var (
	_ fyne.Draggable     = (*timeline)(nil)
	_ fyne.Focusable     = (*timeline)(nil)
	_ desktop.Cursorable = (*timeline)(nil)
)

func (t *timeline) Dragged(e *fyne.DragEvent) { t.scrub(e.Position.X) }
func (t *timeline) DragEnd()                  {}
func (t *timeline) Tapped(e *fyne.PointEvent) { t.scrub(e.Position.X) }
func (t *timeline) Cursor() desktop.Cursor    { return desktop.PointerCursor }
func (t *timeline) FocusGained()              { t.focused = true; t.Refresh() }
func (t *timeline) FocusLost()                { t.focused = false; t.Refresh() }
func (t *timeline) TypedRune(rune)            {}
func (t *timeline) TypedKey(key *fyne.KeyEvent) {
	step := map[fyne.KeyName]int{fyne.KeyLeft: -1, fyne.KeyRight: 1, fyne.KeyPageDown: -13, fyne.KeyPageUp: 13, fyne.KeyHome: -t.weeks, fyne.KeyEnd: t.weeks}[key.Name]
	if week := max(0, min(t.weeks, t.week+step)); step != 0 && week != t.week {
		t.scrubbed(week)
	}
}

func (t *timeline) CreateRenderer() fyne.WidgetRenderer { return &timelineRenderer{t} }

type timelineRenderer struct{ t *timeline }

func (r *timelineRenderer) MinSize() fyne.Size { return fyne.NewSize(240, 52) }
func (r *timelineRenderer) Destroy()           {}

func (r *timelineRenderer) Layout(size fyne.Size) {
	t := r.t
	const y = 26
	t.track.Move(fyne.NewPos(edge, y-2))
	t.track.Resize(fyne.NewSize(size.Width-2*edge, 4))
	at := t.x(t.week)
	t.gone.Move(fyne.NewPos(edge, y-2))
	t.gone.Resize(fyne.NewSize(max(0, at-edge), 4))
	radius := float32(7)
	t.knob.Move(fyne.NewPos(at-radius, y-radius))
	t.knob.Resize(fyne.NewSize(2*radius, 2*radius))
	t.from.Move(fyne.NewPos(edge, y+8))
	t.to.Move(fyne.NewPos(size.Width-edge-t.to.MinSize().Width, y+8))
	wide := t.now.MinSize().Width
	t.now.Move(fyne.NewPos(max(edge, min(size.Width-edge-wide, at-wide/2)), y+8))
	// The dates at the ends make room for that of the week.
	t.from.Hidden = t.now.Position().X < edge+t.from.MinSize().Width+8
	t.to.Hidden = t.now.Position().X+wide > t.to.Position().X-8
	free := float32(0) // where a name may begin
	for i, m := range t.marks {
		x := t.x(m.week)
		t.ticks[i].Position1, t.ticks[i].Position2 = fyne.NewPos(x, y-12), fyne.NewPos(x, y+4)
		name := t.names[i]
		left := max(0, min(size.Width-name.MinSize().Width, x+3))
		if name.Hidden = left < free; !name.Hidden {
			name.Move(fyne.NewPos(left, 0))
			free = left + name.MinSize().Width + 10
		}
	}
}

func (r *timelineRenderer) Refresh() {
	t := r.t
	quiet, ink, primary := theme.Color(theme.ColorNamePlaceHolder), theme.Color(theme.ColorNameForeground), theme.Color(theme.ColorNamePrimary)
	t.track.FillColor, t.gone.FillColor, t.knob.FillColor = theme.Color(theme.ColorNameInputBorder), primary, primary
	t.knob.StrokeWidth, t.knob.StrokeColor = 0, ink
	if t.focused {
		t.knob.StrokeWidth = 2
	}
	for len(t.ticks) < len(t.marks) {
		t.ticks, t.names = append(t.ticks, canvas.NewLine(quiet)), append(t.names, canvas.NewText("", quiet))
	}
	t.ticks, t.names = t.ticks[:len(t.marks)], t.names[:len(t.marks)]
	for i, m := range t.marks {
		c := quiet
		if m.own {
			c = theme.Color(theme.ColorNameWarning)
		}
		t.ticks[i].StrokeColor, t.ticks[i].StrokeWidth = c, 1.5
		t.names[i].Text, t.names[i].Color, t.names[i].TextSize = m.text, c, theme.CaptionTextSize()
	}
	for text, c := range map[*canvas.Text]string{t.from: t.date(0), t.to: t.date(t.weeks), t.now: t.date(t.week)} {
		text.Text, text.Color, text.TextSize = c, quiet, theme.CaptionTextSize()
	}
	t.now.Color = ink
	r.Layout(t.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
}

func (r *timelineRenderer) Objects() []fyne.CanvasObject {
	t := r.t
	objects := []fyne.CanvasObject{t.track, t.gone}
	for i := range t.ticks {
		objects = append(objects, t.ticks[i], t.names[i])
	}
	return append(objects, t.knob, t.from, t.to, t.now)
}
