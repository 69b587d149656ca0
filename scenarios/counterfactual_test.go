package scenarios

import (
	"math"
	"strings"
	"testing"
)

// The world without the deal is the file's variant that undoes it; without one, all that its owner does from that day on
// is undone, and it is said what.
func TestCounterfactual(t *testing.T) {
	const noStake = "\n[variants.bigger]\nevents.deal.stake = 0.4\n[variants.none-of-it]\ntitle = \"None of it\"\nevents.deal.stake = 0\n[variants.gone]\nremove = [\"events.deal\"]\n"
	held := strings.Replace(harbor, "[owners.New]", "[owners.New]\nholds.Harbor = { stake = 0.1 }", 1)
	bare := harbor[:strings.Index(harbor, "[variants")]
	for _, c := range []struct{ what, file, from, variant, without, left string }{
		{"the file's own variant", bare + noStake, "", "none-of-it", "the variant “None of it” of the file", "promise old later deal"},
		{"seen from another variant", bare + noStake, "bigger", "none-of-it", "the variant “None of it” of the file", "promise old later deal"},
		{"from a variant that undoes it", bare + noStake, "gone", "", "", ""},
		{"what was held before", strings.Replace(held[:strings.Index(held, "[variants")], "", "", 1) + strings.Replace(noStake, "stake = 0\n", "stake = 0.1\n", 1), "", "none-of-it", "the variant “None of it” of the file", "promise old later deal"},
		{"a stake of 0 is not what was held before", held[:strings.Index(held, "[variants")] + noStake, "", "gone", "the variant “gone” of the file", "promise old later"},
		{"all that the owner does from then on", bare, "", "", "the same market without what New does from 1 Apr 2026 on: New takes 30% of Harbor; New takes 10% of Quay", "promise old"},
		{"an event without an owner, alone", "focus = \"promise\"\n" + bare, "", "", "the same market without this: Harbor promises a firewall (credibility 10%)", "old later deal"},
	} {
		s := parsed(t, c.file)
		if c.from != "" {
			s = with(t, s, c.from)
		}
		got, err := s.Counterfactual()
		if err != nil {
			t.Fatal(err)
		}
		if got == nil {
			if c.without != "" {
				t.Errorf("%s: there is none", c.what)
			}
			continue
		}
		if left := strings.Join(got.Scenario.Spec.EventNames(), " "); got.Variant != c.variant || got.Without != c.without || left != c.left {
			t.Errorf("%s: it is variant %q, %q, with the events %q", c.what, got.Variant, got.Without, left)
		}
		if s.Focus() == nil || got.Scenario.WeekAt(0) != s.WeekAt(0) {
			t.Errorf("%s: its weeks are counted from another one", c.what)
		}
	}
}

// What Meta committed goes with its deal: without it Scale has USD 260M more half a year later, not twice as much.
func TestCounterfactualTakesCommitments(t *testing.T) {
	s := with(t, load(t, "meta-scale"), "meta-commits", "uncertainty.scale=0")
	c, err := s.Counterfactual()
	if err != nil || c == nil || c.Variant != "no-deal" {
		t.Fatalf("without the deal it is %+v (%v)", c, err)
	}
	loss := func(w *Scenario) float64 {
		a, b := runs(t, s, 1)[0], runs(t, w, 1)[0]
		at := a.At(s.WeekAt(26), 0)
		return b.Revenue[at] - a.Revenue[at]
	}
	if got := loss(c.Scenario); math.Abs(got-260.5) > 0.1 {
		t.Errorf("the deal costs Scale %.1f in a year, want 260.5", got)
	}
	src := string(s.Source)
	only := src[:strings.Index(src, "[variants.no-deal]")] + "[variants.meta-commits]\n" + src[strings.Index(src, "events.commitment"):]
	only = only[:strings.Index(only, "\n\n# ---- What a run must show")]
	w := with(t, parsed(t, only), "meta-commits", "uncertainty.scale=0")
	c, err = w.Counterfactual()
	if err != nil || c == nil || c.Variant != "" || !strings.Contains(c.Without, "Meta commits USD 450M a year to Scale") {
		t.Fatalf("without a variant for it, it is %+v (%v)", c, err)
	}
	if got := loss(c.Scenario); math.Abs(got-260.5) > 0.1 {
		t.Errorf("the deal costs Scale %.1f in a year, want 260.5", got)
	}
}
