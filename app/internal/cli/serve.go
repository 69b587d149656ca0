package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/words"
	"exodus/sim/cluster"
	"exodus/sim/study"
)

// tokenVariable is where the token of a queue is read: not on the command line, where others could.
const tokenVariable = "EXODUS_TOKEN"

// access are the flags of every command that reaches a queue.
type access struct{ server, nkey, ca, pin string }

func (a *access) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&a.server, "server", "", "the NATS server of the queue: nats://host:port on this machine, tls://host:port on a network; several with commas")
	f.StringVar(&a.nkey, "nkey", "", "a `file` with the seed of an NKey, instead of a token in "+tokenVariable)
	f.StringVar(&a.ca, "ca", "", "a `file` with the certificates to trust, instead of the system's")
	f.StringVar(&a.pin, "pin", "", "the `fingerprint` of the one certificate to trust, as batch --serve prints it")
}

func (a *access) connect(user string, wait bool) (*nats.Conn, error) {
	if a.server == "" {
		return nil, misusef("--server: which queue is needed, such as nats://127.0.0.1:4222")
	}
	nc, err := cluster.Access{URL: a.server, User: user, Token: os.Getenv(tokenVariable), Key: a.nkey, CA: a.ca, Pin: a.pin, Wait: wait}.Connect()
	if err != nil {
		return nil, err
	}
	return nc, nil
}

// queue are the flags of a batch that others work at.
type queue struct {
	access
	serve    bool
	listen   string
	replicas int
	wait     time.Duration
}

func (q *queue) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&q.serve, "serve", false, "let exodus work processes compute, here or on other machines; with --workers, this process computes too")
	f.StringVar(&q.listen, "listen", "127.0.0.1:4222", "the `address` to serve on; TLS is used on any but loopback")
	q.access.flags(cmd)
	f.IntVar(&q.replicas, "replicas", 1, "how many servers of an existing cluster keep the queue: 1, 3 or 5")
	f.DurationVar(&q.wait, "ack-wait", 30*time.Second, "reassign a task after this long without a heartbeat")
}

func (q *queue) isUsed() bool { return q.serve || q.server != "" }

func (o *batchOptions) checkQueue() error {
	q := &o.queue
	switch {
	case !q.isUsed():
		return nil
	case q.serve && q.server != "":
		return misusef("--serve starts a server, --server uses one that is there; choose one")
	case o.share != nil:
		return misusef("--slice is for machines without a queue; choose it, or --serve or --server")
	case o.until != "":
		return misusef("--until asks after each round whether it is enough, and workers go when a round is done; choose it, or --serve or --server")
	case q.replicas != 1 && q.replicas != 3 && q.replicas != 5:
		return misusef("--replicas %d: 1, 3 or 5 is needed", q.replicas)
	case q.wait < 100*time.Millisecond:
		return misusef("--ack-wait %v: at least 100ms is needed", q.wait)
	}
	return nil
}

// collect has the missing chunks computed by the workers of a queue.
func (o *batchOptions) collect(ctx context.Context, plan *study.Plan, model *scenarios.Model, maker *store.Maker, results *store.Study, missing []int, done func(chunk int), say *progress) (err error) {
	var nc, own *nats.Conn
	if len(missing) == 0 {
		return nil
	}
	var health func() error
	if o.queue.serve {
		dir := filepath.Join(results.Dir, ".queue")
		server, err2 := cluster.Serve(dir, o.queue.listen)
		if err2 != nil {
			return err2
		}
		defer func() {
			if err == nil {
				server.Drain(5 * time.Second)
			}
			if server.Close(); err == nil {
				err = os.RemoveAll(dir)
			}
		}()
		health = server.Health
		line := tokenVariable + "=" + server.Token + " exodus work --server " + server.URL
		if server.Pin != "" {
			line += " --pin " + server.Pin
		}
		fmt.Fprintf(say, "Workers join with:\n  %s\n", line)
		if nc, err = server.Connect(); err == nil {
			own, err = server.Connect()
		}
	} else if nc, err = o.queue.connect(cluster.CollectorUser, false); err == nil {
		own, err = o.queue.connect(cluster.CollectorUser, false)
	}
	if err != nil {
		return err
	}
	defer nc.Close()
	defer own.Close()

	probe, err := probeOf(plan, model)
	if err != nil {
		return err
	}
	// The first chunk is computed here, to see how many make a task of about two seconds.
	begun := time.Now()
	first := missing[0]
	if err := results.Run(ctx, maker, []int{first}, done); err != nil {
		return err
	}
	span := min(max(1, int(2*time.Second/max(time.Since(begun), time.Millisecond))), 64, max(1, len(missing)/16))

	watch := &watcher{w: say}
	var working sync.WaitGroup
	work, stop := context.WithCancel(ctx)
	defer working.Wait()
	defer stop()
	if o.workers > 0 {
		working.Go(func() {
			if _, err := cluster.Work(work, own, worker(o.workers, 0, nil)); err != nil && work.Err() == nil {
				fmt.Fprintf(say, "the worker in this process: %v\n", err)
			}
		})
	}
	hand := runtime.GOMAXPROCS(0)
	if o.sketched { // whose chunks are computed by several goroutines each
		hand = 1
	}
	p, err := cluster.Collect(ctx, nc, cluster.Collection{
		Job:     cluster.Job{Version: version(), Plan: results.Head.Hash, Probe: probe, Chunks: plan.Chunks(), Body: results.Head.Encode()},
		Missing: missing[1:], Span: span, Wait: o.queue.wait, Replicas: o.queue.replicas, Own: o.queue.serve, Health: health, Say: watch.say,
		Take: func(chunk int, packed []byte) error {
			c, err := store.Unpack(packed)
			if err == nil {
				err = results.Fits(chunk, c)
			}
			if err != nil {
				return fmt.Errorf("%w: %w", cluster.ErrBad, err)
			}
			switch same, other := results.Holds(chunk, c); {
			case other:
				return cluster.ErrOther
			case same:
				return nil
			}
			if err := results.Add(chunk, c); err != nil {
				return err
			}
			done(chunk)
			return nil
		},
		Forget: func(chunks []int) error {
			say.add(-plan.JobsIn(chunks))
			return results.Forget(chunks)
		},
		Compute: func(ctx context.Context, chunk int) ([]byte, error) {
			c, _, err := maker.Make(ctx, chunk)
			return c.Pack(), err
		},
		Hand: hand,
	})
	if err == nil {
		printChecked(say, p, len(missing)-1, plan.Chunks()-len(missing))
	}
	return err
}

// printChecked prints what came of checking the chunks that workers sent. Those that were there before are taken as they are.
func printChecked(w io.Writer, p cluster.Progress, sent, before int) {
	switch {
	case p.Wrong > 0:
		fmt.Fprintf(w, "WARNING: %s proved wrong; the last one: %s.\n", count(p.Wrong, "result"), p.Alarm)
		fmt.Fprintf(w, "Everything that workers sent was computed again here. Find out whether a machine is faulty, or the token known to others.\n")
		if before > 0 {
			fmt.Fprintf(w, "%s of earlier sessions were not: if workers sent them, start anew in another directory.\n", count(before, "chunk"))
		}
	case sent > 0:
		fmt.Fprintf(w, "Checked: %d of %s that workers sent, computed again here, gave the same results.\n", p.Checked, count(sent, "chunk"))
	}
}

// probeOf is what the first few runs of a plan come to, which shows whether two machines compute alike.
func probeOf(plan *study.Plan, model *scenarios.Model) (string, error) {
	short := *plan
	short.Chunk = min(study.Block, plan.Jobs())
	head := &store.StudyHead{Plan: &short, Frame: model.Frame(), Measures: model.Measures()}
	c, _, err := head.Maker(model).Make(context.Background(), 0)
	if err != nil {
		return "", err
	}
	return c.Digest(), nil
}

// watcher says how a study in a queue goes, beside the progress of its runs.
type watcher struct {
	w    io.Writer
	said time.Time
	last cluster.Progress // that was printed
	now  cluster.Progress
}

func (w *watcher) say(p cluster.Progress) {
	before := w.now
	if w.now = p; p.Trouble != "" && p.Trouble != before.Trouble {
		fmt.Fprintf(w.w, "%s; trying again\n", p.Trouble)
	}
	if p.Wrong > before.Wrong {
		fmt.Fprintf(w.w, "ALARM: %s. Workers are not believed any more: what they sent and was not checked is computed again here.\n", p.Alarm)
	}
	if p.Dropped > before.Dropped {
		fmt.Fprintf(w.w, "%s dropped as invalid so far; the last one: %s\n", count(p.Dropped, "message"), p.Why)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Workers)) {
		if b := p.Workers[name]; b.Failed > before.Workers[name].Failed {
			fmt.Fprintf(w.w, "%s: %s failed so far; the last one: %s\n", name, count(b.Failed, "run"), b.Reason)
		}
	}
	since := time.Since(w.said)
	if since < 10*time.Second || since < time.Minute && p.Done == w.last.Done && len(p.Workers) == len(w.last.Workers) {
		return
	}
	w.said, w.last = time.Now(), p
	printProgress(w.w, p)
}

// printProgress prints how far a study in a queue is, and what each worker does.
func printProgress(w io.Writer, p cluster.Progress) {
	rate, active := 0.0, 0
	for _, b := range p.Workers {
		if rate += b.Rate; b.Silent == 0 {
			active++
		}
	}
	fmt.Fprintf(w, "%d of %d chunks; ", p.Done, p.Chunks)
	if active == 0 {
		fmt.Fprint(w, "no workers")
	} else {
		fmt.Fprintf(w, "%s, %s a second", count(active, "worker"), count(int(math.Round(rate)), "run"))
	}
	for _, some := range []struct {
		n    int
		what string
	}{{p.Again, "given out again"}, {p.Double, "duplicates"}, {p.Dropped, "invalid, dropped"}, {p.Wrong, "proved wrong"}} {
		if some.n > 0 {
			fmt.Fprintf(w, "; %d %s", some.n, some.what)
		}
	}
	fmt.Fprintln(w)
	for _, name := range slices.Sorted(maps.Keys(p.Workers)) {
		fmt.Fprintf(w, "  %s: %s\n", name, describe(p.Workers[name]))
	}
}

// describe says what a worker does.
func describe(b cluster.Beat) string {
	said := fmt.Sprintf("%s, %s a second", count(b.Runs, "run"), words.Count(int(math.Round(b.Rate))))
	if b.Failed > 0 {
		said += fmt.Sprintf(", %d failed (%s)", b.Failed, b.Reason)
	}
	if len(b.Hand) > 0 {
		said += "; working on " + few(b.Hand)
	}
	if b.Waiting != "" {
		said += "; " + b.Waiting
	}
	if b.Silent > 0 {
		said += fmt.Sprintf("; silent for %d s", b.Silent)
	}
	return said
}

func statusCommand() *cobra.Command {
	var a access
	var clear bool
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Print how far a study on many machines is",
		Long:    "Status prints how far the study in a queue is, and what each worker does. A worker's token is enough.",
		Example: "  EXODUS_TOKEN=... exodus status --server nats://127.0.0.1:4222",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			user := cluster.WorkerUser
			if clear {
				user = cluster.CollectorUser
			}
			nc, err := a.connect(user, false)
			if err != nil {
				return err
			}
			defer nc.Close()
			if clear {
				return cluster.Clear(cmd.Context(), nc)
			}
			p, err := cluster.Status(cmd.Context(), nc)
			if err != nil {
				return err
			}
			printProgress(cmd.OutOrStdout(), p)
			if p.Trouble != "" {
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "Trouble at the collector: %s\n", p.Trouble)
			}
			return err
		},
	}
	a.flags(cmd)
	cmd.Flags().BoolVar(&clear, "clear", false, "delete the study that was left in the queue, with all that waits in it; takes the collector's token")
	return cmd
}

// stopped says whether a batch ended because it was asked to.
func stopped(ctx context.Context, err error) bool {
	return errors.Is(err, context.Canceled) || err != nil && ctx.Err() != nil
}
