package store

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
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
		"no weeks":                           {0, 1, 2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			names := func(kind string, n int) (out []string) {
				for i := range n {
					out = append(out, fmt.Sprintf("%s %d é", kind, i))
				}
				return out
			}
			labs, vendors := names("lab", c.labs), names("vendor", c.vendors)
			plan := &study.Plan{Variants: []string{"x", ""}, Params: []string{"p"}, Points: [][]float64{{1}, {2}}, Runs: c.runs, Chunk: 4 * c.runs}
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
			var rowsWant []row
			var relationsWant []relation
			results := make([]study.Result, len(jobs))
			for i, job := range jobs {
				if random.IntN(4) == 0 {
					results[i].Err = errors.New("failed")
					continue
				}
				for range scenarios.Quantities {
					results[i].Series = append(results[i].Series, numbers(c.weeks*c.vendors))
				}
				for range scenarios.Relations {
					results[i].Series = append(results[i].Series, numbers(c.weeks*c.labs*c.vendors))
				}
				q := results[i].Series
				at := 0
				for week := range c.weeks {
					for _, vendor := range vendors {
						rowsWant = append(rowsWant, row{int32(job.Point), plan.Variants[job.Variant], int32(job.Run), int32(week), vendor,
							q[0][at], q[1][at], q[2][at], q[3][at], q[4][at], q[5][at], q[6][at]})
						at++
					}
				}
				at = 0
				for week := range c.weeks {
					for _, lab := range labs {
						for _, vendor := range vendors {
							relationsWant = append(relationsWant, relation{int32(job.Point), plan.Variants[job.Variant], int32(job.Run), int32(week), lab, vendor,
								q[7][at], q[8][at], q[9][at], q[10][at], q[11][at]})
							at++
						}
					}
				}
			}
			r, err := newRows(plan, c.weeks, labs, vendors)
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
			same(t, "part", part.Bytes(), rowsWant)
			if c.labs > 0 {
				same(t, "relations", relations.Bytes(), relationsWant)
			}
		})
	}
}

// same compares the rows of a file with others, bit by bit.
func same[Row any](t *testing.T, what string, content []byte, want []Row) {
	t.Helper()
	got, err := parquet.Read[Row](bytes.NewReader(content), int64(len(content)))
	if err != nil || len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d: %v", what, len(got), len(want), err)
	}
	for i := range got {
		if any(got[i]) == any(want[i]) {
			continue
		}
		if a, b := fmt.Sprintf("%#v", got[i]), fmt.Sprintf("%#v", want[i]); a != b {
			t.Fatalf("%s: row %d is\n%s, want\n%s", what, i, a, b)
		}
	}
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil || f.Schema().String() != parquet.SchemaOf(new(Row)).String() {
		t.Errorf("%s: the columns are %s: %v", what, f.Schema(), err)
	}
}
