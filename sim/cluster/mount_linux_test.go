package cluster

import "syscall"

// mountSmall mounts a disk of 128 MB, which takes root.
func mountSmall(dir string) error { return syscall.Mount("none", dir, "tmpfs", 0, "size=128M") }
func unmount(dir string)          { syscall.Unmount(dir, syscall.MNT_DETACH) }
