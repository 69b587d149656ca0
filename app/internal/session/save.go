package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"exodus/app/internal/results"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/sim"
	"exodus/sim/study"
)

// Conflict is the error of saving over a file with content that is not of this session.
type Conflict struct {
	Path   string
	Theirs []byte // what is there now
	Mine   []byte // what would take its place
}

func (e *Conflict) Error() string {
	return e.Path + " was changed by someone else since it was opened"
}

// Save writes the scenario with its changes to a file, "" for the one that was opened, with all its comments. It
// reads back to the same market, with the same variant chosen. left are the interventions, which no scenario file
// states; they stay in the session. A text that has problems is written as it is. Where the file holds what this session
// neither read nor wrote, the error is a [*Conflict], and nothing is written unless force says so.
func (s *Session) Save(path string, force bool) (left []Intervention, err error) {
	cmd := &save{path: path, force: force}
	err = s.await(cmd)
	return cmd.left, err
}

type save struct {
	path  string
	force bool
	left  []Intervention
}

func (s *save) do(c *core) error {
	path := s.path
	if path == "" {
		path = c.doc.File
	}
	if path == "" {
		return errors.New("a built-in scenario stays as it is; name a file to save to, such as mine.toml")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	doc := c.doc
	if doc.base != nil && len(doc.Changes) > 0 {
		src, variant, err := doc.base.Write(doc.Variant, texts(doc.Changes))
		if err != nil {
			return fmt.Errorf("save %s: %w", path, err)
		}
		doc.Source, doc.Variant, doc.Changes = string(src), variant, nil
	}
	there, err := os.ReadFile(path)
	switch {
	case err == nil && !s.force && sum(there) != c.sums[path] && string(there) != doc.Source:
		return &Conflict{path, there, []byte(doc.Source)}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("save %s: %w", path, err)
	}
	if err := store.ReplaceFile(path, []byte(doc.Source)); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	c.sums[path] = sum([]byte(doc.Source))
	doc.Name, doc.File = path, path
	if doc.base != nil {
		doc.parse()
	}
	if err := c.change("Save", "", doc); err != nil {
		return err
	}
	c.saved = c.doc
	c.saved.Interventions = nil
	s.left = doc.Interventions
	c.remember(path)
	return nil
}

// answered waits for the run of all that was commanded so far.
func (s *Session) answered(ctx context.Context) (*Snapshot, error) {
	given := s.Commands()
	snap, err := s.Until(ctx, func(snap *Snapshot) bool {
		return snap.Command >= given && (snap.World != nil && !snap.Stale || !snap.Status.Busy)
	})
	if err == nil && (snap.World == nil || snap.Stale) {
		if err = snap.Status.Err; err == nil {
			err = errors.New("there is no run yet")
		}
	}
	return snap, err
}

// Export writes the run that is shown into a directory: tables as CSV, and its receipt. Other content that is there is
// a [*store.Exists], and is replaced by force only.
func (s *Session) Export(ctx context.Context, dir string, force bool) error {
	snap, err := s.answered(ctx)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	scenario, luck, err := snap.Reproduced()
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := snap.World.Run.Finite(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	run := &store.Run{
		Scenario: scenario, Luck: luck, Trajectory: snap.World.Run,
		Version: s.cfg.Version, Platform: s.cfg.Platform, Interventions: interventionTexts(snap.Interventions),
	}
	_, err = store.Write(dir, run.Files(nil), force)
	return err
}

// Reproduced is what lives the run on show again: its scenario, and its luck. The deterministic run is one of a scenario
// without random variation, which the scenario then states.
func (s *Snapshot) Reproduced() (*scenarios.Scenario, sim.Luck, error) {
	at, run := s.World.Scenario, s.View.lived()
	if run != Deterministic {
		return at, luckOf(s.Seed, run), nil
	}
	var still []string
	if at.Spec.Uncertainty.Scale != 0 {
		still = append(still, "uncertainty.scale=0")
	}
	if at.Spec.Uncertainty.Ranges {
		still = append(still, "uncertainty.ranges=false")
	}
	calm, err := at.With(at.Variant, slices.Concat(at.Changes, still))
	return calm, luckOf(s.Seed, 0), err
}

func interventionTexts(all []Intervention) (texts []string) {
	for _, i := range all {
		texts = append(texts, fmt.Sprintf("week %d: %s=%s", i.Week, i.Path, i.Value))
	}
	return texts
}

// Against is the variant that exported runs are compared with: the one on show, where it is of the same file and has
// the same changes; else "".
func (s *Snapshot) Against() string {
	if s.World == nil || s.Other == nil {
		return ""
	}
	base, other := s.World.Scenario, s.Other.Scenario
	if other.Variant == "" || other.Variant != s.Compare || other.Variant == base.Variant || len(base.Beside(s.Compare, base.Changes)) != len(base.Changes) {
		return ""
	}
	return s.Compare
}

// ExportRuns writes all runs into a directory as exodus batch does: every run as Parquet, quantiles as CSV, of the
// market and, where it is compared with a variant of the same file, of that one and the differences. It goes on with
// what an earlier export left unfinished there. Interventions are in no study: with them it is refused.
func (s *Session) ExportRuns(ctx context.Context, dir string) error {
	snap, err := s.answered(ctx)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if len(snap.Interventions) > 0 {
		return errors.New("export: runs with changes from a week on cannot be exported together; export the run that is shown, or make the changes from the start")
	}
	head, model, err := snap.study(snap.Runs)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	head.Version, head.Platform, head.Sketched = s.cfg.Version, s.cfg.Platform, head.Plan.Jobs() > store.MostRows
	into, err := store.OpenStudy(dir, *head, true)
	if err != nil {
		return err
	}
	defer into.Close()
	missing, err := into.Missing()
	if err != nil {
		return err
	}
	if err := into.Run(ctx, into.Head.Maker(model), missing, func(int) {}); err != nil {
		return err
	}
	_, err = into.Finish()
	return err
}

// study is what exodus batch is asked for so many runs of the market on show: of the market and, where it is compared with a
// variant of the same file, of that one.
func (s *Snapshot) study(runs int) (*store.StudyHead, *scenarios.Model, error) {
	base, against := s.World.Scenario, s.Against()
	model := scenarios.NewModel(base)
	plan := &study.Plan{Model: model.Name(), Runs: runs, Seed: s.Seed, Chunk: 512, Variants: []string{scenarios.Reference}, Points: [][]float64{{}}}
	if against != "" {
		plan.Variants = append(plan.Variants, against)
	}
	if err := model.Prepare(plan); err != nil {
		return nil, nil, err
	}
	head := store.HeadOf(base, model, plan)
	head.Against = against
	return &head, model, nil
}

// Results are those of all runs, as they are in memory: what [Session.ExportRuns] writes of as many runs reads back as the
// same. There are none before there are medians, nor of interventions, which are in no study.
func (s *Snapshot) Results() (*store.Results, error) {
	if s.World == nil || s.World.Fans == nil || len(s.Interventions) > 0 {
		return nil, errors.New("there are no runs that exodus batch would make")
	}
	head, model, err := s.study(s.World.Fans.Runs)
	if err != nil {
		return nil, err
	}
	worlds := []*results.Bands{s.World.Fans}
	if head.Against != "" {
		if s.Difference == nil || s.Other.Fans == nil {
			return nil, errors.New("the runs are not yet compared with " + s.Other.Title)
		}
		worlds = append(worlds, s.Other.Fans)
	}
	r := head.Results(s.World.Scenario, model.Anchor(), func(world int) *results.Bands { return worlds[world] }, func(int) *results.Bands { return s.Difference })
	if !s.FactsStale && s.FactRuns == results.FactRuns {
		r.Scores = s.Facts
	}
	return r, nil
}
