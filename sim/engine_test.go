package sim_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"exodus/sim"
)

// In a browser or Node, the runtime keeps a goroutine of its own for events.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("runtime.handleEvent"))
}

// ring is a World for tests: cells on a ring that move towards their neighbours' mean and are shaken by
// chance, and one clerk that adds up the sums of blocks.
type ring struct {
	luck         sim.Luck
	cells, next  []float64
	sums         []float64 // by block
	total        float64
	meddle       func(cell int, t sim.Time) // called when a cell acts
	meddleInFold func(lo int)
}

func newRing(n int, luck sim.Luck) *ring {
	r := &ring{luck: luck, cells: make([]float64, n), next: make([]float64, n), sums: make([]float64, (n+sim.BlockSize-1)/sim.BlockSize)}
	for i := range r.cells {
		r.cells[i] = float64(i % 7)
	}
	return r
}

type cell struct {
	*ring
	i int
}

const look, move, count = 0, 1, 2

var ringPhases = []sim.Phase{{Name: "look", Kinds: []string{"cell"}}, {Name: "move", Kinds: []string{"cell"}}, {Name: "count", Kinds: []string{"clerk"}}}

func (c cell) Name() string { return fmt.Sprint("cell ", c.i) }
func (c cell) Act(t sim.Time) {
	if c.meddle != nil {
		c.meddle(c.i, t)
	}
	if t.Phase == look {
		n := len(c.cells)
		mean := (c.cells[(c.i+n-1)%n] + c.cells[(c.i+1)%n]) / 2
		c.next[c.i] = mean + float64(0.1*c.luck.Normal(sim.Key(c.i), 1, t.Week))
	} else {
		c.cells[c.i] = c.next[c.i]
	}
}

type clerk struct{ *ring }

func (c clerk) Name() string { return "clerk" }
func (c clerk) Act(sim.Time) {
	c.total = 0
	for _, s := range c.sums {
		c.total += s
	}
}

func (r *ring) Luck() sim.Luck { return r.luck }
func (r *ring) Kinds() []sim.Kind {
	cells := make([]sim.Agent, len(r.cells))
	for i := range cells {
		cells[i] = cell{r, i}
	}
	fold := func(t sim.Time, lo, hi int) {
		if r.meddleInFold != nil {
			r.meddleInFold(lo)
		}
		if t.Phase == move {
			sum := 0.0
			for _, x := range r.cells[lo:hi] {
				sum += x
			}
			r.sums[lo/sim.BlockSize] = sum
		}
	}
	return []sim.Kind{{Name: "cell", Agents: cells, Fold: fold}, {Name: "clerk", Agents: []sim.Agent{clerk{r}}}}
}

// plain lives the weeks from week to end in a plain loop: what the engine must come to.
func (r *ring) plain(week, end int) {
	kinds := r.Kinds()
	for ; week < end; week++ {
		for phase, kind := range []int{0, 0, 1} {
			t := sim.Time{Week: week, Phase: phase}
			for _, a := range kinds[kind].Agents {
				a.Act(t)
			}
			for lo := 0; kind == 0 && lo < len(r.cells); lo += sim.BlockSize {
				kinds[kind].Fold(t, lo, min(lo+sim.BlockSize, len(r.cells)))
			}
		}
	}
}

func start(t testing.TB, workers int, worlds ...sim.World) *sim.Run {
	t.Helper()
	run, err := sim.Start(sim.Config{Worlds: worlds, Phases: ringPhases, Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(run.Stop)
	return run
}

func sameRing(t *testing.T, got, want *ring) {
	t.Helper()
	if !slices.Equal(got.cells, want.cells) || got.total != want.total {
		t.Errorf("the ring of run %d differs from the plain loop's: total %v, want %v", got.luck.Run, got.total, want.total)
	}
}

func TestRunIsThePlainLoop(t *testing.T) {
	for _, n := range []int{1, 255, 256, 257, 2000} {
		want := newRing(n, sim.Luck{Seed: 3})
		want.plain(0, 20)
		for _, workers := range []int{0, 1, 2, 3, 8, 64} {
			got := newRing(n, sim.Luck{Seed: 3})
			if err := start(t, workers, got).To(t.Context(), 20); err != nil {
				t.Fatal(err)
			}
			sameRing(t, got, want)
		}
	}
}

func TestLanesLiveAsAlone(t *testing.T) {
	var worlds []sim.World
	for run := range 5 {
		worlds = append(worlds, newRing(600, sim.Luck{Seed: 3, Run: uint64(run)}))
	}
	if err := start(t, 2, worlds...).To(t.Context(), 20); err != nil {
		t.Fatal(err)
	}
	for i, w := range worlds {
		want := newRing(600, sim.Luck{Seed: 3, Run: uint64(i)})
		want.plain(0, 20)
		sameRing(t, w.(*ring), want)
	}
}

// A run stops after any week and goes on; a world that was put back to an earlier week lives the same
// weeks again.
func TestStopAndGoOn(t *testing.T) {
	world, want := newRing(300, sim.Luck{Seed: 3}), newRing(300, sim.Luck{Seed: 3})
	want.plain(0, 12)
	run := start(t, 2, world)
	var saved []float64
	for week := range 12 {
		if run.Week() != week {
			t.Fatalf("the run is at week %d, want %d", run.Week(), week)
		}
		if week == 5 {
			saved = slices.Clone(world.cells)
		}
		if err := run.To(t.Context(), week+1); err != nil {
			t.Fatal(err)
		}
	}
	sameRing(t, world, want)

	copy(world.cells, saved)
	run.Seek(5)
	if err := run.To(t.Context(), 12); err != nil {
		t.Fatal(err)
	}
	sameRing(t, world, want)
}

func TestObserve(t *testing.T) {
	world := newRing(300, sim.Luck{Seed: 3})
	var weeks []int
	var totals []float64
	run, err := sim.Start(sim.Config{Worlds: []sim.World{world}, Phases: ringPhases, Observe: func(week int) {
		weeks, totals = append(weeks, week), append(totals, world.total)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer run.Stop()
	if err := run.To(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	want := newRing(300, sim.Luck{Seed: 3})
	for week := range 3 {
		want.plain(week, week+1)
		if weeks[week] != week || totals[week] != want.total {
			t.Errorf("observed week %d with total %v, want week %d with %v", weeks[week], totals[week], week, want.total)
		}
	}
}

func TestCancelStopsWithinAPhase(t *testing.T) {
	world, want := newRing(600, sim.Luck{Seed: 3}), newRing(600, sim.Luck{Seed: 3})
	want.plain(0, 10)
	ctx, cancel := context.WithCancel(t.Context())
	acted := make([]sim.Time, 600) // the last time that each cell acted
	world.meddle = func(i int, at sim.Time) {
		acted[i] = at
		if i == 300 && at == (sim.Time{Week: 4, Phase: look}) {
			cancel()
		}
	}
	run := start(t, 2, world)
	if err := run.To(ctx, 10); !errors.Is(err, context.Canceled) {
		t.Fatalf("the error of a cancelled run is %v", err)
	}
	for i, at := range acted {
		if at != (sim.Time{Week: 4, Phase: look}) {
			t.Fatalf("cell %d acted last at %v, not in the phase in which the run was cancelled", i, at)
		}
	}
	if run.Week() != 4 {
		t.Errorf("the cancelled run is at week %d, want 4", run.Week())
	}
	if err := run.To(t.Context(), 10); err != nil { // goes on in the middle of the week
		t.Fatal(err)
	}
	sameRing(t, world, want)
}

var errTest = errors.New("no grass")

func TestPanicNamesTheAgent(t *testing.T) {
	for _, workers := range []int{1, 3} {
		first, second := newRing(2000, sim.Luck{Seed: 3, Run: 7}), newRing(2000, sim.Luck{Seed: 3, Run: 8})
		second.meddle = func(i int, at sim.Time) {
			if i%500 == 400 && at == (sim.Time{Week: 2, Phase: move}) { // several: the first in order is named
				failHere()
			}
		}
		run := start(t, workers, first, second)
		err := run.To(t.Context(), 10)
		var failed *sim.AgentError
		if !errors.As(err, &failed) {
			t.Fatalf("the error is %v", err)
		}
		if got, want := err.Error(), "cell 400 panicked: no grass (week 2, phase move, seed 3, run 8)"; got != want {
			t.Errorf("the error is %q, want %q", got, want)
		}
		if !errors.Is(err, errTest) {
			t.Errorf("%v does not wrap what the agent panicked with", err)
		}
		if !strings.Contains(string(failed.Stack), "failHere") {
			t.Errorf("the stack is not the agent's own:\n%s", failed.Stack)
		}
		if again := run.To(t.Context(), 10); again != err {
			t.Errorf("going on after a failure gives %v", again)
		}
	}
}

//go:noinline
func failHere() { panic(errTest) }

func TestGoexitInAnAgent(t *testing.T) {
	for _, guilty := range []int{10, 1999} { // of the lead's share, and of another worker's
		world := newRing(2000, sim.Luck{Seed: 3})
		world.meddle = func(i int, at sim.Time) {
			if i == guilty && at.Week == 1 {
				runtime.Goexit()
			}
		}
		err := start(t, 2, world).To(t.Context(), 3)
		if want := fmt.Sprintf("cell %d ended its goroutine (week 1, phase look, seed 3, run 0)", guilty); err == nil || err.Error() != want {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
}

func TestPanicInASumAndInTheObserver(t *testing.T) {
	world := newRing(600, sim.Luck{Seed: 3})
	world.meddleInFold = func(lo int) {
		if lo == 256 {
			panic("bad sum")
		}
	}
	err := start(t, 2, world).To(t.Context(), 3)
	if want := "the sum over cell 256 to 511 panicked: bad sum (week 0, phase look, seed 3, run 0)"; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}

	run, err := sim.Start(sim.Config{Worlds: []sim.World{newRing(3, sim.Luck{})}, Phases: ringPhases, Observe: func(int) { panic("blind") }})
	if err != nil {
		t.Fatal(err)
	}
	defer run.Stop()
	err = run.To(t.Context(), 3)
	if want := "the observer panicked: blind (week 0, phase observe, seed 0, run 0)"; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

// A window's goroutine is locked to its thread, on which coroutines would be fatal.
func TestLockedThread(t *testing.T) {
	world, want := newRing(600, sim.Luck{Seed: 3}), newRing(600, sim.Luck{Seed: 3})
	want.plain(0, 5)
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		run, err := sim.Start(sim.Config{Worlds: []sim.World{world}, Phases: ringPhases, Workers: 2})
		for week := 1; err == nil && week <= 5; week++ {
			err = run.To(context.Background(), week)
		}
		run.Stop()
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	sameRing(t, world, want)
}

func TestStopTwice(t *testing.T) {
	run := start(t, 2, newRing(600, sim.Luck{}))
	run.Stop() // agents that never acted
	run.Stop()
	if err := run.To(t.Context(), 1); err != sim.ErrStopped {
		t.Errorf("going on after Stop gives %v", err)
	}
}

func TestStartRefuses(t *testing.T) {
	world := func(n int) sim.World { return newRing(n, sim.Luck{}) }
	for want, cfg := range map[string]sim.Config{
		"start a run: no world to run":                                                        {Phases: ringPhases},
		"start a run: a week needs a phase":                                                   {Worlds: []sim.World{world(1)}},
		"start a run: -1 workers; 0 is as many as there are processors":                       {Worlds: []sim.World{world(1)}, Phases: ringPhases, Workers: -1},
		`start a run: phase "graze": no agents of kind "sheep"`:                               {Worlds: []sim.World{world(1)}, Phases: []sim.Phase{{Name: "graze", Kinds: []string{"sheep"}}}},
		`start a run: phase "look": kind "cell" is named twice`:                               {Worlds: []sim.World{world(1)}, Phases: []sim.Phase{{Name: "look", Kinds: []string{"cell", "cell"}}}},
		`start a run: world 1 has 2 agents of kind "cell" where world 0 has 1 of kind "cell"`: {Worlds: []sim.World{world(1), world(2)}, Phases: ringPhases},
	} {
		if _, err := sim.Start(cfg); err == nil || err.Error() != want {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
}

// Each agent runs on a goroutine of its own: their identifiers, as the runtime prints them, all differ.
func TestAGoroutineEach(t *testing.T) {
	world := newRing(300, sim.Luck{})
	ids := make([]string, 300)
	world.meddle = func(i int, at sim.Time) {
		var buf [64]byte
		id := strings.Fields(string(buf[:runtime.Stack(buf[:], false)]))[1]
		if ids[i] == "" {
			ids[i] = id
		} else if ids[i] != id {
			ids[i] = "moved"
		}
	}
	if err := start(t, 2, world).To(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for i, id := range ids {
		if other, again := seen[id]; again || id == "moved" {
			t.Fatalf("cell %d acted on goroutine %s, cell %d too", i, id, other)
		}
		seen[id] = i
	}
}

func TestWeeksDoNotAllocate(t *testing.T) {
	world := newRing(600, sim.Luck{})
	run := start(t, 1, world)
	if err := run.To(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	week := func(n int) float64 {
		return testing.AllocsPerRun(5, func() {
			if err := run.To(context.Background(), run.Week()+n); err != nil {
				panic(err)
			}
		})
	}
	if few, many := week(1), week(200); many > few {
		t.Errorf("200 weeks allocate %v times, one week %v", many, few)
	}
}

func ExampleAgentError() {
	world := newRing(3, sim.Luck{Seed: 1, Run: 4})
	world.meddle = func(i int, at sim.Time) {
		if i == 2 && at.Week == 30 {
			panic("out of grass")
		}
	}
	run, err := sim.Start(sim.Config{Worlds: []sim.World{world}, Phases: ringPhases})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	fmt.Println(run.To(context.Background(), 52))
	// Output: cell 2 panicked: out of grass (week 30, phase look, seed 1, run 4)
}
