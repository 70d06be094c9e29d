package jobs

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/campaign"
	"hotline/internal/calendar"
	"hotline/internal/notify"
	"hotline/internal/pg/pgtest"
	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flows"
	"hotline/ivr/flowstore"
	"hotline/surveylink"
)

// A campaign writes to its list at its pace and within its hours; its table says what came of everybody.
func TestACampaignOfLinks(t *testing.T) {
	ctx, pool := t.Context(), pgtest.Pool(t)
	in, err := NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	in.Links = Links{Base: "https://hotline.example.com", Firm: "好日生活", Channels: []notify.Channel{notify.SMS, notify.Mail}}
	set, err := flowfile.LoadFS(ivr.Known{}, flows.FS)
	if err != nil {
		t.Fatal(err)
	}
	surveys := flowstore.NewStore(pool)
	if _, err := surveys.Seed(ctx, set); err != nil {
		t.Fatal(err)
	}
	store := campaign.NewStore(pool)
	zone := time.FixedZone("Asia/Taipei", 8*3600)
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, zone)
	day := calendar.DateOf(now)
	span, err := calendar.ParseSpan("09:00-18:00")
	if err != nil {
		t.Fatal(err)
	}
	c, err := store.Create(ctx, campaign.Campaign{
		ID: "spring", Name: "春季", Survey: "after-call", Way: campaign.Link, From: day, To: day, Lang: "zh-TW", Hours: calendar.Hours{span}, Zone: "Asia/Taipei",
		Most: 1, Ring: 30, AtOnce: 1, PerSec: 0.2,
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := []campaign.Row{
		{Row: 1, Phone: "+886912000001"}, {Row: 2, Phone: "+886227001234", Mail: "li@example.org", Lang: "en"}, {Row: 3, Phone: "+886227005678"}, {Row: 4, Phone: "+886912000004"},
	}
	if _, err := store.Add(ctx, c.ID, rows, now); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Start(ctx, c.ID, now); err != nil {
		t.Fatal(err)
	}
	l := &Letters{
		DB: pool, Campaigns: store, Surveys: surveys, Out: in, Log: slog.New(slog.DiscardHandler),
		Opening: func(context.Context) (func(string) *calendar.Calendar, error) {
			return func(string) *calendar.Calendar { return nil }, nil
		},
	}
	send := func(at time.Time, messages int) {
		t.Helper()
		if err := l.Send(ctx, at, 10*time.Second); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := pool.QueryRow(ctx, `select count(*) from messages`).Scan(&n); err != nil || n != messages {
			t.Errorf("at %s: %d messages (%v), want %d", at, n, err, messages)
		}
	}
	send(now.Add(-2*time.Hour), 0) // before its hours
	send(now, 2)                   // two in ten seconds
	send(now.Add(10*time.Second), 3)
	send(now.Add(20*time.Second), 3)
	var bodies string
	if err := pool.QueryRow(ctx, `select string_agg(channel || ' ' || recipient || ' ' || split_part(body, 'http', 1), '; ' order by id) from messages`).Scan(&bodies); err != nil ||
		bodies != "sms +886912000001 【好日生活】想聽聽您的意見，邀請您填寫問卷，約需一分鐘：; mail li@example.org 好日生活: We would like your opinion. Our survey takes a minute: ; sms +886912000004 【好日生活】想聽聽您的意見，邀請您填寫問卷，約需一分鐘：" {
		t.Errorf("%s %v", bodies, err)
	}
	l.answers(t, "+886912000001", now)
	if _, err := pool.Exec(ctx, `update messages set state = 'failed' where recipient = '+886912000004'`); err != nil {
		t.Fatal(err)
	}
	send(now.Add(30*time.Second), 3)
	tables, err := store.Tables(ctx, c.ID)
	if err != nil || len(tables) != 1 {
		t.Fatal(tables, err)
	}
	got := tables[0]
	if got.Contacts != 4 || got.Answered != 1 || got.Counts[campaign.Complete] != 1 || got.Counts[campaign.Sent] != 1 || got.Counts[campaign.Failed] != 2 {
		t.Errorf("%+v", got)
	}
	var offered string
	err = pool.QueryRow(ctx, `select sum(offered) || ' offered ' || sum(started) || ' started ' || sum(finished) || ' finished' from survey_offer_days
		where campaign = 'spring' and way = 'link' and occasion = ''`).Scan(&offered)
	if err != nil || offered != "3 offered 1 started 1 finished" {
		t.Error(offered, err)
	}
}

// answers gives the first question and then all of the survey whose link went to a number.
func (l *Letters) answers(t *testing.T, number string, now time.Time) {
	t.Helper()
	var body string
	if err := l.DB.QueryRow(t.Context(), `select body from messages where recipient = $1`, number).Scan(&body); err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(body, "/s/")
	v, err := l.Surveys.Live(t.Context(), flowstore.Key{Kind: flowstore.KindSurvey, Name: "after-call"})
	if err != nil {
		t.Fatal(err)
	}
	file, _ := flowfile.Parse([]byte(v.YAML))
	links := surveylink.NewStore(l.DB)
	for i, q := range file.Survey.Questions {
		over, err := links.Answer(t.Context(), file.Survey, surveylink.Given{Token: token, Question: q.ID, Value: 5}, l.Out, now)
		if last := i == len(file.Survey.Questions)-1; err != nil || over != last {
			t.Fatal(over, err)
		}
		var state string
		if err := l.DB.QueryRow(t.Context(), `select state from campaign_contacts where phone = $1`, number).Scan(&state); err != nil || state != map[bool]string{true: "complete", false: "partial"}[over] {
			t.Errorf("after %s the contact is %s (%v)", q.ID, state, err)
		}
	}
	var tx pgx.Tx
	if err := l.Out.Answered(t.Context(), tx, "hl1-1-2", true, now); err != nil {
		t.Error("a link after a call:", err)
	}
}
