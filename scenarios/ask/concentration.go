package ask

import (
	"slices"

	"exodus/agents"
)

// HHI is the Herfindahl-Hirschman index of revenues, in points of 10,000: the sum of squared shares. A vendor that stands
// for n firms of one size counts as n; firms nil, as one each.
func HHI(revenues []float64, firms []int) float64 {
	total := 0.0
	for _, x := range revenues {
		total += x
	}
	sum := 0.0
	for j, x := range revenues {
		if total > 0 {
			share := x / total
			sum += share * share / float64(firmsOf(firms, j))
		}
	}
	return 10_000 * sum
}

func firmsOf(firms []int, j int) int {
	if j < len(firms) && firms[j] > 1 {
		return firms[j]
	}
	return 1
}

// Control is how much an owner's stakes count where vendors decide, beside what they earn it (O'Brien and Salop 2000).
type Control struct {
	Name string
	Text string
	of   func(h agents.Holding) float64 // weight of the owner's interest in what the vendor decides
}

// Controls are the degrees of control that the modified HHI is stated for.
var Controls = []Control{
	{"silent", "the owner earns, and decides nothing", func(agents.Holding) float64 { return 0 }},
	{"partial", "the owner decides in proportion to its stake, or its votes where those are more", func(h agents.Holding) float64 { return max(h.Stake, h.Votes) }},
	{"full", "the owner decides alone", func(h agents.Holding) float64 { return 1 }},
}

// mhhi is the modified HHI: the sum over vendors j and k of s_j s_k sum_o(gamma_oj beta_ok) / sum_o(gamma_oj beta_oj), with beta
// what owner o earns of a vendor and gamma what it decides there. What no owner of the market holds of a vendor is one
// more owner's, who holds nothing else.
func (c *Control) mhhi(m *agents.Market, revenues []float64) float64 {
	total := 0.0
	for _, x := range revenues {
		total += x
	}
	if total == 0 {
		return 0
	}
	sum := 0.0
	for j, x := range revenues {
		others, own := 0.0, 1.0 // of the rest's stake and its say
		var cross []float64
		for o := range m.Owners() {
			h := m.Holds(o, j)
			say := 0.0
			if h.Stake > 0 {
				say = c.of(h)
			}
			own -= h.Stake
			others += say
			cross = append(cross, say)
		}
		rest := max(0, 1-others)
		weight := rest * max(0, own)
		for o, say := range cross {
			weight += say * m.Holds(o, j).Stake
		}
		for k, y := range revenues {
			of := rest * max(0, own)
			if k != j {
				of = 0
			}
			for o, say := range cross {
				of += say * m.Holds(o, k).Stake
			}
			switch {
			case weight > 0:
				sum += x / total * y / total * of / weight
			case k == j:
				sum += x / total * x / total
			}
		}
	}
	return 10_000 * sum
}

// Common says whether an owner holds stakes in several vendors at once in some week, so that the modified HHI differs from
// the HHI.
func (h *Harm) Common() bool {
	for _, o := range h.Scenario.Spec.Owners {
		var vendors []string
		for _, held := range o.Holds {
			vendors = append(vendors, held.Vendor)
		}
		for _, e := range h.Scenario.Spec.Events {
			if e.Owner == o.Name && e.States("stake") || e.To == o.Name {
				vendors = append(vendors, e.Vendor)
			}
		}
		slices.Sort(vendors)
		if len(slices.Compact(vendors)) > 1 {
			return true
		}
	}
	return false
}
