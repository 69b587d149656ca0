package desktop

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"exodus/app/internal/cli"
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
		if l := &snap.Levers[i]; l.Kind == scenarios.Number && random.IntN(2) == 0 {
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
			w.asBatch(at, append([]string{"batch", "meta-scale", "--runs", "20", "--against", "no-deal"}, flags...))
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
	if read := readout(w.snap, w.snap.Shown(), nil, session.Share); read[2+focus].cells[1] != is {
		w.t.Errorf("%s: the pointer reads %v, the vendors page %s", at, read[2+focus].cells, is)
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
	out := w.command(append(args, "--json", "--no-figures", "--out", filepath.Join(w.t.TempDir(), "run")))
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
		if got, want := words.Percent(w.snap.Value(session.Share, week, j)), words.Percent(v.Share["52"]); got != want {
			w.t.Errorf("%s: %s has %s after 52 weeks; exodus run says %s", at, v.Vendor, got, want)
		}
	}
}

// asBatch compares medians with those of the command line.
func (w *opened) asBatch(at string, args []string) {
	w.t.Helper()
	dir := filepath.Join(w.t.TempDir(), "batch")
	w.command(append(args, "--out", dir))
	for file, value := range map[string]func(week, vendor int) (float64, bool){
		"quantiles.csv": func(week, vendor int) (float64, bool) { return w.snap.Value(session.Share, week, vendor), true },
		"differences.csv": func(week, vendor int) (float64, bool) {
			d, ok := w.snap.Gain(session.Share, week, vendor)
			return d[2], ok
		},
	} {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			w.t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
		if err != nil {
			w.t.Fatal(err)
		}
		column := map[string]int{}
		for i, name := range rows[0] {
			column[name] = i
		}
		compared := 0
		for _, row := range rows[1:] {
			week, _ := strconv.Atoi(row[column["week"]])
			want, err := strconv.ParseFloat(row[column["q50"]], 64)
			if row[column["quantity"]] != "share" || row[column["variant"]] != scenarios.Reference || week%10 != 0 || err != nil {
				continue
			}
			for j, name := range w.snap.World.Run.Vendors[:len(w.snap.World.Run.Vendors)-1] {
				if name != row[column["vendor"]] {
					continue
				}
				compared++
				if got, ok := value(week, j); !ok || got-want > 1e-6 || want-got > 1e-6 {
					w.t.Errorf("%s: %s of %s in week %d is %g; the window has %g", at, file, name, week, want, got)
				}
			}
		}
		if compared == 0 {
			w.t.Errorf("%s: nothing of %s was compared", at, file)
		}
	}
}
