package figure

import (
	"bytes"
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"exodus/agents"
	"exodus/app/internal/canvas"
	"exodus/app/internal/receipt"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/facts"
	"exodus/sim"
	"exodus/sim/study"
)

func run(t testing.TB, s *scenarios.Scenario) Results {
	t.Helper()
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		t.Fatal(err)
	}
	trajectory, err := agents.Run(t.Context(), plan, sim.Luck{Seed: 1}, agents.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return Results{Scenario: s, Run: trajectory, Luck: sim.Luck{Seed: 1}}
}

func load(t testing.TB, name, variant string, changes ...string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = s.With(variant, changes); err != nil {
		t.Fatal(err)
	}
	return s
}

// crowded is a market of many vendors of much the same size, with long names.
const crowded = `
title = "A market with a title that is too long for one line, on and on, as people write them when nobody stops them, and more"
start = 2026-01-05
weeks = 30
[vendors."Aardvark Annotation and Data Services of North America"]
[vendors.B]
[vendors.C]
[vendors.D]
[vendors.E]
[vendors.F]
[vendors.G]
[vendors.H]
[vendors.I]
[vendors.J]
[vendors.K]
[vendors."Łódź-Überprüfungsgesellschaftsvereinigung"]
[labs.Only]
segment = "s"
exposure = 0.5
exit_weeks = 4
spend = { "Aardvark Annotation and Data Services of North America" = 10, B = 10, C = 10, D = 10, E = 10.1, F = 10, G = 10, H = 10, I = 10, J = 10, K = 10, "Łódź-Überprüfungsgesellschaftsvereinigung" = 10 }
[events.a]
date = 2026-07-20
kind = "price"
vendor = "Aardvark Annotation and Data Services of North America"
change = 0.1
[events.b]
date = 2026-07-27
kind = "price"
vendor = "B"
change = 0.1
[events.c]
date = 2026-07-28
kind = "price"
vendor = "C"
change = -0.1
`

// markets are those that tests draw, by name.
func markets(t testing.TB) map[string]Results {
	parsed, err := scenarios.Parse("crowded.toml", []byte(crowded))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]Results{
		"reference": run(t, load(t, "meta-scale", "")),
		"price-cut": run(t, load(t, "meta-scale", "price-cut", "labs.Google.exposure=0.5")),
		"template":  run(t, load(t, "template", "")),
		"crowded":   run(t, parsed),
		"one-week":  run(t, load(t, "template", "").Until(1)),
	}
	r := all["reference"]
	r.Ghost, r.GhostName = run(t, load(t, "meta-scale", "no-deal")).Run, "no deal"
	all["compared"] = r
	r.Ghost = nil
	if r.Scores, err = facts.Judge(t.Context(), r.Scenario, 5, 1); err != nil {
		t.Fatal(err)
	}
	r.ScoreRuns = 5
	all["reference"] = r
	r.Sensitivity = &Sensitivity{Metric: "m", How: "by hand", Unit: "unit",
		Bars:  []Bar{{"first", 3, 2, 4}, {"back", -1, -2, 0}, {"a name that is too long by far for the third of a page that it may have, and then some more", 1, 1, 1}},
		Noise: Bar{Name: "luck", Value: 1}}
	all["sensitive"] = r
	return all
}

// each draws every kind of every market that can be drawn.
func each(t *testing.T, of map[string]Results, with func(name string, f *Figure)) {
	t.Helper()
	drawn := map[string]bool{}
	for market, r := range of {
		for _, k := range Kinds {
			f, err := Draw(k.Name, r, Options{})
			var lacking *Lacking
			if errors.As(err, &lacking) {
				continue
			}
			if err != nil {
				t.Fatalf("%s of %s: %v", k.Name, market, err)
			}
			if f.Kind != k.Name {
				t.Errorf("%s makes a figure of kind %s", k.Name, f.Kind)
			}
			drawn[k.Name] = true
			with(market+" "+k.Name, f)
		}
	}
	for _, k := range Kinds {
		if !drawn[k.Name] && k.Name != "sweep" {
			t.Errorf("no market was drawn as %s", k.Name)
		}
	}
}

// The same results give the same bytes, with the receipt in every format.
func TestSameBytes(t *testing.T) {
	each(t, markets(t), func(name string, f *Figure) {
		for _, format := range Formats {
			stated := &receipt.Receipt{Scenario: "x", Title: "\u00fc ( \\ ) ]]> \U0001F600 -->", Runs: 1, Of: 1, Source: "a\nb\t<c> & \"d\"%"}
			paper := Paper{Size: "column", DPI: 72}
			a, err := f.Write(format, paper, stated)
			if err != nil {
				t.Fatal(err)
			}
			b, err := f.Write(format, paper, stated)
			if err != nil || !bytes.Equal(a, b) {
				t.Errorf("%s as %s differs from itself (%v)", name, format, err)
			}
			got, err := receipt.Extract(a)
			if err != nil {
				t.Errorf("%s as %s: %v", name, format, err)
				continue
			}
			want := *stated
			want.Figure, want.File, want.Paper = f.Kind, format, paper
			if got.Encode() != want.Encode() {
				t.Errorf("%s as %s: the receipt is\n%s, want\n%s", name, format, got.Encode(), want.Encode())
			}
		}
	})
}

// Text stays text in SVG and PDF, in a font that is inside the file.
func TestTextStaysText(t *testing.T) {
	f, err := Share(markets(t)["crowded"], Options{})
	if err != nil {
		t.Fatal(err)
	}
	svg, err := f.Write("svg", Paper{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">Share of the market<", ">Aardvark", ">Łódź-", "src:url(data:font/ttf;base64,", "Jul 2026"} {
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("the SVG has no %s", want)
		}
	}
	pdf, err := f.Write("pdf", Paper{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"/FontFile2", "/ToUnicode", "/CreationDate (D:20000101000000)"} {
		if !bytes.Contains(pdf, []byte(want)) {
			t.Errorf("the PDF has no %s", want)
		}
	}
	tex, err := f.Write("tex", Paper{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(tex, []byte(`\%`)) || bytes.Contains(tex, []byte("{100% ")) {
		t.Error("the TeX does not escape its signs")
	}
}

// LaTeX, as it comes, knows the letters of Latin alone: every other sign of a figure is spelled out for it.
func TestTeXKnowsEverySign(t *testing.T) {
	each(t, markets(t), func(name string, f *Figure) {
		tex, err := f.Write("tex", Paper{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range string(tex) {
			if r > unicode.MaxLatin1 && !unicode.Is(unicode.Latin, r) {
				t.Errorf("%s: %q after %q", name, r, tex[max(0, i-40):i])
			}
		}
	})
}

// What is seen through in TeX has the colour that it has elsewhere.
func TestTeXColours(t *testing.T) {
	f, err := Flows(markets(t)["reference"], Options{})
	if err != nil {
		t.Fatal(err)
	}
	tex, err := f.Write("tex", Paper{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	indigo := regexp.MustCompile(`\\color\[rgb\]\{0\.2\d*,0\.1333\d*,0\.5333\d*\}\s+\\pgfsetstrokeopacity\{0\.4\d+\}`)
	if !indigo.Match(tex) {
		t.Error("no flow of Google's is see-through in the colour of Google")
	}
}

// A vendor keeps its colour in every variant and kind, and no two of a market share one.
func TestColoursStay(t *testing.T) {
	all := markets(t)
	colours := map[string]int{}
	for _, market := range []string{"reference", "price-cut", "compared"} {
		for _, kind := range []string{"share", "revenue", "gain", "capacity"} {
			f, err := Draw(kind, all[market], Options{Hide: []string{"Surge"}})
			if err != nil {
				continue
			}
			for _, p := range f.body.(*chart).panels {
				for _, s := range p.series {
					if s.ghost {
						continue
					}
					if old, there := colours[s.name]; there && old != s.index {
						t.Errorf("%s has one colour here, another there", s.name)
					}
					if s.name == "Surge" {
						t.Errorf("Surge is hidden, and drawn in %s", kind)
					}
					colours[s.name] = s.index
				}
			}
		}
	}
	seen := map[int]string{}
	for name, index := range colours {
		if seen[index] != "" {
			t.Errorf("%s has the colour of %s", name, seen[index])
		}
		seen[index] = name
	}
}

// What a window shows is what paper shows: the fast canvas draws as the exact one does.
func TestImageIsTheDrawing(t *testing.T) {
	each(t, markets(t), func(name string, f *Figure) {
		const width, height = 600, 400
		got := f.Image(width, height, 1, false)
		c := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(72))
		p := &canvas.Page{Canvas: draw.New(c), Theme: canvas.Light, Unit: windowUnit}
		p.SetColor(p.Paper)
		p.Fill(p.Rectangle.Path())
		f.drawBody(p)
		sum := 0.0
		for y := range height {
			for x := range width {
				a, b := got.RGBAAt(x, y), c.Image().At(x, y)
				r, g, blue, _ := b.RGBA()
				sum += math.Abs(float64(a.R)-float64(r>>8)) + math.Abs(float64(a.G)-float64(g>>8)) + math.Abs(float64(a.B)-float64(blue>>8))
			}
		}
		if mean := sum / (3 * width * height); mean > 1.5 {
			t.Errorf("%s differs from its exact drawing by %.2f of 255 a pixel", name, mean)
		}
	})
}

// The week at the pointer is that of the line under it.
func TestPointer(t *testing.T) {
	r := markets(t)["compared"]
	f, err := Share(r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, scale := range []float64{1, 1.5, 2} {
		w, h := int(1000*scale), int(600*scale)
		a := f.Area(w, h, scale)
		if !a.Rect.In(image.Rect(0, 0, w, h)) || a.Rect.Dx() < w/2 || a.Rect.Dy() < h/2 {
			t.Fatalf("the data are at %v of %d by %d", a.Rect, w, h)
		}
		for week := range r.Run.Weeks {
			if got, ok := a.Week(a.X(week) - 1); !ok || got != week {
				t.Errorf("week %d is at %d, where week %d is (%v)", week, a.X(week), got, ok)
			}
		}
		if _, ok := a.Week(a.Rect.Min.X - 1); ok {
			t.Error("there is a week left of the data")
		}
	}
	values := f.Values(34, false)
	i := slices.IndexFunc(values, func(v Value) bool { return v.Name == "Scale" })
	if i < 0 || values[i].Value != r.Run.Share(34, 0) || values[i].Text != "17.0%" && !strings.HasSuffix(values[i].Text, "%") {
		t.Errorf("the values at week 34 are %v", values)
	}
	if g := slices.IndexFunc(values, func(v Value) bool { return v.Ghost }); g < 0 {
		t.Error("the market compared with has no value")
	}
}

// What results do not have, and names and weeks that they do not have, is said.
func TestOptions(t *testing.T) {
	r := markets(t)["reference"]
	for _, c := range []struct {
		kind string
		o    Options
		want string
	}{
		{"shar", Options{}, `did you mean share?`},
		{"share", Options{Vendors: []string{"Scael"}}, `there is no vendor "Scael"; did you mean Scale?`},
		{"spend", Options{Labs: []string{"Gogle"}}, `there is no lab "Gogle"; did you mean Google?`},
		{"trust", Options{Week: new(96)}, "from -8 to +95"},
		{"gain", Options{}, "gain compares two variants"},
		{"sweep", Options{}, "a study that varies an input"},
		{"sensitivity", Options{}, "a study of 8 points or more"},
	} {
		if _, err := Draw(c.kind, r, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %v: %v, want %q", c.kind, c.o, err, c.want)
		}
	}
	f, err := Draw("share", r, Options{})
	if err != nil || !strings.Contains(f.Under, "one run, seed 1, so no bands") {
		t.Errorf("below a figure of one run stands %q (%v)", f.Under, err)
	}
	if _, err := f.Write("bmp", Paper{}, nil); err == nil {
		t.Error("a figure was written as bmp")
	}
	if _, err := f.Write("svg", Paper{Size: "poster"}, nil); err == nil {
		t.Error("a figure was written as a poster")
	}
}

// Labels are spread so that none overlaps, in the order of their lines, and within the page where they fit.
func TestSpread(t *testing.T) {
	for _, at := range [][]vg.Length{
		{50}, {50, 50, 50}, {0, 1, 2, 3}, {100, 99, 98, 97, 50}, {10, 95, 100}, {20, 21, 29, 33, 80}, {0, 100},
	} {
		heights := make([]vg.Length, len(at))
		for i := range heights {
			heights[i] = vg.Length(8 + 3*(i%3))
		}
		out := spread(at, heights, -10, 110)
		for i := range out {
			if out[i]-heights[i]/2 < -10-1e-9 || out[i]+heights[i]/2 > 110+1e-9 {
				t.Errorf("%v is spread to %v, off the page", at, out)
			}
			for k := range out[:i] {
				if math.Abs(float64(out[i]-out[k])) < float64(heights[i]+heights[k])/2-1e-9 {
					t.Errorf("%v is spread to %v, too close", at, out)
				}
				if at[i] > at[k] && out[i] < out[k] {
					t.Errorf("%v is spread to %v, out of order", at, out)
				}
			}
		}
	}
	if out := spread([]vg.Length{20, 60}, []vg.Length{10, 10}, 0, 100); out[0] != 20 || out[1] != 60 {
		t.Errorf("labels with room moved to %v", out)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		ticks     ticker
		low, high float64
		want      string
	}{
		{percent, 0, 0.43, "0% 10% 20% 30% 40%"},
		{percent, 0, 0.021, "0.0% 0.5% 1.0% 1.5% 2.0%"},
		{money, 0, 305, "0 USD 50M USD 100M USD 150M USD 200M USD 250M USD 300M"},
		{money, 0, 2100, "0 USD 500M USD 1.0B USD 1.5B USD 2.0B"},
		{money, 0, 0.4, "0 USD 100K USD 200K USD 300K USD 400K"},
		{money, -300, 200, "−USD 300M −USD 200M −USD 100M 0 USD 100M USD 200M"},
		{money, 1020, 1190, "USD 1.025B USD 1.050B USD 1.075B USD 1.100B USD 1.125B USD 1.150B USD 1.175B"},
		{plain, 0.94, 1.01, "0.94 0.96 0.98 1.00"},
	} {
		var labels []string
		for _, k := range c.ticks(c.low, c.high, 7) {
			labels = append(labels, k.label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("a scale from %v to %v has %s, want %s", c.low, c.high, got, c.want)
		}
	}
}

// The figure that docs/using.md shows is the one that the program draws.
func TestFigureOfDocs(t *testing.T) {
	r := run(t, load(t, "meta-scale", ""))
	f, err := Share(r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	content, err := f.Write("svg", Paper{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "meta-scale-share.svg", content)
}

// golden compares with a file of the assets, or with EXODUS_UPDATE=1 writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("..", "..", "..", "assets", name)
	if os.Getenv("EXODUS_UPDATE") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what is drawn; look at both, then run this test with EXODUS_UPDATE=1", path)
	}
}

// A check is told in the unit of its metric.
func TestTell(t *testing.T) {
	r := markets(t)["reference"]
	told := map[string]Told{}
	for _, s := range r.Scores {
		for _, c := range s.Checks {
			told[c.Check.Metric+c.Check.Lab+c.Check.Minus] = Tell(c)
		}
	}
	for key, want := range map[string]*regexp.Regexp{
		"spend_changeGoogle":       regexp.MustCompile(`^−\d\d\.\d% −\d\d\.\d% to −\d\d\.\d% ≤ −50%$`),
		"spend_changexAIMicrosoft": regexp.MustCompile(`^−\d+\.\d pts −\d+\.\d to −\d+\.\d pts < 0 pts$`),
		"weeks_to_halfGoogle":      regexp.MustCompile(`^week \+[\d.]+ \+[\d.]+ to \+[\d.]+ ≤ week \+13$`),
		"inquiries_ratio":          regexp.MustCompile(`^\d\.\d\d× \d\.\d\d× to \d\.\d\d× ≥ 2×$`),
		"gain":                     regexp.MustCompile(`^USD \d\d\dM \d\d\dM to \d\d\dM USD 100M to 600M$`),
		"largest_difference":       regexp.MustCompile(`^USD 0 USD 0 ≤ USD 0$`),
		"spend_lossOpenAI":         regexp.MustCompile(`^\d\d\.\d% \d\d\.\d% to \d\d\.\d% < 25%$`),
	} {
		if got := told[key]; !want.MatchString(got.Median + " " + got.Interval + " " + got.Wanted) {
			t.Errorf("%s is told as %q", key, got)
		}
	}
}

// A title that has no end is not drawn at length: one that is asked for is refused, a scenario's own is cut.
func TestEndlessTitle(t *testing.T) {
	r := markets(t)["template"]
	f, err := Share(r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	endless := strings.Repeat("A", 2_000_000)
	if _, err := f.Write("svg", Paper{Title: endless}, nil); err == nil || !strings.Contains(err.Error(), "a title of 2,000,000 characters; 1,000 are possible") {
		t.Errorf("the error is %v", err)
	}
	f.Title, f.Under = endless, endless
	if height, _ := f.fit(Sizes[0], canvas.Light, true); height > 60*vg.Centimeter {
		t.Errorf("the figure is %v high", height)
	}
}

// Where nothing happens, the scale has numbers that people read, and the flows say that there are none.
func TestNothingHappens(t *testing.T) {
	r := run(t, load(t, "meta-scale", "no-deal"))
	for _, c := range []struct {
		kind, want string
		week       *int
	}{{"premium", ">10%<", nil}, {"premium", ">0%<", new(0)}, {"flows", "nothing moved", new(0)}} {
		f, err := Draw(c.kind, r, Options{Week: c.week})
		if err != nil {
			t.Fatal(err)
		}
		svg, err := f.Write("svg", Paper{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(svg, []byte(c.want)) {
			t.Errorf("%s does not say %s", c.kind, c.want)
		}
	}
}

// A timeline ends where nothing more happens, and says so; one in which something happens until the end does not.
func TestTimelineEndsWithWhatHappens(t *testing.T) {
	s, err := load(t, "meta-scale", "").With("", []string{"uncertainty.scale=0"})
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, s)
	f, err := Timeline(r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := f.body.(*chart)
	until := r.Scenario.Date(c.weeks).Format("2 Jan 2006")
	if c.weeks > 60 || !strings.HasSuffix(f.Under, " · nothing more after "+until) {
		t.Errorf("%d weeks are drawn, and it says %q", c.weeks, f.Under)
	}
	for _, e := range r.Run.Log {
		if e.Week >= c.weeks && slices.ContainsFunc(signs, func(s sign) bool { return s.event == e.Event }) {
			t.Errorf("%s %s in week %d, which is not drawn", e.Agent, e.Event, e.Week)
		}
	}
	r.Run.Log = append(r.Run.Log, agents.Entry{Week: 100, Agent: "Google", Event: agents.Returns, Vendor: "Scale"})
	if f, err = Timeline(r, Options{}); err != nil || f.body.(*chart).weeks != 104 || strings.Contains(f.Under, "nothing more") {
		t.Errorf("with a return in week 100 it says %q (%v)", f.Under, err)
	}
}

// Numbers of a sensitivity are written as the metric is: shares in points, revenue in money.
func TestSensitivityScales(t *testing.T) {
	estimate := []study.Estimate{{Value: 0.0653, Low: -0.0004, High: 0.08}}
	for metric, want := range map[string]string{"share.Scale@26": "6.5 pts", "utilisation.Scale@26": "6.5 pts", "revenue.Scale@26": "USD 65.3K", "price.Scale@26": "0.0653"} {
		s := answered(&store.Sensitivity{Question: store.Question{Metric: metric, Method: "morris", Runs: 2}, Inputs: []store.Effect{{Path: "x", Estimates: estimate}}})
		if got := s.Scale.Write(s.Bars[0].Value); got != want {
			t.Errorf("%s: %s; wanted %s", metric, got, want)
		}
	}
	if got := Points.Write(-0.0004); got != "0.0 pts" {
		t.Errorf("next to nothing is %s", got)
	}
	if got := Points.Write(-0.031); got != "−3.1 pts" {
		t.Errorf("a loss is %s", got)
	}
}
