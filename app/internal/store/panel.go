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
// run, then by week, then by unit. The first columns are keys: see [layout]. A number that does not exist, or is not finite, is
// NULL.
//
// The library's writer takes a column only as a slice of values that are each three times as large as a number, and
// copies and looks at them several times: that takes four times as long as this, which is half of what it takes to run
// the market. Here a page is made of a column of some runs at once, in the place from which it is written, and a group
// of rows is written while the cache still has it; encodings, compression and metadata are the library's.
type panel struct {
	layout
	head    format.FileMetaData
	columns []column
	rows    int // of the current group

	out    io.Writer
	at     int64 // bytes that were written
	groups []format.RowGroup

	indexes []int32 // of the current page
	levels  []uint8 // of the current page: 1 where there is a number
	body    []byte  // of the current page
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

	// For a key: its values in the order in which they came, and the place of each.
	values []parquet.Value
	places map[string]int32
}

// mostInPage is how many rows a page holds at most, unless one run has more; with enoughInGroup of them a group ends,
// which is what is written, and read, at once.
const mostInPage, enoughInGroup = 1 << 17, 100_000

// newPanel makes a panel of a layout.
func newPanel(l layout) (*panel, error) {
	p := &panel{layout: l}
	group := parquet.Group{}
	for _, f := range l.fields() {
		group[f.name] = f.node
		p.columns = append(p.columns, column{name: f.name, kind: f.node.Type(), codec: f.codec})
	}
	var empty bytes.Buffer
	w := parquet.NewWriter(&empty, parquet.NewSchema("row", group), parquet.CreatedBy("exodus", "", ""))
	if err := w.Close(); err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(bytes.NewReader(empty.Bytes()), int64(empty.Len()))
	if err != nil {
		return nil, err
	}
	p.head = *f.Metadata()
	// The library has the columns by their names; here they are in the order of the layout.
	slices.SortFunc(p.head.Schema[1:], func(a, b format.SchemaElement) int { return l.place(a.Name) - l.place(b.Name) })
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
	for first := 0; first < len(jobs); {
		job := jobs[first]
		var some []int // runs of one block of one world
		for ; first < len(jobs) && jobs[first].Point == job.Point && jobs[first].Variant == job.Variant && jobs[first].Run/study.Block == job.Run/study.Block; first++ {
			if results[first].Err == nil {
				some = append(some, first)
			}
		}
		most := max(1, mostInPage/max(1, p.rowsOf(job)))
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
	rows := len(some) * p.rowsOf(jobs[some[0]])
	if rows == 0 {
		return nil
	}
	p.rows += rows
	var runs []study.Job
	for _, i := range some {
		runs = append(runs, jobs[i])
	}
	keys := p.keys(runs)
	for k, key := range keys {
		if err := p.addKey(&p.columns[k], key, rows); err != nil {
			return err
		}
	}
	for k := range p.numbers {
		if err := p.addNumbers(&p.columns[len(keys)+k], results, some, p.first+k, rows); err != nil {
			return err
		}
	}
	return nil
}

// addNumbers adds a page of a series of some runs to a column.
func (p *panel) addNumbers(c *column, results []study.Result, some []int, series, rows int) (err error) {
	p.levels = slices.Grow(p.levels[:0], rows)[:0]
	p.packed = slices.Grow(p.packed[:0], 8*rows)[:8*rows] // the numbers, until they follow their levels
	at := 0
	for _, i := range some {
		for _, x := range results[i].Series[series] {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				p.levels = append(p.levels, 0)
				continue
			}
			p.levels = append(p.levels, 1)
			binary.LittleEndian.PutUint64(p.packed[at:], math.Float64bits(x))
			at += 8
		}
	}
	levels, err := (&rle.Encoding{BitWidth: 1}).EncodeLevels(nil, p.levels)
	if err != nil {
		return err
	}
	p.body = binary.LittleEndian.AppendUint32(p.body[:0], uint32(len(levels)))
	p.body = append(append(p.body, levels...), p.packed[:at]...)
	c.about.Statistics.NullCount += int64(len(p.levels) - at/8)
	c.pages, err = p.appendPage(c.pages, c, dataPage(rows, format.Plain))
	return err
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
