package session

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Session is a document, its history, and the market that it comes to. Its methods may be called from any goroutine.
type Session struct {
	cfg     Config
	mu      sync.Mutex
	queue   []order
	given   uint64        // commands so far
	closing bool          // no more are taken
	wake    chan struct{} // that there are commands
	looked  chan looked   // what is in the file
	renewed chan struct{} // closed when there is a newer snapshot
	newest  atomic.Pointer[Snapshot]
	taken   atomic.Uint64 // the last answer that Next returned
	took    chan struct{} // that there is a later one
	ended   chan struct{} // closed when nothing of the session runs any more
	kept    error         // what went wrong with keeping it at the end
}

// order is a command in line.
type order struct {
	number  uint64
	command command
	done    chan<- error // where somebody waits for it
}

// command is something to be done to the core of a session. Its error is told in the snapshot, or to who waits.
type command interface{ do(c *core) error }

// ErrClosed is the error of a session that was closed.
var ErrClosed = errors.New("the session was closed")

// New begins a session. What is wrong with the scenario it begins with is in its snapshots.
func New(cfg Config) *Session {
	s := &Session{cfg: cfg, wake: make(chan struct{}, 1), took: make(chan struct{}, 1), looked: make(chan looked), renewed: make(chan struct{}), ended: make(chan struct{})}
	c := newCore(cfg, s.publish)
	c.taken = s.taken.Load
	c.publish()
	go s.loop(c)
	go s.watch()
	return s
}

func (s *Session) command(cmd command) { s.enqueue(cmd, nil) }

// enqueue puts a command into line, and returns its number. One that comes after the end is dropped.
func (s *Session) enqueue(cmd command, done chan<- error) (number uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return s.given, false
	}
	s.given++
	s.queue = append(s.queue, order{s.given, cmd, done})
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return s.given, true
}

// await does a command and waits for its error.
func (s *Session) await(cmd command) error {
	done := make(chan error, 1)
	if _, ok := s.enqueue(cmd, done); !ok {
		return ErrClosed
	}
	return <-done
}

func (s *Session) orders() []order {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.queue
	s.queue = nil
	return all
}

// loop does all that changes the core, one thing after another.
func (s *Session) loop(c *core) {
	defer close(s.ended)
	ticker := time.NewTicker(frame)
	ticker.Stop()
	defer ticker.Stop()
	c.ticker = ticker
	for {
		select {
		case <-s.wake:
			if c.obey(s.orders()) {
				s.kept = c.end()
				return
			}
		case r := <-c.results:
			c.take(r)
		case <-c.rest.C:
			c.rests()
			c.publish()
		case <-s.took:
			c.beginAgain()
		case <-c.next.C:
			c.beginAgain()
		case now := <-ticker.C:
			c.tick(now)
		case <-c.due.C:
			c.keep()
		case err := <-c.keeping:
			c.wasKept(err)
		case f := <-s.looked:
			c.look(f)
		}
	}
}

func (s *Session) publish(snap *Snapshot) {
	s.newest.Store(snap)
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.renewed)
	s.renewed = make(chan struct{})
}

// Commands is how many commands were given so far: what [Snapshot.Command] comes to when all are done.
func (s *Session) Commands() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.given
}

// Snapshot is the newest.
func (s *Session) Snapshot() *Snapshot { return s.newest.Load() }

// Next waits for a snapshot newer than the one of a number, and returns the newest. Its error is the context's, or
// [ErrClosed].
func (s *Session) Next(ctx context.Context, number uint64) (*Snapshot, error) {
	for {
		s.mu.Lock()
		renewed := s.renewed
		s.mu.Unlock()
		if snap := s.newest.Load(); snap.Number > number {
			if s.taken.Swap(snap.Answer) != snap.Answer {
				select {
				case s.took <- struct{}{}:
				default:
				}
			}
			return snap, nil
		}
		select {
		case <-renewed:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.ended:
			return nil, ErrClosed
		}
	}
}

// Until waits for a snapshot that is as asked, and returns it.
func (s *Session) Until(ctx context.Context, asked func(*Snapshot) bool) (*Snapshot, error) {
	snap := s.Snapshot()
	for !asked(snap) {
		var err error
		if snap, err = s.Next(ctx, snap.Number); err != nil {
			return nil, err
		}
	}
	return snap, nil
}

// Settled waits until all commands given so far are answered whole, with all runs and facts.
func (s *Session) Settled(ctx context.Context) (*Snapshot, error) {
	given := s.Commands()
	return s.Until(ctx, func(snap *Snapshot) bool { return snap.Command >= given && !snap.Status.Busy })
}

type closing struct{}

func (closing) do(*core) error { return nil }

// Close ends the session and keeps it for the next start. It returns when nothing of it runs any more.
func (s *Session) Close() error {
	s.enqueue(closing{}, nil)
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	<-s.ended
	return s.kept
}
