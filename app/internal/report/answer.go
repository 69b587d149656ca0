package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"exodus/agents"
	"exodus/app/internal/results"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// asked says what was run, and what that was to answer.
func (n *numbers) asked() []string {
	var said []string
	if about := strings.Join(strings.Fields(n.s.About), " "); about != "" {
		said = append(said, about)
	}
	if n.from.Answer != nil {
		said = append(said, n.inquiryAsked())
	}
	text := "What was run: " + cmp.Or(n.s.Title, n.s.Name)
	if n.s.Variant != "" {
		text += ", in the variant “" + n.variantTitle(n.s.Variant) + "”"
	}
	if len(n.s.Changes) > 0 {
		text += ", changed by " + strings.Join(n.s.Changes, ", ")
	}
	text += fmt.Sprintf(", for %s from %s.", count(n.from.Weeks, "week"), day(n.s.Start))
	if n.anchor != nil {
		text += fmt.Sprintf(" Weeks are counted from %s of %s: %s.", n.deal(), day(n.s.DateOf(n.anchor)), n.anchor.Tell())
	}
	said = append(said, text)
	if n.without != nil {
		said = append(said, fmt.Sprintf("“Without %s” means %s.", n.deal(), n.other.Without))
	}
	if r := n.from.Receipt; r != nil {
		what := "This is"
		if n.from.Answer != nil {
			what = "Everything but the answer to that comes from"
		}
		chance := "Other runs would differ by chance"
		if n.s.Spec.Uncertainty.Scale == 0 && !n.s.Spec.Uncertainty.Ranges {
			chance = "It has no random variation"
		}
		said = append(said, fmt.Sprintf("%s one run (seed %d, run %d), so there are no intervals. %s.", what, r.Luck.Seed, r.Luck.Run, chance))
		if len(r.Interventions) > 0 {
			said = append(said, "Someone intervened while it ran: "+strings.Join(r.Interventions, "; ")+".")
		}
		return said
	}
	plan := n.from.Head.Plan
	text = fmt.Sprintf("Numbers are medians of %s (seed %d). Brackets give the 90%% interval: 5%% of the runs lie below it and 5%% above", count(plan.Runs, "run"), plan.Seed)
	if n.shown.Study.Ignorant != 0 {
		text += ". The first interval is from random variation alone; the second also draws the parameters of behaviour from their plausible ranges"
	} else {
		text += ". The runs differ only by random variation: uncertainty about the parameters of behaviour is not included"
	}
	said = append(said, text+".")
	if len(plan.Points) > 1 {
		said = append(said, fmt.Sprintf("The study varies %s over %s. The numbers here are those of the first point, %s.",
			list(plan.Params), count(len(plan.Points), "point"), strings.Join(scenarios.Changes(plan, 0), ", ")))
	}
	if failed := n.from.Summary.Failed; failed > 0 {
		said = append(said, count(failed, "run")+" failed and are not counted; runs.parquet says why.")
	}
	return said
}

// partial says how much of a study is done, where that is not all.
func (n *numbers) partial() string {
	if n.from.Done < n.from.Jobs {
		return fmt.Sprintf("Partial: %s of %s runs are done. The numbers may change when the others are.", count(n.from.Done, ""), count(n.from.Jobs, ""))
	}
	return ""
}

// answer is what came out, in three sentences.
func (n *numbers) answer() []string {
	last := n.answerWeek()
	vendor := n.from.Vendors[n.focus]
	share := n.with(results.Share, last, n.focus)
	first := fmt.Sprintf("%s, %s has %s of the market%s", n.when(last), vendor, percent(share.mid), share.named(percent))
	var others []string
	if n.hasBefore() {
		others = append(others, percent(n.with(results.Share, n.before(), n.focus).mid)+" "+n.beforehand())
	}
	if n.without != nil {
		others = append(others, n.without(results.Share, last, n.focus).text(percent)+" without "+n.deal())
	}
	if len(others) > 0 {
		first += ", compared with " + words.List(others)
	}
	var sentences []string
	if n.from.Answer != nil {
		sentences = append(sentences, n.inquiryAnswer())
	}
	sentences = append(sentences, first+".")
	if n.gain == nil {
		text := fmt.Sprintf("Its revenue is then %s", yearly(n.with(results.Revenue, last, n.focus)))
		if n.hasBefore() {
			text += fmt.Sprintf(", compared with %s %s; among the others, %s", money(n.with(results.Revenue, n.before(), n.focus).mid), n.beforehand(), n.grown(last))
		}
		sentences = append(sentences, text+".")
	} else {
		sentences = append(sentences, fmt.Sprintf("Its revenue is then %s, %s; %s.",
			yearly(n.with(results.Revenue, last, n.focus)), n.apart(n.gain(results.Revenue, last, n.focus), n.against), n.winners(last)))
	}
	end, later := n.from.Weeks-1, 0
	if at, ok := n.after(52); ok {
		end, later = at, 52
	}
	leave := n.leave(end)
	if later == 0 || end == last {
		return append(sentences, leave+".")
	}
	var year string
	if n.gain == nil {
		year = fmt.Sprintf("a year after %s the revenue of %s is %s", n.deal(), vendor, yearly(n.with(results.Revenue, end, n.focus)))
	} else {
		year = fmt.Sprintf("a year after %s the revenue of %s is %s", n.deal(), vendor, n.apart(n.gain(results.Revenue, end, n.focus), "that of "+n.against))
	}
	return append(sentences, leave+"; "+year+".")
}

// named is what an interval holds, in brackets that say what that is: for the first of a text.
func (i interval) named(write func(float64) string) string {
	switch ranges := i.ranges(write); len(ranges) {
	case 1:
		return " (5% to 95% of runs: " + ranges[0] + ")"
	case 2:
		return " (5% to 95% of runs: " + ranges[0] + " from random variation alone, " + ranges[1] + " with parameter uncertainty)"
	}
	return ""
}

// yearly is an amount a year with its interval.
func yearly(i interval) string {
	if inner := i.inner(money); inner != "" {
		return money(i.mid) + " a year (" + inner + ")"
	}
	return money(i.mid) + " a year"
}

// apart says how far a number is below or above another.
func (n *numbers) apart(gain interval, than string) string {
	switch {
	case math.Abs(gain.mid) < 0.05 && gain.high-gain.low < 0.1:
		return "no different from " + than
	case gain.mid < 0:
		return gain.turned().text(money) + " below " + than
	}
	return gain.text(money) + " above " + than
}

// winners says who gains most over what is compared with.
func (n *numbers) winners(week int) string {
	type winner struct {
		name string
		gain interval
	}
	var all []winner
	for j, name := range n.from.Vendors {
		if g := n.gain(results.Revenue, week, j); j != n.focus && g.mid > 0.05 {
			if name == agents.InHouse {
				name = "in-house work"
			}
			all = append(all, winner{name, g})
		}
	}
	slices.SortStableFunc(all, func(a, b winner) int { return cmp.Compare(b.gain.mid, a.gain.mid) })
	if len(all) == 0 {
		return "no other vendor gains"
	}
	if len(all) == 1 {
		return all[0].name + " alone gains, " + all[0].gain.text(money)
	}
	var parts []string
	for _, w := range all[1:min(3, len(all))] {
		parts = append(parts, w.name+", "+w.gain.text(money))
	}
	return all[0].name + " gains most, " + all[0].gain.text(money) + ", then " + strings.Join(parts, ", and ")
}

// grown says whose share grew most since the week before the event, where nothing is compared.
func (n *numbers) grown(week int) string {
	best, most := -1, 0.0005
	for j := range n.from.Vendors[:len(n.from.Vendors)-1] {
		if d := n.with(results.Share, week, j).mid - n.with(results.Share, n.before(), j).mid; j != n.focus && d > most {
			best, most = j, d
		}
	}
	if best < 0 {
		return "none has a larger share of the market than before"
	}
	return fmt.Sprintf("%s grows most, from %s to %s of the market", n.from.Vendors[best],
		percent(n.with(results.Share, n.before(), best).mid), n.with(results.Share, week, best).text(percent))
}

// leave says which labs have left the vendor: of a run when, and of a study in how many of its runs. A lab's name that
// begins the sentence stays as it is written.
func (n *numbers) leave(end int) string {
	vendor := n.from.Vendors[n.focus]
	if n.shown.Study != nil {
		text := n.leaveOften(vendor, end)
		if n.s.Ends(vendor, end) {
			text += "; its customers must leave, since it ends its service"
		}
		return text
	}
	byWeek, must, stayed, cut := map[int][]string{}, 0, 0, 0
	var weeks []int
	for _, l := range n.s.Leavings(vendor, end, n.from.Trajectory) {
		switch {
		case l.HasLeft():
			week := n.s.Since(l.Since)
			if byWeek[week] == nil {
				weeks = append(weeks, week)
			}
			byWeek[week] = append(byWeek[week], l.Lab)
		case l.MustLeave():
			must++
		case l.IsCutOff():
			cut++
		case l.Stays():
			stayed++
		}
	}
	text := "No lab leaves " + vendor
	if len(weeks) > 0 {
		slices.Sort(weeks)
		var parts []string
		for _, w := range weeks {
			when := fmt.Sprintf("in week +%d", w)
			if w < 0 {
				when = "before " + n.deal()
			}
			parts = append(parts, words.ListOf(byWeek[w], mostNamed)+" "+when)
		}
		verb := " leave "
		if len(weeks) == 1 && len(byWeek[weeks[0]]) == 1 {
			verb = " leaves "
		}
		text = words.ListOf(parts, mostNamed) + verb + vendor
	}
	for _, group := range []struct {
		count     int
		one, many string
	}{{must, "one must leave, since the vendor ends its service", "%d must leave, since the vendor ends its service"}, {cut, "one is cut off", "%d are cut off"}, {stayed, "one customer stays", "%d customers stay"}} {
		switch {
		case group.count == 1:
			text += ", " + group.one
		case group.count > 1:
			text += ", " + fmt.Sprintf(group.many, group.count)
		}
	}
	return text
}

// mostNamed is how many labs a sentence names, and hardly how often one has to leave to be named.
const (
	mostNamed = 8
	hardly    = 0.05
)

// leaveOften says in how many runs of a study each lab has left the vendor at the end of a week.
func (n *numbers) leaveOften(vendor string, end int) string {
	type leaving struct {
		lab         string
		left, share string
		often       float64
	}
	var all []leaving
	for i, lab := range n.from.Head.Labs {
		d := n.from.Summary.Departure(0, end, i)
		if d.Left >= hardly {
			all = append(all, leaving{lab, scenarios.Often(d.Left, d.Ever, d.Runs), words.WholePercent(d.Left), d.Left})
		}
	}
	when := fmt.Sprintf("At the end of week %+d, ", n.s.Since(end))
	if len(all) == 0 {
		return when + "no lab has left " + vendor + " in more than " + words.WholePercent(hardly) + " of the runs"
	}
	slices.SortStableFunc(all, func(a, b leaving) int { return cmp.Compare(b.often, a.often) })
	parts := []string{all[0].lab + " has " + strings.Replace(all[0].left, "left in", "left "+vendor+" in", 1)}
	for _, l := range all[1:] {
		parts = append(parts, l.lab+" in "+l.share)
	}
	return when + words.ListOf(parts, mostNamed)
}

// shares and gains are the numbers behind the answer.
func (n *numbers) shares() table {
	vendors := n.from.Vendors[:len(n.from.Vendors)-1]
	return n.overTime("Share of the market by vendor", vendors, true, func(week, j int) cell {
		return cellOf(n.with(results.Share, week, j), percent)
	})
}

func (n *numbers) gains() table {
	if n.gain == nil {
		return table{}
	}
	return n.overTime("Revenue a year, against "+n.against, n.from.Vendors, false, func(week, j int) cell {
		return cellOf(n.gain(results.Revenue, week, j), signed)
	})
}

// variants are the numbers of the vendor that it is about in each variant of a study.
func (n *numbers) variants() table {
	study := n.shown.Study
	if study == nil {
		return table{}
	}
	t := table{Caption: "The variants: " + n.from.Vendors[n.focus], Head: []string{"Variant"}}
	for v, name := range study.Variants {
		if strings.HasSuffix(name, scenarios.Ignorant) || !n.measured(v) {
			continue
		}
		r, of := row{Cells: []cell{{Text: n.variantTitle(name)}}}, n.ofVariant(v, study.Worlds)
		for _, w := range usual[1:] {
			at, ok := n.after(w)
			if !ok {
				continue
			}
			if len(t.Rows) == 0 {
				t.Head = append(t.Head, fmt.Sprintf("Share, week +%d", w), fmt.Sprintf("Revenue a year, week +%d", w))
			}
			r.Cells = append(r.Cells, cellOf(of(results.Share, at, n.focus), percent), cellOf(of(results.Revenue, at, n.focus), money))
		}
		t.Rows = append(t.Rows, r)
	}
	if len(t.Rows) < 2 || len(t.Head) == 1 {
		return table{}
	}
	return t
}

func (n *numbers) overTime(caption string, vendors []string, before bool, of func(week, vendor int) cell) table {
	t := table{Caption: caption, Head: []string{"Vendor"}}
	var weeks []int
	if before {
		head := "Week −1"
		if n.anchor == nil {
			head = "First week"
		}
		if n.hasBefore() {
			t.Head, weeks = append(t.Head, head), append(weeks, n.before())
		}
	}
	later := false
	for _, w := range usual {
		if at, ok := n.after(w); ok {
			t.Head, weeks, later = append(t.Head, n.column(at)), append(weeks, at), true
		}
	}
	if !later { // results that end sooner show their last week
		t.Head, weeks = append(t.Head, n.column(n.from.Weeks-1)), append(weeks, n.from.Weeks-1)
	}
	if len(weeks) == 0 {
		return table{}
	}
	rows := make([]int, len(vendors))
	for j := range rows {
		rows[j] = j
	}
	if len(vendors) > mostVendors { // the largest, and first of all that which the results are about
		size := func(j int) float64 {
			if j == n.focus {
				return math.Inf(1)
			}
			most := 0.0
			for _, w := range weeks {
				most = max(most, n.with(results.Revenue, w, j).mid)
			}
			return most
		}
		slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(size(b), size(a)) })
		t.More, rows = len(rows)-mostVendors, rows[:mostVendors]
		slices.Sort(rows)
	}
	for _, j := range rows {
		r := row{Cells: []cell{{Text: words.Ellipsis(vendors[j], mostName)}}}
		for _, w := range weeks {
			r.Cells = append(r.Cells, of(w, j))
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}
