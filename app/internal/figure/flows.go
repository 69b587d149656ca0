package figure

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// flow is work that a lab moved from a vendor to another, in USD million a year.
type flow struct {
	lab, from, to int
	amount        float64
}

// Flows draws who moved what from whom to whom, between the week before the deal and another.
func Flows(r Results, o Options) (*Figure, error) {
	if r.Run == nil {
		return nil, lacking("there is no run to draw flows from")
	}
	last, err := r.runWeek(o)
	if err != nil {
		return nil, err
	}
	first := 0
	if r.Scenario.Focus() != nil {
		first = max(0, r.Scenario.WeekAt(-1))
	}
	first = min(first, last)
	t := r.Run
	b := &alluvial{labs: t.Labs, vendors: t.Vendors}
	kept := 0.0
	for i, lab := range t.Labs {
		if !o.shows(lab, o.Labs) {
			continue
		}
		loss, gain := make([]float64, len(t.Vendors)), make([]float64, len(t.Vendors))
		lost, won := 0.0, 0.0
		for j := range t.Vendors {
			before, after := t.Spend[t.Rel(first, i, j)], t.Spend[t.Rel(last, i, j)]
			loss[j], gain[j] = max(0, before-after), max(0, after-before)
			lost, won = lost+loss[j], won+gain[j]
			kept += min(before, after)
		}
		if won <= 0 {
			continue
		}
		// What a lab took from some went to those that gained, as far as it did not leave the market, and in
		// proportion to what each gained; what they gained beyond it is a larger budget.
		moved := min(1, won/max(lost, 1e-300))
		for j := range loss {
			for k := range gain {
				amount := loss[j] * moved * gain[k] / won
				if amount > 0 && o.shows(t.Vendors[j], o.Vendors) && !slices.Contains(o.Hide, t.Vendors[k]) {
					b.flows = append(b.flows, flow{i, j, k, amount})
					b.total += amount
				}
			}
		}
	}
	f := &Figure{Kind: "flows", Title: "Who moved work from whom to whom, USD a year", body: b}
	r.describeRun(f)
	moved := "nothing"
	if b.moved() {
		moved = Money(b.total)
	}
	f.Under += fmt.Sprintf(" · from the week of %s to %s · %s moved, %s stayed", r.Scenario.Date(first).Format("2 Jan 2006"), r.weekText(last), moved, Money(kept))
	return f, nil
}

// alluvial is a diagram of flows: from vendors, through the labs that moved them, to vendors.
type alluvial struct {
	labs, vendors []string
	flows         []flow
	total         float64
}

// node is a bar of the diagram.
type node struct {
	index       int
	amount      float64
	top, bottom vg.Length
	in, out     vg.Length // how far it is used up, from its top
}

// stage makes the nodes of a column, the largest on top, with gaps between them.
func (a *alluvial) stage(p *page, top, bottom vg.Length, of func(flow) int) []*node {
	var nodes []*node
	for _, f := range a.flows {
		i := slices.IndexFunc(nodes, func(n *node) bool { return n.index == of(f) })
		if i < 0 {
			i, nodes = len(nodes), append(nodes, &node{index: of(f)})
		}
		nodes[i].amount += f.amount
	}
	slices.SortStableFunc(nodes, func(a, b *node) int {
		switch {
		case a.amount > b.amount:
			return -1
		case a.amount < b.amount:
			return 1
		}
		return a.index - b.index
	})
	gap := p.pt(7)
	if n := vg.Length(len(nodes) - 1); n > 0 {
		gap = min(gap, (top-bottom)/3/n)
	}
	scale := (top - bottom - gap*vg.Length(len(nodes)-1)) / vg.Length(a.total)
	y := top
	for _, n := range nodes {
		n.top = y
		y -= scale * vg.Length(n.amount)
		n.bottom = y
		y -= gap
	}
	return nodes
}

// moved says whether there is anything to draw.
func (a *alluvial) moved() bool { return a.total >= 0.01 }

const flowHead = 15 // the height of what is above the bars, in points of the layout

// height is what the names beside the bars need.
func (a *alluvial) height(p *page) vg.Length {
	if !a.moved() {
		return p.pt(40)
	}
	most := vg.Length(0)
	for _, labels := range a.layout(p).labels {
		total := vg.Length(0)
		for _, l := range labels {
			total += l.height()
		}
		most = max(most, total)
	}
	return p.pt(flowHead+3) + most
}

// flowLayout says where the three columns of a diagram stand.
type flowLayout struct {
	top, bottom vg.Length
	stages      [3][]*node
	labels      [3][]paragraph
	x           [3]vg.Length // of the left edge of the bars
	bar         vg.Length    // how wide they are
}

func (a *alluvial) layout(p *page) flowLayout {
	l := flowLayout{top: p.Max.Y - p.pt(flowHead), bottom: p.Min.Y + p.pt(3), bar: p.pt(7)}
	for k, of := range []func(flow) int{func(f flow) int { return f.from }, func(f flow) int { return f.lab }, func(f flow) int { return f.to }} {
		l.stages[k] = a.stage(p, l.top, l.bottom, of)
	}
	name := func(k int, names []string, room vg.Length) (wide vg.Length) {
		for _, n := range l.stages[k] {
			label := p.wrap(p.style(small, p.ink), names[n.index]+" "+strings.TrimPrefix(Money(n.amount), "USD "), room)
			l.labels[k], wide = append(l.labels[k], label), max(wide, label.width())
		}
		return wide
	}
	side := (p.Max.X - p.Min.X) / 4
	l.x[0] = p.Min.X + name(0, a.vendors, side) + p.pt(5)
	l.x[2] = p.Max.X - name(2, a.vendors, side) - p.pt(5) - l.bar
	l.x[1] = l.x[0] + (l.x[2]-l.x[0])*2/5 // its names stand on its right
	name(1, a.labs, l.x[2]-l.x[1]-l.bar-p.pt(10))
	return l
}

func (a *alluvial) draw(p *page) {
	if !a.moved() {
		p.write(p.style(11, p.quiet), text.XCenter, (p.Min.X+p.Max.X)/2, (p.Min.Y+p.Max.Y)/2, "nobody moved any work")
		return
	}
	head := p.style(tiny, p.quiet)
	l := a.layout(p)
	top, stages, labels, x, bar := l.top, l.stages, l.labels, l.x, l.bar
	scale := func(n *node) vg.Length { return (n.top - n.bottom) / vg.Length(n.amount) }
	ribbon := func(from, to *node, left, right vg.Length, amount float64, lab int) {
		h0, h1 := scale(from)*vg.Length(amount), scale(to)*vg.Length(amount)
		y0, y1 := from.top-from.out, to.top-to.in
		from.out += h0
		to.in += h1
		middle := (left + right) / 2
		var path vg.Path
		path.Move(vg.Point{X: left, Y: y0})
		path.CubeTo(vg.Point{X: middle, Y: y0}, vg.Point{X: middle, Y: y1}, vg.Point{X: right, Y: y1})
		path.Line(vg.Point{X: right, Y: y1 - h1})
		path.CubeTo(vg.Point{X: middle, Y: y1 - h1}, vg.Point{X: middle, Y: y0 - h0}, vg.Point{X: left, Y: y0 - h0})
		path.Close()
		p.SetColor(fade(p.of(lab), 0.42))
		p.Fill(path)
	}
	for _, from := range stages[0] {
		for _, lab := range stages[1] {
			amount := 0.0
			for _, f := range a.flows {
				if f.from == from.index && f.lab == lab.index {
					amount += f.amount
				}
			}
			if amount > 0 {
				ribbon(from, lab, x[0]+bar, x[1], amount, lab.index)
			}
		}
	}
	for _, lab := range stages[1] {
		for _, to := range stages[2] {
			amount := 0.0
			for _, f := range a.flows {
				if f.to == to.index && f.lab == lab.index {
					amount += f.amount
				}
			}
			if amount > 0 {
				ribbon(lab, to, x[1]+bar, x[2], amount, lab.index)
			}
		}
	}
	for k, stage := range stages {
		p.write(head, []text.XAlignment{text.XLeft, text.XCenter, text.XRight}[k], []vg.Length{p.Min.X, x[1] + bar/2, p.Max.X}[k], p.Max.Y-p.pt(4), []string{"FROM", "BY", "TO"}[k])
		var at, heights []vg.Length
		for i, n := range stage {
			p.box(p.of(n.index), x[k], n.bottom, x[k]+bar, n.top)
			at, heights = append(at, (n.top+n.bottom)/2), append(heights, labels[k][i].height())
		}
		places := spread(at, heights, p.Min.Y, top+p.pt(4))
		for i := range stage {
			y, label := places[i]+heights[i]/2, labels[k][i]
			switch k {
			case 0:
				p.print(label, text.XRight, x[k]-p.pt(4), y)
				continue
			case 1: // over what flows on
				p.box(fade(p.paper, 0.72), x[k]+bar+p.pt(2), y-label.height(), x[k]+bar+p.pt(6)+label.width(), y)
			}
			p.print(label, text.XLeft, x[k]+bar+p.pt(4), y)
		}
	}
}
