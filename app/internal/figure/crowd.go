package figure

import (
	"cmp"
	"math"
	"slices"

	"exodus/scenarios/facts"
	"exodus/scenarios/words"
)

// crowd is a body of many lines, of which a page may have room for fewer. Then the largest are drawn, and the rest
// become one line: the sum of the others where that means something, else how many of them are left out.
type crowd interface {
	tall
	lines() int         // how many there are, in the longest of its lists
	largest(n int) body // the same in at most n lines, that of the rest among them
}

const (
	mostLines = 50 // more of them nobody can tell apart, however large the page
	fewLines  = 15 // so many have smaller type, or a higher page, before any is left out
	fewCurves = 11 // so many curves are drawn where not all are: each has a colour of its own, but for that of the rest
)

// others names the lines that are drawn as one, or left out: 52 others.
func others(n int) string { return words.Count(n) + " others" }

// foremost are the indices of the n largest of some weights, in the order in which they stand. Of equals, the first are.
func foremost(weights []float64, n int) []int {
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weights[b], weights[a]) })
	order = order[:min(max(n, 0), len(order))]
	slices.Sort(order)
	return order
}

// pick are the elements at some indices.
func pick[T any](all []T, at []int) []T {
	out := make([]T, len(at))
	for k, i := range at {
		out[k] = all[i]
	}
	return out
}

// lines of a chart are the vendors or labs in it, or its lanes.
func (c *chart) lines() int {
	if c.lanes != nil {
		return len(c.lanes)
	}
	return len(c.weights())
}

// weights are how large each vendor or lab of a chart is, by its index: over all panels, the most that its line is away
// from zero, or what it was given.
func (c *chart) weights() map[int]float64 {
	sizes := map[int]float64{}
	for _, a := range c.panels {
		for _, s := range a.series {
			if s.ghost {
				continue
			}
			size := s.weight
			if size == 0 && a.summed {
				for _, x := range s.values {
					if x = math.Abs(x); x > size && !math.IsInf(x, 0) {
						size = x
					}
				}
			}
			sizes[s.index] = max(sizes[s.index], size)
		}
	}
	return sizes
}

func (c *chart) largest(n int) body {
	if c.lanes != nil {
		return c.largestLanes(n)
	}
	sizes := c.weights()
	if len(sizes) <= n {
		return c
	}
	var indices []int
	var weights []float64
	for _, a := range c.panels {
		for _, s := range a.series {
			if !s.ghost && !slices.Contains(indices, s.index) {
				indices = append(indices, s.index)
			}
		}
		if len(indices) == len(sizes) {
			break
		}
	}
	for _, i := range indices {
		weights = append(weights, sizes[i])
	}
	kept := map[int]bool{}
	for _, k := range foremost(weights, n-1) {
		kept[indices[k]] = true
	}
	small := *c
	small.panels = nil
	rest := len(sizes) - len(kept)
	small.note = others(rest) + " are left out"
	for _, a := range c.panels {
		b := *a
		b.series = nil
		sum := &series{name: others(rest), index: restIndex}
		for _, s := range a.series {
			if kept[s.index] {
				b.series = append(b.series, s)
				continue
			}
			if s.ghost {
				continue
			}
			for len(sum.values) < len(s.values) {
				sum.values = append(sum.values, 0)
			}
			for week, x := range s.values {
				if !math.IsNaN(x) {
					sum.values[week] += x
				}
			}
		}
		if a.summed {
			if low, high := b.bounds(); !a.stacked {
				least, greatest := slices.Min(sum.values), slices.Max(sum.values)
				sum.beyond = greatest > 1.5*high || least < 1.5*low
			}
			b.series = append(b.series, sum)
			small.note = ""
		}
		small.panels = append(small.panels, &b)
	}
	if small.note == "" && slices.ContainsFunc(small.panels, func(a *panel) bool { return !a.summed }) {
		small.note = others(rest) + " are drawn as one line where they add up, and left out elsewhere"
	}
	return &small
}

// restIndex is the index of the line of all others, which is no vendor and no lab.
const restIndex = -1

func (c *chart) largestLanes(n int) body {
	if len(c.lanes) <= n {
		return c
	}
	weights := make([]float64, len(c.lanes))
	for i, l := range c.lanes {
		weights[i] = l.weight
	}
	small := *c
	small.lanes = pick(c.lanes, foremost(weights, n-1))
	small.lanes = append(small.lanes, lane{name: others(len(c.lanes) - n + 1), index: restIndex, text: "left out: the largest are shown"})
	return &small
}

const fewColumns = 12 // of a matrix where not all are drawn, so that they stand beside one another

func (m *matrix) lines() int { return max(len(m.rows), len(m.columns)) }

func (m *matrix) largest(n int) body {
	small := *m
	rows, columns := foremost(m.rowWeights, n), foremost(m.columnWeights, n)
	if len(m.columns) > fewLines {
		columns = foremost(m.columnWeights, min(n, fewColumns))
	}
	small.rows, small.columns = pick(m.rows, rows), pick(m.columns, columns)
	small.cells = nil
	for _, i := range rows {
		small.cells = append(small.cells, pick(m.cells[i], columns))
	}
	var left []string
	if k := len(m.rows) - len(rows); k > 0 {
		left = append(left, countOthers(k, "lab"))
	}
	if k := len(m.columns) - len(columns); k > 0 {
		left = append(left, countOthers(k, "vendor"))
	}
	if len(left) > 0 {
		small.note = "The largest are shown; " + words.List(left) + " are left out"
	}
	return &small
}

// countOthers is 1 other lab, or 52 other labs.
func countOthers(n int, what string) string { return words.Counted(n, "other "+what) }

func (b *bars) lines() int { return len(b.Bars) }

func (b *bars) largest(n int) body {
	if len(b.Bars) <= n {
		return b
	}
	small := *b
	weights := make([]float64, len(b.Bars))
	for i, bar := range b.Bars {
		weights[i] = math.Abs(bar.Value)
	}
	small.Bars = pick(b.Bars, foremost(weights, n))
	small.rest = len(b.Bars) - n
	return &small
}

func (s scorecard) lines() int { return len(s.scores) }

func (s scorecard) largest(n int) body {
	if len(s.scores) <= n {
		return s
	}
	weights := make([]float64, len(s.scores))
	for i, score := range s.scores {
		if score.Verdict != facts.Holds {
			weights[i] = 1
		}
	}
	return scorecard{pick(s.scores, foremost(weights, n)), len(s.scores) - n}
}
