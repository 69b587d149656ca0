package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// build makes the program.
func build(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "exodus")
	cmd := exec.Command("go", "build", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// contents are the checksums of all files in a directory.
func contents(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		fmt.Fprintf(&out, "%x  %s\n", sha256.Sum256(content), name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func batch(t *testing.T, program, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, append([]string{"batch", "meta-scale", "--against", "no-deal", "--quiet", "--out", dir}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
}

// A study that is killed fifty times and resumed ends with the same bytes as one that was left in peace.
func TestBatchKilled(t *testing.T) {
	program := build(t)
	whole, killed := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "killed")
	const runs = "700"
	begun := time.Now()
	batch(t, program, whole, "--runs", runs)
	long := time.Since(begun)
	random := rand.New(rand.NewPCG(3, 4))
	same := func(after int) {
		if got, want := contents(t, killed), contents(t, whole); got != want {
			t.Fatalf("after %d kills the directory holds\n%swant\n%s", after, got, want)
		}
	}
	for kills := 0; kills < 50; {
		cmd := exec.Command(program, "batch", "meta-scale", "--against", "no-deal", "--quiet", "--out", killed, "--runs", runs, "--resume")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(random.Int64N(int64(long))), func() { cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		if cmd.ProcessState.Exited() && err != nil {
			t.Fatalf("after %d kills it cannot go on: %v", kills, err)
		}
		if err != nil {
			kills++
			continue
		}
		same(kills) // it was done before it was killed: the next one begins anew
		if err := os.RemoveAll(killed); err != nil {
			t.Fatal(err)
		}
	}
	batch(t, program, killed, "--runs", runs, "--resume")
	same(50)
}

// Whatever happens to a part, it is found out and run again; whatever is finished is not.
func TestBatchDamaged(t *testing.T) {
	program := build(t)
	dir := filepath.Join(t.TempDir(), "study")
	batch(t, program, dir, "--runs", "600")
	want := contents(t, dir)
	part := func(n int) string { return filepath.Join(dir, "parts", fmt.Sprintf("part-%08d.parquet", n)) }
	content, err := os.ReadFile(part(0))
	if err != nil {
		t.Fatal(err)
	}
	for what, damage := range map[string]func() error{
		"cut short": func() error { return os.WriteFile(part(0), content[:len(content)/2], 0o644) },
		"flipped a bit of": func() error {
			flipped := bytes.Clone(content)
			flipped[len(flipped)/3] ^= 1
			return os.WriteFile(part(0), flipped, 0o644)
		},
		"removed":               func() error { return os.Remove(part(0)) },
		"lost the checksums of": func() error { return os.Remove(filepath.Join(dir, "parts", "SHA256SUMS")) },
		"emptied":               func() error { return os.Truncate(part(1), 0) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		batch(t, program, dir, "--runs", "600", "--resume")
		if got := contents(t, dir); got != want {
			t.Errorf("after somebody %s a part the directory holds\n%swant\n%s", what, got, want)
		}
	}
}

// More runs leave the parts that stand alone, and come to what they would have come to at once.
func TestBatchExtended(t *testing.T) {
	program := build(t)
	small, large := filepath.Join(t.TempDir(), "small"), filepath.Join(t.TempDir(), "large")
	batch(t, program, small, "--runs", "600")
	// Of 1200 runs 1152 are in whole blocks of both variants: two parts of 512 stand, the third has one that is not whole.
	var before [2]os.FileInfo
	part := func(n int) os.FileInfo {
		t.Helper()
		info, err := os.Stat(filepath.Join(small, "parts", fmt.Sprintf("part-%08d.parquet", n)))
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	for n := range before {
		before[n] = part(n)
	}
	batch(t, program, small, "--runs", "1000", "--resume")
	for n := range before {
		if after := part(n); !os.SameFile(before[n], after) || !after.ModTime().Equal(before[n].ModTime()) {
			t.Errorf("part %d stood, and was run again", n)
		}
	}
	batch(t, program, large, "--runs", "1000")
	if got, want := contents(t, small), contents(t, large); got != want {
		t.Errorf("extended, the study is\n%swant\n%s", got, want)
	}
}

// However many work at a study, it comes to the same bytes.
func TestBatchWorkers(t *testing.T) {
	program := build(t)
	var want string
	for _, workers := range []string{"1", "2", "7"} {
		dir := filepath.Join(t.TempDir(), "study")
		batch(t, program, dir, "--runs", "700", "--variant", "reference,audited-firewall", "--workers", workers)
		got := contents(t, dir)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%s workers come to\n%swant what one comes to\n%s", workers, got, want)
		}
	}
}

// An interrupted study finishes the chunks in hand, and says how to go on.
func TestBatchInterrupted(t *testing.T) {
	program := build(t)
	dir := filepath.Join(t.TempDir(), "study")
	cmd := exec.Command(program, "batch", "meta-scale", "--runs", "20000", "--out", dir, "--workers", "1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first := filepath.Join(dir, "parts", "part-00000000.parquet")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(first); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no part after a minute")
		}
	}

	// A second process is refused, and told which one is at work.
	other := exec.Command(program, "batch", "meta-scale", "--runs", "20000", "--out", dir, "--resume")
	if out, err := other.CombinedOutput(); err == nil || !strings.Contains(string(out), fmt.Sprintf("process %d is working in it", cmd.Process.Pid)) {
		t.Errorf("a second process in the directory gets %v\n%s", err, out)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("an interrupted study exits with %d (%v)", code, err)
	}
	if !strings.Contains(stderr.String(), " of 20000 runs; go on with the same command and --resume --out "+dir) || strings.Contains(stderr.String(), "stopped after 0 of") {
		t.Errorf("an interrupted study says %s", stderr.String())
	}
}
