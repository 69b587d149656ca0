package desktop

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"exodus/app/internal/session"
)

// counted is a page that counts how often it is drawn anew.
type counted struct {
	page
	n int
}

func (c *counted) refresh(snap *session.Snapshot) {
	c.n++
	c.page.refresh(snap)
}

// While a lever moves, the page that can be seen follows it, with its words and picture of one answer, and nothing else
// is touched: not the pages that are hidden, nor the feed, the levers, the bars, the timeline. When it rests, all are of
// the last value.
func TestHand(t *testing.T) {
	w := open(t, "meta-scale")
	share := w.share
	for i, p := range w.pages[1:] {
		w.pages[i+1] = &counted{page: p}
	}
	levers, feed, top, bottom := w.levers.snap, slices.Clone(w.feed.lines), w.top.snap, w.bottom.snap
	measured := len(w.feed.tall)
	followed := 0
	for i := 1; i <= 12; i++ {
		stake := float64(4*i) / 100
		w.session.Drag("events.deal.stake", fmt.Sprint(stake))
		given := w.session.Commands()
		for snap, err := w.session.Snapshot(), error(nil); ; snap, err = w.session.Next(t.Context(), snap.Number) {
			if err != nil {
				t.Fatal(err)
			}
			if snap.Moving { // or the machine is so busy that the hand seems to rest
				w.receive(snap)
			}
			if snap.Command >= given && !snap.Stale {
				break
			}
		}
		if w.following.Load() == nil {
			continue
		}
		drawn(t, share.chart)
		if head, _, _ := story(share.snap); share.head.Text != head {
			t.Errorf("beside a picture of %g it says %q", stake, share.head.Text)
		}
		if share.snap.World.Scenario.Spec.Events[0].Stake == stake {
			followed++
			if !strings.Contains(w.bottom.status.Text, " while the lever moves, 20 when it rests") {
				t.Errorf("it says %q", w.bottom.status.Text)
			}
		}
	}
	if followed == 0 {
		t.Error("the picture does not follow the hand")
	}
	for _, p := range w.pages[1:] {
		if n := p.(*counted).n; n > 0 {
			t.Errorf("%T was drawn %d times, unseen", p.(*counted).page, n)
		}
	}
	if w.levers.snap != levers || w.top.snap != top || w.bottom.snap != bottom || !slices.Equal(w.feed.lines, feed) || len(w.feed.tall) != measured {
		t.Error("while the lever moves, more than the page is drawn anew")
	}
	w.session.Release()
	snap := w.settle()
	if text := w.feed.lines[0].Text; w.following.Load() != nil || share.snap != snap || w.levers.snap != snap || text != "Meta takes 48% of Scale" || snap.World.Fans.Runs != 20 {
		t.Errorf("at rest the feed says %q, of %s", text, snap.Of())
	}
}

// A page of tables follows a lever now and then, and at rest; turning to a page while a lever moves shows it of the newest
// answer.
func TestHandOnTables(t *testing.T) {
	w := open(t, "meta-scale")
	at := slices.IndexFunc(w.pages, func(p page) bool { _, ok := p.(*agentPage); return ok })
	w.tabs.SelectIndex(at)
	table := &counted{page: w.pages[at]}
	w.pages[at] = table
	snap := *w.session.Snapshot()
	snap.Moving = true
	for range 50 {
		snap.Answer++
		w.receive(&snap)
	}
	if table.n > 20 {
		t.Errorf("a table was drawn anew %d times for 50 answers", table.n)
	}
	w.tabs.SelectIndex(0)
	if w.following.Load() == nil || w.share.snap != w.snap {
		t.Error("the page that was turned to does not follow")
	}
	snap.Moving = false
	w.receive(&snap)
	if w.following.Load() != nil {
		t.Error("at rest the page still follows")
	}
}
