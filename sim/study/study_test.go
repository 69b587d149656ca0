package study

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/unicode"
)

func params(n int) []Param {
	all := make([]Param, n)
	for i := range all {
		all[i] = Param{Name: string(rune('a' + i)), High: 1}
	}
	return all
}

// The first points agree with those that the authors of the direction numbers publish with their program.
func TestSobolPublished(t *testing.T) {
	got, err := Sobol(params(3), 9)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]float64{{0.5, 0.5, 0.5}, {0.75, 0.25, 0.25}, {0.25, 0.75, 0.75}, {0.375, 0.375, 0.625}, {0.875, 0.875, 0.125},
		{0.625, 0.125, 0.875}, {0.125, 0.625, 0.375}, {0.1875, 0.3125, 0.9375}, {0.6875, 0.8125, 0.4375}}
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("point %d is %v, want %v", i+1, got[i], want[i])
		}
	}
}

// In every dimension, of the first 2^k points with the origin exactly one lies in each part of size 2^-k; and
// every pair of dimensions is stratified in some such way, which a wrong row of the table breaks.
func TestSobolStratified(t *testing.T) {
	const n = 1024
	points, err := Sobol(params(MostSobol), n-1)
	if err != nil {
		t.Fatal(err)
	}
	points = append(points, make([]float64, MostSobol))
	for k := range MostSobol {
		var hit [n]bool
		for _, p := range points {
			hit[int(p[k]*n)] = true
		}
		if slices.Contains(hit[:], false) {
			t.Errorf("dimension %d leaves a part of its range empty", k+1)
		}
		for j := range k {
			sum := 0.0
			for _, p := range points {
				sum += (p[k] - 0.5) * (p[j] - 0.5)
			}
			if r := 12 * sum / n; math.Abs(r) > 0.25 {
				t.Errorf("dimensions %d and %d correlate by %.2f", j+1, k+1, r)
			}
		}
	}
	if _, err := Sobol(params(MostSobol+1), 1); err == nil {
		t.Error("there is a Sobol sequence of more dimensions than the table has")
	}
}

func TestLatinHypercube(t *testing.T) {
	ranges := []Param{{Name: "a", Low: 2, High: 4}, {Name: "b", Low: -1, High: 1}}
	points := LatinHypercube(ranges, 50, 7)
	for k, p := range ranges {
		hit := make([]int, 50)
		for _, x := range points {
			hit[int((x[k]-p.Low)/(p.High-p.Low)*50)]++
		}
		for part, n := range hit {
			if n != 1 {
				t.Errorf("part %d of %s has %d points", part, p.Name, n)
			}
		}
	}
	again := LatinHypercube(ranges, 50, 7)
	other := LatinHypercube(ranges, 50, 8)
	if !slices.EqualFunc(points, again, slices.Equal) || slices.EqualFunc(points, other, slices.Equal) {
		t.Error("the points do not hang on the seed alone")
	}
}

func TestGrid(t *testing.T) {
	got := Grid([]Param{{Levels: []float64{1, 2}}, {Levels: []float64{5, 6, 7}}})
	want := [][]float64{{1, 5}, {1, 6}, {1, 7}, {2, 5}, {2, 6}, {2, 7}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("the grid is %v", got)
	}
	if got := Grid(nil); len(got) != 1 || len(got[0]) != 0 {
		t.Errorf("the grid of nothing is %v", got)
	}
}

func TestReadPoints(t *testing.T) {
	names, points, lines, err := ReadPoints(strings.NewReader("\ufeffa.b, c\r\n1,2\r\n\r\n0.5,1e3\n")) // as a spreadsheet writes it
	if err != nil || !slices.Equal(names, []string{"a.b", "c"}) || !slices.Equal(lines, []int{2, 4}) || !slices.EqualFunc(points, [][]float64{{1, 2}, {0.5, 1000}}, slices.Equal) {
		t.Errorf("%v %v %v", names, points, err)
	}
	for name, order := range map[string]unicode.Endianness{"little": unicode.LittleEndian, "big": unicode.BigEndian} {
		text, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String("caf\u00e9.b,c\r\n1,2\r\n")
		if err != nil {
			t.Fatal(err)
		}
		names, points, _, err := ReadPoints(strings.NewReader(text))
		if err != nil || !slices.Equal(names, []string{"caf\u00e9.b", "c"}) || !slices.EqualFunc(points, [][]float64{{1, 2}}, slices.Equal) {
			t.Errorf("UTF-16 in %s endian order: %v %v %v", name, names, points, err)
		}
	}
	for text, want := range map[string]string{
		"":                  "the design is empty; its first line names parameters, such as events.deal.stake",
		"a\n":               "the design has a header and no points",
		"a,a\n1,2\n":        "line 1: a is named twice",
		"a,,b\n1,2,3\n":     "line 1: a name is empty",
		"a;b\n1;2\n":        `line 1: "a;b" is not a parameter; separate parameters with commas`,
		"a,b\n1,2\n3,x":     `line 3: b: "x" is not a number`,
		"a,b\n1,nan\n":      `line 2: b: "nan" is not a number`,
		"a,b\n1_0,1\n":      `line 2: a: "1_0" is not a number`,
		"a,b\n0x1p-2,1\n":   `line 2: a: "0x1p-2" is not a number`,
		"a\n1e999\n":        `line 2: a: 1e999 is too large a number`,
		"a\x00,\x00b\x00\n": "line 1: this is neither UTF-8 text nor UTF-16 with a byte order mark; save the design as CSV in UTF-8",
		"caf\xe9\n1\n":      "line 1: this is neither UTF-8 text nor UTF-16 with a byte order mark; save the design as CSV in UTF-8",
		"a,b\n1,2\n3\n":     "line 3: 1 value, the first line names 2",
		"a\n\"1\n":          `parse error on line 2, column 4: extraneous or missing " in quoted-field`,
	} {
		if _, _, _, err := ReadPoints(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q gives %v, want %s", text, err, want)
		}
	}
}

// Many columns take time in proportion: 16 times as many not 256 times as long.
func TestReadPointsOfManyColumns(t *testing.T) {
	took := func(columns int) time.Duration {
		var header, row strings.Builder
		for i := range columns {
			fmt.Fprintf(&header, "labs.buyer %d.exposure,", i)
			row.WriteString("0.5,")
		}
		text := strings.TrimSuffix(header.String(), ",") + "\n" + strings.TrimSuffix(row.String(), ",") + "\n"
		best := time.Hour
		for range 3 {
			begun := time.Now()
			if names, _, _, err := ReadPoints(strings.NewReader(text)); err != nil || len(names) != columns {
				t.Fatal(len(names), err)
			}
			best = min(best, time.Since(begun))
		}
		return best
	}
	if few, many := took(4000), took(64_000); many > 80*few {
		t.Errorf("4,000 columns take %v, 64,000 take %v", few, many)
	}
}

// Every run of every variant of every point is one job, whatever the sizes, and more runs leave the jobs of the
// whole blocks where they were.
func TestJobs(t *testing.T) {
	plan := func(runs, points, variants int) *Plan {
		return &Plan{Variants: make([]string, variants), Points: make([][]float64, points), Runs: runs, Chunk: 100}
	}
	for _, runs := range []int{1, 31, 32, 33, 100} {
		for _, points := range []int{1, 3} {
			for _, variants := range []int{1, 2} {
				p := plan(runs, points, variants)
				seen := map[Job]bool{}
				for c := range p.Chunks() {
					first, end := p.Range(c)
					for i := first; i < end; i++ {
						seen[p.Job(i)] = true
					}
				}
				for point := range points {
					for variant := range variants {
						for run := range runs {
							if !seen[Job{point, variant, run}] {
								t.Fatalf("%d runs, %d points, %d variants: run %d of point %d, variant %d is no job", runs, points, variants, run, point, variant)
							}
						}
					}
				}
				for chunk := range p.Chunks() {
					for _, job := range p.JobsOf(chunk) {
						if !p.Meets(chunk, job.Point*variants+job.Variant) {
							t.Errorf("%d runs, %d points, %d variants: chunk %d does not meet %v, which it has", runs, points, variants, chunk, job)
						}
					}
				}
				if len(seen) != p.Jobs() || p.Jobs() != runs*points*variants {
					t.Errorf("%d jobs, of which %d differ", p.Jobs(), len(seen))
				}
			}
		}
	}
	few, many := plan(64, 3, 2), plan(1000, 3, 2)
	for i := range few.Jobs() {
		if few.Job(i) != many.Job(i) {
			t.Fatalf("job %d is %v of 64 runs, %v of 1000", i, few.Job(i), many.Job(i))
		}
	}
	partial := plan(100, 3, 2)
	for i := range partial.Settled() {
		if partial.Job(i) != many.Job(i) {
			t.Fatalf("job %d is settled, and is %v of 100 runs, %v of 1000", i, partial.Job(i), many.Job(i))
		}
	}
	if partial.Settled() != 96*6 {
		t.Errorf("%d of 600 jobs are settled", partial.Settled())
	}
	if wide := plan(100, 50, 2); wide.Meets(0, 50) || !wide.Meets(0, 2) || wide.Meets(1, 2) {
		t.Error("a chunk that begins and ends in one block of runs meets worlds that are not between")
	}
	// Cut short anywhere, every point has as many runs as any other, up to a block.
	count := map[int]int{}
	for i := range 700 {
		count[many.Job(i).Point]++
	}
	for point, n := range count {
		if n < 700/3-2*Block || n > 700/3+2*Block {
			t.Errorf("of 700 jobs point %d has %d", point, n)
		}
	}
}

func TestPlan(t *testing.T) {
	good := Plan{Model: "m", Variants: []string{""}, Params: []string{"a"}, Points: [][]float64{{1}}, Runs: 1, Chunk: 1}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	hash := good.Hash()
	for want, change := range map[string]func(p *Plan){
		"0 runs; a study has at least 1":         func(p *Plan) { p.Runs = 0 },
		"0 jobs in a chunk; there is at least 1": func(p *Plan) { p.Chunk = 0 },
		"a study has at least one variant":       func(p *Plan) { p.Variants = nil },
		"the design has no points":               func(p *Plan) { p.Points = nil },
		"point 0 has 2 values for 1 parameters":  func(p *Plan) { p.Points = [][]float64{{1, 2}} },
	} {
		bad := good
		change(&bad)
		if err := bad.Validate(); err == nil || err.Error() != want {
			t.Errorf("the error is %v, want %s", err, want)
		}
		if bad.Hash() == hash {
			t.Errorf("a plan with %s has the same hash", want)
		}
	}
}
