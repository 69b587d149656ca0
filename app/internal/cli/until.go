package cli

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/sim/study"
)

// firstRuns is how many runs a batch begins with that goes on until a goal is met.
const firstRuns = 256

// goal is how narrow the 95% interval of a median is to be, in every point and variant.
type goal struct {
	metric
	width float64
}

// parseUntil reads a goal such as share.Scale@26<=0.002.
func parseUntil(text string, s *scenarios.Scenario, model *scenarios.Model) (*goal, error) {
	if text == "" {
		return nil, nil
	}
	at := max(0, strings.LastIndex(text, "<=")) // a name may have one too
	_, width, ok := strings.Cut(text[at:], "<=")
	x, err := study.ParseNumber(width)
	if !ok || err != nil || !(x > 0) {
		return nil, fmt.Errorf("--until %q: a metric and a width above 0 are needed, such as %s<=0.002", text, scenarios.Metric{Quantity: "share", Vendor: model.Vendors()[0], Week: 26})
	}
	m, err := parseMetric(text[:at], s, model)
	if err != nil {
		return nil, fmt.Errorf("--until %w", err)
	}
	return &goal{m, x}, nil
}

// widest is how wide the interval is, in the point and variant in which it is widest. Its error says where there is none.
func (g *goal) widest(p *study.Plan, sum *store.Summary) (width float64, err error) {
	const median, of95 = 2, 1.96 // the third level; standard errors to each side
	for world := range len(p.Points) * len(p.Variants) {
		q := sum.Quantiles[sum.At(world, g.week, g.vendor, g.quantity)]
		at := ""
		if point := world / len(p.Variants); len(p.Params) > 0 {
			at = fmt.Sprintf(" at point %d (%s)", point+1, strings.Join(scenarios.Changes(p, point), ", "))
		}
		at += " in " + p.Variants[world%len(p.Variants)]
		wide := 2 * of95 * q.Error[median]
		switch {
		case q.Runs == 0 || math.IsNaN(wide) || math.IsInf(wide, 0):
			return 0, fmt.Errorf("the median of %s has no interval%s: %s", g, at, g.missing())
		case q.Runs == 1:
			return 0, fmt.Errorf("the median of %s has no interval%s: there is one run alone", g, at)
		}
		width = max(width, wide)
	}
	return width, nil
}

// owesTo says which parameters the width of the outer band of a result depends on: the share of the variance of the
// market share of the vendor that it is about, in the last column of the tables, that each explains by itself.
func owesTo(p *study.Plan, model *scenarios.Model, results *store.Study) (string, error) {
	s := model.Anchor()
	columns := pointsOf(s, s.Spec.Weeks)
	last := columns[len(columns)-1]
	vendor := s.FocusVendor()
	values, err := results.Values(slices.Index(scenarios.Quantities, "share"), last.week, slices.Index(model.Vendors(), vendor))
	if err != nil {
		return "", err
	}
	world := slices.IndexFunc(p.Variants, func(v string) bool { return strings.HasSuffix(v, scenarios.Ignorant) })
	drawn, err := model.Drawn(p, world)
	if err != nil {
		return "", err
	}
	params := s.Ranges()
	type part struct {
		name  string
		share float64
	}
	var parts []part
	for k, param := range params {
		var xs, ys []float64
		for run, y := range values[world] {
			if !math.IsNaN(y) {
				xs, ys = append(xs, drawn[run][k]), append(ys, y)
			}
		}
		parts = append(parts, part{param.Name, study.Explained(xs, ys)})
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(b.share, a.share) })
	var text []string
	for _, part := range parts[:min(3, len(parts))] {
		text = append(text, fmt.Sprintf("%s (%.0f%% of the variance)", part.name, 100*part.share))
	}
	return fmt.Sprintf("Parameter uncertainty in the share of %s, %s, comes mostly from %s.", vendor, last.title(), strings.Join(text, ", ")), nil
}
