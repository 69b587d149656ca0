package ask

import (
	"context"
	"slices"
	"testing"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim"
)

// The claims of the reference case are what its run shows; each flip is tried by a run of the scenario as a change in text
// makes it, and so is each mechanism that is an input.
func TestClaims(t *testing.T) {
	s := load(t, "meta-scale", "uncertainty.scale=0")
	week := s.WeekAt(26)
	claims, err := Claims(context.Background(), s, week)
	if err != nil {
		t.Fatal(err)
	}
	if len(claims) != 1+len(s.Spec.Labs) {
		t.Fatalf("%d claims", len(claims))
	}
	left := func(lab string, changes ...string) bool {
		moved, err := s.With("", append([]string{"uncertainty.scale=0"}, changes...))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := agents.Compile(moved.Spec)
		if err != nil {
			t.Fatal(err)
		}
		run, err := agents.Run(context.Background(), plan, sim.Luck{}, agents.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return run.HasLeft(week, slices.Index(run.Labs, lab), 0)
	}
	flips := 0
	for k, lab := range s.Spec.Labs {
		c := claims[k+1]
		leaves := left(lab.Name)
		if want := map[bool]string{true: lab.Name + " leaves Scale", false: lab.Name + " does not leave Scale"}[leaves]; c.Text != want {
			t.Errorf("%q, and the run shows %q", c.Text, want)
		}
		for _, l := range c.Levers {
			for _, f := range l.Flips[:min(1, len(l.Flips))] {
				flips++
				if left(lab.Name, l.Input.Path+"="+l.Input.Write(f.Value)) == leaves {
					t.Errorf("%s: with %s at %v nothing changes", c.Text, l.Input.Path, f.Value)
				}
			}
		}
		for i, change := range []string{"model.winner_takes_all=true", "model.multiplicative_trust=true", "model.no_forgiving=true", "model.herding=0", "model.logit_placing=0"} {
			if holds := left(lab.Name, change) == leaves; holds != c.Under[i].Holds {
				t.Errorf("%s: under %s it holds: %v, and the run says %v", c.Text, c.Under[i].Name, c.Under[i].Holds, holds)
			}
		}
	}
	if flips < 10 {
		t.Errorf("only %d flips", flips)
	}
}

// What is planted wrong is seen: with trust that counts a tenth, Google stays, and the claim says so.
func TestClaimsOfAnother(t *testing.T) {
	s := load(t, "meta-scale", "model.leak_aversion=0.5")
	claims, err := Claims(context.Background(), s, s.WeekAt(26))
	if err != nil || !slices.ContainsFunc(claims, func(c Claim) bool { return c.Text == "Google does not leave Scale" }) {
		t.Errorf("%v, %v", claims, err)
	}
	quiet, err := scenarios.Load("template")
	if err != nil {
		t.Fatal(err)
	}
	quiet.Spec.Events = nil
	if claims, err := Claims(context.Background(), quiet, 20); err != nil || len(claims) > 0 {
		t.Errorf("of a market in which nothing happens: %v, %v", claims, err)
	}
}
