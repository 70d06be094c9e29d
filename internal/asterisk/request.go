package asterisk

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Longest RESTRequest frame. Asterisk closes the socket at 65,535 bytes with the header
// (http_websocket.h: AST_WEBSOCKET_MAX_RX_PAYLOAD_SIZE); longer requests go over HTTP, where a body may have 40,960
// bytes (http.c: MAX_CONTENT_LENGTH) but is not wrapped in a JSON string, which doubles it at worst.
const (
	longestFrame = 60_000
	longestBody  = 40_960
)

// request is one ARI operation, ready to be sent on the socket or over HTTP.
type request struct {
	method string
	path   string // a template, as in the API's documentation: channels/{id}/answer; also the metric's label
	ids    []string
	query  []parameter
	body   map[string]any // beside the query, e.g. "variables"
	aside  bool           // over HTTP, because it may take long
}

func newRequest(method, path string, ids ...string) request {
	return request{method: method, path: path, ids: ids}
}

// with adds a parameter, unless it is empty.
func (r request) with(name, value string) request {
	if value != "" {
		r.query = append(r.query[:len(r.query):len(r.query)], parameter{name, value})
	}
	return r
}

// uri puts the ids into the path. Asterisk decodes each segment, a plus sign as a space (ast_uri_http_legacy).
func (r request) uri() string {
	path := r.path
	for _, id := range r.ids {
		path = strings.Replace(path, "{id}", strings.ReplaceAll(url.PathEscape(id), "+", "%2B"), 1)
	}
	return path
}

func (r request) frame(id string) ([]byte, error) {
	f := requestFrame{Type: "RESTRequest", RequestID: id, Method: r.method, URI: r.uri(), Query: r.query}
	if r.body != nil {
		body, err := json.Marshal(r.body)
		if err != nil {
			return nil, r.failed(err)
		}
		f.ContentType, f.Body = "application/json", string(body)
	}
	frame, err := json.Marshal(f)
	if err != nil {
		return nil, r.failed(err)
	}
	return frame, nil
}

func (r request) failed(err error) error { return fmt.Errorf("ari %s %s: %w", r.method, r.uri(), err) }

func (r request) lost(cause error) error {
	return fmt.Errorf("ari %s %s: %w: %w", r.method, r.uri(), ErrDisconnected, cause)
}

// result makes an Error of everything but success. Asterisk's words are in the body: {"message":"Channel not found"}.
func (r request) result(a response) ([]byte, error) {
	if a.status >= 200 && a.status < 300 {
		return a.body, nil
	}
	e := &Error{Status: a.status, Method: r.method, URI: r.uri(), Message: a.message}
	var said struct {
		Message string `json:"message"`
		Error   string `json:"error"`
	}
	if json.Unmarshal(a.body, &said) == nil && said.Message+said.Error != "" {
		e.Message = said.Message
		if e.Message == "" {
			e.Message = said.Error
		}
	}
	return nil, e
}

// do sends a request the way it has to go and returns the body of the answer.
func (c *Client) do(ctx context.Context, r request) ([]byte, error) {
	s := c.current.Load()
	if s == nil {
		return nil, r.failed(ErrDisconnected)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.RequestTimeout)
	defer cancel()
	if r.aside || r.tooLong() {
		return c.overHTTP(ctx, s, r)
	}
	return c.onSocket(ctx, s, r)
}

func (r request) tooLong() bool {
	size := 0
	for _, p := range r.query {
		size += len(p.Value)
	}
	if size < longestFrame/8 && len(r.body) == 0 {
		return false // JSON makes six bytes of one at worst
	}
	frame, err := r.frame("")
	return err == nil && len(frame) > longestFrame
}

func (c *Client) onSocket(ctx context.Context, s *socket, r request) ([]byte, error) {
	defer c.measure(r, time.Now())
	sent, err := s.start(ctx, r)
	if err != nil {
		return nil, err
	}
	return sent.wait(ctx)
}

func (c *Client) measure(r request, began time.Time) {
	c.metrics.requests.WithLabelValues(r.method, r.path).Observe(time.Since(began).Seconds())
}

// lists are the parameters with several values, separated by commas in a query (rest-api/api-docs: allowMultiple).
var lists = map[string]bool{"channel": true, "media": true}

// overHTTP sends the request beside the socket. It ends with the socket all the same, so that whoever has lost the
// application asks for nothing more.
func (c *Client) overHTTP(ctx context.Context, s *socket, r request) ([]byte, error) {
	defer c.measure(r, time.Now())
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watched := make(chan struct{})
	defer close(watched)
	go func() {
		select {
		case <-s.done:
			cancel(s.err)
		case <-watched:
		}
	}()

	all := map[string]any{}
	for _, p := range r.query {
		all[p.Name] = p.Value
		if lists[p.Name] { // Asterisk takes a string in a body as one element, whatever its commas
			all[p.Name] = strings.Split(p.Value, ",")
		}
	}
	for name, value := range r.body {
		all[name] = value
	}
	u := c.base.String() + "/" + r.uri()
	var body io.Reader
	if r.method == http.MethodPost && len(all) > 0 {
		b, err := json.Marshal(all)
		if err != nil {
			return nil, r.failed(err)
		}
		if len(b) > longestBody { // Asterisk would drop the connection without a word
			return nil, &Error{
				Status: http.StatusRequestEntityTooLarge, Method: r.method, URI: r.uri(),
				Message: fmt.Sprintf("a body of %d bytes, more than Asterisk takes", len(b)),
			}
		}
		body = bytes.NewReader(b)
	} else if len(r.query) > 0 {
		v := url.Values{}
		for _, p := range r.query {
			v.Set(p.Name, p.Value)
		}
		u += "?" + v.Encode()
	}
	resp, err := c.roundTrip(ctx, r.method, u, body)
	if err != nil {
		select {
		case <-s.done:
			return nil, r.lost(s.err)
		default:
		}
		if ctx.Err() != nil {
			return nil, r.failed(ctx.Err())
		}
		return nil, r.lost(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, readLimit))
	if err != nil {
		return nil, r.lost(err)
	}
	return r.result(response{status: resp.StatusCode, message: http.StatusText(resp.StatusCode), body: b})
}

func (c *Client) roundTrip(ctx context.Context, method, u string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, u, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", c.authorization())
	return c.http.Do(req)
}

func (c *Client) authorization() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.cfg.User+":"+c.password))
}

// Download copies what a GET returns that is no JSON, e.g. recordings/stored/{id}/file, to w and returns its length in
// bytes. path is a template with one {id} for each of ids. It needs no websocket and has no deadline but ctx's.
func (c *Client) Download(ctx context.Context, w io.Writer, path string, ids ...string) (int64, error) {
	r := newRequest(http.MethodGet, path, ids...)
	defer c.measure(r, time.Now())
	resp, err := c.roundTrip(ctx, r.method, c.base.String()+"/"+r.uri(), nil)
	if err != nil {
		return 0, r.failed(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(io.LimitReader(resp.Body, 4096)) // the status says enough if this fails
		_, err := r.result(response{status: resp.StatusCode, message: http.StatusText(resp.StatusCode), body: b})
		return 0, err
	}
	n, err := io.Copy(w, resp.Body)
	if err != nil {
		return n, r.failed(err)
	}
	return n, nil
}
