package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Exists is the error of results that are in the way.
type Exists struct{ Path string }

func (e *Exists) Error() string { return e.Path + " already exists with other content" }

// Stages have names that nothing else has. A process that was killed leaves its own behind; the next one to
// write there sweeps it up.
const (
	stagePrefix = ".exodus-stage-"
	stageSuffix = ".results"
)

// Write puts files into dir, all of them or none. Where files of those names are there with the same content,
// nothing is done; with other content, they are replaced only by force, and else the error is an [*Exists]. A
// receipt differs only where it names other results: another version with the same results is the same.
// Files of other names are left alone.
//
// A dir that is new appears in one step. In one that is there, files are replaced one by one, each in one
// step; the receipt is removed first and put back last, so that it never names files that are not there.
// Files that only the old receipt names go with it.
func Write(dir string, files []File, force bool) (changed bool, err error) {
	dir = filepath.Clean(dir)
	parent := filepath.Dir(dir)
	info, err := os.Stat(dir)
	switch {
	case err == nil && !info.IsDir():
		return false, fmt.Errorf("%s is a file; name a directory for the results", dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return false, fmt.Errorf("%s: cannot be written to: %w", dir, reason(err))
	}
	isNew := err != nil
	if !isNew {
		same, err := compare(dir, files, force)
		if err != nil || same {
			return false, err
		}
	}
	beside := dir // where files can be renamed from: the same filesystem
	if isNew {
		beside = parent
	}
	made, err := mkdirs(beside)
	if err != nil {
		return false, err
	}
	sweep(beside)
	stage, err := newStage(beside)
	if err != nil {
		removeEmpty(made)
		return false, fmt.Errorf("%s: cannot be written to: %w", beside, reason(err))
	}
	defer func() {
		stage.remove()
		if err != nil {
			removeEmpty(made)
		}
	}()
	ready := filepath.Join(stage.dir, "results")
	if err := fill(ready, files); err != nil {
		return false, fmt.Errorf("%s: nothing was written: %w", dir, reason(err))
	}
	if isNew {
		err = os.Rename(ready, dir)
	} else {
		err = replace(ready, dir, files)
	}
	if err != nil {
		return false, fmt.Errorf("%s: cannot be written to: %w", dir, reason(err))
	}
	return true, syncDir(beside)
}

// reason drops the path from an error of the operating system, and says what to do about a full disk.
func reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return errors.New("no space is left on the disk; free some, or choose another place")
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// compare says whether dir holds all the files already, and refuses to overwrite others without force.
func compare(dir string, files []File, force bool) (same bool, err error) {
	same = true
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		there, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			same = false
		case err != nil && !force:
			return false, &Exists{path}
		case err != nil || !sameContent(f, there):
			if !force {
				return false, &Exists{path}
			}
			same = false
		}
	}
	return same, nil
}

// sameContent compares a file with what is there; of a receipt, only what it says about results.
func sameContent(f File, there []byte) bool {
	if f.Name != ReceiptName {
		return bytes.Equal(f.Content, there)
	}
	mine, err1 := stated(f.Content)
	theirs, err2 := stated(there)
	return err1 == nil && err2 == nil && bytes.Equal(mine, theirs)
}

// mkdirs makes a directory and those above it, and returns the ones that were not there, the deepest first.
func mkdirs(dir string) (made []string, err error) {
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err == nil {
			if !info.IsDir() {
				return nil, fmt.Errorf("%s is a file; results need a directory", at)
			}
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			if errors.Is(err, syscall.ENOTDIR) { // the file is further up
				continue
			}
			return nil, fmt.Errorf("%s: cannot be used: %w", at, reason(err))
		}
		made = append(made, at)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		removeEmpty(made)
		return nil, fmt.Errorf("%s: cannot be made: %w", dir, reason(err))
	}
	return made, nil
}

func removeEmpty(dirs []string) {
	for _, d := range dirs {
		os.Remove(d) // which fails, as it should, where something is in it
	}
}

// stage is a directory in which results are made ready. It belongs to the process that has a lock on the file beside it,
// which is there before the directory is and goes after it.
type stage struct {
	dir  string
	lock *os.File
}

func newStage(parent string) (*stage, error) {
	for {
		lock, err := os.CreateTemp(parent, stagePrefix)
		if err != nil {
			return nil, err
		}
		if tryLock(lock) != nil || !isThere(lock) { // a sweeper took it for one left behind
			lock.Close()
			continue
		}
		s := &stage{lock.Name() + stageSuffix, lock}
		if err := os.Mkdir(s.dir, 0o777); err != nil {
			s.remove()
			return nil, err
		}
		return s, nil
	}
}

// isThere says whether an open file still has its name.
func isThere(f *os.File) bool {
	named, err1 := os.Stat(f.Name())
	opened, err2 := f.Stat()
	return err1 == nil && err2 == nil && os.SameFile(named, opened)
}

func (s *stage) remove() {
	os.RemoveAll(s.dir)
	os.Remove(s.lock.Name())
	s.lock.Close()
}

// sweep removes the stages of processes that are gone. What cannot be removed is left to the next one.
func sweep(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil || !locks {
		return
	}
	for _, e := range entries {
		name := filepath.Join(parent, e.Name())
		switch {
		case !strings.HasPrefix(e.Name(), stagePrefix):
		case strings.HasSuffix(name, stageSuffix):
			if _, err := os.Stat(strings.TrimSuffix(name, stageSuffix)); errors.Is(err, fs.ErrNotExist) {
				os.RemoveAll(name)
			}
		default:
			lock, err := os.Open(name)
			if err != nil {
				continue
			}
			if tryLock(lock) == nil {
				(&stage{name + stageSuffix, lock}).remove()
			}
			lock.Close()
		}
	}
}

// fill makes a directory of the files, and sees them onto the disk.
func fill(dir string, files []File) error {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	for _, f := range files {
		if err := writeFile(filepath.Join(dir, f.Name), f.Content); err != nil {
			return err
		}
	}
	return syncDir(dir)
}

func writeFile(path string, content []byte) error {
	return writeFileBy(path, func(out io.Writer) error {
		_, err := out.Write(content)
		return err
	})
}

func writeFileBy(path string, encode func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(encode(f), f.Sync(), f.Close())
}

// replace moves files into a directory over those that are there, and removes what the old receipt names and
// the new results do not have: it would pass for theirs.
func replace(from, to string, files []File) error {
	stale := map[string]bool{}
	if old, err := ReadReceipt(to); err == nil {
		for _, f := range old.Files {
			stale[f.Name] = filepath.IsLocal(f.Name)
		}
	}
	if err := os.Remove(filepath.Join(to, ReceiptName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	ordered := slices.Clone(files)
	slices.SortStableFunc(ordered, func(a, b File) int { return order(a) - order(b) })
	for _, f := range ordered {
		delete(stale, f.Name)
	}
	for name, ours := range stale {
		if ours {
			if err := os.Remove(filepath.Join(to, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	for _, f := range ordered {
		if err := os.Rename(filepath.Join(from, f.Name), filepath.Join(to, f.Name)); err != nil {
			return err
		}
	}
	return syncDir(to)
}

// order puts the receipt last.
func order(f File) int {
	if f.Name == ReceiptName {
		return 1
	}
	return 0
}

// ReplaceFile writes a file whole or not at all, over one that is there.
func ReplaceFile(path string, content []byte) error {
	path = filepath.Clean(path)
	dir := filepath.Dir(path)
	if _, err := mkdirs(dir); err != nil {
		return err
	}
	sweep(dir)
	return (&Study{Dir: dir}).write(filepath.Base(path), content)
}
