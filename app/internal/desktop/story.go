package desktop

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"exodus/app/internal/results"
	"exodus/app/internal/session"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// story says what has become of the vendor that the scenario is about, at the play head: its share before the event
// and now, how this compares and who has left, and what the others gained.
func story(snap *session.Snapshot) (head, under, others string) {
	s, focus, now := snap.World.Scenario, snap.FocusVendor(), snap.Shown()
	name := named(snap.World.Run.Vendors[focus])
	is := snap.Value(results.Share, now, focus)
	then, ok := before(snap)
	if !ok {
		return fmt.Sprintf("%s has %s of the market", name, words.Percent(is)), words.LongDate(s.Date(now)), ""
	}
	was := snap.Value(results.Share, then, focus)
	verb := "fell"
	if is >= was {
		verb = "rose"
	}
	head = fmt.Sprintf("%s %s from %s to %s of the market", name, verb, words.Percent(was), words.Percent(is))
	if words.Percent(was) == words.Percent(is) {
		head = fmt.Sprintf("%s keeps its %s of the market", name, words.Percent(is))
	}

	var parts []string
	if d, ok := snap.Gain(results.Share, now, focus); ok {
		text := words.Points(d[2]) + " vs. " + named(snap.Other.Title)
		if snap.Medians() {
			text += fmt.Sprintf(" (%s)", between(strings.TrimSuffix(words.Points(d[0]), " pts"), words.Points(d[4])))
		}
		parts = append(parts, text)
	}
	if text := leavers(snap, now, focus); text != "" {
		parts = append(parts, text)
	}
	return head, strings.Join(parts, "   ·   "), changes(snap, then, now, focus)
}

// leavers says which labs have left a vendor at the end of a week: in most of the runs, and in how many, or in the one.
func leavers(snap *session.Snapshot, week, vendor int) string {
	stands, known := snap.Leavings(week, vendor)
	if !known {
		return ""
	}
	all := slices.DeleteFunc(stands, func(l scenarios.Leaving) bool { return !l.HasLeft() })
	slices.SortStableFunc(all, func(a, b scenarios.Leaving) int { return cmp.Compare(b.Left, a.Left) })
	var names []string
	for _, l := range all {
		text := named(l.Lab)
		if snap.Medians() {
			text += " (" + words.WholePercent(l.Left) + ")"
		}
		names = append(names, text)
	}
	of := ""
	if snap.Medians() {
		of = ", in most of " + words.Counted(snap.World.Buyers.Runs, "run")
	}
	switch {
	case len(all) == 0 && of == "":
		return "no lab has left it"
	case len(all) == 0:
		return "no lab has left it" + of
	case len(all) == 1 && of != "":
		return fmt.Sprintf("%s has left it in %s of %s", named(all[0].Lab), words.WholePercent(all[0].Left), words.Counted(snap.World.Buyers.Runs, "run"))
	case len(all) == 1:
		return names[0] + " has left it"
	}
	return words.ListOf(names, 5) + " have left it" + of
}

// mostChanges is how many vendors there is room for in a line.
const mostChanges = 6

// changes says how the shares of the other vendors have changed from a week to another, those of the largest.
func changes(snap *session.Snapshot, from, to, focus int) string {
	vendors := snap.World.Run.Vendors
	var shown []int
	for j := range vendors[:len(vendors)-1] {
		if j != focus && snap.Value(results.Share, from, j) > 0 {
			shown = append(shown, j)
		}
	}
	largest(shown, mostChanges, func(j int) float64 { return snap.Value(results.Share, to, j) })
	var all []string
	for _, j := range shown[:min(mostChanges, len(shown))] {
		was, is := snap.Value(results.Share, from, j), snap.Value(results.Share, to, j)
		all = append(all, words.Ellipsis(vendors[j], 16)+" "+words.SignedPercent(is/was-1))
	}
	if rest := len(shown) - mostChanges; rest > 0 {
		all = append(all, words.Counted(rest, "other"))
	}
	event := snap.World.Scenario.Focus()
	return "Since " + words.LongDate(snap.World.Scenario.DateOf(event)) + ":  " + strings.Join(all, "   ")
}

// largest puts those of the largest values first where there are more than so many; else they stay in their order.
func largest(all []int, most int, value func(i int) float64) {
	if len(all) <= most {
		return
	}
	slices.SortStableFunc(all, func(a, b int) int {
		switch x, y := value(a), value(b); {
		case x > y, x == x && y != y:
			return -1
		case x < y, x != x && y == y:
			return 1
		}
		return 0
	})
}
