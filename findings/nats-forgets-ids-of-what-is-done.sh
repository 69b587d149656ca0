#!/bin/sh
# github.com/nats-io/nats-server/v2 v2.15.2 with github.com/nats-io/nats.go v1.55.0, in one process.
#
# One expects that a stream with a duplicate window of an hour refuses the same Nats-Msg-Id for an hour. It does, even
# for a message that is acknowledged and gone from a work queue, until the server stops. A clean restart builds the list
# of ids anew from the messages that are still there, so the ids of all work that is done are forgotten, and the same
# message is taken again as a new one, well within the window. The publisher is told Duplicate: false.
#
# It matters to whoever publishes a plan again after a restart and trusts the window to leave out what is done: finished
# chunks are computed, and counted, twice. The way around is a second stream that keeps one message per subject
# (MaxMsgsPerSubject 1, DiscardNew, DiscardNewPerSubject) for what is done.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module window

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"context"
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

// session starts a server on the same files, does its work, and stops the server in order.
func session(work func(context.Context, jetstream.JetStream)) {
	s := must(server.NewServer(&server.Options{JetStream: true, StoreDir: "store", DontListen: true, NoSigs: true, NoLog: true}))
	s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		log.Fatal("the server does not start")
	}
	connection := must(nats.Connect("", nats.InProcessServer(s)))
	work(context.Background(), must(jetstream.New(connection)))
	connection.Close()
	s.Shutdown()
	s.WaitForShutdown()
}

func publish(ctx context.Context, js jetstream.JetStream, when, id string) {
	ack := must(js.Publish(ctx, "work", nil, jetstream.WithMsgID(id)))
	fmt.Printf("%s, %s: duplicate %t\n", when, id, ack.Duplicate)
}

func main() {
	session(func(ctx context.Context, js jetstream.JetStream) {
		must(js.CreateStream(ctx, jetstream.StreamConfig{
			Name: "WORK", Subjects: []string{"work"}, Retention: jetstream.WorkQueuePolicy, Duplicates: time.Hour,
		}))
		consumer := must(js.CreateConsumer(ctx, "WORK", jetstream.ConsumerConfig{Durable: "worker", AckPolicy: jetstream.AckExplicitPolicy}))
		publish(ctx, js, "at first", "done")
		if err := must(consumer.Next()).DoubleAck(ctx); err != nil {
			log.Fatal(err)
		}
		publish(ctx, js, "at first", "waiting")
		publish(ctx, js, "again", "done")
		publish(ctx, js, "again", "waiting")
	})
	session(func(ctx context.Context, js jetstream.JetStream) {
		publish(ctx, js, "after a restart", "done")
		publish(ctx, js, "after a restart", "waiting")
	})
}
GO
cat >want <<'END'
at first, done: duplicate false
at first, waiting: duplicate false
again, done: duplicate true
again, waiting: duplicate true
after a restart, done: duplicate false
after a restart, waiting: duplicate true
END
export GOFLAGS=-mod=mod
go get github.com/nats-io/nats-server/v2@v2.15.2 github.com/nats-io/nats.go@v1.55.0 >/dev/null 2>&1
go run . | tee got
diff want got
