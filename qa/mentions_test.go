package qa

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/qa/rule"
	"hotline/qa/topic"
)

// talk stores a call whose caller says the lines, so many days after the first.
func talk(t *testing.T, s *Store, leg id.LegID, days int, lines ...string) {
	t.Helper()
	source := src(leg)
	source.Started = began.AddDate(0, 0, days)
	var made rule.Transcript
	for i, text := range lines {
		u := rule.Utterance{Role: rule.Caller, Span: rule.Span{Start: 20_000 * i, End: 20_000*i + 1000}}
		for k, r := range []rune(text) {
			u.Units = append(u.Units, rule.Unit{Text: string(r), Span: rule.Span{Start: u.Start + 10*k, End: u.Start + 10*k + 10}})
		}
		made.Utterances = append(made.Utterances, u)
	}
	attempt, err := s.Begin(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context(), Result{Source: source, Attempt: attempt, Model: "m", Transcript: made}, nothing); err != nil {
		t.Fatal(err)
	}
}

func week(kind topic.Kind) TrendQuery {
	return TrendQuery{Kind: kind, Step: ByDay, Zone: "Asia/Taipei", Reach: Reach{From: began.Add(-time.Hour), To: began.AddDate(0, 0, 7).Add(-time.Hour)}}
}

func trends(t *testing.T, s *Store, q TrendQuery) string {
	t.Helper()
	found, err := s.Trends(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{fmt.Sprintf("%d/%d", found.Calls, found.Before)}
	for _, x := range found.All {
		text := fmt.Sprintf("%s %d calls %d lines +%d -%d before %d:", x.Entry, x.Calls, x.Mentions, x.Positive, x.Negative, x.Before.Calls)
		for _, p := range x.Points {
			text += fmt.Sprintf(" %s=%d", p.Day[5:], p.Calls)
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func TestMentionsAreStoredCountedAndErased(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s := NewStore(pool)
	talk(t, s, "old.2", -3, "我要退款")
	talk(t, s, "a.2", 0, "我要退款", "退款太慢了", "除濕機很吵")
	talk(t, s, "b.2", 1, "我要退款")
	talk(t, s, "c.2", 1, "您好")
	const want = "3/1; refund 2 calls 3 lines +0 -1 before 1: 11-02=1 11-03=1"
	if got := trends(t, s, week(topic.Topic)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := trends(t, s, week(topic.Product)); got != "3/1; a301 1 calls 1 lines +0 -1 before 0: 11-02=1" {
		t.Error(got)
	}
	q := week(topic.Topic)
	q.Step = ByWeek
	if got := trends(t, s, q); !strings.HasSuffix(got, ": 11-02=2") {
		t.Error(got)
	}
	for name, narrow := range map[string]func(*TrendQuery){
		"agent": func(q *TrendQuery) { q.Agent = "a2" }, "queue": func(q *TrendQuery) { q.Queue = "order" }, "team": func(q *TrendQuery) { q.Team = "t1" },
	} {
		q := week(topic.Topic)
		narrow(&q)
		if got := trends(t, s, q); got != "0/0" {
			t.Errorf("of another %s: %s", name, got)
		}
	}
	q = week(topic.Topic)
	q.Role = rule.Agent
	if got := trends(t, s, q); got != "3/1" {
		t.Errorf("of the agent: %s", got)
	}
	testExamples(t, s)

	talk(t, s, "a.2", 0, "我要退貨") // heard again
	if got := trends(t, s, week(topic.Topic)); !strings.HasPrefix(got, "3/1; refund 1 calls 1 lines +0 -0 before 1: 11-03=1; return 1 calls") {
		t.Error(got)
	}
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := Erase(t.Context(), tx, "a.2"); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := number(t, pool, `select count(*) from mentions where leg = 'a.2'`); n != 0 {
		t.Errorf("%d mentions are left", n)
	}
}

func testExamples(t *testing.T, s *Store) {
	t.Helper()
	ask := ExampleQuery{Reach: week(topic.Topic).Reach, Kind: topic.Topic, Entry: "refund", Limit: 2}
	var places []string
	for range 3 {
		found, err := s.Examples(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range found {
			places = append(places, fmt.Sprintf("%s@%d %s %d%s", e.Leg, e.StartMS, e.Text, e.Opinion, e.Word))
		}
		if len(found) < ask.Limit {
			break
		}
		ask.After = found[len(found)-1].Place()
	}
	if got := strings.Join(places, ", "); got != "b.2@20 我要退款 0, a.2@20000 退款太慢了 -1太慢, a.2@20 我要退款 0" {
		t.Error(got)
	}
	bad := -1
	ask.Opinion, ask.After = &bad, Place{}
	if found, err := s.Examples(t.Context(), ask); err != nil || len(found) != 1 || found[0].N != 1 {
		t.Errorf("%+v, %v", found, err)
	}
}

const twoTopics = "version: 1\ntopics:\n  - {id: hello, name: {zh-TW: 招呼, en: Greeting}, phrases: [您好]}\n  - {id: noise, name: {zh-TW: 吵, en: Noise}, phrases: [很吵]}\n"

// A new dictionary goes over what was said before, also when it is cut off in between, and a broken transcript holds up none.
func TestAnotherDictionaryGoesOverWhatWasSaid(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s := NewStore(pool)
	for i := range 5 {
		talk(t, s, id.LegID(fmt.Sprintf("c%d.2", i)), i, "您好我要退款", "除濕機很吵")
	}
	if n, err := s.Reread(t.Context(), 10); n != 0 || err != nil {
		t.Errorf("%d transcripts were looked through twice, %v", n, err)
	}
	dictionaries := s.Dictionaries()
	if _, err := dictionaries.Save(t.Context(), "version: 1\n", "", "u1", time.Time{}); err == nil {
		t.Error("a faulty dictionary is kept")
	}
	draft, err := dictionaries.Save(t.Context(), twoTopics, "", "u1", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := dictionaries.Publish(t.Context(), draft.CreatedAt, "two", "u1"); err != nil || v.Version != 2 || v.State != "live" {
		t.Fatalf("%+v, %v", v, err)
	}
	if _, err := pool.Exec(t.Context(), `update transcripts set data = '{"v": 99}' where leg = 'c4.2'`); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Reread(t.Context(), 2); n != 2 || err == nil || !strings.Contains(err.Error(), "c4.2") {
		t.Errorf("%d, %v", n, err)
	}
	if found, err := s.Trends(t.Context(), week(topic.Topic)); err != nil || found.Behind != 3 {
		t.Errorf("%d are behind, %v", found.Behind, err)
	}
	if n, err := s.Reread(t.Context(), 10); n != 3 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if got := trends(t, s, week(topic.Topic)); !strings.HasPrefix(got, "5/0; hello 4 calls") || !strings.Contains(got, "noise 4 calls") || strings.Contains(got, "refund") {
		t.Error(got)
	}
	all, err := dictionaries.All(t.Context())
	if err != nil || len(all) != 2 || all[1].State != "retired" {
		t.Errorf("%+v, %v", all, err)
	}
}

// benchCalls are 100,000 calls of 30 lines over 100 days, five mentions in each.
const benchCalls = 100_000

// A call whose two recordings begin on both sides of midnight is one call, of the day of the first; a week begins on Monday.
func TestACallOverMidnightIsOneCall(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s := NewStore(pool)
	for _, sql := range []string{
		`insert into transcripts (leg, call_id, agent_id, started_at, state, dictionary) values
			('c1.2', 'c1', 'a1', '2026-11-01 15:50Z', 'done', 1), ('c1.3', 'c1', 'a2', '2026-11-01 16:10Z', 'done', 1), ('c2.2', 'c2', 'a1', '2026-11-02 03:00Z', 'done', 1)`,
		`insert into mentions (leg, n, kind, entry, call_id, agent_id, at, role, start_ms, phrase, heard, match, opinion) values
			('c1.2', 1, 'topic', 'refund', 'c1', 'a1', '2026-11-01 15:50Z', 'caller', 0, 'x', 'x', 'exact', -1),
			('c1.3', 1, 'topic', 'refund', 'c1', 'a2', '2026-11-01 16:10Z', 'caller', 0, 'x', 'x', 'exact', 0),
			('c2.2', 1, 'topic', 'refund', 'c2', 'a1', '2026-11-02 03:00Z', 'caller', 0, 'x', 'x', 'exact', 1)`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	from := time.Date(2026, 10, 31, 16, 0, 0, 0, time.UTC)
	for step, want := range map[Step]string{
		ByDay:  "2 [{2026-11-01 {1 0 0 0}} {2026-11-02 {1 0 0 0}}] {2 3 1 1} [{2026-11-01 {1 2 0 1}} {2026-11-02 {1 1 1 0}}]",
		ByWeek: "2 [{2026-10-26 {1 0 0 0}} {2026-11-02 {1 0 0 0}}] {2 3 1 1} [{2026-10-26 {1 2 0 1}} {2026-11-02 {1 1 1 0}}]",
	} {
		found, err := s.Trends(t.Context(), TrendQuery{Kind: topic.Topic, Step: step, Zone: "Asia/Taipei", Reach: Reach{From: from, To: from.AddDate(0, 0, 7)}})
		if err != nil || len(found.All) != 1 {
			t.Fatal(found, err)
		}
		if got := fmt.Sprint(found.Calls, found.Days, found.All[0].Count, found.All[0].Points); got != want {
			t.Errorf("by %s: %s\nwant %s", step, got, want)
		}
	}
}

func benchMentions(b *testing.B, pool *pgxpool.Pool) {
	b.Helper()
	conn, err := pool.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	for _, sql := range []string{
		`set statement_timeout = 0`,
		fmt.Sprintf(`insert into transcripts (leg, call_id, agent_id, queue_id, started_at, state, dictionary)
			select 'c' || i || '.2', 'c' || i, 'u' || i %% 100, case when i %% 2 = 0 then 'order' else 'service' end,
				'2026-01-01Z'::timestamptz + i * interval '86.4 seconds', 'done', 1 from generate_series(0, %d) i`, benchCalls-1),
		fmt.Sprintf(`insert into mentions (leg, n, kind, entry, call_id, agent_id, queue_id, at, role, start_ms, phrase, heard, match, opinion)
			select 'c' || i || '.2', k, 'topic', 'e' || (i * 7 + k * k) %% 20, 'c' || i, 'u' || i %% 100, case when i %% 2 = 0 then 'order' else 'service' end,
				'2026-01-01Z'::timestamptz + i * interval '86.4 seconds', 'caller', k * 1000, 'x', 'x', 'exact', (i + k) %% 3 - 1
			from generate_series(0, %d) i, generate_series(1, 5) k`, benchCalls-1),
		`vacuum analyze transcripts`, `vacuum analyze mentions`,
	} {
		if _, err := conn.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTrends(b *testing.B) {
	pool := pgtest.Pool(b)
	s := NewStore(pool)
	benchMentions(b, pool)
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, days := range map[string]int{"30days": 30, "100days": 100} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				q := TrendQuery{Kind: topic.Topic, Step: ByDay, Zone: "Asia/Taipei", Reach: Reach{From: from, To: from.AddDate(0, 0, days)}}
				if found, err := s.Trends(b.Context(), q); err != nil || len(found.All) != 20 {
					b.Fatal(len(found.All), err)
				}
			}
		})
	}
}
