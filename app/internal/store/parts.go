package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
	"golang.org/x/exp/stats"
	"golang.org/x/sync/errgroup"

	"exodus/scenarios"
	"exodus/sim/study"
)

// row is what a part holds for a run, week and vendor.
type row struct {
	Point       int32   `parquet:"point"`
	Variant     string  `parquet:"variant,dict"`
	Run         int32   `parquet:"run"`
	Week        int32   `parquet:"week"`
	Vendor      string  `parquet:"vendor,dict"`
	Revenue     float64 `parquet:"revenue"`
	Share       float64 `parquet:"share"`
	Load        float64 `parquet:"load"`
	Capacity    float64 `parquet:"capacity"`
	Price       float64 `parquet:"price"`
	Utilisation float64 `parquet:"utilisation"`
	Inquiries   float64 `parquet:"inquiries"`
}

// firstQuantity is the column of the first of scenarios.Quantities in a part.
const firstQuantity = 5

// partNote is what a part says of itself, in its metadata.
type partNote struct {
	Jobs   int            `json:"jobs"`
	Runs   int            `json:"runs,omitempty"`   // of the plan, where more of them would change the part
	Failed map[int]string `json:"failed,omitempty"` // by job of the plan
}

const noteKey = "exodus.part"

// EncodePart makes the part of a chunk. Runs that failed have no rows; the part's metadata says why.
func EncodePart(p *study.Plan, chunk int, vendors []string, jobs []study.Job, results []study.Result) ([]byte, error) {
	first, _ := p.Range(chunk)
	note := noteOf(p, chunk)
	var out bytes.Buffer
	w := parquet.NewGenericWriter[row](&out, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}), parquet.CreatedBy("exodus", "", ""))
	var rows []row
	for i, job := range jobs {
		r := results[i]
		if r.Err != nil {
			note.Failed[first+i] = r.Err.Error()
			continue
		}
		rows = rows[:0]
		for week := range r.Series[0] {
			for j, vendor := range vendors {
				q := r.Series[j*len(scenarios.Quantities):]
				rows = append(rows, row{int32(job.Point), p.Variants[job.Variant], int32(job.Run), int32(week), vendor,
					q[0][week], q[1][week], q[2][week], q[3][week], q[4][week], q[5][week], q[6][week]})
			}
		}
		if _, err := w.Write(rows); err != nil {
			return nil, fmt.Errorf("encode %s: %w", PartName(chunk), err)
		}
	}
	text, err := json.Marshal(note)
	if err != nil {
		return nil, err
	}
	w.SetKeyValueMetadata(noteKey, string(text))
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encode %s: %w", PartName(chunk), err)
	}
	return out.Bytes(), nil
}

// openPart opens a part, and reads what it says of itself.
func openPart(content []byte) (*parquet.File, *partNote, error) {
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, nil, err
	}
	text, _ := f.Lookup(noteKey)
	var note partNote
	if err := json.Unmarshal([]byte(text), &note); err != nil {
		return nil, nil, err
	}
	return f, &note, nil
}

// noteOf is what the part of a chunk says of itself, failures apart.
func noteOf(p *study.Plan, chunk int) partNote {
	first, end := p.Range(chunk)
	note := partNote{Jobs: end - first, Failed: map[int]string{}}
	if end > p.Settled() {
		note.Runs = p.Runs
	}
	return note
}

// complete says whether a part holds the runs that the plan has in its chunk.
func (s *Study) complete(chunk int, content []byte) bool {
	_, note, err := openPart(content)
	want := noteOf(s.Head.Plan, chunk)
	return err == nil && note.Jobs == want.Jobs && note.Runs == want.Runs
}

// mostValues is how many numbers are held at once to find their quantiles: 256 MB.
const mostValues = 32 << 20

// quantileLevels are those of quantiles.csv.
var quantileLevels = []float64{0.05, 0.25, 0.5, 0.75, 0.95}

// Quantiles is the distribution of a quantity over runs, at the levels of quantiles.csv.
type Quantiles struct {
	Runs  int // that it was measured in
	Value [5]float64
	Error [5]float64 // Monte Carlo error of each
}

// Summary is what a study comes to.
type Summary struct {
	Failed int // runs

	// By world (point*variants + variant), week, vendor and quantity: see At.
	Quantiles   []Quantiles
	Differences []Quantiles // from the variant that is compared with, run by run; none where there is none

	// Narrowing is by how much pairing runs narrowed the 5% to 95% intervals of the differences in revenue in
	// the last week, against runs on luck of their own: the median over worlds and vendors. 0 where unknown.
	Narrowing float64

	weeks, vendors int
}

// At is the index of a quantity of scenarios.Quantities in a world, week and vendor.
func (s *Summary) At(world, week, vendor, quantity int) int {
	return ((world*s.weeks+week)*s.vendors+vendor)*len(scenarios.Quantities) + quantity
}

// summarise reads the parts, and which runs failed. How much memory that takes does not grow with the runs: weeks
// are taken a few at a time.
func (s *Study) summarise(vendors []string) (*Summary, map[int]string, error) {
	p, weeks := s.Head.Plan, s.Head.Weeks
	worlds := len(p.Points) * len(p.Variants)
	failed := map[int]string{}
	for chunk := range p.Chunks() {
		_, note, err := s.readPart(chunk)
		if err != nil {
			return nil, nil, err
		}
		for job, why := range note.Failed {
			failed[job] = why
		}
	}
	cells := worlds * weeks * len(vendors) * len(scenarios.Quantities)
	out := &Summary{Failed: len(failed), Quantiles: make([]Quantiles, cells), weeks: weeks, vendors: len(vendors)}
	if s.Head.Against != "" {
		out.Differences = make([]Quantiles, cells)
	}
	var narrowings []float64
	step := max(1, min(weeks, mostValues/max(1, p.Jobs()*len(vendors))))
	for quantity, name := range scenarios.Quantities {
		for from := 0; from < weeks; from += step {
			to := min(from+step, weeks)
			values, err := s.gather(quantity, from, to, vendors)
			if err != nil {
				return nil, nil, err
			}
			at := func(world, week, j int) []float64 { return values[(world*(to-from)+week-from)*len(vendors)+j] }
			if out.Differences != nil && name == "revenue" && to == weeks {
				narrowings = s.narrowings(func(world, j int) []float64 { return at(world, weeks-1, j) }, len(vendors))
			}
			var group errgroup.Group
			group.SetLimit(runtime.GOMAXPROCS(0))
			for world := range worlds {
				group.Go(func() error {
					for week := from; week < to; week++ {
						for j := range vendors {
							cell := out.At(world, week, j, quantity)
							out.Quantiles[cell] = distribution(slices.Clone(at(world, week, j)))
							if out.Differences != nil {
								reference := at(s.opposite(world), week, j)
								out.Differences[cell] = distribution(differences(at(world, week, j), reference, 0))
							}
						}
					}
					return nil
				})
			}
			group.Wait()
		}
	}
	if len(narrowings) > 0 {
		slices.Sort(narrowings)
		out.Narrowing = stats.Quantiles(narrowings, 0.5)[0]
	}
	return out, failed, nil
}

// opposite is the world that a world is compared with, at the same point: in which parameters are drawn too, if they
// are in that one.
func (s *Study) opposite(world int) int {
	variants := s.Head.Plan.Variants
	name := s.Head.Against
	if strings.HasSuffix(variants[world%len(variants)], scenarios.Ignorant) {
		name += scenarios.Ignorant
	}
	return world/len(variants)*len(variants) + slices.Index(variants, name)
}

// differences are those of runs with one another, each with the one that is shift runs further on.
func differences(xs, ys []float64, shift int) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = x - ys[(i+shift)%len(ys)]
	}
	return out
}

// narrowings compares intervals of differences between runs on the same luck with those between runs on
// different luck.
func (s *Study) narrowings(at func(world, vendor int) []float64, vendors int) (factors []float64) {
	width := func(q Quantiles) float64 { return q.Value[4] - q.Value[0] }
	for world := range len(s.Head.Plan.Points) * len(s.Head.Plan.Variants) {
		if s.opposite(world) == world {
			continue
		}
		for j := range vendors {
			xs, ys := at(world, j), at(s.opposite(world), j)
			if paired := width(distribution(differences(xs, ys, 0))); paired > 0 {
				factors = append(factors, width(distribution(differences(xs, ys, 1)))/paired)
			}
		}
	}
	return factors
}

// distribution is the quantiles of values, each with its Monte Carlo error: half the distance between the values
// whose ranks are a standard error of the rank below and above. It sorts the values; those that are none, of runs
// that failed, are left out.
func distribution(xs []float64) (q Quantiles) {
	xs = slices.DeleteFunc(xs, math.IsNaN)
	if q.Runs = len(xs); q.Runs == 0 {
		return q
	}
	slices.Sort(xs)
	for i, level := range quantileLevels {
		d := math.Sqrt(level * (1 - level) / float64(len(xs)))
		x := stats.Quantiles(xs, level, max(0, level-d), min(1, level+d))
		q.Value[i], q.Error[i] = x[0], (x[2]-x[1])/2
	}
	return q
}

// encodeQuantiles makes a table of quantiles. In a table of differences, what was compared with is left out.
func (s *Study) encodeQuantiles(cells []Quantiles, vendors []string, against string) []byte {
	p := s.Head.Plan
	header := []string{"point", "variant", "week", "vendor", "quantity", "runs"}
	for _, level := range quantileLevels {
		name := fmt.Sprintf("q%02.0f", 100*level)
		header = append(header, name, name+"_error")
	}
	return table(header, func(add func(...string)) {
		i := 0
		for world := range len(p.Points) * len(p.Variants) {
			point, variant := strconv.Itoa(world/len(p.Variants)), p.Variants[world%len(p.Variants)]
			for week := range s.Head.Weeks {
				for _, vendor := range vendors {
					for _, quantity := range scenarios.Quantities {
						q := cells[i]
						i++
						if q.Runs == 0 || against != "" && s.opposite(world) == world {
							continue
						}
						line := []string{point, variant, strconv.Itoa(week), vendor, quantity, strconv.Itoa(q.Runs)}
						for k := range quantileLevels {
							line = append(line, number(q.Value[k]), number(q.Error[k]))
						}
						add(line...)
					}
				}
			}
		}
	})
}

// Values are what a quantity of scenarios.Quantities of a vendor was in a week, in each run, by world. It is NaN in
// a run that failed.
func (s *Study) Values(quantity, week, vendor int, vendors []string) ([][]float64, error) {
	values, err := s.gather(quantity, week, week+1, vendors)
	if err != nil {
		return nil, err
	}
	var out [][]float64
	for at := vendor; at < len(values); at += len(vendors) {
		out = append(out, values[at])
	}
	return out, nil
}

// readPart opens the part of a chunk.
func (s *Study) readPart(chunk int) (*parquet.File, *partNote, error) {
	content, err := os.ReadFile(filepath.Join(s.parts(), PartName(chunk)))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: cannot be read: %w", filepath.Join(s.parts(), PartName(chunk)), reason(err))
	}
	f, note, err := openPart(content)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", filepath.Join(s.parts(), PartName(chunk)), err)
	}
	return f, note, nil
}

// gather reads the values of a quantity in the weeks from to to-1: by world, week and vendor, those of all runs in
// the order of the jobs.
func (s *Study) gather(quantity, from, to int, vendors []string) ([][]float64, error) {
	p, weeks := s.Head.Plan, s.Head.Weeks
	values := make([][]float64, len(p.Points)*len(p.Variants)*(to-from)*len(vendors))
	for i := range values {
		values[i] = make([]float64, 0, p.Runs)
	}
	buffer := make([]parquet.Value, 8192)
	for chunk := range p.Chunks() {
		f, note, err := s.readPart(chunk)
		if err != nil {
			return nil, err
		}
		job, end := p.Range(chunk)
		cells := func(week int) [][]float64 { // of the job's world and a week, by vendor
			j := p.Job(job)
			at := ((j.Point*len(p.Variants)+j.Variant)*(to-from) + week - from) * len(vendors)
			return values[at : at+len(vendors)]
		}
		skip := func() { // runs that failed have no rows
			for ; job < end && note.Failed[job] != ""; job++ {
				for week := from; week < to; week++ {
					for j, c := range cells(week) {
						cells(week)[j] = append(c, math.NaN())
					}
				}
			}
		}
		skip()
		week, vendor := 0, 0
		take := func(x float64) {
			if week >= from && week < to {
				c := cells(week)
				c[vendor] = append(c[vendor], x)
			}
			if vendor++; vendor == len(vendors) {
				vendor, week = 0, week+1
			}
			if week == weeks {
				week, job = 0, job+1
				skip()
			}
		}
		for _, group := range f.RowGroups() {
			pages := group.ColumnChunks()[firstQuantity+quantity].Pages()
			err := eachValue(pages, buffer, take)
			pages.Close()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", PartName(chunk), err)
			}
		}
		if job != end {
			return nil, fmt.Errorf("%s has rows for fewer runs than it should", PartName(chunk))
		}
	}
	return values, nil
}

func eachValue(pages parquet.Pages, buffer []parquet.Value, take func(float64)) error {
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		values := page.Values()
		for {
			n, err := values.ReadValues(buffer)
			for _, v := range buffer[:n] {
				take(v.Double())
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		parquet.Release(page)
	}
}

// encodeRuns makes runs.parquet: a row for each run, with the parameters of its point.
func (s *Study) encodeRuns(failed map[int]string) ([]byte, error) {
	p := s.Head.Plan
	group := parquet.Group{
		"point": parquet.Leaf(parquet.Int32Type), "variant": parquet.Encoded(parquet.String(), &parquet.RLEDictionary),
		"run": parquet.Leaf(parquet.Int32Type), "seed": parquet.Leaf(parquet.Int64Type),
		"status": parquet.Encoded(parquet.String(), &parquet.RLEDictionary), "error": parquet.String(),
	}
	for _, name := range p.Params {
		group[name] = parquet.Leaf(parquet.DoubleType)
	}
	schema := parquet.NewSchema("run", group)
	var out bytes.Buffer
	w := parquet.NewWriter(&out, schema, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}), parquet.CreatedBy("exodus", "", ""))
	for i := range p.Jobs() {
		job := p.Job(i)
		status := "ok"
		if failed[i] != "" {
			status = "failed"
		}
		values := map[string]parquet.Value{
			"point": parquet.ValueOf(int32(job.Point)), "variant": parquet.ValueOf(p.Variants[job.Variant]), "run": parquet.ValueOf(int32(job.Run)),
			"seed": parquet.ValueOf(int64(p.Seed)), "status": parquet.ValueOf(status), "error": parquet.ValueOf(failed[i]),
		}
		for k, name := range p.Params {
			values[name] = parquet.ValueOf(p.Points[job.Point][k])
		}
		var cells parquet.Row
		for column, path := range schema.Columns() {
			cells = append(cells, values[path[0]].Level(0, 0, column))
		}
		if _, err := w.WriteRows([]parquet.Row{cells}); err != nil {
			return nil, fmt.Errorf("encode runs.parquet: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encode runs.parquet: %w", err)
	}
	return out.Bytes(), nil
}
