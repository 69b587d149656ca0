package cli

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
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
	name  string
	width float64
}

// parseUntil reads a goal such as share.Scale@26<=0.002.
func parseUntil(text string, s *scenarios.Scenario, model *scenarios.Model) (*goal, error) {
	if text == "" {
		return nil, nil
	}
	name, width, ok := strings.Cut(text, "<=")
	x, err := strconv.ParseFloat(strings.TrimSpace(width), 64)
	if !ok || err != nil || !(x > 0) || math.IsInf(x, 0) {
		return nil, fmt.Errorf("--until %q: a metric and a width above 0 are needed, such as share.%s@26<=0.002", text, model.Vendors()[0])
	}
	name = strings.TrimSpace(name)
	m, err := parseMetric(name, s, model)
	if err != nil {
		return nil, fmt.Errorf("--until %w", err)
	}
	return &goal{m, name, x}, nil
}

// widest is how wide the interval is, in the point and variant in which it is widest; infinite where it is nowhere known.
func (g *goal) widest(p *study.Plan, sum *store.Summary) (width float64) {
	const median, of95 = 2, 1.96 // the third level; standard errors to each side
	for world := range len(p.Points) * len(p.Variants) {
		q := sum.Quantiles[sum.At(world, g.week, g.vendor, g.quantity)]
		if q.Runs == 0 {
			return math.Inf(1)
		}
		width = max(width, 2*of95*q.Error[median])
	}
	return width
}

func (g *goal) met(p *study.Plan, sum *store.Summary) bool { return g.widest(p, sum) <= g.width }

// owesTo says which parameters the width of the outer band of a result hangs on: the share of the variance of the
// market share of the vendor that it is about, in the last column of the tables, that each explains by itself.
func owesTo(s *scenarios.Scenario, p *study.Plan, model *scenarios.Model, results *store.Study) (string, error) {
	columns := pointsOf(s, s.Spec.Weeks)
	last := columns[len(columns)-1]
	vendor := s.FocusVendor()
	values, err := results.Values(slices.Index(scenarios.Quantities, "share"), last.week, slices.Index(model.Vendors(), vendor), model.Vendors())
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
	return fmt.Sprintf("What is not known of behaviour matters most for the share of %s, %s, through %s.", vendor, last.title(), strings.Join(text, ", ")), nil
}
