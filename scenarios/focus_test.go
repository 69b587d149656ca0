package scenarios

import (
	"strings"
	"testing"
	"time"

	"exodus/agents"
)

// harbor has an old stake of week 0, and things that happen besides the deal.
const harbor = `
start = 2026-01-05
weeks = 40
[vendors.Harbor]
[vendors.Quay]
[labs.One]
segment = "bank"
exposure = 0.5
exit_weeks = 4
spend = { Harbor = 10, Quay = 20 }
[owners.Old]
[owners.New]
[events.promise]
date = 2026-02-03
kind = "firewall"
vendor = "Harbor"
credibility = 0.1
[events.old]
date = 2026-01-06
kind = "stake"
owner = "Old"
vendor = "Harbor"
stake = 0.25
[events.later]
date = 2026-04-02
kind = "stake"
owner = "New"
vendor = "Quay"
stake = 0.1
[events.deal]
date = 2026-04-01
kind = "stake"
owner = "New"
vendor = "Harbor"
stake = 0.3
[variants.none]
remove = ["events.deal", "events.later"]
[variants.earlier]
remove = ["events.deal"]
start = 2025-12-29
[variants.postponed]
events.deal.date = 2026-05-05
`

const aFact = `
[facts.a]
title = "a"
event = "later"
checks = [{ metric = "share", vendor = "Quay", min = 0 }]
`

// Weeks are counted from one event: the one that the file names, or its facts, or the first stake after week 0, or the
// first event; by date, and then by place in the file.
func TestFocus(t *testing.T) {
	for _, c := range []struct {
		what, file, want string
	}{
		{"the first stake after week 0", harbor, "deal"},
		{"of one day, the first in the file", strings.Replace(harbor, "2026-04-01", "2026-04-02", 1), "later"},
		{"the event of the facts", harbor + aFact, "later"},
		{"the one that the file names", "focus = \"promise\"\n" + harbor + aFact, "promise"},
		{"without a stake after week 0, the first event", strings.NewReplacer("2026-04-01", "2026-01-09", "2026-04-02", "2026-01-08").Replace(harbor[:strings.Index(harbor, "[variants")]), "old"},
		{"nothing", harbor[:strings.Index(harbor, "[events")], ""},
	} {
		e := parsed(t, c.file).Focus()
		if got := nameOf(e); got != c.want {
			t.Errorf("%s: weeks are counted from %q, want %q", c.what, got, c.want)
		}
	}
}

func nameOf(e *agents.Event) string {
	if e == nil {
		return ""
	}
	return e.Name
}

// A variant counts from the event of the file, wherever it has it, and from the day of the file where it has not.
func TestFocusOfVariants(t *testing.T) {
	s := parsed(t, harbor)
	for _, c := range []struct {
		variant string
		change  []string
		date    string
		week    int
		happens bool
	}{
		{"", nil, "2026-04-01", 12, true},
		{"none", nil, "2026-04-01", 12, false},
		{"earlier", nil, "2026-04-01", 13, false},
		{"postponed", nil, "2026-05-05", 17, true},
		{"", []string{"events.deal.date=2026-04-13", "events.later.date=2026-04-06"}, "2026-04-13", 14, true},
	} {
		w := with(t, s, c.variant, c.change...)
		e := w.Focus()
		if e == nil || e.Name != "deal" || e.Week != c.week || w.DateOf(e).Format(time.DateOnly) != c.date || w.Happens(e) != c.happens {
			t.Errorf("%q %v: counted from %+v of %v", c.variant, c.change, e, w.DateOf(e))
			continue
		}
		if w.WeekAt(0) != c.week || w.WeekAt(26) != c.week+26 || w.Since(c.week-1) != -1 {
			t.Errorf("%q: +0 is week %d, +26 week %d, and the week before %+d", c.variant, w.WeekAt(0), w.WeekAt(26), w.Since(c.week-1))
		}
	}
	if e := s.Until(5).Focus(); nameOf(e) != "old" {
		t.Errorf("a run that ends before the deal counts from %q", nameOf(e))
	}
}

// A date is the one that the file states, whichever day its week begins on.
func TestDateOf(t *testing.T) {
	s := parsed(t, harbor)
	for name, want := range map[string]string{"promise": "2026-02-03", "old": "2026-01-06", "deal": "2026-04-01"} {
		if got := s.DateOf(s.Event(name)).Format(time.DateOnly); got != want {
			t.Errorf("%s is dated %s, want %s", name, got, want)
		}
	}
	if monday := s.Date(s.Event("deal").Week).Format(time.DateOnly); monday != "2026-03-30" {
		t.Errorf("the week of the deal begins on %s", monday)
	}
}
