package asterisk_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hotline/internal/asterisk"
	"hotline/internal/asterisk/aritest"
)

type call struct {
	name   string
	do     func(context.Context, *asterisk.Client) error
	method string
	path   string
	query  map[string]string
	fine   []int // refusals that count as success
}

func calls() []call {
	type c = *asterisk.Client
	return []call{
		{"Answer", func(ctx context.Context, c c) error { return c.Answer(ctx, "c") }, "POST", "channels/c/answer", nil, nil},
		{
			"Hangup", func(ctx context.Context, c c) error { return c.Hangup(ctx, "c", "busy") }, "DELETE", "channels/c",
			map[string]string{"reason": "busy"},
			[]int{404},
		},
		{
			"Play", func(ctx context.Context, c c) error {
				return c.Play(ctx, "c", "p", []string{"sound:/a", "sound:/b"}, "zh")
			}, "POST",
			"channels/c/play/p",
			map[string]string{"media": "sound:/a,sound:/b", "lang": "zh"},
			nil,
		},
		{"StopPlayback", func(ctx context.Context, c c) error { return c.StopPlayback(ctx, "p") }, "DELETE", "playbacks/p", nil, []int{404}},
		{
			"StartMOH", func(ctx context.Context, c c) error { return c.StartMOH(ctx, "c", "soft") }, "POST", "channels/c/moh",
			map[string]string{"mohClass": "soft"},
			nil,
		},
		{"StopMOH", func(ctx context.Context, c c) error { return c.StopMOH(ctx, "c") }, "DELETE", "channels/c/moh", nil, []int{404}},
		{
			"SetVar", func(ctx context.Context, c c) error { return c.SetVar(ctx, "c", "V", "1 & 2") }, "POST", "channels/c/variable",
			map[string]string{"variable": "V", "value": "1 & 2"},
			nil,
		},
		{
			"SetState", func(ctx context.Context, c c) error { return c.SetState(ctx, "c", "{}") }, "POST", "asterisk/variable",
			map[string]string{"variable": "SHARED(HOTLINE,c)", "value": "{}"},
			nil,
		},
		{
			"SetGlobal", func(ctx context.Context, c c) error { return c.SetGlobal(ctx, "LINE_1", "2") }, "POST", "asterisk/variable",
			map[string]string{"variable": "LINE_1", "value": "2"},
			nil,
		},
		{"ExternalMedia", func(ctx context.Context, c c) error {
			return c.ExternalMedia(ctx, asterisk.ExternalMedia{Channel: "m", Host: "127.0.0.1:4000", Format: "ulaw", Direction: "both"})
		}, "POST", "channels/externalMedia", map[string]string{
			"channelId": "m", "app": aritest.App, "external_host": "127.0.0.1:4000", "format": "ulaw", "direction": "both",
			"encapsulation": "rtp", "transport": "udp", "connection_type": "client",
		}, nil},
		{
			"CreateBridge", func(ctx context.Context, c c) error { return c.CreateBridge(ctx, "b", "talk") }, "POST", "bridges/b",
			map[string]string{"type": "mixing,dtmf_events", "name": "talk"},
			[]int{409},
		},
		{
			"AddToBridge", func(ctx context.Context, c c) error { return c.AddToBridge(ctx, "there", "c", "d") }, "POST", "bridges/there/addChannel",
			map[string]string{"channel": "c,d"},
			nil,
		},
		{
			"RemoveFromBridge", func(ctx context.Context, c c) error { return c.RemoveFromBridge(ctx, "there", "c") }, "POST",
			"bridges/there/removeChannel",
			map[string]string{"channel": "c"},
			[]int{404, 409, 422},
		},
		{"DestroyBridge", func(ctx context.Context, c c) error { return c.DestroyBridge(ctx, "b") }, "DELETE", "bridges/b", nil, []int{404, 409}},
		{"ContinueInDialplan", func(ctx context.Context, c c) error {
			return c.ContinueInDialplan(ctx, "c", asterisk.Dialplan{Context: "x", Extension: "y", Priority: 3})
		}, "POST", "channels/c/continue", map[string]string{"context": "x", "extension": "y", "priority": "3"}, []int{409}},
	}
}

func TestEveryRequestAsItIsSentAndRefused(t *testing.T) {
	for _, k := range calls() {
		t.Run(k.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t, asterisk.Options{})
				next[asterisk.Connected](r)
				ctx := t.Context()
				r.must(r.client.CreateBridge(ctx, "there", ""))
				r.server.Expect(k.method, k.path, aritest.Reply{Status: 204})
				r.must(k.do(ctx, r.client))
				if got := r.server.Await(ctx, k.method, k.path).Query; !maps.Equal(got, k.query) {
					t.Errorf("query %v, want %v", got, k.query)
				}
				for _, status := range []int{400, 404, 409, 412, 422, 500} {
					// Twice, for the one request that is sent again.
					refusals := 0
					r.server.On(k.method, k.path, func(aritest.Request) *aritest.Reply {
						if refusals++; refusals > 2 {
							return nil
						}
						return &aritest.Reply{Status: status, Body: aritest.Message{"message": "so it is"}}
					})
					k.checkRefusal(t, k.do(ctx, r.client), status)
				}
			})
		})
	}
}

func (k call) checkRefusal(t *testing.T, err error, status int) {
	t.Helper()
	for _, fine := range k.fine {
		if fine == status {
			if err != nil {
				t.Errorf("%d is no success: %v", status, err)
			}
			return
		}
	}
	var e *asterisk.Error
	if !errors.As(err, &e) || *e != (asterisk.Error{Status: status, Method: k.method, URI: k.path, Message: "so it is"}) {
		t.Errorf("%d came as %v", status, err)
	}
	if asterisk.IsNotFound(err) != (status == 404) || asterisk.IsConflict(err) != (status == 409 || status == 412 || status == 422) {
		t.Errorf("%d is taken for something else", status)
	}
}

func TestPlayRefusesWhatAsteriskWouldMisread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		next[asterisk.Connected](r)
		r.caller("c")
		for _, media := range [][]string{nil, {""}, {"sound:a,sound:b"}, {`sound:"`}, {`sound:\`}, make([]string, 128)} {
			if err := r.client.Play(t.Context(), "c", "p", media, ""); err == nil {
				t.Errorf("%.3q was taken", media)
			}
		}
		if n := len(r.server.Requests()); n != 0 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

func TestStateOfEverySize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		next[asterisk.Connected](r)
		r.caller("c")
		ctx := t.Context()
		if s, err := r.client.State(ctx, "c"); s != "" || err != nil {
			t.Errorf("at first: %q, %v", s, err)
		}
		for _, n := range []int{1, 4000, 4001, 60_000} {
			state := strings.Repeat(`{"步":"二"}`, n/12+1)
			r.must(r.client.SetState(ctx, "c", state))
			if got, err := r.client.State(ctx, "c"); err != nil || got != state {
				t.Errorf("%d bytes came back as %d, %v", len(state), len(got), err)
			}
			if kept := r.server.Var("c", "SHARED(HOTLINE)"); len(kept) > 4000 {
				t.Errorf("%d bytes are kept as %d", len(state), len(kept))
			}
		}
		if _, err := r.client.State(ctx, "nobody"); !asterisk.IsNotFound(err) {
			t.Errorf("of nobody: %v", err)
		}
		r.server.SetVar("c", "SHARED(HOTLINE)", "deflate:???")
		if s, err := r.client.State(ctx, "c"); err == nil {
			t.Errorf("a broken state is %q", s)
		}
	})
}

func TestSecondAddDoesNotDisturbTheBridge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, asterisk.Options{})
		next[asterisk.Connected](r)
		r.caller("c")
		r.caller("d")
		ctx := t.Context()
		r.must(r.client.CreateBridge(ctx, "b", ""))
		r.must(r.client.AddToBridge(ctx, "b", "c"))
		next[asterisk.EnteredBridge](r)
		r.must(r.client.AddToBridge(ctx, "b", "c", "d"))
		if e := next[asterisk.EnteredBridge](r); e.Channel != "d" {
			t.Errorf("%+v", e)
		}
		r.must(r.client.AddToBridge(ctx, "b", "d", "c"))
		r.quiet()
	})
}

func TestConfigurationIsCheckedAtOnce(t *testing.T) {
	faults := asterisk.Config{URL: "ftp://x", App: "a b", RequestTimeout: -time.Second}.Check()
	if len(faults) != 5 {
		t.Errorf("%d faults: %q", len(faults), faults)
	}
	if _, err := asterisk.New(asterisk.Config{}, asterisk.Options{}); err == nil || !strings.Contains(err.Error(), "password") {
		t.Errorf("without anything: %v", err)
	}
	cfg := asterisk.Config{URL: "http://127.0.0.1:8088/ari/", App: "a", User: "u", PasswordFile: filepath.Join(t.TempDir(), "secret")}
	if _, err := asterisk.New(cfg, asterisk.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without its file: %v", err)
	}
	if err := os.WriteFile(cfg.PasswordFile, []byte(" p \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := asterisk.New(cfg, asterisk.Options{}); err != nil {
		t.Error(err)
	}
}

func TestWrongPasswordIsNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := aritest.New(t)
		cfg := server.Config()
		cfg.Password = "wrong"
		client, err := asterisk.New(cfg, asterisk.Options{Dial: server.Dial})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := client.Run(ctx); err != nil {
			t.Error(err)
		}
		if _, open := <-client.Events(); open {
			t.Error("an event came")
		}
	})
}
