package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/qa"
	"hotline/qa/chat"
	"hotline/qa/rule"
)

// askedCard has one question for a model and one for the rules.
const askedCard = `version: 1
id: asked
name: {en: Asked}
sections:
  - id: all
    name: {en: All}
    weight: 100
    questions:
      - {id: kind, text: {en: Was the agent kind?}, kind: yes_no, weight: 60, by: model}
      - {id: rude, text: {en: Nothing rude}, kind: yes_no, weight: 40, cases: [{give: yes}]}
`

// askedCalls stores and scores calls in which the agent says something.
func askedCalls(t *testing.T, pool *pgxpool.Pool, legs ...id.LegID) *qa.Store {
	t.Helper()
	ctx, s := t.Context(), qa.NewStore(pool)
	draft, err := s.Cards().Save(ctx, askedCard, "", "u4", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Cards().Publish(ctx, draft.CreatedAt, "asked", "u4"); err != nil {
		t.Fatal(err)
	}
	live, err := s.LiveBook(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, leg := range legs {
		u := rule.Utterance{Role: rule.Agent, Span: rule.Span{Start: 3000, End: 4000}}
		for i, r := range []rune("我很樂意幫您 " + string(leg)) {
			u.Units = append(u.Units, rule.Unit{Text: string(r), Span: rule.Span{Start: 3000 + 10*i, End: 3010 + 10*i}})
		}
		r := qa.Result{
			Source: qa.Source{Leg: leg, Call: leg.Call(), Agent: "u1", Started: time.Now()}, Model: "test", Book: live.Version,
			Transcript: rule.Transcript{Length: 60_000, Utterances: []rule.Utterance{u}, Speech: map[rule.Role][]rule.Span{rule.Agent: {u.Span}}},
		}
		if r.Attempt, err = s.Begin(ctx, r.Source); err != nil {
			t.Fatal(err)
		}
		if err := s.Save(ctx, r, func(ctx context.Context, tx pgx.Tx) error { return s.Score(ctx, tx, leg) }); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// oracle is a service: content answers by what of the call it is asked about; a number is a status.
func oracle(t *testing.T, content func(asked string) any) chat.Config {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/models") {
			_, _ = w.Write([]byte(`{}`))
			return
		}
		var asked struct{ Messages []struct{ Content string } }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		switch c := content(asked.Messages[1].Content).(type) {
		case int:
			http.Error(w, "no", c)
		default:
			_ = json.NewEncoder(w).Encode(map[string]any{
				"choices": []any{map[string]any{"message": map[string]any{"content": c}}},
				"usage":   map[string]any{"prompt_tokens": 100, "completion_tokens": 20},
			})
		}
	}))
	t.Cleanup(srv.Close)
	return chat.Config{URL: srv.URL + "/v1", Model: "qwen", Consent: true}
}

func asker(t *testing.T, s *qa.Store, cfg chat.Config) *Asker {
	t.Helper()
	model, err := chat.NewServer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &Asker{Quality: s, Model: model}
}

func asks(t *testing.T, pool *pgxpool.Pool) map[string]string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `select s.leg, a.state || ' ' || a.attempts || ' ' || a.tokens_in || '+' || a.tokens_out || case when a.reason = '' then '' else ' ' || a.reason end
		from score_asks a join scores s on s.id = a.score_id`)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	var leg, state string
	if _, err := pgx.ForEachRow(rows, []any{&leg, &state}, func() error { all[leg] = state; return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

const said = `{"value":"yes","reason":"friendly","quotes":[{"role":"agent","text":"很樂意幫您"}]}`

// The whole way: calls that were scored are found by the sweep, a model answers one, invents for another, and says nonsense of
// a third, which then is asked again.
func TestAModelAnswersOfItself(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s := askedCalls(t, pool, "good.2", "invented.2", "later.2")
	var nonsense atomic.Bool
	a := asker(t, s, oracle(t, func(asked string) any {
		switch {
		case strings.Contains(asked, "invented"):
			return strings.Replace(said, "樂意", "高興", 1)
		case strings.Contains(asked, "later") && nonsense.CompareAndSwap(false, true):
			return "Certainly!"
		}
		return said
	}))
	w, err := NewWorker(pool, Config{}, Deps{Recordings: newFolder(), Hearer: newEars(), Asker: a, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	wait(t, func() bool {
		got := asks(t, pool)
		return strings.HasPrefix(got["good.2"], "answered") && strings.HasPrefix(got["invented.2"], "refused") && strings.HasPrefix(got["later.2"], "answered")
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	got := asks(t, pool)
	if got["good.2"] != "answered 1 100+20" || got["later.2"] != "answered 2 200+40" || !strings.HasPrefix(got["invented.2"], "refused 1 100+20 the model quotes what the agent did not say: 「很高興幫您」") {
		t.Errorf("%v", got)
	}
	var value, note, evidence string
	var total float64
	err = pool.QueryRow(t.Context(), `select a.value, a.note, a.evidence::text, s.total from score_answers a join scores s on s.id = a.score_id where s.leg = 'good.2' and a.source = 'model'`).
		Scan(&value, &note, &evidence, &total)
	if err != nil || value != "yes" || note != "friendly" || total != 100 || !strings.Contains(evidence, `"role": "agent", "rule": "", "heard": "很樂意幫您", "start_ms": 3010`) {
		t.Errorf("%s %s %s %v, %v", value, note, evidence, total, err)
	}
	if n := count(t, pool, "errors::text like '%Certainly%'"); n != 0 {
		t.Error("what a model said of a call is in the table of jobs")
	}
	if done, err := s.Asking(t.Context(), time.Now().Add(-time.Hour)); err != nil || done.Waiting != 0 || done.Answered != 2 || done.Refused != 1 || done.TokensIn != 400 || done.TokensOut != 80 {
		t.Errorf("%+v, %v", done, err)
	}
}

// wait until it is so.
func wait(t *testing.T, so func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(60 * time.Second); !so(); {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("it did not come about")
		}
	}
}

func TestAServiceThatIsAwayIsWaitedFor(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s := askedCalls(t, pool, "a.2")
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	paused := 0
	w := &askWorker{asker: asker(t, s, chat.Config{URL: away.URL + "/v1", Model: "qwen", Consent: true}), log: quiet(), pause: func(context.Context, time.Duration) { paused++ }}
	job := jobOf(askModel{Leg: "a.2"}, askAttempts)
	job.MaxAttempts = askAttempts
	if err := w.Work(t.Context(), job); !isSnooze(err) || paused != 1 {
		t.Errorf("%v, paused %d times", err, paused)
	}
	if got := asks(t, pool)["a.2"]; !strings.HasPrefix(got, "waiting 1 0+0 the model that answers questions is not available") || !strings.Contains(got, "chat.url") {
		t.Error(got)
	}
}

// A call that the service cannot bear ends by itself; nonsense to the last leaves the question to a person, and says why.
func TestACallsOwnFailureIsItsOwn(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s := askedCalls(t, pool, "a.2", "b.2")
	a := asker(t, s, oracle(t, func(asked string) any {
		if strings.Contains(asked, "a.2") {
			return http.StatusBadRequest
		}
		return "Certainly!"
	}))
	w := &askWorker{asker: a, log: quiet(), pause: func(context.Context, time.Duration) { t.Error("others have to wait") }}
	for _, leg := range []id.LegID{"a.2", "b.2"} {
		for attempt := range askAttempts {
			job := jobOf(askModel{Leg: leg}, attempt+1)
			job.MaxAttempts = askAttempts
			if err := w.Work(t.Context(), job); (err != nil) != (attempt+1 < askAttempts) || isSnooze(err) || err != nil && strings.Contains(err.Error(), "Certainly") {
				t.Errorf("%s, attempt %d: %v", leg, attempt+1, err)
			}
		}
	}
	got := asks(t, pool)
	if !strings.HasPrefix(got["a.2"], fmt.Sprintf("refused %d 0+0 ", askAttempts)) || !strings.Contains(got["a.2"], "400") ||
		!strings.HasPrefix(got["b.2"], fmt.Sprintf("refused %d 600+120 the model's answer is not the JSON", askAttempts)) {
		t.Errorf("%v", got)
	}
}

func TestWithoutAModelQuestionsSayWhatToDo(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s := askedCalls(t, pool, "a.2")
	a := &Asker{Quality: s, Without: "set chat.url"}
	if legs, err := a.Open(t.Context(), 10); len(legs) != 0 || err != nil {
		t.Errorf("%v, %v", legs, err)
	}
	if got := asks(t, pool)["a.2"]; got != "waiting 0 0+0 set chat.url" {
		t.Error(got)
	}
	var total float64
	if err := pool.QueryRow(t.Context(), `select total from scores`).Scan(&total); err != nil || total != 100 {
		t.Errorf("the rest comes to %v, %v", total, err)
	}
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error { return qa.EraseReview(t.Context(), tx, "a.2") })
	if got := asks(t, pool); err != nil || len(got) != 0 {
		t.Errorf("after an erasure %v, %v", got, err)
	}
}
