package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// day is its length in minutes. Hours follow the wall clock, also where a zone changes its clock.
const day = 24 * 60

// maxSpans of one day: more is a mistake.
const maxSpans = 8

// Span is a part of a day in minutes since midnight: From is in it, To is not. As text it is 09:00-18:00.
type Span struct{ From, To int }

// ErrSpan is what is wrong with text that is no span.
var ErrSpan = errors.New("write hours as 09:00-18:00, and those past midnight as 22:00-24:00 and 00:00-06:00 on the next day")

// ParseSpan reads HH:MM-HH:MM.
func ParseSpan(s string) (Span, error) {
	from, to, _ := strings.Cut(strings.TrimSpace(s), "-")
	first, ok1 := minute(strings.TrimSpace(from))
	last, ok2 := minute(strings.TrimSpace(to))
	if !ok1 || !ok2 || first >= last {
		return Span{}, ErrSpan
	}
	return Span{first, last}, nil
}

// minute reads HH:MM; 24:00 is the end of the day.
func minute(s string) (int, bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	h, err1 := strconv.ParseUint(s[:2], 10, 8)
	m, err2 := strconv.ParseUint(s[3:], 10, 8)
	if err1 != nil || err2 != nil || m > 59 || h*60+m > day {
		return 0, false
	}
	return int(h*60 + m), true
}

func (s Span) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60)
}

// MarshalText writes the span as people do.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads it back.
func (s *Span) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSpan(string(text))
	return err
}

// Hours are the open spans of a day; none is closed all day.
type Hours []Span

// Check says what is wrong with hours that are about to be stored.
func (h Hours) Check() error {
	if len(h) > maxSpans {
		return fmt.Errorf("give at most %d spans for one day", maxSpans)
	}
	for i, s := range h {
		if s.From < 0 || s.To > day || s.From >= s.To {
			return ErrSpan
		}
		if i > 0 && s.From < h[i-1].To {
			return fmt.Errorf("write %s after the end of %s", s, h[i-1])
		}
	}
	return nil
}

func (h Hours) open(minute int) bool {
	return slices.ContainsFunc(h, func(s Span) bool { return s.From <= minute && minute < s.To })
}

// Week holds the hours of each weekday, Sunday first as in time.Weekday.
type Week [7]Hours

// Date is a day of the calendar, in whatever zone the calendar has. As text it is 2026-11-29.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day of t in t's zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is no day of the calendar: write it as YYYY-MM-DD", s)
	}
	return DateOf(t), nil
}

func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Weekday of the date.
func (d Date) Weekday() time.Weekday { return d.at(0, time.UTC).Weekday() }

// Before orders dates.
func (d Date) Before(o Date) bool { return d.at(0, time.UTC).Before(o.at(0, time.UTC)) }

// at is a minute of the day by the wall clock of the zone.
func (d Date) at(minute int, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, zone)
}

// plus is so many days later.
func (d Date) plus(days int) Date { return DateOf(d.at(0, time.UTC).AddDate(0, 0, days)) }

// MarshalText writes the date as people do.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads it back.
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDate(string(text))
	return err
}

// Zone is a time zone that is stored by its name.
type Zone struct{ *time.Location }

// LoadZone finds a zone by name, as Asia/Taipei.
func LoadZone(name string) (Zone, error) {
	at, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return Zone{}, fmt.Errorf("there is no time zone %q: use a name such as Asia/Taipei", name)
	}
	return Zone{at}, nil
}

// location is UTC for a zone that was never set.
func (z Zone) location() *time.Location {
	if z.Location == nil {
		return time.UTC
	}
	return z.Location
}

// MarshalText writes the name.
func (z Zone) MarshalText() ([]byte, error) { return []byte(z.location().String()), nil }

// UnmarshalText reads it back.
func (z *Zone) UnmarshalText(text []byte) (err error) {
	*z, err = LoadZone(string(text))
	return err
}
