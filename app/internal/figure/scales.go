package figure

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"exodus/app/internal/canvas"
	"exodus/scenarios/words"
)

// tick is a mark on a scale.
type tick struct {
	at    float64
	label string
}

// ticker marks a scale from low to high in at most so many steps.
type ticker func(low, high float64, most int) []tick

// months marks the first days of months, or of years, between two days.
func months(from, to time.Time, most int) (ticks []time.Time, layout string) {
	span := int(to.Sub(from).Hours()/24/30.4) + 1
	step := 1
	for _, s := range []int{1, 3, 6, 12, 24, 60, 120, 240} {
		if step = s; span/s <= most {
			break
		}
	}
	if layout = "Jan 2006"; step >= 12 {
		layout = "2006"
	}
	for at := time.Date(from.Year(), 1, 1, 0, 0, 0, 0, time.UTC); !at.After(to); at = at.AddDate(0, step, 0) {
		if !at.Before(from) {
			ticks = append(ticks, at)
		}
	}
	if len(ticks) == 0 {
		return []time.Time{from}, "2 Jan 2006"
	}
	return ticks, layout
}

// steps marks a scale in steps of 1, 2, 2.5 or 5 times a power of ten, zero among them.
func steps(low, high float64, most int, label func(x, step float64) string) (ticks []tick) {
	span := high - low
	if !(span > 0) || math.IsInf(span, 0) {
		return nil
	}
	step := math.Pow(10, math.Floor(math.Log10(span/float64(max(most, 1)))))
	for _, k := range []float64{1, 2, 2.5, 5, 10} {
		if span/(step*k) <= float64(most) {
			step *= k
			break
		}
	}
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		ticks = append(ticks, tick{i * step, label(i*step+0, step)})
	}
	return ticks
}

// decimals is how many of them a step needs.
func decimals(step float64) int {
	for n := range 9 {
		if x := step * math.Pow(10, float64(n)); math.Abs(x-math.Round(x)) < 1e-6*x {
			return n
		}
	}
	return 9
}

func percent(low, high float64, most int) []tick {
	return steps(low, high, most, func(x, step float64) string { return words.Fixed(100*x, decimals(100*step)) + "%" })
}

func money(low, high float64, most int) []tick {
	return steps(low, high, most, func(x, step float64) string {
		switch size := math.Abs(x); {
		case size < step/2:
			return "0"
		case x < 0:
			return words.Minus + moneyIn(size, step)
		default:
			return moneyIn(size, step)
		}
	})
}

// moneyIn writes USD million with the decimals that a step needs.
func moneyIn(x, step float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e6, "T"}, {1000, "B"}, {1, "M"}, {0.001, "K"}, {1e-6, ""}} {
		if x >= unit.size*(1-1e-9) || unit.name == "" {
			return "USD " + words.Fixed(x/unit.size, decimals(step/unit.size)) + unit.name
		}
	}
	return ""
}

// plain marks a scale with numbers.
func plain(low, high float64, most int) []tick {
	return steps(low, high, most, func(x, step float64) string { return words.Fixed(x, decimals(step)) })
}

// isFinite says whether a number can be drawn.
func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// drawInput draws the scale of an input.
func (c *chart) drawInput(p *canvas.Page, l timeLayout) {
	bottom, style := l.data.Min.Y, p.Style(canvas.Small, p.Ink)
	p.Line(p.Quiet, 0.6, l.data.Min.X, bottom, l.data.Max.X, bottom)
	low, high := c.over.at[0], c.over.at[len(c.over.at)-1]
	most := max(2, int((l.data.Max.X-l.data.Min.X)/(style.Width("0.0000")+p.Pt(14))))
	for _, k := range plain(low, high, most) {
		at := l.data.Min.X + vg.Length((k.at-low)/(high-low))*(l.data.Max.X-l.data.Min.X)
		p.Line(p.Quiet, 0.6, at, bottom, at, bottom-p.Pt(3))
		p.Write(style, text.XCenter, at, bottom-p.Pt(9), k.label)
	}
	p.Write(p.Style(canvas.Small, p.Quiet), text.XCenter, (l.data.Min.X+l.data.Max.X)/2, bottom-p.Pt(20), c.over.name)
}

// drawDates draws the two scales of time: dates, and the weeks since the event that they are counted from.
func (c *chart) drawDates(p *canvas.Page, l timeLayout) {
	bottom := l.data.Min.Y
	p.Line(p.Quiet, 0.6, l.data.Min.X, bottom, l.data.Max.X, bottom)
	style := p.Style(canvas.Small, p.Ink)
	room := l.data.Max.X - l.data.Min.X
	most := max(1, int(room/(style.Width("Jan 2026")+p.Pt(16))))
	dates, layout := months(c.start, c.date(c.weeks), most)
	isShort := len(dates) < 3 // then months stand without their years, but for the first
	if isShort {
		if more, with := months(c.start, c.date(c.weeks), max(1, int(room/(style.Width("2026")+p.Pt(16))))); len(more) > len(dates) {
			dates, layout = more, with
		} else {
			isShort = false
		}
	}
	for i, d := range dates {
		at := c.x(l.data, d.Sub(c.start).Hours()/24/7)
		label := d.Format(layout)
		switch {
		case !isShort || layout != "Jan 2006":
		case d.Month() == time.January:
			label = d.Format("2006")
		case i > 0:
			label = d.Format("Jan")
		}
		half := style.Width(label) / 2
		p.Line(p.Quiet, 0.6, at, bottom, at, bottom-p.Pt(3))
		p.Write(style, text.XCenter, max(p.Min.X+half, min(at, p.Max.X-half)), bottom-p.Pt(9), label)
	}
	if c.anchor < 0 {
		return
	}
	quiet := p.Style(canvas.Tiny, p.Quiet)
	step := 520
	for _, s := range []int{1, 2, 4, 13, 26, 52, 104, 260} {
		if float64(c.weeks)/float64(s)*float64(quiet.Width("+104")+p.Pt(14)) <= float64(room) {
			step = s
			break
		}
	}
	caption := "weeks since the " + c.since
	wide := quiet.Width(caption) + p.Pt(5)
	first, last := p.Min.X, p.Max.X-wide // between which labels stand, with the caption after them
	isAfter := c.x(l.data, float64(c.anchor))+quiet.Width("0")/2 <= last
	if !isAfter { // or before them
		first, last = p.Min.X+wide, p.Max.X
	}
	begin, end := p.Max.X, p.Min.X
	for after := -(c.anchor / step) * step; c.anchor+after <= c.weeks; after += step {
		label := fmt.Sprintf("%+d", after)
		if after == 0 {
			label = "0"
		} else if after < 0 {
			label = fmt.Sprintf("−%d", -after)
		}
		at := c.x(l.data, float64(c.anchor+after))
		left, right := at-quiet.Width(label)/2, at+quiet.Width(label)/2
		if left < first || right > last {
			continue
		}
		p.Write(quiet, text.XCenter, at, bottom-p.Pt(19.5), label)
		begin, end = min(begin, left), right
	}
	if isAfter {
		p.Write(quiet, text.XLeft, end+p.Pt(5), bottom-p.Pt(19.5), caption)
	} else {
		p.Write(quiet, text.XRight, begin-p.Pt(5), bottom-p.Pt(19.5), caption)
	}
}
