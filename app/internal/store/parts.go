package store

import (
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

	"exodus/sim/study"
)

// partNote is what a part says about itself, in its metadata.
type partNote struct {
	Study  string         `json:"study"` // what the part is of: see StudyHead.Identity
	Chunk  int            `json:"chunk"`
	Jobs   int            `json:"jobs"`
	Runs   int            `json:"runs,omitempty"`   // of the plan, where more of them would change the part
	Failed map[int]string `json:"failed,omitempty"` // by job of the plan

	// The measures of each job, one after the other, as little-endian bits, and the departures of the chunk: see
	// departures. They stand beside, in base 64.
	measures, departures []byte
}

const noteKey, measuresKey, departuresKey = "exodus.part", "exodus.measures", "exodus.departures"

// metadata is what the metadata of a part holds of the note.
func (n *partNote) metadata() ([]format.KeyValue, error) {
	text, err := json.Marshal(n)
	return []format.KeyValue{
		{Key: noteKey, Value: string(text)},
		{Key: measuresKey, Value: base64.StdEncoding.EncodeToString(n.measures)},
		{Key: departuresKey, Value: base64.StdEncoding.EncodeToString(n.departures)},
	}, err
}

// noteIn is what a part says about itself.
func noteIn(f *parquet.File) (*partNote, error) {
	text, there := f.Lookup(noteKey)
	if !there {
		return nil, errors.New("it is not a part of a study of exodus")
	}
	var note partNote
	if err := json.Unmarshal([]byte(text), &note); err != nil {
		return nil, fmt.Errorf("what it says of itself cannot be read: %w", err)
	}
	for key, to := range map[string]*[]byte{measuresKey: &note.measures, departuresKey: &note.departures} {
		text, _ := f.Lookup(key)
		var err error
		if *to, err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, fmt.Errorf("%s cannot be read: %w", key, err)
		}
	}
	return &note, nil
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

// fill notes the results of some runs of a chunk, which begins with the job first of the plan: those from a place on.
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

// rows make the part of a chunk, and its relations where they are recorded: rows for each run and week.
type rows struct{ part, relations *panel }

func (h *StudyHead) newRows() (r rows, err error) {
	if r.part, err = newPanel(h.vendorLayout()); err != nil || !h.Full {
		return r, err
	}
	r.relations, err = newPanel(h.relationLayout())
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
		if err := r.relations.end(&partNote{Study: note.Study, Chunk: note.Chunk, Jobs: note.Jobs}); err != nil {
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

// noteOf is what the part of a chunk says about itself, without failures.
func (h *StudyHead) noteOf(identity string, chunk int) partNote {
	first, end := h.Plan.Range(chunk)
	note := partNote{Study: identity, Chunk: chunk, Jobs: end - first, Failed: map[int]string{}}
	if end > h.Plan.Settled() {
		note.Runs = h.Plan.Runs
	}
	return note
}

// readPart reads the part of a chunk, as far as use does.
func (s *Study) readPart(chunk int, use func(*parquet.File) error) error {
	return s.readFile(PartName(chunk), use)
}

// readFile reads a file of the parts, as far as use does.
func (s *Study) readFile(name string, use func(*parquet.File) error) error {
	path := filepath.Join(s.parts(), name)
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%s: cannot be read: %w", path, reason(err))
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return fmt.Errorf("%s: cannot be read: %w", path, reason(err))
	}
	err = whole(func() error {
		f, err := parquet.OpenFile(file, about.Size())
		if err != nil {
			return err
		}
		return use(f)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// whole calls the reader of a Parquet file, which panics where some files are damaged.
func whole(read func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it is damaged: %v", p)
		}
	}()
	return read()
}

// note is what the part of a chunk says about itself.
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
		"start":  parquet.Date(),
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
	first := s.Head.Span(s.Head.world(job)).First
	set("point", intValue(job.Point), 0)
	set("variant", textValue(p.Variants[job.Variant]), 0)
	set("run", intValue(job.Run), 0)
	set("start", dateValue(s.Head.Date(first)), 0)
	set("seed", parquet.Int64Value(int64(p.Seed)), 0)
	set("status", textValue(status), 0)
	set("error", textValue(why), 0)
	for k, name := range p.Params {
		set(name, parquet.DoubleValue(p.Points[job.Point][k]), 0)
	}
	for k, x := range note.measuresOf(place, len(s.Head.Measures)) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			set(s.Head.Measures[k], parquet.NullValue(), 0)
		} else {
			set(s.Head.Measures[k], parquet.DoubleValue(x), 1)
		}
	}
	return row
}
