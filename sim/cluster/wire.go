package cluster

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Names of streams, consumers and subjects.
const (
	jobStream    = "EXODUS_JOB"
	taskStream   = "EXODUS_TASKS"
	resultStream = "EXODUS_RESULTS"
	bucket       = "exodus"
	workers      = "workers"
	collectors   = "collector"

	jobHead         = "exodus.job.head"
	jobBody         = "exodus.job.body."
	taskSubject     = "exodus.task"
	resultSubject   = "exodus.result."
	beatSubject     = "exodus.beat."
	progressSubject = "exodus.progress"
	inbox           = "_INBOX_exodus" // of workers, who could listen to each other
	collectorInbox  = "_INBOX_exodus_collector"
)

// Headers of a result.
const (
	headPlan   = "Exodus-Plan"
	headProbe  = "Exodus-Probe"  // of the platform that computed it
	headObject = "Exodus-Object" // where the content is, if it is not in the message
	headWorker = "Exodus-Worker" // the name that the worker gave itself
)

// Limits of what is accepted.
const (
	mostInline  = 900 << 10 // bytes in a message; the server takes a megabyte, headers included
	mostResult  = 256 << 20 // bytes of the result of a chunk
	mostJob     = 256 << 20 // bytes that a study is described by
	mostChunks  = 256       // in a task
	mostWorkers = 4096
	mostBeat    = 4 << 10
	mostReason  = 200      // bytes of an error that is passed on
	mostWaiting = 64       // results in the hands of a collector
	mostQueued  = 4 << 30  // bytes of results that wait for a collector, in messages; workers wait then
	mostStored  = 16 << 30 // the same in the object store
)

// A Job is a study as its workers know it.
type Job struct {
	Version string `json:"version"` // of the program: workers of another one get no work
	Plan    string `json:"plan"`    // names the plan, by its hash
	Probe   string `json:"probe"`   // the result of a short run on the collector's platform: workers with another result get no work
	Chunks  int    `json:"chunks"`  // of the plan
	Body    []byte `json:"-"`       // describes the study to its workers
}

// head is what is published of a job.
type head struct {
	Job
	Pieces int    `json:"pieces"` // of the body
	Size   int    `json:"size"`   // of the body, before compression
	Sum    string `json:"sum"`    // of the body
	Wait   int64  `json:"wait"`   // in nanoseconds: a task without a heartbeat for so long is reassigned
	Done   bool   `json:"done"`
}

// task is a message in the queue.
type task struct {
	Plan   string `json:"plan"`
	Chunks []int  `json:"chunks"`
}

func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// publishJob makes a job known: the pieces of its body first, then its head.
func publishJob(ctx context.Context, js jetstream.JetStream, j Job, wait time.Duration) error {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write(j.Body)
	if err := w.Close(); err != nil {
		return err
	}
	h := head{Job: j, Size: len(j.Body), Sum: sumOf(j.Body), Wait: int64(wait)}
	for rest := packed.Bytes(); len(rest) > 0; h.Pieces++ {
		n := min(len(rest), mostInline)
		if _, err := js.Publish(ctx, fmt.Sprintf("%s%s.%d", jobBody, j.Plan, h.Pieces), rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return publishHead(ctx, js, &h)
}

func publishHead(ctx context.Context, js jetstream.JetStream, h *head) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	_, err = js.Publish(ctx, jobHead, text)
	return err
}

var errNone = errors.New("there is none")

// last is the last message of a subject in the stream of jobs. A worker may ask for nothing else.
func last(ctx context.Context, nc *nats.Conn, subject string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	m, err := nc.RequestWithContext(ctx, "$JS.API.DIRECT.GET."+jobStream+"."+subject, nil)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return nil, errNone
	case err != nil:
		return nil, err
	case m.Header.Get("Status") == "404":
		return nil, errNone
	case m.Header.Get("Status") != "":
		return nil, fmt.Errorf("the server answers %s %s", m.Header.Get("Status"), m.Header.Get("Description"))
	}
	return m.Data, nil
}

// readHead reads what is studied now, without its body.
func readHead(ctx context.Context, nc *nats.Conn) (*head, error) {
	text, err := last(ctx, nc, jobHead)
	if err != nil {
		return nil, err
	}
	return decodeHead(text)
}

// readBody reads the rest.
func readBody(ctx context.Context, nc *nats.Conn, h *head) error {
	var packed []byte
	for i := range h.Pieces {
		piece, err := last(ctx, nc, fmt.Sprintf("%s%s.%d", jobBody, h.Plan, i))
		if err != nil {
			return err
		}
		packed = append(packed, piece...)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return fmt.Errorf("the description of the study cannot be read: %w", err)
	}
	h.Body, err = io.ReadAll(io.LimitReader(r, int64(h.Size)+1))
	if err != nil || sumOf(h.Body) != h.Sum {
		return errors.New("the description of the study is damaged")
	}
	return nil
}

// ensure makes the streams of the queue, or takes those that are there.
func ensure(ctx context.Context, js jetstream.JetStream, wait time.Duration, replicas int) (tasks, results jetstream.Consumer, objects jetstream.ObjectStore, err error) {
	for _, cfg := range []jetstream.StreamConfig{
		{Name: jobStream, Subjects: []string{"exodus.job.>"}, MaxMsgsPerSubject: 1, AllowDirect: true, MaxBytes: 2 * mostJob},
		{Name: taskStream, Subjects: []string{taskSubject}, Retention: jetstream.WorkQueuePolicy, MaxMsgSize: 16 << 10, MaxBytes: 1 << 30, Discard: jetstream.DiscardNew},
		{Name: resultStream, Subjects: []string{resultSubject + "*.*"}, Retention: jetstream.WorkQueuePolicy, MaxMsgSize: 1 << 20, MaxBytes: mostQueued,
			MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true},
	} {
		cfg.Replicas = replicas
		if _, err = js.CreateOrUpdateStream(ctx, cfg); err != nil {
			return nil, nil, nil, fmt.Errorf("make the stream %s: %w", cfg.Name, err)
		}
	}
	objects, err = js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: bucket, Replicas: replicas, MaxBytes: mostStored, TTL: 24 * time.Hour})
	if err != nil {
		return nil, nil, nil, fmt.Errorf("make the object store: %w", err)
	}
	tasks, err = js.CreateOrUpdateConsumer(ctx, taskStream, jetstream.ConsumerConfig{Durable: workers, AckPolicy: jetstream.AckExplicitPolicy, AckWait: wait, MaxAckPending: 2 * mostWorkers})
	if err != nil {
		return nil, nil, nil, err
	}
	// What a collector before this one was working on is delivered again at once, to a consumer that is new.
	if err = js.DeleteConsumer(ctx, resultStream, collectors); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return nil, nil, nil, err
	}
	results, err = js.CreateOrUpdateConsumer(ctx, resultStream, jetstream.ConsumerConfig{Durable: collectors, AckPolicy: jetstream.AckExplicitPolicy, AckWait: max(wait, answer), MaxAckPending: mostWaiting})
	return tasks, results, objects, err
}
