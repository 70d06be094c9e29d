package desk

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"hotline/cti/id"
)

// BenchmarkFanOut1200 tells 1,200 open desks one thing each round and waits until all have read it: over loopback, so
// that it includes both ends' system calls.
func BenchmarkFanOut1200(b *testing.B) {
	const desks = 1200
	h := NewHub(Options{})
	f := &floor{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.Serve(w, r, Visit{Agent: id.AgentID(r.URL.Query().Get("agent")), Client: "a", Floor: f})
	}))
	defer server.Close()
	defer h.Close()
	var read, ready sync.WaitGroup
	ready.Add(desks)
	for i := range desks {
		ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/?agent="+url.QueryEscape(fmt.Sprint("u", i)), nil)
		if err != nil {
			b.Fatal(err)
		}
		go func() {
			defer func() { _ = ws.Close() }()
			if _, _, err := ws.ReadMessage(); err != nil {
				return
			}
			ready.Done()
			for {
				if _, _, err := ws.ReadMessage(); err != nil {
					return
				}
				read.Done()
			}
		}()
	}
	ready.Wait()
	health := map[string]any{"history": true, "since": strings.Repeat("x", 200)}
	b.ReportAllocs()
	for b.Loop() {
		read.Add(desks)
		h.Health(health)
		read.Wait()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/desks, "ns/desk")
}

// BenchmarkTell is what the floor pays: it never waits for a browser.
func BenchmarkTell(b *testing.B) {
	h := NewHub(Options{})
	v := view("talking")
	b.ReportAllocs()
	for b.Loop() {
		h.Tell("u1", v)
	}
}
