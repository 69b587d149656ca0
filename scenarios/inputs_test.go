package scenarios

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"exodus/agents/field"
)

// Every input that is listed can be set, to what it is and to the ends of its plausible range or as the error says
// why not; and it reads back.
func TestInputs(t *testing.T) {
	s, err := Load("meta-scale")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, in := range s.Inputs() {
		if seen[in.Path] {
			t.Errorf("%s is listed twice", in.Path)
		}
		seen[in.Path] = true
		if in.Doc == "" || math.IsNaN(in.Low) || math.IsNaN(in.High) || in.Low > in.Value || in.High < in.Value || in.Low >= in.High {
			t.Errorf("%+v", in)
		}
		if one, ok := s.Input(in.Path); !ok || !reflect.DeepEqual(one, in) {
			t.Errorf("%s alone is %+v", in.Path, one)
		}
		same, err := s.With("", []string{in.Path + "=" + in.Write(in.Value)})
		if err != nil {
			t.Error(err)
			continue
		}
		if is, ok := same.Input(in.Path); !ok || is.Value != in.Value {
			t.Errorf("%s=%g reads back as %g", in.Path, in.Value, is.Value)
		}
	}
	for _, path := range []string{"events.deal.stake", "events.promise.credibility", "model.leak_aversion", "uncertainty.ranges", "labs.Other gen-AI.rivalry.Meta",
		"labs.Google.spend.In-house", "vendors.Scale.firewall", "weeks"} {
		if !seen[path] {
			t.Errorf("%s is not listed", path)
		}
	}
	for path := range seen {
		if strings.HasPrefix(path, "events.promise.") && path != "events.promise.credibility" {
			t.Errorf("%s is listed, which its kind does not read", path)
		}
	}
	if _, ok := s.Input("events.deal.owner"); ok {
		t.Error("a name is an input")
	}
}

// A change of what a variant states does not reach that variant's world.
func TestBeside(t *testing.T) {
	s, _ := Load("meta-scale")
	changes := []string{"events.deal.stake=0.3", "model.herding=0.5", "events.deal.votes=0.1"}
	if got := s.Beside("no-deal", changes); !slices.Equal(got, changes[1:]) {
		t.Errorf("%v", got)
	}
	if got := s.Beside("", changes); !slices.Equal(got, changes) {
		t.Errorf("%v", got)
	}
}

// What is written with changes in place reads back as the market with them, with all comments.
func TestWrite(t *testing.T) {
	s, _ := Load("meta-scale")
	comments := strings.Count(string(s.Source), "#")
	for _, at := range []struct{ variant, change string }{
		{"", "events.deal.stake=0.3"},
		{"", "events.deal.votes=0.2"},
		{"", "labs.Other gen-AI.growth=-0.1"},
		{"", "labs.Google.spend.Scale=1e2"},
		{"", "labs.Enterprise.spend.Turing=0"},
		{"", "labs.Google.rivalry.Investor=0.25"},
		{"", "labs.Google.count=3"},
		{"", "model.hiring_rate=0.05"},
		{"", "uncertainty.ranges=true"},
		{"", "weeks=90"},
		{"", "owners.Meta.lab=OpenAI"},
		{"", "events.deal.owner=Investor"},                    // with which the variant "blocked" would be wrong, so it becomes one too
		{"", "labs.Google.spend={ Scale = 5, In-house = 3 }"}, // has no place, so it becomes a variant
		{"audited-firewall", "events.promise.credibility=0.6"},
		{"audited-firewall", "model.herding=0.3"},
		{"no-deal", "events.deal.votes=0.1"},
		{"price-cut", "events.cut.change=-0.1"},
	} {
		want, err := s.With(at.variant, []string{at.change})
		if err != nil {
			t.Fatal(err)
		}
		src, chosen, err := s.Write(at.variant, []string{at.change})
		if err != nil {
			t.Errorf("%s: %v", at.change, err)
			continue
		}
		read, err := Parse("x.toml", src)
		if err == nil {
			read, err = read.With(chosen, nil)
		}
		if err != nil || !reflect.DeepEqual(read.Spec, want.Spec) {
			t.Errorf("%s in %q is another market when it is read back: %v", at.change, at.variant, err)
		}
		if strings.Count(string(src), "#") != comments {
			t.Errorf("%s: comments are lost", at.change)
		}
		if own := strings.Contains(at.change, "{") || strings.Contains(at.change, "Investor") && strings.Contains(at.change, "owner"); own != (chosen != at.variant) {
			t.Errorf("%s: variant %q is to be chosen", at.change, chosen)
		}
	}
}

// A name that a file may have can be given in a change, and is written and read as it was.
func TestNamesAreWrittenAsRead(t *testing.T) {
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(
			rapid.StringOfN(rapid.RuneFrom([]rune("ab. =\"'\\,:@<#[]{}é\u0301日\u200d👩\t-/")), 1, 8, -1),
			rapid.StringN(1, 8, -1),
		).Draw(t, "name")
		file := fmt.Sprintf("start = 2026-01-05\nweeks = 10\n[vendors]\n%s = { capacity = 50 }\n[labs.L]\nsegment = 's'\nexposure = 0.5\nexit_weeks = 4\nspend = { %[1]s = 10 }\nrivalry = {}\n[owners]\n%[1]s = { }\n",
			quote(name))
		s, err := Parse("x.toml", []byte(file))
		if err != nil {
			return
		}
		accepted++
		name = Normal(name)
		changes := []string{
			JoinPath("vendors", name, "price") + "=1.2", JoinPath("labs", "L", "spend", name) + " = 20", JoinPath("labs", "L", "rivalry", name) + "=0.5 # so much",
			JoinPath("vendors", name, "quality") + "=1.1", JoinPath("owners", name, "lab") + "=L",
		}
		want, err := s.With("", changes)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		src, _, err := s.Write("", changes)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		read, err := Parse("x.toml", src)
		if err != nil || !reflect.DeepEqual(read.Spec, want.Spec) {
			t.Fatalf("%q is another market when it is read back: %v\n%s", name, err, src)
		}
		if got := read.Spec.Labs[0].Rivalry[name]; got != 0.5 {
			t.Fatalf("%q: the rivalry is %v", name, got)
		}
	})
	if accepted < 5 {
		t.Errorf("only %d names were accepted", accepted)
	}
}

// The table of inputs is found by any path, as far as it has what the path says.
func TestFieldOf(t *testing.T) {
	for path, want := range map[string]bool{
		"model.capacity_lag_weeks": true, "labs.Google.count": true, `labs."A.I. Labs".count`: true, "weeks": true, "labs.Google.exit_weeks": false,
		"labs.Google.spend.Scale": false, "events.deal.stake": false, "model": false, "model.nothing": false, "labs.Google.count.more": false, "": false, "start": false,
	} {
		keys, err := ParsePath(path)
		if f := FieldOf(keys); err != nil || (f != nil && f.Kind == field.Whole) != want {
			t.Errorf("%s is %+v (%v)", path, f, err)
		}
	}
}
