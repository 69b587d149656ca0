package cluster

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	"golang.org/x/sync/errgroup"
)

// Outcome is the result of a chunk.
type Outcome struct {
	Content []byte
	Runs    int    // in the chunk
	Failed  int    // of them
	Reason  string // of one that failed
}

// Worker computes chunks of the study in a queue.
type Worker struct {
	Name string // among the workers; one is made up where there is none
	Hand int    // tasks at a time, at least 1

	// Accept prepares for a study, or says why this worker is not fit for it: the error ends the worker. probe is
	// the result of the short run here.
	Accept func(Job) (compute func(ctx context.Context, chunk int) (Outcome, error), probe string, err error)

	Lost time.Duration // how long to wait for a study before giving up; for ever if not stated
	Gone time.Duration // how long to wait when a study was begun and its collector falls silent; 5 minutes if not stated
	Say  func(Beat)    // is told of progress every second; may be nil
}

// Beat is what a worker says about itself, every second.
type Beat struct {
	Name    string  `json:"name"`
	Hand    []int   `json:"hand"` // chunks
	Chunks  int     `json:"chunks"`
	Runs    int     `json:"runs"`
	Failed  int     `json:"failed"`
	Reason  string  `json:"reason,omitempty"`
	Rate    float64 `json:"rate"` // runs a second, over the last ten
	Waiting string  `json:"waiting,omitempty"`
	Silent  int     `json:"silent,omitempty"` // seconds since the collector heard it, which says so; 0 for a few
}

// ErrUnfit is the error of a worker that is not fit for the study.
var ErrUnfit = errors.New("this worker is not fit for the study")

// errOver ends a worker's loops: the study is done, or another took its place.
var errOver = errors.New("the study is over")

// active is a worker at work.
type active struct {
	*Worker
	nc      *nats.Conn
	js      jetstream.JetStream
	job     *head
	probe   string
	compute func(ctx context.Context, chunk int) (Outcome, error)

	mu     sync.Mutex
	beat   Beat
	hand   map[int]bool
	silent int // seconds since the collector was heard, or since the start; without those in which this process was frozen
}

// Work takes tasks until the study is done. When ctx is cancelled, what is under way is finished first, and the rest
// of its tasks are given back.
func Work(ctx context.Context, nc *nats.Conn, w Worker) (done Beat, err error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return done, err
	}
	if w.Name == "" {
		w.Name = nuid.Next()
	}
	w.Hand = max(1, w.Hand)
	w.Gone = cmp.Or(w.Gone, 5*time.Minute)
	a := &active{Worker: &w, nc: nc, js: js, beat: Beat{Name: w.Name, Waiting: "looks for the server"}, hand: map[int]bool{}}
	sub, err := nc.Subscribe(progressSubject, func(*nats.Msg) { a.hear() })
	if err != nil {
		return done, err
	}
	defer sub.Unsubscribe()
	beats, stop := context.WithCancel(context.WithoutCancel(ctx))
	var beating sync.WaitGroup
	beating.Go(func() { a.report(beats) })
	defer beating.Wait()
	defer stop()
	for {
		if err := a.find(ctx); errors.Is(err, errOver) {
			return a.beat, nil
		} else if err != nil {
			return a.beat, err
		}
		group, fine := errgroup.WithContext(ctx)
		for range w.Hand {
			group.Go(func() error { return a.loop(ctx, fine) })
		}
		if err := group.Wait(); !errors.Is(err, errOver) {
			return a.beat, cmp.Or(err, ctx.Err())
		}
	}
}

// find waits for a study, and prepares for it. After one that is over it waits for no other.
func (a *active) find(ctx context.Context) error {
	for {
		h, err := readHead(ctx, a.nc)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil && h.Done && a.job != nil:
			return errOver
		case err == nil && !h.Done:
			if a.job != nil && a.job.Plan == h.Plan && a.job.Version == h.Version {
				return nil
			}
			if err := readBody(ctx, a.nc, h); err == nil {
				a.say("")
				compute, probe, err := a.Accept(h.Job)
				if err == nil && probe != h.Probe {
					err = fmt.Errorf("a short run gives %.12s here and %.12s at the collector: the processors or the builds differ", probe, h.Probe)
				}
				if err != nil {
					return fmt.Errorf("%w: %s", ErrUnfit, plain(err.Error())) // which may quote what was sent
				}
				a.job, a.probe, a.compute = h, probe, compute
				a.hear()
				return nil
			}
		}
		if a.nc.Status() == nats.CONNECTED {
			a.say("waits for a study")
		} else if a.isRefused() {
			return a.refused()
		} else {
			a.say("waits for the server: " + a.reason(err))
		}
		if err := a.isLost(); err != nil {
			return err
		}
		pause(ctx, 500*time.Millisecond)
	}
}

// reason says in a few words why the server does not do what it was asked to. Where no answer comes, the reason often
// lies in the connection, such as a missing permission.
func (a *active) reason(err error) string {
	last := a.nc.LastError()
	switch {
	case last != nil && !errors.As(err, new(*jetstream.APIError)):
		err = last
	case !a.nc.IsConnected():
		return "it cannot be reached"
	case err == nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout):
		return "it does not answer"
	}
	return short(strings.TrimPrefix(err.Error(), "nats: "))
}

// isRefused says whether the connection does not come back, such as that to a server with other tokens or another
// certificate than before.
func (a *active) isRefused() bool {
	return a.nc.IsClosed() || !a.nc.IsConnected() && isFinal(a.nc.LastError())
}

func (a *active) refused() error {
	err := a.nc.LastError()
	if errors.Is(err, nats.ErrAuthorization) {
		err = fmt.Errorf("%w; it does not know this token or NKey any more", err)
	}
	return fmt.Errorf("the server is not the one that it was: %w", err)
}

// short is what is said of an error in a line.
func short(text string) string {
	if len(text) <= mostReason {
		return text
	}
	return strings.ToValidUTF8(text[:mostReason], "") + "..."
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// loop takes one task after another.
func (a *active) loop(ctx, fine context.Context) error {
	for {
		if fine.Err() != nil {
			return nil
		}
		m, err := a.next(fine)
		if err == nil {
			a.say("")
			if err := a.do(ctx, m); err != nil {
				return err
			}
			continue
		}
		if fine.Err() != nil {
			continue
		}
		if err := a.goesOn(fine, "waits for a task"); err != nil {
			return err
		}
		pause(fine, 100*time.Millisecond)
	}
}

// goesOn is an error where the study does not continue, or nobody can say. It says what the worker waits for.
func (a *active) goesOn(ctx context.Context, waits string) error {
	h, err := readHead(ctx, a.nc)
	switch {
	case err == nil && (h.Done || h.Plan != a.job.Plan || h.Version != a.job.Version):
		return errOver
	case a.isRefused():
		return a.refused()
	case err != nil && ctx.Err() == nil:
		waits = "waits for the server: " + a.reason(err)
	}
	a.say(waits)
	return a.isLost()
}

// hear notes that the collector was heard.
func (a *active) hear() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.silent = 0
}

// isLost is an error where the worker has waited for long enough.
func (a *active) isLost() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	silent := time.Duration(a.silent) * time.Second
	switch {
	case a.job == nil && a.Lost > 0 && silent > a.Lost:
		return fmt.Errorf("no server or study for %v", a.Lost)
	case a.job != nil && silent > a.Gone:
		return fmt.Errorf("nothing was heard of the study for %v: it was stopped, or its server is lost", a.Gone)
	}
	return nil
}

// next waits for a task, a few seconds at most: the answer to what was asked of a server that is lost does not come.
func (a *active) next(ctx context.Context) (jetstream.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	tasks, err := a.js.Consumer(ctx, taskStream, workers)
	if err != nil {
		return nil, err
	}
	return tasks.Next(jetstream.FetchMaxWait(2 * time.Second))
}

// do does a task. While it does, it says so, so that the task is not reassigned; a worker that is frozen does not.
func (a *active) do(ctx context.Context, m jetstream.Msg) error {
	t, err := decodeTask(m.Data(), a.job.Chunks)
	if err != nil {
		return m.Term()
	}
	if t.Plan != a.job.Plan {
		m.Nak()
		return errOver
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	go func() {
		for tick := time.NewTicker(time.Duration(a.job.Wait) / 4); ; {
			select {
			case <-work.Done():
				tick.Stop()
				return
			case <-tick.C:
				m.InProgress()
			}
		}
	}()
	for _, chunk := range t.Chunks {
		if ctx.Err() != nil {
			m.Nak()
			return nil
		}
		a.hold(chunk, true)
		out, err := a.compute(work, chunk)
		if err == nil {
			err = a.publish(ctx, chunk, out.Content)
		}
		a.hold(chunk, false)
		if err != nil {
			m.Nak()
			return fmt.Errorf("chunk %d: %w", chunk, err)
		}
		a.count(out)
	}
	m.Ack() // if that is lost, the task is done again, and its results are refused
	return nil
}

// drain is how long a worker that is told to stop tries to deliver its results.
const drain = 10 * time.Second

// publish puts the result of a chunk into the queue, and keeps trying for as long as the study lasts. After ctx ended
// it tries for a while only.
func (a *active) publish(ctx context.Context, chunk int, content []byte) error {
	m := nats.NewMsg(resultSubject + strconv.Itoa(chunk) + "." + sumOf(content))
	m.Header.Set(headPlan, a.job.Plan)
	m.Header.Set(headWorker, a.Name)
	m.Header.Set(headProbe, a.probe)
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(drain, stop) })()
	patience := answer + time.Duration(len(content))*time.Microsecond // at a megabyte a second
	for delay := 50 * time.Millisecond; ; delay = min(2*delay, 2*time.Second) {
		err := a.try(sending, m, content, patience)
		var refused *jetstream.APIError
		if err == nil || errors.As(err, &refused) && strings.Contains(refused.Description, "per subject") { // the same is waiting there
			a.say("")
			return nil
		}
		if why := a.goesOn(sending, "its result is not taken: "+a.reason(err)); why != nil {
			return why
		}
		if errors.Is(err, context.DeadlineExceeded) { // as over a line that is slow
			patience = min(2*patience, 10*time.Minute)
		}
		if sending.Err() != nil {
			return fmt.Errorf("not delivered, and left to others: the server did not take it within %v", drain)
		}
		pause(sending, delay)
	}
}

// try is one try to publish, for so long. A large result goes to the object store first, under a name of its own, since another
// worker may be working on the same chunk. The answer to what was sent before a connection was lost does not come.
func (a *active) try(ctx context.Context, m *nats.Msg, content []byte, patience time.Duration) error {
	if !a.nc.IsConnected() {
		return nats.ErrDisconnected
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	lost := a.nc.StatusChanged(nats.RECONNECTING)
	defer a.nc.RemoveStatusListener(lost)
	go func() {
		if _, is := <-lost; is {
			cancel()
		}
	}()
	m.Data = content
	if len(content) > mostInline {
		if m.Header.Get(headObject) == "" {
			objects, err := a.js.ObjectStore(ctx, bucket)
			if err != nil {
				return err
			}
			name := a.job.Plan[:min(12, len(a.job.Plan))] + "-" + nuid.Next()
			if _, err := objects.Put(ctx, jetstream.ObjectMeta{Name: name, Opts: &jetstream.ObjectMetaOptions{ChunkSize: 512 << 10}}, bytes.NewReader(content)); err != nil {
				return err
			}
			m.Header.Set(headObject, name)
		}
		m.Data = nil
	}
	_, err := a.js.PublishMsg(ctx, m, jetstream.WithRetryAttempts(0))
	return err
}

func (a *active) hold(chunk int, is bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if delete(a.hand, chunk); is {
		a.hand[chunk] = true
	}
}

func (a *active) count(out Outcome) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.beat.Chunks++
	a.beat.Runs += out.Runs
	a.beat.Failed += out.Failed
	if out.Reason != "" {
		a.beat.Reason = short(out.Reason)
	}
}

func (a *active) say(waiting string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.beat.Waiting = waiting
}

// report reports progress every second.
func (a *active) report(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	const window = 10
	for past := []int{0}; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		a.mu.Lock()
		a.silent++
		b := a.beat
		b.Rate = float64(b.Runs-past[0]) / float64(len(past))
		if past = append(past, b.Runs); len(past) > window {
			past = past[1:]
		}
		for chunk := range a.hand {
			b.Hand = append(b.Hand, chunk)
		}
		a.mu.Unlock()
		slices.Sort(b.Hand)
		b.Hand = b.Hand[:min(len(b.Hand), mostHand)]
		if text, err := json.Marshal(b); err == nil && a.nc.Status() == nats.CONNECTED {
			a.nc.Publish(beatSubject+a.Name, text)
		}
		if a.Say != nil {
			a.Say(b)
		}
	}
}
