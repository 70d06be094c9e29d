package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"text/template"
	"time"
)

// httpSender gives SMS to a provider's HTTP interface.
type httpSender struct {
	cfg      HTTPConfig
	template httpTemplate
	secret   string
	client   *http.Client
}

// httpTemplate is the request, and what its answer must look like.
type httpTemplate struct {
	field            string // that could not be compiled
	url, body        *template.Template
	headers          map[string]*template.Template
	success, receipt *regexp.Regexp
}

// functions of the templates: values go into JSON and into forms, never as they are.
var functions = template.FuncMap{
	"json": func(v string) (string, error) {
		raw, err := json.Marshal(v)
		return string(raw), err
	},
	"form": url.QueryEscape,
}

func (c HTTPConfig) compile() (t httpTemplate, err error) {
	parse := func(field, text string) *template.Template {
		if err != nil {
			return nil
		}
		var parsed *template.Template
		if parsed, err = template.New(field).Funcs(functions).Option("missingkey=error").Parse(text); err != nil {
			t.field = field
		}
		return parsed
	}
	t.url, t.body, t.headers = parse("url", c.URL), parse("body", c.Body), map[string]*template.Template{}
	for name, value := range c.Headers {
		t.headers[name] = parse("headers", value)
	}
	expression := func(field, text string, groups int) *regexp.Regexp {
		if err != nil || text == "" {
			return nil
		}
		var e *regexp.Regexp
		if e, err = regexp.Compile(text); err == nil && e.NumSubexp() < groups {
			err = errors.New("has no group; put what it is to find into parentheses")
		}
		if err != nil {
			t.field = field
		}
		return e
	}
	t.success, t.receipt = expression("success", c.Success, 0), expression("receipt", c.Receipt, 1)
	return t, err
}

// filling is what templates may use.
type filling struct {
	Key, To, National, Text, Secret string
}

// national is how a Taiwan number is dialled at home; others stay as they are.
func national(e164 string) string {
	if rest, ok := strings.CutPrefix(e164, "+886"); ok {
		return "0" + rest
	}
	return e164
}

func (t httpTemplate) fill(m Message, secret string) (to string, headers http.Header, body string, err error) {
	with := filling{Key: m.Key, To: m.To, National: national(m.To), Text: m.Body, Secret: secret}
	text := func(from *template.Template) string {
		var b strings.Builder
		if err == nil {
			err = from.Execute(&b, with)
		}
		return b.String()
	}
	to, body, headers = text(t.url), text(t.body), http.Header{}
	for name, value := range t.headers {
		headers.Set(name, text(value))
	}
	return to, headers, body, err
}

func newHTTP(c HTTPConfig) (Sender, error) {
	t, err := c.compile()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.field, err)
	}
	word, err := secret(c.SecretFile, c.Secret)
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	if c.Method == "" {
		c.Method = http.MethodPost
	}
	if c.Timeout == 0 {
		c.Timeout = httpTimeout
	}
	if len(c.Status) == 0 {
		c.Status = []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent}
	}
	if len(c.RetryStatus) == 0 {
		c.RetryStatus = []int{http.StatusTooManyRequests, http.StatusServiceUnavailable}
	}
	return &httpSender{cfg: c, template: t, secret: word, client: &http.Client{
		// A connection of its own for each message: one that died while idle would leave it unknown whether it was sent.
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSHandshakeTimeout: c.Timeout},
		// The secret goes to the configured host alone.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func (s *httpSender) Repeats() bool { return s.cfg.Repeats }

// longestReply is how much of an answer is read.
const longestReply = 64 << 10

func (s *httpSender) Send(ctx context.Context, m Message) (string, error) {
	to, headers, body, err := s.template.fill(m, s.secret)
	if err != nil {
		return "", &Failure{Never, BadRequest, "the request cannot be made: " + scrubbed(err.Error())}
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	var written atomic.Bool // the provider may have it from here on
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { written.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, s.cfg.Method, to, strings.NewReader(body))
	if err != nil {
		return "", &Failure{Never, BadRequest, "the request cannot be made: " + scrubbed(err.Error())}
	}
	req.Header = headers
	began := time.Now()
	resp, err := s.client.Do(req)
	if err != nil {
		fate, fault := Later, Unreachable
		if written.Load() {
			fate, fault = Unknown, Unclear
		}
		if cause, ok := errors.AsType[*url.Error](err); ok {
			err = cause.Err // without the address, which may hold the number
		}
		return "", &Failure{fate, fault, fmt.Sprintf("no answer after %s: %s", time.Since(began).Round(time.Millisecond), scrubbed(err.Error()))}
	}
	defer func() { _ = resp.Body.Close() }() // All that is wanted was read.
	reply, err := io.ReadAll(io.LimitReader(resp.Body, longestReply))
	if err != nil {
		return "", &Failure{Unknown, Unclear, fmt.Sprintf("answered %d and broke off: %s", resp.StatusCode, scrubbed(err.Error()))}
	}
	return s.judge(resp.StatusCode, string(reply))
}

// judge says what an answer means.
func (s *httpSender) judge(status int, reply string) (string, error) {
	said := fmt.Sprintf("answered %d", status)
	if words := scrubbed(reply); words != "" {
		said += ": " + words
	}
	switch {
	case slices.Contains(s.cfg.Status, status) && (s.template.success == nil || s.template.success.MatchString(reply)):
		if s.template.receipt != nil {
			if found := s.template.receipt.FindStringSubmatch(reply); found != nil {
				return found[1], nil
			}
		}
		return "", nil
	case slices.Contains(s.cfg.RetryStatus, status):
		return "", &Failure{Later, Busy, said}
	case status >= 500:
		// A gateway says so too when the provider behind it took the message and was slow.
		return "", &Failure{Unknown, Unclear, said}
	}
	return "", &Failure{Never, Refused, said}
}
