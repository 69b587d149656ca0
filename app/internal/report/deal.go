package report

import (
	"fmt"

	"exodus/app/internal/results"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// price is what the deal's price says.
type price struct {
	Text   []string
	Tables []table
}

// valuation is one that the event states, and the multiple of revenue that it implies.
type valuation struct {
	when, field string
	value       float64
	multiple    float64
}

// price compares the valuations of the deal with the revenue in the market.
func (n *numbers) price() price {
	if n.anchor == nil || n.anchor.Before == 0 && n.anchor.Valuation == 0 {
		return price{Text: []string{"The scenario states no valuation of this deal, so nothing can be said about its price."}}
	}
	vendor := n.from.Vendors[n.focus]
	if !n.hasBefore() {
		return price{Text: []string{"No week lies before " + n.deal() + ", so there is no revenue to set its valuation against."}}
	}
	revenue := n.with(results.Revenue, n.before(), n.focus).mid
	if !(revenue > 0) {
		return price{Text: []string{vendor + " has no revenue in the week before " + n.deal() + ", so its valuation is no multiple of it."}}
	}
	var all []valuation
	for _, v := range []valuation{{"before the deal", "valuation_before", n.anchor.Before, 0}, {"in the deal", "valuation", n.anchor.Valuation, 0}} {
		if v.value > 0 {
			v.multiple = v.value / revenue
			all = append(all, v)
		}
	}
	text := ""
	for i, v := range all {
		if i == 0 {
			text = fmt.Sprintf("%s is valued at %s %s (%s), %s the %s a year of revenue that it has in the model in the week before",
				vendor, words.StatedMoney(v.value), v.when, n.evidence(v.field), times(v.multiple), money(revenue))
		} else {
			text += fmt.Sprintf(", and at %s %s (%s), %s it", words.StatedMoney(v.value), v.when, n.evidence(v.field), times(v.multiple))
		}
	}
	last := all[len(all)-1]
	texts := []string{text + "."}
	measured := false
	for _, weeks := range usual[1:] {
		at, ok := n.after(weeks)
		if !ok {
			continue
		}
		with := n.with(results.Revenue, at, n.focus).scaled(last.multiple)
		text := fmt.Sprintf("The same multiple, %s, makes %s of the revenue of week +%d", times(last.multiple), with.text(money), weeks)
		if !n.undone {
			text += " with the deal"
		}
		if n.without != nil {
			text += fmt.Sprintf(", and %s without it", n.without(results.Revenue, at, n.focus).scaled(last.multiple).text(money))
		}
		texts, measured = append(texts, text+"."), true
	}
	if !measured {
		return price{Text: append(texts, "The results end before week +26.")}
	}
	if n.undone {
		texts = append(texts, "There is no deal in these results: the valuations are those that the scenario states of the one that it tells of.")
	} else if n.without == nil {
		texts = append(texts, "What the revenue would be without "+n.deal()+" is not known of these results.")
	} else if n.calm {
		texts = append(texts, "The numbers without "+n.deal()+" come from the deterministic run, so they have no interval: the study did not include that case.")
	}
	texts = append(texts, "A multiple is what was paid for a dollar of revenue. It is not a forecast: it leaves out growth, margins and what the owner itself gains.")
	return price{texts, []table{n.multiples(all)}}
}

func (n *numbers) multiples(all []valuation) table {
	t := table{Caption: "Revenue a year, and what the multiples make of it", Head: []string{"", "Revenue"}}
	for _, v := range all {
		t.Head = append(t.Head, "At "+times(v.multiple)+", as "+v.when)
	}
	line := func(name string, revenue interval) {
		r := row{Cells: []cell{{Text: name}, cellOf(revenue, money)}}
		for _, v := range all {
			r.Cells = append(r.Cells, cellOf(revenue.scaled(v.multiple), money))
		}
		t.Rows = append(t.Rows, r)
	}
	line("Week −1", n.with(results.Revenue, n.before(), n.focus))
	for _, weeks := range usual[1:] {
		if at, ok := n.after(weeks); ok {
			name := fmt.Sprintf("Week +%d", weeks)
			if !n.undone {
				name += ", with the deal"
			}
			line(name, n.with(results.Revenue, at, n.focus))
			if n.without != nil {
				line(fmt.Sprintf("Week +%d, without it", weeks), n.without(results.Revenue, at, n.focus))
			}
		}
	}
	return t
}

// times writes a multiple.
func times(x float64) string { return words.Measured(x) + " times" }

// evidence says in brackets where a number of the event comes from.
func (n *numbers) evidence(field string) string {
	in, ok := n.s.Input(scenarios.JoinPath("events", n.anchor.Name, field))
	if !ok {
		return "assumed"
	}
	known := n.known(in)
	text := known.kind
	if known.source != "" {
		text += ": " + known.source
	}
	return text
}
