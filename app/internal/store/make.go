package store

import (
	"bytes"
	"context"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"

	"exodus/sim/study"
)

// Maker runs chunks of a study, and makes each into its files.
type Maker struct {
	head     *StudyHead
	model    study.Model
	identity string // of the study
	inside   int    // how many goroutines run one chunk; more than 1 only where its encoder may be added to by several
	encoder  func() (encoder, error)

	mu   sync.Mutex
	idle []encoder // that wrote their chunk; their memory is used again
}

// encoder writes the files of a chunk, whose runs are added in their order; then it is ready for another.
type encoder interface {
	begin(jobs []study.Job, part, relations io.Writer) error // relations where the study records them
	add(jobs []study.Job, results []study.Result) error
	end(note *partNote) error
}

// Maker makes the chunks of the study that h is the head of, whose model is m: with rows, or with sketches.
func (h *StudyHead) Maker(m study.Model) *Maker {
	maker := &Maker{head: h, model: m, identity: h.Identity(), inside: 1}
	maker.encoder = func() (encoder, error) { return h.newRows() }
	if h.Sketched {
		maker.encoder = func() (encoder, error) { return h.newSketches(), nil }
	}
	return maker
}

// Outcome is how the runs of a chunk went.
type Outcome struct {
	Runs, Failed int
	Reason       string // why one of them failed
}

// Make runs a chunk, and makes its files. Runs that failed have no rows; the part's metadata says why.
func (m *Maker) Make(ctx context.Context, chunk int) (Chunk, Outcome, error) {
	var part, relations bytes.Buffer
	out, err := m.write(ctx, chunk, &part, &relations)
	return Chunk{part.Bytes(), relations.Bytes()}, out, err
}

// write runs a chunk, and writes its files as it goes.
func (m *Maker) write(ctx context.Context, chunk int, part, relations io.Writer) (out Outcome, err error) {
	p := m.head.Plan
	first, _ := p.Range(chunk)
	jobs := p.JobsOf(chunk)
	e, err := m.take()
	if err != nil {
		return out, err
	}
	if err := e.begin(jobs, part, relations); err != nil {
		return out, err
	}
	note, gone := m.head.noteOf(m.identity, chunk), m.head.newDepartures(jobs)
	note.measures = make([]byte, 8*len(m.head.Measures)*len(jobs))
	var noting sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(m.inside)
	for done := 0; done < len(jobs) && ctx.Err() == nil; {
		from, next := done, done+1
		for next < len(jobs) && jobs[next].Point == jobs[next-1].Point && jobs[next].Run/study.Block == jobs[next-1].Run/study.Block {
			next++ // runs that are compared stay together
		}
		done = next
		group.Go(func() error {
			results, err := m.model.Run(ctx, p, jobs[from:next])
			if err != nil {
				return err
			}
			noting.Lock()
			note.fill(first, from, len(m.head.Measures), results)
			noting.Unlock()
			gone.add(jobs[from:next], results)
			return e.add(jobs[from:next], results)
		})
	}
	if err := group.Wait(); err != nil {
		return out, err
	}
	out.Runs, out.Failed = len(jobs), len(note.Failed)
	for i := first; i < first+len(jobs) && out.Reason == ""; i++ {
		out.Reason = note.Failed[i]
	}
	note.departures = gone.encode()
	if err := e.end(&note); err != nil {
		return out, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.idle = append(m.idle, e)
	return out, nil
}

// take takes an encoder that is idle, or makes one.
func (m *Maker) take() (encoder, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if last := len(m.idle) - 1; last >= 0 {
		e := m.idle[last]
		m.idle = m.idle[:last]
		return e, nil
	}
	return m.encoder()
}

// Run runs chunks of the study in this process, as [study.Chunks] does, and writes their files. done is called with each chunk
// when it is on the disk, from several goroutines at once. While the disk takes a few, the next are run.
func (s *Study) Run(ctx context.Context, m *Maker, chunks []int, done func(chunk int)) error {
	chunksAtOnce := s.workers()
	if s.Head.Sketched { // sketches are held once, however many goroutines work on them
		chunksAtOnce, m.inside = 1, chunksAtOnce
	}
	syncs, failing := errgroup.WithContext(context.Background())
	syncs.SetLimit(2)
	err := study.Chunks(ctx, chunks, chunksAtOnce, func(ctx context.Context, chunk int) error {
		if err := context.Cause(failing); err != nil {
			return err
		}
		files, err := s.draftChunk(chunk, func(part, relations io.Writer) error {
			_, err := m.write(ctx, chunk, part, relations)
			return err
		})
		if err != nil {
			return err
		}
		syncs.Go(func() error {
			if err := files.keep(); err != nil {
				return err
			}
			done(chunk)
			return nil
		})
		return nil
	})
	if failed := syncs.Wait(); failed != nil {
		return failed
	}
	return err
}
