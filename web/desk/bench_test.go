package desk

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"hotline/cti/id"
)

// BenchmarkFanOut1200 tells 1,200 open desks one thing each round and waits until all have read it: over loopback, so
// that it includes both ends' system calls. "once" encodes it once for everybody; "each" is the peer that does so for
// each desk.
func BenchmarkFanOut1200(b *testing.B) {
	health := map[string]any{"history": true, "since": strings.Repeat("x", 200)}
	b.Run("once", func(b *testing.B) { fanOut(b, func(h *Hub, _ []id.AgentID) { h.Health(health) }) })
	b.Run("each", func(b *testing.B) {
		fanOut(b, func(h *Hub, agents []id.AgentID) {
			for _, a := range agents {
				h.Pop(a, Pop{Data: health})
			}
		})
	})
}

func fanOut(b *testing.B, tell func(*Hub, []id.AgentID)) {
	const desks = 1200
	h := NewHub(Options{})
	f := &floor{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.Serve(w, r, Visit{Agent: id.AgentID(r.URL.Query().Get("agent")), Client: "a", Floor: f})
	}))
	defer server.Close()
	defer h.Close()
	agents := make([]id.AgentID, desks)
	var read, ready sync.WaitGroup
	ready.Add(desks)
	for i := range agents {
		agents[i] = id.AgentID(fmt.Sprint("u", i))
		ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/?agent="+url.QueryEscape(string(agents[i])), nil)
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
	var rounds []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		read.Add(desks)
		tell(h, agents)
		read.Wait()
		rounds = append(rounds, time.Since(began))
	}
	slices.Sort(rounds)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/desks, "ns/desk")
	b.ReportMetric(float64(rounds[len(rounds)*99/100].Microseconds())/1000, "p99-ms")
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
