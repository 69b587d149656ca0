package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// BenchmarkProcess is the program as a process, from its start to its files on disk, and the most memory that it took.
func BenchmarkProcess(b *testing.B) {
	program := build(b)
	for _, c := range []struct {
		name string
		args []string
	}{
		{"run", []string{"run", "meta-scale", "--no-figures", "--quiet"}},
		{"batch/runs=1000", []string{"batch", "meta-scale", "--runs", "1000", "--quiet"}},
		{"batch/runs=1000/workers=1", []string{"batch", "meta-scale", "--runs", "1000", "--workers", "1", "--quiet"}},
		{"batch/runs=10000", []string{"batch", "meta-scale", "--runs", "10000", "--quiet"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			dir, n, most := b.TempDir(), 0, int64(0)
			for b.Loop() {
				n++
				cmd := exec.Command(program, append(c.args, "--out", filepath.Join(dir, fmt.Sprint(n)))...)
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v: %v\n%s", cmd, err, out)
				}
				most = max(most, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
			}
			b.ReportMetric(float64(most)/1024, "MB")
		})
	}
}
