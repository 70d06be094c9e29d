package e2e

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// press sends keys one after another, as a reviewer types them.
func (c *chromium) press(what, keys string) {
	c.t.Helper()
	for _, key := range keys {
		c.do(what, 10*time.Second, chromedp.KeyEvent(string(key)))
	}
}

// toFinding goes on by the key for the next finding until it is the one of the rule.
func (c *chromium) toFinding(rule string) {
	c.t.Helper()
	current := func() string {
		return eval[string](c, `document.querySelector('[data-testid^="finding-"][aria-current]')?.dataset.testid ?? ""`)
	}
	for was := current(); was != "finding-"+rule; {
		c.press("the next finding", "n")
		eventually(c.t, 5*time.Second, "the next finding is chosen", func() error {
			if now := current(); now != was {
				was = now
				return nil
			}
			return fmt.Errorf("still %q; %s is not reached", was, rule)
		})
	}
}

// alert waits for a message that has the words.
func (c *chromium) alert(words string) {
	c.t.Helper()
	eventually(c.t, 10*time.Second, "the page says "+words, func() error {
		if got := eval[string](c, `[...document.querySelectorAll("[role=alert]")].map((e) => e.textContent).join(" ")`); !strings.Contains(got, words) {
			return fmt.Errorf("it says %q", got)
		}
		return nil
	})
}

// checkReviewed has a reviewer open the first violation, hear its second and say that the next is none; the agent appeals;
// the first reviewer may not decide, a second does; the agreement page counts it.
func (s *stack) checkReviewed(leg string) {
	t := s.t
	t.Helper()
	value := func(sql string) (v string) {
		t.Helper()
		must(t, s.db.QueryRow(limit(t, 10*time.Second), `select coalesce((`+sql+`)::text, '')`, leg).Scan(&v))
		return v
	}

	var violations []string
	var place float64
	must(t, s.db.QueryRow(limit(t, 10*time.Second), `select array_agg(rule order by start_ms), min(start_ms) / 1000.0 from findings
		where leg = $1 and class = 'phrase'`, leg).Scan(&violations, &place))
	finding := byTest("finding-" + violations[0])

	first := newChromium(t, voice(1, time.Second))
	first.signIn(s.base, s.logins["shihan"])
	first.do("the work list", 30*time.Second, chromedp.Navigate(s.base+"/review?list=rule&rule="+violations[0]), chromedp.WaitVisible(byTest("work-"+leg)), chromedp.WaitVisible(finding))
	first.press("take the call", "c")
	first.do("the scorecard", 20*time.Second, chromedp.WaitVisible(byTest("question-opening")))
	first.toFinding(violations[0])
	eventually(t, 10*time.Second, "the player is at the second of the finding", func() error {
		if at := eval[float64](first, `document.querySelector("audio:not(#remote-audio)").currentTime`); math.Abs(at-place) > 0.2 {
			return fmt.Errorf("it is at %.2f s, and the finding at %.2f s", at, place)
		}
		return nil
	})
	first.press("confirm it, and say that the next is none", "yx")
	first.shot("review")
	// The two questions that are for people are the sixth and the seventh; the machine's other answers stand, but one: the
	// section of the phrases.
	first.press("accept the rest, answer the others", "asssss"+"4"+"8")
	first.press("finish", "f")
	eventually(t, 15*time.Second, "the review is done", func() error {
		if got := value(`select state from reviews r join scores s on s.id = r.score_id where s.leg = $1`); got != "done" {
			return fmt.Errorf("it is %s", got)
		}
		return nil
	})
	if got, want := value(`select string_agg(rule, ', ') from finding_marks where leg = $1 and mark = 'rejected'`), violations[1]; got != want {
		t.Errorf("rejected was %s, not %s", got, want)
	}
	if got := value(`select count(*) from findings f where leg = $1 and class in ('phrase', 'opening', 'closing', 'empathy')
		and not exists (select from finding_marks m where m.leg = f.leg and m.rule = f.rule)`); got != "0" {
		t.Errorf("%s findings are not marked", got)
	}
	before := value(`select total from scores where leg = $1`)
	s.inspect(first, "review", "zh-TW", s.base+"/review?state=done&leg="+leg)
	first.do("wide again", 10*time.Second, chromedp.EmulateViewport(1280, 720))

	agent := newChromium(t, voice(1, time.Second))
	agent.signIn(s.base, s.logins["yijun"])
	s.inspect(agent, "quality", "zh-TW", s.base+"/quality")
	agent.do("wide again", 10*time.Second, chromedp.EmulateViewport(1280, 720))
	agent.do("the finding", 20*time.Second, chromedp.WaitVisible(finding))
	// The page still moves while the desk connects, so the button is not clicked by its place.
	eval[any](agent, `document.querySelector('[data-testid="finding-`+violations[0]+`"] [data-testid="appeal"]').click()`)
	agent.do("appeal", 20*time.Second, chromedp.WaitVisible(byTest("appeal-reason")),
		chromedp.SendKeys(byTest("appeal-reason"), "我是覆述客戶的話"))
	eval[any](agent, `document.querySelector('[data-testid="send-appeal"]').click()`)
	agent.do("it is sent", 20*time.Second, chromedp.WaitNotPresent(byTest("send-appeal")))
	agent.shot("appealed")

	decide := func(c *chromium) {
		c.do("decide", 30*time.Second, chromedp.Navigate(s.base+"/review?list=appeals"), chromedp.WaitVisible(byTest("decision-note")),
			chromedp.SendKeys(byTest("decision-note"), "錄音裡確實是覆述"), chromedp.Click(byTest("decide-overturned")))
	}
	decide(first)
	first.alert("第二次要由另一個人看")
	second := newChromium(t, voice(1, time.Second))
	second.signIn(s.base, s.logins["admin"])
	decide(second)
	eventually(t, 15*time.Second, "the appeal is decided", func() error {
		if got := value(`select mark || ' ' || u.login from finding_marks m join users u on u.id = m.by where m.leg = $1 order by m.id desc limit 1`); got != "overturned admin" {
			return fmt.Errorf("it is %q", got)
		}
		return nil
	})
	if got := value(`select total from scores where leg = $1`); got == before {
		t.Errorf("the total is still %s", got)
	}
	s.inspect(second, "agreement", "zh-TW", s.base+"/review/agreement")
	if got := eval[string](second, `document.querySelector("tbody tr").textContent`); !strings.Contains(got, "開場白") || !strings.Contains(got, "1100%") {
		t.Errorf("the agreement page says %q", got)
	}
	for _, page := range []string{"violations", "scorecard"} {
		s.inspect(second, page, "zh-TW", s.base+"/review/"+page)
	}
}
