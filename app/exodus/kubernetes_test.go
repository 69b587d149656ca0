package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// The jobs for Kubernetes: what a scheduler would start of them, with the numbers that it would give, comes to the
// same study as one machine does. No scheduler is tried: fields that this does not know are for it to check.
func TestKubernetes(t *testing.T) {
	file, err := os.Open("../../assets/cluster/kubernetes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	type job struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   struct{ Name string }
		Spec       struct {
			CompletionMode       string `yaml:"completionMode"`
			Completions          int
			Parallelism          int
			BackoffLimit         int `yaml:"backoffLimit"`
			BackoffLimitPerIndex int `yaml:"backoffLimitPerIndex"`
			Template             struct {
				Spec struct {
					RestartPolicy string `yaml:"restartPolicy"`
					Grace         int    `yaml:"terminationGracePeriodSeconds"`
					Containers    []struct {
						Name, Image  string
						Command      []string
						Resources    struct{ Requests, Limits map[string]string }
						VolumeMounts []struct {
							Name  string
							Mount string `yaml:"mountPath"`
						} `yaml:"volumeMounts"`
					}
					Volumes []struct {
						Name  string
						Claim struct {
							Name string `yaml:"claimName"`
						} `yaml:"persistentVolumeClaim"`
					}
				}
			}
		}
	}
	var jobs []job
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	for {
		var j job
		if err := decoder.Decode(&j); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if j.APIVersion != "batch/v1" || j.Kind != "Job" || len(j.Spec.Template.Spec.Containers) != 1 || j.Spec.Template.Spec.RestartPolicy != "Never" {
			t.Fatalf("no job of one container: %+v", j)
		}
		jobs = append(jobs, j)
	}
	if len(jobs) != 2 || jobs[0].Spec.CompletionMode != "Indexed" || jobs[0].Spec.BackoffLimitPerIndex < 1 {
		t.Fatalf("no indexed job and one after it: %+v", jobs)
	}

	program, dir := build(t), t.TempDir()
	run := func(j job, runs string, env ...string) {
		t.Helper()
		c := j.Spec.Template.Spec.Containers[0]
		args := strings.Split(strings.ReplaceAll(strings.Join(c.Command, "\x00"), c.VolumeMounts[0].Mount, dir), "\x00")
		for i := range args {
			if args[i] == "--runs" {
				args[i+1] = runs
			}
		}
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Env = append(append(os.Environ(), "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH")), env...)
		if args[0] == filepath.Base(program) {
			cmd.Path, cmd.Err = program, nil
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", args, err, out)
		}
	}
	shares := jobs[0].Spec.Completions
	for i := range shares {
		run(jobs[0], "4000", "JOB_COMPLETION_INDEX="+strconv.Itoa(i))
	}
	run(jobs[1], "")
	if out, err := exec.Command(program, "batch", "meta-scale", "--runs", "4000", "--seed", "1", "--quiet", "--out", filepath.Join(dir, "whole")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"study.json", "parts/SHA256SUMS", "runs.parquet", "quantiles.csv"} {
		got, err1 := os.ReadFile(filepath.Join(dir, "study", name))
		want, err2 := os.ReadFile(filepath.Join(dir, "whole", name))
		if err1 != nil || err2 != nil || !bytes.Equal(got, want) {
			t.Errorf("%s of %d shares is not that of one machine: %v, %v", name, shares, err1, err2)
		}
	}
}
