package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/internal/notify"
	"hotline/surveylink"
)

// Outbox has messages sent, and follow-ups made. jobs.Inserter is the real one.
type Outbox interface {
	surveylink.Follower
	MessageAgain(ctx context.Context, tx pgx.Tx, message int64, now time.Time) error
}

// Message is one that was sent to a customer, or is to be.
type Message struct {
	ID        int64          `json:"id"`
	Channel   notify.Channel `json:"channel" enum:"sms,mail"`
	To        string         `json:"to" doc:"Masked; empty once it was erased."`
	About     string         `json:"about" doc:"What made it, e.g. survey."`
	CallID    string         `json:"call_id" doc:"Empty for none."`
	State     notify.State   `json:"state" enum:"waiting,sending,sent,failed,unsure" doc:"unsure: nobody knows whether the provider has it; it is not sent again by itself."`
	Attempts  int            `json:"attempts"`
	Error     string         `json:"error" doc:"Of the last attempt that failed."`
	Receipt   string         `json:"receipt" doc:"How the provider names it."`
	CreatedAt time.Time      `json:"created_at"`
	NotBefore time.Time      `json:"not_before" doc:"While it waits for the hours in which messages may be sent."`
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
	State   string `query:"state" enum:"waiting,sending,sent,failed,unsure"`
	Channel string `query:"channel" enum:"sms,mail"`
	Call    string `query:"call" maxLength:"120"`
}

type messageInput struct {
	ID int64 `path:"message" minimum:"1"`
}

type mailboxInput struct {
	After string `query:"after" maxLength:"20" doc:"Where the last page ended."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *Server) registerMessages() {
	route(s, endpoint{method: http.MethodGet, path: "/messages", id: "listMessages", right: RightMessages, summary: "Messages to customers and what became of them, the newest first"}, s.listMessages)
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
	if err := q.after(in.After, "m.created_at", "m.id::text"); err != nil {
		return list[Message]{}, err
	}
	q.args["limit"] = in.Limit + 1
	rows, err := s.DB.Query(ctx, `select m.id, m.channel, m.recipient as "to", m.about, coalesce(m.call_id, '') as call_id, m.state, m.attempts, m.error,
			m.receipt, m.created_at, m.not_before, m.expires_at, m.changed_at
		from messages m left join calls c on c.id = m.call_id `+q.where()+` order by m.created_at desc, m.id::text desc limit @limit`, q.args)
	if err != nil {
		return list[Message]{}, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Message])
	if err != nil {
		return list[Message]{}, err
	}
	for i := range found {
		found[i].To = notify.Mask(found[i].To)
	}
	return cut(found, in.Limit, func(m Message) string { return placeOf(m.CreatedAt, strconv.FormatInt(m.ID, 10)) }), nil
}

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
	return s.changed(ctx, who, "message:"+strconv.FormatInt(in.ID, 10), map[string]any{"again": true})
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
