package sim_test

import (
	"context"
	"fmt"

	"exodus/sim"
)

// meadow is a World of two kinds of agents: each patch of grass grows, each sheep grazes on its own patch.
type meadow struct{ grass, eaten, weight [3]float64 } // the board

func (m *meadow) Luck() sim.Luck { return sim.Luck{Seed: 1} }
func (m *meadow) Kinds() []sim.Kind {
	var patches, flock []sim.Agent
	for i := range m.grass {
		patches, flock = append(patches, patch{m, i}), append(flock, sheep{m, i})
	}
	return []sim.Kind{{Name: "patch", Agents: patches}, {Name: "sheep", Agents: flock}}
}

type patch struct {
	*meadow
	i int
}
type sheep patch

func (p patch) Name() string { return fmt.Sprint("patch ", p.i) }
func (p patch) Act(t sim.Time) { // reads what its sheep ate last week, writes its grass
	rain := p.Luck().Uniform(sim.KeyOf(p.Name()), sim.KeyOf("rain"), t.Week)
	p.grass[p.i] += float64(2*rain) - p.eaten[p.i]
}

func (s sheep) Name() string { return fmt.Sprint("sheep ", s.i) }
func (s sheep) Act(sim.Time) { // reads its patch's grass, writes what it ate and its weight
	s.eaten[s.i] = s.grass[s.i] / 2
	s.weight[s.i] += s.eaten[s.i]
}

// A model is a World whose agents act in phases.
func Example() {
	m := &meadow{}
	run, err := sim.Start(sim.Config{
		Worlds: []sim.World{m},
		Phases: []sim.Phase{{Name: "grow", Kinds: []string{"patch"}}, {Name: "graze", Kinds: []string{"sheep"}}},
	})
	if err == nil {
		defer run.Stop()
		err = run.To(context.Background(), 52)
	}
	fmt.Printf("after 52 weeks the sheep weigh %.1f; error: %v\n", m.weight, err)
	// Output: after 52 weeks the sheep weigh [47.5 50.9 54.0]; error: <nil>
}
