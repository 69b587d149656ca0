package store

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/parquet-go/parquet-go"

	"exodus/sim/study"
)

// checkFile decodes a file of a chunk whole, and says what is wrong with it, if anything is: it is the chunk's, of this
// study, with the rows of its runs, in their order, and numbers that can be. Its error is ErrOther where it belongs to
// another study or chunk.
func (h *StudyHead) checkFile(chunk int, f *parquet.File, relations bool) error {
	note, err := noteIn(f)
	if err != nil {
		return err
	}
	want := h.noteOf(h.Identity(), chunk)
	switch {
	case note.Study != want.Study:
		return fmt.Errorf("%w: the file belongs to study %.12s, and %s beside it is of study %.12s; put back the one that was exchanged or edited, or choose another directory", ErrOther, printed(note.Study), headName, want.Study)
	case note.Chunk != chunk:
		return fmt.Errorf("%w: it is chunk %d, not %d", ErrOther, note.Chunk, chunk)
	case note.Jobs != want.Jobs || !relations && note.Runs != want.Runs:
		return errors.New("it holds other runs than the plan has there")
	}
	if relations {
		return h.checkRows(h.relationLayout(), chunk, f, nil)
	}
	first, end := h.Plan.Range(chunk)
	for job := range note.Failed {
		if job < first || job >= end {
			return fmt.Errorf("it says that run %d of the plan failed, which it does not hold", job)
		}
	}
	if len(note.measures) != 8*len(h.Measures)*note.Jobs {
		return errors.New("it has other measures than the study")
	}
	if err := h.newDepartures(h.Plan.JobsOf(chunk)).decode(note.departures); err != nil {
		return err
	}
	if h.Sketched {
		return h.checkSketches(chunk, f)
	}
	return h.checkRows(h.vendorLayout(), chunk, f, note)
}

// printed is a text of a file, which may hold anything, as it can be shown.
func printed(text string) string {
	text = fmt.Sprintf("%+q", text[:min(len(text), 64)])
	return text[1 : len(text)-1]
}

// checkRows says whether a file has the rows of a layout. Which runs failed, the note says; relations have none, and
// those of runs that failed are left out.
func (h *StudyHead) checkRows(l layout, chunk int, f *parquet.File, note *partNote) error {
	fields := l.fields()
	if len(f.Root().Columns()) != len(fields) {
		return fmt.Errorf("it has %d columns, not %d", len(f.Root().Columns()), len(fields))
	}
	for k, c := range f.Root().Columns() {
		want := fields[k]
		if c.Name() != want.name || !c.Leaf() || c.Type().Kind() != want.node.Type().Kind() || c.Optional() != want.node.Optional() || c.Repeated() {
			return fmt.Errorf("its column %d is not %s", k+1, want.name)
		}
	}
	jobs := h.Plan.JobsOf(chunk)
	if note != nil {
		first, _ := h.Plan.Range(chunk)
		at := first - 1
		jobs = slices.DeleteFunc(jobs, func(study.Job) bool { at++; return note.Failed[at] != "" })
	} else {
		var err error
		if jobs, err = runsIn(l, f, jobs); err != nil {
			return err
		}
	}
	rows := int64(0)
	for _, job := range jobs {
		rows += int64(l.rowsOf(job))
	}
	if f.NumRows() != rows {
		return fmt.Errorf("it has %d rows, not the %d of its runs and weeks", f.NumRows(), rows)
	}
	keys := len(fields) - len(l.numbers)
	for k, field := range fields {
		var err error
		if k < keys {
			err = checkKey(l, f, k, jobs)
		} else {
			err = checkNumbers(f, k, field.name, rows)
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", field.name, err)
		}
	}
	return nil
}

// runsIn are the jobs that a file has rows for.
func runsIn(l layout, f *parquet.File, jobs []study.Job) (there []study.Job, err error) {
	column := l.place("run")
	points, variants := l.place("point"), l.place("variant")
	known := map[string]bool{}
	groups := f.RowGroups()
	for _, group := range groups {
		var all [3][]string
		for i, k := range [...]int{points, variants, column} {
			err := eachKey(group.ColumnChunks()[k], func(values []parquet.Value, indexes []int32) error {
				for _, at := range indexes {
					if int(at) < 0 || int(at) >= len(values) {
						return errors.New("it is damaged")
					}
					all[i] = append(all[i], values[at].String())
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
		if len(all[0]) != len(all[1]) || len(all[1]) != len(all[2]) {
			return nil, errors.New("its columns are not of one length")
		}
		for i := range all[0] {
			if i == 0 || all[0][i] != all[0][i-1] || all[1][i] != all[1][i-1] || all[2][i] != all[2][i-1] {
				known[all[0][i]+"\x00"+all[1][i]+"\x00"+all[2][i]] = true
			}
		}
	}
	for _, job := range jobs {
		if known[fmt.Sprintf("%d\x00%s\x00%d", job.Point, l.plan.Variants[job.Variant], job.Run)] {
			there = append(there, job)
		}
	}
	return there, nil
}

// checkKey says whether a column before the numbers fits some jobs.
func checkKey(l layout, f *parquet.File, column int, jobs []study.Job) error {
	type run struct {
		key    key
		values []string
		rows   int
	}
	var now run
	at := 0 // of its rows
	next := func() error {
		if len(jobs) == 0 {
			return errors.New("it has more rows than its runs")
		}
		n := 1
		for n < len(jobs) && jobs[n].Point == jobs[0].Point && jobs[n].Variant == jobs[0].Variant {
			n++
		}
		now, at = run{key: l.keys(jobs[:n])[column], rows: n * l.rowsOf(jobs[0])}, 0
		for _, v := range now.key.values {
			now.values = append(now.values, v.String())
		}
		jobs = jobs[n:]
		return nil
	}
	for _, group := range f.RowGroups() {
		err := eachKey(group.ColumnChunks()[column], func(values []parquet.Value, indexes []int32) error {
			texts := make([]string, len(values))
			for i, v := range values {
				texts[i] = v.String()
			}
			for _, place := range indexes {
				for at == now.rows {
					if err := next(); err != nil {
						return err
					}
				}
				want := now.values[at/now.key.times%len(now.values)]
				if place < 0 || int(place) >= len(texts) || texts[place] != want {
					return fmt.Errorf("it is not %q where it should be", want)
				}
				at++
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eachKey calls use with each page of a column before the numbers: the values that it may have, and which of them each
// row has.
func eachKey(column parquet.ColumnChunk, use func(values []parquet.Value, indexes []int32) error) error {
	pages := column.Pages()
	defer pages.Close()
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		dictionary := page.Dictionary()
		if dictionary == nil {
			return errors.New("it is not written as this program writes it")
		}
		values := make([]parquet.Value, dictionary.Len())
		for i := range values {
			values[i] = dictionary.Index(int32(i))
		}
		data := page.Data()
		err = use(values, data.Int32())
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
}

// checkNumbers decodes a column of numbers, and says whether they can be.
func checkNumbers(f *parquet.File, column int, name string, rows int64) error {
	low, high := domain(name)
	seen := int64(0)
	for _, group := range f.RowGroups() {
		err := eachPage(group.ColumnChunks()[column], func(page []float64) error {
			seen += int64(len(page))
			for _, x := range page {
				if x < low || x > high {
					return fmt.Errorf("%v is out of its domain, %v to %v", x, low, high)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if seen != rows {
		return fmt.Errorf("it has %d rows, not %d", seen, rows)
	}
	return nil
}

// domain is what a quantity or a relation can be. A hair's breadth is left for rounding.
func domain(name string) (low, high float64) {
	const hair = 1e-9
	switch name {
	case "share", "trust", "conflict", "left":
		return -hair, 1 + hair
	case "premium":
		return -1, math.MaxFloat64
	}
	return 0, math.MaxFloat64
}

// checkSketches says whether each row of a part is a sketch of the study's.
func (h *StudyHead) checkSketches(chunk int, f *parquet.File) error {
	if got, want := f.Schema().String(), parquet.SchemaOf(sketchRow{}).String(); got != want {
		return errors.New("it has other columns")
	}
	for _, group := range f.RowGroups() {
		err := eachSketch(group, func(row *sketchRow) error {
			if _, err := h.cellOf(row); err != nil {
				return err
			}
			if !h.Plan.Meets(chunk, int(row.World)) || row.Difference && h.Against == "" {
				return errors.New("it has a sketch of what the chunk does not have")
			}
			return newSketch().DecodeAndMergeWith(row.Sketch)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
