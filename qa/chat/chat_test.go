package chat

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hotline/qa/rule"
	"hotline/qa/score"
)

func utter(role rule.Role, at int, text string) rule.Utterance {
	u := rule.Utterance{Role: role, Span: rule.Span{Start: at, End: at + 1000}}
	for i, r := range []rune(text) {
		u.Units = append(u.Units, rule.Unit{Text: string(r), Span: rule.Span{Start: at + 10*i, End: at + 10*i + 10}})
	}
	return u
}

func talk() Talk {
	unclear := utter(rule.Caller, 9000, "聽不懂的話")
	unclear.Unclear = "language"
	return NewTalk(rule.Transcript{
		Utterances: []rule.Utterance{
			utter(rule.Agent, 0, "您好，很高興為您服務。"), utter(rule.Agent, 2000, "請說"), utter(rule.Caller, 4000, "我要退貨，電話 0912-345-678，1250 元"),
			utter(rule.Agent, 6000, "我理解您的不便"), unclear, utter(rule.Agent, 12_000, "保留中說的話"),
		},
		Apart: []rule.Apart{{Span: rule.Span{Start: 11_000, End: 14_000}, Why: "hold"}},
	})
}

func question() score.Question {
	return score.Question{ID: "empathy", Text: score.Text{"zh-TW": "有沒有回應客戶的感受？", "en": "Were the feelings answered?"}, Kind: score.YesNo, NA: true, By: score.ByModel}
}

func TestWhatGoesOut(t *testing.T) {
	got := talk().String()
	want := "agent: 您好，很高興為您服務。\nagent: 請說\ncaller: 我要退貨，電話 ****-***-***，1250 元\nagent: 我理解您的不便\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestQuotationsAreFoundWordForWord(t *testing.T) {
	for _, c := range []struct {
		role  rule.Role
		text  string
		start int // -1: it was not said
		end   int
	}{
		{rule.Agent, "很高興為您服務", 30, 100},
		{rule.Agent, "「您好 很高興」", 0, 60},
		{rule.Agent, "為您服務。請說", 60, 2020}, // one breath of the same person
		{rule.Agent, "請說我理解", -1, 0},      // the caller spoke in between
		{rule.Caller, "很高興為您服務", -1, 0},   // said by the other
		{rule.Agent, "我理解您的不滿", -1, 0},
		{rule.Caller, "我要退貨電話", 4000, 4070},
		{rule.Caller, "0912345678", -1, 0}, // it never went out
		{rule.Caller, "聽不懂的話", -1, 0},
		{rule.Agent, "保留中說的話", -1, 0},
		{rule.Agent, "。！", -1, 0},
		{rule.Agent, "", -1, 0},
	} {
		span, ok := talk().Find(Quote{c.role, c.text})
		if ok != (c.start >= 0) || ok && (span.Start != c.start || span.End != c.end) {
			t.Errorf("%s 「%s」: %v %v, want %d to %d", c.role, c.text, span, ok, c.start, c.end)
		}
	}
}

func TestAnswersAreTakenOrRefused(t *testing.T) {
	for name, c := range map[string]struct {
		raw, why string
		again    bool
	}{
		"good":                {`{"value":"yes","reason":"有說","quotes":[{"role":"agent","text":"我理解您的不便"}]}`, "", false},
		"of something unsaid": {` {"value":"no","reason":"沒有","quotes":[]} `, "", false},
		"not applicable":      {`{"value":"na","reason":"x","quotes":[]}`, "", false},
		"words":               {"The agent was kind.", "not the JSON", true},
		"fenced":              {"```json\n{}\n```", "not the JSON", true},
		"two":                 {`{"value":"no","reason":"x","quotes":[]} {"value":"yes"}`, "goes on after", true},
		"another field":       {`{"value":"no","reason":"x","quotes":[],"score":1}`, "not the JSON", true},
		"a number":            {`{"value":1,"reason":"x","quotes":[]}`, "not the JSON", true},
		"half":                {`{"value":"no"}`, "lacks", true},
		"no value of it":      {`{"value":"maybe","reason":"x","quotes":[]}`, "none of", true},
		"no reason":           {`{"value":"no","reason":" ","quotes":[]}`, "no reason", true},
		"invented":            {`{"value":"yes","reason":"x","quotes":[{"role":"agent","text":"我非常理解您的不便"}]}`, "did not say", false},
		"of the other":        {`{"value":"yes","reason":"x","quotes":[{"role":"caller","text":"我理解您的不便"}]}`, "did not say", false},
		"of a third":          {`{"value":"yes","reason":"x","quotes":[{"role":"system","text":"我理解您的不便"}]}`, "neither", true},
	} {
		a, refusal := Read(c.raw, question(), talk())
		switch {
		case c.why == "" && refusal != nil, c.why != "" && refusal == nil:
			t.Errorf("%s: %+v, %v", name, a, refusal)
		case refusal != nil && (!strings.Contains(refusal.Why, c.why) || refusal.Again != c.again):
			t.Errorf("%s: %q, again %v", name, refusal.Why, refusal.Again)
		}
	}
}

// service answers requests in turn; the last answer is given again.
func service(t *testing.T, answers ...http.HandlerFunc) (*Server, *atomic.Int64) {
	t.Helper()
	var asked atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers[min(int(asked.Add(1)), len(answers))-1](w, r)
	}))
	t.Cleanup(srv.Close)
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := NewServer(Config{URL: srv.URL + "/v1/", Model: "qwen", Consent: true, KeyFile: key, TimeLimit: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s.wait = time.Millisecond
	return s, &asked
}

func says(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": content}}},
			"usage":   map[string]any{"prompt_tokens": 100, "completion_tokens": 20},
		})
	}
}

func fails(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", status) }
}

const good = `{"value":"yes","reason":"有說","quotes":[{"role":"agent","text":"我理解您的不便"}]}`

func TestAServiceIsAskedAsOpenAIIs(t *testing.T) {
	s, _ := service(t, func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer secret" {
			t.Errorf("%s, %v", r.URL, err)
		}
		var asked struct {
			Model    string
			Messages []message
			Format   struct {
				Type   string
				Schema struct {
					Schema struct {
						Properties struct{ Value struct{ Enum []string } }
					}
				} `json:"json_schema"`
			} `json:"response_format"`
		}
		if err := json.Unmarshal(raw, &asked); err != nil {
			t.Error(err)
		}
		if asked.Model != "qwen" || len(asked.Messages) != 2 || !strings.Contains(asked.Messages[1].Content, "caller: 我要退貨，電話 ****") ||
			!strings.Contains(asked.Messages[1].Content, "感受") || asked.Format.Type != "json_schema" ||
			strings.Join(asked.Format.Schema.Schema.Properties.Value.Enum, " ") != "no yes na" || strings.Contains(string(raw), "0912") {
			t.Errorf("%s", raw)
		}
		says(good)(w, r)
	})
	a, usage, err := s.Ask(t.Context(), question(), talk())
	if err != nil || a.Value != score.Yes || a.Reason != "有說" || len(a.Quotes) != 1 || a.Quotes[0].Start != 6000 || usage != (Usage{100, 20}) {
		t.Errorf("%+v, %+v, %v", a, usage, err)
	}
}

func TestAServiceThatMisbehaves(t *testing.T) {
	late := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the other has gone
		<-r.Context().Done()
	}
	raw := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	for name, c := range map[string]struct {
		answers []http.HandlerFunc
		asked   int64
		err     string // part of it; empty: the answer is taken
		refused bool   // a Refusal, and not the service's absence
		limit   time.Duration
	}{
		"once busy":      {[]http.HandlerFunc{fails(503), says(good)}, 2, "", false, 0},
		"too many":       {[]http.HandlerFunc{fails(429), says(good)}, 2, "", false, 0},
		"never well":     {[]http.HandlerFunc{fails(500)}, tries, "500", false, 0},
		"wrong key":      {[]http.HandlerFunc{fails(401)}, 1, "chat.key_file", false, 0},
		"no such model":  {[]http.HandlerFunc{fails(404)}, 1, "chat.model", false, 0},
		"no JSON":        {[]http.HandlerFunc{raw("<html>")}, tries, "no chat completion", false, 0},
		"no choice":      {[]http.HandlerFunc{raw(`{"choices":[]}`)}, tries, "no chat completion", false, 0},
		"no content":     {[]http.HandlerFunc{raw(`{"choices":[{"message":{"content":null}}]}`)}, tries, "no chat completion", false, 0},
		"never":          {[]http.HandlerFunc{late}, tries, "chat.time_limit", false, 20 * time.Millisecond},
		"words":          {[]http.HandlerFunc{says("Yes!")}, 1, "not the JSON", true, 0},
		"an invention":   {[]http.HandlerFunc{says(strings.Replace(good, "理解", "明白", 1))}, 1, "did not say", true, 0},
		"another answer": {[]http.HandlerFunc{says(strings.Replace(good, "yes", "7", 1))}, 1, "none of", true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, asked := service(t, c.answers...)
			if c.limit > 0 {
				s.cfg.TimeLimit = c.limit
			}
			_, _, err := s.Ask(t.Context(), question(), talk())
			var refusal *Refusal
			if asked.Load() != c.asked || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) ||
				errors.As(err, &refusal) != c.refused || errors.Is(err, ErrUnavailable) != (err != nil && !c.refused) {
				t.Errorf("asked %d times, %v", asked.Load(), err)
			}
		})
	}
}

func TestALongCallDoesNotGoOut(t *testing.T) {
	s, asked := service(t, says(good))
	s.cfg.MaxText = 10
	_, _, err := s.Ask(t.Context(), question(), talk())
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Again || !strings.Contains(err.Error(), "chat.max_text") || asked.Load() != 0 {
		t.Errorf("asked %d times, %v", asked.Load(), err)
	}
}

func TestNoMoreThanTheCapAreAskedAtOnce(t *testing.T) {
	var now, most atomic.Int64
	inside, release := make(chan struct{}, 10), make(chan struct{})
	s, _ := service(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		inside <- struct{}{}
		<-release
		now.Add(-1)
		says(good)(w, r)
	})
	done := make(chan error, 6)
	for range 6 {
		go func() {
			_, _, err := s.Ask(t.Context(), question(), talk())
			done <- err
		}()
	}
	<-inside
	<-inside
	close(release)
	for range 6 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if most.Load() != usualAtOnce {
		t.Errorf("%d at once", most.Load())
	}
}

func TestTheConfigurationIsChecked(t *testing.T) {
	if faults := (Config{}).Check(); len(faults) != 0 {
		t.Errorf("without a service: %v", faults)
	}
	if faults := (Config{URL: "x", Key: "a", KeyFile: "b", AtOnce: 17, TimeLimit: -1, MaxText: -1}).Check(); len(faults) != 7 {
		t.Errorf("%q", faults)
	}
	if _, err := NewServer(Config{URL: "http://127.0.0.1/v1", Model: "m"}); err == nil || !strings.Contains(err.Error(), "consent") {
		t.Errorf("without consent: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(good)
	f.Add(`{"value":"yes","reason":"x","quotes":[{"role":"agent","text":"。"}]}`)
	f.Fuzz(func(t *testing.T, raw string) {
		a, refusal := Read(raw, question(), talk())
		if refusal != nil {
			if refusal.Why == "" {
				t.Error("refused without a reason")
			}
			return
		}
		for _, q := range a.Quotes {
			if q.End <= q.Start {
				t.Errorf("%+v was said never", q)
			}
		}
		if !question().Allows(a.Value) {
			t.Errorf("%q is taken", a.Value)
		}
	})
}
