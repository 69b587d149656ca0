// Package sim is an engine for agent-based models that advance in weeks. It knows agents, weeks, phases and
// random draws, and nothing about what is simulated.
//
// # A model
//
// A model is a [World]: its agents, kind by kind, and the values between them, the board. A week has
// phases; in a phase all agents of one or more kinds act, each in a goroutine of its own that lives as long
// as the run. One rule keeps a model free of locks and of any order between agents:
//
//	In a phase an agent reads what earlier phases posted, and writes only its own slots.
//
// So a phase has one result, however its agents are spread over processors, and the race detector finds
// an agent that breaks the rule.
//
// # The main loop
//
//	run, err := sim.Start(sim.Config{Worlds: []sim.World{w}, Phases: phases})
//	...
//	defer run.Stop()
//	err = run.To(ctx, 52)
//
// [Run.To] may be called again to continue. It stops within a phase when its context is cancelled, and then
// continues from there as if nothing had happened. What the agents know lives in the World, never on the stack of
// a goroutine from one week to the next: so a World can be saved, copied and restored between weeks, and
// [Run.Seek] tells the run which week it was put to.
//
// # Goroutines
//
// An agent's goroutine is a coroutine made by [iter.Pull]: a worker resumes it when its phase comes, and it
// yields when it has acted. That costs a fraction of a channel's wake-up. Several Worlds with the same
// agents can live side by side, as lanes: the goroutine of an agent then acts in each of them before it
// yields, and the switch is shared between them.
//
// # The same bits everywhere
//
// Results do not depend on the number of processors, nor on their kind. Randomness comes from [Luck], whose
// draws are functions of what they are for. [Exp] and [Log] have the same bits on every architecture.
// Sums over many agents go by blocks of [BlockSize] agents in a fixed order: see [Kind]. All that a model must do is write a product that meets a sum as float64(x*y) + z, or a compiler may fuse the two.
package sim
