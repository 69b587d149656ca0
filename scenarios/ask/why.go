package ask

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/scenarios/words"
	"exodus/sim"
)

// Why is why a lab has left a vendor, or has not, by the end of a week: what it saw, what it made of it, and what would have
// been needed for another decision. But for Share all of it is of the one run without random variation.
type Why struct {
	Scenario    *scenarios.Scenario
	Lab, Vendor string
	Week        int // of the run

	Left  bool    // whether the lab has left the vendor by then
	Since int     // the week since which it has; -1 where it has not
	Runs  int     // with random variation
	Share float64 // of those, the share in which it has left

	Bought bool          // whether it ever gave the vendor enough of its spend to leave it
	Review int           // the week in which its first review since the event starts; -1 without one
	Cause  *agents.Event // what set that off; nil without one
	Weeks  []WhyWeek     // from the week before the event on, as far as there is one before Week, to Week
	Seen   []Seen        // by vendor, in the week of the review, else in Week
	SeenAt int           // which week that is
	Chain  []Part        // what the lab loses with the vendor for want of trust, in Week: see chainOf
	Loss   float64       // the whole of that, in nats
	Step   Staircase     // the same from one end to the other
	Levers []Lever       // what the decision depends on: first those with a flip, by their distance
	Shares []float64     // by lever: the share of the runs in which the lab has left, at the nearest flip; NaN without one
	Beside *Comparison   // with another lab; nil where none is asked for
}

// WhyWeek is a week of a lab.
type WhyWeek struct {
	Week              int
	Part              float64 // of its spend that the vendor has at the end of it
	Trust, Premium    float64
	Regret, Threshold float64 // nats
	Reviewing, Left   bool
}

// Seen is what a lab saw in a vendor: its utility against the start, in nats, and what it made of it.
type Seen struct {
	Vendor                       string
	Price, Quality, Trust, Taste float64 // parts of the utility
	Mix, Ideal                   float64 // its part of the lab's spend at the end of the week before, and the part that it would have
}

// Staircase leads from what owners have to the trust premium, in a week.
type Staircase struct {
	Control   float64 // of the owner whose control counts most for the lab, in [0, 1]
	Owner     string  // who that is; "" where nobody holds anything
	Rivalry   float64 // of the lab and that owner
	Firewall  float64 // credibility
	Conflict  float64 // of the lab with the vendor, with others' leaving
	Perceived float64 // as far as the lab has learned of it
	Trust     float64
	Exposure  float64 // of the lab's secrets
	Aversion  float64 // leak aversion, in nats
	Premium   float64 // how much dearer the vendor feels
}

// WhyLeft asks why a lab has left a vendor by the end of a week of the run, or why not. beside is another lab to set it
// against, or "".
func WhyLeft(ctx context.Context, s *scenarios.Scenario, lab, vendor, beside string, week, runs int, seed uint64) (*Why, error) {
	w := &Why{Scenario: s, Lab: lab, Vendor: vendor, Week: week, Runs: runs, Since: -1, Review: -1}
	certain, err := deterministic(s)
	if err != nil {
		return nil, err
	}
	i, err := oneLab(s, lab)
	if err != nil {
		return nil, err
	}
	j := slices.IndexFunc(s.Spec.Vendors, func(v agents.Vendor) bool { return v.Name == vendor })
	if j < 0 {
		return nil, fmt.Errorf("there is no vendor %s", words.Quote(vendor))
	}
	t, err := w.watch(ctx, certain, i, j)
	if err != nil {
		return nil, err
	}
	w.tell(t, i, j)

	q := &question{s: certain, weeks: week + 1, yes: func(m *agents.Market) bool { return m.HasLeft(lineOf(s, i), j) }}
	if w.Levers, err = q.flips(ctx, w.inputs(certain)); err != nil {
		return nil, err
	}
	byDistance(w.Levers)
	if err := w.share(ctx, i, j, seed); err != nil {
		return nil, err
	}
	if beside != "" {
		w.Beside, err = compareLabs(ctx, certain, i, j, beside, week)
	}
	return w, err
}

// deterministic is the scenario without random variation.
func deterministic(s *scenarios.Scenario) (*scenarios.Scenario, error) {
	certain, err := s.Set("uncertainty.scale", 0)
	if err == nil && certain.Spec.Uncertainty.Ranges {
		certain, err = certain.Set("uncertainty.ranges", 0)
	}
	return certain, err
}

// oneLab is the place of a lab that decides by itself.
func oneLab(s *scenarios.Scenario, name string) (int, error) {
	i := slices.IndexFunc(s.Spec.Labs, func(l agents.Lab) bool { return l.Name == name })
	if i < 0 {
		return i, fmt.Errorf("there is no lab %s", words.Quote(name))
	}
	if n := s.Spec.Labs[i].Count; n > 1 {
		return i, fmt.Errorf("%s stands for %s labs, each of which decides for itself; ask for one that stands for itself", name, words.Count(n))
	}
	return i, nil
}

// watch lives the market once, and finds what the lab knew of the vendor and what it made of that.
func (w *Why) watch(ctx context.Context, s *scenarios.Scenario, i, j int) (*agents.Trajectory, error) {
	plan, err := agents.Compile(s.Until(w.Week + 1).Spec)
	if err != nil {
		return nil, err
	}
	start := agents.Outlook{Firewall: s.Spec.Vendors[j].Firewall}
	for _, o := range s.Spec.Owners {
		held := agents.Holding{Vendor: w.Vendor}
		if k := slices.IndexFunc(o.Holds, func(h agents.Holding) bool { return h.Vendor == w.Vendor }); k >= 0 {
			held = o.Holds[k]
		}
		start.Held = append(start.Held, held)
	}
	var outlooks []agents.Outlook
	var believer agents.Believer
	appraisals := make([]agents.Appraisal, w.Week+1)
	t, err := agents.Run(ctx, plan, sim.Luck{}, agents.Options{Decisions: true, Watch: func(week int, m *agents.Market) {
		outlooks, believer = append(outlooks, m.Outlook(lineOf(s, i), j)), m.Believer(lineOf(s, i))
		m.Appraise(lineOf(s, i), week, &appraisals[week])
	}})
	if err != nil {
		return nil, err
	}
	w.Chain = chainOf(believer, start, outlooks)
	for _, p := range w.Chain {
		w.Loss += p.Nats
	}
	w.climb(t, i, j, outlooks[w.Week], believer)
	for week := min(max(0, s.WeekAt(-1)), w.Week); week <= w.Week; week++ {
		d := decisionOf(t, w.Lab, week)
		part := 0.0
		for k := range t.Vendors {
			part += t.Spend[t.Rel(week, i, k)]
		}
		if part > 0 {
			part = t.Spend[t.Rel(week, i, j)] / part
		}
		at := t.Rel(week, i, j)
		w.Weeks = append(w.Weeks, WhyWeek{week, part, t.Trust[at], t.Premium[at], d.Regret, d.Threshold, d.Reviewing, t.HasLeft(week, i, j)})
		if d.Reviewing && w.Review < 0 && week >= s.WeekAt(0) {
			w.Review, w.Cause = week, s.Event(d.Cause)
		}
	}
	w.SeenAt = w.Week
	if w.Review >= 0 {
		w.SeenAt = w.Review
	}
	w.see(s, t, &appraisals[w.SeenAt])
	return t, nil
}

// lineOf is the first lab of a line.
func lineOf(s *scenarios.Scenario, line int) (lab int) {
	for i := range line {
		lab += s.Spec.Labs[i].Count
	}
	return lab
}

func decisionOf(t *agents.Trajectory, lab string, week int) *agents.Decision {
	k := slices.IndexFunc(t.Decisions, func(d agents.Decision) bool { return d.Lab == lab && d.Week == week })
	if k < 0 {
		return &agents.Decision{}
	}
	return &t.Decisions[k]
}

// see splits the utilities of a week.
func (w *Why) see(s *scenarios.Scenario, t *agents.Trajectory, a *agents.Appraisal) {
	d := decisionOf(t, w.Lab, w.SeenAt)
	for k, name := range t.Vendors {
		if a.Base[k] == 0 {
			continue
		}
		start := 1.0
		if k < len(s.Spec.Vendors) {
			start = s.Spec.Vendors[k].Price
		}
		seen := Seen{Vendor: name, Price: -s.Spec.Model.PriceSensitivity * math.Log(d.Price[k]/start), Trust: -a.Loss[k], Mix: d.Mix[k], Ideal: d.Ideal[k]}
		if seen.Quality = a.Gain[k] - seen.Price; math.Abs(seen.Quality) < 1e-12 { // what is left of rounding
			seen.Quality = 0
		}
		w.Seen = append(w.Seen, seen)
	}
}

// climb follows the chain from the owner whose control counts most for the lab.
func (w *Why) climb(t *agents.Trajectory, i, j int, o agents.Outlook, b agents.Believer) {
	at := t.Rel(w.Week, i, j)
	lab := &w.Scenario.Spec.Labs[i]
	w.Step = Staircase{Firewall: o.Firewall, Conflict: t.Conflict[at], Trust: t.Trust[at], Exposure: lab.Exposure, Aversion: b.Model.LeakAversion, Premium: t.Premium[at]}
	most := -1.0
	for k, owner := range w.Scenario.Spec.Owners {
		if c := b.Model.Control(o.Held[k]); c > 0 && c*b.Rivalry[k] > most {
			most, w.Step.Owner, w.Step.Control, w.Step.Rivalry = c*b.Rivalry[k], owner.Name, c, b.Rivalry[k]
		}
	}
	w.Step.Perceived = 1 - t.Trust[at] // incidents included
}

// tell says since when the lab is gone, and whether it could go at all.
func (w *Why) tell(t *agents.Trajectory, i, j int) {
	w.Left = t.HasLeft(w.Week, i, j)
	for week := w.Week; week >= 0 && w.Left && t.HasLeft(week, i, j); week-- {
		w.Since = week
	}
	for week := range t.Weeks {
		w.Bought = w.Bought || t.Spend[t.Rel(week, i, j)] > 0
	}
	w.Bought = w.Bought || w.Scenario.Spec.Labs[i].Spend[w.Vendor] > 0
}

// inputs are those that the lab's decision about the vendor can depend on: what happens at the vendor, what the lab is,
// and how labs behave.
func (w *Why) inputs(s *scenarios.Scenario) (all []scenarios.Input) {
	for _, in := range s.Inputs() {
		field := in.Keys[len(in.Keys)-1]
		use := false
		switch in.Keys[0] {
		case "events":
			e := s.Event(in.Keys[1])
			use = e.Vendor == w.Vendor && !strings.HasPrefix(field, "valuation") && e.Week <= w.Week && (e.Lab == "" || e.Lab == w.Lab)
		case "labs":
			use = in.Keys[1] == w.Lab && (len(in.Keys) == 3 && slices.Contains([]string{"exposure", "exit_weeks", "growth"}, field) ||
				len(in.Keys) == 4 && (in.Keys[2] == "rivalry" && ownsOf(s, w.Vendor, field) || in.Keys[2] == "spend" && field == w.Vendor))
		case "vendors":
			use = in.Keys[1] == w.Vendor && field == "firewall"
		case "owners":
			use = in.Keys[3] == w.Vendor
		case "model":
			use = in.Drawn
		}
		if use && in.High > in.Low {
			all = append(all, in)
		}
	}
	return all
}

// ownsOf says whether an owner ever has anything of a vendor.
func ownsOf(s *scenarios.Scenario, vendor, owner string) bool {
	return slices.ContainsFunc(s.Spec.Events, func(e agents.Event) bool {
		return e.Vendor == vendor && (e.Owner == owner || e.To == owner)
	}) || slices.ContainsFunc(s.Spec.Owners, func(o agents.Owner) bool {
		return o.Name == owner && slices.ContainsFunc(o.Holds, func(h agents.Holding) bool { return h.Vendor == vendor })
	})
}

// share counts, over runs with random variation, in how many the lab has left: as things are, and at each lever's nearest
// flip.
func (w *Why) share(ctx context.Context, i, j int, seed uint64) error {
	counted := func(s *scenarios.Scenario) (float64, error) {
		plan, err := agents.Compile(s.Until(w.Week + 1).Spec)
		if err != nil {
			return 0, err
		}
		tasks, left := make([]agents.Task, w.Runs), make([]bool, w.Runs)
		for k := range tasks {
			tasks[k] = agents.Task{Plan: plan, Luck: sim.Luck{Seed: seed, Run: uint64(k)}}
		}
		err = agents.Live(ctx, tasks, func(k int, m *agents.Market) { left[k] = m.HasLeft(lineOf(s, i), j) })
		n := 0
		for _, gone := range left {
			if gone {
				n++
			}
		}
		return float64(n) / float64(w.Runs), err
	}
	var err error
	if w.Share, err = counted(w.Scenario); err != nil {
		return err
	}
	for _, l := range w.Levers {
		share := math.NaN()
		if len(l.Flips) > 0 {
			s, err := w.Scenario.Set(l.Input.Path, l.Flips[0].Value)
			if err != nil {
				return err
			}
			if share, err = counted(s); err != nil {
				return err
			}
		}
		w.Shares = append(w.Shares, share)
	}
	return nil
}
