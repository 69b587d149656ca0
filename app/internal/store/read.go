package store

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"exodus/agents"
	"exodus/app/internal/results"
	"exodus/scenarios"
	"exodus/scenarios/facts"
	"exodus/sim"
)

// Results are what a directory holds, read back: those of one run, of a study, or of an answer.
type Results struct {
	Dir               string
	Version, Platform string              // of the program that made them
	Digest            string              // of the trajectory of a run, or of the results of a study
	Scenario          *scenarios.Scenario // as it was run, with its variant and changes
	Anchor            *scenarios.Scenario // from whose focus weeks are counted: see [scenarios.Model.Anchor]
	Weeks             int                 // of a run, or of the first variant of a study
	Vendors           []string            // In-house last

	// For one run.
	Receipt    *Receipt
	Trajectory *agents.Trajectory

	// For an answer of exodus sensitivity or calibrate, which stands beside a run of what it is about.
	Answer *Answer

	// For a study. Where Done is below Jobs, it is of the runs that are done. Worlds are their results (point*variants + variant),
	// in the weeks of the first variant, and Gains how they differ from the variant that is compared with: nil for that
	// variant itself, and where nothing is compared.
	Head          *StudyHead
	Summary       *Summary // nil where the runs were never written
	Worlds, Gains []*results.Bands
	Done, Jobs    int // runs

	Scores []facts.Score // of the facts, in results.FactRuns runs; none where nobody has scored them yet
}

// Read reads the results in a directory. Those of a run are checked against the digest of their receipt; an
// answer is read, and what it is about is run.
func Read(ctx context.Context, dir string) (*Results, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such directory", dir)
	case err != nil:
		return nil, fmt.Errorf("%s: cannot be read: %w", dir, reason(err))
	case !info.IsDir():
		return nil, fmt.Errorf("%s is a file; name a directory of results, such as exodus run and exodus batch write", dir)
	}
	receipt, err := ReadReceipt(dir)
	if err == nil {
		return readRun(dir, receipt)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	head, err := ReadStudy(dir)
	if err == nil {
		return readStudy(dir, head)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	answer, err := readAnswer(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s holds no results: neither %s of a run, nor %s of a study, nor %s of exodus sensitivity or calibrate", dir, ReceiptName, headName, answerName)
	}
	if err != nil {
		return nil, err
	}
	return answer.Results(ctx, dir)
}

// rebuild makes the scenario that results came from.
func rebuild(dir, name, source, variant string, changes []string) (*scenarios.Scenario, error) {
	s, err := scenarios.Parse(name+".toml", []byte(source))
	if err == nil {
		s, err = s.With(variant, changes)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: the scenario of these results is not one that this version reads: %w", dir, err)
	}
	return s, nil
}

func readRun(dir string, r *Receipt) (*Results, error) {
	s, err := rebuild(dir, r.Scenario, r.Source, r.Variant, r.Changes)
	if err != nil {
		return nil, err
	}
	s = s.Until(r.Weeks)
	t := &agents.Trajectory{Weeks: r.Weeks, Labs: s.Spec.LabNames(), Vendors: append(s.Spec.VendorNames(), agents.InHouse)}
	for _, l := range s.Spec.Labs {
		t.Members = append(t.Members, l.Count)
	}
	rows := r.Weeks * len(t.Vendors)
	err = errors.Join(
		readTable(dir, "vendors.csv", rows, map[string]*[]float64{
			"revenue": &t.Revenue, "load": &t.Load, "capacity": &t.Capacity, "price": &t.Price,
			"utilisation": &t.Utilisation, "inquiries": &t.Inquiries,
		}),
		readTable(dir, "relations.csv", rows*len(t.Labs), map[string]*[]float64{
			"spend": &t.Spend, "trust": &t.Trust, "conflict": &t.Conflict, "premium": &t.Premium, "left": &t.Left, "cut_off": &t.CutOff, "reviewing": &t.Reviewing,
		}),
		readLog(dir, t),
	)
	if err != nil {
		return nil, err
	}
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	for i := len(t.Vendors) - 1; i < rows; i += len(t.Vendors) { // the table leaves out what In-house does not have
		t.Capacity[i], t.Utilisation[i] = plan.Capacity(len(t.Vendors)-1), 0
		if t.Capacity[i] > 0 {
			t.Utilisation[i] = t.Load[i] / t.Capacity[i]
		}
	}
	for i := range r.Weeks * len(t.Labs) { // it is told in every row of a lab
		t.Reviewing[i] = t.Reviewing[i*len(t.Vendors)]
	}
	t.Reviewing = t.Reviewing[:r.Weeks*len(t.Labs)]
	if t.Digest() != r.Digest {
		return nil, fmt.Errorf("%s: the tables are not those of the receipt %s; they were changed, or belong to another run", dir, ReceiptName)
	}
	return &Results{Dir: dir, Version: r.Version, Platform: r.Platform, Digest: r.Digest, Scenario: s, Anchor: s, Weeks: r.Weeks, Vendors: t.Vendors, Receipt: r, Trajectory: t}, nil
}

// eachRow reads a table, and calls row with the cell of a column.
func eachRow(dir, name string, row func(cell func(column string) string) error) error {
	path := filepath.Join(dir, name)
	src, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s: cannot be read: %w", path, reason(err))
	}
	r := csv.NewReader(bytes.NewReader(src))
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s: no table: %w", path, err)
	}
	header = slices.Clone(header)
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = row(func(column string) string {
				if k := slices.Index(header, column); k >= 0 {
					return cells[k]
				}
				return ""
			})
		}
		if err != nil {
			line, _ := r.FieldPos(0)
			return fmt.Errorf("%s: line %d: %w", path, line, err)
		}
	}
}

// readTable reads columns of a table that has so many rows. An empty cell is 0.
func readTable(dir, name string, rows int, columns map[string]*[]float64) error {
	for _, c := range columns {
		*c = make([]float64, 0, rows)
	}
	n := 0
	err := eachRow(dir, name, func(cell func(string) string) error {
		n++
		for column, c := range columns {
			x := 0.0
			if text := cell(column); text != "" {
				var err error
				if x, err = strconv.ParseFloat(text, 64); err != nil {
					return fmt.Errorf("%s is %q, not a number", column, text)
				}
			}
			*c = append(*c, x)
		}
		return nil
	})
	if err == nil && n != rows {
		err = fmt.Errorf("%s: %d rows; the run has %d", filepath.Join(dir, name), n, rows)
	}
	return err
}

func readLog(dir string, t *agents.Trajectory) error {
	return eachRow(dir, "events.csv", func(cell func(string) string) error {
		week, err := strconv.Atoi(cell("week"))
		if err != nil {
			return fmt.Errorf("week is %q, not a number", cell("week"))
		}
		value, err := strconv.ParseFloat(cell("value"), 64)
		if err != nil {
			return fmt.Errorf("value is %q, not a number", cell("value"))
		}
		t.Log = append(t.Log, agents.Entry{Week: week, Agent: cell("agent"), Event: cell("event"), Vendor: cell("vendor"), Value: value, Cause: cell("cause"), Lab: cell("lab")})
		return nil
	})
}

func readStudy(dir string, head *StudyHead) (*Results, error) {
	scenario, model, err := head.Model()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, headName), err)
	}
	s := &Study{Dir: filepath.Clean(dir), Head: *head, sums: map[string]string{}}
	if err := s.readSums(); err != nil {
		return nil, err
	}
	missing, err := s.Missing()
	if err != nil {
		return nil, err
	}
	jobs := head.Plan.Jobs() - head.Plan.JobsIn(missing)
	if jobs == 0 {
		return nil, fmt.Errorf("%s: none of the %d runs of this study is done yet; go on with exodus batch and --resume", dir, head.Plan.Jobs())
	}
	done := make([]int, 0, head.Plan.Chunks())
	for chunk, next := 0, 0; chunk < head.Plan.Chunks(); chunk++ {
		if next < len(missing) && missing[next] == chunk {
			next++
			continue
		}
		done = append(done, chunk)
	}
	summary, err := s.summarise(done)
	if err != nil {
		return nil, err
	}
	r := s.Results(scenario, model.Anchor(), summary)
	r.Dir, r.Done = dir, jobs
	return r, nil
}

// Model makes the scenario of the study again, and its model, prepared for the plan. It says whether that is what the
// head says that it is.
func (h *StudyHead) Model() (*scenarios.Scenario, *scenarios.Model, error) {
	s, err := scenarios.Parse(h.Scenario+".toml", []byte(h.Source))
	if err == nil {
		s, err = s.With(h.Variant, h.Changes)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("its scenario is not one that this version reads: %w", err)
	}
	m := scenarios.NewModel(s)
	m.Full = h.Full
	if m.Name() != h.Plan.Model {
		return nil, nil, fmt.Errorf("its scenario makes the model %.40s, and its plan is for %.40s", m.Name(), printed(h.Plan.Model))
	}
	if err := m.Prepare(h.Plan); err != nil {
		return nil, nil, err
	}
	if want := m.Frame(); !reflect.DeepEqual(want, h.Frame) || !slices.Equal(m.Measures(), h.Measures) {
		return nil, nil, errors.New("its weeks, vendors, labs or measures are not those of its scenario")
	}
	return s, m, nil
}

// Typical is the run that is shown where only one can be. Of a study it is one without luck, of a variant;
// "" is the first that the study ran.
func (r *Results) Typical(ctx context.Context, variant string) (*agents.Trajectory, error) {
	if r.Trajectory != nil {
		return r.Trajectory, nil
	}
	if variant == "" {
		variant = r.Head.Plan.Variants[0]
	}
	if variant = strings.TrimSuffix(variant, scenarios.Ignorant); variant == scenarios.Reference {
		variant = r.Scenario.Variant
	}
	s, err := r.Scenario.With(variant, append(slices.Clone(r.Scenario.Changes), "uncertainty.scale=0"))
	if err != nil {
		return nil, err
	}
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		return nil, err
	}
	t, err := agents.Run(ctx, plan, sim.Luck{Seed: r.Head.Plan.Seed}, agents.Options{})
	if err != nil {
		return nil, err
	}
	return t.Among(r.Head.Labs, r.Head.Vendors), nil
}
