package ivr

import (
	"slices"
	"strings"
	"time"

	"hotline/ivr/spoken"
)

// The place in line, and the minutes of an expected wait, that are said as they are, each recorded as a whole sentence;
// what is beyond is only said to be beyond.
const lastPlace = 20

// waits are the minutes that an expected wait is rounded up to.
var waits = []int{1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30}

// unitWords are the sentences around a place and a wait.
var unitWords = map[Lang]struct{ placeBefore, placeAfter, placeBeyond, waitBefore, waitAfter, waitBeyond string }{
	Mandarin: {
		placeBefore: "您目前排在", placeAfter: "位。", placeBeyond: "您目前排在第二十位以後。",
		waitBefore: "預計等候時間大約", waitAfter: "。", waitBeyond: "預計等候時間超過三十分鐘。",
	},
	English: {
		placeBefore: "You are number ", placeAfter: " in line.", placeBeyond: "There are at least twenty callers ahead of you.",
		waitBefore: "The expected wait is about ", waitAfter: ".", waitBeyond: "The expected wait is more than thirty minutes.",
	},
}

// The words for moments that no flow need provide for.
var (
	sorry = Text{
		Mandarin: "很抱歉，系統暫時無法為您服務，請您稍後再撥。",
		English:  "We are sorry, we cannot serve you at the moment. Please call again later.",
	}
	allBusy = Text{
		Mandarin: "目前客服人員皆在忙線中，請您稍候，我們會盡快為您服務。",
		English:  "All our agents are busy at the moment. Please hold the line, we will be with you as soon as possible.",
	}
	stillBusy = Text{
		Mandarin: "感謝您的耐心等候，客服人員將盡快為您服務。",
		English:  "Thank you for your patience. An agent will be with you as soon as possible.",
	}
	noAgent = Text{
		Mandarin: "很抱歉，目前沒有客服人員可以接聽您的電話，請您稍後再撥，謝謝您的來電。",
		English:  "We are sorry, nobody is available to take your call. Please call again later. Thank you for calling.",
	}
	reconnecting = Text{
		Mandarin: "很抱歉，通話暫時中斷，我們將立即為您重新接通，請勿掛斷。",
		English:  "We are sorry, the connection was interrupted. We are reconnecting you now. Please do not hang up.",
	}
)

// unitLang returns the language that unit phrases are said in: Mandarin for one that has none.
func unitLang(lang Lang) Lang {
	if _, ok := unitWords[lang]; ok {
		return lang
	}
	return Mandarin
}

// QueuePosition says a caller's place in line, from 1; past twenty it says only that. A place below 1 is taken as 1.
func QueuePosition(lang Lang, n int) []Phrase {
	lang = unitLang(lang)
	words := unitWords[lang]
	n = max(n, 1)
	if n > lastPlace {
		return []Phrase{{Text: words.placeBeyond, Lang: lang}}
	}
	place := spoken.Ordinal(lang, int64(n))
	if lang == English {
		place = spoken.Number(lang, int64(n))
	}
	return []Phrase{{Text: words.placeBefore + place + words.placeAfter, Lang: lang}}
}

// ExpectedWait says how many minutes the caller will probably wait, rounded up to one that is recorded; 0 and less is
// said as one minute.
func ExpectedWait(lang Lang, minutes int) []Phrase {
	lang = unitLang(lang)
	words := unitWords[lang]
	i, _ := slices.BinarySearch(waits, minutes)
	if i == len(waits) {
		return []Phrase{{Text: words.waitBeyond, Lang: lang}}
	}
	wait := spoken.Duration(lang, time.Duration(waits[i])*time.Minute)
	return []Phrase{{Text: words.waitBefore + wait + words.waitAfter, Lang: lang}}
}

// Tone is what a caller hears who may speak now. It has no words: the host has its sound.
var Tone = Phrase{Lang: "tone"}

// Sorry says that the caller cannot be served now, for a call that has to end.
func Sorry(lang Lang) []Phrase { return sorry.In(unitLang(lang), Mandarin) }

// AllBusy says that every agent is busy, for a queue whose flow has no words for it.
func AllBusy(lang Lang) []Phrase { return allBusy.In(unitLang(lang), Mandarin) }

// StillBusy thanks for waiting, for a queue whose flow has no words for it.
func StillBusy(lang Lang) []Phrase { return stillBusy.In(unitLang(lang), Mandarin) }

// NoAgent says that nobody can take the call, for a queue that gives up a caller whose flow is gone.
func NoAgent(lang Lang) []Phrase { return noAgent.In(unitLang(lang), Mandarin) }

// Reconnecting asks a caller to stay whose agent's connection was lost.
func Reconnecting(lang Lang) []Phrase { return reconnecting.In(unitLang(lang), Mandarin) }

// UnitPhrases returns everything that the functions of this file can say in the language, nil for one they do not speak.
func UnitPhrases(lang Lang) []Phrase {
	if unitLang(lang) != lang {
		return nil
	}
	var all []Phrase
	for n := 1; n <= lastPlace+1; n++ {
		all = append(all, QueuePosition(lang, n)...)
	}
	for _, minutes := range waits {
		all = append(all, ExpectedWait(lang, minutes)...)
	}
	all = append(all, ExpectedWait(lang, waits[len(waits)-1]+1)...)
	for _, words := range []func(Lang) []Phrase{Sorry, AllBusy, StillBusy, NoAgent, Reconnecting} {
		all = append(all, words(lang)...)
	}
	return all
}

// Phrases returns everything that the flow can say and that does not depend on a caller, each phrase once: languages in the
// flow's order, prompts by key.
func (f *Flow) Phrases() []Phrase {
	keys := make([]string, 0, len(f.Prompts))
	for key := range f.Prompts {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	var all []Phrase
	seen := map[Phrase]bool{}
	for _, lang := range f.Langs {
		for _, key := range keys {
			p := Phrase{Text: f.Prompts[key].Text[lang], Lang: lang}
			if p.Text != "" && !seen[p] && !strings.Contains(p.Text, "{") {
				seen[p] = true
				all = append(all, p)
			}
		}
	}
	return all
}
