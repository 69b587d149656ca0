// Package store keeps results on disk, with receipts.
//
// A directory of results is written beside its place and renamed into it, so that at any moment it is whole,
// or not there. It holds tables as CSV, whose numbers read back exactly, figures, and the receipt run.json,
// which says what was run, and the digest of its results.
package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim"
)

// Receipt is what run.json holds: all that is needed to run the same again, and the digest of the results.
type Receipt struct {
	Format        int       `json:"format"` // of this receipt
	Program       string    `json:"program"`
	Version       string    `json:"version"`
	Platform      string    `json:"platform"`
	Scenario      string    `json:"scenario"` // its name
	Title         string    `json:"title"`
	Variant       string    `json:"variant,omitempty"`
	Changes       []string  `json:"changes,omitempty"`       // path=value each, in their order
	Interventions []string  `json:"interventions,omitempty"` // changes from a week on, week N: path=value each
	Weeks         int       `json:"weeks"`
	Luck          sim.Luck  `json:"luck"`
	Digest        string    `json:"digest"` // of the trajectory: agents.Trajectory.Digest
	Files         []FileSum `json:"files"`
	Source        string    `json:"source"` // the scenario file, whole
}

// FileSum is the name of a file and the SHA-256 of its content.
type FileSum struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// ReceiptName is the file that holds a receipt.
const ReceiptName = "run.json"

// resultsFormat is that of receipts, studies and answers. It changes when what was written before cannot be read as
// before, or came from a model that was another.
const resultsFormat = 2

// File is a file to be written.
type File struct {
	Name    string
	Content []byte
}

// Run is a run with what it came from.
type Run struct {
	Scenario      *scenarios.Scenario
	Luck          sim.Luck
	Trajectory    *agents.Trajectory
	Version       string
	Platform      string
	Interventions []string // changes from a week on
}

// Results are those of the run, as they are read back once it is written.
func (r *Run) Results() *Results {
	t := r.Trajectory
	return &Results{
		Version: r.Version, Platform: r.Platform, Digest: t.Digest(), Scenario: r.Scenario, Anchor: r.Scenario, Weeks: t.Weeks, Vendors: t.Vendors,
		Receipt: &Receipt{Luck: r.Luck, Interventions: r.Interventions}, Trajectory: t,
	}
}

// Files are the tables of the run and the figures given, and last its receipt.
func (r *Run) Files(figures []File) []File {
	files := []File{
		{"vendors.csv", r.vendors()},
		{"relations.csv", r.relations()},
		{"events.csv", r.events()},
	}
	if len(r.Trajectory.Decisions) > 0 {
		files = append(files, File{"decisions.csv", r.decisions()})
	}
	files = append(files, figures...)
	s := r.Scenario
	receipt := Receipt{
		Format: resultsFormat, Program: "exodus", Version: r.Version, Platform: r.Platform,
		Scenario: s.Name, Title: s.Title, Variant: s.Variant, Changes: s.Changes, Interventions: r.Interventions,
		Weeks: r.Trajectory.Weeks, Luck: r.Luck, Digest: r.Trajectory.Digest(), Source: string(s.Source),
	}
	for _, f := range files {
		receipt.Files = append(receipt.Files, FileSum{f.Name, hexSum(f.Content)})
	}
	out, err := json.MarshalIndent(receipt, "", "  ")
	if err != nil {
		panic(err) // a struct of plain values
	}
	return append(files, File{ReceiptName, append(out, '\n')})
}

// ReadReceipt reads the receipt of a directory of results.
func ReadReceipt(dir string) (*Receipt, error) {
	path := filepath.Join(dir, ReceiptName)
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r, err := decodeReceipt(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// decodeReceipt reads a receipt, which may come from anywhere.
func decodeReceipt(src []byte) (*Receipt, error) {
	if err := checkFormat(src, "run"); err != nil {
		return nil, err
	}
	var r Receipt
	if err := json.Unmarshal(src, &r); err != nil {
		return nil, fmt.Errorf("not a receipt of a run: %w", err)
	}
	switch {
	case r.Format != resultsFormat:
		return nil, errors.New("not a receipt of a run")
	case r.Weeks < 1 || r.Weeks > agents.MostWeeks:
		return nil, fmt.Errorf("it is of a run of %d weeks; a run has 1 to %d", r.Weeks, agents.MostWeeks)
	}
	return &r, nil
}

// stated is what a receipt says about results: not which version made them on which platform.
func stated(receipt []byte) ([]byte, error) {
	var r Receipt
	if err := json.Unmarshal(receipt, &r); err != nil {
		return nil, err
	}
	r.Version, r.Platform = "", ""
	return json.Marshal(r)
}

// hexSum is the SHA-256 of content, in hexadecimal.
func hexSum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// number writes a number so that it reads back exactly. What does not exist stays empty, and so does what is not
// finite.
func number(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return ""
	}
	return Full(x)
}

// table makes a table of rows under a header.
func table(header []string, rows func(add func(cells ...string))) []byte {
	var out bytes.Buffer
	writeTable(&out, header, rows) // into memory, where no write fails
	return out.Bytes()
}

// writeTable writes rows under a header.
func writeTable(out io.Writer, header []string, rows func(add func(cells ...string))) error {
	w := csv.NewWriter(out)
	w.Write(header)
	rows(func(cells ...string) { w.Write(cells) })
	w.Flush()
	return w.Error()
}

func (r *Run) when(week int) (string, string) {
	return strconv.Itoa(week), r.Scenario.Date(week).Format(time.DateOnly)
}

func (r *Run) vendors() []byte {
	t, values := r.Trajectory, scenarios.Values(r.Trajectory)
	return table(append([]string{"week", "date", "vendor"}, scenarios.Quantities...), func(add func(...string)) {
		for week := range t.Weeks {
			n, date := r.when(week)
			for j, name := range t.Vendors {
				line := []string{n, date, name}
				for k := range values {
					line = append(line, number(values[k][t.At(week, j)]))
				}
				add(line...)
			}
		}
	})
}

func (r *Run) relations() []byte {
	t := r.Trajectory
	return table([]string{"week", "date", "lab", "vendor", "spend", "trust", "conflict", "premium", "reviewing", "left", "cut_off"}, func(add func(...string)) {
		for week := range t.Weeks {
			n, date := r.when(week)
			for i, lab := range t.Labs {
				reviewing := number(t.Reviewing[week*len(t.Labs)+i])
				for j, vendor := range t.Vendors {
					at := t.Rel(week, i, j)
					add(n, date, lab, vendor, number(t.Spend[at]), number(t.Trust[at]), number(t.Conflict[at]), number(t.Premium[at]), reviewing, number(t.Left[at]), number(t.CutOff[at]))
				}
			}
		}
	})
}

func (r *Run) events() []byte {
	return table([]string{"week", "date", "agent", "event", "vendor", "value", "cause", "lab"}, func(add func(...string)) {
		for _, e := range r.Trajectory.Log {
			n, date := r.when(e.Week)
			if event := r.Scenario.Event(e.Cause); event != nil && event.Kind == e.Event && event.Week == e.Week { // which the file dates to the day
				date = r.Scenario.DateOf(event).Format(time.DateOnly)
			}
			add(n, date, e.Agent, e.Event, e.Vendor, number(e.Value), e.Cause, e.Lab)
		}
	})
}

func (r *Run) decisions() []byte {
	t := r.Trajectory
	header := []string{"week", "date", "lab", "budget", "regret", "threshold", "reviewing", "cause", "vendor", "price", "trust", "utility", "ideal", "mix", "target", "kept", "asked"}
	return table(header, func(add func(...string)) {
		for _, d := range t.Decisions {
			n, date := r.when(d.Week)
			for j, vendor := range t.Vendors {
				add(n, date, d.Lab, number(d.Budget), number(d.Regret), number(d.Threshold), strconv.FormatBool(d.Reviewing), d.Cause, vendor,
					number(d.Price[j]), number(d.Trust[j]), number(d.Utility[j]), number(d.Ideal[j]), number(d.Mix[j]), number(d.Target[j]), number(d.Kept[j]), number(d.Asked[j]))
			}
		}
	})
}
