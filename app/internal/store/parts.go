package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"exodus/scenarios"
	"exodus/sim/study"
)

// row is what a part holds for a run, week and vendor. Compressing quantities that differ from run to run would take
// longer than all else of a part, for a tenth of its size.
type row struct {
	Point       int32   `parquet:"point"`
	Variant     string  `parquet:"variant,dict"`
	Run         int32   `parquet:"run"`
	Week        int32   `parquet:"week"`
	Vendor      string  `parquet:"vendor,dict"`
	Revenue     float64 `parquet:"revenue,uncompressed"`
	Share       float64 `parquet:"share,uncompressed"`
	Load        float64 `parquet:"load,uncompressed"`
	Capacity    float64 `parquet:"capacity"`
	Price       float64 `parquet:"price,uncompressed"`
	Utilisation float64 `parquet:"utilisation,uncompressed"`
	Inquiries   float64 `parquet:"inquiries,uncompressed"`
}

// firstQuantity is the column of the first of scenarios.Quantities in a part.
const firstQuantity = 5

// partNote is what a part says of itself, in its metadata.
type partNote struct {
	Jobs   int            `json:"jobs"`
	Runs   int            `json:"runs,omitempty"`   // of the plan, where more of them would change the part
	Failed map[int]string `json:"failed,omitempty"` // by job of the plan

	// The measures of each job, one after the other, as little-endian bits: JSON knows neither infinite ones nor NaN.
	Measures []byte `json:"measures,omitempty"`
}

// measures are those of a job of the part, by its place in the chunk.
func (n *partNote) measures(i, count int) []float64 {
	out := make([]float64, count)
	for k := range out {
		out[k] = math.NaN()
		if at := 8 * (i*count + k); at+8 <= len(n.Measures) {
			out[k] = math.Float64frombits(binary.LittleEndian.Uint64(n.Measures[at:]))
		}
	}
	return out
}

// fill notes what came of the runs of a chunk, whose first job is given.
func (n *partNote) fill(first int, results []study.Result) {
	measures := 0
	for _, r := range results {
		measures = max(measures, len(r.Measures))
	}
	for i, r := range results {
		if r.Err != nil {
			n.Failed[first+i] = r.Err.Error()
		}
		for k := range measures {
			x := math.NaN()
			if r.Err == nil {
				x = r.Measures[k]
			}
			n.Measures = binary.LittleEndian.AppendUint64(n.Measures, math.Float64bits(x))
		}
	}
}

// relation is what the relations of a chunk hold for a run, week, lab and vendor.
type relation struct {
	Point    int32   `parquet:"point"`
	Variant  string  `parquet:"variant,dict"`
	Run      int32   `parquet:"run"`
	Week     int32   `parquet:"week"`
	Lab      string  `parquet:"lab,dict"`
	Vendor   string  `parquet:"vendor,dict"`
	Spend    float64 `parquet:"spend"`
	Trust    float64 `parquet:"trust"`
	Conflict float64 `parquet:"conflict"`
	Premium  float64 `parquet:"premium"`
	Left     float64 `parquet:"left"`
}

const noteKey = "exodus.part"

// EncodePart makes the part of a chunk. Runs that failed have no rows; the part's metadata says why.
func EncodePart(p *study.Plan, chunk int, vendors []string, jobs []study.Job, results []study.Result) ([]byte, error) {
	first, _ := p.Range(chunk)
	note := noteOf(p, chunk)
	var out bytes.Buffer
	if len(results) > 0 && len(results[0].Series) > 0 {
		out.Grow(9 * len(results) * len(results[0].Series) * len(results[0].Series[0])) // bytes of a number, and some
	}
	w := newWriter[row](&out)
	var rows []row
	note.fill(first, results)
	for i, job := range jobs {
		r := results[i]
		if r.Err != nil {
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

// EncodeRelations makes the relations of a chunk, where the study records them: rows of lab and vendor for each run
// and week.
func EncodeRelations(p *study.Plan, chunk int, labs, vendors []string, jobs []study.Job, results []study.Result) ([]byte, error) {
	var out bytes.Buffer
	w := newWriter[relation](&out)
	var rows []relation
	for i, job := range jobs {
		if results[i].Err != nil {
			continue
		}
		rows = rows[:0]
		series := results[i].Series[len(vendors)*len(scenarios.Quantities):]
		for week := range series[0] {
			for k := range len(labs) * len(vendors) {
				q := series[k*len(scenarios.Relations):]
				rows = append(rows, relation{int32(job.Point), p.Variants[job.Variant], int32(job.Run), int32(week), labs[k/len(vendors)], vendors[k%len(vendors)],
					q[0][week], q[1][week], q[2][week], q[3][week], q[4][week]})
			}
		}
		if _, err := w.Write(rows); err != nil {
			return nil, fmt.Errorf("encode %s: %w", relationsName(chunk), err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encode %s: %w", relationsName(chunk), err)
	}
	return out.Bytes(), nil
}

// newWriter writes rows in the least time: the fastest compression, and no word of when or by which build.
func newWriter[T any](out io.Writer) *parquet.GenericWriter[T] {
	return parquet.NewGenericWriter[T](out, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}), parquet.CreatedBy("exodus", "", ""))
}

// openPart opens a part, and reads what it says of itself.
func openPart(content io.ReaderAt, size int64) (*parquet.File, *partNote, error) {
	f, err := parquet.OpenFile(content, size)
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
	_, note, err := openPart(bytes.NewReader(content), int64(len(content)))
	want := noteOf(s.Head.Plan, chunk)
	return err == nil && note.Jobs == want.Jobs && note.Runs == want.Runs
}

// readPart reads the part of a chunk, as far as use does.
func (s *Study) readPart(chunk int, use func(*parquet.File, *partNote) error) error {
	path := filepath.Join(s.parts(), PartName(chunk))
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%s: cannot be read: %w", path, reason(err))
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return fmt.Errorf("%s: cannot be read: %w", path, reason(err))
	}
	f, note, err := openPart(file, about.Size())
	if err == nil {
		err = use(f, note)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// note is what the part of a chunk says of itself.
func (s *Study) note(chunk int) (out *partNote, err error) {
	err = s.readPart(chunk, func(_ *parquet.File, note *partNote) error {
		out = note
		return nil
	})
	return out, err
}

// encodeRuns makes runs.parquet: a row for each run, with the parameters of its point and its measures.
func (s *Study) encodeRuns(out io.Writer) error {
	p, measures := s.Head.Plan, s.Head.Measures
	group := parquet.Group{
		"point": parquet.Leaf(parquet.Int32Type), "variant": parquet.Encoded(parquet.String(), &parquet.RLEDictionary),
		"run": parquet.Leaf(parquet.Int32Type), "seed": parquet.Leaf(parquet.Int64Type),
		"status": parquet.Encoded(parquet.String(), &parquet.RLEDictionary), "error": parquet.String(),
	}
	for _, name := range p.Params {
		group[name] = parquet.Leaf(parquet.DoubleType)
	}
	for _, name := range measures {
		group[name] = parquet.Optional(parquet.Leaf(parquet.DoubleType))
	}
	schema := parquet.NewSchema("run", group)
	w := parquet.NewWriter(out, schema, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}), parquet.CreatedBy("exodus", "", ""))
	var rows []parquet.Row
	held := 0
	for chunk := range p.Chunks() {
		note, err := s.note(chunk)
		if err != nil {
			return err
		}
		first, end := p.Range(chunk)
		rows = rows[:0]
		for i := first; i < end; i++ {
			rows = append(rows, s.runRow(schema, i, note, i-first))
		}
		if _, err := w.WriteRows(rows); err != nil {
			return fmt.Errorf("encode runs.parquet: %w", err)
		}
		if held += len(rows); held > 1<<17 { // what is written stays in memory until it is flushed
			if err := w.Flush(); err != nil {
				return fmt.Errorf("encode runs.parquet: %w", err)
			}
			held = 0
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("encode runs.parquet: %w", err)
	}
	return nil
}

// runRow is the row of a job, in the order of the columns, which is that of their names.
func (s *Study) runRow(schema *parquet.Schema, i int, note *partNote, place int) (cells parquet.Row) {
	p := s.Head.Plan
	job, why := p.Job(i), note.Failed[i]
	status := "ok"
	if why != "" {
		status = "failed"
	}
	values := map[string]parquet.Value{
		"point": parquet.ValueOf(int32(job.Point)), "variant": parquet.ValueOf(p.Variants[job.Variant]), "run": parquet.ValueOf(int32(job.Run)),
		"seed": parquet.ValueOf(int64(p.Seed)), "status": parquet.ValueOf(status), "error": parquet.ValueOf(why),
	}
	for k, name := range p.Params {
		values[name] = parquet.ValueOf(p.Points[job.Point][k])
	}
	present := map[string]int{}
	for k, x := range note.measures(place, len(s.Head.Measures)) {
		if !math.IsNaN(x) {
			values[s.Head.Measures[k]], present[s.Head.Measures[k]] = parquet.ValueOf(x), 1
		}
	}
	for column, path := range schema.Columns() {
		cells = append(cells, values[path[0]].Level(0, present[path[0]], column))
	}
	return cells
}
