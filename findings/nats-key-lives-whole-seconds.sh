#!/bin/sh
# github.com/nats-io/nats-server/v2 v2.15.2 with github.com/nats-io/nats.go v1.55.0, in one process.
#
# One expects that a key made with a life of 1.9 seconds is there for 1.9 seconds, or that the fraction is refused. The
# client sends it, the message carries the header "Nats-TTL: 1.9s", and the server deletes the key after one second: the
# fraction is dropped, not rounded. Less than a second is refused, with an error.
#
# It matters to leases: a worker that renews its claim every 1.5 seconds, well within the 1.9 that it asked for, loses
# it each time, and another takes the same work. The way around is to ask for whole seconds, and to renew well within
# them.
#
# Seen: "Nats-TTL: 1.9s" and "gone before 1.9s: true" (after 1.0 s).
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module life

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

func main() {
	ctx := context.Background()
	s := must(server.NewServer(&server.Options{JetStream: true, StoreDir: "store", DontListen: true, NoSigs: true, NoLog: true}))
	s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		log.Fatal("the server does not start")
	}
	defer s.Shutdown()
	js := must(jetstream.New(must(nats.Connect("", nats.InProcessServer(s)))))
	claims := must(js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "claims", LimitMarkerTTL: time.Minute}))

	const life = 1900 * time.Millisecond
	made := time.Now()
	must(claims.Create(ctx, "chunk", nil, jetstream.KeyTTL(life)))
	message := must(must(js.Stream(ctx, "KV_claims")).GetLastMsgForSubject(ctx, "$KV.claims.chunk"))
	fmt.Println("Nats-TTL:", message.Header.Get("Nats-TTL"))
	for {
		_, err := claims.Get(ctx, "chunk")
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			break
		} else if err != nil {
			log.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Printf("gone before 1.9s: %t\n", time.Since(made) < life)
}
GO
export GOFLAGS=-mod=mod
go get github.com/nats-io/nats-server/v2@v2.15.2 github.com/nats-io/nats.go@v1.55.0 >/dev/null 2>&1
go run . | tee got
printf 'Nats-TTL: 1.9s\ngone before 1.9s: true\n' | diff - got
