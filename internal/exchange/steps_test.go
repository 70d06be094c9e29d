package exchange

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
)

// walked is a fact by which a call entered steps of its flow.
func walked(t *testing.T, seq int64, at time.Time, w cti.Walked) entry {
	t.Helper()
	commands, err := kept([]cti.Command{w})
	if err != nil {
		t.Fatal(err)
	}
	fact, err := json.Marshal(cti.PlayFinished{Call: w.Call})
	if err != nil {
		t.Fatal(err)
	}
	return ledgerEntry(t, kindEvent, at, eventRow{Floor: 1, Seq: seq, Call: w.Call, Kind: "play_finished", Event: fact, Commands: commands})
}

func TestStepsAreKeptAndCountedOnceWhenACallEnds(t *testing.T) {
	ctx, pool := t.Context(), pgtest.Pool(t)
	s := NewStore(pool, &finishes{})
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	step := func(seq int64, call id.CallID, first int, steps ...string) entry {
		return walked(t, seq, at, cti.Walked{Call: call, Flow: "main", Version: "v", First: first, Steps: steps})
	}
	ends := func(call id.CallID, outcome cti.Outcome) entry {
		return ledgerEntry(t, kindCall, at, callRow{Summary: cti.Summary{Call: call, Flow: "main", Arrived: at, Ended: at.Add(time.Minute), Outcome: outcome}})
	}
	batch := []entry{
		step(1, "c1", 1, "hours", "menu"), step(2, "c1", 3, "menu"), ends("c1", cti.OutcomeHungUpFlow),
		step(3, "c2", 1, "hours", "menu", "bye"), ends("c2", cti.OutcomeFlowEnded),
		step(4, "c3", 1, "hours"),
		ledgerEntry(t, kindCall, at, callRow{Summary: cti.Summary{Call: "c3", Flow: "main", Arrived: at}}), // goes on
	}
	counted := func() string {
		t.Helper()
		rows, err := pool.Query(ctx, `select step || ' ' || calls || ' ' || visits || ' ' || dropped from flow_hours where hour = $1 order by step`, at.Truncate(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		got, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(got)
	}
	for range 2 { // the spool of a killed controller is written once more
		if err := s.write(ctx, batch); err != nil {
			t.Fatal(err)
		}
		if got, want := counted(), "[bye 1 1 0 hours 2 2 0 menu 2 3 1]"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	var path string
	if err := pool.QueryRow(ctx, `select string_agg(step, ' ' order by n) from call_steps where call_id = 'c1'`).Scan(&path); err != nil || path != "hours menu menu" {
		t.Errorf("%q %v", path, err)
	}
	// c3 hung up while no controller lived.
	if err := s.write(ctx, []entry{ledgerEntry(t, kindOpen, at, openCalls{Live: []string{}, Before: at.Add(time.Hour)})}); err != nil {
		t.Fatal(err)
	}
	if got, want := counted(), "[bye 1 1 0 hours 3 3 1 menu 2 3 1]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
