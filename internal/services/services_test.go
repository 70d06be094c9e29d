package services_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hotline/internal/pg/pgtest"
	"hotline/internal/services"
	"hotline/ivr"
)

func open(t *testing.T, cfg services.Config) *services.Services {
	t.Helper()
	if faults := cfg.Check(); len(faults) > 0 {
		t.Fatal(faults)
	}
	s, err := services.New(cfg, nil, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var errand = services.Errand{Service: "orders", Call: "hl1-17", Key: "hl1-17/3", Fields: map[string]string{"order_no": "1234", "phone": "+886912345678"}}

func say(w http.ResponseWriter, answer string) {
	_, _ = io.WriteString(w, answer) // who asked may have gone
}

func TestServiceIsAskedByTheProtocol(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var got map[string]any
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		want := map[string]any{
			"service": "orders", "call": "hl1-17", "key": "hl1-17/3",
			"fields": map[string]any{"order_no": "1234", "phone": "+886912345678"},
		}
		if !reflect.DeepEqual(got, want) || r.Method != http.MethodPost ||
			r.Header.Get("Authorization") != "Bearer secret" || r.Header.Get("Idempotency-Key") != "hl1-17/3" {
			t.Errorf("asked %s %v with %v", r.Method, got, r.Header)
		}
		say(w, `{"result":"found","values":{"state":"shipped","amount":1280}}`)
	}))
	defer server.Close()
	got, err := open(t, services.Config{"orders": {URL: server.URL, TokenFile: token}}).Do(t.Context(), errand)
	if err != nil || got.Result != ivr.Found || got.Values["state"] != "shipped" || got.Values["amount"] != "1280" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"an error": func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"another place": func(w http.ResponseWriter) {
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(http.StatusFound)
		},
		"no JSON":         func(w http.ResponseWriter) { say(w, "<html>") },
		"another result":  func(w http.ResponseWriter) { say(w, `{"result":"maybe"}`) },
		"a list as value": func(w http.ResponseWriter) { say(w, `{"result":"found","values":{"a":[1]}}`) },
		"a long value": func(w http.ResponseWriter) {
			say(w, fmt.Sprintf(`{"result":"found","values":{"a":%q}}`, strings.Repeat("x", 65)))
		},
		"too many values": func(w http.ResponseWriter) {
			say(w, `{"result":"found","values":{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":1}}`)
		},
		"more than is read": func(w http.ResponseWriter) { say(w, `{"result":"found","x":"`+strings.Repeat("x", 70_000)+`"}`) },
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w) }))
		got, err := open(t, services.Config{"orders": {URL: server.URL}}).Do(t.Context(), errand)
		if err == nil || got.Result != ivr.Failed || len(got.Values) > 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "0912") {
			t.Errorf("%s: the error has the caller's number: %v", name, err)
		}
		server.Close()
	}
	if got, err := open(t, services.Config{}).Do(t.Context(), errand); err == nil || got.Result != ivr.Failed || !strings.Contains(err.Error(), "services") {
		t.Errorf("a service that is not configured: %+v, %v", got, err)
	}
}

// A service that is away is left alone for a while, and one that never answers is given up in time.
func TestServiceThatIsAwayIsLeftAlone(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done() // never
	}))
	defer server.Close()
	s := open(t, services.Config{"orders": {URL: server.URL, Timeout: 20 * time.Millisecond}})
	for range 20 {
		if _, err := s.Do(t.Context(), errand); err == nil {
			t.Fatal("it answered")
		}
	}
	if n := asked.Load(); n != 5 {
		t.Errorf("asked %d times", n)
	}
}

func TestAnswersAreKeptForAWhile(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		say(w, fmt.Sprintf(`{"result":"found","values":{"n":%d}}`, asked.Add(1)))
	}))
	defer server.Close()
	s := open(t, services.Config{"orders": {URL: server.URL, Cache: time.Minute}})
	n := func(e services.Errand) string {
		t.Helper()
		r, err := s.Do(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		return r.Values["n"]
	}
	other, secret := errand, errand
	other.Fields = map[string]string{"order_no": "4321"}
	secret.Secret = true
	if a, b, c, d, e := n(errand), n(errand), n(other), n(secret), n(secret); a != "1" || b != "1" || c != "2" || d != "3" || e != "4" {
		t.Errorf("the same is asked %s and %s, another %s, one with a secret %s and %s", a, b, c, d, e)
	}
}

func TestFaultsOfTheConfiguration(t *testing.T) {
	got := services.Config{
		"a": {}, "b": {URL: "ftp://x"}, "c": {URL: "http://erp.example/x"}, "d": {URL: "https://x", Demo: "orders"}, "e": {Demo: "weather"},
		"f": {URL: "https://x", Timeout: time.Hour, Cache: 2 * time.Hour}, "g": {URL: "https://x", TokenFile: "/no/such"}, "h": {URL: "http://127.0.0.1:9/x"},
	}.Check()
	for i, want := range []string{"a.url:", "b.url:", "c.url:", "d.url:", "e.demo:", "f.timeout:", "f.cache:", "g.token_file:"} {
		if i >= len(got) || !strings.HasPrefix(got[i], want) {
			t.Fatalf("fault %d: %q, want %s", i, got, want)
		}
	}
	if len(got) != 8 {
		t.Errorf("%q", got)
	}
}

func TestOrdersOfTheDemoCompany(t *testing.T) {
	db := pgtest.Pool(t)
	for _, sql := range []string{
		`insert into customers (id, name) values (1, '王小明'), (2, '陳美玲')`,
		`insert into customer_phones values ('+886912345678', 1), ('+886911111111', 2)`,
		`insert into products (id, name, name_en, price, category) values ('p', '鍋', 'pot', 640, 'kitchen')`,
		`insert into orders values ('HL261128-0001234', 1, '2026-11-28 17:00Z', 'p', 2, 1280, 'shipped'),
			('HL261127-0005678', 2, '2026-11-27 01:00Z', 'p', 1, 640, 'returned'),
			('HL261126-0021234', 1, '2026-11-26 01:00Z', 'p', 1, 640, 'placed')`,
	} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	s, err := services.New(services.Config{"orders": {Demo: services.DemoOrders}}, db, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ digits, phone, result, status, on string }{
		{"01234", "+886912345678", ivr.Found, "shipped", "2026-11-29"}, // in Taipei
		{"1234", "+886912345678", ivr.Missing, "", ""},                 // two of them
		{"5678", "+886911111111", ivr.Found, "returned", "2026-11-27"},
		{"5678", "+886912345678", ivr.Missing, "", ""}, // somebody else's
		{"5678", "", ivr.Missing, "", ""},
		{"2611270005678", "", ivr.Found, "returned", "2026-11-27"}, // all of it, from anywhere
		{"678", "+886911111111", ivr.Missing, "", ""},
		{"%%%%", "+886911111111", ivr.Missing, "", ""},
	} {
		got, err := s.Do(t.Context(), services.Errand{Service: "orders", Fields: map[string]string{"order_no": tt.digits, "phone": tt.phone}})
		if err != nil || got.Result != tt.result || got.Values["status"] != tt.status || got.Values["on"] != tt.on {
			t.Errorf("%s from %q: %+v, %v", tt.digits, tt.phone, got, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := s.Do(ctx, services.Errand{Service: "orders", Fields: map[string]string{"order_no": "1234"}}); !errors.Is(err, context.Canceled) || got.Result != ivr.Failed {
		t.Errorf("without a database: %+v, %v", got, err)
	}
}
