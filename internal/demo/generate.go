package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flows"
)

// Options say how much to make.
type Options struct {
	Customers int
	Calls     int       // past calls, of the last Days
	Days      int       // 0: 120, or 365 for a million calls and more
	Seed      uint64    // the same seed and Now give the same data
	Now       time.Time // the moment after the last call
	// Hash makes the password hashes of the accounts; nil is argon2id as its package recommends.
	Hash func(password string) (string, error)
	// Recordings is the folder that gets recordings of the newest past calls; "" for none.
	Recordings string
	// Progress is told now and then how many of how many rows are made; nil is silence.
	Progress func(what string, done, of int)
}

const (
	maxCustomers = 10_000_000
	manyCalls    = 1_000_000
	// From so many rows on, indexes are made after the data. It is faster, but locks the tables until the end.
	manyRows = 200_000
)

// Check returns every fault of the options.
func (o Options) Check() []string {
	var faults []string
	if o.Customers < 1 || o.Customers > maxCustomers {
		faults = append(faults, fmt.Sprintf("customers: %d; give 1 to %d", o.Customers, maxCustomers))
	}
	if o.Calls < 0 || o.Calls > 100*manyCalls {
		faults = append(faults, fmt.Sprintf("calls: %d; give 0 to %d", o.Calls, 100*manyCalls))
	}
	if o.Days < 0 || o.Days > 3650 {
		faults = append(faults, fmt.Sprintf("days: %d; give 1 to 3650", o.Days))
	}
	return faults
}

// usual fills in what was left out.
func (o Options) usual() Options {
	if o.Days == 0 {
		o.Days = 120
		if o.Calls >= manyCalls {
			o.Days = 365
		}
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	o.Now = o.Now.UTC().Truncate(time.Second)
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	return o
}

// generateLock lets two generators wait for one another. The number means nothing.
const generateLock = 0x64656d6f

// taipei is where the company is; Taiwan has had no daylight saving time since 1979.
var taipei = time.FixedZone("Asia/Taipei", 8*60*60)

// Generate makes customers with orders, cases and contacts, and past calls with survey answers. Seed must have made the
// company before. Where there are customers already it changes nothing and returns false. All or nothing is stored.
func Generate(ctx context.Context, db *pgxpool.Pool, o Options) (made bool, err error) {
	if faults := o.Check(); len(faults) > 0 {
		return false, fmt.Errorf("make demo data: %s", faults[0])
	}
	o = o.usual()
	set, err := flowfile.LoadFS(ivr.Known{}, flows.FS)
	if err != nil {
		return false, fmt.Errorf("read the survey that past calls answered: %w", err)
	}
	w := &world{Options: o, surveyVersion: set.Surveys[surveyID].Version}
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `set local statement_timeout = 0; set local maintenance_work_mem = '512MB';
			set local idle_in_transaction_session_timeout = 0; set local synchronous_commit = off`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, generateLock); err != nil {
			return err
		}
		var there bool
		if err := tx.QueryRow(ctx, `select exists (select from customers) or exists (select from calls)`).Scan(&there); err != nil || there {
			return err
		}
		if w.agents, err = readAgents(ctx, tx); err != nil {
			return err
		}
		made = true
		return w.fill(ctx, tx)
	})
	if err != nil {
		return false, fmt.Errorf("make demo data: %w", err)
	}
	if made {
		// Without figures on the new rows the planner reads whole tables.
		if err := analyze(ctx, db); err != nil {
			return made, fmt.Errorf("count the demo data: %w", err)
		}
	}
	return made, nil
}

// analyze has a connection of its own: it takes longer than the pool's allow.
func analyze(ctx context.Context, db *pgxpool.Pool) (err error) {
	config := db.Config().ConnConfig
	config.RuntimeParams["statement_timeout"] = "0"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	_, err = conn.Exec(ctx, `vacuum analyze`)
	return err
}

// agent is one who took past calls.
type agent struct {
	id     id.AgentID
	skill  float64
	queues []id.QueueID
	free   time.Time // end of the last wrap-up
}

var errNoAgents = errors.New("nobody takes calls yet; make the company first")

func readAgents(ctx context.Context, tx pgx.Tx) ([]*agent, error) {
	rows, err := tx.Query(ctx, `select id, login from users where active order by id`)
	if err != nil {
		return nil, err
	}
	ids := map[string]id.AgentID{}
	var user id.AgentID
	var login string
	if _, err := pgx.ForEachRow(rows, []any{&user, &login}, func() error { ids[login] = user; return nil }); err != nil {
		return nil, err
	}
	var agents []*agent
	for _, p := range people {
		if user, there := ids[p.Login]; there && p.Role == "agent" {
			agents = append(agents, &agent{id: user, skill: p.skill, queues: p.queues})
		}
	}
	if len(agents) == 0 {
		return nil, errNoAgents
	}
	return agents, nil
}

// world is what is being made.
type world struct {
	Options
	surveyVersion string
	agents        []*agent
}

func (w *world) fill(ctx context.Context, tx pgx.Tx) error {
	finish := func() error { return nil }
	if w.Customers+w.Calls >= manyRows {
		var err error
		if finish, err = withoutIndexes(ctx, tx, customerTables, callTables); err != nil {
			return err
		}
	}
	if err := w.copyAll(ctx, tx, "customers", w.Customers, w.makeCustomers); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `select setval(pg_get_serial_sequence('customers', 'id'), $1)`, w.Customers); err != nil {
		return fmt.Errorf("set the next customer's number: %w", err)
	}
	if err := w.copyAll(ctx, tx, "calls", w.Calls, w.makeCalls); err != nil {
		return err
	}
	if err := w.makeTasks(ctx, tx); err != nil {
		return err
	}
	if err := w.makeCampaign(ctx, tx); err != nil {
		return err
	}
	if err := w.makePastCampaign(ctx, tx); err != nil {
		return err
	}
	w.Progress("indexes", 0, 1)
	defer w.Progress("indexes", 1, 1)
	return finish()
}
