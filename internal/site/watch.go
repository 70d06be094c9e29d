package site

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	firstRetry = 200 * time.Millisecond
	lastRetry  = 10 * time.Second
)

// Watch sends on changed after every change of the settings, until ctx ends, whose error it returns. It also sends
// whenever it has connected anew, since notices may have been missed. changed should hold one: while it is full no more
// are sent, for one reading covers any number of changes.
func (s *Store) Watch(ctx context.Context, log *slog.Logger, changed chan<- struct{}) error {
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		err := s.listen(ctx, func() {
			wait = firstRetry
			select {
			case changed <- struct{}{}:
			default:
			}
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		log.Warn("changes of the settings are not heard", "err", err, "retry", wait)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// listen calls changed once it listens, and for each notice, until the connection or ctx ends.
func (s *Store) listen(ctx context.Context, changed func()) error {
	// Outside the pool: a listening connection is busy for ever.
	conn, err := pgx.ConnectConfig(ctx, s.db.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("connect to listen for changes: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "listen hotline_config"); err != nil {
		return fmt.Errorf("listen for changes: %w", err)
	}
	for {
		changed()
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return fmt.Errorf("wait for changes: %w", err)
		}
	}
}
