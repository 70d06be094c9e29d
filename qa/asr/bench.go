package asr

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"hotline/qa/rule"
)

// Reference is what is really said in a file: the JSON beside it, of the same name.
type Reference struct {
	Utterances []struct {
		Role  rule.Role `json:"role"`
		Text  string    `json:"text"`
		Start float64   `json:"start"` // seconds
		End   float64   `json:"end"`
	} `json:"utterances"`
}

// Rate is how many characters were written wrongly: too many, too few, or others.
type Rate struct {
	Wrong, Of int
}

// Share is the character error rate.
func (r Rate) Share() float64 { return float64(r.Wrong) / float64(max(1, r.Of)) }

func (r *Rate) add(o Rate) { r.Wrong, r.Of = r.Wrong+o.Wrong, r.Of+o.Of }

// Measure is how well and how fast a model heard one file.
type Measure struct {
	File   string
	Sound  time.Duration // length
	Took   time.Duration
	Errors map[rule.Role]Rate
}

// Sum adds measures up.
func Sum(all []Measure) Measure {
	sum := Measure{Errors: map[rule.Role]Rate{}}
	for _, m := range all {
		sum.Sound, sum.Took = sum.Sound+m.Sound, sum.Took+m.Took
		for role, r := range m.Errors {
			total := sum.Errors[role]
			total.add(r)
			sum.Errors[role] = total
		}
	}
	return sum
}

// References are the files in a folder that have a reference beside them.
func References(dir string) ([]string, error) {
	var files []string
	for _, ending := range []string{"*.flac", "*.wav"} {
		found, err := filepath.Glob(filepath.Join(dir, ending))
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if _, err := os.Stat(referenceOf(f)); err == nil {
				files = append(files, f)
			}
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no sound file (.flac, .wav) with a reference of the same name (.json) beside it", dir)
	}
	return files, nil
}

func referenceOf(file string) string { return strings.TrimSuffix(file, filepath.Ext(file)) + ".json" }

// MeasureFile has a model hear a file and compares what it wrote with the reference.
func MeasureFile(ctx context.Context, model Transcriber, text *Text, file string) (Measure, error) {
	raw, err := os.ReadFile(referenceOf(file))
	if err != nil {
		return Measure{}, err
	}
	var ref Reference
	if err := json.Unmarshal(raw, &ref); err != nil {
		return Measure{}, fmt.Errorf("%s: %w", referenceOf(file), err)
	}
	if len(ref.Utterances) == 0 {
		return Measure{}, fmt.Errorf("%s: %w", referenceOf(file), errors.New("it has no utterances"))
	}
	sound, err := ReadFile(file)
	if err != nil {
		return Measure{}, err
	}
	began := time.Now()
	heard, err := model.Transcribe(ctx, sound)
	if err != nil {
		return Measure{}, fmt.Errorf("%s: %w", file, err)
	}
	m := Measure{File: file, Sound: sound.Length(), Took: time.Since(began), Errors: map[rule.Role]Rate{}}
	t := text.Transcript(heard, nil)
	for _, role := range roles {
		var want, got strings.Builder
		for _, u := range ref.Utterances {
			if u.Role == role {
				want.WriteString(text.Plain(u.Text))
			}
		}
		for _, u := range t.Utterances {
			if u.Role == role {
				got.WriteString(u.Text())
			}
		}
		m.Errors[role] = ErrorRate(want.String(), got.String())
	}
	return m, nil
}

// Plain writes a text as transcripts are written.
func (t *Text) Plain(s string) string {
	units := make([]rule.Unit, 0, len(s))
	for _, r := range s {
		units = append(units, rule.Unit{Text: string(r)})
	}
	return rule.Utterance{Units: t.figures(t.taiwan(units))}.Text()
}

// ErrorRate compares two texts character by character, without punctuation, blanks and case.
func ErrorRate(want, got string) Rate {
	a, b := letters(want), letters(got)
	before := make([]int, len(b)+1)
	for j := range before {
		before[j] = j
	}
	for i := range a {
		now := make([]int, len(b)+1)
		now[0] = i + 1
		for j := range b {
			same := before[j]
			if a[i] != b[j] {
				same++
			}
			now[j+1] = min(same, before[j+1]+1, now[j]+1)
		}
		before = now
	}
	return Rate{Wrong: before[len(b)], Of: len(a)}
}

func letters(s string) []rune {
	var out []rune
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, unicode.ToLower(r))
		}
	}
	return out
}
