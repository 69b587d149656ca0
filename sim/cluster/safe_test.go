package cluster

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
)

// On a network, the server speaks TLS 1.3 to those who have its token, and to nobody else.
func TestNetwork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := serve(dir, "127.0.0.1:0", true)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	good := Access{URL: s.URL, User: WorkerUser, Token: s.Token, Pin: s.Pin, Wait: true}
	nc, err := good.Connect()
	if err != nil {
		t.Fatalf("with token and fingerprint: %v", err)
	}
	state, err := nc.TLSConnectionState()
	if err != nil || state.Version != tls.VersionTLS13 {
		t.Errorf("TLS %#x, %v", state.Version, err)
	}
	nc.Close()
	for what, change := range map[string]func(*Access){
		"without a token":               func(a *Access) { a.Token = "" },
		"with another token":            func(a *Access) { a.Token += "x" },
		"with another fingerprint":      func(a *Access) { a.Pin = strings.Repeat("0", 64) },
		"with nobody to vouch for it":   func(a *Access) { a.Pin = "" },
		"as a collector from elsewhere": func(a *Access) { a.User = CollectorUser },
	} {
		a := good
		change(&a)
		if nc, err := a.Connect(); err == nil { // nor waits, since that would mend nothing, but where it took too long to be refused
			if last := nc.LastError(); nc.IsConnected() || isFinal(last) {
				t.Errorf("%s, somebody connects (%v)", what, last)
			}
			nc.Close()
		}
	}
	old := append(always(inbox), nats.UserInfo(WorkerUser, s.Token), nats.Secure(&tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}))
	if nc, err := nats.Connect(s.URL, old...); err == nil {
		nc.Close()
		t.Error("somebody connects with TLS 1.2")
	}
	if nc, err := nats.Connect(strings.Replace(s.URL, "tls:", "nats:", 1), nats.UserInfo(WorkerUser, s.Token), nats.TLSHandshakeFirst()); err == nil {
		nc.Close()
		t.Error("somebody connects without knowing the certificate")
	}
	for _, secret := range []string{"token", "certificate.pem"} {
		if info, err := os.Stat(filepath.Join(dir, secret)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s can be read by others: %v", secret, err)
		}
	}

	// What would go over a network in the clear, or without a token, is refused before it is tried.
	for _, c := range []struct {
		access Access
		want   string
	}{
		{Access{URL: "nats://node1.example:4222", Token: "x"}, "tls:// is needed"},
		{Access{URL: "tls://node1.example:4222"}, "a token (EXODUS_TOKEN) or an NKey (--nkey) is needed"},
		{Access{URL: "nats://127.0.0.1:4222,nats://node2.example:4222", Token: "x"}, "nats://node2.example:4222 is on a network"},
		{Access{URL: "tls://token@node1.example:4222"}, "a token belongs in EXODUS_TOKEN"},
		{Access{URL: "http://127.0.0.1:4222"}, "nats://host:port or tls://host:port is needed"},
	} {
		if _, err := c.access.Connect(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.access.URL, err, c.want)
		}
	}
}

// An NKey does what a token does.
func TestNKey(t *testing.T) {
	t.Parallel()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	name, _ := pair.PublicKey()
	seed, _ := pair.Seed()
	file := filepath.Join(t.TempDir(), "worker.nk")
	if err := os.WriteFile(file, seed, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, Nkeys: []*server.NkeyUser{{Nkey: name}}})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer s.Shutdown()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	nc, err := Access{URL: s.ClientURL(), User: WorkerUser, Key: file}.Connect()
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
	if nc, err := (Access{URL: s.ClientURL(), User: WorkerUser, Token: "x"}).Connect(); err == nil {
		nc.Close()
		t.Error("a token does for an NKey")
	}
	for _, bad := range []string{file + "x", os.Args[0]} {
		if _, err := (Access{URL: s.ClientURL(), Key: bad}).Connect(); err == nil || !strings.Contains(err.Error(), "no seed of an NKey can be read") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// A worker whose server came back as another, with other tokens or another certificate, ends and says so.
func TestAnotherServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := serve(dir, "127.0.0.1:0", true)
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimPrefix(s.URL, "tls://")
	for other, want := range map[string]string{"token": "does not know this token", "certificate.pem": "another fingerprint"} {
		access := Access{URL: s.URL, User: WorkerUser, Token: s.Token, Pin: s.Pin}
		nc, err := access.Connect()
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		if err := os.Remove(filepath.Join(dir, other)); err != nil {
			t.Fatal(err)
		}
		if s, err = serve(dir, address, true); err != nil {
			t.Fatal(err)
		}
		if _, err := Work(t.Context(), nc, toyWorker(0)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		nc.Close()
	}
	s.Close()
}

// A worker may do its work, and nothing else.
func TestPermissions(t *testing.T) {
	t.Parallel()
	_, nc, worker := serveHere(t)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := ensure(t.Context(), js, wait, 1); err != nil {
		t.Fatal(err)
	}
	if err := publishJob(t.Context(), js, toyJob(3), wait); err != nil {
		t.Fatal(err)
	}
	if h, err := readHead(t.Context(), worker); err != nil || h.Chunks != 3 {
		t.Fatalf("a worker cannot read what is studied: %v", err)
	}
	denied := make(chan error, 1)
	worker.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		select {
		case denied <- err:
		default:
		}
	})
	for _, subject := range []string{
		jobHead, jobBody + "x.0", taskSubject, progressSubject,
		"$JS.API.STREAM.CREATE.MINE", "$JS.API.STREAM.DELETE." + resultStream, "$JS.API.STREAM.PURGE." + taskStream, "$JS.API.STREAM.UPDATE." + taskStream,
		"$JS.API.STREAM.MSG.GET." + resultStream, "$JS.API.DIRECT.GET." + resultStream, "$JS.API.STREAM.LIST", "$JS.API.INFO",
		"$JS.API.CONSUMER.MSG.NEXT." + resultStream + "." + collectors, "$JS.API.CONSUMER.CREATE." + resultStream, "$JS.API.CONSUMER.DELETE." + taskStream + "." + workers,
		"$JS.ACK." + resultStream + "." + collectors + ".1.1.1.1.0", "$SYS.REQ.SERVER.PING", "anything",
	} {
		worker.Publish(subject, []byte("{}"))
		expectDenied(t, worker, denied, "publish on "+subject)
	}
	for _, subject := range []string{">", "exodus.>", resultSubject + "*", taskSubject, "_INBOX.>", collectorInbox + ".>", "$JS.EVENT.>"} {
		if _, err := worker.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		expectDenied(t, worker, denied, "listen to "+subject)
	}
}

// A worker that would clear or collect is told at once that it may not, where the server would not answer.
func TestNotPermitted(t *testing.T) {
	t.Parallel()
	_, _, worker := serveHere(t)
	for what, err := range map[string]error{
		"clear": Clear(t.Context(), worker),
		"collect": func() error {
			_, err := Collect(t.Context(), worker, toyCollection(t.TempDir(), 3))
			return err
		}(),
	} {
		if !errors.Is(err, nats.ErrPermissionViolation) || !strings.Contains(err.Error(), "this takes the collector's token (EXODUS_TOKEN)") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func expectDenied(t *testing.T, nc *nats.Conn, denied chan error, what string) {
	t.Helper()
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-denied:
		if !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("%s: %v", what, err)
		}
	case <-time.After(10 * time.Second):
		t.Errorf("a worker can %s", what)
	}
}

// The configuration for three nodes gives workers what the server in the process gives them, and asks for TLS 1.3.
func TestConfiguration(t *testing.T) {
	o := configuration(t, t.TempDir(), []string{"4222", "6222", "4223", "6223", "4224", "6224"}, 0)
	if o.TLSConfig == nil || o.TLSConfig.MinVersion != tls.VersionTLS13 || o.Cluster.TLSConfig == nil || o.Cluster.TLSConfig.MinVersion != tls.VersionTLS13 {
		t.Error("TLS 1.3 is not asked for")
	}
	if !o.SyncAlways || o.MaxPayload != 1<<20 || len(o.Routes) != 3 || o.NoAuthUser != "" {
		t.Errorf("sync always %v, messages of %d bytes, %d routes, %q without a token", o.SyncAlways, o.MaxPayload, len(o.Routes), o.NoAuthUser)
	}
	publish, subscribe := WorkerPermissions()
	i := slices.IndexFunc(o.Users, func(u *server.User) bool { return u.Username == WorkerUser })
	if i < 0 || len(o.Users) != 2 {
		t.Fatalf("%d users, the worker at %d", len(o.Users), i)
	}
	if p := o.Users[i].Permissions; !slices.Equal(p.Publish.Allow, publish) || !slices.Equal(p.Subscribe.Allow, subscribe) {
		t.Errorf("a worker may publish on %q, want %q; and listen to %q, want %q", p.Publish.Allow, publish, p.Subscribe.Allow, subscribe)
	}
}

// The configuration starts with whatever token and name of a node, if it is quoted by what its head says.
func TestAnyToken(t *testing.T) {
	text, err := os.ReadFile(configFile)
	if err != nil {
		t.Fatal(err)
	}
	quote := regexp.MustCompile(`(?m)^#\s+(quoted\(\) \{.*\})$`).FindSubmatch(text)
	if quote == nil {
		t.Fatal("the configuration does not say how to quote a value")
	}
	started := []string{"12345678", "8k", "yes", "abc # x", `a"b\c'd`}
	tokens := append(started, "true", "1e3", "-5", "0x10", "a // b", " a ", "$HOME", "{a: 1}", "[1]", "2026-01-01", "a;b", "a,b", "a=b", "ä→", `\`, `"`, "include x",
		strings.Repeat("x", 300))
	out, err := exec.Command("sh", append([]string{"-c", string(quote[1]) + "\nfor v; do quoted \"$v\"; echo; done", "sh"}, tokens...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		token, node := tokens[i], []string{"1", "8k", "yes", "node#1"}[i%4]
		if line != quoted(token) {
			t.Errorf("%s is quoted as %s", token, line)
		}
		t.Run(token, func(t *testing.T) {
			dir := t.TempDir()
			o := configuration(t, dir, []string{"-1", "1", "-1", "2", "-1", "3"}, 0, "PEER="+quoted("127.0.0.1:-1"),
				"NODE="+quoted(node), "WORKER_TOKEN="+line, "COLLECTOR_TOKEN="+quoted("c"+token))
			if o.ServerName != node || o.Users[0].Password != "c"+token || o.Users[1].Password != token {
				t.Errorf("the node is called %q, and its tokens are %q and %q", o.ServerName, o.Users[0].Password, o.Users[1].Password)
			}
			if i >= len(started) {
				return
			}
			o.NoSigs, o.NoLog, o.DisableJetStreamBanner = true, true, true
			s, err := server.NewServer(o)
			if err != nil {
				t.Fatal(err)
			}
			s.Start()
			defer s.Shutdown()
			if !s.ReadyForConnections(10 * time.Second) {
				t.Fatal("the server does not start")
			}
			url := "tls://" + s.Addr().String()
			for user, token := range map[string]string{WorkerUser: token, CollectorUser: "c" + token} {
				nc, err := Access{URL: url, User: user, Token: token, CA: filepath.Join(dir, "certificate.pem")}.Connect()
				if err != nil {
					t.Error(err)
					continue
				}
				if got := nc.ConnectedServerName(); got != node {
					t.Errorf("the node is called %s, not %s", got, node)
				}
				nc.Close()
			}
		})
	}
}

// Messages that are not what they should be are dropped and counted, and harm nothing.
func TestHostile(t *testing.T) {
	t.Parallel()
	const chunks = 20
	dir := toyStudy(t, chunks)
	_, nc, worker := serveHere(t)
	js, err := jetstream.New(worker)
	if err != nil {
		t.Fatal(err)
	}
	send := func(subject string, content []byte, headers ...string) {
		m := nats.NewMsg(subject)
		m.Data = content
		for i := 0; i < len(headers); i += 2 {
			m.Header.Set(headers[i], headers[i+1])
		}
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		if _, err := js.PublishMsg(ctx, m); err != nil {
			t.Errorf("%s: %v", subject, err)
		}
	}
	plan, whole := toyJob(chunks).Plan, contentOf(1)
	good := []string{headPlan, plan, headProbe, "probe"}
	sent, sum := 0, sumOf(whole)
	var collecting, over = make(chan bool), make(chan Progress, 1)
	go func() {
		c := toyCollection(dir, chunks)
		c.Say = func(Progress) {
			select {
			case collecting <- true:
			default:
			}
		}
		p, err := Collect(t.Context(), nc, c)
		if err != nil {
			t.Error(err)
		}
		over <- p
	}()
	<-collecting
	// An object that was announced and never came.
	objects := "$O." + bucket + ".M." + base64.URLEncoding.EncodeToString([]byte("half"))
	send(objects, []byte(`{"name":"half","bucket":"`+bucket+`","nuid":"x","size":100,"chunks":1,"digest":"SHA-256=x"}`), "Nats-Rollup", "sub")
	for _, hostile := range []struct {
		subject string
		content []byte
		headers []string
	}{
		{"1." + sum, whole[:len(whole)/2], good}, // truncated
		{"2." + sum, whole, good},                // another chunk's
		{"3." + sumOf(nil), nil, nil},
		{"4." + sum, whole, []string{headPlan, "another", headProbe, "probe"}},
		{"5." + sum, whole, []string{headPlan, plan, headProbe, "another"}},
		{"6." + sum, nil, append(slices.Clone(good), headObject, "nowhere")},
		{"7." + sum, nil, append(slices.Clone(good), headObject, "../../etc/passwd")},
		{"10." + sum, nil, append(slices.Clone(good), headObject, "half")},
		{"8." + sum, bytes.Repeat([]byte("x"), 900<<10), good},
		{"8.sum\x1b[31m", whole, good}, {"8." + strings.Repeat("0", 1000), whole, good},
		{"-1." + sum, whole, good}, {"20." + sum, whole, good}, {"01." + sum, whole, good}, {"x." + sum, whole, good}, {"99999999999999999999." + sum, whole, good},
	} {
		send(resultSubject+hostile.subject, hostile.content, hostile.headers...)
		sent++
	}
	if err := worker.Publish(resultSubject+"9."+sum, make([]byte, 2<<20)); !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("two megabytes in a message: %v", err)
	}
	for _, beat := range [][]byte{nil, []byte("{"), []byte(`{"name":"another"}`), bytes.Repeat([]byte("["), mostBeat), make([]byte, 1<<19)} {
		worker.Publish(beatSubject+"hostile", beat)
		sent++
	}
	const lines = 50 // of one worker, in well under a second
	for range lines {
		worker.Publish(beatSubject+"loud", []byte(`{"name":"loud"}`))
	}
	if err := worker.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := Work(t.Context(), worker, toyWorker(0)); err != nil {
		t.Error(err)
	}
	p := <-over
	if p.Dropped < sent+lines/2 {
		t.Errorf("%d messages were dropped, of %d that are none and %d lines at once; the last: %s", p.Dropped, sent, lines, p.Why)
	}
	check(t, dir, chunks)
}

// A worker that is not fit for the study is told why, and gets no work.
func TestUnfit(t *testing.T) {
	t.Parallel()
	_, nc, worker := serveHere(t)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := ensure(t.Context(), js, wait, 1); err != nil {
		t.Fatal(err)
	}
	if err := publishJob(t.Context(), js, toyJob(3), wait); err != nil {
		t.Fatal(err)
	}
	for want, accept := range map[string]func(Job) (func(context.Context, int) (Outcome, error), string, error){
		"this is version 2": func(j Job) (func(context.Context, int) (Outcome, error), string, error) {
			return nil, "", fmt.Errorf("the study is of version %s, this is version 2", j.Version)
		},
		"a short run gives another here and probe": func(Job) (func(context.Context, int) (Outcome, error), string, error) {
			return nil, "another", nil
		},
	} {
		done, err := Work(t.Context(), worker, Worker{Accept: accept})
		if !errors.Is(err, ErrUnfit) || !strings.Contains(err.Error(), want) || done.Chunks != 0 {
			t.Errorf("%v, %+v; want %q", err, done, want)
		}
	}
}

// A queue that has a study in it refuses another, until that is done or taken away; one that is a study's own does not.
func TestBusy(t *testing.T) {
	t.Parallel()
	_, nc, nw := serveHere(t)
	collect := func(job Job) error { // until it is under way
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		c := toyCollection(t.TempDir(), 1)
		c.Job, c.Say = job, func(Progress) { stop() }
		_, err := Collect(ctx, nc, c)
		return err
	}
	if err := collect(toyJob(3)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := collect(toyJob(4)); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "exodus status --clear") {
		t.Errorf("another study: %v", err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	m := nats.NewMsg(resultSubject + "1." + sumOf(nil))
	m.Header.Set(headPlan, toyJob(3).Plan)
	if _, err := js.PublishMsg(t.Context(), m); err != nil { // it is there before the next one begins
		t.Fatal(err)
	}
	own := toyCollection(t.TempDir(), 5)
	own.Missing, own.Own = own.Missing[:2], true
	var once sync.Once // a worker that came before would be at the one that was given up
	own.Say = func(Progress) { once.Do(func() { go Work(t.Context(), nw, toyWorker(0)) }) }
	if p, err := Collect(t.Context(), nc, own); err != nil || p.Dropped > 0 {
		t.Errorf("where the queue is one's own: %v, %+v", err, p)
	}
	if err := collect(toyJob(3)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := Clear(t.Context(), nc); err != nil {
		t.Fatal(err)
	}
	if err := collect(toyJob(4)); !errors.Is(err, context.Canceled) {
		t.Errorf("after the first was taken away: %v", err)
	}
}
