package jobs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// rescueEvery is how often jobs of dead workers are looked for.
const rescueEvery = 5 * time.Second

// lockClass keeps workers' advisory locks apart from others. It means nothing, but neighbouring versions share it.
const lockClass = 0x686f746a

// rescueSQL gives back the jobs that run by a worker whose lock ($1 is the class) anybody can take. The lock is held
// for the transaction, so no worker of that name comes to life meanwhile. $2 is the worker that asks: a session is given
// a lock that it already has, so it would find itself dead.
const rescueSQL = `
	with dead as materialized (
		select client from (
			select distinct attempted_by[array_upper(attempted_by, 1)] as client from river_job where state = 'running'
		) running
		where client <> $2 and pg_try_advisory_xact_lock($1, hashtext(client))
	)
	update river_job set
		state = case when attempt >= max_attempts then 'discarded' else 'available' end::river_job_state,
		finalized_at = case when attempt >= max_attempts then now() end,
		scheduled_at = now(),
		errors = array_append(errors, jsonb_build_object('at', now(), 'attempt', attempt, 'error', 'the worker died', 'trace', ''))
	from dead
	where state = 'running' and attempted_by[array_upper(attempted_by, 1)] = dead.client`

// keepAlive holds the lock by which others see that this worker lives, and rescues the jobs of those that do not. alive
// is closed once the lock is held; it is kept until drained is. Without the database it tries again: the worker's jobs
// then fail by themselves.
func (w *Worker) keepAlive(ctx context.Context, alive chan<- struct{}, drained <-chan struct{}) error {
	var once sync.Once
	for {
		err := w.holdLock(ctx, func() { once.Do(func() { close(alive) }) }, drained)
		if ctx.Err() != nil {
			return nil
		}
		w.log.Warn("the worker cannot show that it lives", "err", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(rescueEvery):
		}
	}
}

func (w *Worker) holdLock(ctx context.Context, held func(), drained <-chan struct{}) error {
	// Its own connection: the lock lives and dies with it.
	conn, err := pgx.ConnectConfig(ctx, w.db.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("connect to hold the worker's lock: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1, hashtext($2))", lockClass, w.client.ID()); err != nil {
		return fmt.Errorf("take the worker's lock: %w", err)
	}
	held()
	tick := time.NewTicker(rescueEvery)
	defer tick.Stop()
	for {
		if err := w.rescue(ctx, conn); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			<-drained
			return nil
		case <-tick.C:
		}
	}
}

func (w *Worker) rescue(ctx context.Context, conn *pgx.Conn) error {
	tag, err := conn.Exec(ctx, rescueSQL, lockClass, w.client.ID())
	if err != nil {
		return fmt.Errorf("rescue the jobs of dead workers: %w", err)
	}
	if n := tag.RowsAffected(); n > 0 {
		w.log.Warn("jobs of a worker that died begin again", "jobs", n)
	}
	return nil
}
