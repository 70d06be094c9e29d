package e2e

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const (
	deskMenu = "家電請按一，服飾請按二。"
	deskTold = "這裡是家電的專線，感謝您的來電。"
	deskElse = "感謝您的來電，再見。"
)

const desks = `kind: flow
version: 1
id: desks
languages: [zh-TW]
start: which
gives: desk
values: {desk: code}
prompts:
  which: {zh-TW: ` + deskMenu + `}
steps:
  which:
    menu: {say: which, timeout: {next: other}, invalid: {next: other}, choices: {1: {label: {zh-TW: 家電}, next: home}, 2: {next: other}}}
  home:
    set: {value: desk, to: home, next: back}
  other:
    set: {value: desk, to: other, next: back}
  back:
    return: {}
`

const goods = `kind: flow
version: 1
id: goods
languages: [zh-TW]
start: ask
values: {desk: code}
prompts:
  home: {zh-TW: ` + deskTold + `}
  other: {zh-TW: ` + deskElse + `}
steps:
  ask:
    flow: {id: desks, get: {desk: desk}, done: which, failed: other}
  which:
    branch: {value: desk, cases: [{is: home, next: home}], else: other}
  home:
    hangup: {say: home}
  other:
    hangup: {say: other}
`

// A caller is led from one flow into another and back, hears what the second one found out, and the page of the call shows the
// way through both; the editor offers the one to the other.
func TestACallGoesThroughTwoFlows(t *testing.T) {
	s := newStack(t, nil)
	s.imports("goods", desks, goods)
	s.leadsTo("goods")
	home, other := s.rings(1), s.rings(2)
	home.hears(deskMenu, home.Heard)
	home.Press("1")
	other.hears(deskMenu, other.Heard)
	heard := other.since()
	other.Press("2")
	home.hears(deskTold, home.Heard)
	other.hears(deskElse, heard)
	row := home.gone()

	c := newChromium(t, voice(1, time.Second))
	c.signIn(s.base, s.logins["huiwen"])
	c.do("open the call", 30*time.Second, chromedp.EmulateViewport(1280, 1400), chromedp.Navigate(s.base+"/calls/"+row.ID), chromedp.WaitVisible(byTest("call-path")))
	for _, step := range []string{"ask", "desks / which", "desks / back", "home"} {
		c.reads("call-path", step)
	}
	c.do("the pictures", 20*time.Second, chromedp.WaitVisible(byTest("step-ask")), chromedp.WaitVisible(byTest("step-back")))
	c.shot("path-of-two-flows")

	c.do("open the flow", 30*time.Second, chromedp.Navigate(s.base+"/flows/flow/desks"), chromedp.WaitVisible(byTest("step-back")))
	c.shot("flow-that-gives")
	c.do("open the other", 30*time.Second, chromedp.Navigate(s.base+"/flows/flow/goods"))
	c.step("ask")
	c.reads("step-form", "desks")
	c.shot("flow-that-enters")
}
