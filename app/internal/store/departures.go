package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"exodus/scenarios"
	"exodus/sim/study"
)

// departures add up, over the runs of a chunk, who has left the vendor that the study is about. A part keeps only sums:
// four numbers for each world of the chunk, week and lab. They are not enough for quantiles, but for the share of the
// runs in which a lab has left, and its standard error.
//
// What is added up is the share of a line's members, which is 0 or 1 where the line is one lab. It is counted in units
// of 2^-32, so that the sums do not depend on the order in which runs are added.
type departures struct {
	head   *StudyHead
	worlds []int // of the chunk, in ascending order
	starts []int // in sums, of each

	mu   sync.Mutex
	sums []int64 // by world of the chunk, week, lab, and departureSums
}

// departureSums are those of each cell: of Left and its square, and of Ever and its square.
const departureSums = 4

const departureUnit = 1 << 32

// newDepartures are those of the jobs of a chunk, none yet.
func (h *StudyHead) newDepartures(jobs []study.Job) *departures {
	d := &departures{head: h}
	if !h.keepsDepartures() {
		return d
	}
	d.worlds = h.worldsOf(jobs)
	n := 0
	for _, world := range d.worlds {
		d.starts = append(d.starts, n)
		n += h.Span(world).Weeks * len(h.Labs) * departureSums
	}
	d.sums = make([]int64, n)
	return d
}

// keepsDepartures says whether the study is small enough for departures to be kept, which are in memory at once.
func (h *StudyHead) keepsDepartures() bool {
	return float64(h.worlds())*float64(h.All().Weeks)*float64(len(h.Labs)) <= mostDepartures
}

// add adds runs.
func (d *departures) add(jobs []study.Job, results []study.Result) {
	if len(d.sums) == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	first := len(scenarios.Quantities) // of the series
	for i, r := range results {
		if r.Err != nil || len(r.Series) < first+len(scenarios.Departures) {
			continue
		}
		place, _ := slices.BinarySearch(d.worlds, d.head.world(jobs[i]))
		sums := d.sums[d.starts[place]:]
		for k, series := range r.Series[first : first+len(scenarios.Departures)] {
			for cell, x := range series {
				if x != 0 { // as most are
					sums[cell*departureSums+2*k] += int64(math.Round(x * departureUnit))
					sums[cell*departureSums+2*k+1] += int64(math.Round(float64(x*x) * departureUnit))
				}
			}
		}
	}
}

var departurePacker = sync.OnceValue(func() *zstd.Encoder {
	packer, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err) // of options that are ours
	}
	return packer
})

// encode makes the sums part of a note.
func (d *departures) encode() []byte {
	var out []byte
	for _, x := range d.sums {
		out = binary.AppendVarint(out, x)
	}
	return departurePacker().EncodeAll(out, nil)
}

// decode undoes encode.
func (d *departures) decode(packed []byte) error {
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(binary.MaxVarintLen64*len(d.sums)+1024)))
	if err != nil {
		return err
	}
	defer r.Close()
	text, err := r.DecodeAll(packed, nil)
	if err != nil {
		return fmt.Errorf("its departures cannot be read: %w", err)
	}
	for i := range d.sums {
		x, n := binary.Varint(text)
		if n <= 0 || x < 0 {
			return errors.New("its departures are damaged")
		}
		d.sums[i], text = x, text[n:]
	}
	if len(text) > 0 {
		return errors.New("its departures are those of other weeks and labs")
	}
	return nil
}

// Departure is the share of the runs in which a lab has left the vendor that the study is about at the end of a week, and
// of those in which it has ever left it by then, each with its standard error. For a line of many labs it is the mean
// of the share of its members.
type Departure struct {
	Runs            int
	Left, LeftError float64
	Ever, EverError float64
}

// Departure is that of a lab of a world (point*variants + variant) in a week of the study. It is of no runs where the
// world does not have the week.
func (s *Summary) Departure(world, week, lab int) Departure {
	span := s.frame.Span(world)
	if !span.Has(week) || s.departed[world] == nil {
		return Departure{}
	}
	runs := s.runs[world]
	d := Departure{Runs: runs}
	if runs == 0 {
		return d
	}
	at := s.departed[world][((week-span.First)*len(s.frame.Labs)+lab)*departureSums:]
	mean := func(sum, squares int64) (float64, float64) {
		x := float64(sum) / departureUnit / float64(runs)
		spread := float64(squares)/departureUnit/float64(runs) - float64(x*x)
		return x, math.Sqrt(max(0, spread) / float64(runs))
	}
	d.Left, d.LeftError = mean(at[0], at[1])
	d.Ever, d.EverError = mean(at[2], at[3])
	return d
}

// addDepartures adds the departures that the note of a chunk states, and how many runs they are of.
func (s *Summary) addDepartures(h *StudyHead, chunk int, note *partNote) error {
	first, _ := h.Plan.Range(chunk)
	jobs := h.Plan.JobsOf(chunk)
	d := h.newDepartures(jobs)
	if err := d.decode(note.departures); err != nil {
		return fmt.Errorf("%s: %w", PartName(chunk), err)
	}
	for i, job := range jobs {
		if note.Failed[first+i] == "" {
			s.runs[h.world(job)]++
		}
	}
	for k, world := range d.worlds {
		n := h.Span(world).Weeks * len(h.Labs) * departureSums
		if s.departed[world] == nil {
			s.departed[world] = make([]int64, n)
		}
		for i, x := range d.sums[d.starts[k]:][:n] {
			s.departed[world][i] += x
		}
	}
	return nil
}

// encodeDepartures makes departures.csv.
func (s *Study) encodeDepartures(out io.Writer, sum *Summary) error {
	header := append(s.Head.worldColumns(), "week", "date", "lab", "vendor", "runs", "left", "left_error", "ever_left", "ever_left_error")
	return writeTable(out, header, func(add func(...string)) {
		for world := range s.Head.worlds() {
			cells, span := s.Head.worldCells(world), s.Head.Span(world)
			for week := span.First; week < span.End(); week++ {
				date := s.Head.Date(week).Format(time.DateOnly)
				for i, lab := range s.Head.Labs {
					d := sum.Departure(world, week, i)
					if d.Runs == 0 {
						continue
					}
					add(append(slices.Clone(cells), strconv.Itoa(week-span.First), date, lab, s.Head.Focus, strconv.Itoa(d.Runs),
						number(d.Left), number(d.LeftError), number(d.Ever), number(d.EverError))...)
				}
			}
		}
	})
}
