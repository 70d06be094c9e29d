package e2e

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The trend of a topic shows the words, with the way to their second in the recording, and the look is logged.
func TestATopicLeadsToItsSecond(t *testing.T) {
	s := newStack(t, nil)
	var leg string
	must(t, s.db.QueryRow(limit(t, 10*time.Second), `select leg from recordings where state in ('finished', 'stored') order by started_at desc limit 1`).Scan(&leg))
	s.transcribed(leg)
	c := newChromium(t, voice(1, time.Second))
	c.signIn(s.base, s.logins["huiwen"])
	link := chromedp.CSS(`a[href^="/recordings/` + leg + `?t=1"]`)
	c.do("the trend of returns and its example", 30*time.Second, chromedp.Navigate(s.base+"/trends"),
		chromedp.WaitVisible(chromedp.CSS("mark")), chromedp.WaitVisible(link))
	c.shot("trends")
	s.inspect(c, "trends", "zh-TW", s.base+"/trends")
	if n := s.looks("see_trends", "trends:topic"); n == 0 {
		t.Error("the look is not in the access log")
	}
}
