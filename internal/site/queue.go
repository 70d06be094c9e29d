package site

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
)

// Queue is where callers wait. Times are in seconds.
type Queue struct {
	ID            id.QueueID `json:"id"` // slug, as flows name it
	NameZH        string     `json:"name_zh"`
	NameEN        string     `json:"name_en"`
	LongestWaitS  int        `json:"longest_wait_s"`  // after which the caller hears why and the call ends
	WrapUpS       int        `json:"wrap_up_s"`       // after which wrap-up ends by itself
	RingS         int        `json:"ring_s"`          // after which an unanswered offer goes back (RONA)
	ServiceLevelS int        `json:"service_level_s"` // within which an answer is in time
	Position      int        `json:"position"`        // in lists
	Active        bool       `json:"active"`
}

// Member is one who serves a queue.
type Member struct {
	QueueID id.QueueID `json:"queue_id"`
	UserID  id.AgentID `json:"user_id"`
}

const queueColumns = `id, name_zh, name_en, longest_wait_s, wrap_up_s, ring_s, service_level_s, position, active from queues`

var (
	queueConstraints  = map[string]Fault{"queues_pkey": {"id", FaultTaken, "another queue has this id; choose another"}}
	memberConstraints = map[string]Fault{
		"queue_members_queue_id_fkey": {"queue_id", FaultUnknown, "there is no such queue; add it first"},
		"queue_members_user_id_fkey":  {"user_id", FaultUnknown, "there is no such user; add them first"},
	}
)

// Queues returns all queues in their order, inactive ones last.
func (s *Store) Queues(ctx context.Context) ([]Queue, error) {
	return list[Queue](ctx, s.db, "list queues", `select `+queueColumns+` order by active desc, position, id`)
}

// Queue returns one queue, or ErrNotFound.
func (s *Store) Queue(ctx context.Context, queue id.QueueID) (Queue, error) {
	return one[Queue](ctx, s.db, "read queue "+string(queue), `select `+queueColumns+` where id = $1`, queue)
}

// CreateQueue stores a new queue, active whatever q.Active says. Zero times take the usual ones.
func (s *Store) CreateQueue(ctx context.Context, q Queue) error {
	q = usual(q)
	if err := checkQueue(q); err != nil {
		return err
	}
	return change(ctx, s.db, "add queue "+string(q.ID), queueConstraints, `
		insert into queues (id, name_zh, name_en, longest_wait_s, wrap_up_s, ring_s, service_level_s, position)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		q.ID, q.NameZH, q.NameEN, q.LongestWaitS, q.WrapUpS, q.RingS, q.ServiceLevelS, q.Position)
}

// UpdateQueue changes everything but the id. An inactive queue takes no new callers.
func (s *Store) UpdateQueue(ctx context.Context, q Queue) error {
	q = usual(q)
	if err := checkQueue(q); err != nil {
		return err
	}
	return change(ctx, s.db, "change queue "+string(q.ID), queueConstraints, `
		update queues set name_zh = $2, name_en = $3, longest_wait_s = $4, wrap_up_s = $5, ring_s = $6,
			service_level_s = $7, position = $8, active = $9 where id = $1`,
		q.ID, q.NameZH, q.NameEN, q.LongestWaitS, q.WrapUpS, q.RingS, q.ServiceLevelS, q.Position, q.Active)
}

func usual(q Queue) Queue {
	q.NameZH, q.NameEN = strings.TrimSpace(q.NameZH), strings.TrimSpace(q.NameEN)
	for _, d := range []struct {
		value *int
		usual int
	}{{&q.LongestWaitS, 600}, {&q.WrapUpS, 60}, {&q.RingS, 20}, {&q.ServiceLevelS, 20}} {
		if *d.value == 0 {
			*d.value = d.usual
		}
	}
	return q
}

func checkQueue(q Queue) error {
	var f faults
	f.slug("id", string(q.ID))
	f.name("name_zh", q.NameZH)
	f.name("name_en", q.NameEN)
	f.within("longest_wait_s", q.LongestWaitS, 10, 7200)
	f.within("wrap_up_s", q.WrapUpS, 5, 3600)
	f.within("ring_s", q.RingS, 5, 20)
	f.within("service_level_s", q.ServiceLevelS, 1, 3600)
	return f.err()
}

// Members returns who serves which queue, of active users.
func (s *Store) Members(ctx context.Context) ([]Member, error) { return members(ctx, s.db) }

func members(ctx context.Context, q querier) ([]Member, error) {
	return list[Member](ctx, q, "list members of queues", `
		select m.queue_id, m.user_id from queue_members m join users u on u.id = m.user_id and u.active
		order by m.queue_id, m.user_id`)
}

// AddMember lets the user serve the queue; again is no error.
func (s *Store) AddMember(ctx context.Context, m Member) error {
	_, err := s.db.Exec(ctx, `insert into queue_members (queue_id, user_id) values ($1, $2) on conflict do nothing`, m.QueueID, m.UserID)
	if err != nil {
		return fmt.Errorf("add %s to queue %s: %w", m.UserID, m.QueueID, refused(err, memberConstraints))
	}
	return nil
}

// RemoveMember undoes AddMember; the error is ErrNotFound where there is nothing to undo.
func (s *Store) RemoveMember(ctx context.Context, m Member) error {
	return change(ctx, s.db, fmt.Sprintf("remove %s from queue %s", m.UserID, m.QueueID), nil,
		`delete from queue_members where queue_id = $1 and user_id = $2`, m.QueueID, m.UserID)
}

// SetMembers makes these users, and no others, serve the queue.
func (s *Store) SetMembers(ctx context.Context, queue id.QueueID, users []id.AgentID) error {
	if users == nil {
		users = []id.AgentID{} // null would spare everybody
	}
	return s.replaceMembers(ctx, "set the members of queue "+string(queue), [2]string{
		`delete from queue_members where queue_id = $1 and not user_id = any ($2)`,
		`insert into queue_members (queue_id, user_id) select $1, u from unnest($2::text[]) u on conflict do nothing`,
	}, queue, users)
}

// SetQueues makes the user serve these queues and no others.
func (s *Store) SetQueues(ctx context.Context, user id.AgentID, queues []id.QueueID) error {
	if queues == nil {
		queues = []id.QueueID{}
	}
	return s.replaceMembers(ctx, "set the queues of user "+string(user), [2]string{
		`delete from queue_members where user_id = $1 and not queue_id = any ($2)`,
		`insert into queue_members (queue_id, user_id) select q, $1 from unnest($2::text[]) q on conflict do nothing`,
	}, user, queues)
}

func (s *Store) replaceMembers(ctx context.Context, what string, statements [2]string, args ...any) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		for _, sql := range statements {
			if _, err := tx.Exec(ctx, sql, args...); err != nil {
				return fmt.Errorf("%s: %w", what, refused(err, memberConstraints))
			}
		}
		return nil
	})
}
