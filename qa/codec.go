package qa

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"hotline/qa/rule"
)

// packed is a transcript as the database keeps it: the times of characters are most of it, so they are written small.
type packed struct {
	Version    int                        `json:"v"`
	Length     int                        `json:"length"`
	Utterances []packedUtterance          `json:"said"`
	Speech     map[rule.Role][]rule.Span  `json:"speech"`
	Levels     map[rule.Role][]rule.Level `json:"levels,omitempty"`
	Apart      []rule.Apart               `json:"apart,omitempty"`
}

type packedUtterance struct {
	Role    rule.Role `json:"role"`
	Start   int       `json:"start"` // ms
	End     int       `json:"end"`
	Text    string    `json:"text"`
	Sizes   []int     `json:"sizes,omitempty"` // characters of each unit, where one has several
	Times   []int     `json:"times"`           // start of the first unit, its length, pause after it, length of the next, ... in ms
	Sure    string    `json:"sure,omitempty"`  // of each unit, a letter: A is 0, Z is 1
	Unclear string    `json:"unclear,omitempty"`
}

const packVersion = 1

// Pack writes a transcript for the database.
func Pack(t rule.Transcript) ([]byte, error) {
	p := packed{Version: packVersion, Length: t.Length, Speech: t.Speech, Levels: t.Levels, Apart: t.Apart, Utterances: []packedUtterance{}}
	for _, u := range t.Utterances {
		p.Utterances = append(p.Utterances, packUtterance(u))
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("pack a transcript: %w", err)
	}
	return raw, nil
}

func packUtterance(u rule.Utterance) packedUtterance {
	out := packedUtterance{Role: u.Role, Start: u.Start, End: u.End, Text: u.Text(), Unclear: u.Unclear, Times: []int{}}
	var sure strings.Builder
	at, words, known := u.Start, false, false
	for _, unit := range u.Units {
		size := utf8.RuneCountInString(unit.Text)
		out.Sizes = append(out.Sizes, size)
		out.Times = append(out.Times, unit.Start-at, unit.Length())
		at = unit.End
		words, known = words || size != 1, known || unit.Sure > 0
		sure.WriteByte('A' + byte(math.Round(25*max(0, min(1, unit.Sure)))))
	}
	if !words {
		out.Sizes = nil
	}
	if known {
		out.Sure = sure.String()
	}
	return out
}

// Unpack undoes Pack.
func Unpack(raw []byte) (rule.Transcript, error) {
	var p packed
	if err := json.Unmarshal(raw, &p); err != nil {
		return rule.Transcript{}, fmt.Errorf("unpack a transcript: %w", err)
	}
	if p.Version != packVersion {
		return rule.Transcript{}, fmt.Errorf("unpack a transcript: version %d is not known", p.Version)
	}
	t := rule.Transcript{Length: p.Length, Speech: p.Speech, Levels: p.Levels, Apart: p.Apart, Utterances: []rule.Utterance{}}
	for _, u := range p.Utterances {
		t.Utterances = append(t.Utterances, u.unpack())
	}
	return t, nil
}

func (p packedUtterance) unpack() rule.Utterance {
	u := rule.Utterance{Role: p.Role, Span: rule.Span{Start: p.Start, End: p.End}, Unclear: p.Unclear, Units: []rule.Unit{}}
	text, at := []rune(p.Text), p.Start
	for i := 0; 2*i+1 < len(p.Times) && len(text) > 0; i++ {
		size := 1
		if i < len(p.Sizes) {
			size = p.Sizes[i]
		}
		size = max(0, min(size, len(text)))
		unit := rule.Unit{Text: string(text[:size])}
		unit.Start = at + p.Times[2*i]
		unit.End = unit.Start + p.Times[2*i+1]
		if i < len(p.Sure) {
			unit.Sure = float64(p.Sure[i]-'A') / 25
		}
		u.Units = append(u.Units, unit)
		text, at = text[size:], unit.End
	}
	return u
}
