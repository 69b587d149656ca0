package desktop

import (
	"image/color"

	"fyne.io/fyne/v2/theme"

	"exodus/app/internal/figure"
	"exodus/app/internal/session"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

func newLabsPage(w *Window) *agentPage {
	supplier := func(snap *session.Snapshot) string {
		return words.Ellipsis(snap.World.Run.Vendors[snap.FocusVendor()], 20)
	}
	return newAgentPage(w, agentKind{
		title:   "Labs",
		labs:    true,
		nothing: "It never started a review.",
		heads: func(snap *session.Snapshot) []string {
			return []string{"Lab", "Now", "Spend at " + supplier(snap), "Change", "Over time", "Trust", "Premium", "Spend / yr", "Segment"}
		},
		rows: labRows,
		name: func(snap *session.Snapshot, i int) string { return snap.World.Run.Labs[i] },
		say: func(snap *session.Snapshot, lab, week int) []reading {
			return list(snap.World.Run.Vendors, func(j int) (float64, bool) { return snap.Opinion(session.Spends, week, lab, j) },
				func(j int) color.Color { return figure.Colour(j, isDark()) })
		},
		views: []agentView{
			{func(snap *session.Snapshot) string { return "spend at " + supplier(snap) }, "spend", func(name string) figure.Options { return figure.Options{Labs: []string{name}} }},
			{func(*session.Snapshot) string { return "shares of all its vendors" }, "share", func(name string) figure.Options { return figure.Options{Labs: []string{name}} }},
		},
	})
}

// labColour is that of all labs: the colours are the vendors'.
func labColour() color.Color { return theme.Color(theme.ColorNameForeground) }

// labRows are what labs do in the week of the timeline, above all with the supplier that the scenario is about.
func labRows(snap *session.Snapshot) (rows [][]cell) {
	week, focus := snap.Shown(), snap.FocusVendor()
	then, since := before(snap)
	stands, known := snap.Leavings(week, focus)
	spend := func(week, lab int) (float64, bool) { return snap.Opinion(session.Spends, week, lab, focus) }
	for i, name := range snap.World.Run.Labs {
		was, is := 0.0, cell{}
		if since {
			was, since = spend(then, i)
		}
		now, spends := spend(week, i)
		is = numberCell(now, spends, words.Money)
		var series []float64
		for k := range week + 1 {
			x, _ := spend(k, i)
			series = append(series, x)
		}
		trust, trusts := snap.Opinion(session.Trusts, week, i, focus)
		premium, feels := snap.Opinion(session.Premiums, week, i, focus)
		total, all := snap.Budget(week, i)
		state := none
		if known {
			state = stateCell(snap, week, i, &stands[i])
		}
		rows = append(rows, []cell{
			nameCell(name), state, is, changeCell(was, now, since && spends),
			{series: series, value: now, color: labColour()},
			numberCell(trust, trusts, words.WholePercent), numberCell(premium, feels, words.SignedPercent),
			numberCell(total, all, words.Money), nameCell(snap.World.Scenario.Spec.Labs[i].Segment),
		})
	}
	return rows
}

// stateCell says how a lab stands with a vendor: over the runs, or in the one.
func stateCell(snap *session.Snapshot, week, lab int, l *scenarios.Leaving) cell {
	reviews, _ := snap.Reviewing(week, lab)
	text, rank := "stays", 0.0
	switch {
	case l.HasLeft():
		text, rank = "has left", 2+l.Left
		if snap.Medians() {
			text = "left in " + words.WholePercent(l.Left)
		}
	case l.MustLeave() && l.Now > 0:
		text, rank = "must leave", 1.8
	case l.MustLeave():
		text, rank = "had to leave", 1.9
	case l.IsCutOff():
		text, rank = "cut off", 1.5
	case l.Now == 0:
		return cell{text: "not a buyer", value: -1}
	case reviews > 0.5:
		text, rank = "reviews", 1+l.Left
	case l.Left > 0:
		text, rank = "stays (left in "+words.WholePercent(l.Left)+")", l.Left
	}
	return cell{text: text, value: rank}
}
