package desktop

import (
	"strings"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// tip explains something where the pointer rests on it.
type tip struct {
	help  string
	of    fyne.CanvasObject
	visit atomic.Int64 // counts up when the pointer comes or goes
}

// restFor is how long the pointer rests before the explanation comes.
const restFor = 450 * time.Millisecond

func (t *tip) come() {
	here := t.visit.Add(1)
	if t.help == "" {
		return
	}
	time.AfterFunc(restFor, func() {
		fyne.Do(func() {
			if t.visit.Load() == here {
				t.explain()
			}
		})
	})
}

func (t *tip) leave() {
	t.visit.Add(1)
	if explained != nil && explained.of == t {
		explained.clear()
	}
}

// explained is where a window explains things: above all else in it, and out of the way of the pointer, which a pop-up
// would not be. It belongs to the window's goroutine.
var explained *explanation

// explanation is a layer for a box of text. The layer can always be seen, and what it shows is new each time: Fyne
// forgets, after a minute, on which canvas a thing is that was hidden, and paints it no more.
type explanation struct {
	*fyne.Container
	of *tip
}

func newExplanation() *explanation { return &explanation{Container: container.NewWithoutLayout()} }

func (e *explanation) clear() {
	if e.of = nil; len(e.Objects) > 0 {
		e.Objects = nil
		e.Refresh()
	}
}

// stopExplaining takes away what is explained, whose place something else takes now.
func stopExplaining() {
	if explained != nil && explained.of != nil {
		explained.of.leave()
	}
}

// explain shows the explanation below what it is of, or above, within the window.
func (t *tip) explain() {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(t.of)
	if c == nil || explained == nil || c.Overlays().Top() != nil {
		return
	}
	back, text := canvas.NewRectangle(theme.Color(theme.ColorNameOverlayBackground)), widget.NewLabel(t.help)
	back.CornerRadius, back.StrokeWidth, back.StrokeColor = 4, 1, theme.Color(theme.ColorNameSeparator)
	text.Wrapping, text.SizeName = fyne.TextWrapWord, theme.SizeNameCaptionText
	width := float32(0)
	for line := range strings.Lines(t.help) {
		width = max(width, fyne.MeasureText(line, theme.CaptionTextSize(), fyne.TextStyle{}).Width)
	}
	text.Resize(fyne.NewSize(min(320, width+24), 0))
	size := fyne.NewSize(text.Size().Width, text.MinSize().Height)
	at := driver.AbsolutePositionForObject(t.of).AddXY(8, t.of.Size().Height+2)
	at.X = max(4, min(at.X, c.Size().Width-size.Width-8))
	if at.Y+size.Height > c.Size().Height {
		at.Y -= size.Height + t.of.Size().Height + 8
	}
	at = at.Subtract(driver.AbsolutePositionForObject(explained.Container))
	explained.of, explained.Objects = t, []fyne.CanvasObject{back, text}
	for _, o := range explained.Objects {
		o.Move(at)
		o.Resize(size)
	}
	explained.Refresh()
}

// hint is a line of text that explains itself.
type hint struct {
	widget.Label
	tip
}

func newHint(text, help string) *hint {
	h := &hint{tip: tip{help: help}}
	h.Text, h.of = text, h
	h.ExtendBaseWidget(h)
	return h
}

func (h *hint) MouseIn(*desktop.MouseEvent)    { h.come() }
func (h *hint) MouseMoved(*desktop.MouseEvent) {}
func (h *hint) MouseOut()                      { h.leave() }

// iconButton is a button without words, which explains itself.
type iconButton struct {
	widget.Button
	tip
}

func newIconButton(icon fyne.Resource, help string, tapped func()) *iconButton {
	b := &iconButton{tip: tip{help: help}}
	b.Icon, b.OnTapped, b.Importance, b.of = icon, tapped, widget.LowImportance, b
	b.ExtendBaseWidget(b)
	return b
}

var _, _ desktop.Hoverable = (*hint)(nil), (*iconButton)(nil)

func (b *iconButton) MouseIn(e *desktop.MouseEvent) { b.Button.MouseIn(e); b.come() }
func (b *iconButton) MouseOut()                     { b.Button.MouseOut(); b.leave() }
func (b *iconButton) Tapped(e *fyne.PointEvent)     { b.leave(); b.Button.Tapped(e) }
