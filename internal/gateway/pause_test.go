package gateway_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pion/rtp"

	"hotline/cti/id"
	"hotline/internal/g711"
	"hotline/internal/gateway"
	"hotline/recording"
)

// heard says whether a spool of the folder holds sound of the voice.
func heard(t *testing.T, dir string, name byte) bool {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "spool", "*.pcm"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		level, run := uint16(g711.Ulaw(name)), [2]int{}
		for at := 0; at+2 <= len(data); at += 2 {
			side := at / 2 % 2
			if run[side]++; binary.LittleEndian.Uint16(data[at:]) != level {
				run[side] = 0
			}
			if run[side] == 100 {
				return true
			}
		}
	}
	return false
}

// speaks sends another voice from the same port of Asterisk.
func (a *asterisk) speaks(name byte) (hush func()) {
	return voice(name, func(n int, payload []byte) error {
		p := &rtp.Packet{Header: rtp.Header{Version: 2, SSRC: uint32(name), SequenceNumber: uint16(n), Timestamp: uint32(160 * n)}, Payload: payload}
		data, err := p.Marshal()
		if err == nil {
			_, err = a.conn.Write(data)
		}
		return err
	})
}

func last(t *testing.T, dir string, leg id.LegID) (recording.Pause, bool) {
	t.Helper()
	pauses, err := recording.ReadPauses(dir, leg)
	if err != nil {
		t.Fatal(err)
	}
	if len(pauses) == 0 {
		return recording.Pause{}, false
	}
	return pauses[len(pauses)-1], true
}

// TestAgentPausesWithoutController presses the key while no controller is there: the gateway is silent on both sides
// before it confirms, has the pause on its disk, and tells the next controller.
func TestAgentPausesWithoutController(t *testing.T) {
	p := start(t, config(t))
	c := control(t, p)
	b := browse(t, c, "u1", 'A')
	s := spec("c1", 2, 1, "u1")
	x := externalMedia(t, open(t, c, s), 'X')
	eventually(t, "the leg is recorded", func() bool { return heard(t, p.cfg.Dir, 'X') && heard(t, p.cfg.Dir, 'A') })
	eventually(t, "the browser is shown its leg", func() bool { return b.recording().Leg == s.Leg && b.recording().Recorded })
	c.stop()
	if problem := b.ask(t, "pause", s.Leg); problem != nil {
		t.Fatal(problem)
	}
	pause, ok := last(t, p.cfg.Dir, s.Leg)
	if !ok || !pause.Open() || pause.By != "u1" || pause.Cause != recording.CauseAgent {
		t.Errorf("on the disk when it is confirmed: %+v", pause)
	}
	if r := b.recording(); !r.Paused || !r.Stored || r.By != "u1" || r.Cause != recording.CauseAgent || r.Ask {
		t.Errorf("the browser is shown %+v", r)
	}
	// Other voices speak now, as a card number.
	b.hush()
	x.hush()
	y := x.speaks('Y')
	eventually(t, "the agent hears the caller in the pause", func() bool { return b.of('Y') > 40 })
	y()
	if heard(t, p.cfg.Dir, 'Y') {
		t.Error("what was said in the pause is in the spool")
	}
	next := control(t, p)
	eventually(t, "the snapshot", func() bool { return len(next.snapshot().Legs) == 1 })
	if told := next.snapshot().Legs[0].Pauses; len(told) != 1 || told[0] != pause {
		t.Errorf("the next controller is told %+v", told)
	}
	if problem := b.ask(t, "resume", s.Leg); problem != nil {
		t.Fatal(problem)
	}
	z := x.speaks('Z')
	eventually(t, "it is recorded again", func() bool { return heard(t, p.cfg.Dir, 'Z') })
	z()
	if pause, _ := last(t, p.cfg.Dir, s.Leg); pause.Open() || b.recording().Paused {
		t.Errorf("after the end: %+v, %+v", pause, b.recording())
	}
	if heard(t, p.cfg.Dir, 'Y') {
		t.Error("what was said in the pause is in the spool")
	}
	ended := gateway.LegPaused{Leg: s.Leg, Agent: "u1"}
	ended.Pauses = append(ended.Pauses, mustLast(t, p.cfg.Dir, s.Leg))
	eventually(t, "the controller is told of the end", func() bool { return next.seen(ended) })
}

func mustLast(t *testing.T, dir string, leg id.LegID) recording.Pause {
	t.Helper()
	p, ok := last(t, dir, leg)
	if !ok {
		t.Fatal("there is no pause on the disk")
	}
	return p
}

// TestPauseOutlivesTheGateway goes on in the next gateway with the same folder, and in one that can say nothing.
func TestPauseOutlivesTheGateway(t *testing.T) {
	p := start(t, config(t))
	c := control(t, p)
	s := spec("c1", 2, 1, "u1")
	x := externalMedia(t, open(t, c, s), 'X')
	eventually(t, "the leg is recorded", func() bool { return heard(t, p.cfg.Dir, 'X') })
	pauses, err := c.PauseLeg(t.Context(), s.Leg, true, "u9", recording.CauseAPI)
	if err != nil || len(pauses) != 1 || !pauses[0].Open() {
		t.Fatalf("%+v, %v", pauses, err)
	}
	p.stop()
	c.stop()
	x.hangUp()

	again := start(t, p.cfg)
	c = control(t, again)
	b := browse(t, c, "u1", 'A')
	s.Part = 2
	y := externalMedia(t, open(t, c, s), 'Y')
	eventually(t, "the browser is shown the pause", func() bool { return b.recording().Leg == s.Leg && b.recording().Paused })
	if r := b.recording(); r.Cause != recording.CauseAPI || r.By != "u9" || !r.Stored {
		t.Errorf("the browser is shown %+v", r)
	}
	eventually(t, "the agent hears the caller", func() bool { return b.of('Y') > 20 })
	if err := c.CloseLeg(t.Context(), s.Leg, 2); err != nil {
		t.Fatal(err)
	}
	y.hangUp()

	// The same gateway, the next part: a leg that is away for a moment.
	s.Part = 3
	z := externalMedia(t, open(t, c, s), 'Z')
	eventually(t, "the agent hears the caller again", func() bool { return b.of('Z') > 20 })
	if heard(t, p.cfg.Dir, 'Y') || heard(t, p.cfg.Dir, 'Z') || heard(t, p.cfg.Dir, 'A') {
		t.Error("what was said in the pause is in the spool")
	}
	if _, err := c.PauseLeg(t.Context(), s.Leg, false, "u1", recording.CauseAgent); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is recorded again", func() bool { return heard(t, p.cfg.Dir, 'Z') })
	z.hangUp()
}

func TestLegOfWhichNothingIsKnownIsPaused(t *testing.T) {
	p := start(t, config(t))
	c := control(t, p)
	b := browse(t, c, "u1", 'A')
	s := spec("c1", 2, 2, "u1") // its first part was on another machine
	externalMedia(t, open(t, c, s), 'X')
	eventually(t, "the browser is shown the pause", func() bool { return b.recording().Paused && b.recording().Leg == s.Leg })
	if r := b.recording(); r.Cause != recording.CauseUnknown {
		t.Errorf("the browser is shown %+v", r)
	}
	eventually(t, "the disk has it, and the browser is shown that", func() bool {
		pause, ok := last(t, p.cfg.Dir, s.Leg)
		return ok && pause.Open() && b.recording().Stored
	})
	if problem := b.ask(t, "resume", s.Leg); problem != nil {
		t.Fatal(problem)
	}
	eventually(t, "it is recorded", func() bool { return heard(t, p.cfg.Dir, 'X') })

	// A first part, and a further one whose first is here, are as they were.
	two := spec("c2", 2, 1, "u1")
	y := externalMedia(t, open(t, c, two), 'Y')
	eventually(t, "it is recorded", func() bool { return heard(t, p.cfg.Dir, 'Y') })
	y.hangUp()
	if err := c.CloseLeg(t.Context(), two.Leg, 1); err != nil {
		t.Fatal(err)
	}
	two.Part = 2
	externalMedia(t, open(t, c, two), 'Z')
	eventually(t, "it is recorded", func() bool { return heard(t, p.cfg.Dir, 'Z') })

	// Damage is no reason to record.
	three := spec("c3", 2, 1, "u1")
	if err := os.WriteFile(filepath.Join(p.cfg.Dir, "spool", string(three.Leg)+".pause"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, c, three)
	eventually(t, "the browser is shown the pause", func() bool { return b.recording().Paused && b.recording().Leg == three.Leg })
}

func TestAgentIsAskedAboutALongPause(t *testing.T) {
	cfg := config(t)
	cfg.PauseLimit = time.Second
	p := start(t, cfg)
	c := control(t, p)
	b := browse(t, c, "u1", 'A')
	s := spec("c1", 2, 1, "u1")
	open(t, c, s)
	eventually(t, "the browser is shown its leg", func() bool { return b.recording().Leg == s.Leg })
	if problem := b.ask(t, "pause", s.Leg); problem != nil {
		t.Fatal(problem)
	}
	for range 2 {
		eventually(t, "the agent is asked", func() bool { return b.recording().Ask })
		if problem := b.ask(t, "keep", s.Leg); problem != nil || b.recording().Ask || !b.recording().Paused {
			t.Fatalf("the pause is still meant: %v, %+v", problem, b.recording())
		}
	}
	if err := c.CloseLeg(t.Context(), s.Leg, 1); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the browser is shown the end", func() bool { return b.recording().Leg == "" && !b.recording().Paused })
}

func TestPausesThatCannotBe(t *testing.T) {
	p := start(t, config(t))
	c := control(t, p)
	b := browse(t, c, "u1", 'A')
	other := browse(t, c, "u2", 'B')
	s := spec("c1", 2, 1, "u1")
	open(t, c, s)
	silent := spec("c2", 2, 1, "u2")
	silent.Record = false
	open(t, c, silent)
	eventually(t, "the browser is shown its leg", func() bool { return b.recording().Leg == s.Leg })
	code := func(problem *gateway.Problem) string {
		if problem == nil {
			return ""
		}
		return problem.Code
	}
	for what, got := range map[string]string{
		"another agent's leg":     code(other.ask(t, "pause", s.Leg)),
		"a leg that is not there": code(b.ask(t, "pause", "c9.2")),
		"a refused recording":     code(other.ask(t, "pause", silent.Leg)),
	} {
		if got != gateway.NoLeg {
			t.Errorf("%s: %q", what, got)
		}
	}
	if got := code(b.ask(t, "stop", s.Leg)); got != gateway.BadRequest {
		t.Errorf("an unknown request: %q", got)
	}
	var problem *gateway.Problem
	if _, err := c.PauseLeg(t.Context(), silent.Leg, true, "u9", recording.CauseAPI); !errors.As(err, &problem) || problem.Code != gateway.NotRecorded {
		t.Errorf("a controller, of a refused recording: %v", err)
	}
	if _, err := c.PauseLeg(t.Context(), "c9.2", true, "u9", recording.CauseAPI); !errors.As(err, &problem) || problem.Code != gateway.NoLeg {
		t.Errorf("a controller, of no leg: %v", err)
	}
	if _, err := c.PauseLeg(t.Context(), s.Leg, true, "u9", recording.CauseUnknown); !errors.As(err, &problem) || problem.Code != gateway.BadRequest {
		t.Errorf("a controller, for no cause: %v", err)
	}
	// A disk that does not take the pause does not undo it, and says so.
	pausePath := filepath.Join(p.cfg.Dir, "spool", string(s.Leg)+".pause.new")
	if err := os.MkdirAll(pausePath, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := code(b.ask(t, "pause", s.Leg)); got != gateway.NotStored || !b.recording().Paused || b.recording().Stored {
		t.Errorf("a pause that the disk does not take: %q, %+v", got, b.recording())
	}
	if err := os.Remove(pausePath); err != nil {
		t.Fatal(err)
	}
	if got := code(b.ask(t, "pause", s.Leg)); got != "" || !b.recording().Stored {
		t.Errorf("asked again: %q, %+v", got, b.recording())
	}
}
