package site_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/internal/site"
)

func newStore(t *testing.T) (*site.Store, *pgxpool.Pool) {
	t.Helper()
	pool := pgtest.Pool(t)
	return site.NewStore(pool, func() []string { return []string{"main", "after-hours"} }), pool
}

func addUser(t *testing.T, s *site.Store, login, role, scope string) site.User {
	t.Helper()
	u, err := s.CreateUser(t.Context(), site.User{Login: login, Name: login, Role: role, Scope: scope}, "hash")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// wantFaults checks the codes of the fields that are wrong.
func wantFaults(t *testing.T, err error, want map[string]string) {
	t.Helper()
	var invalid *site.Invalid
	if !errors.As(err, &invalid) {
		t.Errorf("err = %v, want faults %v", err, want)
		return
	}
	got := map[string]string{}
	for _, f := range invalid.Faults {
		got[f.Field] = f.Code
		if f.Remedy == "" {
			t.Errorf("fault of %s has no remedy", f.Field)
		}
	}
	if len(got) != len(want) {
		t.Errorf("faults %v, want %v", got, want)
	}
	for field, code := range want {
		if got[field] != code {
			t.Errorf("field %s: %q, want %q", field, got[field], code)
		}
	}
}

func TestUserLife(t *testing.T) {
	s, pool := newStore(t)
	ctx := t.Context()
	boss := addUser(t, s, "boss", site.RoleAdmin, site.ScopeAll)
	amy, err := s.CreateUser(ctx, site.User{Login: " Amy.Chen ", Name: "陳怡君", Role: site.RoleAgent, Scope: site.ScopeOwn}, "hash")
	if err != nil {
		t.Fatal(err)
	}
	if amy.Login != "amy.chen" || !amy.Active || amy.Lang != "zh-TW" || amy.ID == boss.ID || amy.CreatedAt.IsZero() {
		t.Errorf("made %+v", amy)
	}
	if found, err := s.UserByLogin(ctx, "AMY.chen"); err != nil || found.ID != amy.ID {
		t.Errorf("by login: %+v, %v", found, err)
	}
	team, err := s.CreateTeam(ctx, site.Team{Name: "訂購組"})
	if err != nil {
		t.Fatal(err)
	}
	amy.Role, amy.Scope, amy.TeamID, amy.Lang = site.RoleSupervisor, site.ScopeTeam, team.ID, "en"
	if err := s.UpdateUser(ctx, amy); err != nil {
		t.Fatal(err)
	}
	if got, err := s.User(ctx, amy.ID); err != nil || got != amy {
		t.Errorf("after the change: %+v, %v; want %+v", got, err, amy)
	}
	wantFaults(t, s.DeleteTeam(ctx, team.ID), map[string]string{"id": site.FaultInUse})

	session := func() (n int) {
		if err := pool.QueryRow(ctx, `select count(*) from sessions`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	signIn := func() {
		if _, err := pool.Exec(ctx, `insert into sessions (token_hash, user_id, expires_at) values (sha256('x'), $1, now())`, amy.ID); err != nil {
			t.Fatal(err)
		}
	}
	signIn()
	if err := s.SetPassword(ctx, amy.ID, "other"); err != nil || session() != 0 {
		t.Errorf("a new password leaves %d sessions, %v", session(), err)
	}
	signIn()
	if err := s.Deactivate(ctx, amy.ID); err != nil || session() != 0 {
		t.Errorf("switching off leaves %d sessions, %v", session(), err)
	}
	if all, err := s.Users(ctx); err != nil || len(all) != 2 || all[1].ID != amy.ID || all[1].Active {
		t.Errorf("users = %+v, %v", all, err)
	}
	for what, err := range map[string]error{
		"SetPassword": s.SetPassword(ctx, "u999", "x"), "Deactivate": s.Deactivate(ctx, "u999"),
		"UpdateUser": s.UpdateUser(ctx, site.User{ID: "u999", Login: "x", Name: "x", Role: "agent", Scope: "own"}),
		"DeleteTeam": s.DeleteTeam(ctx, "none"), "UpdateTeam": s.UpdateTeam(ctx, site.Team{ID: "none", Name: "x"}),
	} {
		if !errors.Is(err, site.ErrNotFound) {
			t.Errorf("%s of nobody: %v", what, err)
		}
	}
}

func TestUserFaults(t *testing.T) {
	s, _ := newStore(t)
	ctx := t.Context()
	addUser(t, s, "amy", site.RoleAgent, site.ScopeOwn)
	ok := site.User{Login: "bob", Name: "Bob", Role: "agent", Scope: "own"}
	for _, c := range []struct {
		change func(*site.User)
		want   map[string]string
	}{
		{func(u *site.User) { u.Login = "" }, map[string]string{"login": site.FaultRequired}},
		{func(u *site.User) { u.Login = "王 小" }, map[string]string{"login": site.FaultForm}},
		{func(u *site.User) { u.Login = "AMY" }, map[string]string{"login": site.FaultTaken}},
		{func(u *site.User) { u.Name = "  " }, map[string]string{"name": site.FaultRequired}},
		{func(u *site.User) { u.Name = "a\x00b" }, map[string]string{"name": site.FaultForm}},
		{func(u *site.User) { u.Name = string(make([]rune, 61)) }, map[string]string{"name": site.FaultTooLong}},
		{func(u *site.User) { u.Role = "root" }, map[string]string{"role": site.FaultUnknown}},
		{func(u *site.User) { u.Scope = "world"; u.Lang = "fr" }, map[string]string{"scope": site.FaultUnknown, "lang": site.FaultUnknown}},
		{func(u *site.User) { u.Scope = "team" }, map[string]string{"team_id": site.FaultTeamNeeded}},
		{func(u *site.User) { u.TeamID = "none" }, map[string]string{"team_id": site.FaultUnknown}},
	} {
		u := ok
		c.change(&u)
		_, err := s.CreateUser(ctx, u, "hash")
		wantFaults(t, err, c.want)
	}
}

func TestSomebodyIsAlwaysAdministrator(t *testing.T) {
	s, _ := newStore(t)
	ctx := t.Context()
	boss := addUser(t, s, "boss", site.RoleAdmin, site.ScopeAll)
	wantFaults(t, s.Deactivate(ctx, boss.ID), map[string]string{"active": site.FaultLastAdmin})
	lesser := boss
	lesser.Role = site.RoleQA
	wantFaults(t, s.UpdateUser(ctx, lesser), map[string]string{"active": site.FaultLastAdmin})
	if u, err := s.User(ctx, boss.ID); err != nil || u.Role != site.RoleAdmin || !u.Active {
		t.Errorf("the refused change was made: %+v, %v", u, err)
	}
	addUser(t, s, "second", site.RoleAdmin, site.ScopeAll)
	if err := s.Deactivate(ctx, boss.ID); err != nil {
		t.Errorf("with a second administrator: %v", err)
	}
}

func TestQueuesAndMembers(t *testing.T) {
	s, _ := newStore(t)
	ctx := t.Context()
	amy, bob := addUser(t, s, "amy", site.RoleAgent, site.ScopeOwn), addUser(t, s, "bob", site.RoleAgent, site.ScopeOwn)
	if err := s.CreateQueue(ctx, site.Queue{ID: "order", NameZH: "訂購", NameEN: "Orders"}); err != nil {
		t.Fatal(err)
	}
	q, err := s.Queue(ctx, "order")
	if err != nil || q.LongestWaitS != 600 || q.WrapUpS != 60 || q.RingS != 20 || q.ServiceLevelS != 20 || !q.Active {
		t.Errorf("with the usual times: %+v, %v", q, err)
	}
	wantFaults(t, s.CreateQueue(ctx, site.Queue{ID: "order", NameZH: "x", NameEN: "x"}), map[string]string{"id": site.FaultTaken})
	wantFaults(t, s.CreateQueue(ctx, site.Queue{ID: "Bad Slug", NameZH: "x", RingS: 21, WrapUpS: -1}),
		map[string]string{"id": site.FaultForm, "name_en": site.FaultRequired, "ring_s": site.FaultRange, "wrap_up_s": site.FaultRange})
	q.RingS, q.Position = 15, 3
	if err := s.UpdateQueue(ctx, q); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Queue(ctx, "order"); err != nil || got != q {
		t.Errorf("after the change: %+v, %v", got, err)
	}

	both := []site.Member{{"order", amy.ID}, {"order", bob.ID}}
	for _, m := range append(both, both...) {
		if err := s.AddMember(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	wantFaults(t, s.AddMember(ctx, site.Member{QueueID: "none", UserID: amy.ID}), map[string]string{"queue_id": site.FaultUnknown})
	wantFaults(t, s.AddMember(ctx, site.Member{QueueID: "order", UserID: "u999"}), map[string]string{"user_id": site.FaultUnknown})
	check := func(want ...site.Member) {
		t.Helper()
		if got, err := s.Members(ctx); err != nil || !slices.Equal(got, want) {
			t.Errorf("members = %v, %v; want %v", got, err, want)
		}
	}
	check(both...)
	if err := s.RemoveMember(ctx, both[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveMember(ctx, both[0]); !errors.Is(err, site.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	check(both[1])
	if err := s.SetMembers(ctx, "order", []id.AgentID{amy.ID}); err != nil {
		t.Fatal(err)
	}
	check(both[0])
	if err := s.SetQueues(ctx, amy.ID, nil); err != nil {
		t.Fatal(err)
	}
	check()
	if err := s.SetQueues(ctx, amy.ID, []id.QueueID{"order"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Deactivate(ctx, amy.ID); err != nil {
		t.Fatal(err)
	}
	check()
}

func TestLines(t *testing.T) {
	s, _ := newStore(t)
	ctx := t.Context()
	l, err := s.PutLine(ctx, site.Line{Number: "0800-000-123", Flow: "main"})
	if err != nil || l.Number != "+886800000123" {
		t.Fatalf("line = %+v, %v", l, err)
	}
	if _, err := s.PutLine(ctx, site.Line{Number: "+886800000123", Flow: "after-hours"}); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Lines(ctx); err != nil || len(all) != 1 || all[0].Flow != "after-hours" {
		t.Errorf("lines = %+v, %v", all, err)
	}
	_, err = s.PutLine(ctx, site.Line{Number: "1001", Flow: "nowhere"})
	wantFaults(t, err, map[string]string{"number": site.FaultForm, "flow": site.FaultUnknown})
	_, err = s.PutLine(ctx, site.Line{})
	wantFaults(t, err, map[string]string{"number": site.FaultRequired, "flow": site.FaultRequired})
	if err := s.DeleteLine(ctx, l.Number); err != nil {
		t.Error(err)
	}
	if err := s.DeleteLine(ctx, l.Number); !errors.Is(err, site.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
}

func TestReasonsAndDispositions(t *testing.T) {
	s, _ := newStore(t)
	ctx := t.Context()
	lunch := site.Label{Code: "meal", LabelZH: "用餐", LabelEN: "Meal", Position: 2, Active: true}
	if err := s.PutReason(ctx, lunch); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{cti.ReasonRONA, cti.ReasonDeclined, cti.ReasonMedia} {
		wantFaults(t, s.PutReason(ctx, site.Label{Code: code, LabelZH: "x", LabelEN: "x"}), map[string]string{"code": site.FaultReserved})
	}
	wantFaults(t, s.PutDisposition(ctx, site.Label{Code: "A B"}),
		map[string]string{"code": site.FaultForm, "label_zh": site.FaultRequired, "label_en": site.FaultRequired})
	lunch.Active = false
	if err := s.PutReason(ctx, lunch); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Reasons(ctx); err != nil || !slices.Equal(all, []site.Label{lunch}) {
		t.Errorf("reasons = %+v, %v", all, err)
	}
}

func TestLoadGivesWhatIsActive(t *testing.T) {
	s, _ := newStore(t)
	ctx := t.Context()
	amy := addUser(t, s, "amy", site.RoleAgent, site.ScopeOwn)
	gone := addUser(t, s, "gone", site.RoleAgent, site.ScopeOwn)
	addUser(t, s, "boss", site.RoleAdmin, site.ScopeAll)
	for _, err := range []error{
		s.CreateQueue(ctx, site.Queue{ID: "order", NameZH: "訂購", NameEN: "Orders", WrapUpS: 30}),
		s.CreateQueue(ctx, site.Queue{ID: "old", NameZH: "舊", NameEN: "Old"}),
		s.UpdateQueue(ctx, site.Queue{ID: "old", NameZH: "舊", NameEN: "Old"}),
		s.SetMembers(ctx, "order", []id.AgentID{amy.ID, gone.ID}),
		s.Deactivate(ctx, gone.ID),
		s.PutReason(ctx, site.Label{Code: "break", LabelZH: "休息", LabelEN: "Break", Active: true}),
		s.PutReason(ctx, site.Label{Code: "past", LabelZH: "舊", LabelEN: "Old"}),
		s.PutDisposition(ctx, site.Label{Code: "solved", LabelZH: "已解決", LabelEN: "Solved", Active: true}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.PutLine(ctx, site.Line{Number: "0800000123", Flow: "main"}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Load(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Queues) != 1 || len(got.Agents) != 1 || len(got.Lines) != 1 || len(got.Reasons) != 1 || len(got.Dispositions) != 1 {
		t.Errorf("loaded %+v", got)
	}
	c := got.Configured()
	if len(c.Queues) != 1 || c.Queues[0].WrapUp != 30*time.Second || !slices.Equal(c.Queues[0].Members, []id.AgentID{amy.ID}) ||
		!slices.Equal(c.Agents, []id.AgentID{amy.ID}) || !slices.Equal(c.Reasons, []string{"break"}) || !slices.Equal(c.Dispositions, []string{"solved"}) {
		t.Errorf("configured %+v", c)
	}
}
