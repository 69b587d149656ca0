#!/bin/sh
# github.com/nats-io/nats-server/v2 v2.15.2 with github.com/nats-io/nats.go v1.55.0, in one process.
#
# One expects that a message which was delivered MaxDeliver times without an answer is removed from a work queue, or is
# counted somewhere. It stays in the stream, while its consumer reports nothing pending and nothing unanswered. And one
# expects that a larger MaxDeliver, given to the consumer afterwards, has the message delivered again; it is not, nor
# when the limit is lifted. A consumer that is deleted and made anew under the same name gets it at once.
#
# It matters to a plan whose end is "nothing pending": it ends with a chunk missing, and an operator who raises the
# limit for a slow chunk waits for ever. The way around is to compare the stream's count of messages, not the
# consumer's, and to make the consumer anew.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module givenup

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

// deliveries counts how often the consumer gives out its message within a second of silence; it never answers.
func deliveries(consumer jetstream.Consumer) (n int) {
	for {
		_, err := consumer.Next(jetstream.FetchMaxWait(time.Second))
		if errors.Is(err, nats.ErrTimeout) {
			return n
		} else if err != nil {
			log.Fatal(err)
		}
		n++
	}
}

func main() {
	ctx := context.Background()
	s := must(server.NewServer(&server.Options{JetStream: true, StoreDir: "store", DontListen: true, NoSigs: true, NoLog: true}))
	s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		log.Fatal("the server does not start")
	}
	defer s.Shutdown()
	js := must(jetstream.New(must(nats.Connect("", nats.InProcessServer(s)))))
	stream := must(js.CreateStream(ctx, jetstream.StreamConfig{Name: "WORK", Subjects: []string{"work"}, Retention: jetstream.WorkQueuePolicy}))
	must(js.Publish(ctx, "work", nil))

	settings := jetstream.ConsumerConfig{Durable: "worker", AckPolicy: jetstream.AckExplicitPolicy, AckWait: 100 * time.Millisecond, MaxDeliver: 2}
	consumer := must(stream.CreateConsumer(ctx, settings))
	fmt.Printf("MaxDeliver 2: %d deliveries\n", deliveries(consumer))
	info := must(consumer.Info(ctx))
	fmt.Printf("in the stream: %d; pending: %d; unanswered: %d\n",
		must(stream.Info(ctx)).State.Msgs, info.NumPending, info.NumAckPending)

	for _, settings.MaxDeliver = range []int{10, -1} {
		consumer = must(stream.UpdateConsumer(ctx, settings))
		fmt.Printf("MaxDeliver %d: %d deliveries\n", settings.MaxDeliver, deliveries(consumer))
	}
	if err := stream.DeleteConsumer(ctx, "worker"); err != nil {
		log.Fatal(err)
	}
	settings.MaxDeliver = 2
	fmt.Printf("made anew: %d deliveries\n", deliveries(must(stream.CreateConsumer(ctx, settings))))
}
GO
cat >want <<'END'
MaxDeliver 2: 2 deliveries
in the stream: 1; pending: 0; unanswered: 0
MaxDeliver 10: 0 deliveries
MaxDeliver -1: 0 deliveries
made anew: 2 deliveries
END
export GOFLAGS=-mod=mod
go get github.com/nats-io/nats-server/v2@v2.15.2 github.com/nats-io/nats.go@v1.55.0 >/dev/null 2>&1
go run . | tee got
diff want got
