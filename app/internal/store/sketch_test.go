package store

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"exodus/scenarios"
	"exodus/sim/study"
)

// Quantiles of sketches are those of the values, as far as they can be told apart; differences are taken run by run;
// the order in which parts come to be, and how many work at one, does not matter, and runs.parquet is the same.
func TestSketches(t *testing.T) {
	s, err := scenarios.Load("template")
	if err != nil {
		t.Fatal(err)
	}
	m := scenarios.NewModel(s)
	variant := s.Variants[0].Name
	plan := &study.Plan{Model: m.Name(), Variants: []string{scenarios.Reference, variant}, Points: [][]float64{{}}, Runs: 192, Seed: 3, Chunk: 128}
	if err := m.Prepare(plan); err != nil {
		t.Fatal(err)
	}
	finish := func(name string, sketched bool, workers int, chunks ...int) *Summary {
		dir := filepath.Join(t.TempDir(), name)
		head := HeadOf(s, m, plan)
		head.Against, head.Sketched = variant, sketched
		st, err := OpenStudy(dir, head, false)
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		maker := st.Head.Maker(m)
		if st.Workers = workers; workers > 1 {
			if err := st.Run(t.Context(), maker, chunks, func(int) {}); err != nil {
				t.Fatal(err)
			}
			chunks = nil
		}
		for _, chunk := range chunks {
			c, _, err := maker.Make(t.Context(), chunk)
			if err != nil {
				t.Fatal(err)
			}
			if err := st.Fits(chunk, c); err != nil {
				t.Error(err)
			}
			if err := st.Add(chunk, c); err != nil {
				t.Fatal(err)
			}
		}
		if missing, err := st.Missing(); err != nil || len(missing) > 0 {
			t.Fatalf("chunks %v are missing: %v", missing, err)
		}
		sum, err := st.Finish()
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"runs.parquet", "quantiles.csv"} {
			if content, err := os.ReadFile(filepath.Join(dir, file)); err != nil || len(content) < 1000 {
				t.Errorf("%s has %d bytes: %v", file, len(content), err)
			}
		}
		return sum
	}
	exact, sketch, shuffled := finish("rows", false, 1, 0, 1, 2), finish("sketches", true, 1, 0, 1, 2), finish("shuffled", true, 7, 2, 0, 1)
	compared, most := 0, 0.0
	for side, pair := range [][2][]Quantiles{{exact.Quantiles, sketch.Quantiles}, {exact.Differences, sketch.Differences}} {
		scale := 0.0 // of the quantity: a difference is known to a part of the largest
		for _, q := range pair[0] {
			scale = max(scale, math.Abs(q.Value[4]))
		}
		for i, want := range pair[0] {
			got := pair[1][i]
			if got.Runs != want.Runs {
				t.Fatalf("side %d, cell %d: %d runs, want %d", side, i, got.Runs, want.Runs)
			}
			for k := range want.Value {
				off := math.Abs(got.Value[k]-want.Value[k]) - 3*want.Error[k]
				if off > 0.0011*math.Abs(want.Value[k])+1e-9 {
					most = max(most, off/scale)
				}
				compared++
			}
		}
	}
	if most > 5e-3 || compared < 10000 {
		t.Errorf("of %d quantiles, one is off by %v of the largest", compared, most)
	}
	for i := range sketch.Quantiles {
		if sketch.Quantiles[i] != shuffled.Quantiles[i] || sketch.Differences[i] != shuffled.Differences[i] {
			t.Fatalf("cell %d depends on the order in which parts were made", i)
		}
	}
}

// A value that no sketch can hold is an error of the chunk, and no panic.
func TestSketchOfInfinity(t *testing.T) {
	s, err := scenarios.Load("template")
	if err != nil {
		t.Fatal(err)
	}
	m := scenarios.NewModel(s)
	plan := &study.Plan{Model: m.Name(), Variants: []string{scenarios.Reference}, Points: [][]float64{{}}, Runs: 1, Seed: 3, Chunk: 128}
	head := HeadOf(s, m, plan)
	results, err := m.Run(t.Context(), plan, plan.JobsOf(0))
	if err != nil {
		t.Fatal(err)
	}
	sketches := head.newSketches()
	if err := sketches.begin(plan.JobsOf(0), nil, nil); err != nil {
		t.Fatal(err)
	}
	results[0].Series[0][0] = math.Inf(1)
	if err := sketches.add(plan.JobsOf(0), results); err != nil || len(sketches.values[0].encode()) != 0 {
		t.Errorf("an infinite revenue was sketched: %v", err)
	}
}

// A tally comes to the sketch that the library makes of the same values, in whatever order they come and whatever it held before.
func TestTally(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	used := make([]tally, 1)
	for round := range 300 {
		var values []float64
		wide := math.Pow(10, random.Float64()*6-3) // of a sketch some 2 are enough, of thousands of bins
		for range 1 + random.IntN(400) {
			x := math.Exp(wide * random.NormFloat64())
			switch random.IntN(8) {
			case 0:
				x = 0
			case 1:
				x = math.NaN()
			case 2:
				x = -x
			}
			values = append(values, x)
		}
		want := newSketch()
		var fits []float64
		for _, x := range values {
			if !math.IsNaN(x) && want.Add(x) == nil {
				fits = append(fits, x)
			}
		}
		var bytesWant []byte
		if !want.IsEmpty() {
			want.Encode(&bytesWant, false)
		}
		for range 2 {
			random.Shuffle(len(fits), func(i, j int) { fits[i], fits[j] = fits[j], fits[i] })
			used = emptied(used, 1)
			for _, x := range fits {
				if err := used[0].add(want.IndexMapping, x); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(used[0].encode(), bytesWant) {
				t.Fatalf("round %d: of %d values, which are e to the power of %.3g times a normal one, a tally is another sketch", round, len(fits), wide)
			}
		}
		if n := len(used[0].above.counts); n > 2*sketchBins {
			t.Fatalf("a tally has %d bins", n)
		}
	}
}
