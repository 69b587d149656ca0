package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A disk that is full in the middle of a study: the study says so and ends, what stands is whole, and once there is
// room it goes on to the same bytes.
func TestFullDisk(t *testing.T) {
	small := t.TempDir()
	if err := syscall.Mount("none", small, "tmpfs", 0, "size=48M"); err != nil {
		t.Logf("NOT CHECKED on a disk that is full: mounting a small one takes root: %v", err)
		return
	}
	t.Cleanup(func() { syscall.Unmount(small, syscall.MNT_DETACH) })
	program := build(t)
	const runs = "1500"
	whole, dir := filepath.Join(t.TempDir(), "whole"), filepath.Join(small, "study")
	batch(t, program, whole, "--runs", runs)

	out, err := exec.Command(program, "batch", "meta-scale", "--against", "no-deal", "--quiet", "--out", dir, "--runs", runs).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "no space is left on the disk; free some") || strings.Contains(string(out), "goroutine ") {
		t.Fatalf("on a full disk: %v\n%s", err, out)
	}
	for _, gone := range []string{"runs.parquet", "quantiles.csv"} {
		if _, err := os.Stat(filepath.Join(dir, gone)); err == nil {
			t.Errorf("%s is there, of a study that is not done", gone)
		}
	}
	if err := syscall.Mount("none", small, "tmpfs", syscall.MS_REMOUNT, "size=512M"); err != nil {
		t.Fatal(err)
	}
	batch(t, program, dir, "--runs", runs, "--resume")
	if got, want := contents(t, dir), contents(t, whole); got != want {
		t.Errorf("once there is room, the directory holds\n%swant\n%s", got, want)
	}
}

// A directory that cannot be written to: it is said before anything is run, and what it holds can be read as ever.
func TestReadOnly(t *testing.T) {
	place := t.TempDir()
	if err := syscall.Mount("none", place, "tmpfs", 0, "size=64M"); err != nil {
		t.Logf("NOT CHECKED on a disk that is read only: mounting one takes root: %v", err)
		return
	}
	t.Cleanup(func() { syscall.Unmount(place, syscall.MNT_DETACH) })
	program := build(t)
	dir := filepath.Join(place, "study")
	batch(t, program, dir, "--runs", "100")
	want := contents(t, place)
	if err := syscall.Mount("none", place, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--out", dir, "--runs", "200", "--resume"}, {"--out", filepath.Join(place, "new"), "--runs", "100"}} {
		out, err := exec.Command(program, append([]string{"batch", "meta-scale", "--against", "no-deal"}, args...)...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "read-only file system") || strings.Contains(string(out), "goroutine ") || strings.Count(string(out), "\n") > 1 {
			t.Errorf("%v on a disk that is read only: %v\n%s", args, err, out)
		}
	}
	figures := filepath.Join(t.TempDir(), "figures")
	if out, err := exec.Command(program, "plot", dir, "--figure", "gain", "--out", figures).CombinedOutput(); err != nil {
		t.Errorf("plot of results on a disk that is read only: %v\n%s", err, out)
	}
	if got := contents(t, place); got != want {
		t.Errorf("the disk that is read only holds\n%swant\n%s", got, want)
	}
}
