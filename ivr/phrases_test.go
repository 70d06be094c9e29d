package ivr_test

import (
	"slices"
	"testing"

	"hotline/ivr"
)

func TestUnits(t *testing.T) {
	tests := []struct {
		got  []ivr.Phrase
		want string
	}{
		{ivr.QueuePosition(ivr.Mandarin, 1), "您目前排在第一位。"},
		{ivr.QueuePosition(ivr.Mandarin, 20), "您目前排在第二十位。"},
		{ivr.QueuePosition(ivr.Mandarin, 21), "您目前排在第二十位以後。"},
		{ivr.QueuePosition(ivr.English, 12), "You are number twelve in line."},
		{ivr.QueuePosition(ivr.English, 0), "You are number one in line."},
		{ivr.QueuePosition("ja", 2), "您目前排在第二位。"},
		{ivr.ExpectedWait(ivr.Mandarin, -1), "預計等候時間大約一分鐘。"},
		{ivr.ExpectedWait(ivr.Mandarin, 2), "預計等候時間大約兩分鐘。"},
		{ivr.ExpectedWait(ivr.Mandarin, 7), "預計等候時間大約八分鐘。"},
		{ivr.ExpectedWait(ivr.English, 30), "The expected wait is about thirty minutes."},
		{ivr.ExpectedWait(ivr.English, 31), "The expected wait is more than thirty minutes."},
	}
	for _, tt := range tests {
		if len(tt.got) != 1 || tt.got[0].Text != tt.want {
			t.Errorf("got %v, want %q", tt.got, tt.want)
		}
	}
}

// TestUnitPhrasesAreComplete: what is not in the voice pack would be spoken by the fallback voice.
func TestUnitPhrasesAreComplete(t *testing.T) {
	for _, lang := range []ivr.Lang{ivr.Mandarin, ivr.English} {
		all := ivr.UnitPhrases(lang)
		for _, p := range all {
			if p.Lang != lang || p.Text == "" {
				t.Errorf("%v is among the phrases of %s", p, lang)
			}
		}
		said := slices.Concat(ivr.Sorry(lang), ivr.AllBusy(lang), ivr.StillBusy(lang), ivr.NoAgent(lang), ivr.Reconnecting(lang))
		for n := range 100 {
			said = slices.Concat(said, ivr.QueuePosition(lang, n), ivr.ExpectedWait(lang, n))
		}
		for _, p := range said {
			if !slices.Contains(all, p) {
				t.Errorf("%v is not among the phrases of %s", p, lang)
			}
		}
	}
	if got := ivr.UnitPhrases("ja"); got != nil {
		t.Errorf("a language without words: %v", got)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"next", "say", "barge-in"}
	for word, want := range map[string]string{
		"nxt": "next", "nxet": "next", "bargein": "barge-in", "sya": "say", "zzz": "", "": "", "x": "",
	} {
		if got := ivr.Nearest(word, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
