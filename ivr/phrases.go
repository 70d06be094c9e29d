package ivr

import (
	"slices"
)

// places are the lines for the places in line that are named one by one, then for all beyond them.
var places = map[Lang]struct {
	before, after string
	names         []string
	beyond        string
}{
	Mandarin: {
		before: "您目前排在第", after: "位。",
		names: []string{
			"一", "二", "三", "四", "五", "六", "七", "八", "九", "十",
			"十一", "十二", "十三", "十四", "十五", "十六", "十七", "十八", "十九", "二十",
		},
		beyond: "您目前排在第二十位以後。",
	},
	English: {
		before: "You are number ", after: " in line.",
		names: []string{
			"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
			"thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
		},
		beyond: "There are at least twenty callers ahead of you.",
	},
}

// waits are the minutes that an expected wait is rounded up to.
var waits = []int{1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30}

var waitWords = map[Lang]struct {
	each   []string // as waits
	beyond string
}{
	Mandarin: {
		each: []string{
			"預計等候時間大約一分鐘。", "預計等候時間大約兩分鐘。", "預計等候時間大約三分鐘。", "預計等候時間大約四分鐘。",
			"預計等候時間大約五分鐘。", "預計等候時間大約六分鐘。", "預計等候時間大約八分鐘。", "預計等候時間大約十分鐘。",
			"預計等候時間大約十五分鐘。", "預計等候時間大約二十分鐘。", "預計等候時間大約三十分鐘。",
		},
		beyond: "預計等候時間超過三十分鐘。",
	},
	English: {
		each: []string{
			"The expected wait is about one minute.", "The expected wait is about two minutes.",
			"The expected wait is about three minutes.", "The expected wait is about four minutes.",
			"The expected wait is about five minutes.", "The expected wait is about six minutes.",
			"The expected wait is about eight minutes.", "The expected wait is about ten minutes.",
			"The expected wait is about fifteen minutes.", "The expected wait is about twenty minutes.",
			"The expected wait is about thirty minutes.",
		},
		beyond: "The expected wait is more than thirty minutes.",
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

// spoken returns the language that unit phrases are said in: Mandarin for one that has none.
func spoken(lang Lang) Lang {
	if _, ok := places[lang]; ok {
		return lang
	}
	return Mandarin
}

// QueuePosition says a caller's place in line, from 1; past twenty it says only that. A place below 1 is taken as 1.
func QueuePosition(lang Lang, n int) []Phrase {
	lang = spoken(lang)
	words := places[lang]
	n = max(n, 1)
	if n > len(words.names) {
		return []Phrase{{Text: words.beyond, Lang: lang}}
	}
	return []Phrase{{Text: words.before + words.names[n-1] + words.after, Lang: lang}}
}

// ExpectedWait says how many minutes the caller will probably wait, rounded up to one that is recorded; 0 and less is
// said as one minute.
func ExpectedWait(lang Lang, minutes int) []Phrase {
	lang = spoken(lang)
	words := waitWords[lang]
	i, _ := slices.BinarySearch(waits, minutes)
	if i == len(waits) {
		return []Phrase{{Text: words.beyond, Lang: lang}}
	}
	return []Phrase{{Text: words.each[i], Lang: lang}}
}

// Sorry says that the caller cannot be served now, for a call that has to end.
func Sorry(lang Lang) []Phrase { return sorry.In(spoken(lang), Mandarin) }

// AllBusy says that every agent is busy, for a queue whose flow has no words for it.
func AllBusy(lang Lang) []Phrase { return allBusy.In(spoken(lang), Mandarin) }

// StillBusy thanks for waiting, for a queue whose flow has no words for it.
func StillBusy(lang Lang) []Phrase { return stillBusy.In(spoken(lang), Mandarin) }

// NoAgent says that nobody can take the call, for a queue that gives up a caller whose flow is gone.
func NoAgent(lang Lang) []Phrase { return noAgent.In(spoken(lang), Mandarin) }

// Reconnecting asks a caller to stay whose agent's connection was lost.
func Reconnecting(lang Lang) []Phrase { return reconnecting.In(spoken(lang), Mandarin) }

// UnitPhrases returns everything that the functions of this file can say in the language, nil for one they do not speak.
func UnitPhrases(lang Lang) []Phrase {
	if spoken(lang) != lang {
		return nil
	}
	var all []Phrase
	for n := 1; n <= len(places[lang].names)+1; n++ {
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

// Phrases returns everything that the flow can say, each phrase once: languages in the flow's order, prompts by key.
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
			if p.Text != "" && !seen[p] {
				seen[p] = true
				all = append(all, p)
			}
		}
	}
	return all
}
