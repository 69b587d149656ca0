package ask

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"exodus/agents"
	"exodus/agents/field"
	"exodus/scenarios"
	"exodus/sim"
)

// The chain's parts add up to what the lab of the market itself loses, which is found by another path: what the engine's lab
// holds. And each link that is not there has no part.
func TestChainAddsUp(t *testing.T) {
	for _, of := range []struct {
		changes []string
		absent  []string
	}{
		{nil, []string{"votes", "incidents"}},
		{[]string{"events.deal.executives=0", "model.herding=0"}, []string{"votes", "executives", "herding", "incidents"}},
		{[]string{"events.deal.votes=0.4", "events.promise.credibility=0.6"}, []string{"incidents"}},
	} {
		s := load(t, "meta-scale", append(of.changes, "uncertainty.scale=0")...)
		for _, lab := range []string{"Google", "OpenAI", "Government", "Meta"} {
			w, err := WhyLeft(context.Background(), s, lab, "Scale", "", s.WeekAt(20), 1, 1)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(s.Spec.Labs, func(l agents.Lab) bool { return l.Name == lab })
			plan, _ := agents.Compile(s.Until(w.Week + 1).Spec)
			var a agents.Appraisal
			agents.Run(context.Background(), plan, sim.Luck{}, agents.Options{Watch: func(week int, m *agents.Market) { m.Appraise(i, week, &a) }})
			sum := 0.0
			for _, p := range w.Chain {
				sum += p.Nats
				if slices.Contains(of.absent, p.Name) != (p.Nats == 0) && lab != "Meta" {
					t.Errorf("%s, %v: the part of %s is %v", lab, of.changes, p.Name, p.Nats)
				}
			}
			if math.Abs(sum-a.Loss[0]) > 1e-12*max(1, a.Loss[0]) || lab == "Meta" && sum != 0 || lab != "Meta" && sum <= 0 {
				t.Errorf("%s, %v: the parts come to %v, the lab loses %v", lab, of.changes, sum, a.Loss[0])
			}
		}
	}
}

// By hand: a loss that is a product of three gates, each needed, is a third of each.
func TestChainByHand(t *testing.T) {
	b := agents.Believer{Model: agents.Model{ControlPerStake: 1e6, AlarmRate: 1}, Leak: 2, Rivalry: []float64{1}}
	start := agents.Outlook{Held: make([]agents.Holding, 1)}
	parts := chainOf(b, start, []agents.Outlook{{Held: []agents.Holding{{Stake: 1}}}})
	for _, p := range parts {
		want := 0.0
		if slices.Contains([]string{"stake", "rivalry", "exposure", "firewall"}, p.Name) {
			want = 2.0 / 4
		}
		if math.Abs(p.Nats-want) > 1e-12 {
			t.Errorf("%s: %v, not %v", p.Name, p.Nats, want)
		}
	}
}

// Just beyond a flip the lab decides otherwise, just short of it it does not: in 200 flips of markets and labs taken at
// random, tried by a run of the scenario as a change in text makes it.
func TestFlips(t *testing.T) {
	random, tried, wanted := rand.New(rand.NewPCG(1, 2)), 0, 200
	if testing.Short() { // with the race detector
		wanted = 20
	}
	for n := 0; tried < wanted; n++ {
		if n == 200 {
			t.Fatalf("only %d flips in %d markets", tried, n)
		}
		changes := []string{
			fmt.Sprintf("events.deal.stake=%.3f", random.Float64()), fmt.Sprintf("events.deal.executives=%.3f", random.Float64()),
			fmt.Sprintf("events.promise.credibility=%.3f", random.Float64()), fmt.Sprintf("model.leak_aversion=%.3f", 3+5*random.Float64()),
			fmt.Sprintf("model.review_threshold=%.3f", 0.005+0.1*random.Float64()), "uncertainty.scale=0",
		}
		s := load(t, "meta-scale", changes...)
		lab := random.IntN(len(s.Spec.Labs))
		week := s.WeekAt(4 + random.IntN(40))
		w, err := WhyLeft(context.Background(), s, s.Spec.Labs[lab].Name, "Scale", "", week, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		left := func(in scenarios.Input, x float64) bool {
			moved, err := s.With("", append(slices.Clone(changes), in.Path+"="+in.Write(x)))
			if err != nil {
				t.Fatal(err)
			}
			plan, err := agents.Compile(moved.Spec)
			if err != nil {
				t.Fatal(err)
			}
			run, err := agents.Run(context.Background(), plan, sim.Luck{Seed: 9, Run: 3}, agents.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return run.HasLeft(week, lab, 0)
		}
		for _, l := range w.Levers {
			for _, f := range l.Flips {
				tried++
				if beyond, short := left(l.Input, f.Value), left(l.Input, f.Short); beyond != f.To || short == f.To {
					t.Errorf("%s, %s: beyond %v it is %v, short of it at %v %v", w.Lab, l.Input.Path, f.Value, beyond, f.Short, short)
				}
				if f.Input.Kind == field.Number && math.Abs(f.Value-f.Short) > 1.01e-6*(l.Input.High-l.Input.Low) {
					t.Errorf("%s, %s: between %v and %v is too wide", w.Lab, l.Input.Path, f.Short, f.Value)
				}
			}
		}
	}
}

// What tells Google and Anthropic apart is how much of their work is at Scale: with Google's part, Anthropic leaves.
func TestBeside(t *testing.T) {
	s := load(t, "meta-scale")
	w, err := WhyLeft(context.Background(), s, "Google", "Scale", "Anthropic", s.WeekAt(26), 20, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !w.Left || w.Beside.Left || len(w.Beside.Apart) != 1 || w.Beside.Apart[0].Name != "part" {
		t.Errorf("%+v", w.Beside)
	}
	if w.Cause == nil || w.Cause.Name != "deal" || s.Since(w.Review) != 0 || w.Share < 0.9 {
		t.Errorf("cause %v, review in week %+d, share %v", w.Cause, s.Since(w.Review), w.Share)
	}
}

// A lab of which there are many, one that never bought there, and a week before anything happened.
func TestWhyOfNothing(t *testing.T) {
	s := load(t, "meta-scale")
	before, err := WhyLeft(context.Background(), s, "Google", "Scale", "", 3, 5, 1)
	if err != nil || before.Left || before.Review >= 0 || before.Loss != 0 || slices.ContainsFunc(before.Levers, func(l Lever) bool { return len(l.Flips) > 0 && l.Input.Keys[0] == "events" }) {
		t.Errorf("before the deal: %+v, %v", before, err)
	}
	never, err := WhyLeft(context.Background(), s, "Government", "Surge", "", s.WeekAt(26), 5, 1)
	if err != nil || never.Bought || never.Left {
		t.Errorf("of a vendor that it cannot buy from: %+v, %v", never, err)
	}
	if _, err := WhyLeft(context.Background(), load(t, "long-tail"), "Small firms", "Scale", "", 20, 5, 1); err == nil {
		t.Error("many labs answer as one")
	}
}

// What an answer costs: all levers of the reference case, of one lab.
func BenchmarkWhy(b *testing.B) {
	s, err := scenarios.Load("meta-scale")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		w, err := WhyLeft(context.Background(), s, "Google", "Scale", "", s.WeekAt(26), 1, 1)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(w.Levers)), "levers")
	}
}
