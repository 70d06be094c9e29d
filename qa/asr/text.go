package asr

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"hotline/qa/asr/script"
	"hotline/qa/rule"
)

// Text makes what a model wrote fit to be read and judged. It may be used by several goroutines.
type Text struct {
	script   *script.Converter
	glossary []rule.Phrase
}

// NewText prepares for a site: glossary are its own terms, which the model does not know, and keep are texts whose words
// stay as they are, such as the phrases of its rules.
func NewText(glossary, keep []string) *Text {
	t := &Text{script: script.NewConverter(slices.Concat(glossary, keep)...)}
	for _, term := range glossary {
		if p := rule.NewPhrase(term); p.Syllables() >= 2 {
			t.glossary = append(t.glossary, p)
		}
	}
	return t
}

// Transcript is what the recording says, with where the two did not hear one another.
func (t *Text) Transcript(raw Raw, apart []rule.Apart) rule.Transcript {
	out := rule.Transcript{Length: raw.Length, Speech: raw.Speech, Levels: raw.Levels, Apart: apart, Utterances: []rule.Utterance{}}
	for _, u := range raw.Utterances {
		if invented(u, raw.Speech[u.Role]) {
			continue
		}
		u.Units = t.figures(t.terms(t.taiwan(u.Units)))
		if u.Unclear == "" && sure(u.Units) < leastSure {
			u.Unclear = "confidence"
		}
		out.Utterances = append(out.Utterances, u)
	}
	return out
}

// sure is the geometric mean of the units' probabilities; 1 when the model tells none.
func sure(units []rule.Unit) float64 {
	sum, n := 0.0, 0
	for _, u := range units {
		if u.Sure > 0 {
			sum, n = sum+math.Log(u.Sure), n+1
		}
	}
	if n == 0 {
		return 1
	}
	return math.Exp(sum / float64(n))
}

// What models have learnt from the ends of films and write when nobody speaks.
var inventions = []string{
	"字幕", "謝謝觀看", "感謝觀看", "谢谢观看", "感谢观看", "請不吝點贊", "请不吝点赞", "訂閱", "订阅", "MING PAO", "Amara.org", "Thank you for watching", "Thanks for watching",
}

// invented says whether an utterance is one of those, said where hardly anybody spoke or by a model that was not sure.
func invented(u rule.Utterance, voices []rule.Span) bool {
	text := u.Text()
	if !slices.ContainsFunc(inventions, func(s string) bool { return strings.Contains(text, s) }) {
		return false
	}
	spoken := 0
	for _, v := range voices {
		spoken += max(0, min(v.End, u.End)-max(v.Start, u.Start))
	}
	const quick = 80 // ms: nobody says a character in less
	return sure(u.Units) < 0.6 || spoken < quick*utf8.RuneCountInString(text)
}

// taiwan writes units in traditional characters and Taiwan's words. Words in letters are left alone.
func (t *Text) taiwan(units []rule.Unit) []rule.Unit {
	var out []rule.Unit
	for from := 0; from < len(units); {
		to := from
		for to < len(units) && utf8.RuneCountInString(units[to].Text) == 1 {
			to++
		}
		out = append(out, t.converted(units[from:to])...)
		if to < len(units) {
			out = append(out, units[to])
			to++
		}
		from = to
	}
	return out
}

// converted converts units of a character each. Where a word has another length its characters share its time.
func (t *Text) converted(units []rule.Unit) []rule.Unit {
	text := rule.Utterance{Units: units}.Text()
	out := make([]rule.Unit, 0, len(units))
	at := 0
	for _, p := range t.script.Convert(text) {
		out = append(out, spread(units[at:at+p.Length], p.Text)...)
		at += p.Length
	}
	return out
}

// spread writes another text for units, over their time.
func spread(units []rule.Unit, text string) []rule.Unit {
	n := utf8.RuneCountInString(text)
	if n == len(units) {
		out := slices.Clone(units)
		for i, r := range []rune(text) {
			out[i].Text = string(r)
		}
		return out
	}
	whole := rule.Span{Start: units[0].Start, End: units[len(units)-1].End}
	least := units[0].Sure
	for _, u := range units {
		least = min(least, u.Sure)
	}
	out := make([]rule.Unit, 0, n)
	for i, r := range []rune(text) {
		span := rule.Span{Start: whole.Start + whole.Length()*i/n, End: whole.Start + whole.Length()*(i+1)/n}
		out = append(out, rule.Unit{Text: string(r), Span: span, Sure: least})
	}
	return out
}

const (
	termApart = 0.25 // how unlike a term of the glossary it may sound, in syllables
	termSure  = 0.9  // a word of which the model was surer than this is not replaced
)

// terms writes the site's own terms where the model wrote something that sounds the same.
func (t *Text) terms(units []rule.Unit) []rule.Unit {
	for i := range t.glossary {
		places := t.glossary[i].Find(units, termApart/float64(t.glossary[i].Syllables()-1))
		for k := len(places) - 1; k >= 0; k-- {
			if p := places[k]; !p.Exact && sure(units[p.From:p.To]) < termSure {
				units = slices.Concat(units[:p.From], spread(units[p.From:p.To], t.glossary[i].Text()), units[p.To:])
			}
		}
	}
	return units
}
