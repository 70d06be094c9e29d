package spoken

import (
	"time"

	"hotline/ivr/survey"
)

// Era is how the year of a date is said.
type Era string

const (
	// NoYear leaves it out: a date of this year or the next.
	NoYear Era = ""
	// Republic counts from 1912, as Taiwan's offices and shops do: 民國一百一十五年. English has the common year instead.
	Republic Era = "roc"
	// Common is 二零二六年, "twenty twenty-six".
	Common Era = "common"
)

// Weekday is whether and how the day of the week is said.
type Weekday string

const (
	// NoWeekday leaves it out.
	NoWeekday Weekday = ""
	// LongWeekday is 星期三.
	LongWeekday Weekday = "long"
	// ShortWeekday is 週三. English has one form.
	ShortWeekday Weekday = "short"
)

// DateStyle is how a date is said. Its zero value has month and day.
type DateStyle struct {
	Era     Era
	Weekday Weekday
	// Today, if set, lets the days around it be said by name alone: 昨天, 今天, 明天, 後天; "yesterday" to "tomorrow".
	Today time.Time
}

var (
	mandarinDays = []string{"日", "一", "二", "三", "四", "五", "六"}
	mandarinNear = map[int]string{-1: "昨天", 0: "今天", 1: "明天", 2: "後天"}
	englishNear  = map[int]string{-1: "yesterday", 0: "today", 1: "tomorrow"}
)

// Date says the day of t in t's own zone: 十一月二十九日, "November twenty-ninth".
func Date(lang Lang, t time.Time, style DateStyle) string {
	if !style.Today.IsZero() {
		near := mandarinNear
		if lang == survey.English {
			near = englishNear
		}
		if name, ok := near[daysBetween(style.Today, t)]; ok {
			return name
		}
	}
	if lang == survey.English {
		return englishDate(t, style)
	}
	words := mandarinYear(t.Year(), style.Era) +
		Number(lang, int64(t.Month())) + "月" + Number(lang, int64(t.Day())) + "日"
	switch style.Weekday {
	case LongWeekday:
		words += "，星期" + mandarinDays[t.Weekday()]
	case ShortWeekday:
		words += "，週" + mandarinDays[t.Weekday()]
	case NoWeekday:
	}
	return words
}

func englishDate(t time.Time, style DateStyle) string {
	words := t.Month().String() + " " + Ordinal(survey.English, int64(t.Day()))
	if style.Weekday != NoWeekday {
		words = t.Weekday().String() + ", " + words
	}
	if style.Era != NoYear {
		words += ", " + englishYear(t.Year())
	}
	return words
}

func mandarinYear(year int, era Era) string {
	switch {
	case era == NoYear:
		return ""
	case era == Republic && year == 1912:
		return "民國元年"
	case era == Republic && year > 1912:
		return "民國" + Number(survey.Mandarin, int64(year-1911)) + "年"
	case era == Republic && year > 0:
		return "民國前" + Number(survey.Mandarin, int64(1912-year)) + "年"
	case year < 0:
		return "西元前" + Number(survey.Mandarin, int64(-year)) + "年"
	}
	var digits []byte
	for n := year; n > 0 || len(digits) == 0; n /= 10 {
		digits = append([]byte{byte('0' + n%10)}, digits...)
	}
	words := ""
	for _, d := range digits {
		words += mandarinDigits[d-'0']
	}
	return words + "年"
}

// englishYear says years of four digits in two halves, except around a thousand: "two thousand five".
func englishYear(year int) string {
	high, low := year/100, year%100
	switch {
	case year < 1000 || year > 9999 || high%10 == 0 && low < 10:
		return Number(survey.English, int64(year))
	case low == 0:
		return Number(survey.English, int64(high)) + " hundred"
	case low < 10:
		return Number(survey.English, int64(high)) + " oh " + englishSmall[low]
	}
	return Number(survey.English, int64(high)) + " " + Number(survey.English, int64(low))
}

// daysBetween counts calendar days, each time by the wall of its own zone.
func daysBetween(from, to time.Time) int {
	day := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(day(to).Sub(day(from)) / (24 * time.Hour))
}
