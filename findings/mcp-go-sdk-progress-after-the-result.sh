#!/bin/sh
# github.com/modelcontextprotocol/go-sdk v1.8.0, over its transport in memory.
#
# One expects that progress which a tool reported before it answered has been handled when CallTool returns: the
# messages come in this order, and the protocol has it that progress ends with the answer. The client hands progress to
# another goroutine and does not wait for it. CallTool returns while the first report is still in its handler and the
# others wait; they are handled in order, some time later, under a token whose call is over.
#
# It matters to a client that shows "done" after the call, or reads a counter that its handler keeps: the bar goes back
# to 40%, the counter is short by a number that differs from run to run. The way around is to count the reports against
# the total that they carry, and to wait for the last.
#
# Seen: "CallTool returned; reports handled: 0" and "later, in order: [0 1 2 3 4]".
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module progress

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func run(ctx context.Context, request *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
	for week := range 5 {
		err := request.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
			ProgressToken: request.Params.GetProgressToken(), Progress: float64(week),
		})
		if err != nil {
			return nil, nil, err
		}
	}
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

	// A slow handler: it goes on only once the call is over.
	over, reports := make(chan struct{}), make(chan float64, 5)
	options := &mcp.ClientOptions{ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
		<-over
		reports <- r.Params.Progress
	}}
	client, err := mcp.NewClient(&mcp.Implementation{Name: "client", Version: "1"}, options).Connect(ctx, near, nil)
	if err != nil {
		log.Fatal(err)
	}
	params := &mcp.CallToolParams{Name: "run", Arguments: struct{}{}}
	params.SetProgressToken("weeks")
	if _, err := client.CallTool(ctx, params); err != nil {
		log.Fatal(err)
	}
	fmt.Println("CallTool returned; reports handled:", len(reports))
	close(over)
	var handled []float64
	for range 5 {
		handled = append(handled, <-reports)
	}
	fmt.Println("later, in order:", handled)
}
GO
GOFLAGS=-mod=mod go get github.com/modelcontextprotocol/go-sdk@v1.8.0 >/dev/null 2>&1
# If the call came to wait for its reports, nothing would end this.
GOFLAGS=-mod=mod go build -o progress .
timeout 60 ./progress | tee got
printf 'CallTool returned; reports handled: 0\nlater, in order: [0 1 2 3 4]\n' | diff - got
