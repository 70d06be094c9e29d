package ivr

import (
	"slices"
	"time"

	"hotline/internal/calendar"
)

// Span is a part of a day in minutes since midnight: From is in it, To is not.
type Span struct {
	Mark     Mark
	From, To int
}

// Week holds the open spans of each weekday, Sunday first as in time.Weekday.
type Week [7][]Span

// any says whether the week has an open hour.
func (w Week) any() bool {
	return slices.ContainsFunc(w[:], func(spans []Span) bool { return len(spans) > 0 })
}

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

// With returns the flow as it goes by these calendars. They are the site's and not the flow's: what is changed there,
// the emergency switch above all, concerns callers who are in the flow already.
func (f *Flow) With(calendars map[string]*calendar.Calendar) *Flow {
	with := *f
	with.Calendars = calendars
	return &with
}

// CalendarNames returns the names of the calendars that the flow goes by, in order.
func (f *Flow) CalendarNames() []string {
	names := map[string]bool{}
	for _, step := range f.Steps {
		if do, ok := step.Do.(Hours); ok && do.Calendar != "" {
			names[do.Calendar] = true
		}
	}
	return keys(names)
}

// hours goes where the clock says, after what the emergency switch says. A calendar that is not there any more is
// closed: nobody waits for agents who may not come.
func (w *walk) hours(do Hours) (next string, out Output, stop bool) {
	if do.Calendar == "" {
		if do.IsOpen(w.now, w.flow.Zone) {
			return do.Open.Step, Output{}, false
		}
		return do.Closed.Step, Output{}, false
	}
	c := w.flow.Calendars[do.Calendar]
	if c == nil {
		return do.Closed.Step, Output{}, false
	}
	now := c.At(w.now)
	if say := w.emergency(c, now); len(say) > 0 {
		return "", Output{Say: say}, true
	}
	return do.way(now), Output{}, false
}

// emergency is what the switch of the calendar says to callers, nil when it is off or says nothing.
func (w *walk) emergency(c *calendar.Calendar, now calendar.Moment) []Phrase {
	if now.Why != calendar.ByEmergency {
		return nil
	}
	words := Text{}
	for lang, text := range c.Emergency.Say {
		words[Lang(lang)] = text
	}
	return words.In(w.p.Lang, w.flow.lang())
}

// inHours goes on when the words of an emergency have been heard. Digits do not cut them short. The switch may have been
// turned off meanwhile: then the step begins anew.
func (w *walk) inHours(do Hours, in Input) Output {
	c := w.flow.Calendars[do.Calendar]
	if c == nil {
		return w.enter(w.p.Step)
	}
	now := c.At(w.now)
	if len(w.emergency(c, now)) == 0 {
		return w.enter(w.p.Step)
	}
	switch in.(type) {
	case Played:
		return w.enter(do.way(now))
	case Digit:
		return Output{}
	case Begin, Silence, Left, Returned, Taped, Gone:
	}
	return w.enter(w.p.Step)
}

// way is the step that a moment leads to.
func (h Hours) way(now calendar.Moment) string {
	special := now.Why == calendar.ByHoliday || now.Why == calendar.ByOwnDay
	switch {
	case now.Open:
		return h.Open.Step
	case now.Why == calendar.ByEmergency && h.Emergency.Step != "":
		return h.Emergency.Step
	case special && h.Holiday.Step != "":
		return h.Holiday.Step
	}
	return h.Closed.Step
}
