package desktop

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"exodus/agents"
	"exodus/agents/field"
	"exodus/app/internal/cli"
	"exodus/app/internal/results"
	"exodus/app/internal/session"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// settings are levers and their values: those at which the pages once contradicted each other first, then any.
func settings(random *rand.Rand, snap *session.Snapshot, k int) map[string]string {
	if k == 0 {
		return map[string]string{"events.deal.stake": "0.83", "events.deal.executives": "0.08", "events.promise.credibility": "0.23", "model.leak_aversion": "3.06"}
	}
	set := map[string]string{}
	for _, i := range snap.Most {
		if l := &snap.Levers[i]; l.Kind == field.Number && random.IntN(2) == 0 {
			set[l.Path] = strconv.FormatFloat(l.Low+random.Float64()*(l.High-l.Low), 'f', 3, 64)
		}
	}
	return set
}

// Whatever the levers are at, all pages say the same of a week, and the same as the command line.
func TestOneTruth(t *testing.T) {
	w := open(t, "meta-scale")
	random := rand.New(rand.NewPCG(1, 2))
	all := 50
	if testing.Short() {
		all = 6
	}
	for k := range all {
		set := settings(random, w.snap, k)
		w.session.ResetAll()
		var flags []string
		for path, value := range set {
			w.session.Set(path, value)
			flags = append(flags, "--set", path+"="+value)
		}
		week, run := w.snap.Weeks, random.IntN(20)
		if k%2 == 1 {
			week = 9 + random.IntN(90)
		}
		w.session.Seek(week)
		if k%3 == 1 {
			w.session.ShowRun(strconv.Itoa(run))
		} else {
			w.session.ShowMedian()
		}
		w.settle()
		for i := range w.pages {
			w.tabs.SelectIndex(i)
		}
		at := fmt.Sprintf("setting %d (%v), %s, week %d", k, set, w.snap.Of(), week)
		w.agree(at)
		switch {
		case k%3 == 1 && week == w.snap.Weeks:
			w.asRun(at, append([]string{"run", "meta-scale", "--run", strconv.Itoa(run)}, flags...))
		case k%5 == 0 && w.snap.Medians():
			w.asStudy(at, append([]string{"compare", "meta-scale", "reference", "no-deal", "--runs", "20"}, flags...))
		}
	}
}

// agree compares what the pages say with each other.
func (w *opened) agree(at string) {
	w.t.Helper()
	share, labs, vendors := w.pages[0].(*sharePage), w.pages[4].(*agentPage), w.pages[5].(*agentPage)
	focus := w.snap.FocusVendor()
	is := vendors.table.rows[focus][1].text
	if !strings.Contains(share.head.Text, is+" of the market") {
		w.t.Errorf("%s: the headline says %q, the vendors page %s", at, share.head.Text, is)
	}
	if read := readout(w.snap, w.snap.Shown(), nil, results.Share); read[2+focus].cells[1] != is {
		w.t.Errorf("%s: the pointer reads %v, the vendors page %s", at, read[2+focus].cells, is)
	}
	if read := readout(w.snap, w.snap.Shown(), nil, results.Revenue); read[2+focus].cells[1] != vendors.table.rows[focus][4].text {
		w.t.Errorf("%s: the pointer reads %v, the vendors page %s", at, read[2+focus].cells, vendors.table.rows[focus][4].text)
	}
	unnamed := 0 // of those who left: where they are many, the headline names some, and counts the others
	if found := otherLeavers.FindStringSubmatch(share.under.Text); found != nil {
		unnamed, _ = strconv.Atoi(found[1])
	}
	for i, lab := range w.snap.World.Run.Labs {
		state := labs.table.rows[i][1].text
		gone := state == "has left" || strings.HasPrefix(state, "left in ")
		in := strings.Contains(share.under.Text, "left it") && strings.Contains(strings.Split(share.under.Text, "   ·   ")[1], lab)
		if gone && !in {
			unnamed--
		}
		if in && !gone || unnamed < 0 {
			w.t.Errorf("%s: of %s the labs page says %q, the headline %q", at, lab, state, share.under.Text)
		}
		told := false
		for _, line := range w.snap.Feed {
			if line.Agent == lab && line.Week <= w.snap.Shown() && strings.Contains(line.Text, "Scale") {
				switch {
				case strings.Contains(line.Text, "has left"):
					told = true
				case strings.Contains(line.Text, "is back"):
					told = false
				}
			}
		}
		if told != gone {
			w.t.Errorf("%s: of %s the labs page says %q; what happened says that it left: %t", at, lab, state, told)
		}
	}
	if unnamed > 0 {
		w.t.Errorf("%s: the headline counts %d who left more than the labs page: %q", at, unnamed, share.under.Text)
	}
}

var otherLeavers = regexp.MustCompile(` and (\d+) others? ha(?:s|ve) left it`)

// command runs one, as on the command line.
func (w *opened) command(args []string) string {
	w.t.Helper()
	var out, errors bytes.Buffer
	if code := cli.Run(w.t.Context(), args, &out, &errors); code != 0 {
		w.t.Fatalf("exodus %v: %s", args, errors.String())
	}
	return out.String()
}

// asRun compares the pages at the end of a run with what the command line says of it.
func (w *opened) asRun(at string, args []string) {
	w.t.Helper()
	var says struct {
		Left    []struct{ Lab, Vendor string }
		Vendors []struct {
			Vendor string
			Share  map[string]float64
		}
	}
	dir := filepath.Join(w.t.TempDir(), "run")
	out := w.command(append(args, "--json", "--no-figures", "--out", dir))
	if err := json.Unmarshal([]byte(out), &says); err != nil {
		w.t.Fatal(err)
	}
	left := map[string]bool{}
	for _, l := range says.Left {
		left[l.Lab] = left[l.Lab] || l.Vendor == "Scale"
	}
	for i, lab := range w.snap.World.Run.Labs {
		if state := w.pages[4].(*agentPage).table.rows[i][1].text; (state == "has left") != left[lab] {
			w.t.Errorf("%s: of %s the labs page says %q; exodus run that it left: %t", at, lab, state, left[lab])
		}
	}
	week := w.snap.World.Scenario.WeekAt(52)
	for j, v := range says.Vendors[:len(says.Vendors)-1] {
		if got, want := words.Percent(w.snap.Value(results.Share, week, j)), words.Percent(v.Share["52"]); got != want {
			w.t.Errorf("%s: %s has %s after 52 weeks; exodus run says %s", at, v.Vendor, got, want)
		}
	}
	w.asReported(at, dir)
}

// asStudy compares medians, and who left in how many runs, with what the command line and the report say.
func (w *opened) asStudy(at string, args []string) {
	w.t.Helper()
	dir := filepath.Join(w.t.TempDir(), "study")
	said := w.command(append(args, "--out", dir))
	for file, value := range map[string]func(week, vendor int) (float64, bool){
		"quantiles.csv": func(week, vendor int) (float64, bool) { return w.snap.Value(results.Share, week, vendor), true },
		"differences.csv": func(week, vendor int) (float64, bool) {
			d, ok := w.snap.Gain(results.Share, week, vendor)
			return d[2], ok
		},
	} {
		compared := 0
		for _, row := range w.rows(filepath.Join(dir, file)) {
			week, _ := strconv.Atoi(row["week"])
			want, err := strconv.ParseFloat(row["q50"], 64)
			j := slices.Index(w.snap.World.Run.Vendors, row["vendor"])
			if row["quantity"] != "share" || row["variant"] != scenarios.Reference || week%10 != 0 || err != nil || row["vendor"] == agents.InHouse {
				continue
			}
			compared++
			if got, ok := value(week, j); !ok || got-want > 1e-6 || want-got > 1e-6 {
				w.t.Errorf("%s: %s of %s in week %d is %g; the window has %g", at, file, row["vendor"], week, want, got)
			}
		}
		if compared == 0 {
			w.t.Errorf("%s: nothing of %s was compared", at, file)
		}
	}
	for _, row := range w.rows(filepath.Join(dir, "departures.csv")) {
		week, _ := strconv.Atoi(row["week"])
		stands, _ := w.snap.Leavings(week, w.snap.FocusVendor())
		for _, l := range stands {
			left, _ := strconv.ParseFloat(row["left"], 64)
			ever, _ := strconv.ParseFloat(row["ever_left"], 64)
			if row["variant"] == scenarios.Reference && row["lab"] == l.Lab && (left != l.Left || ever != l.Ever) {
				w.t.Errorf("%s: departures.csv has %s left in %g, ever in %g; the window has %+v", at, l.Lab, left, ever, l)
			}
		}
	}
	w.asCompared(at, said)
	w.asReported(at, dir)
}

// asCompared compares what exodus compare prints of a year after the deal.
func (w *opened) asCompared(at, said string) {
	w.t.Helper()
	week := w.snap.World.Scenario.WeekAt(52)
	_, gains, _ := strings.Cut(said, "\nGain a year")
	gains, left, _ := strings.Cut(gains, "\nWho has left")
	left, _, _ = strings.Cut(left, "\n\n")
	for j, vendor := range w.snap.World.Run.Vendors {
		d, _ := w.snap.Gain(results.Revenue, week, j)
		last := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(vendor) + ` .*?(\S*USD \S+)( \([^)]*\))?$`).FindStringSubmatch(gains)
		if want := words.Money(d[2]); last == nil || last[1] != want {
			w.t.Errorf("%s: %s gains %s after a year; exodus compare says %s", at, vendor, want, gains)
		}
	}
	stands, _ := w.snap.Leavings(week, w.snap.FocusVendor())
	for _, l := range stands {
		if l.Ever == 0 {
			continue
		}
		if often := regexp.MustCompile(`(?m)^  ` + regexp.QuoteMeta(l.Lab) + ` +` + regexp.QuoteMeta(l.Often()) + `$`); !often.MatchString(left) {
			w.t.Errorf("%s: %s has %s; exodus compare says%s", at, l.Lab, l.Often(), left)
		}
	}
}

// asReported compares what the report of the same runs says: of shares, money, and who left.
func (w *opened) asReported(at, dir string) {
	w.t.Helper()
	w.command([]string{"report", dir})
	content, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		w.t.Fatal(err)
	}
	part := func(from, to string) string {
		_, text, ok := strings.Cut(string(content), from)
		text, _, found := strings.Cut(text, to)
		if !ok || !found {
			w.t.Fatalf("%s: the report has no part from %s to %s", at, from, to)
		}
		return strings.ReplaceAll(html.UnescapeString(tags.ReplaceAllString(text, " ")), "\u00a0", " ")
	}
	s, focus := w.snap.World.Scenario, w.snap.FocusVendor()
	answer, half, year := part(`<div class="answer">`, `</div>`), s.WeekAt(26), s.WeekAt(52)
	expect := func(want string) {
		w.t.Helper()
		if !strings.Contains(answer, want) {
			w.t.Errorf("%s: the report does not say %q, but %s", at, want, answer)
		}
	}
	other, _ := w.snap.Then(half)
	without := w.snap.OtherValue(results.Share, other, slices.Index(w.snap.Other.Run.Vendors, w.snap.World.Run.Vendors[focus]))
	expect("Scale has " + words.Percent(w.snap.Value(results.Share, half, focus)) + " of the market")
	expect("compared with " + words.Percent(w.snap.Value(results.Share, s.WeekAt(-1), focus)) + " the week before the deal and " + words.Percent(without) + " without the deal")
	expect("Its revenue is then " + words.Money(w.snap.Value(results.Revenue, half, focus)) + " a year")
	for _, week := range []int{half, year} {
		d, _ := w.snap.Gain(results.Revenue, week, focus)
		than, by := regexp.MustCompile(`revenue[^;]*? `+regexp.QuoteMeta(words.Money(math.Abs(d[2])))+`( \([^)]*\))? (below|above)`), "above"
		if d[2] < 0 {
			by = "below"
		}
		if found := than.FindStringSubmatch(answer); math.Abs(d[2]) >= 0.05 && (found == nil || found[2] != by) {
			w.t.Errorf("%s: in week %d the revenue is %s %s; the report says %s", at, week, words.Money(math.Abs(d[2])), by, answer)
		}
	}
	shares, gains := part(`<caption><span>Share of the market by vendor</span></caption>`, `</table>`), part(`<caption><span>Revenue a year, against`, `</table>`)
	for j, vendor := range w.snap.World.Run.Vendors {
		row := func(table string) string {
			_, row, _ := strings.Cut(table, " "+vendor+" ")
			row, _, _ = strings.Cut(row, "\n")
			return row
		}
		if want := words.Percent(w.snap.Value(results.Share, year, j)); vendor != agents.InHouse && !strings.Contains(row(shares), want) {
			w.t.Errorf("%s: %s has %s after a year; the report says %s", at, vendor, want, row(shares))
		}
		d, _ := w.snap.Gain(results.Revenue, year, j)
		if want := words.SignedMoney(d[2]); !strings.Contains(row(gains), want) {
			w.t.Errorf("%s: %s gains %s after a year; the report says %s", at, vendor, want, row(gains))
		}
	}
	stands, _ := w.snap.Leavings(year, focus)
	leaving := regexp.MustCompile(`.*; a year after`).FindString(answer)
	for _, l := range stands {
		want, says := fmt.Sprintf("%s(?: has left Scale)? in %s( of|,|;| and)", regexp.QuoteMeta(l.Lab), words.WholePercent(l.Left)), l.Left >= 0.05
		if !w.snap.Medians() {
			want, says = fmt.Sprintf(`%s\b[^+]* in week %s\b.* leaves? Scale`, regexp.QuoteMeta(l.Lab), regexp.QuoteMeta(sinceEvent(s.Since(l.Since)))), l.HasLeft()
		}
		if said := regexp.MustCompile(want).MatchString(leaving); said != says {
			w.t.Errorf("%s: %s has left in %g, since week %d; the report says %s", at, l.Lab, l.Left, l.Since, leaving)
		}
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// rows are those of a CSV file, by the names of their columns.
func (w *opened) rows(path string) (all []map[string]string) {
	w.t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	table, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, row := range table[1:] {
		named := map[string]string{}
		for i, text := range row {
			named[table[0][i]] = text
		}
		all = append(all, named)
	}
	return all
}
