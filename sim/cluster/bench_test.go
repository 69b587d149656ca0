package cluster

import (
	"context"
	"testing"
)

// BenchmarkQueue is what the queue costs a chunk: the worker's result is there at once, and is as large as that of
// a second of the reference market. One hand, so that this is what it waits for a chunk. The server syncs every result
// to the disk.
func BenchmarkQueue(b *testing.B) {
	s, err := Serve(b.TempDir(), "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	collector, err := s.Connect()
	if err != nil {
		b.Fatal(err)
	}
	defer collector.Close()
	worker, err := (Access{URL: s.URL, User: WorkerUser, Token: s.Token}).Connect()
	if err != nil {
		b.Fatal(err)
	}
	defer worker.Close()
	content := make([]byte, 800<<10)
	const chunks = 512
	missing := make([]int, chunks)
	for i := range missing {
		missing[i] = i
	}
	w := Worker{Hand: 1, Accept: func(Job) (func(context.Context, int) (Outcome, error), string, error) {
		return func(context.Context, int) (Outcome, error) { return Outcome{Content: content}, nil }, "probe", nil
	}}
	for b.Loop() {
		done := make(chan error, 1)
		go func() {
			_, err := Work(b.Context(), worker, w)
			done <- err
		}()
		if _, err := Collect(b.Context(), collector, Collection{Job: toyJob(chunks), Missing: missing, Span: 1,
			Take: func(int, []byte) error { return nil }, Compute: func(context.Context, int) ([]byte, error) { return content, nil }}); err != nil {
			b.Fatal(err)
		}
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*chunks), "ms/chunk")
}
