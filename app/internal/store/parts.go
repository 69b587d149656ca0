package store

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/parquet-go/parquet-go/format"

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

	// The measures of each job, one after the other, as little-endian bits. They stand beside, in base 64.
	measures []byte
}

const noteKey, measuresKey = "exodus.part", "exodus.measures"

// metadata is what the metadata of a part holds of the note.
func (n *partNote) metadata() ([]format.KeyValue, error) {
	text, err := json.Marshal(n)
	return []format.KeyValue{{Key: noteKey, Value: string(text)}, {Key: measuresKey, Value: base64.StdEncoding.EncodeToString(n.measures)}}, err
}

// noteIn is what a part says of itself.
func noteIn(f *parquet.File) (*partNote, error) {
	text, _ := f.Lookup(noteKey)
	measures, _ := f.Lookup(measuresKey)
	var note partNote
	if err := json.Unmarshal([]byte(text), &note); err != nil {
		return nil, err
	}
	var err error
	note.measures, err = base64.StdEncoding.DecodeString(measures)
	return &note, err
}

// measuresOf are those of a job of the part, by its place in the chunk.
func (n *partNote) measuresOf(i, count int) []float64 {
	out := make([]float64, count)
	for k := range out {
		out[k] = math.NaN()
		if at := 8 * (i*count + k); at+8 <= len(n.measures) {
			out[k] = math.Float64frombits(binary.LittleEndian.Uint64(n.measures[at:]))
		}
	}
	return out
}

// fill notes what came of some runs of a chunk, which begins with the job first of the plan: those from a place on.
func (n *partNote) fill(first, from, measures int, results []study.Result) {
	for i, r := range results {
		if r.Err != nil {
			n.Failed[first+from+i] = r.Err.Error()
		}
		for k := range measures {
			x := math.NaN()
			if r.Err == nil {
				x = r.Measures[k]
			}
			binary.LittleEndian.PutUint64(n.measures[8*((from+i)*measures+k):], math.Float64bits(x))
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

// rows make the part of a chunk, and its relations where they are recorded: rows for each run and week.
type rows struct{ part, relations *panel }

func newRows(p *study.Plan, weeks int, labs, vendors []string) (r rows, err error) {
	var units, pairs [][]string
	for _, vendor := range vendors {
		units = append(units, []string{vendor})
	}
	if r.part, err = newPanel[row](p, weeks, 0, units); err != nil || len(labs) == 0 {
		return r, err
	}
	for _, lab := range labs {
		for _, vendor := range vendors {
			pairs = append(pairs, []string{lab, vendor})
		}
	}
	r.relations, err = newPanel[relation](p, weeks, len(scenarios.Quantities), pairs)
	return r, err
}

func (r rows) begin(_ []study.Job, part, relations io.Writer) error {
	if r.relations != nil {
		if err := r.relations.begin(relations); err != nil {
			return err
		}
	}
	return r.part.begin(part)
}

func (r rows) add(jobs []study.Job, results []study.Result) error {
	if r.relations != nil {
		if err := r.relations.add(jobs, results); err != nil {
			return err
		}
	}
	return r.part.add(jobs, results)
}

func (r rows) end(note *partNote) error {
	if r.relations != nil {
		if err := r.relations.end(nil); err != nil {
			return err
		}
	}
	return r.part.end(note)
}

// fastest is the compression of all that is compressed.
var fastest = &zstd.Codec{Level: zstd.SpeedFastest}

// newWriter writes rows, with no word of when or by which build.
func newWriter[T any](out io.Writer) *parquet.GenericWriter[T] {
	return parquet.NewGenericWriter[T](out, parquet.Compression(fastest), parquet.CreatedBy("exodus", "", ""))
}

// openPart opens a part, and reads what it says of itself.
func openPart(content []byte) (*parquet.File, *partNote, error) {
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, nil, err
	}
	note, err := noteIn(f)
	return f, note, err
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

// complete says what is wrong with a part that does not hold the runs that the plan has in its chunk.
func (s *Study) complete(chunk int, f *parquet.File) error {
	note, err := noteIn(f)
	if err != nil {
		return err
	}
	if want := noteOf(s.Head.Plan, chunk); note.Jobs != want.Jobs || note.Runs != want.Runs {
		return errors.New("it holds other runs than the plan has there")
	}
	return nil
}

// readPart reads the part of a chunk, as far as use does.
func (s *Study) readPart(chunk int, use func(*parquet.File) error) error {
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
	f, err := parquet.OpenFile(file, about.Size())
	if err == nil {
		err = use(f)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// note is what the part of a chunk says of itself.
func (s *Study) note(chunk int) (note *partNote, err error) {
	err = s.readPart(chunk, func(f *parquet.File) error {
		note, err = noteIn(f)
		return err
	})
	return note, err
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
	w := parquet.NewWriter(out, schema, parquet.Compression(fastest), parquet.CreatedBy("exodus", "", ""))
	columns := map[string]int{} // in the order of their names
	for i, path := range schema.Columns() {
		columns[path[0]] = i
	}
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
			rows = append(rows, s.runRow(columns, i, note, i-first))
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

// runRow is the row of a job, which is at a place of its chunk.
func (s *Study) runRow(columns map[string]int, i int, note *partNote, place int) parquet.Row {
	p := s.Head.Plan
	job, why := p.Job(i), note.Failed[i]
	status := "ok"
	if why != "" {
		status = "failed"
	}
	row := make(parquet.Row, len(columns))
	set := func(name string, v parquet.Value, present int) {
		row[columns[name]] = v.Level(0, present, columns[name])
	}
	text := func(s string) parquet.Value { return parquet.ByteArrayValue([]byte(s)) }
	set("point", parquet.Int32Value(int32(job.Point)), 0)
	set("variant", text(p.Variants[job.Variant]), 0)
	set("run", parquet.Int32Value(int32(job.Run)), 0)
	set("seed", parquet.Int64Value(int64(p.Seed)), 0)
	set("status", text(status), 0)
	set("error", text(why), 0)
	for k, name := range p.Params {
		set(name, parquet.DoubleValue(p.Points[job.Point][k]), 0)
	}
	for k, x := range note.measuresOf(place, len(s.Head.Measures)) {
		if math.IsNaN(x) {
			set(s.Head.Measures[k], parquet.NullValue(), 0)
		} else {
			set(s.Head.Measures[k], parquet.DoubleValue(x), 1)
		}
	}
	return row
}
