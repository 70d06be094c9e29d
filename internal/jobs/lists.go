package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"hotline/campaign"
)

// forgetContacts erases who was on the lists of campaigns that ended long ago.
type forgetContacts struct{}

// forgetTimeout is for a first time over lists of years.
const forgetTimeout = time.Hour

// Kind is River's name for the job.
func (forgetContacts) Kind() string { return "forget_contacts" }

// InsertOpts has it wait behind the retention of recordings, which may take long: nothing hurries here.
func (forgetContacts) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueExpiry, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: unfinished()}}
}

// Lists are the lists of campaigns, and for how long they are kept.
type Lists struct {
	Campaigns *campaign.Store
	Days      int // after the end of a campaign
}

type forgetWorker struct {
	river.WorkerDefaults[forgetContacts]
	lists *Lists
	log   *slog.Logger
}

// Timeout is the job's limit.
func (*forgetWorker) Timeout(*river.Job[forgetContacts]) time.Duration { return forgetTimeout }

// Work erases what is due.
func (w *forgetWorker) Work(ctx context.Context, _ *river.Job[forgetContacts]) error {
	if w.lists == nil {
		return nil
	}
	now := time.Now()
	erased, err := w.lists.Campaigns.Forget(ctx, now.AddDate(0, 0, -w.lists.Days), now)
	if erased > 0 {
		w.log.Info("contacts of campaigns were kept long enough and are forgotten", "contacts", erased)
	}
	return err
}
