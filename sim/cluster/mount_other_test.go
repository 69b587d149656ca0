//go:build !linux

package cluster

import "errors"

func mountSmall(string) error { return errors.New("a small disk is mounted on Linux only") }
func unmount(string)          {}
