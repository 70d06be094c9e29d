package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hotline/internal/sipphone"
)

const mailbox = `kind: flow
version: 1
id: mailbox
languages: [zh-TW]
start: speak
prompts:
  speak: {zh-TW: 請在嗶聲後留言，說完請按任意鍵。}
  review: {zh-TW: 確定請按一，重錄請按二。}
  sorry: {zh-TW: 很抱歉，目前無法留言。}
  thanks: {zh-TW: 謝謝您的留言，我們會盡快與您聯絡。}
steps:
  speak:
    message:
      say: speak
      review: {say: review}
      empty: {next: sorry}
      queue: order
      note: {zh-TW: 忙線時的留言}
      done: thanks
      failed: sorry
  thanks: {hangup: {say: thanks}}
  sorry: {hangup: {say: sorry}}
`

// spoken waits until the tone is among what was heard, speaks, and returns once that was sent.
func (c *caller) spoken(heard func() []sipphone.Packet, sound []int16) {
	c.s.t.Helper()
	c.s.heard("the tone", heard, c.s.sound("tone"), 0.9, 30*time.Second)
	c.Say(sound)
	if !c.Flush() {
		c.s.t.Fatal("the call ended while the caller spoke")
	}
}

// A caller speaks a message, speaks it again and sends it; another hangs up instead. Each is one task with its own words, the
// second take in the place of the first, and an agent of the queue hears them in the browser; one of another queue may not.
func TestAMessageIsSpokenKeptAndHeard(t *testing.T) {
	s := newStack(t, nil)
	s.imports("mailbox", mailbox)
	s.leadsTo("mailbox")

	first, second, third := voice(11, 4*time.Second), voice(12, 5*time.Second), voice(13, 6*time.Second)
	sends := s.rings(1)
	sends.spoken(sends.Heard, first)
	sends.Press("5")
	s.heard("the review", sends.Heard, s.prompt("zh-TW", "確定請按一，重錄請按二。"), 0.9, 30*time.Second)
	heard := sends.since()
	sends.Press("2")
	sends.spoken(heard, second)
	heard = sends.since()
	sends.Press("#")
	s.heard("the review", heard, s.prompt("zh-TW", "確定請按一，重錄請按二。"), 0.9, 30*time.Second)
	sends.Press("1")
	s.heard("the thanks", heard, s.prompt("zh-TW", "謝謝您的留言，我們會盡快與您聯絡。"), 0.9, 30*time.Second)
	sends.gone()
	leaves := s.rings(2)
	leaves.spoken(leaves.Heard, third)
	must(t, leaves.Hangup(limit(t, 10*time.Second)))
	leaves.gone()

	legs := map[string]string{} // by caller
	eventually(t, 60*time.Second, "both messages are tasks whose recordings are stored", func() error {
		rows, err := s.db.Query(limit(t, 10*time.Second), `select c.caller_e164, t.leg from tasks t join calls c on c.id = t.call_id
			join recordings r on r.leg = t.leg where t.kind = 'message' and t.queue_id = 'order' and r.state = 'stored'`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var number, leg string
			if err := rows.Scan(&number, &leg); err != nil {
				return err
			}
			legs[number] = leg
		}
		if len(legs) != 2 {
			return fmt.Errorf("%d messages", len(legs))
		}
		return rows.Err()
	})
	for _, m := range []struct {
		from *caller
		want []int16
	}{{sends, second}, {leaves, third}} {
		left, right, err := s.channels(legs[m.from.e164])
		must(t, err)
		if c, at := sipphone.Match(left, m.want); c < 0.9 || at > 8000 {
			t.Errorf("the message is not what was said: correlation %.2f at %.1f s", c, float64(at)/8000)
		}
		if level := sipphone.RMS(right); level > 10 {
			t.Errorf("somebody answers in the message, level %.0f", level)
		}
	}
	again, _, err := s.channels(legs[sends.e164])
	must(t, err)
	if c, _ := sipphone.Match(again, first); c > 0.5 {
		t.Errorf("what was spoken again is in the message, correlation %.2f", c)
	}

	leg := legs[sends.e164]
	s.mayHear("yijun", leg, true) // of the queue
	var other string
	must(t, s.db.QueryRow(limit(t, 10*time.Second), `select login from users u where role = 'agent' and scope = 'own' and active
		and not exists (select from queue_members m where m.user_id = u.id and m.queue_id = 'order') order by login limit 1`).Scan(&other))
	s.mayHear(other, leg, false)
}

// mayHear has an agent look for the message in the browser, and listen to it where they may.
func (s *stack) mayHear(login, leg string, may bool) {
	t := s.t
	t.Helper()
	c := newChromium(t, voice(1, time.Second))
	c.signIn(s.base, s.logins[login])
	c.do("the tasks", 30*time.Second, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.base+"/tasks"), chromedp.WaitVisible("main h1, main h2"))
	status := eval[int](c, fmt.Sprintf(`(() => {
		const asked = new XMLHttpRequest();
		asked.open("GET", "/api/v1/recordings/%s/audio", false);
		asked.send();
		return asked.status;
	})()`, leg))
	if may != (status == 200) {
		t.Errorf("%s gets %d for the sound", login, status)
	}
	if !may {
		return
	}
	c.do("the message", 30*time.Second, chromedp.Click(fmt.Sprintf(`//*[contains(text(), %q)]`, "忙線時的留言")))
	c.shot("task")
	c.do("listen", 30*time.Second, chromedp.Click(fmt.Sprintf(`a[href*="/recordings/%s"]`, leg)), chromedp.WaitVisible(byTest("recording-player")))
	c.shot("message")
}
