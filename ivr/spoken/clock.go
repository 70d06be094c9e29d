package spoken

import (
	"strings"
	"time"

	"hotline/ivr/survey"
)

// Clock says a time of day, with the part of the day: 下午兩點半, 凌晨一點零五分, "two thirty p.m.". 24 hours is the end of
// the day. Anything beyond a day is taken into it.
func Clock(lang Lang, hour, minute int) string {
	hour, minute = within(hour+floorDiv(minute, 60), 24), within(minute, 60)
	if lang == survey.English {
		return englishClock(hour, minute)
	}
	if hour == 0 && minute == 0 {
		return "午夜十二點"
	}
	return part(hour) + mandarinHour(hour, minute)
}

// ClockAlone is Clock without the part of the day, for sentences that say it themselves: 兩點半, "two thirty".
func ClockAlone(lang Lang, hour, minute int) string {
	hour, minute = within(hour+floorDiv(minute, 60), 24), within(minute, 60)
	if lang == survey.English {
		return englishHour(hour, minute)
	}
	return mandarinHour(hour, minute)
}

// floorDiv rounds down, also below zero.
func floorDiv(n, by int) int {
	if n < 0 {
		return -((-n + by - 1) / by)
	}
	return n / by
}

func within(n, size int) int { return ((n % size) + size) % size }

// part of the day as people in Taiwan divide it.
func part(hour int) string {
	switch {
	case hour < 6:
		return "凌晨"
	case hour < 12:
		return "上午"
	case hour == 12:
		return "中午"
	case hour < 18:
		return "下午"
	default:
		return "晚上"
	}
}

func mandarinHour(hour, minute int) string {
	words := Count(survey.Mandarin, int64(twelve(hour))) + "點"
	switch {
	case minute == 0:
		return words
	case minute == 30:
		return words + "半"
	case minute < 10:
		return words + "零" + mandarinDigits[minute] + "分"
	}
	return words + mandarinNumber(uint64(minute)) + "分"
}

// twelve is the hour as a clock's face has it.
func twelve(hour int) int {
	if hour%12 == 0 {
		return 12
	}
	return hour % 12
}

func englishClock(hour, minute int) string {
	switch {
	case hour == 0 && minute == 0:
		return "midnight"
	case hour == 12 && minute == 0:
		return "noon"
	case hour < 12:
		return englishHour(hour, minute) + " a.m."
	}
	return englishHour(hour, minute) + " p.m."
}

func englishHour(hour, minute int) string {
	words := englishSmall[twelve(hour)]
	switch {
	case minute == 0:
		return words
	case minute < 10:
		return words + " oh " + englishSmall[minute]
	}
	return words + " " + englishGroup(minute)
}

// Duration says how long something takes, to the second: 兩小時三十分鐘, "two hours thirty minutes". What is shorter than
// a second is not said; nothing at all is 零秒.
func Duration(lang Lang, d time.Duration) string {
	rest := size(int64(d / time.Second))
	var parts []string
	for _, unit := range []struct {
		seconds uint64
		zh, en  string
	}{{86400, "天", " day"}, {3600, "小時", " hour"}, {60, "分鐘", " minute"}, {1, "秒", " second"}} {
		n := int64(rest / unit.seconds)
		rest %= unit.seconds
		switch {
		case n == 0 && (unit.seconds > 1 || len(parts) > 0):
		case lang == survey.English:
			parts = append(parts, Number(lang, n)+plural(n, unit.en))
		default:
			parts = append(parts, Count(lang, n)+unit.zh)
		}
	}
	if lang == survey.English {
		return strings.Join(parts, " ")
	}
	return strings.Join(parts, "")
}
