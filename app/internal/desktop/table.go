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
	table  *widget.Table
	heads  []string
	rows   [][]cell
	order  []int
	by     int // column; below 0 for the order of the scenario
	down   bool
	chosen func(row int) // by its place in the scenario
}

func newSorted(heads []string, widths []float32, chosen func(row int)) *sorted {
	s := &sorted{heads: heads, by: -1, chosen: chosen}
	s.table = widget.NewTable(func() (int, int) { return len(s.rows), len(heads) },
		func() fyne.CanvasObject {
			l := widget.NewLabel("")
			l.Truncation = fyne.TextTruncateEllipsis
			return container.NewStack(l, newSpark())
		},
		func(id widget.TableCellID, o fyne.CanvasObject) {
			if id.Row >= len(s.order) {
				return
			}
			stack, c := o.(*fyne.Container), s.rows[s.order[id.Row]][id.Col]
			label, spark := stack.Objects[0].(*widget.Label), stack.Objects[1].(*spark)
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
		if id.Col >= 0 {
			text = heads[id.Col]
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
		if id.Row >= 0 && id.Row < len(s.order) {
			s.chosen(s.order[id.Row])
		}
	}
	for i, w := range widths {
		s.table.SetColumnWidth(i, w)
	}
	return s
}

func (s *sorted) sortBy(column int) {
	s.down = column != s.by || !s.down
	s.by = column
	s.arrange()
	s.table.Refresh()
}

func (s *sorted) set(rows [][]cell) {
	s.rows = rows
	s.arrange()
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
