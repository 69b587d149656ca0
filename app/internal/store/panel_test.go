package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"

	"exodus/scenarios"
	"exodus/sim/study"
)

// A part holds, read by the library, a row for every run that did not fail, week and vendor, in their order and to the
// last bit; its relations the same for every lab and vendor. How many runs are added at a time makes no difference.
func TestRows(t *testing.T) {
	for name, c := range map[string]struct{ weeks, labs, vendors, runs int }{
		"small":                              {3, 1, 2, 50},
		"pages of less than a block":         {700, 1, 9, 33},
		"a run that is more than a page":     {9000, 0, 15, 1},
		"several groups, and the rest of it": {104, 0, 8, 70},
		"one week":                           {1, 1, 2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			names := func(kind string, n int) (out []string) {
				for i := range n {
					out = append(out, fmt.Sprintf("%s %d é", kind, i))
				}
				return out
			}
			labs, vendors := names("lab", c.labs), names("vendor", c.vendors)
			plan := &study.Plan{Variants: []string{"x", ""}, Params: []string{"p.\"q, r\""}, Points: [][]float64{{1}, {2}}, Runs: c.runs, Chunk: 4 * c.runs}
			head := &StudyHead{Plan: plan, Full: c.labs > 0, Frame: scenarios.Frame{Start: countingFrame.Start, Weeks: c.weeks, Vendors: vendors, Labs: labs}}
			head.Spans = []scenarios.Span{{First: 0, Weeks: c.weeks}, {First: -2, Weeks: c.weeks + 1}}
			jobs := plan.JobsOf(0)
			random := rand.New(rand.NewPCG(1, 2))
			numbers := func(n int) (out []float64) {
				for range n {
					out = append(out, random.NormFloat64())
				}
				if n > 1 {
					out[0], out[1] = math.NaN(), math.Inf(1)
				}
				return out
			}
			none := func(x float64) any { // as a reader has it
				if math.IsNaN(x) || math.IsInf(x, 0) {
					return nil
				}
				return x
			}
			var rowsWant, relationsWant [][]any
			results := make([]study.Result, len(jobs))
			for i, job := range jobs {
				if random.IntN(4) == 0 {
					results[i].Err = errors.New("failed")
					continue
				}
				span := head.Span(head.world(job))
				for range scenarios.Quantities {
					results[i].Series = append(results[i].Series, numbers(span.Weeks*c.vendors))
				}
				for range scenarios.Departures {
					results[i].Series = append(results[i].Series, numbers(span.Weeks*c.labs))
				}
				for range scenarios.Relations {
					results[i].Series = append(results[i].Series, numbers(span.Weeks*c.labs*c.vendors))
				}
				row := func(week int, names ...any) []any {
					day := int32(20451 + 7*(span.First+week))
					return append([]any{int32(job.Point), plan.Points[job.Point][0], plan.Variants[job.Variant], int32(job.Run), int32(week), day}, names...)
				}
				at, pair := 0, 0
				for week := range span.Weeks {
					for _, vendor := range vendors {
						r := row(week, vendor)
						for _, q := range results[i].Series[:len(scenarios.Quantities)] {
							r = append(r, none(q[at]))
						}
						rowsWant = append(rowsWant, r)
						at++
					}
					for _, lab := range labs {
						for _, vendor := range vendors {
							r := row(week, lab, vendor)
							for _, q := range results[i].Series[len(scenarios.Quantities)+len(scenarios.Departures):] {
								r = append(r, none(q[pair]))
							}
							relationsWant = append(relationsWant, r)
							pair++
						}
					}
				}
			}
			r, err := head.newRows()
			if err != nil {
				t.Fatal(err)
			}
			write := func(blocks bool) (part, relations bytes.Buffer) {
				t.Helper()
				err := r.begin(jobs, &part, &relations)
				for first := 0; first < len(jobs) && err == nil; {
					end := len(jobs)
					if blocks {
						for end = first; end < len(jobs) && jobs[end].Run/study.Block == jobs[first].Run/study.Block && jobs[end].Point == jobs[first].Point; end++ {
						}
					}
					err, first = r.add(jobs[first:end], results[first:end]), end
				}
				if err := errors.Join(err, r.end(&partNote{Jobs: len(jobs)})); err != nil {
					t.Fatal(err)
				}
				return part, relations
			}
			part, relations := write(false)
			again, relationsAgain := write(true)
			if !bytes.Equal(part.Bytes(), again.Bytes()) || !bytes.Equal(relations.Bytes(), relationsAgain.Bytes()) {
				t.Error("the files hang on how many runs were added at a time")
			}
			keys := []string{"point", plan.Params[0], "variant", "run", "week", "date"}
			same(t, "part", part.Bytes(), slices.Concat(keys, []string{"vendor"}, scenarios.Quantities), rowsWant)
			if c.labs > 0 {
				same(t, "relations", relations.Bytes(), slices.Concat(keys, []string{"lab", "vendor"}, scenarios.Relations), relationsWant)
			}
		})
	}
}

// same compares the columns of a file and its rows, as the library reads them, with others, bit by bit.
func same(t *testing.T, what string, content []byte, names []string, want [][]any) {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	for _, c := range f.Root().Columns() {
		columns = append(columns, c.Name())
	}
	if !slices.Equal(columns, names) {
		t.Fatalf("%s: the columns are %q, want %q", what, columns, names)
	}
	if f.NumRows() != int64(len(want)) {
		t.Fatalf("%s: %d rows, want %d", what, f.NumRows(), len(want))
	}
	r := parquet.NewReader(f)
	defer r.Close()
	rows := make([]parquet.Row, 100)
	for at := 0; at < len(want); {
		n, err := r.ReadRows(rows)
		for _, row := range rows[:n] {
			for k, v := range row {
				var got any
				switch {
				case v.IsNull():
				case v.Kind() == parquet.Int32:
					got = v.Int32()
				case v.Kind() == parquet.Double:
					got = v.Double()
				default:
					got = v.String()
				}
				if got != want[at][k] {
					t.Fatalf("%s: %s of row %d is %v, want %v", what, names[k], at, got, want[at][k])
				}
			}
			at++
		}
		if err != nil && (err != io.EOF || at < len(want)) {
			t.Fatal(err)
		}
	}
}
