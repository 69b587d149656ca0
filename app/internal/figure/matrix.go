package figure

import (
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"exodus/agents"
	"exodus/app/internal/canvas"
	"exodus/scenarios/words"
)

// matrix is a table of numbers whose cells are coloured. Columns that have no room beside one another go on below.
type matrix struct {
	rows, columns []string
	cells         [][]float64 // by row and column; NaN is none
	scale         cellScale

	rowWeights, columnWeights []float64 // how large each is among many
	note                      string    // what is left out, below
}

// cellScale says how the number of a cell is written, and how alarming it is, from 0 to 1.
type cellScale struct {
	write func(x float64) string
	alarm func(x float64) float64
}

// The scales of trust, in 0 to 1, and of trust premiums, of which those above twice the price are all the same alarm.
var (
	trustScale = cellScale{
		words.WholePercent,
		func(x float64) float64 { return 1 - x },
	}
	premiumScale = cellScale{
		words.SignedPercent,
		func(x float64) float64 { return x / 2 },
	}
)

// Trust draws how much each lab trusts each vendor in a week.
func Trust(r Results, o Options) (*Figure, error) {
	if r.Run == nil || len(r.Run.Trust) == 0 {
		return nil, lacking("there is no run whose trust was recorded")
	}
	return r.perPair(o, "trust", "Trust of labs in vendors", "100% is full trust", r.Run.Trust, trustScale)
}

// perPair draws a relation between labs and vendors in a week.
func (r Results) perPair(o Options, kind, title, meaning string, values []float64, scale cellScale) (*Figure, error) {
	week, err := r.runWeek(o)
	if err != nil {
		return nil, err
	}
	m := &matrix{scale: scale}
	labs, vendors := r.sizes()
	for j, name := range r.Run.Vendors {
		if name != agents.InHouse && shows(o, name, o.Vendors) {
			m.columns, m.columnWeights = append(m.columns, name), append(m.columnWeights, vendors[j])
		}
	}
	for i, lab := range r.Run.Labs {
		if !shows(o, lab, o.Labs) {
			continue
		}
		var row []float64
		for j, name := range r.Run.Vendors {
			if name != agents.InHouse && shows(o, name, o.Vendors) {
				row = append(row, values[r.Run.Rel(week, i, j)])
			}
		}
		m.rows, m.cells, m.rowWeights = append(m.rows, lab), append(m.cells, row), append(m.rowWeights, labs[i])
	}
	f := &Figure{Kind: kind, Title: title, body: m}
	r.describeRun(f)
	f.Under += " · " + r.weekText(week) + " · " + meaning
	return f, nil
}

// sizes are what each lab spends and what each vendor sells in the run, in the week in which that is most. The vendor
// that the scenario is about comes first of all.
func (r Results) sizes() (labs, vendors []float64) {
	t := r.Run
	labs, vendors = make([]float64, len(t.Labs)), make([]float64, len(t.Vendors))
	for week := range t.Weeks {
		for i := range t.Labs {
			spent := 0.0
			for _, x := range t.Spend[t.Rel(week, i, 0):][:len(t.Vendors)] {
				spent += x
			}
			labs[i] = max(labs[i], spent)
		}
		for j := range t.Vendors {
			vendors[j] = max(vendors[j], t.Revenue[t.At(week, j)])
		}
	}
	if j := slices.Index(t.Vendors, r.Scenario.FocusVendor()); j >= 0 {
		vendors[j] = math.Inf(1)
	}
	return labs, vendors
}

// Cell is how trust, or a trust premium, is written, and the ground and ink of a cell that holds it.
func Cell(x float64, premium, isDark bool) (text string, ground, ink color.NRGBA) {
	scale := trustScale
	if premium {
		scale = premiumScale
	}
	ground = themeOf(isDark).Alarm(scale.alarm(x))
	return scale.write(x), ground, canvas.Over(ground)
}

// runWeek is the week that is asked for, or the 26th of the deal, in the run.
func (r Results) runWeek(o Options) (int, error) {
	return Results{Scenario: r.Scenario, Run: r.Run}.week(o, usualWeek)
}

const usualWeek = 26

const closeMatrixRow, matrixRow = 11.5, 15

// matrixLayout says how a matrix is divided.
type matrixLayout struct {
	rows, columns []canvas.Paragraph
	left          vg.Length // how wide the names of the rows are
	cell          vg.Length // how wide a column is
	head          vg.Length // how high the names of the columns are
	upright       bool      // columns' names stand where they fit no other way
	across        int       // how many columns stand beside one another
	blocks        int       // so many times, one below the other
}

func (m *matrix) layout(p *canvas.Page) (l matrixLayout) {
	width := p.Max.X - p.Min.X
	for _, name := range m.rows {
		t := p.Wrap(p.Style(canvas.Small, p.Ink), named(name), width*3/10)
		l.rows, l.left = append(l.rows, t), max(l.left, t.Width())
	}
	n := max(1, len(m.columns))
	room := width - l.left - p.Pt(5)
	fit := max(1, int(room/(p.Style(canvas.Tiny, p.Ink).Width("100%")+p.Pt(4))))
	l.blocks = (n + fit - 1) / fit
	l.across = (n + l.blocks - 1) / l.blocks
	l.cell = room / vg.Length(l.across)
	style := p.Style(canvas.Small, p.Ink)
	upright := p.Pt(90) // how long a line is that stands
	for _, name := range m.columns {
		l.upright = l.upright || style.Width(name) > l.cell-p.Pt(3)
	}
	if l.cell > 2*style.Font.Size*1.25+p.Pt(2) { // two of them stand beside one another
		longest := p.Pt(45)
		for _, name := range m.columns {
			for _, word := range strings.Fields(name) {
				longest = max(longest, style.Width(word))
			}
		}
		upright = min(upright, longest)
	}
	for _, name := range m.columns {
		t := p.Wrap(style, named(name), l.cell-p.Pt(3))
		size := t.Height()
		if l.upright {
			t = p.Wrap(style, named(name), upright)
			size = t.Width()
		}
		l.columns, l.head = append(l.columns, t), max(l.head, size)
	}
	l.head += p.Pt(4)
	return l
}

func (m *matrix) rowHeight(p *canvas.Page, row canvas.Paragraph) vg.Length {
	return max(p.Row(closeMatrixRow, matrixRow), row.Height()+p.Row(1, 3))
}

const blockGap = 8 // between blocks of columns, in points of the layout

// heights are those of what keeps its height, and of all rows.
func (m *matrix) heights(p *canvas.Page, l matrixLayout) (fixed, rows vg.Length) {
	for _, row := range l.rows {
		rows += m.rowHeight(p, row)
	}
	blocks := vg.Length(l.blocks)
	return l.head*blocks + p.Pt(blockGap)*(blocks-1) + p.Note(m.note).Height(), rows * blocks
}

func (m *matrix) height(p *canvas.Page) vg.Length {
	fixed, rows := m.heights(p, m.layout(p))
	return fixed + rows
}

func (m *matrix) draw(p *canvas.Page) {
	l := m.layout(p)
	stretch := vg.Length(1) // over what there is room for
	fixed, rows := m.heights(p, l)
	if fixed+rows > p.Max.Y-p.Min.Y {
		p.Tight = true
		fixed, rows = m.heights(p, l)
	}
	if rows > 0 {
		stretch = max(1, min(2, (p.Max.Y-p.Min.Y-fixed)/rows))
	}
	top := p.Max.Y
	for from := 0; from < len(m.columns); from += l.across {
		top = m.drawBlock(p, l, from, min(from+l.across, len(m.columns)), top-l.head, stretch) - p.Pt(blockGap)
	}
	p.Print(p.Note(m.note), text.XLeft, p.Min.X, top+p.Pt(blockGap))
}

// drawBlock draws the columns from one to another below what is at the top, and returns where it ends.
func (m *matrix) drawBlock(p *canvas.Page, l matrixLayout, from, to int, top, stretch vg.Length) vg.Length {
	x0 := p.Min.X + l.left + p.Pt(5)
	for j, name := range l.columns[from:to] {
		middle := x0 + l.cell*(vg.Length(j)+0.5)
		if !l.upright {
			p.Print(name, text.XCenter, middle, top+p.Pt(3)+name.Height())
			continue
		}
		style := name.Style
		style.Rotation = math.Pi / 2
		for k, line := range name.Lines {
			p.Write(style, text.XLeft, middle+name.Lead*(vg.Length(k)-vg.Length(len(name.Lines)-1)/2), top+p.Pt(3), line)
		}
	}
	for i, name := range l.rows {
		height := m.rowHeight(p, name) * stretch
		p.Print(name, text.XRight, x0-p.Pt(5), top-height/2+name.Height()/2)
		for j, x := range m.cells[i][from:to] {
			if !isFinite(x) {
				continue
			}
			at := x0 + l.cell*vg.Length(j)
			ground := p.Alarm(m.scale.alarm(x))
			p.Box(ground, at+p.Pt(0.5), top-height+p.Pt(0.5), at+l.cell-p.Pt(0.5), top-p.Pt(0.5))
			p.Write(p.Style(canvas.Tiny, canvas.Over(ground)), text.XCenter, at+l.cell/2, top-height/2, m.scale.write(x))
		}
		top -= height
	}
	return top
}

// infinite says whether some values are, which cannot be drawn.
func (m *matrix) infinite() bool {
	return slices.ContainsFunc(m.cells, func(row []float64) bool {
		return slices.ContainsFunc(row, func(x float64) bool { return math.IsInf(x, 0) })
	})
}
