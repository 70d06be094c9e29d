package spoken_test

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotline/ivr/spoken"
	"hotline/ivr/survey"
)

// sayers say a value as it is written in testdata/words.txt.
var sayers = map[string]func(t *testing.T, lang spoken.Lang, value string) string{
	"number":      whole(spoken.Number),
	"count":       whole(spoken.Count),
	"ordinal":     whole(spoken.Ordinal),
	"decimal":     decimal(spoken.DecimalNumber),
	"money":       decimal(spoken.Money),
	"percent":     decimal(spoken.Percent),
	"date":        date(spoken.DateStyle{}),
	"date-roc":    date(spoken.DateStyle{Era: spoken.Republic}),
	"date-common": date(spoken.DateStyle{Era: spoken.Common}),
	"date-long":   date(spoken.DateStyle{Weekday: spoken.LongWeekday}),
	"date-short":  date(spoken.DateStyle{Weekday: spoken.ShortWeekday}),
	"date-near":   date(spoken.DateStyle{Today: time.Date(2026, 11, 29, 23, 59, 0, 0, time.UTC)}),
	"time":        clock(spoken.Clock),
	"time-alone":  clock(spoken.ClockAlone),
	"duration": func(t *testing.T, lang spoken.Lang, value string) string {
		d, err := time.ParseDuration(value)
		if err != nil {
			t.Fatal(err)
		}
		return spoken.Duration(lang, d)
	},
	"phone":     read(spoken.Phone, spoken.Options{}),
	"phone-yao": read(spoken.Phone, spoken.Options{Yao: true}),
	"digits":    read(spoken.Digits, spoken.Options{}),
	"code":      read(spoken.Code, spoken.Options{}),
}

type sayer = func(t *testing.T, lang spoken.Lang, value string) string

func whole(say func(spoken.Lang, int64) string) sayer {
	return func(t *testing.T, lang spoken.Lang, value string) string {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return say(lang, n)
	}
}

func decimal(say func(spoken.Lang, spoken.Decimal) string) sayer {
	return func(t *testing.T, lang spoken.Lang, value string) string {
		d, err := spoken.ParseDecimal(value)
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		return say(lang, d)
	}
}

func date(style spoken.DateStyle) sayer {
	return func(t *testing.T, lang spoken.Lang, value string) string {
		day, err := time.Parse(time.DateOnly, value)
		if err != nil {
			t.Fatal(err)
		}
		return spoken.Date(lang, day, style)
	}
}

func clock(say func(spoken.Lang, int, int) string) sayer {
	return func(t *testing.T, lang spoken.Lang, value string) string {
		h, m, _ := strings.Cut(value, ":")
		hour, err1 := strconv.Atoi(h)
		minute, err2 := strconv.Atoi(m)
		if err1 != nil || err2 != nil {
			t.Fatalf("%q is no time", value)
		}
		return say(lang, hour, minute)
	}
}

func read(say func(spoken.Lang, string, spoken.Options) string, o spoken.Options) sayer {
	return func(_ *testing.T, lang spoken.Lang, value string) string { return say(lang, value, o) }
}

func TestWords(t *testing.T) {
	data, err := os.ReadFile("testdata/words.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases, kinds := 0, map[string]bool{}
	for i, line := range strings.Split(string(data), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(line, "|")
		if len(fields) != 4 {
			t.Fatalf("line %d has %d fields", i+1, len(fields))
		}
		for j := range fields {
			fields[j] = strings.TrimSpace(fields[j])
		}
		kinds[fields[0]] = true
		for j, lang := range []spoken.Lang{survey.Mandarin, survey.English} {
			cases++
			if got := sayers[fields[0]](t, lang, fields[1]); got != fields[j+2] {
				t.Errorf("line %d: %s %s in %s:\n got %s\nwant %s", i+1, fields[0], fields[1], lang, got, fields[j+2])
			}
		}
	}
	if cases < 300 || len(kinds) != len(sayers) {
		t.Errorf("%d cases of %d kinds; want 300 of %d", cases, len(kinds), len(sayers))
	}
}

// What no flow should ever ask for is said somehow, and not in a language that has no words.
func TestOddValues(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{spoken.Number("ja", 105), "一百零五"},
		{spoken.Clock(survey.Mandarin, 25, -5), "凌晨十二點五十五分"},
		{spoken.Clock(survey.English, -1, 0), "eleven p.m."},
		{spoken.Date(survey.Mandarin, time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), spoken.DateStyle{Era: spoken.Common}), "西元前五年一月一日"},
		{spoken.Phone(survey.English, "#12", spoken.Options{}), "extension one two"},
		{spoken.Phone(survey.Mandarin, "#12", spoken.Options{}), "轉分機一二"},
		{spoken.DecimalNumber(survey.English, spoken.Whole(-3)), "minus three"},
		{spoken.Number(survey.English, -1<<63), "minus nine quintillion two hundred twenty-three quadrillion three hundred seventy-two trillion thirty-six billion eight hundred fifty-four million seven hundred seventy-five thousand eight hundred eight"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestParseDecimalRefuses(t *testing.T) {
	for _, s := range []string{"", "-", ".", "5.", ".5", "1,05", "1,0500", ",105", "1.2.3", "--5", "5a", "１２", "99999999999999999999", "1 050"} {
		if d, err := spoken.ParseDecimal(s); err == nil {
			t.Errorf("%q was read as %+v", s, d)
		}
	}
}
