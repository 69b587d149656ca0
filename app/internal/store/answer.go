package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/scenarios/facts"
	"exodus/sim"
	"exodus/sim/study"
)

// Answer is what answer.json holds: the question that exodus sensitivity or exodus calibrate was asked about a scenario, and
// its answer: one of Sensitivity and Calibration.
type Answer struct {
	Format   int      `json:"exodus_answer"` // of this file
	Version  string   `json:"version"`
	Platform string   `json:"platform"`
	Scenario string   `json:"scenario"` // its name
	Variant  string   `json:"variant,omitempty"`
	Changes  []string `json:"changes,omitempty"` // path=value each, in their order
	Weeks    int      `json:"weeks"`

	Sensitivity *Sensitivity `json:"sensitivity,omitempty"`
	Calibration *Calibration `json:"calibration,omitempty"`

	Source string `json:"source"` // the scenario file that was asked about, whole
}

// Question is what exodus sensitivity is asked of a scenario.
type Question struct {
	Metric string   `json:"metric"`         // such as share.Scale@26
	Method string   `json:"method"`         // morris or sobol
	Vary   []string `json:"vary,omitempty"` // paths; all uncertain parameters of the model where it is empty
	Points int      `json:"points"`         // 0 is the usual number of the method
	Runs   int      `json:"runs"`           // at each point
	Seed   uint64   `json:"seed"`
}

// Sensitivity is how much inputs matter for a metric.
type Sensitivity struct {
	Question
	Measured int      `json:"measured"` // points
	Columns  []string `json:"columns"`  // what is estimated of each input; they are in the order of the first
	Inputs   []Effect `json:"inputs"`
	Between  float64  `json:"between"` // variance of the metric by what varies
	Within   float64  `json:"within"`  // variance of single runs at one point, by random variation; 0 with one run at each point
}

// Effect is how much an input matters over its range.
type Effect struct {
	Path      string           `json:"path"`
	Low       float64          `json:"low"`
	High      float64          `json:"high"`
	Estimates []study.Estimate `json:"estimates"` // one for each of Columns
}

// Calibration is what the facts leave of the assumptions.
type Calibration struct {
	Method string   `json:"method"` // abc or fit
	Free   []string `json:"free,omitempty"`
	Only   []string `json:"only,omitempty"` // the facts that it is compared with; all where it is empty
	Points int      `json:"points"`         // asked for
	Runs   int      `json:"runs"`           // at each point
	Seed   uint64   `json:"seed"`

	Tried    int          `json:"tried"`    // points
	Kept     int          `json:"kept"`     // at which all facts hold, of abc
	Distance float64      `json:"distance"` // of the point found from the facts, of fit
	Facts    []Held       `json:"facts"`
	Inputs   []Left       `json:"inputs"`
	Silent   []string     `json:"silent,omitempty"`  // inputs that move nothing that the facts measure
	Alike    []facts.Pair `json:"alike,omitempty"`   // inputs that the facts cannot tell apart
	TooFew   bool         `json:"too_few,omitempty"` // whether the runs are too few to say either

	Variant string `json:"variant"` // at the point found
	Added   string `json:"added"`   // what the scenario file needs more, to have it
}

// Held is how a fact fares in a calibration.
type Held struct {
	Title   string  `json:"title"`
	Claim   bool    `json:"claim,omitempty"`   // whether it need not hold
	Share   float64 `json:"share"`             // of the points at which it holds, of abc
	Verdict string  `json:"verdict,omitempty"` // at the point found, of fit
}

// Left is what the facts leave of the range of an input.
type Left struct {
	Path  string      `json:"path"`
	Low   float64     `json:"low"`
	High  float64     `json:"high"`
	Value float64     `json:"value"`           // found; the median of what is left
	Range *[2]float64 `json:"range,omitempty"` // 5% and 95% of what is left, of abc
}

const answerName = "answer.json"

// NewAnswer is an answer to what was asked of a scenario.
func NewAnswer(s *scenarios.Scenario) *Answer {
	return &Answer{
		Format: resultsFormat, Version: Version(), Platform: Platform(),
		Scenario: s.Name, Variant: s.Variant, Changes: s.Changes, Weeks: s.Spec.Weeks, Source: string(s.Source),
	}
}

// File is the answer as it is kept in a directory.
func (a *Answer) File() (File, error) {
	out, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return File{}, fmt.Errorf("write down the answer: %w", err)
	}
	return File{answerName, append(out, '\n')}, nil
}

// CheckRoom says, before an answer is worked out, whether dir holds another one: the same question may be asked again. The
// error is an [*Exists].
func (a *Answer) CheckRoom(dir string) error {
	old, err := readAnswer(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && bytes.Equal(old.question(), a.question()) {
		return nil
	}
	return &Exists{filepath.Join(dir, answerName)}
}

// question is what was asked, of what and by which program, without what came of it.
func (a *Answer) question() []byte {
	q := *a
	if s := a.Sensitivity; s != nil {
		q.Sensitivity = &Sensitivity{Question: s.Question}
	}
	if c := a.Calibration; c != nil {
		q.Calibration = &Calibration{Method: c.Method, Free: c.Free, Only: c.Only, Points: c.Points, Runs: c.Runs, Seed: c.Seed}
	}
	out, err := json.Marshal(q)
	if err != nil {
		panic(err) // of plain values
	}
	return out
}

// Still says whether the metric does not depend on what varies.
func (s *Sensitivity) Still() bool { return s.Between == 0 && s.Inputs[0].Estimates[0].Value == 0 }

// Luck is the share of the variance of single runs that is random variation; 0 where nothing varies.
func (s *Sensitivity) Luck() float64 {
	if s.Within == 0 {
		return 0
	}
	return s.Within / (s.Within + s.Between)
}

// Jobs is how many runs were measured.
func (s *Sensitivity) Jobs() int { return s.Measured * s.Runs }

// Table is the answer as CSV.
func (s *Sensitivity) Table() []byte {
	head := []string{"parameter", "low", "high"}
	for _, c := range s.Columns {
		head = append(head, c, c+"_q05", c+"_q95")
	}
	return table(head, func(add func(...string)) {
		for _, in := range s.Inputs {
			line := []string{in.Path, Full(in.Low), Full(in.High)}
			for _, e := range in.Estimates {
				line = append(line, Full(e.Value), Full(e.Low), Full(e.High))
			}
			add(line...)
		}
		if s.Runs > 1 {
			luck := make([]string, len(head))
			luck[0], luck[3] = "luck", Full(math.Sqrt(s.Within))
			add(luck...)
		}
	})
}

// Full writes a number so that it reads back exactly.
func Full(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// Results are those of the market that the answer is about, in one run: as it was asked about, or at the point that was
// found.
func (a *Answer) Results(ctx context.Context, dir string) (*Results, error) {
	variant, changes, source, luck := a.Variant, a.Changes, a.Source, sim.Luck{}
	if c := a.Calibration; c == nil {
		luck.Seed = a.Sensitivity.Seed
	} else {
		luck.Seed = c.Seed
		variant, changes, source = c.Variant, nil, source+c.Added
	}
	s, err := rebuild(dir, a.Scenario, source, variant, changes)
	if err != nil {
		return nil, err
	}
	s = s.Until(a.Weeks)
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		return nil, err
	}
	t, err := agents.Run(ctx, plan, luck, agents.Options{})
	if err != nil {
		return nil, err
	}
	r := (&Run{Scenario: s, Luck: luck, Trajectory: t, Version: a.Version, Platform: a.Platform}).Results()
	r.Dir, r.Answer = dir, a
	return r, nil
}

// readAnswer reads the answer in a directory.
func readAnswer(dir string) (*Answer, error) {
	path := filepath.Join(dir, answerName)
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := checkFormat(src, "sensitivity, or exodus calibrate"); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var a Answer
	if err := json.Unmarshal(src, &a); err != nil || a.Format != resultsFormat {
		return nil, fmt.Errorf("%s: not an answer of exodus sensitivity or calibrate (%v)", path, err)
	}
	if err := a.check(); err != nil {
		return nil, fmt.Errorf("%s was changed: %w", path, err)
	}
	return &a, nil
}

func (a *Answer) check() error {
	if a.Weeks < 1 || a.Weeks > agents.MostWeeks {
		return fmt.Errorf("invalid: %d weeks; a run has 1 to %d", a.Weeks, agents.MostWeeks)
	}
	if (a.Sensitivity == nil) == (a.Calibration == nil) {
		return errors.New("it holds no answer, or two")
	}
	if s := a.Sensitivity; s != nil {
		if len(s.Inputs) == 0 || len(s.Columns) == 0 || !strings.Contains(s.Metric, "@") {
			return errors.New("it has no metric, or no inputs")
		}
		for _, in := range s.Inputs {
			if len(in.Estimates) != len(s.Columns) {
				return fmt.Errorf("%s has %d estimates; there are %d columns", in.Path, len(in.Estimates), len(s.Columns))
			}
		}
	}
	if c := a.Calibration; c != nil {
		if len(c.Inputs) == 0 {
			return errors.New("it has no inputs")
		}
		for _, in := range c.Inputs {
			if (in.Range == nil) != (c.Method == "fit") {
				return fmt.Errorf("of %s, it does not say what %s leaves", in.Path, c.Method)
			}
		}
	}
	return nil
}
