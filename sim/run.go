package sim

import (
	"errors"
	"fmt"
	"slices"
)

// Time says when in a run an agent acts.
type Time struct {
	Week  int
	Phase int // index into the phases of the Config
}

// An Agent acts whenever a phase of its kind comes.
type Agent interface {
	// Name says in an error whose it is.
	Name() string

	// Act does what the agent does at t. It reads what earlier phases posted and writes the agent's own
	// slots. It must not block, and must not keep what it knows anywhere but in its World.
	Act(t Time)
}

// A World is one replicate of what is simulated: its agents, and the board between them.
type World interface {
	// Kinds returns the agents. It is asked once, when a run starts.
	Kinds() []Kind

	// Luck says in an error which run this is.
	Luck() Luck
}

// Kind is all agents of one kind.
type Kind struct {
	Name   string
	Agents []Agent

	// Fold, if there is one, is called each time that a block of agents has acted, and in phases that only
	// fold: the agents lo to hi-1, lo being a multiple of BlockSize. It is the place to post a sum over the
	// block. A later phase that reads those sums adds them in the order of the blocks, and gets the
	// same bits on any machine.
	Fold func(t Time, lo, hi int)

	// Slots say where in memory what an agent reads and writes lies, so that with many agents the memory of the
	// next ones can be fetched while others act. They change no result.
	Slots []Slots
}

// BlockSize is how many agents a block has. It never depends on the machine.
const BlockSize = 256

// Phase is a part of a week.
type Phase struct {
	Name  string
	Kinds []string // whose agents act
	Folds []string // whose sums over blocks are taken anew, though no agent acts: what has changed is what it reads
}

// Config says what to run.
type Config struct {
	// Worlds live side by side, week by week: one, or several replicates of the same model that differ in
	// their numbers only. All must have the same kinds, with as many agents.
	Worlds []World

	// Phases make a week, in their order.
	Phases []Phase

	// Workers is how many goroutines resume agents; 0 is as many as there are processors, as far as each has
	// enough to do. A block of agents belongs to one worker, so there are never more workers than blocks.
	Workers int

	// Observe, if there is one, is called after each week, when no agent acts.
	Observe func(week int)
}

// validate checks the Config, and returns the kinds of each of its worlds.
func (c *Config) validate() ([][]Kind, error) {
	if len(c.Worlds) == 0 {
		return nil, errors.New("no world to run")
	}
	if len(c.Phases) == 0 {
		return nil, errors.New("a week needs a phase")
	}
	if c.Workers < 0 {
		return nil, fmt.Errorf("%d workers; 0 is as many as there are processors", c.Workers)
	}
	worlds := make([][]Kind, len(c.Worlds))
	for i, w := range c.Worlds {
		worlds[i] = w.Kinds()
		if len(worlds[i]) != len(worlds[0]) {
			return nil, fmt.Errorf("world %d has %d kinds of agents, world 0 has %d", i, len(worlds[i]), len(worlds[0]))
		}
		for k, kind := range worlds[i] {
			if first := worlds[0][k]; kind.Name != first.Name || len(kind.Agents) != len(first.Agents) {
				return nil, fmt.Errorf("world %d has %d agents of kind %q where world 0 has %d of kind %q",
					i, len(kind.Agents), kind.Name, len(first.Agents), first.Name)
			}
		}
	}
	known := map[string]bool{}
	for _, kind := range worlds[0] {
		if known[kind.Name] {
			return nil, fmt.Errorf("two kinds of agents are named %q", kind.Name)
		}
		known[kind.Name] = true
	}
	for _, p := range c.Phases {
		seen := map[string]bool{}
		for _, name := range slices.Concat(p.Kinds, p.Folds) {
			if !known[name] {
				return nil, fmt.Errorf("phase %q: no agents of kind %q", p.Name, name)
			}
			if seen[name] {
				return nil, fmt.Errorf("phase %q: kind %q is named twice", p.Name, name)
			}
			seen[name] = true
		}
	}
	return worlds, nil
}

// AgentError is the panic of an agent, which ends its run.
type AgentError struct {
	Agent string // or the block whose sum was taken, or the observer
	Phase string
	Week  int
	Luck  Luck
	Value any    // what it panicked with; nil where it ended its goroutine
	Stack []byte // the agent's own
}

func (e *AgentError) Error() string {
	what := "ended its goroutine"
	if e.Value != nil {
		what = fmt.Sprintf("panicked: %v", e.Value)
	}
	return fmt.Sprintf("%s %s (week %d, phase %s, seed %d, run %d)", e.Agent, what, e.Week, e.Phase, e.Luck.Seed, e.Luck.Run)
}

// Unwrap returns the error that the agent panicked with, if it was one.
func (e *AgentError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// ErrStopped is the error of a run that is told to go on after it was stopped.
var ErrStopped = errors.New("the run was stopped")
