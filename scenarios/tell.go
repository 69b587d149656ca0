package scenarios

import (
	"fmt"
	"hash/fnv"
	"io"
	"strings"

	"exodus/agents"
	"exodus/scenarios/words"
)

// Describe says in a line what is run: the scenario's title, the variant's, and the changes.
func (s *Scenario) Describe() string {
	text := s.Title
	if text == "" {
		text = s.Name
	}
	for _, v := range s.Variants {
		if v.Name == s.Variant {
			text += " · variant: " + v.Label()
		}
	}
	for _, c := range s.Changes {
		text += " · " + c
	}
	return text
}

// FileName is the name of a file or directory of the scenario with its variant, before a suffix. Whatever the variant is
// called, it is no path, and it is not the name of another variant's.
func (s *Scenario) FileName(suffix string) string {
	if s.Variant == "" {
		return words.FileName(s.Name, suffix)
	}
	stem := s.Name + "-" + s.Variant
	own, earlier := words.FileName(stem, ""), true
	kept := own == stem // such a name comes first
	for _, v := range s.Variants {
		if v.Name == s.Variant {
			earlier = false
			continue
		}
		other := words.FileName(s.Name+"-"+v.Name, "")
		if otherKept := other == s.Name+"-"+v.Name; strings.EqualFold(other, own) && (otherKept && !kept || otherKept == kept && earlier) {
			h := fnv.New32a()
			io.WriteString(h, s.Variant)
			suffix = fmt.Sprintf("-%08x%s", h.Sum32(), suffix)
			break
		}
	}
	return words.FileName(stem, suffix)
}

// Label is what people call the variant.
func (v Variant) Label() string {
	if v.Title != "" {
		return v.Title
	}
	return v.Name
}

// Tell says in a few words what an event is.
func Tell(e *agents.Event) string {
	percent := words.StatedPercent
	ofLab := "" // the one that it concerns
	if e.Lab != "" {
		ofLab = " for " + e.Lab
	}
	change := func(what string) string {
		if e.Change < 0 {
			return fmt.Sprintf("%s cuts its %s by %s", e.Vendor, what, percent(-e.Change))
		}
		return fmt.Sprintf("%s raises its %s by %s", e.Vendor, what, percent(e.Change))
	}
	switch e.Kind {
	case "stake":
		if e.Stake == 0 && e.Votes == 0 && e.Executives == 0 {
			return fmt.Sprintf("no stake for %s in %s", e.Owner, e.Vendor)
		}
		return fmt.Sprintf("%s takes %s of %s", e.Owner, percent(e.Stake), e.Vendor)
	case "votes":
		return fmt.Sprintf("%s has %s of the votes in %s", e.Owner, percent(e.Votes), e.Vendor)
	case "executives":
		return fmt.Sprintf("executives of %s move to %s", e.Vendor, e.Owner)
	case "firewall":
		return fmt.Sprintf("%s promises a firewall (credibility %s)", e.Vendor, percent(e.Cred))
	case "price", "quality", "capacity":
		return change(e.Kind)
	case "term":
		return fmt.Sprintf("%s has terms of %s weeks%s", e.Vendor, words.Stated(e.Weeks), ofLab)
	case "commitment":
		return fmt.Sprintf("%s commits %s a year to %s", e.Owner, words.StatedMoney(e.Minimum), e.Vendor)
	case "incident":
		return fmt.Sprintf("an incident at %s%s", e.Vendor, ofLab)
	case "block":
		return fmt.Sprintf("%s's stake in %s is undone", e.Owner, e.Vendor)
	case "sale":
		if e.To != "" {
			return fmt.Sprintf("%s sells %s of %s to %s", e.Owner, percent(e.Stake), e.Vendor, e.To)
		}
		return fmt.Sprintf("%s sells %s of %s", e.Owner, percent(e.Stake), e.Vendor)
	}
	return e.Name
}

// TellEntry says in a few words what a lab or a vendor did.
func TellEntry(e *agents.Entry) string {
	switch e.Event {
	case agents.ReviewStarts:
		return fmt.Sprintf("%s starts to review: trust premium on %s %s", e.Agent, e.Vendor, words.SignedPercent(e.Value))
	case agents.ReviewEnds:
		return fmt.Sprintf("%s ends its review", e.Agent)
	case agents.Pauses:
		return fmt.Sprintf("%s pauses %s a year of its work at %s", e.Agent, words.Money(e.Value), e.Vendor)
	case agents.Leaves:
		return fmt.Sprintf("%s has left %s: %s a year remains", e.Agent, e.Vendor, words.Money(e.Value))
	case agents.CutOff:
		return fmt.Sprintf("%s is cut off by %s, which lacks the capacity: %s a year remains", e.Agent, e.Vendor, words.Money(e.Value))
	case agents.Returns:
		return fmt.Sprintf("%s is back at %s, with %s a year", e.Agent, e.Vendor, words.Money(e.Value))
	case agents.LaysOff:
		return fmt.Sprintf("%s lays off staff", e.Agent)
	case agents.TurnsAway:
		return fmt.Sprintf("%s turns work away: it can take %s of what is new", e.Agent, words.WholePercent(e.Value))
	}
	return fmt.Sprintf("%s: %s", e.Agent, e.Event)
}
