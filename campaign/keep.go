package campaign

import (
	"context"
	"fmt"
	"time"
)

// Config says how long campaigns know whom they reached.
type Config struct {
	// KeepDays is for how many days after its end a campaign keeps numbers, addresses, names and refs of its contacts. 0 means 365.
	KeepDays int `yaml:"keep_days"`
}

const (
	defaultKeepDays = 365
	mostKeepDays    = 36500
)

// Check returns every fault of the configuration, in words for the operator.
func (c Config) Check() []string {
	if c.KeepDays < 0 || c.KeepDays > mostKeepDays {
		return []string{fmt.Sprintf("keep_days: %d; give 1 to %d, or leave it out for %d", c.KeepDays, mostKeepDays, defaultKeepDays)}
	}
	return nil
}

// Days is KeepDays, or what it means where nothing is set.
func (c Config) Days() int {
	if c.KeepDays == 0 {
		return defaultKeepDays
	}
	return c.KeepDays
}

// forgetAtOnce is how many contacts are erased in one statement.
const forgetAtOnce = 5000

// Forget erases who was on the lists of campaigns that ended before a time: numbers, addresses, names and refs. The rows stay with
// their states and attempts, so that every table counts what it did. A contact whose call goes on is left for the next time.
func (s *Store) Forget(ctx context.Context, before, now time.Time) (erased int, err error) {
	over, err := campaigns(ctx, s.pool, `where state = 'finished' and erased_at is null and finished_at < $1 order by finished_at, id`, before)
	if err != nil {
		return 0, fmt.Errorf("look for campaigns that ended long ago: %w", err)
	}
	for _, c := range over {
		n, err := s.forget(ctx, c.ID, now)
		erased += n
		if err != nil {
			return erased, fmt.Errorf("erase who was on the list of %s: %w", c.ID, err)
		}
	}
	return erased, nil
}

func (s *Store) forget(ctx context.Context, id string, now time.Time) (erased int, err error) {
	for {
		tag, err := s.pool.Exec(ctx, `update campaign_contacts set phone = '', mail = '', name = '', ref = '' where id in (
			select id from campaign_contacts where campaign = $1 and settled_at is not null and (phone <> '' or mail <> '') limit $2 for update)`, id, forgetAtOnce)
		if err != nil {
			return erased, err
		}
		if tag.RowsAffected() == 0 {
			break
		}
		erased += int(tag.RowsAffected())
	}
	_, err = s.pool.Exec(ctx, `update survey_campaigns set erased_at = $2 where id = $1
		and not exists (select from campaign_contacts where campaign = $1 and (phone <> '' or mail <> ''))`, id, now)
	return erased, err
}
