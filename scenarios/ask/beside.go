package ask

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim"
)

// Comparison sets a lab against another, which decided otherwise, or the same.
type Comparison struct {
	Lab   string
	Left  bool
	Since int // the week since which it has left; -1 where it has not
	Own   Traits
	Other Traits
	Apart []Trait // those of which one alone, taken over from the first lab, gives the other its decision
}

// Traits are what tells labs apart.
type Traits struct {
	Part     float64 // of its spend that the vendor has at the start
	Rivalry  float64 // with the owner that it rivals most, of those that have anything of the vendor
	Exposure float64
	Exit     float64 // weeks
	Growth   float64
	Trust    float64 // in the week that is asked for
	Regret   float64 // the highest so far, in nats
}

// Trait is one of the things that tell labs apart.
type Trait struct {
	Name string
	give func(to, from *agents.Lab, vendor string)
}

var traits = []Trait{
	{"part", func(to, from *agents.Lab, vendor string) {
		own, its := whole(to), whole(from)
		// The other vendors make room in proportion.
		part, was := from.Spend[vendor]/its, to.Spend[vendor]/own
		spend := maps.Clone(to.Spend)
		for name := range spend {
			if was < 1 {
				spend[name] *= (1 - part) / (1 - was)
			}
		}
		spend[vendor] = part * own
		to.Spend = spend
	}},
	{"rivalry", func(to, from *agents.Lab, _ string) { to.Rivalry = from.Rivalry }},
	{"exposure", func(to, from *agents.Lab, _ string) { to.Exposure = from.Exposure }},
	{"exit time", func(to, from *agents.Lab, _ string) { to.ExitWeeks = from.ExitWeeks }},
	{"growth", func(to, from *agents.Lab, _ string) { to.Growth = from.Growth }},
}

// whole is what a lab spends at the start.
func whole(l *agents.Lab) (total float64) {
	for _, name := range slices.Sorted(maps.Keys(l.Spend)) { // a map has no order, and sums have
		total += l.Spend[name]
	}
	return total
}

// compareLabs sets lab i against another, as they stand to vendor j, and tries which of the first one's traits would give
// the other its decision.
func compareLabs(ctx context.Context, s *scenarios.Scenario, i, j int, name string, week int) (*Comparison, error) {
	k, err := oneLab(s, name)
	if err != nil {
		return nil, err
	}
	if k == i {
		return nil, fmt.Errorf("%s beside itself: name another lab", name)
	}
	c := &Comparison{Lab: name, Since: -1}
	spec := s.Until(week + 1).Spec
	t, err := run(ctx, spec, agents.Options{Decisions: true})
	if err != nil {
		return nil, err
	}
	vendor := spec.Vendors[j].Name
	c.Own, c.Other = traitsOf(s, t, i, j, week), traitsOf(s, t, k, j, week)
	c.Left = t.HasLeft(week, k, j)
	for w := week; w >= 0 && c.Left && t.HasLeft(w, k, j); w-- {
		c.Since = w
	}
	if c.Left == t.HasLeft(week, i, j) {
		return c, nil
	}
	for _, trait := range traits {
		changed := spec
		changed.Labs = append([]agents.Lab(nil), spec.Labs...)
		trait.give(&changed.Labs[k], &spec.Labs[i], vendor)
		if t, err := run(ctx, changed, agents.Options{}); err != nil {
			continue // as where the other lab's segment cannot buy there
		} else if t.HasLeft(week, k, j) != c.Left {
			c.Apart = append(c.Apart, trait)
		}
	}
	return c, nil
}

func run(ctx context.Context, spec agents.Spec, o agents.Options) (*agents.Trajectory, error) {
	plan, err := agents.Compile(spec)
	if err != nil {
		return nil, err
	}
	return agents.Run(ctx, plan, sim.Luck{}, o)
}

func traitsOf(s *scenarios.Scenario, t *agents.Trajectory, i, j, week int) Traits {
	lab, vendor := &s.Spec.Labs[i], s.Spec.Vendors[j].Name
	x := Traits{Part: lab.Spend[vendor] / whole(lab), Exposure: lab.Exposure, Exit: lab.ExitWeeks, Growth: lab.Growth, Trust: t.Trust[t.Rel(week, i, j)]}
	for _, o := range s.Spec.Owners {
		if ownsOf(s, vendor, o.Name) {
			x.Rivalry = max(x.Rivalry, lab.Rivalry[o.Name])
		}
	}
	for _, d := range t.Decisions {
		if d.Lab == lab.Name {
			x.Regret = max(x.Regret, d.Regret)
		}
	}
	return x
}
