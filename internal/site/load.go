package site

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/internal/calendar"
)

// Site is all settings at one moment, without what is inactive.
type Site struct {
	Queues       []Queue
	Members      map[id.QueueID][]id.AgentID
	Lines        []Line
	Reasons      []Label
	Dispositions []Label
	Agents       []User // everybody who may take calls
	Calendars    []*calendar.Calendar
	Asking       []SurveyRule
}

// Load reads all settings as they are at one moment.
func (s *Store) Load(ctx context.Context) (Site, error) {
	var out Site
	err := pgx.BeginTxFunc(ctx, s.db, readOnly, func(tx pgx.Tx) (err error) {
		if out.Queues, err = list[Queue](ctx, tx, "queues", `select `+queueColumns+` where active order by position, id`); err != nil {
			return err
		}
		all, err := members(ctx, tx)
		if err != nil {
			return err
		}
		out.Members = map[id.QueueID][]id.AgentID{}
		for _, m := range all {
			out.Members[m.QueueID] = append(out.Members[m.QueueID], m.UserID)
		}
		if out.Lines, err = lines(ctx, tx); err != nil {
			return err
		}
		if out.Reasons, err = labels(ctx, tx, "reasons"); err != nil {
			return err
		}
		if out.Dispositions, err = labels(ctx, tx, "dispositions"); err != nil {
			return err
		}
		if out.Calendars, err = compile(ctx, tx); err != nil {
			return err
		}
		if out.Asking, err = list[SurveyRule](ctx, tx, "when surveys are asked", surveyRules); err != nil {
			return err
		}
		out.Agents, err = list[User](ctx, tx, "agents", `select `+userColumns+` where active and role in ('agent', 'supervisor') order by id`)
		return err
	})
	if err != nil {
		return Site{}, fmt.Errorf("load the site's settings: %w", err)
	}
	out.Reasons, out.Dispositions = onlyActive(out.Reasons), onlyActive(out.Dispositions)
	return out, nil
}

func onlyActive(all []Label) []Label {
	var active []Label
	for _, l := range all {
		if l.Active {
			active = append(active, l)
		}
	}
	return active
}

// Configured tells a Floor of the settings; flows, surveys and cti.Settings are the caller's to add.
func (s Site) Configured() cti.Configured {
	var c cti.Configured
	asking := map[id.QueueID]*cti.Asking{}
	for _, r := range s.Asking {
		asking[r.QueueID] = r.asking()
	}
	for _, q := range s.Queues {
		c.Queues = append(c.Queues, cti.QueueConfig{
			ID: q.ID, Members: s.Members[q.ID], Asking: asking[q.ID],
			Ring: seconds(q.RingS), LongestWait: seconds(q.LongestWaitS), WrapUp: seconds(q.WrapUpS), ServiceLevel: seconds(q.ServiceLevelS),
		})
	}
	c.Calendars = s.Calendars
	for _, u := range s.Agents {
		c.Agents = append(c.Agents, u.ID)
	}
	for _, l := range s.Reasons {
		c.Reasons = append(c.Reasons, l.Code)
	}
	for _, l := range s.Dispositions {
		c.Dispositions = append(c.Dispositions, l.Code)
	}
	return c
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
