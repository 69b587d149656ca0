package scenarios

import (
	"slices"
	"testing"
	"unicode/utf8"
)

func TestMetric(t *testing.T) {
	known := []string{"Scale", "A.I. Labs", "B@home", `"Q"`, "Caf\u00e9", "x<=y"}
	for text, want := range map[string]Metric{
		"share.Scale@26": {"share", "Scale", 26}, "share.Scale@+26": {"share", "Scale", 26}, "load.Scale@-1": {"load", "Scale", -1},
		"share.A.I. Labs@0": {"share", "A.I. Labs", 0}, `share."A.I. Labs"@0`: {"share", "A.I. Labs", 0}, "share.'B@home'@3": {"share", "B@home", 3},
		"share.B@home@3": {"share", "B@home", 3}, `share."Q"@3`: {"share", `"Q"`, 3}, "share.Cafe\u0301@3": {"share", "Caf\u00e9", 3},
		` share . Scale @ 3 `: {"share", "Scale", 3}, "share.x<=y@2": {"share", "x<=y", 2}, "share.Scal@1": {"share", "Scal", 1},
	} {
		got, err := ParseMetric(text, known)
		if err != nil || got != want {
			t.Errorf("%s is read as %+v (%v)", text, got, err)
		}
		if again, err := ParseMetric(got.String(), nil); err != nil || again != got {
			t.Errorf("%s is written as %s, which is read as %+v (%v)", text, got, again, err)
		}
	}
	for _, text := range []string{"", "@", "share@26", "share.@26", ".Scale@26", "share.Scale", "share.Scale@", "share.Scale@x", "share.Scale@1.5", "share.Scale@99999999999999999999", `share.""@26`} {
		if got, err := ParseMetric(text, known); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func FuzzParseMetric(f *testing.F) {
	for _, text := range []string{"share.Scale@26", `load."a.b@c"@-1`, "share.'x'@+0", `."@"@1`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMetric(text, nil)
		if err != nil || !utf8.ValidString(text) || !slices.Contains(Quantities, m.Quantity) {
			return // no file has such a vendor, and no model such a quantity
		}
		if again, err := ParseMetric(m.String(), nil); err != nil || again != m {
			t.Errorf("%q is %+v, written as %s, which is read as %+v (%v)", text, m, m, again, err)
		}
	})
}
