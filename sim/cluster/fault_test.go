package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
)

// wire is a connection that can be cut: a proxy before a server.
type wire struct {
	net.Listener
	mu    sync.Mutex
	isCut bool
	open  []net.Conn
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l}
	t.Cleanup(func() { l.Close(); w.cut(true) })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", to)
			w.mu.Lock()
			if err != nil || w.isCut {
				from.Close()
				if err == nil {
					up.Close()
				}
				w.mu.Unlock()
				continue
			}
			w.open = append(w.open, from, up)
			w.mu.Unlock()
			go func() { io.Copy(up, from); up.Close() }()
			go func() { io.Copy(from, up); from.Close() }()
		}
	}()
	return w
}

func (w *wire) cut(is bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = is
	for _, c := range w.open {
		c.Close()
	}
	w.open = nil
}

// toyPace is how long a chunk takes in schedules of faults.
const toyPace = 15 * time.Millisecond

// The faults of a schedule. The last one is not in random ones: it takes a minute where there is time for it.
const (
	workerKilled = iota
	serverKilled // with its collector
	workerFrozen // for longer than a task may be silent
	connectionCut
	deliveredTwice
	workerSlow // slower than the study is
	diskFull   // that of results and queue
	connectionCutLong
	faults
)

var faultNames = [faults]string{"worker killed", "server killed", "worker frozen", "connection cut", "delivered twice", "worker slow", "disk full", "connection cut for long"}

// Each fault alone, and random schedules of three (more of them where there is time). Nothing is lost, nothing
// is there twice, and all bytes are those that were to be computed.
func TestFaults(t *testing.T) {
	t.Parallel()
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		schedule(t, random(0), nil)
	})
	for fault, name := range faultNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schedule(t, random(0), []int{fault})
		})
	}
	many := 6
	if os.Getenv("EXODUS_SOAK") != "" {
		many = 40
	}
	for seed := range uint64(many) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			r := random(seed)
			schedule(t, r, []int{r.IntN(connectionCutLong), r.IntN(connectionCutLong), r.IntN(connectionCutLong)})
		})
	}
}

func schedule(t *testing.T, r *rand.Rand, faults []int) {
	const apart = 100 // chunks, at least as many as are done while a worker is frozen
	chunks := apart * (1 + len(faults))
	small := t.TempDir()
	isSmall := mountSmall(small)
	if isSmall == nil {
		t.Cleanup(func() { unmount(small) })
	}
	dir, port := toyStudyIn(t, small, chunks), freePort(t)
	address := "127.0.0.1:" + port
	collector := start(t, "collector", 0, dir, address)
	line := newWire(t, address)
	urls := []string{"nats://" + address, "nats://" + line.Addr().String()}
	var workers []*process
	for i := range 2 {
		workers = append(workers, start(t, "worker", toyPace, urls[i]))
	}
	begun := time.Now()
	var story []string
	for n, fault := range faults {
		strikes := 1 + apart*n + r.IntN(apart) // with so many chunks there; a fault before it may have let more pass
		await(t, fmt.Sprintf("chunk %d", strikes), func(context.Context) bool { return chunks-len(missingIn(dir, chunks)) >= strikes })
		left := len(missingIn(dir, chunks))
		if left == 0 {
			story = append(story, "too late for another")
			break
		}
		i := r.IntN(2)
		what := ""
		switch fault {
		case workerKilled:
			what = "a worker is killed"
			workers[i].kill()
			workers[i] = start(t, "worker", toyPace, urls[i])
		case serverKilled:
			what = "collector and server are killed"
			collector.kill()
			collector = start(t, "collector", 0, dir, address)
		case workerFrozen:
			what = "a worker is frozen"
			workers[i].Process.Signal(syscall.SIGSTOP)
			time.Sleep(2 * wait)
			workers[i].Process.Signal(syscall.SIGCONT)
		case connectionCut, connectionCutLong:
			long := 2 * wait
			if fault == connectionCutLong { // with the other worker killed, so that it counts
				long = longCut()
				workers[0].kill()
			}
			what = fmt.Sprintf("a connection is cut for %v", long)
			line.cut(true)
			time.Sleep(long)
			line.cut(false)
		case deliveredTwice:
			what = "twenty results come from elsewhere too"
			deliver(t, urls[0], chunks, r)
		case workerSlow:
			what = "a slow worker joins"
			start(t, "worker", time.Hour, urls[i])
		case diskFull:
			if isSmall != nil {
				what = "NOT TRIED: a small disk takes root"
				break
			}
			what = "the disk is full"
			filler := filepath.Join(small, "filler")
			fill(t, filler)
			time.Sleep(2 * wait)
			os.Remove(filler)
		}
		story = append(story, fmt.Sprintf("with %d left %s", left, what))
	}
	defer func() {
		if t.Failed() {
			t.Logf("%s; missing: %v", strings.Join(story, ", "), missingIn(dir, chunks))
			for _, w := range workers {
				t.Logf("a worker says %q", w.out)
			}
		}
	}()
	ends(t, collector)
	if story == nil {
		story = []string{"no fault"}
	}
	t.Logf("%d chunks, %s: %.1f s; %s", chunks, strings.Join(story, ", "), time.Since(begun).Seconds(), strings.TrimSpace(collector.out.String()))
	check(t, dir, chunks)
}

// deliver sends results that were sent already, or that somebody else is about to send.
func deliver(t *testing.T, url string, chunks int, r *rand.Rand) {
	t.Helper()
	nc, err := Access{URL: url, User: WorkerUser, Token: testToken, Wait: true}.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	for range 20 {
		chunk := r.IntN(chunks)
		for isLarge(chunk) {
			chunk = r.IntN(chunks)
		}
		if err := nc.PublishMsg(resultOf(chunk, chunks, contentOf(chunk))); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.FlushTimeout(10 * time.Second); err != nil {
		t.Fatal(err)
	}
}

// resultOf is a result as a worker sends it.
func resultOf(chunk, chunks int, content []byte) *nats.Msg {
	m := nats.NewMsg(fmt.Sprint(resultSubject, chunk, ".", sumOf(content)))
	m.Data = content
	m.Header.Set(headPlan, toyJob(chunks).Plan)
	m.Header.Set(headProbe, "probe")
	return m
}

// longCut is how long the long cut lasts: a minute where there is time for it.
func longCut() time.Duration {
	if os.Getenv("EXODUS_SOAK") != "" {
		return time.Minute
	}
	return 5 * time.Second
}

// three is a cluster of three servers, with the configuration that is shipped, with a collector and two workers at it.
type three struct {
	nodes        []*process
	environments [][]string
	collector    *process
	js           jetstream.JetStream
}

func startThree(t *testing.T, dir string) *three {
	t.Helper()
	var ports, urls []string
	for i := range 6 {
		ports = append(ports, freePort(t))
		if i%2 == 0 {
			urls = append(urls, "tls://127.0.0.1:"+ports[i])
		}
	}
	c := &three{}
	for i := range 3 {
		c.environments = append(c.environments, surroundings(t, dir, ports, i))
		c.nodes = append(c.nodes, startIn(t, c.environments[i], "node", 0, configFile))
	}
	env, all := c.environments[0], strings.Join(urls, ",")
	nc, err := Access{URL: all, User: CollectorUser, Token: testToken, CA: filepath.Join(dir, "certificate.pem"), Wait: true}.Connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if c.js, err = jetstream.New(nc); err != nil {
		t.Fatal(err)
	}
	await(t, "the servers elect a leader", func(ctx context.Context) bool { _, err := c.js.AccountInfo(ctx); return err == nil })
	c.collector = startIn(t, env, "collector", 0, dir, all)
	startIn(t, env, "worker", toyPace, all)
	startIn(t, env, "worker", toyPace, all)
	return c
}

// The leader of the results is lost for good.
func TestLeaderLost(t *testing.T) {
	t.Parallel()
	const chunks = 300
	dir := toyStudy(t, chunks)
	c := startThree(t, dir)
	var leader string
	await(t, "results come in", func(ctx context.Context) bool {
		s, err := c.js.Stream(ctx, resultStream)
		if err == nil && s.CachedInfo().Cluster != nil {
			leader = s.CachedInfo().Cluster.Leader
		}
		return leader != "" && len(missingIn(dir, chunks)) < chunks-20
	})
	before := chunks - len(missingIn(dir, chunks))
	for i, node := range c.nodes {
		if leader == fmt.Sprintf("node%d", i) {
			node.kill()
		}
	}
	ends(t, c.collector)
	t.Logf("%s was killed after %d of %d chunks; %s", leader, before, chunks, strings.TrimSpace(c.collector.out.String()))
	check(t, dir, chunks)
}

// All servers are lost at once, and come back with what is on their disks. The collector and the workers stay.
func TestServersLost(t *testing.T) {
	t.Parallel()
	const chunks = 300
	dir := toyStudy(t, chunks)
	c := startThree(t, dir)
	await(t, "results come in", func(context.Context) bool { return len(missingIn(dir, chunks)) < chunks-20 })
	before := chunks - len(missingIn(dir, chunks))
	for _, node := range c.nodes {
		node.kill()
	}
	begun := time.Now()
	for i := range c.nodes {
		startIn(t, c.environments[i], "node", 0, configFile)
	}
	ends(t, c.collector)
	t.Logf("all were killed after %d of %d chunks, and the rest took %.1f s; %s", before, chunks, time.Since(begun).Seconds(),
		strings.TrimSpace(c.collector.out.String()))
	check(t, dir, chunks)
}

func await(t *testing.T, what string, is func(ctx context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	try := func() bool {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		return is(ctx)
	}
	for !try() {
		if ctx.Err() != nil {
			t.Fatalf("not within a minute: %s", what)
		}
		pause(ctx, 20*time.Millisecond)
	}
}

// serveHere starts a server in this process, and connects a collector and a worker.
func serveHere(t *testing.T) (s *Server, collector, worker *nats.Conn) {
	t.Helper()
	return serveIn(t, t.TempDir())
}

// serveIn does, in a directory.
func serveIn(t *testing.T, dir string) (s *Server, collector, worker *nats.Conn) {
	t.Helper()
	s, err := Serve(filepath.Join(dir, ".queue"), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if collector, err = s.Connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(collector.Close)
	if worker, err = (Access{URL: s.URL, User: WorkerUser, Token: s.Token}).Connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(worker.Close)
	return s, collector, worker
}

// The disk is full for a while, that of the results and that of the queue: somebody says so, all go on trying, and
// nothing is lost.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for name, queueToo := range map[string]bool{"results": false, "queue and results": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			small := t.TempDir()
			if err := mountSmall(small); err != nil {
				t.Logf("NOT CHECKED on a real full disk: %v", err)
				return
			}
			t.Cleanup(func() { unmount(small) })
			const chunks = 27 // two of which take more than a megabyte
			queue := t.TempDir()
			if queueToo {
				queue = small
			}
			s, nc, nw := serveIn(t, queue)
			filler := filepath.Join(small, "filler")
			begun := false
			var said string
			c := toyCollection(small, chunks)
			c.Health = s.Health
			c.Say = func(p Progress) {
				if !begun {
					begun = true
					fill(t, filler)
					go Work(t.Context(), nw, toyWorker(0))
				}
				if said == "" && strings.Contains(p.Trouble, "no space left") {
					said = p.Trouble
					os.Remove(filler)
				}
			}
			p, err := Collect(t.Context(), nc, c)
			if err != nil || said == "" {
				t.Errorf("with a disk that was full, it was said %q: %v, %+v", said, err, p)
			}
			t.Log(said)
			check(t, small, chunks)
		})
	}
}

// fill takes all that is left on a disk but a little.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size >= 64<<10; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}

// A worker that is slow does not hold up the end: what it has in hand is given to one that is idle.
func TestSlowWorker(t *testing.T) {
	t.Parallel()
	const chunks = 20
	dir := toyStudy(t, chunks)
	_, nc, slow := serveHere(t)
	ctx, cancel := context.WithCancel(t.Context())
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel()
	s := toyWorker(0)
	held := make(chan bool, chunks)
	s.Accept = func(Job) (func(context.Context, int) (Outcome, error), string, error) {
		return func(context.Context, int) (Outcome, error) {
			held <- true
			<-ctx.Done() // slower than the test is
			return Outcome{}, ctx.Err()
		}, "probe", nil
	}
	working.Go(func() { Work(ctx, slow, s) })
	working.Go(func() {
		<-held
		Work(ctx, nc, toyWorker(0))
	})
	c := toyCollection(dir, chunks)
	c.Span, c.Wait, c.Patience = 2, time.Minute, wait
	p, err := Collect(t.Context(), nc, c)
	if err != nil || p.Again == 0 {
		t.Errorf("%v, %+v", err, p)
	}
	check(t, dir, chunks)
}

// A worker that was frozen until its study was over ends: at once if a server tells it so, and soon if there is none.
func TestFrozenPastEnd(t *testing.T) {
	t.Parallel()
	for name, isThere := range map[string]bool{"with a server": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const chunks = 4
			dir := toyStudy(t, chunks)
			s, nc, nw := serveIn(t, dir)
			c := toyCollection(dir, chunks)
			frozen := startIn(t, []string{"EXODUS_TEST_GONE=2s"}, "worker", 2*time.Second, s.URL)
			isFrozen := false
			c.Say = func(p Progress) {
				for _, b := range p.Workers {
					if len(b.Hand) > 0 && !isFrozen {
						isFrozen = true
						frozen.Process.Signal(syscall.SIGSTOP)
						go Work(t.Context(), nw, toyWorker(0))
					}
				}
			}
			if _, err := Collect(t.Context(), nc, c); err != nil {
				t.Fatal(err)
			}
			if !isThere {
				s.Close()
			}
			frozen.Process.Signal(syscall.SIGCONT)
			select {
			case err := <-frozen.done:
				frozen.done <- err
				if isThere != (err == nil) || !isThere && !strings.Contains(frozen.out.String(), "nothing was heard of the study for 2s") {
					t.Errorf("%v, %s", err, frozen.out)
				}
			case <-time.After(time.Minute):
				t.Error("it stays")
			}
		})
	}
}

// What is delivered twice is there once. While the first waits, the queue refuses the second; later it is compared
// with what is there, and dropped if it differs.
func TestTwice(t *testing.T) {
	t.Parallel()
	const chunks = 3
	dir := toyStudy(t, chunks)
	_, nc, worker := serveHere(t)
	js, err := jetstream.New(worker)
	if err != nil {
		t.Fatal(err)
	}
	taken, write := make(chan int, 100), make(chan bool)
	collect := take(dir)
	over := make(chan Progress, 1)
	go func() {
		c := toyCollection(dir, chunks)
		c.Wait = time.Minute
		c.Take = func(chunk int, content []byte) error {
			taken <- chunk
			<-write
			return collect(chunk, content)
		}
		p, err := Collect(t.Context(), nc, c)
		if err != nil {
			t.Error(err)
		}
		over <- p
	}()
	send := func(chunk int, content []byte) error {
		_, err := js.PublishMsg(t.Context(), resultOf(chunk, chunks, content))
		return err
	}
	await(t, "the queue", func(context.Context) bool { return send(1, contentOf(1)) == nil })
	<-taken
	var refused *jetstream.APIError
	if err := send(1, contentOf(1)); !errors.As(err, &refused) || !strings.Contains(refused.Description, "per subject") {
		t.Errorf("a second result for a chunk that waits: %v", err)
	}
	close(write)
	await(t, "the first is taken", func(context.Context) bool { return send(1, contentOf(1)) == nil })
	<-taken
	await(t, "the second is taken", func(context.Context) bool { return send(1, []byte("other bytes")) == nil })
	ours, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the other bytes are judged", func(ctx context.Context) bool {
		stream, err := ours.Stream(ctx, resultStream)
		return err == nil && stream.CachedInfo().State.Msgs == 0
	})
	go Work(t.Context(), worker, toyWorker(0))
	if p := <-over; p.Double < 1 || p.Dropped+p.Wrong != 1 { // wrong, if that chunk was checked by then
		t.Errorf("%+v; want one that was there already, and one that was dropped", p)
	}
	check(t, dir, chunks)
}

// A worker that is told to stop while its server is away does not wait for it for ever, and says what is lost.
func TestStoppedWithoutServer(t *testing.T) {
	t.Parallel()
	s, nc, worker := serveHere(t)
	ctx, stop := context.WithCancel(t.Context())
	w := toyWorker(0)
	w.Accept = func(Job) (func(context.Context, int) (Outcome, error), string, error) {
		return func(_ context.Context, chunk int) (Outcome, error) {
			s.Close()
			stop()
			return Outcome{Content: contentOf(chunk)}, nil
		}, "probe", nil
	}
	go Collect(ctx, nc, toyCollection(t.TempDir(), 1))
	if _, err := Work(ctx, worker, w); err == nil || !strings.Contains(err.Error(), "chunk 0: not delivered, and left to others") {
		t.Error(err)
	}
}

// A task that takes longer than one may be silent stays with its worker, who says that it is at it.
func TestLongTask(t *testing.T) {
	t.Parallel()
	const chunks, long = 4, 4 * wait // on a busy machine, a heartbeat is late
	dir := toyStudy(t, chunks)
	_, nc, worker := serveHere(t)
	var times [chunks]atomic.Int32
	w := toyWorker(0)
	w.Accept = func(Job) (func(context.Context, int) (Outcome, error), string, error) {
		return func(ctx context.Context, chunk int) (Outcome, error) {
			times[chunk].Add(1)
			pause(ctx, 2*long)
			return Outcome{Content: contentOf(chunk)}, nil
		}, "probe", nil
	}
	for range 2 {
		go Work(t.Context(), worker, w)
	}
	c := toyCollection(dir, chunks)
	c.Missing, c.Wait, c.Patience = c.Missing[:2], long, time.Hour
	if p, err := Collect(t.Context(), nc, c); err != nil || p.Double != 0 {
		t.Errorf("%v, %+v", err, p)
	}
	for chunk := range 2 {
		if n := times[chunk].Load(); n != 1 {
			t.Errorf("chunk %d was computed %d times", chunk, n)
		}
	}
}

// A study of very many chunks begins at once: its tasks are larger, not more.
func TestManyChunks(t *testing.T) {
	t.Parallel()
	const chunks = 60_000
	_, nc, worker := serveHere(t)
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	defer working.Wait()
	defer stop()
	working.Go(func() { Work(ctx, worker, toyWorker(0)) })
	c := toyCollection(t.TempDir(), chunks)
	c.Wait = time.Minute
	c.Take = func(chunk int, _ []byte) error {
		if chunk >= 100 {
			stop()
		}
		return nil
	}
	_, err := Collect(ctx, nc, c)
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "begin") {
		t.Error(err)
	}
}

// When a study is done and its server is closed, nothing of them goes on.
func TestNothingStays(t *testing.T) {
	before := goleak.IgnoreCurrent()
	const chunks = 20
	dir := toyStudy(t, chunks)
	s, err := Serve(t.TempDir(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nc, err := s.Connect()
	if err != nil {
		t.Fatal(err)
	}
	nw, err := Access{URL: s.URL, User: WorkerUser, Token: s.Token}.Connect()
	if err != nil {
		t.Fatal(err)
	}
	var working sync.WaitGroup
	working.Go(func() {
		if _, err := Work(t.Context(), nw, toyWorker(0)); err != nil {
			t.Error(err)
		}
	})
	if _, err := Collect(t.Context(), nc, toyCollection(dir, chunks)); err != nil {
		t.Error(err)
	}
	working.Wait()
	nw.Close()
	nc.Close()
	s.Close()
	goleak.VerifyNone(t, before)
}
