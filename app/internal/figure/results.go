package figure

import (
	"fmt"
	"slices"
	"strings"

	"exodus/agents"
	"exodus/app/internal/receipt"
	"exodus/app/internal/results"
	"exodus/scenarios"
	"exodus/scenarios/facts"
	"exodus/scenarios/words"
	"exodus/sim"
)

// Results are what figures are drawn from. A kind says which of them it needs.
type Results struct {
	Scenario *scenarios.Scenario // as it was run: with its variant and changes
	Run      *agents.Trajectory  // one run; of a study, the run without luck, from which relations are drawn
	Luck     sim.Luck            // of the run
	Study    *Study              // many runs; nil where there is one
	Medians  bool                // whether what labs spend and think in Run are medians over the runs of Study

	Ghost     *agents.Trajectory // a run of another market on the same luck, drawn dashed to compare with; or nil
	GhostName string

	GhostBands *results.Bands // of that market beside those of Study, in its weeks; nil where the ghost is one run

	Scores      []facts.Score // how the facts of the scenario fare in ScoreRuns runs
	ScoreRuns   int
	Unscored    scenarios.Errors // why there are no scores, where the facts speak of what was not run
	Sensitivity *Sensitivity
}

// Study is the distribution of what vendors came to, over the runs of a study.
type Study struct {
	Scenario   *scenarios.Scenario // before the points of its design change it
	Vendors    []string
	Weeks      int
	Runs       int // of each point and variant
	Seed       uint64
	Done, Jobs int // runs in all; the study is partial while Done < Jobs

	Variants []string    // the first is the one that is drawn
	Ignorant int         // the variant that is the first with the parameters of behaviour drawn too; 0 where there is none
	Against  string      // the variant that it is compared with, or ""
	Params   []string    // what the design varies
	Points   [][]float64 // each with a value for each of Params

	// Worlds are what each variant came to at each point (point*variants + variant), in the weeks that are drawn. Gains are
	// the differences from Against, run by run; none of Against itself, and where there is none.
	Worlds, Gains []*results.Bands
}

// at is the world of the first variant at a point.
func (s *Study) at(point int) *results.Bands { return s.Worlds[point*len(s.Variants)] }

// Options say what of the results is drawn.
type Options = receipt.Options

// shows says whether a lab or vendor is drawn; names are those asked for.
func shows(o Options, name string, names []string) bool {
	return (len(names) == 0 || slices.Contains(names, name)) && !slices.Contains(o.Hide, name)
}

// until are the results of so many weeks, on the scales of all.
func (r Results) until(weeks int) Results {
	part := func(t *agents.Trajectory) *agents.Trajectory {
		if t == nil || weeks >= t.Weeks {
			return t
		}
		p := *t
		p.Weeks = weeks
		return &p
	}
	r.Run, r.Ghost = part(r.Run), part(r.Ghost)
	if r.Study != nil && weeks < r.Study.Weeks {
		s := *r.Study
		s.Weeks, r.Study = weeks, &s
	}
	return r
}

// vendors are those of the results, In-house last.
func (r Results) vendors() []string {
	if r.Study != nil {
		return r.Study.Vendors
	}
	return r.Run.Vendors
}

// check says what of the options these results do not have.
func (r Results) check(o Options) error {
	labs, vendors := r.Scenario.Spec.LabNames(), append(r.Scenario.Spec.VendorNames(), agents.InHouse)
	for _, group := range []struct {
		what         string
		asked, known []string
	}{{"lab", o.Labs, labs}, {"vendor", o.Vendors, vendors}, {"lab or vendor", o.Hide, slices.Concat(labs, vendors)}} {
		for _, name := range group.asked {
			if !slices.Contains(group.known, name) {
				return fmt.Errorf("there is no %s %q%s", group.what, name, agents.Nearest(name, group.known))
			}
		}
	}
	if o.Week != nil {
		_, err := r.week(o, 0)
		return err
	}
	return nil
}

// weeks is how many weeks the results have.
func (r Results) weeks() int {
	if r.Study != nil {
		return r.Study.Weeks
	}
	if r.Run != nil {
		return r.Run.Weeks
	}
	return r.Scenario.Spec.Weeks
}

// week is the index of the week that is asked for, or of the usual one, or the last before that.
func (r Results) week(o Options, usual int) (int, error) {
	first, last := r.Scenario.Since(0), r.Scenario.Since(r.weeks()-1)
	if o.Week == nil {
		return max(0, r.Scenario.WeekAt(min(usual, last))), nil
	}
	if *o.Week < first || *o.Week > last {
		return 0, fmt.Errorf("week %+d: weeks are counted from the deal's own, which is +0; these results go from %+d to %+d", *o.Week, first, last)
	}
	return r.Scenario.WeekAt(*o.Week), nil
}

// weekText says which week an index is.
func (r Results) weekText(week int) string {
	date := words.Date(r.Scenario.Date(week))
	if r.Scenario.Focus() != nil {
		return fmt.Sprintf("week %+d (%s)", r.Scenario.Since(week), date)
	}
	return "the week of " + date
}

// describe says below the title what was run, and what lines and bands are.
func (r Results) describe(f *Figure, bands bool) {
	f.Under = r.Scenario.Describe()
	switch s := r.Study; {
	case s == nil:
		f.Under += " · one run" + r.luck() + ", so no bands"
	case !bands:
		f.Under += fmt.Sprintf(" · medians of %s runs, seed %d", words.Count(s.Runs), s.Seed)
	case s.Ignorant != 0:
		f.Under += fmt.Sprintf(" · medians of %s runs, seed %d; inner bands hold 90%% of the runs, outer ones 90%% with parameter uncertainty", words.Count(s.Runs), s.Seed)
	default:
		f.Under += fmt.Sprintf(" · medians of %s runs, seed %d; bands hold 50%% and 90%% of the runs", words.Count(s.Runs), s.Seed)
	}
	r.markPartial(f)
}

// describeRun says it of figures that are drawn from one run.
func (r Results) describeRun(f *Figure) {
	f.Under = r.Scenario.Describe()
	if r.Medians {
		f.Under += fmt.Sprintf(" · medians of %s runs, seed %d", words.Count(r.Study.Runs), r.Study.Seed)
	} else if r.Study != nil {
		f.Under += " · the deterministic run"
	} else {
		f.Under += " · one run" + r.luck()
	}
	r.markPartial(f)
}

func (r Results) luck() string {
	if r.Luck.Run != 0 {
		return fmt.Sprintf(", seed %d, run %d", r.Luck.Seed, r.Luck.Run)
	}
	return fmt.Sprintf(", seed %d", r.Luck.Seed)
}

func (r Results) markPartial(f *Figure) {
	if s := r.Study; s != nil && s.Done < s.Jobs {
		f.Mark = fmt.Sprintf("Partial: %s of %s runs are done", words.Count(s.Done), words.Count(s.Jobs))
	}
}

// variantTitle is what people call a variant.
func variantTitle(s *scenarios.Scenario, name string) string {
	for _, v := range s.Variants {
		if v.Name == name && v.Title != "" {
			return strings.ToLower(v.Title[:1]) + v.Title[1:]
		}
	}
	return name
}
