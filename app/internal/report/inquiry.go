package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"exodus/app/internal/figure"
	"exodus/app/internal/store"
	"exodus/scenarios/facts"
)

// inquiry is what exodus sensitivity or calibrate was asked, and the answer.
type inquiry struct {
	Title  string // of its section
	Text   []string
	Tables []table
	Added  string // to the scenario file, to have what was found
}

// inquired says what was asked and answered beside the run; nil where that is nothing.
func (n *numbers) inquired() *inquiry {
	switch a := n.from.Answer; {
	case a == nil:
		return nil
	case a.Sensitivity != nil:
		return &inquiry{Title: "Sensitivity", Text: n.luck(a.Sensitivity), Tables: []table{n.effects(a.Sensitivity)}}
	default:
		return n.calibrated(a.Calibration)
	}
}

// title is what the page is called.
func (n *numbers) title() string {
	if a := n.from.Answer; a != nil && a.Sensitivity != nil {
		return "What " + figure.MetricWords(a.Sensitivity.Metric) + " depends on · " + n.from.Scenario.Describe()
	}
	return n.from.Scenario.Describe()
}

// inquiryAsked says what was asked beside the run.
func (n *numbers) inquiryAsked() string {
	if s := n.from.Answer.Sensitivity; s != nil {
		return fmt.Sprintf("What was asked: which assumptions %s depends on. For that, %s, at %s of %s each with seed %d, by the method of %s; brackets hold 90%% of bootstrap samples of these points.",
			figure.MetricWords(s.Metric), vary(len(s.Inputs)), count(s.Measured, "point"), count(s.Runs, "run"), s.Seed, methods[s.Method])
	}
	c := n.from.Answer.Calibration
	if c.Method == "fit" {
		return fmt.Sprintf("What was asked: at which values of %s, within the plausible ranges, all facts hold. For that, CMA-ES tried %s in medians of %s each, with seed %d.",
			count(len(c.Inputs), "input"), count(c.Tried, "point"), count(c.Runs, "run"), c.Seed)
	}
	return fmt.Sprintf("What was asked: what the facts leave of the assumptions. For that, %s, and all facts were looked for at %s, in medians of %s each, with seed %d.",
		vary(len(c.Inputs)), count(c.Tried, "point"), count(c.Runs, "run"), c.Seed)
}

// enough is of how many points it can be said which range is narrow.
const enough = 20

var methods = map[string]string{"morris": "Morris", "sobol": "Sobol"}

func vary(n int) string {
	if n == 1 {
		return "1 input varies over its plausible range"
	}
	return count(n, "input") + " vary over their plausible ranges"
}

// inquiryAnswer is the answer in a sentence.
func (n *numbers) inquiryAnswer() string {
	if s := n.from.Answer.Sensitivity; s != nil {
		return n.sensitivityAnswer(s)
	}
	c := n.from.Answer.Calibration
	var short []string
	for _, f := range c.Facts {
		if f.Verdict == string(facts.FallsShort) {
			short = append(short, "“"+f.Title+"”")
		}
	}
	switch {
	case len(short) > 0:
		verb := "fall"
		if len(short) == 1 {
			verb = "falls"
		}
		return fmt.Sprintf("At none of %s do all facts hold: at the nearest, %s %s short.", count(c.Tried, "point"), list(short), verb)
	case c.Method == "fit":
		return fmt.Sprintf("All facts hold at the point that was found after %s.", count(c.Tried, "point"))
	}
	text := fmt.Sprintf("All facts hold at %s of %s", count(c.Kept, ""), count(c.Tried, "point"))
	if c.Kept < enough {
		return text + "."
	}
	best, least := 0, math.Inf(1)
	for i, in := range c.Inputs {
		if left := (in.Range[1] - in.Range[0]) / (in.High - in.Low); left < least {
			best, least = i, left
		}
	}
	in := c.Inputs[best]
	return text + fmt.Sprintf("; of the ranges, they narrow that of %s most, from %s to %s down to %s to %s in 90%% of these points.",
		n.words(in.Path), number(in.Low), number(in.High), figure.Plain.Write(in.Range[0]), figure.Plain.Write(in.Range[1]))
}

func (n *numbers) sensitivityAnswer(s *store.Sensitivity) string {
	scale := n.shown.Sensitivity.Scale
	said := func(i int) string {
		e := s.Inputs[i].Estimates[0]
		return interval{mid: e.Value, low: e.Low, high: e.High, spread: true}.text(scale.Write)
	}
	first := s.Inputs[0]
	metric := figure.MetricWords(s.Metric)
	if s.Still() {
		return fmt.Sprintf("Nothing that varies moves %s.", metric)
	}
	text := strings.ToUpper(metric[:1]) + metric[1:] + " depends most on " + n.words(first.Path)
	if s.Method == "sobol" {
		text += ", which with the other inputs explains " + said(0) + " of the variance"
	} else {
		text += fmt.Sprintf(", which moves it by %s over its range from %s to %s", said(0), number(first.Low), number(first.High))
	}
	var others []string
	for i := 1; i < min(3, len(s.Inputs)) && s.Inputs[i].Estimates[0].Value > 0; i++ {
		others = append(others, n.words(s.Inputs[i].Path)+", "+said(i))
	}
	if len(others) > 0 {
		text += "; then on " + strings.Join(others, ", and ")
	}
	return text + "."
}

// luck says how much random variation there is beside what varies.
func (n *numbers) luck(s *store.Sensitivity) []string {
	text := fmt.Sprintf("In single runs, random variation makes %s of the variance, and the inputs that vary the rest.", percent(s.Luck()))
	switch {
	case s.Runs == 1:
		return []string{"With one run per point, noise cannot be estimated."}
	case s.Within+s.Between == 0:
		return []string{"Neither random variation nor the inputs that vary make any difference."}
	case s.Method != "sobol":
		write := n.shown.Sensitivity.Scale.Write
		text += fmt.Sprintf(" Its standard deviation is %s; that of the inputs, %s.", write(math.Sqrt(s.Within)), write(math.Sqrt(s.Between)))
	}
	return []string{text}
}

// columns say what is estimated of each input.
var columns = map[string]string{
	"effect": "Effect", "direction": "Direction", "spread": "How that differs",
	"total": "With the others", "first": "By itself",
}

func (n *numbers) effects(s *store.Sensitivity) table {
	t := table{Caption: "What each input does over its range, with the others at all of their values", Head: []string{"Input", "Range"}}
	if s.Method == "sobol" {
		t.Caption = "The share of the variance that each input explains"
	}
	for _, c := range s.Columns {
		t.Head = append(t.Head, columns[c])
	}
	for _, in := range s.Inputs {
		r := row{[]cell{{Text: n.words(in.Path)}, {Text: tight(number(in.Low) + " to " + number(in.High)), Class: "n"}}}
		for _, e := range in.Estimates {
			r.Cells = append(r.Cells, cellOf(interval{mid: e.Value, low: e.Low, high: e.High, spread: true}, n.shown.Sensitivity.Scale.Write))
		}
		t.Rows = append(t.Rows, r)
	}
	return t.cut()
}

func (n *numbers) calibrated(c *store.Calibration) *inquiry {
	q := &inquiry{Title: "Calibration", Added: strings.TrimSpace(c.Added)}
	facts := table{Caption: "Where the facts hold", Head: []string{"Fact", "At the point found"}}
	left := table{Caption: "What was found", Head: []string{"Input", "Range", "Found"}}
	if c.Method != "fit" {
		facts.Head[1] = "Of the points"
		left.Caption, left.Head[2] = "What the facts leave of the ranges: medians, and 5% to 95% of the points at which all hold", "Left"
	}
	for _, f := range c.Facts {
		text := f.Verdict
		if text == "" {
			text = fmt.Sprintf("%.0f%%", 100*f.Share)
		}
		title := f.Title
		if f.Claim {
			title += " (a claim, which need not hold)"
		}
		facts.Rows = append(facts.Rows, row{[]cell{{Text: title}, {Text: text, Class: "n"}}})
	}
	for _, in := range c.Inputs {
		i := interval{mid: in.Value}
		if in.Range != nil {
			i.low, i.high, i.spread = in.Range[0], in.Range[1], true
		}
		left.Rows = append(left.Rows, row{[]cell{{Text: n.words(in.Path)}, {Text: tight(number(in.Low) + " to " + number(in.High)), Class: "n"}, cellOf(i, figure.Plain.Write)}})
	}
	q.Tables = []table{left.cut(), facts.cut()}
	words := func(paths []string) (all []string) {
		for _, p := range paths {
			all = append(all, n.words(p))
		}
		return all
	}
	if c.TooFew {
		q.Text = append(q.Text, "These are too few runs to tell which inputs the facts say nothing of, or cannot tell apart.")
	}
	if len(c.Silent) > 0 {
		verb := "move"
		if len(c.Silent) == 1 {
			verb = "moves"
		}
		q.Text = append(q.Text, fmt.Sprintf("The facts say nothing of %s, which %s nothing that they measure.", list(words(c.Silent)), verb))
	}
	for _, pair := range c.Alike {
		q.Text = append(q.Text, fmt.Sprintf("The facts cannot tell %s: both move all that the facts measure in the same proportions (cosine of their effects %s).",
			strings.Join(words([]string{pair.A, pair.B}), " from "), figure.Plain.Write(pair.Cosine)))
	}
	return q
}

// words are what people call an input.
func (n *numbers) words(path string) string {
	text, _ := figure.InputWords(n.s, path)
	return text
}

// inquire is the command that asks the same again.
func (n *numbers) inquire(name string) []string {
	a := n.from.Answer
	var words []string
	if s := a.Sensitivity; s != nil {
		words = []string{"exodus", "sensitivity", name, "--metric", s.Metric, "--method", s.Method, "--runs", strconv.Itoa(s.Runs), "--seed", strconv.FormatUint(s.Seed, 10)}
		if s.Points != 0 {
			words = append(words, "--points", strconv.Itoa(s.Points))
		}
		for _, path := range s.Vary {
			words = append(words, "--vary", path)
		}
	} else {
		c := a.Calibration
		words = []string{"exodus", "calibrate", name, "--method", c.Method, "--points", strconv.Itoa(c.Points), "--runs", strconv.Itoa(c.Runs), "--seed", strconv.FormatUint(c.Seed, 10)}
		for _, path := range c.Free {
			words = append(words, "--free", path)
		}
		for _, id := range c.Only {
			words = append(words, "--facts", id)
		}
	}
	if a.Variant != "" {
		words = append(words, "--variant", a.Variant)
	}
	return words
}
