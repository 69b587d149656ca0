package desktop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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

// write makes the file of a figure. All runs are run once more, as a study from which the very same figure can be
// drawn again; with changes from a week on, which no study has, it is drawn from what is on the screen.
func (f saving) write(ctx context.Context, s *session.Session, snap *session.Snapshot, format string) ([]byte, error) {
	if len(snap.Interventions) > 0 {
		fig, err := figure.Draw(f.kind, resultsOf(snap), f.options)
		if err != nil {
			return nil, err
		}
		var said []string
		for _, i := range snap.Interventions {
			said = append(said, fmt.Sprintf("in week %d %s=%s", i.Week, i.Path, i.Value))
		}
		world := snap.World.Scenario
		return fig.Write(format, figure.Paper{}, &figure.Receipt{
			Version: store.Version(), Scenario: world.Name, Title: world.Title, Variant: world.Variant,
			Changes: world.Changes, Weeks: world.Spec.Weeks, Luck: sim.Luck{Seed: snap.Seed}, Runs: snap.Status.Done, Of: snap.Status.Done,
			Options: f.options, By: "the window, with these levers moved on the way: " + strings.Join(said, "; "), Source: string(world.Source),
		})
	}
	var content []byte
	err := withStudy(ctx, s, func(from *store.Results) error {
		results, err := figure.From(ctx, from, f.kind)
		if err != nil {
			return err
		}
		fig, err := figure.Draw(f.kind, results, f.options)
		if err != nil {
			return err
		}
		content, err = fig.Write(format, figure.Paper{}, figure.ReceiptOf(from, store.Version(), f.options))
		return err
	})
	return content, err
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
