package demo_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"hotline/internal/demo"
	"hotline/recording"
)

func TestTheNewestCallsCanBeListenedTo(t *testing.T) {
	t.Parallel()
	pool := generate(t, demo.Options{Customers: 500, Calls: 2000, Days: 14, Seed: 3})
	dir := t.TempDir()
	made, err := demo.Record(t.Context(), pool, dir, 9)
	if err != nil || made != 9 {
		t.Fatalf("made %d, %v", made, err)
	}
	store := recording.NewStore(pool, dir)
	list, _, err := store.List(t.Context(), recording.Filter{}, recording.Page{})
	if err != nil || len(list) != 9 {
		t.Fatalf("%d recordings, %v", len(list), err)
	}
	for _, r := range list {
		if r.State != recording.StateFinished || r.DurationMS < 20_000 {
			t.Errorf("recording %+v", r)
		}
		if info, err := os.Stat(filepath.Join(dir, r.Path)); err != nil || info.Size() != r.Bytes {
			t.Errorf("file of %s: %v", r.Leg, err)
		}
	}
	for _, sql := range []string{
		`select count(*) from recordings r join calls c on c.id = r.call_id
			where c.agent_id <> r.agent_id or r.started_at <> c.answered_at or c.answered_at + r.duration_ms * interval '1 ms' > c.ended_at + interval '1 s'`,
		`select count(*) from survey_answers s join calls c on c.id = s.call_id where s.way = 'phone' and s.at not between c.answered_at and c.ended_at`,
		`select count(*) from recordings r join survey_answers s using (call_id) where s.at < r.started_at + r.duration_ms * interval '1 ms'`,
		`select count(*) from recordings r join contacts t using (call_id) join calls c on c.id = r.call_id where t.summary <> c.note`,
	} {
		if n := number(t, pool, sql); n != 0 {
			t.Errorf("%v rows: %s", n, sql)
		}
	}
	if again, err := demo.Record(t.Context(), pool, dir, 3); err != nil || again != 3 {
		t.Errorf("three more: %d, %v", again, err)
	}
	if n := number(t, pool, `select count(*) from recordings where started_at < $1`, now.Add(-14*24*time.Hour)); n != 0 {
		t.Errorf("%v recordings from before the calls", n)
	}
}
