package notify

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// smtpSender gives mail to a server.
type smtpSender struct {
	cfg  SMTPConfig
	host string
	opts []mail.Option
}

func newSMTP(c SMTPConfig) (Sender, error) {
	if c.Timeout == 0 {
		c.Timeout = smtpTimeout
	}
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return nil, fmt.Errorf("addr: %w", err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("addr: %w", err)
	}
	word, err := secret(c.PasswordFile, c.Password)
	if err != nil {
		return nil, fmt.Errorf("password: %w", err)
	}
	roots, err := c.roots()
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	secure := &tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12}
	opts := []mail.Option{
		mail.WithPort(number), mail.WithTimeout(c.Timeout), mail.WithoutNoop(), mail.WithTLSConfig(secure),
		mail.WithDialContextFunc(dialer(c, secure)),
	}
	switch c.Security {
	case "tls":
		// The dialler has sealed it. So the client takes it for sealed, and a server that is sealed offers no STARTTLS.
		opts = append(opts, mail.WithTLSPolicy(mail.TLSOpportunistic))
	case "none":
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS))
	default:
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if c.User != "" {
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(c.User), mail.WithPassword(word))
	}
	return &smtpSender{cfg: c, host: host, opts: opts}, nil
}

// dialer puts a deadline on the connection: the client has none of its own before the first letter, and would wait for a silent
// server for ever.
func dialer(c SMTPConfig, secure *tls.Config) mail.DialContextFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		if err = conn.SetDeadline(time.Now().Add(c.Timeout)); err == nil && c.Security == "tls" {
			sealed := tls.Client(conn, secure)
			if err = sealed.HandshakeContext(ctx); err == nil {
				return sealed, nil
			}
		}
		if err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return conn, nil
	}
}

// Repeats is false: servers deliver what they are given.
func (*smtpSender) Repeats() bool { return false }

func (s *smtpSender) Send(ctx context.Context, m Message) (string, error) {
	letter, err := s.letter(m)
	if err != nil {
		return "", &Failure{Never, BadRequest, scrubbed(err.Error())}
	}
	client, err := mail.NewClient(s.host, s.opts...)
	if err != nil {
		return "", &Failure{Never, BadRequest, scrubbed(err.Error())}
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	// Until the letter was given, nothing was: a refused sign-in is a fault of ours that somebody may mend.
	if err := client.DialWithContext(ctx); err != nil {
		return "", &Failure{Later, Unreachable, "the mail server cannot be reached: " + scrubbed(err.Error())}
	}
	err = client.Send(letter)
	if letter.IsDelivered() {
		_ = client.Close() // The server has the letter, whatever it says to the farewell.
		return letter.ServerResponse(), nil
	}
	_ = client.Close() // It has failed anyway.
	return "", sendFailure(err, letter)
}

func (s *smtpSender) letter(m Message) (*mail.Msg, error) {
	letter := mail.NewMsg()
	if err := letter.From(s.cfg.From); err != nil {
		return nil, fmt.Errorf("the sender's address: %w", err)
	}
	if err := letter.To(m.To); err != nil {
		return nil, fmt.Errorf("the recipient's address: %w", err)
	}
	letter.Subject(m.Subject)
	letter.SetBodyString(mail.TypeTextPlain, m.Body)
	letter.SetDate()
	// The same for each attempt, so that a reader's program shows a letter once that a server delivered twice.
	sum := sha256.Sum256([]byte(m.Key))
	letter.SetMessageIDWithValue(hex.EncodeToString(sum[:12]) + "@hotline")
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office replies
	return letter, nil
}

// sendFailure says what an error of giving a letter means. Once its end was given, only the server's reply tells.
func sendFailure(err error, letter *mail.Msg) *Failure {
	if one, ok := errors.AsType[*mail.SendError](letter.SendError()); ok {
		err = one
	}
	sent, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return &Failure{Later, Unreachable, scrubbed(err.Error())}
	}
	words, _, _ := strings.Cut(sent.Error(), ", affected ") // the rest names recipients
	why := scrubbed(words)
	switch code := sent.ErrorCode(); {
	case code >= 500:
		return &Failure{Never, Refused, why}
	case code >= 400:
		return &Failure{Later, Busy, why}
	case sent.Reason == mail.ErrSMTPDataClose:
		return &Failure{Unknown, Unclear, why}
	}
	return &Failure{Later, Unreachable, why}
}
