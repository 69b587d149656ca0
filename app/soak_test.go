//go:build linux

package main

import (
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"exodus/app/internal/figure"
)

// A hand that plays, drags, types and turns pages at random does no harm: the window goes on answering, and takes no
// more memory at the end than when it had been at it for a while. EXODUS_SOAK=10m keeps at it for as long.
func TestSoak(t *testing.T) {
	long := 40 * time.Second
	if text := os.Getenv("EXODUS_SOAK"); text != "" {
		var err error
		if long, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	s := newScreen(t)
	s.start()
	surge := figure.Colour(1, true)
	s.await("the market", func(img *image.NRGBA) bool { return count(img, plot, surge) > 300 })

	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	between := func(low, high int) string { return strconv.Itoa(low + random.IntN(high-low)) }
	hands := []func(){
		func() { // drag a lever
			y := strconv.Itoa(149 + 55*random.IntN(8))
			s.do("mousemove", between(25, 265), y, "mousedown", "1", "mousemove", between(25, 265), y, "mousemove", between(25, 265), y, "mouseup", "1")
		},
		func() { s.do("mousemove", between(300, 700), "57", "click", "1") }, // turn a page
		func() {
			s.do("mousemove", between(20, 1260), "738", "mousedown", "1", "mousemove", between(20, 1260), "738", "mouseup", "1")
		},
		func() { s.do("mousemove", "640", "695", "click", "1", "key", "space") },
		func() { s.do("key", []string{"Left", "Right", "Home", "End", "Next", "Prior"}[random.IntN(6)]) },
		func() { s.do("key", []string{"ctrl+z", "ctrl+y"}[random.IntN(2)]) },
		func() { s.do("key", "ctrl+e"); s.do("key", "Escape") },
		func() { s.do("mousemove", between(330, 995), between(120, 610)) },
		func() { s.do("mousemove", between(450, 820), "137", "click", "1") }, // show or hide a vendor
		func() { s.do("mousemove", between(450, 640), "781", "click", "1") },
		func() { s.do("mousemove", between(1100, 1260), between(100, 690), "click", "1") }, // what happened
	}
	begun, early, hits := time.Now(), 0, 0
	for time.Since(begun) < long {
		hands[random.IntN(len(hands))]()
		hits++
		if early == 0 && time.Since(begun) > long/2 {
			early = memory(t, s.program.Process.Pid)
		}
	}
	late := memory(t, s.program.Process.Pid)
	t.Logf("%d commands; %d MB after half of them, %d MB at the end", hits, early, late)
	if late > early+early/2+50 {
		t.Errorf("memory grew from %d MB to %d MB", early, late)
	}
	s.do("key", "Escape", "mousemove", "336", "57", "click", "1", "mousemove", "640", "695", "click", "1", "key", "End")
	for range 2 { // whatever was hidden, or set, the window still draws another picture when a lever is moved
		before := s.look()
		s.do("mousemove", "60", "149", "mousedown", "1", "mousemove", "90", "149", "mousemove", "240", "149", "mousemove", "30", "149", "mouseup", "1")
		s.await("another picture", func(img *image.NRGBA) bool { return differs(before, img, image.Rect(0, 100, 1280, 700)) > 300 })
	}
	s.kill()
}

// memory is what a process has in memory, in MB.
func memory(t *testing.T, pid int) int {
	t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatalf("the program is gone: %v", err)
	}
	for line := range strings.Lines(string(content)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			kb, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatal(err)
			}
			return kb >> 10
		}
	}
	t.Fatal("the program has ended")
	return 0
}
