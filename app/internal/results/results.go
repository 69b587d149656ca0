// Package results is the one shape in which everybody asks what vendors came to: bands of a quantity of a vendor at the
// end of a week, in one world.
//
// A world is a market that was run: a variant at a point of a design. Its [Bands] answer alike whether its runs are in
// memory, as in the window, were read back from a directory, or are one run alone. What is not known is [None]: a week that
// a world does not have, a quantity that was not kept, the share of In-house. Figures, the report, the window and the
// command line read results through this package, so that the same runs give the same numbers, and the same picture,
// wherever they are.
package results

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"

	"exodus/agents"
	"exodus/scenarios"
)

// Quantity is what vendors are measured by. They are those of [scenarios.Quantities], in that order.
type Quantity int

// The quantities. Revenue, load, capacity and inquiries are in USD million a year; price is an index.
const (
	Revenue Quantity = iota
	Share
	Load
	Capacity
	Price
	Utilisation
	Inquiries
	quantities
)

// Kept are those that the window keeps of every run, and that figures draw.
var Kept = []Quantity{Share, Revenue, Price, Capacity}

func (q Quantity) String() string { return scenarios.Quantities[q] }

// series is the quantity in a run, by week and vendor; nil of a share, which is reckoned.
func (q Quantity) series(t *agents.Trajectory) []float64 {
	return [...][]float64{t.Revenue, nil, t.Load, t.Capacity, t.Price, t.Utilisation, t.Inquiries}[q]
}

// sellersOnly says whether In-house has none: it is outside the sums of shares, and has no limit.
func (q Quantity) sellersOnly() bool { return q == Share || q == Capacity || q == Utilisation }

// Of is what it was of a vendor at the end of a week of a run; NaN where there is none.
func (q Quantity) Of(t *agents.Trajectory, week, vendor int) float64 {
	switch {
	case q.sellersOnly() && vendor == len(t.Vendors)-1:
		return math.NaN()
	case q == Share:
		return t.Share(week, vendor)
	}
	return q.series(t)[t.At(week, vendor)]
}

// Append adds what it was in a run to a row, by week and vendor.
func (q Quantity) Append(row []float64, t *agents.Trajectory) []float64 {
	first, n := len(row), len(t.Vendors)
	if q == Share {
		row = append(row, t.Revenue...)
	} else {
		row = append(row, q.series(t)...)
	}
	if !q.sellersOnly() {
		return row
	}
	for week := range t.Weeks {
		of := row[first+week*n:][:n]
		if q == Share {
			total := t.Total(week)
			for j := range of {
				of[j] /= total
			}
		}
		of[n-1] = math.NaN()
	}
	return row
}

// Absent is what it is of a vendor that a world does not have: it sells nothing, at no price.
func (q Quantity) Absent() float64 {
	if q == Price || q == Utilisation {
		return math.NaN()
	}
	return 0
}

// FactRuns is how many runs the facts of a market are scored in, where not otherwise asked for.
const FactRuns = 200

// Levels are those of a band.
var Levels = [5]float64{0.05, 0.25, 0.5, 0.75, 0.95}

// Band is the quantiles over runs at [Levels].
type Band [5]float64

// Median is the one in the middle.
func (b Band) Median() float64 { return b[2] }

// None is the band of what is not known.
var None = flat(math.NaN())

// flat is the band of what is the same in every run.
func flat(x float64) Band { return Band{x, x, x, x, x} }

// Bands are those of a world: of each quantity of each vendor in each week.
type Bands struct {
	Vendors []string // In-house last
	Weeks   int
	Runs    int // that they are over
	at      func(q Quantity, week, vendor int) Band
}

// New are bands that at finds, for weeks and vendors that there are.
func New(vendors []string, weeks, runs int, at func(q Quantity, week, vendor int) Band) *Bands {
	return &Bands{vendors, weeks, runs, at}
}

// OfRun are those of one run, which have no width.
func OfRun(t *agents.Trajectory) *Bands {
	return New(t.Vendors, t.Weeks, 1, func(q Quantity, week, vendor int) Band { return flat(q.Of(t, week, vendor)) })
}

// At is the band of a quantity of a vendor, by its index, at the end of a week.
func (b *Bands) At(q Quantity, week, vendor int) Band {
	if week < 0 || week >= b.Weeks || vendor < 0 || vendor >= len(b.Vendors) {
		return None
	}
	return b.at(q, week, vendor)
}

// Among are the same bands for vendors of another world, by their names, in weeks of its own: shift is how many weeks of this
// one have gone by when that one begins.
func (b *Bands) Among(vendors []string, weeks, shift int) *Bands {
	if slices.Equal(vendors, b.Vendors) && weeks == b.Weeks && shift == 0 {
		return b
	}
	places := make([]int, len(vendors))
	for j, name := range vendors {
		places[j] = slices.Index(b.Vendors, name)
	}
	return New(vendors, weeks, b.Runs, func(q Quantity, week, vendor int) Band {
		switch week += shift; {
		case week < 0 || week >= b.Weeks:
			return None
		case places[vendor] < 0:
			return flat(q.Absent())
		}
		return b.At(q, week, places[vendor])
	})
}

// Digest is the checksum of worlds, in those quantities that are kept everywhere. The same runs have the same digest,
// whether they are in memory or were read back.
func Digest(worlds ...*Bands) string {
	sum := sha256.New()
	var row []byte
	put := func(x float64) {
		bits := math.Float64bits(x)
		if x != x { // whichever NaN it is
			bits = math.MaxUint64
		}
		row = binary.LittleEndian.AppendUint64(row, bits)
	}
	for _, b := range worlds {
		row = row[:0]
		put(float64(b.Weeks))
		put(float64(b.Runs))
		for _, name := range b.Vendors {
			row = append(append(row, name...), 0)
		}
		sum.Write(row)
		for week := range b.Weeks {
			row = row[:0]
			for vendor := range b.Vendors {
				for _, q := range Kept {
					for _, x := range b.At(q, week, vendor) {
						put(x)
					}
				}
			}
			sum.Write(row)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}
