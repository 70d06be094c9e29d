package ivr

import "time"

// Span is a part of a day in minutes since midnight: From is in it, To is not.
type Span struct {
	Mark     Mark
	From, To int
}

// Week holds the open spans of each weekday, Sunday first as in time.Weekday.
type Week [7][]Span

// Date is one day of the calendar with hours of its own. No span: closed all day.
type Date struct {
	Mark  Mark
	Year  int
	Month time.Month
	Day   int
	Spans []Span
}

// IsOpen says whether the wall clock of the zone shows an open hour. Spans follow the wall clock, so a day on which the
// clock is changed has the same opening hours as any other.
func (h Hours) IsOpen(now time.Time, zone *time.Location) bool {
	if zone == nil {
		zone = time.UTC
	}
	local := now.In(zone)
	spans := h.Week[local.Weekday()]
	year, month, day := local.Date()
	for _, d := range h.Dates {
		if d.Year == year && d.Month == month && d.Day == day {
			spans = d.Spans
		}
	}
	minute := local.Hour()*60 + local.Minute()
	for _, s := range spans {
		if s.From <= minute && minute < s.To {
			return true
		}
	}
	return false
}
