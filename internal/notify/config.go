package notify

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// How messages of a channel go.
const (
	ByMailbox = "mailbox" // nowhere: they can be read on a page of ours
	ByHTTP    = "http"    // SMS, to a provider's HTTP interface
	BySMTP    = "smtp"    // mail
)

// Config says how messages go.
type Config struct {
	SMS  string     `yaml:"sms"`  // http, mailbox, or empty: none are sent
	Mail string     `yaml:"mail"` // smtp, mailbox, or empty
	SMTP SMTPConfig `yaml:"smtp"`
	HTTP HTTPConfig `yaml:"http"`
}

// SMTPConfig is the mail server.
type SMTPConfig struct {
	Addr         string        `yaml:"addr"`          // host:port
	Security     string        `yaml:"security"`      // starttls [it], tls, or none
	From         string        `yaml:"from"`          // e.g. "Good Day Living <service@example.com>"
	User         string        `yaml:"user"`          // empty: no sign-in
	PasswordFile string        `yaml:"password_file"` // holds the password
	Password     string        `yaml:"password"`      // the same from the environment, HOTLINE_NOTIFY_SMTP_PASSWORD
	CAFile       string        `yaml:"ca_file"`       // PEM; certificates to trust beside the system's
	Timeout      time.Duration `yaml:"timeout"`       // of a whole delivery [30s]
}

// HTTPConfig is a provider of SMS. URL, Headers and Body are templates of text/template; docs/surveys.md has an example.
type HTTPConfig struct {
	URL        string            `yaml:"url"`
	Method     string            `yaml:"method"` // POST, or GET [POST]
	Headers    map[string]string `yaml:"headers"`
	Body       string            `yaml:"body"`
	SecretFile string            `yaml:"secret_file"` // holds what {{.Secret}} stands for
	Secret     string            `yaml:"secret"`      // the same from the environment, HOTLINE_NOTIFY_HTTP_SECRET
	Timeout    time.Duration     `yaml:"timeout"`     // [15s]

	// A message is sent when the answer has one of these codes [200 201 202 204] and, if Success is given, matches it.
	Status  []int  `yaml:"status"`
	Success string `yaml:"success"` // regular expression
	// An answer with one of these codes says that the provider does not have the message, and may take it later [429 503].
	RetryStatus []int `yaml:"retry_status"`
	// Receipt is a regular expression whose group is how the provider names the message.
	Receipt string `yaml:"receipt"`
	// Repeats: the provider knows a message by the {{.Key}} that it was given, and sends one that is given twice once.
	Repeats bool `yaml:"repeats"`
}

const (
	smtpTimeout = 30 * time.Second
	httpTimeout = 15 * time.Second
	mostTimeout = 2 * time.Minute
)

// Mailbox says whether messages of some channel are to be read on our page.
func (c Config) Mailbox() bool { return c.SMS == ByMailbox || c.Mail == ByMailbox }

// Channels are those that are configured.
func (c Config) Channels() (has []Channel) {
	if c.SMS != "" {
		has = append(has, SMS)
	}
	if c.Mail != "" {
		has = append(has, Mail)
	}
	return has
}

// Check returns every fault of the configuration, in words for the operator.
func (c Config) Check() []string {
	var faults []string
	fault := func(field, format string, args ...any) {
		faults = append(faults, field+": "+fmt.Sprintf(format, args...))
	}
	if !slices.Contains([]string{"", ByHTTP, ByMailbox}, c.SMS) {
		fault("sms", "%q is not known; write http, mailbox, or leave it out", c.SMS)
	}
	if !slices.Contains([]string{"", BySMTP, ByMailbox}, c.Mail) {
		fault("mail", "%q is not known; write smtp, mailbox, or leave it out", c.Mail)
	}
	if c.Mail == BySMTP {
		c.SMTP.check(func(field, format string, args ...any) { fault("smtp."+field, format, args...) })
	}
	if c.SMS == ByHTTP {
		c.HTTP.check(func(field, format string, args ...any) { fault("http."+field, format, args...) })
	}
	return faults
}

func (c SMTPConfig) check(fault func(field, format string, args ...any)) {
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil || host == "" {
		fault("addr", "%q is no address with a port; write e.g. mail.example.com:587", c.Addr)
	}
	switch c.Security {
	case "", "starttls", "tls":
	case "none":
		if !local(host) {
			fault("security", "sends customers' data unencrypted to %s; write starttls or tls", host)
		}
	default:
		fault("security", "%q is not known; write starttls, tls, or none for a server on this machine", c.Security)
	}
	if _, err := mail.ParseAddress(c.From); err != nil {
		fault("from", "%q is no address; write e.g. Good Day Living <service@example.com>", c.From)
	}
	if _, err := secret(c.PasswordFile, c.Password); err != nil {
		fault("password_file", "%v", err)
	}
	if c.User == "" && (c.PasswordFile != "" || c.Password != "") {
		fault("user", "is missing, and there is a password")
	}
	if _, err := c.roots(); err != nil {
		fault("ca_file", "%v", err)
	}
	if c.Timeout < 0 || c.Timeout > mostTimeout {
		fault("timeout", "%s is out of range; write up to %s", c.Timeout, mostTimeout)
	}
}

// roots are the certificates to trust; nil are the system's.
func (c SMTPConfig) roots() (*x509.CertPool, error) {
	if c.CAFile == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("cannot be read (%w)", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New("holds no certificate in PEM")
	}
	return roots, nil
}

func (c HTTPConfig) check(fault func(field, format string, args ...any)) {
	if _, err := secret(c.SecretFile, c.Secret); err != nil {
		fault("secret_file", "%v", err)
	}
	if c.Method != "" && c.Method != "GET" && c.Method != "POST" {
		fault("method", "%q is not known; write POST or GET", c.Method)
	}
	if c.Timeout < 0 || c.Timeout > mostTimeout {
		fault("timeout", "%s is out of range; write up to %s", c.Timeout, mostTimeout)
	}
	for _, code := range slices.Concat(c.Status, c.RetryStatus) {
		if code < 200 || code > 599 {
			fault("status", "%d is no code of an answer", code)
		}
	}
	t, err := c.compile()
	if err != nil {
		fault(t.field, "%v", err)
		return
	}
	raw, _, _, err := t.fill(Message{Key: "key", To: "+886912345678", Body: "text"}, "secret")
	if err != nil {
		fault("body", "cannot be filled in: %v", err)
		return
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		fault("url", "%q is no address; write e.g. https://sms.example.com/send", c.URL)
	case u.Scheme == "http" && !local(u.Hostname()):
		fault("url", "sends customers' data unencrypted to %s; write https", u.Hostname())
	}
}

// local says whether the host is this machine, the only one to which nothing can be overheard.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// secret is what the file holds, or what the environment gave.
func secret(file, given string) (string, error) {
	switch {
	case file != "" && given != "":
		return "", errors.New("is there, and the environment gives a secret too; keep one of them")
	case file == "":
		return given, nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("cannot be read (%w); write the secret into it, readable by hotline", err)
	}
	word := strings.TrimSpace(string(raw))
	if word == "" || strings.ContainsAny(word, "\r\n") {
		return "", errors.New("holds no secret of one line")
	}
	return word, nil
}

// Open makes the senders of the channels that are configured.
func Open(c Config, store *Store) (map[Channel]Sender, error) {
	senders := map[Channel]Sender{}
	for channel, by := range map[Channel]string{SMS: c.SMS, Mail: c.Mail} {
		var s Sender
		var err error
		switch by {
		case "":
			continue
		case ByMailbox:
			s = box{store}
		case ByHTTP:
			s, err = newHTTP(c.HTTP)
		case BySMTP:
			s, err = newSMTP(c.SMTP)
		}
		if err != nil {
			return nil, fmt.Errorf("prepare to send %s: %w", channel, err)
		}
		senders[channel] = s
	}
	return senders, nil
}
