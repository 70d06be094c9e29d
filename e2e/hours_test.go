package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hotline/internal/sipphone"
)

// The words of this test are recorded, so that what arrives can be compared with them.
const (
	openWords      = "好日生活您好，很高興為您服務。"
	closedWords    = "您好，目前非服務時間，請您於服務時間內再次來電。好日生活感謝您的來電，再見。"
	emergencyWords = "很抱歉，系統暫時無法為您服務，請您稍後再撥。"
)

const hoursFlow = `kind: flow
version: 1
id: main
languages: [zh-TW]
start: hours
prompts:
  open: {zh-TW: ` + openWords + `}
  closed: {zh-TW: ` + closedWords + `}
steps:
  hours:
    hours: {calendar: always, open: open, closed: closed, emergency: closed}
  open:
    hangup: {say: open}
  closed:
    hangup: {say: closed}
`

// A supervisor stops the service in the browser and resumes it; each time the next caller hears it, without a restart.
func TestTheEmergencySwitchIsHeardByTheNextCaller(t *testing.T) {
	s := newStack(t, nil)
	c := newChromium(t, voice(1, time.Second))
	c.signIn(s.base, s.logins["huiwen"])
	status := evalPromise(c, `fetch("/api/v1/calendars/always", {method: "PUT", headers: {"Content-Type": "application/json"}, body: JSON.stringify({
		name_zh: "全天", name_en: "Always", week: Array(7).fill(["00:00-24:00"]), make_up: ["00:00-24:00"], holiday: ["00:00-24:00"], office: true})}).then(r => String(r.status))`)
	if status != "200" {
		t.Fatalf("the calendar is not taken: %s", status)
	}
	flow := filepath.Join(t.TempDir(), "main.yaml")
	must(t, os.WriteFile(flow, []byte(hoursFlow), 0o644))
	s.tool("flow", "import", flow)
	n := 0
	// The controller takes a change over a moment after it was made, and sound is late on a busy machine: who does not
	// hear the words soon rings again.
	hears := func(words ...string) {
		t.Helper()
		var call *caller
		var rang time.Time
		eventually(t, 80*time.Second, "a caller hears "+words[0], func() error {
			if call == nil || time.Since(rang) > 20*time.Second {
				n++
				call, rang = s.rings(n), time.Now()
			}
			wave := sipphone.Wave(call.Heard())
			for _, w := range words {
				if c, _ := sipphone.Match(wave, s.prompt("zh-TW", w)[:second]); c < 0.85 {
					return fmt.Errorf("call %d: %s: correlation %.2f in %.1f s of sound", n, w, c, float64(len(wave))/second)
				}
			}
			return nil
		})
	}
	hears(openWords)

	page := s.base + "/hours?calendar=always"
	c.do("open the page", 30*time.Second, chromedp.Navigate(page), chromedp.WaitVisible(byTest("emergency")), chromedp.Click(byTest("emergency")),
		chromedp.WaitVisible(byTest("emergency-zh")), chromedp.SendKeys(byTest("emergency-zh"), emergencyWords), chromedp.Click(byTest("emergency-yes")),
		chromedp.WaitVisible(byTest("resume")))
	hears(emergencyWords, closedWords)
	c.reads("emergency-card", s.logins["huiwen"].Name)
	eval[any](c, `(() => { const at = document.querySelector('input[type="datetime-local"]');
		Object.getOwnPropertyDescriptor(Object.getPrototypeOf(at), "value").set.call(at, "2030-01-02T10:00");
		at.dispatchEvent(new Event("input", { bubbles: true })); })()`)
	c.reads("would-hear", emergencyWords)
	s.inspect(c, "hours-emergency", "zh-TW", page)
	c.do("resume", 30*time.Second, chromedp.EmulateViewport(1280, 720), chromedp.WaitVisible(byTest("resume")), chromedp.Click(byTest("resume")),
		chromedp.WaitVisible(byTest("resume-yes")), chromedp.Click(byTest("resume-yes")), chromedp.WaitVisible(byTest("emergency")))
	hears(openWords)
	s.ownDayAndImport(c, page)
	for _, tab := range []string{"week", "year", "office", "history"} {
		s.inspect(c, "hours-"+tab, "zh-TW", fmt.Sprintf("%s&tab=%s", page, tab))
	}
	c.do("history", 10*time.Second, chromedp.EmulateViewport(1280, 720))
	c.reads("hours-history", emergencyWords)
}

// ownDayAndImport closes on a day of next year's calendar, is told what is wrong with a file, and imports it when it is mended.
func (s *stack) ownDayAndImport(c *chromium, page string) {
	t := s.t
	t.Helper()
	stored := func(what, sql string) {
		t.Helper()
		eventually(t, 15*time.Second, what, func() error {
			var yes bool
			if err := s.db.QueryRow(limit(t, 5*time.Second), `select exists (`+sql+`)`).Scan(&yes); err != nil || !yes {
				return fmt.Errorf("not yet: %v", err)
			}
			return nil
		})
	}
	day := chromedp.CSS(`[data-date="2027-03-02"]`)
	c.do("close on a day", 30*time.Second, chromedp.EmulateViewport(1280, 720), chromedp.Navigate(page+"&tab=year&year=2027"), chromedp.WaitVisible(day), chromedp.Click(day),
		chromedp.WaitVisible(byTest("own-day")), chromedp.SendKeys(byTest("own-day"), "員工旅遊"), chromedp.Click(chromedp.CSS(`.mantine-Drawer-content button[type="submit"]`)))
	stored("the own day", `select from calendar_days where calendar = 'always' and day = '2027-03-02' and name_zh = '員工旅遊' and hours = '[]'`)

	file := "西元日期,星期,是否放假,備註\r\n"
	for d := time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == 2028; d = d.AddDate(0, 0, 1) {
		off, note := "0", ""
		if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday || d.YearDay() == 59 {
			off = "2"
		}
		if d.YearDay() == 59 {
			note = "和平紀念日"
		}
		file += fmt.Sprintf("%s,%s,%s,%s\r\n", d.Format("20060102"), []string{"日", "一", "二", "三", "四", "五", "六"}[d.Weekday()], off, note)
	}
	choose := func(text string) {
		t.Helper()
		eval[any](c, fmt.Sprintf(`(() => { const field = document.querySelector('input[type="file"]'), all = new DataTransfer();
			all.items.add(new File([%q], "2028.csv", { type: "text/csv" }));
			field.files = all.files;
			field.dispatchEvent(new Event("change", { bubbles: true })); })()`, text))
	}
	c.do("the office calendars", 30*time.Second, chromedp.Navigate(page+"&tab=office"), chromedp.WaitReady(chromedp.CSS(`input[type="file"]`)))
	choose(strings.Replace(file, "20280103,一,0,", "20280103,二,0,", 1))
	c.reads("import-faults", "第 4 行")
	choose(file)
	c.reads("import-preview", "和平紀念日")
	c.do("import", 10*time.Second, chromedp.Click(byTest("import-yes")))
	stored("the year", `select from office_years where year = 2028 and jsonb_array_length(days) = 1`)
}
