package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"exodus/agents"
	"exodus/scenarios"
)

// asked says what was run, and what that was to answer.
func (n *numbers) asked() []string {
	var said []string
	if about := strings.Join(strings.Fields(n.s.About), " "); about != "" {
		said = append(said, about)
	}
	text := "What was run: " + n.s.Title
	if n.s.Title == "" {
		text = "What was run: " + n.s.Name
	}
	if n.s.Variant != "" {
		text += ", in the variant “" + n.variantTitle(n.s.Variant) + "”"
	}
	if len(n.s.Changes) > 0 {
		text += ", changed by " + strings.Join(n.s.Changes, ", ")
	}
	text += fmt.Sprintf(", for %s from %s.", count(n.from.Weeks, "week"), day(n.s.Start))
	if n.anchor != nil {
		text += fmt.Sprintf(" Weeks are counted from %s of %s: %s.", n.deal(), day(n.s.Date(n.first)), scenarios.Tell(n.anchor))
	}
	said = append(said, text)
	if r := n.from.Receipt; r != nil {
		said = append(said, fmt.Sprintf("This is one run, of seed %d and number %d, so there are no intervals: what luck would change is not in it.", r.Luck.Seed, r.Luck.Run))
		if len(r.Interventions) > 0 {
			said = append(said, "Somebody intervened while it ran: "+strings.Join(r.Interventions, "; ")+".")
		}
		return said
	}
	plan := n.from.Head.Plan
	text = fmt.Sprintf("Numbers are medians of %s with seed %d", count(plan.Runs, "run"), plan.Seed)
	text += "; in brackets stands what holds 90% of them, from 5% to 95% of the runs"
	if n.shown.Study.Ignorant != 0 {
		text += ", first where luck alone differs, then where the parameters of behaviour, too, are drawn over their plausible ranges"
	} else {
		text += ". The runs differ by luck alone; what is not known of behaviour is not in the intervals"
	}
	said = append(said, text+".")
	if len(plan.Points) > 1 {
		said = append(said, fmt.Sprintf("The study varies %s over %s. The numbers are those of the first, %s.",
			list(plan.Params), count(len(plan.Points), "point"), strings.Join(scenarios.Changes(plan, 0), ", ")))
	}
	if failed := n.from.Summary.Failed; failed > 0 {
		said = append(said, count(failed, "run")+" failed and count for nothing; runs.parquet says why.")
	}
	return said
}

// partial says how much of a study is done, where that is not all.
func (n *numbers) partial() string {
	if n.from.Done < n.from.Jobs {
		return fmt.Sprintf("Partial: %s of %s runs are done, and what is here may change with the others.", count(n.from.Done, ""), count(n.from.Jobs, ""))
	}
	return ""
}

// answer is what came out, in three sentences.
func (n *numbers) answer() []string {
	last, weeks := n.before(), 0
	for _, w := range usual[1:] {
		if at, ok := n.after(w); ok && weeks == 0 {
			last, weeks = at, w
		}
	}
	if weeks == 0 {
		last = n.from.Weeks - 1
		weeks = last - n.first + 1
	}
	vendor := n.from.Vendors[n.focus]
	share := n.with("share", last, n.focus)
	sentences := []string{fmt.Sprintf("%s after %s, on %s, %s has %s of the market, against %s the week before it.",
		count(weeks, "week"), n.deal(), n.date(weeks), vendor, n.named(share, percent), percent(n.with("share", n.before(), n.focus).mid))}
	if n.gain == nil {
		sentences = append(sentences, fmt.Sprintf("Its revenue is then %s a year, against %s the week before; of the others, %s.",
			n.with("revenue", last, n.focus).text(money), money(n.with("revenue", n.before(), n.focus).mid), n.grown(last)))
	} else {
		sentences = append(sentences, fmt.Sprintf("Its revenue is then %s a year, %s; %s.",
			n.with("revenue", last, n.focus).text(money), n.apart(n.gain("revenue", last, n.focus), n.against), n.winners(last)))
	}
	leave := n.leave()
	end, later := n.from.Weeks-1, 0
	if at, ok := n.after(52); ok {
		end, later = at, 52
	}
	if later == 0 || end == last {
		return append(sentences, strings.ToUpper(leave[:1])+leave[1:]+".")
	}
	var year string
	if n.gain == nil {
		year = fmt.Sprintf("a year after %s its revenue is %s", n.deal(), n.with("revenue", end, n.focus).text(money))
	} else {
		year = fmt.Sprintf("a year after %s its revenue is %s", n.deal(), n.apart(n.gain("revenue", end, n.focus), "that without it"))
		if !strings.HasSuffix(n.against, "without the deal") {
			year = fmt.Sprintf("a year after %s its revenue is %s", n.deal(), n.apart(n.gain("revenue", end, n.focus), "that of the other"))
		}
	}
	return append(sentences, strings.ToUpper(leave[:1])+leave[1:]+"; "+year+".")
}

// named is an interval whose brackets say what they hold, for the first of them.
func (n *numbers) named(i interval, write func(float64) string) string {
	if inner := i.inner(write); inner != "" {
		return write(i.mid) + " (5% to 95% of runs: " + inner + ")"
	}
	return write(i.mid)
}

// apart says how far a number is below or above another.
func (n *numbers) apart(gain interval, than string) string {
	switch {
	case math.Abs(gain.mid) < 0.05 && gain.high-gain.low < 0.1:
		return "the same as in " + than
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
		if g := n.gain("revenue", week, j); j != n.focus && g.mid > 0.05 {
			if name == agents.InHouse {
				name = "in-house work"
			}
			all = append(all, winner{name, g})
		}
	}
	slices.SortStableFunc(all, func(a, b winner) int {
		switch {
		case a.gain.mid > b.gain.mid:
			return -1
		case a.gain.mid < b.gain.mid:
			return 1
		}
		return 0
	})
	if len(all) == 0 {
		return "no other vendor gains"
	}
	var parts []string
	for _, w := range all[:min(3, len(all))] {
		parts = append(parts, w.name+" "+w.gain.text(money))
	}
	if len(parts) == 1 {
		return "the only one that gains is " + parts[0]
	}
	return "those that gain most are " + list(parts)
}

// grown says whose share grew most since the week before the event, where nothing is compared.
func (n *numbers) grown(week int) string {
	best, most := -1, 0.0005
	for j := range n.from.Vendors[:len(n.from.Vendors)-1] {
		if d := n.with("share", week, j).mid - n.with("share", n.before(), j).mid; j != n.focus && d > most {
			best, most = j, d
		}
	}
	if best < 0 {
		return "none has a larger share of the market than before"
	}
	return fmt.Sprintf("%s grows most, from %s to %s of the market", n.from.Vendors[best],
		percent(n.with("share", n.before(), best).mid), n.with("share", week, best).text(percent))
}

// leave says which labs leave the vendor for good, and when; of a study, in its run without luck.
func (n *numbers) leave() string {
	t, vendor := n.shown.Run, n.from.Vendors[n.focus]
	byWeek, stayed := map[int][]string{}, 0
	var weeks []int
	for i, lab := range t.Labs {
		gone := func(week int) bool { return t.Left[t.Rel(week, i, n.focus)] > 0.5 } // of a line of many labs, most
		now := t.Spend[t.Rel(t.Weeks-1, i, n.focus)]
		switch {
		case !gone(t.Weeks-1) && now > 0:
			stayed++
			continue
		case !gone(t.Weeks-1) || now >= t.Spend[t.Rel(n.before(), i, n.focus)]: // never there, or came and went
			continue
		}
		since := t.Weeks - 1
		for since > 0 && gone(since-1) {
			since--
		}
		week := since - n.first + 1
		if byWeek[week] == nil {
			weeks = append(weeks, week)
		}
		byWeek[week] = append(byWeek[week], lab)
	}
	prefix := ""
	if n.shown.Study != nil {
		prefix = "in the run without luck "
	}
	if len(weeks) == 0 {
		return prefix + "no lab takes more than half of its work away from " + vendor
	}
	slices.Sort(weeks)
	var parts []string
	for _, w := range weeks {
		when := fmt.Sprintf("in week %d", w)
		if w < 1 {
			when = "before " + n.deal()
		}
		parts = append(parts, list(byWeek[w])+" "+when)
	}
	text := prefix + list(parts) + " fell below half of the most that they had spent at " + vendor
	if len(weeks) == 1 && len(byWeek[weeks[0]]) == 1 {
		text = prefix + parts[0] + " fell below half of the most that it had spent at " + vendor
	}
	if stayed > 0 {
		text += fmt.Sprintf(", and %s stayed", labs(stayed))
	}
	return text
}

func labs(n int) string {
	if n == 1 {
		return "one line of buyers"
	}
	return fmt.Sprintf("%d lines of buyers", n)
}

// shares and gains are the numbers behind the answer.
func (n *numbers) shares() table {
	vendors := n.from.Vendors[:len(n.from.Vendors)-1]
	return n.overTime("Share of the market by vendor", vendors, true, func(week, j int) string {
		return n.with("share", week, j).text(percent)
	})
}

func (n *numbers) gains() table {
	if n.gain == nil {
		return table{}
	}
	return n.overTime("What each vendor's revenue a year gains over "+n.against, n.from.Vendors, false, func(week, j int) string {
		return n.gain("revenue", week, j).text(signed)
	})
}

func (n *numbers) overTime(caption string, vendors []string, before bool, text func(week, vendor int) string) table {
	t := table{Caption: caption, Head: []string{"Vendor"}}
	var weeks []int
	if before {
		t.Head, weeks = append(t.Head, "Week before"), append(weeks, n.before())
	}
	for _, w := range usual {
		if at, ok := n.after(w); ok {
			t.Head, weeks = append(t.Head, fmt.Sprintf("After %d weeks", w)), append(weeks, at)
		}
	}
	if len(weeks) == 0 {
		return table{}
	}
	for j, vendor := range vendors {
		r := row{Cells: []cell{{Text: vendor}}}
		for _, w := range weeks {
			r.Cells = append(r.Cells, cell{Text: text(w, j), Class: "n"})
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}
