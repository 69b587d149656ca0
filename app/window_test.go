//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"exodus/app/internal/figure"
	"exodus/app/internal/receipt"
)

// TestMain is the program itself where it is started as a child of a test.
func TestMain(m *testing.M) {
	if os.Getenv("EXODUS_WINDOW") != "" {
		if path := os.Getenv("EXODUS_PROFILE"); path != "" {
			go profile(path)
		}
		main()
		return
	}
	os.Exit(m.Run())
}

// profile writes where processor time goes between two signals.
func profile(path string) {
	toggle := make(chan os.Signal, 1)
	signal.Notify(toggle, syscall.SIGUSR1)
	<-toggle
	f, err := os.Create(path + ".part")
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		panic(err)
	}
	<-toggle
	pprof.StopCPUProfile()
	f.Close()
	os.Rename(path+".part", path) // whole
}

// screen is a display of its own, with the program on it.
type screen struct {
	t       testing.TB
	display string
	frames  string // the file that holds what is on the display
	home    string
	program *exec.Cmd
	said    said
}

// said is what a program says, also while it is saying it.
type said struct {
	mu   sync.Mutex
	text []byte
}

func (s *said) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = append(s.text, text...)
	return len(text), nil
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.text)
}

const screenSize = "1280x800x24"

func newScreen(t testing.TB) *screen {
	t.Helper()
	for _, tool := range []string{"Xvfb", "xdotool", "xclip"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is needed to try the window; make test installs it", tool)
		}
	}
	s := &screen{t: t, home: t.TempDir()}
	memory := t.TempDir()
	s.frames = filepath.Join(memory, "Xvfb_screen0")
	server := exec.Command("Xvfb", "-displayfd", "1", "-screen", "0", screenSize, "-nolisten", "tcp", "-fbdir", memory)
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the display says %q: %v", line, err)
	}
	s.display = ":" + strings.TrimSpace(line)
	return s
}

// start opens the window.
func (s *screen) start(args ...string) {
	s.t.Helper()
	s.said = said{}
	s.program = exec.Command(os.Args[0], args...)
	s.program.Env = append(os.Environ(), "EXODUS_WINDOW=1", "DISPLAY="+s.display, "HOME="+s.home, "XDG_CONFIG_HOME="+filepath.Join(s.home, "config"), "LIBGL_ALWAYS_SOFTWARE=1")
	s.program.Stdout, s.program.Stderr = &s.said, &s.said
	s.program.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.program.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(s.kill)
}

// kill ends the program as a crash would.
func (s *screen) kill() {
	if s.program == nil {
		return
	}
	s.program.Process.Kill()
	s.program.Wait()
	s.program = nil
	for _, word := range []string{"DATA RACE", "panic:", "fatal error:"} {
		if strings.Contains(s.said.String(), word) {
			s.t.Errorf("the program says\n%s", s.said.String())
		}
	}
}

// do moves the pointer and presses keys, as xdotool is told to.
func (s *screen) do(args ...string) {
	s.t.Helper()
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+s.display)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("xdotool %v: %v\n%s", args, err, out)
	}
}

func (s *screen) click(x, y int) {
	s.t.Helper()
	s.do("mousemove", strconv.Itoa(x), strconv.Itoa(y), "click", "1")
}

// memory is what is on the screen, as it lies in its memory: a file in the format of xwd.
func (s *screen) memory() []byte {
	s.t.Helper()
	content, err := os.ReadFile(s.frames)
	if err != nil {
		s.t.Fatalf("screenshot: %v", err)
	}
	return content
}

// look is what is on the screen.
func (s *screen) look() *image.NRGBA { return s.picture(s.memory()) }

func (s *screen) picture(content []byte) *image.NRGBA {
	s.t.Helper()
	field := func(i int) int { return int(binary.BigEndian.Uint32(content[4*i:])) }
	img := image.NewNRGBA(image.Rect(0, 0, field(4), field(5)))
	for y := range img.Rect.Dy() {
		row := s.row(content, img.Rect, y)
		into := img.Pix[img.PixOffset(0, y):][:len(row)]
		for x := 0; x < len(row); x += 4 {
			into[x], into[x+1], into[x+2], into[x+3] = row[x+2], row[x+1], row[x], 0xff
		}
	}
	return img
}

// row is a line of a part of the screen, four bytes a pixel.
func (s *screen) row(content []byte, part image.Rectangle, y int) []byte {
	s.t.Helper()
	field := func(i int) int { return int(binary.BigEndian.Uint32(content[4*i:])) }
	header, height, bits, line, colours := field(0), field(5), field(11), field(12), field(19)
	if bits != 32 || header+12*colours+line*height > len(content) {
		s.t.Fatalf("the memory of the screen is %d bits deep, in %d bytes", bits, len(content))
	}
	return content[header+12*colours+line*y:][4*part.Min.X : 4*part.Max.X]
}

// await looks until something is to be seen. What has not changed is not looked at again: looking takes time from
// the program, and with the race detector a lot of it.
func (s *screen) await(what string, seen func(img *image.NRGBA) bool) (img *image.NRGBA) {
	s.t.Helper()
	var last []byte
	s.until(what, func() bool {
		now := s.memory()
		if bytes.Equal(now, last) {
			return false
		}
		last, img = now, s.picture(now)
		return seen(img)
	})
	return img
}

// until waits for something.
func (s *screen) until(what string, is func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if !time.Now().After(deadline) {
			continue
		}
		path := filepath.Join(os.TempDir(), "exodus-window.png")
		if f, err := os.Create(path); err == nil {
			png.Encode(f, s.look())
			f.Close()
		}
		s.t.Fatalf("%s does not come; the screen is in %s. The program says\n%s", what, path, s.said.String())
	}
}

// count is how many pixels of a part of the screen are of a colour, or nearly.
func count(img *image.NRGBA, part image.Rectangle, c color.NRGBA) (n int) {
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			if p := img.NRGBAAt(x, y); near(p.R, c.R) && near(p.G, c.G) && near(p.B, c.B) {
				n++
			}
		}
	}
	return n
}

func near(a, b uint8) bool { d := int(a) - int(b); return d > -30 && d < 30 }

// Where things are in a window of 1280 by 800.
var (
	plot  = image.Rect(330, 180, 975, 632)
	right = image.Rect(800, 180, 975, 632) // of the plot
	dot   = image.Rect(2, 116, 18, 134)    // of the first lever, where it differs from the file
)

// dots counts the pixels of the mark of a lever that was moved.
func dots(img *image.NRGBA) int { return count(img, dot, color.NRGBA{0xff, 0xa0, 0x3a, 0xff}) }

// The real window, used as a person would: it opens on the story, takes another number of runs, answers a lever, undoes,
// plays, turns pages, saves a figure, and comes back after a crash as it was left.
func TestWindow(t *testing.T) {
	s := newScreen(t)
	s.start()
	scale, surge := figure.Colour(0, true), figure.Colour(1, true)
	s.do("mousemove", "640", "760")
	opening := s.await("Scale falling and Surge rising", func(img *image.NRGBA) bool {
		return count(img, plot, scale) > 500 && count(img, plot, surge) > 500
	})
	if dots(opening) > 0 {
		t.Error("a lever that nobody moved is marked")
	}
	s.click(638, 20)
	s.do("key", "ctrl+a")
	s.do("type", "60")
	s.do("key", "Return")
	s.until("60 runs", func() bool { return kept(s.home, `"Runs":60,`) })

	s.do("mousemove", "142", "147", "mousedown", "1", "mousemove", "100", "147", "mousemove", "60", "147", "mousemove", "30", "147", "mouseup", "1")
	s.await("the lever's mark, and another picture", func(img *image.NRGBA) bool {
		return dots(img) > 10 && count(img, plot, scale) > 500
	})
	s.do("mousemove", "640", "700", "key", "ctrl+z")
	s.await("the lever as it was", func(img *image.NRGBA) bool { return dots(img) == 0 })

	s.click(640, 695) // away from the slider, so that keys are the window's
	s.do("key", "Home")
	s.await("the start, with nothing at the right yet", func(img *image.NRGBA) bool { return count(img, right, surge) == 0 })
	s.do("key", "space")
	s.await("lines that grow", func(img *image.NRGBA) bool { return count(img, plot, scale) > 200 })
	s.await("lines that have grown to the end", func(img *image.NRGBA) bool { return count(img, right, surge) > 100 })

	before := s.look()
	for _, page := range []struct {
		name string
		x    int
	}{{"Money", 406}, {"Trust", 456}, {"Flows", 504}, {"Labs", 550}, {"Vendors", 604}, {"Facts", 671}} {
		s.click(page.x, 84)
		s.await("the page "+page.name, func(img *image.NRGBA) bool { return differs(before, img, plot) > 20000 })
		before = s.look()
	}

	s.click(333, 84)
	s.await("the shares again", func(img *image.NRGBA) bool { return count(img, plot, scale) > 500 })
	s.do("key", "ctrl+e")
	s.await("the dialog", func(img *image.NRGBA) bool { return differs(opening, img, image.Rect(400, 240, 880, 560)) > 60000 })
	s.do("key", "ctrl+a")
	s.do("type", "mine.svg")
	s.do("key", "Return")
	path := filepath.Join(s.home, "mine.svg")
	s.until("the figure in "+path, func() bool {
		content, err := os.ReadFile(path)
		return err == nil && bytes.Contains(content, []byte("<svg")) && bytes.Contains(content, []byte("Surge"))
	})

	s.click(640, 695)
	s.do("key", "ctrl+c")
	s.until("the figure on the clipboard", func() bool {
		cmd := exec.Command("xclip", "-selection", "clipboard", "-target", "image/png", "-out")
		cmd.Env = append(os.Environ(), "DISPLAY="+s.display)
		out, err := cmd.Output()
		if err != nil { // there is nothing yet
			return false
		}
		r, err := receipt.Extract(out)
		return err == nil && r.Figure == "share"
	})

	s.do("mousemove", "142", "147", "mousedown", "1", "mousemove", "100", "147", "mousemove", "60", "147", "mouseup", "1")
	s.await("the lever's mark", func(img *image.NRGBA) bool { return dots(img) > 10 })
	s.until("the session on disk", func() bool { return kept(s.home, `"Path":"events.deal.stake"`) })
	s.kill()
	s.start()
	s.await("the lever as it was left", func(img *image.NRGBA) bool { return dots(img) > 10 && count(img, plot, surge) > 500 })
	s.kill()
}

// What a lever means is explained after minutes too, when Fyne has forgotten what was not to be seen for a while. Here it
// forgets after 12 seconds; with much less it would forget what is in sight.
func TestExplanationsLast(t *testing.T) {
	t.Setenv("FYNE_CACHE", "12s")
	s := newScreen(t)
	s.start()
	surge := figure.Colour(1, true)
	s.await("the market", func(img *image.NRGBA) bool { return count(img, right, surge) > 100 })
	below := image.Rect(20, 140, 200, 186) // the lever's name
	explained := func() {
		s.do("mousemove", "640", "760")
		before := s.look()
		s.do("mousemove", "40", "120")
		s.await("the explanation", func(img *image.NRGBA) bool { return differs(before, img, below) > 2000 })
		s.do("mousemove", "640", "760")
		s.await("the lever as it was", func(img *image.NRGBA) bool { return differs(before, img, below) == 0 })
	}
	explained()
	for i := range 60 { // something to paint, since Fyne forgets while it paints
		s.do("mousemove", strconv.Itoa(400+8*i), "400")
		time.Sleep(500 * time.Millisecond)
	}
	explained()
	s.kill()
}

// BenchmarkStart opens the window, until the story is to be seen.
func BenchmarkStart(b *testing.B) {
	s := newScreen(b)
	scale, surge := figure.Colour(0, true), figure.Colour(1, true)
	for b.Loop() {
		s.start()
		s.await("Scale falling and Surge rising", func(img *image.NRGBA) bool {
			return count(img, plot, scale) > 500 && count(img, plot, surge) > 500
		})
		s.kill()
	}
}

// BenchmarkPlay plays all weeks as fast as it goes, and counts the pictures that are seen in a second.
func BenchmarkPlay(b *testing.B) {
	s := newScreen(b)
	s.start()
	surge := figure.Colour(1, true)
	s.await("the market", func(img *image.NRGBA) bool { return count(img, right, surge) > 100 })
	s.until("all runs", func() bool { return len(s.stills(2*time.Second)) == 0 })
	s.do("mousemove", "148", "782", "mousedown", "1", "mousemove", "180", "782", "mousemove", "230", "782", "mouseup", "1")
	s.click(640, 695)
	pictures, playing := 0, time.Duration(0)
	for b.Loop() {
		s.do("key", "Home")
		s.await("the start", func(img *image.NRGBA) bool { return count(img, right, surge) == 0 })
		s.do("key", "space")
		seen := s.stills(time.Second)
		if len(seen) < 2 {
			b.Fatal("it does not play")
		}
		pictures, playing = pictures+len(seen)-1, playing+seen[len(seen)-1].Sub(seen[0])
	}
	b.ReportMetric(float64(pictures)/playing.Seconds(), "pictures/s")
	s.kill()
}

// stills are the times at which there was another picture in the plot, until it stands still for so long.
func (s *screen) stills(long time.Duration) (times []time.Time) {
	look := func() (part []byte) {
		content := s.memory()
		for y := plot.Min.Y; y < plot.Max.Y; y++ {
			part = append(part, s.row(content, plot, y)...)
		}
		return part
	}
	last, since := look(), time.Now()
	for time.Since(since) < long {
		if now := look(); !bytes.Equal(last, now) {
			last, since = now, time.Now()
			times = append(times, since)
		}
		time.Sleep(2 * time.Millisecond)
	}
	return times
}

// differs is how many pixels of a part are not the same.
func differs(a, b *image.NRGBA, part image.Rectangle) (n int) {
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			if a.NRGBAAt(x, y) != b.NRGBAAt(x, y) {
				n++
			}
		}
	}
	return n
}

// kept says whether a word is in what the program keeps from one start to the next. What lies beside it is being
// written, and not kept yet.
func kept(home, word string) bool {
	content, err := os.ReadFile(filepath.Join(home, "config", "exodus", "session.json"))
	return err == nil && bytes.Contains(content, []byte(word))
}

// Without a display the program says so, and what to do instead; so it does of what it cannot make sense of.
func TestNoDisplay(t *testing.T) {
	for _, c := range []struct {
		env  string
		args []string
		want string
	}{
		{"DISPLAY=", nil, "there is no display; without a window, use go run ./app/exodus run meta-scale"},
		{"DISPLAY=:99999", nil, "the display cannot be opened ("},
		{"DISPLAY=:0", []string{"a", "b"}, "one scenario can be opened, by its name or file"},
	} {
		cmd := exec.Command(os.Args[0], c.args...)
		cmd.Env = append(os.Environ(), "EXODUS_WINDOW=1", "WAYLAND_DISPLAY=", c.env)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), c.want) || strings.Count(string(out), "\n") != 1 {
			t.Errorf("%v with %s: %v, %s; want %s", c.args, c.env, err, out, c.want)
		}
	}
}
