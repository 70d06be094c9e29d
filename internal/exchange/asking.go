package exchange

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti"
	"hotline/cti/id"
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
// A caller who is not spared holds a place of the day's limits until their offer is written or their call is over, so that of
// talks at the same time no more are asked than the limits allow.
func (s *Store) spared(ctx context.Context, cmd cti.CheckSurvey, number string) (spared bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Who counts and takes a place does so alone. First the queue, then the agent: nobody waits for a queue who holds an agent.
		for _, of := range []string{"queue " + string(cmd.Queue), "agent " + string(cmd.Agent)} {
			if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('survey_places ' || $2 || ' ' || $3, 0)) from survey_rules
				where queue_id = $1 and (agent_a_day > 0 or queue_a_day > 0)`, cmd.Queue, cmd.Survey, of); err != nil {
				return err
			}
		}
		// A statement of its own, which sees what was committed before the locks were had.
		if err := tx.QueryRow(ctx, checkPlace, cmd.Queue, cmd.Agent, cmd.Survey, number, cmd.Customers, cmd.Call).Scan(&spared); err != nil {
			return err
		}
		if spared {
			return leavePlace(ctx, tx, cmd.Call)
		}
		_, err := tx.Exec(ctx, `insert into survey_places (call_id, survey, queue_id, agent_id)
			select $1, $2, queue_id, $4 from survey_rules where queue_id = $3 and (agent_a_day > 0 or queue_a_day > 0)
			on conflict (call_id, survey) do update set queue_id = excluded.queue_id, agent_id = excluded.agent_id, at = excluded.at`,
			cmd.Call, cmd.Survey, cmd.Queue, cmd.Agent)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look for surveys that were offered: %w", err)
	}
	return spared, nil
}

// checkPlace counts what was offered today, and the places that other talks hold. A call that has ended holds none, even if its
// check came after its end.
const checkPlace = `
	with rule as (select * from survey_rules where queue_id = $1),
	today as (
		select coalesce(sum(offered) filter (where agent_id = $2), 0) as agent, coalesce(sum(offered) filter (where queue_id = $1), 0) as queue
		from survey_offer_days where survey = $3 and day = local_day(now())),
	held as (
		select count(*) filter (where agent_id = $2) as agent, count(*) filter (where queue_id = $1) as queue
		from survey_places p where p.survey = $3 and (p.agent_id = $2 or p.queue_id = $1) and p.call_id <> $6
			and p.at > now() - interval '12 hours'
			and not exists (select from calls c where c.id = p.call_id and c.ended_at is not null))
	select coalesce((select
		agent_a_day > 0 and today.agent + held.agent >= agent_a_day or queue_a_day > 0 and today.queue + held.queue >= queue_a_day
		or rest_days > 0 and (
			$4 <> '' and exists (select from calls c join survey_offers o on o.call_id = c.id
				where c.caller_e164 = $4 and c.arrived_at > now() - make_interval(days => rest_days + 1)
					and o.survey = $3 and o.offered_at > now() - make_interval(days => rest_days))
			or exists (select from contacts k join survey_offers o on o.call_id = k.call_id
				where k.customer_id = any($5) and k.at > now() - make_interval(days => rest_days + 1)
					and o.survey = $3 and o.offered_at > now() - make_interval(days => rest_days)))
		from rule, today, held), false)`

// leavePlace gives back the places that the call holds: it was asked, or will not be.
func leavePlace(ctx context.Context, tx pgx.Tx, call id.CallID) error {
	_, err := tx.Exec(ctx, `delete from survey_places where call_id = $1`, call)
	return err
}
