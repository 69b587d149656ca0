package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"exodus/agents"
	"exodus/scenarios"
	"exodus/sim/study"
)

// StudyHead is what study.json holds.
type StudyHead struct {
	Format   int      `json:"format"`
	Program  string   `json:"program"`
	Version  string   `json:"version"`
	Platform string   `json:"platform"`
	Scenario string   `json:"scenario"`
	Changes  []string `json:"changes,omitempty"`
	Variant  string   `json:"variant,omitempty"`
	Against  string   `json:"against,omitempty"` // the variant that the others are compared with, run by run

	scenarios.Frame

	Measures []string    `json:"measures,omitempty"` // of each run, in runs.parquet
	Full     bool        `json:"full,omitempty"`     // whether the relations of labs and vendors are recorded too
	Sketched bool        `json:"sketched,omitempty"` // whether parts hold sketches instead of rows
	Hash     string      `json:"hash"`               // of all other fields
	Plan     *study.Plan `json:"plan"`
	Source   string      `json:"source"` // the scenario file, whole
}

// HeadOf is the head of a study of a scenario, by this program. Its model was prepared for the plan.
func HeadOf(s *scenarios.Scenario, m *scenarios.Model, p *study.Plan) StudyHead {
	return StudyHead{
		Version: Version(), Platform: Platform(), Scenario: s.Name, Variant: s.Variant, Changes: s.Changes,
		Frame: m.Frame(), Measures: m.Measures(), Full: m.Full, Plan: p, Source: string(s.Source),
	}
}

// Encode makes study.json.
func (h *StudyHead) Encode() []byte {
	out, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		panic(err) // of plain values, which check has seen
	}
	return append(out, '\n')
}

// sum is the hash of all that the head says.
func (h *StudyHead) sum() string {
	x := *h
	x.Hash = ""
	return hexSum(x.Encode())
}

// Identity names what the parts of the study belong to: all that decides them but the number of runs, which may grow
// later. Parts that were made elsewhere, or by another version, are the same.
func (h *StudyHead) Identity() string {
	x, p := *h, *h.Plan
	p.Runs = 0
	x.Plan, x.Hash, x.Version, x.Platform = &p, "", "", ""
	return hexSum(x.Encode())
}

// sameStudy says whether two studies differ in nothing but how many runs they have.
func sameStudy(a, b *StudyHead) bool {
	return a.Identity() == b.Identity() && a.Version == b.Version && a.Platform == b.Platform
}

// ReadStudy reads the head of a study.
func ReadStudy(dir string) (*StudyHead, error) {
	path := filepath.Join(dir, headName)
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	h, err := DecodeStudy(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return h, nil
}

// DecodeStudy undoes [StudyHead.Encode]. The text is not trusted: what it returns is within the limits of a study.
func DecodeStudy(src []byte) (*StudyHead, error) {
	h, err := decodeHead(src)
	if err != nil {
		return nil, err
	}
	if h.Hash != h.sum() {
		return nil, errors.New("the file was changed since the study was begun: it is not what its hash says; put it back as it was, or run the study again")
	}
	return h, nil
}

// decodeHead is DecodeStudy without the check of the hash.
func decodeHead(src []byte) (*StudyHead, error) {
	if err := checkFormat(src, "batch"); err != nil {
		return nil, err
	}
	var h StudyHead
	if err := json.Unmarshal(src, &h); err != nil {
		return nil, fmt.Errorf("not a study that can be read: %w", err)
	}
	if h.Plan == nil || h.Format != resultsFormat {
		return nil, errors.New("not a study that can be read: it has no plan")
	}
	return &h, h.check()
}

// checkFormat says whether results are of the format that this version reads. Those of earlier versions are refused, also
// where they could be read: they came from another model.
func checkFormat(src []byte, command string) error {
	var about struct {
		Format  int    `json:"format"`
		Answer  int    `json:"exodus_answer"`
		Version string `json:"version"`
	}
	if json.Unmarshal(src, &about) != nil {
		return nil // which is said where it is read
	}
	format := max(about.Format, about.Answer)
	switch {
	case format == resultsFormat:
		return nil
	case format > 0 && format < resultsFormat:
		return fmt.Errorf("written by version %s of exodus, whose model was another; run it again with this version, %s, in another directory (exodus %s), or read it with that one",
			quotedVersion(about.Version), Version(), command)
	case format > resultsFormat:
		return fmt.Errorf("written by version %s of exodus, in format %d; this version, %s, reads format %d: use the newer one", quotedVersion(about.Version), format, Version(), resultsFormat)
	}
	return nil
}

// quotedVersion is the version that a file states, which may be any text.
func quotedVersion(version string) string {
	if version == "" {
		return "unknown"
	}
	return printed(version)
}

// Limits of a study, wherever its head comes from. MostCells is how many quantiles it may have, of its worlds or of their
// differences, which are in memory at once.
const (
	MostCells   = 16_000_000
	mostRuns    = 1_000_000_000 // in all
	mostChunks  = 4_000_000
	mostInChunk = 1 << 20   // jobs
	mostText    = 16 << 20  // bytes of a scenario
	mostNames   = 1_000_000 // vendors, labs, variants or inputs

	mostDepartures = 4_000_000 // weeks and labs of all worlds for which departures are kept
)

// check says which number of the head is beyond the limits of a study, or what does not fit together.
func (h *StudyHead) check() error {
	p := h.Plan
	if err := p.Validate(); err != nil {
		return fmt.Errorf("not a study that can be run: %w", err)
	}
	bad := func(format string, args ...any) error {
		return fmt.Errorf("not a study that can be run: "+format, args...)
	}
	if h.Weeks < 1 || h.Weeks > agents.MostWeeks {
		return bad("%d weeks; a run has 1 to %d", h.Weeks, agents.MostWeeks)
	}
	if year := h.Start.Year(); year < 0 || year > 9999 || !h.Start.Equal(h.Start.UTC().Truncate(24*60*60*1e9)) {
		return bad("it starts at %v; a study starts on a day", h.Start)
	}
	if n := float64(p.Runs) * float64(len(p.Points)) * float64(len(p.Variants)); n > mostRuns {
		return bad("%.3g runs in all; at most %d are possible", n, mostRuns)
	}
	if p.Chunk > mostInChunk || h.Sketched && p.Chunk > math.MaxUint16 || p.Chunks() > mostChunks {
		return bad("%d chunks of %d runs", p.Chunks(), p.Chunk)
	}
	if len(h.Source) > mostText {
		return bad("its scenario has %d bytes; at most %d are possible", len(h.Source), mostText)
	}
	for what, names := range map[string][]string{"variants": p.Variants, "vendors": h.Vendors, "labs": h.Labs, "inputs": p.Params, "measures": h.Measures} {
		if len(names) > mostNames {
			return bad("%d %s; at most %d are possible", len(names), what, mostNames)
		}
		known := map[string]bool{}
		for _, name := range names {
			if known[name] {
				return bad("%q is twice among its %s", name, what)
			}
			known[name] = true
		}
	}
	if len(h.Vendors) == 0 || h.Focus != "" && !slices.Contains(h.Vendors, h.Focus) {
		return bad("it is about %q, which is not one of its vendors", h.Focus)
	}
	for _, path := range p.Params {
		if slices.Contains(slices.Concat(keyColumns, scenarios.Quantities, scenarios.Relations, h.Measures), path) {
			return bad("it varies %q, which is the name of a column", path)
		}
	}
	for i, point := range p.Points {
		for k, x := range point {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return bad("%s is %v at point %d", p.Params[k], x, i)
			}
		}
	}
	worlds := len(p.Points) * len(p.Variants)
	if n := len(h.Spans); n != 0 && n != len(p.Variants) && n != worlds {
		return bad("it says where the weeks of %d worlds lie; it has %d", n, worlds)
	}
	usual := scenarios.Span{First: 0, Weeks: h.Weeks}
	for world, span := range h.Spans {
		if span.Weeks < 1 || span.Weeks > agents.MostWeeks || span.First < -agents.MostWeeks || !span.Meets(usual) {
			return bad("%s has %d weeks from week %d on; the study has %d", p.Variants[world%len(p.Variants)], span.Weeks, span.First, h.Weeks)
		}
	}
	all := h.All()
	if n := float64(worlds) * float64(all.Weeks) * float64(len(h.Vendors)*len(scenarios.Quantities)); n > MostCells {
		return bad("%.3g quantiles; at most %d are possible", n, MostCells)
	}
	return h.checkAgainst()
}

// keyColumns are the columns of parts, and of the tables of a study, that are not numbers.
var keyColumns = []string{"point", "variant", "run", "week", "date", "lab", "vendor", "quantity", "runs", "seed", "start", "status", "error"}

// checkAgainst says whether each variant of the plan has the one that it is compared with beside it, at some time.
func (h *StudyHead) checkAgainst() error {
	if h.Against == "" {
		return nil
	}
	for _, name := range h.Plan.Variants {
		against := h.Against
		if strings.HasSuffix(name, scenarios.Ignorant) {
			against += scenarios.Ignorant
		}
		if !slices.Contains(h.Plan.Variants, against) {
			return fmt.Errorf("the study compares with %q, which is not one of its variants", against)
		}
	}
	for world := range h.worlds() {
		if own, other := h.Span(world), h.Span(h.opposite(world)); !own.Meets(other) {
			return fmt.Errorf("%s and %s have no date in common, so they cannot be compared: the first runs from %s on for %d weeks, the second from %s on for %d",
				h.Plan.Variants[world%len(h.Plan.Variants)], h.Against, h.Date(own.First).Format("2 Jan 2006"), own.Weeks, h.Date(other.First).Format("2 Jan 2006"), other.Weeks)
		}
	}
	return nil
}

// worlds is how many there are: every variant at every point.
func (h *StudyHead) worlds() int { return len(h.Plan.Points) * len(h.Plan.Variants) }

// world is that of a job: point*variants + variant.
func (h *StudyHead) world(j study.Job) int { return j.Point*len(h.Plan.Variants) + j.Variant }

// worldsOf are those that some jobs are of, in ascending order.
func (h *StudyHead) worldsOf(jobs []study.Job) (worlds []int) {
	for i, job := range jobs {
		if i == 0 || job.Point != jobs[i-1].Point || job.Variant != jobs[i-1].Variant {
			worlds = append(worlds, h.world(job))
		}
	}
	slices.Sort(worlds)
	return slices.Compact(worlds)
}

// opposite is the world that a world is compared with, at the same point: in which parameters are drawn too, if they
// are in that one.
func (h *StudyHead) opposite(world int) int {
	variants := h.Plan.Variants
	name := h.Against
	if strings.HasSuffix(variants[world%len(variants)], scenarios.Ignorant) {
		name += scenarios.Ignorant
	}
	return world/len(variants)*len(variants) + slices.Index(variants, name)
}

// worldColumns are the columns of a table that say which world a row is of, and worldCells what they say of one.
func (h *StudyHead) worldColumns() []string {
	return append(append([]string{"point"}, h.Plan.Params...), "variant")
}

func (h *StudyHead) worldCells(world int) []string {
	point := world / len(h.Plan.Variants)
	cells := []string{fmt.Sprint(point)}
	for _, x := range h.Plan.Points[point] {
		cells = append(cells, Full(x))
	}
	return append(cells, h.Plan.Variants[world%len(h.Plan.Variants)])
}
