package store

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim"
)

func run(t testing.TB, changes ...string) *Run {
	t.Helper()
	s, err := scenarios.Load("meta-scale")
	if err != nil {
		t.Fatal(err)
	}
	if s, err = s.With("", changes); err != nil {
		t.Fatal(err)
	}
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		t.Fatal(err)
	}
	luck := sim.Luck{Seed: 3, Run: 1}
	trajectory, err := agents.Run(t.Context(), plan, luck, agents.Options{Decisions: true})
	if err != nil {
		t.Fatal(err)
	}
	return &Run{Scenario: s, Luck: luck, Trajectory: trajectory, Version: "test", Platform: "here"}
}

// read reads a table back, by column.
func read(t *testing.T, path string) map[string][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string][]string{}
	for i, name := range rows[0] {
		for _, row := range rows[1:] {
			columns[name] = append(columns[name], row[i])
		}
	}
	return columns
}

// Every number in a table reads back as the very number that it was.
func TestTablesReadBackExactly(t *testing.T) {
	r := run(t)
	dir := filepath.Join(t.TempDir(), "results")
	if changed, err := Write(dir, r.Files(nil), false); err != nil || !changed {
		t.Fatal(changed, err)
	}
	same := func(path, column string, want []float64) {
		t.Helper()
		got := read(t, filepath.Join(dir, path))[column]
		if len(got) != len(want) {
			t.Fatalf("%s has %d rows, want %d", path, len(got), len(want))
		}
		for i, text := range got {
			if math.IsNaN(want[i]) {
				if text != "" {
					t.Fatalf("%s of row %d in %s is %q, want none", column, i, path, text)
				}
				continue
			}
			if x, err := strconv.ParseFloat(text, 64); err != nil || x != want[i] {
				t.Fatalf("%s of row %d in %s is %q, want %v", column, i, path, text, want[i])
			}
		}
	}
	tr := r.Trajectory
	var shares []float64
	for week := range tr.Weeks {
		for j := range tr.Vendors {
			shares = append(shares, tr.Share(week, j))
		}
	}
	used, room := slices.Clone(tr.Utilisation), slices.Clone(tr.Capacity)
	for i := len(tr.Vendors) - 1; i < len(used); i += len(tr.Vendors) {
		used[i], room[i] = math.NaN(), math.NaN() // In-house has no limit
	}
	for column, want := range map[string][]float64{"revenue": tr.Revenue, "share": shares, "load": tr.Load, "capacity": room,
		"price": tr.Price, "utilisation": used, "inquiries": tr.Inquiries} {
		same("vendors.csv", column, want)
	}
	for column, want := range map[string][]float64{"spend": tr.Spend, "trust": tr.Trust, "conflict": tr.Conflict, "premium": tr.Premium, "left": tr.Left} {
		same("relations.csv", column, want)
	}
	events := read(t, filepath.Join(dir, "events.csv"))
	if len(events["week"]) != len(tr.Log) || events["agent"][0] != "Meta" || events["event"][0] != "stake" || events["date"][0] != "2025-06-13" || events["cause"][0] != "deal" {
		t.Errorf("the first event is %v %v %v", events["agent"][0], events["event"][0], events["date"][0])
	}
	if got := len(read(t, filepath.Join(dir, "decisions.csv"))["regret"]); got != 104*10*8 {
		t.Errorf("decisions.csv has %d rows", got)
	}

	receipt, err := ReadReceipt(dir)
	if err != nil {
		t.Fatal(err)
	}
	if receipt.Digest != tr.Digest() || receipt.Luck != r.Luck || receipt.Weeks != 104 || receipt.Source != string(r.Scenario.Source) || len(receipt.Files) != 4 {
		t.Errorf("the receipt is %+v", receipt)
	}
	check(t, dir)
}

// check checks that a directory is what its receipt says.
func check(t *testing.T, dir string) *Receipt {
	t.Helper()
	receipt, err := ReadReceipt(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range receipt.Files {
		content, err := os.ReadFile(filepath.Join(dir, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != f.SHA256 {
			t.Errorf("%s is not what the receipt says", f.Name)
		}
	}
	return receipt
}

// names lists a directory.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

func TestWriteKeepsWhatIsThere(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "a", "results")
	first := []File{{"x.csv", []byte("1")}, {"y.csv", []byte("2")}}
	for i, want := range []bool{true, false} { // written, and there already
		if changed, err := Write(dir, first, false); err != nil || changed != want {
			t.Fatalf("write %d: changed %v, %v", i, changed, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	second := []File{{"x.csv", []byte("1")}, {"y.csv", []byte("3")}}
	var there *Exists
	if _, err := Write(dir, second, false); !errors.As(err, &there) || there.Path != filepath.Join(dir, "y.csv") {
		t.Fatalf("other results give %v", err)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "y.csv")); string(got) != "2" {
		t.Error("other results were written over")
	}
	if changed, err := Write(dir, second, true); err != nil || !changed {
		t.Fatal(changed, err)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "y.csv")); string(got) != "3" {
		t.Error("force does not replace")
	}
	if got := names(t, dir); got != "notes.txt x.csv y.csv" {
		t.Errorf("the directory holds %s", got)
	}
	if got := names(t, filepath.Join(parent, "a")); got != "results" {
		t.Errorf("beside the results there is %s", got)
	}
}

// A receipt of another version and platform with the same results is the same.
func TestSameResultsOfAnotherVersion(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results")
	r := run(t)
	if _, err := Write(dir, r.Files(nil), false); err != nil {
		t.Fatal(err)
	}
	r.Version, r.Platform = "newer", "elsewhere"
	if changed, err := Write(dir, r.Files(nil), false); err != nil || changed {
		t.Errorf("the same results of another version: changed %v, %v", changed, err)
	}
	r.Luck.Seed++
	if _, err := Write(dir, r.Files(nil), false); err == nil {
		t.Error("a receipt of another seed is the same")
	}
}

func TestWriteRefuses(t *testing.T) {
	parent := t.TempDir()
	file := filepath.Join(parent, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		file:                          file + " is a file; name a directory for the results",
		filepath.Join(file, "x"):      filepath.Join(file, "x") + ": cannot be written to: not a directory",
		filepath.Join(file, "x", "y"): filepath.Join(file, "x", "y") + ": cannot be written to: not a directory",
		"/proc/exodus/results":        "/proc/exodus: cannot be made: no such file or directory",
	} {
		if _, err := Write(dir, []File{{"x", nil}}, true); err == nil || err.Error() != want {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
	if got := names(t, parent); got != "file" {
		t.Errorf("what was refused left %s", got)
	}
}

// On a disk that fills up, nothing is left of what did not fit, and what was there stays.
func TestFullDisk(t *testing.T) {
	// The limit of a process on the size of its files stands for the end of the disk: the same write fails
	// in the same place.
	parent := t.TempDir()
	dir := filepath.Join(parent, "results")
	old := []File{{"x.csv", []byte("old")}}
	if _, err := Write(dir, old, false); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{dir, filepath.Join(parent, "deep", "new")} {
		cmd := child(t, target, "big")
		cmd.Args = []string{"sh", "-c", "ulimit -f 8; exec \"$0\" -test.run '^TestChild$'", os.Args[0]}
		cmd.Path, _ = exec.LookPath("sh")
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), target+": nothing was written: file too large") {
			t.Fatalf("a write to a full disk gives %v:\n%s", err, out)
		}
	}
	if got := names(t, parent) + ", " + names(t, dir); got != "results, x.csv" {
		t.Errorf("a full disk leaves %s", got)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "x.csv")); string(got) != "old" {
		t.Error("a full disk took what was there")
	}
	if err := reason(&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}); err.Error() != "no space is left on the disk; free some, or choose another place" {
		t.Errorf("a full disk is explained as %v", err)
	}
}

// child is this test program as a process that writes results: those named by kind, over and over.
func child(t testing.TB, dir, kind string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestChild$")
	cmd.Env = append(os.Environ(), "EXODUS_TEST_DIR="+dir, "EXODUS_TEST_KIND="+kind)
	return cmd
}

// generation makes results that belong together.
func generation(n int) []File {
	files := []File{}
	receipt := fmt.Sprintf(`{"format": %d, "weeks": 1, "digest": "%d", "files": [`, resultsFormat, n)
	for i := range 5 {
		f := File{fmt.Sprintf("table%d.csv", i), bytes.Repeat([]byte(fmt.Sprintf("%d,%d\n", n, i)), 2000)}
		sum := sha256.Sum256(f.Content)
		if i > 0 {
			receipt += ","
		}
		receipt += fmt.Sprintf(`{"name": %q, "sha256": %q}`, f.Name, hex.EncodeToString(sum[:]))
		files = append(files, f)
	}
	return append(files, File{ReceiptName, []byte(receipt + "]}")})
}

// TestChild is what a child process does. By itself it has nothing to do.
func TestChild(t *testing.T) {
	dir, kind := os.Getenv("EXODUS_TEST_DIR"), os.Getenv("EXODUS_TEST_KIND")
	switch kind {
	case "":
		return
	case "big":
		if _, err := Write(dir, []File{{"x.csv", make([]byte, 1<<20)}}, true); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	for n := 0; ; n++ {
		target := dir
		if kind == "new" {
			target = filepath.Join(dir, strconv.Itoa(n))
		}
		if _, err := Write(target, generation(n), true); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

// A writer that is killed at any moment leaves results that are whole: new ones appear in one step, and where
// old ones are replaced a receipt is there only if all that it speaks of is. The next writer sweeps up.
func TestKilled(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, kind := range []string{"new", "over"} {
		parent := t.TempDir()
		dir := filepath.Join(parent, "results")
		seen, receipts := 0, 0
		for round := range 25 {
			cmd := child(t, dir, kind)
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			out := bufio.NewReader(stdout)
			if round%2 == 0 { // of a slow machine too, every other writer has written when it is killed
				if _, err := out.ReadString('\n'); err != nil {
					t.Fatalf("%s: a writer ended by itself: %v", kind, err)
				}
				seen++
			}
			timer := time.AfterFunc(time.Duration(random.IntN(60))*time.Millisecond, func() { cmd.Process.Kill() })
			rest, _ := io.ReadAll(out)
			cmd.Wait() // it ends by the kill alone
			timer.Stop()
			seen += bytes.Count(rest, []byte("\n"))
			whole := []string{dir}
			if kind == "new" {
				whole, _ = filepath.Glob(filepath.Join(dir, "[0-9]*"))
			}
			for _, d := range whole {
				if _, err := os.Stat(filepath.Join(d, ReceiptName)); err == nil {
					check(t, d)
					receipts++
				} else if kind == "new" {
					t.Fatalf("%s is there without a receipt", d)
				}
			}
		}
		if seen < 13 || receipts < 5 {
			t.Fatalf("%s: the writers wrote %d times, and %d receipts were seen: too few to prove anything", kind, seen, receipts)
		}
		// The last one sweeps up after them all.
		last := dir
		if kind == "new" {
			last = filepath.Join(dir, "last")
		}
		if _, err := Write(last, generation(-1), true); err != nil {
			t.Fatal(err)
		}
		if check(t, last).Digest != "-1" {
			t.Error("the last write is not what is there")
		}
		for _, d := range []string{parent, dir} {
			if strings.Contains(names(t, d), stagePrefix) {
				t.Errorf("%s holds %s", d, names(t, d))
			}
		}
	}
}

// A stage that is in use is not swept up.
func TestSweepSparesTheLiving(t *testing.T) {
	parent := t.TempDir()
	s, err := newStage(parent)
	if err != nil {
		t.Fatal(err)
	}
	sweep(parent)
	if _, err := os.Stat(s.dir); err != nil {
		t.Errorf("a stage in use was swept up: %v", err)
	}
	s.lock.Close() // as when its process ends
	sweep(parent)
	if got := names(t, parent); got != "" {
		t.Errorf("of a writer that is gone, %s was left", got)
	}
}
