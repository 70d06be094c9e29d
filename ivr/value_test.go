package ivr

import (
	"testing"
	"time"
)

// saying is a flow that says one value.
func saying(kind Kind) *Flow {
	return &Flow{
		ID: "f", Langs: []Lang{Mandarin, English}, Zone: time.UTC, Start: "s",
		Values:  map[string]Value{"v": {Kind: kind}},
		Prompts: map[string]Prompt{"p": {Text: Text{Mandarin: "是{v}。", English: "It is {v}."}}},
		Steps:   map[string]Step{"s": {Do: HangUp{Say: Say{{Key: "p"}}}}},
	}
}

func TestValuesAreSaid(t *testing.T) {
	for _, tt := range []struct {
		kind      Kind
		value     string
		mandarin  string
		inEnglish string
	}{
		{KindText, "已出貨", "是已出貨。", "It is 已出貨."},
		{KindDigits, "1234", "是一二三四。", "It is one two three four."},
		{KindMoney, "105", "是一百零五元。", "It is one hundred five NT dollars."},
		{KindNumber, "2200", "是兩千兩百。", "It is two thousand two hundred."},
		{KindDate, "2026-11-29", "是十一月二十九日。", "It is November twenty-ninth."},
		{KindTime, "14:30", "是下午兩點半。", "It is two thirty p.m.."},
	} {
		for lang, want := range map[Lang]string{Mandarin: tt.mandarin, English: tt.inEnglish} {
			_, out := saying(tt.kind).Step(Position{Lang: lang, Values: map[string]string{"v": tt.value}}, Begin{}, time.Time{})
			if len(out.Say) != 1 || out.Say[0].Text != want {
				t.Errorf("%s %s: %+v, want %q", tt.kind, tt.value, out.Say, want)
			}
		}
	}
}

func TestWhatIsAValue(t *testing.T) {
	for _, tt := range []struct {
		kind Kind
		text string
		ok   bool
	}{
		{KindText, "已出貨", true},
		{KindText, "", false},
		{KindText, "a\nb", false},
		{KindText, string(make([]byte, 65)), false},
		{KindDigits, "0012", true},
		{KindDigits, "1-2", false},
		{KindCode, "HL-12a", true},
		{KindCode, "H L", false},
		{KindPhone, "+886 2 2345-6789", true},
		{KindPhone, "+", false},
		{KindPhone, "call me", false},
		{KindNumber, "-5", true},
		{KindNumber, "1.5", false},
		{KindNumber, "1000000000000", false},
		{KindMoney, "1280", true},
		{KindDate, "2028-02-29", true},
		{KindDate, "2026-02-29", false},
		{KindTime, "23:59", true},
		{KindTime, "24:00", false},
		{"colour", "red", false},
	} {
		if tt.kind.Fits(tt.text) != tt.ok {
			t.Errorf("%s %q: fits is %t", tt.kind, tt.text, !tt.ok)
		}
	}
	for _, tt := range []struct {
		kind        Kind
		keyed, want string
		ok          bool
	}{
		{KindDate, "20261129", "2026-11-29", true},
		{KindDate, "20261131", "2026-11-31", false},
		{KindDate, "2611", "", false},
		{KindTime, "0905", "09:05", true},
		{KindTime, "2460", "24:60", false},
		{KindTime, "905", "", false},
		{KindNumber, "007", "7", true},
		{KindNumber, "000", "0", true},
		{KindDigits, "007", "007", true},
	} {
		if got, ok := tt.kind.keyed(tt.keyed); got != tt.want || ok != tt.ok {
			t.Errorf("%s %q: %q, %t", tt.kind, tt.keyed, got, ok)
		}
	}
}

func TestLuhn(t *testing.T) {
	for digits, want := range map[string]bool{
		"4242424242424242": true, "4242424242424241": false, "378282246310005": true, "0": false, "": false, "79927398713": true,
	} {
		if luhn(digits) != want {
			t.Errorf("%q: %t", digits, !want)
		}
	}
}

// TestKeysOfASecret: a key counts as the secret's while it is asked for, and as nobody's while the host looks at it.
func TestKeysOfASecret(t *testing.T) {
	to := Target{Step: "end"}
	f := &Flow{
		ID: "f", Langs: []Lang{Mandarin}, Zone: time.UTC, Start: "ask",
		Values:  map[string]Value{"card": {Kind: KindDigits, Secret: true}},
		Prompts: map[string]Prompt{"p": {Text: Text{Mandarin: "請輸入"}}},
		Steps: map[string]Step{
			"ask": {Do: Ask{Value: "card", Say: Say{{Key: "p"}}, BargeIn: true, Min: 3, Max: 4, Check: Luhn, After: time.Second, Invalid: Retry{Repeat: 1, Next: to}, Silent: Retry{Next: to}, Next: to}},
			"end": {Do: HangUp{}},
		},
	}
	p, out := f.Step(Position{}, Begin{}, time.Time{})
	if out.Forget != "card" {
		t.Errorf("what was kept before is not dropped: %+v", out)
	}
	for range 4 {
		if secret, heeded := f.Key(p); secret != "card" || !heeded {
			t.Fatalf("at %+v a key is of %q, heeded %t", p, secret, heeded)
		}
		p, out = f.Step(p, Digit{Digit: Given[0]}, time.Time{})
	}
	if out.Errand == nil || out.Errand.Service != ServiceCheck || out.Errand.Secret["digits"] != "card" {
		t.Fatalf("nobody looks at it: %+v", out)
	}
	if secret, heeded := f.Key(p); secret != "" || heeded {
		t.Errorf("while the host looks at it, a key is of %q, heeded %t", secret, heeded)
	}
	again, out := f.Step(p, Returned{Result: Missing}, time.Time{})
	if out.Forget != "card" || len(out.Say) == 0 || again.Values["card"] != "" {
		t.Errorf("a wrong one is not asked for again: %+v, %+v", again, out)
	}
	if done, out := f.Step(p, Returned{Result: Found}, time.Time{}); done.Values["card"] != Given || !out.HangUp {
		t.Errorf("a right one is not taken: %+v, %+v", done, out)
	}
}
