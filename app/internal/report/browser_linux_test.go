package report

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// browser is a Chromium without a window, spoken to over a pipe in the DevTools protocol.
type browser struct {
	t       *testing.T
	in      io.Writer
	out     *bufio.Reader
	last    int
	session string
	seen    []message // events
}

type message struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("a report is tried in a real browser, and there is no chromium; make test installs it, or: apt-get install chromium")
	}
	profile, err := os.MkdirTemp("", "exodus-browser-")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
		"--user-data-dir="+profile, "--remote-debugging-pipe", "about:blank")
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // which Chromium knows as 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirIn.Close()
	theirOut.Close()
	hung := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() }) // then the pipe ends, and the test with it
	b := &browser{t: t, in: ourOut, out: bufio.NewReaderSize(ourIn, 1<<20)}
	t.Cleanup(func() {
		b.session = ""
		b.send("Browser.close", nil)
		io.Copy(io.Discard, b.out) // until it is gone
		cmd.Wait()
		hung.Stop()
		ourIn.Close()
		ourOut.Close()
		os.RemoveAll(profile)
	})
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

func (b *browser) send(method string, params any) {
	b.last++
	m := map[string]any{"id": b.last, "method": method}
	if params != nil {
		m["params"] = params
	}
	if b.session != "" {
		m["sessionId"] = b.session
	}
	text, err := json.Marshal(m)
	if err != nil {
		b.t.Fatal(err)
	}
	b.in.Write(append(text, 0))
}

func (b *browser) receive() message {
	b.t.Helper()
	text, err := b.out.ReadBytes(0)
	if err != nil {
		b.t.Fatalf("chromium says no more: %v", err)
	}
	var m message
	if err := json.Unmarshal(text[:len(text)-1], &m); err != nil {
		b.t.Fatal(err)
	}
	return m
}

// call asks for something and waits for the answer.
func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	b.send(method, params)
	for {
		m := b.receive()
		switch {
		case m.Method != "":
			b.seen = append(b.seen, m)
		case m.ID != b.last:
		case m.Error != nil:
			b.t.Fatalf("%s: %s", method, m.Error)
		default:
			if result != nil {
				if err := json.Unmarshal(m.Result, result); err != nil {
					b.t.Fatal(err)
				}
			}
			return
		}
	}
}

// open opens a file in a window of a width, on a light or a dark system, and waits until it is there.
func (b *browser) open(path string, width int, scheme string) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	b.seen = nil
	b.call("Page.navigate", map[string]any{"url": "file://" + path}, nil)
	for !slices.ContainsFunc(b.seen, func(m message) bool { return m.Method == "Page.loadEventFired" }) {
		if m := b.receive(); m.Method != "" {
			b.seen = append(b.seen, m)
		}
	}
}

// eval runs a script in the page, which returns a list of what is wrong.
func (b *browser) eval(script string) (wrong []string) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value []string }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s", r.ExceptionDetails)
	}
	return r.Result.Value
}

// picture writes what the whole page looks like, for whoever asks for it with EXODUS_PICTURES.
func (b *browser) picture(name string) {
	dir := os.Getenv("EXODUS_PICTURES")
	if dir == "" {
		return
	}
	var r struct{ Data string }
	call, file := "Page.captureScreenshot", name+".png"
	params := map[string]any{"captureBeyondViewport": true}
	if strings.HasPrefix(name, "print") {
		call, file, params = "Page.printToPDF", name+".pdf", map[string]any{"preferCSSPageSize": true, "printBackground": false}
	}
	b.call(call, params, &r)
	content, err := base64.StdEncoding.DecodeString(r.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, file), content, 0o666)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// What a reader without eyes, or with tired ones, needs.
const accessible = `(() => {
const wrong = [];
const headings = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1]);
if (headings.filter(h => h === 1).length !== 1 || headings[0] !== 1) wrong.push('the headings do not start with the only h1: ' + headings);
headings.forEach((h, i) => { if (i && h > headings[i-1] + 1) wrong.push('heading ' + i + ' jumps from h' + headings[i-1] + ' to h' + h); });
if (!document.documentElement.lang || !document.title) wrong.push('no language, or no title');
const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
ids.forEach((id, i) => { if (ids.indexOf(id) !== i) wrong.push('id ' + id + ' is there twice'); });
document.querySelectorAll('a[href^="#"]').forEach(a => { if (!document.getElementById(a.hash.slice(1))) wrong.push('a link to nothing: ' + a.hash); });
document.querySelectorAll('svg').forEach(s => { if (s.getAttribute('role') !== 'img' || !s.querySelector('title')?.textContent) wrong.push('a figure without a name'); });
document.querySelectorAll('figure').forEach(f => { if (!f.querySelector('figcaption')) wrong.push('a figure without a caption'); });
document.querySelectorAll('table').forEach(t => { if (!t.caption || !t.querySelector('thead th[scope=col]')) wrong.push('a table without a caption or heads'); });
document.querySelectorAll('[role=region],pre').forEach(r => { if (!r.getAttribute('aria-label') && r.tabIndex === 0) wrong.push('a place for the keyboard without a name'); });
if (document.documentElement.scrollWidth > innerWidth) wrong.push('the page is wider than the window: ' + document.documentElement.scrollWidth + ' > ' + innerWidth);

const channels = c => (c.match(/[\d.]+/g) || []).map(Number);
const light = c => { const [r, g, b] = c.map(x => { x /= 255; return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; }); return 0.2126*r + 0.7152*g + 0.0722*b; };
const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
const ground = e => { for (; e; e = e.parentElement) { const c = channels(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
let looked = 0;
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let n; n = walker.nextNode();) {
	const e = n.parentElement;
	if (!n.data.trim() || !e.getClientRects().length || e.closest('svg') && e.tagName !== 'text') continue;
	if (e.closest('#trust svg, #sweep svg, #flows svg')) continue; // on shades of their own
	const s = getComputedStyle(e), size = parseFloat(s.fontSize), large = size >= 24 || size >= 18.66 && +s.fontWeight >= 700;
	const r = ratio(channels(e.closest('svg') ? s.fill : s.color), ground(e));
	looked++;
	if (r < (large ? 3 : 4.5)) wrong.push('contrast ' + r.toFixed(2) + ' of "' + n.data.trim().slice(0, 40) + '"');
}
if (looked < 300) wrong.push('only ' + looked + ' texts were looked at');
return [...new Set(wrong)].slice(0, 20);
})()`

func TestInABrowser(t *testing.T) {
	content := reportOf(t, againstNoDeal(t, 40))
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
	b := openBrowser(t)
	for _, width := range []int{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			b.t = t
			b.open(path, width, scheme)
			for _, wrong := range b.eval(accessible) {
				t.Errorf("%d wide, %s: %s", width, scheme, wrong)
			}
			for _, m := range b.seen {
				switch m.Method {
				case "Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled":
					t.Errorf("%d wide, %s: the console says %s", width, scheme, m.Params)
				case "Network.requestWillBeSent":
					var sent struct{ Request struct{ URL string } }
					if err := json.Unmarshal(m.Params, &sent); err != nil {
						t.Fatal(err)
					}
					if url := sent.Request.URL; url != "file://"+path && !strings.HasPrefix(url, "data:") {
						t.Errorf("%d wide, %s: a request leaves for %s", width, scheme, url)
					}
				}
			}
			b.picture(fmt.Sprintf("%d-%s", width, scheme))
		}
	}
	b.picture("print")
}
