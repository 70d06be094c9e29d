package e2e

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hotline/internal/sipphone"
	"hotline/internal/speak"
)

// field is a script that finds a field of the page by its label.
const field = `(label) => {
	const all = [...document.querySelectorAll("input, textarea, select")];
	const says = (l) => l.textContent.replace(/\s*\*$/, "") === label;
	return all.find((e) => e.ariaLabel === label) ?? all.find((e) => [...(e.labels ?? [])].some(says));
}`

// enter fills a field, or chooses in one, that is found by its label.
func (c *chromium) enter(label, value string) {
	c.t.Helper()
	eventually(c.t, 20*time.Second, "there is a field "+label, func() error {
		if !eval[bool](c, fmt.Sprintf(`!!(%s)(%q)`, field, label)) {
			return fmt.Errorf("no field %q", label)
		}
		return nil
	})
	eval[any](c, fmt.Sprintf(`(() => {
		const f = (%s)(%q);
		f.focus();
		Object.getOwnPropertyDescriptor(Object.getPrototypeOf(f), "value").set.call(f, %q);
		f.dispatchEvent(new Event(f.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
		if (f.tagName !== "SELECT") f.blur();
	})()`, field, label, value))
}

// push clicks a button that is found by its words or its label.
func (c *chromium) push(words string) {
	c.t.Helper()
	defer func() {
		if c.t.Failed() {
			c.shot("stuck")
		}
	}()
	eventually(c.t, 20*time.Second, "there is a button "+words, func() error {
		ok := eval[bool](c, fmt.Sprintf(`(() => {
			const b = [...document.querySelectorAll("button, .mantine-SegmentedControl-label")].find((e) => (e.textContent.trim() === %q || e.ariaLabel === %q) && !e.disabled);
			b?.click();
			return !!b;
		})()`, words, words))
		if !ok {
			return fmt.Errorf("no button %q", words)
		}
		return nil
	})
}

// tap clicks what has the test id, once it may be clicked.
func (c *chromium) tap(test string) {
	c.t.Helper()
	c.do("tap "+test, 20*time.Second, chromedp.WaitVisible(byTest(test)), chromedp.WaitEnabled(byTest(test)), chromedp.Click(byTest(test)))
}

// refuses waits until a part of the page has the words of a fault, and the page does not let it be published.
func (c *chromium) refuses(test, words string) {
	c.t.Helper()
	c.reads(test, words)
	if !eval[bool](c, `document.querySelector('[data-testid="go-live"]').disabled`) {
		c.t.Errorf("with %q it can be published", words)
	}
}

// addStep adds a step of a kind, which is then the one that the form shows.
func (c *chromium) addStep(kind string) {
	c.t.Helper()
	c.tap("add-step")
	c.do("the kinds", 10*time.Second, chromedp.WaitVisible(chromedp.CSS(`[role="option"]`)))
	eval[any](c, fmt.Sprintf(`[...document.querySelectorAll('[role="option"]')].find((e) => e.textContent === %q).click()`, kind))
}

// step shows a step in the form.
func (c *chromium) step(name string) {
	c.t.Helper()
	c.do("the step "+name, 20*time.Second, chromedp.WaitVisible(byTest("step-"+name)))
	eval[any](c, fmt.Sprintf(`document.querySelector('[data-testid="step-%s"]').closest(".react-flow__node").click()`, name))
	eventually(c.t, 10*time.Second, "the form shows "+name, func() error {
		if got := eval[string](c, `document.querySelector('[data-testid="pick-step"]').value`); got != name {
			return fmt.Errorf("it shows %q", got)
		}
		return nil
	})
}

// begin makes a new flow or survey from a template.
func (c *chromium) begin(s *stack, kind, name, from string) {
	c.t.Helper()
	c.do("the list", 30*time.Second, chromedp.Navigate(s.base+"/flows"))
	c.tap("new-" + kind)
	c.do("the name", 20*time.Second, chromedp.WaitVisible(byTest("new-name")))
	c.write("new-name", name)
	c.tap("from-" + from)
	c.tap("new-begin")
}

// publish saves the draft and puts it live.
func (c *chromium) publish(s *stack, kind, name, note string, version int) {
	c.t.Helper()
	c.tap("save-draft")
	c.tap("go-live")
	c.do("the note", 20*time.Second, chromedp.WaitVisible(byTest("publish-note")))
	c.write("publish-note", note)
	c.tap("publish")
	c.do("published", 20*time.Second, chromedp.WaitNotPresent(byTest("publish")))
	s.lives(kind, name, version)
}

// lives waits until a version is live.
func (s *stack) lives(kind, name string, version int) {
	s.t.Helper()
	eventually(s.t, 20*time.Second, fmt.Sprintf("version %d of %s is live", version, name), func() error {
		var now int
		if err := s.db.QueryRow(limit(s.t, 10*time.Second), `select version from flow_versions where kind = $1 and name = $2 and state = 'live'`, kind, name).Scan(&now); err != nil || now != version {
			return fmt.Errorf("version %d: %w", now, err)
		}
		return nil
	})
}

// gone waits until the call is in the table as ended.
func (c *caller) gone() (r row) {
	c.s.t.Helper()
	eventually(c.s.t, 60*time.Second, "the call has ended", func() (err error) {
		if r, err = c.row(); err == nil && !r.Ended {
			err = fmt.Errorf("row %+v", r)
		}
		return err
	})
	return r
}

// hears waits until the caller has heard the beginning of a prompt from now on, or from before.
func (c *caller) hears(text string, from func() []sipphone.Packet) {
	c.s.t.Helper()
	eventually(c.s.t, 30*time.Second, "the sound of "+text, func() error {
		if n := c.s.sounds("zh-TW", text); n != 1 {
			return fmt.Errorf("%d files", n)
		}
		return nil
	})
	sound := c.s.prompt("zh-TW", text)
	c.s.heard(text, from, sound[:min(len(sound), second)], 0.9, 40*time.Second)
}

const (
	choosePrompt = "查詢訂單，請按一。直接評分，請按二。"
	orderPrompt  = "請輸入訂單編號的後四碼。"
	toldPrompt   = "您的訂單已經送達，謝謝。"
	otherPrompt  = "您的訂單還在處理中。"
	noOrder      = "查不到這筆訂單。"
	byePrompt    = "感謝您的來電，再見。"
	careQuestion = "您滿意這次的說明嗎？非常滿意請按五，非常不滿意請按一。"
	moreQuestion = "還有其他問題嗎？有請按一，沒有請按二。"
)

// A supervisor who writes no line of YAML builds a survey and a flow with a menu, a look-up and that survey; what is wrong is
// said at its place and keeps it from being published. A real call takes it and hears it; its page shows the way on the picture,
// and the page of results counts the answers. Going back changes the next call, and not the one in the menu.
func TestASupervisorBuildsAFlowAndASurvey(t *testing.T) {
	s := newStack(t, nil)
	e164, digits := s.delivered()
	c := newChromium(t, voice(1, time.Second))
	c.signIn(s.base, s.logins["huiwen"])
	c.do("a wide window", 10*time.Second, chromedp.EmulateViewport(1400, 1000))
	c.buildsSurvey(s)
	c.buildsFlow(s)
	s.leads(line, "delivery")

	first := &caller{s.dial(sipphone.From{Name: "caller", User: "0" + e164[len("+886"):]}), s, e164}
	first.hears(choosePrompt, first.Heard)
	first.Press("1")
	first.hears(orderPrompt, first.Heard)
	first.Press(digits)
	first.hears(toldPrompt, first.Heard)
	s.heard("the studio's recording of the question", first.Heard, studio()[second/2:2*second], 0.9, 40*time.Second)
	first.Press("5")
	first.hears(moreQuestion, first.Heard)
	first.Press("2")
	r := first.gone()
	s.checkAnswers(first, map[string]int{"satisfaction": 5, "solved": 2})
	c.replays(s, r.ID)
	c.counts(s)
	c.goesBack(s)
}

// delivered is a caller with an order that has arrived, and its last digits.
func (s *stack) delivered() (e164, digits string) {
	s.t.Helper()
	must(s.t, s.db.QueryRow(limit(s.t, 20*time.Second), `with own as (
			select p.e164, o.id, o.status from orders o join customer_phones p on p.customer_id = o.customer_id)
		select own.e164, right(own.id, 4) from own where own.e164 like '+8869%' and own.status = 'delivered'
			and (select count(*) from own b where b.e164 = own.e164 and right(b.id, 4) = right(own.id, 4)) = 1
		order by own.id limit 1`).Scan(&e164, &digits))
	return e164, digits
}

// leads lets a flow answer the line, as an administrator does.
func (s *stack) leads(number, flow string) {
	s.t.Helper()
	admin := newChromium(s.t, voice(1, time.Second))
	admin.signIn(s.base, s.logins["admin"])
	status := evalPromise(admin, fmt.Sprintf(`fetch("/api/v1/lines/%s", {method: "PUT", headers: {"Content-Type": "application/json"}, body: JSON.stringify({flow: %q})}).then(r => String(r.status))`, number, flow))
	if status != "200" {
		s.t.Fatalf("the line does not lead to %s: %s", flow, status)
	}
	eventually(s.t, 60*time.Second, "a call goes by the flow "+flow, func() (err error) {
		call := s.dial(sipphone.From{Name: "probe", User: "0912000099"})
		defer func() { err = errors.Join(err, call.Hangup(limit(s.t, 10*time.Second))) }()
		got := ""
		eventually(s.t, 20*time.Second, "the call is in a flow", func() error {
			return s.db.QueryRow(limit(s.t, 5*time.Second), `select s.flow from call_steps s join calls c on c.id = s.call_id where c.caller_e164 = '+886912000099' order by s.at desc limit 1`).Scan(&got)
		})
		if got != flow {
			return fmt.Errorf("it goes by %s", got)
		}
		return nil
	})
}

func (c *chromium) buildsSurvey(s *stack) {
	c.begin(s, "survey", "delivery-care", "blank")
	c.refuses("flow-faults", "問卷有 0 題")
	c.tap("add-yesno")
	c.enter("題目的內容 中文", moreQuestion)
	c.tap("add-csat5")
	c.tap("question-2-up") // satisfaction first
	if kind := eval[string](c, `document.querySelector('[data-testid="question-1-kind"]').value`); kind != "csat5" {
		c.t.Errorf("the first question is %s", kind)
	}
	eval[any](c, fmt.Sprintf(`(() => {
		const f = document.querySelector('[data-testid="question-1"] textarea[lang="zh-TW"]');
		Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(f, %q);
		f.dispatchEvent(new Event("input", { bubbles: true }));
	})()`, careQuestion))
	// The second question is asked only of some, and then put before the answer that leads to it.
	c.tap("question-1-add-way")
	c.enter("答案 1 之後", "solved")
	c.tap("question-1-down")
	c.refuses("question-2", "不是後面的題目")
	c.shot("survey-fault")
	c.push("復原（Ctrl+Z）")
	c.reads("flow-faults", "沒有錯誤")
	c.push("刪除答案 1 的跳題")
	c.shot("survey")
	// Tried by keys before anybody hears it.
	c.push("5")
	c.reads("script", "satisfaction=5")
	c.push("2")
	c.reads("script", "solved=2")
	c.records(careQuestion)
	c.publish(s, "survey", "delivery-care", "送達後的兩題", 1)
}

// studio is what somebody has recorded in place of the robot's voice.
func studio() []int16 { return voice(77, 3*time.Second) }

// records uploads a recording of a phrase, after a file that is none was refused with the reason.
func (c *chromium) records(text string) {
	c.t.Helper()
	c.push("聲音")
	one := "sound-" + speak.Key("zh-TW", text)
	c.reads(one, "備用的機器語音")
	for _, try := range []struct {
		file []byte
		says string
	}{{[]byte("no sound at all"), "not a WAV file"}, {wavFile(studio()), "上傳的錄音"}} {
		eval[any](c, fmt.Sprintf(`(() => {
			const field = document.querySelector('[data-testid="%s"] input[type="file"]'), all = new DataTransfer();
			all.items.add(new File([Uint8Array.from(atob(%q), (c) => c.charCodeAt(0))], "studio.wav", { type: "audio/wav" }));
			field.files = all.files;
			field.dispatchEvent(new Event("change", { bubbles: true }));
		})()`, one, base64.StdEncoding.EncodeToString(try.file)))
		c.reads(one, try.says)
	}
	c.push("聽：" + text)
	eventually(c.t, 20*time.Second, "it plays", func() error {
		if !eval[bool](c, `[...document.querySelectorAll("button")].some((b) => b.ariaLabel === "停止")`) {
			return errors.New("nothing plays")
		}
		return nil
	})
	c.shot("sounds")
}

func (c *chromium) buildsFlow(s *stack) {
	c.begin(s, "flow", "delivery", "plain")
	for _, v := range []struct{ name, kind string }{{"order", "digits"}, {"state", "text"}} {
		c.do("the values", 20*time.Second, chromedp.WaitVisible(byTest("value-name")))
		c.write("value-name", v.name)
		c.tap("add-value")
		c.enter(v.name+" 的種類", v.kind)
	}

	c.addStep("選單")
	c.refuses("flow-faults", `沒有路會走到步驟 "menu"`)
	c.says("welcome", "prompt-1", choosePrompt, "")
	c.refuses("step-form", "en 還沒有內容")
	c.refuses("flow-faults", `的 en 文字是空的`)
	c.enter("prompt-1 的內容，en", "Press one for an order, two to rate us.")

	c.addStep("輸入")
	c.says("welcome", "prompt-2", orderPrompt, "Key the last four digits of the order.")
	c.enter("幾位數", "4")
	c.addStep("查詢")
	c.refuses("step-form", "沒有寫是哪個服務")
	c.shot("flow-fault")
	c.enter("服務", "orders")
	for _, p := range []struct{ way, field, value string }{{"傳送", "order_no", "order"}, {"傳送", "phone", "caller"}, {"取得", "status", "state"}} {
		c.enter(p.way+" 對方的欄位名稱", p.field)
		c.push(p.way + " 新增")
		c.enter(p.way+" "+p.field, p.value)
	}
	c.addStep("分流")
	c.enter("資料", "state")
	c.enter("是 1", "delivered")
	for i, words := range []string{toldPrompt, otherPrompt, noOrder} {
		c.addStep("播放")
		c.says("welcome", fmt.Sprintf("prompt-%d", 3+i), words, "About your order.")
	}
	c.addStep("問卷")
	c.enter("哪一個", "delivery-care")
	for _, way := range []struct{ step, label, to string }{
		{"welcome", "下一步", "menu"},
		{"menu", "1 下一步", "ask"},
		{"ask", "下一步", "lookup"},
		{"lookup", "找到", "branch"},
		{"lookup", "查無資料", "play-3"},
		{"lookup", "不成功", "goodbye"},
		{"branch", "下一步 1", "play"},
		{"branch", "其他", "play-2"},
		{"play", "下一步", "survey"},
		{"play-2", "下一步", "goodbye"},
		{"play-3", "下一步", "goodbye"},
		{"survey", "下一步", "goodbye"},
	} {
		c.step(way.step)
		c.enter(way.label, way.to)
	}
	c.step("menu")
	c.push("新增選項")
	c.enter("2 下一步", "survey")
	c.reads("flow-faults", "沒有錯誤")
	c.push("重新排列")
	c.shot("flow")
	c.publish(s, "flow", "delivery", "訂單查詢與評分", 1)
}

// says gives the step that is shown a prompt of its own, in place of the one that it began with.
func (c *chromium) says(old, name, zh, en string) {
	c.t.Helper()
	c.push("新的提示語")
	c.enter(name+" 的內容，zh-TW", zh)
	c.enter(name+" 的內容，en", en)
	c.push("不說 " + old)
}

// replays looks at the way of a call on the picture.
func (c *chromium) replays(s *stack, call string) {
	c.t.Helper()
	c.do("open the call", 30*time.Second, chromedp.Navigate(s.base+"/calls/"+call), chromedp.WaitVisible(byTest("call-path")))
	c.reads("call-path", "survey")
	for step, want := range map[string]bool{"menu": true, "ask": true, "lookup": true, "play": true, "survey": true, "goodbye": true, "play-2": false, "play-3": false} {
		c.do("the picture", 20*time.Second, chromedp.WaitVisible(byTest("step-"+step)))
		if got := eval[bool](c, fmt.Sprintf(`document.querySelector('[data-testid="step-%s"]').classList.contains("walked")`, step)); got != want {
			c.t.Errorf("the picture says of step %s: walked is %v", step, got)
		}
	}
	c.shot("replay")
}

// counts looks for the one caller on the page of results.
func (c *chromium) counts(s *stack) {
	c.t.Helper()
	c.do("the results", 30*time.Second, chromedp.Navigate(s.base+"/surveys?survey=delivery-care"), chromedp.WaitVisible(chromedp.CSS("main table")))
	eventually(c.t, 30*time.Second, "the results count the caller", func() error {
		rows := eval[string](c, `[...document.querySelectorAll("main table")].map((t) => t.innerText).join(" | ")`)
		if !strings.Contains(rows, "（無佇列）\t–\t1\t1（100%）\t1\t0\t5.00") {
			return fmt.Errorf("they say %.900q", rows)
		}
		return nil
	})
	c.shot("results")
}

// goesBack publishes another menu and takes it back, while a caller is in each of them.
func (c *chromium) goesBack(s *stack) {
	c.t.Helper()
	c.do("the flow", 30*time.Second, chromedp.Navigate(s.base+"/flows/flow/delivery"))
	c.step("menu")
	c.enter("2 下一步", "goodbye")
	running := s.rings(1)
	running.hears(choosePrompt, running.Heard)
	c.publish(s, "flow", "delivery", "先不評分", 2)
	running.Press("2")
	s.heard("the question", running.Heard, studio()[second/2:2*second], 0.9, 40*time.Second)

	next := s.rings(2)
	next.hears(choosePrompt, next.Heard)
	c.do("the versions", 30*time.Second, chromedp.Navigate(s.base+"/flows/flow/delivery?tab=versions"))
	c.tap("back-to-1")
	c.enter("原因", "還是要評分")
	c.tap("go-back")
	s.lives("flow", "delivery", 3)
	from := next.since()
	next.Press("2")
	next.hears(byePrompt, from)
	if r := next.gone(); r.Outcome != "ivr_ended" {
		c.t.Errorf("going back changed the running call: %+v", r)
	}
	third := s.rings(3)
	third.hears(choosePrompt, third.Heard)
	third.Press("2")
	s.heard("the question", third.Heard, studio()[second/2:2*second], 0.9, 40*time.Second)
	c.shot("versions")
}
