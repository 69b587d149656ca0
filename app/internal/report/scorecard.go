package report

import (
	"fmt"
	"strings"

	"exodus/app/internal/figure"
	"exodus/scenarios/facts"
)

// fact is one of the scorecard.
type fact struct {
	Title, Verdict, Class, Source, Why string
	Checks                             []check
}

type check struct{ What, Median, Interval, Wanted, Met string }

// scorecard is how the facts of the scenario fare.
func (n *numbers) scorecard() (rows []fact) {
	for _, score := range n.shown.Scores {
		f := fact{Title: score.Fact.Title, Verdict: string(score.Verdict), Class: "holds", Source: score.Fact.Source}
		if score.Verdict != facts.Holds {
			f.Class, f.Why = "short", score.Fact.Why
		}
		for _, c := range score.Checks {
			told := figure.Tell(c)
			f.Checks = append(f.Checks, check{
				What: strings.ToUpper(told.What[:1]) + told.What[1:], Median: tight(told.Median), Interval: tight(told.Interval),
				Wanted: tight(told.Wanted), Met: fmt.Sprintf("%.0f%%", 100*c.Met),
			})
		}
		rows = append(rows, f)
	}
	return rows
}
