package words

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestNumbers(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct{ is, want string }{
		{Percent(0.2884), "28.8%"}, {Percent(0), "0.0%"}, {Percent(-0.0001), "0.0%"}, {Percent(-0.123), "−12.3%"}, {Percent(nan), "none"}, {Percent(12.345), "1,234.5%"},
		{WholePercent(0.924), "92%"}, {WholePercent(-0.004), "0%"},
		{SignedPercent(0.47), "+47%"}, {SignedPercent(-0.004), "0%"}, {SignedPercent(-0.2), "−20%"}, {SignedPercent(inf), "+∞%"},
		{StatedPercent(0.49), "49%"}, {StatedPercent(0.125), "12.5%"}, {StatedPercent(1), "100%"}, {StatedPercent(0.0025), "0.25%"}, {StatedPercent(-0.1), "−10%"},
		{Points(0.012), "+1.2 pts"}, {Points(-0.0001), "0.0 pts"}, {Points(-0.123), "−12.3 pts"}, {Points(nan), "none"},
		{Fixed(-0.04, 1), "0.0"}, {Fixed(1234567.891, 2), "1,234,567.89"}, {Fixed(-1234.5, 1), "−1,234.5"}, {Fixed(-inf, 1), "−∞"}, {Fixed(1e300, 1), "1.00e+300"},
		{Signed(3, 0), "+3"}, {Signed(-3, 0), "−3"}, {Signed(-0.4, 0), "0"}, {Signed(math.Copysign(0, -1), 1), "0.0"}, {Signed(nan, 1), "none"},
		{Measured(0.012), "0.0120"}, {Measured(4), "4.00"}, {Measured(999.6), "1,000"}, {Measured(1234.5), "1,234"}, {Measured(-0.5), "−0.500"}, {Measured(0), "0"}, {Measured(1e-9), "1.00e−09"},
		{Stated(0.012), "0.012"}, {Stated(4), "4"}, {Stated(100), "100"}, {Stated(0.30000000000000004), "0.3"}, {Stated(-2.50), "−2.5"},
	} {
		if c.is != c.want {
			t.Errorf("%q, want %q", c.is, c.want)
		}
	}
}

func TestMoney(t *testing.T) {
	for million, want := range map[float64][3]string{
		0:           {"USD 0", "USD 0", "USD 0"},
		-1e-12:      {"USD 0", "USD 0", "USD 0"},
		0.00017:     {"USD 170", "+USD 170", "USD 170"},
		0.45:        {"USD 450K", "+USD 450K", "USD 450K"},
		-0.17:       {"−USD 170K", "−USD 170K", "−USD 170K"},
		0.0009999:   {"USD 1.00K", "+USD 1.00K", "USD 1K"},
		0.9996:      {"USD 1.00M", "+USD 1.00M", "USD 1M"},
		7.3:         {"USD 7.30M", "+USD 7.30M", "USD 7.3M"},
		12.34:       {"USD 12.3M", "+USD 12.3M", "USD 12.3M"},
		999.4:       {"USD 999M", "+USD 999M", "USD 999M"},
		999.7:       {"USD 1.00B", "+USD 1.00B", "USD 1B"},
		7590:        {"USD 7.59B", "+USD 7.59B", "USD 7.59B"},
		14_000_000:  {"USD 14.0T", "+USD 14.0T", "USD 14T"},
		-29e9:       {"−USD 29,000T", "−USD 29,000T", "−USD 29,000T"},
		math.Inf(1): {"USD ∞", "+USD ∞", "USD ∞"},
	} {
		if got := [3]string{Money(million), SignedMoney(million), StatedMoney(million)}; got != want {
			t.Errorf("%v is %q, want %q", million, got, want)
		}
	}
	if got := Money(math.NaN()) + SignedMoney(math.NaN()); got != "nonenone" {
		t.Errorf("nothing is %q", got)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1000: "−1,000", -999: "−999", math.MaxInt: "9,223,372,036,854,775,807", math.MinInt: "−9,223,372,036,854,775,808"} {
		if got := Count(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	if got := Counted(1, "run") + Counted(0, "run") + Counted(2000, "run"); got != "1 run0 runs2,000 runs" {
		t.Error(got)
	}
}

func TestTexts(t *testing.T) {
	day := time.Date(2025, 6, 3, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct{ is, want string }{
		{Date(day), "3 Jun 2025"}, {LongDate(day), "3 June 2025"},
		{List(nil), ""}, {List([]string{"A"}), "A"}, {List([]string{"A", "B"}), "A and B"}, {List([]string{"A", "B", "C"}), "A, B and C"},
		{ListOf([]string{"A", "B", "C", "D"}, 2), "A, B and 2 others"}, {ListOf([]string{"A", "B", "C"}, 2), "A, B and 1 other"}, {ListOf([]string{"A", "B"}, 2), "A and B"},
		{ListOf([]string{"A", "B"}, 0), "2 others"},
		{Ellipsis("Supplier", 8), "Supplier"}, {Ellipsis("Supplier 02", 8), "Supplie…"}, {Ellipsis("Big Supplier", 5), "Big…"}, {Ellipsis("日本電気", 5), "日本…"}, {Ellipsis("日本電気", 4), "日…"},
		{Ellipsis("Cafe\u0301 Noir", 5), "Cafe\u0301…"}, {Ellipsis("👩‍💻👩‍💻", 3), "👩‍💻…"}, {Ellipsis("AB", 1), "…"}, {Ellipsis("AB", 0), ""}, {Ellipsis("AB", -3), ""},
		{Pad("日本", 6) + "|", "日本  |"}, {PadLeft("e\u0301", 3), "  e\u0301"}, {Pad("longer", 3), "longer"},
		{Quote("a\x1b[2J\u202e"), `"a\x1b[2J\u202e"`},
		{OneLine("a\nb\x1b\u202e\ufffe日本 می\u200cخواهم"), `a\nb\x1b\u202e\ufffe日本 می` + "\u200cخواهم"}, {OneLine("plain"), "plain"}, {OneLine("\xff"), `\ufffd`},
	} {
		if c.is != c.want {
			t.Errorf("%q, want %q", c.is, c.want)
		}
	}
}

// Cells of other scripts stand under one another.
func TestTable(t *testing.T) {
	table := Table{Align: "lr"}
	table.Row("Market share", "before", "change")
	table.Row("日本電気株式会社", "28.8%", "−12.3 pts")
	table.Line("and more")
	table.Row("Scale", "1,028.8%", "")
	want := `
Market share        before     change
日本電気株式会社     28.8%  −12.3 pts
and more
Scale             1,028.8%
`
	if got := table.String(); got != strings.TrimPrefix(want, "\n") {
		t.Errorf("is\n%s", got)
	}
}

func TestFileName(t *testing.T) {
	long := strings.Repeat("電", 300)
	for _, c := range []struct{ name, suffix, want string }{
		{"audited-firewall", "", "audited-firewall"}, {"no deal, at all", "-seed7", "no deal, at all-seed7"}, {"50/50", "", "50-50"}, {`a\b:c`, "", "a-b-c"},
		{"../../escape", "", "..-..-escape"}, {"..", "", "-"}, {".", "", "-"}, {"", "", "-"}, {"", ".svg", ".svg"}, {"x.", "", "x-"}, {"x ", "", "x-"}, {"..", "-seed2", "..-seed2"},
		{"nul", "", "-nul"}, {"Con.x", "", "-Con.x"}, {"com1", "-seed2", "com1-seed2"}, {"console", "", "console"}, {"a\x00\x1b\u202eb\xff", "", "a---b-"},
		{long, "-seed2", strings.Repeat("電", 64) + "-seed2"},
	} {
		got := FileName(c.name, c.suffix)
		if got != c.want {
			t.Errorf("%q and %q make %q, want %q", c.name, c.suffix, got, c.want)
		}
		if len(got) > mostFile || strings.ContainsAny(got, `/\`) || got == "." || got == ".." {
			t.Errorf("%q is not the name of a file", got)
		}
	}
}
