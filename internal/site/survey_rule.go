package site

import (
	"context"
	"fmt"

	"hotline/cti"
	"hotline/cti/id"
)

// SurveyRule says when the callers of a queue are asked the survey that its flow names.
type SurveyRule struct {
	QueueID   id.QueueID `json:"queue_id"`
	Agreed    bool       `json:"agreed"`
	Key       bool       `json:"key"`
	After     bool       `json:"after"`
	Link      bool       `json:"link"`
	Share     int        `json:"share"`
	AgentADay int        `json:"agent_a_day"`
	QueueADay int        `json:"queue_a_day"`
	RestDays  int        `json:"rest_days"`
	LinkDays  int        `json:"link_days"`
}

// A queue without a rule asks everybody, when its agent has ended the talk.
const surveyRules = `select q.id as queue_id, coalesce(r.agreed, true) as agreed, coalesce(r.key, true) as key, coalesce(r.after, true) as after,
	coalesce(r.link, false) as link, coalesce(r.share, 100) as share, coalesce(r.agent_a_day, 0) as agent_a_day,
	coalesce(r.queue_a_day, 0) as queue_a_day, coalesce(r.rest_days, 0) as rest_days, coalesce(r.link_days, 7) as link_days
	from queues q left join survey_rules r on r.queue_id = q.id where q.active order by q.position, q.id`

// SurveyRules are those of all active queues, in their order.
func (s *Store) SurveyRules(ctx context.Context) ([]SurveyRule, error) {
	return list[SurveyRule](ctx, s.db, "list when surveys are asked", surveyRules)
}

// PutSurveyRule sets that of a queue.
func (s *Store) PutSurveyRule(ctx context.Context, r SurveyRule) error {
	var f faults
	f.within("share", r.Share, 0, 100)
	f.within("agent_a_day", r.AgentADay, 0, 10_000)
	f.within("queue_a_day", r.QueueADay, 0, 1_000_000)
	f.within("rest_days", r.RestDays, 0, 3650)
	f.within("link_days", r.LinkDays, 1, 90)
	if err := f.err(); err != nil {
		return err
	}
	_, err := s.db.Exec(ctx, `insert into survey_rules (queue_id, agreed, key, after, link, share, agent_a_day, queue_a_day, rest_days, link_days)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (queue_id) do update set agreed = excluded.agreed, key = excluded.key,
			after = excluded.after, link = excluded.link, share = excluded.share, agent_a_day = excluded.agent_a_day,
			queue_a_day = excluded.queue_a_day, rest_days = excluded.rest_days, link_days = excluded.link_days`,
		r.QueueID, r.Agreed, r.Key, r.After, r.Link, r.Share, r.AgentADay, r.QueueADay, r.RestDays, r.LinkDays)
	if err != nil {
		return fmt.Errorf("set when queue %s asks: %w", r.QueueID, refused(err, map[string]Fault{
			"survey_rules_queue_id_fkey": {"queue_id", FaultUnknown, "there is no such queue; add it first"},
		}))
	}
	return nil
}

// asking is the rule as a Floor knows it.
func (r SurveyRule) asking() *cti.Asking {
	return &cti.Asking{
		Agreed: r.Agreed, Key: r.Key, After: r.After, Link: r.Link, Share: r.Share,
		Limited: r.AgentADay > 0 || r.QueueADay > 0 || r.RestDays > 0,
	}
}
