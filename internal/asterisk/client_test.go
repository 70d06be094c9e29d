package asterisk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hotline/internal/asterisk"
	"hotline/internal/asterisk/aritest"
)

// rig is a client that runs against a server until the test ends.
type rig struct {
	t      *testing.T
	server *aritest.Server
	client *asterisk.Client
	reg    *prometheus.Registry
	ended  chan error // what Run returned
}

func start(t *testing.T, opt asterisk.Options) *rig {
	t.Helper()
	return startOn(t, aritest.New(t), opt)
}

func startOn(t *testing.T, server *aritest.Server, opt asterisk.Options) *rig {
	t.Helper()
	r := &rig{t: t, server: server, reg: prometheus.NewRegistry(), ended: make(chan error, 1)}
	opt.Dial, opt.Metrics = server.Dial, r.reg
	var err error
	if r.client, err = asterisk.New(server.Config(), opt); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { r.ended <- r.client.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		for range r.client.Events() {
		}
	})
	return r
}

// next returns the next event, which must be a T.
func next[T asterisk.Event](r *rig) T {
	r.t.Helper()
	select {
	case ev, ok := <-r.client.Events():
		if !ok {
			r.t.Fatal("the events ended")
		}
		want, ok := ev.(T)
		if !ok {
			r.t.Fatalf("event %T %+v, not %T", ev, ev, want)
		}
		return want
	case <-time.After(time.Minute):
		var want T
		r.t.Fatalf("no %T came within a minute", want)
		panic("unreachable")
	}
}

// quiet checks that no event is waiting.
func (r *rig) quiet() {
	r.t.Helper()
	synctest.Wait()
	select {
	case ev := <-r.client.Events():
		r.t.Errorf("event %T %+v, though nothing happened", ev, ev)
	default:
	}
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) metric(name string) float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	r.must(err)
	sum := 0.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return sum
}

// caller lets one call in and takes its StasisStart.
func (r *rig) caller(id string) {
	r.t.Helper()
	r.server.Arrive(aritest.Caller{ID: id, Number: "0912345678", Dialed: "0800000123", Args: []string{"order"}})
	next[asterisk.StasisStart](r)
}

func TestWhatExistsComesBeforeWhatHappens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := aritest.New(t)
		server.Arrive(aritest.Caller{ID: "old", Number: "0287654321", Name: "王小明", Dialed: "0800000123", Args: []string{"order", "x"}})
		server.SetVar("old", "SHARED(HOTLINE)", `{"in":"menu"}`)
		server.Arrive(aritest.Caller{ID: "bare"})
		// While the lists are made, one call enters and a key is pressed.
		server.Expect("GET", "bridges", aritest.Reply{Status: 200, Body: []any{
			aritest.Message{"id": "old.b", "creator": "Stasis", "channels": []string{"old"}},
			aritest.Message{"id": "conf", "creator": "ConfBridge"},
		}, Send: []aritest.Message{
			{"type": "StasisStart", "args": []string{}, "channel": aritest.Message{"id": "bare"}},
			{"type": "ChannelDtmfReceived", "digit": "7", "channel": aritest.Message{"id": "old"}},
		}})
		r := startOn(t, server, asterisk.Options{})

		found := next[asterisk.Connected](r)
		if len(found.Channels) != 1 {
			t.Fatalf("channels %+v", found.Channels)
		}
		got := found.Channels[0]
		if got.ID != "old" || got.CallerName != "王小明" || got.CallerNumber != "0287654321" || got.Dialed != "0800000123" ||
			!slices.Equal(got.Args, []string{"order", "x"}) || !got.Created.Equal(time.Now()) || got.State != "Ring" {
			t.Errorf("channel %+v", got)
		}
		if len(found.State) != 1 || found.State["old"] != `{"in":"menu"}` {
			t.Errorf("state %v", found.State)
		}
		if len(found.Bridges) != 1 || found.Bridges[0].ID != "old.b" || !slices.Equal(found.Bridges[0].Channels, []string{"old"}) {
			t.Errorf("bridges %+v", found.Bridges)
		}
		if e := next[asterisk.StasisStart](r); e.Channel.ID != "bare" {
			t.Errorf("%+v", e)
		}
		if e := next[asterisk.DigitReceived](r); e.Digit != '7' || e.Channel != "old" {
			t.Errorf("%+v", e)
		}
		if !r.client.Connected() {
			t.Error("it is not connected")
		}
	})
}

func TestStateIsAskedOnlyWhereItIsWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := aritest.New(t)
		for _, id := range []string{"call", "call.2.1"} {
			server.Arrive(aritest.Caller{ID: id})
			server.SetVar(id, "SHARED(HOTLINE)", "s")
		}
		r := startOn(t, server, asterisk.Options{WantState: func(c asterisk.Channel) bool { return c.ID == "call" }})
		found := next[asterisk.Connected](r)
		if len(found.Channels) != 2 || len(found.State) != 1 || found.State["call"] != "s" {
			t.Errorf("%+v", found)
		}
	})
}

func TestStrangeFramesAreCountedAndSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		next[asterisk.Connected](r)
		for _, frame := range []string{
			``, `{`, `null`, `[]`, `"x"`, `{"type":7}`, `{"type":"StasisStart","channel":[]}`, `{"type":"StasisStart"}`,
			`{"type":"ChannelDtmfReceived","digit":"12","channel":{"id":"c"}}`, "\xff\xfe", `{"type":"RuleTheWorld"}`,
			`{"type":"RESTResponse"}`, `{"type":"RESTResponse","request_id":"999","status_code":200}`,
			`{"type":"ChannelVarset","value":["a varset is not even looked at"]}`,
			`{"type":"ApplicationReplaced","application":"somebody-else"}`,
		} {
			r.server.SendRaw(frame)
		}
		r.server.Arrive(aritest.Caller{ID: "c"})
		next[asterisk.StasisStart](r)
		if n := r.metric("hotline_ari_events_unknown_total"); n != 11 {
			t.Errorf("%v events were skipped and counted, not 11", n)
		}
	})
}

func TestReaderNeverWaitsAndNothingIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		next[asterisk.Connected](r)
		const flood = 20_000
		for i := range flood {
			r.server.Send(aritest.Message{"type": "StasisEnd", "channel": aritest.Message{"id": fmt.Sprint(i)}})
		}
		synctest.Wait()
		if n := r.metric("hotline_ari_event_queue_depth"); n < flood-1 { // one is in the pump's hand
			t.Errorf("the queue holds %v events", n)
		}
		// Requests go on meanwhile.
		if _, err := r.client.ListChannels(t.Context()); err != nil {
			t.Error(err)
		}
		for i := range flood {
			if e := next[asterisk.StasisEnd](r); e.Channel != fmt.Sprint(i) {
				t.Fatalf("event %d is of channel %s", i, e.Channel)
			}
		}
		r.quiet()
	})
}

func TestLostSocketFailsRequestsAtOnceAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		if err := r.client.Answer(t.Context(), "c"); !errors.Is(err, asterisk.ErrDisconnected) {
			t.Errorf("before the connection: %v", err)
		}
		next[asterisk.Connected](r)
		r.caller("c")
		r.server.SetVar("c", "SHARED(HOTLINE)", "queued")
		r.server.Expect("POST", "channels/c/answer", aritest.Reply{}) // never answered
		failed := make(chan error)
		go func() { failed <- r.client.Answer(context.Background(), "c") }()
		r.server.Await(t.Context(), "POST", "channels/c/answer")
		began := time.Now()
		r.server.Drop()
		err := <-failed
		if !errors.Is(err, asterisk.ErrDisconnected) || time.Since(began) != 0 {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if !strings.Contains(err.Error(), "channels/c/answer") {
			t.Errorf("the error does not say what was being done: %v", err)
		}
		next[asterisk.Disconnected](r)
		if found := next[asterisk.Connected](r); found.State["c"] != "queued" {
			t.Errorf("%+v", found)
		}
		if d := time.Since(began); d > 150*time.Millisecond {
			t.Errorf("back after %s", d)
		}
		r.must(r.client.Answer(t.Context(), "c"))
		if n := r.metric("hotline_ari_reconnects_total"); n != 1 {
			t.Errorf("%v reconnects", n)
		}
	})
}

func TestBackOffGrowsToItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		next[asterisk.Connected](r)
		r.server.Refuse(true)
		r.server.Drop()
		next[asterisk.Disconnected](r)
		time.Sleep(time.Minute)
		// 0.1, 0.2, 0.4, ... 5 s, each less up to a half: 17 to 29 attempts.
		if n := r.metric("hotline_ari_reconnects_total"); n < 15 || n > 30 {
			t.Errorf("%v attempts in a minute", n)
		}
		r.quiet()
		r.server.Refuse(false)
		next[asterisk.Connected](r)
	})
}

func TestListsThatFailAreAskedAgain(t *testing.T) {
	for name, reply := range map[string]aritest.Reply{
		"refused":  {Status: 500, Body: aritest.Message{"message": "no"}},
		"silence":  {},
		"nonsense": {Status: 200, Body: "x"},
		"lost":     {Drop: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := aritest.New(t)
				server.Expect("GET", "channels", reply)
				r := startOn(t, server, asterisk.Options{})
				next[asterisk.Connected](r) // and no Disconnected before it
			})
		})
	}
}

func TestSilentAsteriskIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		next[asterisk.Connected](r)
		time.Sleep(10 * time.Minute) // pings keep the quiet connection
		r.quiet()
		r.server.Freeze()
		began := time.Now()
		e := next[asterisk.Disconnected](r)
		if d := time.Since(began); d > 21*time.Second {
			t.Errorf("noticed after %s: %v", d, e.Err)
		}
		r.server.Thaw()
		next[asterisk.Connected](r)
	})
}

func TestReplacedClientWaitsForItsLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lease atomic.Bool
		r := start(t, asterisk.Options{MayReconnect: lease.Load})
		next[asterisk.Connected](r)
		r.server.Replace()
		next[asterisk.ApplicationReplaced](r)
		if e := next[asterisk.Disconnected](r); !errors.Is(e.Err, asterisk.ErrReplaced) {
			t.Errorf("%+v", e)
		}
		synctest.Wait()
		if err := r.client.Hangup(t.Context(), "c", ""); !errors.Is(err, asterisk.ErrDisconnected) {
			t.Errorf("a request of the replaced: %v", err)
		}
		time.Sleep(time.Hour)
		r.quiet()
		if n := r.server.Connections(); n != 0 {
			t.Errorf("%d connections without a lease", n)
		}
		lease.Store(true)
		next[asterisk.Connected](r)
	})
}

func TestReplacedClientWithoutALeaseEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		next[asterisk.Connected](r)
		other := startOn(t, r.server, asterisk.Options{})
		next[asterisk.Connected](other)
		next[asterisk.ApplicationReplaced](r)
		next[asterisk.Disconnected](r)
		if err := <-r.ended; !errors.Is(err, asterisk.ErrReplaced) {
			t.Errorf("Run returned %v", err)
		}
		if _, open := <-r.client.Events(); open {
			t.Error("the events go on")
		}
		other.caller("c")
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := aritest.New(t)
		client, err := asterisk.New(server.Config(), asterisk.Options{Dial: server.Dial})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- client.Run(ctx) }()
		<-client.Events()
		for range 3 { // nobody takes these
			server.Arrive(aritest.Caller{ID: "c"})
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if client.Connected() || server.Connections() != 0 {
			t.Error("still connected")
		}
	})
}

func TestRequestHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		next[asterisk.Connected](r)
		r.caller("c")
		r.server.On("POST", "channels/c/moh", func(aritest.Request) *aritest.Reply { return &aritest.Reply{} })
		began := time.Now()
		err := r.client.StartMOH(t.Context(), "c", "")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 5*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		err = r.client.StartMOH(ctx, "c", "")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		r.must(r.client.Answer(t.Context(), "c"))
	})
}

func TestBusyChannelIsAskedBesideTheSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		next[asterisk.Connected](r)
		r.caller("c")
		ctx := t.Context()
		way := func(what string) bool {
			t.Helper()
			r.must(r.client.SetVar(ctx, "c", "V", what))
			return r.server.Await(ctx, "POST", "channels/c/variable").HTTP
		}
		if way("idle") {
			t.Error("an idle channel was asked over HTTP")
		}
		r.must(r.client.Play(ctx, "c", "p1", []string{"sound:hello"}, ""))
		if !way("playing") {
			t.Error("a playing channel was asked on the socket")
		}
		r.server.FinishPlayback("p1", false)
		next[asterisk.PlaybackStarted](r)
		next[asterisk.PlaybackFinished](r)
		if way("idle again") {
			t.Error("an idle channel was asked over HTTP")
		}
		r.server.Drop()
		next[asterisk.Disconnected](r)
		next[asterisk.Connected](r)
		if !way("who knows") {
			t.Error("a channel that may be playing was asked on the socket")
		}
		if got := r.server.Var("c", "V"); got != "who knows" {
			t.Errorf("V = %q", got)
		}
		// It does not outlive the socket, though it does not need it.
		r.server.Expect("POST", "channels/c/answer", aritest.Reply{})
		failed := make(chan error)
		go func() { failed <- r.client.Answer(context.Background(), "c") }()
		r.server.Await(ctx, "POST", "channels/c/answer")
		r.server.Replace()
		if err := <-failed; !errors.Is(err, asterisk.ErrDisconnected) {
			t.Errorf("a request of the replaced: %v", err)
		}
		r.server.HangUp("c")
	})
}

func TestChannelsOfALostSocketCanBeBridged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		next[asterisk.Connected](r)
		r.caller("c")
		r.caller("d")
		r.server.Drop()
		next[asterisk.Disconnected](r)
		next[asterisk.Connected](r)
		ctx := t.Context()
		r.must(r.client.CreateBridge(ctx, "b", ""))
		r.must(r.client.AddToBridge(ctx, "b", "c", "d"))
		if !r.server.Await(ctx, "POST", "bridges/b/addChannel").HTTP {
			t.Error("channels that may be playing were asked for on the socket")
		}
		bridges, err := r.client.ListBridges(ctx)
		if err != nil || len(bridges) != 1 || len(bridges[0].Channels) != 2 {
			t.Errorf("bridges %+v, %v", bridges, err)
		}
		r.server.HangUp("c")
		r.server.HangUp("d")
	})
}

func TestLongRequestGoesOverHTTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		next[asterisk.Connected](r)
		r.caller("c")
		long := strings.Repeat("\u2028", 11_000) // six bytes each in JSON, three as UTF-8
		r.must(r.client.SetVar(t.Context(), "c", "V", strings.Repeat("x", 30_000)))
		if r.server.Await(t.Context(), "POST", "*/*/variable").HTTP {
			t.Error("30 kB went over HTTP")
		}
		var e *asterisk.Error
		err := r.client.SetVar(t.Context(), "c", "V", long)
		if !errors.As(err, &e) || e.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("more than either way takes: %v", err)
		}
		if got := r.server.Var("c", "V"); len(got) != 30_000 {
			t.Errorf("V has %d bytes", len(got))
		}
	})
}

func TestDownload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		next[asterisk.Connected](r)
		r.server.On("GET", "recordings/stored/*/file", func(req aritest.Request) *aritest.Reply {
			if !strings.Contains(req.Path, "a b+c") {
				return nil
			}
			return &aritest.Reply{Status: 200, Body: "sound"}
		})
		var b bytes.Buffer
		n, err := r.client.Download(t.Context(), &b, "recordings/stored/{id}/file", "a b+c")
		if err != nil || n != int64(b.Len()) || b.String() != "\"sound\"\n" {
			t.Errorf("%d bytes, %q, %v", n, b.String(), err)
		}
		_, err = r.client.Download(t.Context(), &b, "recordings/stored/{id}/file", "other")
		if !asterisk.IsNotFound(err) {
			t.Errorf("missing: %v", err)
		}
	})
}

func TestMetricsNameNoCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		next[asterisk.Connected](r)
		for i := range 5 {
			_ = r.client.Answer(t.Context(), fmt.Sprintf("c%d", i))
			_ = r.client.Play(t.Context(), fmt.Sprintf("c%d", i), "p", []string{"sound:x"}, "en")
		}
		families, err := r.reg.Gather()
		r.must(err)
		var paths []string
		for _, f := range families {
			for _, m := range f.GetMetric() {
				for _, l := range m.GetLabel() {
					if l.GetName() == "path" {
						paths = append(paths, l.GetValue())
					}
				}
			}
		}
		slices.Sort(paths)
		want := "applications/{id} bridges channels channels/{id}/answer channels/{id}/play/{id} playbacks/{id}"
		if got := strings.Join(paths, " "); got != want {
			t.Errorf("time series of %s", got)
		}
		if _, err := asterisk.New(r.server.Config(), asterisk.Options{Metrics: r.reg}); err == nil {
			t.Error("the same metrics twice")
		}
	})
}
