package desktop

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/app/internal/receipt"
	"exodus/app/internal/results"
	"exodus/app/internal/session"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/sim"
)

// resultsOf is what figures are drawn from: medians over the runs, or the one run.
func resultsOf(snap *session.Snapshot) (figure.Results, error) {
	w := snap.World
	r := figure.Results{Scenario: w.Scenario, Run: w.Run, Luck: sim.Luck{Seed: snap.Seed}, Scores: snap.Facts, ScoreRuns: snap.FactRuns}
	if snap.Other != nil {
		r.Ghost, r.GhostName = ghost(snap), named(snap.Other.Title)
	}
	if !snap.Medians() {
		var err error
		r.Scenario, r.Luck, err = snap.Reproduced()
		return r, err
	}
	fans := w.Fans
	r.Study = &figure.Study{
		Vendors: fans.Vendors, Weeks: fans.Weeks, Runs: fans.Runs, Seed: snap.Seed, Done: fans.Runs, Jobs: fans.Runs,
		Variants: []string{w.Title}, Against: r.GhostName, Points: [][]float64{{}}, Worlds: []*results.Bands{fans},
	}
	if snap.Difference != nil {
		r.Study.Gains = []*results.Bands{snap.Difference}
	}
	if snap.Other != nil && snap.Other.Fans != nil {
		then, _ := snap.Then(0)
		r.GhostBands = snap.Other.Fans.Among(snap.Other.Fans.Vendors, w.Run.Weeks, then)
	}
	return r, nil
}

// ghost is the run of the market compared with, week by week beside those of the one on show. In weeks that it does not
// have nothing is known of it.
func ghost(snap *session.Snapshot) *agents.Trajectory {
	from, weeks := snap.Other.Run, snap.World.Run.Weeks
	if then, ok := snap.Then(0); ok && then == 0 && from.Weeks == weeks {
		return from
	}
	g := &agents.Trajectory{Labs: from.Labs, Vendors: from.Vendors, Members: from.Members, Weeks: weeks}
	for series, into := range map[*[]float64]*[]float64{
		&from.Revenue: &g.Revenue, &from.Load: &g.Load, &from.Capacity: &g.Capacity, &from.Price: &g.Price, &from.Utilisation: &g.Utilisation,
		&from.Inquiries: &g.Inquiries, &from.Spend: &g.Spend, &from.Trust: &g.Trust, &from.Conflict: &g.Conflict, &from.Premium: &g.Premium,
		&from.Left: &g.Left, &from.CutOff: &g.CutOff, &from.Reviewing: &g.Reviewing,
	} {
		width := len(*series) / max(1, from.Weeks)
		*into = make([]float64, width*weeks)
		for week := range weeks {
			row := (*into)[week*width:][:width]
			if then, ok := snap.Then(week); ok {
				copy(row, (*series)[then*width:])
				continue
			}
			for i := range row {
				row[i] = math.NaN()
			}
		}
	}
	return g
}

// until is how many weeks have gone by, of which the first can always be seen; 0 where all have.
func until(snap *session.Snapshot) int {
	if snap.Week >= snap.Weeks {
		return 0
	}
	return max(1, snap.Week)
}

// saving is a figure that a page shows, as it is to be saved.
type saving struct {
	kind    string
	options figure.Options
}

func (f saving) draw(snap *session.Snapshot) (*figure.Figure, error) {
	if f.ofLabs() {
		snap = snap.OfLabs()
	}
	r, err := resultsOf(snap)
	if err != nil {
		return nil, err
	}
	if f.ofLabs() {
		r.Run, r.Medians = snap.Relations()
	}
	return figure.Draw(f.kind, r, f.options)
}

// drawing draws it for the page.
func (f saving) drawing(snap *session.Snapshot) drawing {
	return func(width, height int, scale float64, dark bool, reach [][2]float64) picture {
		fig, err := f.draw(snap)
		if err != nil {
			return picture{trouble: err.Error()}
		}
		fig.Cover(reach)
		return picture{image: fig.Image(width, height, scale, dark), area: fig.Area(width, height, scale), width: width, reach: fig.Reach()}
	}
}

// ofLabs says whether a figure is of what labs spend and think.
func (f saving) ofLabs() bool {
	return f.kind == "trust" || f.kind == "premium" || f.kind == "spend" || f.kind == "share" && len(f.options.Labs) > 0
}

// write makes the file of a figure of what is in memory, from which the very same can be drawn again: that of the run
// that is shown, or of all runs, as exodus plot draws a study of them. Medians of what labs think, changes from a week on, or
// another file to compare with, are in no study: then it is as on the screen, and its receipt says how it was made.
func (f saving) write(ctx context.Context, snap *session.Snapshot, format string) ([]byte, error) {
	if f.ofLabs() {
		snap = snap.OfLabs()
	}
	oneRun := f.kind != "facts" && (f.kind == "flows" || !snap.Medians())
	compares := !oneRun && snap.Other != nil && snap.Against() == "" || oneRun && snap.Other != nil && f.kind != "flows" && f.kind != "trust"
	if len(snap.Interventions) > 0 || compares || !oneRun && f.ofLabs() {
		return f.writeAsShown(snap, format, oneRun)
	}
	from, err := snap.Results()
	if oneRun {
		var world *scenarios.Scenario
		var luck sim.Luck
		if world, luck, err = snap.Reproduced(); err == nil {
			run := store.Run{Scenario: world, Luck: luck, Trajectory: snap.World.Run, Version: store.Version(), Platform: store.Platform()}
			from = run.Results()
		}
	}
	if err != nil {
		return nil, err
	}
	return figure.Make(ctx, from, f.kind, format, figure.Paper{}, f.options, store.Version())
}

// writeAsShown makes a file of what cannot be run again by a command.
func (f saving) writeAsShown(snap *session.Snapshot, format string, oneRun bool) ([]byte, error) {
	fig, err := f.draw(snap)
	if err != nil {
		return nil, err
	}
	world, luck, runs := snap.World.Scenario, sim.Luck{Seed: snap.Seed}, snap.Status.Done
	if oneRun {
		if world, luck, err = snap.Reproduced(); err != nil {
			return nil, err
		}
		runs = 1
	}
	return fig.Write(format, figure.Paper{}, &receipt.Receipt{
		Version: store.Version(), Scenario: world.Name, Title: world.Title, Variant: world.Variant,
		Changes: world.Changes, Weeks: world.Spec.Weeks, Luck: luck, Runs: runs, Of: runs,
		Options: f.options, By: madeBy(snap), Source: string(world.Source),
	})
}

// madeBy says what the receipt of a figure cannot: how its market came about.
func madeBy(snap *session.Snapshot) string {
	text := "the window"
	if snap.Other != nil {
		text += ", compared with " + snap.Compare
	}
	for k, i := range snap.Interventions {
		if k == 0 {
			text += ", with these levers moved on the way: "
		} else {
			text += "; "
		}
		text += fmt.Sprintf("in week %d %s=%s", i.Week, i.Path, i.Value)
	}
	return text
}

// withStudy runs all runs of a session once more, as a study in a place of its own, which is gone afterwards.
func withStudy(ctx context.Context, s *session.Session, do func(from *store.Results) error) error {
	dir, err := os.MkdirTemp("", "exodus-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	dir = filepath.Join(dir, "study")
	if err := s.ExportRuns(ctx, dir); err != nil {
		return err
	}
	from, err := store.Read(ctx, dir)
	if err != nil {
		return err
	}
	return do(from)
}
