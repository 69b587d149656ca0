package desktop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"exodus/app/internal/results"
)

// opensOf opens a scenario from its text.
func opensOf(t *testing.T, text string) *opened {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mine.toml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

// fits checks that no page makes the window wider or higher than the smallest screen that it is made for.
func (w *opened) fits() {
	w.t.Helper()
	for i, item := range w.tabs.Items {
		w.tabs.SelectIndex(i)
		w.settle()
		if size := w.win.Content().MinSize(); size.Width > 1024 || size.Height > 700 {
			w.t.Errorf("with %s the window needs %v, of which the page %v", item.Text, size, item.Content.MinSize())
		}
	}
}

// Names of 110 letters end in an ellipsis, and leave room for the numbers.
func TestLongNames(t *testing.T) {
	vendor, lab := strings.Repeat("Vendor of data ", 8)[:110], strings.Repeat("Laboratory and ", 8)[:110]
	w := opensOf(t, fmt.Sprintf(`
title = "%[1]s %[2]s"
start = 2026-01-05
weeks = 40
[vendors."%[1]s"]
[vendors.B]
[labs."%[2]s"]
segment = "%[1]s"
rivalry."%[2]s" = 0.8
exposure = 0.7
exit_weeks = 8
spend = { "%[1]s" = 100, B = 50 }
[owners."%[2]s"]
[events.deal]
date = 2026-02-06
kind = "stake"
owner = "%[2]s"
vendor = "%[1]s"
stake = 0.4
[variants.no-deal]
title = "%[1]s %[2]s"
events.deal.stake = 0
`, vendor, lab))
	w.session.Compare("no-deal")
	w.settle()
	w.fits()
	share := w.pages[0].(*sharePage)
	if !strings.HasPrefix(share.head.Text, "Vendor of data") || !strings.Contains(share.head.Text, "… fell from 66.7% to ") || !strings.HasSuffix(share.head.Text, "% of the market") {
		t.Errorf("the headline says %q", share.head.Text)
	}
	if line := w.snap.Feed[0]; line.Date.Format("2 Jan 2006") != "6 Feb 2026" {
		t.Errorf("a deal on a Friday is told of %s", line.Date.Format("2 Jan 2006"))
	}
	for _, m := range marksOf(w.snap) {
		if len([]rune(m.text)) > 90 {
			t.Errorf("the timeline says %q", m.text)
		}
	}
}

// Of sixty vendors and two hundred labs the largest are shown, and the rest are counted.
func TestLargeMarket(t *testing.T) {
	var text strings.Builder
	text.WriteString("title = \"Sixty suppliers\"\nstart = 2026-01-05\nweeks = 30\n[uncertainty]\nscale = 0.5\n")
	for j := range 60 {
		fmt.Fprintf(&text, "[vendors.\"Supplier %02d\"]\n", j)
	}
	for i := range 200 {
		fmt.Fprintf(&text, "[labs.\"Customer %03d\"]\nsegment = \"all\"\nrivalry.Buyer = 0.5\nexposure = 0.5\nexit_weeks = 8\nspend = { \"Supplier %02d\" = %d, \"Supplier 00\" = 1 }\n", i, 1+i%59, 1+i)
	}
	text.WriteString("[owners.Buyer]\n[events.deal]\ndate = 2026-02-06\nkind = \"stake\"\nowner = \"Buyer\"\nvendor = \"Supplier 00\"\nstake = 0.6\n")
	w := opensOf(t, text.String())
	w.fits()
	lines := readout(w.snap, 20, nil, results.Share)
	if len(lines) > mostReadings || lines[len(lines)-1].cells[0] != "48 others" {
		t.Errorf("the pointer reads %d lines, the last of which is %v", len(lines), lines[len(lines)-1])
	}
	largest := 0
	for j := range 60 {
		if w.snap.Value(results.Share, 20, j) > w.snap.Value(results.Share, 20, largest) {
			largest = j
		}
	}
	if name := fmt.Sprintf("Supplier %02d", largest); lines[2].cells[0] != name {
		t.Errorf("the pointer reads %v first; the largest is %s", lines[2], name)
	}
	if focus := lines[len(lines)-2]; focus.cells[0] != "Supplier 00" {
		t.Errorf("the pointer reads %v last; the market is about Supplier 00", focus)
	}
	trust := w.pages[2].(*trustPage)
	if len(trust.rows) != mostTrustRows || len(trust.columns) != mostTrustColumns || trust.columns[0] != 0 {
		t.Errorf("trust is of %d labs and the vendors %v", len(trust.rows), trust.columns)
	}
	if share := w.pages[0].(*sharePage); !strings.HasSuffix(share.others.Text, "53 others") {
		t.Errorf("below the picture it says %q", share.others.Text)
	}
}

// While the medians of labs are not there yet, the pages of labs show one run, whole, and say so; those of vendors stay.
func TestLabsBeforeMedians(t *testing.T) {
	w := open(t, "")
	early, world := *w.snap, *w.snap.World
	world.Buyers, early.World = nil, &world
	if !early.Medians() {
		t.Fatal("there are no medians of vendors")
	}
	for _, p := range w.pages {
		says, of := p.of(&early), "median of"
		switch p := p.(type) {
		case *trustPage:
			of = "the deterministic run, until the others are done"
		case *agentPage:
			if !p.labs {
				continue
			}
			of = "the deterministic run, until the others are done"
			p.refresh(&early)
			for _, row := range labRows(p.snap) {
				if row[2].text == none.text || row[7].text == none.text {
					t.Errorf("%s has no spend", row[0].text)
				}
			}
		case *sharePage:
		default:
			continue
		}
		if !strings.Contains(says, of) {
			t.Errorf("%q is not of %s", says, of)
		}
	}
	if r := labRows(&early)[0]; r[2].text != none.text {
		t.Error("the test does not show what it is for")
	}
}
