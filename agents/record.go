package agents

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
)

// Trajectory is what one run left behind: the board at the end of every week. Money is in USD million a
// year, volume in the same unit at the index price 1.
//
// The series by week and vendor are indexed by [Trajectory.At], those by week, lab and vendor by
// [Trajectory.Rel], and those by week and lab by week*len(Labs)+lab.
type Trajectory struct {
	Labs    []string // the lines of the Spec, in its order
	Vendors []string // in the order of the Spec, In-house last
	Members []int    // how many labs each line stands for
	Weeks   int      // weeks recorded so far

	Revenue     []float64 // what labs spent with the vendor
	Load        []float64 // volume filled
	Capacity    []float64 // in force during the week
	Price       []float64 // in force during the week; an index
	Utilisation []float64 // load over capacity
	Inquiries   []float64 // load and what labs asked for beyond it

	Spend    []float64 // of all members of the line together
	Trust    []float64 // in [0, 1]; the mean of the members, as all below
	Conflict []float64 // in [0, 1]; herding included
	Premium  []float64 // trust premium: how much dearer the vendor feels than it is; 0.5 is 50%
	Left     []float64 // share of the members that have left the vendor, by the end of the week
	CutOff   []float64 // share of the members that it no longer serves as it did, for want of capacity

	Reviewing []float64 // share of the members that review their vendors; by week and lab

	Log       []Entry
	Decisions []Decision // empty unless asked for

	room *room
}

// Entry is something that an agent did, in words of the log.
type Entry struct {
	Week   int
	Agent  string
	Event  string
	Vendor string  // the vendor concerned, or ""
	Value  float64 // what the event's kind says: see the constants
	Cause  string  // name of the scenario's event that set it off, or ""
	Lab    string  // the one lab that an event of the wire concerns, or ""
}

// What agents log, beside the kinds of events that the wire publishes (see Kinds), whose value is the
// figure that the event states.
const (
	ReviewStarts = "review starts" // value: the trust premium on the vendor that weighs most
	ReviewEnds   = "review ends"   // value: the regret that is left, in nats
	Pauses       = "pauses"        // value: work paused at once, USD M a year
	Leaves       = "leaves"        // value: spend that is left, USD M a year
	CutOff       = "is cut off"    // the same: for want of the vendor's capacity
	Returns      = "returns"       // value: spend, USD M a year
	MustLeave    = "must leave"    // the same: for a vendor that is to end its service
	EndsService  = "ends service"  // of a vendor, that serves nobody from now on
	LaysOff      = "lays off"      // value: the capacity that is left
	TurnsAway    = "turns away"    // value: the share of new work that the vendor can fill
)

// Decision is how a lab decided in a week: what it saw, and what it made of it. Series are by vendor.
type Decision struct {
	Week   int
	Lab    string
	Budget float64

	Price, Trust []float64 // seen
	Utility      []float64 // in nats, against the vendor's at the start; -Inf where not qualified
	Ideal        []float64 // w*: the mix of a lab without inertia
	Mix          []float64 // w: the mix at the end of last week

	Regret, Threshold float64 // in nats; the regret beyond that of the start
	Reviewing         bool
	Cause             string // name of the scenario's event behind the regret, or ""

	Target, Kept, Asked []float64 // USD M a year
}

// At is the index of a vendor in a week, in a series by week and vendor.
func (t *Trajectory) At(week, vendor int) int { return week*len(t.Vendors) + vendor }

// Rel is the index of a lab and a vendor in a week, in a series by week, lab and vendor.
func (t *Trajectory) Rel(week, lab, vendor int) int {
	return (week*len(t.Labs)+lab)*len(t.Vendors) + vendor
}

// HasLeft says whether a lab has left a vendor at the end of a week; of a line of many labs, most of them. Whatever says
// who left asks it.
func (t *Trajectory) HasLeft(week, lab, vendor int) bool {
	return t.Left[t.Rel(week, lab, vendor)] > 0.5
}

// Share is the vendor's share of the week's revenue of all vendors but In-house, of which it has none:
// NaN for In-house, and where nobody sold anything.
func (t *Trajectory) Share(week, vendor int) float64 {
	if vendor == len(t.Vendors)-1 {
		return math.NaN()
	}
	return t.Revenue[t.At(week, vendor)] / t.Total(week)
}

// Total is the week's revenue of all vendors but In-house, USD million a year.
func (t *Trajectory) Total(week int) (total float64) {
	for j := range len(t.Vendors) - 1 {
		total += t.Revenue[t.At(week, j)]
	}
	return total
}

// Finite says which number of the trajectory is not finite, if one is: rare luck can make a premium or a utilisation
// larger than any number. Such a run has failed, and nothing is written of it.
func (t *Trajectory) Finite() error {
	names := []string{"revenue", "load", "capacity", "price", "utilisation", "inquiries", "spend", "trust", "conflict", "premium", "left", "cut_off", "reviewing"}
	for k, series := range t.series() {
		for i, x := range *series {
			if x-x != 0 { // NaN, or infinite
				week := i / (len(*series) / t.Weeks)
				return fmt.Errorf("%s is %v in week %d: beyond what a number can hold; choose inputs that are less extreme", names[k], x, week)
			}
		}
	}
	return nil
}

// Since is the trajectory as a market sees it that begins so many weeks later, with its first weeks cut off, or sooner,
// with weeks before it in which nothing is known: NaN. Decisions are left out.
func (t *Trajectory) Since(weeks int) *Trajectory {
	if weeks == 0 {
		return t
	}
	out := &Trajectory{Labs: t.Labs, Vendors: t.Vendors, Members: t.Members, Weeks: max(0, t.Weeks-weeks)}
	for i, series := range t.series() {
		if t.Weeks == 0 {
			break
		}
		q, week := *series, len(*series)/t.Weeks // numbers in one
		if weeks > 0 {
			q = q[min(weeks*week, len(q)):]
		} else {
			before := make([]float64, -weeks*week, len(q)-weeks*week)
			for k := range before {
				before[k] = math.NaN()
			}
			q = append(before, q...)
		}
		*out.series()[i] = q
	}
	for _, e := range t.Log {
		if e.Week -= weeks; e.Week >= 0 {
			out.Log = append(out.Log, e)
		}
	}
	return out
}

// Among is the trajectory as one of these labs and vendors, In-house last. Those that the market does not have spend and
// sell nothing; a price, a utilisation or a trust they have none: NaN. Decisions are left out.
func (t *Trajectory) Among(labs, vendors []string) *Trajectory {
	if slices.Equal(labs, t.Labs) && slices.Equal(vendors, t.Vendors) {
		return t
	}
	out := &Trajectory{Labs: labs, Vendors: vendors, Weeks: t.Weeks, Log: t.Log, Members: make([]int, len(labs))}
	var lines, sellers, pairs []int
	for _, name := range vendors {
		sellers = append(sellers, slices.Index(t.Vendors, name))
	}
	for k, name := range labs {
		i := slices.Index(t.Labs, name)
		if lines = append(lines, i); i >= 0 {
			out.Members[k] = t.Members[i]
		}
		for _, j := range sellers {
			at := -1
			if i >= 0 && j >= 0 {
				at = t.Rel(0, i, j)
			}
			pairs = append(pairs, at)
		}
	}
	for i, series := range t.series() {
		if t.Weeks == 0 || len(*series) == 0 {
			continue
		}
		q, width, places, absent := *series, len(*series)/t.Weeks, pairs, 0.0
		switch series {
		case &t.Revenue, &t.Load, &t.Capacity, &t.Inquiries:
			places = sellers
		case &t.Price, &t.Utilisation:
			places, absent = sellers, math.NaN()
		case &t.Trust, &t.Conflict, &t.Premium:
			absent = math.NaN()
		case &t.Reviewing:
			places = lines
		}
		to := make([]float64, 0, t.Weeks*len(places))
		for ; len(q) > 0; q = q[width:] {
			for _, at := range places {
				x := absent
				if at >= 0 {
					x = q[at]
				}
				to = append(to, x)
			}
		}
		*out.series()[i] = to
	}
	return out
}

// Digest is a hash of all that the trajectory holds but its decisions, to the last bit: the SHA-256 of
// names, series and log, in hexadecimal.
func (t *Trajectory) Digest() string {
	h := sha256.New()
	var buf []byte
	number := func(x float64) { buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(x)) }
	text := func(s string) { buf = append(append(buf, s...), 0) }
	flush := func() { h.Write(buf); buf = buf[:0] }
	for _, names := range [][]string{t.Labs, t.Vendors} {
		for _, s := range names {
			text(s)
		}
	}
	for _, series := range t.series() {
		for _, x := range *series {
			number(x)
		}
		flush()
	}
	for _, e := range t.Log {
		number(float64(e.Week))
		number(e.Value)
		for _, s := range []string{e.Agent, e.Event, e.Vendor, e.Cause, e.Lab} {
			text(s)
		}
		flush()
	}
	return hex.EncodeToString(h.Sum(nil))
}

// split returns the series by vendor, the spend by lab and vendor, and the views of labs on vendors.
func (t *Trajectory) split() (vendors [6]*[]float64, spend [1]*[]float64, views [5]*[]float64) {
	return [...]*[]float64{&t.Revenue, &t.Load, &t.Capacity, &t.Price, &t.Utilisation, &t.Inquiries},
		[...]*[]float64{&t.Spend},
		[...]*[]float64{&t.Trust, &t.Conflict, &t.Premium, &t.Left, &t.CutOff}
}

// series are all series of numbers, in the order of the fields.
func (t *Trajectory) series() []*[]float64 {
	vendors, spend, views := t.split()
	return append(append(append(vendors[:], spend[:]...), views[:]...), &t.Reviewing)
}
