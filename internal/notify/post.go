package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Sender gives messages to a provider.
type Sender interface {
	// Send returns how the provider names the message, or a *Failure. Another error is taken for one of unknown fate.
	Send(ctx context.Context, m Message) (receipt string, err error)
	// Repeats says that a message that is given twice is sent once, since the provider knows it by its key.
	Repeats() bool
}

// Post delivers messages.
type Post struct {
	Store   *Store
	Senders map[Channel]Sender // of those that are configured
	Zone    *time.Location
	Log     *slog.Logger
	Now     func() time.Time // nil means time.Now
}

// LaterError says that a message is to be tried then.
type LaterError struct{ At time.Time }

func (e *LaterError) Error() string { return "to be sent at " + e.At.UTC().Format(time.RFC3339) }

// Deliver makes one attempt; last says that there is no other. It returns nil when nothing is left to do, a *LaterError
// outside the hours, and a *Failure when another attempt is to be made.
func (p *Post) Deliver(ctx context.Context, number int64, last bool) error {
	now := time.Now
	if p.Now != nil {
		now = p.Now
	}
	hours, err := p.Store.Hours(ctx)
	if err != nil {
		return err
	}
	at := now()
	taken, err := p.Store.Take(ctx, number, p.repeats, at, hours.Next(at, p.Zone))
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	case !taken.Wait.IsZero():
		return &LaterError{taken.Wait}
	case !taken.Go:
		return nil
	}
	return p.attempt(ctx, taken.Message, last)
}

func (p *Post) repeats(c Channel) bool {
	sender := p.Senders[c]
	return sender != nil && sender.Repeats()
}

func (p *Post) attempt(ctx context.Context, m Message, last bool) error {
	sender := p.Senders[m.Channel]
	var receipt string
	var err error = &Failure{Later, NoProvider, fmt.Sprintf("no provider of %s is configured: set notify.%s", m.Channel, m.Channel)}
	if sender != nil {
		receipt, err = sender.Send(ctx, m)
	}
	// What is known now must be noted, even if the worker is told to stop.
	note := context.WithoutCancel(ctx)
	log := p.Log.With("message", m.ID, "channel", m.Channel, "to", Mask(m.To), "call", m.Call, "attempt", m.Attempts)
	if err == nil {
		log.Info("message sent")
		return p.Store.Ended(note, m, Sent, Failure{}, receipt)
	}
	failure, ok := errors.AsType[*Failure](err)
	if !ok {
		failure = &Failure{Unknown, Unclear, scrubbed(err.Error())}
	}
	switch {
	case failure.Fate == Unknown && !p.repeats(m.Channel):
		log.Error("nobody knows whether a message was sent; it is not sent again by itself", "err", failure)
		return p.Store.Ended(note, m, Unsure, *failure, "")
	case failure.Fate == Never || last:
		log.Error("a message cannot be sent", "err", failure)
		return p.Store.Ended(note, m, Failed, *failure, "")
	}
	log.Warn("a message cannot be sent yet", "err", failure)
	return errors.Join(failure, p.Store.Ended(note, m, Waiting, *failure, ""))
}
