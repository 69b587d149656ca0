package figure

import (
	"slices"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// labels are the names of the lines of a panel, broken so that they take a quarter of the width at most. Where there
// is no room for all, the lines that end highest are named.
func (c *chart) labels(p *page, panel *panel, room vg.Length) []paragraph {
	out := make([]paragraph, len(panel.series))
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
		out[i] = p.wrap(p.style(small, p.readable(p.of(s.index))), named(name), (p.Max.X-p.Min.X)/4)
		total += p.labelHeight(out[i])
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
		total -= p.labelHeight(out[i])
		out[i].lines = nil
	}
	return out
}

// labelHeight is that of a label, with room that parts one of several lines from the next.
func (p *page) labelHeight(t paragraph) vg.Length {
	if len(t.lines) > 1 {
		return t.height() + p.pt(3)
	}
	return t.height()
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
func (c *chart) drawLabels(p *page, a *panel, labels []paragraph, at vg.Rectangle, points func([]float64) []vg.Point, middles []float64) {
	var named []int
	var ends, heights []vg.Length
	var from []vg.Length
	for i, s := range a.series {
		if len(labels[i].lines) == 0 {
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
		heights = append(heights, p.labelHeight(labels[i]))
	}
	places := spread(ends, heights, at.Min.Y-p.pt(3), at.Max.Y+p.pt(5))
	for k, i := range named {
		if d := places[k] - ends[k]; d > p.pt(3) || d < -p.pt(3) { // a label that moved is led to its line
			p.line(p.of(a.series[i].index), 0.5, from[k]+p.pt(1), ends[k], from[k]+p.pt(6.5), places[k])
		}
		p.print(labels[i], text.XLeft, from[k]+p.pt(8), places[k]+labels[i].height()/2)
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
