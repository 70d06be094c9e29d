package ivr_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hotline/internal/calendar"
	"hotline/ivr"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// flowGen draws flows of every kind of step. Most ways that a silent caller takes lead forward, so that many of the flows
// pass the check; some lead anywhere.
type flowGen struct {
	t *rapid.T
	n int
}

func name(i int) string { return fmt.Sprintf("s%d", i) }

func (g flowGen) anywhere() ivr.Target {
	return ivr.Target{Step: name(rapid.IntRange(0, g.n-1).Draw(g.t, "to"))}
}

func (g flowGen) forward(i int) ivr.Target {
	if rapid.IntRange(0, 19).Draw(g.t, "astray") == 0 {
		return g.anywhere()
	}
	return ivr.Target{Step: name(rapid.IntRange(i+1, g.n-1).Draw(g.t, "forward"))}
}

func (g flowGen) say() ivr.Say {
	return ivr.Say{{Key: rapid.SampledFrom([]string{"p", "q"}).Draw(g.t, "prompt")}}
}

func (g flowGen) action(i int) ivr.Action {
	yes := rapid.Bool().Draw(g.t, "yes")
	if rapid.Bool().Draw(g.t, "values") {
		return g.valued(i)
	}
	switch rapid.IntRange(0, 10).Draw(g.t, "kind") {
	case 0:
		return ivr.Language{Set: rapid.SampledFrom([]ivr.Lang{ivr.Mandarin, ivr.English}).Draw(g.t, "lang"), Next: g.forward(i)}
	case 1, 2:
		m := ivr.Menu{
			Say: g.say(), BargeIn: yes, After: 5 * time.Second,
			Silent:  ivr.Retry{Say: g.say(), Repeat: rapid.IntRange(0, 3).Draw(g.t, "silent"), Next: g.forward(i)},
			Invalid: ivr.Retry{Repeat: rapid.IntRange(0, 3).Draw(g.t, "invalid"), Next: g.anywhere()},
		}
		for _, d := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1", "2", "31", "32", "*", "#"}), 1, 4, rapid.ID).Draw(g.t, "digits") {
			m.Choices = append(m.Choices, ivr.Choice{
				Digits: d, Next: g.anywhere(), Label: ivr.Text{ivr.Mandarin: "選" + d, ivr.English: "choice " + d},
			})
		}
		return m
	case 3:
		if yes {
			return ivr.Hours{
				Calendar: rapid.SampledFrom([]string{"office", "emergency", "gone"}).Draw(g.t, "calendar"),
				Open:     g.forward(i), Closed: g.forward(i), Holiday: g.forward(i), Emergency: g.forward(i),
			}
		}
		return ivr.Hours{Week: ivr.Week{1: {{From: 0, To: 720}}}, Open: g.forward(i), Closed: g.forward(i)}
	case 4:
		return ivr.Queue{ID: "order", Timeout: g.forward(i), Unstaffed: g.forward(i), Closed: g.forward(i)}
	case 5:
		return ivr.Survey{ID: "after-call", Next: g.forward(i)}
	case 9:
		m := ivr.Message{
			Say: g.say(), Longest: time.Minute, Shortest: 2 * time.Second, Note: ivr.Text{ivr.Mandarin: "留言"},
			Empty: ivr.Retry{Repeat: rapid.IntRange(0, 3).Draw(g.t, "empty"), Next: g.forward(i)}, Done: g.forward(i), Failed: g.forward(i),
		}
		if yes {
			m.Review, m.After = g.say(), 5*time.Second
		}
		return m
	case 10:
		to := ivr.Transfer{To: "+886277001234", Say: g.say(), Ring: 20 * time.Second, Failed: g.forward(i)}
		if yes {
			to.Done = g.forward(i)
		}
		return to
	case 7:
		c := ivr.Consent{Say: g.say(), Next: g.forward(i)}
		if yes {
			c.Refuse, c.After, c.Refused = "0", 3*time.Second, g.anywhere()
		}
		return c
	case 6:
		if yes {
			return ivr.Goto{Step: g.anywhere(), Times: rapid.IntRange(1, 3).Draw(g.t, "times"), Then: g.forward(i)}
		}
		return ivr.Goto{Step: g.forward(i)}
	default:
		return ivr.Play{Say: g.say(), BargeIn: yes, Next: g.forward(i)}
	}
}

// valued draws a step that works with values.
func (g flowGen) valued(i int) ivr.Action {
	value := rapid.SampledFrom([]string{"a", "a", "b", "secret"}).Draw(g.t, "value")
	switch rapid.IntRange(0, 8).Draw(g.t, "valued") {
	case 7:
		return ivr.Sub{
			ID: "inner", Send: []ivr.Pair{{Field: "a", Value: rapid.SampledFrom([]string{"a", "language"}).Draw(g.t, "send")}}, Get: []ivr.Pair{{Field: "b", Value: "b"}}, Done: g.forward(i), Failed: g.forward(i),
		}
	case 8:
		return ivr.Return{}
	case 0:
		return ivr.Play{Say: ivr.Say{{Key: rapid.SampledFrom([]string{"a", "b"}).Draw(g.t, "hole")}}, Next: g.forward(i)}
	case 1:
		return ivr.Set{Value: "b", From: "a", Next: g.forward(i)}
	case 2:
		return ivr.Branch{Value: "a", Cases: []ivr.Case{{Is: []string{"12"}, Next: g.forward(i)}}, Else: g.forward(i)}
	case 3:
		return ivr.Lookup{
			Service: "orders", Send: []ivr.Pair{{Field: "no", Value: "a"}, {Field: "phone", Value: "caller"}},
			Get: []ivr.Pair{{Field: "x", Value: "b"}}, Found: g.forward(i), Missing: g.forward(i), Failed: g.forward(i),
		}
	case 4:
		return ivr.Pay{Service: "bank", Send: []ivr.Pair{{Field: "card", Value: "secret"}}, Paid: g.forward(i), Declined: g.forward(i), Failed: g.forward(i)}
	case 5:
		return ivr.Task{Kind: ivr.TaskCallback, Note: ivr.Text{ivr.Mandarin: "{b}"}, Done: g.forward(i), Failed: g.forward(i)}
	default:
		ask := ivr.Ask{
			Value: value, Say: g.say(), BargeIn: rapid.Bool().Draw(g.t, "barge"), Min: 1, Max: rapid.IntRange(1, 3).Draw(g.t, "max"), After: 5 * time.Second,
			Silent:  ivr.Retry{Say: g.say(), Repeat: rapid.IntRange(0, 3).Draw(g.t, "silent"), Next: g.forward(i)},
			Invalid: ivr.Retry{Repeat: rapid.IntRange(0, 3).Draw(g.t, "invalid"), Next: g.anywhere()}, Next: g.forward(i),
		}
		if value == "secret" {
			ask.Check = rapid.SampledFrom([]ivr.Checksum{ivr.NoChecksum, ivr.Luhn}).Draw(g.t, "check")
		}
		return ask
	}
}

// draw returns a flow without steps that nothing leads to; it may have other faults.
func (g flowGen) draw() *ivr.Flow {
	both := ivr.Text{ivr.Mandarin: "您好", ivr.English: "Hello"}
	f := &ivr.Flow{
		ID: "drawn", Version: "v", Langs: []ivr.Lang{ivr.Mandarin, ivr.English}, Zone: time.UTC, Start: name(0), Outside: []string{"+8862"},
		Prompts: map[string]ivr.Prompt{
			"p": {Text: both}, "q": {Text: both},
			"a": {Text: ivr.Text{ivr.Mandarin: "（{a}）", ivr.English: "({a})"}}, "b": {Text: ivr.Text{ivr.Mandarin: "（{b}）", ivr.English: "({b})"}},
		},
		Values: map[string]ivr.Value{"a": {Kind: ivr.KindDigits}, "b": {Kind: ivr.KindDigits}, "secret": {Kind: ivr.KindDigits, Secret: true}},
		Steps:  map[string]ivr.Step{},
	}
	for i := range g.n - 1 {
		f.Steps[name(i)] = ivr.Step{Mark: ivr.Mark{Line: i + 1, Column: 1}, Do: g.action(i)}
	}
	f.Steps[name(g.n-1)] = ivr.Step{Mark: ivr.Mark{Line: g.n, Column: 1}, Do: ivr.HangUp{Say: g.say()}}
	for _, fault := range f.Check(ivr.Known{}) {
		if strings.HasPrefix(fault.Message.String(), "no way leads to step") {
			delete(f.Steps, fault.Step)
		}
	}
	_, calendars := officeFlow(nil)
	_, closed := officeFlow(&calendar.Emergency{Say: map[string]string{"en": "closed"}})
	calendars["emergency"] = closed["office"]
	return f.With(calendars)
}

func faulty(f *ivr.Flow) bool {
	return slices.ContainsFunc(f.Check(ivr.Known{}), func(f ivr.Fault) bool { return !f.Warning })
}

func secretAt(f *ivr.Flow, p ivr.Position) bool {
	secret, _ := f.Key(p)
	return secret != ""
}

// react draws what may happen next after an output. A silent caller presses nothing.
func react(t *rapid.T, f *ivr.Flow, p ivr.Position, silent bool) ivr.Input {
	switch f.Steps[p.Step].Do.(type) {
	case ivr.Queue:
		return ivr.Left{Result: rapid.SampledFrom([]string{ivr.Done, ivr.Timeout, ivr.Unstaffed, ivr.Closed, "?"}).Draw(t, "left")}
	case ivr.Transfer:
		return ivr.Left{Result: rapid.SampledFrom([]string{ivr.Done, ivr.Failed, "?"}).Draw(t, "left")}
	case ivr.Survey:
		return ivr.Left{Result: ivr.Done}
	case ivr.Message:
		if p.Taped == 0 {
			return ivr.Taped{For: time.Duration(rapid.SampledFrom([]int{0, 1, 10}).Draw(t, "taped")) * time.Second}
		}
		if silent {
			return ivr.Silence{}
		}
	case ivr.Lookup, ivr.Pay, ivr.Task, ivr.Sub:
		result := rapid.SampledFrom([]string{ivr.Found, ivr.Missing, ivr.Failed, "?"}).Draw(t, "result")
		return ivr.Returned{Result: result, Values: map[string]string{"x": rapid.SampledFrom([]string{"1", "", "x"}).Draw(t, "answer")}}
	case ivr.Ask:
		switch {
		case p.Errand:
			return ivr.Returned{Result: rapid.SampledFrom([]string{ivr.Found, ivr.Missing}).Draw(t, "checked")}
		case silent:
			return ivr.Silence{}
		case secretAt(f, p) && rapid.Bool().Draw(t, "digit"):
			return ivr.Digit{Digit: ivr.Given[0]}
		}
	case ivr.Menu, ivr.Consent:
		if silent {
			return ivr.Silence{}
		}
	default:
		if silent {
			return ivr.Played{}
		}
	}
	if key := rapid.SampledFrom([]byte("0123*#PPSB")).Draw(t, "key"); key == 'P' {
		return ivr.Played{}
	} else if key == 'S' {
		return ivr.Silence{}
	} else if key == 'B' {
		return ivr.Begin{}
	} else {
		return ivr.Digit{Digit: key}
	}
}

// TestEveryCallerOfACheckedFlowComesToAnEnd is what the check promises: whatever a caller does first, who then does
// nothing is soon through, and no caller makes more than MaxMoves.
func TestEveryCallerOfACheckedFlowComesToAnEnd(t *testing.T) {
	passed := 0
	rapid.Check(t, comesToAnEnd(&passed))
	if passed < 20 {
		t.Errorf("only %d of the drawn flows passed the check", passed)
	}
}

// FuzzFlowsAndCallers is the same for hours, guided by what the code does: the drawn flows are bytes to the fuzzer.
func FuzzFlowsAndCallers(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(comesToAnEnd(new(int))))
}

// host goes from flow to flow with a caller, as the Floor does.
type host struct {
	flow, inner *ivr.Flow // inner is nil where none can be entered
	above       []*ivr.Flow
}

// walk follows an output through the flows that are entered and return.
func (h *host) walk(p ivr.Position, out ivr.Output) (ivr.Position, ivr.Output) {
	for out.Sub != nil || out.Return != nil {
		var in ivr.Input = ivr.Returned{Result: ivr.Failed}
		switch {
		case out.Return != nil:
			last := len(h.above) - 1
			h.flow, h.above = h.above[last], h.above[:last]
			p, in = h.flow.Ascend(p), *out.Return
		case h.inner != nil:
			if below, ok := h.inner.Descend(p, *out.Sub); ok {
				h.above = append(h.above, h.flow)
				h.flow, p, in = h.inner, below, ivr.Begin{}
			}
		}
		p, out = h.flow.Step(p, in, noon)
	}
	return p, out
}

// inner draws a flow that can be entered, and may enter itself by another name; nil when what was drawn has a fault.
func inner(t *rapid.T) *ivr.Flow {
	f := flowGen{t, rapid.IntRange(2, 6).Draw(t, "inner")}.draw()
	f.Takes, f.Gives = []string{"a"}, []string{"b"}
	f.Values["a"] = ivr.Value{Kind: ivr.KindText}
	// What it gives is set at once, and its longest way ends in a return, or few of those drawn would do.
	for step, do := range f.Steps {
		if _, ends := do.Do.(ivr.HangUp); ends {
			f.Steps[step] = ivr.Step{Mark: do.Mark, Do: ivr.Return{}}
		}
	}
	f.Steps["give"] = ivr.Step{Do: ivr.Set{Value: "b", To: "7", Next: ivr.Target{Step: f.Start}}}
	f.Start = "give"
	if faulty(f) {
		return nil
	}
	f.ID = "inner"
	return f
}

// comesToAnEnd draws a flow and a caller. passed counts the flows that the check lets through.
func comesToAnEnd(passed *int) func(*rapid.T) {
	return func(t *rapid.T) {
		f := flowGen{t, rapid.IntRange(2, 12).Draw(t, "steps")}.draw()
		if faulty(f) {
			t.Skip("the check refuses this flow")
		}
		*passed++
		h := &host{flow: f, inner: inner(t)}
		busy := rapid.IntRange(0, 60).Draw(t, "busy")
		// Each step once for each round that is counted (at most 3 for each goto) and the first; a menu at most 4 times.
		// Each of them may enter the inner flow, which may enter itself, two more deep.
		rounds := len(f.Steps) * 4 * (1 + 3*len(f.Steps))
		if h.inner != nil {
			rounds *= 1 + len(h.inner.Steps)*4*(1+3*len(h.inner.Steps))
		}
		bound := busy + min(rounds, 2*ivr.MaxMoves)
		p, out := h.walk(f.Step(ivr.Position{}, ivr.Begin{}, noon))
		for steps := 0; !out.HangUp; steps++ {
			if steps > bound {
				t.Fatalf("no end after %d steps at %+v", steps, p)
			}
			before := p
			before.Path, before.Rounds, before.Values, before.Above = slices.Clone(p.Path), maps.Clone(p.Rounds), maps.Clone(p.Values), slices.Clone(p.Above)
			f := h.flow
			in := react(t, f, p, steps >= busy)
			next, o := f.Step(p, in, noon)
			if !reflect.DeepEqual(before, p) {
				t.Fatalf("Step changed the position it was given: %+v, was %+v", p, before)
			}
			if again, o2 := f.Step(p, in, noon); !reflect.DeepEqual(next, again) || !reflect.DeepEqual(o, o2) {
				t.Fatalf("the same input did not lead to the same place")
			}
			p, out = h.walk(next, o)
			for _, said := range out.Say {
				if strings.Contains(said.Text, "{") || strings.Contains(said.Text, "（）") || strings.Contains(said.Text, "()") {
					t.Fatalf("says %q, whose value is not set", said.Text)
				}
			}
			if e := out.Errand; e != nil && e.Service == "orders" && e.Send["no"] == "" {
				t.Fatalf("sends %+v, whose value is not set", e)
			}
			for name, value := range p.Values {
				if h.flow.Values[name].Secret && value != ivr.Given {
					t.Fatalf("the secret is in the position: %+v", p)
				}
			}
			if p.Moves > ivr.MaxMoves || len(p.Path) > 12 {
				t.Fatalf("position grows: %+v", p)
			}
		}
	}
}

// TestNoPositionIsTooStrange gives Step positions that no flow made, such as those of a flow that was changed.
func TestNoPositionIsTooStrange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := flowGen{t, rapid.IntRange(2, 8).Draw(t, "steps")}.draw() // faulty ones too
		f.Lost = rapid.SampledFrom([]string{"", "s0", "s1", "gone"}).Draw(t, "lost")
		p := ivr.Position{
			Flow: rapid.SampledFrom([]string{"", "drawn", "other"}).Draw(t, "flow"), Version: "old",
			Step:  rapid.SampledFrom([]string{"", "s0", "s1", "s2", "gone"}).Draw(t, "step"),
			Lang:  rapid.SampledFrom([]ivr.Lang{"", ivr.English, "xx"}).Draw(t, "lang"),
			Tries: rapid.IntRange(-3, 99).Draw(t, "tries"), Wrong: rapid.IntRange(-3, 99).Draw(t, "wrong"),
			Digits: rapid.StringMatching(`[0-9a*#]{0,6}`).Draw(t, "typed"), Moves: rapid.IntRange(-5, 2000).Draw(t, "moves"),
			Rounds: map[string]int{"s1": rapid.IntRange(-5, 5).Draw(t, "rounds")},
		}
		out := ivr.Output{}
		for steps := 0; !out.HangUp && steps < 50; steps++ {
			p, out = f.Step(p, react(t, f, p, false), noon)
		}
		for steps := 0; !out.HangUp; steps++ {
			if steps > 10*ivr.MaxMoves {
				t.Fatalf("no end at %+v", p)
			}
			p, out = f.Step(p, react(t, f, p, true), noon)
		}
	})
}
