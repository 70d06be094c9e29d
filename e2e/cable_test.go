package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	ids "hotline/cti/id"
)

// cable is the connection between the controller and Asterisk. It can be cut, and it can answer a request in Asterisk's
// place, with a refusal.
type cable struct {
	to       string // host:port of Asterisk
	listener net.Listener
	server   *http.Server

	mu       sync.Mutex
	broken   bool
	open     map[net.Conn]bool
	lines    map[ids.CallID]string // which number a call dialled, E.164
	refusals []*refusal
	atCut    []func() // what is still said before the connections end
}

// refusal is one request that Asterisk is to refuse.
type refusal struct {
	line    string          // of the call that it is for, E.164
	command string          // as the Floor calls it
	due     <-chan struct{} // closed when it is time to say so; nil: at the moment when the cable is cut
}

// refused are the requests that carry a command out, by what they begin with: "POST channels/externalMedia ...".
var refused = map[string]*regexp.Regexp{
	"answer":      regexp.MustCompile(`^POST channels/[^/]+/answer `),
	"bridge":      regexp.MustCompile(`^POST bridges/[^/]+/addChannel `),
	"hold":        regexp.MustCompile(`^DELETE bridges/[^/]+ `),
	"connect_leg": regexp.MustCompile(`^POST channels/externalMedia `),
}

// channelOfCall begins the names of a call's channels and bridges.
var channelOfCall = regexp.MustCompile(`hl1-[0-9]+[-.][0-9]+`)

func newCable(to string) (*cable, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	c := &cable{to: to, open: map[net.Conn]bool{}, lines: map[ids.CallID]string{}}
	c.listener = &doorkeeper{l, c}
	c.server = &http.Server{Handler: c, ReadHeaderTimeout: time.Minute}
	go func() { _ = c.server.Serve(c.listener) }()
	return c, nil
}

func (c *cable) address() string { return c.listener.Addr().String() }

// doorkeeper lets nobody in while the cable is broken.
type doorkeeper struct {
	net.Listener
	c *cable
}

func (d *doorkeeper) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if d.c.keep(conn) {
			return conn, nil
		}
		_ = conn.Close()
	}
}

func (c *cable) keep(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken {
		return false
	}
	c.open[conn] = true
	return true
}

// ServeHTTP carries one request, or a websocket to its end.
func (c *cable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if websocket.IsWebSocketUpgrade(r) {
		c.carry(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the controller has gone
	}
	path := regexp.MustCompile(`^/ari/`).ReplaceAllString(r.URL.Path, "")
	said := make(chan struct{})
	if c.refuses(r.Method+" "+path+" "+r.URL.RawQuery+string(body), func() {
		http.Error(w, `{"message":"refused"}`, http.StatusInternalServerError)
		close(said)
	}) {
		<-said
		return
	}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: c.to})
	r.Body = io.NopCloser(bytes.NewReader(body))
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) } // as a cable does
	proxy.ServeHTTP(w, r)
}

// carry joins two websockets.
func (c *cable) carry(w http.ResponseWriter, r *http.Request) {
	header := http.Header{"Authorization": r.Header.Values("Authorization")}
	to := url.URL{Scheme: "ws", Host: c.to, Path: r.URL.Path, RawQuery: r.URL.RawQuery}
	asterisk, res, err := websocket.DefaultDialer.DialContext(r.Context(), to.String(), header)
	if err != nil {
		status := http.StatusBadGateway
		if res != nil {
			status = res.StatusCode
		}
		http.Error(w, err.Error(), status)
		return
	}
	defer func() { _ = asterisk.Close() }()
	controller, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = controller.Close() }()
	var mu sync.Mutex // both Asterisk and refusals write to the controller
	tell := func(message []byte) error {
		mu.Lock()
		defer mu.Unlock()
		return controller.WriteMessage(websocket.TextMessage, message)
	}
	go func() {
		defer func() { _ = controller.Close() }()
		for {
			_, message, err := asterisk.ReadMessage()
			if err != nil {
				return
			}
			c.see(message)
			if tell(message) != nil {
				return
			}
		}
	}()
	for {
		_, message, err := controller.ReadMessage()
		if err != nil {
			return
		}
		if !c.refusesFrame(message, tell) && asterisk.WriteMessage(websocket.TextMessage, message) != nil {
			return
		}
	}
}

// see learns from an event which number a call dialled.
func (c *cable) see(message []byte) {
	var ev struct {
		Type    string   `json:"type"`
		Args    []string `json:"args"`
		Channel struct {
			ID string `json:"id"`
		} `json:"channel"`
	}
	if json.Unmarshal(message, &ev) != nil || ev.Type != "StasisStart" || len(ev.Args) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines[ids.CallOfChannel(ev.Channel.ID)] = ev.Args[0]
}

func (c *cable) refusesFrame(message []byte, tell func([]byte) error) bool {
	var f struct {
		Type   string          `json:"type"`
		ID     string          `json:"request_id"`
		Method string          `json:"method"`
		URI    string          `json:"uri"`
		Query  json.RawMessage `json:"query_strings"`
		Body   string          `json:"message_body"`
	}
	if json.Unmarshal(message, &f) != nil || f.Type != "RESTRequest" {
		return false
	}
	return c.refuses(f.Method+" "+f.URI+" "+string(f.Query)+f.Body, func() {
		answer, err := json.Marshal(map[string]any{
			"type": "RESTResponse", "request_id": f.ID, "status_code": 500, "reason_phrase": "Internal Server Error",
			"message_body": `{"message":"refused"}`,
		})
		if err == nil {
			_ = tell(answer) // else the controller has gone, and needs no answer
		}
	})
}

// refuse makes the next request for a command of a call on the line fail.
func (c *cable) refuse(r *refusal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refusals = append(c.refusals, r)
}

// refuses takes the refusal that a request is to get, and has it said when it is due.
func (c *cable) refuses(request string, say func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	line := c.lines[ids.CallOfChannel(channelOfCall.FindString(request))]
	i := slices.IndexFunc(c.refusals, func(r *refusal) bool { return r.line == line && refused[r.command].MatchString(request) })
	if i < 0 {
		return false
	}
	r := c.refusals[i]
	c.refusals = slices.Delete(c.refusals, i, i+1)
	if r.due == nil {
		c.atCut = append(c.atCut, say)
		return true
	}
	go func() { <-r.due; say() }()
	return true
}

// shut lets nobody in who is not in yet.
func (c *cable) shut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = true
}

func (c *cable) cut() {
	c.shut()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, say := range c.atCut {
		say()
	}
	c.atCut = nil
	for conn := range c.open {
		_ = conn.Close()
	}
	clear(c.open)
}

func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = false
}

func (c *cable) close() {
	c.cut()
	_ = c.server.Close()
}
