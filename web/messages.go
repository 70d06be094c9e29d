package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/customer"
	"hotline/internal/notify"
	"hotline/surveylink"
)

// Outbox has messages sent, and follow-ups made. jobs.Inserter is the real one.
type Outbox interface {
	surveylink.Follower
	MessageAgain(ctx context.Context, tx pgx.Tx, message int64, now time.Time) error
	// NextAttempts says when messages are tried next; those that nobody is about to try are left out.
	NextAttempts(ctx context.Context, messages []int64) (map[int64]time.Time, error)
}

// Message is one that was sent to a customer, or is to be.
type Message struct {
	ID        int64          `json:"id"`
	Channel   notify.Channel `json:"channel" enum:"sms,mail"`
	To        string         `json:"to" doc:"Masked, unless it was to be revealed; empty once it was erased."`
	About     string         `json:"about" doc:"What made it, e.g. survey."`
	CallID    string         `json:"call_id" doc:"Empty for none."`
	State     notify.State   `json:"state" enum:"waiting,sending,sent,failed,unsure" doc:"unsure: nobody knows whether the provider has it; it is not sent again by itself."`
	Attempts  int            `json:"attempts"`
	Fault     notify.Fault   `json:"fault" enum:",no_provider,unreachable,busy,refused,unclear,request,late,erased" doc:"The kind of what the error says."`
	Error     string         `json:"error" doc:"Of the last attempt that failed, in the provider's words; without numbers and addresses."`
	Receipt   string         `json:"receipt" doc:"How the provider names it."`
	CreatedAt time.Time      `json:"created_at"`
	NotBefore time.Time      `json:"not_before" doc:"While it waits for the hours in which messages may be sent."`
	NextAt    *time.Time     `json:"next_at,omitempty" db:"-" doc:"When it is tried next, while it waits."`
	ExpiresAt time.Time      `json:"expires_at" doc:"It is not sent after that."`
	ChangedAt time.Time      `json:"changed_at"`
}

// MailboxMessage is one that would have been sent, whole.
type MailboxMessage struct {
	ID      int64          `json:"id"`
	At      time.Time      `json:"at"`
	Channel notify.Channel `json:"channel" enum:"sms,mail"`
	To      string         `json:"to"`
	Subject string         `json:"subject"`
	Body    string         `json:"body"`
}

type messagesInput struct {
	Paging
	Period
	State   string `query:"state" enum:"waiting,sending,sent,failed,unsure"`
	Channel string `query:"channel" enum:"sms,mail"`
	Call    string `query:"call" maxLength:"120"`
}

type messageInput struct {
	ID int64 `path:"message" minimum:"1"`
}

type oneMessageInput struct {
	ID     int64 `path:"message" minimum:"1"`
	Reveal bool  `query:"reveal" doc:"The whole number or address. Each reveal is logged."`
}

type mailboxInput struct {
	After string `query:"after" maxLength:"20" doc:"Where the last page ended."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *Server) registerMessages() {
	route(s, endpoint{method: http.MethodGet, path: "/messages", id: "listMessages", right: RightMessages, summary: "Messages to customers and what became of them, the newest first"}, s.listMessages)
	route(s, endpoint{method: http.MethodGet, path: "/messages/{message}", id: "getMessage", right: RightMessages, summary: "A message to a customer and what became of it"}, s.getMessage)
	act(s, endpoint{method: http.MethodPost, path: "/messages/{message}/again", id: "sendMessageAgain", right: RightMessages, summary: "Send a message once more that failed, or of which nobody knows"}, s.messageAgain)
	route(s, endpoint{method: http.MethodGet, path: "/mailbox", id: "listMailbox", right: RightMessages, summary: "What would have been sent, where the site has a mailbox instead of a provider"}, s.mailbox)
}

// messageReach leaves the messages about calls that the person's scope covers.
func messageReach(who Who) *query {
	q := newQuery()
	q.reach(who, "c.agent_id", "c.queue_id")
	return q
}

func (s *Server) listMessages(ctx context.Context, who Who, in *messagesInput) (list[Message], error) {
	q := messageReach(who)
	q.equal("m.state", "state", in.State)
	q.equal("m.channel", "channel", in.Channel)
	q.equal("m.call_id", "call", in.Call)
	q.period("m.created_at", in.Period)
	if err := q.after(in.After, "m.created_at", "m.id::text"); err != nil {
		return list[Message]{}, err
	}
	q.args["limit"] = in.Limit + 1
	found, err := s.findMessages(ctx, q, ` order by m.created_at desc, m.id::text desc limit @limit`)
	if err != nil {
		return list[Message]{}, err
	}
	for i := range found {
		found[i].To = maskTo(found[i])
	}
	return cut(found, in.Limit, func(m Message) string { return placeOf(m.CreatedAt, strconv.FormatInt(m.ID, 10)) }), nil
}

// findMessages are those that the query leaves, with whom they are for.
func (s *Server) findMessages(ctx context.Context, q *query, order string) ([]Message, error) {
	rows, err := s.DB.Query(ctx, `select m.id, m.channel, m.recipient as "to", m.about, coalesce(m.call_id, '') as call_id, m.state, m.attempts, m.fault, m.error,
			m.receipt, m.created_at, m.not_before, m.expires_at, m.changed_at
		from messages m left join calls c on c.id = m.call_id `+q.where()+order, q.args)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Message])
	if err != nil {
		return nil, err
	}
	var waiting []int64
	for _, m := range found {
		if m.State == notify.Waiting {
			waiting = append(waiting, m.ID)
		}
	}
	if len(waiting) == 0 {
		return found, nil
	}
	next, err := s.Outbox.NextAttempts(ctx, waiting)
	if err != nil {
		return nil, err
	}
	for i, m := range found {
		if at, ok := next[m.ID]; ok {
			found[i].NextAt = &at
		}
	}
	return found, nil
}

func (s *Server) getMessage(ctx context.Context, who Who, in *oneMessageInput) (Message, error) {
	q := messageReach(who)
	q.add("m.id = @id", "id", in.ID)
	found, err := s.findMessages(ctx, q, "")
	switch {
	case err != nil:
		return Message{}, err
	case len(found) == 0:
		return Message{}, notFound("message")
	}
	m := found[0]
	if !in.Reveal {
		m.To = maskTo(m)
		return m, nil
	}
	if !may(who.Role, who.Scope, RightReveal) {
		return Message{}, newProblem(http.StatusForbidden, "forbidden", "needs the right "+string(RightReveal))
	}
	return m, s.access.add(ctx, accessEntry{user: who.ID, action: actionReveal, object: messageObject(m.ID)})
}

// maskTo is whom a message is for, masked as numbers are elsewhere in the app.
func maskTo(m Message) string {
	if m.Channel == notify.SMS {
		return customer.MaskPhone(m.To)
	}
	return notify.Mask(m.To)
}

func messageObject(m int64) string { return "message:" + strconv.FormatInt(m, 10) }

func (s *Server) messageAgain(ctx context.Context, who Who, in *messageInput) error {
	q := messageReach(who)
	q.add("m.id = @id", "id", in.ID)
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		var reached bool
		if err := tx.QueryRow(ctx, `select true from messages m left join calls c on c.id = m.call_id `+q.where(), q.args).Scan(&reached); err != nil {
			return err
		}
		return s.Outbox.MessageAgain(ctx, tx, in.ID, s.now())
	})
	if err != nil {
		return err
	}
	return s.changed(ctx, who, messageObject(in.ID), map[string]any{"again": true})
}

func (s *Server) mailbox(ctx context.Context, _ Who, in *mailboxInput) (list[MailboxMessage], error) {
	if !s.Mailbox {
		return list[MailboxMessage]{}, newProblem(http.StatusNotFound, "no_mailbox", "messages go to a provider here; a mailbox is for development")
	}
	var before int64
	if in.After != "" {
		var err error
		if before, err = strconv.ParseInt(in.After, 10, 64); err != nil {
			return list[MailboxMessage]{}, invalid("query.after", "no place in this list")
		}
	}
	found, err := s.Messages.Mailbox(ctx, before, in.Limit+1)
	if err != nil {
		return list[MailboxMessage]{}, err
	}
	items := make([]MailboxMessage, len(found))
	for i, m := range found {
		items[i] = MailboxMessage(m)
	}
	return cut(items, in.Limit, func(m MailboxMessage) string { return strconv.FormatInt(m.ID, 10) }), nil
}
