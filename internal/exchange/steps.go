package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hotline/cti"
)

// writeSteps notes the steps that a fact made a call enter. Being part of the fact's own entry it is in one transaction with
// it, also when it waited on disk.
func writeSteps(ctx context.Context, tx pgx.Tx, e entry, row eventRow) error {
	for _, c := range row.Commands {
		if c.Kind != cti.CommandKind(cti.Walked{}) {
			continue
		}
		var w cti.Walked
		if err := json.Unmarshal(c.Command, &w); err != nil {
			return errors.Join(fmt.Errorf("decode %s: %w", c.Kind, err), errPermanent)
		}
		for i, step := range w.Steps {
			_, err := tx.Exec(ctx, `insert into call_steps (call_id, n, at, flow, version, step) values ($1, $2, $3, $4, $5, $6)
				on conflict do nothing`, w.Call, w.First+i, e.At, w.Flow, w.Version, step)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// countSteps adds calls that have ended to the figures of their flows, each once. Where the caller hung up in the flow or in
// its queue, the last step is where.
func countSteps(ctx context.Context, tx pgx.Tx, calls []string) error {
	_, err := tx.Exec(ctx, `with ended as (
			update calls set steps_counted = true where id = any ($1) and ended_at is not null and not steps_counted
			returning id, arrived_at, outcome in ('hung_up_in_ivr', 'abandoned') as left_us),
		walked as (
			select s.*, e.arrived_at, e.left_us, s.n = max(s.n) over (partition by s.call_id) as last
			from call_steps s join ended e on e.id = s.call_id)
		insert into flow_hours (flow, hour, version, step, calls, visits, dropped)
		select flow, date_trunc('hour', arrived_at, 'UTC'), version, step, count(distinct call_id), count(*), count(*) filter (where last and left_us)
		from walked group by 1, 2, 3, 4
		on conflict (flow, hour, version, step) do update set calls = flow_hours.calls + excluded.calls,
			visits = flow_hours.visits + excluded.visits, dropped = flow_hours.dropped + excluded.dropped`, calls)
	if err != nil {
		return fmt.Errorf("count the steps of ended calls: %w", err)
	}
	return nil
}
