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
