package web

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/internal/notify"
)

func (f *fixture) message(key, call string, state notify.State) int64 {
	f.t.Helper()
	var number int64
	err := pgx.BeginFunc(f.t.Context(), f.DB, func(tx pgx.Tx) (err error) {
		number, err = notify.Add(f.t.Context(), tx, notify.New{
			Key: key, Channel: notify.SMS, To: "+886912345678", Body: "secret", About: notify.AboutSurvey, Call: call, Expires: f.now().Add(time.Hour),
		})
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.exec(`update messages set state = $2, fault = 'busy', error = 'answered 429' where id = $1`, number, state)
	return number
}

func TestMessagesCanBeSeenAndSentAgain(t *testing.T) {
	f := office(t)
	sent, failed := f.message("a", "c1", notify.Sent), f.message("b", "c4", notify.Failed)
	sue, ada := f.as("u3"), f.as("u5")
	page := get[list[Message]](ada, "/api/v1/messages")
	if len(page.Items) != 2 || page.Items[0].To != "0912-***-678" || page.Items[0].State != notify.Failed || page.Items[0].Fault != notify.Busy || page.Items[0].Error != "answered 429" {
		t.Fatalf("%+v", page.Items)
	}
	if next := get[list[Message]](ada, "/api/v1/messages?limit=1"); len(next.Items) != 1 || next.Next == "" ||
		len(get[list[Message]](ada, "/api/v1/messages?limit=1&after="+next.Next).Items) != 1 {
		t.Errorf("%+v", next)
	}
	if mine := get[list[Message]](sue, "/api/v1/messages"); len(mine.Items) != 1 || mine.Items[0].CallID != "c1" {
		t.Errorf("a team sees %+v", mine.Items)
	}
	for query, want := range map[string]int{"state=sent": 1, "channel=mail": 0, "call=c4": 1} {
		if got := get[list[Message]](ada, "/api/v1/messages?"+query); len(got.Items) != want {
			t.Errorf("%s: %+v", query, got.Items)
		}
	}
	if got := get[list[Message]](ada, "/api/v1/messages?to="+f.now().Add(-time.Hour).UTC().Format(time.RFC3339)); len(got.Items) != 0 {
		t.Errorf("before there were any: %+v", got.Items)
	}
	path := func(number int64) string { return fmt.Sprintf("/api/v1/messages/%d/again", number) }
	sue.want(404, "not_found", "POST", path(failed), nil)
	ada.want(409, "message_state", "POST", path(sent), nil)
	ada.want(204, "", "POST", path(failed), nil)
	ada.want(409, "message_state", "POST", path(failed), nil)
	if n := count(f, `select count(*) from river_job where kind = 'send_message'`); n != 1 {
		t.Errorf("%d jobs", n)
	}
	again := get[Message](ada, fmt.Sprintf("/api/v1/messages/%d", failed))
	if again.State != notify.Waiting || again.NextAt == nil || again.Fault != "" || again.Error != "" {
		t.Errorf("sent again: %+v", again)
	}
	if n := count(f, fmt.Sprintf(`select count(*) from access_log where action = 'change' and object = 'message:%d' and user_id = 'u5'`, failed)); n != 1 {
		t.Errorf("%d entries in the access log", n)
	}
	f.exec(`update messages set state = 'failed' where id = $1`, failed)
	f.clock.pass(2 * time.Hour)
	f.as("u5").want(409, "message_gone", "POST", path(failed), nil)
}

func TestWhomAMessageIsForIsRevealedAndLogged(t *testing.T) {
	f := office(t)
	mine, other := f.message("a", "c1", notify.Sent), f.message("b", "c4", notify.Sent)
	path := func(number int64, reveal bool) string {
		return fmt.Sprintf("/api/v1/messages/%d?reveal=%v", number, reveal)
	}
	sue := f.as("u3")
	if m := get[Message](sue, path(mine, false)); m.To != "0912-***-678" {
		t.Errorf("masked: %q", m.To)
	}
	if n := count(f, `select count(*) from access_log where action = 'reveal_customer'`); n != 0 {
		t.Errorf("%d reveals before there was one", n)
	}
	if m := get[Message](sue, path(mine, true)); m.To != "+886912345678" {
		t.Errorf("revealed: %q", m.To)
	}
	sue.want(404, "not_found", "GET", path(other, true), nil)
	if n := count(f, `select count(*) from access_log where action = 'reveal_customer'`); n != 1 {
		t.Errorf("%d reveals in the access log", n)
	}
}

func TestTheMailboxIsThereWhereItIsConfigured(t *testing.T) {
	f := newFixture(t)
	f.user("u3", "sue", RoleSupervisor, ScopeTeam, "blue")
	f.as("u3").want(404, "no_mailbox", "GET", "/api/v1/mailbox", nil)
	f.Mailbox = true
	number := f.message("a", "", notify.Sent)
	f.exec(`insert into mailbox (message_id, channel, recipient, subject, body) values ($1, 'sms', '+886912345678', '', 'https://a.example/s/x')`, number)
	page := get[list[MailboxMessage]](f.as("u3"), "/api/v1/mailbox")
	if len(page.Items) != 1 || page.Items[0].To != "+886912345678" || page.Items[0].Body != "https://a.example/s/x" || page.Next != "" {
		t.Errorf("%+v", page)
	}
	f.as("u3").want(422, "invalid", "GET", "/api/v1/mailbox?after=x", nil)
	if m := get[Meta](f.browser(), "/api/v1/meta"); !m.Mailbox {
		t.Error("the app is not told")
	}
}
