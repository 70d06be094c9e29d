package exchange

import (
	"testing"
	"time"

	"hotline/campaign"
	"hotline/cti"
	"hotline/internal/asterisk"
	"hotline/internal/calendar"
	"hotline/internal/pg/pgtest"
	"hotline/ivr"
)

// The row of a call that a campaign made settles its contact in the same transaction, also when it waited on disk or when the call
// ended while no controller lived.
func TestTheRowOfAMadeCallSettlesItsContact(t *testing.T) {
	ctx, pool := t.Context(), pgtest.Pool(t)
	s, campaigns := NewStore(pool, &finishes{}), campaign.NewStore(pool)
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	day := calendar.DateOf(at)
	_, err := campaigns.Create(ctx, campaign.Campaign{
		ID: "spring", Name: "Spring", Survey: "csat", Way: campaign.Outbound, From: day, To: day, Lang: "zh-TW", Hours: calendar.Hours{{From: 0, To: 24 * 60}},
		Zone: "UTC", Most: 3, Ring: 20, AtOnce: 9, PerSec: 9,
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := []campaign.Row{{Row: 1, Phone: "+886912345671"}, {Row: 2, Phone: "+886912345672"}, {Row: 3, Phone: "+886912345673"}, {Row: 4, Phone: "+886912345674"}}
	if _, err := campaigns.Add(ctx, "spring", rows, at); err != nil {
		t.Fatal(err)
	}
	if _, err := campaigns.Start(ctx, "spring", at); err != nil {
		t.Fatal(err)
	}
	calls, err := campaigns.Claim(ctx, "spring", 4, at)
	if err != nil || len(calls) != 4 {
		t.Fatal(calls, err)
	}
	row := func(i int, asked *cti.Asked, ended time.Time) entry {
		sum := cti.Summary{Call: calls[i].Call, Line: "+886277001234", Campaign: "spring", Arrived: at, Ended: ended, Asked: asked}
		if !ended.IsZero() {
			sum.Outcome = cti.OutcomeHungUpFlow
		}
		return ledgerEntry(t, kindCall, at, callRow{Summary: sum, Number: calls[i].Phone})
	}
	answer := func(i int) entry {
		return ledgerEntry(t, kindAnswer, at, cti.SaveAnswer{Call: calls[i].Call, Survey: "csat", Version: "1", Question: "q", Value: 5, At: at, Campaign: "spring"})
	}
	asked, over := &cti.Asked{Survey: "csat", Version: "1"}, &cti.Asked{Survey: "csat", Version: "1", Over: true}
	end := at.Add(time.Minute)
	for range 2 {
		err := s.write(ctx, []entry{
			row(0, nil, time.Time{}), row(0, asked, time.Time{}), answer(0), row(0, over, end),
			row(1, asked, time.Time{}), answer(1), row(1, asked, end),
			row(2, asked, end),
			row(3, asked, time.Time{}), answer(3),
			ledgerEntry(t, kindOpen, end, openCalls{Live: []string{}, Before: end}),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	all, err := campaigns.Tables(ctx, "spring")
	if err != nil {
		t.Fatal(err)
	}
	if got := all[0].Counts; got[campaign.Complete] != 1 || got[campaign.Partial] != 2 || got[campaign.Silent] != 1 {
		t.Errorf("counts: %v", got)
	}
	var offered, started, finished, answers int
	err = pool.QueryRow(ctx, `select sum(offered), sum(started), sum(finished), (select sum(v5) from survey_days where way = 'outbound' and campaign = 'spring')
		from survey_offer_days where way = 'outbound' and campaign = 'spring'`).Scan(&offered, &started, &finished, &answers)
	if err != nil || offered != 4 || started != 3 || finished != 1 || answers != 3 {
		t.Errorf("%d offered, %d started, %d finished, %d answers, %v", offered, started, finished, answers, err)
	}
	_, attempts, err := campaigns.Contact(ctx, "spring", calls[0].ID)
	if err != nil || len(attempts) != 1 || attempts[0].Answered == nil || attempts[0].Result != campaign.Complete {
		t.Errorf("attempts: %+v, %v", attempts, err)
	}
}

func TestMadeCallsOfAChannel(t *testing.T) {
	args := append([]string{MadeArg, "HUMAN", "HUMAN-800-800"}, MadeFor("spring", "csat", ivr.Mandarin, "+886912345678", "+886277001234")...)
	m, ok := madeOf(asterisk.Channel{ID: "out-7-1", Args: args})
	if !ok || m.call != "out-7-1" || m.campaign != "spring" || m.survey != "csat" || m.lang != ivr.Mandarin || m.number != "+886912345678" || m.line != "+886277001234" {
		t.Errorf("%+v, %t", m, ok)
	}
	if _, ok := madeOf(asterisk.Channel{ID: "hl1-17.4", Args: args}); ok {
		t.Error("a caller's channel passes for a made one")
	}
	if _, ok := madeOf(asterisk.Channel{ID: "out-7-1", Args: []string{"+886800000123"}}); ok {
		t.Error("a number passes for what a call was made for")
	}
	for _, tt := range []struct {
		id, state, status string
		yes, entered      bool
	}{
		{"hl1-17.4", "Up", MadeAnswered, false, false},
		{"out-7-1", "Ringing", MadeAnswered, true, false},
		{"out-7-1", "Up", MadeAnswered, true, true},
		{"out-7-1", "Up", madeMachine, true, true},
		{"out-7-1", "Up", "HUMAN", false, false},
		{"out-7-1", "Up", "", true, false}, // being listened to
	} {
		ch := asterisk.Channel{ID: tt.id, State: tt.state, Args: append([]string{MadeArg, tt.status}, args[2:]...)}
		if tt.status == "" {
			ch.Args = nil
		}
		if yes, entered := notTaken(ch); yes != tt.yes || entered != tt.entered {
			t.Errorf("%+v: %t, %t", tt, yes, entered)
		}
	}
}
