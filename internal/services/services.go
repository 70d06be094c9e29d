// Package services asks what flows want to know, and has done what they want done: over HTTP at whoever knows, with a time
// limit, a cache and a circuit breaker, or in the demo company's own tables.
//
// # The protocol
//
// A service is one URL. It gets POST with JSON
//
//	{"service":"orders","call":"hl1-17","key":"hl1-17/3","fields":{"order_no":"1234567","phone":"+886912345678"}}
//
// and answers 200 with
//
//	{"result":"found","values":{"state":"shipped","on":"2026-11-28","amount":1280}}
//
// where result is found, missing, or of a payment paid or declined. A value is a text of up to 64 bytes or a whole number.
// Anything else, and any other status, is a failure. The key is the same when the same errand is sent again: whoever
// charges a card must not do so twice for one key. It is also in the header Idempotency-Key.
package services

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"

	"hotline/cti/id"
	"hotline/ivr"
)

const (
	maxAnswer  = 64 << 10
	maxCached  = 10_000
	mayFail    = 5                // times in a row, then the service is left alone
	leaveAlone = 30 * time.Second // for so long
)

// Errand is what a service is asked.
type Errand struct {
	Service string
	Call    id.CallID
	Step    string // flow and step that sends it
	Key     string
	Fields  map[string]string
	Secret  bool // it has a secret among its fields: nothing of it is kept
}

// Services are those of the configuration.
type Services struct {
	all     map[string]*service
	seconds *prometheus.HistogramVec
}

type service struct {
	ask     func(context.Context, Errand) (ivr.Returned, error)
	timeout time.Duration
	breaker *gobreaker.CircuitBreaker[ivr.Returned]
	cache   *expirable.LRU[string, ivr.Returned] // nil for none
}

// New makes them. db is for the demo tables.
func New(cfg Config, db *pgxpool.Pool, metrics prometheus.Registerer) (*Services, error) {
	s := &Services{all: map[string]*service{}, seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "hotline_service_seconds", Help: "How long services of flows took, by what came of it.",
		Buckets: []float64{.01, .05, .1, .25, .5, 1, 2, 5, 10, 15},
	}, []string{"service", "result"})}
	metrics.MustRegister(s.seconds)
	for name, c := range cfg {
		one := &service{timeout: c.timeout()}
		switch {
		case c.Demo == DemoOrders:
			one.ask = orders{db}.ask
		case c.Demo == DemoPayments:
			one.ask = payments
		default:
			token, err := c.token()
			if err != nil {
				return nil, fmt.Errorf("services.%s.token_file: %w", name, err)
			}
			one.ask = web{url: c.URL, token: token, client: &http.Client{
				// A redirect would take the caller's data to somebody who was not named.
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			}}.ask
		}
		one.breaker = gobreaker.NewCircuitBreaker[ivr.Returned](gobreaker.Settings{
			Name: name, Timeout: leaveAlone, ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= mayFail },
		})
		if c.Cache > 0 {
			one.cache = expirable.NewLRU[string, ivr.Returned](maxCached, nil, c.Cache)
		}
		s.all[name] = one
	}
	return s, nil
}

// Do asks a service. The error says why nothing is known; the result is then ivr.Failed.
func (s *Services) Do(ctx context.Context, e Errand) (ivr.Returned, error) {
	failed := ivr.Returned{Result: ivr.Failed}
	one := s.all[e.Service]
	if one == nil {
		return failed, fmt.Errorf("service %q is not configured: add it to `services`", e.Service)
	}
	began, key := time.Now(), ""
	if one.cache != nil && !e.Secret {
		fields, err := json.Marshal(e.Fields) // in the order of their names
		if err != nil {
			return failed, err
		}
		key = string(fields)
		if r, ok := one.cache.Get(key); ok {
			return r, nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, one.timeout)
	defer cancel()
	r, err := one.breaker.Execute(func() (ivr.Returned, error) { return one.ask(ctx, e) })
	if err != nil {
		r = failed
		err = fmt.Errorf("service %s: %w", e.Service, err)
	} else if key != "" {
		one.cache.Add(key, r)
	}
	s.seconds.WithLabelValues(e.Service, r.Result).Observe(time.Since(began).Seconds())
	return r, err
}

// web is a service over HTTP.
type web struct {
	url, token string
	client     *http.Client
}

func (w web) ask(ctx context.Context, e Errand) (ivr.Returned, error) {
	body, err := json.Marshal(map[string]any{"service": e.Service, "call": e.Call, "key": e.Key, "fields": e.Fields})
	if err != nil {
		return ivr.Returned{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return ivr.Returned{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", e.Key)
	if w.token != "" {
		req.Header.Set("Authorization", "Bearer "+w.token)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return ivr.Returned{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return ivr.Returned{}, err
	case resp.StatusCode != http.StatusOK:
		return ivr.Returned{}, fmt.Errorf("answers %s", resp.Status)
	case len(data) > maxAnswer:
		return ivr.Returned{}, fmt.Errorf("answers more than %d bytes", maxAnswer)
	}
	return parse(data)
}

// results are what a service may answer, and what the flow makes of it.
var results = map[string]string{"found": ivr.Found, "missing": ivr.Missing, "paid": ivr.Found, "declined": ivr.Missing}

// parse reads an answer.
func parse(data []byte) (ivr.Returned, error) {
	var answer struct {
		Result string         `json:"result"`
		Values map[string]any `json:"values"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&answer); err != nil {
		return ivr.Returned{}, fmt.Errorf("answers no JSON of the protocol: %w", err)
	}
	result, ok := results[answer.Result]
	if !ok {
		return ivr.Returned{}, errors.New("answers a result that is not found, missing, paid or declined")
	}
	r := ivr.Returned{Result: result}
	if len(answer.Values) > ivr.MaxValues {
		return ivr.Returned{}, fmt.Errorf("answers %d values, more than %d", len(answer.Values), ivr.MaxValues)
	}
	for field, value := range answer.Values {
		var text string
		switch value := value.(type) {
		case string:
			text = value
		case json.Number:
			text = value.String()
		default:
			return ivr.Returned{}, fmt.Errorf("value %q is neither a text nor a number", clip(field))
		}
		if len(text) > ivr.MaxValue || !utf8.ValidString(text) {
			return ivr.Returned{}, fmt.Errorf("value %q is longer than %d bytes, or no UTF-8", clip(field), ivr.MaxValue)
		}
		if r.Values == nil {
			r.Values = map[string]string{}
		}
		r.Values[field] = text
	}
	return r, nil
}

func clip(s string) string { return s[:min(len(s), ivr.MaxValue)] }
