package demo

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Campaign is a campaign that is ready to be started: the demo company's customers take its calls (package callers).
const Campaign = "demo"

// campaignSize is how many customers the demo campaign calls.
const campaignSize = 40

// makeCampaign leaves a draft with a list.
func (w *world) makeCampaign(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `
		with made as (
			insert into survey_campaigns (id, name, survey, way, audience, list_rule, from_day, to_day, hours, ring, at_once, per_second, pauses, created_at)
			values ($1, '年度滿意度訪問', 'after-call', 'outbound', '一年內來電過的客戶', '有訂單，手機號碼', $2::text::date, $2::text::date + 60, '["00:00-24:00"]', 15, 4, 0.5,
				'{"busy": 2, "no_answer": 5, "machine": 10, "failed": 1}', $4)
			on conflict (id) do nothing returning id)
		insert into campaign_contacts (campaign, row, phone, name, ref, due, added_at)
		select made.id, row_number() over (order by p.e164) + 1, p.e164, k.name, 'C' || k.id, $4, $4
		from made, (select distinct on (e164) e164, customer_id from customer_phones where e164 ~ '^\+8869' order by e164, customer_id) p
		join customers k on k.id = p.customer_id order by p.e164 limit $3`, Campaign, w.Now.Format("2006-01-02"), campaignSize, w.Now)
	if err != nil {
		return fmt.Errorf("leave a campaign: %w", err)
	}
	return nil
}
