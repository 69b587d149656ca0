package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"exodus/scenarios"
)

// fact is one of the scorecard.
type fact struct {
	Title, Verdict, Class, Source, Why string
	Checks                             []check
}

type check struct{ What, Median, Interval, Wanted, Met string }

// scorecard is how the facts of the scenario fare.
func (n *numbers) scorecard() (facts []fact) {
	for _, score := range n.shown.Scores {
		f := fact{Title: score.Fact.Title, Verdict: string(score.Verdict), Class: "holds", Source: score.Fact.Source}
		if score.Verdict != scenarios.Holds {
			f.Class, f.Why = "short", score.Fact.Why
		}
		for _, c := range score.Checks {
			write := writerOf(c.Check)
			text := strings.ReplaceAll(c.Check.Describe(), "_", " ")
			interval := write(c.Low)
			if high := write(c.High); high != interval {
				interval = strings.NewReplacer("USD ", "", "week ", "").Replace(interval + " to " + high)
			}
			f.Checks = append(f.Checks, check{
				What: strings.ToUpper(text[:1]) + text[1:], Median: tight(write(c.Median)), Interval: tight(interval),
				Wanted: tight(wanted(c.Check, write)), Met: fmt.Sprintf("%.0f%%", 100*c.Met),
			})
		}
		facts = append(facts, f)
	}
	return facts
}

// writerOf writes the values of a check in the unit of its metric.
func writerOf(c *scenarios.Check) func(float64) string {
	rounded := func(x float64) string { return strconv.FormatFloat(math.Round(1000*x)/10+0, 'f', -1, 64) + "%" }
	write := threeDigits
	switch c.Metric {
	case "spend_change", "share":
		write = rounded
	case "spend", "spend_loss", "revenue", "gain", "cumulative_gain", "largest_difference":
		write = money
	case "inquiries_ratio", "load_ratio":
		write = func(x float64) string { return threeDigits(x) + "×" }
	case "weeks_to_half":
		write = func(x float64) string { return "week " + strconv.FormatFloat(x, 'f', -1, 64) }
	}
	if c.Over != "" {
		write = rounded
	}
	return func(x float64) string {
		switch {
		case math.IsInf(x, 1): // what takes for ever
			return "never"
		case math.IsNaN(x):
			return "none"
		}
		return strings.Replace(write(x), "-", "−", 1)
	}
}

// wanted is what a check asks of its metric.
func wanted(c *scenarios.Check, write func(float64) string) string {
	var parts []string
	for _, b := range []struct {
		sign string
		at   *float64
	}{{"≥ ", c.Min}, {"> ", c.Above}, {"≤ ", c.Max}, {"< ", c.Below}} {
		if b.at != nil {
			parts = append(parts, b.sign+write(*b.at))
		}
	}
	return strings.Join(parts, " and ")
}
