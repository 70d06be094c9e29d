package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/customer"
	"hotline/internal/asterisk"
	"hotline/internal/asterisk/aritest"
	"hotline/internal/exchange"
	"hotline/internal/gateway"
	"hotline/internal/pg/pgtest"
	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/recording"
)

const testWait = 20 * time.Second

// rig is an exchange on an Asterisk by script, a real database and a gateway that takes notes.
type rig struct {
	t      *testing.T
	ari    *aritest.Server
	client *asterisk.Client
	pool   *pgxpool.Pool
	media  *fakeGateway
	ex     *exchange.Exchange
	flows  []*ivr.Flow
	stop   func()
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, ari: aritest.New(t), pool: pgtest.Pool(t), media: &fakeGateway{}}
	file, faults := flowfile.Parse([]byte(benchFlow))
	if file.Flow == nil {
		t.Fatal(faults)
	}
	r.flows = []*ivr.Flow{file.Flow}
	r.controller()
	return r
}

// controller makes an exchange that knows nothing yet.
func (r *rig) controller() {
	t := r.t
	t.Helper()
	var err error
	quiet := slog.New(slog.DiscardHandler)
	if r.client, err = asterisk.New(r.ari.Config(), asterisk.Options{Log: quiet, Dial: r.ari.Dial}); err != nil {
		t.Fatal(err)
	}
	config := cti.Configured{
		Flows: r.flows, Agents: []id.AgentID{"u1", "u2"}, Queues: []cti.QueueConfig{{ID: "order", Members: []id.AgentID{"u1", "u2"}}},
	}
	r.ex, err = exchange.New(exchange.Deps{
		Asterisk: r.client, Gateway: r.media, Callers: benchCallers{customer.NewStore(r.pool)}, Speech: benchSpeech{}, Desk: quietDesk{},
		Store: exchange.NewStore(r.pool, benchJobs{}), Flows: r.flows, SpoolDir: t.TempDir(), Log: quiet,
		Site: func(context.Context) (exchange.Site, error) {
			return exchange.Site{Config: config, Lines: map[string]string{benchLine: "bench"}}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// start runs the exchange until the test ends; what it was told is then replayed.
func (r *rig) start() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- r.client.Run(ctx) }()
	go func() { ended <- r.ex.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
				r.t.Error(err)
			}
		}
	})
	r.t.Cleanup(func() {
		r.stop()
		ctx, cancel := context.WithTimeout(context.Background(), testWait)
		defer cancel()
		facts, err := exchange.NewStore(r.pool, nil).Facts(ctx, time.Time{}, time.Now().Add(time.Hour))
		if err != nil {
			r.t.Fatal(err)
		}
		if done, err := exchange.Replay(r.flows, nil, facts); err != nil || done.Facts < 2 {
			r.t.Errorf("replay of %d facts: %v", done.Facts, err)
		}
	})
}

func (r *rig) ready() {
	r.t.Helper()
	r.start()
	select {
	case <-r.ex.Ready():
	case <-time.After(testWait):
		r.t.Fatal("the exchange did not become ready")
	}
}

func (r *rig) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), testWait)
	r.t.Cleanup(cancel)
	return ctx
}

// eventually asks until it is so.
func (r *rig) eventually(what string, ok func() error) {
	r.t.Helper()
	ctx, tick := r.ctx(), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for {
		err := ok()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.t.Fatalf("%s: %v", what, err)
		}
	}
}

// kinds are the facts of a call in the table; all of them for no call.
func (r *rig) kinds(call string) []string {
	r.t.Helper()
	rows, err := r.pool.Query(r.ctx(), `select kind from call_event where call = $1 or $1 = '' order by floor, seq`, call)
	if err != nil {
		r.t.Fatal(err)
	}
	kinds, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		r.t.Fatal(err)
	}
	return kinds
}

func (r *rig) has(call string, kinds ...string) {
	r.t.Helper()
	r.eventually("facts", func() error {
		got := r.kinds(call)
		for _, k := range kinds {
			if !slices.Contains(got, k) {
				return fmt.Errorf("no %s in %v", k, got)
			}
		}
		return nil
	})
}

// fakeGateway takes notes.
type fakeGateway struct {
	mu     sync.Mutex
	closed []string
}

func (g *fakeGateway) OpenLeg(context.Context, gateway.LegSpec) (string, error) {
	return "127.0.0.1:40000", nil
}
func (g *fakeGateway) HoldLeg(context.Context, id.LegID, int, bool) error { return nil }
func (g *fakeGateway) CloseLeg(_ context.Context, leg id.LegID, part int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = append(g.closed, leg.Channel(part))
	return nil
}

func (g *fakeGateway) PauseLeg(context.Context, id.LegID, bool, string, recording.Cause) ([]recording.Pause, error) {
	return nil, nil
}

func (g *fakeGateway) PeerLeg(context.Context, id.LegID, int, string) error { return nil }

type quietDesk struct{}

func (quietDesk) Tell(id.AgentID, cti.AgentView)          {}
func (quietDesk) Pop(id.AgentID, exchange.Pop, time.Time) {}
func (quietDesk) ClearPop(id.AgentID)                     {}
func (quietDesk) Health(bool)                             {}

// sign makes the agent present with desk and sound.
func (r *rig) sign(agent id.AgentID) {
	r.t.Helper()
	r.ex.OnGateway(gateway.Connected{Snapshot: gateway.Snapshot{Codec: "pcmu", Agents: []id.AgentID{agent}}})
	if err := r.ex.Ask(r.ctx(), cti.DeskConnected{Agent: agent}); err != nil {
		r.t.Fatal(err)
	}
}

func TestDesksAndGatewayWaitUntilTheLiveCallsAreKnown(t *testing.T) {
	r := newRig(t)
	r.ari.Refuse(true)
	r.start()
	r.ex.OnGateway(gateway.Connected{Snapshot: gateway.Snapshot{Codec: "pcmu", Agents: []id.AgentID{"u1"}}})
	asked := make(chan error, 1)
	go func() { asked <- r.ex.Ask(r.ctx(), cti.DeskConnected{Agent: "u1"}) }()
	r.has("", "configured")
	select {
	case err := <-asked:
		t.Fatalf("the desk was answered (%v) before the live calls were known", err)
	default:
	}
	r.ari.Refuse(false)
	if err := <-asked; err != nil {
		t.Fatal(err)
	}
	r.has("", "desk_connected", "media_connected")
	want := []string{"configured", "asterisk_reconnected", "legs_found", "media_connected"}
	got := slices.DeleteFunc(r.kinds(""), func(k string) bool { return k == "desk_connected" })
	if !slices.Equal(got, want) {
		t.Errorf("facts %v, want %v", got, want)
	}
	if first := slices.Index(r.kinds(""), "desk_connected"); first < 2 {
		t.Errorf("the desk was fact %d", first)
	}
}

func TestRefusalReachesWhoAsked(t *testing.T) {
	r := newRig(t)
	r.ready()
	err := r.ex.Ask(r.ctx(), cti.AgentReady{Agent: "u1", Req: 1})
	var refused *exchange.Refusal
	if !errors.As(err, &refused) || refused.Code == "" {
		t.Errorf("ready without a desk: %v", err)
	}
	if err := r.ex.Ask(r.ctx(), cti.AgentReady{Agent: "nobody", Req: 2}); !errors.As(err, &refused) {
		t.Errorf("somebody unknown: %v", err)
	}
	r.sign("u1")
	if err := r.ex.Ask(r.ctx(), cti.AgentReady{Agent: "u1", Req: 3}); err != nil {
		t.Errorf("ready with desk: %v", err)
	}
}

func TestWhatADeadControllerLeftIsRemoved(t *testing.T) {
	r := newRig(t)
	before, err := asterisk.New(r.ari.Config(), asterisk.Options{Log: slog.New(slog.DiscardHandler), Dial: r.ari.Dial})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- before.Run(ctx) }()
	r.eventually("a bridge is made", func() error { return before.CreateBridge(r.ctx(), "hl1-1-1.b", "hl1-1-1") })
	cancel()
	if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}

	r.ready()
	if req := r.ari.Await(r.ctx(), "DELETE", "bridges/*"); req.Path != "bridges/hl1-1-1.b" {
		t.Errorf("%s was removed", req.Path)
	}
	leg := gateway.LegState{LegSpec: gateway.LegSpec{Call: "hl1-1-1", Leg: "hl1-1-1.2", Part: 1, Agent: "u1"}}
	r.ex.OnGateway(gateway.Connected{Snapshot: gateway.Snapshot{Codec: "pcmu", Legs: []gateway.LegState{leg}}})
	r.eventually("the leg is closed and its recording expected", func() error {
		r.media.mu.Lock()
		closed := slices.Contains(r.media.closed, "hl1-1-1.2.1")
		r.media.mu.Unlock()
		var rows int
		if err := r.pool.QueryRow(r.ctx(), `select count(*) from recordings where leg = 'hl1-1-1.2' and agent_id = 'u1'`).Scan(&rows); err != nil {
			return err
		}
		if !closed || rows != 1 {
			return fmt.Errorf("closed %t, %d recordings", closed, rows)
		}
		return nil
	})
}

func TestStrangeCallersAndLinesAreServed(t *testing.T) {
	r := newRig(t)
	r.ready()
	r.ari.PlayLasts(time.Millisecond)
	for i, c := range []aritest.Caller{
		{Number: "", Dialed: benchLine, Args: []string{benchLine}},
		{Number: "anonymous", Dialed: benchLine, Args: []string{benchLine}},
		{Number: strings.Repeat("9", 300), Dialed: benchLine, Args: []string{benchLine}},
		{Number: `"><script>'; drop table calls; --`, Dialed: benchLine, Args: []string{benchLine}},
		{Number: "客服\x01\u202e", Dialed: benchLine, Args: []string{benchLine}},
		{Number: "0912345678", Dialed: "+886800999999", Args: []string{"+886800999999"}}, // no flow
		{Number: "0912345678", Dialed: "", Args: nil},
		{Number: "0912345678", Dialed: "s", Args: []string{"not a number"}},
	} {
		c.ID = fmt.Sprintf("hl1-2.%d", i)
		r.ari.Arrive(c)
		call := string(id.CallOfChannel(c.ID))
		r.has(call, "call_arrived", "caller_gone") // unstaffed, or no flow: either way told why, and hung up
		r.eventually(call+" has its row", func() error {
			var anonymous, ended bool
			var outcome string
			err := r.pool.QueryRow(r.ctx(), `select anonymous, ended_at is not null, coalesce(outcome, '') from calls where id = $1`, call).Scan(&anonymous, &ended, &outcome)
			if err == nil && (!ended || outcome == "" || anonymous != (i < 5)) {
				err = fmt.Errorf("anonymous %t, ended %t, outcome %q", anonymous, ended, outcome)
			}
			return err
		})
	}
}

func TestWhatTheFloorReliesOnIsTriedUntilItIsDone(t *testing.T) {
	r := newRig(t)
	r.ready()
	r.ari.PlayLasts(time.Millisecond)
	for range 2 {
		r.ari.Expect("DELETE", "channels/*", aritest.Reply{Status: 500, Body: aritest.Message{"message": "Internal Server Error"}})
	}
	r.ari.Arrive(aritest.Caller{ID: "hl1-3.1", Number: "0912345678", Dialed: benchLine, Args: []string{benchLine}})
	r.has("hl1-3-1", "caller_gone")
	if kinds := r.kinds("hl1-3-1"); slices.Contains(kinds, "command_failed") {
		t.Errorf("facts %v: a hang-up does not fail", kinds)
	}
}

func TestFailedCommandIsAFact(t *testing.T) {
	r := newRig(t)
	r.ready()
	r.ari.PlayLasts(time.Millisecond)
	r.ari.Expect("POST", "channels/*/play/*", aritest.Reply{Status: 500, Body: aritest.Message{"message": "Internal Server Error"}})
	r.ari.Arrive(aritest.Caller{ID: "hl1-4.1", Number: "0912345678", Dialed: benchLine, Args: []string{benchLine}})
	r.has("hl1-4-1", "command_failed", "caller_gone")
}

func TestLostConnectionIsNoFailureAndTheCallGoesOn(t *testing.T) {
	r := newRig(t)
	r.ready()
	r.ari.PlayLasts(time.Millisecond)
	r.sign("u1") // signed in, not ready: the caller waits
	r.ari.Arrive(aritest.Caller{ID: "hl1-5.1", Number: "0912345678", Dialed: benchLine, Args: []string{benchLine}})
	r.eventually("music", func() error {
		if !r.ari.Music("hl1-5.1") {
			return errors.New("silence")
		}
		return nil
	})
	r.ari.Refuse(true)
	r.ari.Drop()
	r.has("", "asterisk_lost")
	if err := r.ex.Ask(r.ctx(), cti.AgentReady{Agent: "u1", Req: 1}); err != nil {
		t.Fatal(err)
	}
	r.ari.Refuse(false)
	r.eventually("the desk rings", func() error {
		v, _, err := r.ex.View(r.ctx(), "u1")
		if err == nil && v.State != cti.AgentStateRinging {
			err = fmt.Errorf("the agent is %s", v.State)
		}
		return err
	})
	if !r.ari.Music("hl1-5.1") {
		t.Error("the caller waits in silence")
	}
	if kinds := r.kinds(""); slices.Contains(kinds, "command_failed") {
		t.Errorf("facts %v: a lost connection is no failure", kinds)
	}
}

func TestCommandLostWithItsConnectionIsGivenAgain(t *testing.T) {
	r := newRig(t)
	r.ready()
	r.ari.PlayLasts(time.Millisecond)
	r.ari.Expect("POST", "channels/*/play/*", aritest.Reply{Drop: true})
	r.ari.Arrive(aritest.Caller{ID: "hl1-6.1", Number: "0912345678", Dialed: benchLine, Args: []string{benchLine}})
	r.has("hl1-6-1", "call_arrived", "caller_gone")
	if kinds := r.kinds(""); slices.Contains(kinds, "command_failed") || !slices.Contains(kinds, "asterisk_lost") {
		t.Errorf("facts %v: want a lost connection and no failure", kinds)
	}
}

func TestNextControllerGoesOnWithTheCall(t *testing.T) {
	r := newRig(t)
	r.ready()
	r.ari.PlayLasts(time.Millisecond)
	r.sign("u1")
	r.ari.Arrive(aritest.Caller{ID: "hl1-7.1", Number: "0912345678", Dialed: benchLine, Args: []string{benchLine}})
	r.eventually("music", func() error {
		if !r.ari.Music("hl1-7.1") {
			return errors.New("silence")
		}
		return nil
	})
	r.stop()

	r.controller()
	r.ready()
	r.sign("u1")
	if err := r.ex.Ask(r.ctx(), cti.AgentReady{Agent: "u1", Req: 1}); err != nil {
		t.Fatal(err)
	}
	r.eventually("the desk rings", func() error {
		v, _, err := r.ex.View(r.ctx(), "u1")
		if err == nil && (v.State != cti.AgentStateRinging || v.Call.Call != "hl1-7-1") {
			err = fmt.Errorf("the agent is %s", v.State)
		}
		return err
	})
	if n := len(slices.DeleteFunc(r.kinds("hl1-7-1"), func(k string) bool { return k != "call_arrived" })); n != 1 {
		t.Errorf("the call arrived %d times", n)
	}
}

// TestKeysOfATalkAreInNoFact keys a card number while the agent's leg comes up: nothing that is kept has it, whether or not
// the gateway has told of a pause.
func TestKeysOfATalkAreInNoFact(t *testing.T) {
	r := newRig(t)
	r.ready()
	r.ari.PlayLasts(time.Millisecond)
	r.sign("u1")
	if err := r.ex.Ask(r.ctx(), cti.AgentReady{Agent: "u1", Req: 1}); err != nil {
		t.Fatal(err)
	}
	r.ari.Arrive(aritest.Caller{ID: "hl1-8.1", Number: "0912345678", Dialed: benchLine, Args: []string{benchLine}})
	r.eventually("the desk rings", func() error {
		v, _, err := r.ex.View(r.ctx(), "u1")
		if err == nil && v.State != cti.AgentStateRinging {
			err = fmt.Errorf("the agent is %s", v.State)
		}
		return err
	})
	if err := r.ex.Ask(r.ctx(), cti.AgentAnswered{Agent: "u1", Leg: "hl1-8-1.2", Req: 2}); err != nil {
		t.Fatal(err)
	}
	const card = "4539578763621486"
	for _, digit := range card {
		r.ari.Digit("hl1-8.1", string(digit))
	}
	r.eventually("every key is a fact", func() error {
		var n, masked int
		err := r.pool.QueryRow(r.ctx(), `select count(*), count(*) filter (where data->'event'->>'digit' = '*')
			from call_event where call = 'hl1-8-1' and kind = 'digit_pressed'`).Scan(&n, &masked)
		if err == nil && (n != len(card) || masked != n) {
			err = fmt.Errorf("%d facts, %d masked", n, masked)
		}
		return err
	})
}
