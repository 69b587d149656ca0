package store

import (
	"math"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"exodus/scenarios"
	"exodus/sim/study"
)

// layout says what the rows of a part are. A run has a row for each of its weeks and units, with
//
//	point       the point of the design, from 0
//	PATH        what the point makes of each input that the design varies
//	variant     by its name
//	run         from 0
//	week, date  the week of the run, 0 at its start, and the day on which that week of the study begins
//	vendor      of relations: lab, vendor
//
// and then its numbers.
type layout struct {
	plan    *study.Plan
	frame   *scenarios.Frame
	of      []string   // what a unit is named by
	units   [][]string // the names of each
	numbers []string
	fast    []string // those of the numbers that are not compressed
	first   int      // the series of a result that the numbers begin with
}

// vendorLayout is that of a part, and relationLayout that of the relations beside it. Compressing quantities that differ
// from run to run would take longer than the rest of a part, for a tenth of its size.
func (h *StudyHead) vendorLayout() layout {
	l := layout{plan: h.Plan, frame: &h.Frame, of: []string{"vendor"}, numbers: scenarios.Quantities}
	for _, vendor := range h.Vendors {
		l.units = append(l.units, []string{vendor})
	}
	l.fast = slices.DeleteFunc(slices.Clone(scenarios.Quantities), func(name string) bool { return name == "capacity" })
	return l
}

func (h *StudyHead) relationLayout() layout {
	l := layout{plan: h.Plan, frame: &h.Frame, of: []string{"lab", "vendor"}, numbers: scenarios.Relations}
	l.first = len(scenarios.Quantities) + len(scenarios.Departures)
	for _, lab := range h.Labs {
		for _, vendor := range h.Vendors {
			l.units = append(l.units, []string{lab, vendor})
		}
	}
	return l
}

// field is a column of a part.
type field struct {
	name  string
	node  parquet.Node
	codec format.CompressionCodec
}

// fields are the columns, in their order.
func (l *layout) fields() (all []field) {
	key := func(name string, node parquet.Node) { all = append(all, field{name, node, format.Zstd}) }
	key("point", parquet.Leaf(parquet.Int32Type))
	for _, path := range l.plan.Params {
		key(path, parquet.Leaf(parquet.DoubleType))
	}
	key("variant", parquet.String())
	key("run", parquet.Leaf(parquet.Int32Type))
	key("week", parquet.Leaf(parquet.Int32Type))
	key("date", parquet.Date())
	for _, name := range l.of {
		key(name, parquet.String())
	}
	for _, name := range l.numbers {
		f := field{name, parquet.Optional(parquet.Leaf(parquet.DoubleType)), format.Zstd}
		if slices.Contains(l.fast, name) {
			f.codec = format.Uncompressed
		}
		all = append(all, f)
	}
	return all
}

// place is that of a column.
func (l *layout) place(name string) int {
	return slices.IndexFunc(l.fields(), func(f field) bool { return f.name == name })
}

// span is where the weeks of a job lie.
func (l *layout) span(j study.Job) scenarios.Span {
	return l.frame.Span(j.Point*len(l.plan.Variants) + j.Variant)
}

// rowsOf is how many rows a job has.
func (l *layout) rowsOf(j study.Job) int { return l.span(j).Weeks * len(l.units) }

// keys are the columns before the numbers, for some jobs of one world.
func (l *layout) keys(jobs []study.Job) (all []key) {
	job, span := jobs[0], l.span(jobs[0])
	run := span.Weeks * len(l.units) // rows of one
	always := func(v parquet.Value) { all = append(all, key{len(jobs) * run, []parquet.Value{v}}) }
	always(intValue(job.Point))
	for _, x := range l.plan.Points[job.Point] {
		always(parquet.DoubleValue(x))
	}
	always(textValue(l.plan.Variants[job.Variant]))
	var runs, weeks, dates []parquet.Value
	for _, j := range jobs {
		runs = append(runs, intValue(j.Run))
	}
	for week := range span.Weeks {
		weeks, dates = append(weeks, intValue(week)), append(dates, dateValue(l.frame.Date(span.First+week)))
	}
	all = append(all, key{run, runs}, key{len(l.units), weeks}, key{len(l.units), dates})
	for k := range l.of {
		var names []parquet.Value
		for _, unit := range l.units {
			names = append(names, textValue(unit[k]))
		}
		all = append(all, key{1, names})
	}
	return all
}

func intValue(n int) parquet.Value     { return parquet.Int32Value(int32(n)) }
func textValue(s string) parquet.Value { return parquet.ByteArrayValue([]byte(s)) }

// dateValue is a day as Parquet counts them: from the first of 1970 on.
func dateValue(t time.Time) parquet.Value {
	return parquet.Int32Value(int32(math.Floor(float64(t.Unix()) / (24 * 60 * 60))))
}
