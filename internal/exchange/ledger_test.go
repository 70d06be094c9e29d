package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/ivr/survey"
	"hotline/recording"
)

// finishes notes which recordings were to be finished.
type finishes []id.LegID

func (f *finishes) FinishRecording(_ context.Context, _ pgx.Tx, leg id.LegID) error {
	*f = append(*f, leg)
	return nil
}

func (*finishes) SurveyLink(context.Context, pgx.Tx, id.CallID, string, string, survey.Lang, time.Time) error {
	return nil
}

func (*finishes) FollowUp(context.Context, pgx.Tx, id.CallID, string, string, int, time.Time) error {
	return nil
}

func ledgerEntry(t *testing.T, kind string, at time.Time, data any) entry {
	t.Helper()
	raw, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return entry{Kind: kind, At: at, Data: raw}
}

// answered is the fact of an answer as the journal holds it.
func answered(t *testing.T, seq int64, at time.Time, owed cti.OweRecording) entry {
	t.Helper()
	commands, err := kept([]cti.Command{owed, cti.ConnectLeg{Call: owed.Call, Leg: owed.Leg, Part: 1, Refused: owed.Refused}})
	if err != nil {
		t.Fatal(err)
	}
	fact, err := json.Marshal(cti.AgentAnswered{Agent: owed.Agent, Leg: owed.Leg})
	if err != nil {
		t.Fatal(err)
	}
	return ledgerEntry(t, kindEvent, at, eventRow{Floor: 1, Seq: seq, Call: owed.Call, Kind: "agent_answered", Event: fact, Commands: commands})
}

func TestAnswerAndItsLedgerRowAreOneTransaction(t *testing.T) {
	ctx, pool, done := t.Context(), pgtest.Pool(t), &finishes{}
	s := NewStore(pool, done)
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	owed := cti.OweRecording{Call: "c1", Leg: "c1.2", Agent: "u1", Answered: at}
	refused := cti.OweRecording{Call: "c2", Leg: "c2.2", Agent: "u1", Answered: at, Refused: cti.RefusedByCaller}

	poisoned := []entry{answered(t, 1, at, owed), {Kind: "no such kind", At: at}}
	if err := s.write(ctx, poisoned); !errors.Is(err, errPermanent) {
		t.Fatalf("a batch with an unknown entry: %v", err)
	}
	count := func(table string) (n int) {
		t.Helper()
		if err := pool.QueryRow(ctx, `select count(*) from `+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if facts, rows := count("call_event"), count("recordings"); facts != 0 || rows != 0 {
		t.Errorf("of a batch that was rolled back %d facts and %d rows are left", facts, rows)
	}
	over := at.Add(time.Minute)
	for range 2 { // what was spooled may be written twice
		err := s.write(ctx, []entry{
			answered(t, 1, at, owed), answered(t, 2, at, refused),
			ledgerEntry(t, kindRecording, over, recordingRow{Call: "c1", Leg: "c1.2", Agent: "u1", Started: over}),
			ledgerEntry(t, kindRecording, over, recordingRow{Call: "c2", Leg: "c2.2", Agent: "u1", Started: over}),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	type row struct {
		Leg, State, Reason string
		Started, Ended     time.Time
	}
	rows, err := pool.Query(ctx, `select leg, state, reason, started_at, ended_at from recordings order by leg`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (row, error) {
		v, err := pgx.RowToStructByPos[row](r)
		v.Started, v.Ended = v.Started.UTC(), v.Ended.UTC()
		return v, err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []row{{"c1.2", "expected", "", at, over}, {"c2.2", "refused", "caller", at, over}}
	if !slices.Equal(got, want) {
		t.Errorf("the ledger has %+v, want %+v", got, want)
	}
	if !slices.Equal(*done, finishes{"c1.2", "c1.2"}) {
		t.Errorf("to be finished: %v: a refused leg has nothing to finish", *done)
	}
}

func TestNoticeAndRefusalAreInTheRowOfTheCall(t *testing.T) {
	ctx, pool := t.Context(), pgtest.Pool(t)
	s := NewStore(pool, &finishes{})
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	first := callRow{Summary: cti.Summary{Call: "c1", Line: "+886800000123", Flow: "main", Lang: "zh-TW", Arrived: at}}
	then := first
	then.Noticed, then.Refused = at.Add(9*time.Second), cti.RefusedByCaller
	if err := s.write(ctx, []entry{ledgerEntry(t, kindCall, at, first), ledgerEntry(t, kindCall, at, then)}); err != nil {
		t.Fatal(err)
	}
	var noticed time.Time
	var refused string
	err := pool.QueryRow(ctx, `select notice_at, recording_refused from calls where id = 'c1'`).Scan(&noticed, &refused)
	if err != nil || !noticed.Equal(then.Noticed) || refused != "caller" {
		t.Errorf("noticed %v, refused by %q, %v", noticed, refused, err)
	}
}

// TestPauseIsARowThatEndsWithTheLeg hears of a pause from the gateway, twice, and then of the end of the leg.
func TestPauseIsARowThatEndsWithTheLeg(t *testing.T) {
	ctx, pool := t.Context(), pgtest.Pool(t)
	s := NewStore(pool, &finishes{})
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	one := recording.Pause{From: at, By: "u1", Cause: recording.CauseAgent}
	ended := one
	ended.To = at.Add(8 * time.Second)
	two := recording.Pause{From: at.Add(20 * time.Second), By: "gateway", Cause: recording.CauseUnknown}
	over := at.Add(time.Minute)
	for range 2 {
		err := s.write(ctx, []entry{
			answered(t, 1, at, cti.OweRecording{Call: "c1", Leg: "c1.2", Agent: "u1", Answered: at.Add(-time.Minute)}),
			ledgerEntry(t, kindPause, at, pauseRow{Leg: "c1.2", Pauses: []recording.Pause{one}}),
			ledgerEntry(t, kindPause, at, pauseRow{Leg: "c1.2", Pauses: []recording.Pause{ended, two}}),
			ledgerEntry(t, kindRecording, over, recordingRow{Call: "c1", Leg: "c1.2", Agent: "u1", Started: over}),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	two.To = over
	got, err := recording.NewStore(pool, t.TempDir()).Pauses(ctx, "c1.2")
	if err != nil || !slices.Equal(got, []recording.Pause{ended, two}) {
		t.Errorf("rows: %+v, %v", got, err)
	}
}

func TestWhoWasAskedASurveyAndHeardItsEnd(t *testing.T) {
	ctx, pool := t.Context(), pgtest.Pool(t)
	s := NewStore(pool, &finishes{})
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	call := callRow{Summary: cti.Summary{Call: "c1", Line: "+886800000123", Flow: "main", Queue: "order", Agent: "u1", Arrived: at, Answered: at}}
	asked, over := call, call
	asked.Asked = &cti.Asked{Survey: "after-call", Version: "v"}
	over.Asked, over.Ended = &cti.Asked{Survey: "after-call", Version: "v", Over: true}, at.Add(time.Minute)
	answer := cti.SaveAnswer{Call: "c1", Survey: "after-call", Version: "v", Question: "satisfaction", Value: 5, At: at.Add(9 * time.Second)}
	told := func(want string) {
		t.Helper()
		var got string
		err := pool.QueryRow(ctx, `select format('%s %s: offered %s, started %s, finished %s', queue_id, agent_id, sum(offered), sum(started), sum(finished))
			from survey_offer_days group by queue_id, agent_id`).Scan(&got)
		if err != nil || got != want {
			t.Errorf("%s %v, want %s", got, err, want)
		}
	}
	for range 2 { // written again from the spool
		if err := s.write(ctx, []entry{ledgerEntry(t, kindCall, at, call), ledgerEntry(t, kindCall, at, asked), ledgerEntry(t, kindAnswer, at, answer)}); err != nil {
			t.Fatal(err)
		}
		told("order u1: offered 1, started 1, finished 0")
	}
	if err := s.write(ctx, []entry{ledgerEntry(t, kindCall, at, over)}); err != nil {
		t.Fatal(err)
	}
	told("order u1: offered 1, started 1, finished 1")
}
