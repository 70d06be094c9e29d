package gateway

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"hotline/recording"
)

func FuzzParseRequest(f *testing.F) {
	for _, s := range []string{
		`{"id":7,"do":"open_leg","spec":{"call":"c","leg":"c.2","part":1,"agent":"u1","record":true,"epoch":"2026-01-01T00:00:00Z"}}`,
		`{"id":8,"do":"peer_leg","leg":"c.2","part":1,"addr":"127.0.0.1:11000"}`,
		`{"id":9,"do":"hold_leg","leg":"c.2","part":1,"held":true}`,
		`{"id":10,"do":"close_leg","leg":"c.2","part":1}`,
		`{"id":11,"do":"offer","agent":"u1","sdp":"v=0"}`,
		`{"id":12,"do":"drop","agent":"u1"}`,
		`{"id":13,"do":"pause_leg","leg":"c.2","on":true,"by":"u1","cause":"api"}`,
		`{"id":-1,"do":null,"spec":[]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, problem := parseRequest(data)
		if problem != nil {
			if problem.Code != BadRequest {
				t.Errorf("code is %s", problem.Code)
			}
			return
		}
		leg := r.Leg
		switch r.Do {
		case doOpen:
			leg = r.Spec.Leg
			if r.Spec.Agent == "" || r.Spec.Part < 1 || leg.Call() != r.Spec.Call {
				t.Errorf("let through: %+v", r.Spec)
			}
			fallthrough
		case doPeer, doHold, doClose, doPause:
			if !recording.Recordable(leg) || strings.ContainsAny(string(leg), `/\*?[`) {
				t.Errorf("let through: leg %q", leg)
			}
		}
		// What we send is what we read.
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, problem := parseRequest(again); problem != nil {
			t.Errorf("%s was let through, %s was not: %v", data, again, problem)
		}
	})
}

func TestConfigNamesEveryFault(t *testing.T) {
	good := DefaultConfig()
	good.Token, good.Dir = strings.Repeat("x", minToken), "recordings"
	if faults := good.Check(); len(faults) != 0 {
		t.Errorf("a good configuration: %v", faults)
	}
	bad := Config{
		Listen: "nowhere", Token: "short", MediaIP: "here", PortMin: 80, PortMax: 70, Peers: []string{"300.0.0.0/8"},
		ICEUDP: "", ICETCP: "x", PublicIPs: []string{"me"}, Codec: "opus", PauseLimit: time.Millisecond, Orphan: time.Millisecond,
	}
	faults := strings.Join(bad.Check(), "\n")
	for _, name := range []string{"listen:", "token:", "media_ip:", "rtp_port_min", "rtp_peers:", "ice_udp:", "ice_tcp:", "public_ips:", "codec:", "recordings:", "pause_limit:", "orphan:"} {
		if !strings.Contains(faults, name) {
			t.Errorf("%s is not named in\n%s", name, faults)
		}
	}
	if faults := (ClientConfig{Addr: "x"}).Check(); len(faults) != 2 {
		t.Errorf("client: %v", faults)
	}
}

func TestPeersAreLoopbackOrTheMediaAddressUnlessNamed(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{MediaIP: "127.0.0.1"}, "127.0.0.0/8"},
		{Config{MediaIP: "10.1.2.3"}, "10.1.2.3/32"},
		{Config{MediaIP: "::1"}, "::1/128"},
		{Config{MediaIP: "10.1.2.3", Peers: []string{"10.0.0.0/8"}}, "10.0.0.0/8"},
	} {
		got, err := c.cfg.peers()
		if err != nil || len(got) != 1 || got[0].String() != c.want {
			t.Errorf("%+v: %v, %v", c.cfg, got, err)
		}
	}
}

// A controller that does not read must not slow the gateway: it is sent away, and finds a snapshot when it comes again.
func TestControllerThatDoesNotReadIsSentAway(t *testing.T) {
	h := newHub(newMetrics())
	var why error
	slow := &session{out: make(chan []byte, 3), cancel: func(err error) { why = err }}
	h.join(slow, "pcmu", nil)
	h.agent("u1", true)
	h.agent("u2", true)
	if why != nil {
		t.Errorf("sent away too early: %v", why)
	}
	h.agent("u1", false)
	if !errors.Is(why, errSlow) {
		t.Errorf("it was not sent away: %v", why)
	}
	h.leave(slow)
	again := &session{out: make(chan []byte, 3)}
	h.join(again, "pcmu", nil)
	if got := string(<-again.out); !strings.Contains(got, `"agents":["u2"]`) {
		t.Errorf("snapshot is %s", got)
	}
}

func FuzzParseAsk(f *testing.F) {
	for _, s := range []string{`{"id":1,"do":"pause","leg":"c.2"}`, `{"id":2,"do":"keep","leg":"../c.2"}`, `{"id":-1}`, `[]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ask, err := parseAsk(data)
		if err == nil && (ask.ID == 0 || !recording.Recordable(ask.Leg) || strings.ContainsAny(string(ask.Leg), `/\*?[`)) {
			t.Errorf("let through: %+v", ask)
		}
	})
}
