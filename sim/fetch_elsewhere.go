//go:build !amd64 && !arm64

package sim

func fetch(t *trail, slots []Slots, i uintptr) {}
func goroutine() uintptr                       { return 0 }
