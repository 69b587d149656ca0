#!/bin/sh
# github.com/modelcontextprotocol/go-sdk v1.8.0, over its transport in memory.
#
# One expects that a schema which the package derives from a Go type takes what the package makes of each value of that
# type. A nil slice becomes null, and its schema says "null or array". A nil map becomes null, too, but its schema says
# "object": the server refuses the answer of its own tool, and the client gets an error of the protocol instead of a
# result.
#
# It matters to answers that hold a map which is filled only sometimes, such as counts by supplier: the tool passes its
# tests, and fails on the first run in which nobody leaves. The way around is to make the map always, or "omitempty".
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module empty

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type slice struct {
	Left []string `json:"left"`
}

type dictionary struct {
	Left map[string]int `json:"left"`
}

// call says what becomes of a tool that answers with a value.
func call[T any](what string, answer T) {
	ctx := context.Background()
	server := mcp.NewServer(&mcp.Implementation{Name: "server", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "run"}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, T, error) {
		return nil, answer, nil
	})
	near, far := mcp.NewInMemoryTransports()
	if _, err := server.Connect(ctx, far, nil); err != nil {
		log.Fatal(err)
	}
	client, err := mcp.NewClient(&mcp.Implementation{Name: "client", Version: "1"}, nil).Connect(ctx, near, nil)
	if err != nil {
		log.Fatal(err)
	}
	result, err := client.CallTool(ctx, &mcp.CallToolParams{Name: "run", Arguments: struct{}{}})
	if err != nil {
		fmt.Printf("%s: refused\n", what)
		return
	}
	text, err := json.Marshal(result.StructuredContent)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s\n", what, text)
}

func main() {
	call("a nil slice", slice{})
	call("a map", dictionary{map[string]int{"a": 1}})
	call("an empty map", dictionary{map[string]int{}})
	call("a nil map", dictionary{})
}
GO
cat >want <<'END'
a nil slice: {"left":null}
a map: {"left":{"a":1}}
an empty map: {"left":{}}
a nil map: refused
END
GOFLAGS=-mod=mod go get github.com/modelcontextprotocol/go-sdk@v1.8.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
