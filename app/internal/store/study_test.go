package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"exodus/scenarios"
	"exodus/sim"
	"exodus/sim/study"
)

// counting is a model whose numbers are easy to foresee: in run r at point p, each quantity of vendor v in week w is
// 1000 r + 100 p + 10 w + v, and a millionth of it the share. Some runs fail.
type counting struct{ fails func(job study.Job) bool }

var countingFrame = scenarios.Frame{
	Start: time.Date(2025, 12, 29, 0, 0, 0, 0, time.UTC), Weeks: 3, Vendors: []string{"A", "B"}, Labs: []string{"L", "M"}, Focus: "A",
}

func (counting) Series() []string   { return nil }
func (counting) Measures() []string { return []string{"facts.f", "facts.g"} }
func (counting) Steps() int         { return 3 }
func (m counting) Run(_ context.Context, _ *study.Plan, jobs []study.Job) ([]study.Result, error) {
	results := make([]study.Result, len(jobs))
	for i, job := range jobs {
		if m.fails != nil && m.fails(job) {
			results[i].Err = &sim.AgentError{Agent: "lab", Phase: "decide", Week: 2, Luck: sim.Luck{Seed: 1, Run: uint64(job.Run)}, Value: errors.New("no number")}
			continue
		}
		results[i].Measures = []float64{float64(job.Run), math.Inf(1)}
		if job.Variant == 0 {
			results[i].Measures[1] = math.NaN() // there is none
		}
		for _, quantity := range scenarios.Quantities {
			var s []float64
			for w := range 3 {
				for v := range countingFrame.Vendors {
					x := float64(1000*job.Run + 100*job.Point + 10*w + v)
					if quantity == "share" { // which is at most 1
						x /= 1e6
					}
					s = append(s, x)
				}
			}
			results[i].Series = append(results[i].Series, s)
		}
		// L has left in every second run, from week 1 on, and is back in week 2; half of M have in every run.
		left := float64(job.Run % 2)
		results[i].Series = append(results[i].Series, []float64{0, 0.5, left, 0.5, 0, 0.5}, []float64{0, 0.5, left, 0.5, left, 0.5})
	}
	return results, nil
}

func runStudy(t *testing.T, dir string, plan *study.Plan, m study.Model, against string) (*Study, *Summary) {
	t.Helper()
	return finish(t, dir, StudyHead{Plan: plan, Frame: countingFrame, Against: against, Measures: counting{}.Measures()}, m)
}

// finish runs what a study lacks, and sums it up.
func finish(t testing.TB, dir string, head StudyHead, m study.Model) (*Study, *Summary) {
	t.Helper()
	s, err := OpenStudy(dir, head, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	missing, err := s.Missing()
	if err == nil {
		err = s.Run(t.Context(), s.Head.Maker(m), missing, func(int) {})
	}
	if err != nil {
		t.Fatal(err)
	}
	summary, err := s.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return s, summary
}

// Quantiles are those of the runs, cell by cell; in the differences, each run meets itself.
func TestStudyQuantiles(t *testing.T) {
	plan := &study.Plan{Variants: []string{"x", "y"}, Params: []string{"p"}, Points: [][]float64{{0.5}, {0.7}}, Runs: 101, Chunk: 37}
	dir := filepath.Join(t.TempDir(), "study")
	s, sum := runStudy(t, dir, plan, counting{}, "y")
	for world := range 4 {
		for week := range 3 {
			for v := range 2 {
				for quantity := range scenarios.Quantities {
					base := float64(100*(world/2) + 10*week + v)
					q := sum.Quantiles[sum.At(world, week, v, quantity)]
					if scenarios.Quantities[quantity] == "share" {
						for k := range q.Value {
							q.Value[k], q.Error[k] = math.Round(q.Value[k]*1e9)/1e3, q.Error[k]*1e6
						}
					}
					if want := [5]float64{5000 + base, 25000 + base, 50000 + base, 75000 + base, 95000 + base}; q.Value != want || q.Runs != 101 {
						t.Fatalf("world %d, week %d, vendor %d: the quantiles of %d runs are %v, want %v", world, week, v, q.Runs, q.Value, want)
					}
					// The rank of the median of n has the standard error sqrt(n)/2, and ranks are 1000 apart.
					if want := 1000 * 100 * 0.5 / math.Sqrt(101); math.Abs(q.Error[2]-want) > 1e-6*want {
						t.Fatalf("the Monte Carlo error of the median is %v, want %v", q.Error[2], want)
					}
					if d := sum.Differences[sum.At(world, week, v, quantity)]; d.Runs != 101 || d.Value != [5]float64{} || d.Error != [5]float64{} {
						t.Fatalf("an empty change differs by %v", d)
					}
				}
			}
		}
	}
	lines, err := os.ReadFile(filepath.Join(dir, "quantiles.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(lines), "\n1,0.7,y,2,2026-01-12,B,load,101,5121,") || bytes.Count(lines, []byte("\n")) != 1+4*3*2*7 {
		t.Errorf("quantiles.csv is %.300s", lines)
	}

	// The rows of the parts are all runs, weeks and vendors, once each.
	seen := map[string]bool{}
	for chunk := range plan.Chunks() {
		rows, err := parquet.ReadFile[partRow](filepath.Join(s.parts(), PartName(chunk)))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			seen[fmt.Sprint(r.Point, r.Variant, r.Run, r.Week, r.Vendor)] = true
			v := float64(strings.Index("AB", r.Vendor))
			want := float64(1000*r.Run+100*r.Point+10*r.Week) + v
			if *r.Load != want || *r.Share != want/1e6 || *r.Inquiries != want || r.P != plan.Points[r.Point][0] || r.Date != 20451+7*r.Week {
				t.Fatalf("%+v has a load of %v, want %v", r, *r.Load, want)
			}
		}
	}
	if len(seen) != 404*3*2 {
		t.Errorf("%d different rows, want %d", len(seen), 404*6)
	}
}

// partRow is a row of a part of a study that varies p.
type partRow struct {
	Point   int32   `parquet:"point"`
	P       float64 `parquet:"p"`
	Variant string  `parquet:"variant"`
	Run     int32   `parquet:"run"`
	Week    int32   `parquet:"week"`
	Date    int32   `parquet:"date,date"`
	Vendor  string  `parquet:"vendor"`

	Revenue     *float64 `parquet:"revenue"`
	Share       *float64 `parquet:"share"`
	Load        *float64 `parquet:"load"`
	Capacity    *float64 `parquet:"capacity"`
	Price       *float64 `parquet:"price"`
	Utilisation *float64 `parquet:"utilisation"`
	Inquiries   *float64 `parquet:"inquiries"`
}

// runRow is a row of runs.parquet, with its one parameter.
type runRow struct {
	Point   int32    `parquet:"point"`
	Variant string   `parquet:"variant"`
	Run     int32    `parquet:"run"`
	Seed    int64    `parquet:"seed"`
	Start   int32    `parquet:"start,date"`
	Status  string   `parquet:"status"`
	Error   string   `parquet:"error"`
	P       float64  `parquet:"model.p"`
	F       *float64 `parquet:"facts.f"`
	G       *float64 `parquet:"facts.g"`
}

// A run that fails is a row with its error and how to repeat it; the others are summed up without it, and pairs
// without their partner are no pairs.
func TestStudyWithFailures(t *testing.T) {
	plan := &study.Plan{Variants: []string{"x", "y"}, Params: []string{"model.p"}, Points: [][]float64{{0.5}, {0.7}}, Runs: 60, Seed: 9, Chunk: 50}
	fails := func(job study.Job) bool {
		return job.Variant == 0 && job.Point == 1 && slices.Contains([]int{0, 7, 31, 59}, job.Run)
	}
	dir := filepath.Join(t.TempDir(), "study")
	_, sum := runStudy(t, dir, plan, counting{fails}, "y")
	if sum.Failed != 4 {
		t.Errorf("%d runs failed", sum.Failed)
	}
	for world, want := range []int{60, 60, 56, 60} {
		if got := sum.Quantiles[sum.At(world, 2, 1, 0)].Runs; got != want {
			t.Errorf("world %d is summed up from %d runs, want %d", world, got, want)
		}
		if d := sum.Differences[sum.At(world, 2, 1, 0)]; d.Runs != want || d.Value != [5]float64{} {
			t.Errorf("world %d has %d pairs that differ by %v, want %d that do not", world, d.Runs, d.Value, want)
		}
	}
	rows, err := parquet.ReadFile[runRow](filepath.Join(dir, "runs.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != plan.Jobs() {
		t.Fatalf("runs.parquet has %d rows", len(rows))
	}
	for i, r := range rows {
		job := plan.Job(i)
		want := runRow{Point: int32(job.Point), Variant: plan.Variants[job.Variant], Run: int32(job.Run), Seed: 9, Start: 20451, Status: "ok", P: plan.Points[job.Point][0]}
		f, g := r.F, r.G
		r.F, r.G = nil, nil
		if fails(job) != (f == nil) || f != nil && *f != float64(job.Run) || g != nil { // one is none, and one infinite
			t.Fatalf("row %d has the measures %v and %v", i, f, g)
		}
		if fails(job) {
			want.Status, want.Error = "failed", fmt.Sprintf("lab panicked: no number (week 2, phase decide, seed 1, run %d)", job.Run)
		}
		if r != want {
			t.Fatalf("row %d is %+v, want %+v", i, r, want)
		}
	}
}

// What a process that was killed left beside its place is swept up, also where it was killed before all else.
func TestStudySweeps(t *testing.T) {
	plan := &study.Plan{Variants: []string{"x"}, Points: [][]float64{{}}, Runs: 2, Chunk: 5}
	dir := filepath.Join(t.TempDir(), "study")
	for _, before := range []string{"nothing", "a study"} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		left, err := newStage(dir)
		if err != nil {
			t.Fatal(err)
		}
		left.lock.Close() // as when its process ends
		s, _ := runStudy(t, dir, plan, counting{}, "")
		s.Close()
		if got := names(t, dir); got != "departures.csv parts quantiles.csv runs.parquet study.json" {
			t.Errorf("where there was %s, the directory holds %s", before, got)
		}
	}
}

// A study whose head was changed, or that is of another format, is refused.
func TestStudyHead(t *testing.T) {
	plan := &study.Plan{Variants: []string{"x"}, Points: [][]float64{{}}, Runs: 2, Chunk: 5}
	dir := filepath.Join(t.TempDir(), "study")
	s, _ := runStudy(t, dir, plan, counting{}, "")
	s.Close()
	path := filepath.Join(dir, headName)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string][2]string{
		`the study compares with "y"`:                                   {`"weeks": 3`, `"against": "y", "weeks": 3`},
		"it is not what its hash says":                                  {`"runs": 2`, `"runs": 3`},
		"it is not what its hash says; put":                             {`"weeks": 3`, `"weeks": 4`},
		"in format 7; this version":                                     {`"format": 2`, `"format": 7`},
		"not a study that can be read":                                  {`"plan": {`, `"plan": [`},
		"written by version unknown of exodus, whose model was another": {`"format": 2,`, `"format": 1,`},
	} {
		bad := strings.Replace(string(good), change[0], change[1], 1)
		if bad == string(good) {
			t.Fatalf("%s is not in %s", change[0], good)
		}
		if err := os.WriteFile(path, []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenStudy(dir, StudyHead{Plan: plan, Frame: countingFrame, Measures: counting{}.Measures()}, true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
}

// BenchmarkPart encodes a part of the reference market: rows a second.
func BenchmarkPart(b *testing.B) {
	s, err := scenarios.Load("meta-scale")
	if err != nil {
		b.Fatal(err)
	}
	model := scenarios.NewModel(s)
	p := &study.Plan{Model: model.Name(), Variants: []string{scenarios.Reference}, Points: [][]float64{{}}, Runs: 512, Seed: 1, Chunk: 512}
	jobs := p.JobsOf(0)
	results, err := model.Run(b.Context(), p, jobs)
	if err != nil {
		b.Fatal(err)
	}
	head := HeadOf(s, model, p)
	e, err := head.newRows()
	for b.Loop() {
		err = errors.Join(err, e.begin(jobs, io.Discard, nil), e.add(jobs, results), e.end(nil))
	}
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N*p.Runs*s.Spec.Weeks*len(model.Vendors()))/b.Elapsed().Seconds(), "rows/s")
}

// Where memory holds but a few weeks at a time, quantiles come to the same from parts that are read again and again, and
// from parts that are read once and cut; nothing is left of what was cut.
func TestSummaryOfLittleMemory(t *testing.T) {
	plan := &study.Plan{Variants: []string{"x", "y"}, Params: []string{"p"}, Points: [][]float64{{0.5}, {0.7}}, Runs: 101, Chunk: 37}
	fails := func(job study.Job) bool { return (job.Run+job.Point)%7 == 0 }
	dir := filepath.Join(t.TempDir(), "study")
	s, want := runStudy(t, dir, plan, counting{fails}, "y")
	before := names(t, dir)
	defer func(most int) { mostValues = most }(mostValues)
	mostValues = 1
	for _, place := range []string{dir, filepath.Join(dir, "parts", "none")} { // the second has no room for what is cut
		values, err := s.matrix(s.all())
		if err != nil {
			t.Fatal(err)
		}
		if values.stage, err = newStage(place); (err == nil) != (place == dir) {
			t.Fatal(err)
		}
		for quantity := range scenarios.Quantities {
			cut := values.cut(quantity, 2)
			if (cut != nil) != (place == dir) {
				t.Fatalf("in %s the parts were cut: %v", place, cut != nil)
			}
			if cut == nil {
				continue
			}
			for _, weeks := range [][2]int{{0, 2}, {2, 3}} {
				if err := values.readCut(cut, weeks[0], weeks[1]); err != nil {
					t.Fatal(err)
				}
				for world := range 4 {
					for week := weeks[0]; week < weeks[1]; week++ {
						for v := range 2 {
							if got := distribution(values.at(world, week, v)); got != want.Quantiles[want.At(world, week, v, quantity)] {
								t.Fatalf("world %d, week %d, vendor %d: %v, want %v", world, week, v, got, want.Quantiles[want.At(world, week, v, quantity)])
							}
						}
					}
				}
			}
			cut.Close()
		}
		if values.stage != nil {
			values.stage.remove()
		}
	}
	again, err := s.summarise(s.all()) // three weeks, one at a time
	if err != nil || !slices.Equal(again.Quantiles, want.Quantiles) || !slices.Equal(again.Differences, want.Differences) {
		t.Errorf("read a week at a time, the summary is another one: %v", err)
	}
	if after := names(t, dir); after != before {
		t.Errorf("the directory holds %s, before it was %s", after, before)
	}
}
