//go:build amd64 || arm64

package sim

// fetch asks the processor to bring into its cache what the agent i, whose trail t is, continues with: 450 bytes
// or so of what the runtime keeps of its goroutine, 832 of its stack, and its slots. It is a hint: any address will do.
//
//go:noescape
func fetch(t *trail, slots []Slots, i uintptr)

// goroutine is where the runtime keeps the goroutine that calls.
func goroutine() uintptr
