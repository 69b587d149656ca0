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
	accept := worker("", 1, 0, nil).Accept
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
