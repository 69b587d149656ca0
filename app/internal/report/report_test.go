package report

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"exodus/agents"
	"exodus/app/internal/results"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/sim"
	"exodus/sim/study"
)

func load(t *testing.T, variant string, changes ...string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Load("meta-scale")
	if err == nil {
		s, err = s.With(variant, changes)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ran is one run of a scenario.
func ran(t *testing.T, s *scenarios.Scenario) *store.Results {
	t.Helper()
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		t.Fatal(err)
	}
	luck := sim.Luck{Seed: 1}
	lived, err := agents.Run(t.Context(), plan, luck, agents.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return (&store.Run{Scenario: s, Luck: luck, Trajectory: lived, Version: "test"}).Results()
}

// studied is a study of a scenario, of which only the first parts may be done.
func studied(t *testing.T, s *scenarios.Scenario, plan study.Plan, against string, parts int) *store.Results {
	t.Helper()
	model := scenarios.NewModel(s)
	plan.Model, plan.Seed, plan.Chunk = model.Name(), 1, 512
	if len(plan.Points) == 0 {
		plan.Points = study.Grid(nil)
	}
	dir := filepath.Join(t.TempDir(), "study")
	if err := model.Prepare(&plan); err != nil {
		t.Fatal(err)
	}
	head := store.HeadOf(s, model, &plan)
	head.Version, head.Against = "test", against
	made, err := store.OpenStudy(dir, head, false)
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	missing, err := made.Missing()
	if err != nil {
		t.Fatal(err)
	}
	err = made.Run(t.Context(), made.Head.Maker(model), missing[:min(parts, len(missing))], func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	read, err := store.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// againstNoDeal is a study of the reference case, beside the case without its deal.
func againstNoDeal(t *testing.T, runs int) *store.Results {
	return studied(t, load(t, ""), study.Plan{Variants: []string{scenarios.Reference, "no-deal"}, Runs: runs}, "no-deal", math.MaxInt)
}

func reportOf(t *testing.T, from *store.Results) []byte {
	t.Helper()
	content, err := Write(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func numbersOf(t *testing.T, from *store.Results) *numbers {
	t.Helper()
	n, err := read(t.Context(), from, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// said is what the report says in sentences, without its figures, which take long under the race detector.
func said(t *testing.T, from *store.Results) string {
	t.Helper()
	n := numbersOf(t, from)
	commands, notes := n.again()
	return strings.Join(slices.Concat(n.asked(), []string{n.partial()}, n.answer(), n.price().Text, commands, notes), "\n")
}

// has says which texts a page lacks.
func has(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the report does not say %q", text)
		}
	}
}

// The sentences say what the summary of the study has, to the digits that they show.
func TestAnswer(t *testing.T) {
	from := againstNoDeal(t, 40)
	n := numbersOf(t, from)
	sentences := n.answer()
	if len(sentences) != 3 {
		t.Fatalf("%d sentences: %q", len(sentences), sentences)
	}
	const dealWeek, scale = 8, 0
	at := func(world, week, vendor int, quantity string) [5]float64 {
		return from.Summary.Quantiles[from.Summary.At(world, week, vendor, slices.Index(scenarios.Quantities, quantity))].Value
	}
	gain := func(week, vendor int) [5]float64 {
		return from.Summary.Differences[from.Summary.At(0, week, vendor, slices.Index(scenarios.Quantities, "revenue"))].Value
	}
	share, revenue := at(0, dealWeek+26, scale, "share"), at(0, dealWeek+26, scale, "revenue")
	lost, later, surge := gain(dealWeek+26, scale), gain(dealWeek+52, scale), gain(dealWeek+26, 1)
	for i, want := range []string{
		fmt.Sprintf("In week +26 after the deal (12 December 2025), Scale has %.1f%% of the market (5%% to 95%% of runs: %.1f%% to %.1f%%), compared with %.1f%% the week before the deal and %.1f%% without the deal.",
			100*share[2], 100*share[0], 100*share[4], 100*at(0, dealWeek-1, scale, "share")[2], 100*at(1, dealWeek+26, scale, "share")[2]),
		fmt.Sprintf("Its revenue is then USD %.0fM a year (%.0fM to %.0fM), USD %.0fM (%.0fM to %.0fM) below the same runs without the deal; Surge gains most, USD %.0fM (%.0fM to %.0fM), then Others, ",
			revenue[2], revenue[0], revenue[4], -lost[2], -lost[4], -lost[0], surge[2], surge[0], surge[4]),
		fmt.Sprintf("At the end of week +52, Google has left Scale in %.0f%% of 40 runs, ", 100*from.Summary.Departure(0, dealWeek+52, 0).Left),
	} {
		if !strings.HasPrefix(sentences[i], want) {
			t.Errorf("sentence %d\n is   %s\n want %s", i+1, sentences[i], want)
		}
	}
	want := fmt.Sprintf("; a year after the deal the revenue of Scale is USD %.0fM (%.0fM to %.0fM) below that of the same runs without the deal.", -later[2], -later[4], -later[0])
	if !strings.HasSuffix(sentences[2], want) {
		t.Errorf("the last sentence is %s, want %s", sentences[2], want)
	}

	before := at(0, dealWeek-1, scale, "revenue")[2]
	text := strings.Join(n.price().Text, "\n")
	for _, want := range []string{
		"Scale is valued at USD 14B before the deal (reported: Scale AI, financing of May 2024: USD 13.8 billion, rounded), " + fmt.Sprintf("%.1f times the USD %.2fB a year", 14_000/before, before/1000),
		"and at USD 29B in the deal (reported: ",
		fmt.Sprintf("The same multiple, %.1f times, makes USD %.1fB (%.1fB to %.1fB) of the revenue of week +26 with the deal, and USD %.1fB without it.",
			29_000/before, 29*revenue[2]/before, 29*revenue[0]/before, 29*revenue[4]/before, 29*at(1, dealWeek+26, scale, "revenue")[2]/before),
		fmt.Sprintf("makes USD %.1fB (%.1fB to %.1fB) of the revenue of week +52", 29*at(0, dealWeek+52, scale, "revenue")[2]/before, 29*at(0, dealWeek+52, scale, "revenue")[0]/before, 29*at(0, dealWeek+52, scale, "revenue")[4]/before),
	} {
		has(t, text, want)
	}
}

// One run has no intervals and says so; what it would have been without the deal is on the same luck.
func TestOneRun(t *testing.T) {
	from := ran(t, load(t, ""))
	has(t, said(t, from), "This is one run (seed 1, run 0), so there are no intervals", "below the same run without the deal", "exodus run meta-scale --seed 1 --weeks 104 --out results")
	n := numbersOf(t, from)
	if text := strings.Join(slices.Concat(n.answer(), n.price().Text), " "); strings.Contains(text, "5% to 95%") || regexp.MustCompile(`\([0-9.]+[%MB]? to`).MatchString(text) {
		t.Errorf("one run has intervals: %s", text)
	}
	other := ran(t, load(t, "no-deal"))
	for week := range from.Weeks {
		for j := range from.Vendors {
			if x, y := n.without(results.Revenue, week, j).mid, other.Trajectory.Revenue[other.Trajectory.At(week, j)]; x != y {
				t.Fatalf("week %d: without the deal %s has %v, and in the variant no-deal %v", week, from.Vendors[j], x, y)
			}
		}
	}
}

// Every input of the schema says what it means, and every symbol is in the equations.
func TestDocumented(t *testing.T) {
	m := describe()
	source, err := os.ReadFile("../../../agents/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	described := m.Parameters.Rows
	for _, k := range m.Kinds {
		if k.Doc == "" {
			t.Errorf("%s is not described", k.Name)
		}
		described = append(described, k.Fields.Rows...)
	}
	for _, of := range []reflect.Type{
		reflect.TypeFor[agents.Model](), reflect.TypeFor[agents.Uncertainty](), reflect.TypeFor[agents.Lab](), reflect.TypeFor[agents.Vendor](),
		reflect.TypeFor[agents.Owner](), reflect.TypeFor[agents.Event](),
	} {
		for _, f := range reflect.VisibleFields(of) {
			name, doc, symbol := f.Tag.Get("toml"), f.Tag.Get("doc"), f.Tag.Get("symbol")
			if name == "-" {
				continue
			}
			if name == "" || len(doc) < 10 || !strings.HasSuffix(doc, ".") {
				t.Errorf("%s.%s is not documented: toml %q, doc %q", of.Name(), f.Name, name, doc)
			}
			if of == reflect.TypeFor[agents.Model]() && f.Type.Kind() != reflect.Bool && (symbol == "" || f.Tag.Get("low") == "" || f.Tag.Get("default") == "") {
				t.Errorf("model.%s has no symbol, plausible range or default", name)
			}
			if symbol != "" && !regexp.MustCompile(`(^|[^A-Za-z_])`+symbol+`($|[^A-Za-z_]|_[ijk])`).Match(source) {
				t.Errorf("%s.%s: the description of the market never says what its symbol %s does", of.Name(), f.Name, symbol)
			}
			if !slices.ContainsFunc(described, func(r row) bool {
				return r.Cells[0].Text == strings.ReplaceAll(name, "_", " ") && r.Cells[len(r.Cells)-1].Text == doc
			}) {
				t.Errorf("%s.%s is in no table of the method", of.Name(), f.Name)
			}
		}
	}
	for name, text := range map[string]string{"γ": string(m.Sections["Equations"]), "κ<sub>s</sub>": string(m.Sections["Equations"]), "w*<sub>ij</sub>": string(m.Sections["Equations"]), "Berry": string(m.Sections["Sources"])} {
		has(t, text, name)
	}
}

// Whoever writes a scenario writes nothing but text into the report.
func TestHostile(t *testing.T) {
	source := string(load(t, "").Source)
	for old, evil := range map[string]string{
		`title = "Meta takes 49% of Scale AI"`:            `title = "</title><script>alert(1)</script> & ExodusSans #123456"`,
		`source = "Meta and Scale AI, announcement"`:      `source = "\"><img src=https://example.com/x onerror=alert(1)>"`,
		`title = "Google moves the majority of its work"`: `title = "</svg></style><iframe src=//example.com></iframe>"`,
		`title = "No deal"`:                               `title = "-->{{.Style}}<b onclick='x'>"`,
		`In June 2025 Meta`:                               `</pre></details><script>alert(2)</script> Meta`,
		`labs.xAI]`:                                       `labs."<i>xAI</i>"]`,
		`"xAI"`:                                           `"<i>xAI</i>"`,
	} {
		if !strings.Contains(source, old) {
			t.Fatalf("the scenario has no %s", old)
		}
		source = strings.ReplaceAll(source, old, evil)
	}
	s, err := scenarios.Parse("evil.toml", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	page := string(reportOf(t, studied(t, s, study.Plan{Variants: []string{scenarios.Reference, "no-deal"}, Runs: 3}, "no-deal", math.MaxInt)))
	for _, bad := range []string{"<script", "<img", "<iframe", "<b ", "<i>", " onerror=alert(1)>"} {
		if at := strings.Index(page, bad); at >= 0 {
			t.Errorf("the report has %s: %.80s", bad, page[at:])
		}
	}
	has(t, page, "&lt;/title&gt;&lt;script&gt;alert(1)", "Save the scenario file below as evil.toml first.", "{{.Style}}")
	tags := strings.Join(regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`).FindAllString(page, -1), "\n")
	for _, m := range regexp.MustCompile(`\b(src|href|url)\s*[=(]\s*["']?([^"')\s>]*)`).FindAllStringSubmatch(tags, -1) {
		if !strings.HasPrefix(m[2], "#") && !strings.HasPrefix(m[2], "data:") {
			t.Errorf("the report refers to %s", m[0])
		}
	}
}

// What was changed for a run is assumed, whatever is known of the value in the file.
func TestEvidence(t *testing.T) {
	n := numbersOf(t, ran(t, load(t, "", "labs.Google.spend.Scale=100")))
	known := func(path string) known {
		in, ok := n.s.Input(path)
		if !ok {
			t.Fatalf("there is no %s", path)
		}
		return n.known(in)
	}
	if k := known("labs.Google.spend.Scale"); k.tell() != "yours (was USD 200M a year, reported)" {
		t.Errorf("what was changed is %+v", k)
	}
	if k := known("events.deal.stake"); k.kind != "reported" || k.date != "13 June 2025" || k.source != "Meta and Scale AI, announcement" {
		t.Errorf("the stake is %+v", k)
	}
	if k := known("model.herding"); k.kind != "assumed" {
		t.Errorf("herding is %+v", k)
	}
	has(t, n.tally(), "4 are reported")
}

func TestPartial(t *testing.T) {
	from := studied(t, load(t, ""), study.Plan{Variants: []string{scenarios.Reference}, Runs: 600}, "", 1)
	has(t, said(t, from), "Partial: 512 of 600 runs are done. The numbers may change when the others are.",
		"The numbers without the deal come from the deterministic run, so they have no interval: the study did not include that case.")
}

// A study that varies inputs has its sweep or sensitivity, says what its numbers are of, and how to make it again.
func TestDesigns(t *testing.T) {
	stake := study.Param{Name: "events.deal.stake", Levels: []float64{0.1, 0.3, 0.49}}
	page := string(reportOf(t, studied(t, load(t, "", "model.herding=0.5"), study.Plan{
		Variants: []string{scenarios.Reference, "audited-firewall"}, Runs: 4, Params: []string{stake.Name}, Points: study.Grid([]study.Param{stake}),
	}, "", math.MaxInt)))
	has(t, page, `id="sweep"`, "over 3 points. The numbers here are those of the first point, events.deal.stake=0.1.", "The variants: Scale", "Audited firewall",
		"exodus batch meta-scale --variant reference,audited-firewall --runs 4 --seed 1 --sweep events.deal.stake=0.1,0.3,0.49 --set model.herding=0.5 --out results")

	params := []study.Param{{Name: "model.herding", Low: 0, High: 1}, {Name: "model.leak_aversion", Low: 3, High: 8}}
	page = string(reportOf(t, studied(t, load(t, ""), study.Plan{
		Variants: []string{scenarios.Reference}, Runs: 2, Params: []string{params[0].Name, params[1].Name}, Points: study.LatinHypercube(params, 16, 1),
	}, "", math.MaxInt)))
	has(t, page, `<h2 id="sensitive">Sensitivity</h2>`, "--design points.csv", "Save the 16 points of the plan in study.json as points.csv first")
}

// With the parameters of behaviour drawn too, both intervals are there.
func TestIgnorance(t *testing.T) {
	from := studied(t, load(t, ""), study.Plan{
		Variants: []string{scenarios.Reference, "no-deal", scenarios.Reference + scenarios.Ignorant, "no-deal" + scenarios.Ignorant}, Runs: 40,
	}, "no-deal", math.MaxInt)
	wide := from.Summary.Quantiles[from.Summary.At(2, 34, 0, slices.Index(scenarios.Quantities, "share"))].Value
	has(t, numbersOf(t, from).answer()[0], fmt.Sprintf(" from random variation alone, %.1f%% to %.1f%% with parameter uncertainty)", 100*wide[0], 100*wide[4]))
	has(t, said(t, from), "--against no-deal --runs 40 --seed 1 --uncertainty both")
}

// Reports of markets in which there is less to say.
func TestLess(t *testing.T) {
	stopped := ran(t, load(t, ""))
	stopped.Receipt.Interventions = []string{"week 20: model.herding=1"}
	has(t, said(t, stopped), "Someone intervened while it ran: week 20: model.herding=1.", "What the revenue would be without the deal is not known of these results.")
	has(t, said(t, ran(t, load(t, "no-deal"))), "There is no deal in these results", "In week +26 after the day of the deal", "No lab leaves Scale")
	short := string(reportOf(t, ran(t, load(t, "").Until(12))))
	has(t, short, "In week &#43;3 after the deal", "Week &#43;3 (4 Jul 2025)", "The results end before week &#43;26.", "There is no scorecard, because &#43;26 weeks after deal is not in the run, which ends at &#43;3.")
	has(t, said(t, ran(t, load(t, "blocked"))), "in the variant “The deal is blocked after 13 weeks”", "below the same run without the deal")
}

func TestSameBytes(t *testing.T) {
	from := ran(t, load(t, ""))
	if a, b := reportOf(t, from), reportOf(t, from); !bytes.Equal(a, b) {
		t.Error("the same results make different reports")
	} else if !bytes.Contains(a[:1024], []byte(Generator)) {
		t.Error("the report does not say near its start what made it")
	}
	if dir := os.Getenv("EXODUS_PICTURES"); dir != "" {
		os.WriteFile(filepath.Join(dir, "run.html"), reportOf(t, from), 0o666)
	}
}
