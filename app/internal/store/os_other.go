//go:build !unix

package store

import "os"

// tryLock does nothing: an open file cannot be removed on Windows, which keeps a live stage from being swept.
func tryLock(*os.File) error { return nil }

// sync does nothing: directories cannot be synced here.
func sync(string) error { return nil }
