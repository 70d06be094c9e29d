package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// A supervisor sees what was sent and what was not, finds the failed one, reads what helps, has it sent again, and sees it go.
func TestASupervisorSeesTheOutboxAndSendsAgain(t *testing.T) {
	s := newStack(t, nil)
	ctx := limit(t, 6*time.Minute)
	c := newChromium(t, voice(1, time.Second))
	c.signIn(s.base, s.logins["huiwen"])
	page := s.base + "/messages"
	for _, lang := range []string{"zh-TW", "en"} {
		s.speak(c, lang)
		s.inspect(c, "messages-empty", lang, page)
	}
	_, err := s.db.Exec(ctx, `insert into message_hours (from_minute, to_minute) values (0, 1440) on conflict (one) do update set from_minute = 0, to_minute = 1440`)
	must(t, err)
	s.fillOutbox()
	for _, lang := range []string{"zh-TW", "en"} {
		s.speak(c, lang)
		s.inspect(c, "messages", lang, page)
	}
	s.speak(c, "zh-TW")
	c.do("look at what failed", 30*time.Second, chromedp.EmulateViewport(1280, 720), chromedp.Navigate(page+"?state=failed&channel=sms"))
	shows := func(what string, words ...string) {
		t.Helper()
		eventually(t, 20*time.Second, what, func() error {
			shown := eval[string](c, `document.body.innerText`)
			for _, w := range words {
				if !strings.Contains(shown, w) {
					return fmt.Errorf("no %q in %q", w, shown)
				}
			}
			return nil
		})
	}
	shows("the failed ones", "0900-***-102", "服務商拒收", "（已刪除）")
	eval[any](c, `document.querySelector("tbody button").click()`)
	shows("what helps", "請核對收件號碼或信箱", "no such number ***")
	c.push("顯示完整收件人")
	shows("the number", "0900-000-102")
	if n := s.count(ctx, `select count(*) from access_log l join messages m on l.object = 'message:' || m.id where l.action = 'reveal_customer' and m.key = 'test:refused'`); n != 1 {
		t.Errorf("%d reveals in the access log", n)
	}
	c.shot("messages-one")
	c.do("narrow", 10*time.Second, chromedp.EmulateViewport(400, 720))
	c.shot("messages-one-narrow")
	c.push("再寄一次")
	shows("it is in line", "已排入寄送")
	shows("it is sent", "已寄出")
	if n := s.count(ctx, `select count(*) from messages where key = 'test:refused' and state = 'sent' and attempts = 2 and error = ''`); n != 1 {
		t.Error("it is not sent in the database")
	}
	if n := s.count(ctx, `select count(*) from mailbox b join messages m on m.id = b.message_id where m.key = 'test:refused'`); n != 1 {
		t.Errorf("%d in the mailbox", n)
	}
	s.correctsAddress(c)
}

// correctsAddress goes from a message to its call, and enters the customer's mail address there: a wrong one, then a right one.
func (s *stack) correctsAddress(c *chromium) {
	t := s.t
	t.Helper()
	ctx := limit(t, time.Minute)
	var call string
	var customer int64
	must(t, s.db.QueryRow(ctx, `select c.id, c.customer_id from messages m join calls c on c.id = m.call_id where m.key = 'test:refused'`).Scan(&call, &customer))
	for _, lang := range []string{"zh-TW", "en"} {
		s.speak(c, lang)
		s.inspect(c, "call-without-address", lang, s.base+"/calls/"+call)
	}
	c.push("Enter：Mail address")
	field := chromedp.CSS(`[data-testid="customer-email-form"] input`)
	save := chromedp.CSS(`[data-testid="customer-email-form"] button[type="submit"]`)
	c.do("enter a wrong one", 20*time.Second, chromedp.WaitVisible(field), chromedp.SendKeys(field, "amy@example"), chromedp.Click(save))
	c.reads("customer-email-form", "No mail address")
	c.shot("address-wrong")
	c.do("mend it", 20*time.Second, chromedp.SendKeys(field, ".com"), chromedp.Click(save))
	c.reads("customer-email", "a***@example.com")
	c.push("Correct：Mail address")
	c.do("see it whole", 20*time.Second, chromedp.WaitVisible(field), chromedp.EmulateViewport(1280, 720))
	if got := eval[string](c, `document.querySelector('[data-testid="customer-email-form"] input').value`); got != "amy@example.com" {
		t.Errorf("to be corrected: %q", got)
	}
	c.shot("address-correct")
	if n := s.count(ctx, `select count(*) from customers where id = $1 and email = 'amy@example.com'`, customer); n != 1 {
		t.Error("the address is not stored")
	}
	object := fmt.Sprintf("customer:%d", customer)
	if changed, seen := s.looks("change", object), s.looks("reveal_customer", object); changed != 1 || seen != 1 {
		t.Errorf("the access log has %d changes and %d looks", changed, seen)
	}
}

// fillOutbox adds messages of every state, and more sent ones than a page holds.
func (s *stack) fillOutbox() {
	_, err := s.db.Exec(limit(s.t, 10*time.Second), `insert into message_hours (from_minute, to_minute) values (0, 1440) on conflict (one) do update set from_minute = 0, to_minute = 1440`)
	must(s.t, err)
	_, err = s.db.Exec(limit(s.t, 10*time.Second), `insert into messages (key, channel, recipient, subject, body, about, call_id, state, attempts, fault, error, created_at, changed_at, not_before, expires_at)
		select 'test:' || key, channel, recipient, '問卷', body, 'survey', (select id from calls where customer_id is not null and ended_at is not null order by arrived_at desc limit 1), state, attempts, fault, error,
			now() - ago, now(), now(), now() + '5 days'::interval
		from (values
			('busy', 'sms', '+886900000101', 'x', 'waiting', 2, 'busy', 'answered 429: slow down', '2 minutes'::interval),
			('refused', 'sms', '+886900000102', 'x', 'failed', 1, 'refused', 'answered 400: no such number ***', '1 minute'),
			('unclear', 'mail', 'amy.lee@example.org', 'x', 'unsure', 1, 'unclear', 'no answer after 15s: EOF', '3 minutes'),
			('away', 'mail', 'bob@example.org', 'x', 'failed', 12, 'unreachable', 'the mail server cannot be reached: connection refused', '4 hours'),
			('erased', 'sms', '', '', 'failed', 0, 'erased', 'it was erased', '5 hours')
		) v (key, channel, recipient, body, state, attempts, fault, error, ago)
		union all
		select 'test:sent' || n, 'sms', '+8869000002' || n, '', '', 'survey', null, 'sent', 1, '', '', now() - n * '1 hour'::interval, now(), now(), now()
		from generate_series(10, 69) n`)
	must(s.t, err)
}
