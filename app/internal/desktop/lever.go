package desktop

import (
	"image/color"
	"math"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/agents/field"
	"exodus/app/internal/session"
	"exodus/scenarios/words"
)

// leverRow is an input as it is moved: its name with what it means, its exact value, a slider over what is plausible,
// a letter for where the number comes from, and a dot where it differs from the file, which takes it back.
type leverRow struct {
	widget.BaseWidget
	commands leverCommands
	lever    session.Lever

	name    *hint
	mark    *hint
	entry   *valueEntry
	slider  *slider
	check   *widget.Check
	dot     *dot
	caption *canvas.Text // why what was typed is not taken; else, that the value is the reader's, and what the file has
	binding bool         // while the row is filled, what it says is no command
	held    bool         // while the slider is dragged, it is the reader's
}

// leverCommands are those of a session that a lever sends.
type leverCommands interface {
	Set(path, value string)
	Drag(path, value string)
	Release()
	Reset(path string)
}

func newLeverRow(commands leverCommands) *leverRow {
	r := &leverRow{commands: commands, name: newHint("", ""), mark: newHint("", ""), slider: newSlider(0, 1), check: widget.NewCheck("", nil)}
	r.name.Truncation = fyne.TextTruncateEllipsis
	r.entry = newValueEntry(func(text string) {
		if !r.binding && text != r.entry.given {
			r.commands.Set(r.lever.Path, text)
		}
	}, func() string { return r.lever.Text })
	r.slider.OnChanged = func(x float64) {
		if !r.binding {
			r.held, held = true, true
			r.commands.Drag(r.lever.Path, r.written(x))
			if !r.slider.behind {
				r.slider.painted()
			}
		}
	}
	r.slider.painted = func() { r.entry.give(r.written(r.slider.Value), true) } // the panel is drawn anew once the lever rests
	r.slider.OnChangeEnded = func(float64) {
		if !r.binding {
			r.held, held = false, false
			r.commands.Release()
		}
	}
	r.check.OnChanged = func(yes bool) {
		if !r.binding {
			unfocus(r.check)
			x := 0.0
			if yes {
				x = 1
			}
			r.commands.Set(r.lever.Path, r.lever.Write(x))
		}
	}
	r.dot = newDot(func() { r.commands.Reset(r.lever.Path) })
	r.caption = canvas.NewText("", theme.Color(theme.ColorNameError))
	r.caption.TextSize = theme.CaptionTextSize()
	r.ExtendBaseWidget(r)
	return r
}

// written is a value of the slider as it is written.
func (r *leverRow) written(x float64) string { return r.lever.Write(rounded(x, r.slider.Step)) }

// rounded is a value without the digits that a slider's step does not have.
func rounded(x, step float64) float64 {
	if step <= 0 {
		return x
	}
	digits := math.Pow(10, math.Ceil(-math.Log10(step))+1)
	return math.Round(x*digits) / digits
}

// set shows a lever; wrong is why what was typed for it was refused, if it was.
func (r *leverRow) set(l session.Lever, wrong string) {
	r.binding = true
	defer func() { r.binding = false }()
	same := r.lever.Path == l.Path
	if !same { // the list was moved, or is another
		stopExplaining()
	}
	r.lever = l
	title := l.Title
	if title == "" {
		title = l.Path
	}
	r.name.help, r.mark.help = leverHelp(&l), evidenceHelp(&l)
	setText(&r.name.Label, title)
	setText(&r.mark.Label, evidenceMark(&l))
	if l.Kind == field.YesNo {
		r.check.SetChecked(l.Now != 0)
	} else if !r.held || !same {
		low, high := l.Low, l.High
		if high <= low {
			high = low + 1
		}
		r.slider.Min, r.slider.Max, r.slider.Step = low, high, stepOf(&l)
		if r.slider.Value != l.Now {
			r.slider.Value = max(low, min(high, l.Now))
		}
		r.slider.Refresh()
	}
	r.entry.give(l.Text, same)
	r.dot.show(l.Changed)
	text, ink := yours(&l), theme.Color(theme.ColorNamePlaceHolder)
	if wrong != "" {
		text, ink = wrong, theme.Color(theme.ColorNameError)
	}
	if r.caption.Text != text || r.caption.Color != ink {
		r.caption.Text, r.caption.Color = text, ink
		r.caption.Refresh()
	}
	r.Refresh()
}

// edit gives the keys to what the value is set by; a number is chosen whole, to be typed over.
func (r *leverRow) edit(c fyne.Canvas) {
	if r.lever.Kind == field.YesNo {
		c.Focus(r.check)
		return
	}
	c.Focus(r.entry)
	r.entry.TypedShortcut(&fyne.ShortcutSelectAll{})
}

func setText(l *widget.Label, text string) {
	if l.Text != text {
		l.SetText(text)
	}
}

// stepOf divides what is plausible into a few hundred steps of a round size.
func stepOf(l *session.Lever) float64 {
	if l.Kind == field.Whole {
		return 1
	}
	span := l.High - l.Low
	if span <= 0 {
		return 0.01
	}
	return math.Pow(10, math.Floor(math.Log10(span/100)))
}

func leverHelp(l *session.Lever) string {
	text := l.Doc + "\n" + l.Path
	switch l.Unit {
	case "":
	case "nats":
		text += " (unit: nats, in which choice models measure utility)"
	default:
		text += " (unit: " + l.Unit + ")"
	}
	return text
}

// evidenceMark is a letter for where a number comes from.
func evidenceMark(l *session.Lever) string {
	if l.Changed {
		return "Y"
	}
	return sourceMark(l)
}

func sourceMark(l *session.Lever) string {
	if l.Evidence.Kind == "" {
		return "A" // what nobody vouches for is assumed
	}
	return strings.ToUpper(l.Evidence.Kind[:1])
}

// yours says that a value was moved, and from what.
func yours(l *session.Lever) string {
	if !l.Changed {
		return ""
	}
	kind := l.Evidence.Kind
	if kind == "" {
		kind = "assumed"
	}
	return "yours (was " + l.Write(l.InFile) + ", " + kind + ")"
}

func evidenceHelp(l *session.Lever) string {
	if l.Changed {
		return yours(l) + "\n" + l.Write(l.InFile) + " in the file is " + source(l)
	}
	return source(l)
}

// source says where the file's value comes from.
func source(l *session.Lever) string {
	e := l.Evidence
	switch {
	case e.Kind == "":
		return "assumed: the scenario names no source"
	case e.Source == "":
		return strings.TrimSpace(e.Kind + ". " + e.Note)
	}
	text := e.Kind + ": " + e.Source
	if !e.Date.IsZero() {
		text += ", " + words.Date(e.Date)
	}
	return strings.TrimSpace(text + ". " + e.Note)
}

const leverHeight = 60

func (r *leverRow) CreateRenderer() fyne.WidgetRenderer { return &leverRenderer{r} }

type leverRenderer struct{ r *leverRow }

func (v *leverRenderer) MinSize() fyne.Size {
	return fyne.NewSize(246, leverHeight)
}

func (v *leverRenderer) Layout(size fyne.Size) {
	const dotWide, entryWide, markWide, top = 14, 62, 22, 30
	r := v.r
	r.dot.Move(fyne.NewPos(0, 7))
	r.dot.Resize(fyne.NewSize(dotWide, 16))
	r.mark.Move(fyne.NewPos(size.Width-markWide, 0))
	r.mark.Resize(fyne.NewSize(markWide, top))
	r.name.Move(fyne.NewPos(dotWide-4, 0))
	yesNo := r.lever.Field != nil && r.lever.Kind == field.YesNo // a row of the list is laid out before it has a lever
	r.check.Hidden, r.slider.Hidden, r.entry.Hidden = !yesNo, yesNo, yesNo
	r.name.Resize(fyne.NewSize(size.Width-dotWide-markWide-entryWide+4, top))
	r.entry.Move(fyne.NewPos(size.Width-markWide-entryWide, 0))
	r.entry.Resize(fyne.NewSize(entryWide, top))
	r.check.Move(fyne.NewPos(size.Width-markWide-entryWide+14, 0))
	r.check.Resize(fyne.NewSize(30, top))
	r.slider.Move(fyne.NewPos(dotWide-6, top-3))
	r.slider.Resize(fyne.NewSize(size.Width-dotWide+2, 26))
	r.caption.Move(fyne.NewPos(dotWide, leverHeight-16))
}

func (v *leverRenderer) Refresh() { v.Layout(v.r.Size()) }
func (v *leverRenderer) Destroy() {}
func (v *leverRenderer) Objects() []fyne.CanvasObject {
	r := v.r
	return []fyne.CanvasObject{r.dot, r.name, r.slider, r.check, r.entry, r.mark, r.caption}
}

// valueEntry is an entry that sends what was typed when it is left or confirmed, and forgets it on Escape.
type valueEntry struct {
	entry
	given   string // by the session, last
	focused bool
	send    func(text string)
	wrong   tip // why what was typed was refused
}

func newValueEntry(send func(text string), now func() string) *valueEntry {
	e := &valueEntry{}
	e.send = func(text string) {
		e.wrong.leave()
		send(text)
	}
	e.extend(e)
	e.OnSubmitted = func(text string) { e.send(text) }
	e.escape = func() {
		e.wrong.leave()
		e.SetText(now())
		unfocus(e)
	}
	e.idle = func() bool { return e.Text == e.given }
	e.wrong.of = e
	return e
}

// mark says below the entry why what was typed there was refused; of a refusal of something else, it takes that back.
func (e *valueEntry) mark(r *session.Refusal, path string) {
	e.wrong.leave()
	if r != nil && r.Path == path {
		e.wrong.help = r.Err.Error()
		e.wrong.explain()
	}
}

// give shows a value, unless the reader is writing another.
func (e *valueEntry) give(text string, same bool) {
	if e.focused && same && e.Text != e.given {
		e.given = text
		return
	}
	if e.given = text; e.Text != text {
		e.SetText(text)
	}
}

func (e *valueEntry) FocusGained() {
	e.focused = true
	e.entry.FocusGained()
}

func (e *valueEntry) FocusLost() {
	e.focused = false
	e.entry.FocusLost()
	if e.Text != e.given {
		e.send(e.Text)
	}
}

// TypedShortcut first sends what was typed: what is saved has it.
func (e *valueEntry) TypedShortcut(s fyne.Shortcut) {
	if custom, ok := s.(*desktop.CustomShortcut); ok && len(custom.KeyName) == 1 && e.Text != e.given {
		e.send(e.Text)
	}
	e.entry.TypedShortcut(s)
}

// slider is one that keeps the arrows to itself, and leaves all other keys to the window. Its value follows the pointer
// at once. It is painted together with the picture of a value, since each time that the window is painted takes longer
// than the picture: catchUp paints it.
type slider struct {
	widget.Slider
	following bool        // while its value follows the pointer
	behind    bool        // whether it is painted elsewhere than where its value is
	late      *time.Timer // until it is painted without a picture
	painted   func()      // is called when it has caught up; may be nil
}

// lateAfter is how long a slider waits for a picture.
const lateAfter = time.Second / 20

func (s *slider) Dragged(e *fyne.DragEvent) {
	s.following = true
	s.Slider.Dragged(e)
	s.following = false
}

// DragEnd is where the pointer was let go.
func (s *slider) DragEnd() {
	s.catchUp()
	s.Slider.DragEnd()
}

func (s *slider) fallBehind() {
	if s.behind {
		return
	}
	s.behind = true
	if s.late == nil {
		s.late = time.AfterFunc(lateAfter, func() { fyne.Do(s.catchUp) })
	} else {
		s.late.Reset(lateAfter)
	}
}

func (s *slider) catchUp() {
	if !s.behind {
		return
	}
	s.behind = false
	s.late.Stop()
	s.Refresh()
	if s.painted != nil {
		s.painted()
	}
}

func newSlider(low, high float64) *slider {
	s := &slider{}
	s.Min, s.Max, s.Step = low, high, 1
	s.ExtendBaseWidget(s)
	return s
}

func (s *slider) CreateRenderer() fyne.WidgetRenderer {
	return sliderRenderer{s.Slider.CreateRenderer(), s}
}

// sliderRenderer draws the track of a slider, which is Fyne's first object, so that it can be seen.
type sliderRenderer struct {
	fyne.WidgetRenderer
	s *slider
}

func (r sliderRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.tint()
}

func (r sliderRenderer) Refresh() {
	if r.s.following {
		r.s.fallBehind()
		return
	}
	r.WidgetRenderer.Refresh()
	r.tint()
}

func (r sliderRenderer) tint() {
	if track, ok := r.Objects()[0].(*canvas.Rectangle); ok {
		track.FillColor = theme.Color(theme.ColorNameInputBorder)
	}
}

func (s *slider) TypedKey(key *fyne.KeyEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(s); key.Name != fyne.KeyLeft && key.Name != fyne.KeyRight && c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(key)
		return
	}
	s.Slider.TypedKey(key)
}

// dot marks what differs from the file, and takes it back when it is tapped.
type dot struct {
	widget.BaseWidget
	circle *canvas.Circle
	tapped func()
	on     bool
}

func newDot(tapped func()) *dot {
	d := &dot{circle: canvas.NewCircle(color.Transparent), tapped: tapped}
	d.ExtendBaseWidget(d)
	return d
}

func (d *dot) show(on bool) {
	if d.on != on {
		d.on = on
		d.Refresh()
	}
}

func (d *dot) Tapped(*fyne.PointEvent) {
	if d.on {
		d.tapped()
	}
}

func (d *dot) CreateRenderer() fyne.WidgetRenderer { return &dotRenderer{d} }

type dotRenderer struct{ d *dot }

func (v *dotRenderer) MinSize() fyne.Size { return fyne.NewSize(14, 14) }
func (v *dotRenderer) Layout(size fyne.Size) {
	v.d.circle.Move(fyne.NewPos(size.Width/2-4, size.Height/2-4))
	v.d.circle.Resize(fyne.NewSize(8, 8))
}
func (v *dotRenderer) Refresh() {
	v.d.circle.FillColor = color.Transparent
	if v.d.on {
		v.d.circle.FillColor = theme.Color(theme.ColorNameWarning)
	}
	v.d.circle.Refresh()
}
func (v *dotRenderer) Destroy()                     {}
func (v *dotRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{v.d.circle} }
