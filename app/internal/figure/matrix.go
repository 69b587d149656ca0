package figure

import (
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"exodus/agents"
)

// matrix is a table of numbers whose cells are coloured.
type matrix struct {
	rows, columns []string
	cells         [][]float64 // by row and column, in [0, 1]; NaN is none
}

// Trust draws how much each lab trusts each vendor in a week.
func Trust(r Results, o Options) (*Figure, error) {
	if r.Run == nil || len(r.Run.Trust) == 0 {
		return nil, lacking("there is no run whose trust was recorded")
	}
	week, err := r.runWeek(o)
	if err != nil {
		return nil, err
	}
	m := &matrix{}
	for j, name := range r.Run.Vendors {
		if name != agents.InHouse && o.shows(name, o.Vendors) {
			m.columns = append(m.columns, r.Run.Vendors[j])
		}
	}
	for i, lab := range r.Run.Labs {
		if !o.shows(lab, o.Labs) {
			continue
		}
		var row []float64
		for j, name := range r.Run.Vendors {
			if name != agents.InHouse && o.shows(name, o.Vendors) {
				row = append(row, r.Run.Trust[r.Run.Rel(week, i, j)])
			}
		}
		m.rows, m.cells = append(m.rows, lab), append(m.cells, row)
	}
	f := &Figure{Kind: "trust", Title: "Trust of labs in vendors", body: m}
	r.describeRun(f)
	f.Under += " · " + r.weekText(week) + " · 100% is full trust"
	return f, nil
}

// runWeek is the week that is asked for, or the 26th of the deal, in the run.
func (r Results) runWeek(o Options) (int, error) {
	return Results{Scenario: r.Scenario, Run: r.Run}.week(o, usualWeek)
}

const usualWeek = 26

const matrixRow = 15

// names are those of the rows and of the columns; columns stand upright where they fit no other way.
func (m *matrix) names(p *page) (rows, columns []paragraph, left, head vg.Length, upright bool) {
	width := p.Max.X - p.Min.X
	for _, name := range m.rows {
		t := p.wrap(p.style(small, p.ink), name, width*3/10)
		rows, left = append(rows, t), max(left, t.width())
	}
	cell := (width - left - p.pt(5)) / vg.Length(max(1, len(m.columns)))
	style := p.style(small, p.ink)
	for _, name := range m.columns {
		upright = upright || style.Width(name) > cell-p.pt(3)
	}
	for _, name := range m.columns {
		t := p.wrap(style, name, cell-p.pt(3))
		size := t.height()
		if upright {
			t = p.wrap(style, name, p.pt(90))
			size = t.width()
		}
		columns, head = append(columns, t), max(head, size)
	}
	return rows, columns, left, head + p.pt(4), upright
}

func (m *matrix) rowHeight(p *page, row paragraph) vg.Length {
	return max(p.pt(matrixRow), row.height()+p.pt(3))
}

func (m *matrix) height(p *page) vg.Length {
	rows, _, _, total, _ := m.names(p)
	for _, row := range rows {
		total += m.rowHeight(p, row)
	}
	return total
}

func (m *matrix) draw(p *page) {
	rows, columns, left, head, upright := m.names(p)
	x0 := p.Min.X + left + p.pt(5)
	width := (p.Max.X - x0) / vg.Length(max(1, len(m.columns)))
	top := p.Max.Y - head
	stretch := vg.Length(1) // over what there is room for
	if total := m.height(p) - head; total > 0 {
		stretch = max(1, min(2, (top-p.Min.Y)/total))
	}
	for j, name := range columns {
		middle := x0 + width*(vg.Length(j)+0.5)
		if !upright {
			p.print(name, text.XCenter, middle, top+p.pt(3)+name.height())
			continue
		}
		style := name.style
		style.Rotation = math.Pi / 2
		for k, line := range name.lines {
			p.write(style, text.XLeft, middle+name.lead*(vg.Length(k)-vg.Length(len(name.lines)-1)/2), top+p.pt(3), line)
		}
	}
	for i, name := range rows {
		height := m.rowHeight(p, name) * stretch
		p.print(name, text.XRight, x0-p.pt(5), top-height/2+name.height()/2)
		for j, x := range m.cells[i] {
			if math.IsNaN(x) {
				continue
			}
			at := x0 + width*vg.Length(j)
			ground := blend(p.palette[0], p.ground(), x)
			p.box(ground, at+p.pt(0.5), top-height+p.pt(0.5), at+width-p.pt(0.5), top-p.pt(0.5))
			p.write(p.style(tiny, over(ground)), text.XCenter, at+width/2, top-height/2, strconv.FormatFloat(100*x, 'f', 0, 64)+"%")
		}
		top -= height
	}
}

// ground is what the least of a scale is coloured with, just off the paper.
func (t *theme) ground() color.NRGBA { return blend(t.paper, t.ink, 0.06) }
