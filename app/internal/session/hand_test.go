package session

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"exodus/app/internal/results"
)

// While a lever is moved every answer is whole and of one value, never of an earlier one than the answer before; once it
// rests, or is let go, all runs are there and the facts are judged anew. The drag is one step.
func TestHandMoves(t *testing.T) {
	runs, step := 1000, 1
	if testing.Short() {
		runs, step = 200, 3
	}
	s := begin(t, Config{Runs: runs})
	settled(t, s)
	last, answers := 0.49, 0 // as the file has it
	for i := step; i <= 60; i += step {
		s.Drag("events.deal.stake", fmt.Sprint(float64(i)/100))
		given := s.Commands()
		snap := until(t, s, func(snap *Snapshot) bool { return snap.Command >= given && (i%6 != 0 || !snap.Stale) })
		stake := snap.World.Scenario.Spec.Events[0].Stake
		if stake == last {
			continue
		}
		last, answers = stake, answers+1
		if !snap.Moving { // the machine is so busy that the hand seems to rest
			continue
		}
		if snap.World.Fans == nil { // so busy that no runs fit between two pictures
			continue
		}
		if !snap.Status.Busy || snap.World.Fans.Runs > firstRuns || snap.Difference.Runs != snap.World.Fans.Runs {
			t.Fatalf("at %g there are fans of %d runs", stake, snap.World.Fans.Runs)
		}
	}
	if answers == 0 {
		t.Error("nothing follows the hand")
	}
	snap := settled(t, s) // it is still held
	if snap.Moving || snap.Stale || snap.FactsStale || snap.World.Fans.Runs != runs || snap.World.Scenario.Spec.Events[0].Stake != 0.6 {
		t.Errorf("at rest: %+v", snap.Status)
	}
	s.Release()
	s.Undo()
	if snap = settled(t, s); snap.Undo != "" || len(snap.Changes) > 0 || snap.World.Fans.Runs != runs {
		t.Errorf("the drag is more than one step: %q, %v", snap.Undo, snap.Changes)
	}
}

// A glance is of the newest value that there is when it begins, whatever came before it in line.
func TestHandNewestWins(t *testing.T) {
	c := newCore(Config{Runs: 100}, func(*Snapshot) {})
	defer c.stop()
	rest(c)
	var orders []order
	for i := 1; i <= 30; i++ {
		orders = append(orders, order{uint64(i), set{"events.deal.stake", fmt.Sprint(float64(i) / 100), true}, nil})
	}
	c.obey(orders)
	if got := c.market.main.scenario.Spec.Events[0].Stake; got != 0.3 || !c.moving || len(c.undo) != 1 {
		t.Errorf("stake %g, moving %t, %d steps", got, c.moving, len(c.undo))
	}
	for c.job == nil { // until it is time for another
		<-c.next.C
		c.begin()
	}
	j := c.job
	j.began = time.Now().Add(time.Hour) // however long it takes here
	c.obey([]order{{31, set{"events.deal.stake", "0.4", true}, nil}})
	if !j.glance || c.job != j || !c.pending {
		t.Error("a glance is given up for the next")
	}
	for c.job == j {
		c.take(<-c.results)
	}
	if c.answer.market != j.market || c.answer.fansOf != j.market {
		t.Error("the glance was not told whole")
	}
	c.rests()
	rest(c)
	if c.answer.fansOf != c.market || c.answer.fans.Runs != 100 || c.answer.factsOf != c.market {
		t.Error("at rest something is missing")
	}
}

// rest takes in results until nothing is computed.
func rest(c *core) {
	for c.job != nil || c.pending {
		select {
		case r := <-c.results:
			c.take(r)
		case <-c.next.C:
			c.begin()
		}
	}
}

// Where no runs fit between two pictures, the run that is shown follows the hand alone, and says so: fans of an older value
// are not shown beside it.
func TestHandAlone(t *testing.T) {
	var snap *Snapshot
	c := newCore(Config{Runs: 20}, func(s *Snapshot) { snap = s })
	defer c.stop()
	rest(c)
	c.moves("events.deal.stake")
	c.hand.runs = 0
	c.obey([]order{{1, set{"events.deal.stake", "0.4", true}, nil}})
	for c.answer.market != c.market {
		select {
		case r := <-c.results:
			c.take(r)
		case <-c.next.C:
			c.begin()
		}
	}
	if w := snap.World; w.Fans != nil || snap.Medians() || !strings.HasPrefix(snap.Of(), "the deterministic run") || w.Scenario.Spec.Events[0].Stake != 0.4 {
		t.Errorf("beside a run at %g there is the %s", w.Scenario.Spec.Events[0].Stake, snap.Of())
	}
	c.rests()
	rest(c)
	if w := snap.World; w.Fans.Runs != 20 {
		t.Errorf("at rest: %s", snap.Of())
	}
}

// A lever that moves is told as it would be anew: all levers, and those that matter most, of every lever in turn.
func TestMovedLevers(t *testing.T) {
	c := newCore(Config{Runs: 1}, func(*Snapshot) {})
	defer c.stop()
	c.publish()
	for i, l := range slices.Clone(c.shown.all) {
		if i%3 != 0 {
			continue
		}
		for _, x := range []float64{l.Low, l.High, l.InFile} {
			c.obey([]order{{1, set{l.Path, l.Write(x), true}, nil}})
			got := c.shown
			c.shown = leverCache{}
			if want := c.levers(got.stage); !reflect.DeepEqual(got, want) {
				t.Errorf("%s at %v: the levers are others than anew", l.Path, x)
			}
		}
	}
}

// BenchmarkDrag is what it takes to make the worlds of a lever that moved, without running them.
func BenchmarkDrag(b *testing.B) {
	c := newCore(Config{Runs: 1}, func(*Snapshot) {})
	c.stop()
	n := 0
	for b.Loop() {
		n++
		c.pending, c.job = false, &job{glance: true, began: time.Now()} // that is busy
		c.obey([]order{{1, set{"events.deal.stake", fmt.Sprint(float64(n%100) / 100), true}, nil}})
	}
	c.job = nil
}

// A value that is typed, a variant that is chosen: from the first answer on all that is shown is of the new market, and
// says of how many runs it is.
func TestFirstAnswer(t *testing.T) {
	var snap *Snapshot
	wrong := 0
	c := newCore(Config{Runs: 1000}, func(s *Snapshot) {
		snap = s
		if s.World == nil || s.Stale {
			return
		}
		if f, run := s.World.Fans, s.World.Run; f != nil && math.Abs(float64(f.At(results.Share, 60, 0)[2])-run.Share(60, 0)) > 0.02 {
			wrong++
		}
		if s.World.Fans == nil && (s.Medians() || s.Difference != nil) {
			wrong++
		}
	})
	defer c.stop()
	rest(c)
	c.obey([]order{{1, set{"model.leak_aversion", "0", false}, nil}})
	for c.answer.market != c.market {
		c.take(<-c.results)
	}
	if snap.World.Fans == nil || snap.Of() != "median of 64 runs" || wrong > 0 {
		t.Errorf("the first answer is of the %s; %d show medians of what was before", snap.Of(), wrong)
	}
	if rest(c); snap.World.Fans.Runs != 1000 || wrong > 0 {
		t.Errorf("at rest it is the %s; %d showed medians of what was before", snap.Of(), wrong)
	}
}
