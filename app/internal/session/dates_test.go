package session

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"exodus/app/internal/results"
	"exodus/app/internal/store"
)

const twoSellers = `
title = "Two sellers"
start = 2026-01-05
weeks = 40
[uncertainty]
scale = 1
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
[variants.short]
weeks = 20
[variants.longer]
weeks = 60
[variants.entrant]
vendors.C = { capacity = 80 }
`

// Markets that begin at other times, last longer or shorter, or have other vendors are compared by date, as far as
// both have it.
func TestComparedByDate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "two.toml")
	if err := os.WriteFile(path, []byte(twoSellers), 0o644); err != nil {
		t.Fatal(err)
	}
	s := begin(t, Config{Scenario: path, Runs: 10})
	with := func(variant string) *Snapshot {
		s.Compare(variant)
		return settled(t, s)
	}
	snap := with("earlier")
	if snap.Other.Title != "earlier" {
		t.Errorf("a variant without a title is called %q", snap.Other.Title)
	}
	if then, ok := snap.Then(10); !ok || then != 15 {
		t.Errorf("week 10 is the other's week %d; want 15", then)
	}
	// Both have the same deal on the same day: half a year later nothing is left of the five weeks in which prices moved.
	if d, ok := snap.Gain(results.Share, 38, 0); ok {
		t.Errorf("beyond the other's end there is a difference of %v", d)
	}
	if d, ok := snap.Gain(results.Share, 30, 0); !ok || math.Abs(d[2]) > 0.005 {
		t.Errorf("of two markets with the same deal on the same day the shares differ by %v", d)
	}
	if snap = with("short"); snap.Difference.Weeks != 40 {
		t.Fatalf("the differences have %d weeks", snap.Difference.Weeks)
	}
	if d, ok := snap.Gain(results.Share, 19, 0); !ok || d[2] != 0 {
		t.Errorf("in the last week of the shorter one the difference is %v", d)
	}
	if d, ok := snap.Gain(results.Share, 20, 0); ok {
		t.Errorf("after its end there is a difference of %v", d)
	}
	if snap = with("longer"); snap.Difference.Weeks != 40 {
		t.Errorf("with a longer one the differences have %d weeks", snap.Difference.Weeks)
	}
	snap = with("entrant")
	if v := snap.Difference.Vendors; len(v) != 4 || v[3] != "C" {
		t.Fatalf("the vendors of both are %v", v)
	}
	if d := snap.Difference.At(results.Share, 39, 3); d[2] >= 0 {
		t.Errorf("a vendor that only the other has gains %v", d)
	}
}

// What is in memory is what the same runs come to when they are written and read back, also of markets that begin at other
// times, last longer, or have other vendors.
func TestInMemoryAsOnDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "two.toml")
	if err := os.WriteFile(path, []byte(twoSellers), 0o644); err != nil {
		t.Fatal(err)
	}
	s := begin(t, Config{Scenario: path, Runs: 10})
	for _, pair := range [][2]string{{"", ""}, {"", "earlier"}, {"", "short"}, {"", "longer"}, {"", "entrant"}, {"earlier", ""}, {"entrant", "short"}, {"short", "entrant"}} {
		s.Choose(pair[0])
		s.Compare(pair[1])
		got, err := settled(t, s).Results()
		if err != nil {
			t.Fatalf("%v: %v", pair, err)
		}
		dir := filepath.Join(t.TempDir(), "study")
		if err := s.ExportRuns(t.Context(), dir); err != nil {
			t.Fatalf("%v: %v", pair, err)
		}
		want, err := store.Read(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if got.Digest != want.Digest || len(got.Worlds) != len(want.Worlds) || len(got.Gains) != len(want.Gains) || !slices.Equal(got.Vendors, want.Vendors) || got.Weeks != want.Weeks {
			t.Errorf("%v: in memory there are %d worlds of %v in %d weeks with the digest %.8s, on disk %d of %v in %d with %.8s", pair,
				len(got.Worlds), got.Vendors, got.Weeks, got.Digest, len(want.Worlds), want.Vendors, want.Weeks, want.Digest)
			continue
		}
		for w := range got.Worlds {
			if !sameFans(got.Worlds[w], want.Worlds[w]) {
				t.Errorf("%v: world %d is not in memory as on disk", pair, w)
			}
		}
		for w := range got.Gains {
			if !sameFans(got.Gains[w], want.Gains[w]) {
				t.Errorf("%v: the gains of world %d are not in memory as on disk", pair, w)
			}
		}
	}
}
