package desktop

import (
	"image"
	"image/color"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/figure"
)

// picture is a figure as drawn for the screen, with where its weeks lie, for the pointer.
type picture struct {
	image   image.Image
	area    figure.Area
	width   int    // of the image
	trouble string // why there is no image
	week    int    // how many weeks had gone by on the timeline; below 0 where it has no line

	reach [][2]float64 // of its scales
}

// drawing makes a picture of so many pixels. scale is how many pixels are a point of the window; the scales of the
// figure reach at least as far as reach.
type drawing func(width, height int, scale float64, dark bool, reach [][2]float64) picture

// held is whether a lever is being dragged: until it is let go, the scales of charts only grow, so that nothing jumps.
// It belongs to the window's goroutine.
var held bool

// chart shows a drawing. It is drawn on a goroutine, always the newest; the window never waits for it.
type chart struct {
	widget.BaseWidget
	image       *canvas.Image
	rule, at    *canvas.Line // at the pointer, and at the week of the timeline
	box         *canvas.Rectangle
	texts       []*canvas.Text      // in the box
	swatches    []*canvas.Rectangle // beside them
	trouble     *canvas.Text
	layer       *fyne.Container          // of all that comes and goes above the picture
	readout     func(week int) []reading // what there is to say of a week
	tapped      func(week int)
	drawn       func()  // is called when there is another picture; may be nil
	week        int     // how many have gone by on the timeline; below 0 for no line
	pointer     float32 // below 0 where it is elsewhere
	shown       picture // touched by the window alone
	mu          sync.Mutex
	want        drawing
	wantWeek    int
	width       int
	height      int
	scale       float64
	dark        bool
	asked, done int          // drawings
	told        func()       // is called with the picture of want; may be nil
	shows       int          // how often show was called
	reach       [][2]float64 // of the scales while a lever is held
	busy        bool         // whether a goroutine draws
}

// reading is a line of what there is to say of a week: cells in columns, the first of which is a name.
type reading struct {
	cells []string
	color color.Color // of the line in the picture; nil for none
	quiet bool        // a heading of columns
}

const mostReadings, mostCells, swatchWide, columnGap = 16, 4, 14, 14

// newChart makes a chart. readout and tapped may be nil.
func newChart(readout func(week int) []reading, tapped func(week int)) *chart {
	c := &chart{readout: readout, tapped: tapped, week: -1, wantWeek: -1, pointer: -1, shown: picture{week: -1}}
	c.image = &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScaleFastest}
	c.rule, c.at = canvas.NewLine(theme.Color(theme.ColorNamePlaceHolder)), canvas.NewLine(theme.Color(theme.ColorNamePrimary))
	c.at.StrokeWidth = 1.5
	c.box = canvas.NewRectangle(theme.Color(theme.ColorNameOverlayBackground))
	c.box.CornerRadius, c.box.StrokeWidth, c.box.StrokeColor = 3, 1, theme.Color(theme.ColorNameSeparator)
	small := func() *canvas.Text {
		t := canvas.NewText("", theme.Color(theme.ColorNameForeground))
		t.TextSize = theme.CaptionTextSize()
		return t
	}
	for range mostReadings * mostCells {
		c.texts = append(c.texts, small())
	}
	for range mostReadings {
		r := canvas.NewRectangle(nil)
		r.CornerRadius = 2
		c.swatches = append(c.swatches, r)
	}
	c.trouble = small()
	// The layer can always be seen: what was hidden for a minute is not painted for being shown, but with what is around it.
	c.layer = container.NewWithoutLayout(c.at, c.rule, c.box, c.trouble)
	for _, s := range c.swatches {
		c.layer.Objects = append(c.layer.Objects, s)
	}
	for _, t := range c.texts {
		c.layer.Objects = append(c.layer.Objects, t)
	}
	c.ExtendBaseWidget(c)
	return c
}

// show has the chart draw something, once it can.
func (c *chart) show(d drawing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.want, c.told, c.shows = d, nil, c.shows+1
	if !held {
		c.reach = nil
	} else if c.reach == nil {
		c.reach = c.shown.reach
	}
	c.asked++
	c.wantWeek = c.week
	c.begin()
}

// hold keeps the scales from falling short of those that are shown, until something is shown with no lever held.
func (c *chart) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reach == nil {
		c.reach = c.shown.reach
	}
}

// follow is show while a lever moves, from any goroutine. told is called in that of the window, together with the
// picture, unless something else was shown since. It returns when the picture is handed over: whoever makes
// the next one does not begin before.
func (c *chart) follow(d drawing, told func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.want, c.told = d, told
	c.asked++
	if !c.busy && c.canDraw() {
		c.busy = true
		c.draw()
	}
}

// mark moves the line of the timeline, with the next drawing: it is never ahead of what is drawn. Below 0 there is none.
func (c *chart) mark(week int) { c.week = week }

// begin sees to it that a goroutine draws what is asked for. c.mu is held.
func (c *chart) begin() {
	if c.busy || !c.canDraw() {
		return
	}
	c.busy = true
	go func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.draw()
	}()
}

// canDraw says whether there is something to draw, and room for it. c.mu is held.
func (c *chart) canDraw() bool { return c.want != nil && c.width >= 60 && c.height >= 40 }

// draw draws until what was asked for last is drawn. c.mu is held, but for while it draws.
func (c *chart) draw() {
	for c.done != c.asked {
		asked, shows, week, want, told, width, height, scale, dark, reach := c.asked, c.shows, c.wantWeek, c.want, c.told, c.width, c.height, c.scale, c.dark, c.reach
		c.mu.Unlock()
		p := want(width, height, scale, dark, reach)
		p.week = week
		fyne.DoAndWait(func() { // so that the next is not begun before this one can be seen
			c.shown = p
			c.image.Image = p.image
			c.image.Refresh()
			c.place()
			if told != nil && c.isLatest(shows) {
				told()
			}
			if c.drawn != nil {
				c.drawn()
			}
		})
		c.mu.Lock()
		if c.reach != nil {
			c.reach = p.reach
		}
		c.done = asked
	}
	c.busy = false
}

// isLatest says whether nothing was shown since.
func (c *chart) isLatest(shows int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shows == shows
}

// weekAt is the week at a place of the widget, or -1.
func (c *chart) weekAt(x float32) int {
	if c.Size().Width == 0 {
		return -1
	}
	week, ok := c.shown.area.Week(int(x / c.Size().Width * float32(c.shown.width)))
	if !ok {
		return -1
	}
	return week
}

// place puts the lines and the box where they belong.
func (c *chart) place() {
	size, p := c.Size(), c.shown
	vertical := func(l *canvas.Line, x float32) {
		l.Position1, l.Position2, l.Hidden = fyne.NewPos(x, 0), fyne.NewPos(x, size.Height), false
	}
	c.at.Hidden = true
	if p.week >= 0 && p.week < p.area.Weeks { // at the end of it all, the line would say nothing
		vertical(c.at, size.Width*float32(p.area.X(p.week-1))/float32(max(1, p.width)))
	}
	c.trouble.Hidden = p.trouble == ""
	if p.trouble != "" {
		c.trouble.Text, c.trouble.Color = p.trouble, theme.Color(theme.ColorNamePlaceHolder)
		c.trouble.Move(fyne.NewPos(16, size.Height/2-8))
	}
	var lines []reading
	if week := c.weekAt(c.pointer); c.pointer >= 0 && week >= 0 && c.readout != nil && (p.week < 0 || week < max(1, p.week)) {
		lines = c.readout(week)
	}
	c.read(lines[:min(len(lines), mostReadings)])
}

// read shows the box beside the pointer: names at the left, their numbers in columns.
func (c *chart) read(lines []reading) {
	c.rule.Hidden, c.box.Hidden = len(lines) == 0, len(lines) == 0
	for _, t := range c.texts {
		t.Hidden = true
	}
	for _, r := range c.swatches {
		r.Hidden = true
	}
	if len(lines) > 0 {
		c.tabulate(lines)
	}
	canvas.Refresh(c.layer)
}

func (c *chart) tabulate(lines []reading) {
	c.rule.Position1, c.rule.Position2 = fyne.NewPos(c.pointer, 0), fyne.NewPos(c.pointer, c.Size().Height)
	row := c.texts[0].MinSize().Height + 1
	var wide [mostCells]float32
	alone := float32(0) // a line of one cell takes what room it needs
	text := func(i, k int) *canvas.Text { return c.texts[i*mostCells+k] }
	for i, line := range lines {
		for k, s := range line.cells {
			t := text(i, k)
			t.Text, t.Hidden, t.TextStyle.Bold = s, false, i == 0
			if t.Color = theme.Color(theme.ColorNameForeground); line.quiet {
				t.Color = theme.Color(theme.ColorNamePlaceHolder)
			}
			if width := t.MinSize().Width; len(line.cells) == 1 {
				alone = max(alone, width)
			} else {
				wide[k] = max(wide[k], width)
			}
		}
	}
	width := swatchWide + wide[0]
	for _, w := range wide[1:] {
		if w > 0 {
			width += columnGap + w
		}
	}
	width = max(width, alone) + 16
	corner := fyne.NewPos(c.pointer+12, 12)
	if corner.X+width > c.Size().Width {
		corner.X = max(0, c.pointer-width-12)
	}
	c.box.FillColor, c.box.StrokeColor = theme.Color(theme.ColorNameOverlayBackground), theme.Color(theme.ColorNameSeparator)
	c.box.Move(corner)
	c.box.Resize(fyne.NewSize(width, row*float32(len(lines))+12))
	for i, line := range lines {
		at := corner.AddXY(8, 6+row*float32(i))
		if len(line.cells) == 1 {
			text(i, 0).Move(at)
			continue
		}
		if line.color != nil {
			r := c.swatches[i]
			r.FillColor, r.Hidden = line.color, false
			r.Move(at.AddXY(0, row/2-4))
			r.Resize(fyne.NewSize(8, 8))
		}
		text(i, 0).Move(at.AddXY(swatchWide, 0))
		x := float32(swatchWide) + wide[0]
		for k := 1; k < len(line.cells); k++ {
			x += columnGap + wide[k]
			text(i, k).Move(at.AddXY(x-text(i, k).MinSize().Width, 0))
		}
	}
}

var _ desktop.Hoverable = (*chart)(nil)

func (c *chart) MouseIn(e *desktop.MouseEvent) { c.MouseMoved(e) }

func (c *chart) MouseMoved(e *desktop.MouseEvent) {
	c.pointer = e.Position.X
	c.place()
}

func (c *chart) MouseOut() {
	c.pointer = -1
	c.place()
}

func (c *chart) Tapped(e *fyne.PointEvent) {
	if week := c.weekAt(e.Position.X); week >= 0 && c.tapped != nil {
		c.tapped(week)
	}
}

func (c *chart) CreateRenderer() fyne.WidgetRenderer { return &chartRenderer{c} }

type chartRenderer struct{ c *chart }

func (r *chartRenderer) Layout(size fyne.Size) {
	c := r.c
	c.image.Resize(size)
	c.place()
	c.remeasure()
}

// remeasure asks for the drawing anew where the pixels or the colours are no longer those that it was drawn for.
func (c *chart) remeasure() {
	size, scale := c.Size(), float32(1)
	if on := fyne.CurrentApp().Driver().CanvasForObject(c); on != nil {
		scale = on.Scale()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	width, height, dark := int(size.Width*scale), int(size.Height*scale), isDark()
	if width == c.width && height == c.height && float64(scale) == c.scale && dark == c.dark {
		return
	}
	c.width, c.height, c.scale, c.dark = width, height, float64(scale), dark
	c.asked++
	c.begin()
}

func (r *chartRenderer) MinSize() fyne.Size { return fyne.NewSize(160, 100) }

func (r *chartRenderer) Refresh() {
	r.c.remeasure()
	r.c.place()
}

func (r *chartRenderer) Destroy() {}

func (r *chartRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.c.image, r.c.layer}
}
