//go:build amd64 || arm64

package sim

// fetch asks the processor to bring memory into the cache. It is a hint: any address will do.
func fetch(p, size uintptr)

// goroutine is where the runtime keeps the goroutine that calls.
func goroutine() uintptr
