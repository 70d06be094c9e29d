package e2e

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/qa"
	"hotline/qa/rule"
)

// judged makes a recording of the agent one that was heard and judged: a forbidden phrase, another that is none, and no closing.
func (s *stack) judged(login string) (leg string) {
	t := s.t
	t.Helper()
	ctx := limit(t, 20*time.Second)
	r := qa.Result{Model: "test"}
	var length int
	must(t, s.db.QueryRow(ctx, `select r.leg, r.call_id, r.agent_id, r.started_at, r.duration_ms from recordings r join users u on u.id = r.agent_id
		where u.login = $1 and r.state in ('finished', 'stored') and r.duration_ms > 15000 order by r.started_at desc limit 1`, login).Scan(&r.Leg, &r.Call, &r.Agent, &r.Started, &length))
	said := func(role rule.Role, start int, text string) rule.Utterance {
		u := rule.Utterance{Role: role, Span: rule.Span{Start: start, End: start}}
		for _, c := range text {
			u.Units = append(u.Units, rule.Unit{Text: string(c), Span: rule.Span{Start: u.End, End: u.End + 180}})
			u.End += 180
		}
		return u
	}
	r.Transcript = rule.Transcript{
		Length: length,
		Utterances: []rule.Utterance{
			said(rule.Agent, 500, "您好，感謝您聯繫我們，請問有什麼可以協助您？"), said(rule.Caller, 5200, "我的訂單還沒有到。"),
			said(rule.Agent, 7600, "請等一等。"), said(rule.Agent, 9400, "您說今天不行嗎？"), said(rule.Caller, 11400, "對，我明天才在家。"),
		},
		Speech: map[rule.Role][]rule.Span{rule.Agent: {{Start: 500, End: 4800}, {Start: 7600, End: 11000}}, rule.Caller: {{Start: 5200, End: 7000}}},
	}
	finding := func(ruleID, class, phrase string, start, end int) rule.Finding {
		return rule.Finding{Rule: ruleID, Class: class, Phrase: phrase, Heard: phrase, Role: rule.Agent, Start: &start, End: &end, Match: rule.Exact}
	}
	r.Findings = []rule.Finding{
		finding("opening", "opening", "您好，感謝您聯繫我們，請問有什麼可以協助您", 500, 4640), finding("wait", "phrase", "等一等", 7780, 8320),
		finding("not-possible", "phrase", "不行", 10120, 10480),
		{Rule: "closing", Class: "closing", Phrase: "感謝您的耐心等待，祝您有美好的一天", Role: rule.Agent},
	}
	quality := qa.NewStore(s.db)
	live, err := quality.LiveBook(ctx)
	must(t, err)
	r.Book = live.Version
	r.Attempt, err = quality.Begin(ctx, r.Source)
	must(t, err)
	must(t, quality.Save(ctx, r, func(ctx context.Context, tx pgx.Tx) error { return quality.Score(ctx, tx, r.Leg) }))
	return string(id.LegID(r.Leg))
}

// press sends keys one after another, as a reviewer types them.
func (c *chromium) press(what, keys string) {
	c.t.Helper()
	for _, key := range keys {
		c.do(what, 10*time.Second, chromedp.KeyEvent(string(key)))
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

// A reviewer opens a finding, hears its second and corrects one; the agent appeals; the first reviewer may not decide, a second
// does; the agreement page counts it.
func TestAReviewFromTheFindingToTheDecidedAppeal(t *testing.T) {
	s := newStack(t, nil)
	leg := s.judged("yijun")
	axe, err := os.ReadFile("../web/ui/node_modules/axe-core/axe.min.js")
	must(t, err)
	value := func(sql string) (v string) {
		t.Helper()
		must(t, s.db.QueryRow(limit(t, 10*time.Second), `select coalesce((`+sql+`)::text, '')`, leg).Scan(&v))
		return v
	}

	first := newChromium(t, voice(1, time.Second))
	first.signIn(s.base, s.logins["shihan"])
	first.do("the work list", 30*time.Second, chromedp.Navigate(s.base+"/review?list=rule&rule=wait"), chromedp.WaitVisible(byTest("work-"+leg)), chromedp.WaitVisible(byTest("finding-wait")))
	first.press("take the call", "c")
	first.do("the scorecard", 20*time.Second, chromedp.WaitVisible(byTest("question-opening")))
	first.press("the second finding", "nn")
	eventually(t, 10*time.Second, "the player is at the second of the finding", func() error {
		if at := eval[float64](first, `document.querySelector("audio:not(#remote-audio)").currentTime`); math.Abs(at-7.78) > 0.2 {
			return fmt.Errorf("it is at %.2f s", at)
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
	if got := value(`select string_agg(rule || ' ' || mark, ', ' order by rule) from finding_marks where leg = $1`); got != "closing confirmed, not-possible rejected, opening confirmed, wait confirmed" {
		t.Errorf("marks: %s", got)
	}
	before := value(`select total from scores where leg = $1`)
	s.inspect(first, "review", "zh-TW", s.base+"/review?state=done&leg="+leg, string(axe))
	first.do("wide again", 10*time.Second, chromedp.EmulateViewport(1280, 720))

	agent := newChromium(t, voice(1, time.Second))
	agent.signIn(s.base, s.logins["yijun"])
	s.inspect(agent, "quality", "zh-TW", s.base+"/quality", string(axe))
	agent.do("wide again", 10*time.Second, chromedp.EmulateViewport(1280, 720))
	agent.do("the finding", 20*time.Second, chromedp.WaitVisible(byTest("finding-wait")))
	// The page still moves while the desk connects, so the button is not clicked by its place.
	eval[any](agent, `document.querySelector('[data-testid="finding-wait"] [data-testid="appeal"]').click()`)
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
	s.inspect(second, "agreement", "zh-TW", s.base+"/review/agreement", string(axe))
	if got := eval[string](second, `document.querySelector("tbody tr").textContent`); !strings.Contains(got, "開場白") || !strings.Contains(got, "1100%") {
		t.Errorf("the agreement page says %q", got)
	}
	for _, page := range []string{"violations", "scorecard"} {
		s.inspect(second, page, "zh-TW", s.base+"/review/"+page, string(axe))
	}
}
