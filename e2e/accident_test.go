package e2e

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti"
	ids "hotline/cti/id"
	"hotline/internal/devstack"
)

// scriptStack is a stack that many scripts share.
type scriptStack struct {
	*stack
	cable   *cable
	frozen  sync.Mutex // held while the gateway is stopped
	signing sync.Mutex

	mu         sync.Mutex
	changed    chan struct{}
	seen       map[string]int // events of nobody in particular, by kind
	configured cti.Configured // the newest
	lines      map[string]*play
	calls      map[string]*play // by the real id
	users      map[string]*play
	names      map[string]string // what the script calls a call or a user
}

func (s *scriptStack) openDatabase(dsn string) {
	s.t.Helper()
	var err error
	s.db, err = pgxpool.New(limit(s.t, time.Minute), dsn)
	must(s.t, err)
	s.t.Cleanup(s.db.Close)
	s.changed, s.seen = make(chan struct{}), map[string]int{}
	s.lines, s.calls, s.users, s.names = map[string]*play{}, map[string]*play{}, map[string]*play{}, map[string]string{}
}

// enter makes the follower know a script.
func (s *scriptStack) enter(p *play) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.got, p.legs = map[string][]string{}, map[string]string{}
	s.lines[numberOf(p.number)] = p
	for name, a := range p.agents {
		s.users[a.user], s.names[a.user] = p, name
	}
}

// follow reads what the controllers are told, as it is stored, and hands it to the scripts.
func (s *scriptStack) follow() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	s.t.Cleanup(func() { cancel(); <-ended })
	go func() {
		defer close(ended)
		tick := time.NewTicker(40 * time.Millisecond)
		defer tick.Stop()
		for last := int64(0); ; {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			var err error
			if last, err = s.read(ctx, last); err != nil && ctx.Err() == nil {
				s.t.Errorf("follow the events: %v", err)
				return
			}
		}
	}()
}

func (s *scriptStack) read(ctx context.Context, last int64) (int64, error) {
	rows, err := s.db.Query(ctx, `select id, (data->>'floor')::bigint, kind, data->'event', coalesce(jsonb_array_length(data->'commands'), 0)
		from call_event where id > $1 order by id`, last)
	if err != nil {
		return last, fmt.Errorf("query: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var floor int64
		var kind string
		var event []byte
		var commands int
		if err := rows.Scan(&last, &floor, &kind, &event, &commands); err != nil {
			return last, fmt.Errorf("scan: %w", err)
		}
		if err := s.hand(floor, kind, event, commands); err != nil {
			return last, err
		}
	}
	return last, rows.Err()
}

// tokens are the ids of calls and people in an event.
var tokens = regexp.MustCompile(`hl1-[0-9]+-[0-9]+|"u[0-9]+"`)

// hand gives an event to the script that it belongs to, in that script's words.
func (s *scriptStack) hand(floor int64, kind string, raw []byte, commands int) error {
	ev, err := cti.DecodeEvent(kind, raw)
	if err != nil {
		return fmt.Errorf("event %s: %w", raw, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { close(s.changed); s.changed = make(chan struct{}) }()
	switch ev := ev.(type) {
	case cti.Configured:
		s.configured = ev
		return nil
	case cti.AsteriskLost, cti.AsteriskReconnected, cti.LegsFound:
		s.seen[kind]++
		return nil
	case cti.CallArrived:
		s.arrive(ev)
	}
	var owner *play
	words := tokens.ReplaceAllFunc(raw, func(token []byte) []byte {
		name, quoted := string(token), token[0] == '"'
		if quoted {
			name = name[1 : len(name)-1]
		}
		for _, p := range []*play{s.calls[name], s.users[name]} {
			if p != nil {
				owner = p
			}
		}
		if known := s.names[name]; known != "" {
			name = known
		}
		if quoted {
			return []byte(`"` + name + `"`)
		}
		return []byte(name)
	})
	if owner == nil {
		return nil
	}
	if ev, err = cti.DecodeEvent(kind, words); err != nil {
		return fmt.Errorf("event %s: %w", words, err)
	}
	owner.mu.Lock()
	defer owner.mu.Unlock()
	for _, f := range owner.story.add(0, floor, ev, commands) {
		owner.got[f.subject] = append(owner.got[f.subject], f.text)
	}
	close(owner.changed)
	owner.changed = make(chan struct{})
	return nil
}

// arrive finds out which of the script's callers it is: they dial one after the other. The caller holds s.mu.
func (s *scriptStack) arrive(ev cti.CallArrived) {
	p := s.lines[ev.Line]
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.arrived < len(p.dialled) {
		name := p.dialled[p.arrived]
		p.arrived++
		s.calls[string(ev.Call)], s.names[string(ev.Call)], p.legs[name] = p, name, string(ev.Call)
	}
}

// await waits until the controllers have been told enough. ok is called with s.mu held.
func (s *scriptStack) await(ctx context.Context, what string, ok func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		s.mu.Lock()
		changed, done := s.changed, ok()
		s.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, ctx.Err())
		}
	}
}

// told waits until one more event of each kind has come since do began.
func (s *scriptStack) told(ctx context.Context, do func() error, kinds ...string) error {
	before := map[string]int{}
	s.mu.Lock()
	for _, kind := range kinds {
		before[kind] = s.seen[kind]
	}
	s.mu.Unlock()
	if err := do(); err != nil {
		return err
	}
	for _, kind := range kinds {
		if err := s.await(ctx, kind, func() bool { return s.seen[kind] > before[kind] }); err != nil {
			return err
		}
	}
	return nil
}

// killServe kills the controller, once what it was told before is in the database: the journal writes behind.
func (s *scriptStack) killServe(ctx context.Context) error {
	pause(ctx, 300*time.Millisecond)
	return s.serve.Kill()
}

func (s *scriptStack) startServe(ctx context.Context) error {
	return s.told(ctx, func() (err error) {
		s.serve, err = s.again(ctx, "serve")
		return err
	}, "asterisk_reconnected", "legs_found")
}

func (s *scriptStack) killMedia() error { return s.media.Kill() }

func (s *scriptStack) startMedia(ctx context.Context) error {
	return s.told(ctx, func() (err error) {
		s.media, err = s.again(ctx, "media")
		return err
	}, "legs_found")
}

// again starts a process that was killed.
func (s *scriptStack) again(ctx context.Context, name string) (*devstack.Process, error) {
	p, err := devstack.Launch(s.specs[name], filepath.Join(s.dir, name+".log"), true)
	if err != nil {
		return nil, err
	}
	s.t.Cleanup(func() { _ = p.Stop() })
	return p, p.AwaitReady(ctx)
}

func (s *scriptStack) cutCable(ctx context.Context) error {
	return s.told(ctx, func() error { s.cable.cut(); return nil }, "asterisk_lost")
}

func (s *scriptStack) killAsterisk(ctx context.Context) error {
	s.cable.shut()
	return s.told(ctx, s.asterisk.Kill, "asterisk_lost")
}

// mendCable makes Asterisk reachable again; it is started if it died.
func (s *scriptStack) mendCable(ctx context.Context) error {
	return s.told(ctx, func() (err error) {
		select {
		case <-s.asterisk.Done():
			if s.asterisk.Process, err = devstack.Start(ctx, s.asterisk.Spec, s.asterisk.LogPath()); err != nil {
				return err
			}
		default:
		}
		s.cable.mend()
		return nil
	}, "asterisk_reconnected")
}

// dropChannel hangs up one channel of a leg, behind the controller's back.
func (s *scriptStack) dropChannel(ctx context.Context, leg ids.LegID, part string) error {
	n, err := strconv.Atoi(part)
	if err != nil {
		return fmt.Errorf("part %q: %w", part, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, s.asterisk.URL()+"/channels/"+leg.Channel(n), nil)
	if err != nil {
		return fmt.Errorf("hang up a leg: %w", err)
	}
	req.SetBasicAuth(s.asterisk.User, s.asterisk.Password)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("hang up a leg: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("hang up leg %s: %s", leg, res.Status)
	}
	return nil
}

// setMembers changes who serves a queue, and waits until the controller has heard of it.
func (s *scriptStack) setMembers(ctx context.Context, p *play, queue string, agents []string) error {
	var users []string
	for _, a := range agents {
		users = append(users, p.agents[a].user)
	}
	slices.Sort(users)
	tx, err := s.db.Begin(ctx)
	if err != nil {
		return fmt.Errorf("change a queue: %w", err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err = tx.Exec(ctx, `delete from queue_members where queue_id = $1`, p.queue(queue)); err != nil {
		return fmt.Errorf("change a queue: %w", err)
	}
	if _, err = tx.Exec(ctx, `insert into queue_members (queue_id, user_id) select $1, unnest($2::text[])`, p.queue(queue), users); err != nil {
		return fmt.Errorf("change a queue: %w", err)
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("change a queue: %w", err)
	}
	return s.await(ctx, "the changed queue", func() bool {
		for _, q := range s.configured.Queues {
			if string(q.ID) == p.queue(queue) {
				var have []string
				for _, m := range q.Members {
					have = append(have, string(m))
				}
				slices.Sort(have)
				return slices.Equal(have, users)
			}
		}
		return false
	})
}

// refuseNext has the next of a script's commands fail: the request that carries it out is refused by Asterisk, or by the
// database. A database refuses until relent is called.
func (s *scriptStack) refuseNext(ctx context.Context, p *play, command string, due <-chan struct{}) (relent func() error, err error) {
	if refused[command] != nil {
		s.cable.refuse(&refusal{line: numberOf(p.number), command: command, due: due})
		return nil, nil
	}
	if _, err := s.db.Exec(ctx, `insert into refused_saves (command, line) values ($1, $2)`, command, numberOf(p.number)); err != nil {
		return nil, fmt.Errorf("have a save refused: %w", err)
	}
	return func() error {
		_, err := s.db.Exec(ctx, `delete from refused_saves where line = $1`, numberOf(p.number))
		return err
	}, nil
}

// refusingDatabase makes the database refuse what refused_saves names, as it does when a value breaks a rule.
const refusingDatabase = `
	create table refused_saves (command text not null, line text not null);
	create function refuse_save() returns trigger language plpgsql as $$
	begin
		if exists (select from refused_saves r join calls c using (line)
			where r.command = tg_argv[0] and c.id = to_jsonb(new)->>tg_argv[1]) then
			raise check_violation using message = 'refused';
		end if;
		return new;
	end $$;
	create trigger refuse before insert or update on survey_answers for each row execute function refuse_save('save_answer', 'call_id');
	create trigger refuse before update of disposition on calls for each row execute function refuse_save('save_disposition', 'id');`
