package figure

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"exodus/agents"
	"exodus/app/internal/canvas"
	"exodus/app/internal/results"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// Sweep draws the market share in a week over what a study sweeps: over one parameter as a line with its bands, over
// two as a map with contours.
func Sweep(r Results, o Options) (*Figure, error) {
	s := r.Study
	if s == nil || len(s.Params) == 0 {
		return nil, lacking("a sweep is drawn from a study that varies an input: make one with exodus batch %s --sweep events.deal.stake=0:0.49:0.07, say", r.Scenario.Name)
	}
	if len(s.Params) > 2 {
		return nil, lacking("a sweep is drawn over one parameter or two, and the study varies %d; see sensitivity", len(s.Params))
	}
	week, err := r.week(o, usualWeek)
	if err != nil {
		return nil, err
	}
	if len(o.Vendors) == 0 {
		o.Vendors = []string{r.Scenario.FocusVendor()}
	}
	title := "Share of the market"
	if len(o.Vendors) == 1 {
		title += " of " + o.Vendors[0]
	}
	over, _ := InputWords(s.Scenario, s.Params[0])
	f := &Figure{Kind: "sweep", Title: title + " over " + over}
	if len(s.Params) == 1 {
		f.body, err = r.sweepLine(o, week)
	} else {
		over, _ := InputWords(s.Scenario, s.Params[1])
		f.Title += " and " + over
		f.body, err = r.sweepMap(o, week)
	}
	if err != nil {
		return nil, err
	}
	r.Scenario = s.Scenario
	r.describe(f, len(s.Params) == 1)
	f.Under += " · " + r.weekText(week)
	return f, nil
}

// InputWords says in words which input a path leads to, and its unit: leak aversion, nats.
func InputWords(s *scenarios.Scenario, path string) (words, unit string) {
	in, found := s.Input(path)
	if !found || len(in.Keys) < 2 {
		return path, ""
	}
	keys := in.Keys
	if keys[0] != "uncertainty" { // whose own are called as what they vary
		keys = keys[1:]
	}
	return strings.ReplaceAll(strings.Join(keys, " "), "_", " "), in.Unit
}

// axis is what stands at the scale of an input.
func axis(s *scenarios.Scenario, path string) string {
	words, unit := InputWords(s, path)
	if unit != "" {
		words += ", " + unit
	}
	return words
}

func (r Results) sweepLine(o Options, week int) (body, error) {
	s := r.Study
	order := make([]int, len(s.Points))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := s.Points[a][0], s.Points[b][0]; {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	c := &chart{weeks: 1, anchor: -1, over: &input{name: axis(s.Scenario, s.Params[0])}}
	for _, i := range order {
		c.over.at = append(c.over.at, s.Points[i][0])
	}
	if len(order) < 2 || c.over.at[0] == c.over.at[len(order)-1] {
		return nil, lacking("the study has one value of %s, and a sweep needs two", s.Params[0])
	}
	p := &panel{ticks: percent, format: words.Percent}
	for j, name := range s.Vendors {
		if name == agents.InHouse || !shows(o, name, o.Vendors) {
			continue
		}
		outer, inner, line := band{}, band{}, &series{name: name, index: j}
		for _, i := range order {
			q := s.at(i).At(results.Share, week, j)
			line.values = append(line.values, q[2])
			outer.low, outer.high = append(outer.low, q[0]), append(outer.high, q[4])
			inner.low, inner.high = append(inner.low, q[1]), append(inner.high, q[3])
		}
		line.bands = []band{outer, inner}
		if len(p.series) == 0 { // the scale need not begin at zero
			p.least, p.most, p.loose = line.values[0], line.values[0], true
		}
		p.series = append(p.series, line)
	}
	c.panels = []*panel{p}
	return c, nil
}

func (r Results) sweepMap(o Options, week int) (body, error) {
	s := r.Study
	m := &grid{xName: axis(s.Scenario, s.Params[0]), yName: axis(s.Scenario, s.Params[1])}
	for _, p := range s.Points {
		m.xs, m.ys = append(m.xs, p[0]), append(m.ys, p[1])
	}
	for _, axis := range []*[]float64{&m.xs, &m.ys} {
		slices.Sort(*axis)
		*axis = slices.Compact(*axis)
	}
	if len(m.xs) < 2 || len(m.ys) < 2 || len(m.xs)*len(m.ys) != len(s.Points) {
		return nil, lacking("the %d points of the study form no grid of %s and %s, over which a map could be drawn; see sensitivity", len(s.Points), s.Params[0], s.Params[1])
	}
	j := slices.Index(s.Vendors, o.Vendors[0])
	m.zs = make([][]float64, len(m.xs))
	for i := range m.zs {
		m.zs[i] = make([]float64, len(m.ys))
	}
	for i, p := range s.Points {
		m.zs[slices.Index(m.xs, p[0])][slices.Index(m.ys, p[1])] = s.at(i).At(results.Share, week, j).Median()
	}
	return m, nil
}

// grid is a map of numbers over two inputs.
type grid struct {
	xName, yName string
	xs, ys       []float64
	zs           [][]float64 // by x and y
}

// contour is where the numbers pass a level: lines through the cells between values, straight within each. (Package
// plotter has contours too, but where it joins them hangs on the last bits of sums, which differ between processors.)
func (g *grid) contour(level float64) (lines [][2][2]float64) {
	for i := range len(g.xs) - 1 {
		for k := range len(g.ys) - 1 {
			// The corners, and the sides between them, each from its lower to its upper end.
			z := [4]float64{g.zs[i][k], g.zs[i+1][k], g.zs[i+1][k+1], g.zs[i][k+1]}
			corner := [4][2]float64{{g.xs[i], g.ys[k]}, {g.xs[i+1], g.ys[k]}, {g.xs[i+1], g.ys[k+1]}, {g.xs[i], g.ys[k+1]}}
			var cut [][2]float64
			for _, side := range [4][2]int{{0, 1}, {1, 2}, {3, 2}, {0, 3}} {
				a, b := side[0], side[1]
				if (z[a] < level) == (z[b] < level) {
					continue
				}
				t := (level - z[a]) / (z[b] - z[a])
				cut = append(cut, [2]float64{
					corner[a][0] + float64(t*(corner[b][0]-corner[a][0])),
					corner[a][1] + float64(t*(corner[b][1]-corner[a][1])),
				})
			}
			switch {
			case len(cut) == 2:
				lines = append(lines, [2][2]float64{cut[0], cut[1]})
			case len(cut) == 4 && ((z[0]+z[1]+z[2]+z[3])/4 < level) == (z[0] < level): // a saddle, open from corner 0 to 2
				lines = append(lines, [2][2]float64{cut[0], cut[1]}, [2][2]float64{cut[2], cut[3]})
			case len(cut) == 4:
				lines = append(lines, [2][2]float64{cut[0], cut[3]}, [2][2]float64{cut[1], cut[2]})
			}
		}
	}
	return lines
}

// edges are where the cells around values meet.
func edges(xs []float64) (out []float64) {
	n := len(xs)
	out = append(out, xs[0]-(xs[1]-xs[0])/2)
	for i := 1; i < n; i++ {
		out = append(out, (xs[i-1]+xs[i])/2)
	}
	return append(out, xs[n-1]+(xs[n-1]-xs[n-2])/2)
}

func (g *grid) draw(p *canvas.Page) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, column := range g.zs {
		for _, z := range column {
			if isFinite(z) {
				low, high = min(low, z), max(high, z)
			}
		}
	}
	if !(high > low) {
		high = low + 1e-9
	}
	levels := percent(low, high, 9)
	style, quiet := p.Style(canvas.Small, p.Ink), p.Style(canvas.Small, p.Quiet)
	wide := vg.Length(0)
	xe, ye := edges(g.xs), edges(g.ys)
	yTicks := plain(ye[0], ye[len(ye)-1], max(2, int((p.Max.Y-p.Min.Y)/p.Pt(30))))
	for _, k := range yTicks {
		wide = max(wide, style.Width(k.label))
	}
	bar := style.Width("100.0%") + p.Pt(22)
	area := vg.Rectangle{
		Min: vg.Point{X: p.Min.X + wide + p.Pt(6), Y: p.Min.Y + p.Pt(26)},
		Max: vg.Point{X: p.Max.X - bar, Y: p.Max.Y - p.Pt(13)},
	}
	x := func(v float64) vg.Length {
		return area.Min.X + vg.Length((v-xe[0])/(xe[len(xe)-1]-xe[0]))*(area.Max.X-area.Min.X)
	}
	y := func(v float64) vg.Length {
		return area.Min.Y + vg.Length((v-ye[0])/(ye[len(ye)-1]-ye[0]))*(area.Max.Y-area.Min.Y)
	}
	at := func(z float64) vg.Length { return area.Min.Y + vg.Length((z-low)/(high-low))*(area.Max.Y-area.Min.Y) }
	for i, column := range g.zs {
		for k, z := range column {
			if !isFinite(z) {
				continue
			}
			p.Box(canvas.Blend(p.Ground(), p.Palette[1], (z-low)/(high-low)), x(xe[i]), y(ye[k]), x(xe[i+1]), y(ye[k+1]))
		}
	}
	const stripes = 40
	left := area.Max.X + p.Pt(8)
	for i := range stripes {
		z := low + (high-low)*float64(i)/stripes
		p.Box(canvas.Blend(p.Ground(), p.Palette[1], (float64(i)+0.5)/stripes), left, at(z), left+p.Pt(9), at(z+(high-low)/stripes))
	}
	for _, k := range levels {
		p.Line(p.Ink, 0.7, left, at(k.at), left+p.Pt(9), at(k.at))
		p.Write(style, text.XLeft, left+p.Pt(12), at(k.at), k.label)
		var path vg.Path
		for _, s := range g.contour(k.at) {
			path.Move(vg.Point{X: x(s[0][0]), Y: y(s[0][1])})
			path.Line(vg.Point{X: x(s[1][0]), Y: y(s[1][1])})
		}
		if len(path) > 0 {
			p.SetLineStyle(p.Pen(p.Ink, 0.8, nil))
			p.Stroke(path)
		}
	}
	for _, k := range plain(xe[0], xe[len(xe)-1], max(2, int((area.Max.X-area.Min.X)/(style.Width("0.000")+p.Pt(14))))) {
		p.Line(p.Quiet, 0.6, x(k.at), area.Min.Y, x(k.at), area.Min.Y-p.Pt(3))
		p.Write(style, text.XCenter, x(k.at), area.Min.Y-p.Pt(9), k.label)
	}
	for _, k := range yTicks {
		p.Line(p.Quiet, 0.6, area.Min.X, y(k.at), area.Min.X-p.Pt(3), y(k.at))
		p.Write(style, text.XRight, area.Min.X-p.Pt(5), y(k.at), k.label)
	}
	p.Write(quiet, text.XCenter, (area.Min.X+area.Max.X)/2, area.Min.Y-p.Pt(20), g.xName)
	p.Write(quiet, text.XLeft, p.Min.X, area.Max.Y+p.Pt(8), g.yName)
}
