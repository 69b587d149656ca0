package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// forged is a result of a chunk that could be true, and is not.
func forged(chunk int, by string) []byte { return fmt.Appendf(nil, "of chunk %d, says %s", chunk, by) }

// send sends a result by a worker of that name, and waits until the server has it.
func send(t *testing.T, nc *nats.Conn, worker string, chunk, chunks int, content []byte) {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	m := resultOf(chunk, chunks, content)
	m.Header.Set(headWorker, worker)
	await(t, "the queue", func(ctx context.Context) bool { _, err := js.PublishMsg(ctx, m); return err == nil })
}

// believing collects whatever could be true.
func believing(dir string, chunks int) Collection {
	c := toyCollection(dir, chunks)
	c.Take = takeAny(dir)
	return c
}

// Forged results of most chunks, each by another name, are there before an honest worker comes: the sample finds one, and
// then none of them stays.
func TestForged(t *testing.T) {
	t.Parallel()
	const chunks = 8
	dir := toyStudy(t, chunks)
	_, nc, worker := serveHere(t)
	c := believing(dir, chunks)
	sent := make(chan bool)
	c.Compute = func(ctx context.Context, chunk int) ([]byte, error) {
		<-sent // or the study would be over before
		return contentOf(chunk), nil
	}
	over := make(chan error, 1)
	var p Progress
	go func() {
		var err error
		p, err = Collect(t.Context(), nc, c)
		over <- err
	}()
	for chunk := range chunks - 1 {
		by := fmt.Sprint("forger-", chunk)
		send(t, worker, by, chunk, chunks, forged(chunk, by))
	}
	close(sent)
	go Work(t.Context(), worker, toyWorker(0))
	if err := <-over; err != nil || p.Wrong == 0 || !strings.Contains(p.Alarm, "is wrong, as computing it here shows") {
		t.Errorf("%v, %+v", err, p)
	}
	check(t, dir, chunks)
}

// Where two results of a chunk differ, the right one stays, whichever came first, and both workers are named.
func TestDispute(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"honest", "forger"}, {"forger", "honest"}} {
		t.Run(order[0]+" first", func(t *testing.T) {
			t.Parallel()
			const chunks = 4
			dir := toyStudy(t, chunks)
			_, nc, worker := serveHere(t)
			c := believing(dir, chunks)
			c.Hand = 4
			both := make(chan bool)
			c.Compute = func(ctx context.Context, chunk int) ([]byte, error) {
				select {
				case <-both:
				case <-ctx.Done():
				}
				return contentOf(chunk), nil
			}
			over := make(chan error, 1)
			var p Progress
			go func() {
				var err error
				p, err = Collect(t.Context(), nc, c)
				over <- err
			}()
			for _, by := range order {
				content := contentOf(1)
				if by == "forger" {
					content = forged(1, by)
				}
				send(t, worker, by, 1, chunks, content)
				await(t, "it is taken", func(context.Context) bool {
					js, _ := jetstream.New(nc)
					s, err := js.Stream(t.Context(), resultStream)
					return err == nil && s.CachedInfo().State.Msgs == 0
				})
			}
			if !slices.Contains(missingIn(dir, chunks), 1) {
				t.Error("while two results are at odds, one of them is believed")
			}
			close(both)
			go Work(t.Context(), worker, toyWorker(0))
			if err := <-over; err != nil || p.Wrong == 0 || !strings.Contains(p.Alarm, "chunk 1: the result of forger is wrong, as computing it here shows; that of honest is right") {
				t.Errorf("%v, %+v", err, p)
			}
			check(t, dir, chunks)
		})
	}
}

// A chunk whose result is different each time ends the collection, and is not left behind.
func TestUnresolved(t *testing.T) {
	t.Parallel()
	const chunks = 4
	dir := toyStudy(t, chunks)
	_, nc, worker := serveHere(t)
	c := believing(dir, chunks)
	c.Hand = 4
	sent := make(chan bool)
	c.Compute = func(ctx context.Context, chunk int) ([]byte, error) {
		select {
		case <-sent:
		case <-ctx.Done():
		}
		return contentOf(chunk), nil
	}
	over := make(chan error, 1)
	go func() {
		_, err := Collect(t.Context(), nc, c)
		over <- err
	}()
	for _, by := range []string{"a\x1b[31m", "b"} {
		send(t, worker, by, 1, chunks, forged(1, by))
	}
	await(t, "the second is put aside", func(context.Context) bool {
		js, _ := jetstream.New(nc)
		s, err := js.Stream(t.Context(), resultStream)
		return err == nil && s.CachedInfo().State.Msgs == 0
	})
	close(sent)
	err := <-over
	if !errors.Is(err, ErrUnresolved) || !strings.Contains(err.Error(), `chunk 1: the results of "a\x1b[31m" and b differ`) {
		t.Error(err)
	}
	if !slices.Contains(missingIn(dir, chunks), 1) {
		t.Error("a chunk of which nobody knows what it comes to is left behind")
	}
}

// A wrong result of a chunk that an earlier session collected is an alarm too.
func TestDisputeWithBefore(t *testing.T) {
	t.Parallel()
	for name, before := range map[string][]byte{"before is right": contentOf(1), "before is wrong": forged(1, "x")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const chunks = 4
			dir := toyStudy(t, chunks)
			if err := takeAny(dir)(1, before); err != nil {
				t.Fatal(err)
			}
			_, nc, worker := serveHere(t)
			over := make(chan error, 1)
			var p Progress
			go func() {
				var err error
				p, err = Collect(t.Context(), nc, believing(dir, chunks))
				over <- err
			}()
			late := contentOf(1)
			if bytes.Equal(before, late) {
				late = forged(1, "y")
			}
			send(t, worker, "late", 1, chunks, late)
			go Work(t.Context(), worker, toyWorker(0))
			if err := <-over; err != nil || p.Wrong == 0 || !strings.Contains(p.Alarm, "chunk 1: the result of ") {
				t.Errorf("%v, %+v", err, p)
			}
			check(t, dir, chunks)
		})
	}
}

// Honest workers are checked by a sample, and believed.
func TestSample(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{0: 0, 1: 1, 2: 2, 8: 2, 200: 2, 201: 3, 65_000: 650} {
		chunks := make([]int, n)
		for i := range chunks {
			chunks[i] = i
		}
		if got := sampled("key", chunks); len(got) != want || !equal(got, sampled("key", chunks)) {
			t.Errorf("%d of %d chunks, want %d, always the same", len(got), n, want)
		} else if n > 200 && equal(got, sampled("another", chunks)) {
			t.Errorf("of %d chunks, the same are checked with another key", n)
		}
	}
	const chunks = 20
	dir := toyStudy(t, chunks)
	_, nc, worker := serveHere(t)
	go Work(t.Context(), worker, toyWorker(0))
	if p, err := Collect(t.Context(), nc, believing(dir, chunks)); err != nil || p.Checked != 2 || p.Wrong != 0 || p.Alarm != "" {
		t.Errorf("%v, %+v; want two that are checked", err, p)
	}
	check(t, dir, chunks)
}

func equal(a, b map[int]bool) bool {
	for x := range a {
		if !b[x] {
			return false
		}
	}
	return len(a) == len(b)
}

// What is in doubt when a collection is stopped is missing afterwards.
func TestStoppedInDoubt(t *testing.T) {
	t.Parallel()
	const chunks = 4
	dir := toyStudy(t, chunks)
	_, nc, worker := serveHere(t)
	ctx, stop := context.WithCancel(t.Context())
	c := believing(dir, chunks)
	c.Compute = func(ctx context.Context, chunk int) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	over := make(chan error, 1)
	go func() {
		_, err := Collect(ctx, nc, c)
		over <- err
	}()
	send(t, worker, "honest", 1, chunks, contentOf(1))
	await(t, "it is taken", func(context.Context) bool { return !slices.Contains(missingIn(dir, chunks), 1) })
	send(t, worker, "forger", 1, chunks, forged(1, "forger"))
	await(t, "both are put aside", func(context.Context) bool { return slices.Contains(missingIn(dir, chunks), 1) })
	stop()
	if err := <-over; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if !slices.Contains(missingIn(dir, chunks), 1) {
		t.Error("one of two results that are at odds is left behind")
	}
}
