package dialler_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/campaign"
	"hotline/cti/id"
	"hotline/internal/asterisk"
	"hotline/internal/calendar"
	"hotline/internal/dialler"
	"hotline/ivr"
)

// office is a store with one campaign, and an Asterisk.
type office struct {
	mu      sync.Mutex
	running campaign.Campaign
	waiting int
	next    int64
	live    map[id.CallID]bool // claimed, and without an end
	ended   []campaign.End
	lost    [][]id.CallID
	away    bool // the database is
	halted  []campaign.Trouble
	made    []asterisk.Outgoing
	at      []time.Time
	refuse  map[string]error // what Asterisk says to an endpoint
}

func (o *office) InState(context.Context, campaign.Way, campaign.State) ([]campaign.Campaign, error) {
	return []campaign.Campaign{o.running}, nil
}

func (o *office) Live(context.Context) (map[string]int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return map[string]int{o.running.ID: len(o.live)}, nil
}

func (o *office) Claim(_ context.Context, _ string, limit int, _ time.Time) (out []campaign.Claimed, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for ; limit > 0 && o.waiting > 0; limit-- {
		o.waiting--
		o.next++
		k := campaign.Contact{ID: o.next, Phone: fmt.Sprintf("+88691234567%d", o.next%10)}
		call := campaign.CallOf(k.ID, 1)
		o.live[call] = true
		out = append(out, campaign.Claimed{Contact: k, Call: call})
	}
	return out, nil
}

func (o *office) Ended(_ context.Context, e campaign.End) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.away {
		return errors.New("away")
	}
	delete(o.live, e.Call)
	o.ended = append(o.ended, e)
	return nil
}

func (o *office) Lose(_ context.Context, live []id.CallID, _, _ time.Time) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lost = append(o.lost, live)
	return 0, nil
}

func (o *office) Tidy(context.Context, time.Time) error { return nil }

func (o *office) Halt(_ context.Context, _ string, why campaign.Trouble, _ time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.halted, o.waiting = append(o.halted, why), 0
	return nil
}

func (o *office) Connected() bool { return true }

func (o *office) Originate(_ context.Context, out asterisk.Outgoing) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.made, o.at = append(o.made, out), append(o.at, time.Now())
	return o.refuse[out.Endpoint]
}

func (o *office) ListChannels(context.Context) ([]asterisk.Channel, error) {
	return []asterisk.Channel{{ID: "out-9-1"}, {ID: "hl1-17.4"}}, nil
}

func open(t *testing.T, waiting int) (*office, *dialler.Dialler) {
	t.Helper()
	o := &office{
		running: campaign.Campaign{
			ID: "spring", Survey: "csat", Lang: "zh-TW", Zone: "UTC", Hours: calendar.Hours{{From: 9 * 60, To: 21 * 60}}, Ring: 20, AtOnce: 4, PerSec: 2,
			From: calendar.Date{Year: 2000, Month: 1, Day: 1}, To: calendar.Date{Year: 2000, Month: 1, Day: 1},
		},
		waiting: waiting, live: map[id.CallID]bool{}, refuse: map[string]error{},
	}
	d := dialler.New(dialler.Deps{
		Config: dialler.Config{Endpoint: "PJSIP/{number}@carrier", CallerID: "0277001234", PerSecond: 50}, Store: o, Asterisk: o,
		Opening: func(context.Context) (func(string) *calendar.Calendar, error) {
			return func(string) *calendar.Calendar { return nil }, nil
		},
		Asks: func(survey string) bool { return survey == "csat" },
		Enters: func(c campaign.Campaign, lang ivr.Lang, number string) ([]string, map[string]string) {
			return []string{c.ID, string(lang), number}, nil
		},
		Log: slog.New(slog.DiscardHandler),
	})
	return o, d
}

// run has the dialler work for a while, in synthetic time that begins at midnight.
func run(t *testing.T, d *dialler.Dialler, while func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- d.Run(ctx) }()
	while()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestPaceHoursAndLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, d := open(t, 10)
		run(t, d, func() {
			time.Sleep(9*time.Hour - time.Minute)
			if len(o.made) != 0 {
				t.Errorf("%d calls before nine", len(o.made))
			}
			time.Sleep(2 * time.Minute)
			if len(o.made) != 4 {
				t.Fatalf("%d calls at once, want 4", len(o.made))
			}
			for range 3 { // two may begin in a second
				d.Gone("out-1-1", 17, false)
				d.Gone("out-2-1", 16, false)
				d.Machine("out-3-1", "LONGGREETING-1500-1500")
				d.Gone("out-4-1", 16, true)
				time.Sleep(5 * time.Second)
			}
		})
		if len(o.made) != 8 || o.waiting != 2 {
			t.Errorf("%d calls", len(o.made))
		}
		for i := 3; i < len(o.at); i++ {
			if o.at[i].Sub(o.at[i-3]) < 500*time.Millisecond {
				t.Errorf("three calls within %s", o.at[i].Sub(o.at[i-3]))
			}
		}
		first := o.made[0]
		want := asterisk.Outgoing{
			Channel: "out-1-1", Endpoint: "PJSIP/0912345671@carrier", CallerID: "0277001234", Ring: 20 * time.Second, Args: []string{"spring", "zh-TW", "+886912345671"},
		}
		if first.Channel != want.Channel || first.Endpoint != want.Endpoint || first.CallerID != want.CallerID || first.Ring != want.Ring || !slices.Equal(first.Args, want.Args) {
			t.Errorf("called as %+v, want %+v", first, want)
		}
		results := map[id.CallID]campaign.Result{}
		for _, e := range o.ended[:4] {
			results[e.Call] = e.Result
		}
		if w := map[id.CallID]campaign.Result{"out-1-1": campaign.Busy, "out-2-1": campaign.NoAnswer, "out-3-1": campaign.Machine, "out-4-1": campaign.Silent}; !maps.Equal(results, w) {
			t.Errorf("results %v, want %v", results, w)
		}
		if len(o.lost) == 0 || !slices.Equal(o.lost[0], []id.CallID{"out-9-1"}) {
			t.Errorf("looked for lost calls beside %v", o.lost)
		}
	})
}

func TestWhatCannotBeDialledFailsAndIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, d := open(t, 2)
		o.running.Hours = calendar.Hours{{From: 0, To: 24 * 60}}
		o.refuse["PJSIP/0912345671@carrier"] = &asterisk.Error{Status: 500}
		o.refuse["PJSIP/0912345672@carrier"] = asterisk.ErrDisconnected // perhaps it was dialled
		o.away = true
		run(t, d, func() {
			time.Sleep(15 * time.Second)
			if last := o.lost[len(o.lost)-1]; !slices.Contains(last, "out-1-1") {
				t.Errorf("an end that waits for the database counts as lost beside %v", last)
			}
			o.mu.Lock()
			o.away = false
			o.mu.Unlock()
			time.Sleep(5 * time.Second)
		})
		if len(o.ended) != 1 || o.ended[0].Call != "out-1-1" || o.ended[0].Result != campaign.Failed {
			t.Errorf("ended: %+v", o.ended)
		}
	})
}

func TestADeadTrunkPausesCampaigns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, d := open(t, 1000)
		o.running.Hours, o.running.PerSec = calendar.Hours{{From: 0, To: 24 * 60}}, 50
		for digit := range 10 {
			o.refuse[fmt.Sprintf("PJSIP/091234567%d@carrier", digit)] = &asterisk.Error{Status: 500}
		}
		run(t, d, func() {
			for range 19 {
				d.Gone("out-900-1", 38, false)
			}
			d.Gone("out-901-1", 17, false) // busy: the trunk lives
			time.Sleep(time.Minute)
		})
		if n := len(o.made); n < 20 || n > 30 || len(o.halted) != 1 || o.halted[0] != campaign.Failing {
			t.Errorf("%d calls, halted %v", n, o.halted)
		}
	})
}

func TestNobodyIsCalledForASurveyThatIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, d := open(t, 2)
		o.running.Hours, o.running.Survey = calendar.Hours{{From: 0, To: 24 * 60}}, "none"
		run(t, d, func() { time.Sleep(time.Minute) })
		if len(o.made) != 0 {
			t.Errorf("%d calls", len(o.made))
		}
	})
}

func TestWhichNumbersMayBeDialled(t *testing.T) {
	for _, tt := range []struct {
		allow, refuse []string
		number        string
		want          bool
	}{
		{nil, nil, "+886912345678", true},
		{nil, nil, "+886223456789", true},
		{nil, nil, "+886204123456", false}, // premium rate
		{nil, nil, "+16502530000", false},
		{[]string{"+8869"}, nil, "+886223456789", false},
		{[]string{"+886", "+852"}, []string{"+8869"}, "+886912345678", false},
		{[]string{"+886", "+852"}, []string{"+8869"}, "+85291234567", true},
		{[]string{"+886", "+88691"}, []string{"+8869"}, "+886912345678", true},
	} {
		if got := (dialler.Config{Allow: tt.allow, Refuse: tt.refuse}).Allowed(tt.number); got != tt.want {
			t.Errorf("allow %v, refuse %v: %s is %t", tt.allow, tt.refuse, tt.number, got)
		}
	}
	bad := dialler.Config{Endpoint: "Local/{number}@line", CallerID: "nobody", Format: "roman", Allow: []string{"886"}, AtOnce: -1, PerSecond: 100}
	if faults := bad.Check(); len(faults) != 6 {
		t.Errorf("%d faults: %q", len(faults), faults)
	}
	good := dialler.Config{Endpoint: "PJSIP/loopback/sip:{number}@127.0.0.1:5070", CallerID: "0277001234"}
	if faults := good.Check(); len(faults) != 0 || !good.On() || (dialler.Config{}).On() {
		t.Errorf("faults: %q", faults)
	}
}

func TestCauses(t *testing.T) {
	for cause, want := range map[int]campaign.Result{
		17: campaign.Busy, 19: campaign.NoAnswer, 16: campaign.NoAnswer, 0: campaign.NoAnswer, 21: campaign.Rejected, 1: campaign.Invalid, 28: campaign.Invalid,
		34: campaign.Failed, 38: campaign.Failed, 127: campaign.Failed,
	} {
		if got := dialler.ResultOf(cause); got != want {
			t.Errorf("cause %d is %s, want %s", cause, got, want)
		}
	}
}
