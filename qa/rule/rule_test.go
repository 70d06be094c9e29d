package rule

import (
	"strings"
	"testing"
)

// speak makes a transcript of one sentence; a word in brackets was recognised without certainty.
func speak(role Role, text string) *Transcript {
	u := Utterance{Role: role, Span: Span{1000, 1000}}
	sure := 0.95
	for _, r := range text {
		switch r {
		case '（':
			sure = 0.3
			continue
		case '）':
			sure = 0.95
			continue
		}
		u.Units = append(u.Units, Unit{Text: string(r), Span: Span{u.End, u.End + 200}, Sure: sure})
		u.End += 200
	}
	return &Transcript{Length: u.End + 1000, Utterances: []Utterance{u}, Speech: map[Role][]Span{role: {u.Span}}}
}

func bookOf(t *testing.T, rules ...Rule) *Book {
	t.Helper()
	b, faults := NewBook(rules)
	for _, f := range faults {
		t.Error(f)
	}
	if b == nil {
		t.FailNow()
	}
	return b
}

func said(id string, phrases ...string) Rule {
	return Rule{ID: id, Class: "phrase", Kind: Said, Role: Agent, Phrases: phrases, Bound: 0.15}
}

func TestLongerPhraseHasThePlace(t *testing.T) {
	b := bookOf(t, said("short", "不可能"), said("long", "這是不可能的"))
	found := b.Judge(speak(Agent, "這是不可能的"))
	if len(found) != 1 || found[0].Rule != "long" || found[0].Match != Exact {
		t.Errorf("%+v", found)
	}
}

func TestAfterAnotherRule(t *testing.T) {
	after := said("after", "沒問題")
	after.After, after.AfterMS = "first", 1500
	b := bookOf(t, after, said("first", "請稍等"))
	if found := b.Judge(speak(Agent, "請稍等沒問題")); len(found) != 2 {
		t.Errorf("%+v", found)
	}
	if found := b.Judge(speak(Agent, "沒問題請稍等")); len(found) != 1 {
		t.Errorf("%+v", found)
	}
	if found := b.Judge(speak(Agent, "請稍等我現在就去倉庫看一下沒問題")); len(found) != 1 {
		t.Errorf("%+v", found)
	}
}

func TestMissingPhraseIsOwedOnce(t *testing.T) {
	must := Rule{ID: "hello", Class: "opening", Kind: Must, Role: Agent, Phrases: []string{"您好"}, FirstMS: 3000}
	b := bookOf(t, must)
	found := b.Judge(speak(Agent, "請問哪裡不舒服"))
	if len(found) != 1 || found[0].Said() {
		t.Errorf("%+v", found)
	}
	if found := b.Judge(speak(Agent, "您好請問")); len(found) != 1 || !found[0].Said() || *found[0].Start != 1000 {
		t.Errorf("%+v", found)
	}
	if found := b.Judge(speak(Agent, "這裡是好日生活客服中心請問您好")); len(found) != 1 || found[0].Said() {
		t.Errorf("said too late: %+v", found)
	}
}

func TestAllAndAtLeast(t *testing.T) {
	all := said("all", "訂單", "發票")
	all.All = true
	twice := said("twice", "抱歉")
	twice.Class, twice.AtLeast = "twice", 2
	b := bookOf(t, all, twice)
	for text, want := range map[string]int{"訂單和發票": 2, "只有訂單": 0, "抱歉真的抱歉": 2, "抱歉": 0} {
		if found := b.Judge(speak(Agent, text)); len(found) != want {
			t.Errorf("%s: %+v", text, found)
		}
	}
}

func TestNotNear(t *testing.T) {
	r := said("cannot", "不能")
	r.NotNear, r.NearMS = []string{"但是可以"}, 2000
	b := bookOf(t, r)
	for text, want := range map[string]int{"這個不能退但是可以換": 0, "這個不能退": 1, "不能退喔我再說一次真的真的沒有別的辦法但是可以換": 1} {
		if found := b.Judge(speak(Agent, text)); len(found) != want {
			t.Errorf("%s: %+v", text, found)
		}
	}
}

func TestNothingIsJudgedWhereNobodyHeardIt(t *testing.T) {
	b := bookOf(t, said("no", "不行"))
	tr := speak(Agent, "不行")
	tr.Apart = []Apart{{Span{900, 1100}, "hold"}}
	if found := b.Judge(tr); len(found) != 0 {
		t.Errorf("on hold: %+v", found)
	}
	tr = speak(Agent, "不行")
	tr.Utterances[0].Unclear = "confidence"
	if found := b.Judge(tr); len(found) != 0 {
		t.Errorf("not understood: %+v", found)
	}
}

func TestFaultsOfRules(t *testing.T) {
	good := said("good", "不行")
	for name, c := range map[string]struct {
		change func(*Rule)
		want   string
	}{
		"no name":            {func(r *Rule) { r.ID = "" }, "id:"},
		"bad name":           {func(r *Rule) { r.ID = "No Way" }, "id:"},
		"twice":              {func(r *Rule) { r.ID = "good" }, "two rules"},
		"no class":           {func(r *Rule) { r.Class = "" }, "class:"},
		"kind":               {func(r *Rule) { r.Kind = "shout" }, "kind:"},
		"role":               {func(r *Rule) { r.Role = "boss" }, "role:"},
		"no phrase":          {func(r *Rule) { r.Phrases = nil }, "can never match"},
		"only punctuation":   {func(r *Rule) { r.Phrases = []string{"！？"} }, "can never be heard"},
		"no sound":           {func(r *Rule) { r.Phrases = []string{"不行٣"} }, "no sound"},
		"too long":           {func(r *Rule) { r.Phrases = []string{strings.Repeat("不行", 31)} }, "more than 60"},
		"bound":              {func(r *Rule) { r.Bound = 0.9 }, "bound:"},
		"undone":             {func(r *Rule) { r.Except = []string{"辦法"} }, "takes every"},
		"after nobody":       {func(r *Rule) { r.After, r.AfterMS = "nobody", 5 }, "there is no rule"},
		"after without time": {func(r *Rule) { r.After = "good" }, "after_ms:"},
		"near without time":  {func(r *Rule) { r.NotNear = []string{"但"} }, "near_ms:"},
		"negative":           {func(r *Rule) { r.FirstMS = -1 }, "negative"},
		"limit":              {func(r *Rule) { r.Kind, r.Phrases = Silence, nil }, "limit:"},
		"phrases of silence": {func(r *Rule) { r.Kind, r.Limit = Silence, 5000 }, "has no phrases"},
		"whose":              {func(r *Rule) { r.Kind, r.Role = Must, "" }, "role:"},
	} {
		r := said("other", "沒辦法")
		c.change(&r)
		_, faults := NewBook([]Rule{good, r})
		var all string
		for _, f := range faults {
			all += f.Error() + "\n"
			if f.Remedy == "" {
				t.Errorf("%s: %v has no remedy", name, f)
			}
		}
		if !strings.Contains(all, c.want) {
			t.Errorf("%s: faults %q do not say %q", name, all, c.want)
		}
	}
	a, b := said("a", "不行"), said("b", "沒辦法")
	a.After, a.AfterMS, b.After, b.AfterMS = "b", 1, "a", 1
	if _, faults := NewBook([]Rule{a, b}); len(faults) == 0 || !strings.Contains(faults[0].Error(), "after itself") {
		t.Errorf("a circle: %v", faults)
	}
}
