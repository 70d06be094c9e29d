package speak

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// The keys are names of files that live longer than a version of the program.
func TestKeyIsStable(t *testing.T) {
	const want = "afe4fdf20c0d68fd7b402a34e671a5d9"
	if got := Key(Mandarin, "您好。"); got != want {
		t.Errorf("key %s, want %s: files spoken earlier would not be found again", got, want)
	}
	if Key(Mandarin, " 您好。\n") != want || Key(English, "you  are\tnext") != Key(English, "you are next") {
		t.Error("white space changes the key")
	}
	if Key(English, "cafe\u0301") != Key(English, "caf\u00e9") {
		t.Error("the Unicode form changes the key")
	}
	if Key(English, "您好。") == want || Key(Mandarin, "您好！") == want {
		t.Error("language or punctuation does not change the key")
	}
}

func TestCheckRefusesWhatCannotBeSpoken(t *testing.T) {
	for name, c := range map[string]struct {
		p    Phrase
		want string
	}{
		"control":   {Phrase{Mandarin, "您好\x07"}, "control character U+0007"},
		"zero":      {Phrase{Mandarin, "您\x00好"}, "control character U+0000"},
		"bidi":      {Phrase{English, "abc\u202e"}, "control character U+202E"},
		"long":      {Phrase{Mandarin, strings.Repeat("好", 10_000)}, "10000 characters, at most 1000"},
		"not UTF-8": {Phrase{English, "ab\xff"}, "not valid UTF-8"},
		"empty":     {Phrase{English, ""}, "neither letter nor digit"},
		"signs":     {Phrase{Mandarin, "。。！"}, "neither letter nor digit"},
		"language":  {Phrase{"fr", "bonjour"}, `language "fr"`},
	} {
		err := c.p.Check()
		if !errors.Is(err, ErrText) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want ErrText with %q", name, err, c.want)
		}
	}
	if err := (Phrase{Mandarin, "您好，\n請按 1。"}).Check(); err != nil {
		t.Errorf("a text of two lines: %v", err)
	}
}

func TestSpokenReadsNumbers(t *testing.T) {
	for _, c := range []struct{ lang, in, want string }{
		{Mandarin, "您是第 5 位。", "您是第五位。"},
		{Mandarin, "您是第 2 位，約 2 分鐘。", "您是第二位，約兩分鐘。"},
		{Mandarin, "第12位", "第十二位"},
		{Mandarin, "共 20 筆、105 元、2,", "共二十筆、一百零五元、二,"},
		{Mandarin, "1010 與 9999", "一千零一十與九千九百九十九"},
		{Mandarin, "請按 1，或按 #。", "請按一，或按井字鍵。"},
		{Mandarin, "請按 # 字鍵或＊鍵", "請按井字鍵或米字鍵"},
		{Mandarin, "評分 1 到 5，或 0-10", "評分一到五，或零到十"},
		{Mandarin, "服務時間 9:00 到 18:30，2:05", "服務時間九點到十八點三十分，兩點五分"},
		{Mandarin, "專線 0800-000-123", "專線零八零零，零零零，一二三"},
		{Mandarin, "訂單 20251123", "訂單二零二五一一二三"},
		{Mandarin, "85% 滿意，4.5 分", "百分之八十五滿意，四點五分"},
		{Mandarin, "１２ 位", "十二位"},
		{Mandarin, "重聽選項，服務品質", "崇聽選項，服務品直"},
		{English, "You are number 21 in line, about 2 minutes.", "You are number twenty-one in line, about two minutes."},
		{English, "Press 9#, then *.", "Press nine pound key, then star key."},
		{English, "0800-000-123 at 9:05 or 9:30 or 9:00", "zero eight zero zero, zero zero zero, one two three at nine oh five or nine thirty or nine o'clock"},
		{English, "1999 of 300, 4.5, 85%", "one thousand nine hundred ninety-nine of three hundred, four point five, eighty-five percent"},
	} {
		if got := Spoken(c.lang, c.in); got != c.want {
			t.Errorf("%s %q\n got %q\nwant %q", c.lang, c.in, got, c.want)
		}
	}
}

func TestSentences(t *testing.T) {
	for in, want := range map[string][]string{
		"您好。請按一，或按二！":                   {"您好。", "請按一，或按二！"},
		"Press 4.5 now. Thank you? Yes": {"Press 4.5 now.", "Thank you?", "Yes"},
		"。。":                            nil,
		"好":                             {"好"},
	} {
		if got := Sentences(in); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzSpoken(f *testing.F) {
	for _, s := range []string{"您是第 5 位。", "0800-000-123", "9:00", "# ＊ 85%", "1-2-3", "第 12"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if (Phrase{Mandarin, text}).Check() != nil {
			return
		}
		for _, lang := range []string{Mandarin, English} {
			if got := Spoken(lang, text); strings.ContainsAny(got, "0123456789") {
				t.Errorf("%s %q leaves digits: %q", lang, text, got)
			}
		}
	})
}
