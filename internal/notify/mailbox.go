package notify

import "context"

// box is a Sender that sends nothing: what would have been sent can be read on a page.
type box struct{ store *Store }

func (box) Repeats() bool { return true }

func (b box) Send(ctx context.Context, m Message) (string, error) {
	_, err := b.store.pool.Exec(ctx, `insert into mailbox (message_id, channel, recipient, subject, body) values ($1, $2, $3, $4, $5)
		on conflict (message_id) do update set at = now(), body = excluded.body`, m.ID, m.Channel, m.To, m.Subject, m.Body)
	if err != nil {
		return "", &Failure{Later, Busy, "the mailbox cannot be written"}
	}
	return "mailbox", nil
}
