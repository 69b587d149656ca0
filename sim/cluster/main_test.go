package cluster

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// The tests start this binary again, as collectors, workers and servers: real processes, that can be killed.
func TestMain(m *testing.M) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute) // whatever happens to the test
	role := os.Getenv("EXODUS_TEST_ROLE")
	var err error
	switch role {
	case "collector":
		err = collectorProcess(ctx, os.Args[1], os.Args[2])
	case "worker":
		err = workerProcess(ctx, os.Args[1])
	case "node":
		err = nodeProcess(ctx, os.Args[1])
	default:
		stop()
		cancel()
		flag.Parse()
		if n := flag.Lookup("test.parallel"); n.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
			n.Value.Set("6") // since tests wait more than they compute
		}
		os.Exit(m.Run())
	}
	stop()
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, role+":", err)
		os.Exit(1)
	}
}

// wait is how long a task may be silent in these tests.
const wait = 400 * time.Millisecond

// isLarge says whether what a chunk comes to is too large for a message.
func isLarge(chunk int) bool { return chunk%20 == 0 }

// contentOf is what a chunk comes to.
func contentOf(chunk int) []byte {
	sum := sha256.Sum256([]byte(strconv.Itoa(chunk)))
	if isLarge(chunk) {
		return bytes.Repeat(sum[:], 40<<10)
	}
	return bytes.Repeat(sum[:], 100)
}

func toyJob(chunks int) Job {
	return Job{Version: "1", Plan: fmt.Sprintf("plan-of-%d", chunks), Probe: "probe", Chunks: chunks, Body: []byte("a study")}
}

// toyWorker computes a chunk in the given time.
func toyWorker(pace time.Duration) Worker {
	return Worker{Hand: 2, Accept: func(Job) (func(context.Context, int) (Outcome, error), string, error) {
		return func(ctx context.Context, chunk int) (Outcome, error) {
			pause(ctx, pace)
			return Outcome{Content: contentOf(chunk), Runs: 1}, nil
		}, "probe", nil
	}}
}

// toyCollection collects a study of so many chunks into a directory, and takes nothing but what is right.
func toyCollection(dir string, chunks int) Collection {
	return Collection{Job: toyJob(chunks), Missing: missingIn(dir, chunks), Take: take(dir), Forget: forget(dir), Wait: wait,
		Compute: func(_ context.Context, chunk int) ([]byte, error) { return contentOf(chunk), nil }}
}

func chunkFile(dir string, chunk int) string {
	return filepath.Join(dir, fmt.Sprintf("chunk-%05d", chunk))
}

// take writes a chunk into a directory, if it is what it should be.
func take(dir string) func(chunk int, content []byte) error {
	return func(chunk int, content []byte) error {
		if !bytes.Equal(content, contentOf(chunk)) {
			return fmt.Errorf("%w: other bytes", ErrBad)
		}
		return takeAny(dir)(chunk, content)
	}
}

// takeAny takes whatever comes, unless something else is there.
func takeAny(dir string) func(chunk int, content []byte) error {
	return func(chunk int, content []byte) error {
		if old, err := os.ReadFile(chunkFile(dir, chunk)); err == nil && !bytes.Equal(old, content) {
			return ErrOther
		}
		f, err := os.CreateTemp(dir, ".beside-")
		if err != nil {
			return err
		}
		defer os.Remove(f.Name())
		_, err = f.Write(content)
		if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
			return err
		}
		return os.Rename(f.Name(), chunkFile(dir, chunk))
	}
}

func forget(dir string) func(chunks []int) error {
	return func(chunks []int) (err error) {
		for _, chunk := range chunks {
			err = errors.Join(err, os.Remove(chunkFile(dir, chunk)))
		}
		return err
	}
}

func missingIn(dir string, chunks int) (missing []int) {
	entries, _ := os.ReadDir(dir)
	there := map[string]bool{}
	for _, e := range entries {
		there[e.Name()] = true
	}
	for chunk := range chunks {
		if !there[filepath.Base(chunkFile(dir, chunk))] {
			missing = append(missing, chunk)
		}
	}
	return missing
}

// collectorProcess collects into a directory, over a server of its own or at a URL. Its file tells the number of chunks.
func collectorProcess(ctx context.Context, dir, at string) error {
	text, err := os.ReadFile(filepath.Join(dir, "chunks"))
	if err != nil {
		return err
	}
	chunks, err := strconv.Atoi(string(text))
	if err != nil {
		return err
	}
	c := toyCollection(dir, chunks)
	c.Span = 3
	var last Progress
	c.Say = func(p Progress) { last = p }
	connect := accessOf(at, CollectorUser).Connect
	if !strings.Contains(at, "://") {
		s, err := Serve(filepath.Join(dir, ".queue"), at)
		if err != nil {
			return err
		}
		defer s.Close()
		defer s.Drain(3 * time.Second)
		connect, c.Health = s.Connect, s.Health
	} else {
		c.Replicas = 3
	}
	nc, err := connect()
	if err != nil {
		return err
	}
	defer nc.Close()
	p, err := Collect(ctx, nc, c)
	fmt.Printf("again %d double %d dropped %d %s %s\n", p.Again, p.Double, p.Dropped, p.Why, last.Trouble)
	return err
}

// accessOf is how a process reaches a queue, with what its environment says of a network.
func accessOf(at, user string) Access {
	return Access{URL: at, User: user, Token: testToken, CA: os.Getenv("EXODUS_TEST_CA")}
}

func workerProcess(ctx context.Context, at string) error {
	access := accessOf(at, WorkerUser)
	access.Wait = true
	nc, err := access.Connect()
	if err != nil {
		return err
	}
	defer nc.Close()
	pace, err := time.ParseDuration(os.Getenv("EXODUS_TEST_PACE"))
	if err != nil {
		return err
	}
	w := toyWorker(pace)
	w.Gone, _ = time.ParseDuration(os.Getenv("EXODUS_TEST_GONE"))
	_, err = Work(ctx, nc, w)
	return err
}

// nodeProcess is one server of a cluster of three.
func nodeProcess(ctx context.Context, file string) error {
	o, err := server.ProcessConfigFile(file)
	if err != nil {
		return err
	}
	o.NoSigs, o.NoLog, o.DisableJetStreamBanner = true, true, true
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.Start()
	<-ctx.Done()
	s.Shutdown()
	return nil
}

// surroundings are the environment of one of three nodes, for the configuration that is shipped. ports are two for
// each node: for clients, and for the other nodes. The certificate vouches for itself, and for loopback.
func surroundings(t *testing.T, dir string, ports []string, node int) []string {
	t.Helper()
	cert := filepath.Join(dir, "certificate.pem")
	if _, err := keep(cert, func() ([]byte, error) { return newCertificate(net.IPv4(127, 0, 0, 1)) }); err != nil {
		t.Fatal(err)
	}
	env := []string{
		"NODE=" + quoted(fmt.Sprint("node", node)), "LISTEN=" + quoted("127.0.0.1:"+ports[2*node]), "PEER=" + quoted("127.0.0.1:"+ports[2*node+1]),
		"STORE=" + quoted(filepath.Join(dir, fmt.Sprint("node", node))), "CERT=" + quoted(cert), "KEY=" + quoted(cert), "CA=" + quoted(cert),
		"WORKER_TOKEN=" + quoted(testToken), "COLLECTOR_TOKEN=" + quoted(testToken), "EXODUS_TEST_CA=" + cert,
	}
	for k := range 3 {
		env = append(env, fmt.Sprintf("PEER%d=", k+1)+quoted("nats-route://127.0.0.1:"+ports[2*k+1]))
	}
	return env
}

// quoted is a text as the configuration of a server holds it.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

const (
	testToken  = "a-token-for-tests"
	configFile = "../../assets/cluster/nats.conf"
)

// configuration reads the configuration that is shipped, as a node does, with other settings than usual.
func configuration(t *testing.T, dir string, ports []string, node int, settings ...string) *server.Options {
	t.Helper()
	for _, setting := range append(surroundings(t, dir, ports, node), settings...) {
		name, value, _ := strings.Cut(setting, "=")
		t.Setenv(name, value)
	}
	o, err := server.ProcessConfigFile(configFile)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// process is a real one, that the tests started.
type process struct {
	*exec.Cmd
	out  *bytes.Buffer
	done chan error
}

func start(t *testing.T, role string, pace time.Duration, args ...string) *process {
	t.Helper()
	return startIn(t, nil, role, pace, args...)
}

func startIn(t *testing.T, env []string, role string, pace time.Duration, args ...string) *process {
	t.Helper()
	p := &process{exec.Command(os.Args[0], args...), &bytes.Buffer{}, make(chan error, 1)}
	p.Env = append(append(os.Environ(), "EXODUS_TEST_ROLE="+role, "EXODUS_TEST_PACE="+pace.String()), env...)
	p.Stdout, p.Stderr = p.out, p.out
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- p.Wait() }()
	t.Cleanup(func() {
		p.Process.Signal(syscall.SIGCONT)
		p.kill()
	})
	return p
}

func (p *process) kill() {
	p.Process.Kill()
	err := <-p.done
	p.done <- err // for whoever asks next
}

var lastPort atomic.Int64

// freePort is a port of loopback that nobody has, and that nobody is given who asks the kernel for any: those begin at
// 32768 on Linux. A server may come to it later, and come back to it.
func freePort(t *testing.T) string {
	t.Helper()
	for {
		port := strconv.FormatInt(12000+(int64(os.Getpid())*37+lastPort.Add(1))%20000, 10)
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			l.Close()
			return port
		}
	}
}

// check compares a directory with what was to be computed: nothing lost, nothing else.
func check(t *testing.T, dir string, chunks int) {
	t.Helper()
	for chunk := range chunks {
		got, err := os.ReadFile(chunkFile(dir, chunk))
		if err != nil || !bytes.Equal(got, contentOf(chunk)) {
			t.Errorf("chunk %d is not what it should be: %v", chunk, err)
		}
	}
	entries, _ := filepath.Glob(filepath.Join(dir, "chunk-*"))
	if len(entries) != chunks {
		t.Errorf("%d chunks are there, not %d", len(entries), chunks)
	}
}

// ends waits for the collector to end well.
func ends(t *testing.T, p *process) {
	t.Helper()
	select {
	case err := <-p.done:
		p.done <- err
		if err != nil {
			t.Fatalf("the collector ends with %v\n%s", err, p.out)
		}
	case <-time.After(2 * time.Minute):
		p.Process.Signal(syscall.SIGQUIT)
		p.done <- <-p.done // the stacks are written; whoever kills it asks again
		t.Fatalf("the study does not end\n%s", p.out)
	}
}

// toyStudy is a directory for a study of so many chunks.
func toyStudy(t *testing.T, chunks int) string {
	t.Helper()
	return toyStudyIn(t, t.TempDir(), chunks)
}

// toyStudyIn makes a directory one.
func toyStudyIn(t *testing.T, dir string, chunks int) string {
	t.Helper()
	if err := os.Mkdir(filepath.Join(dir, ".queue"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"chunks": strconv.Itoa(chunks), ".queue/token": testToken} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }
