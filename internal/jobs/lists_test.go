package jobs

import (
	"log/slog"
	"testing"
	"time"

	"hotline/campaign"
	"hotline/internal/pg/pgtest"
)

// The job erases what the setting says: of two campaigns, the one that ended longer ago than so many days.
func TestListsAreForgottenAfterTheDaysOfTheSetting(t *testing.T) {
	pool := pgtest.Pool(t)
	for id, days := range map[string]int{"old": 31, "new": 29} {
		ended := time.Now().AddDate(0, 0, -days)
		if _, err := pool.Exec(t.Context(), `with c as (insert into survey_campaigns (id, name, survey, way, from_day, to_day, state, finished_at)
				values ($1, $1, 'csat', 'outbound', '2026-01-01', '2026-01-31', 'finished', $2) returning id)
			insert into campaign_contacts (campaign, row, phone, name, state, settled_at) select id, 1, '+886912000001', '王大明', 'complete', $2 from c`, id, ended); err != nil {
			t.Fatal(err)
		}
	}
	w := &forgetWorker{lists: &Lists{Campaigns: campaign.NewStore(pool), Days: 30}, log: slog.New(slog.DiscardHandler)}
	if err := w.Work(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	var known string
	if err := pool.QueryRow(t.Context(), `select string_agg(campaign || phone || name, ',') from campaign_contacts where concat(phone, name) <> ''`).Scan(&known); err != nil || known != "new+886912000001王大明" {
		t.Errorf("known are still %q, %v", known, err)
	}
}
