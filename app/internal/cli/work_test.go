package cli

import (
	"bytes"
	"strings"
	"testing"

	"exodus/app/internal/store"
	"exodus/sim/cluster"
)

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
	job := cluster.Job{Version: version(), Plan: head.Plan.Hash(), Chunks: head.Plan.Chunks(), Body: head.Encode()}
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
		"no study that can be read (unexpected end of JSON input)":     func(j *cluster.Job) { j.Body = j.Body[:len(j.Body)/2] },
		"unknown key model.leek_aversion": func(j *cluster.Job) {
			j.Body = bytes.Replace(j.Body, []byte("leak_aversion"), []byte("leek_aversion"), 1)
		},
	} {
		bad := job
		change(&bad)
		if compute, _, err := accept(bad); err == nil || compute != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
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
