package main

import (
	"strings"
	"testing"
	"time"

	"hotline/ivr/flowfile"
	"hotline/ivr/rehearsal"
)

func TestWalkInTheTerminal(t *testing.T) {
	file, _ := flowfile.Parse([]byte(`kind: flow
version: 1
id: small
languages: [zh-TW]
start: menu
prompts:
  menu: {zh-TW: 訂購請按一。}
  bye: {zh-TW: 再見。}
steps:
  menu:
    menu: {say: menu, timeout: {after: 5s, repeat: 0, next: bye}, invalid: {repeat: 0, next: bye}, choices: {1: {next: order}}}
  order:
    queue: {id: order, timeout: bye, unstaffed: bye, closed: bye}
  bye:
    hangup: {say: bye}
`))
	for typed, want := range map[string][]string{
		"1\ntimeout\n": {"[menu]\n    訂購請按一。\nmenu, 5s for keys> ", "  keys 1\n[order]\n  queue order\norder, queue: answered, timeout, unstaffed, closed> ", "    再見。\n", "path: menu order bye\n"},
		"\n":           {"  silence 5s\n[bye]\n", "path: menu bye\n"},
		"1\nb\nh\n":    {"  gone \n", "path: menu\n"},
		"":             {"path: menu\n"},
	} {
		var out strings.Builder
		if err := walkOn(file, rehearsal.Options{At: time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)}, strings.NewReader(typed), &out); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%q: no %q in\n%s", typed, w, out.String())
			}
		}
	}
}
