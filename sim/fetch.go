package sim

import "unsafe"

// Slots say where in memory agents of a kind keep what they read and write: that of agent i, i strides behind
// the base. With many agents, the processor's cache does not hold what the next one needs, so it is fetched while
// others act, from here and from the agent's goroutine. That halves their time, and changes no result.
type Slots struct {
	base   unsafe.Pointer
	stride uintptr
}

// SlotsOf are the slots in a slice that has the given number of elements for each agent.
func SlotsOf[T any](slice []T, each int) Slots {
	var element T
	return Slots{unsafe.Pointer(unsafe.SliceData(slice)), uintptr(each) * unsafe.Sizeof(element)}
}

// ahead is how many agents before its turn that of an agent is fetched: far enough for memory to answer, near
// enough for the cache to hold it until then.
const ahead = 4

// trail is where in memory a waiting goroutine continues from: what the runtime keeps of it, its stack, and the
// functions that lead to it and away. What is fetched of that, in bytes, is what Go 1.26 reads and writes: where it
// is wrong, time is lost, nothing else.
type trail struct{ record, stack, to, from uintptr }

// closureOf is where a function value keeps what it holds on to.
func closureOf[F any](f *F) uintptr { return uintptr(*(*unsafe.Pointer)(unsafe.Pointer(f))) }
