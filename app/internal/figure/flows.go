package figure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"exodus/app/internal/canvas"
	"exodus/scenarios/words"
)

// flow is work that a lab moved from a vendor to another, in USD million a year.
type flow struct {
	at     [3]int // the bar in each column: the vendor that lost it, the lab, the vendor that gained it
	amount float64
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
	first, since := 0, "from the start" // where no week lies before the deal
	if before := r.Scenario.WeekAt(-1); r.Scenario.Focus() != nil && before >= 0 {
		first, since = before, "from the week of "+words.Date(r.Scenario.Date(before))
	}
	first = min(first, last)
	t := r.Run
	b := &alluvial{names: [3][]string{t.Vendors, t.Labs, t.Vendors}}
	kept := 0.0
	for i, lab := range t.Labs {
		if !shows(o, lab, o.Labs) {
			continue
		}
		var lost, won []part
		losses, gains := 0.0, 0.0
		for j := range t.Vendors {
			before, after := t.Spend[t.Rel(first, i, j)], t.Spend[t.Rel(last, i, j)]
			if d := after - before; d > 0 {
				won, gains = append(won, part{j, d}), gains+d
			} else if d < 0 {
				lost, losses = append(lost, part{j, -d}), losses-d
			}
			kept += min(before, after)
		}
		if gains <= 0 {
			continue
		}
		// What a lab took from some went to those that gained, as far as it did not leave the market, and in
		// proportion to what each gained; what they gained beyond it is a larger budget.
		moved := min(1, gains/max(losses, 1e-300))
		for _, l := range lost {
			for _, g := range won {
				amount := l.amount * moved * g.amount / gains
				if amount > 0 && isFinite(amount) && shows(o, t.Vendors[l.vendor], o.Vendors) && !slices.Contains(o.Hide, t.Vendors[g.vendor]) {
					b.flows = append(b.flows, flow{[3]int{l.vendor, i, g.vendor}, amount})
					b.total += amount
				}
			}
		}
	}
	f := &Figure{Kind: "flows", Title: "Who moved work from whom to whom, USD a year", body: b}
	r.describeRun(f)
	moved := "nothing"
	if b.moved() {
		moved = words.Money(b.total)
	}
	f.Under += fmt.Sprintf(" · %s to %s · %s moved, %s stayed", since, r.weekText(last), moved, words.Money(kept))
	return f, nil
}

// part is what a lab gained or lost at a vendor.
type part struct {
	vendor int
	amount float64
}

// alluvial is a diagram of flows: from vendors, through the labs that moved them, to vendors.
type alluvial struct {
	names [3][]string // of the bars of each column, by their index
	rest  [3]int      // how many bars of each column are drawn as one
	flows []flow
	total float64
}

// node is a bar of the diagram.
type node struct {
	index       int // of a vendor or lab, or restIndex
	amount      float64
	label       canvas.Paragraph
	top, bottom vg.Length
	in, out     vg.Length // how far it is used up, from its top
}

// amounts are what flows through each bar of a column.
func (a *alluvial) amounts(column int) map[int]float64 {
	sums := map[int]float64{}
	for _, f := range a.flows {
		sums[f.at[column]] += f.amount
	}
	return sums
}

// lines of a diagram are the bars of its longest column.
func (a *alluvial) lines() (most int) {
	for column := range a.names {
		most = max(most, len(a.amounts(column)))
	}
	return most
}

func (a *alluvial) largest(n int) body {
	small := &alluvial{names: a.names, total: a.total}
	var kept [3]map[int]bool // nil where all of a column are drawn
	for column := range a.names {
		if sums := a.amounts(column); len(sums) > n {
			kept[column] = map[int]bool{}
			for _, node := range ranked(sums)[:n-1] {
				kept[column][node.index] = true
			}
			small.rest[column] = len(sums) - (n - 1)
		}
	}
	sums := map[[3]int]float64{}
	var order [][3]int
	for _, f := range a.flows {
		at := f.at
		for column, k := range kept {
			if k != nil && !k[at[column]] {
				at[column] = restIndex
			}
		}
		if _, there := sums[at]; !there {
			order = append(order, at)
		}
		sums[at] += f.amount
	}
	for _, at := range order {
		small.flows = append(small.flows, flow{at, sums[at]})
	}
	return small
}

// ranked makes the bars of a column, the largest on top and that of the rest below.
func ranked(sums map[int]float64) []*node {
	var nodes []*node
	for index, amount := range sums {
		nodes = append(nodes, &node{index: index, amount: amount})
	}
	slices.SortFunc(nodes, func(a, b *node) int {
		if a.index == restIndex || b.index == restIndex {
			return b.index - a.index
		}
		return cmp.Or(cmp.Compare(b.amount, a.amount), a.index-b.index)
	})
	return nodes
}

// name is that of a bar.
func (a *alluvial) name(column int, n *node) string {
	if n.index == restIndex {
		return others(a.rest[column])
	}
	return named(a.names[column][n.index])
}

// moved says whether there is anything to draw.
func (a *alluvial) moved() bool { return a.total >= 0.01 }

const flowHead = 15 // the height of what is above the bars, in points of the layout

// height is what the names beside the bars need.
func (a *alluvial) height(p *canvas.Page) vg.Length {
	if !a.moved() {
		return p.Pt(40)
	}
	most := vg.Length(0)
	for _, stage := range a.layout(p).stages {
		total := vg.Length(0)
		for _, n := range stage {
			total += n.label.Height()
		}
		most = max(most, total)
	}
	return p.Pt(flowHead+3) + most
}

// flowLayout says where the three columns of a diagram stand.
type flowLayout struct {
	stages [3][]*node
	x      [3]vg.Length // of the left edge of the bars
	bar    vg.Length    // how wide they are
	scale  vg.Length    // how high a bar is for each USD million
}

func (a *alluvial) layout(p *canvas.Page) flowLayout {
	l := flowLayout{bar: p.Pt(7)}
	name := func(column int, room vg.Length) (wide vg.Length) {
		for _, n := range l.stages[column] {
			n.label = p.Wrap(p.Style(canvas.Small, p.Ink), a.name(column, n)+" "+strings.TrimPrefix(words.Money(n.amount), "USD "), room)
			wide = max(wide, n.label.Width())
		}
		return wide
	}
	for column := range a.names {
		l.stages[column] = ranked(a.amounts(column))
	}
	side := (p.Max.X - p.Min.X) / 4
	l.x[0] = p.Min.X + name(0, side) + p.Pt(5)
	l.x[2] = p.Max.X - name(2, side) - p.Pt(5) - l.bar
	l.x[1] = l.x[0] + (l.x[2]-l.x[0])*2/5 // its names stand on its right
	name(1, l.x[2]-l.x[1]-l.bar-p.Pt(10))

	// Every bar has the room that its name needs, so that the name stands at it.
	top, bottom := p.Max.Y-p.Pt(flowHead), p.Min.Y+p.Pt(3)
	for column, stage := range l.stages {
		if s := scaleOfBars(stage, top-bottom); column == 0 || s < l.scale {
			l.scale = s
		}
	}
	for _, stage := range l.stages {
		used := vg.Length(0)
		for _, n := range stage {
			used += max(l.scale*vg.Length(n.amount), n.label.Height())
		}
		gap := vg.Length(0)
		if len(stage) > 1 {
			gap = max(0, min(p.Pt(7), (top-bottom-used)/vg.Length(len(stage)-1)))
		}
		y := top
		for _, n := range stage {
			height := l.scale * vg.Length(n.amount)
			room := max(height, n.label.Height())
			n.top = y - (room-height)/2
			n.bottom = n.top - height
			y -= room + gap
		}
	}
	return l
}

// scaleOfBars is how high a bar can be for each USD million, so that all bars of a column, and their names, have room.
func scaleOfBars(stage []*node, room vg.Length) (scale vg.Length) {
	total := 0.0
	for _, n := range stage {
		total += n.amount
	}
	free := room * 0.97                        // between them
	for _, n := range slices.Backward(stage) { // from the smallest, which need more than their part
		scale = free / vg.Length(max(total, 1e-300))
		if need := n.label.Height(); scale*vg.Length(n.amount) < need {
			free, total = free-need, total-n.amount
		} else if n.index != restIndex {
			break
		}
	}
	return max(scale, 0)
}

func (a *alluvial) draw(p *canvas.Page) {
	if !a.moved() {
		p.Write(p.Style(11, p.Quiet), text.XCenter, (p.Min.X+p.Max.X)/2, (p.Min.Y+p.Max.Y)/2, "nobody moved any work")
		return
	}
	l := a.layout(p)
	var labs []int
	for _, n := range l.stages[1] {
		labs = append(labs, n.index)
	}
	byLab := *p
	byLab.Looks, byLab.Theme = canvas.Looks(labs), p.Theme.Turned()
	ribbon := func(from, to *node, left, right vg.Length, amount float64, lab int) {
		h := l.scale * vg.Length(amount)
		y0, y1 := from.top-from.out, to.top-to.in
		from.out += h
		to.in += h
		middle := (left + right) / 2
		var path vg.Path
		path.Move(vg.Point{X: left, Y: y0})
		path.CubeTo(vg.Point{X: middle, Y: y0}, vg.Point{X: middle, Y: y1}, vg.Point{X: right, Y: y1})
		path.Line(vg.Point{X: right, Y: y1 - h})
		path.CubeTo(vg.Point{X: middle, Y: y1 - h}, vg.Point{X: middle, Y: y0 - h}, vg.Point{X: left, Y: y0 - h})
		path.Close()
		p.SetColor(canvas.Fade(byLab.Of(lab), 0.42))
		p.Fill(path)
	}
	for side := range 2 { // from the vendors to the labs, and from the labs to the vendors
		sums := map[[2]int]float64{}
		for _, f := range a.flows {
			sums[[2]int{f.at[side], f.at[side+1]}] += f.amount
		}
		for _, from := range l.stages[side] {
			for _, to := range l.stages[side+1] {
				if amount := sums[[2]int{from.index, to.index}]; amount > 0 {
					ribbon(from, to, l.x[side]+l.bar, l.x[side+1], amount, []int{to.index, from.index}[side])
				}
			}
		}
	}
	head := p.Style(canvas.Tiny, p.Quiet)
	for k, stage := range l.stages {
		p.Write(head, []text.XAlignment{text.XLeft, text.XCenter, text.XRight}[k], []vg.Length{p.Min.X, l.x[1] + l.bar/2, p.Max.X}[k], p.Max.Y-p.Pt(4), []string{"FROM", "BY", "TO"}[k])
		for _, n := range stage {
			colour := p.Of(n.index)
			if k == 1 {
				colour = byLab.Of(n.index)
			}
			p.Box(colour, l.x[k], n.bottom, l.x[k]+l.bar, n.top)
			y := (n.top+n.bottom)/2 + n.label.Height()/2
			switch k {
			case 0:
				p.Print(n.label, text.XRight, l.x[k]-p.Pt(4), y)
				continue
			case 1: // over what flows on
				p.Box(canvas.Fade(p.Paper, 0.72), l.x[k]+l.bar+p.Pt(2), y-n.label.Height(), l.x[k]+l.bar+p.Pt(6)+n.label.Width(), y)
			}
			p.Print(n.label, text.XLeft, l.x[k]+l.bar+p.Pt(4), y)
		}
	}
}
