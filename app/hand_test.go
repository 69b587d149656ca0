//go:build linux

package main

import (
	"bytes"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"exodus/app/internal/figure"
	"exodus/scenarios"
)

// hand moves the pointer of a display, many times a second, for which a program for each move is too slow.
type hand struct {
	s    *screen
	conn *xgb.Conn
	root xproto.Window
}

func newHand(s *screen) *hand {
	s.t.Helper()
	xgb.Logger.SetOutput(io.Discard) // it tells that nobody has to log in
	conn, err := xgb.NewConnDisplay(s.display)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(conn.Close)
	if err := xtest.Init(conn); err != nil {
		s.t.Fatal(err)
	}
	return &hand{s, conn, xproto.Setup(conn).DefaultScreen(conn).Root}
}

func (h *hand) move(x, y int) { h.event(xproto.MotionNotify, 0, x, y) }
func (h *hand) press()        { h.event(xproto.ButtonPress, 1, 0, 0) }
func (h *hand) release()      { h.event(xproto.ButtonRelease, 1, 0, 0) }

func (h *hand) event(kind, detail byte, x, y int) {
	h.s.t.Helper()
	if err := xtest.FakeInputChecked(h.conn, kind, detail, 0, h.root, int16(x), int16(y), 0).Check(); err != nil {
		h.s.t.Fatal(err)
	}
}

// eye looks at a part of a display as often as it changes, in the memory of the display itself.
type eye struct {
	s      *screen
	memory []byte
	part   image.Rectangle
	last   []byte
}

func newEye(s *screen, part image.Rectangle) *eye {
	s.t.Helper()
	f, err := os.Open(s.frames)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		s.t.Fatal(err)
	}
	e := &eye{s: s, part: part}
	if e.memory, err = syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { syscall.Munmap(e.memory) })
	return e
}

// look is every other line of the part, and whether it is another picture than the last.
func (e *eye) look() (changed bool) {
	var now []byte
	for y := e.part.Min.Y; y < e.part.Max.Y; y += 2 {
		now = append(now, e.s.row(e.memory, e.part, y)...)
	}
	changed = !bytes.Equal(now, e.last)
	e.last = now
	return changed
}

// height is how high a line of a colour is at a few columns, as the mean of its pixels; false where it is not seen.
func (e *eye) height(colour [3]uint8, columns ...int) (heights float64, seen bool) {
	sum, n := 0, 0
	for y := e.part.Min.Y; y < e.part.Max.Y; y++ {
		row := e.s.row(e.memory, e.part, y)
		for _, x := range columns {
			p := row[4*(x-e.part.Min.X):]
			if near(p[2], colour[0]) && near(p[1], colour[1]) && near(p[0], colour[2]) {
				sum, n = sum+y, n+1
			}
		}
	}
	return float64(sum) / float64(max(1, n)), n > 0
}

// Where the slider of the first lever is in a window of 1280 by 800: the part of it in which Scale's line answers to
// every step. Further to the right the line hardly moves, and where it is says nothing about the lever.
const leverLeft, leverRight, leverY = 30, 166, 149

// BenchmarkHand drags a lever from left to right, again and again, with 60 events a second, and looks at the chart: how
// many pictures there are in a second, how long before a picture the lever was where the picture shows it, and what
// processor time the window takes for each. Where the lever was is read from the height of Scale's line, which the
// benchmark learns first, with the lever at rest. Nothing is random in the market, or the median of as many runs as fit
// between two pictures would be another than at rest, and a pixel is 50 ms of the hand's way. EXODUS_PROFILE=file keeps a
// profile of the window under the hand.
func BenchmarkHand(b *testing.B) {
	s := newScreen(b)
	s.start(still(b))
	orange := figure.Colour(0, true)
	scale := [3]uint8{orange.R, orange.G, orange.B}
	s.await("the market", func(img *image.NRGBA) bool { return count(img, plot, orange) > 500 })
	s.until("all runs", func() bool { return len(s.stills(2*time.Second)) == 0 })
	h, e := newHand(s), newEye(s, plot)
	var columns []int // many, as a line is seen to a pixel in each
	for x := 600; x < 960; x += 4 {
		columns = append(columns, x)
	}

	h.move(142, leverY)
	h.press()
	var known []point // at places of the lever
	for x := leverLeft; x <= leverRight; x += 17 {
		h.move(x, leverY)
		s.until("the lever at rest", func() bool { return len(s.stills(time.Second)) == 0 })
		if y, seen := e.height(scale, columns...); seen {
			known = append(known, point{float64(x), y})
		}
	}
	toggle := func() { // the profile, where one is asked for
		if os.Getenv("EXODUS_PROFILE") != "" {
			s.program.Process.Signal(syscall.SIGUSR1)
		}
	}
	toggle()
	beat := time.NewTicker(time.Second / 60)
	defer beat.Stop()
	var path []place
	var lags []time.Duration
	pictures, events, dragged, busy := 0, 0, time.Duration(0), 0.0
	for b.Loop() {
		path = path[:0]
		began, before := time.Now(), processorTime(b, s.program.Process.Pid)
		e.look()
		last := began
		for step := 0; time.Since(began) < 4*time.Second; {
			select {
			case <-beat.C:
				step++
				events++
				x := leverLeft + 4*step%(leverRight-leverLeft) // to the right, and from the left again
				h.move(x, leverY)
				path = append(path, place{time.Now(), x})
			default:
				if e.look() && time.Since(last) > 8*time.Millisecond { // or it is the rest of one that was half drawn
					last = time.Now()
					pictures++
					if y, seen := e.height(scale, columns...); seen {
						if lag, ok := behind(path, known, y); ok {
							lags = append(lags, lag)
						}
					}
				}
				time.Sleep(2 * time.Millisecond)
			}
		}
		dragged += time.Since(began)
		busy += processorTime(b, s.program.Process.Pid) - before
		time.Sleep(time.Second)
	}
	toggle()
	if path := os.Getenv("EXODUS_PROFILE"); path != "" {
		s.until("the profile", func() bool { _, err := os.Stat(path); return err == nil })
	}
	h.release()
	slices.Sort(lags)
	b.ReportMetric(float64(pictures)/dragged.Seconds(), "pictures/s")
	b.ReportMetric(1000*busy/float64(pictures), "cpu-ms/picture")
	b.ReportMetric(float64(events)/dragged.Seconds(), "events/s")
	b.ReportMetric(busy/dragged.Seconds(), "processors")
	if n := len(lags); n > 0 {
		b.ReportMetric(float64(lags[n/2].Milliseconds()), "lag-ms/50%")
		b.ReportMetric(float64(lags[n*95/100].Milliseconds()), "lag-ms/95%")
		b.ReportMetric(float64(lags[n-1].Milliseconds()), "lag-ms/most")
	}
	s.kill()
}

// still is a file with the built-in market, without what is random.
func still(t testing.TB) string {
	t.Helper()
	text, err := scenarios.Read("meta-scale")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "still.toml")
	if err := os.WriteFile(path, regexp.MustCompile(`(?m)^scale = 1 `).ReplaceAll(text, []byte("scale = 0 ")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

type point struct{ x, y float64 }

// place is where the lever was at a time.
type place struct {
	at time.Time
	x  int
}

// behind is how long ago the lever was where a picture shows it, by the height of a line; false where that cannot be told.
func behind(path []place, known []point, y float64) (time.Duration, bool) {
	shown, found := 0.0, false
	for i := 1; i < len(known); i++ {
		a, b := known[i-1], known[i]
		if (a.y-y)*(b.y-y) <= 0 && a.y != b.y {
			shown, found = a.x+(b.x-a.x)*(y-a.y)/(b.y-a.y), true
		}
	}
	if !found || len(path) < 2 {
		return 0, false
	}
	for i := len(path) - 1; i > 0; i-- { // the last time that it passed there
		a, b := float64(path[i-1].x), float64(path[i].x)
		if a < b && a <= shown && shown <= b {
			return time.Since(path[i].at), true
		}
	}
	return 0, false
}

// processorTime is what a process has taken so far, in seconds.
func processorTime(t testing.TB, pid int) float64 {
	t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
	ticks := 0
	for _, f := range fields[11:13] { // in the program, and in the system for it
		n, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return float64(ticks) / 100
}
