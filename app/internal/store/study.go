package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go"
	"golang.org/x/sync/errgroup"

	"exodus/app/internal/results"
	"exodus/scenarios"
)

// Study is a directory of the results of a study, which grows part by part:
//
//	study.json                  what is studied: the plan, its hash, the scenario whole
//	parts/part-00000000.parquet a row for each run, week and vendor of chunk 0, and so on
//	parts/relations-00000000.parquet  the same for each run, week, lab and vendor, where they are recorded
//	parts/SHA256SUMS            the checksum of each part that is done
//	runs.parquet                a row for each run, with its parameters, its measures and whether it failed; at the end
//	quantiles.csv               quantiles over the runs with their Monte Carlo errors; at the end
//	departures.csv              in which share of the runs each lab has left the vendor it is about; at the end
//
// A chunk is done when its part is there with the checksum that SHA256SUMS states. Everything is written beside
// its place and renamed into it, so a study that was killed at any moment continues from the parts that are done,
// and ends with the same bytes as one that was not.
type Study struct {
	Dir     string
	Head    StudyHead
	Workers int // how many goroutines run chunks, and sum them up; 0 is as many as there are processors

	lock *os.File
	mu   sync.Mutex
	sums map[string]string // by part
}

const (
	headName = "study.json"
	sumsName = "SHA256SUMS"
	lockName = ".lock"
	partsDir = "parts"
)

// ErrOther is the error of a directory that holds another study.
var ErrOther = errors.New("the directory holds another study")

// OpenStudy makes a directory ready for a study. One that holds the same study is resumed if that is
// asked for: the same but for the number of runs, which may have grown. Nobody else can open it until
// it is closed.
func OpenStudy(dir string, head StudyHead, resume bool) (*Study, error) {
	head.Format, head.Program = resultsFormat, "exodus"
	head.Hash = head.sum()
	if err := head.check(); err != nil {
		return nil, err
	}
	s := &Study{Dir: filepath.Clean(dir), Head: head, sums: map[string]string{}}
	if info, err := os.Stat(s.Dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s is a file; name a directory for the results", s.Dir)
	}
	if _, err := mkdirs(s.parts()); err != nil {
		return nil, err
	}
	if err := s.acquire(); err != nil {
		return nil, err
	}
	if err := s.begin(resume); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Study) workers() int {
	if s.Workers < 1 {
		return runtime.GOMAXPROCS(0)
	}
	return s.Workers
}

func (s *Study) parts() string           { return filepath.Join(s.Dir, partsDir) }
func (s *Study) path(name string) string { return filepath.Join(s.Dir, name) }

// acquire takes the lock of the directory, which names the process that has it.
func (s *Study) acquire() error {
	lock, err := os.OpenFile(s.path(lockName), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return fmt.Errorf("%s: cannot be written to: %w", s.Dir, reason(err))
	}
	if tryLock(lock) != nil {
		holder, _ := os.ReadFile(s.path(lockName))
		lock.Close()
		return fmt.Errorf("%s: process %s is working in it; wait for it, or choose another directory", s.Dir, strings.TrimSpace(string(holder)))
	}
	if !isThere(lock) { // its holder was just about to remove it
		lock.Close()
		return s.acquire()
	}
	lock.Truncate(0)
	lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	s.lock = lock
	return nil
}

// Close lets others into the directory.
func (s *Study) Close() {
	os.Remove(s.lock.Name())
	s.lock.Close()
}

// begin reads what is there, and writes the head of what will be.
func (s *Study) begin(resume bool) error {
	sweep(s.Dir)
	old, err := ReadStudy(s.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s.write(headName, s.Head.Encode())
	case err != nil:
		return err
	case !sameStudy(old, &s.Head):
		return fmt.Errorf("%s: %w (plan %s of version %s on %s); choose another directory, or delete that one", s.Dir, ErrOther, old.Hash[:12], old.Version, old.Platform)
	case !resume:
		return fmt.Errorf("%s: this study was begun already; go on with --resume, or choose another directory", s.Dir)
	case old.Plan.Runs > s.Head.Plan.Runs:
		return fmt.Errorf("%s: the study has %d runs already, and %d are asked for; choose another directory", s.Dir, old.Plan.Runs, s.Head.Plan.Runs)
	}
	if err := s.readSums(); err != nil {
		return err
	}
	return s.write(headName, s.Head.Encode())
}

// readSums reads which parts are done. Lines that a kill cut short say nothing.
func (s *Study) readSums() error {
	text, err := os.ReadFile(filepath.Join(s.parts(), sumsName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: cannot be read: %w", s.parts(), reason(err))
	}
	for line := range strings.Lines(string(text)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if ok && strings.HasSuffix(line, "\n") && len(sum) == 2*sha256.Size {
			s.sums[name] = sum
		}
	}
	return nil
}

// PartName is the file of a chunk.
func PartName(chunk int) string { return fmt.Sprintf("part-%08d.parquet", chunk) }

// Missing lists the chunks that are yet to be run: those whose part is not there, or is not what its checksum
// says, or cannot be read, or has another number of runs than the plan asks for now. Its error is that of a part of
// another study, which is neither taken for one of this study nor overwritten.
func (s *Study) Missing() (chunks []int, err error) {
	whole := make([]bool, s.Head.Plan.Chunks())
	var group errgroup.Group
	group.SetLimit(s.workers())
	for chunk := range whole {
		if s.sums[PartName(chunk)] == "" {
			continue
		}
		group.Go(func() error {
			err := s.checkFiles(chunk)
			if errors.Is(err, ErrOther) {
				return err
			}
			whole[chunk] = err == nil
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for chunk := range whole {
		if !whole[chunk] {
			delete(s.sums, PartName(chunk))
			delete(s.sums, relationsName(chunk))
			chunks = append(chunks, chunk)
		}
	}
	return chunks, nil
}

// checkFiles says what is wrong with the files of a chunk, as they are in the directory.
func (s *Study) checkFiles(chunk int) error {
	names := []string{PartName(chunk)}
	if s.Head.Full {
		names = append(names, relationsName(chunk))
	}
	for i, name := range names {
		if !s.sound(name) {
			return fmt.Errorf("%s is not what its checksum says", name)
		}
		err := s.readFile(name, func(f *parquet.File) error { return s.Head.checkFile(chunk, f, i == 1) })
		if err != nil {
			return err
		}
	}
	return nil
}

// sound says whether a file of the parts is what its checksum says.
func (s *Study) sound(name string) bool {
	file, err := os.Open(filepath.Join(s.parts(), name))
	if err != nil {
		return false
	}
	defer file.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	return err == nil && s.sums[name] == hex.EncodeToString(sum.Sum(nil))
}

// intact reads a file of the parts, and says whether it is what its checksum says.
func (s *Study) intact(name string) ([]byte, bool) {
	content, err := os.ReadFile(filepath.Join(s.parts(), name))
	return content, err == nil && s.sums[name] == hexSum(content)
}

func relationsName(chunk int) string { return fmt.Sprintf("relations-%08d.parquet", chunk) }

// Add writes the files of a chunk, and then that it is done.
func (s *Study) Add(chunk int, c Chunk) error {
	files, err := s.draftChunk(chunk, func(part, relations io.Writer) error {
		_, err1 := relations.Write(c.Relations)
		_, err2 := part.Write(c.Part)
		return errors.Join(err1, err2)
	})
	if err != nil {
		return err
	}
	return files.keep()
}

// drafts are the files of a chunk, in the order in which they are to be kept: with the last, the chunk is done.
type drafts []*draft

// draftChunk writes the files of a chunk beside their place.
func (s *Study) draftChunk(chunk int, write func(part, relations io.Writer) error) (files drafts, err error) {
	var relations io.Writer = io.Discard
	if s.Head.Full {
		d, err := s.draft(filepath.Join(partsDir, relationsName(chunk)))
		if err != nil {
			return nil, err
		}
		files, relations = append(files, d), d
	}
	part, err := s.draft(filepath.Join(partsDir, PartName(chunk)))
	if err == nil {
		files = append(files, part)
		err = write(part, relations)
	}
	if err != nil {
		files.drop()
		return nil, err
	}
	return files, nil
}

func (files drafts) drop() {
	for _, d := range files {
		d.drop()
	}
}

// keep puts the files in their place, and says so in SHA256SUMS.
func (files drafts) keep() error {
	defer files.drop()
	for _, d := range files {
		if err := d.keep(); err != nil {
			return err
		}
		if err := d.study.noteSum(filepath.Base(d.target), hex.EncodeToString(d.sum.Sum(nil))); err != nil {
			return err
		}
	}
	return nil
}

// noteSum adds the checksum of a part that is in its place.
func (s *Study) noteSum(name, sum string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sums[name] = sum
	f, err := os.OpenFile(filepath.Join(s.parts(), sumsName), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return fmt.Errorf("%s: cannot be written to: %w", s.parts(), reason(err))
	}
	_, err = fmt.Fprintf(f, "\n%s  %s\n", sum, name) // the first line end closes what a kill cut short
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: cannot be written to: %w", s.parts(), reason(err))
	}
	return nil
}

// write writes a file whole or not at all.
func (s *Study) write(name string, content []byte) error {
	return s.writeBy(name, func(out io.Writer) error {
		_, err := out.Write(content)
		return err
	})
}

// writeBy writes a file that is too large for memory, whole or not at all.
func (s *Study) writeBy(name string, encode func(io.Writer) error) error {
	d, err := s.draft(name)
	if err != nil {
		return err
	}
	defer d.drop()
	if err := encode(d); err != nil {
		return err
	}
	return d.keep()
}

// draft is a file that is being written, beside its place until it is kept.
type draft struct {
	study  *Study
	target string
	stage  *stage
	file   *os.File
	sum    hash.Hash // of what was written: SHA-256
}

func (s *Study) draft(name string) (*draft, error) {
	d := &draft{study: s, target: s.path(name), sum: sha256.New()}
	var err error
	if d.stage, err = newStage(s.Dir); err != nil {
		return nil, fmt.Errorf("%s: cannot be written to: %w", s.Dir, reason(err))
	}
	if d.file, err = os.Create(filepath.Join(d.stage.dir, filepath.Base(name))); err != nil {
		d.stage.remove()
		return nil, d.fail(err)
	}
	return d, nil
}

func (d *draft) fail(err error) error {
	return fmt.Errorf("%s: was not written: %w", d.target, reason(err))
}

func (d *draft) Write(b []byte) (int, error) {
	d.sum.Write(b)
	n, err := d.file.Write(b)
	if err != nil {
		err = d.fail(err)
	}
	return n, err
}

// keep sees the file onto the disk and into its place.
func (d *draft) keep() error {
	if err := d.file.Sync(); err != nil {
		return d.fail(err)
	}
	if err := d.file.Close(); err != nil {
		return d.fail(err)
	}
	if err := os.Rename(d.file.Name(), d.target); err != nil {
		return d.fail(err)
	}
	return syncDir(filepath.Dir(d.target))
}

// drop removes what is left of it beside its place.
func (d *draft) drop() {
	d.file.Close()
	d.stage.remove()
}

// AddFile writes a file of another kind, such as a figure.
func (s *Study) AddFile(f File) error { return s.write(f.Name, f.Content) }

// Finish writes what sums up the parts, which must all be there.
func (s *Study) Finish() (*Summary, error) {
	var group errgroup.Group
	group.SetLimit(s.workers())
	group.Go(func() error { return s.writeBy("runs.parquet", s.encodeRuns) })
	group.Go(func() error { return s.write(filepath.Join(partsDir, sumsName), s.encodeSums()) })
	summary, err := s.summarise(s.all())
	if err == nil {
		for name, encode := range map[string]func(io.Writer) error{
			"quantiles.csv":   func(out io.Writer) error { return s.encodeQuantiles(out, summary, summary.Quantiles, "") },
			"differences.csv": func(out io.Writer) error { return s.encodeQuantiles(out, summary, summary.Differences, s.Head.Against) },
			"departures.csv":  func(out io.Writer) error { return s.encodeDepartures(out, summary) },
		} {
			if name == "differences.csv" && summary.Differences == nil || name == "departures.csv" && !s.Head.keepsDepartures() {
				continue
			}
			group.Go(func() error { return s.writeBy(name, encode) })
		}
	}
	if failed := group.Wait(); err == nil {
		err = failed
	}
	return summary, err
}

// encodeSums makes the list of checksums, in the order of the parts.
func (s *Study) encodeSums() []byte {
	var out bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(s.sums)) {
		fmt.Fprintf(&out, "%s  %s\n", s.sums[name], name)
	}
	return out.Bytes()
}

// Results are those of the study once it is finished, with what it was summed up to, as they are read back.
func (s *Study) Results(scenario, anchor *scenarios.Scenario, sum *Summary) *Results {
	h := &s.Head
	own := func(of func(int, scenarios.Span) *results.Bands) func(int) *results.Bands {
		return func(world int) *results.Bands { return of(world, h.Span(world)) }
	}
	r := h.Results(scenario, anchor, own(sum.World), own(sum.Gains))
	r.Dir, r.Summary = s.Dir, sum
	return r
}

// Results are those of a study whose runs are all done, wherever they are: those of each world, in its own weeks, and
// how it differs from the one that it is compared with.
func (h *StudyHead) Results(scenario, anchor *scenarios.Scenario, world, gains func(world int) *results.Bands) *Results {
	first, jobs := h.Span(0), h.Plan.Jobs()
	r := &Results{
		Version: h.Version, Platform: h.Platform, Scenario: scenario, Anchor: anchor, Weeks: first.Weeks, Vendors: h.Vendors,
		Head: h, Done: jobs, Jobs: jobs,
	}
	var all []*results.Bands
	for w := range h.worlds() {
		span := h.Span(w)
		add := func(to *[]*results.Bands, b *results.Bands) {
			b = b.Among(h.Vendors, span.Weeks, 0)
			all = append(all, b)
			*to = append(*to, b.Among(h.Vendors, first.Weeks, first.First-span.First))
		}
		add(&r.Worlds, world(w))
		switch {
		case h.Against == "":
		case h.opposite(w) == w:
			r.Gains = append(r.Gains, nil)
		default:
			add(&r.Gains, gains(w))
		}
	}
	r.Digest = results.Digest(all...)
	return r
}
