package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"exodus/app/internal/results"
	"exodus/app/internal/store"
	"exodus/scenarios"
)

// done is the first snapshot after all commands so far.
func done(t testing.TB, s *Session) *Snapshot {
	t.Helper()
	given := s.Commands()
	return until(t, s, func(snap *Snapshot) bool { return snap.Command >= given })
}

func lever(t testing.TB, snap *Snapshot, path string) Lever {
	t.Helper()
	for _, l := range snap.Levers {
		if l.Path == path {
			return l
		}
	}
	t.Fatalf("there is no lever %s", path)
	return Lever{}
}

func TestDragIsOneStep(t *testing.T) {
	s := begin(t, Config{Runs: 10})
	for _, value := range []string{"0.4", "0.3", "0.2"} {
		s.Drag("events.deal.stake", value)
		done(t, s)
	}
	s.Release()
	s.Drag("events.deal.stake", "0.1")
	s.Undo()
	snap := settled(t, s)
	if l := lever(t, snap, "events.deal.stake"); l.Now != 0.2 || !l.Changed || l.InFile != 0.49 {
		t.Errorf("after a drag and another that was undone, the stake is %g", l.Now)
	}
	s.Undo()
	if snap = settled(t, s); len(snap.Changes) > 0 || snap.Undo != "" || snap.Redo == "" || snap.Dirty {
		t.Errorf("undoing a drag left %v, %q", snap.Changes, snap.Undo)
	}
	// Back to where it began, a drag is no step at all.
	s.Drag("events.deal.stake", "0.4")
	done(t, s)
	s.Drag("events.deal.stake", "0.49")
	s.Release()
	if snap = settled(t, s); snap.Undo != "" || len(snap.Changes) > 0 {
		t.Errorf("a drag to nowhere is a step: %q %v", snap.Undo, snap.Changes)
	}
}

func TestRefused(t *testing.T) {
	s := begin(t, Config{Runs: 10})
	before := settled(t, s)
	for _, at := range []struct{ path, value, want string }{
		{"events.deal.stake", "2", "0 to 1"},
		{"events.deal.stake", "half", "number"},
		{"model.leak_aversoin", "3", "leak_aversion"},
		{"events.deal.stake", "", "path=value"},
	} {
		s.Set(at.path, at.value)
		snap := settled(t, s)
		r := snap.Refused
		if r == nil || r.Path != at.path || r.Text != at.value || !strings.Contains(r.Err.Error(), at.want) {
			t.Errorf("%s=%s: %+v", at.path, at.value, r)
		}
		if !sameDocument(snap, before) || snap.Undo != "" {
			t.Errorf("%s=%s was refused, and changed the document", at.path, at.value)
		}
	}
	s.SetRuns("0")
	if snap := settled(t, s); snap.Refused == nil || snap.Runs != 10 {
		t.Errorf("0 runs: %+v", snap.Refused)
	}
	s.Set("events.deal.stake", "0.3")
	if snap := settled(t, s); snap.Refused != nil {
		t.Errorf("a refusal outlives the next command: %v", snap.Refused.Err)
	}
}

// A comparison with the file as it is, unchanged, has differences of exactly zero in every run.
func TestEmptyComparison(t *testing.T) {
	s := begin(t, Config{Runs: 250})
	s.Compare(scenarios.Reference)
	snap := settled(t, s)
	d := snap.Difference
	if d == nil || d.Runs != 250 {
		t.Fatalf("%+v", snap.Status)
	}
	for _, q := range results.Kept {
		for week := range d.Weeks {
			for j := range d.Vendors {
				if got := d.At(q, week, j); got != (results.Band{}) && got == got {
					t.Fatalf("%v of %s in week %d differs by %v", q, d.Vendors[j], week, got)
				}
			}
		}
	}
	s.Set("events.promise.credibility", "0.8")
	if snap = settled(t, s); snap.Difference.At(results.Share, 40, 0)[2] <= 0 {
		t.Error("a firewall makes no difference")
	}
}

// Many commands at once, each ending the computation of the one before: the newest snapshot answers the last.
func TestStorm(t *testing.T) {
	runs, commands := 400, 300
	if testing.Short() {
		runs, commands = 100, 100
	}
	s := begin(t, Config{Runs: runs})
	for i := range commands {
		switch i % 7 {
		case 5:
			s.Cancel()
		case 6:
			done(t, s)
		default:
			s.Drag("model.leak_aversion", []string{"3", "4", "5", "6", "7"}[i%5])
		}
	}
	s.Drag("model.leak_aversion", "6.5")
	snap := settled(t, s)
	if snap.World.Scenario.Spec.Model.LeakAversion != 6.5 || snap.Stale || snap.FactsStale || snap.World.Fans.Runs != runs {
		t.Errorf("%g %+v", snap.World.Scenario.Spec.Model.LeakAversion, snap.Status)
	}
	fresh := begin(t, Config{Runs: runs})
	fresh.Set("model.leak_aversion", "6.5")
	if want := settled(t, fresh); !sameFans(snap.World.Fans, want.World.Fans) || snap.World.Run.Digest() != want.World.Run.Digest() {
		t.Error("after a storm the market is another than without one")
	}
}

func TestPlay(t *testing.T) {
	s := begin(t, Config{Runs: 10})
	snap := settled(t, s)
	if snap.Week != snap.Weeks || snap.Weeks != 104 {
		t.Fatalf("it opens at week %d of %d", snap.Week, snap.Weeks)
	}
	s.SetSpeed(500)
	s.Play()
	until(t, s, func(snap *Snapshot) bool { return snap.Playing && snap.Week > 0 && snap.Week < 104 })
	until(t, s, func(snap *Snapshot) bool { return !snap.Playing && snap.Week == 104 })
	s.Seek(30)
	s.Step(-2)
	if snap = settled(t, s); snap.Week != 28 || snap.Shown() != 27 {
		t.Errorf("week %d", snap.Week)
	}
	s.ActFrom(true)
	s.Set("events.promise.credibility", "0.8")
	snap = settled(t, s)
	if len(snap.Interventions) != 1 || snap.Interventions[0].Week != 28 || len(snap.Changes) > 0 {
		t.Fatalf("%+v", snap.Interventions)
	}
	found := false
	for _, l := range snap.Feed {
		found = found || l.Kind == Intervene && l.Week == 28 && strings.Contains(l.Text, "0.15 to 0.8")
	}
	if !found {
		t.Error("the feed does not tell the intervention")
	}
	if l := lever(t, snap, "events.promise.credibility"); l.Now != 0.8 || l.InFile != 0.15 {
		t.Errorf("%+v", l)
	}
	s.Seek(20)
	if snap = settled(t, s); lever(t, snap, "events.promise.credibility").Now != 0.15 {
		t.Error("before its week an intervention has moved the lever")
	}
	s.Seek(104)
	s.Set("model.herding", "0.5")
	if snap = settled(t, s); snap.Refused == nil {
		t.Error("after the end something can still be changed")
	}
	s.Reset("events.promise.credibility")
	if snap = settled(t, s); len(snap.Interventions) > 0 {
		t.Error("an intervention outlives its reset")
	}
}

// A text with problems is shown with them, and the last good market stays.
func TestBrokenText(t *testing.T) {
	s := begin(t, Config{Runs: 10})
	before := settled(t, s)
	s.Edit(strings.Replace(before.Source, "leak_aversion = 5", "leak_aversion = 500", 1))
	snap := settled(t, s)
	if len(snap.Problems) == 0 || snap.Problems[0].Line == 0 || snap.World == nil || snap.World.Run != before.World.Run || snap.Stale {
		t.Fatalf("%v %v", snap.Problems, snap.Stale)
	}
	s.Set("events.deal.stake", "0.2")
	if snap = settled(t, s); snap.Refused == nil {
		t.Error("a broken scenario can be changed")
	}
	s.Edit(strings.Replace(before.Source, "leak_aversion = 5", "leak_aversion = 6", 1))
	if snap = settled(t, s); len(snap.Problems) > 0 || lever(t, snap, "model.leak_aversion").InFile != 6 {
		t.Errorf("%v", snap.Problems)
	}
	s.Undo()
	if snap = settled(t, s); snap.Source != before.Source || snap.Undo != "" {
		t.Error("edits one after another are not one step")
	}

	broken := filepath.Join(t.TempDir(), "broken.toml")
	os.WriteFile(broken, []byte("weeks = \n"), 0o666)
	s.Open(broken)
	if snap = settled(t, s); len(snap.Problems) == 0 || snap.File != broken || snap.World.Run == nil {
		t.Errorf("%+v", snap.Problems)
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mine.toml")
	s := begin(t, Config{Runs: 10})
	if _, err := s.Save("", false); err == nil {
		t.Error("a built-in scenario was saved")
	}
	s.Set("events.deal.stake", "0.3")
	s.Set("events.deal.votes", "0.2")
	s.Set("labs.Google.spend.Scale", "210")
	s.Set("model.hiring_rate", "0.05")
	want := settled(t, s)
	if _, err := s.Save(path, false); err != nil {
		t.Fatal(err)
	}
	got, err := scenarios.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Spec, want.World.Scenario.Spec) {
		t.Error("what was saved reads back as another market")
	}
	snap := settled(t, s)
	if snap.Dirty || snap.File != path || len(snap.Changes) > 0 || !strings.Contains(snap.Source, "# the chief executive moves to Meta") {
		t.Errorf("%v %s %v", snap.Dirty, snap.File, snap.Changes)
	}
	if snap.World.Run.Digest() != want.World.Run.Digest() {
		t.Error("saving changed the market")
	}

	s.Set("events.deal.stake", "0.2")
	os.WriteFile(path, []byte("# someone else's\n"), 0o666)
	var conflict *Conflict
	if _, err := s.Save("", false); !errors.As(err, &conflict) || string(conflict.Theirs) != "# someone else's\n" {
		t.Errorf("a file that someone changed: %v", err)
	}
	if there, _ := os.ReadFile(path); string(there) != "# someone else's\n" {
		t.Error("it was written over")
	}
	if _, err := s.Save("", true); err != nil {
		t.Error(err)
	}
	if _, err := s.Save(filepath.Join("/dev/full", "x.toml"), false); err == nil {
		t.Error("no error for a place that cannot be written to")
	}

	s.Choose("audited-firewall")
	s.Set("events.promise.credibility", "0.6")
	s.Set("model.herding", "0.4")
	want = settled(t, s)
	if _, err := s.Save("", false); err != nil {
		t.Fatal(err)
	}
	if got, err = scenarios.Load(path); err == nil {
		got, err = got.With("audited-firewall", nil)
	}
	if err != nil || !reflect.DeepEqual(got.Spec, want.World.Scenario.Spec) {
		t.Errorf("a variant that was changed and saved: %v", err)
	}
}

func TestExport(t *testing.T) {
	s := begin(t, Config{Runs: 20, Version: "test"})
	s.Set("model.herding", "0.4")
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "run")
	if err := s.Export(ctx, dir, false); err != nil {
		t.Fatal(err)
	}
	receipt, err := store.ReadReceipt(dir)
	if err != nil || receipt.Digest != settled(t, s).World.Run.Digest() {
		t.Errorf("%v %+v", err, receipt)
	}
	if err := s.ExportRuns(ctx, dir+"s"); err != nil {
		t.Fatal(err)
	}
	head, err := store.ReadStudy(dir + "s")
	if err != nil || head.Against != "no-deal" || head.Plan.Runs != 20 {
		t.Errorf("%v %+v", err, head)
	}
}

// The last session comes back, with what was not saved.
func TestComesBack(t *testing.T) {
	dir := t.TempDir()
	s := New(Config{Dir: dir, Runs: 10})
	s.Set("events.deal.stake", "0.3")
	s.Choose("long-terms")
	s.ActFrom(true)
	s.Seek(40)
	s.Set("model.herding", "0.9")
	want := settled(t, s)
	// Within a moment it is on disk, whatever becomes of the program.
	path := filepath.Join(dir, "session.json")
	for s.Snapshot() != nil {
		if content, err := os.ReadFile(path); err == nil && strings.Contains(string(content), `"model.herding"`) {
			break
		}
		if t.Context().Err() != nil {
			t.Fatal("the session was not kept")
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got := settled(t, begin(t, Config{Dir: dir}))
	if !sameDocument(got, want) || got.World.Run.Digest() != want.World.Run.Digest() || got.Week != 40 || !got.Dirty {
		a, b := documentOf(got), documentOf(want)
		a.Source, b.Source = "", ""
		t.Errorf("%+v\n%+v\nweek %d, dirty %t, the same text %t", a, b, got.Week, got.Dirty, got.Source == want.Source)
	}

	os.WriteFile(path, []byte("{"), 0o666)
	snap := settled(t, begin(t, Config{Dir: filepath.Dir(path), Runs: 10}))
	if snap.Name != defaultName || !strings.Contains(snap.Status.Warning, "put aside") {
		t.Errorf("after a session that cannot be read: %s %q", snap.Name, snap.Status.Warning)
	}

	// One of another version says which, also where its fields are of other types.
	for content, by := range map[string]string{
		`{"format":7,"version":"v9.8.7","document":[]}`: "exodus v9.8.7 wrote it",
		`{"format":7}`: "did not write which one it is",
	} {
		os.WriteFile(path, []byte(content), 0o666)
		snap := settled(t, begin(t, Config{Dir: dir, Runs: 10}))
		if w := snap.Status.Warning; !strings.Contains(w, by) || !strings.Contains(w, "in format 7") || !strings.Contains(w, "rename it to session.json") {
			t.Errorf("after a session of another version: %q", w)
		}
	}
}

// A market of 100,000 labs warns, makes fewer runs, and the session stays responsive.
func TestLarge(t *testing.T) {
	runs, many := 1000, "100000"
	if testing.Short() { // with the race detector they take a minute and a half to begin
		runs, many = 300, "20000"
	}
	s := begin(t, Config{Runs: runs})
	settled(t, s)
	s.Set("labs.Enterprise.count", many)
	snap := done(t, s)
	if !strings.Contains(snap.Status.Warning, "labs") || snap.Status.Of >= runs {
		t.Errorf("%+v", snap.Status)
	}
	s.Seek(10)
	s.Undo() // while it computes
	if snap = settled(t, s); snap.Status.Of != runs || snap.Status.Warning != "" {
		t.Errorf("%+v", snap.Status)
	}
	s.Set("labs.Enterprise.count", "9000000")
	if snap = done(t, s); snap.Refused == nil {
		t.Error("9 million labs are taken")
	}
}

// What is compared with is not lived again while a lever moves that does not reach it. It comes to the same as if
// it were, also where a lever reaches it, or where more runs or other luck are asked for.
func TestLivedOnce(t *testing.T) {
	runs, more, fewer := "260", "330", "250"
	if testing.Short() { // still more than the first fans have
		runs, more, fewer = "206", "216", "203"
	}
	steps := []func(*Session){
		func(s *Session) { s.Drag("events.deal.stake", "0.2"); s.Release() },
		func(s *Session) { s.SetRuns(more) },
		func(s *Session) { s.Drag("labs.Google.growth", "0.9"); s.Release() },
		func(s *Session) { s.SetRuns(fewer) },
		func(s *Session) { s.SetSeed("8") },
		func(s *Session) { s.Drag("events.deal.stake", "0.3"); s.Release() },
	}
	s := begin(t, Config{Runs: 1})
	s.SetRuns(runs)
	settled(t, s)
	for i, step := range steps {
		step(s)
		got := settled(t, s)
		if testing.Short() && i%2 == 0 { // what goes wrong here is there after the next step too
			continue
		}
		fresh := begin(t, Config{Runs: 1})
		for _, step := range steps[:i+1] {
			step(fresh)
		}
		if i == 0 {
			fresh.SetRuns(runs)
		}
		want := settled(t, fresh)
		for what, both := range map[string][2]*results.Bands{
			"the world": {got.World.Fans, want.World.Fans}, "the other": {got.Other.Fans, want.Other.Fans}, "the difference": {got.Difference, want.Difference},
		} {
			if !sameFans(both[0], both[1]) {
				t.Errorf("after step %d, %s is not what it comes to anew", i, what)
			}
		}
	}
}

// failing is a command after which the runs of the market fail: in code of the engine, or of the session.
type failing struct{}

func (failing) do(c *core) error {
	m, main := *c.market, *c.market.main
	main.plan, m.main, c.market = nil, &main, &m
	c.begin()
	return nil
}

// A run that fails is told, and the last good market stays; the next command is answered as ever.
func TestFailedRun(t *testing.T) {
	s := begin(t, Config{Runs: 10})
	before := settled(t, s)
	s.command(failing{})
	snap := settled(t, s)
	if snap.Status.Err == nil || !strings.Contains(snap.Status.Err.Error(), "fail") || snap.World.Run != before.World.Run || !snap.Stale {
		t.Fatalf("after a run that failed the error is %v, and the run another: %t", snap.Status.Err, snap.World.Run != before.World.Run)
	}
	if err := s.Export(t.Context(), filepath.Join(t.TempDir(), "run"), false); err == nil {
		t.Error("what failed was exported")
	}
	s.Set("events.deal.stake", "0.3")
	if snap = settled(t, s); snap.Status.Err != nil || snap.Stale || lever(t, snap, "events.deal.stake").Now != 0.3 {
		t.Errorf("after the next command the error is %v", snap.Status.Err)
	}
}
