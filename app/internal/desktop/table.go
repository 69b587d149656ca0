package desktop

import (
	"cmp"
	"image/color"
	"math"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// cell is what a table shows: a text that sorts by a number, or a sparkline.
type cell struct {
	text   string
	value  float64
	series []float64
	color  color.Color
}

// sorted is a table that is sorted by the column whose heading is tapped, and again the other way round.
type sorted struct {
	root   fyne.CanvasObject
	table  *widget.Table
	heads  []string
	rows   [][]cell
	order  []int
	by     int // column; below 0 for the order of the scenario
	down   bool
	wide   []float32     // of each column what its texts have needed so far
	given  []float32     // the widths of the columns
	chosen func(row int) // by its place in the scenario
	marked int           // the row that was chosen, by its place in the scenario
}

// mark marks the row that the rest of the page is about.
func (s *sorted) mark(row int) {
	if s.marked != row {
		s.marked = row
		s.table.Refresh()
	}
}

func newSorted(chosen func(row int)) *sorted {
	s := &sorted{by: -1, chosen: chosen}
	s.table = widget.NewTable(func() (int, int) { return len(s.rows), len(s.heads) },
		func() fyne.CanvasObject {
			mark := canvas.NewRectangle(color.Transparent)
			return container.NewStack(widget.NewLabel(""), newSpark(), mark)
		},
		func(id widget.TableCellID, o fyne.CanvasObject) {
			if id.Row >= len(s.order) {
				return
			}
			stack, c := o.(*fyne.Container), s.rows[s.order[id.Row]][id.Col]
			label, spark, mark := stack.Objects[0].(*widget.Label), stack.Objects[1].(*spark), stack.Objects[2].(*canvas.Rectangle)
			if mark.FillColor = color.Transparent; s.order[id.Row] == s.marked {
				mark.FillColor = theme.Color(theme.ColorNameSelection)
			}
			mark.Refresh()
			label.TextStyle.Bold = id.Col == 0 && s.order[id.Row] == s.marked
			label.Alignment = fyne.TextAlignTrailing
			if id.Col == 0 {
				label.Alignment = fyne.TextAlignLeading
			}
			label.Hidden, spark.Hidden = c.series != nil, c.series == nil
			label.SetText(c.text)
			spark.set(c.series, c.color)
		})
	s.table.ShowHeaderRow = true
	s.table.CreateHeader = func() fyne.CanvasObject {
		b := widget.NewButton("", nil)
		b.Importance = widget.LowImportance
		return b
	}
	s.table.UpdateHeader = func(id widget.TableCellID, o fyne.CanvasObject) {
		b, text := o.(*widget.Button), ""
		if id.Col >= 0 && id.Col < len(s.heads) {
			text = s.heads[id.Col]
		}
		if id.Col == s.by && s.down {
			text += " ▾"
		} else if id.Col == s.by {
			text += " ▴"
		}
		b.SetText(text)
		b.OnTapped = func() { s.sortBy(id.Col) }
	}
	s.table.OnSelected = func(id widget.TableCellID) {
		s.table.UnselectAll()
		unfocus(s.table)
		if id.Row >= 0 && id.Row < len(s.order) {
			s.chosen(s.order[id.Row])
		}
	}
	s.root = container.New(tableFits{s}, s.table)
	return s
}

// measure gives each column the width that its texts need, and what is left to the one that has lines.
func (s *sorted) measure() {
	if len(s.wide) != len(s.heads) {
		s.wide, s.given = make([]float32, len(s.heads)), make([]float32, len(s.heads))
	}
	const room, sorting, mostSpark = 14, 12, 260
	size, bold := theme.TextSize(), fyne.TextStyle{Bold: true}
	sum, lines := float32(0), -1
	for k, head := range s.heads {
		need := fyne.MeasureText(head, size, bold).Width + sorting
		for _, row := range s.rows {
			need = max(need, fyne.MeasureText(row[k].text, size, fyne.TextStyle{}).Width)
		}
		s.wide[k] = max(s.wide[k], need+room)
		if len(s.rows) > 0 && s.rows[0][k].series != nil {
			lines = k
			continue
		}
		sum += s.wide[k] + theme.Padding()
	}
	for k, wide := range s.wide {
		if k == lines {
			wide = max(wide, min(mostSpark, s.table.Size().Width-sum-theme.Padding()))
		}
		if s.given[k] != wide {
			s.given[k] = wide
			s.table.SetColumnWidth(k, wide)
		}
	}
}

// tableFits measures the columns again where the table has become wider or narrower.
type tableFits struct{ *sorted }

func (f tableFits) MinSize([]fyne.CanvasObject) fyne.Size { return f.table.MinSize() }

func (f tableFits) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	f.table.Resize(size)
	f.measure()
}

func (s *sorted) sortBy(column int) {
	s.down = column != s.by || !s.down
	s.by = column
	s.arrange()
	s.table.Refresh()
}

func (s *sorted) set(heads []string, rows [][]cell) {
	s.heads, s.rows = heads, rows
	s.arrange()
	s.measure()
	s.table.Refresh()
}

// arrange sorts the rows; of equals, the one that the scenario names first stays first.
func (s *sorted) arrange() {
	s.order = s.order[:0]
	for i := range s.rows {
		s.order = append(s.order, i)
	}
	if s.by < 0 {
		return
	}
	slices.SortStableFunc(s.order, func(a, b int) int {
		x, y := s.rows[a][s.by], s.rows[b][s.by]
		c := cmp.Or(cmp.Compare(x.value, y.value), cmp.Compare(x.text, y.text))
		if s.down {
			return -c
		}
		return c
	})
}

// spark is a line without axes.
type spark struct {
	widget.BaseWidget
	series []float64
	lines  []*canvas.Line
}

const sparkParts = 40

func newSpark() *spark {
	s := &spark{}
	for range sparkParts {
		l := canvas.NewLine(theme.Color(theme.ColorNamePrimary))
		l.StrokeWidth = 1.2
		s.lines = append(s.lines, l)
	}
	s.ExtendBaseWidget(s)
	return s
}

func (s *spark) set(series []float64, c color.Color) {
	s.series = series
	for _, l := range s.lines {
		l.StrokeColor = c
	}
	s.Refresh()
}

func (s *spark) CreateRenderer() fyne.WidgetRenderer { return &sparkRenderer{s} }

type sparkRenderer struct{ s *spark }

func (r *sparkRenderer) MinSize() fyne.Size { return fyne.NewSize(60, 16) }

func (r *sparkRenderer) Layout(size fyne.Size) {
	series := r.s.series
	if len(series) < 2 || size.Height < 8 {
		for _, l := range r.s.lines {
			l.Hide()
		}
		return
	}
	most := 0.0
	for _, x := range series {
		if !math.IsNaN(x) {
			most = max(most, x)
		}
	}
	at := func(part int) fyne.Position {
		week := part * (len(series) - 1) / sparkParts
		y := 0.0
		if most > 0 && !math.IsNaN(series[week]) {
			y = series[week] / most
		}
		return fyne.NewPos(4+(size.Width-8)*float32(part)/sparkParts, 4+(size.Height-8)*float32(1-y))
	}
	for i, l := range r.s.lines {
		l.Position1, l.Position2 = at(i), at(i+1)
		l.Show()
	}
}

func (r *sparkRenderer) Refresh() {
	r.Layout(r.s.Size())
	for _, l := range r.s.lines {
		l.Refresh()
	}
}

func (r *sparkRenderer) Destroy() {}

func (r *sparkRenderer) Objects() (objects []fyne.CanvasObject) {
	for _, l := range r.s.lines {
		objects = append(objects, l)
	}
	return objects
}
