package figure

import (
	"slices"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// placeMarks finds rows above the panels for the text of each mark, and leaves room for the rows. It returns how many
// marks have no room for their text. That of the event that weeks are counted from always has.
func (c *chart) placeMarks(p *page, l *timeLayout) (unnamed int) {
	var order []int // from the right, so that few texts cross the line of another
	focus := -1
	for i := len(c.marks) - 1; i >= 0; i-- {
		if order = append(order, i); c.marks[i].isFocus {
			focus = len(order) - 1
		}
	}
	rows, unnamed := c.placeMarksIn(p, l, order)
	if unnamed > 0 && focus >= 0 {
		first := order[focus]
		order = append([]int{first}, slices.Delete(order, focus, focus+1)...)
		rows, unnamed = c.placeMarksIn(p, l, order)
	}
	if rows > 0 {
		l.data.Max.Y -= p.pt(markRow)*vg.Length(rows) + p.pt(3)
	}
	return unnamed
}

// placeMarksIn finds the rows in the order of some marks.
func (c *chart) placeMarksIn(p *page, l *timeLayout, order []int) (rows, unnamed int) {
	style := p.style(tiny, p.quiet)
	l.rows, l.left, l.texts = make([]int, len(c.marks)), make([]vg.Length, len(c.marks)), make([]paragraph, len(c.marks))
	var taken [mostMarkRows][][2]vg.Length // from where to where
	for _, i := range order {
		t := p.wrap(style, c.marks[i].text, p.Max.X-p.Min.X)
		width := t.width()
		left := max(p.Min.X, min(c.x(l.data, float64(c.marks[i].week)), p.Max.X-width))
		right := left + width + p.pt(6)
		row := 0
		for k := 0; k < len(t.lines) && row+len(t.lines) <= mostMarkRows; k++ {
			if slices.ContainsFunc(taken[row+k], func(s [2]vg.Length) bool { return left < s[1] && s[0] < right }) {
				row, k = row+k+1, -1
			}
		}
		if row+len(t.lines) > mostMarkRows {
			unnamed++
			continue
		}
		for k := range t.lines {
			taken[row+k] = append(taken[row+k], [2]vg.Length{left, right})
		}
		l.rows[i], l.left[i], l.texts[i] = row, left, t
		rows = max(rows, row+len(t.lines))
	}
	return rows, unnamed
}

const (
	mostMarkRows = 8
	mostMark     = 120 // letters
)

const markRow = 10 // the height of a row of marks, in points of the layout

// drawMarks marks what happened.
func (c *chart) drawMarks(p *page, l timeLayout) {
	base := func(i int) vg.Length { return l.marks + p.pt(2) + p.pt(markRow)*vg.Length(l.rows[i]) }
	for i, m := range c.marks {
		at := c.x(l.data, float64(m.week))
		p.line(p.quiet, 0.6, at, l.data.Min.Y, at, base(i), 2, 2)
	}
	for i, t := range l.texts { // over the lines of others
		for k, line := range t.lines {
			y := base(i) + p.pt(6) + p.pt(markRow)*vg.Length(len(t.lines)-1-k)
			p.box(p.paper, l.left[i]-p.pt(1), y-p.pt(markRow)/2, l.left[i]+t.style.Width(line)+p.pt(1), y+p.pt(markRow)/2)
			p.write(t.style, text.XLeft, l.left[i], y, line)
		}
	}
}
