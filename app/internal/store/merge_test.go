package store

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"exodus/sim/study"
)

// What comes from elsewhere as a chunk is not taken at its word: it is one, or it is refused, and nothing panics.
func TestFits(t *testing.T) {
	plan := &study.Plan{Variants: []string{"x", "y"}, Params: []string{"p"}, Points: [][]float64{{0.5}}, Runs: 50, Chunk: 40}
	dir := filepath.Join(t.TempDir(), "study")
	s, _ := runStudy(t, dir, plan, counting{}, "y")
	parts := make([][]byte, plan.Chunks())
	for chunk := range parts {
		var err error
		if parts[chunk], err = os.ReadFile(filepath.Join(dir, "parts", PartName(chunk))); err != nil {
			t.Fatal(err)
		}
		if err := s.Fits(chunk, Chunk{Part: parts[chunk]}); err != nil {
			t.Fatalf("chunk %d of the study itself: %v", chunk, err)
		}
	}
	good := parts[0]
	refused := func(what string, chunk int, c Chunk) {
		t.Helper()
		if s.Fits(chunk, c) == nil {
			t.Errorf("%s is taken for chunk %d", what, chunk)
		}
	}
	refused("a chunk that the plan has not", plan.Chunks(), Chunk{Part: good})
	refused("a chunk before the first", -1, Chunk{Part: good})
	refused("the last chunk, with fewer runs,", 0, Chunk{Part: parts[len(parts)-1]})
	refused("nothing", 0, Chunk{})
	refused("text", 0, Chunk{Part: bytes.Repeat([]byte("PAR1"), 1000)})
	refused("what has relations that were not asked for", 0, Chunk{Part: good, Relations: []byte("x")})
	short, _ := runStudy(t, filepath.Join(t.TempDir(), "short"), plan, counting{func(job study.Job) bool { return true }}, "y")
	empty, err := os.ReadFile(filepath.Join(short.Dir, "parts", PartName(1)))
	if err != nil {
		t.Fatal(err)
	}
	refused("another chunk, in which all runs failed,", 0, Chunk{Part: empty})
	for n := 0; n < len(good); n += 1 + len(good)/97 {
		refused("what is cut short", 0, Chunk{Part: good[:n]})
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 { // some bytes more or less in its numbers are for the checksum to find
		torn := bytes.Clone(good)
		for range 1 + random.IntN(8) {
			torn[len(torn)-1-random.IntN(min(len(torn), 3000))] = byte(random.Uint32())
		}
		s.Fits(0, Chunk{Part: torn})
	}
	for n := range good {
		if c, err := Unpack(Chunk{Part: good}.Pack()[:n]); err == nil && len(c.Part) == len(good) {
			t.Fatalf("%d bytes of it are taken for all", n)
		}
	}
}
