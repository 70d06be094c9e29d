package rule

import (
	"testing"
)

// spoken is a transcript in which nothing is known but who spoke when.
func spoken(length int, agent, caller []Span) *Transcript {
	return &Transcript{Length: length, Speech: map[Role][]Span{Agent: agent, Caller: caller}}
}

func measure(t *testing.T, kind Kind, limit float64, role Role, tr *Transcript) []Finding {
	t.Helper()
	return bookOf(t, Rule{ID: "r", Class: "c", Kind: kind, Limit: limit, Role: role}).Judge(tr)
}

func TestInterruptions(t *testing.T) {
	for name, c := range map[string]struct {
		agent, caller []Span
		want          []Role
	}{
		"nobody":                      {[]Span{{0, 3000}}, []Span{{3200, 5000}}, nil},
		"agent breaks in":             {[]Span{{2000, 5000}}, []Span{{500, 3200}}, []Role{Agent}},
		"caller breaks in":            {[]Span{{0, 3000}}, []Span{{1800, 4000}}, []Role{Caller}},
		"at the last syllable":        {[]Span{{2900, 5000}}, []Span{{500, 3200}}, nil},
		"yes, yes":                    {[]Span{{1000, 1500}}, []Span{{500, 3200}}, nil},
		"both begin":                  {[]Span{{1000, 4000}}, []Span{{900, 4200}}, nil},
		"a comma is no end":           {[]Span{{0, 1500}, {1700, 3000}}, []Span{{2200, 4000}}, []Role{Caller}},
		"the same turn goes on":       {[]Span{{0, 5000}}, []Span{{1000, 2500}, {2700, 4000}}, []Role{Caller}},
		"on hold nobody can break in": {[]Span{{8000, 12_000}}, []Span{{9500, 12_000}}, nil},
	} {
		tr := spoken(20_000, c.agent, c.caller)
		tr.Apart = []Apart{{Span{7500, 13_000}, "hold"}}
		found := measure(t, Interruption, 500, "", tr)
		var got []Role
		for _, f := range found {
			got = append(got, f.Role)
		}
		if len(got) != len(c.want) || len(got) == 1 && got[0] != c.want[0] {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

func TestSilences(t *testing.T) {
	tr := spoken(60_000, []Span{{5000, 8000}, {40_000, 42_000}}, []Span{{8500, 10_000}, {52_000, 53_000}})
	tr.Apart = []Apart{{Span{20_000, 33_000}, "hold"}}
	found := measure(t, Silence, 6000, "", tr)
	want := []Span{{10_000, 20_000}, {33_000, 40_000}, {42_000, 52_000}, {53_000, 60_000}}
	if len(found) != len(want) {
		t.Fatalf("%+v", found)
	}
	for i, f := range found {
		if f.span() != want[i] || f.Value != float64(want[i].Length()) {
			t.Errorf("%v, want %v", f.span(), want[i])
		}
	}
	if found := measure(t, Silence, 6000, "", spoken(60_000, nil, nil)); len(found) != 0 {
		t.Errorf("a call without speech: %+v", found)
	}
}

func TestHoldRatioPaceAndLoudness(t *testing.T) {
	tr := spoken(100_000, []Span{{0, 60_000}}, []Span{{60_000, 70_000}})
	tr.Apart = []Apart{{Span{70_000, 95_000}, "hold"}, {Span{96_000, 99_000}, "pause"}}
	if found := measure(t, Hold, 20_000, "", tr); len(found) != 1 || found[0].Value != 25_000 {
		t.Errorf("hold: %+v", found)
	}
	if found := measure(t, TalkRatio, 75, Agent, tr); len(found) != 1 || found[0].Value < 85 || found[0].Value > 86 {
		t.Errorf("ratio: %+v", found)
	}
	if found := measure(t, TalkRatio, 75, Agent, spoken(9000, []Span{{0, 9000}}, nil)); len(found) != 0 {
		t.Errorf("ratio of a few words: %+v", found)
	}
	fast := speak(Agent, "我們會在七個工作天之內退款") // a fifth of a second each
	if found := measure(t, Pace, 280, Agent, fast); len(found) != 1 || found[0].Value < 290 || found[0].Value > 310 {
		t.Errorf("pace: %+v", found)
	}
	if found := measure(t, Pace, 400, Agent, fast); len(found) != 0 {
		t.Errorf("pace: %+v", found)
	}
	loud := spoken(30_000, nil, nil)
	loud.Levels = map[Role][]Level{}
	for i := range 20 {
		db := -30.0
		if i == 10 || i == 11 {
			db = -18
		}
		loud.Levels[Caller] = append(loud.Levels[Caller], Level{Span{1000 * i, 1000*i + 900}, db})
	}
	found := measure(t, Loudness, 10, Caller, loud)
	if len(found) != 1 || found[0].span() != (Span{10_000, 11_900}) || found[0].Value != 12 {
		t.Errorf("loudness: %+v", found)
	}
}

func TestCardsAndIdentities(t *testing.T) {
	b := bookOf(t, Rule{ID: "card", Class: "card", Kind: Card}, Rule{ID: "id", Class: "id", Kind: Identity})
	for said, want := range map[string]string{
		"信用卡號是四三一一二二三三四四五五六六七七": "card sound",
		"卡號4111111111111111": "card exact",
		"卡號五五零五，六六一六，七七二七，八八三八": "card exact",
		"他號55056617778738":     "card sound",
		"卡號55056772788":        "card sound",
		"訂單編號是202311250581234": "",
		"訂單編號20231125058":      "",
		"我的手機是0912345678":      "",
		"電話是零二二三四五六七八九":        "",
		"身分證字號是B223344556":     "id sound",
		"身分證字號是A123456789":     "id exact",
		"A123456789":           "id exact",
		"身分證是二二三三四四五五六":        "id sound",
		"一起買三個，五百元":            "",
		"4302334565677以後":      "card sound",
		"統一編號12345678":         "",
	} {
		tr := speak(Caller, said)
		var got string
		for _, f := range b.Judge(tr) {
			got = f.Class + " " + string(f.Match)
			if f.Heard != "" || f.Phrase != "" {
				t.Errorf("%s: a finding repeats the digits: %+v", said, f)
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", said, got, want)
		}
		hidden := b.Mask(tr)
		if (len(hidden) > 0) != (want != "") {
			t.Errorf("%s: hidden %+v", said, hidden)
		}
		if want != "" {
			text, digits := tr.Utterances[0].Text(), 0
			for _, r := range text {
				if r >= '0' && r <= '9' || numerals[r] != "" {
					digits++
				}
			}
			if digits > 1 {
				t.Errorf("%s is kept as %s", said, text)
			}
			if again := b.Mask(tr); len(again) != 0 {
				t.Errorf("%s: what is masked is found again", said)
			}
		}
	}
}

func TestIdentityNumbers(t *testing.T) {
	for s, want := range map[string]bool{"A123456789": true, "B223344556": false, "A223456781": true, "Z199999999": false, "A12345678": false, "1123456789": false} {
		if got := validIdentity(s); got != want {
			t.Errorf("%s: %t", s, got)
		}
	}
}
