package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hotline/internal/sipphone"
)

const partner = `kind: flow
version: 1
id: partner
languages: [zh-TW]
outside: ["+8862"]
start: bank
prompts:
  connecting: {zh-TW: 為您轉接合作銀行。}
  busy: {zh-TW: 很抱歉，目前無法轉接。}
  thanks: {zh-TW: 感謝您的來電。}
steps:
  bank:
    transfer: {to: "+886277001234", say: connecting, ring: 20s, done: thanks, failed: busy}
  busy: {hangup: {say: busy}}
  thanks: {hangup: {say: thanks}}
`

// bank is a telephone outside: it answers the first call, says what it has to, and is busy ever after.
type bank struct {
	calls chan *sipphone.Call
	over  chan struct{} // ends the first call
	rung  int
	from  string
}

func (b *bank) take(in *sipphone.Incoming) {
	b.rung++
	if b.rung > 1 {
		in.Refuse(486)
		return
	}
	b.from = in.From()
	call, err := in.Answer()
	if err != nil {
		return
	}
	b.calls <- call
	<-b.over
	_ = call.Hangup(context.Background())
}

// A caller is connected with a telephone outside: both hear one another, over a death of the controller too, and nothing is
// recorded; when it hangs up the flow goes on. The next caller finds it busy, and is told so.
func TestACallerIsTransferredOutside(t *testing.T) {
	b := &bank{calls: make(chan *sipphone.Call, 1), over: make(chan struct{})}
	phone, err := sipphone.Listen(b.take)
	must(t, err)
	t.Cleanup(func() { _ = phone.Close() })
	s := newStack(t, func(settings map[string]any) {
		settings["outbound"] = map[string]any{"endpoint": fmt.Sprintf("PJSIP/loopback/sip:{number}@127.0.0.1:%d", phone.Port()), "caller_id": line}
	})
	s.imports("partner", partner)
	must(t, s.serve.Stop())
	s.serve = s.start("serve") // which reads the line's flow

	caller := s.rings(1)
	var other *sipphone.Call
	select {
	case other = <-b.calls:
	case <-limit(t, 30*time.Second).Done():
		t.Fatal("the telephone outside was not called")
	}
	if b.from != line {
		t.Errorf("it is shown %q, want %q", b.from, line)
	}
	both := func(when string, seed uint64) {
		t.Helper()
		asks, answers := voice(seed, 3*time.Second), voice(seed+1, 3*time.Second)
		heard, n := caller.since(), len(other.Heard())
		caller.Say(asks)
		other.Say(answers)
		s.heard(when+" the caller hears the other side", heard, answers, 0.9, 20*time.Second)
		s.heard(when+" the other side hears the caller", func() []sipphone.Packet { return other.HeardSince(n) }, asks, 0.9, 20*time.Second)
	}
	both("at first", 21)
	must(t, s.serve.Kill())
	s.serve = s.start("serve")
	both("after the controller's death", 23)
	heard := caller.since()
	close(b.over)
	s.heard("the thanks", heard, s.prompt("zh-TW", "感謝您的來電。"), 0.9, 30*time.Second)
	if r := caller.gone(); r.Outcome != "transferred" {
		t.Errorf("row %+v", r)
	}

	next := s.rings(2)
	s.heard("that it is busy", next.Heard, s.prompt("zh-TW", "很抱歉，目前無法轉接。"), 0.9, 30*time.Second)
	if r := next.gone(); r.Outcome != "ivr_ended" {
		t.Errorf("row %+v", r)
	}
	var recordings int
	must(t, s.db.QueryRow(limit(t, 10*time.Second), `select count(*) from recordings where call_id like 'hl1-%'`).Scan(&recordings))
	if recordings != 0 {
		t.Errorf("%d recordings", recordings)
	}
}
