package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/cti"
	"hotline/cti/ctitest"
	ids "hotline/cti/id"
	deployed "hotline/deploy/asterisk"
	"hotline/internal/devstack"
	"hotline/internal/sipphone"
	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flowstore"
	"hotline/ivr/survey"
)

// The scripts of cti/ctitest/testdata on the real thing: callers are SIP phones, agents are robots at the desk protocol,
// a controller dies by SIGKILL, a request is refused on its way to Asterisk, a save by a rule of the database. Each script
// has its own line, flow, queues and agents, so that all of them share one Asterisk and run at the same time; those that
// kill something run together, and kill it when all of them are there.
//
// A line is played when everything that the model knew before it has come about here too: scripts say in which order
// things happen, and the real thing decides how long they take. What must agree is, for each call and each agent, the
// order of the facts, in the words of ctitest.DescribeEvent, but for
//
//   - echoes, from which nothing follows (see story): the end of a playback that was stopped, a leg that was dropped. They
//     come on their own channels, in their own time;
//   - what a desk cannot ask: without a websocket, or for a call that it does not show;
//   - a desk that is opened again while it is open: the hub tells the Floor of changes only;
//   - commands that fail by an accident, which is a fact of its own; those that a script has fail are compared.

// scale are scripts whose waits are minutes: the same order of events, by other settings and pauses.
type scale struct {
	longestWait, every time.Duration
	pauses             map[string]string // of the lines that begin so
	paced              bool              // pauses are waited for in full
}

var scales = map[string]scale{
	"longest-wait.txt": {longestWait: 20 * time.Second, pauses: map[string]string{"+290s": "+10s"}},
	"rings-past-longest-wait.txt": {
		longestWait: 30 * time.Second, every: 90 * time.Second, pauses: map[string]string{"+290s": "+15s", "+12s": "+16s"}, paced: true,
	},
	"desk-away-too-long.txt":  {pauses: map[string]string{"+299s": "+19s"}},
	"media-lost-for-long.txt": {pauses: map[string]string{"+61s": "+16s"}},
	// What is spoken takes its time.
	"message.txt": {paced: true}, "message-hung-up.txt": {paced: true}, "comment.txt": {paced: true},
	"controller-dies-in-sub-flow.txt": {paced: true}, // its group has time
	"controller-dies-in-message.txt":  {paced: true}, "controller-dies-in-comment.txt": {paced: true}, "gateway-dies-in-message.txt": {paced: true},

	"queue-announcements.txt": {every: 20 * time.Second, pauses: map[string]string{"+50s a1": "+30s a1", "+50s time": "+25s time"}},
}

// What the stack is set to, and the model of each script too.
var wholeFloor = cti.Settings{MediaGrace: 15 * time.Second, DeskGrace: 20 * time.Second}

const (
	scriptLines = 90                     // numbers that Asterisk knows
	pace        = 250 * time.Millisecond // the longest pause of a person, but in paced scripts
	patience    = 75 * time.Second       // for what the model says must come
)

// numberOf is the line of the n-th script, E.164; dialledAs is how it is rung.
func numberOf(n int) string  { return fmt.Sprintf("+8868002000%02d", n) }
func dialledAs(n int) string { return fmt.Sprintf("08002000%02d", n) }

func TestScriptsOnRealParts(t *testing.T) {
	plays := loadPlays(t)
	s := newScriptStack(t, plays)
	s.follow()
	for _, group := range []struct {
		name  string
		verbs []string // the accidents that bring its scripts together
		late  []string // scripts that cannot wait long for the others
		// speaks chooses, of the scripts of the controller, those with pauses that are waited for in full, or else the others.
		speaks bool
	}{
		{name: "people"},
		{name: "controller", verbs: []string{"controller dies", "controller starts"}, late: []string{
			"controller-dies-in-flow.txt", "controller-dies-while-ringing.txt", "controller-dies-while-connecting.txt",
			"flow-published-controller-dies.txt",
		}},
		// Those who speak take their time, which the others have not.
		{name: "controller, while somebody speaks", verbs: []string{"controller dies", "controller starts"}, speaks: true},
		{name: "gateway", verbs: []string{"gateway dies", "gateway is back"}, late: []string{"gateway-unreachable.txt"}},
		{name: "connection", verbs: []string{"asterisk is lost"}, late: []string{"hold-fails.txt"}},
		{name: "asterisk", verbs: []string{"asterisk dies"}},
	} {
		began := time.Now()
		var cast []*play
		late := 0
		for _, p := range plays {
			if p.accident(group.verbs) && (!slices.Contains(group.verbs, "controller dies") || p.scale.paced == group.speaks) {
				cast = append(cast, p)
				if p.late = slices.Contains(group.late, p.name); p.late {
					late++
				}
			}
		}
		m := newMeeting(len(cast), late)
		var all sync.WaitGroup
		for _, p := range cast {
			p.meeting = m
			all.Go(func() { p.err = p.run(s); m.leave() })
		}
		all.Wait()
		for _, p := range cast {
			if p.err != nil {
				t.Errorf("%s: %v", p.name, p.err)
			}
		}
		t.Logf("%s: %d scripts in %.0f s", group.name, len(cast), time.Since(began).Seconds())
	}
	must(t, s.serve.Stop())
	s.checkNoCard()
	s.checkReplay()
}

// loadPlays reads every script and runs it on the model. HOTLINE_SCRIPT=rona leaves out those that begin otherwise.
func loadPlays(t *testing.T) []*play {
	t.Helper()
	files, err := filepath.Glob("../cti/ctitest/testdata/*.txt")
	must(t, err)
	var plays []*play
	for _, file := range files {
		name := filepath.Base(file)
		raw, err := os.ReadFile(file)
		must(t, err)
		if os.Getenv("HOTLINE_SCRIPT") != "" && !strings.HasPrefix(name, os.Getenv("HOTLINE_SCRIPT")) {
			continue
		}
		if strings.Contains(string(raw), " is called\n") {
			continue // campaign_test.go calls people
		}
		if strings.Contains(string(raw), "\nqueue asks ") || strings.HasPrefix(string(raw), "queue asks ") {
			continue // link_test.go has real people whom a queue asks
		}
		if strings.Contains(string(raw), " dial_out ") {
			continue // transfer_test.go has a telephone outside
		}
		p, err := newPlay(name, string(raw), len(plays))
		must(t, err)
		plays = append(plays, p)
	}
	if len(plays) == 0 {
		t.Fatal("there are no scripts")
	}
	return plays
}

func newPlay(name, text string, number int) (*play, error) {
	p := &play{
		name: name, number: number, scale: scales[name], calls: map[string]*ringer{}, agents: map[string]*seat{},
		changed: make(chan struct{}),
	}
	for from, to := range p.scale.pauses {
		if !strings.Contains(text, "\n"+from) {
			return nil, fmt.Errorf("%s: no line begins with %q", name, from)
		}
		text = strings.ReplaceAll(text, "\n"+from, "\n"+to)
	}
	var err error
	if p.lines, err = ctitest.ParseScript(text); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p.config = ctitest.Config(ctitest.ScriptAgents(p.lines))
	p.config.Settings = wholeFloor
	flow := p.config.Flows[0]
	for step, do := range flow.Steps {
		if q, ok := do.Do.(ivr.Queue); ok && p.scale.every > 0 {
			q.Every = p.scale.every
			flow.Steps[step] = ivr.Step{Do: q}
		}
	}
	for i := range p.config.Queues {
		q := &p.config.Queues[i]
		q.Ring = 20 * time.Second
		q.LongestWait = max(q.LongestWait, 10*time.Second) // the least that the settings allow
		q.WrapUp = max(q.WrapUp, 5*time.Second)
		if p.scale.longestWait > 0 {
			q.LongestWait = p.scale.longestWait
		}
	}
	p.story = newStory(p.lines)
	entries, err := ctitest.RunScriptOn(p.config, p.lines)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	model := newStory(p.lines)
	for _, e := range entries {
		p.model = append(p.model, model.add(e.Line, int64(e.Floor), e.Event, followed(e.Commands))...)
	}
	return p, nil
}

// queue is the real name of one of the script's queues.
func (p *play) queue(name string) string { return fmt.Sprintf("s%02d-%s", p.number, name) }

// newScriptStack is a stack on which each script has its own line, flow, queues and people, and whose controller reaches
// Asterisk through a cable that can be cut.
func newScriptStack(t *testing.T, plays []*play) *scriptStack {
	t.Helper()
	s := &scriptStack{stack: &stack{t: t, dir: t.TempDir(), logins: map[string]login{}, specs: map[string]devstack.Spec{}}}
	ctx := limit(t, 2*time.Minute)
	must(t, os.Chmod(s.dir, 0o755))
	pg, err := devstack.StartPostgres(ctx, filepath.Join(s.dir, "pg"), devstack.PostgresOptions{Volatile: true})
	must(t, err)
	t.Cleanup(func() { _ = pg.Stop(); _ = pg.Clean() })
	sounds, flows := filepath.Join(s.dir, "sounds"), filepath.Join(s.dir, "flows")
	must(t, os.MkdirAll(sounds, 0o755))
	must(t, os.MkdirAll(flows, 0o755))
	var numbers []string
	for n := range scriptLines {
		numbers = append(numbers, numberOf(n))
	}
	s.asterisk, err = devstack.StartAsterisk(ctx, filepath.Join(s.dir, "asterisk"), devstack.AsteriskOptions{
		Config: deployed.Config{Lines: numbers}, RTPPorts: 1600, Shares: []string{sounds},
	})
	must(t, err)
	t.Cleanup(func() { _ = s.asterisk.Stop(); _ = s.asterisk.Clean() })
	s.sip = s.asterisk.SIP
	s.cable, err = newCable(s.asterisk.HTTP.String())
	must(t, err)
	t.Cleanup(s.cable.close)
	s.settings(pg.DSN, sounds, func(values map[string]any) {
		values["flows"] = []string{flows}
		values["services"] = scriptServices(t)
		values["floor"] = map[string]any{"media_grace": wholeFloor.MediaGrace.String(), "desk_grace": wholeFloor.DeskGrace.String()}
		to, err := url.Parse(s.asterisk.URL())
		must(t, err)
		to.Host = s.cable.address()
		values["asterisk"].(map[string]any)["url"] = to.String()
	})
	s.openDatabase(pg.DSN)
	s.tool("migrate")
	s.tool("demo-data", "--customers", "5", "--calls", "5")
	s.readLogins()
	s.people(plays)
	_, err = s.db.Exec(ctx, refusingDatabase)
	must(t, err)
	writeFlows(t, flows, plays)
	s.media = s.start("media")
	s.serve = s.start("serve")
	s.phone, err = sipphone.New()
	must(t, err)
	t.Cleanup(func() { _ = s.phone.Close() })
	t.Cleanup(s.showLogs)
	t.Cleanup(func() {
		for _, p := range plays {
			p.close()
		}
	})
	return s
}

// writeFlows writes the flows of each script, and the surveys they share.
func writeFlows(t *testing.T, dir string, plays []*play) {
	t.Helper()
	for _, s := range []*survey.Survey{ctitest.Survey(), ctitest.Opinion()} {
		raw, err := flowfile.MarshalSurvey(s)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, s.ID+".yaml"), raw, 0o600))
	}
	for _, p := range plays {
		for i := range p.config.Flows {
			flow := p.flow(i)
			raw, err := flowfile.MarshalFlow(flow)
			must(t, err)
			must(t, os.WriteFile(filepath.Join(dir, flow.ID+".yaml"), raw, 0o600))
		}
	}
}

// flow is one of the script's, by the names that it has here: that of its line, or the one that this enters.
func (p *play) flow(i int) *ivr.Flow {
	names := []string{fmt.Sprintf("s%02d", p.number), fmt.Sprintf("s%02d-desk", p.number)}
	f := *p.config.Flows[i]
	f.ID = names[i]
	steps := map[string]ivr.Step{}
	for name, step := range f.Steps {
		switch do := step.Do.(type) {
		case ivr.Queue:
			do.ID = ids.QueueID(p.queue(string(do.ID)))
			step.Do = do
		case ivr.Message:
			do.Queue = p.queue(do.Queue)
			step.Do = do
		case ivr.Sub:
			do.ID = names[1]
			step.Do = do
		default: // names neither queue nor flow
		}
		steps[name] = step
	}
	f.Steps = steps
	return &f
}

// publish makes a version of the script's flow live, and waits for the controller to know.
func (s *scriptStack) publish(ctx context.Context, p *play, version string) error {
	flow := p.flow(0)
	if version == "swapped" {
		flow = ctitest.Swapped(flow)
	}
	raw, err := flowfile.MarshalFlow(flow)
	if err != nil {
		return err
	}
	if _, err := flowstore.NewStore(s.db).Import(ctx, &flowfile.Set{Texts: [][]byte{raw}}, version); err != nil {
		return err
	}
	return s.await(ctx, "the published flow", func() bool {
		return s.configured.Versions[flow.ID] == flowfile.Version(raw)
	})
}

// people sets up lines, queues and agents. Every agent has the password of the same demo login.
func (s *scriptStack) people(plays []*play) {
	t := s.t
	t.Helper()
	ctx := limit(t, time.Minute)
	exec := func(sql string, args ...any) {
		t.Helper()
		_, err := s.db.Exec(ctx, sql, args...)
		must(t, err)
	}
	exec(`delete from lines`)
	for i, code := range []string{"break", "lunch"} {
		exec(`insert into reasons (code, label_zh, label_en, position) values ($1, $1, $1, $2) on conflict do nothing`, code, 90+i)
	}
	for i, code := range []string{"done", "callback"} {
		exec(`insert into dispositions (code, label_zh, label_en, position) values ($1, $1, $1, $2) on conflict do nothing`, code, 90+i)
	}
	for _, p := range plays {
		exec(`insert into lines (number, flow) values ($1, $2)`, numberOf(p.number), fmt.Sprintf("s%02d", p.number))
		for _, name := range p.config.Agents {
			var user string
			must(t, s.db.QueryRow(ctx, `insert into users (login, name, password_hash, role, scope)
				select $1, $1, password_hash, 'agent', 'own' from users where login = 'yijun' returning id`, p.login(string(name))).Scan(&user))
			p.agents[string(name)] = &seat{user: user}
		}
		for _, q := range p.config.Queues {
			exec(`insert into queues (id, name_zh, name_en, longest_wait_s, wrap_up_s, ring_s) values ($1, $1, $1, $2, $3, $4)`,
				p.queue(string(q.ID)), int(q.LongestWait.Seconds()), int(q.WrapUp.Seconds()), int(q.Ring.Seconds()))
			for _, a := range q.Members {
				exec(`insert into queue_members (queue_id, user_id) values ($1, $2)`, p.queue(string(q.ID)), p.agents[string(a)].user)
			}
		}
	}
}

func (p *play) login(agent string) string { return fmt.Sprintf("s%02d-%s", p.number, agent) }

// run plays the script to its end.
func (p *play) run(s *scriptStack) error {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	s.enter(p)
	if p.late {
		p.meeting.othersAreThere()
	}
	thaw := func() {}
	defer func() { thaw() }()
	for i, line := range p.lines {
		if err := p.expect(ctx, i); err != nil {
			return fmt.Errorf("before line %d %q: %w", i+1, line.Text, err)
		}
		if p.relent != nil && line.Verb != "fails" && p.lines[i-1].Verb != "fails" { // what was to fail has failed
			if err := p.relent(); err != nil {
				return fmt.Errorf("end a refusal: %w", err)
			}
			p.relent = nil
		}
		p.at = i
		pause(ctx, p.pauseOf(line))
		undo := func() {}
		if line.Verb == "answers" && i+1 < len(p.lines) && p.lines[i+1].After < 20*time.Millisecond {
			undo = s.freezeMedia() // what comes next is to come before the leg is up
		}
		if err := p.do(ctx, s, line); err != nil {
			undo()
			return fmt.Errorf("line %d %q: %w", i+1, line.Text, err)
		}
		thaw()
		thaw = undo
	}
	thaw()
	thaw = func() {}
	return p.expect(ctx, len(p.lines))
}

func (p *play) pauseOf(line ctitest.Line) time.Duration {
	if p.scale.paced {
		return line.After
	}
	return min(line.After, pace)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// expect waits until everything has come about that the model knew before the line, and tells what differs.
func (p *play) expect(ctx context.Context, line int) error {
	want := map[string][]string{}
	for _, e := range p.model {
		if e.line < line {
			want[e.subject] = append(want[e.subject], e.text)
		}
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		p.mu.Lock()
		changed, missing := p.changed, p.compare(want)
		p.mu.Unlock()
		if missing == nil {
			return nil
		}
		var d *differs
		if errors.As(missing, &d) {
			return missing
		}
		select {
		case <-changed:
		case <-late.C:
			return fmt.Errorf("not within %s: %w", patience, missing)
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), missing)
		}
	}
}

// differs is a difference that no patience mends.
type differs struct{ what string }

func (d *differs) Error() string { return d.what }

// compare says what is missing of want. The caller holds p.mu.
func (p *play) compare(want map[string][]string) error {
	var missing error
	for subject, facts := range want {
		got := p.got[subject]
		for i, fact := range facts {
			if i >= len(got) {
				missing = fmt.Errorf("%s: %q has not come\n  model %s\n  real  %s", subject, fact, strings.Join(facts, " | "), strings.Join(got, " | "))
				break
			}
			if got[i] != fact {
				return &differs{fmt.Sprintf("%s: want %q, got %q\n  model %s\n  real  %s", subject, fact, got[i], strings.Join(facts, " | "), strings.Join(got, " | "))}
			}
		}
	}
	return missing
}
