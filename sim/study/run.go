package study

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Run runs chunks of a plan on as many goroutines as asked for; 0 is as many as there are processors. done
// receives each chunk as it is finished, from several goroutines at once; its error ends the study.
//
// When ctx is cancelled, the chunks in hand are finished and no other is begun: the error is the context's.
func Run(ctx context.Context, p *Plan, m Model, chunks []int, workers int, done func(chunk int, jobs []Job, results []Result) error) error {
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
			first, end := p.Range(chunk)
			jobs := make([]Job, 0, end-first)
			for i := first; i < end; i++ {
				jobs = append(jobs, p.Job(i))
			}
			results, err := m.Run(fine, p, jobs)
			if err != nil {
				return err
			}
			return done(chunk, jobs, results)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}
