package ask

import (
	"context"
	"fmt"
	"math"
	"testing"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim"
)

func load(t *testing.T, name string, changes ...string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Load(name)
	if err == nil {
		s, err = s.With("", changes)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The values are of an independent implementation of the model's equations.
func TestReferenceHarm(t *testing.T) {
	s := load(t, "meta-scale", "uncertainty.scale=0")
	c, err := s.Counterfactual()
	if err != nil {
		t.Fatal(err)
	}
	one, _ := agents.Compile(s.Spec)
	other, _ := agents.Compile(c.Scenario.Spec)
	got := map[string]float64{}
	var a, b agents.Appraisal
	err = agents.RunPaired(context.Background(), one, other, 0, []sim.Luck{{Seed: 1}}, func(week, _ int, with, without *agents.Market) {
		for i := range with.Labs() {
			with.Appraise(i, week, &a)
			without.Appraise(i, week, &b)
			l := lossOf(&a, &b, with.Behaviour().PriceSensitivity)
			if sum := l.Distrust + l.Price + l.Waiting; math.Abs(sum-l.Harm) > 1e-9*max(1, math.Abs(l.Harm)) {
				t.Errorf("the parts come to %v, the whole is %v", sum, l.Harm)
			}
			for _, who := range []string{"all", s.Spec.Labs[a.Line].Name} {
				got[fmt.Sprintf("%s%+d", who, s.Since(week))] += l.Harm
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for of, want := range map[string]float64{
		"all+0": 326.974220969, "all+26": 567.165557767, "all+52": 653.790321255,
		"Google+0": 152.059158618, "Google+26": 229.115721306, "Google+52": 264.50601293,
		"Meta+0": 0, "Meta+26": -3.7157418175, "Meta+52": -4.18981703564,
	} {
		if math.Abs(got[of]-want) > 1e-9*max(1, math.Abs(want)) {
			t.Errorf("%s: %.12g, not %.12g", of, got[of], want)
		}
	}
}
