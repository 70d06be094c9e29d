package e2e

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"hotline/cti"
	"hotline/internal/robot"
	"hotline/internal/sipphone"
)

const (
	satisfaction   = "請問您對這次的服務是否滿意？非常滿意請按五，滿意請按四，普通請按三，不滿意請按二，非常不滿意請按一。"
	recommendation = "請問您有多大的意願，向親友推薦好日生活？請輸入零到十的數字，十代表非常願意，零代表完全不願意，輸入完畢請按井字鍵。"

	// What a person may notice of a kill.
	talkGap   = 100 * time.Millisecond // in what either side of a talk hears when the controller is killed
	deskBack  = 3 * time.Second        // from the kill of the controller to the desk that shows the call again
	soundBack = 5 * time.Second        // from the kill of gateway or page to sound in both directions
	inPlace   = 60 * time.Millisecond  // error of the time line of a recording with a break in it

	second = 8000 // samples
	music  = 50.0 // RMS above which something plays
)

// caller is somebody on the phone, with the number by which the tables know the call.
type caller struct {
	*sipphone.Call
	s    *stack
	e164 string
}

// rings dials the line from a mobile phone of its own.
func (s *stack) rings(n int) *caller {
	s.t.Helper()
	user := fmt.Sprintf("09120000%02d", n)
	return &caller{s.dial(sipphone.From{Name: "caller", User: user}), s, "+886" + user[1:]}
}

// choose presses a key once the menu is heard.
func (c *caller) choose(key string) {
	c.s.t.Helper()
	c.s.heard("the menu", c.Heard, c.s.prompt("zh-TW", menu)[:second], 0.9, 30*time.Second)
	c.Press(key)
}

// since is what the caller heard from now on.
func (c *caller) since() func() []sipphone.Packet {
	n := len(c.Heard())
	return func() []sipphone.Packet { return c.HeardSince(n) }
}

// heardSince is what the agent heard from now on.
func heardSince(a *robot.Agent) func() []sipphone.Packet {
	n := len(a.Heard())
	return func() []sipphone.Packet { return a.HeardSince(n) }
}

// row is what a person finds of a call in the list.
type row struct {
	ID, Queue, Outcome string
	Queued             time.Time
	Ended              bool
}

func (c *caller) row() (r row, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var queued *time.Time
	err = c.s.db.QueryRow(ctx, `select id, coalesce(queue_id, ''), coalesce(outcome, ''), queued_at, ended_at is not null from calls where caller_e164 = $1 and id like 'hl1-%'`, c.e164).
		Scan(&r.ID, &r.Queue, &r.Outcome, &queued, &r.Ended)
	if queued != nil {
		r.Queued = *queued
	}
	return r, err
}

// queued waits until the call is in the queue, and returns its row.
func (c *caller) queued(queue string) (r row) {
	c.s.t.Helper()
	eventually(c.s.t, 30*time.Second, "the call is in the queue "+queue, func() (err error) {
		if r, err = c.row(); err == nil && (r.Queue != queue || r.Queued.IsZero()) {
			err = fmt.Errorf("row %+v", r)
		}
		return err
	})
	return r
}

// plays waits until half a second of music has come.
func (s *stack) plays(what string, get func() []sipphone.Packet, within time.Duration) {
	s.t.Helper()
	eventually(s.t, within, what, func() error {
		wave := sipphone.Wave(get())
		if len(wave) < second/2 {
			return fmt.Errorf("%d samples", len(wave))
		}
		if rms := sipphone.RMS(wave[len(wave)-second/2:]); rms < music {
			return fmt.Errorf("silence, RMS %.0f", rms)
		}
		return nil
	})
}

// converse has both say something new and waits until each has heard the other. It returns when the later of the two
// sounds began.
func (s *stack) converse(seed uint64, c *caller, a *robot.Agent, within time.Duration) time.Time {
	s.t.Helper()
	heardC, heardA := c.since(), heardSince(a)
	fromAgent, fromCaller := voice(seed, 2*time.Second), voice(seed+1, 2*time.Second)
	a.Say(fromAgent)
	c.Say(fromCaller)
	first := s.heard("the agent, by the caller", heardC, fromAgent, 0.8, within)
	then := s.heard("the caller, by the agent", heardA, fromCaller, 0.8, within)
	if then.After(first) {
		return then
	}
	return first
}

// ringing waits for a ring and returns what the desk shows of it.
func (s *stack) ringing(a *robot.Agent, within time.Duration) cti.AgentView {
	s.t.Helper()
	must(s.t, a.Wait(limit(s.t, within), "a ring", func(v cti.AgentView) bool { return v.State == cti.AgentStateRinging }))
	return a.View()
}

func (s *stack) press(a *robot.Agent, do string) {
	s.t.Helper()
	must(s.t, a.Do(limit(s.t, 10*time.Second), do, map[string]any{"leg": a.View().Call.Leg}))
}

func (s *stack) shows(a *robot.Agent, voice cti.Voice, within time.Duration) {
	s.t.Helper()
	must(s.t, a.Wait(limit(s.t, within), "voice "+string(voice), func(v cti.AgentView) bool {
		return v.State == cti.AgentStateTalking && v.Call.Voice == voice
	}))
}

func TestTheControllerIsKilledInEveryPhaseOfACall(t *testing.T) {
	s := newStack(t, nil)

	// A talk and a hold.
	talker, holder := s.agent("guanyu"), s.agent("meiling") // of the queues order and service
	inTalk, onHold := s.rings(1), s.rings(2)
	inTalk.choose("1")
	onHold.choose("2")
	s.answer(talker)
	s.answer(holder)
	s.press(holder, "hold")
	s.shows(holder, cti.VoiceHeld, 10*time.Second)

	// A survey whose first question has been answered.
	asker := s.agent("zhihao") // order
	inSurvey := s.rings(3)
	inSurvey.choose("1")
	s.answer(asker)
	must(t, asker.Do(limit(t, 10*time.Second), "next_state", map[string]any{"state": "not_ready", "reason": "break"}))

	inQueue, inRing, leaver := s.rings(4), s.rings(5), s.rings(6)
	inQueue.choose("1")
	inRing.choose("2")
	wasQueued, wasOffered := inQueue.queued("order"), inRing.queued("service")
	leaver.choose("1")
	left := leaver.queued("order")
	inMenu := s.rings(7)
	s.press(asker, "hang_up")
	s.heard("the first question", inSurvey.Heard, s.prompt("zh-TW", satisfaction)[:second], 0.9, 30*time.Second)
	inSurvey.Press("5")
	s.heard("the menu", inMenu.Heard, s.prompt("zh-TW", menu)[:second], 0.9, 30*time.Second)

	ringer := s.agent("chengen") // service
	offered := s.ringing(ringer, 10*time.Second)
	if string(offered.Call.Call) != wasOffered.ID {
		t.Fatalf("%s rings, want %s", offered.Call.Call, wasOffered.ID)
	}
	fromAgent, fromCaller := voice(11, 20*time.Second), voice(12, 20*time.Second)
	callerHears, agentHears := inTalk.since(), heardSince(talker)
	talker.Say(fromAgent)
	inTalk.Say(fromCaller)
	s.heard("the second question", inSurvey.Heard, s.prompt("zh-TW", recommendation)[:second], 0.9, 20*time.Second)
	s.heard("the agent, by the caller", callerHears, fromAgent[:2*second], 0.8, 10*time.Second)

	// The kill. While there is no controller somebody hangs up and somebody else rings.
	holdHears, queueHears, ringHears, menuHears, surveyHears := onHold.since(), inQueue.since(), inRing.since(), inMenu.since(), inSurvey.since()
	killed := time.Now()
	must(t, s.serve.Kill())
	must(t, leaver.Hangup(limit(t, 10*time.Second)))
	late := s.rings(8)
	s.serve = s.start("serve")
	t.Logf("the new controller is ready %s after the kill", time.Since(killed))

	for _, a := range []*robot.Agent{talker, holder, asker, ringer} {
		eventually(t, 30*time.Second, a.Login+"'s desk is back", func() error {
			if a.Shown().Before(killed) {
				return errors.New("it is not")
			}
			return nil
		})
		took := a.Shown().Sub(killed)
		t.Logf("%s's desk is back %s after the kill", a.Login, took)
		if took > deskBack {
			t.Errorf("%s's desk came back %s after the kill", a.Login, took)
		}
	}

	// Who was in the menu hears it from its beginning, and chooses.
	s.heard("the menu again", menuHears, s.prompt("zh-TW", menu)[:2*second], 0.9, 20*time.Second)
	inMenu.Press("2")
	// The survey asks its question again, and has not forgotten the answer to the one before.
	s.heard("the question again", surveyHears, s.prompt("zh-TW", recommendation)[:2*second], 0.9, 20*time.Second)
	inSurvey.Press("9#")
	// It still rings for the same call, and can be answered.
	if v := s.ringing(ringer, 5*time.Second); v.Call.Call != offered.Call.Call || v.Call.Leg != offered.Call.Leg || !v.Call.Queued.Equal(offered.Call.Queued) {
		t.Errorf("rings for %+v, before the kill for %+v", v.Call, offered.Call)
	}
	s.plays("music while it rings", ringHears, 10*time.Second)
	s.answer(ringer)
	s.converse(31, inRing, ringer, 15*time.Second)

	// The talk went on as if nothing had been.
	s.shows(talker, cti.VoiceUp, 5*time.Second)
	s.heard("all that the agent said, by the caller", callerHears, fromAgent, 0.8, 30*time.Second)
	s.heard("all that the caller said, by the agent", agentHears, fromCaller, 0.8, 10*time.Second)
	for who, get := range map[string]func() []sipphone.Packet{"caller": callerHears, "agent": agentHears} {
		gap := sipphone.LongestGap(get())
		t.Logf("longest gap for the %s in the talk: %s", who, gap)
		if gap > talkGap {
			t.Errorf("the %s heard nothing for %s", who, gap)
		}
	}
	s.press(talker, "hang_up")

	// Who was on hold heard music, and is fetched back.
	s.shows(holder, cti.VoiceHeld, 5*time.Second)
	s.plays("music on hold", holdHears, 10*time.Second)
	s.press(holder, "resume")
	s.shows(holder, cti.VoiceUp, 10*time.Second)
	s.converse(41, onHold, holder, 15*time.Second)

	// Who was in line kept the place, and is answered.
	s.plays("music in the queue", queueHears, 30*time.Second)
	must(t, asker.Do(limit(t, 10*time.Second), "ready", nil))
	if v := s.ringing(asker, 10*time.Second); string(v.Call.Call) != wasQueued.ID {
		t.Errorf("%s is answered, want %s", v.Call.Call, wasQueued.ID)
	}
	if now := inQueue.queued("order"); !now.Queued.Equal(wasQueued.Queued) {
		t.Errorf("in line since %s, before the kill since %s", now.Queued, wasQueued.Queued)
	}
	s.answer(asker)
	s.converse(51, inQueue, asker, 15*time.Second)

	inMenu.queued("service")
	s.heard("the welcome of who rang meanwhile", late.Heard, s.prompt("zh-TW", welcome), 0.9, 20*time.Second)
	s.checkLeft(leaver, left)
	s.checkAnswers(inSurvey, map[string]int{"satisfaction": 5, "recommendation": 9})
	s.checkSpans(inTalk, []span{{left: true, sound: fromCaller}, {sound: fromAgent}})
}

// checkLeft looks whether the row of a call that hung up while no controller lived is closed.
func (s *stack) checkLeft(c *caller, was row) {
	s.t.Helper()
	eventually(s.t, 10*time.Second, "the row of who hung up meanwhile is closed", func() error {
		r, err := c.row()
		if err == nil && (!r.Ended || r.Outcome != "abandoned" || r.ID != was.ID) {
			err = fmt.Errorf("row %+v", r)
		}
		return err
	})
}

func (s *stack) checkAnswers(c *caller, want map[string]int) {
	s.t.Helper()
	r, err := c.row()
	must(s.t, err)
	eventually(s.t, 20*time.Second, "the answers are stored", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		got, question, value := map[string]int{}, "", 0
		rows, err := s.db.Query(ctx, `select question, value from survey_answers where call_id = $1`, r.ID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := rows.Scan(&question, &value); err != nil {
				return err
			}
			got[question] = value
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("answers %v, want %v", got, want)
		}
		return rows.Err()
	})
}

// span is something that was said in a talk.
type span struct {
	left  bool // by the caller
	sound []int16
	at    time.Time // when it began to be sent; zero for a span whose place doesn't matter
}

// checkSpans finds everything that was said in the call's only recording, in its channel and at its time.
func (s *stack) checkSpans(c *caller, spans []span) {
	t := s.t
	t.Helper()
	r, err := c.row()
	must(t, err)
	var leg string
	eventually(t, 30*time.Second, "the recording is stored", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		var state, reason string
		err := s.db.QueryRow(ctx, `select state, reason, leg from recordings where call_id = $1 order by leg desc limit 1`, r.ID).Scan(&state, &reason, &leg)
		if err == nil && state != "stored" {
			err = fmt.Errorf("%s %s", state, reason)
		}
		return err
	})
	left, right, err := s.channels(leg)
	must(t, err)
	var origin time.Time // of the file, by the first span
	for i, sp := range spans {
		name, own, other := "right", right, left
		if sp.left {
			name, own, other = "left", left, right
		}
		match, at := sipphone.Match(own, sp.sound)
		if match < 0.8 {
			t.Errorf("span %d: correlation %.2f with what was said in the %s channel of %.1f s", i, match, name, float64(len(own))/second)
			continue
		}
		if match, _ := sipphone.Match(other, sp.sound); match > 0.4 {
			t.Errorf("span %d: correlation %.2f in the other channel", i, match)
		}
		if sp.at.IsZero() {
			continue
		}
		began := sp.at.Add(-time.Duration(at) * time.Second / second)
		if origin.IsZero() {
			origin = began
		}
		off := began.Sub(origin)
		t.Logf("span %d is in place within %s (correlation %.2f)", i, off, match)
		if off.Abs() > inPlace {
			t.Errorf("span %d lies %s beside its place in the %s channel", i, off, name)
		}
	}
}

func TestTheSoundOfATalkIsKilled(t *testing.T) {
	s := newStack(t, nil)
	agent := s.agent("guanyu")
	c := s.rings(1)
	c.choose("1")
	s.answer(agent)
	leg := agent.View().Call.Leg
	var spans []span
	talk := func(seed uint64) time.Time {
		now := time.Now()
		spans = append(spans,
			span{sound: voice(seed, 2*time.Second), at: now},
			span{left: true, sound: voice(seed+1, 2*time.Second), at: now})
		return s.converse(seed, c, agent, 15*time.Second)
	}
	talk(61)

	// The page dies, and is opened again as soon as the customer hears music.
	hears := c.since()
	killed := time.Now()
	agent.Vanish()
	s.plays("music while the page is away", hears, soundBack)
	t.Logf("music %s after the kill of the page", time.Since(killed))
	must(t, agent.Open(limit(t, 10*time.Second)))
	must(t, agent.OpenSound(limit(t, 10*time.Second)))
	s.shows(agent, cti.VoiceUp, 10*time.Second)
	s.within("page", killed, talk(63))
	if now := agent.View().Call.Leg; now != leg {
		t.Errorf("the page came back to %s, was on %s", now, leg)
	}

	// The page is loaded again, quicker than the gateway misses it: the customer hears no music, and the agent is back.
	killed = time.Now()
	agent.Vanish()
	must(t, agent.Open(limit(t, 10*time.Second)))
	must(t, agent.OpenSound(limit(t, 10*time.Second)))
	s.shows(agent, cti.VoiceUp, 10*time.Second)
	s.within("page that was loaded again", killed, talk(67))

	// The gateway dies, and its supervisor starts it again.
	hears = c.since()
	killed = time.Now()
	must(t, s.media.Kill())
	s.media = s.start("media")
	s.shows(agent, cti.VoiceAway, soundBack)
	s.plays("music while the gateway is away", hears, soundBack)
	t.Logf("music %s after the kill of the gateway", time.Since(killed))
	s.shows(agent, cti.VoiceUp, 10*time.Second)
	s.within("gateway", killed, talk(65))

	must(t, agent.Do(limit(t, 10*time.Second), "hang_up", map[string]any{"leg": leg}))
	s.checkSpans(c, spans)
}

// within checks that sound came back in time after a kill.
func (s *stack) within(what string, killed, back time.Time) {
	s.t.Helper()
	took := back.Sub(killed)
	s.t.Logf("sound is back in both directions %s after the end of the %s", took, what)
	if took > soundBack {
		s.t.Errorf("sound came back %s after the end of the %s", took, what)
	}
}
