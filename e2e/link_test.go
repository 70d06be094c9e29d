package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hotline/internal/sipphone"
)

// A caller talks with an agent and hangs up first. A message with a link is in the mailbox; on a phone it leads to the survey,
// which is left half-way and gone on with; the results count it, the low answer makes a task, and the link is spent.
func TestACallerWhoHungUpFirstAnswersByALink(t *testing.T) {
	s := newStack(t, nil)
	ctx := limit(t, 4*time.Minute)
	c := newChromium(t, voice(1, time.Second))
	c.signIn(s.base, s.logins["admin"])
	put := func(path, body string) {
		t.Helper()
		script := fmt.Sprintf(`fetch(%q, {method: "PUT", headers: {"Content-Type": "application/json"}, body: %q}).then(r => String(r.status))`, path, body)
		if status := evalPromise(c, script); status != "204" {
			t.Fatalf("PUT %s: %s", path, status)
		}
	}
	put("/api/v1/survey-rules/order", `{"agreed": true, "key": true, "after": true, "link": true, "share": 100, "agent_a_day": 100, "queue_a_day": 0, "rest_days": 30, "link_days": 7}`)
	put("/api/v1/message-hours", `{"from": 0, "to": 1440}`)

	var e164 string // of somebody who was not asked lately
	must(t, s.db.QueryRow(ctx, `select p.e164 from customer_phones p where p.e164 ~ '^[+]8869[0-9]{8}$' and not exists (
		select from contacts k join survey_offers o on o.call_id = k.call_id join customer_phones q on q.customer_id = k.customer_id
		where q.e164 = p.e164 and o.offered_at > now() - interval '40 days') and not exists (
		select from calls k join survey_offers o on o.call_id = k.id where k.caller_e164 = p.e164 and o.offered_at > now() - interval '40 days')
		order by p.e164 limit 1`).Scan(&e164))
	call := s.talksAndHangsUp(e164)

	link := s.linkInMailbox(c, e164)
	phone := newChromium(t, voice(1, time.Second))
	reads := func(who *chromium, words ...string) {
		t.Helper()
		eventually(t, 20*time.Second, "the page says "+words[0], func() error {
			page := eval[string](who, `document.querySelector("main")?.innerText ?? ""`)
			for _, w := range words {
				if !strings.Contains(page, w) {
					return fmt.Errorf("no %q in %q", w, page)
				}
			}
			return nil
		})
	}
	open := func(who *chromium) {
		t.Helper()
		who.do("open the link", 20*time.Second, chromedp.EmulateViewport(390, 780), chromedp.Navigate(link+"?l=zh-TW"), chromedp.WaitVisible(chromedp.CSS("main h1")))
	}
	choose := func(who *chromium, value string) {
		t.Helper()
		button := chromedp.CSS(fmt.Sprintf(`button[name="v"][value="%s"]`, value))
		who.do("answer "+value, 20*time.Second, chromedp.WaitVisible(button), chromedp.Click(button))
	}
	for _, lang := range []string{"zh-TW", "en"} {
		s.inspect(phone, "link-question", lang, link+"?l="+lang)
	}
	open(phone)
	reads(phone, "請問您對這次的服務是否滿意？", "第 1 題", "非常滿意")
	choose(phone, "2")
	reads(phone, "推薦好日生活", "第 2 題", "上一題")
	s.inspect(phone, "link-scale", "zh-TW", link+"?l=zh-TW")
	if n := s.count(ctx, `select count(*) from survey_answers where call_id = $1 and question = 'satisfaction' and value = 2 and way = 'link' and occasion = 'link'`, call); n != 1 {
		t.Errorf("half-way, %d answers are stored", n)
	}

	later := newChromium(t, voice(1, time.Second)) // another browser: nothing is kept but the link
	open(later)
	reads(later, "推薦好日生活", "第 2 題")
	choose(later, "9")
	reads(later, "已收到您的回答", "感謝您的寶貴意見")
	s.inspect(later, "link-answered", "zh-TW", link+"?l=zh-TW")
	open(phone)
	reads(phone, "這份問卷已經作答完成")

	if n := s.count(ctx, `select count(*) from tasks where kind = 'follow-up' and call_id = $1 and made_by = 'survey'`, call); n != 1 {
		t.Errorf("the low answer made %d tasks", n)
	}
	var result struct {
		Total  struct{ Offered, Started, Finished int }
		Groups []struct{ Key string }
	}
	raw := evalPromise(c, `fetch("/api/v1/surveys?way=link&by=occasion&from=" + new Date(Date.now() - 864e5).toISOString()).then(r => r.text())`)
	must(t, json.Unmarshal([]byte(raw), &result))
	if result.Total.Offered != 1 || result.Total.Started != 1 || result.Total.Finished != 1 || len(result.Groups) != 1 || result.Groups[0].Key != "link" {
		t.Errorf("results %s", raw)
	}
	c.do("the results", 30*time.Second, chromedp.EmulateViewport(1280, 720), chromedp.Navigate(s.base+"/surveys?way=link&by=occasion"))
	reads(c, "來電者先掛斷（連結）")
	c.shot("results")
	c.push("邀請時機")
	eventually(t, 20*time.Second, "the rules are shown", func() error {
		if shown := eval[string](c, `document.body.innerText`); !strings.Contains(shown, "來電者先掛斷時寄連結") {
			return fmt.Errorf("not in %q", shown)
		}
		return nil
	})
	c.shot("rules")
}

// count is what a query counts.
func (s *stack) count(ctx context.Context, sql string, args ...any) (n int) {
	s.t.Helper()
	must(s.t, s.db.QueryRow(ctx, sql, args...).Scan(&n))
	return n
}

// talksAndHangsUp is a caller from a number who talks with an agent for a moment, and hangs up first.
func (s *stack) talksAndHangsUp(e164 string) (call string) {
	t := s.t
	t.Helper()
	agent := s.agent("yijun")
	caller := &caller{s.dial(sipphone.From{Name: "caller", User: "0" + e164[len("+886"):]}), s, e164}
	caller.choose("1")
	s.answer(agent)
	hello := voice(2, 2*time.Second)
	agent.Say(hello)
	s.heard("the agent", caller.Heard, hello, 0.8, 20*time.Second)
	must(t, caller.Hangup(limit(t, 10*time.Second)))
	eventually(t, 30*time.Second, "the call is over", func() error {
		r, err := caller.row()
		if err == nil && (!r.Ended || r.Outcome != "answered") {
			err = fmt.Errorf("%+v", r)
		}
		call = r.ID
		return err
	})
	return call
}

// linkInMailbox is the address in the only message to a number, as the mailbox shows it.
func (s *stack) linkInMailbox(c *chromium, e164 string) (link string) {
	s.t.Helper()
	c.do("open the mailbox", 30*time.Second, chromedp.Navigate(s.base+"/mailbox"))
	eventually(s.t, 40*time.Second, "the message is in the mailbox", func() error {
		found := eval[[]string](c, `[...document.querySelectorAll(".mailbox-sms a")].map((a) => a.href)`)
		if len(found) != 1 {
			return fmt.Errorf("links %q", found)
		}
		link = found[0]
		return nil
	})
	shown := eval[string](c, `(document.querySelector(".mailbox")?.innerText ?? "").replace(/[^0-9]/g, "")`)
	if !strings.HasPrefix(link, s.base+"/s/") || !strings.Contains(shown, e164[len("+886"):]) {
		s.t.Errorf("link %s, to %s", link, shown)
	}
	c.shot("mailbox")
	return link
}
