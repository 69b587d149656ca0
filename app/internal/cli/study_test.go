package cli

import (
	"math"
	"slices"
	"strings"
	"testing"

	"exodus/scenarios"
)

// Whatever is typed as a sweep is refused in words, or comes to as many finite levels as a design may have, by a path
// that reads back as itself.
func FuzzParseSweep(f *testing.F) {
	for _, text := range []string{"events.deal.stake=0:0.49:0.07", "model.herding=3:8", `labs."a=b".spend.'x.y'=1,2,3`, "x=1e308:1e308:1", "=", `a"=1`, "weeks=-1:1e9:1e-9"} {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, grid bool) {
		p, err := parseSweep(text, grid)
		if err != nil {
			return
		}
		keys, err := scenarios.ParsePath(p.Name)
		if err != nil || strings.ToValidUTF8(p.Name, "") == p.Name && scenarios.JoinPath(keys...) != p.Name {
			t.Errorf("%q is of %q, which is read as %q (%v)", text, p.Name, keys, err)
		}
		for _, x := range append(slices.Clone(p.Levels), p.Low, p.High) {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				t.Errorf("%q has the level %v", text, x)
			}
		}
		if grid != (len(p.Levels) > 0) || !grid && !(p.Low < p.High) {
			t.Errorf("%q has the levels %v from %v to %v", text, p.Levels, p.Low, p.High)
		}
	})
}

// Much memory is announced, and what every machine has is not.
func TestWarnOfMemory(t *testing.T) {
	for _, c := range []struct {
		labs, runs, workers int
		want                string
	}{
		{10, 1000, 8, ""}, {100_000, 1, 0, ""}, {1_000_000, 1, 4, "1,000,000 labs will take about 3.4 GB of memory.\n"},
		{1_000_000, 100, 2, "1,000,000 labs will take about 6.8 GB of memory, for 2 runs at once.\n"},
	} {
		var out strings.Builder
		if warnOfMemory(&out, c.labs, c.runs, c.workers); out.String() != c.want {
			t.Errorf("%+v: %q", c, out.String())
		}
	}
}
