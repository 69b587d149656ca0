package figure

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg/draw"

	"exodus/app/internal/canvas"
	"exodus/scenarios"
)

// marketOf is a market of many vendors and labs of every size, of which each buys from some: one vendor is bought.
func marketOf(t testing.TB, vendors, labs int, more string) *scenarios.Scenario {
	t.Helper()
	dice := rand.New(rand.NewPCG(3, 3))
	var b strings.Builder
	fmt.Fprintf(&b, "title = \"%d suppliers, %d customers\"\nstart = 2026-01-05\nweeks = 60\n", vendors, labs)
	for i := range vendors {
		fmt.Fprintf(&b, "[vendors.\"Supplier %02d\"]\n", i)
	}
	for i := range labs {
		fmt.Fprintf(&b, "[labs.\"Customer %03d\"]\nsegment = \"all\"\nrivalry.Buyer = %v\nexposure = %.2f\nexit_weeks = %d\ngrowth = %.2f\n",
			i, []float64{0, 0.2, 0.5, 0.9}[dice.IntN(4)], 0.1+0.8*dice.Float64(), 2+dice.IntN(29), -0.1+0.4*dice.Float64())
		at := dice.Perm(vendors)[:1+dice.IntN(min(6, vendors))]
		for j := i; j < vendors; j += labs { // so that nobody sells nothing
			if !slices.Contains(at, j) {
				at = append(at, j)
			}
		}
		var spend []string
		for _, j := range at {
			spend = append(spend, fmt.Sprintf("\"Supplier %02d\" = %.1f", j, 0.1+10*dice.ExpFloat64()))
		}
		fmt.Fprintf(&b, "spend = { %s }\n", strings.Join(spend, ", "))
	}
	b.WriteString("[owners.Buyer]\n[events.deal]\ndate = 2026-02-06\nkind = \"stake\"\nowner = \"Buyer\"\nvendor = \"Supplier 00\"\nstake = 0.6\n[variants.no-deal]\nevents.deal.stake = 0\n")
	b.WriteString(more)
	s, err := scenarios.Parse("big.toml", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Of a market with many vendors and labs the largest are drawn, the rest are one line or are said to be left out, and a
// page stays a page: in every kind and at every size.
func TestManyFit(t *testing.T) {
	r := run(t, marketOf(t, 60, 200, ""))
	r.Ghost, r.GhostName = run(t, marketOf(t, 60, 200, "")).Run, "no deal"
	for _, kind := range []string{"share", "spend", "revenue", "gain", "trust", "premium", "flows", "capacity", "timeline"} {
		f, err := Draw(kind, r, Options{})
		if err != nil {
			t.Fatal(err)
		}
		keep(t, "big-"+kind, f)
		for _, size := range Sizes {
			w := &noted{}
			all, f := f, *f
			var unit float64
			w.width = size.width
			w.height, unit = f.fit(size, canvas.Light, true)
			if w.height > size.tallest {
				t.Errorf("%s, %s: %.0f points high, and a page has %.0f", kind, size.Name, w.height, size.tallest)
			}
			f.draw(draw.New(w), canvas.Light, unit, true)
			said, names := "", 0 // names of vendors and labs
			for _, b := range w.boxes {
				said += b.text + " "
				if strings.HasPrefix(b.text, "Supplier ") || strings.HasPrefix(b.text, "Customer ") {
					names++
				}
			}
			if all.lines() > mostLines && !strings.Contains(said, " other") {
				t.Errorf("%s, %s: nothing is said of the others", kind, size.Name)
			}
			if names < min(5, all.lines()) || names > 3*mostLines+5 {
				t.Errorf("%s, %s: %d names are drawn", kind, size.Name, names)
			}
			overlaps(t, kind+", "+size.Name, w)
		}
	}
}

// overlaps reports text that lies on other text, or is cut by the edge of the page.
func overlaps(t *testing.T, name string, w *noted) {
	t.Helper()
	for i, b := range w.boxes {
		if b.x0 < -0.1 || b.y0 < -0.1 || b.x1 > float64(w.width)+0.1 || b.y1 > float64(w.height)+0.1 {
			t.Errorf("%s: %q is cut: %.1f to %.1f of %.1f, %.1f to %.1f of %.1f", name, b.text, b.x0, b.x1, w.width, b.y0, b.y1, w.height)
		}
		for _, c := range w.boxes[:i] {
			if x, y := min(b.x1, c.x1)-max(b.x0, c.x0), min(b.y1, c.y1)-max(b.y0, c.y0); x > 0.3 && y > 0.6 {
				t.Errorf("%s: %q lies on %q by %.1f, %.1f", name, b.text, c.text, x, y)
			}
		}
	}
}

// The line of the others is their sum: the lines of a figure of shares add up to the whole, and at the pointer too.
func TestOthersAddUp(t *testing.T) {
	r := run(t, marketOf(t, 60, 20, ""))
	f, err := Share(r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	values := f.Values(40, false)
	sum := 0.0
	for _, v := range values {
		sum += v.Value
	}
	if len(values) != mostValues || values[len(values)-1].Name != "46 others" || sum < 1-1e-9 || sum > 1+1e-9 {
		t.Errorf("%d values add up to %v: %v", len(values), sum, values)
	}
	if values[0].Name != "Supplier 00" {
		t.Errorf("the vendor that it is about is not among the largest: %v", values)
	}
	// Those that are drawn together differ.
	seen := map[canvas.Look]bool{}
	for _, l := range canvas.Looks([]int{0, 3, 13, 23, 33, 60, 63, 120, 126}) {
		if seen[l] {
			t.Errorf("two lines look alike: %v", l)
		}
		seen[l] = true
	}
}

// A very long name ends in an ellipsis, in every kind.
func TestLongNames(t *testing.T) {
	long := strings.Repeat("Extraordinarily long ", 6)[:120]
	text := strings.ReplaceAll(crowded, "Aardvark Annotation and Data Services of North America", long)
	s, err := scenarios.Parse("long.toml", []byte(strings.ReplaceAll(text, "labs.Only", "labs.\""+long+"!\"")))
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, s)
	for _, name := range []string{"share", "spend", "revenue", "trust", "premium", "capacity", "timeline"} {
		f, err := Draw(name, r, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range Sizes {
			svg, err := f.Write("svg", Paper{Size: size.Name, NoTitle: true}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(svg), "Extraordinarily"); n == 0 || !strings.Contains(string(svg), "…") && n > 3 {
				t.Errorf("%s, %s: the name is written in full", name, size.Name)
			}
		}
		keep(t, "long-"+name, f)
	}
}

// Every event of a week is named at its line, that which weeks are counted from first, with its own date.
func TestEventsOfOneWeek(t *testing.T) {
	text := "title = \"T\"\nstart = 2026-01-05\nweeks = 60\n[vendors.A]\n[vendors.B]\n[labs.L]\nsegment = \"s\"\nexposure = 0.5\nexit_weeks = 4\nspend = { A = 2, B = 1 }\n[owners.O]\n" +
		"[events.price]\ndate = 2027-01-18\nkind = \"price\"\nvendor = \"B\"\nchange = 0.1\n[events.deal]\ndate = 2027-01-20\nkind = \"stake\"\nowner = \"O\"\nvendor = \"A\"\nstake = 0.4\n"
	s, err := scenarios.Parse("t.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	f, err := Share(run(t, s), Options{})
	if err != nil {
		t.Fatal(err)
	}
	svg, err := f.Write("svg", Paper{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	deal, price := strings.Index(string(svg), "20 Jan 2027: O takes 40% of A"), strings.Index(string(svg), "18 Jan 2027: B raises its price by 10%")
	if deal < 0 || price < 0 {
		t.Errorf("the deal is at %d, the price at %d of the SVG", deal, price)
	}
	w := &noted{}
	w.width, w.height = 480, 280
	f.draw(draw.New(w), canvas.Light, 1, true)
	at := map[bool]float64{}
	for _, b := range w.boxes {
		if strings.Contains(b.text, "takes 40%") {
			at[true] = b.y0
		}
		if strings.Contains(b.text, "raises its price") {
			at[false] = b.y0
		}
	}
	if !(at[true] > at[false]) {
		t.Errorf("the deal is named at %v, below the price", at)
	}
	// Of hundreds of events, that one is named still, and the page has room for the data.
	var many strings.Builder
	for i := range 300 {
		fmt.Fprintf(&many, "[events.e%d]\ndate = 2026-%02d-%02d\nkind = \"price\"\nvendor = \"B\"\nchange = 0.001\n", i, 1+i/28, 1+i%28)
	}
	if s, err = scenarios.Parse("t.toml", []byte(strings.Replace(strings.Replace(text, "2026-01-05", "2025-12-29", 1), "[events.price]", many.String()+"[events.price]", 1))); err != nil {
		t.Fatal(err)
	}
	if f, err = Share(run(t, s), Options{}); err != nil {
		t.Fatal(err)
	}
	keep(t, "events", f)
	if svg, err = f.Write("svg", Paper{}, nil); err != nil || !strings.Contains(string(svg), "O takes 40% of A") || !strings.Contains(string(svg), "other events marked without a name") {
		t.Errorf("of 302 events the deal is not named (%v)", err)
	}
}
