package figure

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"exodus/agents"
	"exodus/app/internal/receipt"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/sim/study"
)

// studied runs a study of the reference market, and reads it back.
func studied(t testing.TB, runs int, against string, params []study.Param) *store.Results {
	t.Helper()
	return studiedOf(t, load(t, "meta-scale", ""), runs, against, params)
}

func studiedOf(t testing.TB, s *scenarios.Scenario, runs int, against string, params []study.Param) *store.Results {
	t.Helper()
	model := scenarios.NewModel(s)
	plan := &study.Plan{Model: model.Name(), Variants: []string{scenarios.Reference}, Points: study.Grid(params), Runs: runs, Seed: 1, Chunk: 512}
	if against != "" {
		plan.Variants = append(plan.Variants, against)
	}
	if len(params) > 2 {
		points, err := study.Sobol(params, 64)
		if err != nil {
			t.Fatal(err)
		}
		plan.Points = points
	}
	for _, p := range params {
		plan.Params = append(plan.Params, p.Name)
	}
	dir := filepath.Join(t.TempDir(), "study")
	if err := model.Prepare(plan); err != nil {
		t.Fatal(err)
	}
	head := store.HeadOf(s, model, plan)
	head.Version, head.Against = "gallery", against
	made, err := store.OpenStudy(dir, head, false)
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	missing, err := made.Missing()
	if err == nil {
		err = made.Run(t.Context(), made.Head.Maker(model), missing, func(int) {})
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := made.Finish(); err != nil {
		t.Fatal(err)
	}
	read, err := store.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// levels are so many values from low to high.
func levels(name string, low, high float64, n int) study.Param {
	p := study.Param{Name: name, Low: low, High: high}
	for i := range n {
		p.Levels = append(p.Levels, low+float64(float64(i)*(high-low))/float64(n-1))
	}
	return p
}

// studies are of the reference market: for each kind of figure, one that it can be drawn of.
func studies(t testing.TB) func(kind string) *store.Results {
	t.Helper()
	batch := studied(t, 200, "no-deal", nil)
	sweep := studied(t, 20, "", []study.Param{levels("events.deal.stake", 0, 0.49, 8), levels("events.promise.credibility", 0, 0.8, 9)})
	wide := studied(t, 10, "", []study.Param{
		levels("model.leak_aversion", 3, 8, 2), levels("model.review_threshold", 0.005, 0.2, 2),
		levels("model.control_per_stake", 0.8, 3.2, 2), levels("model.herding", 0, 1, 2),
	})
	return func(kind string) *store.Results {
		switch kind {
		case "sweep":
			return sweep
		case "sensitivity":
			return wide
		}
		return batch
	}
}

// The gallery shows every kind as it is drawn now, from the reference market. EXODUS_UPDATE=1 draws it anew.
func TestGallery(t *testing.T) {
	if testing.Short() {
		t.Log("drawn in full elsewhere")
		return
	}
	from := studies(t)
	var index, sums bytes.Buffer // sums are those of every format, which are the same on every platform
	fmt.Fprint(&index, "# Every kind of figure\n\nOf the reference market; each file holds its provenance record (`exodus figure FILE`), from which\n"+
		"`exodus reproduce FILE` draws it again. `EXODUS_UPDATE=1 go test ./app/internal/figure -run Gallery` draws all of them\n"+
		"anew, and the tests check that they are what is drawn now.\n")
	for _, k := range Kinds {
		results, err := From(t.Context(), from(k.Name), k.Name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Draw(k.Name, results, Options{})
		if err != nil {
			t.Fatal(err)
		}
		content, err := f.Write("svg", Paper{}, receipt.Of(from(k.Name), "gallery", Options{}))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, filepath.Join("gallery", k.Name+".svg"), content)
		fmt.Fprintf(&index, "\n## %s\n\n%s\n\n![%s](%s.svg)\n", k.Name, sentence(k.Doc), k.Doc, k.Name)
		for _, format := range Formats {
			content, err := f.Write(format, Paper{DPI: 100}, receipt.Of(from(k.Name), "gallery", Options{}))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&sums, "%x  %s.%s\n", sha256.Sum256(content), k.Name, format)
		}
		keep(t, k.Name, f)
	}
	golden(t, "../app/internal/figure/testdata/SHA256SUMS", sums.Bytes())
	golden(t, filepath.Join("gallery", "README.md"), index.Bytes())
}

func sentence(s string) string { return string(s[0]-'a'+'A') + s[1:] + "." }

// keep writes a figure at every size, on paper and on a screen, to the directory that EXODUS_FIGURES names, to be
// looked at.
func keep(t *testing.T, name string, f *Figure) {
	t.Helper()
	dir := os.Getenv("EXODUS_FIGURES")
	if dir == "" {
		return
	}
	for _, size := range Sizes {
		for ground, isDark := range map[string]bool{"light": false, "dark": true} {
			content, err := f.Write("png", Paper{Size: size.Name, Dark: isDark, DPI: 150}, nil)
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, name+"-"+size.Name+"-"+ground+".png"), content, 0o666)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A study that is not done is drawn from the runs that are, and says how many those are.
func TestPartial(t *testing.T) {
	whole := studied(t, 600, "", nil)
	if err := os.Remove(filepath.Join(whole.Dir, "parts", store.PartName(1))); err != nil {
		t.Fatal(err)
	}
	part, err := store.Read(t.Context(), whole.Dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := From(t.Context(), part)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"share", "trust"} {
		f, err := Draw(kind, r, Options{})
		if err != nil {
			t.Fatal(err)
		}
		svg, err := f.Write("svg", Paper{NoTitle: true}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(svg, []byte(">Partial: 512 of 600 runs are done<")) {
			t.Errorf("%s does not say that it is partial", kind)
		}
	}
	if receipt := receipt.Of(part, "v", Options{}); receipt.Runs != 512 || receipt.Of != 600 {
		t.Errorf("the receipt speaks of %d of %d runs", receipt.Runs, receipt.Of)
	}
}

// A study without luck, of which nothing moves, has bands of no width; a sweep over one input is a line.
func TestStudies(t *testing.T) {
	r, err := From(t.Context(), studied(t, 4, "", []study.Param{levels("events.deal.stake", 0, 0.4, 3)}), "sweep")
	if err != nil {
		t.Fatal(err)
	}
	f, err := Draw("sweep", r, Options{Vendors: []string{"Scale", "Surge"}})
	if err != nil {
		t.Fatal(err)
	}
	c := f.body.(*chart)
	if len(c.panels[0].series) != 2 || len(c.panels[0].series[0].values) != 3 || c.over.at[2] != 0.4 {
		t.Errorf("the sweep has %d lines over %v", len(c.panels[0].series), c.over.at)
	}
	if a := c.panels[0].series[0].values; !(a[0] > a[2]) {
		t.Errorf("with a larger stake Scale keeps more: %v", a)
	}
	// The first point is drawn over time, and the figure says which it is.
	share, err := Draw("share", r, Options{})
	if err != nil || !bytes.Contains([]byte(share.Under), []byte("events.deal.stake=0 ·")) {
		t.Errorf("below the first point stands %q (%v)", share.Under, err)
	}
	if r.Run.Weeks != 104 || r.Run.Vendors[len(r.Run.Vendors)-1] != agents.InHouse {
		t.Error("a study has no run without luck")
	}
}

// BenchmarkFrame draws each kind as the window does, at the size that it has there.
func BenchmarkFrame(b *testing.B) {
	from := studies(b)
	for _, k := range Kinds {
		results, err := From(b.Context(), from(k.Name), k.Name)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(k.Name, func(b *testing.B) {
			for b.Loop() {
				f, err := Draw(k.Name, results, Options{})
				if err != nil {
					b.Fatal(err)
				}
				f.Image(1200, 700, 1, false)
			}
		})
	}
}
