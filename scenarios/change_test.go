package scenarios

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"exodus/agents"
)

// small is a scenario with two owners and three events, to which tests add.
const small = `
start = 2026-01-05
weeks = 60
[vendors.A]
[vendors.B]
[labs.L]
segment = "s"
exposure = 0.5
exit_weeks = 4
spend = { A = 10, B = 20 }
[labs."M = 1.5"]
segment = "s"
exposure = 0.5
exit_weeks = 4
spend = { A = 10 }
[owners.O]
[owners.P]
[events.deal]
date = 2026-01-19
kind = "stake"
owner = "O"
vendor = "A"
stake = 0.6
[events.wall]
date = 2026-01-19
kind = "firewall"
vendor = "A"
credibility = 0.3
[events.cut]
date = 2026-02-02
kind = "price"
vendor = "B"
change = -0.1
`

func parsed(t testing.TB, src string) *Scenario {
	t.Helper()
	s, err := Parse("x.toml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What a variant takes away is as if the file had never stated it; the rest stays in its order.
func TestVariantTakesAway(t *testing.T) {
	for remove, cut := range map[string]string{
		"events.wall":    small[strings.Index(small, "[events.wall]"):strings.Index(small, "[events.cut]")],
		"owners.P":       "[owners.P]\n",
		"labs.L.spend.B": ", B = 20",
		"weeks":          "weeks = 60\n",
		`labs."M = 1.5"`: small[strings.Index(small, `[labs."M`):strings.Index(small, "[owners.O]")],
	} {
		text := small
		if remove == "labs.L.spend.B" { // somebody must buy from B
			text = strings.Replace(text, "[vendors.B]", "[vendors.B]\ncapacity = 25", 1)
		}
		s := parsed(t, text+"[variants.less]\nremove = ['"+remove+"']\n")
		want := parsed(t, strings.Replace(text, cut, "", 1))
		if got := with(t, s, "less"); !reflect.DeepEqual(got.Spec, want.Spec) {
			t.Errorf("without %s it is\n%+v\nwant\n%+v", remove, got.Spec, want.Spec)
		}
		if got := parsed(t, text); !reflect.DeepEqual(s.Spec, got.Spec) {
			t.Errorf("taking away %s in a variant changes the scenario", remove)
		}
	}
	// What is taken away can be stated anew, in whole.
	s := parsed(t, small+`[variants.other]
remove = ["events.deal"]
events.deal = { date = 2026-01-12, kind = "votes", owner = "P", vendor = "B", votes = 0.2 }
`)
	got := with(t, s, "other").Spec.Events
	if e := got[len(got)-1]; e.Kind != "votes" || e.Stake != 0 || e.Week != 1 || e.States("stake") {
		t.Errorf("the event is %+v", e)
	}
}

// A path survives being written and read, whatever the names in it.
func TestPathsAreReadAsWritten(t *testing.T) {
	for _, path := range [][]string{
		{"labs", "Other gen-AI", "spend", "In-house"}, {"labs", "M = 1.5", "count"}, {"a.b", "", "c=d"}, {"labs", "A.I. Labs", "exposure"},
		{"X, Inc.", `say "no"`, "O'Brien", `back\slash`, "a@b<=3", "50:50", "caf\u00e9", "日本電気", "tab\there"},
	} {
		for _, separator := range []string{"=", "@", "<="} {
			got, rest, found, err := CutPath(JoinPath(path...)+separator+"x=y", separator)
			if !slices.Equal(got, path) || rest != "x=y" || !found || err != nil {
				t.Errorf("%q before %s is read as %q, %q, %v, %v", path, separator, got, rest, found, err)
			}
		}
		if got, err := ParsePath(JoinPath(path...)); !slices.Equal(got, path) || err != nil {
			t.Errorf("%q is read as %q, %v", path, got, err)
		}
		if got, err := ParsePath(TOMLPath(path...)); !slices.Equal(got, path) || err != nil {
			t.Errorf("%q as TOML is read as %q, %v", path, got, err)
		}
	}
	for text, want := range map[string][]string{
		`labs.'A.I. Labs'.exposure`: {"labs", "A.I. Labs", "exposure"}, ` labs . "X" . y `: {"labs", "X", "y"}, `labs."\u0041".x`: {"labs", "A", "x"},
		`labs.O'Brien.x`: {"labs", "O'Brien", "x"}, "labs.Cafe\u0301.x": {"labs", "Caf\u00e9", "x"}, `a.`: {"a", ""}, ``: {""},
	} {
		if got, err := ParsePath(text); !slices.Equal(got, want) || err != nil {
			t.Errorf("%s is read as %q, %v, want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		`labs."A.x`: `"A.x: the quote at its start is not closed`, `labs."A"b.x`: `"b.x": nothing can follow a name in quotes but a dot`,
		`labs."A\"`: `"A\": the quote at its start is not closed`, `labs."\q"`: `"\q": a backslash in double quotes begins an escape such as \" or \u00e9; 'single' quotes have none`,
	} {
		if got, err := ParsePath(text); err == nil || err.Error() != want {
			t.Errorf("%s is read as %q, %v, want %s", text, got, err, want)
		}
	}
	if got := with(t, parsed(t, small), "", `labs."M = 1.5".exposure = 0.25`).Spec.Labs[1].Exposure; got != 0.25 {
		t.Errorf("the exposure is %v", got)
	}
}

// A flag takes every name: as it is where it is known, and in a list.
func TestSplitNames(t *testing.T) {
	known := []string{"Google", "X, Inc.", "A.I. Labs", "Caf\u00e9", `"Q"`}
	for _, c := range []struct{ values, want []string }{
		{[]string{"Google"}, []string{"Google"}}, {[]string{"X, Inc."}, []string{"X, Inc."}}, {[]string{"Google,A.I. Labs"}, []string{"Google", "A.I. Labs"}},
		{[]string{`"X, Inc.", Google`}, []string{"X, Inc.", "Google"}}, {[]string{"Google", "X, Inc."}, []string{"Google", "X, Inc."}}, {[]string{"Cafe\u0301"}, []string{"Caf\u00e9"}},
		{[]string{`"Q"`}, []string{`"Q"`}}, {[]string{`'"Q"',Google`}, []string{`"Q"`, "Google"}}, {[]string{""}, []string{""}}, {[]string{"Y, Inc."}, []string{"Y", "Inc."}},
	} {
		if got, err := SplitNames(c.values, known); !slices.Equal(got, c.want) || err != nil {
			t.Errorf("%q are read as %q, %v, want %q", c.values, got, err, c.want)
		}
	}
	if _, err := SplitNames([]string{`"X`}, known); err == nil {
		t.Error("a quote that is not closed is a name")
	}
}

// What a run cannot tell is no number, and meets no check; a market beside it may have other vendors and weeks.
func TestMeasureOutOfReach(t *testing.T) {
	s := parsed(t, small)
	f := &Fact{Event: "deal"} // of week 2
	market := func(vendors string, weeks int, revenue ...float64) *agents.Trajectory {
		tr := &agents.Trajectory{Labs: []string{"L"}, Vendors: append(strings.Fields(vendors), agents.InHouse), Weeks: weeks}
		for range weeks {
			for _, series := range []*[]float64{&tr.Spend, &tr.Revenue, &tr.Load, &tr.Inquiries} {
				*series = append(append(*series, revenue...), 7)
			}
		}
		return tr
	}
	run, against := market("A B", 5, 10, 20), market("B C", 4, 5, 30)
	one := 1.0
	for _, c := range []struct {
		check Check
		want  float64
	}{
		{Check{Metric: "gain", Vendor: "B", Week: 0}, 15},
		{Check{Metric: "gain", Vendor: "A", Week: 0}, 10},
		{Check{Metric: "gain", Rivals: "A", Week: 0}, -15},
		{Check{Metric: "cumulative_gain", Vendor: "B", Week: 1}, 30. / 52},
		{Check{Metric: "largest_difference", Week: 0}, 30},
		{Check{Metric: "revenue", Vendor: "B", Week: 2}, 20},
		{Check{Metric: "revenue", Vendor: "B", Week: 3, Min: &one}, math.NaN()},
		{Check{Metric: "gain", Vendor: "B", Week: 2, Min: &one}, math.NaN()},
		{Check{Metric: "revenue", Vendor: "C", Week: 0, Min: &one}, math.NaN()},
		{Check{Metric: "spend", Lab: "M", Vendor: "B", Week: 0, Min: &one}, math.NaN()},
		{Check{Metric: "spend", Lab: "L", Minus: "M", Vendor: "B", Week: 0, Min: &one}, math.NaN()},
	} {
		got := s.Measure(f, &c.check, run, against)
		if got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%+v is %v, want %v", c.check, got, c.want)
		}
		if math.IsNaN(got) && c.check.Met(got) {
			t.Errorf("%+v is met by no number", c.check)
		}
	}
	if got := s.Measure(&Fact{Event: "none"}, &Check{Metric: "revenue", Vendor: "B", Week: 1}, run, nil); !math.IsNaN(got) {
		t.Errorf("counted from no event, the revenue is %v", got)
	}
}

// Files that nobody writes by hand are refused, or told to be wrong, without much work for each error.
func TestTooMuch(t *testing.T) {
	var variants, evidence bytes.Buffer
	variants.WriteString(small)
	for i := range mostVariants + 1 {
		fmt.Fprintf(&variants, "[variants.v%d]\n", i)
	}
	_, err := Parse("x.toml", variants.Bytes())
	if err == nil || err.Error() != "x.toml:34:2: 101 variants; a scenario has at most 100" {
		t.Errorf("101 variants give %v", err)
	}
	_, err = Parse("x.toml", []byte("x = [{"+strings.Repeat("\na = 1,", mostValues)+"}]"))
	if err == nil || err.Error() != "x.toml: 30000 lines; a scenario has at most 20000. For many labs alike, state count" {
		t.Errorf("many lines give %v", err)
	}
	_, err = Parse("x.toml", []byte("x = [{"+strings.Repeat(strings.Repeat("a=1,", 1000)+"\n", mostValues/1000)+"}]"))
	if err == nil || err.Error() != "x.toml: 30001 values; a scenario has at most 30000. For many labs alike, state count" {
		t.Errorf("many values give %v", err)
	}
	evidence.WriteString(small)
	for i := range 1000 {
		fmt.Fprintf(&evidence, "[evidence.'labs.LL%d']\nkind = 'assumed'\n", i)
	}
	_, err = Parse("x.toml", evidence.Bytes())
	var all Errors
	if all, _ = err.(Errors); len(all) != 1000 || !strings.HasSuffix(all[0].Text, "; there are L, M = 1.5") || !strings.HasSuffix(all[999].Text, "there is no LL999 in labs") {
		t.Errorf("1,000 pieces of evidence for nothing give %d errors: %v", len(all), err)
	}
}
