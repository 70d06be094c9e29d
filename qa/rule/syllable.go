package rule

import (
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// syllable is how a character sounds, without its tone: an index into initials and one into finals.
type syllable struct{ initial, final uint8 }

// initials in groups that telephones blur: which differ in what lies above 3.4 kHz.
var initials = []string{
	"", "zh", "z", "ch", "c", "sh", "s", "n", "l", "f", "h", "b", "p", "d", "t", "g", "k", "j", "q", "x", "r", "m",
}

// finals as they sound: y and w are written out (ying is ing, wo is uo, yu is v).
var finals = []string{
	"", "a", "o", "e", "ê", "i", "u", "v", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "ong", "er",
	"ia", "ie", "io", "iao", "iou", "ian", "in", "iang", "ing", "iong",
	"ng", "ua", "uo", "uai", "uei", "uan", "uen", "uang", "ueng", "ve", "van", "vn",
}

// blur is what it costs to take one for the other, of 1 for a whole half syllable. What is not named costs 1.
type blur struct {
	a, b string
	cost float64
}

// The pairs that Mandarin of Taiwan on a telephone mixes up, and those that recognition confuses.
var (
	blurredInitials = []blur{
		{"zh", "z", 0.1},
		{"ch", "c", 0.1},
		{"sh", "s", 0.1},
		{"n", "l", 0.1},
		{"f", "h", 0.2},
		{"r", "l", 0.3},
		{"zh", "j", 0.5},
		{"ch", "q", 0.5},
		{"sh", "x", 0.5},
		{"z", "j", 0.5},
		{"c", "q", 0.5},
		{"s", "x", 0.5},
		{"zh", "ch", 0.5},
		{"z", "c", 0.5},
		{"j", "q", 0.5},
		{"q", "x", 0.4},
		{"c", "s", 0.5},
		{"ch", "sh", 0.5},
		{"b", "p", 0.4},
		{"d", "t", 0.4},
		{"g", "k", 0.4},
		{"g", "h", 0.6},
		{"k", "h", 0.5},
		{"n", "m", 0.5},
		{"b", "m", 0.6},
		{"d", "n", 0.6},
		{"d", "l", 0.6},
		{"", "n", 0.5},
		{"", "l", 0.7},
		{"", "r", 0.6},
		{"", "h", 0.7},
		{"", "m", 0.7},
	}
	blurredFinals = []blur{
		{"in", "ing", 0.1},
		{"en", "eng", 0.1},
		{"an", "ang", 0.2},
		{"ian", "iang", 0.2},
		{"uan", "uang", 0.2},
		{"uen", "ueng", 0.1},
		{"ian", "ie", 0.4},
		{"ian", "in", 0.5},
		{"eng", "ong", 0.3},
		{"uen", "ong", 0.4},
		{"uen", "en", 0.4},
		{"van", "ian", 0.4},
		{"vn", "in", 0.3},
		{"iong", "ong", 0.4},
		{"ou", "uo", 0.4},
		{"u", "uo", 0.4},
		{"u", "ou", 0.4},
		{"o", "uo", 0.1},
		{"e", "o", 0.4},
		{"e", "uo", 0.5},
		{"ei", "ai", 0.4},
		{"ei", "uei", 0.3},
		{"uei", "uai", 0.5},
		{"ie", "ei", 0.6},
		{"ie", "i", 0.6},
		{"i", "v", 0.4},
		{"ie", "ve", 0.4},
		{"ao", "iao", 0.4},
		{"ao", "ou", 0.5},
		{"a", "ua", 0.5},
		{"a", "ia", 0.5},
		{"a", "ai", 0.5},
		{"ai", "uai", 0.4},
		{"an", "uan", 0.4},
		{"ang", "uang", 0.4},
		{"ang", "iang", 0.5},
		{"an", "en", 0.6},
		{"in", "en", 0.6},
		{"ing", "eng", 0.6},
		{"er", "e", 0.5},
		{"i", "e", 0.5},
		{"", "e", 0.4},
		{"", "i", 0.1},
		{"iou", "ou", 0.4},
		{"ia", "ie", 0.6},
		{"ian", "iao", 0.8},
		{"en", "ong", 0.6},
		{"e", "a", 0.6},
		{"van", "uan", 0.3},
		{"ve", "uo", 0.6},
		{"van", "in", 0.7},
		{"van", "ing", 0.7},
	}
)

// costs are the tables that between reads.
var initialCost, finalCost = table(initials, blurredInitials), table(finals, blurredFinals)

func table(names []string, blurred []blur) [][]float64 {
	at := index(names)
	costs := make([][]float64, len(names))
	for i := range costs {
		costs[i] = make([]float64, len(names))
		for j := range costs[i] {
			if i != j {
				costs[i][j] = 1
			}
		}
	}
	for _, b := range blurred {
		i, j := at[b.a], at[b.b]
		costs[i][j], costs[j][i] = b.cost, b.cost
	}
	return costs
}

func index(names []string) map[string]uint8 {
	at := make(map[string]uint8, len(names))
	for i, name := range names {
		at[name] = uint8(i)
	}
	return at
}

var initialAt, finalAt = index(initials), index(finals)

// between is how unlike two syllables sound: 0 alike, 1 nothing in common. A syllable whose final differs wholly is
// remembered for its initial only little, so that costs more than the other way round.
func between(a, b syllable) float64 {
	return min(1, 0.45*initialCost[a.initial][b.initial]+0.55*finalCost[a.final][b.final])
}

// readings are the ways in which a character is read; nil for what is no character of Chinese.
func readings(r rune) []syllable {
	if digit := digitReading(r); digit != "" {
		s, _ := parse(digit)
		return []syllable{s}
	}
	var all []syllable
	for _, reading := range strings.Split(pinyin.PinyinDict[int(r)], ",") {
		if s, ok := parse(toneless(reading)); ok && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// digitReading is how a figure is read out singly.
func digitReading(r rune) string {
	if r < '0' || r > '9' {
		return ""
	}
	return [...]string{"ling", "yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu"}[r-'0']
}

var tones = strings.NewReplacer(
	"ā", "a", "á", "a", "ǎ", "a", "à", "a", "ō", "o", "ó", "o", "ǒ", "o", "ò", "o",
	"ē", "e", "é", "e", "ě", "e", "è", "e", "ê̄", "ê", "ế", "ê", "ê̌", "ê", "ề", "ê",
	"ī", "i", "í", "i", "ǐ", "i", "ì", "i", "ū", "u", "ú", "u", "ǔ", "u", "ù", "u",
	"ǖ", "v", "ǘ", "v", "ǚ", "v", "ǜ", "v", "ü", "v", "ń", "n", "ň", "n", "ǹ", "n", "ḿ", "m",
	"\u0300", "", "\u0304", "",
)

func toneless(reading string) string { return tones.Replace(reading) }

// parse reads a syllable of Hanyu Pinyin without tone.
func parse(s string) (syllable, bool) {
	switch s {
	case "m", "n", "ng", "hm", "hng": // 嗯, 呣
		return syllable{final: finalAt["ng"]}, true
	}
	initial := ""
	for _, i := range []int{2, 1} {
		if len(s) >= i {
			if _, ok := initialAt[s[:i]]; ok {
				initial = s[:i]
				break
			}
		}
	}
	final := s[len(initial):]
	switch {
	case strings.HasPrefix(final, "yu"): // yu, yue, yuan, yun
		final = "v" + final[2:]
	case strings.HasPrefix(final, "yi"): // yi, yin, ying
		final = final[1:]
	case strings.HasPrefix(final, "y"): // ya, ye, yao, you, yan, yang, yong
		final = "i" + final[1:]
	case strings.HasPrefix(final, "wu"):
		final = final[1:]
	case strings.HasPrefix(final, "w"): // wa, wo, wai, wei, wan, wen, wang, weng
		final = "u" + final[1:]
	case strings.Contains("jqx", initial) && initial != "" && strings.HasPrefix(final, "u"): // ju, jue, juan, jun
		final = "v" + final[1:]
	}
	switch final { // as they are written after an initial
	case "iu":
		final = "iou"
	case "ui":
		final = "uei"
	case "un":
		final = "uen"
	case "uong":
		final = "ueng"
	}
	if strings.Contains(" zh z ch c sh s r ", " "+initial+" ") && final == "i" {
		final = "" // the vowel of 知 and 資 is none of 基
	}
	at, ok := finalAt[final]
	return syllable{initialAt[initial], at}, ok && s != ""
}
