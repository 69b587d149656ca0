package session

import (
	"context"
	"testing"
	"time"

	"exodus/app/internal/results"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// begin begins a session that ends with the test.
func begin(t testing.TB, cfg Config) *Session {
	t.Helper()
	s := New(cfg)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// settled is the snapshot that answers all.
func settled(t testing.TB, s *Session) *Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	snap, err := s.Settled(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// until is a snapshot that is as asked.
func until(t testing.TB, s *Session, asked func(*Snapshot) bool) *Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	snap, err := s.Until(ctx, asked)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func TestOpening(t *testing.T) {
	snap := settled(t, begin(t, Config{Runs: 300}))
	if snap.Name != "meta-scale" || snap.Compare != "no-deal" || snap.World == nil || snap.Other == nil || snap.Status.Err != nil {
		t.Fatalf("%+v", snap)
	}
	for _, l := range snap.Most {
		l := snap.Levers[l]
		t.Log(l.Path, l.Of, l.Title, l.Text, l.Low, l.High, l.Evidence.Kind)
	}
	for _, l := range snap.Feed[:12] {
		t.Log(l.Date, l.Text)
	}
	t.Log(len(snap.Levers), snap.Status, snap.World.Fans.At(results.Share, 100, 0), snap.Difference.At(results.Share, 100, 0))
	for _, f := range snap.Facts {
		t.Log(f.Verdict, f.Fact.Title)
	}
}

// Until the first picture is seen, the many runs wait; the one run does not.
func TestSeen(t *testing.T) {
	seen := make(chan struct{})
	s := begin(t, Config{Runs: 20, Seen: seen})
	until(t, s, func(snap *Snapshot) bool { return snap.World != nil })
	s.Set("events.deal.stake", "0.3")
	s.Seek(3)
	given := s.Commands()
	first := until(t, s, func(snap *Snapshot) bool { return snap.Command >= given })
	if first.World.Fans != nil || !first.Status.Busy {
		t.Errorf("unseen, there are fans (%v), or no more to come", first.World.Fans != nil)
	}
	close(seen)
	if snap := settled(t, s); snap.World.Fans == nil || snap.World.Fans.Runs != 20 || snap.Stale || lever(t, snap, "events.deal.stake").Text != "0.3" {
		t.Errorf("seen, the answer is %+v", snap.Status)
	}
	waiting := begin(t, Config{Runs: 20, Seen: make(chan struct{})}) // and is closed unseen
	until(t, waiting, func(snap *Snapshot) bool { return snap.World != nil })
}
