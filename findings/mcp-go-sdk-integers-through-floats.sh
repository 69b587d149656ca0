#!/bin/sh
# github.com/modelcontextprotocol/go-sdk v1.8.0, over its transport in memory.
#
# One expects that a tool whose argument is a Go integer is given the integer that the client sent: the schema that the
# package itself makes of uint64 says "integer", and JSON sets no limit. Before the tool is called, its arguments go
# through float64 to be checked. Beyond 2^53 the tool gets a neighbour of the number, without an error, although the
# request that it is handed beside them still holds the number as sent. The largest uint64 is refused, with an error
# about a number that nobody sent.
#
# It matters for seeds, hashes and times in nanoseconds: the run that a client asks for is not the run that it gets. The
# way around is to decode request.Params.Arguments again in the tool, or to take such numbers as strings.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module integers

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

type arguments struct {
	Seed uint64 `json:"seed"`
}

func run(_ context.Context, request *mcp.CallToolRequest, in arguments) (*mcp.CallToolResult, any, error) {
	fmt.Printf("  the request has %s, the tool gets %d\n", request.Params.Arguments, in.Seed)
	return nil, nil, nil
}

func main() {
	ctx := context.Background()
	server := mcp.NewServer(&mcp.Implementation{Name: "server", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "run"}, run)
	near, far := mcp.NewInMemoryTransports()
	if _, err := server.Connect(ctx, far, nil); err != nil {
		log.Fatal(err)
	}
	client, err := mcp.NewClient(&mcp.Implementation{Name: "client", Version: "1"}, nil).Connect(ctx, near, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, seed := range []string{"9007199254740992", "9007199254740993", "18446744073709551615"} {
		fmt.Println(seed)
		result, err := client.CallTool(ctx, &mcp.CallToolParams{
			Name: "run", Arguments: json.RawMessage(`{"seed":` + seed + `}`),
		})
		if err != nil {
			log.Fatal(err)
		}
		if result.IsError {
			fmt.Printf("  refused: %s\n", result.Content[0].(*mcp.TextContent).Text)
		}
	}
}
GO
cat >want <<'END'
9007199254740992
  the request has {"seed":9007199254740992}, the tool gets 9007199254740992
9007199254740993
  the request has {"seed":9007199254740993}, the tool gets 9007199254740992
18446744073709551615
  refused: json: cannot unmarshal number 18446744073709552000} overflows into Go struct field main.arguments.seed of type uint64
END
GOFLAGS=-mod=mod go get github.com/modelcontextprotocol/go-sdk@v1.8.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
