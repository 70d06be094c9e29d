package notify

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

var text = Message{Key: "survey:c1", Channel: SMS, To: "+886912345678", Body: "您好 \"王\" & https://a.example/s/abc"}

func jsonProvider(url string) HTTPConfig {
	return HTTPConfig{
		URL: url, Headers: map[string]string{"Content-Type": "application/json", "Authorization": "Bearer {{.Secret}}"}, Secret: "s3",
		Body:    `{"to": {{json .National}}, "text": {{json .Text}}, "id": {{json .Key}}}`,
		Success: `"status": *"accepted"`, Receipt: `"id": *"([^"]+)"`, Timeout: time.Second,
	}
}

func TestSMSByJSON(t *testing.T) {
	var got map[string]string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer s3" || r.Method != http.MethodPost {
			t.Errorf("%s %v", r.Method, r.Header)
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, `{"status": "accepted", "id": "m-7"}`)
	}))
	defer server.Close()
	sender, err := newHTTP(jsonProvider(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := sender.Send(t.Context(), text)
	if err != nil || receipt != "m-7" || got["to"] != "0912345678" || got["text"] != text.Body || got["id"] != text.Key {
		t.Errorf("%q %v %v", receipt, err, got)
	}
}

func TestSMSByForm(t *testing.T) {
	var query url.Values
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { query = r.URL.Query() }))
	defer server.Close()
	sender, err := newHTTP(HTTPConfig{URL: server.URL + "/send?u=me&p={{form .Secret}}&to={{form .To}}&m={{form .Text}}", Method: "GET", Secret: "a&b"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sender.Send(t.Context(), text); err != nil || query.Get("p") != "a&b" || query.Get("to") != text.To || query.Get("m") != text.Body {
		t.Errorf("%v %v", err, query)
	}
}

func TestProvidersThatMisbehave(t *testing.T) {
	answers := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		fate    Fate
		says    string
	}{
		"says no in an answer that is well": {answers(200, `{"status": "rejected", "to": "0912345678"}`), Never, "rejected"},
		"does not know us":                  {answers(401, "bad token"), Never, "401: bad token"},
		"is busy":                           {answers(429, "slow down"), Later, "429"},
		"is away for now":                   {answers(503, ""), Later, "503"},
		"breaks":                            {answers(500, "oops"), Unknown, "500"},
		"sends us elsewhere with our secret": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.example/", http.StatusTemporaryRedirect)
		}, Never, "307"},
		"is silent": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, Unknown, "no answer after"},
		"drops us": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		}, Unknown, "EOF"},
		"breaks off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		}, Unknown, "broke off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The body is read, as a server does that is to notice that its client left.
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				tt.handler(w, r)
			}))
			t.Cleanup(server.Close)
			cfg := jsonProvider(server.URL)
			cfg.Timeout = 300 * time.Millisecond
			sender, err := newHTTP(cfg)
			if err != nil {
				t.Fatal(err)
			}
			fault := map[Fate]Fault{Never: Refused, Later: Busy, Unknown: Unclear}[tt.fate]
			wantFailure(t, sender, Failure{tt.fate, fault, tt.says})
		})
	}
}

// wantFailure wants one whose words are part of what is said.
func wantFailure(t *testing.T, sender Sender, want Failure) {
	t.Helper()
	_, err := sender.Send(t.Context(), text)
	failure, ok := errors.AsType[*Failure](err)
	if !ok || failure.Fate != want.Fate || failure.Fault != want.Fault || !strings.Contains(failure.Why, want.Why) || strings.Contains(failure.Why, "12345678") {
		t.Errorf("%#v", err)
	}
}

// Nothing was sent to a provider that cannot be reached, or whose certificate nobody knows.
func TestProvidersThatCannotBeReached(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away := "http://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	strange := httptest.NewUnstartedServer(nil)
	strange.Config.ErrorLog = log.New(io.Discard, "", 0) // that we do not trust it
	strange.StartTLS()
	defer strange.Close()
	for address, says := range map[string]string{away: "refused", strange.URL: "certificate"} {
		sender, err := newHTTP(jsonProvider(address))
		if err != nil {
			t.Fatal(err)
		}
		wantFailure(t, sender, Failure{Later, Unreachable, says})
	}
}
