package campaign

import (
	"context"
	"fmt"
	"time"
)

// dueSQL chooses the contacts k of the running campaign c that are next, the first due first: $1 is its name, $2 the time, $3 how
// many. Whoever is on the line for another campaign waits, since that may come to an answer.
const dueSQL = `k.campaign = $1 and c.state = 'running' and k.state = 'waiting' and k.due <= $2 and (c.way = 'link' or k.phone <> '')
	and not exists (select from campaign_contacts o where o.phone = k.phone and k.phone <> '' and o.state = 'dialling')
	order by k.due, k.id limit $3`

// askedSQL says whether contact k answered at least one question of any survey since d.since: with their number, as a customer
// who has it, or in a campaign, whose links belong to no call. A link can be answered for 90 days after its call.
const askedSQL = `(
	k.phone <> '' and (
		exists (select from calls a join survey_offers o on o.call_id = a.id
			where a.caller_e164 = k.phone and a.arrived_at > d.since - interval '91 days' and o.started_at > d.since)
		or exists (select from customer_phones p join contacts a on a.customer_id = p.customer_id join survey_offers o on o.call_id = a.call_id
			where p.e164 = k.phone and a.at > d.since - interval '91 days' and o.started_at > d.since)
		or exists (select from campaign_contacts o where o.phone = k.phone and o.phone <> '' and o.state in ('complete', 'partial') and o.settled_at > d.since))
	or k.mail <> '' and exists (select from campaign_contacts o
		where o.mail = k.mail and o.mail <> '' and o.state in ('complete', 'partial') and o.settled_at > d.since))`

// Who is next is looked at in batches, since whoever is settled makes room for the one behind.
const (
	restBatch   = 100
	restBatches = 20
)

// restAsked settles those of the next contacts of a campaign who answered a survey within its RestDays. looked is false when so
// many were settled that nobody has looked at those behind yet: they are for the next time.
func restAsked(ctx context.Context, db Querier, campaign string, next int, now time.Time) (looked bool, err error) {
	for range restBatches {
		tag, err := db.Exec(ctx, `with due as (
				select k.id, $2::timestamptz - make_interval(days => c.rest_days) as since from campaign_contacts k
				join survey_campaigns c on c.id = k.campaign where c.rest_days > 0 and `+dueSQL+`)
			update campaign_contacts k set state = 'recently_asked', settled_at = $2
			from due d where k.id = d.id and k.state = 'waiting' and `+askedSQL, campaign, now, next)
		if err != nil {
			return false, fmt.Errorf("look for contacts of %s who were asked lately: %w", campaign, err)
		}
		if tag.RowsAffected() == 0 {
			return true, nil
		}
		next = max(next, restBatch)
	}
	return false, nil
}
