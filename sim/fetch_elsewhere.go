//go:build !amd64 && !arm64

package sim

func fetch(p, size uintptr) {}
func goroutine() uintptr    { return 0 }
