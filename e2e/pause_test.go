package e2e

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"hotline/internal/sipphone"
)

// card is what the caller keys in the pause.
const card = "4539578763621486"

// TestACardNumberIsNowhere has an agent in Chromium pause the recording by the key while a caller speaks and keys a card
// number. The controller is killed in the pause, and then the gateway; the pause outlives both, and the desk says so.
// Nothing of what was said or keyed in it is anywhere, and what was said after it lies at its true second.
func TestACardNumberIsNowhere(t *testing.T) {
	s := newStack(t, nil)
	hello := spoken(0)
	c := newChromium(t, append(append([]int16{}, hello...), make([]int16, 8000)...))
	c.signIn(s.base, s.logins["yijun"])
	c.state("not_ready", 20*time.Second)
	c.do("ready", 20*time.Second, chromedp.WaitEnabled(byTest("ready")), chromedp.Click(byTest("ready")))
	c.state("ready", 10*time.Second)
	caller := s.rings(1)
	caller.choose("1")
	c.state("ringing", 30*time.Second)
	c.do("answer by keyboard", 5*time.Second, chromedp.KeyEvent(kb.F2))
	c.state("talking", 5*time.Second)

	before, after := voice(101, 2*time.Second), voice(102, 2*time.Second)
	secrets := [][]int16{voice(103, 2*time.Second), voice(104, 2*time.Second), voice(105, 2*time.Second)}
	// What is kept is waited for in the spool, since a browser on a busy machine stretches what it plays.
	kept := func(what string, sound []int16) time.Time {
		t.Helper()
		at := time.Now()
		caller.Say(sound)
		eventually(t, 20*time.Second, what+" is in the spool", func() error {
			if r := s.spooled(sound); r < 0.8 {
				return fmt.Errorf("correlation %.2f", r)
			}
			return nil
		})
		return at
	}
	// A secret is said until the agent has heard a stretch of it.
	secretly := func(what string, sound []int16) {
		t.Helper()
		eval[string](c, listen)
		eventually(t, 30*time.Second, what+" is heard by the agent", func() error {
			if caller.Flush() {
				caller.Say(sound)
			}
			for at := 0; at+second/2 <= len(sound); at += second / 2 {
				if r, _ := sipphone.Match(c.heard(), sound[at:at+second/2]); r > 0.7 {
					return nil
				}
			}
			return errors.New("it is not")
		})
		caller.Hush()
	}
	unspooled := func(when string) {
		t.Helper()
		for _, secret := range secrets {
			if r := s.spooled(secret); r > 0.4 {
				t.Errorf("%s: the spool correlates %.2f with what was said in the pause", when, r)
			}
		}
	}
	beforeAt := kept("what is said before the pause", before)
	pausedAt := time.Now()
	c.do("pause by keyboard", 5*time.Second, chromedp.KeyEvent(kb.F8, chromedp.KeyModifiers(chromedp.ModifierShift)), chromedp.WaitVisible(byTest("recording-paused")))
	secretly("the card number", secrets[0])
	caller.Press(card)
	caller.Flush()
	s.checkKeys(pausedAt)
	c.shot("paused")
	unspooled("in the pause")

	must(t, s.serve.Kill())
	c.do("the desk says it without a controller", 5*time.Second, chromedp.WaitVisible(byTest("recording-paused")))
	secretly("the card number, while there is no controller", secrets[1])
	s.serve = s.start("serve")
	c.do("the desk says it after the controller came again", 20*time.Second, chromedp.WaitVisible(byTest("recording-paused")))
	unspooled("after the kill of the controller")

	hears := caller.since()
	must(t, s.media.Kill())
	unspooled("after the kill of the gateway")
	s.media = s.start("media")
	s.heard("the agent after the kill of the gateway", hears, hello, 0.8, 30*time.Second)
	c.state("talking", 20*time.Second)
	c.do("the desk says it after the gateway came again", 10*time.Second, chromedp.WaitVisible(byTest("recording-paused")))
	secretly("the card number, once more", secrets[2])
	unspooled("in the next gateway")
	c.shot("still-paused")

	c.do("go on by keyboard", 5*time.Second, chromedp.KeyEvent(kb.F8, chromedp.KeyModifiers(chromedp.ModifierShift)), chromedp.WaitNotPresent(byTest("recording-paused")))
	resumedAt := time.Now()
	afterAt := kept("what is said after the pause", after)
	c.do("end by keyboard", 5*time.Second, chromedp.KeyEvent(kb.F4))
	c.state("wrap_up", 10*time.Second)

	s.checkPaused(caller, secrets, span{left: true, sound: before, at: beforeAt}, span{left: true, sound: after, at: afterAt})
	s.checkPauseRow(pausedAt, resumedAt)
	s.checkNoKeys()
}

// spooled is how much the caller's channel of any spool resembles the sound.
func (s *stack) spooled(sound []int16) (most float64) {
	s.t.Helper()
	found, err := filepath.Glob(filepath.Join(s.dir, "recordings", "spool", "*.pcm"))
	must(s.t, err)
	if len(found) == 0 {
		s.t.Error("nothing is in the spool")
	}
	for _, path := range found {
		raw, err := os.ReadFile(path)
		must(s.t, err)
		left := make([]int16, len(raw)/4)
		for i := range left {
			left[i] = int16(binary.LittleEndian.Uint16(raw[4*i:]))
		}
		if len(left) < len(sound) {
			continue
		}
		r, _ := sipphone.Match(left, sound)
		most = max(most, r)
	}
	return most
}

// checkPaused looks for what was said in the finished file.
func (s *stack) checkPaused(c *caller, secrets [][]int16, before, after span) {
	t := s.t
	t.Helper()
	s.checkSpans(c, []span{before, after})
	r, err := c.row()
	must(t, err)
	var leg string
	must(t, s.db.QueryRow(limit(t, 10*time.Second), `select leg from recordings where call_id = $1`, r.ID).Scan(&leg))
	left, right, err := s.channels(leg)
	must(t, err)
	for i, secret := range secrets {
		if r, _ := sipphone.Match(left, secret); r > 0.4 {
			t.Errorf("the file correlates %.2f with secret %d", r, i)
		}
	}
	_, from := sipphone.Match(left, before.sound)
	_, to := sipphone.Match(left, after.sound)
	from += len(before.sound) + 2*second // the key was pressed within two seconds
	to -= 2 * second                     // and what was said after the pause began later
	if to-from < 5*second {
		t.Fatalf("the pause has %d samples", to-from)
	}
	for i := from; i < to; i++ {
		if left[i] != 0 || right[i] != 0 {
			t.Fatalf("in the pause, at %.2f s, there is sound: %d and %d", float64(i)/second, left[i], right[i])
		}
	}
}

func (s *stack) checkPauseRow(from, to time.Time) {
	t := s.t
	t.Helper()
	var by, cause string
	var began, ended time.Time
	eventually(t, 10*time.Second, "the pause is a row", func() error {
		return s.db.QueryRow(limit(t, 5*time.Second), `select by, cause, started_at, ended_at from recording_pauses where ended_at is not null`).Scan(&by, &cause, &began, &ended)
	})
	if cause != "agent" || !strings.HasPrefix(by, "u") || began.Before(from) || began.Sub(from) > 2*time.Second || ended.After(to) || to.Sub(ended) > 2*time.Second {
		t.Errorf("the pause by %s (%s) from %s to %s; the key was pressed at %s and %s", by, cause, began, ended, from, to)
	}
}

// checkKeys waits until the keys that were pressed since are facts, and finds none as it was pressed.
func (s *stack) checkKeys(from time.Time) {
	t := s.t
	t.Helper()
	var keys, open int
	eventually(t, 10*time.Second, "the keys are facts", func() error {
		err := s.db.QueryRow(limit(t, 5*time.Second), `select count(*), count(*) filter (where data->'event'->>'digit' <> '*')
			from call_event where kind = 'digit_pressed' and at >= $1`, from).Scan(&keys, &open)
		if err == nil && keys < len(card) {
			err = fmt.Errorf("%d facts", keys)
		}
		return err
	})
	if open != 0 {
		t.Errorf("%d of %d keys of the pause are facts as they were pressed", open, keys)
	}
}

// checkNoKeys looks for the digits, as a sequence or as keys, in every log and spool.
func (s *stack) checkNoKeys() {
	t := s.t
	t.Helper()
	pressed := regexp.MustCompile(`(?i)` + card + `|dtmf[^\n]*[0-9]|"?digit"?[=:] ?"?[0-9]`)
	var looked []string
	must(t, filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".log", ".jsonl", ".json", ".pause"}, filepath.Ext(path)) {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked = append(looked, filepath.Base(path))
		if found := pressed.Find(raw); found != nil {
			t.Errorf("%s has %q", path, found)
		}
		return nil
	}))
	for _, log := range []string{"serve.log", "media.log", "worker.log", "messages.log"} {
		if !slices.Contains(looked, log) {
			t.Errorf("%s was not looked at, only %v", log, looked)
		}
	}
}
