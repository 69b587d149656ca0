package cluster

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Users of a queue.
const (
	WorkerUser    = "worker"
	CollectorUser = "collector"
)

// WorkerPermissions are all that a worker may publish and subscribe to.
func WorkerPermissions() (publish, subscribe []string) {
	return []string{
			resultSubject + "*.*", beatSubject + "*",
			"$JS.API.DIRECT.GET." + jobStream + ".exodus.job.>",
			"$JS.API.CONSUMER.INFO." + taskStream + "." + workers,
			"$JS.API.CONSUMER.MSG.NEXT." + taskStream + "." + workers,
			"$JS.ACK." + taskStream + "." + workers + ".>",
			"$JS.API.STREAM.INFO.OBJ_" + bucket, "$JS.API.DIRECT.GET.OBJ_" + bucket + ".>", "$O." + bucket + ".>",
		}, []string{
			inbox + ".>", progressSubject,
		}
}

// Server is a NATS server with JetStream inside this process.
type Server struct {
	URL   string // for workers
	Token string // for workers
	Pin   string // the fingerprint of its certificate; none on a loopback address

	server *server.Server
	secret string
	stop   context.CancelFunc
	well   sync.WaitGroup

	mu  sync.Mutex
	ill error
}

// Serve starts a server that keeps its queue, its token and its certificate in a directory, so that it can be killed and
// started again and be the same for its workers; one whose disk was full continues when there is room. It asks for the
// token, on loopback too, where others may be logged in; on any other address it also speaks TLS 1.3.
func Serve(dir, address string) (*Server, error) {
	host, _, _ := net.SplitHostPort(address)
	return serve(dir, address, !isLoopback(host))
}

func serve(dir, address string, onNetwork bool) (*Server, error) {
	host, portText, err := net.SplitHostPort(address)
	port, err2 := strconv.Atoi(portText)
	if err != nil || err2 != nil || port < 0 || port > 65535 {
		return nil, fmt.Errorf("listen on %s: a host and a port are needed, such as 127.0.0.1:4222", address)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	if host == "" {
		host = "0.0.0.0"
	}
	taken, err := net.Listen("tcp", net.JoinHostPort(host, portText)) // which the server would try for long
	if err != nil {
		return nil, fmt.Errorf("%w; choose another address with --listen", err)
	}
	taken.Close()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s := &Server{secret: newToken()}
	if s.Token, err = keep(filepath.Join(dir, "token"), func() ([]byte, error) { return []byte(newToken()), nil }); err != nil {
		return nil, err
	}
	publish, subscribe := WorkerPermissions()
	o := &server.Options{
		Host: host, Port: port, ServerName: "exodus", NoSigs: true, NoLog: true, MaxConn: mostWorkers, MaxPayload: 1 << 20,
		JetStream: true, StoreDir: dir, SyncAlways: true, JetStreamMaxStore: 64 << 30, DisableJetStreamBanner: true,
		Users: []*server.User{
			{Username: CollectorUser, Password: s.secret},
			{Username: WorkerUser, Password: s.Token, Permissions: &server.Permissions{
				Publish: &server.SubjectPermission{Allow: publish}, Subscribe: &server.SubjectPermission{Allow: subscribe}}},
		},
	}
	scheme := "nats"
	if onNetwork {
		scheme = "tls"
		cert, err := keep(filepath.Join(dir, "certificate.pem"), func() ([]byte, error) { return newCertificate() })
		if err != nil {
			return nil, err
		}
		pair, err := tls.X509KeyPair([]byte(cert), []byte(cert))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
		s.Pin = pinOf(pair.Certificate[0])
		o.TLS, o.TLSTimeout = true, 5
		o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}
	}
	if s.server, err = server.NewServer(o); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	s.server.Start()
	if !s.server.ReadyForConnections(10 * time.Second) {
		s.Close()
		return nil, fmt.Errorf("the server does not start on %s within 10 seconds", address)
	}
	if s.server.JetStreamConfig() == nil {
		s.Close()
		return nil, fmt.Errorf("%s: the queue cannot be kept there", dir)
	}
	watched, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.well.Go(func() {
		s.restore(watched, server.JetStreamConfig{StoreDir: dir, SyncAlways: o.SyncAlways, MaxStore: o.JetStreamMaxStore})
	})
	at := s.server.Addr().(*net.TCPAddr)
	if name := net.ParseIP(host); name != nil && name.IsUnspecified() {
		if host, err = os.Hostname(); err != nil {
			host = "HOST"
		}
	}
	s.URL = scheme + "://" + net.JoinHostPort(host, strconv.Itoa(at.Port))
	return s, nil
}

// Connect connects the collector, within the process.
func (s *Server) Connect() (*nats.Conn, error) {
	return nats.Connect("", append(always(collectorInbox), nats.InProcessServer(s.server), nats.UserInfo(CollectorUser, s.secret))...)
}

// Drain waits until workers have gone, for so long at most.
func (s *Server) Drain(most time.Duration) {
	for end := time.Now().Add(most); time.Now().Before(end) && s.server.NumClients() > 0; {
		time.Sleep(50 * time.Millisecond)
	}
}

// restore starts the streams anew when one could not be written, as on a full disk: until then, NATS takes
// nothing that is sent to them.
func (s *Server) restore(ctx context.Context, config server.JetStreamConfig) {
	for ill, well := 0, 0; ctx.Err() == nil; pause(ctx, time.Second) {
		h := s.server.Healthz(nil)
		if h.StatusCode == http.StatusOK {
			if ill, well = 0, well+1; well == 10 { // until then, anyone who asks should hear of it
				s.setHealth(nil)
			}
			continue
		}
		ill, well = ill+1, 0
		_, why, isDisk := strings.Cut(h.Error, "write error: ")
		if !isDisk {
			why = h.Error
		}
		if isDisk && ill > 1 || ill > 10 { // a stream that is just made or deleted may look ill, for longer on a busy machine
			s.setHealth(errors.New(why))
			again := config
			s.server.ShutdownJetStream()
			s.server.EnableJetStream(&again) // an error is one of the disk, and tried again
		}
	}
}

func (s *Server) setHealth(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ill = err
}

// Health is an error while the queue cannot be written, such as on a disk that is full. It recovers as soon as there is room.
func (s *Server) Health() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ill
}

// Close ends the server.
func (s *Server) Close() {
	if s.stop != nil {
		s.stop()
		s.well.Wait()
	}
	s.server.Shutdown()
	s.server.WaitForShutdown()
}

func newToken() string { return strings.ToLower(rand.Text()) }

// keep reads a file, or makes it.
func keep(path string, create func() ([]byte, error)) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if text, err = create(); err == nil {
			err = os.WriteFile(path, text, 0o600)
		}
	}
	return string(text), err
}

// newCertificate makes a certificate that vouches for itself: workers know it by its fingerprint, not by the name
// or the address of its host; others by those that are given.
func newCertificate(addresses ...net.IP) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "exodus"}, DNSNames: []string{"exodus"}, IPAddresses: addresses,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	cert, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...), nil
}

func pinOf(cert []byte) string {
	sum := sha256.Sum256(cert)
	return hex.EncodeToString(sum[:])
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Access is how a queue is reached.
type Access struct {
	URL   string // nats://host:port, or tls://host:port; several with commas between them
	User  string // WorkerUser or CollectorUser
	Token string // the password of that user
	Key   string // a file with the seed of an NKey, instead of a token
	CA    string // a file with the certificates to trust, instead of the system's
	Pin   string // the fingerprint of the one certificate to trust, as [Server] states it
	Wait  bool   // for a server that is not there yet
}

// errPin is the error of a server with another certificate.
var errPin = errors.New("the server's certificate has another fingerprint")

// isFinal says whether an error of a connection is one that waiting does not help.
func isFinal(err error) bool {
	return errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrSecureConnWanted) || errors.Is(err, errPin) ||
		errors.As(err, new(*tls.CertificateVerificationError))
}

// hint says what may help a user who was refused.
func (a Access) hint(err error) string {
	switch {
	case errors.Is(err, nats.ErrAuthorization) && a.Token == "" && a.Key == "":
		return "; a token in EXODUS_TOKEN, or an NKey, is needed"
	case errors.Is(err, nats.ErrAuthorization) && a.User == CollectorUser:
		return "; " + forCollectors
	case errors.Is(err, nats.ErrAuthorization):
		return "; the server does not know this token (EXODUS_TOKEN) or NKey"
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return "; say what to trust, with --pin or --ca"
	}
	return ""
}

const forCollectors = "this takes the collector's token (EXODUS_TOKEN) or NKey; a worker's is not enough"

// permitted does what a collector asks of a server, which does not answer what it does not permit.
func permitted(ctx context.Context, nc *nats.Conn, do func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer nc.SetErrorHandler(nc.ErrorHandler())
	nc.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		if errors.Is(err, nats.ErrPermissionViolation) {
			cancel(fmt.Errorf("%s (%w)", forCollectors, nats.ErrPermissionViolation))
		}
	})
	err := do(ctx)
	if why := context.Cause(ctx); errors.Is(why, nats.ErrPermissionViolation) {
		return why
	}
	return err
}

// Connect connects to a queue. It refuses to go over a network without TLS and a token or an NKey.
func (a Access) Connect() (*nats.Conn, error) {
	options := always(inbox)
	if a.User == CollectorUser {
		options = always(collectorInbox)
	}
	for one := range strings.SplitSeq(a.URL, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil || u.Hostname() == "" || u.Scheme != "nats" && u.Scheme != "tls" {
			return nil, fmt.Errorf("the server %q: nats://host:port or tls://host:port is needed", one)
		}
		if u.User != nil {
			return nil, fmt.Errorf("the server %s: a token belongs in EXODUS_TOKEN, where nobody reads it over a shoulder", u.Redacted())
		}
		if isLoopback(u.Hostname()) {
			continue
		}
		if u.Scheme != "tls" {
			return nil, fmt.Errorf("the server %s is on a network: tls:// is needed", one)
		}
		if a.Token == "" && a.Key == "" {
			return nil, fmt.Errorf("the server %s is on a network: a token (EXODUS_TOKEN) or an NKey (--nkey) is needed", one)
		}
	}
	switch {
	case a.Key != "":
		option, err := nats.NkeyOptionFromSeed(a.Key)
		if err != nil {
			return nil, fmt.Errorf("%s: no seed of an NKey can be read: %w", a.Key, err)
		}
		options = append(options, option)
	case a.Token != "":
		options = append(options, nats.UserInfo(a.User, a.Token))
	}
	if strings.Contains(a.URL, "tls://") {
		config := &tls.Config{MinVersion: tls.VersionTLS13}
		if a.Pin != "" {
			config.InsecureSkipVerify = true // the name and the chain; the certificate itself is compared
			config.VerifyConnection = func(c tls.ConnectionState) error {
				if got := pinOf(c.PeerCertificates[0].Raw); got != strings.ToLower(a.Pin) {
					return fmt.Errorf("%w, %s, not %s", errPin, got, a.Pin)
				}
				return nil
			}
		} else if a.CA != "" {
			options = append(options, nats.RootCAs(a.CA))
		}
		options = append(options, nats.Secure(config))
	}
	nc, err := nats.Connect(a.URL, options...)
	if a.Wait && err != nil && !isFinal(err) {
		nc, err = nats.Connect(a.URL, append(options, nats.RetryOnFailedConnect(true))...)
	}
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w%s", a.URL, err, a.hint(err))
	}
	return nc, nil
}

// always are the options of every connection: it comes back however long the server is away.
func always(inbox string) []nats.Option {
	return []nats.Option{
		nats.Name("exodus"), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond), nats.ReconnectJitter(250*time.Millisecond, 250*time.Millisecond),
		nats.CustomInboxPrefix(inbox), nats.PingInterval(10 * time.Second), nats.MaxPingsOutstanding(3), nats.Timeout(5 * time.Second),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}
}
