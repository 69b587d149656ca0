package scenarios

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"exodus/agents"
	"exodus/agents/field"
)

var update = flag.Bool("update", false, "write what the tests find to their golden files")

func load(t testing.TB, name string) *Scenario {
	t.Helper()
	s, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func with(t testing.TB, s *Scenario, variant string, changes ...string) *Scenario {
	t.Helper()
	changed, err := s.With(variant, changes)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// What is wrong with each file of testdata/bad.txtar is what its .txt says, word by word.
func TestBadFiles(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/bad.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for i := range archive.Files {
		f := &archive.Files[i]
		if !strings.HasSuffix(f.Name, ".toml") {
			continue
		}
		want := &archive.Files[i+1]
		_, err := Parse(f.Name, f.Data)
		got := "no error\n"
		if err != nil {
			got = err.Error() + "\n"
		}
		if *update {
			want.Data = []byte(got)
		} else if got != string(want.Data) {
			t.Errorf("%s:\n%swant\n%s", f.Name, got, want.Data)
		}
	}
	if *update {
		if err := os.WriteFile("testdata/bad.txtar", txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Bad input that is not text to be written down.
func TestBadBytes(t *testing.T) {
	good := load(t, "template").Source
	line := bytes.Count(good, []byte("\n")) + 1
	for want, src := range map[string][]byte{
		fmt.Sprintf("x.toml:%d:3: byte 0xff is not UTF-8; save the file in that encoding", line): append(slices.Clone(good), "# \xff"...),
		"x.toml: 5000000 bytes; a scenario has at most 1048576":                                  bytes.Repeat([]byte("#"), 5_000_000),
		"x.toml: 1000000 lines; a scenario has at most 20000. For many labs alike, state count":  bytes.Repeat([]byte("\n"), 1_000_000),
		"x.toml:1:1: a line of 20000 bytes; break it, at most 10000 are read":                    bytes.Repeat([]byte("a"), 20_000),
		"x.toml:1:45: brackets within brackets, more than 40 deep":                               append([]byte("a = "), bytes.Repeat([]byte("["), 5_000)...),
		"x.toml:1:245: brackets within brackets, more than 40 deep":                              append([]byte("a = "), bytes.Repeat([]byte("{ a = "), 1000)...),
		"x.toml:1:1: the file is in UTF-16; save it as UTF-8":                                    utf16(good),
	} {
		if _, err := Parse("x.toml", src); err == nil || err.Error() != want {
			t.Errorf("the error is %.200v, want %s", err, want)
		}
	}
	if _, err := Parse("x.toml", utf16(good)[2:]); err == nil || !strings.Contains(err.Error(), "UTF-16") { // without a byte order mark
		t.Errorf("the error is %v", err)
	}
	if _, err := Parse("a\x1bb.toml", good); err == nil || err.Error() != `a\x1bb.toml: the file's name has the control character U+001B; rename it` {
		t.Errorf("the error is %v", err)
	}
	if _, err := Parse("x.toml", append([]byte("\xef\xbb\xbf"), good...)); err != nil {
		t.Errorf("a byte order mark is not tolerated: %v", err)
	}
	// A file full of keys that nobody knows says so of the first few.
	var many bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&many, "k%d=1\n", i)
	}
	_, err := Parse("x.toml", many.Bytes())
	if err == nil || strings.Count(err.Error(), "\n") != mostShown || !strings.HasSuffix(err.Error(), "\nand 4983 more") {
		t.Errorf("5,000 unknown keys give %.3000v", err)
	}
	deep := "model" + strings.Repeat(".a", 4000) + " = 1\n"
	if _, err := Parse("x.toml", []byte(deep)); err == nil {
		t.Error("a key of 4,000 parts is a scenario")
	}
}

func utf16(src []byte) []byte {
	out := []byte("\xff\xfe")
	for _, c := range src {
		out = append(out, c, 0)
	}
	return out
}

// Names may be of any script, with the joiners and selectors that it needs; one name is one however its letters are
// composed; a whole number may be written with a decimal, and a date in quotes.
func TestWhatAFileMayHold(t *testing.T) {
	file := func(name, start, weeks, about string) string {
		return strings.NewReplacer("NAME", name, "START", start, "WEEKS", weeks, "ABOUT", about).Replace(`
about = "ABOUT"
start = START
weeks = WEEKS
[vendors."NAME"]
[labs.L]
segment = "s"
exposure = 0.5
exit_weeks = 4.0
spend = { "NAME" = 10 }
`)
	}
	for _, name := range []string{
		"Scale", "O'Brien", "50/50", "X, Inc.", "A.I. Labs", "a=b", "日本電気株式会社", "葛\U000e0101城", "می\u200cخواهم", "क्\u200dष", "👩\u200d💻 works", "❤\ufe0f\u200d🔥", "1\ufe0f\u20e3", "שלום", "Ærø", "Ελλάδα",
	} {
		s := parsed(t, file(name, "2026-01-05", "10", "two\\nlines"))
		if got := s.Spec.Vendors[0].Name; got != name {
			t.Errorf("%q is read as %q", name, got)
		}
	}
	s := parsed(t, file("Cafe\u0301", `"2026-01-05"`, "10.0", "x\\r\\ny"))
	want := parsed(t, file("Caf\u00e9", "2026-01-05", "10", "x\\ny"))
	if !reflect.DeepEqual(s.Spec, want.Spec) || !s.Start.Equal(want.Start) || s.About != want.About || s.Spec.Weeks != 10 {
		t.Errorf("is %+v, want %+v", s.Spec, want.Spec)
	}
	if got := with(t, want, "", "vendors.Cafe\u0301.price=1.2").Spec.Vendors[0].Price; got != 1.2 {
		t.Errorf("the price is %v", got)
	}
	for _, name := range []string{"Sc\u200dale", "\u200dx", "日本\u200d", "日\u200d\u200d本", "Scale\ufe0f", "Scale\ufe0f\u20e3x", "\u3164", "a\u034fb", "日\ufe00\ufe00", "a\ufffd\u2066"} {
		if _, err := Parse("x.toml", []byte(file(name, "2026-01-05", "10", ""))); err == nil && name != "Scale\ufe0f\u20e3x" {
			t.Errorf("the name %q is read", name)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		"meta-scal":                     "meta-scal: there is no such scenario or file; did you mean meta-scale?",
		dir:                             dir + ": this is a directory; name a scenario file, such as " + filepath.Join(dir, "mine.toml"),
		filepath.Join(dir, "none.toml"): filepath.Join(dir, "none.toml") + ": there is no such file",
		"scenario.go/x.toml":            "scenario.go/x.toml: cannot be read: not a directory",
	} {
		if _, err := Load(path); err == nil || err.Error() != want {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
}

func TestBuiltIn(t *testing.T) {
	if got := Names(); !slices.Equal(got, []string{"long-tail", "meta-scale", "template"}) {
		t.Fatalf("the built-in scenarios are %v", got)
	}
	s := load(t, "meta-scale")
	var variants []string
	for _, v := range s.Variants {
		variants = append(variants, v.Name)
	}
	want := strings.Fields("no-deal minority-ceo-stays minority-ceo-leaves ceo-stays neutral-investor audited-firewall monitored-firewall price-cut blocked long-terms meta-commits")
	if !slices.Equal(variants, want) {
		t.Errorf("the variants are %v", variants)
	}
	var labs []string
	for _, l := range s.Spec.Labs {
		labs = append(labs, l.Name)
	}
	if got := strings.Join(labs, ","); got != "Google,Microsoft,OpenAI,xAI,Anthropic,Meta,Other gen-AI,Enterprise,Autonomous driving,Government" {
		t.Errorf("the labs are %s, not in the order of the file", got)
	}
	deal := s.Spec.Events[0]
	if deal.Week != 8 || deal.Valuation != 29000 || deal.Before != 14000 || !deal.States("votes") {
		t.Errorf("the deal is %+v", deal)
	}
	if got := s.Date(8).Format(time.DateOnly); got != "2025-06-13" {
		t.Errorf("week 8 starts on %s", got)
	}
	if e, ok := s.Known([]string{"labs", "Google", "spend", "Scale"}); !ok || e.Kind != "reported" {
		t.Errorf("the evidence for Google's spend is %+v", e)
	}
	if e, ok := s.Known([]string{"labs", "xAI", "exposure"}); !ok || e.Kind != "assumed" {
		t.Errorf("the evidence for xAI's exposure is %+v", e)
	}
}

// paths lists every input of a scenario with its value, as --set takes it.
func paths(f *field.Field, v reflect.Value, path []string, add func(path []string, value string)) {
	switch f.Kind {
	case field.Named:
		for i := range v.Len() {
			paths(f.Each(), v.Index(i), append(slices.Clone(path), field.Of(f.Each().Type).Name(v.Index(i)).String()), add)
		}
	case field.Table:
		fields := field.Of(f.Type).All
		for i := range fields {
			if fields[i].Kind != field.Date {
				paths(&fields[i], fields[i].In(v), append(slices.Clone(path), fields[i].Name), add)
			}
		}
	case field.Numbers:
		for _, key := range v.MapKeys() {
			paths(f.Each(), v.MapIndex(key), append(slices.Clone(path), key.String()), add)
		}
	case field.List:
		add(path, strings.ReplaceAll(fmt.Sprintf("%q", v.Interface()), `" "`, `", "`))
	case field.Text:
		add(path, strconv.Quote(v.String()))
	case field.Number:
		add(path, strconv.FormatFloat(v.Float(), 'g', -1, 64))
	default:
		add(path, fmt.Sprint(v.Interface()))
	}
}

// A change reaches every input by its dotted path, and a change to what holds already changes nothing.
func TestSetReachesEveryInput(t *testing.T) {
	s := load(t, "meta-scale")
	tried := 0
	try := func(path []string, value string) {
		tried++
		changed, err := s.With("", []string{JoinPath(path...) + "=" + value})
		if err != nil {
			t.Errorf("%v", err)
			return
		}
		for i := range changed.Spec.Events {
			changed.Spec.Events[i].Stated = s.Spec.Events[i].Stated
		}
		if !reflect.DeepEqual(changed.Spec, s.Spec) {
			t.Errorf("setting %s to %s, which it is, changes the scenario", JoinPath(path...), value)
		}
	}
	spec := reflect.ValueOf(s.Spec)
	for _, table := range []struct{ name, field string }{{"model", "Model"}, {"uncertainty", "Uncertainty"}, {"vendors", "Vendors"}, {"labs", "Labs"}, {"owners", "Owners"}} {
		paths(field.Of(whole.Type).Named(table.name), spec.FieldByName(table.field), []string{table.name}, func(path []string, value string) {
			if value != "[]" { // segments that are not stated mean all
				try(path, value)
			}
		})
	}
	event := field.Of(whole.Type).Named("events").Each()
	for _, e := range s.Spec.Events {
		paths(event, reflect.ValueOf(e), []string{"events", e.Name}, func(path []string, value string) {
			if e.Stated[path[2]] {
				try(path, value)
			}
		})
	}
	try([]string{"weeks"}, "104")
	try([]string{"start"}, "2025-04-18")
	if tried < 200 {
		t.Errorf("only %d inputs were tried", tried)
	}
	changed := with(t, s, "", "labs.Other gen-AI.exposure=0.4", "events.deal.date=2025-06-20", `vendors.Scale.segments=["frontier","enterprise","automotive","government"]`, "owners.Meta.lab=Meta")
	if changed.Spec.Labs[6].Exposure != 0.4 || changed.Spec.Events[0].Week != 9 {
		t.Errorf("the changes did not arrive: %+v", changed.Spec.Labs[6])
	}
	if s.Spec.Labs[6].Exposure != 0.5 {
		t.Error("a change reached the scenario that it was made from")
	}
}

func TestBadChanges(t *testing.T) {
	s := load(t, "meta-scale")
	for change, want := range map[string]string{
		"events.deal.stake":           "a change is path=value, such as events.deal.stake=0",
		"events.deal.stake=":          "a change is path=value, such as events.deal.stake=0",
		"model.leak_aversoin=3":       "model has no leak_aversoin; did you mean leak_aversion?",
		"labs.Gogle.exposure=0.3":     "there is no Gogle in labs; did you mean Google?",
		"labs.Google.exposure.x=0.3":  "labs.Google.exposure is a single value, and has no x",
		"labs.Google.spend.Scal=3":    "labs.Google.spend.Scal: there is no Scal among the vendors; did you mean Scale?",
		"labs.Google.exposure=much":   `labs.Google.exposure: a number is needed, this is the text "much"`,
		"labs.Google.exposure=nan":    "labs.Google.exposure: NaN is not a number to reckon with; give a finite one",
		"labs.Google.exposure=inf":    "labs.Google.exposure: +Inf is not a number to reckon with; give a finite one",
		"labs.Google.spend.Scale=-1":  "labs.Google.spend.Scale: -1 is out of range; it goes from 0 to 1000000000",
		"labs.Google.count=1.5":       "labs.Google.count: a whole number is needed, this is the number 1.5",
		"events.deal.date=2031-01-01": "events.deal.date: that is week 297; the run has weeks 0 to 103, 2025-04-18 to 2027-04-15",
		"events.deal.date=9999-12-31": "events.deal.date: that is week 416100; the run has weeks 0 to 103, 2025-04-18 to 2027-04-15",
		"events.deal.owner=Mta":       `events.deal.owner: there is no owner "Mta"; did you mean Meta?`,
		"title=x":                     "unknown input title; there are start, weeks, model, uncertainty, vendors, labs, owners, events, evidence",
		"weeks=0":                     "weeks: 0 weeks; a run has 1 to 5200",
		"vendors.Surge.segments=4":    "vendors.Surge.segments: a list in [brackets] is needed, this is the number 4",
	} {
		_, err := s.With("", []string{change})
		if err == nil || err.Error() != change+": "+want {
			t.Errorf("the error is\n%v\nwant\n%s: %s", err, change, want)
		}
	}
	if _, err := s.With("nodeal", nil); err == nil || err.Error() != `meta-scale.toml: there is no variant "nodeal"; did you mean no-deal?` {
		t.Errorf("the error is %v", err)
	}
}

// The schema in the repository is that of the loader, and the built-in scenarios keep to it.
func TestSchema(t *testing.T) {
	if *update {
		if err := os.WriteFile("schema.json", Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, Schema()) {
		t.Error("schema.json is not the schema of the loader; run go test ./scenarios -update")
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(kept))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("scenario.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	asJSON := func(src []byte) any {
		var tree map[string]any
		if err := toml.Unmarshal(src, &tree); err != nil {
			t.Fatal(err)
		}
		out, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	for _, name := range Names() {
		if err := schema.Validate(asJSON(load(t, name).Source)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	source := string(load(t, "template").Source)
	for what, wrong := range map[string]string{
		"a stake of 4":                     strings.Replace(source, "stake = 0.4", "stake = 4", 1),
		"a blank name":                     source + "\n[vendors.\" \"]\n",
		"a name with a control character":  source + "\n[vendors.\"A\\u001b\"]\n",
		"a vendor called In-house":         source + "\n[vendors.In-house]\n",
		"a variant called reference":       source + "\n[variants.reference]\nmodel.herding = 0\n",
		"a title with a control character": "title = \"A\\u0007\"\n" + source[strings.Index(source, "\n[")+1:],
	} {
		if err := schema.Validate(asJSON([]byte(wrong))); err == nil {
			t.Errorf("%s keeps to the schema", what)
		}
	}
	if err := schema.Validate(asJSON([]byte(source + "\n[vendors.\"Émile & Söhne (東京)\"]\n"))); err != nil {
		t.Errorf("a name of letters: %v", err)
	}
}

// Every field is explained, and its default and plausible range are within its limits.
func TestTags(t *testing.T) {
	var check func(t *testing.T, typ reflect.Type)
	check = func(t *testing.T, typ reflect.Type) {
		for _, f := range field.Of(typ).All {
			if f.Doc == "" {
				t.Errorf("%s of %s is not explained", f.Name, typ)
			}
			within := func(what string, x float64) {
				if x < f.Min || x > f.Max {
					t.Errorf("%s of %s: %s is %v, outside of %v to %v", f.Name, typ, what, x, f.Min, f.Max)
				}
			}
			if x, err := strconv.ParseFloat(f.Default, 64); err == nil {
				within("default", x)
			}
			if f.Plausible {
				within("low", f.Low)
				within("high", f.High)
			}
			if f.Drawn && (!f.Plausible || f.Kind != field.Number || f.Low >= f.High) {
				t.Errorf("%s of %s is drawn at random, and has no range to draw from", f.Name, typ)
			}
			switch f.Kind {
			case field.Table:
				check(t, f.Type)
			case field.Named:
				check(t, f.Type.Elem())
			}
		}
	}
	check(t, whole.Type)
}

func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		f.Add(load(f, name).Source)
	}
	archive, err := txtar.ParseFile("testdata/bad.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		if strings.HasSuffix(file.Name, ".toml") {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		s, err := Parse("x.toml", src)
		if (s == nil) == (err == nil) {
			t.Fatal("neither a scenario nor an error, or both")
		}
		if err != nil {
			for i, line := range strings.Split(err.Error(), "\n") {
				if !strings.HasPrefix(line, "x.toml:") && i < mostShown {
					t.Errorf("a line does not say where: %q", line)
				}
			}
			return
		}
		for _, v := range s.Variants {
			if _, err := s.With(v.Name, nil); err != nil {
				t.Errorf("a variant that was read cannot be applied: %v", err)
			}
		}
		labs := 0
		for _, l := range s.Spec.Labs {
			labs += l.Count
		}
		if labs > 1000 {
			return
		}
		if _, err := agents.Compile(s.Spec); err != nil {
			t.Errorf("a scenario that was read cannot be run: %v", err)
		}
	})
}
