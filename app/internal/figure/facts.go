package figure

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"exodus/app/internal/canvas"
	"exodus/scenarios"
	"exodus/scenarios/facts"
	"exodus/scenarios/words"
)

// Facts draws the scorecard of a scenario: for each check the median of its metric and the interval that holds 90% of
// the runs, against the bounds that the fact sets.
func Facts(r Results, _ Options) (*Figure, error) {
	switch {
	case len(r.Scenario.Facts) == 0:
		return nil, lacking("%s states no facts to be held against", r.Scenario.Name)
	case len(r.Scores) == 0:
		return nil, lacking("the facts of %s were not scored", r.Scenario.Name)
	}
	return &Figure{Kind: "facts", Title: "The facts that the scenario must show", body: scorecard{scores: r.Scores},
		Under: fmt.Sprintf("%s · medians of %s runs with the intervals that hold 90%% of them; what is allowed is shaded", r.Scenario.Describe(), words.Count(r.ScoreRuns))}, nil
}

type scorecard struct {
	scores []facts.Score
	rest   int // how many are left out
}

// scoreRow is a check as it is laid out. What is wanted stands beside what was measured where there is room, else
// below it.
type scoreRow struct {
	check        facts.CheckScore
	what         canvas.Paragraph
	number, goal canvas.Paragraph
	below        bool
	height       vg.Length
}

func (s scorecard) layout(p *canvas.Page, score facts.Score) (title, verdict canvas.Paragraph, rows []scoreRow) {
	width := p.Max.X - p.Min.X
	colour := p.Palette[2]
	if score.Verdict != facts.Holds {
		colour = p.Palette[0]
	}
	verdict = p.Wrap(p.Bold(canvas.Tiny, p.Readable(colour)), string(score.Verdict), width*3/10)
	title = p.Wrap(p.Bold(canvas.Small, p.Ink), score.Fact.Title, width-verdict.Width()-p.Pt(10))
	for _, c := range score.Checks {
		row, told := scoreRow{check: c}, Tell(c)
		room := width * (100 - numbersFrom) / 100
		row.what = p.Wrap(p.Style(canvas.Tiny, p.Quiet), told.What, width*(stripFrom-2)/100)
		measured := told.Median
		if told.Interval != told.Median {
			measured += " (" + told.Interval + ")"
		}
		row.number = p.Wrap(p.Style(canvas.Tiny, p.Ink), measured, room)
		row.goal = p.Wrap(p.Style(canvas.Tiny, p.Quiet), "wanted "+told.Wanted, room)
		numbers := max(row.number.Height(), row.goal.Height())
		if row.below = row.number.Width()+p.Pt(8)+row.goal.Width() > room; row.below {
			numbers = row.number.Height() + row.goal.Height()
		}
		row.height = max(row.what.Height(), numbers, p.Pt(11))
		rows = append(rows, row)
	}
	return title, verdict, rows
}

// Where the parts of a row stand, in hundredths of its width.
const stripFrom, stripTo, numbersFrom = 36, 55, 57

// Told is a check in words.
type Told struct {
	What             string // it measures
	Median, Interval string // the second is as the first where nothing differs
	Wanted           string
}

// Tell says a check in words, with its numbers in the units of its metric.
func Tell(c facts.CheckScore) Told {
	write := writerOf(c.Check)
	low, high := write(c.Low, false), write(c.High, false)
	told := Told{strings.ReplaceAll(c.Check.Describe(), "_", " "), write(c.Median, false), low, ""}
	if high != low {
		told.Interval = strings.NewReplacer("USD ", "", "week ", "", " pts to", " to").Replace(low + " to " + high) // which the median has said
	}
	if c.Check.Min != nil && c.Check.Max != nil && c.Check.Above == nil && c.Check.Below == nil {
		told.Wanted = write(*c.Check.Min, true) + " to " + strings.TrimPrefix(write(*c.Check.Max, true), "USD ")
		return told
	}
	var parts []string
	for _, b := range []struct {
		sign string
		at   *float64
	}{{"≥ ", c.Check.Min}, {"> ", c.Check.Above}, {"≤ ", c.Check.Max}, {"< ", c.Check.Below}} {
		if b.at != nil {
			parts = append(parts, b.sign+write(*b.at, true))
		}
	}
	told.Wanted = strings.Join(parts, " and ")
	return told
}

// writerOf writes the values of a check in the unit of its metric: what is measured, or what somebody has stated.
func writerOf(c *scenarios.Check) func(x float64, stated bool) string {
	write := func(measured, asStated func(float64) string, unit string) func(float64, bool) string {
		return func(x float64, stated bool) string {
			switch {
			case math.IsInf(x, 1): // what takes for ever
				return "never"
			case math.IsNaN(x):
				return words.None
			case stated:
				return asStated(x) + unit
			}
			return measured(x) + unit
		}
	}
	share := write(words.Percent, words.StatedPercent, "")
	switch {
	case c.Over != "":
		return share
	case c.Metric == "spend_change" || c.Metric == "share":
		if c.Minus != "" { // of two percentages
			hundredfold := func(write func(float64) string) func(float64) string {
				return func(x float64) string { return write(100 * x) }
			}
			return write(hundredfold(func(x float64) string { return words.Fixed(x, 1) }), hundredfold(words.Stated), " pts")
		}
		return share
	}
	switch c.Metric {
	case "spend", "spend_loss", "revenue", "gain", "cumulative_gain", "largest_difference":
		return write(words.Money, words.StatedMoney, "")
	case "inquiries_ratio", "load_ratio":
		return write(words.Measured, words.Stated, "×")
	case "weeks_to_half":
		week := func(x float64) string { return "week " + plus(words.Stated(x)) }
		return write(week, week, "")
	}
	return write(words.Measured, words.Stated, "")
}

// plus puts a plus before a number that has no sign.
func plus(number string) string {
	if strings.HasPrefix(number, words.Minus) {
		return number
	}
	return "+" + number
}

const factGap = 6

func (s scorecard) height(p *canvas.Page) (total vg.Length) {
	for _, score := range s.scores {
		title, verdict, rows := s.layout(p, score)
		total += max(title.Height(), verdict.Height()) + p.Pt(factGap)
		for _, row := range rows {
			total += row.height
		}
	}
	return total + s.note(p).Height()
}

// note says what is left out.
func (s scorecard) note(p *canvas.Page) canvas.Paragraph {
	if s.rest == 0 {
		return canvas.Paragraph{}
	}
	return p.Note(others(s.rest) + " are left out")
}

func (s scorecard) draw(p *canvas.Page) {
	width, y := p.Max.X-p.Min.X, p.Max.Y
	for i, score := range s.scores {
		title, verdict, rows := s.layout(p, score)
		if i > 0 {
			p.Line(p.Faint, 0.6, p.Min.X, y+p.Pt(factGap)/2, p.Max.X, y+p.Pt(factGap)/2)
		}
		p.Print(title, text.XLeft, p.Min.X, y)
		p.Print(verdict, text.XRight, p.Max.X, y)
		y -= max(title.Height(), verdict.Height())
		for _, row := range rows {
			middle := y - row.height/2
			p.Print(row.what, text.XLeft, p.Min.X, middle+row.what.Height()/2)
			strip := vg.Rectangle{
				Min: vg.Point{X: p.Min.X + width*stripFrom/100, Y: middle - p.Pt(4)},
				Max: vg.Point{X: p.Min.X + width*stripTo/100, Y: middle + p.Pt(4)},
			}
			drawStrip(p, row.check, strip)
			left := p.Min.X + width*numbersFrom/100
			if row.below {
				top := middle + (row.number.Height()+row.goal.Height())/2
				p.Print(row.number, text.XLeft, left, top)
				p.Print(row.goal, text.XLeft, left, top-row.number.Height())
			} else {
				p.Print(row.number, text.XLeft, left, middle+row.number.Height()/2)
				p.Print(row.goal, text.XRight, p.Max.X, middle+row.goal.Height()/2)
			}
			y -= row.height
		}
		y -= p.Pt(factGap)
	}
	p.Print(s.note(p), text.XLeft, p.Min.X, y)
}

// drawStrip draws an interval against its bounds, on a scale of its own that holds both.
func drawStrip(p *canvas.Page, c facts.CheckScore, at vg.Rectangle) {
	low, high := math.Inf(1), math.Inf(-1)
	cover := func(x float64) {
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			low, high = min(low, x), max(high, x)
		}
	}
	from, to := math.Inf(-1), math.Inf(1)
	for _, b := range []*float64{c.Check.Min, c.Check.Above} {
		if b != nil {
			from = max(from, *b)
		}
	}
	for _, b := range []*float64{c.Check.Max, c.Check.Below} {
		if b != nil {
			to = min(to, *b)
		}
	}
	for _, x := range []float64{c.Low, c.Median, c.High, from, to} {
		cover(x)
	}
	if !(high > low) {
		low, high = low-1, high+1
	}
	room := (high - low) * 0.18
	low, high = low-room, high+room
	x := func(v float64) vg.Length {
		return at.Min.X + vg.Length((max(low, min(high, v))-low)/(high-low))*(at.Max.X-at.Min.X)
	}
	middle := (at.Min.Y + at.Max.Y) / 2
	p.Box(p.Faint, at.Min.X, middle-p.Pt(0.3), at.Max.X, middle+p.Pt(0.3))
	p.Box(canvas.Blend(p.Palette[2], p.Paper, 0.72), x(from), at.Min.Y, x(to), at.Max.Y)
	for _, b := range []float64{from, to} {
		if !math.IsInf(b, 0) {
			p.Line(p.Palette[2], 1, x(b), at.Min.Y, x(b), at.Max.Y)
		}
	}
	var colour color.NRGBA = p.Ink
	if !c.Check.Met(c.Median) {
		colour = p.Palette[0]
	}
	if c.High > c.Low {
		p.Line(colour, 1.2, x(c.Low), middle, x(c.High), middle)
	}
	p.Disc(colour, x(c.Median), middle, 2.4)
}
