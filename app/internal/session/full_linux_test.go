package session

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// On a disk that is full, saving and exporting say so, what was there stays whole, and nothing of the session is
// lost; once there is room, the same commands do it.
func TestFullDisk(t *testing.T) {
	small := t.TempDir()
	if err := syscall.Mount("none", small, "tmpfs", 0, "size=256K"); err != nil {
		t.Logf("NOT CHECKED on a disk that is full: mounting a small one takes root: %v", err)
		return
	}
	t.Cleanup(func() { syscall.Unmount(small, syscall.MNT_DETACH) })
	s := begin(t, Config{Dir: filepath.Join(small, "kept"), Runs: 10})
	path := filepath.Join(small, "mine.toml")
	if _, err := s.Save(path, false); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	filler, err := os.Create(filepath.Join(small, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = filler.Write(make([]byte, 4096))
	}
	filler.Close()

	s.Set("events.deal.stake", "0.3")
	const full = "no space"
	if _, err := s.Save("", false); err == nil || !strings.Contains(err.Error(), full) {
		t.Errorf("saving: %v", err)
	}
	if there, err := os.ReadFile(path); string(there) != string(whole) {
		t.Errorf("the file holds %d bytes, not the %d that it did (%v)", len(there), len(whole), err)
	}
	export := filepath.Join(small, "run")
	if err := s.Export(t.Context(), export, false); err == nil || !strings.Contains(err.Error(), full) {
		t.Errorf("exporting: %v", err)
	}
	warned := until(t, s, func(snap *Snapshot) bool { return snap.Status.Warning != "" })
	if !strings.Contains(warned.Status.Warning, full) || !warned.Dirty || lever(t, warned, "events.deal.stake").Now != 0.3 {
		t.Errorf("%q, with changes: %t", warned.Status.Warning, warned.Dirty)
	}

	if err := syscall.Mount("none", small, "tmpfs", syscall.MS_REMOUNT, "size=64M"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Save("", false); err != nil {
		t.Error(err)
	}
	if there, _ := os.ReadFile(path); !strings.Contains(string(there), "stake = 0.3") {
		t.Error("the change is not in the file")
	}
	if err := s.Export(t.Context(), export, false); err != nil {
		t.Error(err)
	}
}
