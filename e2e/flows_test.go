package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// pick chooses in a select that is found by its label.
func (c *chromium) pick(label, value string) {
	c.t.Helper()
	c.do("the field "+label, 20*time.Second, chromedp.WaitVisible(chromedp.CSS(fmt.Sprintf(`select[aria-label=%q]`, label))))
	eval[any](c, fmt.Sprintf(`(() => {
		const field = document.querySelector('select[aria-label=%q]');
		Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(field, %q);
		field.dispatchEvent(new Event("change", { bubbles: true }));
	})()`, label, value))
}

// text is the live text of a flow.
func (s *stack) text(flow string) (yaml string, version int) {
	s.t.Helper()
	must(s.t, s.db.QueryRow(limit(s.t, 10*time.Second), `select yaml, version from flow_versions where kind = 'flow' and name = $1 and state = 'live'`, flow).Scan(&yaml, &version))
	return yaml, version
}

// livesIn waits until a version of the main flow is live.
func (s *stack) livesIn(version int) {
	s.t.Helper()
	eventually(s.t, 20*time.Second, fmt.Sprintf("version %d is live", version), func() error {
		if _, now := s.text("main"); now != version {
			return fmt.Errorf("version %d", now)
		}
		return nil
	})
}

// gone waits until the call is in the table as ended, and returns its queue.
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

// A supervisor changes the menu in the picture, tries it, and publishes it with a note. The caller who is in the menu meanwhile
// goes by the menu that was heard, the next one by the new; the page of that call shows the way on the picture, and the figures
// count it. Going back changes the next call and not the running one.
func TestAFlowIsEditedPublishedRungAndTakenBack(t *testing.T) {
	s := newStack(t, nil)
	axe, err := os.ReadFile("../web/ui/node_modules/axe-core/axe.min.js")
	must(t, err)
	before, _ := s.text("main")
	c := newChromium(t, voice(1, time.Second))
	c.signIn(s.base, s.logins["huiwen"])
	s.inspect(c, "flows", "zh-TW", s.base+"/flows", string(axe))
	s.inspect(c, "flow", "zh-TW", s.base+"/flows/flow/main", string(axe))

	c.do("open the flow", 30*time.Second, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.base+"/flows/flow/main"),
		chromedp.WaitVisible(byTest("step-menu")))
	eval[any](c, `document.querySelector('[data-testid="step-menu"]').closest(".react-flow__node").click()`)
	c.pick("1 下一步", "to-service")
	c.shot("edited")
	c.do("save", 20*time.Second, chromedp.WaitEnabled(byTest("save-draft")), chromedp.Click(byTest("save-draft")), chromedp.WaitEnabled(byTest("go-live")))
	var draft string
	must(t, s.db.QueryRow(limit(t, 10*time.Second), `select yaml from flow_versions where state = 'draft' and name = 'main'`).Scan(&draft))
	if want := strings.Replace(before, "next: to-order}", "next: to-service}", 1); draft != want {
		t.Errorf("the draft changes more than the one target:\n%s", draft)
	}

	running := s.rings(1)
	s.heard("the menu", running.Heard, s.prompt("zh-TW", menu)[:second], 0.9, 40*time.Second)
	c.do("publish", 20*time.Second, chromedp.Click(byTest("go-live")), chromedp.WaitVisible(byTest("publish-note")))
	c.write("publish-note", "一也到售後服務")
	c.do("publish", 20*time.Second, chromedp.WaitEnabled(byTest("publish")), chromedp.Click(byTest("publish")), chromedp.WaitNotPresent(byTest("publish")))
	s.livesIn(2)
	running.Press("1")
	if r := running.gone(); r.Queue != "order" {
		t.Errorf("the running call went by the new version: %+v", r)
	}

	next := s.rings(2)
	next.choose("1")
	r := next.gone()
	if r.Queue != "service" {
		t.Errorf("the next call went by the old version: %+v", r)
	}
	c.do("open the call", 30*time.Second, chromedp.Navigate(s.base+"/calls/"+r.ID), chromedp.WaitVisible(byTest("call-path")))
	c.reads("call-path", "to-service")
	c.do("the picture", 20*time.Second, chromedp.WaitVisible(chromedp.CSS(`.flow-step.walked[data-testid="step-to-service"]`)))
	if eval[bool](c, `document.querySelector('[data-testid="step-to-order"]').classList.contains("walked")`) {
		t.Error("the picture shows a way that the call did not go")
	}
	c.shot("replay")

	third := s.rings(3)
	s.heard("the menu", third.Heard, s.prompt("zh-TW", menu)[:second], 0.9, 40*time.Second)
	c.do("the versions", 30*time.Second, chromedp.Navigate(s.base+"/flows/flow/main?tab=versions"), chromedp.WaitVisible(byTest("back-to-1")), chromedp.Click(byTest("back-to-1")), chromedp.WaitVisible(byTest("go-back")))
	eval[any](c, `(() => {
		const field = document.querySelector('.mantine-Modal-body textarea');
		Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, "按一的人要訂購");
		field.dispatchEvent(new Event("input", { bubbles: true }));
	})()`)
	c.do("go back", 20*time.Second, chromedp.WaitEnabled(byTest("go-back")), chromedp.Click(byTest("go-back")), chromedp.WaitNotPresent(byTest("go-back")))
	s.livesIn(3)
	c.shot("versions")
	third.Press("1")
	if r := third.gone(); r.Queue != "service" {
		t.Errorf("going back changed the running call: %+v", r)
	}
	fourth := s.rings(4)
	fourth.choose("1")
	if r := fourth.gone(); r.Queue != "order" {
		t.Errorf("going back did not change the next call: %+v", r)
	}
	s.inspect(c, "flow-versions", "zh-TW", s.base+"/flows/flow/main?tab=versions", string(axe))
	s.inspect(c, "flow-counts", "zh-TW", s.base+"/flows/flow/main?tab=counts", string(axe))
	c.shot("counts")
	var calls, menus int
	must(t, s.db.QueryRow(limit(t, 10*time.Second), `select sum(calls), count(distinct version) from flow_hours where flow = 'main' and step = 'menu'`).Scan(&calls, &menus))
	if calls != 4 || menus != 2 {
		t.Errorf("%d calls in %d versions are counted at the menu", calls, menus)
	}
}
