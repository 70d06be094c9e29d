package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/jackc/pgx/v5"

	"hotline/qa"
	"hotline/qa/rule"
)

// spoken gives a recording of the agent a transcript, judged by the live rules.
func (s *stack) spoken(login string) string {
	t := s.t
	t.Helper()
	ctx := limit(t, 20*time.Second)
	r := qa.Result{Model: "test"}
	must(t, s.db.QueryRow(ctx, `select r.leg, r.call_id, r.agent_id, r.started_at, r.duration_ms from recordings r join users u on u.id = r.agent_id
		where u.login = $1 and r.state in ('finished', 'stored') and r.duration_ms > 15000 order by r.started_at desc limit 1`, login).
		Scan(&r.Leg, &r.Call, &r.Agent, &r.Started, &r.Transcript.Length))
	said := func(role rule.Role, start int, text string) {
		u := rule.Utterance{Role: role, Span: rule.Span{Start: start, End: start}}
		for _, c := range text {
			u.Units = append(u.Units, rule.Unit{Text: string(c), Span: rule.Span{Start: u.End, End: u.End + 180}})
			u.End += 180
		}
		r.Transcript.Utterances = append(r.Transcript.Utterances, u)
	}
	said(rule.Agent, 500, "您好，感謝您聯繫我們，請問有什麼可以協助您？")
	said(rule.Caller, 5200, "我的訂單還沒有到。")
	said(rule.Agent, 7600, "請等一等。")
	said(rule.Agent, 9400, "您說今天不行嗎？")
	said(rule.Caller, 11400, "對，我明天才在家。")
	r.Transcript.Speech = map[rule.Role][]rule.Span{rule.Agent: {{Start: 500, End: 4800}, {Start: 7600, End: 11000}}, rule.Caller: {{Start: 5200, End: 7000}}}
	quality := qa.NewStore(s.db)
	live, err := quality.LiveBook(ctx)
	must(t, err)
	r.Book, r.Findings = live.Version, live.Book.Judge(&r.Transcript)
	r.Attempt, err = quality.Begin(ctx, r.Source)
	must(t, err)
	must(t, quality.Save(ctx, r, func(ctx context.Context, tx pgx.Tx) error { return quality.Score(ctx, tx, r.Leg) }))
	return string(r.Leg)
}

// write replaces the text of a field as somebody would who selects all and pastes.
func (c *chromium) write(test, text string) {
	c.t.Helper()
	eval[any](c, fmt.Sprintf(`(() => {
		const field = document.querySelector('[data-testid=%q]');
		Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, %q);
		field.dispatchEvent(new Event("input", { bubbles: true }));
	})()`, test, text))
}

// reads waits until a part of the page has the words.
func (c *chromium) reads(test, words string) {
	c.t.Helper()
	eventually(c.t, 30*time.Second, test+" says "+words, func() error {
		got := eval[string](c, fmt.Sprintf(`document.querySelector('[data-testid=%q]')?.textContent ?? "(nothing)"`, test))
		if !strings.Contains(got, words) {
			return fmt.Errorf("it says %.200q", got)
		}
		return nil
	})
}

// Whoever leads quality changes a phrase, sees the fault and mends it, tries the draft on what was said, gives a thumb to what it
// finds more, and puts it live; the history and the precision say so.
func TestARuleFromTheDraftByATrialToTheHistory(t *testing.T) {
	s := newStack(t, nil)
	leg := s.spoken("yijun")
	value := func(sql string) (v string) {
		t.Helper()
		must(t, s.db.QueryRow(limit(t, 10*time.Second), `select coalesce((`+sql+`)::text, '')`).Scan(&v))
		return v
	}
	book := value(`select yaml from rule_books where state = 'live'`)
	const before, after = "phrases: [等一等]", "phrases: [等一等, 您說今天]"
	if !strings.Contains(book, before) {
		t.Fatalf("the shipped book has no %q", before)
	}

	c := newChromium(t, voice(1, time.Second))
	c.signIn(s.base, s.logins["shihan"])
	s.inspect(c, "rules", "zh-TW", s.base+"/rules")
	c.do("edit", 30*time.Second, chromedp.EmulateViewport(1280, 720), chromedp.Navigate(s.base+"/rules/edit"), chromedp.WaitVisible(byTest("rule-text")))
	c.write("rule-text", strings.Replace(book, before, "phrases: []", 1))
	line := strings.Count(book[:strings.Index(book, before)], "\n") + 1
	c.reads("rule-faults", fmt.Sprintf("第 %d 行", line))
	c.shot("rule-faults")
	c.write("rule-text", strings.Replace(book, before, after, 1))
	c.do("the fault is mended", 20*time.Second, chromedp.WaitNotPresent(byTest("rule-faults")), chromedp.WaitEnabled(byTest("save-draft")), chromedp.Click(byTest("save-draft")))
	eventually(t, 20*time.Second, "the draft is kept", func() error {
		if got := value(`select yaml like '%您說今天%' from rule_books where state = 'draft'`); got != "true" {
			return fmt.Errorf("%q", got)
		}
		return nil
	})
	s.inspect(c, "rules-edit", "zh-TW", s.base+"/rules/edit")

	c.do("try it", 30*time.Second, chromedp.EmulateViewport(1280, 720), chromedp.Navigate(s.base+"/rules/trials"), chromedp.WaitEnabled(byTest("start-trial")), chromedp.Click(byTest("start-trial")))
	c.reads("trial-state", "完成")
	c.reads("new-wait", "1 個，1 通")
	c.reads("same-wait", "1 個，1 通")
	trial := eval[string](c, `location.pathname`)
	s.inspect(c, "trial", "zh-TW", s.base+trial+"?rule=wait&side=new")
	c.do("wide again", 10*time.Second, chromedp.EmulateViewport(1280, 720))
	c.reads("example", "您說今天")
	if got, want := eval[string](c, `document.querySelector('[data-testid="example"] mark').textContent`), "您說今天"; got != want {
		t.Errorf("marked is %q, want %q", got, want)
	}
	if got, want := eval[string](c, `document.querySelector('[data-testid="example"] a').getAttribute("href")`), "/recordings/"+leg+"?t=9.4"; got != want {
		t.Errorf("the example leads to %s, want %s", got, want)
	}
	c.press("it is wrong there", "x")
	c.press("no, it is right", "y")
	eventually(t, 15*time.Second, "the thumb is kept", func() error {
		if got := value(`select string_agg(thumb || ' ' || u.login, ', ' order by h.id) from rule_thumbs h join users u on u.id = h.by`); got != "down shihan, up shihan" {
			return fmt.Errorf("%q", got)
		}
		return nil
	})
	c.reads("new-wait", "對 1")
	c.shot("trial-thumb")

	c.do("put it live", 30*time.Second, chromedp.Navigate(s.base+"/rules/edit"), chromedp.WaitEnabled(byTest("go-live")), chromedp.Click(byTest("go-live")),
		chromedp.WaitVisible(byTest("publish-note")), chromedp.SendKeys(byTest("publish-note"), "也算「您說今天」"), chromedp.WaitEnabled(byTest("publish")), chromedp.Click(byTest("publish")))
	eventually(t, 20*time.Second, "it is live", func() error {
		if got := value(`select string_agg(b.version || ' ' || b.state || ' ' || coalesce(u.login, '-') || ' ' || b.note, ', ' order by version) from rule_books b left join users u on u.id = b.live_by`); got != "1 retired - as shipped, 2 live shihan 也算「您說今天」" {
			return fmt.Errorf("%q", got)
		}
		return nil
	})
	s.inspect(c, "rules-history", "zh-TW", s.base+"/rules/history")
	if got := eval[string](c, `document.querySelector("tbody tr").textContent`); !strings.Contains(got, "也算「您說今天」") || !strings.Contains(got, "使用中") {
		t.Errorf("the history says %q", got)
	}
	c.do("the live rules", 20*time.Second, chromedp.EmulateViewport(1280, 720), chromedp.Navigate(s.base+"/rules"), chromedp.WaitVisible(chromedp.CSS("tbody")))
	if got := eval[string](c, `[...document.querySelectorAll("tbody tr")].find((r) => r.textContent.includes("wait"))?.textContent ?? ""`); !strings.Contains(got, "n=1") || !strings.Contains(got, "100%") {
		t.Errorf("the live rule says %q", got)
	}
	c.shot("rules-measured")
	s.inspect(c, "trials", "zh-TW", s.base+"/rules/trials")
}
