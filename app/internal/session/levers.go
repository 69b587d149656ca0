package session

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"exodus/agents"
	"exodus/scenarios"
)

// origin is what the file says of an input.
type origin struct {
	value    float64
	evidence scenarios.Evidence
}

// originsOf are those of all inputs of a file with a variant chosen.
func originsOf(file *scenarios.Scenario) map[string]origin {
	all := map[string]origin{}
	for _, in := range file.Inputs() {
		evidence, known := file.Known(in.Keys)
		if !known {
			evidence.Kind = "assumed"
		}
		all[in.Path] = origin{in.Value, evidence}
	}
	return all
}

// levers are the inputs of a world as they are in a week, against what the file says of them.
func levers(file map[string]origin, now *scenarios.Scenario) (all []Lever) {
	for _, in := range now.Inputs() {
		all = append(all, leverOf(in, file))
	}
	return all
}

func leverOf(in scenarios.Input, file map[string]origin) Lever {
	l := Lever{Input: in, Group: groupOf(&in), Now: in.Value, Text: in.Write(in.Value)}
	l.Of, l.Title = titleOf(&in)
	l.InFile, l.Evidence.Kind = in.Value, "assumed"
	if from, ok := file[in.Path]; ok {
		l.InFile, l.Evidence = from.value, from.evidence
	}
	l.Low, l.High = min(l.Low, l.InFile), max(l.High, l.InFile)
	return l
}

func groupOf(in *scenarios.Input) Group {
	switch in.Keys[0] {
	case "events", "owners":
		return Deal
	case "labs":
		return Labs
	case "vendors":
		return Vendors
	case "uncertainty":
		return Uncertainty
	}
	if in.Group == "trust" {
		return Trust
	}
	return Market
}

// titleOf says in words what an input is, and what it belongs to.
func titleOf(in *scenarios.Input) (of, title string) {
	keys, title := in.Keys, capital(in.Title)
	switch keys[0] {
	case "events":
		return capital(strings.ReplaceAll(keys[1], "_", " ")), title
	case "owners":
		return keys[1], title + " in " + keys[3] + " at the start"
	case "labs", "vendors":
		switch {
		case len(keys) > 3 && keys[3] == agents.InHouse:
			title += " in-house"
		case len(keys) > 3:
			title += " with " + keys[3]
		case keys[0] == "vendors" && keys[2] != "headroom":
			title += " at the start"
		}
		return keys[1], title
	}
	return "", title
}

// capital is a text that is not empty, with a capital at its start.
func capital(text string) string {
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[n:]
}

// mostLevers is how many levers matter most.
const mostLevers = 8

// most are the levers that matter most: what the stake states that the scenario is about, the firewalls that events raise, and the
// parameters of behaviour that ignorance varies, in the order of the file.
func most(s *scenarios.Scenario, all []Lever) (found []int) {
	add := func(path ...string) {
		i := slices.IndexFunc(all, func(l Lever) bool { return slices.Equal(l.Keys, path) })
		if i >= 0 && len(found) < mostLevers && !slices.Contains(found, i) {
			found = append(found, i)
		}
	}
	events := slices.Clone(s.Spec.Events)
	slices.SortStableFunc(events, func(a, b agents.Event) int { return a.Week - b.Week })
	deal := s.Focus()
	if deal != nil && deal.Kind != "stake" {
		deal = nil
	}
	if deal != nil {
		add("events", deal.Name, "stake")
		for _, field := range []string{"votes", "executives"} {
			if deal.States(field) && (field == "executives" || deal.Votes > 0) {
				add("events", deal.Name, field)
			}
		}
	}
	for i := range events {
		if e := &events[i]; e.Kind == "firewall" && (deal == nil || e.Vendor == deal.Vendor) {
			add("events", e.Name, "credibility")
		}
	}
	for _, l := range all {
		if l.Keys[0] == "model" && l.Drawn && (deal == nil || deal.Votes > 0 || l.Keys[1] != "control_per_votes") {
			add(l.Keys...)
		}
	}
	for _, l := range all { // a market without a deal has other things that matter
		if l.Keys[0] == "events" {
			add(l.Keys...)
		}
	}
	return found
}

// Find returns the indices of the levers that have all of the words in their name, path, meaning or owner, those with
// a match in the name first.
func (s *Snapshot) Find(words string) (found []int) {
	terms := strings.Fields(strings.ToLower(words))
	var later []int
	for i := range s.Levers {
		l := &s.Levers[i]
		name := strings.ToLower(l.Of + " " + l.Title)
		all := name + " " + strings.ToLower(l.Path+" "+l.Doc+" "+string(l.Group)+" "+l.Evidence.Kind)
		inName, inAll := true, true
		for _, t := range terms {
			inName, inAll = inName && strings.Contains(name, t), inAll && strings.Contains(all, t)
		}
		switch {
		case inName:
			found = append(found, i)
		case inAll:
			later = append(later, i)
		}
	}
	return append(found, later...)
}
