package jobs

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/internal/notify"
	"hotline/internal/pg/pgtest"
	"hotline/ivr/survey"
)

// Whoever hung up first gets one link, where they can be reached.
func TestALinkFollowsACall(t *testing.T) {
	ctx, pool := t.Context(), pgtest.Pool(t)
	in, err := NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := pool.Exec(ctx, sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`insert into customers (id, name, email) values (1, '王', null), (2, '李', 'li@example.org'), (3, '陳', null)`)
	exec(`insert into customer_phones (e164, customer_id) values ('+886227001234', 1), ('+886912000001', 1), ('+886912000003', 3)`)
	exec(`insert into do_not_call (phone, why, added_by) values ('+886912000009', 'asked', 'u1'), ('+886912000003', 'asked', 'u1')`)
	exec(`insert into queues (id, name_zh, name_en) values ('order', 'o', 'o')`)
	exec(`insert into survey_rules (queue_id, link, link_days) values ('order', true, 2)`)
	for _, c := range []struct {
		id, number string
		anonymous  bool
		customer   int
	}{
		{"mobile", "+886912345678", false, 0},
		{"landline", "+886227001234", false, 1},
		{"mail", "+886227009999", false, 2},
		{"hidden", "+886912345678", true, 0},
		{"listed", "+886912000009", false, 0},
		{"all-listed", "+886227005555", false, 3},
		{"nobody", "+81312345678", false, 0},
	} {
		exec(`insert into calls (id, line, flow, arrived_at, caller_e164, anonymous, customer_id, queue_id, agent_id, answered_at)
			values ($1, '1', 'main', now(), $2, $3, nullif($4, 0), 'order', 'u1', now())`, c.id, c.number, c.anonymous, c.customer)
	}
	now := time.Now()
	link := func(call string, lang survey.Lang) {
		t.Helper()
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			return in.SurveyLink(ctx, tx, id.CallID(call), "after-call", "v", lang, now)
		})
		if err != nil {
			t.Error(call, err)
		}
	}
	link("mobile", survey.Mandarin)
	var none int
	if err := pool.QueryRow(ctx, `select count(*) from messages`).Scan(&none); err != nil || none != 0 {
		t.Error("sent where nothing can be", none, err)
	}
	in.Links = Links{Base: "https://hotline.example.com/", Firm: "好日生活", Channels: []notify.Channel{notify.SMS, notify.Mail}}
	for range 2 { // the call's row is written again from the spool
		for _, call := range []string{"mobile", "landline", "mail", "hidden", "listed", "all-listed", "nobody", "unheard-of"} {
			link(call, map[bool]survey.Lang{true: survey.English, false: survey.Mandarin}[call == "mail"])
		}
	}
	rows, err := pool.Query(ctx, `select call_id || ' ' || channel || ' ' || recipient || ' ' || body from messages order by id`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"mobile sms +886912345678 【好日生活】感謝您的來電", "landline sms +886912000001 ", "mail mail li@example.org 好日生活: Thank you",
	} {
		if len(got) != 3 || !strings.HasPrefix(got[i], want) || !strings.Contains(got[i], "https://hotline.example.com/s/") {
			t.Errorf("%q, want %s", got, want)
		}
	}
	var counts string
	err = pool.QueryRow(ctx, `select (select count(*) from survey_links where expires_at = $1) || ' links ' || (select count(*) from river_job where kind = 'send_message') || ' jobs '
		|| (select sum(offered) from survey_offer_days where occasion = 'link' and way = 'link' and agent_id = 'u1') || ' offers'`, now.Add(48*time.Hour).Truncate(time.Microsecond)).Scan(&counts)
	if err != nil || counts != "3 links 3 jobs 3 offers" {
		t.Error(counts, err)
	}
}
