package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"exodus/agents"
)

// Metric is a quantity of a vendor in a week: what a study measures of a run. It is written as share.Scale@26.
type Metric struct {
	Quantity, Vendor string
	Week             int // counted as [Scenario.WeekAt] does
}

// ParseMetric reads a metric. Its vendor stands as it is called, which known ones need no quotes for, or in quotes.
func ParseMetric(text string, known []string) (m Metric, err error) {
	fail := fmt.Errorf("metric %q: a quantity, a vendor and a week are needed, such as share.Scale@26", text)
	at := strings.LastIndex(text, "@")
	if at < 0 {
		return m, fail
	}
	quantity, vendor, _ := strings.Cut(text[:at], ".")
	m.Quantity, m.Vendor = strings.TrimSpace(quantity), Normal(strings.TrimSpace(vendor))
	if keys, err := ParsePath(vendor); err == nil && len(keys) == 1 && !slices.Contains(known, m.Vendor) {
		m.Vendor = keys[0]
	}
	if m.Week, err = strconv.Atoi(strings.TrimSpace(text[at+1:])); err != nil || m.Quantity == "" || m.Vendor == "" {
		return m, fail
	}
	return m, nil
}

// String is the metric as [ParseMetric] reads it.
func (m Metric) String() string { return fmt.Sprintf("%s@%d", JoinPath(m.Quantity, m.Vendor), m.Week) }

// None says whether it is of work in house, which has no such quantity.
func (m Metric) None() bool {
	return m.Vendor == agents.InHouse && slices.Contains([]string{"share", "utilisation", "capacity"}, m.Quantity)
}
