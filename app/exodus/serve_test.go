package main

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// queued is a batch that serves a queue, and the line by which workers join, with the token that it begins with.
type queued struct {
	*exec.Cmd
	join  []string
	token string
	done  chan error
	said  *bytes.Buffer
}

func serveBatch(t *testing.T, program, address, dir, runs string) *queued {
	t.Helper()
	q := &queued{Cmd: exec.Command(program, "batch", "meta-scale", "--against", "no-deal", "--runs", runs, "--out", dir, "--resume",
		"--serve", "--listen", address, "--ack-wait", "1s"), done: make(chan error, 1), said: &bytes.Buffer{}}
	stderr, err := q.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.Process.Kill() })
	lines := bufio.NewScanner(stderr)
	for q.join == nil && lines.Scan() {
		q.said.WriteString(lines.Text() + "\n")
		if token, line, ok := strings.Cut(strings.TrimSpace(lines.Text()), " exodus work "); ok {
			q.token, q.join = token, append([]string{"work"}, strings.Fields(line)...)
		}
	}
	if q.join == nil {
		t.Fatalf("no line for workers in\n%s", q.said)
	}
	go func() {
		for lines.Scan() {
			q.said.WriteString(lines.Text() + "\n")
		}
		q.done <- q.Wait()
	}()
	return q
}

func (q *queued) ends(t *testing.T) {
	t.Helper()
	select {
	case err := <-q.done:
		if err != nil {
			t.Fatalf("%v\n%s", err, q.said)
		}
	case <-time.After(5 * time.Minute):
		t.Fatalf("the study does not end\n%s", q.said)
	}
}

// join starts a worker in another directory: it has nothing but the line.
func join(t *testing.T, program string, q *queued) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(program, append(q.join, "--workers", "1")...)
	cmd.Env = append(os.Environ(), q.token)
	cmd.Dir, cmd.Stdout, cmd.Stderr = t.TempDir(), &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	return cmd, &out
}

// A study that one process serves and others compute, of which one is killed, one is asked to stop, and the server
// itself is killed and started again, ends with the same bytes as one on a single machine.
func TestServed(t *testing.T) {
	program := build(t)
	const runs = "9000"
	whole, served := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "served")
	batch(t, program, whole, "--runs", runs)

	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	q := serveBatch(t, program, address, served, runs)
	killed, _ := join(t, program, q)
	asked, said := join(t, program, q)
	stays, told := join(t, program, q)

	// status, a process of its own, tells what each worker has done.
	computed := regexp.MustCompile(`(?m)^  \S+-(\d+): [1-9][\d,]* runs`)
	await(t, "three workers at work", func() bool {
		ask := exec.Command(program, "status", "--server", q.join[2])
		ask.Env = append(os.Environ(), q.token)
		out, _ := ask.CombinedOutput()
		return len(computed.FindAllString(string(out), -1)) == 3
	})
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed.Wait()
	if err := asked.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := asked.Wait(); err == nil || !strings.Contains(said.String(), "finished chunks were delivered, the rest given back") {
		t.Errorf("a worker that is asked to stop: %v, %s", err, said)
	}
	if err := q.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-q.done
	if _, err := os.Stat(filepath.Join(served, "runs.parquet")); err == nil {
		t.Fatal("the study was done before its server was killed: nothing was tried")
	}
	q = serveBatch(t, program, address, served, runs)
	q.ends(t)
	if err := stays.Wait(); err != nil || !strings.Contains(told.String(), "The study is done") {
		t.Errorf("a worker whose server came back: %v, %s", err, told)
	}
	if got, want := contents(t, served), contents(t, whole); got != want {
		t.Errorf("the directory holds\n%swant\n%s", got, want)
	}
}

func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}
