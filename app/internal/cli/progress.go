package cli

import (
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"exodus/scenarios/words"
)

// progress says how far a study is: by a bar on a terminal, and by a line every ten seconds elsewhere.
type progress struct {
	mu          sync.Mutex
	w           io.Writer
	bar         *progressbar.ProgressBar
	what        string // is counted, such as runs
	all, before int
	done        int // since start
	said        time.Time
	past        []moment // in the last minute, by which the rest is guessed
}

// moment is when so much was done.
type moment struct {
	at   time.Time
	done int
}

// newProgress begins with what was done before. A short study needs no word.
func newProgress(w io.Writer, quiet bool, what string, all, before int) *progress {
	p := &progress{w: w, what: what, all: all, before: before, said: time.Now(), past: []moment{{at: time.Now()}}}
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
	p.past = append(p.past, moment{p.said, p.done})
	for len(p.past) > 2 && p.said.Sub(p.past[0].at) > time.Minute {
		p.past = p.past[1:]
	}
	rate := float64(p.done-p.past[0].done) / p.said.Sub(p.past[0].at).Seconds()
	left := time.Duration(float64(p.all-p.before-p.done) / rate * float64(time.Second)).Round(time.Second)
	fmt.Fprintf(p.w, "%s of %s %s, %s a second, %v left\n",
		words.Count(p.before+p.done), words.Count(p.all), p.what, words.Count(int(math.Round(rate))), left)
}

// Write prints whole lines, above the bar where there is one.
func (p *progress) Write(lines []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil {
		return p.w.Write(lines)
	}
	p.bar.Clear()
	n, err := p.w.Write(lines)
	p.bar.RenderBlank()
	return n, err
}

func (p *progress) finish() {
	if p.bar != nil {
		p.bar.Finish()
	}
}
