package notify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/internal/notify"
	"hotline/internal/pg/pgtest"
)

// provider fails as it is told, in turn, and then takes everything.
type provider struct {
	fails   []error
	sent    []string
	repeats bool
	before  func()
}

func (p *provider) Repeats() bool { return p.repeats }

func (p *provider) Send(_ context.Context, m notify.Message) (string, error) {
	if p.before != nil {
		p.before()
	}
	if len(p.fails) > 0 {
		err := p.fails[0]
		p.fails = p.fails[1:]
		return "", err
	}
	p.sent = append(p.sent, m.Body)
	return "r1", nil
}

type rig struct {
	*notify.Post
	t    *testing.T
	pool *pgxpool.Pool
	p    *provider
	now  time.Time
	log  bytes.Buffer
}

func newRig(t *testing.T) *rig {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Taipei")
	if err != nil {
		t.Fatal(err)
	}
	pool := pgtest.Pool(t)
	r := &rig{t: t, pool: pool, p: &provider{}, now: time.Date(2026, 3, 4, 10, 0, 0, 0, zone)}
	r.Post = &notify.Post{
		Store: notify.NewStore(pool), Senders: map[notify.Channel]notify.Sender{notify.SMS: r.p}, Zone: zone,
		Log: slog.New(slog.NewTextHandler(&r.log, nil)), Now: func() time.Time { return r.now },
	}
	return r
}

func (r *rig) add(key string) (number int64) {
	r.t.Helper()
	err := pgx.BeginFunc(r.t.Context(), r.pool, func(tx pgx.Tx) (err error) {
		number, err = notify.Add(r.t.Context(), tx, notify.New{
			Key: key, Channel: notify.SMS, To: "+886912345678", Body: "hello " + key, About: notify.AboutSurvey, Call: "c1", Expires: r.now.Add(48 * time.Hour),
		})
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return number
}

func (r *rig) is(number int64, want string) {
	r.t.Helper()
	var got string
	err := r.pool.QueryRow(r.t.Context(), `select state || ' ' || attempts || ' ' || (case when body = '' then 'forgotten' else 'kept' end) || ' ' || fault || ' ' || error
		from messages where id = $1`, number).Scan(&got)
	if err != nil || strings.Join(strings.Fields(got), " ") != want {
		r.t.Errorf("message %d is %q (%v), want %q", number, got, err, want)
	}
}

func (r *rig) again(number int64) error {
	return pgx.BeginFunc(r.t.Context(), r.pool, func(tx pgx.Tx) error {
		_, err := notify.Again(r.t.Context(), tx, number, r.now)
		return err
	})
}

func TestAMessageIsSentOnce(t *testing.T) {
	r := newRig(t)
	first := r.add("a")
	if twin := r.add("a"); twin != 0 {
		t.Errorf("the same message is number %d, too", twin)
	}
	for range 3 {
		if err := r.Deliver(t.Context(), first, false); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.p.sent) != 1 {
		t.Errorf("sent %q", r.p.sent)
	}
	r.is(first, "sent 1 forgotten")
	if strings.Contains(r.log.String(), "912345678") {
		t.Errorf("the log names a number: %s", r.log.String())
	}
	if err := r.Deliver(t.Context(), 99, false); err != nil {
		t.Error("a message that is gone:", err)
	}
}

func TestAMessageIsTriedAgainAndGivenUp(t *testing.T) {
	r := newRig(t)
	busy := &notify.Failure{Fate: notify.Later, Fault: notify.Busy, Why: "busy"}
	r.p.fails = []error{busy, busy, busy}
	m := r.add("a")
	if err := r.Deliver(t.Context(), m, false); !errors.Is(err, busy) {
		t.Error(err)
	}
	r.is(m, "waiting 1 kept busy busy")
	if err := r.Deliver(t.Context(), m, false); !errors.Is(err, busy) {
		t.Error(err)
	}
	if err := r.Deliver(t.Context(), m, true); err != nil {
		t.Error(err)
	}
	r.is(m, "failed 3 kept busy busy")
	if err := r.again(m); err != nil {
		t.Error(err)
	}
	if err := r.Deliver(t.Context(), m, false); err != nil {
		t.Error(err)
	}
	r.is(m, "sent 4 forgotten")
	var refused *notify.Refusal
	if err := r.again(m); !errors.As(err, &refused) || refused.Code != notify.RefusedState {
		t.Error(err)
	}
	n := r.add("b")
	r.p.fails = []error{&notify.Failure{Fate: notify.Never, Fault: notify.Refused, Why: "no such number"}}
	if err := r.Deliver(t.Context(), n, false); err != nil {
		t.Error(err)
	}
	r.is(n, "failed 1 kept refused no such number")
	r.now = r.now.Add(72 * time.Hour)
	if err := r.again(n); !errors.As(err, &refused) || refused.Code != notify.RefusedGone {
		t.Error(err)
	}
}

// What may have been sent is not sent again, unless the provider knows it by its key, or a person says so.
func TestWhatMayHaveBeenSentIsNotSentAgain(t *testing.T) {
	r := newRig(t)
	r.p.fails = []error{&notify.Failure{Fate: notify.Unknown, Fault: notify.Unclear, Why: "silent"}}
	m := r.add("a")
	if err := r.Deliver(t.Context(), m, false); err != nil {
		t.Error(err)
	}
	r.is(m, "unsure 1 kept unclear silent")
	if err := r.Deliver(t.Context(), m, false); err != nil || len(r.p.sent) != 0 {
		t.Error(err, r.p.sent)
	}
	// A worker that died in the middle.
	n := r.add("b")
	if _, err := r.pool.Exec(t.Context(), `update messages set state = 'sending', attempts = 1 where id = $1`, n); err != nil {
		t.Fatal(err)
	}
	if err := r.Deliver(t.Context(), n, false); err != nil || len(r.p.sent) != 0 {
		t.Error(err, r.p.sent)
	}
	r.is(n, "unsure 1 kept unclear an attempt broke off, and nobody knows whether it was sent")
	if err := r.again(n); err != nil {
		t.Error(err)
	}
	r.p.repeats = true
	if _, err := r.pool.Exec(t.Context(), `update messages set state = 'sending', attempts = 2 where id = $1`, n); err != nil {
		t.Fatal(err)
	}
	if err := r.Deliver(t.Context(), n, false); err != nil || len(r.p.sent) != 1 {
		t.Error(err, r.p.sent)
	}
	r.is(n, "sent 3 forgotten")
}

// A twin finds the first one sending: it sends nothing, and the first one's knowledge counts.
func TestTwinsSendOnce(t *testing.T) {
	r := newRig(t)
	m := r.add("a")
	r.p.before = func() {
		r.p.before = nil
		if err := r.Deliver(t.Context(), m, false); err != nil {
			t.Error(err)
		}
		r.is(m, "unsure 1 kept unclear an attempt broke off, and nobody knows whether it was sent")
	}
	if err := r.Deliver(t.Context(), m, false); err != nil {
		t.Error(err)
	}
	r.is(m, "sent 1 forgotten")
	if len(r.p.sent) != 1 {
		t.Errorf("sent %q", r.p.sent)
	}
}

func TestMessagesKeepTheHours(t *testing.T) {
	r := newRig(t)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, r.Zone) }
	for _, tt := range []struct{ now, next time.Time }{
		{at(4, 9, 0), at(4, 9, 0)}, {at(4, 20, 59), at(4, 20, 59)}, {at(4, 21, 0), at(5, 9, 0)}, {at(4, 8, 59), at(4, 9, 0)}, {at(31, 23, 0), at(32, 9, 0)},
	} {
		if got := notify.DefaultHours.Next(tt.now, r.Zone); !got.Equal(tt.next) {
			t.Errorf("at %s: %s, want %s", tt.now, got, tt.next)
		}
	}
	m := r.add("a")
	r.now = at(4, 21, 30)
	var later *notify.LaterError
	if err := r.Deliver(t.Context(), m, false); !errors.As(err, &later) || !later.At.Equal(at(5, 9, 0)) || len(r.p.sent) != 0 {
		t.Error(err, r.p.sent)
	}
	r.is(m, "waiting 0 kept")
	if err := r.Store.SetHours(t.Context(), notify.Hours{From: 0, To: 1440}); err != nil {
		t.Fatal(err)
	}
	if err := r.Deliver(t.Context(), m, false); err != nil || len(r.p.sent) != 1 {
		t.Error(err)
	}
	n := r.add("b")
	r.now = r.now.Add(49 * time.Hour)
	if err := r.Deliver(t.Context(), n, false); err != nil || len(r.p.sent) != 1 {
		t.Error(err)
	}
	r.is(n, "failed 0 kept late it came too late to be sent")
}

func TestTheMailbox(t *testing.T) {
	r := newRig(t)
	senders, err := notify.Open(notify.Config{SMS: "mailbox"}, r.Store)
	if err != nil {
		t.Fatal(err)
	}
	r.Senders = senders
	for i := range 3 {
		if err := r.Deliver(t.Context(), r.add(fmt.Sprint(i)), false); err != nil {
			t.Fatal(err)
		}
	}
	page, err := r.Store.Mailbox(t.Context(), 0, 2)
	if err != nil || len(page) != 2 || page[0].Body != "hello 2" || page[0].To != "+886912345678" {
		t.Fatal(page, err)
	}
	if page, err = r.Store.Mailbox(t.Context(), page[1].ID, 2); err != nil || len(page) != 1 || page[0].Body != "hello 0" {
		t.Fatal(page, err)
	}
	if err := pgx.BeginFunc(t.Context(), r.pool, func(tx pgx.Tx) error { return notify.Erase(t.Context(), tx, "c1.2") }); err != nil {
		t.Fatal(err)
	}
	if page, err = r.Store.Mailbox(t.Context(), 0, 9); err != nil || len(page) != 0 {
		t.Error(page, err)
	}
	var left int
	if err := r.pool.QueryRow(t.Context(), `select count(*) from messages where recipient <> '' or body <> ''`).Scan(&left); err != nil || left != 0 {
		t.Error(left, err)
	}
	if err := r.Store.Forget(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Error(err)
	}
	if stuck, err := r.Store.Stuck(t.Context(), 0, 9); err != nil || len(stuck) != 0 {
		t.Error(stuck, err)
	}
}

func TestMessagesThatWereLeftLyingAreFound(t *testing.T) {
	r := newRig(t)
	m := r.add("a")
	for quiet, want := range map[time.Duration]int{0: 1, time.Hour: 0} {
		if found, err := r.Store.Stuck(t.Context(), quiet, 9); err != nil || len(found) != want || want == 1 && found[0] != m {
			t.Error(quiet, found, err)
		}
	}
}

func TestMask(t *testing.T) {
	for to, want := range map[string]string{"+886912345678": "+88691****678", "amy.lee@example.org": "a***@example.org", "": ""} {
		if got := notify.Mask(to); got != want {
			t.Errorf("%q: %q, want %q", to, got, want)
		}
	}
}

func TestFaultsOfTheConfiguration(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		c    notify.Config
		want []string
	}{
		"nothing":        {notify.Config{}, nil},
		"mailbox":        {notify.Config{SMS: "mailbox", Mail: "mailbox"}, nil},
		"unknown":        {notify.Config{SMS: "pigeon", Mail: "pigeon"}, []string{"sms: ", "mail: "}},
		"empty smtp":     {notify.Config{Mail: "smtp"}, []string{"smtp.addr: ", "smtp.from: "}},
		"open smtp":      {notify.Config{Mail: "smtp", SMTP: notify.SMTPConfig{Addr: "a.example:25", Security: "none", From: "a@a.example"}}, []string{"smtp.security: "}},
		"no user":        {notify.Config{Mail: "smtp", SMTP: notify.SMTPConfig{Addr: "127.0.0.1:25", Security: "none", From: "a@a.example", Password: "x"}}, []string{"smtp.user: "}},
		"no secret":      {notify.Config{Mail: "smtp", SMTP: notify.SMTPConfig{Addr: "a.example:25", From: "a@a.example", User: "u", PasswordFile: empty, CAFile: empty}}, []string{"smtp.password_file: ", "smtp.ca_file: "}},
		"empty http":     {notify.Config{SMS: "http"}, []string{"http.url: "}},
		"open http":      {notify.Config{SMS: "http", HTTP: notify.HTTPConfig{URL: "http://a.example"}}, []string{"http.url: "}},
		"bad template":   {notify.Config{SMS: "http", HTTP: notify.HTTPConfig{URL: "https://a.example", Body: "{{.Nonsense}}"}}, []string{"http.body: "}},
		"bad expression": {notify.Config{SMS: "http", HTTP: notify.HTTPConfig{URL: "https://a.example", Receipt: "id"}}, []string{"http.receipt: "}},
		"two secrets":    {notify.Config{SMS: "http", HTTP: notify.HTTPConfig{URL: "https://a.example", Secret: "x", SecretFile: empty, Method: "PUT", Status: []int{7}}}, []string{"http.secret_file: ", "http.method: ", "http.status: "}},
	} {
		got := tt.c.Check()
		ok := len(got) == len(tt.want)
		for i := 0; ok && i < len(got); i++ {
			ok = strings.HasPrefix(got[i], tt.want[i])
		}
		if !ok {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
