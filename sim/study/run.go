package study

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Run runs chunks of a plan, as [Chunks] does. done receives each chunk as it is finished, from several goroutines at
// once; its error ends the study.
func Run(ctx context.Context, p *Plan, m Model, chunks []int, workers int, done func(chunk int, jobs []Job, results []Result) error) error {
	return Chunks(ctx, chunks, workers, func(ctx context.Context, chunk int) error {
		jobs := p.JobsOf(chunk)
		results, err := m.Run(ctx, p, jobs)
		if err != nil {
			return err
		}
		return done(chunk, jobs, results)
	})
}

// Chunks calls do with each of some chunks, on as many goroutines as asked for; 0 is as many as there are processors.
// An error from do ends all of it.
//
// When ctx is cancelled, the chunks under way are finished, under a context that is not cancelled, and no other is begun;
// the error is that of ctx.
func Chunks(ctx context.Context, chunks []int, workers int, do func(ctx context.Context, chunk int) error) error {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	group, fine := errgroup.WithContext(context.WithoutCancel(ctx))
	group.SetLimit(workers)
	for _, chunk := range chunks {
		if ctx.Err() != nil || fine.Err() != nil {
			break
		}
		group.Go(func() error {
			if ctx.Err() != nil || fine.Err() != nil { // while this one waited for its turn
				return nil
			}
			return do(fine, chunk)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}
