package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"hotline/qa"
	scorecard "hotline/qa/card"
)

// Whoever leads quality changes the scorecard in the form: the sum follows each key, the fault stands at its field, the text
// changes in its place alone, a step is taken back; a draft that somebody else saved is not overwritten; then it goes live.
func TestAScorecardByForm(t *testing.T) {
	s := newStack(t, nil)
	ctx := limit(t, 3*time.Minute)
	cards := qa.NewStore(s.db).Cards()
	shipped := string(scorecard.DefaultYAML())

	c := newChromium(t, voice(1, time.Second))
	c.signIn(s.base, s.logins["shihan"])
	c.do("the form", 30*time.Second, chromedp.EmulateViewport(1280, 720), chromedp.Navigate(s.base+"/review/scorecard"), chromedp.WaitVisible(byTest("card-form")))
	text := func() string { return eval[string](c, `document.querySelector('[data-testid="card-text"]').value`) }
	if got := text(); got != shipped {
		t.Errorf("the text is not the shipped card:\n%s", got)
	}
	c.write("sections[0].weight", "25")
	c.reads("sum-sections", "合計 105%，多了 5")
	if got := text(); got != strings.Replace(shipped, "weight: 20", "weight: 25", 1) {
		t.Errorf("more than one line changed:\n%s", got)
	}
	c.reads("card-faults", "make 105")
	c.write("card-text", strings.Replace(text(), "weight: 25", "weight: x", 1)) // the other way round
	eventually(t, 20*time.Second, "the field follows the text", func() error {
		if got := eval[string](c, `document.querySelector('[data-testid="sections[0].weight"]').value`); got != "x" {
			return fmt.Errorf("%q", got)
		}
		return nil
	})
	c.shot("scorecard-faults")
	c.do("take it back", 20*time.Second, chromedp.Click(byTest("undo")), chromedp.Click(byTest("undo")), chromedp.WaitNotPresent(byTest("card-faults")))
	c.do("a question for a model", 20*time.Second, chromedp.Click(byTest("open-sections[2].questions[1]")), chromedp.WaitVisible(byTest("sections[2].questions[1].by")))
	eval[any](c, `(() => {
		const field = document.querySelector('[data-testid="sections[2].questions[1].by"]');
		Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(field, "model");
		field.dispatchEvent(new Event("change", { bubbles: true }));
	})()`)
	want := strings.Replace(shipped, "        most: 5\n        weight: 30\n", "        most: 5\n        weight: 30\n        by: model\n", 1)
	eventually(t, 20*time.Second, "the text says so", func() error {
		if got := text(); got != want {
			return fmt.Errorf("%s", got)
		}
		return nil
	})
	eval[any](c, `document.querySelector('[data-testid="sections[0].weight"]').focus()`)
	c.shot("scorecard-question")
	c.do("move a section by keyboard", 10*time.Second, chromedp.KeyEvent(kb.ArrowDown, chromedp.KeyModifiers(chromedp.ModifierAlt)))
	eventually(t, 20*time.Second, "it has moved, and the focus with it", func() error {
		if got := eval[string](c, `document.activeElement.dataset.testid`); got != "sections[1].weight" || !strings.Contains(text(), "sections:\n  - id: language") {
			return fmt.Errorf("the focus is at %q", got)
		}
		return nil
	})

	// Somebody else is faster.
	var other, name string
	must(t, s.db.QueryRow(ctx, `select id, name from users where login = 'admin'`).Scan(&other, &name))
	theirs, err := cards.Save(ctx, strings.Replace(shipped, "shortest: 15s", "shortest: 20s", 1), "", other, time.Time{})
	must(t, err)
	c.do("save", 30*time.Second, chromedp.WaitEnabled(byTest("save-draft")), chromedp.Click(byTest("save-draft")), chromedp.WaitVisible(byTest("refused")))
	c.reads("refused", name)
	c.shot("scorecard-refused")
	if now, err := cards.Draft(ctx); err != nil || now.YAML != theirs.YAML {
		t.Errorf("the other's draft was overwritten: %v", err)
	}
	c.do("read theirs", 20*time.Second, chromedp.Click(byTest("reload")), chromedp.WaitNotPresent(byTest("refused")))
	eventually(t, 20*time.Second, "theirs is shown", func() error {
		if got := text(); got != theirs.YAML {
			return fmt.Errorf("%s", got)
		}
		return nil
	})
	c.write("shortest", "30s")
	c.do("save mine", 30*time.Second, chromedp.WaitEnabled(byTest("save-draft")), chromedp.Click(byTest("save-draft")), chromedp.WaitEnabled(byTest("go-live")), chromedp.Click(byTest("go-live")),
		chromedp.WaitVisible(byTest("publish-note")), chromedp.SendKeys(byTest("publish-note"), "短的不算"), chromedp.WaitEnabled(byTest("publish")), chromedp.Click(byTest("publish")))
	eventually(t, 20*time.Second, "it is live", func() error {
		all, err := cards.All(ctx)
		if err != nil || all[0].State != "live" || all[0].Version != 2 || all[0].Note != "短的不算" || !strings.Contains(all[0].YAML, "shortest: 30s # what is shorter was no talk") {
			return fmt.Errorf("%+v, %w", all[0], err)
		}
		return nil
	})
	s.inspect(c, "scorecard", "zh-TW", s.base+"/review/scorecard")
	evalPromise(c, `fetch("/api/v1/session", {method: "PATCH", headers: {"Content-Type": "application/json"}, body: JSON.stringify({lang: "en"})}).then(r => String(r.status))`)
	eval[any](c, `localStorage.setItem("hotline.language", "en")`)
	s.inspect(c, "scorecard", "en", s.base+"/review/scorecard")
}
