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

// hint is a line of text that explains itself where the pointer rests on it.
type hint struct {
	widget.Label
	help  string
	tip   *widget.PopUp
	visit atomic.Int64 // counts up when the pointer comes or goes
}

// restFor is how long the pointer rests before the explanation comes.
const restFor = 450 * time.Millisecond

func newHint(text, help string) *hint {
	h := &hint{help: help}
	h.Text = text
	h.ExtendBaseWidget(h)
	return h
}

var _ desktop.Hoverable = (*hint)(nil)

func (h *hint) MouseIn(*desktop.MouseEvent) {
	here := h.visit.Add(1)
	if h.help == "" {
		return
	}
	time.AfterFunc(restFor, func() {
		fyne.Do(func() {
			if h.visit.Load() == here {
				h.explain()
			}
		})
	})
}

func (h *hint) MouseMoved(*desktop.MouseEvent) {}

func (h *hint) MouseOut() {
	h.visit.Add(1)
	if h.tip != nil {
		h.tip.Hide()
		h.tip = nil
	}
}

// explain shows the explanation below the text, within the window.
func (h *hint) explain() {
	c := fyne.CurrentApp().Driver().CanvasForObject(h)
	if c == nil {
		return
	}
	text := widget.NewLabel(h.help)
	text.Wrapping = fyne.TextWrapWord
	text.SizeName = theme.SizeNameCaptionText
	width := min(320, fyne.MeasureText(h.help, theme.CaptionTextSize(), fyne.TextStyle{}).Width+24)
	text.Resize(fyne.NewSize(width, 0))
	size := fyne.NewSize(width, text.MinSize().Height)
	back := canvas.NewRectangle(theme.Color(theme.ColorNameOverlayBackground))
	h.tip = widget.NewPopUp(container.NewStack(back, text), c)
	h.tip.Resize(size)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(h).AddXY(8, h.Size().Height+2)
	at.X = max(0, min(at.X, c.Size().Width-size.Width-8))
	if at.Y+size.Height > c.Size().Height {
		at.Y -= size.Height + h.Size().Height + 8
	}
	h.tip.ShowAtPosition(at)
}
