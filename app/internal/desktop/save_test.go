package desktop

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"exodus/app/internal/figure"
	"exodus/app/internal/session"
	"exodus/app/internal/store"
)

// What is saved from memory is, byte for byte, what exodus plot draws of the same study, and exodus reproduce draws it again.
func TestSavedAsPlotted(t *testing.T) {
	w := open(t, "meta-scale")
	w.session.Set("labs.Google.exposure", "0.7")
	w.session.Choose("audited-firewall")
	for _, against := range []string{"no-deal", "", "price-cut"} {
		w.session.Compare(against)
		w.session.SetRuns("200")
		w.settle()
		dir := filepath.Join(t.TempDir(), "study")
		if err := w.session.ExportRuns(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		from, err := store.Read(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range []saving{{"share", figure.Options{}}, {"share", figure.Options{Stacked: true, Until: 40}}, {"revenue", figure.Options{Hide: []string{"Surge"}}},
			{"capacity", figure.Options{}}, {"gain", figure.Options{}}, {"facts", figure.Options{}}} {
			if f.kind == "gain" && against == "" {
				continue
			}
			format := figure.Formats[i%len(figure.Formats)]
			got, err := f.write(t.Context(), w.snap, format)
			if err != nil {
				t.Fatal(err)
			}
			want, err := figure.Make(t.Context(), from, f.kind, format, figure.Paper{}, f.options, store.Version())
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s as %s, against %q: %d bytes are saved, and %d are plotted (%v)", f.kind, format, against, len(got), len(want), err)
			}
			if against == "" && i < 2 {
				path := filepath.Join(t.TempDir(), "saved."+format)
				if err := os.WriteFile(path, got, 0o666); err != nil {
					t.Fatal(err)
				}
				if said := w.command([]string{"reproduce", path}); !strings.HasPrefix(said, "identical: "+f.kind) {
					t.Errorf("exodus reproduce says %q", said)
				}
			}
		}
	}
}

// BenchmarkSaveFigure saves figures of 1,000 runs in both worlds, from what is in memory.
func BenchmarkSaveFigure(b *testing.B) {
	s := session.New(session.Config{Scenario: "meta-scale", Runs: 1000})
	defer s.Close()
	snap, err := s.Settled(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for _, kind := range []string{"share", "revenue", "capacity", "facts"} {
		for _, format := range figure.Formats {
			b.Run(kind+"/"+format, func(b *testing.B) {
				for b.Loop() {
					if _, err := (saving{kind, figure.Options{}}).write(b.Context(), snap, format); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
