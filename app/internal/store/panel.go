package store

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"slices"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/plain"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"exodus/sim/study"
)

// panel writes a Parquet file of numbers by run, week and unit, which is a vendor, or a lab and a vendor. Rows go by
// run, then by week, then by unit. The first columns are keys: point, variant, run, week, and the names of the unit.
//
// The library's writer takes a column only as a slice of values that are each three times as large as a number, and
// copies and looks at them several times: that takes four times as long as this, which is half of what it takes to run
// the market. Here a page is made of a column of some runs at once, in the place from which it is written, and a group
// of rows is written while the cache still has it; encodings, compression and metadata are the library's.
type panel struct {
	plan    *study.Plan
	weeks   int
	units   [][]string // the names of each unit, one for each column of them
	first   int        // of the series of a result, one for each column of numbers
	head    format.FileMetaData
	columns []column
	rows    int // of the group in hand

	out    io.Writer
	at     int64 // bytes that were written
	groups []format.RowGroup

	indexes []int32 // of the page in hand
	body    []byte  // of the page in hand
	packed  []byte
	packer  *zstd.Encoder // kept: the library's codec makes another whenever memory was swept
}

// column is a column of a panel, as far as it is made.
type column struct {
	name  string
	kind  parquet.Type
	codec format.CompressionCodec // Zstd, or Uncompressed
	about format.ColumnMetaData
	pages []byte

	// Of a key: its values in the order in which they came, and the place of each.
	values []parquet.Value
	places map[string]int32
}

// mostInPage is how many rows a page holds at most, unless one run has more; with enoughInGroup of them a group ends,
// which is what is written, and read, at once.
const mostInPage, enoughInGroup = 1 << 17, 100_000

// newPanel makes a panel whose columns are the fields of Row.
func newPanel[Row any](plan *study.Plan, weeks, first int, units [][]string) (*panel, error) {
	var empty bytes.Buffer
	w := newWriter[Row](&empty)
	if err := w.Close(); err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(bytes.NewReader(empty.Bytes()), int64(empty.Len()))
	if err != nil {
		return nil, err
	}
	p := &panel{plan: plan, weeks: weeks, units: units, first: first, head: *f.Metadata()}
	for _, field := range w.Schema().Fields() {
		c := column{codec: format.Zstd, kind: field.Type(), name: field.Name()}
		if own := field.Compression(); own != nil {
			c.codec = own.CompressionCodec()
		}
		p.columns = append(p.columns, c)
	}
	p.packer, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<20))
	return p, err
}

// reset empties a column.
func (c *column) reset() {
	c.about = format.ColumnMetaData{Type: format.Type(c.kind.Kind()), PathInSchema: []string{c.name}, Codec: c.codec, Encoding: []format.Encoding{format.Plain}}
	c.pages, c.values, c.places = c.pages[:0], c.values[:0], map[string]int32{}
}

const magic = "PAR1"

// begin begins a file.
func (p *panel) begin(out io.Writer) error {
	p.out, p.at, p.groups, p.rows = out, 0, nil, 0
	for k := range p.columns {
		p.columns[k].reset()
	}
	return p.write([]byte(magic))
}

// write writes some of the file.
func (p *panel) write(content []byte) error {
	p.at += int64(len(content))
	_, err := p.out.Write(content)
	return err
}

// add adds the runs of jobs that follow one another in the plan. Those that failed have no rows.
func (p *panel) add(jobs []study.Job, results []study.Result) error {
	most := max(1, mostInPage/max(1, p.weeks*len(p.units)))
	for first := 0; first < len(jobs); {
		job := jobs[first]
		var some []int // runs of one block of one world
		for ; first < len(jobs) && jobs[first].Point == job.Point && jobs[first].Variant == job.Variant && jobs[first].Run/study.Block == job.Run/study.Block; first++ {
			if results[first].Err == nil {
				some = append(some, first)
			}
		}
		for page := range slices.Chunk(some, most) {
			if err := p.addPages(jobs, results, page); err != nil {
				return err
			}
			if p.rows >= enoughInGroup {
				if err := p.endGroup(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// addPages adds a page of some runs of one world to each column.
func (p *panel) addPages(jobs []study.Job, results []study.Result, some []int) error {
	job, run := jobs[some[0]], p.weeks*len(p.units) // rows of one
	rows := len(some) * run
	if rows == 0 {
		return nil
	}
	p.rows += rows
	number := func(n int) parquet.Value { return parquet.Int32Value(int32(n)) }
	text := func(s string) parquet.Value { return parquet.ByteArrayValue([]byte(s)) }
	var runs, weeks []parquet.Value
	for _, i := range some {
		runs = append(runs, number(jobs[i].Run))
	}
	for week := range p.weeks {
		weeks = append(weeks, number(week))
	}
	keys := []key{{rows, []parquet.Value{number(job.Point)}}, {rows, []parquet.Value{text(p.plan.Variants[job.Variant])}}, {run, runs}, {len(p.units), weeks}}
	for k := range p.units[0] {
		var names []parquet.Value
		for _, unit := range p.units {
			names = append(names, text(unit[k]))
		}
		keys = append(keys, key{1, names})
	}
	for k, key := range keys {
		if err := p.addKey(&p.columns[k], key, rows); err != nil {
			return err
		}
	}
	numbers := p.columns[len(keys):]
	for k := range numbers {
		c := &numbers[k]
		p.body = slices.Grow(p.body[:0], 8*rows)[:8*rows]
		at := 0
		for _, i := range some {
			for _, x := range results[i].Series[p.first+k] {
				binary.LittleEndian.PutUint64(p.body[at:], math.Float64bits(x))
				at += 8
			}
		}
		var err error
		if c.pages, err = p.appendPage(c.pages, c, dataPage(rows, format.Plain)); err != nil {
			return err
		}
	}
	return nil
}

// key is what a page holds of a key: each of the values so many times, and then over again.
type key struct {
	times  int
	values []parquet.Value
}

func (p *panel) addKey(c *column, k key, rows int) (err error) {
	var places []int32
	for _, v := range k.values {
		place, known := c.places[v.String()]
		if !known {
			place = int32(len(c.values))
			c.places[v.String()] = place
			c.values = append(c.values, v)
		}
		places = append(places, place)
	}
	p.indexes = p.indexes[:0]
	for len(p.indexes) < rows {
		for _, place := range places {
			for range k.times {
				p.indexes = append(p.indexes, place)
			}
		}
	}
	if p.body, err = new(rle.DictionaryEncoding).EncodeInt32(p.body, p.indexes); err != nil {
		return err
	}
	c.pages, err = p.appendPage(c.pages, c, dataPage(rows, format.RLEDictionary))
	return err
}

func dataPage(rows int, encoding format.Encoding) (h format.PageHeader) {
	h.Type, h.DataPageHeader.Valid = format.DataPage, true
	h.DataPageHeader.V = format.DataPageHeader{
		NumValues: int32(rows), Encoding: encoding, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE,
	}
	return h
}

// appendPage appends the body as a page of a column.
func (p *panel) appendPage(to []byte, c *column, header format.PageHeader) ([]byte, error) {
	packed := p.body
	if c.codec == format.Zstd {
		p.packed = p.packer.EncodeAll(p.body, p.packed[:0])
		packed = p.packed
	}
	header.UncompressedPageSize, header.CompressedPageSize = int32(len(p.body)), int32(len(packed))
	text, err := thrift.Marshal(new(thrift.CompactProtocol), &header)
	if err != nil {
		return nil, err
	}
	c.about.NumValues += int64(header.DataPageHeader.V.NumValues) // a dictionary has none
	c.about.TotalUncompressedSize += int64(len(text) + len(p.body))
	c.about.TotalCompressedSize += int64(len(text) + len(packed))
	return append(append(to, text...), packed...), nil
}

// dictionary is the page of the values of a key, in the order of their places.
func (p *panel) dictionary(c *column) ([]byte, error) {
	header := format.PageHeader{Type: format.DictionaryPage}
	header.DictionaryPageHeader.Valid = true
	header.DictionaryPageHeader.V = format.DictionaryPageHeader{NumValues: int32(len(c.values)), Encoding: format.Plain}
	p.body = p.body[:0]
	for _, v := range c.values {
		if c.kind.Kind() == parquet.ByteArray {
			p.body = plain.AppendByteArrayLength(p.body, len(v.ByteArray()))
		}
		p.body = v.AppendBytes(p.body)
	}
	c.about.Statistics.MinValue = slices.MinFunc(c.values, c.kind.Compare).Bytes()
	c.about.Statistics.MaxValue = slices.MaxFunc(c.values, c.kind.Compare).Bytes()
	return p.appendPage(nil, c, header)
}

// endGroup writes the rows that were added since the last group.
func (p *panel) endGroup() error {
	if p.rows == 0 {
		return nil
	}
	group := format.RowGroup{NumRows: int64(p.rows), FileOffset: p.at, Ordinal: int16(len(p.groups))}
	for k := range p.columns {
		c := &p.columns[k]
		if len(c.values) > 0 {
			dictionary, err := p.dictionary(c)
			if err != nil {
				return err
			}
			c.about.Encoding = append(c.about.Encoding, format.RLEDictionary)
			c.about.DictionaryPageOffset = p.at
			if err := p.write(dictionary); err != nil {
				return err
			}
		}
		c.about.DataPageOffset = p.at
		if err := p.write(c.pages); err != nil {
			return err
		}
		group.Columns = append(group.Columns, format.ColumnChunk{MetaData: c.about})
		group.TotalByteSize += c.about.TotalUncompressedSize
		group.TotalCompressedSize += c.about.TotalCompressedSize
		c.reset()
	}
	p.groups, p.rows = append(p.groups, group), 0
	return nil
}

// end ends the file, with a note in its metadata, if there is one.
func (p *panel) end(note *partNote) (err error) {
	if err := p.endGroup(); err != nil {
		return err
	}
	head := p.head
	head.RowGroups = p.groups
	if note != nil {
		if head.KeyValueMetadata, err = note.metadata(); err != nil {
			return err
		}
	}
	for _, group := range p.groups {
		head.NumRows += group.NumRows
	}
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &head)
	if err != nil {
		return err
	}
	footer = plain.AppendInt32(footer, int32(len(footer)))
	return p.write(append(footer, magic...))
}
