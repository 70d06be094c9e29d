package exchange

import (
	"context"
	"fmt"
	"time"

	"hotline/cti"
)

// checkTime is how long it may take to see whether a caller is to be spared; a talk lasts longer.
const checkTime = 5 * time.Second

// checkSurvey sees whether the caller is to be spared a survey, beside the talk. Who cannot be looked up is not spared: the share
// holds all the same.
func (x *Exchange) checkSurvey(cmd cti.CheckSurvey) {
	number := ""
	if l := x.calls[cmd.Call]; l != nil {
		number = l.number
	}
	go func() {
		ctx, cancel := context.WithTimeout(x.running, checkTime)
		defer cancel()
		spared, err := x.Store.spared(ctx, cmd, number)
		if err != nil {
			x.Log.Warn("see whether a caller was asked lately", "call", cmd.Call, "queue", cmd.Queue, "agent", cmd.Agent, "err", err)
		}
		x.Submit(cti.SurveyChecked{Call: cmd.Call, Leg: cmd.Leg, Spared: spared && err == nil})
	}()
}

// spared says whether enough callers of the agent or the queue were asked today, or this one lately: by number, or as a customer.
func (s *Store) spared(ctx context.Context, cmd cti.CheckSurvey, number string) (spared bool, err error) {
	err = s.pool.QueryRow(ctx, `
		with rule as (select * from survey_rules where queue_id = $1),
		today as (
			select coalesce(sum(offered) filter (where agent_id = $2), 0) as agent, coalesce(sum(offered) filter (where queue_id = $1), 0) as queue
			from survey_offer_days where survey = $3 and day = local_day(now()))
		select coalesce((select
			agent_a_day > 0 and today.agent >= agent_a_day or queue_a_day > 0 and today.queue >= queue_a_day
			or rest_days > 0 and (
				$4 <> '' and exists (select from calls c join survey_offers o on o.call_id = c.id
					where c.caller_e164 = $4 and c.arrived_at > now() - make_interval(days => rest_days + 1)
						and o.survey = $3 and o.offered_at > now() - make_interval(days => rest_days))
				or exists (select from contacts k join survey_offers o on o.call_id = k.call_id
					where k.customer_id = any($5) and k.at > now() - make_interval(days => rest_days + 1)
						and o.survey = $3 and o.offered_at > now() - make_interval(days => rest_days)))
			from rule, today), false)`,
		cmd.Queue, cmd.Agent, cmd.Survey, number, cmd.Customers).Scan(&spared)
	if err != nil {
		return false, fmt.Errorf("look for surveys that were offered: %w", err)
	}
	return spared, nil
}
