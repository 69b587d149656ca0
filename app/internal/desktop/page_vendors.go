package desktop

import (
	"image/color"

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/app/internal/results"
	"exodus/app/internal/session"
	"exodus/scenarios/words"
)

func newVendorsPage(w *Window) *agentPage {
	return newAgentPage(w, agentKind{
		title:   "Vendors",
		nothing: "It never laid off staff or turned work away.",
		heads: func(*session.Snapshot) []string {
			return []string{"Vendor", "Share", "Change", "Over time", "Revenue / yr", "Growth", "Price", "Utilisation", "Capacity"}
		},
		rows: vendorRows,
		name: func(snap *session.Snapshot, i int) string { return snap.World.Run.Vendors[i] },
		say: func(snap *session.Snapshot, vendor, week int) []reading {
			return list(snap.World.Run.Labs, func(lab int) (float64, bool) { return snap.Opinion(session.Spends, week, lab, vendor) },
				func(int) color.Color { return nil })
		},
		views: []agentView{{func(*session.Snapshot) string { return "revenue a year" }, "revenue", func(name string) figure.Options { return figure.Options{Vendors: []string{name}} }}},
	})
}

// vendorRows are what vendors come to in the week of the timeline. Work in-house has no share, price and capacity.
func vendorRows(snap *session.Snapshot) (rows [][]cell) {
	week := snap.Shown()
	then, since := before(snap)
	for j, name := range snap.World.Run.Vendors {
		sells := name != agents.InHouse
		value := func(q results.Quantity) float64 { return snap.Value(q, week, j) }
		change := func(q results.Quantity) cell {
			if !since {
				return none
			}
			return changeCell(snap.Value(q, then, j), value(q), true)
		}
		drawn := results.Share
		if !sells {
			drawn = results.Revenue
		}
		var series []float64
		for k := range week + 1 {
			series = append(series, snap.Value(drawn, k, j))
		}
		used, known := snap.Utilisation(week, j)
		row := []cell{nameCell(name), none, none, {series: series, value: value(drawn), color: figure.Colour(j, isDark())},
			numberCell(value(results.Revenue), true, words.Money), change(results.Revenue), none, none, none}
		if sells {
			row[1], row[2] = numberCell(value(results.Share), true, words.Percent), change(results.Share)
			row[6], row[7], row[8] = numberCell(value(results.Price), true, index), numberCell(used, known, words.WholePercent), numberCell(value(results.Capacity), true, words.Money)
		}
		rows = append(rows, row)
	}
	return rows
}
