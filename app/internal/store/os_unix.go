//go:build unix

package store

import (
	"os"
	"syscall"
)

// locks says whether files can be locked, so that a stage in use can be told from one left behind.
const locks = true

// tryLock locks a file until it is closed, or fails at once where another process has it.
func tryLock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// syncDir sees the names in a directory onto the disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
