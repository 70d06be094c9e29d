package cti

import (
	"time"

	"hotline/ivr"
	"hotline/ivr/survey"
)

// speech is what the caller is being told, and what comes after it.
type speech struct {
	playing bool                // Play number st.Plays is being heard
	wait    time.Duration       // how long a digit may take after it; then ivr.Silence
	then    func(*Floor, *call) // what follows it, in place of ivr.Played; nil in a menu or a question
}

// say replaces what the caller is told and waited for. then, if set, is done when it is over, at once when there is
// nothing to say.
func (f *Floor) say(c *call, phrases []ivr.Phrase, wait time.Duration, then func(*Floor, *call)) {
	f.hush(c)
	c.speech = speech{wait: wait, then: then}
	if len(phrases) == 0 {
		f.said(c)
		return
	}
	c.st.Plays++
	c.speech.playing = true
	c.music = false // Asterisk stops it
	f.do(Play{Call: c.id, Play: c.st.Plays, Phrases: phrases})
}

// hush stops what the caller is told, and what would follow.
func (f *Floor) hush(c *call) {
	if c.speech.playing {
		f.do(StopPlay{Call: c.id, Play: c.st.Plays})
	}
	c.speech = speech{}
	f.stopCall(c, TimerDigit)
}

// hushAll stops every Play that may still run: after a lost connection that can be more than the last.
func (f *Floor) hushAll(c *call) {
	for play := c.st.Quiet + 1; play <= c.st.Plays; play++ {
		f.do(StopPlay{Call: c.id, Play: play})
	}
	c.speech.playing = false
	f.hush(c)
}

func (f *Floor) playFinished(ev PlayFinished) {
	c := f.calls[ev.Call]
	if c == nil || ev.Play > c.st.Plays {
		return // of a call that has ended, or of a controller that died before it could remember
	}
	c.st.Quiet = max(c.st.Quiet, ev.Play)
	if !c.speech.playing || ev.Play != c.st.Plays {
		return // every Play finishes, those we stopped too
	}
	f.touchCall(c)
	c.speech.playing = false
	if c.speech.then == nil && f.played(c, ev.Failed) {
		return
	}
	f.said(c)
}

// played tells the flow or survey that it was heard, and reports whether that said something new.
func (f *Floor) played(c *call, failed bool) bool {
	if c.st.Phase == PhaseSurvey {
		return f.inquire(c, survey.Played{})
	}
	return f.walk(c, ivr.Played{Failed: failed})
}

// said does what follows the words.
func (f *Floor) said(c *call) {
	switch s := c.speech; {
	case s.then != nil:
		c.speech = speech{}
		s.then(f, c)
	case s.wait > 0:
		f.startCall(c, TimerDigit, f.now.Add(s.wait))
	}
}

func (f *Floor) startMusic(c *call) {
	if !c.music {
		c.music = true
		f.do(StartMusic{Call: c.id})
	}
}

func (f *Floor) stopMusic(c *call) {
	if c.music {
		c.music = false
		f.do(StopMusic{Call: c.id})
	}
}
