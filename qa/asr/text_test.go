package asr

import (
	"testing"

	"hotline/qa/rule"
)

func unitsFor(text string) []rule.Unit {
	var units []rule.Unit
	for i, r := range []rune(text) {
		units = append(units, rule.Unit{Text: string(r), Span: rule.Span{Start: 200 * i, End: 200*i + 200}, Sure: 0.7})
	}
	return units
}

func TestNumbersAsFigures(t *testing.T) {
	text := NewText(nil, nil)
	for from, want := range map[string]string{
		"一百零五元":       "105元",
		"一百五十元":       "150元",
		"三百五":         "350",
		"兩萬三千四百五十六":   "23456",
		"兩萬三":         "23000",
		"十二月二十五日":     "12月25日",
		"下午五點":        "下午5點",
		"兩點半":         "2點半",
		"十五分鐘":        "15分鐘",
		"三分鐘":         "3分鐘",
		"打八折":         "打8折",
		"七樓":          "7樓",
		"零九一二三四五六七八":  "0912345678",
		"四三一一二二三三":    "43112233",
		"二零二六年":       "2026年",
		"五百點":         "500點",
		"一千兩百":        "1200",
		"十萬":          "100000",
		"十天":          "10天",
		"二十個":         "20個",
		"一起找到":        "一起找到",
		"美好的一天":       "美好的一天",
		"要等三天":        "要等三天",
		"兩三天":         "兩三天",
		"十分滿意":        "十分滿意",
		"千萬不要":        "千萬不要",
		"萬一下雨":        "萬一下雨",
		"一點都不":        "一點都不",
		"早一點":         "早一點",
		"統一編號":        "統一編號",
		"第一次":         "第一次",
		"一一說明":        "一一說明",
		"百貨公司":        "百貨公司",
		"三心二意":        "三心二意",
		"沒有數字":        "沒有數字",
		"":            "",
		"八百一十二塊":      "812塊",
		"九千九百九十九":     "9999",
		"一萬零三十":       "10030",
		"百分之二十":       "百分之20",
		"您的訂單一二三四五六七": "您的訂單1234567",
	} {
		if got := text.Plain(from); got != want {
			t.Errorf("%q became %q, want %q", from, got, want)
		}
	}
}

func TestTimesStayWithTheirCharacters(t *testing.T) {
	text := NewText(nil, nil)
	raw := Raw{Length: 5000, Utterances: []rule.Utterance{{Role: rule.Agent, Span: rule.Span{End: 2000}, Units: unitsFor("用出租车送三百五十元")}}}
	got := text.Transcript(raw, nil).Utterances[0]
	if got.Text() != "用計程車送350元" {
		t.Fatalf("%q", got.Text())
	}
	for i, u := range got.Units {
		if u.End <= u.Start || i > 0 && u.Start < got.Units[i-1].Start || u.End > 2000 {
			t.Errorf("%q at %v", u.Text, u.Span)
		}
	}
	if last := got.Units[len(got.Units)-1]; last.Start != 1800 {
		t.Errorf("元 is at %d", last.Start)
	}
}

func TestTermsOfTheSite(t *testing.T) {
	text := NewText([]string{"濾網", "加購"}, nil)
	raw := Raw{Utterances: []rule.Utterance{{Role: rule.Agent, Units: unitsFor("現在加夠綠網打八折")}}}
	if got := text.Transcript(raw, nil).Utterances[0].Text(); got != "現在加購濾網打8折" {
		t.Errorf("%q", got)
	}
	sure := unitsFor("過了綠網")
	for i := range sure {
		sure[i].Sure = 0.99
	}
	raw = Raw{Utterances: []rule.Utterance{{Role: rule.Agent, Units: sure}}}
	if got := text.Transcript(raw, nil).Utterances[0].Text(); got != "過了綠網" {
		t.Errorf("what the model was sure of became %q", got)
	}
}

func TestInventionsOfSilenceAreDropped(t *testing.T) {
	text := NewText(nil, nil)
	voices := map[rule.Role][]rule.Span{rule.Caller: {{Start: 0, End: 300}}}
	say := func(s string, sure float64, end int) rule.Utterance {
		units := unitsFor(s)
		for i := range units {
			units[i].Sure = sure
		}
		return rule.Utterance{Role: rule.Caller, Span: rule.Span{End: end}, Units: units}
	}
	raw := Raw{Speech: voices, Utterances: []rule.Utterance{
		say("谢谢观看", 0.9, 300), say("字幕由志工提供", 0.3, 300), say("嗯", 0.9, 300), say("好謝謝", 0.1, 300),
	}}
	got := text.Transcript(raw, nil).Utterances
	if len(got) != 2 || got[0].Text() != "嗯" || got[0].Unclear != "" || got[1].Unclear != "confidence" {
		t.Errorf("%+v", got)
	}
	raw.Speech = map[rule.Role][]rule.Span{rule.Caller: {{Start: 0, End: 5000}}}
	raw.Utterances = []rule.Utterance{say("請問字幕怎麼開", 0.9, 2000)}
	if got := text.Transcript(raw, nil).Utterances; len(got) != 1 {
		t.Error("a real question about subtitles is gone")
	}
}

func TestErrorRate(t *testing.T) {
	for _, c := range []struct {
		want, got string
		wrong, of int
	}{
		{"您好，請問。", "您好請問", 0, 4}, {"不便", "不變", 1, 2}, {"三天", "三 天 呢", 1, 2}, {"", "啊", 1, 0}, {"ABC", "abc", 0, 3}, {"這是", "", 2, 2},
	} {
		if r := ErrorRate(c.want, c.got); r.Wrong != c.wrong || r.Of != c.of {
			t.Errorf("%q for %q: %+v", c.got, c.want, r)
		}
	}
}
