package desktop

import (
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
	popup *widget.PopUp
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
	if t.popup != nil {
		t.popup.Hide()
		t.popup = nil
	}
}

// explain shows the explanation below what it is of, or above, within the window.
func (t *tip) explain() {
	c := fyne.CurrentApp().Driver().CanvasForObject(t.of)
	if c == nil {
		return
	}
	text := widget.NewLabel(t.help)
	text.Wrapping = fyne.TextWrapWord
	text.SizeName = theme.SizeNameCaptionText
	width := min(320, fyne.MeasureText(t.help, theme.CaptionTextSize(), fyne.TextStyle{}).Width+24)
	text.Resize(fyne.NewSize(width, 0))
	size := fyne.NewSize(width, text.MinSize().Height)
	back := canvas.NewRectangle(theme.Color(theme.ColorNameOverlayBackground))
	t.popup = widget.NewPopUp(container.NewStack(back, text), c)
	t.popup.Resize(size)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(t.of).AddXY(8, t.of.Size().Height+2)
	at.X = max(0, min(at.X, c.Size().Width-size.Width-8))
	if at.Y+size.Height > c.Size().Height {
		at.Y -= size.Height + t.of.Size().Height + 8
	}
	t.popup.ShowAtPosition(at)
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
