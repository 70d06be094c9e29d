package jobs

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"hotline/cti/id"
)

// Inserter puts jobs in.
type Inserter struct {
	db     *pgxpool.Pool
	client *river.Client[pgx.Tx]
	Links  Links // set before it is used
}

// NewInserter returns an inserter that works none of the jobs itself.
func NewInserter(db *pgxpool.Pool) (*Inserter, error) {
	client, err := river.NewClient(riverpgxv5.New(db), &river.Config{})
	if err != nil {
		return nil, fmt.Errorf("prepare to put in jobs: %w", err)
	}
	return &Inserter{db: db, client: client}, nil
}

// FinishRecording has the recording of the leg finished once the transaction is committed. Asking again while that is
// still to be done changes nothing.
func (i *Inserter) FinishRecording(ctx context.Context, tx pgx.Tx, leg id.LegID) error {
	if _, err := i.client.InsertTx(ctx, tx, finishRecording{Leg: leg}, nil); err != nil {
		return fmt.Errorf("put in the job to finish the recording of %s: %w", leg, err)
	}
	return nil
}
