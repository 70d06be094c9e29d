package asr

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
)

// service answers requests in turn; the last answer is given again.
func service(t *testing.T, answers ...func(http.ResponseWriter, *http.Request)) (*Server, *atomic.Int64) {
	t.Helper()
	var asked atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(asked.Add(1))
		answers[min(n, len(answers))-1](w, r)
	}))
	t.Cleanup(srv.Close)
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := NewServer(ServerConfig{URL: srv.URL + "/v1", Model: "breeze", Consent: true, KeyFile: key, TimeLimit: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s.wait = time.Millisecond
	return s, &asked
}

func answers(v any) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(v) }
}

func refuses(status int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", status) }
}

func TestAServiceIsAskedAsOpenAIIs(t *testing.T) {
	s, _ := service(t, func(w http.ResponseWriter, r *http.Request) {
		file, _, err := r.FormFile("file")
		if err != nil || r.URL.Path != "/v1/audio/transcriptions" || r.Header.Get("Authorization") != "Bearer secret" ||
			r.FormValue("model") != "breeze" || r.FormValue("language") != "zh" || r.FormValue("response_format") != "verbose_json" {
			t.Errorf("%s %v %v", r.URL, r.Form, err)
			return
		}
		raw, err := io.ReadAll(file)
		if err != nil || !strings.HasPrefix(string(raw), "RIFF") {
			t.Errorf("%d bytes, %v", len(raw), err)
		}
		answers(map[string]any{"text": "您好 hello", "words": []map[string]any{
			{"word": "您好", "start": 0.5, "end": 0.9}, {"word": "hello", "start": 2.0, "end": 2.4},
		}, "segments": []map[string]any{{"text": "您好", "start": 0, "end": 1, "avg_logprob": -0.1}}})(w, r)
	})
	raw, err := s.Transcribe(t.Context(), talk(60, nil, [][2]int{{10, 20}, {30, 40}}))
	if err != nil {
		t.Fatal(err)
	}
	if len(raw.Utterances) != 2 || raw.Utterances[0].Role != rule.Agent || raw.Utterances[0].Text() != "您好" {
		t.Fatalf("%+v", raw.Utterances)
	}
	first, second := raw.Utterances[0], raw.Utterances[1]
	if first.Units[1].Start != 700+700 || first.Units[0].Sure < 0.9 || second.Text() != "hello" || len(second.Units) != 1 || second.Start != 700+2000 {
		t.Errorf("%+v", raw.Utterances)
	}
}

func TestAServiceThatOnlyGivesTheText(t *testing.T) {
	s, _ := service(t, answers(map[string]any{"text": "謝謝"}))
	raw, err := s.Transcribe(t.Context(), talk(60, [][2]int{{10, 30}}, nil))
	if err != nil || len(raw.Utterances) != 1 || raw.Utterances[0].Role != rule.Caller || raw.Utterances[0].Text() != "謝謝" {
		t.Errorf("%+v, %v", raw, err)
	}
}

func TestLongSpeechIsCutInSilence(t *testing.T) {
	s, asked := service(t, answers(map[string]any{"text": ""}))
	s.cfg.MaxBytes = 1_000_000 // half a minute
	var spans [][2]int
	for at := 5; at < 1190; at += 40 {
		spans = append(spans, [2]int{at, at + 30})
	}
	if _, err := s.Transcribe(t.Context(), talk(1200, nil, spans)); err != nil {
		t.Fatal(err)
	}
	if n := asked.Load(); n < 4 || n > 6 {
		t.Errorf("two minutes were sent in %d pieces", n)
	}
}

func TestAServiceThatFailsIsAskedAgain(t *testing.T) {
	good := answers(map[string]any{"text": "好"})
	for name, c := range map[string]struct {
		answers []func(http.ResponseWriter, *http.Request)
		asked   int64
		err     string
	}{
		"once busy":       {[]func(http.ResponseWriter, *http.Request){refuses(503), good}, 2, ""},
		"too many":        {[]func(http.ResponseWriter, *http.Request){refuses(429), good}, 2, ""},
		"never":           {[]func(http.ResponseWriter, *http.Request){refuses(500)}, serverTries, "500"},
		"refuses":         {[]func(http.ResponseWriter, *http.Request){refuses(401)}, 1, "401"},
		"nonsense":        {[]func(http.ResponseWriter, *http.Request){answers("hello")}, serverTries, "no transcription"},
		"nonsense object": {[]func(http.ResponseWriter, *http.Request){answers(map[string]any{"result": 1})}, serverTries, "no transcription"},
	} {
		t.Run(name, func(t *testing.T) {
			s, asked := service(t, c.answers...)
			_, err := s.Transcribe(t.Context(), talk(20, nil, [][2]int{{5, 10}}))
			if asked.Load() != c.asked || (err == nil) != (c.err == "") || err != nil && (!errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("asked %d times, %v", asked.Load(), err)
			}
		})
	}
}

func TestAServiceThatNeverAnswersIsGivenUp(t *testing.T) {
	s, _ := service(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // until then the server does not notice that nobody waits
		<-r.Context().Done()
	})
	s.cfg.TimeLimit = 50 * time.Millisecond
	if _, err := s.Transcribe(t.Context(), talk(20, nil, [][2]int{{5, 10}})); !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v", err)
	}
}

func TestConfigOfAServiceNamesEveryFault(t *testing.T) {
	if faults := (ServerConfig{}).Check(); len(faults) != 0 {
		t.Errorf("%q", faults)
	}
	if faults := (ServerConfig{URL: "nowhere", MaxBytes: 5}).Check(); len(faults) != 4 {
		t.Errorf("%q", faults)
	}
	if _, err := NewServer(ServerConfig{URL: "http://x/v1", Model: "m"}); err == nil || !strings.Contains(err.Error(), "consent") {
		t.Errorf("%v", err)
	}
}

func FuzzUnderstand(f *testing.F) {
	f.Add([]byte(`{"text":"您好","words":[{"word":"您好","start":0.1,"end":0.4}]}`))
	f.Add([]byte(`{"text":"a","segments":[{"text":"a","start":-1e308,"end":1e308}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		said, err := understand(raw, 1000, 5000, rule.Agent)
		for _, u := range said {
			if err != nil || u.Start < 1000 || u.End > 6000 || u.End < u.Start {
				t.Errorf("%v, %v", u, err)
			}
		}
	})
}
