package desktop

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/figure"
	"exodus/scenarios/words"
)

// chips are vendors in their colours, to be shown or hidden.
type chips struct {
	root    *fyne.Container
	names   []string
	hidden  map[string]bool
	changed func()
}

func newChips(changed func()) *chips {
	return &chips{root: container.NewHBox(), hidden: map[string]bool{}, changed: changed}
}

// off are the names that are hidden, of those that there are.
func (c *chips) off() (names []string) {
	for _, name := range c.names {
		if c.hidden[name] {
			names = append(names, name)
		}
	}
	return names
}

func (c *chips) offer(names []string) {
	if strings.Join(names, "\n") == strings.Join(c.names, "\n") {
		return
	}
	c.names = names
	c.root.RemoveAll()
	for i, name := range names {
		k := newChip(words.Ellipsis(name, 24), figure.Colour(i, isDark()), func(on bool) {
			c.hidden[name] = !on
			c.changed()
		})
		k.on = !c.hidden[name]
		c.root.Add(k)
	}
}

// chip is a name with its colour, faint where it is off.
type chip struct {
	widget.BaseWidget
	box    *canvas.Rectangle
	text   *canvas.Text
	color  color.Color
	on     bool
	tapped func(on bool)
}

func newChip(name string, c color.Color, tapped func(on bool)) *chip {
	k := &chip{box: canvas.NewRectangle(c), text: canvas.NewText(name, theme.Color(theme.ColorNameForeground)), color: c, on: true, tapped: tapped}
	k.text.TextSize = theme.CaptionTextSize()
	k.box.CornerRadius = 2
	k.ExtendBaseWidget(k)
	return k
}

func (k *chip) Tapped(*fyne.PointEvent) {
	k.on = !k.on
	k.Refresh()
	k.tapped(k.on)
}

func (k *chip) CreateRenderer() fyne.WidgetRenderer { return &chipRenderer{k} }

type chipRenderer struct{ k *chip }

func (r *chipRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.k.text.MinSize().Width+18, 26)
}

func (r *chipRenderer) Layout(size fyne.Size) {
	r.k.box.Move(fyne.NewPos(2, size.Height/2-5))
	r.k.box.Resize(fyne.NewSize(10, 10))
	r.k.text.Move(fyne.NewPos(16, size.Height/2-r.k.text.MinSize().Height/2))
}

func (r *chipRenderer) Refresh() {
	r.k.box.FillColor, r.k.text.Color = r.k.color, theme.Color(theme.ColorNameForeground)
	if !r.k.on {
		r.k.box.FillColor, r.k.text.Color = theme.Color(theme.ColorNameSeparator), theme.Color(theme.ColorNamePlaceHolder)
	}
	r.k.box.Refresh()
	r.k.text.Refresh()
}

func (r *chipRenderer) Destroy()                     {}
func (r *chipRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.k.box, r.k.text} }
