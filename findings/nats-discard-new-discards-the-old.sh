#!/bin/sh
# github.com/nats-io/nats-server/v2 v2.15.2 with github.com/nats-io/nats.go v1.55.0, in one process.
#
# One expects that a stream which holds one message per subject (MaxMsgsPerSubject: 1) and discards new ones (Discard:
# DiscardNew) refuses the second message of a subject. It takes it, with a new sequence number and no error, and throws
# away the first: the policy is about the limits of the whole stream only. Even a stream that is full by its MaxMsgs
# takes a message in the place of an older one of the same subject, and refuses one of a subject that it does not know.
#
# It matters to whoever builds "the first result counts" on it: the last one does. The way around is
# DiscardNewPerSubject, a third setting beside the two.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module discard

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

func main() {
	ctx := context.Background()
	s := must(server.NewServer(&server.Options{JetStream: true, StoreDir: "store", DontListen: true, NoSigs: true, NoLog: true}))
	s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		log.Fatal("the server does not start")
	}
	defer s.Shutdown()
	js := must(jetstream.New(must(nats.Connect("", nats.InProcessServer(s)))))

	for _, perSubject := range []bool{false, true} {
		name := fmt.Sprintf("results-%t", perSubject)
		stream := must(js.CreateStream(ctx, jetstream.StreamConfig{
			Name: name, Subjects: []string{name + ".*"}, MaxMsgs: 2,
			MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DiscardNewPerSubject: perSubject,
		}))
		fmt.Printf("DiscardNewPerSubject %t:", perSubject)
		for _, message := range [][2]string{{"a", "first"}, {"b", "first"}, {"a", "second"}, {"c", "first"}} {
			outcome := "taken"
			if _, err := js.Publish(ctx, name+"."+message[0], []byte(message[1])); err != nil {
				outcome = "refused"
			}
			fmt.Printf(" %s %s %s,", message[0], message[1], outcome)
		}
		fmt.Printf(" a is the %s\n", must(stream.GetLastMsgForSubject(ctx, name+".a")).Data)
	}
}
GO
cat >want <<'END'
DiscardNewPerSubject false: a first taken, b first taken, a second taken, c first refused, a is the second
DiscardNewPerSubject true: a first taken, b first taken, a second refused, c first refused, a is the first
END
export GOFLAGS=-mod=mod
go get github.com/nats-io/nats-server/v2@v2.15.2 github.com/nats-io/nats.go@v1.55.0 >/dev/null 2>&1
go run . | tee got
diff want got
