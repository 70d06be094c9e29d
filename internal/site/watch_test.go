package site_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"hotline/cti/id"
	"hotline/internal/site"
)

func TestEveryChangeIsHeard(t *testing.T) {
	s, pool := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	changed, ended := make(chan struct{}, 1), make(chan error)
	go func() { ended <- s.Watch(ctx, slog.New(slog.NewTextHandler(io.Discard, nil)), changed) }()
	heard := func(what string) {
		t.Helper()
		select {
		case <-changed:
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: not heard", what)
		}
	}
	heard("connecting")

	var u site.User
	steps := []struct {
		what string
		do   func() error
	}{
		{"user", func() (err error) {
			u, err = s.CreateUser(ctx, site.User{Login: "amy", Name: "Amy", Role: "agent", Scope: "own"}, "")
			return err
		}},
		{"team", func() error { _, err := s.CreateTeam(ctx, site.Team{Name: "t"}); return err }},
		{"queue", func() error { return s.CreateQueue(ctx, site.Queue{ID: "order", NameZH: "訂購", NameEN: "Orders"}) }},
		{"members", func() error { return s.SetMembers(ctx, "order", []id.AgentID{u.ID}) }},
		{"line", func() error { _, err := s.PutLine(ctx, site.Line{Number: "0800000123", Flow: "main"}); return err }},
		{"reason", func() error { return s.PutReason(ctx, site.Label{Code: "x", LabelZH: "x", LabelEN: "x"}) }},
		{"disposition", func() error { return s.PutDisposition(ctx, site.Label{Code: "x", LabelZH: "x", LabelEN: "x"}) }},
		{"switching off", func() error { return s.Deactivate(ctx, u.ID) }},
		{"by hand", func() error { _, err := pool.Exec(ctx, `delete from lines`); return err }},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		heard(step.what)
	}

	// A lost connection is made again, and what may have been missed is told.
	if _, err := pool.Exec(ctx, `select pg_terminate_backend(pid) from pg_stat_activity
		where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen%'`); err != nil {
		t.Fatal(err)
	}
	heard("connecting again")

	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Watch ended with %v", err)
	}
}
