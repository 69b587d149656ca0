package cli

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/sim/cluster"
)

// claims is a job whose study says something else.
func claims(j cluster.Job, old, is string) cluster.Job {
	j.Body = bytes.Replace(j.Body, []byte(old), []byte(is), 1)
	return j
}

// A worker says what is wrong with a study that it should not compute for: another version, another plan, a
// description that is damaged. It takes none of them.
func TestWorkerRefuses(t *testing.T) {
	accept := worker(1, 0, nil).Accept
	dir := t.TempDir() + "/study"
	var said strings.Builder
	if code := Run(t.Context(), []string{"batch", "meta-scale", "--runs", "8", "--quiet", "--out", dir}, &said, &said); code != 0 {
		t.Fatalf("%s", &said)
	}
	head, err := store.ReadStudy(dir)
	if err != nil {
		t.Fatal(err)
	}
	job := cluster.Job{Version: version(), Plan: head.Hash, Chunks: head.Plan.Chunks(), Body: head.Encode()}
	compute, probe, err := accept(job)
	if err != nil {
		t.Fatalf("the study itself: %v", err)
	}
	out, err := compute(t.Context(), 0)
	if err != nil || out.Runs != 8 || out.Failed != 0 || probe == "" {
		t.Fatalf("%d runs, %d failed, %q, %v", out.Runs, out.Failed, probe, err)
	}
	for want, change := range map[string]func(j *cluster.Job){
		"is of version v0.0.1 of exodus, this is version " + version(): func(j *cluster.Job) { j.Version = "v0.0.1" },
		"the study's is 000000000000 of 1":                             func(j *cluster.Job) { j.Plan = strings.Repeat("0", 64) },
		" of 1 chunks, the study's is ":                                func(j *cluster.Job) { j.Chunks++ },
		"not a study that can be read: unexpected end of JSON input":   func(j *cluster.Job) { j.Body = j.Body[:len(j.Body)/2] },
		"it is not what its hash says": func(j *cluster.Job) {
			j.Body = bytes.Replace(j.Body, []byte("leak_aversion"), []byte("leek_aversion"), 1)
		},
		"not a study that can be run: 1000000000 weeks": func(j *cluster.Job) { *j = claims(*j, `"weeks": 104`, `"weeks": 1000000000`) },
		"not a study that can be run: -5 weeks":         func(j *cluster.Job) { *j = claims(*j, `"weeks": 104`, `"weeks": -5`) },
		"not a study that can be run: 1e+12 runs":       func(j *cluster.Job) { *j = claims(*j, `"runs": 8`, `"runs": 1000000000000`) },
		"not a study that can be run: 1 chunks of 1000": func(j *cluster.Job) { *j = claims(*j, `"chunk": 512`, `"chunk": 1000000000`) },
	} {
		bad := job
		change(&bad)
		if compute, _, err := accept(bad); err == nil || compute != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A command that is interrupted says that it was stopped, not what its context says.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir() + "/study"
	var said strings.Builder
	if code := Run(t.Context(), []string{"batch", "meta-scale", "--against", "no-deal", "--runs", "8", "--quiet", "--out", dir}, &said, &said); code != 0 {
		t.Fatalf("%s", &said)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for _, args := range [][]string{
		{"plot", dir, "--out", t.TempDir()}, {"report", dir, "--out", t.TempDir() + "/r.html"}, {"run", "meta-scale", "--out", t.TempDir() + "/run"},
		{"facts", "meta-scale", "--runs", "8"}, {"sensitivity", "meta-scale", "--metric", "share.Scale@26", "--points", "8", "--runs", "1"},
		{"calibrate", "meta-scale", "--points", "8", "--runs", "1"},
	} {
		said.Reset()
		code := Run(ctx, args, io.Discard, &said)
		if code != 1 || !strings.Contains(said.String(), "stopped") || strings.Contains(said.String(), "context canceled") {
			t.Errorf("%v ends with %d and %q", args, code, said.String())
		}
	}
}

// A worker that sends results of other assumptions than the study's is found out, and what it sent is not kept.
func TestForgedStudy(t *testing.T) {
	study := []string{"batch", "meta-scale", "--runs", "2048", "--out"}
	honest, forged := t.TempDir()+"/study", t.TempDir()+"/study"
	var said strings.Builder
	if code := Run(t.Context(), append(study, honest), &said, &said); code != 0 {
		t.Fatalf("%s", &said)
	}
	stderr, say := io.Pipe()
	over := make(chan int, 1)
	go func() {
		over <- Run(t.Context(), append(study, forged, "--serve", "--listen", "127.0.0.1:0"), io.Discard, say)
		say.Close()
	}()
	said.Reset()
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		token, url, ok := strings.Cut(strings.TrimSpace(lines.Text()), " exodus work --server ")
		if !ok {
			continue
		}
		nc, err := cluster.Access{URL: url, User: cluster.WorkerUser, Token: strings.TrimPrefix(token, tokenVariable+"="), Wait: true}.Connect()
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		go cluster.Work(t.Context(), nc, cluster.Worker{Name: "mallory", Accept: func(job cluster.Job) (func(context.Context, int) (cluster.Outcome, error), string, error) {
			head, err := store.DecodeStudy(job.Body)
			if err != nil {
				return nil, "", err
			}
			other, err := (&changes{set: []string{"model.leak_aversion=3"}}).load("meta-scale")
			if err != nil {
				return nil, "", err
			}
			maker := head.Maker(scenarios.NewModel(other))
			return func(ctx context.Context, chunk int) (cluster.Outcome, error) {
				c, out, err := maker.Make(ctx, chunk)
				return cluster.Outcome{Runs: out.Runs, Content: c.Pack()}, err
			}, job.Probe, nil
		}})
	}
	if code := <-over; code != 0 {
		t.Errorf("it ends with %d", code)
	}
	for _, want := range []string{"the result of mallory is wrong, as computing it here shows", "WARNING: ", "Everything that workers sent was computed again here"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%s\nwant %q", &said, want)
		}
	}
	sums := [2]string{}
	for i, dir := range []string{honest, forged} {
		text, err := os.ReadFile(dir + "/parts/SHA256SUMS")
		if err != nil {
			t.Fatal(err)
		}
		sums[i] = string(text)
	}
	if sums[0] != sums[1] {
		t.Errorf("the parts are\n%snot\n%s", sums[1], sums[0])
	}
}

// At its end, a study that workers computed says how they were checked, and what is not certain.
func TestPrintChecked(t *testing.T) {
	for _, c := range []struct {
		p            cluster.Progress
		sent, before int
		want         string
	}{
		{cluster.Progress{}, 0, 3, ""},
		{cluster.Progress{Checked: 2}, 64, 3, "Checked: 2 of 64 chunks that workers sent, computed again here, gave the same results.\n"},
		{cluster.Progress{Checked: 64, Wrong: 1, Alarm: "chunk 5: the result of a-1 is wrong"}, 64, 0,
			"WARNING: 1 result proved wrong; the last one: chunk 5: the result of a-1 is wrong.\n" +
				"Everything that workers sent was computed again here. Find out whether a machine is faulty, or the token known to others.\n"},
		{cluster.Progress{Checked: 64, Wrong: 2, Alarm: "x"}, 64, 3, "3 chunks of earlier sessions were not: if workers sent them, start anew in another directory.\n"},
	} {
		var said strings.Builder
		if printChecked(&said, c.p, c.sent, c.before); !strings.HasSuffix(said.String(), c.want) || c.want == "" && said.Len() > 0 {
			t.Errorf("%swant\n%s", &said, c.want)
		}
	}
}

// status says at once which token is needed, where it has none or only a worker's.
func TestStatusRefused(t *testing.T) {
	s, err := cluster.Serve(t.TempDir(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct{ token, flag, want string }{
		{"", "--clear=false", "a token in EXODUS_TOKEN, or an NKey, is needed"},
		{"x", "--clear=false", "the server does not know this token (EXODUS_TOKEN)"},
		{"", "--clear", "a token in EXODUS_TOKEN, or an NKey, is needed"},
		{s.Token, "--clear", "this takes the collector's token (EXODUS_TOKEN) or NKey"},
	} {
		t.Setenv(tokenVariable, c.token)
		var said strings.Builder
		begun := time.Now()
		if code := Run(t.Context(), []string{"status", "--server", s.URL, c.flag}, &said, &said); code != 1 || !strings.Contains(said.String(), c.want) {
			t.Errorf("%s with the token %q: %d, %s, want %q", c.flag, c.token, code, &said, c.want)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s with the token %q takes %v", c.flag, c.token, took)
		}
	}
}

// What is printed of a study in a queue: how far it is, what each worker does, and what went wrong, if anything did.
func TestPrintProgress(t *testing.T) {
	for _, c := range []struct {
		p    cluster.Progress
		want string
	}{
		{cluster.Progress{Chunks: 59, Done: 1}, "1 of 59 chunks; no workers\n"},
		{cluster.Progress{Chunks: 59, Done: 12, Workers: map[string]cluster.Beat{
			"b-2": {Runs: 512, Rate: 51.2, Hand: []int{7, 8}},
			"a-1": {Runs: 1, Waiting: "waits for a task"},
		}}, "12 of 59 chunks; 2 workers, 51 runs a second\n  a-1: 1 run, 0 a second; waits for a task\n  b-2: 512 runs, 51 a second; working on 7 8\n"},
		{cluster.Progress{Chunks: 59, Done: 12, Again: 3, Double: 2, Dropped: 1, Workers: map[string]cluster.Beat{
			"a-1": {Runs: 100, Failed: 4, Reason: "week 3: no price", Hand: []int{5}, Silent: 8},
		}}, "12 of 59 chunks; no workers; 3 given out again; 2 duplicates; 1 invalid, dropped\n" +
			"  a-1: 100 runs, 0 a second, 4 failed (week 3: no price); working on 5; silent for 8 s\n"},
	} {
		var said strings.Builder
		if printProgress(&said, c.p); said.String() != c.want {
			t.Errorf("%swant\n%s", &said, c.want)
		}
	}
}
