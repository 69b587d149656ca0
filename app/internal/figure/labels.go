package figure

import (
	"slices"

	"exodus/app/internal/canvas"
	"exodus/scenarios/words"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// labels are the names of the lines of a panel, broken so that they take a quarter of the width at most. Where there
// is no room for all, the lines that end highest are named.
func (c *chart) labels(p *canvas.Page, panel *panel, room vg.Length) []canvas.Paragraph {
	out := make([]canvas.Paragraph, len(panel.series))
	var order []int
	total := vg.Length(0)
	for i, s := range panel.series {
		if s.silent || len(s.values) == 0 {
			continue
		}
		name := s.name
		if s.ghost {
			name = panel.nameOf(s.index) + ": " + name
		}
		if s.beyond {
			name += map[bool]string{true: " ↑ ", false: " ↓ "}[s.last() >= 0] + panel.format(s.last())
		}
		out[i] = p.Wrap(p.Style(canvas.Small, p.Readable(p.Of(s.index))), named(name), (p.Max.X-p.Min.X)/4)
		total += labelHeight(p, out[i])
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := panel.series[a].last(), panel.series[b].last()
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	for _, i := range order {
		if total <= room {
			break
		}
		total -= labelHeight(p, out[i])
		out[i].Lines = nil
	}
	return out
}

// labelHeight is that of a label, with room that parts one of several lines from the next.
func labelHeight(p *canvas.Page, t canvas.Paragraph) vg.Length {
	if len(t.Lines) > 1 {
		return t.Height() + p.Pt(3)
	}
	return t.Height()
}

// nameOf is that of the line of a vendor or lab, by its index.
func (a *panel) nameOf(index int) string {
	for _, s := range a.series {
		if s.index == index && !s.ghost {
			return s.name
		}
	}
	return ""
}

// drawLabels names the lines at their ends; middles are where the ends of areas are, of a stack.
func (c *chart) drawLabels(p *canvas.Page, a *panel, labels []canvas.Paragraph, at vg.Rectangle, points func([]float64) []vg.Point, middles []float64) {
	var named []int
	var ends, heights []vg.Length
	var from []vg.Length
	for i, s := range a.series {
		if len(labels[i].Lines) == 0 {
			continue
		}
		values := s.values
		if middles != nil {
			values = slices.Clone(values)
			values[len(values)-1] = middles[i]
		}
		line := points(values)
		if len(line) == 0 {
			continue
		}
		end := line[len(line)-1]
		if s.beyond && s.last() >= 0 {
			end.Y = at.Max.Y
		} else if s.beyond {
			end.Y = at.Min.Y
		}
		named, ends, from = append(named, i), append(ends, end.Y), append(from, end.X)
		heights = append(heights, labelHeight(p, labels[i]))
	}
	places := spread(ends, heights, at.Min.Y-p.Pt(3), at.Max.Y+p.Pt(5))
	for k, i := range named {
		if d := places[k] - ends[k]; d > p.Pt(3) || d < -p.Pt(3) { // a label that moved is led to its line
			p.Line(p.Of(a.series[i].index), 0.5, from[k]+p.Pt(1), ends[k], from[k]+p.Pt(6.5), places[k])
		}
		p.Print(labels[i], text.XLeft, from[k]+p.Pt(8), places[k]+labels[i].Height()/2)
	}
}

// spread moves things of some heights apart so that none overlaps the next, as little as may be, within low and high
// if they fit. at is the middle of each.
func spread(at, heights []vg.Length, low, high vg.Length) []vg.Length {
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case at[a] < at[b]:
			return -1
		case at[a] > at[b]:
			return 1
		}
		return b - a // of equals, the first is on top
	})
	// Neighbours that are too close form a group, which is centred on what its members want.
	type group struct {
		members     []int
		bottom, top vg.Length
	}
	place := func(members []int) group {
		height, offset, want := vg.Length(0), vg.Length(0), vg.Length(0)
		for _, i := range members {
			want += at[i] - (offset + heights[i]/2)
			offset += heights[i]
		}
		height = offset
		bottom := max(min(want/vg.Length(len(members)), high-height), low)
		return group{members, bottom, bottom + height}
	}
	var groups []group
	for _, i := range order {
		g := place([]int{i})
		for len(groups) > 0 && g.bottom < groups[len(groups)-1].top {
			last := groups[len(groups)-1]
			groups = groups[:len(groups)-1]
			g = place(append(slices.Clone(last.members), g.members...))
		}
		groups = append(groups, g)
	}
	out := slices.Clone(at)
	for _, g := range groups {
		y := g.bottom
		for _, i := range g.members {
			out[i] = y + heights[i]/2
			y += heights[i]
		}
	}
	return out
}

// named is a name as figures write it: a very long one ends in an ellipsis.
func named(name string) string { return words.Ellipsis(name, mostName) }

const mostName = 48 // letters

// placeMarks finds rows above the panels for the text of each mark, and leaves room for the rows. It returns how many
// marks have no room for their text. That of the event that weeks are counted from always has.
func (c *chart) placeMarks(p *canvas.Page, l *timeLayout) (unnamed int) {
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
		l.data.Max.Y -= p.Pt(markRow)*vg.Length(rows) + p.Pt(3)
	}
	return unnamed
}

// placeMarksIn finds the rows in the order of some marks.
func (c *chart) placeMarksIn(p *canvas.Page, l *timeLayout, order []int) (rows, unnamed int) {
	style := p.Style(canvas.Tiny, p.Quiet)
	l.rows, l.left, l.texts = make([]int, len(c.marks)), make([]vg.Length, len(c.marks)), make([]canvas.Paragraph, len(c.marks))
	var taken [mostMarkRows][][2]vg.Length // from where to where
	for _, i := range order {
		t := p.Wrap(style, c.marks[i].text, p.Max.X-p.Min.X)
		width := t.Width()
		left := max(p.Min.X, min(c.x(l.data, float64(c.marks[i].week)), p.Max.X-width))
		right := left + width + p.Pt(6)
		row := 0
		for k := 0; k < len(t.Lines) && row+len(t.Lines) <= mostMarkRows; k++ {
			if slices.ContainsFunc(taken[row+k], func(s [2]vg.Length) bool { return left < s[1] && s[0] < right }) {
				row, k = row+k+1, -1
			}
		}
		if row+len(t.Lines) > mostMarkRows {
			unnamed++
			continue
		}
		for k := range t.Lines {
			taken[row+k] = append(taken[row+k], [2]vg.Length{left, right})
		}
		l.rows[i], l.left[i], l.texts[i] = row, left, t
		rows = max(rows, row+len(t.Lines))
	}
	return rows, unnamed
}

const (
	mostMarkRows = 8
	mostMark     = 120 // letters
)

const markRow = 10 // the height of a row of marks, in points of the layout

// drawMarks marks what happened.
func (c *chart) drawMarks(p *canvas.Page, l timeLayout) {
	base := func(i int) vg.Length { return l.marks + p.Pt(2) + p.Pt(markRow)*vg.Length(l.rows[i]) }
	for i, m := range c.marks {
		at := c.x(l.data, float64(m.week))
		p.Line(p.Quiet, 0.6, at, l.data.Min.Y, at, base(i), 2, 2)
	}
	for i, t := range l.texts { // over the lines of others
		for k, line := range t.Lines {
			y := base(i) + p.Pt(6) + p.Pt(markRow)*vg.Length(len(t.Lines)-1-k)
			p.Box(p.Paper, l.left[i]-p.Pt(1), y-p.Pt(markRow)/2, l.left[i]+t.Style.Width(line)+p.Pt(1), y+p.Pt(markRow)/2)
			p.Write(t.Style, text.XLeft, l.left[i], y, line)
		}
	}
}
