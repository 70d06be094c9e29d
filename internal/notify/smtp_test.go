package notify

import (
	"bufio"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// mailServer is an SMTP server that may misbehave.
type mailServer struct {
	t        *testing.T
	listener net.Listener
	cert     tls.Certificate
	ca       string // PEM file of the certificate

	implicit bool              // TLS from the first byte
	noTLS    bool              // does not offer STARTTLS
	replies  map[string]string // instead of the usual, by command: "" drops the connection, "-" never answers

	mu      sync.Mutex
	letters []string
	lines   []string
	sealed  []bool // for each letter, whether it came by TLS
}

func newMailServer(t *testing.T, change func(*mailServer)) *mailServer {
	t.Helper()
	web := httptest.NewTLSServer(nil) // for its certificate of 127.0.0.1
	defer web.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	raw := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	if err := os.WriteFile(ca, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &mailServer{t: t, listener: l, cert: web.TLS.Certificates[0], ca: ca, replies: map[string]string{}}
	if change != nil {
		change(s)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s
}

func (s *mailServer) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	secure := &tls.Config{Certificates: []tls.Certificate{s.cert}}
	sealed := s.implicit
	if sealed {
		conn = tls.Server(conn, secure)
	}
	in := bufio.NewReader(conn)
	say := func(reply string) { _, _ = fmt.Fprintf(conn, "%s\r\n", reply) } // Who is gone needs no answer.
	say("220 test ESMTP")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb := strings.ToUpper(strings.SplitN(line, " ", 2)[0])
		s.mu.Lock()
		s.lines = append(s.lines, line)
		s.mu.Unlock()
		if verb != "DATA" && !s.answer(say, verb) {
			return
		}
		switch {
		case verb == "STARTTLS" && s.replies[verb] == "":
			say("220 go")
			conn, sealed = tls.Server(conn, secure), true
			in = bufio.NewReader(conn)
		case verb == "DATA":
			say("354 go ahead")
			letter, ok := readLetter(in)
			if !ok || !s.answer(func(reply string) {
				if strings.HasPrefix(reply, "250") {
					s.mu.Lock()
					s.letters, s.sealed = append(s.letters, letter), append(s.sealed, sealed)
					s.mu.Unlock()
				}
				say(reply)
			}, verb) {
				return
			}
		}
	}
}

func readLetter(in *bufio.Reader) (string, bool) {
	var b strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return "", false
		}
		if line == ".\r\n" {
			return b.String(), true
		}
		b.WriteString(line)
	}
}

// answer is false when the connection is to be dropped.
func (s *mailServer) answer(say func(string), verb string) bool {
	if reply, ok := s.replies[verb]; ok {
		switch reply {
		case "":
			return false
		case "-":
			return true
		}
		say(reply)
		return verb != "QUIT"
	}
	switch verb {
	case "EHLO":
		say("250-test")
		if !s.noTLS && !s.implicit {
			say("250-STARTTLS")
		}
		say("250-ENHANCEDSTATUSCODES")
		say("250 AUTH PLAIN")
	case "STARTTLS":
	case "AUTH":
		say("235 2.7.0 welcome")
	case "QUIT":
		say("221 bye")
		return false
	default:
		say("250 2.0.0 ok")
	}
	return true
}

func (s *mailServer) config(security string) SMTPConfig {
	return SMTPConfig{
		Addr: s.listener.Addr().String(), Security: security, From: "好日生活 <service@example.com>", User: "hotline", Password: "secret",
		CAFile: s.ca, Timeout: 2 * time.Second,
	}
}

var letter = Message{Key: "survey:c1", Channel: Mail, To: "amy@example.org", Subject: "請評分", Body: "請點 https://a.example/s/abc"}

func TestMailIsSentSealed(t *testing.T) {
	for _, security := range []string{"starttls", "tls"} {
		server := newMailServer(t, func(s *mailServer) { s.implicit = security == "tls" })
		sender, err := newSMTP(server.config(security))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sender.Send(t.Context(), letter); err != nil {
			t.Fatalf("%s: %v", security, err)
		}
		server.mu.Lock()
		defer server.mu.Unlock()
		if len(server.letters) != 1 || !server.sealed[0] {
			t.Fatalf("%s: %d letters, sealed %v", security, len(server.letters), server.sealed)
		}
		for _, want := range []string{"To: <amy@example.org>", "Message-ID: <", "Auto-Submitted: auto-generated", "Subject: =?UTF-8?"} {
			if !strings.Contains(server.letters[0], want) {
				t.Errorf("%s: no %q in %s", security, want, server.letters[0])
			}
		}
		if !slices.ContainsFunc(server.lines, func(l string) bool { return strings.HasPrefix(l, "AUTH PLAIN") }) {
			t.Errorf("%s: nobody signed in: %q", security, server.lines)
		}
	}
}

// Whatever a server does, it is known whether it has the letter, or known that this is not known.
func TestMailServersThatMisbehave(t *testing.T) {
	replies := func(pairs ...string) func(*mailServer) {
		return func(s *mailServer) {
			for i := 0; i < len(pairs); i += 2 {
				s.replies[pairs[i]] = pairs[i+1]
			}
		}
	}
	for name, tt := range map[string]struct {
		change func(*mailServer)
		fate   Fate
		fault  Fault
		says   string
		config func(*SMTPConfig)
	}{
		"busy at the recipient":        {replies("RCPT", "451 4.3.0 try again"), Later, Busy, `451 "4.3.0 try again"`, nil},
		"no such recipient":            {replies("RCPT", "550 5.1.1 no such user amy@example.org"), Never, Refused, `550 "5.1.1 no such user ***"`, nil},
		"the sender is refused":        {replies("MAIL", "553 5.7.1 not you"), Never, Refused, "553", nil},
		"the letter is refused":        {replies("DATA", "554 5.7.1 spam"), Never, Refused, `554 "5.7.1 spam"`, nil},
		"the disk is full":             {replies("DATA", "452 4.3.1 full"), Later, Busy, "452", nil},
		"dropped before the letter":    {replies("MAIL", ""), Later, Unreachable, "MAIL FROM", nil},
		"dropped after the letter":     {replies("DATA", ""), Unknown, Unclear, "DATA", nil},
		"silent after the letter":      {replies("DATA", "-"), Unknown, Unclear, "DATA", nil},
		"silent at the greeting":       {replies("EHLO", "-"), Later, Unreachable, "cannot be reached", nil},
		"the sign-in is refused":       {replies("AUTH", "535 5.7.8 bad password"), Later, Unreachable, "535", nil},
		"no TLS where it is wanted":    {func(s *mailServer) { s.noTLS = true }, Later, Unreachable, "cannot be reached", nil},
		"a certificate of a stranger":  {nil, Later, Unreachable, "certificate", func(c *SMTPConfig) { c.CAFile = "" }},
		"TLS where it is not expected": {func(s *mailServer) { s.implicit = true }, Later, Unreachable, "cannot be reached", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newMailServer(t, tt.change)
			cfg := server.config("starttls")
			cfg.Timeout = time.Second
			if tt.config != nil {
				tt.config(&cfg)
			}
			sender, err := newSMTP(cfg)
			if err != nil {
				t.Fatal(err)
			}
			_, err = sender.Send(t.Context(), letter)
			failure, ok := errors.AsType[*Failure](err)
			if !ok || failure.Fate != tt.fate || failure.Fault != tt.fault || !strings.Contains(failure.Why, tt.says) || strings.Contains(failure.Why, "amy") {
				t.Errorf("%#v", err)
			}
			server.mu.Lock()
			defer server.mu.Unlock()
			if len(server.letters) != 0 {
				t.Errorf("delivered: %q", server.letters)
			}
		})
	}
}

// What a server says after it took the letter does not count.
func TestALetterThatWasTakenIsSent(t *testing.T) {
	for _, verb := range []string{"RSET", "QUIT"} {
		server := newMailServer(t, func(s *mailServer) { s.replies[verb] = "" })
		sender, err := newSMTP(server.config("starttls"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = sender.Send(t.Context(), letter)
		server.mu.Lock()
		if err != nil || len(server.letters) != 1 {
			t.Errorf("%s: %v, %d letters", verb, err, len(server.letters))
		}
		server.mu.Unlock()
	}
}
