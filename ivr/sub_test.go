package ivr_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"hotline/ivr"
)

// identify takes the number of an order and gives a name, after a menu in which a reason is chosen.
func identify() *ivr.Flow {
	to := func(step string) ivr.Target { return ivr.Target{Step: step} }
	return &ivr.Flow{
		ID: "identify", Version: "i1", Langs: []ivr.Lang{ivr.Mandarin}, Start: "menu",
		Takes: []string{"order"}, Gives: []string{"name"},
		Values:  map[string]ivr.Value{"order": {Kind: ivr.KindDigits}, "name": {Kind: ivr.KindText}},
		Prompts: map[string]ivr.Prompt{"menu": {Text: ivr.Text{ivr.Mandarin: "訂單{order}，本人請按一。"}}},
		Steps: map[string]ivr.Step{
			"menu": {Do: ivr.Menu{
				Say: ivr.Say{{Key: "menu"}}, BargeIn: true, After: second, Silent: ivr.Retry{Next: to("bye")}, Invalid: ivr.Retry{Next: to("bye")},
				Choices: []ivr.Choice{{Digits: "1", Label: ivr.Text{ivr.Mandarin: "本人"}, Next: to("name")}},
			}},
			"name": {Do: ivr.Set{Value: "name", To: "陳小姐", Next: to("back")}},
			"back": {Do: ivr.Return{}},
			"bye":  {Do: ivr.HangUp{}},
		},
	}
}

const second = time.Second

// orders sends its callers into the flow above, in English.
func orders() *ivr.Flow {
	to := func(step string) ivr.Target { return ivr.Target{Step: step} }
	both := func(words string) ivr.Prompt {
		return ivr.Prompt{Text: ivr.Text{ivr.Mandarin: words, ivr.English: words}}
	}
	return &ivr.Flow{
		ID: "orders", Version: "o1", Langs: []ivr.Lang{ivr.English, ivr.Mandarin}, Start: "number",
		Values:  map[string]ivr.Value{"number": {Kind: ivr.KindDigits}, "who": {Kind: ivr.KindText}},
		Prompts: map[string]ivr.Prompt{"hello": both("Hello {who}."), "sorry": both("Sorry.")},
		Steps: map[string]ivr.Step{
			"number": {Do: ivr.Set{Value: "number", To: "12", Next: to("who")}},
			"who": {Do: ivr.Sub{
				ID: "identify", Send: []ivr.Pair{{Field: "order", Value: "number"}}, Get: []ivr.Pair{{Field: "name", Value: "who"}}, Done: to("hello"), Failed: to("sorry"),
			}},
			"hello": {Do: ivr.HangUp{Say: ivr.Say{{Key: "hello"}}}},
			"sorry": {Do: ivr.HangUp{Say: ivr.Say{{Key: "sorry"}}}},
		},
	}
}

func TestAFlowEntersAnotherAndComesBack(t *testing.T) {
	outer, inner := orders(), identify()
	p, out := outer.Step(ivr.Position{Path: []string{"progress"}}, ivr.Begin{}, noon)
	if out.Sub == nil || out.Sub.Flow != "identify" || !maps.Equal(out.Sub.Values, map[string]string{"order": "12"}) {
		t.Fatalf("%+v", out)
	}
	below, ok := inner.Descend(p, *out.Sub)
	if !ok || below.Root() != "orders" || p.Root() != "orders" || len(p.Above) != 0 {
		t.Fatalf("%+v from %+v", below, p)
	}
	below, out = inner.Step(below, ivr.Begin{}, noon)
	if len(out.Say) != 1 || out.Say[0].Text != "訂單一二，本人請按一。" || below.Lang != ivr.Mandarin {
		t.Errorf("hears %+v in %s", out.Say, below.Lang)
	}
	below, out = inner.Step(below, ivr.Digit{Digit: '1'}, noon)
	if out.Return == nil || out.Return.Result != ivr.Found || out.Return.Values["name"] != "陳小姐" || !slices.Equal(out.Entered, []string{"name", "back"}) {
		t.Fatalf("%+v", out)
	}
	p, out = outer.Step(outer.Ascend(below), *out.Return, noon)
	if !out.HangUp || len(out.Say) != 1 || out.Say[0].Text != "Hello 陳小姐." {
		t.Errorf("back, hears %+v", out)
	}
	// The flow that was entered speaks Mandarin alone, which this one speaks too.
	if p.Lang != ivr.Mandarin || !slices.Equal(p.Path, []string{"progress", "本人"}) || p.Moves != 6 || p.Flow != "orders" || len(p.Above) != 0 || len(p.Values) != 2 {
		t.Errorf("back at %+v", p)
	}
}

func TestWhatCannotBeEnteredFails(t *testing.T) {
	at := func(change func(*ivr.Flow, *ivr.Position, *ivr.SubStep)) bool {
		inner, outer := identify(), orders()
		p, out := outer.Step(ivr.Position{}, ivr.Begin{}, noon)
		change(inner, &p, out.Sub)
		below, ok := inner.Descend(p, *out.Sub)
		if !ok && below.Flow != "orders" {
			t.Errorf("refused, and now at %+v", below)
		}
		return ok
	}
	for name, change := range map[string]func(*ivr.Flow, *ivr.Position, *ivr.SubStep){
		"nothing is sent": func(_ *ivr.Flow, _ *ivr.Position, s *ivr.SubStep) { s.Values = nil },
		"no digits":       func(_ *ivr.Flow, _ *ivr.Position, s *ivr.SubStep) { s.Values["order"] = "twelve" },
		"too deep":        func(_ *ivr.Flow, p *ivr.Position, _ *ivr.SubStep) { p.Above = make([]ivr.Position, ivr.MaxDepth) },
		"too many values": func(_ *ivr.Flow, p *ivr.Position, _ *ivr.SubStep) { p.Values = values(ivr.MaxValues - 1) },
		"and those above": func(_ *ivr.Flow, p *ivr.Position, _ *ivr.SubStep) {
			p.Above = []ivr.Position{{Values: values(ivr.MaxValues - 2)}}
		},
		"too many rounds": func(_ *ivr.Flow, p *ivr.Position, _ *ivr.SubStep) { p.Rounds = rounds(ivr.MaxCounted + 1) },
		"takes a secret": func(f *ivr.Flow, _ *ivr.Position, _ *ivr.SubStep) {
			f.Values["order"] = ivr.Value{Kind: ivr.KindDigits, Secret: true}
		},
	} {
		if at(change) {
			t.Errorf("%s: it is entered", name)
		}
	}
	if !at(func(*ivr.Flow, *ivr.Position, *ivr.SubStep) {}) {
		t.Error("it cannot be entered at all")
	}

	outer := orders()
	p, _ := outer.Step(ivr.Position{}, ivr.Begin{}, noon)
	for name, in := range map[string]ivr.Input{
		"refused": ivr.Returned{Result: ivr.Failed}, "gives nothing": ivr.Returned{Result: ivr.Found}, "silence": ivr.Silence{},
	} {
		if _, out := outer.Step(p, in, noon); !out.HangUp || len(out.Say) != 1 || out.Say[0].Text != "Sorry." {
			t.Errorf("%s: %+v", name, out)
		}
	}
	if _, out := identify().Step(ivr.Position{Flow: "identify", Step: "name"}, ivr.Begin{}, noon); !out.HangUp {
		t.Errorf("a flow that nobody entered returns: %+v", out)
	}
}

func values(n int) map[string]string {
	all := map[string]string{}
	for i := range n {
		all[name(i)] = "1"
	}
	return all
}

func rounds(n int) map[string]int {
	all := map[string]int{}
	for i := range n {
		all[name(i)] = 1
	}
	return all
}
