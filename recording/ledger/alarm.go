package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"hotline/cti/id"
)

// ErrNotFound means that there is no such open alarm.
var ErrNotFound = errors.New("there is no such alarm")

// See notes that somebody knows of an open alarm. It stays open until the recording is mended.
func (s *Store) See(ctx context.Context, alarm int64, who id.AgentID) error {
	tag, err := s.pool.Exec(ctx, `update recording_alarms set seen_by = coalesce(seen_by, $2), seen_at = coalesce(seen_at, now()) where id = $1 and cleared_at is null`, alarm, who)
	if err != nil {
		return fmt.Errorf("note that alarm %d was seen: %w", alarm, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return nil
}

// Alarm is one that is open.
type Alarm struct {
	ID     int64     `db:"id"`
	Leg    id.LegID  `db:"leg"`
	Kind   Kind      `db:"kind"`
	Detail Detail    `db:"detail"`
	Raised time.Time `db:"raised_at"`
}

func (a Alarm) String() string {
	d, s := a.Detail, fmt.Sprintf("%s leg %s: ", a.Kind, a.Leg)
	switch {
	case a.Kind == Short:
		return s + fmt.Sprintf("%d ms of a talk of %d ms are not in the file; %d may lack", d.LackMS, d.TalkMS, d.BoundMS)
	case a.Kind == Silent:
		return s + fmt.Sprintf("no sound on %s (%s)", d.Side, d.Reason)
	case d.Note != "":
		return s + fmt.Sprintf("%s: %s", d.Reason, d.Note)
	}
	return s + string(d.Reason)
}

// Open returns the open alarms, the oldest first.
func (s *Store) Open(ctx context.Context) ([]Alarm, error) {
	rows, err := s.pool.Query(ctx, `select id, leg, kind, detail, raised_at from recording_alarms where cleared_at is null order by raised_at, id`)
	if err != nil {
		return nil, fmt.Errorf("list alarms: %w", err)
	}
	alarms, err := pgx.CollectRows(rows, pgx.RowToStructByName[Alarm])
	if err != nil {
		return nil, fmt.Errorf("list alarms: %w", err)
	}
	return alarms, nil
}

// Collector counts open alarms by kind for Prometheus, at each scrape.
type Collector struct{ pool *pgxpool.Pool }

// NewCollector counts in the database.
func NewCollector(pool *pgxpool.Pool) *Collector { return &Collector{pool: pool} }

var openAlarms = prometheus.NewDesc("hotline_recording_alarms", "Open alarms of recordings.", []string{"kind"}, nil)

// Describe implements prometheus.Collector.
func (*Collector) Describe(out chan<- *prometheus.Desc) { out <- openAlarms }

// Collect implements prometheus.Collector. While the database is away there are no figures.
func (c *Collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	rows, err := c.pool.Query(ctx, `select k, count(a.id) from unnest($1::text[]) k left join recording_alarms a on a.kind = k and a.cleared_at is null group by k`,
		[]Kind{Missing, Short, Silent, Hash})
	if err != nil {
		return
	}
	var kind string
	var n float64
	// A broken read leaves kinds out; the next scrape has them.
	_, _ = pgx.ForEachRow(rows, []any{&kind, &n}, func() error {
		out <- prometheus.MustNewConstMetric(openAlarms, prometheus.GaugeValue, n, kind)
		return nil
	})
}
