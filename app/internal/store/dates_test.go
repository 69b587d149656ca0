package store

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim"
	"exodus/sim/study"
)

// twoSellers is a market whose variants state another start, length, or another vendor.
const twoSellers = `
title = "Two sellers"
start = 2026-01-05
weeks = 40
[vendors.A]
[vendors.B]
[labs.L]
segment = "s"
rivalry.O = 0.8
exposure = 0.7
exit_weeks = 8
spend = { A = 100, B = 50, In-house = 5 }
[owners.O]
[events.deal]
date = 2026-02-02
kind = "stake"
owner = "O"
vendor = "A"
stake = 0.4
[variants.earlier]
start = 2025-12-01
[variants.wednesday]
start = 2025-12-31
[variants.short]
weeks = 20
[variants.longer]
weeks = 60
[variants.entrant]
vendors.C = { capacity = 80 }
[variants.buyer]
labs.M = { segment = "t", exposure = 0.1, exit_weeks = 8, spend = { B = 10 } }
[variants.later]
events.deal.date = 2026-03-02
[variants.far]
start = 2027-06-07
events.deal.date = 2027-07-05
`

// studyOf runs some variants of twoSellers against the reference, and reads the results back.
func studyOf(t *testing.T, full bool, points [][]float64, params []string, variants ...string) (string, *Results) {
	t.Helper()
	s, err := scenarios.Parse("two.toml", []byte(twoSellers))
	if err != nil {
		t.Fatal(err)
	}
	m := scenarios.NewModel(s)
	m.Full = full
	p := &study.Plan{Model: m.Name(), Variants: variants, Params: params, Points: points, Runs: 5, Seed: 1, Chunk: 64}
	if err := m.Prepare(p); err != nil {
		t.Fatal(err)
	}
	head := HeadOf(s, m, p)
	if slices.Contains(variants, scenarios.Reference) && len(variants) > 1 {
		head.Against = scenarios.Reference
	}
	dir := filepath.Join(t.TempDir(), "study")
	st, _ := finish(t, dir, head, m)
	st.Close()
	r, err := Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, r
}

// rowsOf are the rows of a table, by their cells.
func rowsOf(t *testing.T, path string) (rows []map[string]string) {
	t.Helper()
	columns := read(t, path)
	for range columns["point"] {
		rows = append(rows, map[string]string{})
	}
	for name, cells := range columns {
		for i, cell := range cells {
			rows[i][name] = cell
		}
	}
	return rows
}

func median(t *testing.T, row map[string]string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(row["q50"], 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Worlds meet on dates: a market that begins sooner, or goes on for longer, is the same on the same day, and has its own
// weeks in the tables.
func TestVariantsMeetByDate(t *testing.T) {
	dir, r := studyOf(t, true, [][]float64{{}}, nil, "earlier", "wednesday", "short", "longer", "later", scenarios.Reference)
	first, last, rows := map[string]string{}, map[string]string{}, map[string]int{}
	for _, row := range rowsOf(t, filepath.Join(dir, "quantiles.csv")) {
		if row["vendor"] != "A" || row["quantity"] != "share" {
			continue
		}
		v, when := row["variant"], row["week"]+" "+row["date"]
		if rows[v]++; row["week"] == "0" {
			first[v] = when
		}
		if n, _ := strconv.Atoi(row["week"]); n == rows[v]-1 {
			last[v] = when
		}
	}
	for v, want := range map[string][2]string{
		scenarios.Reference: {"0 2026-01-05", "39 2026-10-05"},
		"earlier":           {"0 2025-12-01", "39 2026-08-31"},
		"wednesday":         {"0 2026-01-05", "39 2026-10-05"}, // the Mondays on which its weeks are met
		"short":             {"0 2026-01-05", "19 2026-05-18"},
		"longer":            {"0 2026-01-05", "59 2027-02-22"},
		"later":             {"0 2026-01-05", "39 2026-10-05"},
	} {
		if first[v] != want[0] || last[v] != want[1] {
			t.Errorf("%s goes from %s to %s in quantiles.csv, want %v", v, first[v], last[v], want)
		}
	}
	compared, most := map[string]int{}, map[string]float64{}
	for _, row := range rowsOf(t, filepath.Join(dir, "differences.csv")) {
		if row["vendor"] == "A" && row["quantity"] == "revenue" {
			compared[row["variant"]]++
			most[row["variant"]] = max(most[row["variant"]], math.Abs(median(t, row)))
		}
	}
	for v, want := range map[string]struct {
		rows      int
		low, high float64
	}{
		"earlier": {35, 0, 1}, "short": {20, 0, 0}, "longer": {40, 0, 0}, "later": {40, 5, 100},
	} {
		if compared[v] != want.rows || most[v] < want.low || most[v] > want.high {
			t.Errorf("%s differs from the reference by up to %v on %d dates, want %v", v, most[v], compared[v], want)
		}
	}

	// The row of a date is what the variant by itself has on that date.
	s, err := r.Scenario.With("earlier", nil)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		t.Fatal(err)
	}
	lived, err := agents.Run(t.Context(), plan, sim.Luck{Seed: 1, Run: 3}, agents.Options{})
	if err != nil {
		t.Fatal(err)
	}
	st := &Study{Dir: dir, Head: *r.Head}
	values, err := st.Values(1, 16, 0) // of 27 April, week 16 of the study and week 21 of the variant
	if err != nil {
		t.Fatal(err)
	}
	if got, want := values[0][3], lived.Share(21, 0); got != want || want > 0.6 {
		t.Errorf("the share of A on 27 April is %v in run 3, want %v", got, want)
	}
}

// What one variant alone has is listed in all of them: a vendor that is not there sells nothing, at no price.
func TestVariantsMeetByName(t *testing.T) {
	dir, r := studyOf(t, true, [][]float64{{}}, nil, "entrant", "buyer", scenarios.Reference)
	if got := strings.Join(r.Vendors, " "); got != "A B C In-house" {
		t.Fatalf("the vendors are %s", got)
	}
	shares := map[string]float64{} // by variant and week
	for _, row := range rowsOf(t, filepath.Join(dir, "quantiles.csv")) {
		x, c := median(t, row), row["vendor"] == "C"
		switch there := row["variant"] == "entrant"; {
		case row["quantity"] == "share" && row["week"] == "30":
			shares[row["variant"]] += x
			if c && (x > 0.001) != there {
				t.Errorf("C has a share of %v in %s", x, row["variant"])
			}
		case c && !there && row["quantity"] == "price":
			t.Errorf("C has a price of %v in %s", x, row["variant"])
		case c && !there && x != 0:
			t.Errorf("the %s of C is %v in %s", row["quantity"], x, row["variant"])
		case row["vendor"] == agents.InHouse && slices.Contains([]string{"share", "capacity", "utilisation"}, row["quantity"]):
			t.Fatalf("In-house has a %s", row["quantity"])
		}
	}
	for v, sum := range shares {
		if math.Abs(sum-1) > 0.02 { // medians need not add up to all
			t.Errorf("the shares of %s add up to %v", v, sum)
		}
	}
	gains := 0
	for _, row := range rowsOf(t, filepath.Join(dir, "differences.csv")) {
		if row["variant"] == "entrant" && row["vendor"] == "C" && row["quantity"] == "revenue" && median(t, row) > 0 {
			gains++
		}
	}
	if gains < 30 {
		t.Errorf("C gains in %d weeks", gains)
	}
	labs := map[string]bool{}
	for _, row := range rowsOf(t, filepath.Join(dir, "departures.csv")) {
		labs[row["variant"]+" "+row["lab"]+" "+row["vendor"]] = true
	}
	if !labs["reference M A"] || !labs["buyer M A"] || len(labs) != 6 {
		t.Errorf("departures.csv has %v", labs)
	}
}

// Departures are the share of the runs in which a lab has left, as runs one by one have it.
func TestDepartures(t *testing.T) {
	plan := &study.Plan{Variants: []string{"x", "y"}, Params: []string{"model.p"}, Points: [][]float64{{0.5}, {0.7}}, Runs: 60, Seed: 9, Chunk: 50}
	fails := func(job study.Job) bool { return job.Variant == 0 && job.Point == 1 && job.Run < 10 }
	dir := filepath.Join(t.TempDir(), "study")
	_, sum := runStudy(t, dir, plan, counting{fails}, "y")
	half := Departure{Runs: 60, Left: 0.5, LeftError: math.Sqrt(0.25 / 60), Ever: 0.5, EverError: math.Sqrt(0.25 / 60)}
	back, line := half, Departure{Runs: 60, Left: 0.5, Ever: 0.5}
	back.Left, back.LeftError = 0, 0
	for _, want := range []struct {
		week, lab int
		Departure
	}{{0, 0, Departure{Runs: 60}}, {1, 0, half}, {2, 0, back}, {1, 1, line}} {
		if got := sum.Departure(0, want.week, want.lab); got != want.Departure {
			t.Errorf("week %d, lab %d: %+v, want %+v", want.week, want.lab, got, want.Departure)
		}
	}
	if got := sum.Departure(2, 1, 0); got.Runs != 50 || got.Left != 0.5 {
		t.Errorf("where 10 runs failed: %+v", got)
	}
	text, err := os.ReadFile(filepath.Join(dir, "departures.csv"))
	if err != nil || !strings.Contains(string(text), "\n1,0.7,y,1,2026-01-05,L,A,60,0.5,0.0645") {
		t.Errorf("departures.csv is %.300s: %v", text, err)
	}
	other := filepath.Join(t.TempDir(), "study")
	finish(t, other, StudyHead{Plan: plan, Frame: countingFrame, Against: "y", Measures: counting{}.Measures(), Sketched: true}, counting{fails})
	if sketched, err := os.ReadFile(filepath.Join(other, "departures.csv")); err != nil || string(sketched) != string(text) {
		t.Errorf("sketches have other departures: %v", err)
	}
}

// Worlds that have no date in common are refused, in words; one of them alone is not.
func TestVariantsThatNeverMeet(t *testing.T) {
	s, err := scenarios.Parse("two.toml", []byte(twoSellers))
	if err != nil {
		t.Fatal(err)
	}
	m := scenarios.NewModel(s)
	p := &study.Plan{Model: m.Name(), Variants: []string{"far", scenarios.Reference}, Points: [][]float64{{}}, Runs: 5, Seed: 1, Chunk: 64}
	err = m.Prepare(p)
	if want := "far runs from 7 Jun 2027 to 12 Mar 2028, and reference from 5 Jan 2026 to 11 Oct 2026: they have no date in common"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %v, want %s", err, want)
	}
	p.Variants = []string{"far"}
	if err := m.Prepare(p); err != nil || m.Frame().Start.Year() != 2027 || m.Anchor().Variant != "far" {
		t.Errorf("alone: %v, from %v", err, m.Frame().Start)
	}
}

// A sweep of the length of runs gives each point its own weeks, in sketches too.
func TestPointsOfAnotherLength(t *testing.T) {
	for _, sketched := range []bool{false, true} {
		s, err := scenarios.Parse("two.toml", []byte(twoSellers))
		if err != nil {
			t.Fatal(err)
		}
		m := scenarios.NewModel(s)
		p := &study.Plan{Model: m.Name(), Variants: []string{scenarios.Reference, "earlier"}, Params: []string{"weeks"}, Points: [][]float64{{20}, {45}}, Runs: 4, Seed: 1, Chunk: 64}
		if err := m.Prepare(p); err != nil {
			t.Fatal(err)
		}
		head := HeadOf(s, m, p)
		head.Against, head.Sketched = scenarios.Reference, sketched
		_, sum := finish(t, filepath.Join(t.TempDir(), "study"), head, m)
		runs := func(cells []Quantiles, world int) string {
			from, to := 0, 0
			for week := sum.Weeks().First; week < sum.Weeks().End(); week++ {
				if cells[sum.At(world, week, 0, 0)].Runs == 4 {
					if to++; to == 1 {
						from = week
					}
				}
			}
			return fmt.Sprint(from, "+", to)
		}
		for world, want := range [][2]string{{"0+20", "0+20"}, {"-5+20", "0+15"}, {"0+45", "0+45"}, {"-5+45", "0+40"}} {
			if got, met := runs(sum.Quantiles, world), runs(sum.Differences, world); got != want[0] || met != want[1] {
				t.Errorf("sketched %v, world %d has the weeks %s, and is compared in %s, want %v", sketched, world, got, met, want)
			}
		}
	}
}
