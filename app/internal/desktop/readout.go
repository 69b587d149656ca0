package desktop

import (
	"slices"

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/app/internal/results"
	"exodus/app/internal/session"
	"exodus/scenarios/words"
)

// mostVendors is how many vendors the pointer reads: of more, the largest.
const mostVendors = 12

// readout says what quantities are in a week: of each vendor the value, the range of the runs, and the difference from
// the market that it is compared with. Of several quantities it gives the values alone.
func readout(snap *session.Snapshot, week int, hidden map[string]bool, quantities ...results.Quantity) []reading {
	if snap == nil || snap.World == nil {
		return nil
	}
	run, q := snap.World.Run, quantities[0]
	ranges, differs := snap.Medians() && len(quantities) == 1, false
	if len(quantities) == 1 {
		_, differs = snap.Gain(q, week, snap.FocusVendor())
	}
	heads := reading{cells: []string{"", q.String()}, quiet: true}
	switch {
	case len(quantities) > 1:
		for _, other := range quantities[1:] {
			heads.cells = append(heads.cells, other.String())
		}
	case ranges:
		heads.cells = []string{"", "median", "90% of runs"}
	}
	if differs {
		heads.cells = append(heads.cells, "difference")
	}
	lines := []reading{{cells: []string{day(snap, week)}}, heads}

	var shown []int
	for j, name := range run.Vendors {
		if !hidden[name] && (name != agents.InHouse || q == results.Revenue) {
			shown = append(shown, j)
		}
	}
	size := func(j int) float64 { return snap.Value(q, week, j) }
	largest(shown, mostVendors, size)
	if focus := slices.Index(shown, snap.FocusVendor()); focus >= mostVendors { // whatever its size, it is what one looks for
		shown = slices.Insert(slices.Delete(shown, focus, focus+1), mostVendors-1, shown[focus])
	}
	for _, j := range shown[:min(mostVendors, len(shown))] {
		line := reading{cells: []string{words.Ellipsis(run.Vendors[j], 24)}, color: figure.Colour(j, isDark())}
		for _, q := range quantities {
			line.cells = append(line.cells, write(q)(snap.Value(q, week, j)))
		}
		if ranges {
			band := snap.World.Fans.At(q, week, j)
			line.cells = append(line.cells, between(write(q)(float64(band[0])), write(q)(float64(band[4]))))
		}
		if d, ok := snap.Gain(q, week, j); differs && ok {
			line.cells = append(line.cells, signed(q, d[2]))
		}
		lines = append(lines, line)
	}
	if rest := len(shown) - mostVendors; rest > 0 {
		lines = append(lines, reading{cells: []string{words.Counted(rest, "other")}, quiet: true})
	}
	if differs {
		lines = append(lines, entrants(snap, q, week, ranges)...)
		lines = append(lines, reading{cells: []string{"Difference: from " + named(snap.Other.Title)}})
	}
	return lines
}

// entrants are the vendors that only the market compared with has, as far as there is room.
func entrants(snap *session.Snapshot, q results.Quantity, week int, ranges bool) (lines []reading) {
	then, _ := snap.Then(week)
	for k, name := range snap.Other.Run.Vendors {
		if snap.Has(name) || len(lines) == 2 {
			continue
		}
		line := reading{cells: []string{words.Ellipsis(name, 24), write(q)(0)}}
		if ranges {
			line.cells = append(line.cells, "")
		}
		lines = append(lines, reading{cells: append(line.cells, signed(q, -snap.OtherValue(q, then, k)))})
	}
	return lines
}
