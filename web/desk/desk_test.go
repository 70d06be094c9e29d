package desk

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"hotline/cti"
	"hotline/cti/id"
)

// floor is the exchange at its boundary.
type floor struct {
	mu     sync.Mutex
	asked  []string
	answer error
	last   cti.Event
}

func (f *floor) Ask(_ context.Context, ev cti.Event) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, cti.EventKind(ev))
	f.last = ev
	return f.answer
}

func (f *floor) View(agent id.AgentID) (cti.AgentView, bool) {
	return cti.AgentView{Agent: agent, State: cti.AgentStateSignedOut}, true
}
func (f *floor) Overview() cti.Overview { return cti.Overview{} }

func (f *floor) heard() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.asked, " ")
}

// house is a Hub behind an HTTP server whose connections are pipes in memory: a write waits until the other side reads,
// so that a slow browser is one that does not read, and all waiting is in the bubble's time.
type house struct {
	*Hub
	t        *testing.T
	floor    *floor
	registry *prometheus.Registry
	conns    chan net.Conn
	alive    atomic.Bool
	chosen   int64
}

type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l pipeListener) Close() error   { close(l.done); return nil }
func (l pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// inHouse runs the test in a bubble.
func inHouse(t *testing.T, test func(*testing.T, *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t, floor: &floor{}, registry: prometheus.NewRegistry(), conns: make(chan net.Conn)}
		h.alive.Store(true)
		h.Hub = NewHub(Options{Registry: h.registry})
		server := &http.Server{Handler: http.HandlerFunc(h.serve)}
		listener := pipeListener{h.conns, make(chan struct{})}
		done := make(chan error, 1)
		go func() { done <- server.Serve(listener) }()
		test(t, h)
		h.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

func (h *house) serve(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	var since uint64
	if s := q.Get("since"); s != "" {
		if err := json.Unmarshal([]byte(s), &since); err != nil {
			h.t.Error(err)
		}
	}
	h.Serve(w, r, Visit{
		Agent: id.AgentID(q.Get("agent")), Watch: q.Get("as") == "floor", Reach: q.Get("reach"), Client: q.Get("client"),
		Session: q.Get("session"), Epoch: q.Get("epoch"), Since: since, Floor: h.floor, Address: "192.0.2.7",
		Alive: func(context.Context) bool { return h.alive.Load() },
		Choose: func(_ context.Context, _ id.AgentID, _ id.CallID, customer int64) error {
			h.chosen = customer
			return nil
		},
	})
}

// measured is a counter's value, or how often a histogram observed.
func (h *house) measured(name string) float64 {
	h.t.Helper()
	families, err := h.registry.Gather()
	if err != nil {
		h.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			m := f.GetMetric()[0]
			return m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	h.t.Fatalf("nothing measures %s", name)
	return 0
}

// page is a browser's end.
type page struct {
	t  *testing.T
	ws *websocket.Conn
}

func (h *house) open(query string) *page {
	h.t.Helper()
	d := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		h.conns <- theirs
		return ours, nil
	}}
	ws, r, err := d.Dial("ws://hotline/?"+query, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := r.Body.Close(); err != nil {
		h.t.Fatal(err)
	}
	// The bubble ends when every goroutine has.
	h.t.Cleanup(func() { _ = ws.Close() })
	return &page{h.t, ws}
}

type frame struct {
	Seq     uint64          `json:"seq"`
	Type    string          `json:"type"`
	Data    json.RawMessage `json:"data"`
	Re      uint64          `json:"re"`
	OK      bool            `json:"ok"`
	Problem *problem        `json:"problem"`
}

func (p *page) read() frame {
	p.t.Helper()
	var f frame
	if err := p.ws.ReadJSON(&f); err != nil {
		p.t.Fatalf("read: %v", err)
	}
	return f
}

// want reads one message, which must be of the type.
func (p *page) want(kind string) frame {
	p.t.Helper()
	f := p.read()
	if f.Type != kind {
		p.t.Fatalf("got %+v (%s), want %s", f, f.Data, kind)
	}
	return f
}

func (p *page) snapshot() (f frame, s snapshotData) {
	p.t.Helper()
	f = p.want(typeSnapshot)
	if err := json.Unmarshal(f.Data, &s); err != nil {
		p.t.Fatal(err)
	}
	return f, s
}

func (p *page) send(text string) {
	p.t.Helper()
	if err := p.ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		p.t.Fatalf("send %s: %v", text, err)
	}
}

// ask sends a request and returns the code of its problem, "" when it was granted.
func (p *page) ask(text string) string {
	p.t.Helper()
	p.send(text)
	f := p.read()
	for f.Type != "" {
		f = p.read()
	}
	if f.Problem != nil {
		return f.Problem.Code
	}
	if !f.OK {
		p.t.Errorf("%s: neither ok nor a problem", text)
	}
	return ""
}

// end reads to the close and returns its code.
func (p *page) end() int {
	p.t.Helper()
	for {
		if _, _, err := p.ws.ReadMessage(); err != nil {
			if end, ok := errors.AsType[*websocket.CloseError](err); ok {
				return end.Code
			}
			p.t.Fatal(err)
		}
	}
}

func view(state cti.AgentState) cti.AgentView { return cti.AgentView{Agent: "u1", State: state} }

func TestSnapshotThenChanges(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.Config(map[string]int{"queues": 3})
		p := h.open("agent=u1&client=a")
		f, s := p.snapshot()
		if s.Epoch == "" || s.Overflow || string(s.Config) != `{"queues":3}` || !strings.Contains(string(s.Agent), "signed_out") || s.Pop != nil {
			t.Errorf("%s", f.Data)
		}
		last := f.Seq
		h.Tell("u1", view(cti.AgentStateRinging))
		h.Tell("u2", view(cti.AgentStateReady))
		h.Pop("u1", Pop{Call: "c1", Data: map[string]string{"name": "王大明"}, At: time.Now()})
		h.Health(map[string]bool{"history": false})
		h.Floor("", "not for desks")
		h.Tell("u1", view(cti.AgentStateTalking))
		for _, kind := range []string{typeAgent, typePop, typeHealth, typeAgent} {
			f := p.want(kind)
			if f.Seq <= last {
				t.Errorf("%s: number %d after %d", kind, f.Seq, last)
			}
			last = f.Seq
		}
		synctest.Wait()
		if got := h.floor.heard(); got != "desk_connected" {
			t.Errorf("the floor heard %s", got)
		}
		if n := h.measured("hotline_pop_written_seconds"); n != 1 {
			t.Errorf("%v pops measured", n)
		}
	})
}

func TestResume(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		p := h.open("agent=u1&client=a")
		f, s := p.snapshot()
		if err := p.ws.Close(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := h.floor.heard(); got != "desk_connected desk_lost" {
			t.Errorf("the floor heard %s", got)
		}
		h.Tell("u1", view(cti.AgentStateNotReady))
		h.Tell("u1", view(cti.AgentStateReady))
		h.Config("new")
		since := "&since=" + string(must(json.Marshal(f.Seq)))
		q := h.open("agent=u1&client=a&epoch=" + s.Epoch + since)
		q.want(typeAgent)
		q.want(typeAgent)
		q.want(typeConfig)
		// A page that missed nothing gets nothing, then what is new.
		h.Tell("u1", view(cti.AgentStateRinging))
		newest := q.want(typeAgent)
		r := h.open("agent=u1&client=a&epoch=" + s.Epoch + "&since=" + string(must(json.Marshal(newest.Seq))))
		h.Tell("u1", view(cti.AgentStateTalking))
		if f := r.want(typeAgent); f.Seq <= newest.Seq {
			t.Errorf("number %d after %d", f.Seq, newest.Seq)
		}
		if code := q.end(); code != closeReplaced {
			t.Errorf("the older socket of the same page ends with %d", code)
		}
		// Another process, too long ago, or from the future: everything.
		for range ringMessages {
			h.Tell("u1", view(cti.AgentStateReady))
		}
		for _, bad := range []string{"&epoch=other" + since, "&epoch=" + s.Epoch + since, "&epoch=" + s.Epoch + "&since=999999"} {
			x := h.open("agent=u1&client=a" + bad)
			x.snapshot()
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestRingIsBoundedByBytes(t *testing.T) {
	h := NewHub(Options{})
	big := strings.Repeat("x", 20<<10)
	for range 20 {
		h.Pop("u1", Pop{Data: big})
	}
	s := h.streams["u1"]
	if s.bytes > ringBytes || len(s.ring) != 3 || s.forgotten != 18 {
		t.Errorf("%d bytes in %d messages, forgotten %d", s.bytes, len(s.ring), s.forgotten)
	}
}

func TestSlowBrowserGetsASnapshot(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		slow, fast := h.open("agent=u1&client=a"), h.open("agent=u2&client=b")
		slow.snapshot()
		fast.snapshot()
		synctest.Wait()
		h.Tell("u1", view(cti.AgentStateReady))
		synctest.Wait() // The writer is stuck with it.
		start := time.Now()
		for range 3 * backlogFrames {
			h.Tell("u1", view(cti.AgentStateReady))
			h.Tell("u2", view(cti.AgentStateReady))
			fast.want(typeAgent)
		}
		h.Tell("u1", view(cti.AgentStateTalking))
		if waited := time.Since(start); waited != 0 {
			t.Errorf("telling took %v", waited)
		}
		if n := h.measured("hotline_desk_overflows_total"); n != 1 {
			t.Errorf("%v overflows", n)
		}
		// The floor's answer is not dropped with the states.
		sent := make(chan error, 1)
		go func() { sent <- slow.ws.WriteMessage(websocket.TextMessage, []byte(`{"id":7,"do":"ready"}`)) }()
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		var states, snapshots, replies int
		for replies == 0 || snapshots == 0 {
			switch f := slow.read(); {
			case f.Type == typeAgent:
				states++
			case f.Type == typeSnapshot:
				snapshots++
				var s snapshotData
				if err := json.Unmarshal(f.Data, &s); err != nil || !s.Overflow || !strings.Contains(string(s.Agent), "talking") {
					t.Errorf("%s %v", f.Data, err)
				}
			case f.Re == 7 && f.OK:
				replies++
			}
		}
		if states > 2 {
			t.Errorf("%d old states", states)
		}
		h.Tell("u1", view(cti.AgentStateWrapUp))
		slow.want(typeAgent)
	})
}

func TestBrowserThatReadsNothingIsGivenUp(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.open("agent=u1&client=a") // reads not even the snapshot
		synctest.Wait()
		time.Sleep(writeWait)
		synctest.Wait()
		if got := h.floor.heard(); got != "desk_connected desk_lost" {
			t.Errorf("the floor heard %s", got)
		}
	})
}

func TestSilentBrowserIsGivenUpAndALivingOneKept(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		p := h.open("agent=u1&client=a")
		p.snapshot()
		reading := make(chan int, 1)
		go func() { reading <- p.end() }() // answers pings
		time.Sleep(10 * time.Minute)
		if got := h.floor.heard(); got != "desk_connected" {
			t.Errorf("the floor heard %s", got)
		}
		mute := h.open("agent=u2&client=b")
		mute.snapshot()
		mute.ws.SetPingHandler(func(string) error { return nil })
		gone := make(chan error, 1)
		go func() {
			_, _, err := mute.ws.ReadMessage()
			gone <- err
		}()
		time.Sleep(silentFor + time.Second)
		if err := <-gone; err == nil {
			t.Error("a browser that answers no ping is kept")
		}
		h.alive.Store(false)
		if code := <-reading; code != closeSignedOut {
			t.Errorf("a session that is over ends with %d", code)
		}
	})
}

func TestTakeOver(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		first := h.open("agent=u1&client=a")
		first.snapshot()
		second := h.open("agent=u1&client=b")
		question := second.want(typeTakeOver)
		if question.Seq != 0 || !strings.Contains(string(question.Data), "192.0.2.7") {
			t.Errorf("%s", question.Data)
		}
		h.Tell("u1", view(cti.AgentStateReady))
		first.want(typeAgent)
		if code := second.ask(`{"id":1,"do":"ready"}`); code != "not_desk" {
			t.Errorf("before the answer: %q", code)
		}
		if code := first.ask(`{"id":1,"do":"take_over"}`); code != "wrong_state" {
			t.Errorf("the desk itself: %q", code)
		}
		if !h.Holds("u1", "a") || h.Holds("u1", "b") {
			t.Error("the desk moved before the answer")
		}
		second.send(`{"id":2,"do":"take_over"}`)
		second.snapshot()
		if f := second.read(); f.Re != 2 || !f.OK {
			t.Errorf("%+v", f)
		}
		first.want(typeTaken)
		if code := first.end(); code != closeTaken {
			t.Errorf("ends with %d", code)
		}
		if code := second.ask(`{"id":3,"do":"ready"}`); code != "" {
			t.Errorf("after it: %q", code)
		}
		synctest.Wait()
		if got := h.floor.heard(); got != "desk_connected agent_ready" {
			t.Errorf("the floor heard %s", got)
		}
	})
}

func TestTakeOverWithoutAnAnswer(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		first := h.open("agent=u1&client=a")
		first.snapshot()
		go func() {
			for {
				if _, _, err := first.ws.ReadMessage(); err != nil { // answers pings
					return
				}
			}
		}()
		second := h.open("agent=u1&client=b")
		second.want(typeTakeOver)
		if code := second.end(); code != closeUnanswered {
			t.Errorf("ends with %d", code)
		}
		// The desk goes away while the question is open: there is nothing to ask any more.
		third := h.open("agent=u1&client=c")
		third.want(typeTakeOver)
		if err := first.ws.Close(); err != nil {
			t.Error(err)
		}
		third.snapshot()
		synctest.Wait()
		if !h.Holds("u1", "c") || h.floor.heard() != "desk_connected" {
			t.Errorf("the floor heard %s", h.floor.heard())
		}
	})
}

func TestRequestsBecomeEvents(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		p := h.open("agent=u1&client=a")
		p.snapshot()
		const leg = `"leg":"hl1-1-2.2"`
		for _, c := range []struct{ frame, code, event string }{
			{`{"id":1,"do":"ready"}`, "", "agent_ready"},
			{`{"id":2,"do":"not_ready","reason":"lunch"}`, "", "agent_not_ready"},
			{`{"id":3,"do":"answer",` + leg + `}`, "", "agent_answered"},
			{`{"id":4,"do":"decline",` + leg + `}`, "", "agent_declined"},
			{`{"id":5,"do":"hang_up",` + leg + `}`, "", "agent_hung_up"},
			{`{"id":6,"do":"hold",` + leg + `}`, "", "agent_held"},
			{`{"id":7,"do":"resume",` + leg + `}`, "", "agent_resumed"},
			{`{"id":8,"do":"to_survey",` + leg + `}`, "", "agent_to_survey"},
			{`{"id":9,"do":"dispose","call":"c1","code":"solved","note":"好"}`, "", "agent_disposed"},
			{`{"id":10,"do":"next_state","state":"not_ready","reason":"lunch"}`, "", "agent_next_state"},
			{`{"id":11,"do":"next_state","state":""}`, "", "agent_next_state"},
			{`{"id":12,"do":"sign_out"}`, "", "agent_signed_out"},
			{`{"id":13,"do":"ping"}`, "", ""},
			{`{"id":14,"do":"choose_customer","call":"c1","customer":7}`, "", ""},
			{`{"id":15,"do":"choose_customer","call":"c1"}`, "bad_request", ""},
			{`{"id":16,"do":"answer"}`, "bad_request", ""},
			{`{"id":17,"do":"answer","leg":"../../x"}`, "bad_request", ""},
			{`{"id":18,"do":"dispose","call":"c1"}`, "bad_request", ""},
			{`{"id":19,"do":"next_state","state":"talking"}`, "bad_request", ""},
			{`{"id":20,"do":"fly"}`, "unknown_command", ""},
			{`{"do":"ready"}`, "bad_frame", ""},
			{`{"id":-1,"do":"ready"}`, "bad_frame", ""},
			{`{"id":21,"do":"ready"`, "bad_frame", ""},
			{`[]`, "bad_frame", ""},
			{`null`, "bad_frame", ""},
			{``, "bad_frame", ""},
		} {
			synctest.Wait()
			h.floor.mu.Lock()
			h.floor.asked = nil
			h.floor.mu.Unlock()
			if code := p.ask(c.frame); code != c.code {
				t.Errorf("%s: %q, want %q", c.frame, code, c.code)
			}
			if got := h.floor.heard(); got != c.event {
				t.Errorf("%s: the floor heard %q, want %q", c.frame, got, c.event)
			}
			time.Sleep(time.Second) // below the limit of frames
		}
		if h.chosen != 7 {
			t.Errorf("chosen %d", h.chosen)
		}
		h.floor.answer = &Refusal{cti.RefusedTooLate}
		if code := p.ask(`{"id":30,"do":"answer",` + leg + `}`); code != "too_late" {
			t.Errorf("refused with %q", code)
		}
		h.floor.answer = errors.New("exchange away")
		if code := p.ask(`{"id":31,"do":"ready"}`); code != "failed" {
			t.Errorf("failed with %q", code)
		}
	})
}

func TestBrokenFramesHarmNobody(t *testing.T) {
	for name, c := range map[string]struct {
		kind int
		data []byte
		code int
	}{
		"binary":    {websocket.BinaryMessage, []byte{1, 2, 3}, websocket.CloseUnsupportedData},
		"not UTF-8": {websocket.TextMessage, []byte{'{', 0xff, 0xfe, '}'}, websocket.CloseInvalidFramePayloadData},
		"too large": {websocket.TextMessage, make([]byte, frameLimit+1), websocket.CloseMessageTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				other := h.open("agent=u2&client=b")
				other.snapshot()
				p := h.open("agent=u1&client=a")
				p.snapshot()
				// The server may refuse before it has read everything.
				go func() { _ = p.ws.WriteMessage(c.kind, c.data) }()
				if code := p.end(); code != c.code {
					t.Errorf("ends with %d, want %d", code, c.code)
				}
				h.Tell("u2", view(cti.AgentStateReady))
				other.want(typeAgent)
			})
		})
	}
}

func TestTooManyFrames(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		p := h.open("agent=u1&client=a")
		p.snapshot()
		refused := 0
		for range 2 * framesAtOnce {
			if p.ask(`{"id":1,"do":"ping"}`) == "too_many" {
				refused++
			}
		}
		if refused != framesAtOnce {
			t.Errorf("%d refused", refused)
		}
		time.Sleep(time.Second)
		if code := p.ask(`{"id":2,"do":"ping"}`); code != "" {
			t.Errorf("after a pause: %s", code)
		}
	})
}

func TestRequestsWhoseRepliesAreNotRead(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		p := h.open("agent=u1&client=a")
		go func() {
			for p.ws.WriteMessage(websocket.TextMessage, []byte(`{"id":1,"do":"ping"}`)) == nil {
			}
		}()
		synctest.Wait()
		time.Sleep(writeWait)
		synctest.Wait()
		if got := h.floor.heard(); got != "desk_connected desk_lost" {
			t.Errorf("the floor heard %s", got)
		}
	})
}

func TestWatchersSeeTheirReach(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.Floor("", "everything")
		all, blue := h.open("agent=u1&as=floor&client=a"), h.open("agent=u1&as=floor&client=b&reach=blue")
		if _, s := all.snapshot(); string(s.Floor) != `"everything"` {
			t.Errorf("%s", s.Floor)
		}
		if _, s := blue.snapshot(); s.Floor != nil {
			t.Errorf("%s", s.Floor)
		}
		h.Floor("blue", "blue's")
		if f := blue.want(typeFloor); string(f.Data) != `"blue's"` {
			t.Errorf("%s", f.Data)
		}
		if len(h.Watched()) != 2 {
			t.Errorf("watched %v", h.Watched())
		}
		if code := all.ask(`{"id":1,"do":"ready"}`); code != "not_desk" {
			t.Errorf("a watcher is %q", code)
		}
		synctest.Wait()
		if got := h.floor.heard(); got != "" {
			t.Errorf("the floor heard %s", got)
		}
	})
}

func TestSessionsEndAndServerStops(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		a, b := h.open("agent=u1&client=a&session=s1"), h.open("agent=u2&client=b&session=s2")
		a.snapshot()
		b.snapshot()
		if !h.Has("u1", "s1") || h.Has("u1", "s2") {
			t.Error("who has the desk")
		}
		h.EndSession("s1")
		if code := a.end(); code != closeSignedOut {
			t.Errorf("ends with %d", code)
		}
		synctest.Wait()
		go h.Close()
		if code := b.end(); code != websocket.CloseGoingAway {
			t.Errorf("ends with %d", code)
		}
		synctest.Wait()
		// A desk that a stopping server closed is not lost: it comes back to the next one.
		if got := h.floor.heard(); got != "desk_connected desk_connected desk_lost" {
			t.Errorf("the floor heard %s", got)
		}
	})
}

func TestTheFloorIsToldAgainWhenItCouldNotListen(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.floor.answer = errors.New("exchange away")
		p := h.open("agent=u1&client=a")
		p.snapshot()
		go func() {
			for {
				if _, _, err := p.ws.ReadMessage(); err != nil { // answers pings
					return
				}
			}
		}()
		synctest.Wait()
		h.floor.mu.Lock()
		h.floor.answer = nil
		h.floor.mu.Unlock()
		time.Sleep(3 * againEvery)
		if got := h.floor.heard(); got != "desk_connected desk_connected" {
			t.Errorf("the floor heard %s", got)
		}
	})
}

func TestNothingIsKeptOfWhoSignedOut(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		p := h.open("agent=u1&client=a")
		f, s := p.snapshot()
		h.Pop("u1", Pop{Call: "c1", Data: "somebody"})
		p.want(typePop)
		if err := p.ws.Close(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		h.Tell("u1", view(cti.AgentStateSignedOut))
		if len(h.streams) != 0 {
			t.Errorf("%d streams", len(h.streams))
		}
		q := h.open("agent=u1&client=a&epoch=" + s.Epoch + "&since=" + string(must(json.Marshal(f.Seq))))
		if _, s := q.snapshot(); s.Pop != nil {
			t.Errorf("%s", s.Pop)
		}
	})
}

// FuzzRequest: whatever a browser sends makes an event of that agent, or a problem.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"id":1,"do":"ready"}`, `{"id":2,"do":"answer","leg":"hl1-1-2.2"}`, `{"id":3,"do":"next_state","state":"ready"}`,
		`{"id":18446744073709551615,"do":"dispose","call":"c","code":"x","note":"\u0000"}`, `{"id":"1"}`, `[[[[`, `{"leg":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var r request
		if json.Unmarshal(data, &r) != nil {
			return
		}
		ev, p := r.event("u1")
		if (ev == nil) == (p == nil) {
			t.Fatalf("%s: event %v, problem %v", data, ev, p)
		}
		if ev == nil {
			return
		}
		out, err := json.Marshal(ev)
		if err != nil {
			t.Fatal(err)
		}
		var made struct {
			Agent string `json:"agent"`
			Req   uint64 `json:"req"`
		}
		if err := json.Unmarshal(out, &made); err != nil || made.Agent != "u1" || made.Req == 0 {
			t.Fatalf("%s: %s %v", data, out, err)
		}
	})
}
