package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/jackc/pgx/v5"

	"hotline/campaign"
	"hotline/internal/calendar"
	"hotline/internal/devstack"
)

// pages are all there are, with who looks at them. A path ends with an id where %s stands.
var pages = []struct{ name, as, path string }{
	{"sign-in", "", "/"},
	{"desk", "yijun", "/desk"},
	{"account", "yijun", "/account"},
	{"floor", "huiwen", "/floor"},
	{"wall", "huiwen", "/floor?wall=1"},
	{"calls", "huiwen", "/calls"},
	{"call", "huiwen", "/calls/%s"},
	{"recordings", "huiwen", "/recordings"},
	{"recording", "huiwen", "/recordings/%s"},
	{"alarms", "admin", "/recordings/keeping?tab=alarms"},
	{"holds", "admin", "/recordings/keeping?tab=holds"},
	{"retention", "admin", "/recordings/keeping?tab=retention"},
	{"search", "huiwen", "/search?q=%E5%85%AC%E5%8F%B8%E6%94%BF%E7%AD%96"},
	{"surveys", "huiwen", "/surveys"},
	{"surveys-agents", "huiwen", "/surveys?by=agent"},
	{"surveys-occasions", "huiwen", "/surveys?by=occasion"},
	{"messages", "huiwen", "/messages"},
	{"mailbox", "huiwen", "/mailbox"},
	{"tasks", "huiwen", "/tasks"},
	{"tasks-done", "huiwen", "/tasks?state=done"},
	{"tasks-agent", "yijun", "/tasks"},
	{"quality", "huiwen", "/quality"},
	{"dictionary", "admin", "/dictionary"},
	{"dictionary-history", "admin", "/dictionary?tab=history"},
	{"trends", "huiwen", "/trends"},
	{"phrases", "huiwen", "/trends?tab=phrases"},
	{"found-phrases", "huiwen", "/trends?tab=phrases&source=mined"},
	{"review", "huiwen", "/review"},
	{"agreement", "admin", "/review/agreement"},
	{"violations", "admin", "/review/violations"},
	{"scorecard", "admin", "/review/scorecard"},
	{"rules", "huiwen", "/rules"},
	{"rules-edit", "admin", "/rules/edit"},
	{"trials", "admin", "/rules/trials"},
	{"rules-history", "admin", "/rules/history"},
	{"campaigns", "huiwen", "/campaigns"},
	{"campaign", "huiwen", "/campaigns/demo"},
	{"campaign-over", "huiwen", "/campaigns/demo-members"},
	{"blocked", "huiwen", "/campaigns?tab=blocked"},
	{"hours", "huiwen", "/hours"},
	{"hours-year", "huiwen", "/hours?tab=year"},
	{"hours-office", "huiwen", "/hours?tab=office"},
	{"flows", "huiwen", "/flows"},
	{"flow", "huiwen", "/flows/flow/main"},
	{"survey", "huiwen", "/flows/survey/after-call"},
	{"flow-versions", "huiwen", "/flows/flow/main?tab=versions"},
	{"flow-counts", "huiwen", "/flows/flow/main?tab=counts"},
	{"users", "admin", "/admin?tab=users"},
	{"teams", "admin", "/admin?tab=teams"},
	{"queues", "admin", "/admin?tab=queues"},
	{"lines", "admin", "/admin?tab=lines"},
	{"codes", "admin", "/admin?tab=codes"},
	{"access-log", "admin", "/admin?tab=access_log"},
}

// violation is what axe found.
type violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML string `json:"html"`
	} `json:"nodes"`
}

// pagesCalls are so many that the tasks of the last days are some.
const pagesCalls = 8000

func TestEveryPageIsAccessible(t *testing.T) {
	s := newStackOn(t, devstack.PostgresOptions{Volatile: true}, pagesCalls, nil)
	s.writesLinks()
	var call, leg string
	ctx := limit(t, 10*time.Second)
	must(t, s.db.QueryRow(ctx, `select call_id, leg from recordings where state in ('finished', 'stored') order by started_at desc limit 1`).Scan(&call, &leg))
	s.transcribed(leg)
	_, err := s.db.Exec(ctx, `update calls set disposition = 'sold' where id = $1`, call) // so that phrases are set against something
	must(t, err)
	for _, lang := range []string{"zh-TW", "en"} {
		for _, who := range []string{"", "yijun", "huiwen", "admin"} {
			c := newChromium(t, voice(1, time.Second))
			if who != "" {
				c.signIn(s.base, s.logins[who])
				evalPromise(c, fmt.Sprintf(`fetch("/api/v1/session", {method: "PATCH", headers: {"Content-Type": "application/json"}, body: JSON.stringify({lang: %q})}).then(r => String(r.status))`, lang))
				eval[any](c, fmt.Sprintf(`localStorage.setItem("hotline.language", %q)`, lang))
			}
			for _, p := range pages {
				if p.as != who {
					continue
				}
				path := p.path
				switch {
				case strings.HasPrefix(path, "/calls/"):
					path = fmt.Sprintf(path, call)
				case strings.HasPrefix(path, "/recordings/%s"):
					path = fmt.Sprintf(path, leg)
				}
				s.inspect(c, p.name, lang, s.base+path)
			}
		}
	}
}

// writesLinks has a campaign write to some customers, so that the mailbox has something.
func (s *stack) writesLinks() {
	t, ctx := s.t, limit(s.t, time.Minute)
	t.Helper()
	_, err := s.db.Exec(ctx, `insert into message_hours (from_minute, to_minute) values (0, 1440) on conflict (one) do update set from_minute = 0, to_minute = 1440`)
	must(t, err)
	store, today := campaign.NewStore(s.db), calendar.DateOf(time.Now().In(taipei(t)))
	c, err := store.Create(ctx, campaign.Campaign{
		ID: "letters", Name: "新會員問卷", Survey: "after-call", Way: campaign.Link, Audience: "本月加入的會員", ListRule: "有手機號碼", From: today, To: today, Lang: "zh-TW",
		Hours: calendar.Hours{{From: 0, To: 24 * 60}}, Zone: "Asia/Taipei", Most: 1, Ring: 30, AtOnce: 1, PerSec: 5,
	})
	must(t, err)
	rows, err := s.db.Query(ctx, `select row_number() over (order by e164)::integer + 1 as row, e164 as phone
		from (select distinct e164 from customer_phones order by e164 limit 6) p`)
	must(t, err)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[campaign.Row])
	must(t, err)
	_, err = store.Add(ctx, c.ID, list, time.Now())
	must(t, err)
	_, err = store.Start(ctx, c.ID, time.Now())
	must(t, err)
	eventually(t, 40*time.Second, "the letters are in the mailbox", func() error {
		if n := s.count(ctx, `select count(*) from mailbox`); n != len(list) {
			return fmt.Errorf("%d of %d", n, len(list))
		}
		return nil
	})
}

// axe is the checker of accessibility, as browsers run it.
var axe = sync.OnceValues(func() ([]byte, error) { return os.ReadFile("../web/ui/node_modules/axe-core/axe.min.js") })

// inspect opens a page, waits until it has settled, and has axe look at it, wide and narrow.
func (s *stack) inspect(c *chromium, name, lang, url string) {
	t := s.t
	t.Helper()
	if name == "sign-in" { // before that, the browser's own language counts
		c.do("open the site", 20*time.Second, chromedp.Navigate(url), chromedp.WaitVisible(byTest("login")))
		eval[any](c, fmt.Sprintf(`localStorage.setItem("hotline.language", %q)`, lang))
	}
	c.do("open "+name, 30*time.Second, chromedp.Navigate(url), chromedp.WaitVisible(chromedp.CSS("main")))
	eventually(t, 20*time.Second, name+" has settled", func() error {
		if busy := eval[int](c, `document.querySelectorAll("[aria-busy=true], .mantine-Loader-root, .mantine-Skeleton-root").length`); busy > 0 {
			return fmt.Errorf("%d parts still load", busy)
		}
		return nil
	})
	if got := eval[string](c, `document.documentElement.lang`); !strings.HasPrefix(got, lang[:2]) {
		t.Errorf("%s: the page says it is in %q, want %q", name, got, lang)
	}
	for _, width := range []int64{1280, 400} {
		c.do("resize", 10*time.Second, chromedp.EmulateViewport(width, 720))
		eval[any](c, `document.getAnimations().forEach((a) => { try { a.finish(); } catch { a.cancel(); } })`)
		c.shot(fmt.Sprintf("%s-%s-%d", name, lang, width))
		script, err := axe()
		must(t, err)
		eval[any](c, string(script))
		raw := evalPromise(c, `axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations))`)
		var found []violation
		must(t, json.Unmarshal([]byte(raw), &found))
		for _, v := range found {
			if v.Impact == "serious" || v.Impact == "critical" {
				t.Errorf("%s (%s, %d px): %s: %s: %.300s", name, lang, width, v.ID, v.Help, v.Nodes[0].HTML)
			}
		}
	}
	if over := eval[int](c, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("%s (%s): the narrow page is %d px too wide", name, lang, over)
	}
}

// evalPromise runs a script that ends in a promise of a string.
func evalPromise(c *chromium, script string) string {
	c.t.Helper()
	var out string
	c.do("script", 30*time.Second, chromedp.Func(func(ctx context.Context, target *chromedp.Target) (err error) {
		out, err = chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise)(ctx, target)
		return err
	}))
	return out
}
