package store

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"exodus/scenarios"
	"exodus/sim/study"
)

// small is a study of a few runs in a directory of its own, and its head.
func small(t testing.TB, change func(*StudyHead)) (string, StudyHead) {
	t.Helper()
	plan := &study.Plan{Model: "counting", Variants: []string{"x", "y"}, Params: []string{"p"}, Points: [][]float64{{0.5}, {0.7}}, Runs: 40, Seed: 1, Chunk: 64}
	head := StudyHead{Plan: plan, Frame: countingFrame, Against: "y", Measures: counting{}.Measures()}
	if change != nil {
		change(&head)
	}
	dir := filepath.Join(t.TempDir(), "study")
	s, _ := finish(t, dir, head, counting{})
	s.Close()
	return dir, s.Head
}

// everything is all files of a study, one after the other.
func everything(t *testing.T, dir string) (all []byte) {
	t.Helper()
	for _, pattern := range []string{"*", "parts/*"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if content, err := os.ReadFile(file); err == nil {
				all = append(append(all, filepath.Base(file)...), content...)
			}
		}
	}
	return all
}

// A part whose pages are damaged counts as missing, also where its end is whole and its checksum was made to fit, so that
// the study goes on and ends as it would have.
func TestDamagedPages(t *testing.T) {
	dir, head := small(t, nil)
	want := everything(t, dir)
	name := filepath.Join(dir, "parts", PartName(1))
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		bad := bytes.Clone(good)
		for range 200 {
			bad[4+random.IntN(len(bad)/2)] = byte(random.Uint32())
		}
		if err := os.WriteFile(name, bad, 0o666); err != nil {
			t.Fatal(err)
		}
		sums := filepath.Join(dir, "parts", sumsName)
		text, err := os.ReadFile(sums)
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.Replace(text, []byte(hexSum(good)), []byte(hexSum(bad)), 1)
		if err := os.WriteFile(sums, text, 0o666); err != nil {
			t.Fatal(err)
		}
		s := &Study{Dir: dir, Head: head}
		if err := s.Fits(1, Chunk{Part: bad}); err == nil {
			t.Fatal("damaged pages are taken")
		}
		again, _ := finish(t, dir, head, counting{})
		again.Close()
		if !bytes.Equal(everything(t, dir), want) {
			t.Fatal("the study ended with other bytes")
		}
	}
}

// Numbers that cannot be are not taken, nor runs of another study or chunk.
func TestForgedParts(t *testing.T) {
	_, head := small(t, nil)
	s := &Study{Head: head}
	for what, change := range map[string]func([]study.Result){
		"":                  func([]study.Result) {},
		"a share of 2":      func(r []study.Result) { r[0].Series[1][0] = 2 },
		"a revenue below 0": func(r []study.Result) { r[0].Series[0][0] = -5 },
	} {
		c, _, err := head.Maker(forging{counting{}, change}).Make(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Fits(1, c); (err == nil) != (what == "") {
			t.Errorf("with %q the chunk is taken: %v", what, err)
		}
	}
	other := head
	plan := *head.Plan
	plan.Seed = 2
	other.Plan = &plan
	c, _, err := other.Maker(counting{}).Make(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Fits(1, c); !errors.Is(err, ErrOther) {
		t.Errorf("a part of another seed: %v", err)
	}
	c, _, err = head.Maker(counting{}).Make(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Fits(1, c); !errors.Is(err, ErrOther) {
		t.Errorf("another chunk: %v", err)
	}
}

// forging is counting, with results that are changed.
type forging struct {
	counting
	change func([]study.Result)
}

func (f forging) Run(ctx context.Context, p *study.Plan, jobs []study.Job) ([]study.Result, error) {
	results, err := f.counting.Run(ctx, p, jobs)
	f.change(results)
	return results, err
}

// A head that was changed is refused; one that was exchanged, with a hash that fits, does not go with the parts.
func TestExchangedHead(t *testing.T) {
	s, err := scenarios.Parse("two.toml", []byte(twoSellers))
	if err != nil {
		t.Fatal(err)
	}
	make := func(dir string, seed uint64, changes ...string) string {
		t.Helper()
		s, err := s.With("", changes)
		if err != nil {
			t.Fatal(err)
		}
		m := scenarios.NewModel(s)
		p := &study.Plan{Model: m.Name(), Variants: []string{scenarios.Reference}, Points: [][]float64{{}}, Runs: 3, Seed: seed, Chunk: 32}
		if err := m.Prepare(p); err != nil {
			t.Fatal(err)
		}
		st, _ := finish(t, dir, HeadOf(s, m, p), m)
		st.Close()
		return filepath.Join(dir, headName)
	}
	dir := filepath.Join(t.TempDir(), "a")
	path := make(dir, 1)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put := func(content []byte) *StudyHead {
		t.Helper()
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
		head, err := DecodeStudy(content)
		if err != nil {
			return nil
		}
		return head
	}
	for from, to := range map[string]string{"stake = 0.4": "stake = 0.1", `"weeks": 40`: `"weeks": 30`, `"seed": 1`: `"seed": 2`, `"version": "`: `"version": "x`} {
		edited := bytes.Replace(good, []byte(from), []byte(to), 1)
		if bytes.Equal(edited, good) {
			t.Fatalf("%s is not in the head", from)
		}
		put(edited)
		if _, err := Read(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "the file was changed since the study was begun") {
			t.Errorf("with %s the error is %v", to, err)
		}
	}
	for name, other := range map[string]string{
		"another seed":  make(filepath.Join(t.TempDir(), "b"), 2),
		"another stake": make(filepath.Join(t.TempDir(), "c"), 1, "events.deal.stake=0.01"),
	} {
		content, err := os.ReadFile(other)
		if err != nil {
			t.Fatal(err)
		}
		head := put(content)
		if _, err := Read(t.Context(), dir); !errors.Is(err, ErrOther) || !strings.Contains(err.Error(), "put back the one that was exchanged") {
			t.Errorf("%s: results are read: %v", name, err)
		}
		st, err := OpenStudy(dir, *head, true)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := st.Missing(); !errors.Is(err, ErrOther) {
			t.Errorf("%s: the study goes on: %v", name, err)
		}
		st.Close()
		whole, err := OpenStudy(filepath.Join(t.TempDir(), "whole"), *head, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := whole.Merge([]string{dir}); !errors.Is(err, ErrOther) {
			t.Errorf("%s: the parts are merged: %v", name, err)
		}
		whole.Close()
	}
	put(good)
	if _, err := Read(t.Context(), dir); err != nil {
		t.Errorf("as it was: %v", err)
	}
}

// The numbers of a head are within the limits of a study, whatever the file says, and a text that is none is refused.
func TestHeadLimits(t *testing.T) {
	_, good := small(t, nil)
	for want, change := range map[string]func(h *StudyHead){
		"-5 weeks; a run has 1 to 5200":               func(h *StudyHead) { h.Weeks = -5 },
		"100000000 weeks; a run has 1 to 5200":        func(h *StudyHead) { h.Weeks = 1e8 },
		"0 runs; a study has at least 1":              func(h *StudyHead) { h.Plan.Runs = 0 },
		"e+18 runs in all":                            func(h *StudyHead) { h.Plan.Runs = math.MaxInt / 4 },
		"chunks of 1 runs":                            func(h *StudyHead) { h.Plan.Runs, h.Plan.Chunk = 100_000_000, 1 },
		"-1 jobs in a chunk":                          func(h *StudyHead) { h.Plan.Chunk = -1 },
		"has 0 weeks from week 0 on":                  func(h *StudyHead) { h.Spans = []scenarios.Span{{}, {}} },
		"from week 4000000000 on":                     func(h *StudyHead) { h.Spans = []scenarios.Span{{First: 4e9, Weeks: 3}, {Weeks: 3}} },
		"from week -9223372036854775808 on":           func(h *StudyHead) { h.Spans = []scenarios.Span{{First: math.MinInt, Weeks: 5}, {Weeks: 3}} },
		"where the weeks of 3 worlds lie; it has 4":   func(h *StudyHead) { h.Spans = make([]scenarios.Span, 3) },
		`it is about "Z", which is not one of`:        func(h *StudyHead) { h.Focus = "Z" },
		`"A" is twice among its vendors`:              func(h *StudyHead) { h.Vendors = []string{"A", "A"} },
		`it varies "run", which is the name`:          func(h *StudyHead) { h.Plan.Params = []string{"run"} },
		"quantiles; at most 16000000 are":             func(h *StudyHead) { h.Weeks, h.Vendors = 5200, many(300) },
		`compares with "z", which is not one of`:      func(h *StudyHead) { h.Against = "z" },
		"x and y have no date in common":              func(h *StudyHead) { h.Spans = []scenarios.Span{{First: -4, Weeks: 5}, {First: 2, Weeks: 1}} },
		"it has no plan":                              func(h *StudyHead) { h.Plan = nil },
		"point 0 has 1 values for 2 parameters":       func(h *StudyHead) { h.Plan.Params = []string{"p", "q"} },
		"it starts at 2025-12-29 00:00:00.000000001 ": func(h *StudyHead) { h.Start = h.Start.Add(1) },
	} {
		h, plan := good, *good.Plan
		h.Plan = &plan
		change(&h)
		if h.Plan != nil {
			h.Hash = h.sum()
		}
		if _, err := DecodeStudy(h.Encode()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
}

// many are so many vendors, A among them.
func many(n int) (names []string) {
	for i := range n {
		names = append(names, string(rune('A'+i)))
	}
	return names
}

func FuzzDecodeStudy(f *testing.F) {
	_, head := small(f, nil)
	f.Add(head.Encode())
	head.Spans = []scenarios.Span{{First: -1, Weeks: 3}, {First: 0, Weeks: 4}}
	head.Hash = head.sum()
	f.Add(head.Encode())
	f.Add([]byte(`{"format": 1, "version": "61d6c9a\u001b[2J"}`))
	f.Add([]byte(`{"format": 2, "plan": {"variants": ["x"], "points": [[]], "runs": 1e9, "chunk": 1}}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		h, err := DecodeStudy(src)
		if err != nil {
			h, err = decodeHead(src) // which says what a head with any hash would do
		}
		if err != nil {
			return
		}
		h.Model()
		h.All()
		for world := range min(h.worlds(), 100) {
			h.worldCells(world)
		}
		(&Study{Head: *h}).Fits(0, Chunk{Part: src})
	})
}

func FuzzReceipt(f *testing.F) {
	for _, src := range []string{
		`{"format": 2, "weeks": 5, "source": "weeks = 5", "changes": ["a=1"]}`, `{"format": 2, "weeks": -5}`, `{"format": 1, "version": "x"}`, `{"format": 1e99}`, `[`,
	} {
		f.Add([]byte(src))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := decodeReceipt(src)
		if err != nil {
			return
		}
		readRun(dir, r)
		stated(src)
	})
}

func FuzzPart(f *testing.F) {
	dir, head := small(f, func(h *StudyHead) { h.Plan.Runs = 2 })
	part, err := os.ReadFile(filepath.Join(dir, "parts", PartName(0)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(part)
	f.Add(part[:len(part)/2])
	f.Add([]byte("PAR1PAR1"))
	s := &Study{Dir: dir, Head: head}
	f.Fuzz(func(t *testing.T, content []byte) {
		if s.Fits(0, Chunk{Part: content}) == nil && !bytes.Equal(content, part) {
			t.Log("another text of the same")
		}
		if c, err := Unpack(content); err == nil {
			s.Fits(0, c)
		}
	})
}
