package figure

import (
	"strings"
	"testing"

	"exodus/scenarios"
)

func market(t *testing.T, names ...string) *scenarios.Scenario {
	t.Helper()
	var file strings.Builder
	file.WriteString("title = \"日本の市場 Łódź ё\"\nstart = 2026-01-05\nweeks = 40\n")
	for _, name := range names {
		file.WriteString("[vendors.\"" + name + "\"]\n")
	}
	for _, name := range names {
		file.WriteString("[labs.\"L " + name + "\"]\nsegment = \"s\"\nexposure = 0.5\nexit_weeks = 4\nspend = { \"" + name + "\" = 2 }\n")
	}
	s, err := scenarios.Parse("t.toml", []byte(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Letters that no font has are named, each once; those that a font has, and what has no look of its own, are not.
func TestMissing(t *testing.T) {
	if got := Missing(market(t, "a\U0010fffd")); !strings.HasSuffix(got, "\U0010fffd") { // which no font has
		t.Errorf("missing are %q", got)
	}
	if !Borrows(market(t, "日本電気"), "") || !Borrows(load(t, "meta-scale", ""), "市場") || Borrows(load(t, "meta-scale", ""), "Łódź שוק") {
		t.Error("what is drawn with the fonts of the machine is not told from what is not")
	}
	if got := Missing(load(t, "meta-scale", "")); got != "" {
		t.Errorf("of the reference market missing are %q", got)
	}
}
