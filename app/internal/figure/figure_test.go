package figure

import (
	"bytes"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim"
)

func results(t testing.TB, s *scenarios.Scenario, err error) Results {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		t.Fatal(err)
	}
	trajectory, err := agents.Run(t.Context(), plan, sim.Luck{Seed: 1}, agents.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return Results{s, trajectory}
}

func load(t testing.TB, name, variant string, changes ...string) (*scenarios.Scenario, error) {
	s, err := scenarios.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return s.With(variant, changes)
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
[vendors.L]
[labs.Only]
segment = "s"
exposure = 0.5
exit_weeks = 4
spend = { "Aardvark Annotation and Data Services of North America" = 10, B = 10, C = 10, D = 10, E = 10.1, F = 10, G = 10, H = 10, I = 10, J = 10, K = 10, L = 10 }
[events.a]
date = 2026-07-20
kind = "price"
vendor = "B"
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

// figures are those that tests draw, by name.
func figures(t testing.TB) map[string]Results {
	all := map[string]Results{}
	add := func(name string, s *scenarios.Scenario, err error) { all[name] = results(t, s, err) }
	s, err := load(t, "meta-scale", "")
	add("reference", s, err)
	s, err = load(t, "meta-scale", "price-cut", "labs.Google.exposure=0.5")
	add("price-cut", s, err)
	s, err = load(t, "template", "")
	add("template", s, err)
	s, err = scenarios.Parse("crowded.toml", []byte(crowded))
	add("crowded", s, err)
	s, err = load(t, "template", "")
	add("one-week", s.Until(1), err)
	return all
}

// The same results give the same bytes; text stays text in SVG, and every line has its label in it.
func TestFigures(t *testing.T) {
	keep := os.Getenv("EXODUS_FIGURES") // a directory to look at them in
	for name, r := range figures(t) {
		for kind, draw := range map[string]func(Results) *Figure{"share": Share, "spend": Spend} {
			for _, format := range Formats {
				content, err := draw(r).Write(format)
				if err != nil {
					t.Fatal(err)
				}
				again, err := draw(r).Write(format)
				if err != nil || !bytes.Equal(content, again) {
					t.Errorf("%s of %s as %s differs from itself (%v)", kind, name, format, err)
				}
				if keep != "" {
					if err := os.WriteFile(filepath.Join(keep, name+"-"+kind+"."+format), content, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if format == "png" {
					image, err := png.Decode(bytes.NewReader(content))
					if err != nil {
						t.Fatal(err)
					}
					if size := image.Bounds().Size(); size.X < 1330 || size.Y < 740 {
						t.Errorf("%s of %s is %v pixels", kind, name, size)
					}
					continue
				}
				for _, l := range draw(r).lines {
					if !strings.Contains(string(content), ">"+l.name[:min(20, len(l.name))]) {
						t.Errorf("%s of %s does not name %s", kind, name, l.name)
					}
				}
			}
		}
	}
	if _, err := Share(figures(t)["template"]).Write("bmp"); err == nil {
		t.Error("a figure was written as bmp")
	}
}

// Bars name every bar, and are as high as they need to be.
func TestBars(t *testing.T) {
	few := &Bars{Title: "t", Under: "u", Unit: "unit", Bars: []Bar{{Name: "first", Value: 3, Low: 2, High: 4}, {Name: "back", Value: -1, Low: -2, High: 0}, {Name: "luck", Value: 1, Apart: true}}}
	content, err := few.Write("svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{">first<", ">back<", ">luck<", ">unit<", ">-1<", ">3<"} {
		if !strings.Contains(string(content), text) {
			t.Errorf("the figure does not say %s", text)
		}
	}
	many := *few
	for range 20 {
		many.Bars = append(many.Bars, Bar{Name: "a name that is too long by far for the third of a page that it may have, and then some more", Value: 1})
	}
	height := func(b *Bars) int {
		content, err := b.Write("png")
		if err != nil {
			t.Fatal(err)
		}
		image, err := png.Decode(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		return image.Bounds().Dy()
	}
	if a, b := height(few), height(&many); b < a+20*30 {
		t.Errorf("three bars are %d pixels high, 23 are %d", a, b)
	}
}

// The figure that the README shows is the one that the program draws.
func TestReadmeFigure(t *testing.T) {
	const path = "../../../assets/meta-scale-share.svg"
	got, err := Share(figures(t)["reference"]).Write("svg")
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("EXODUS_UPDATE") != "" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
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

// A vendor keeps its colour in every variant.
func TestColoursStay(t *testing.T) {
	a, b := Share(figures(t)["reference"]), Share(figures(t)["price-cut"])
	for i := range a.lines {
		if a.lines[i].style.Color != b.lines[i].style.Color || a.lines[i].name != b.lines[i].name {
			t.Errorf("%s has one colour, %s another", a.lines[i].name, b.lines[i].name)
		}
	}
	seen := map[any]bool{}
	for _, l := range a.lines {
		if seen[l.style.Color] {
			t.Errorf("%s has the colour of another vendor", l.name)
		}
		seen[l.style.Color] = true
	}
}

// Labels are spread so that none overlaps, in the order of their lines, and within the page where they fit.
func TestSpread(t *testing.T) {
	for _, at := range [][]vg.Length{
		{50}, {50, 50, 50}, {0, 1, 2, 3}, {100, 99, 98, 97, 50}, {10, 95, 100}, {20, 21, 29, 33, 80}, {0, 100},
	} {
		out := spread(at, 10, 0, 100)
		for i := range out {
			if out[i] < -1e-9 || out[i] > 100+1e-9 {
				t.Errorf("%v is spread to %v, off the page", at, out)
			}
			for k := range out[:i] {
				if math.Abs(float64(out[i]-out[k])) < 10-1e-9 {
					t.Errorf("%v is spread to %v, too close", at, out)
				}
				if at[i] > at[k] && out[i] < out[k] {
					t.Errorf("%v is spread to %v, out of order", at, out)
				}
			}
		}
	}
	if out := spread([]vg.Length{20, 60}, 10, 0, 100); out[0] != 20 || out[1] != 60 {
		t.Errorf("labels with room moved to %v", out)
	}
}

func TestTicks(t *testing.T) {
	text := func(max float64, percentage bool) string {
		ticks := money(0, max)
		if percentage {
			ticks = percent(0, max)
		}
		var labels []string
		for _, k := range ticks {
			labels = append(labels, k.Label)
		}
		return strings.Join(labels, " ")
	}
	for _, c := range []struct {
		max     float64
		percent bool
		want    string
	}{
		{0.43, true, "0% 10% 20% 30% 40%"},
		{0.021, true, "0.0% 0.5% 1.0% 1.5% 2.0%"},
		{305, false, "0 USD 50M USD 100M USD 150M USD 200M USD 250M USD 300M"},
		{2100, false, "0 USD 500M USD 1.0B USD 1.5B USD 2.0B"},
		{0.4, false, "0 USD 100K USD 200K USD 300K USD 400K"},
	} {
		if got := text(c.max, c.percent); got != c.want {
			t.Errorf("a scale to %v has %s, want %s", c.max, got, c.want)
		}
	}
}
