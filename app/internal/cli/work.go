package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"exodus/app/internal/store"
	"exodus/sim/cluster"
)

func workCommand() *cobra.Command {
	var a access
	var hands int
	var lost time.Duration
	var isQuiet bool
	cmd := &cobra.Command{
		Use:   "work",
		Short: "Compute chunks of a study that is served by another machine",
		Long: `Work takes chunks of the study in a queue, which exodus batch --serve or --server put there, runs them, and sends the
results. It needs no files: scenario and plan come with the queue. It ends when the study is done, and gives up when the
collector has been silent for 5 minutes. With Ctrl-C it finishes the chunks that it is working on, and gives the rest back.`,
		Example: `  EXODUS_TOKEN=... exodus work --server nats://127.0.0.1:4222    # the line that batch --serve prints
  EXODUS_TOKEN=... exodus work --server tls://node1:4222 --pin ...`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := soundWorkers(hands); err != nil {
				return err
			}
			nc, err := a.connect(cluster.WorkerUser, true)
			if err != nil {
				return err
			}
			defer nc.Close()
			w := cmd.ErrOrStderr()
			if isQuiet {
				w = io.Discard
			}
			if hands == 0 {
				hands = runtime.GOMAXPROCS(0)
			}
			var last time.Time
			var waits string
			done, err := cluster.Work(cmd.Context(), nc, worker(hands, lost, func(b cluster.Beat) {
				if time.Since(last) < 10*time.Second && (b.Waiting == "" || b.Waiting == waits) || b.Waiting == waits && waits != "" && time.Since(last) < time.Minute {
					return
				}
				last, waits = time.Now(), b.Waiting
				fmt.Fprintln(w, describe(b))
			}))
			total := fmt.Sprintf("%s in %s", count(done.Runs, "run"), count(done.Chunks, "chunk"))
			if done.Failed > 0 {
				total += fmt.Sprintf(", of which %d failed", done.Failed)
			}
			if errors.Is(err, context.Canceled) {
				return fmt.Errorf("stopped after %s; finished chunks were delivered, the rest given back", total)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "The study is done; computed here: %s.\n", total)
			return nil
		},
	}
	a.flags(cmd)
	f := cmd.Flags()
	f.IntVar(&hands, "workers", 0, "how many chunks to compute at once (default one per processor)")
	f.DurationVar(&lost, "give-up", 12*time.Hour, "how long to wait for a server and a study to begin with")
	f.BoolVar(&isQuiet, "quiet", false, "print nothing but errors")
	return cmd
}

// worker is one that runs chunks of scenarios. What it is sent is data, which is checked as a file of a stranger is.
func worker(hands int, lost time.Duration, say func(cluster.Beat)) cluster.Worker {
	host, _ := os.Hostname()
	return cluster.Worker{
		Name: fmt.Sprintf("%.40s-%d", host, os.Getpid()), Hand: hands, Lost: lost, Say: say,
		Accept: func(job cluster.Job) (func(context.Context, int) (cluster.Outcome, error), string, error) {
			if job.Version != version() {
				return nil, "", fmt.Errorf("the study is of version %s of exodus, this is version %s; use the same on all machines", job.Version, version())
			}
			head, err := store.DecodeStudy(job.Body)
			if err != nil {
				return nil, "", err
			}
			if head.Hash != job.Plan || head.Plan.Chunks() != job.Chunks {
				return nil, "", fmt.Errorf("the plan that came is %.12s of %d chunks, the study's is %.12s of %d", head.Hash, head.Plan.Chunks(), job.Plan, job.Chunks)
			}
			_, model, err := modelOf(head)
			if err != nil {
				return nil, "", err
			}
			probe, err := probeOf(head.Plan, model)
			maker := head.Maker(model)
			return func(ctx context.Context, chunk int) (cluster.Outcome, error) {
				c, out, err := maker.Make(context.WithoutCancel(ctx), chunk)
				return cluster.Outcome{Runs: out.Runs, Failed: out.Failed, Reason: out.Reason, Content: c.Pack()}, err
			}, probe, err
		},
	}
}
