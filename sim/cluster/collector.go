package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

// Collection is what a collector collects.
type Collection struct {
	Job     Job
	Missing []int // chunks

	// Take writes the result of a chunk, and returns when it is on the disk, or was there before. It is called from several
	// goroutines at once. Its error is [ErrBad] if the content cannot be the result of the chunk, and [ErrOther] if it could,
	// but other content is there. After any other error it is tried again, for as long as it takes.
	Take func(chunk int, content []byte) error

	// Forget undoes the taking of chunks. Compute is the result of a chunk in this process, by which workers are checked;
	// it is called from so many goroutines at once.
	Forget  func(chunks []int) error
	Compute func(ctx context.Context, chunk int) ([]byte, error)
	Hand    int // 1 if not stated

	Span     int           // chunks in a task, at least; tasks are larger if there are many chunks
	Wait     time.Duration // a task without a heartbeat for this long is reassigned; 30 s if not stated
	Patience time.Duration // while workers are idle, what is still out is given out again after this long; Wait if not stated
	Replicas int           // of the queue, on a cluster of servers; 1 if not stated
	Own      bool          // whether the queue is this study's own, so that another plan in it is one that was given up

	Health func() error   // what is wrong with the queue, as [Server.Health]; may be nil
	Say    func(Progress) // is told of progress every second; may be nil
}

// Progress is how far a study is.
type Progress struct {
	Plan    string          `json:"plan"`
	Chunks  int             `json:"chunks"` // of the plan
	Done    int             `json:"done"`
	Workers map[string]Beat `json:"workers"` // that were heard in the last minute
	Again   int             `json:"again"`   // chunks that were given out again
	Double  int             `json:"double"`  // duplicate results
	Dropped int             `json:"dropped"` // invalid messages
	Why     string          `json:"why,omitempty"`
	Checked int             `json:"checked"`           // chunks that workers sent and that were computed here too
	Wrong   int             `json:"wrong"`             // results of workers that proved wrong, or chunks with such
	Alarm   string          `json:"alarm,omitempty"`   // about the last of them
	Trouble string          `json:"trouble,omitempty"` // at the collector, such as a full disk
}

// ErrBad is the error of a result that is not one of the chunk, and ErrOther of one that could be, where another is there.
var (
	ErrBad   = errors.New("not a result of this chunk")
	ErrOther = errors.New("another result of this chunk is there")
)

// ErrUnresolved is the error of a chunk whose result is different each time.
var ErrUnresolved = errors.New("results differ")

// ErrBusy is the error of a queue that has another study in it.
var ErrBusy = errors.New("another study is in this queue")

// collector is a collection under way.
type collector struct {
	*Collection
	nc      *nats.Conn
	js      jetstream.JetStream
	tasks   jetstream.Consumer
	results jetstream.Consumer
	objects jetstream.ObjectStore

	mu      sync.Mutex
	missing map[int]bool
	at      map[int]bool // being taken
	said    Progress
	beats   map[string]heard

	sample  map[int]bool    // chunks to check
	claims  map[int][]claim // by chunk, of this session
	known   map[int]string  // checksums of chunks that were computed here
	doubted map[int]bool    // to be computed here, or being so
	toCheck []int           // those that nobody has begun
	alone   bool            // workers are no longer believed
	failed  error           // of forgetting
	over    bool            // all is taken and checked
}

type heard struct {
	Beat
	at    time.Time
	since time.Time // when the second began in which there were many
	many  int
}

// Collect makes a study known, gives out what is missing of it, and takes results until nothing is. When ctx is
// cancelled it stops; a later call continues.
func Collect(ctx context.Context, nc *nats.Conn, c Collection) (Progress, error) {
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(10*time.Second), jetstream.WithPublishAsyncTimeout(answer))
	if err != nil {
		return Progress{}, err
	}
	if c.Wait == 0 {
		c.Wait = 30 * time.Second
	}
	if c.Patience == 0 {
		c.Patience = c.Wait
	}
	c.Replicas = max(1, c.Replicas)
	k := &collector{Collection: &c, nc: nc, js: js, missing: map[int]bool{}, at: map[int]bool{}, beats: map[string]heard{},
		sample: sampled(newToken(), c.Missing), claims: map[int][]claim{}, known: map[int]string{}, doubted: map[int]bool{},
		said: Progress{Plan: c.Job.Plan, Chunks: c.Job.Chunks}}
	for _, chunk := range c.Missing {
		k.missing[chunk] = true
	}
	if err := permitted(ctx, nc, k.begin); err != nil {
		return k.said, fmt.Errorf("begin the queue: %w", err)
	}
	sub, err := nc.Subscribe(beatSubject+"*", k.hear)
	if err != nil {
		return k.said, err
	}
	sub.SetPendingLimits(mostWorkers, mostWorkers*mostBeat)
	defer sub.Unsubscribe()
	group, all := errgroup.WithContext(ctx)
	all, finish := context.WithCancel(all)
	defer finish()
	for range 4 {
		group.Go(func() error { return k.take(all) })
	}
	for range max(1, k.Hand) {
		group.Go(func() error { return k.check(all) })
	}
	group.Go(func() error { return k.watch(all, finish) })
	err = group.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.missing) > 0 {
		if err == nil {
			err = ctx.Err()
		}
		return k.said, err
	}
	return k.said, k.end(context.WithoutCancel(ctx))
}

// Clear deletes the queue with all that is in it.
func Clear(ctx context.Context, nc *nats.Conn) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	return permitted(ctx, nc, func(ctx context.Context) error {
		for _, name := range []string{jobStream, taskStream, resultStream, "OBJ_" + bucket} {
			if err := js.DeleteStream(ctx, name); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
				return fmt.Errorf("delete the stream %s: %w", name, err)
			}
		}
		return nil
	})
}

// answer is how long the queue is waited for: a request that is lost with its server has no answer.
const answer = 5 * time.Second

// begin makes the queue ready. Servers that are just electing a leader, or beginning their storage anew, are given a while.
func (k *collector) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		try, stop := context.WithTimeout(ctx, 3*answer)
		err := k.prepare(try)
		stop()
		var refused *jetstream.APIError
		if err == nil || errors.Is(err, ErrBusy) || ctx.Err() != nil || errors.As(err, &refused) && refused.Code != 503 && refused.Code != 404 {
			return err
		}
		pause(ctx, 500*time.Millisecond)
	}
}

func (k *collector) prepare(ctx context.Context) (err error) {
	if k.tasks, k.results, k.objects, err = ensure(ctx, k.js, k.Wait, k.Replicas); err != nil {
		return err
	}
	old, err := readHead(ctx, k.nc)
	switch {
	case err == nil && !old.Done && old.Plan != k.Job.Plan && k.Own:
		if stream, err := k.js.Stream(ctx, resultStream); err != nil {
			return err
		} else if err := stream.Purge(ctx); err != nil {
			return err
		}
	case err == nil && !old.Done && old.Plan != k.Job.Plan:
		return fmt.Errorf("%w, plan %.12s with %d chunks: wait for it, or delete it with exodus status --clear", ErrBusy, old.Plan, old.Chunks)
	case err != nil && !errors.Is(err, errNone):
		return err
	}
	// What a collector before this one gave out is known to this one only by what is missing.
	stream, err := k.js.Stream(ctx, taskStream)
	if err != nil {
		return err
	}
	if err := stream.Purge(ctx); err != nil {
		return err
	}
	if err := publishJob(ctx, k.js, k.Job, k.Wait); err != nil {
		return err
	}
	return k.give(ctx, slices.Sorted(maps.Keys(k.missing)), k.Span)
}

// mostTasks is about how many tasks are given at once: the queue writes each of them to the disk.
const mostTasks = 1000

// give puts chunks into the queue, so many or more in a task.
func (k *collector) give(ctx context.Context, chunks []int, span int) error {
	span = min(max(span, len(chunks)/mostTasks+1), mostChunks)
	for some := range slices.Chunk(chunks, span) {
		text, err := json.Marshal(task{k.Job.Plan, some})
		if err != nil {
			return err
		}
		if _, err := k.js.PublishAsync(taskSubject, text); err != nil {
			return err
		}
	}
	select {
	case <-k.js.PublishAsyncComplete():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take takes one result after another.
func (k *collector) take(ctx context.Context) error {
	for ctx.Err() == nil {
		m, err := k.results.Next(jetstream.FetchMaxWait(time.Second))
		if err != nil {
			if !errors.Is(err, nats.ErrTimeout) {
				pause(ctx, 100*time.Millisecond)
			}
			continue
		}
		k.accept(ctx, m)
	}
	return nil
}

// accept writes a result, and then acknowledges it. What is not one is dropped and counted.
func (k *collector) accept(all context.Context, m jetstream.Msg) {
	ctx, stop := context.WithTimeout(all, k.Wait+answer)
	defer stop()
	chunk, content, from, err := k.read(ctx, m)
	if err != nil && !errors.Is(err, ErrBad) && all.Err() == nil { // its object cannot be read; it may never have been whole
		if meta, err2 := m.Metadata(); err2 == nil && meta.NumDelivered > 1 {
			err = fmt.Errorf("%w: its object cannot be read: %w", ErrBad, err)
		}
	}
	object := m.Headers().Get(headObject)
	if err == nil {
		if !k.claim(chunk) { // a duplicate is being written
			m.NakWithDelay(time.Second)
			return
		}
		err = k.judge(chunk, content, from)
		k.release(chunk)
	}
	switch {
	case err == nil:
		k.trouble("")
		m.DoubleAck(ctx)
	case errors.Is(err, ErrBad):
		k.drop(err)
		m.Term()
	case all.Err() != nil:
		m.Nak()
		return
	default:
		k.trouble(err.Error())
		m.NakWithDelay(min(k.Wait, 2*time.Second))
		pause(ctx, 500*time.Millisecond)
		return
	}
	if object != "" {
		k.objects.Delete(ctx, object)
	}
}

// read reads a result, and believes nothing that it says.
func (k *collector) read(ctx context.Context, m jetstream.Msg) (chunk int, content []byte, from claim, err error) {
	h := m.Headers()
	chunk, from.sum, err = readResult(m.Subject(), k.Job.Chunks)
	switch {
	case err != nil:
		return 0, nil, from, err
	case h.Get(headPlan) != k.Job.Plan:
		return 0, nil, from, fmt.Errorf("%w: it is of plan %.12q", ErrBad, h.Get(headPlan))
	case h.Get(headProbe) != k.Job.Probe:
		return 0, nil, from, fmt.Errorf("%w: it is from a platform on which a short run gives %.12q", ErrBad, h.Get(headProbe))
	}
	from.worker = plain(fmt.Sprintf("%.*s", mostName, cmp.Or(h.Get(headWorker), "a worker without a name")))
	content = m.Data()
	if object := h.Get(headObject); object != "" {
		if content, err = k.fetch(ctx, object); err != nil {
			return 0, nil, from, err
		}
	}
	if sumOf(content) != from.sum {
		return 0, nil, from, fmt.Errorf("%w: its checksum is wrong", ErrBad)
	}
	return chunk, content, from, nil
}

// fetch reads an object, whose size is not taken on trust.
func (k *collector) fetch(ctx context.Context, name string) ([]byte, error) {
	r, err := k.objects.Get(ctx, name)
	switch {
	case errors.Is(err, jetstream.ErrObjectNotFound), errors.Is(err, jetstream.ErrBadObjectMeta), errors.Is(err, jetstream.ErrNameRequired):
		return nil, fmt.Errorf("%w: there is no object %.40q", ErrBad, name)
	case err != nil:
		return nil, err
	}
	defer r.Close()
	if info, err := r.Info(); err != nil || info.Size > mostResult || info.Opts != nil && info.Opts.Link != nil {
		return nil, fmt.Errorf("%w: it is too large, or no object", ErrBad)
	}
	content, err := io.ReadAll(io.LimitReader(r, mostResult+1))
	switch {
	case errors.Is(err, jetstream.ErrDigestMismatch) || len(content) > mostResult:
		return nil, fmt.Errorf("%w: the object is not what it says", ErrBad)
	case err != nil:
		return nil, err
	}
	return content, nil
}

// claim says whether a chunk may be written now: nobody else is writing it, and the study is not complete yet. What
// comes later changes nothing.
func (k *collector) claim(chunk int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.over || k.at[chunk] {
		return false
	}
	k.at[chunk] = true
	return true
}

func (k *collector) release(chunk int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.at, chunk)
}

func (k *collector) drop(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.said.Dropped++
	k.said.Why = plain(short(err.Error()))
}

func (k *collector) trouble(what string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.said.Trouble = plain(short(what))
}

// mostBeats is how often a worker is listened to in a second.
const mostBeats = 5

// hear takes the heartbeat of a worker.
func (k *collector) hear(m *nats.Msg) {
	b, err := readBeat(m.Subject, m.Data, k.Job.Chunks)
	if err != nil {
		k.drop(err)
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	old, known := k.beats[b.Name]
	now := time.Now()
	if now.Sub(old.since) >= time.Second {
		old.since, old.many = now, 0
	}
	if !known && len(k.beats) >= mostWorkers || old.many >= mostBeats {
		k.said.Dropped++
		k.said.Why = "more lines of workers than are read"
		return
	}
	k.beats[b.Name] = heard{b, now, old.since, old.many + 1}
}

// watch reports progress, gives out again what does not come back, and ends the collection when nothing is missing.
func (k *collector) watch(ctx context.Context, finish func()) error {
	tick := time.NewTicker(min(time.Second, k.Patience/2))
	defer tick.Stop()
	var said, idle time.Time
	isPurged := false
	for {
		k.mu.Lock()
		left, alone := slices.Sorted(maps.Keys(k.missing)), k.alone
		k.over = len(left)+len(k.doubted)+len(k.at) == 0
		over := k.over
		k.mu.Unlock()
		if over {
			finish()
			return nil
		}
		if time.Since(said) >= time.Second {
			said = time.Now()
			k.tell(ctx)
		}
		if alone && !isPurged { // so that workers idle
			stream, err := k.js.Stream(ctx, taskStream)
			isPurged = err == nil && stream.Purge(ctx) == nil
		}
		if out, err := k.out(ctx); err != nil || !out || alone {
			idle = time.Now()
		} else if time.Since(idle) > k.Patience {
			idle = time.Now()
			if err := k.give(ctx, left, 1); err == nil {
				k.mu.Lock()
				k.said.Again += len(left)
				k.mu.Unlock()
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// out says whether nobody has what is missing, or only workers that are slower than those that are idle.
func (k *collector) out(ctx context.Context) (bool, error) {
	ctx, stop := context.WithTimeout(ctx, answer)
	defer stop()
	tasks, err := k.tasks.Info(ctx)
	if err != nil {
		return false, err
	}
	results, err := k.results.Info(ctx)
	if err != nil {
		return false, err
	}
	return tasks.NumPending == 0 && (tasks.NumAckPending == 0 || tasks.NumWaiting > 0) && results.NumPending == 0 && results.NumAckPending == 0, nil
}

// tell reports how far the study is, to the caller and to anyone who asks for the status.
func (k *collector) tell(ctx context.Context) {
	k.mu.Lock()
	k.said.Done = k.Job.Chunks - len(k.missing)
	k.said.Workers = map[string]Beat{}
	for name, h := range k.beats {
		silent := time.Since(h.at)
		if silent > time.Minute {
			delete(k.beats, name)
			continue
		}
		if h.Silent = 0; silent > 5*time.Second {
			h.Silent, h.Rate = int(silent.Seconds()), 0
		}
		k.said.Workers[name] = h.Beat
	}
	p := k.said
	k.mu.Unlock()
	if k.Health != nil {
		if err := k.Health(); err != nil {
			p.Trouble = plain(short("the queue: " + err.Error()))
		}
	}
	if k.Say != nil {
		k.Say(p)
	}
	text, err := json.Marshal(p)
	if err == nil && len(text) > mostInline { // of too many workers
		p.Workers = nil
		text, err = json.Marshal(p)
	}
	if err == nil {
		k.nc.Publish(progressSubject, text)
	}
}

// end says that the study is done, and empties the queue.
func (k *collector) end(ctx context.Context) error {
	k.said.Done = k.Job.Chunks
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		try, stop := context.WithTimeout(ctx, answer)
		err := publishHead(try, k.js, &head{Job: k.Job, Done: true})
		stop()
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return fmt.Errorf("all is collected, but its workers could not be told: %w", err)
		}
		pause(ctx, 500*time.Millisecond)
	}
	for _, name := range []string{taskStream, resultStream, "OBJ_" + bucket} {
		k.js.DeleteStream(ctx, name) // the next study takes over what cannot be deleted now
	}
	return nil
}

// Status is what the collector of a queue said last, or an error where none says anything within a few seconds.
func Status(ctx context.Context, nc *nats.Conn) (p Progress, err error) {
	sub, err := nc.SubscribeSync(progressSubject)
	if err != nil {
		return p, err
	}
	defer sub.Unsubscribe()
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	m, err := sub.NextMsgWithContext(ctx)
	if err != nil {
		return p, fmt.Errorf("nobody collects a study there (%w)", err)
	}
	return readProgress(m.Data)
}
