package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress says how far a study is: by a bar on a terminal, and by a line every ten seconds elsewhere.
type progress struct {
	mu          sync.Mutex
	w           io.Writer
	bar         *progressbar.ProgressBar
	what        string // is counted, such as runs
	all, before int
	done        int // since start
	start, said time.Time
}

// newProgress begins with what was done before. A short study needs no word.
func newProgress(w io.Writer, quiet bool, what string, all, before int) *progress {
	p := &progress{w: w, what: what, all: all, before: before, start: time.Now(), said: time.Now()}
	if quiet {
		p.w = io.Discard
	}
	if f, ok := p.w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions(all,
			progressbar.OptionSetWriter(f), progressbar.OptionSetDescription(what), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionSetItsString(what), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish())
		p.bar.Set(before)
	} else if before > 0 {
		fmt.Fprintf(p.w, "%d of %d %s are done already\n", before, all, what)
	}
	return p
}

func (p *progress) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	if p.bar != nil {
		p.bar.Add(n)
		return
	}
	if time.Since(p.said) < 10*time.Second {
		return
	}
	p.said = time.Now()
	rate := float64(p.done) / time.Since(p.start).Seconds()
	left := time.Duration(float64(p.all-p.before-p.done) / rate * float64(time.Second)).Round(time.Second)
	fmt.Fprintf(p.w, "%d of %d %s, %.0f a second, %v left\n", p.before+p.done, p.all, p.what, rate, left)
}

func (p *progress) finish() {
	if p.bar != nil {
		p.bar.Finish()
	}
}
