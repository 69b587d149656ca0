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
	case agents.MustLeave:
		return fmt.Sprintf("%s must leave %s, with %s a year", e.Agent, e.Vendor, words.Money(e.Value))
	case agents.EndsService:
		return fmt.Sprintf("%s ends its service", e.Agent)
	case agents.Returns:
		return fmt.Sprintf("%s is back at %s, with %s a year", e.Agent, e.Vendor, words.Money(e.Value))
	case agents.LaysOff:
		return fmt.Sprintf("%s lays off staff", e.Agent)
	case agents.TurnsAway:
		return fmt.Sprintf("%s turns work away: it can take %s of what is new", e.Agent, words.WholePercent(e.Value))
	}
	return fmt.Sprintf("%s: %s", e.Agent, e.Event)
}
