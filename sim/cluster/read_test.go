package cluster

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Only numbers within their bounds are taken from a worker, and its texts are quoted where a terminal would obey them.
func TestReadBeat(t *testing.T) {
	const chunks = 10
	for text, want := range map[string]string{
		`{"name":"w","rate":1e308}`:                                 "rate",
		`{"name":"w","rate":-1}`:                                    "rate",
		`{"name":"w","rate":1e400}`:                                 "",
		`{"name":"w","rate":NaN}`:                                   "",
		`{"name":"w","runs":-9223372036854775808}`:                  "counts",
		`{"name":"w","runs":9223372036854775807}`:                   "counts",
		`{"name":"w","runs":9223372036854775808}`:                   "",
		`{"name":"w","chunks":-1}`:                                  "counts",
		`{"name":"w","runs":1,"failed":2}`:                          "counts",
		`{"name":"w","failed":-9223372036854775808}`:                "counts",
		`{"name":"w","hand":[10]}`:                                  "chunks",
		`{"name":"w","hand":[-1]}`:                                  "chunks",
		`{"name":"w","hand":[` + strings.Repeat("1,", 1000) + `1]}`: "chunks",
		`{"name":"w","reason":"` + strings.Repeat("x", 1000) + `"}`: "too long",
		`{"name":"another"}`:                                        "",
		`[`:                                                         "",
		``:                                                          "",
		`{"name":"w","waiting":"` + strings.Repeat("x", mostBeat) + `"}`: "",
	} {
		if b, err := readBeat(beatSubject+"w", []byte(text), chunks); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %+v, %v; want %q", text, b, err, want)
		}
	}
	name := "w\x1b[31m"
	b, err := readBeat(beatSubject+name, []byte(`{"name":"w\u001b[31m","reason":"a\nb","waiting":"ok, Zürich","silent":1000000,"rate":51.2,"runs":512,"hand":[7]}`), chunks)
	if err != nil || b.Name != `"w\x1b[31m"` || b.Reason != `"a\nb"` || b.Waiting != "ok, Zürich" || b.Silent != 0 || b.Rate != 51.2 || b.Runs != 512 || len(b.Hand) != 1 {
		t.Errorf("%+v, %v", b, err)
	}
}

// A worker is heard with all that the largest and longest of them say.
func TestLongestBeat(t *testing.T) {
	b := Beat{Name: strings.Repeat("n", mostName), Runs: mostCount, Chunks: mostCount, Failed: mostCount, Rate: 123456789.12345678,
		Reason: short(strings.Repeat("\x00", 1000)), Waiting: short(strings.Repeat("ü", 1000))}
	for chunk := range mostHand {
		b.Hand = append(b.Hand, mostCount-1-chunk)
	}
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	if b, err = readBeat(beatSubject+b.Name, text, mostCount); err != nil {
		t.Fatal(err)
	}
	text, err = json.Marshal(Progress{Plan: "p", Chunks: mostCount, Why: plain(short(strings.Repeat("\x00", 1000))), Workers: map[string]Beat{b.Name: b}})
	if err != nil {
		t.Fatal(err)
	}
	if p, err := readProgress(text); err != nil || len(p.Workers) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

// A worker takes no study whose description is out of bounds.
func TestReadHead(t *testing.T) {
	good := head{Job: toyJob(3), Pieces: 1, Size: 7, Sum: sumOf(nil), Wait: int64(wait)}
	for what, change := range map[string]func(h *head){
		"no chunks":            func(h *head) { h.Chunks = 0 },
		"fewer than none":      func(h *head) { h.Chunks = math.MinInt },
		"too many chunks":      func(h *head) { h.Chunks = math.MaxInt },
		"no time for a task":   func(h *head) { h.Wait = 0 },
		"less than no time":    func(h *head) { h.Wait = math.MinInt64 },
		"all time for a task":  func(h *head) { h.Wait = math.MaxInt64 },
		"fewer pieces":         func(h *head) { h.Pieces = -1 },
		"very many pieces":     func(h *head) { h.Pieces = math.MaxInt },
		"a negative size":      func(h *head) { h.Size = -1 },
		"a very large size":    func(h *head) { h.Size = math.MaxInt },
		"a plan of subjects":   func(h *head) { h.Plan = "a.>" },
		"no plan":              func(h *head) { h.Plan = "" },
		"a long plan":          func(h *head) { h.Plan = strings.Repeat("x", 1000) },
		"a version that beeps": func(h *head) { h.Version = "v1\a" },
		"a probe of colours":   func(h *head) { h.Probe = "\x1b[31m" },
		"a checksum of blanks": func(h *head) { h.Sum = "  " },
	} {
		bad := good
		change(&bad)
		text, err := json.Marshal(bad)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeHead(text); err == nil || strings.ContainsAny(err.Error(), "\a\x1b") {
			t.Errorf("%s: %v", what, err)
		}
	}
	text, _ := json.Marshal(good)
	if h, err := decodeHead(text); err != nil || h.Chunks != 3 {
		t.Error(err)
	}
}

func isPlain(text string) bool {
	return utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

// What a worker is believed can be printed, sent on, and read again.
func FuzzBeat(f *testing.F) {
	f.Fuzz(func(t *testing.T, name string, text []byte, chunks int) {
		b, err := readBeat(beatSubject+name, text, chunks)
		if err != nil {
			return
		}
		if !(b.Rate >= 0 && b.Rate <= mostRate) || !isCount(b.Runs, b.Chunks, b.Failed, b.Silent) || !isPlain(b.Name+b.Reason+b.Waiting) {
			t.Fatalf("%+v is believed", b)
		}
		if !isCount(chunks) {
			return
		}
		sent, err := json.Marshal(Progress{Chunks: chunks, Workers: map[string]Beat{b.Name: b}})
		if err != nil {
			t.Fatal(err)
		}
		if p, err := readProgress(sent); err != nil || len(p.Workers) != 1 {
			t.Fatalf("%s: %v", sent, err)
		}
	})
}

// What a collector says can be printed.
func FuzzProgress(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := readProgress(text)
		if err != nil {
			return
		}
		if !isCount(p.Chunks, p.Done, p.Again, p.Double, p.Dropped, p.Checked, p.Wrong) || p.Done > p.Chunks || !isPlain(p.Plan+p.Why+p.Trouble+p.Alarm) {
			t.Fatalf("%+v is believed", p)
		}
		for name, b := range p.Workers {
			if !isPlain(name + b.Name + b.Reason + b.Waiting) {
				t.Fatalf("%+v is believed", b)
			}
		}
	})
}

// The description of a study that is taken names subjects, sizes and times that can be.
func FuzzHead(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		h, err := decodeHead(text)
		if err == nil && (!isID(h.Plan) || h.Chunks < 1 || !isPlain(h.Version) || !h.Done && (h.Wait/4 <= 0 || h.Size < 0 || h.Pieces < 0)) {
			t.Fatalf("%+v is believed", h)
		}
	})
}

// A task names chunks that the plan has.
func FuzzTask(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte, chunks int) {
		task, err := decodeTask(text, chunks)
		for _, c := range task.Chunks {
			if err != nil || c < 0 || c >= chunks {
				t.Fatalf("%+v is believed, of %d chunks", task, chunks)
			}
		}
	})
}

// sentMsg is a message as a collector meets it.
type sentMsg struct {
	jetstream.Msg
	m *nats.Msg
}

func (s sentMsg) Data() []byte         { return s.m.Data }
func (s sentMsg) Headers() nats.Header { return s.m.Header }
func (s sentMsg) Subject() string      { return s.m.Subject }

// A result names a chunk that the plan has, in one way only.
func FuzzResult(f *testing.F) {
	f.Fuzz(func(t *testing.T, subject, plan, probe, worker string, content []byte, chunks int) {
		k := &collector{Collection: &Collection{Job: Job{Plan: plan, Probe: probe, Chunks: chunks}}}
		m := nats.NewMsg(resultSubject + subject)
		m.Data = content
		m.Header.Set(headPlan, plan)
		m.Header.Set(headProbe, probe)
		m.Header.Set(headWorker, worker)
		chunk, got, from, err := k.read(t.Context(), sentMsg{m: m})
		if err != nil {
			return
		}
		if chunk < 0 || chunk >= chunks || sumOf(got) != from.sum || !isPlain(from.worker) || len(from.worker) > mostQuoted {
			t.Fatalf("chunk %d of %d, %+v is believed", chunk, chunks, from)
		}
	})
}
