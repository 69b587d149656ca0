package desktop

import (
	"fmt"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/session"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// problems shows what is wrong with a scenario, beside its text. A tap on a line leads to where it is.
type problems struct {
	root   fyne.CanvasObject
	head   *widget.Label
	list   *widget.List
	text   *entry
	gutter *gutter
	scroll *container.Scroll
	shown  string // what the text is but for what was typed since
	source string // of the scenario that it is
	edited uint64 // the command that has what was typed last
	all    scenarios.Errors
}

func newProblems(s *session.Session) *problems {
	p := &problems{head: widget.NewLabel(""), text: newEntry(), gutter: newGutter()}
	p.text.MultiLine, p.text.Scroll, p.text.Wrapping = true, fyne.ScrollNone, fyne.TextWrapOff
	p.text.TextStyle.Monospace = true
	p.text.OnChanged = func(text string) {
		p.gutter.number(text, p.all)
		if text != p.shown {
			p.source, p.shown = text, text
			p.edited = s.Edit(text)
		}
	}
	p.text.OnCursorChanged = p.follow
	p.list = widget.NewList(func() int { return len(p.all) }, func() fyne.CanvasObject {
		where, what := widget.NewLabel(""), widget.NewLabel("")
		where.Importance, what.Truncation = widget.DangerImportance, fyne.TextTruncateEllipsis
		return container.NewBorder(nil, nil, container.New(fixed{140}, where), nil, what)
	}, func(id widget.ListItemID, o fyne.CanvasObject) {
		box, e := o.(*fyne.Container), p.all[id]
		setText(box.Objects[1].(*fyne.Container).Objects[0].(*widget.Label), place(e))
		setText(box.Objects[0].(*widget.Label), e.Text)
	})
	p.list.HideSeparators = true
	p.list.OnSelected = func(id widget.ListItemID) {
		p.list.Unselect(id)
		p.lead(p.all[id])
	}
	p.head.Wrapping, p.head.TextStyle.Bold = fyne.TextWrapWord, true
	p.scroll = container.NewScroll(container.NewBorder(nil, nil, p.gutter, nil, p.text))
	split := container.NewVSplit(p.list, container.NewThemeOverride(p.scroll, editorLook{newLook()}))
	split.SetOffset(0.3)
	p.root = container.NewBorder(p.head, nil, nil, nil, split)
	return p
}

// editorLook makes the lines of a text higher: at the usual size their lowest row of pixels, where underscores are, is cut off.
type editorLook struct{ fyne.Theme }

func (l editorLook) Size(name fyne.ThemeSizeName) float32 {
	if name == theme.SizeNameText {
		return editorSize
	}
	return l.Theme.Size(name)
}

const editorSize = 14

// lead puts the cursor where something is wrong.
func (p *problems) lead(e scenarios.Error) {
	if e.Line == 0 {
		return
	}
	p.text.CursorRow, p.text.CursorColumn = e.Line-1, max(0, e.Column-1)
	if c := fyne.CurrentApp().Driver().CanvasForObject(p.text); c != nil {
		c.Focus(p.text)
	}
	p.text.Refresh()
	p.follow()
}

// follow scrolls to the cursor.
func (p *problems) follow() {
	at, size := p.text.CursorPosition(), p.scroll.Size()
	const room = 24
	offset := p.scroll.Offset
	left := p.gutter.Size().Width + at.X
	offset.X = min(max(offset.X, left+room-size.Width), max(0, left-room-p.gutter.Size().Width))
	offset.Y = min(max(offset.Y, at.Y+2*room-size.Height), max(0, at.Y-room))
	if offset != p.scroll.Offset {
		p.scroll.ScrollToOffset(offset)
	}
}

// place says where in the text something is wrong.
func place(e scenarios.Error) string {
	if e.Line == 0 {
		return ""
	}
	return fmt.Sprintf("line %d, column %d", e.Line, e.Column)
}

// editable says whether a text can be edited in the window, which draws a line whole, however long it is.
func editable(text string) bool {
	for line := range strings.Lines(text) {
		if len(line) > 2000 {
			return false
		}
	}
	return len(text) < 1<<20
}

func (p *problems) refresh(snap *session.Snapshot) {
	text := fmt.Sprintf("This scenario can't run yet: %s. Tap one to go to its place in the text.", words.Counted(len(snap.Problems), "problem"))
	if snap.World != nil {
		text += " The previous market is kept; Undo brings it back."
	}
	setText(p.head, text)
	p.all = snap.Problems
	p.list.Refresh()
	p.take(snap)
	p.gutter.number(p.text.Text, p.all)
}

// take shows the text of a snapshot. What was typed is newer than a snapshot that does not answer it yet, and stays.
func (p *problems) take(snap *session.Snapshot) {
	if snap.Source == p.source || snap.Command < p.edited {
		return
	}
	p.source, p.shown = snap.Source, snap.Source
	if p.text.Enable(); !editable(snap.Source) {
		p.shown = "This text is too long, or has too long a line, to be edited here. Correct the file with another editor, and open it again."
		p.text.Disable()
	}
	p.text.SetText(p.shown)
}

// gutter numbers the lines of a text, and marks those with which something is wrong.
type gutter struct {
	widget.BaseWidget
	numbers []*canvas.Text
	wrong   map[int]bool
}

func newGutter() *gutter {
	g := &gutter{}
	g.ExtendBaseWidget(g)
	return g
}

func (g *gutter) number(text string, wrong scenarios.Errors) {
	lines := 1 + strings.Count(text, "\n")
	g.wrong = map[int]bool{}
	for _, e := range wrong {
		g.wrong[e.Line] = true
	}
	for len(g.numbers) < lines {
		g.numbers = append(g.numbers, canvas.NewText(strconv.Itoa(len(g.numbers)+1), nil))
	}
	g.numbers = g.numbers[:lines]
	g.Refresh()
}

func (g *gutter) CreateRenderer() fyne.WidgetRenderer { return &gutterRenderer{g: g} }

type gutterRenderer struct{ g *gutter }

// line is the height of a line of the text beside it.
func (r *gutterRenderer) line() float32 {
	return fyne.MeasureText("M", editorSize, fyne.TextStyle{Monospace: true}).Height
}

func (r *gutterRenderer) MinSize() fyne.Size {
	digits := fyne.MeasureText("▸ "+strconv.Itoa(max(100, len(r.g.numbers))), theme.CaptionTextSize(), fyne.TextStyle{Monospace: true})
	return fyne.NewSize(digits.Width+8, r.line()*float32(len(r.g.numbers)))
}

func (r *gutterRenderer) Layout(size fyne.Size) {
	for i, t := range r.g.numbers {
		t.Move(fyne.NewPos(4, theme.InnerPadding()+r.line()*float32(i)+1))
		t.Resize(fyne.NewSize(size.Width-8, r.line()))
	}
}

func (r *gutterRenderer) Refresh() {
	for i, t := range r.g.numbers {
		t.TextSize, t.Alignment, t.TextStyle = theme.CaptionTextSize(), fyne.TextAlignTrailing, fyne.TextStyle{Monospace: true}
		text, ink := strconv.Itoa(i+1), theme.Color(theme.ColorNamePlaceHolder)
		if r.g.wrong[i+1] {
			text, ink, t.TextStyle.Bold = "▸ "+text, theme.Color(theme.ColorNameError), true
		}
		if t.Text != text || t.Color != ink {
			t.Text, t.Color = text, ink
			t.Refresh()
		}
	}
	r.Layout(r.g.Size())
	canvas.Refresh(r.g)
}

func (r *gutterRenderer) Destroy() {}

func (r *gutterRenderer) Objects() []fyne.CanvasObject {
	objects := make([]fyne.CanvasObject, len(r.g.numbers))
	for i, t := range r.g.numbers {
		objects[i] = t
	}
	return objects
}
