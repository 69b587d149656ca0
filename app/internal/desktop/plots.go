package desktop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/app/internal/session"
	"exodus/app/internal/store"
	"exodus/sim"
)

// draws makes a drawing of a figure.
func draws(build func() (*figure.Figure, error)) drawing {
	return func(width, height int, scale float64, dark bool, reach [][2]float64) picture {
		f, err := build()
		if err != nil {
			return picture{trouble: err.Error()}
		}
		f.Cover(reach)
		return picture{image: f.Image(width, height, scale, dark), area: f.Area(width, height, scale), width: width, reach: f.Reach()}
	}
}

// resultsOf is what figures are drawn from: what has gone by until the week of the timeline.
func resultsOf(snap *session.Snapshot) figure.Results {
	w := snap.World
	r := figure.Results{Scenario: w.Scenario, Run: until(w.Run, snap.Week), Luck: sim.Luck{Seed: snap.Seed}, Scores: snap.Facts, ScoreRuns: snap.Status.Done}
	if snap.Other != nil {
		r.Ghost, r.GhostName = until(snap.Other.Run, snap.Week), snap.Other.Title
	}
	fans := w.Fans
	if fans == nil {
		return r
	}
	quantity := map[string]session.Quantity{"share": session.Share, "revenue": session.Revenue, "price": session.Price, "capacity": session.Capacity}
	r.Study = &figure.Study{
		Vendors: fans.Vendors, Weeks: min(fans.Weeks, max(1, snap.Week)), Runs: fans.Runs, Seed: snap.Seed, Done: fans.Runs, Jobs: fans.Runs,
		Variants: []string{w.Title}, Against: r.GhostName, Points: [][]float64{{}},
		Quantiles: func(_, _, week, vendor int, q string) [5]float64 { return wide(fans.At(quantity[q], week, vendor)) },
	}
	if d := snap.Difference; d != nil {
		r.Study.Gains = func(_, _, week, vendor int, q string) [5]float64 { return wide(d.At(quantity[q], week, vendor)) }
	}
	return r
}

func wide(x [5]float32) (y [5]float64) {
	for i := range x {
		y[i] = float64(x[i])
	}
	return y
}

// until is a run up to the week in which one is; the first one can always be seen.
func until(t *agents.Trajectory, week int) *agents.Trajectory {
	if week >= t.Weeks {
		return t
	}
	part := *t
	part.Weeks = max(1, week)
	return &part
}

func shareDrawing(snap *session.Snapshot, hide []string, stacked bool) drawing {
	return draws(func() (*figure.Figure, error) {
		return figure.Share(resultsOf(snap), figure.Options{Hide: hide, Stacked: stacked})
	})
}

func moneyDrawing(snap *session.Snapshot, prices bool, hide []string) drawing {
	return draws(func() (*figure.Figure, error) {
		o := figure.Options{Hide: hide}
		if prices {
			return figure.Capacity(resultsOf(snap), o)
		}
		return figure.Revenue(resultsOf(snap), o)
	})
}

func flowsDrawing(snap *session.Snapshot, from, to int) drawing {
	return draws(func() (*figure.Figure, error) {
		r := resultsOf(snap)
		r.Run = snap.World.Run
		return figure.Flows(r, figure.Options{Week: to - from})
	})
}

// pairDrawing is how much dearer a vendor feels to a lab.
func pairDrawing(snap *session.Snapshot, lab, vendor int) drawing {
	run := snap.World.Run
	return draws(func() (*figure.Figure, error) {
		return figure.Premium(resultsOf(snap), figure.Options{Labs: run.Labs[lab : lab+1], Vendors: run.Vendors[vendor : vendor+1]})
	})
}

// saving is a figure that a page shows, as it is to be saved.
type saving struct {
	kind    string
	options figure.Options
}

// ofOneRun are the kinds that are drawn from the run that is shown, and nothing else.
var ofOneRun = []string{"trust", "premium", "flows"}

// write makes the file of a figure, from which the very same can be drawn again. What is drawn from one run is drawn
// from the one that is shown; for the others all runs are run once more, as a study. What neither has, such as changes
// from a week on, or another file to compare with, is drawn from what is on the screen.
func (f saving) write(ctx context.Context, s *session.Session, snap *session.Snapshot, format string) ([]byte, error) {
	oneRun := slices.Contains(ofOneRun, f.kind)
	switch world := snap.World.Scenario; {
	case len(snap.Interventions) > 0 || !oneRun && snap.Other != nil && snap.Against() == "":
		fig, err := figure.Draw(f.kind, resultsOf(snap), f.options)
		if err != nil {
			return nil, err
		}
		return fig.Write(format, figure.Paper{}, &figure.Receipt{
			Version: store.Version(), Scenario: world.Name, Title: world.Title, Variant: world.Variant,
			Changes: world.Changes, Weeks: world.Spec.Weeks, Luck: sim.Luck{Seed: snap.Seed}, Runs: snap.Status.Done, Of: snap.Status.Done,
			Options: f.options, By: madeBy(snap), Source: string(world.Source),
		})
	case oneRun:
		run := store.Run{Scenario: world, Luck: sim.Luck{Seed: snap.Seed}, Trajectory: snap.World.Run, Version: store.Version(), Platform: store.Platform()}
		return f.draw(ctx, run.Results(), format)
	}
	var content []byte
	err := withStudy(ctx, s, func(from *store.Results) (err error) {
		content, err = f.draw(ctx, from, format)
		return err
	})
	return content, err
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

// draw draws the figure of results as they are read back.
func (f saving) draw(ctx context.Context, from *store.Results, format string) ([]byte, error) {
	results, err := figure.From(ctx, from, f.kind)
	if err != nil {
		return nil, err
	}
	fig, err := figure.Draw(f.kind, results, f.options)
	if err != nil {
		return nil, err
	}
	return fig.Write(format, figure.Paper{}, figure.ReceiptOf(from, store.Version(), f.options))
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
