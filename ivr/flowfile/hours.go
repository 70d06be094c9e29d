package flowfile

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/ivr"
)

var days = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (r *reader) hours(f field) ivr.Hours {
	o := r.object(f, "`hours`", "calendar", "week", "dates", "open", "closed", "holiday", "emergency")
	h := ivr.Hours{
		Calendar: r.name(o["calendar"], "`calendar`"), CalAt: place(o["calendar"]),
		Open: r.target(o["open"], "`open`"), Closed: r.target(o["closed"], "`closed`"),
		Holiday: r.target(o["holiday"], "`holiday`"), Emergency: r.target(o["emergency"], "`emergency`"),
	}
	if w, ok := o["week"]; ok {
		for _, p := range r.pairs(w, "`week`") {
			spans := r.spans(p)
			for _, day := range r.days(p) {
				h.Week[day] = append(h.Week[day], spans...)
			}
		}
	}
	if d, ok := o["dates"]; ok {
		for _, p := range r.pairs(d, "`dates`") {
			date, err := time.Parse(time.DateOnly, p.key)
			if err != nil {
				r.fault(p.mark, ivr.Worded("%q is no day of the calendar", clip(p.key)), ivr.Worded("write it as YYYY-MM-DD"))
				continue
			}
			h.Dates = append(h.Dates, ivr.Date{
				Mark: p.mark, Year: date.Year(), Month: date.Month(), Day: date.Day(), Spans: r.spans(p),
			})
		}
	}
	return h
}

// days reads a key such as `mon-fri`, `sat` or `mon, wed, fri`; nil after a fault.
func (r *reader) days(f field) []int {
	var all []int
	for part := range strings.SplitSeq(f.key, ",") {
		from, to, ranged := strings.Cut(strings.TrimSpace(part), "-")
		first, last := slices.Index(days, from), slices.Index(days, to)
		if !ranged {
			last = first
		}
		if first < 0 || last < 0 {
			r.fault(f.mark, ivr.Worded("%q are no days", clip(f.key)),
				ivr.Worded("write sun mon tue wed thu fri sat, alone, as mon-fri, or with commas"))
			return nil
		}
		for day := first; ; day = (day + 1) % 7 {
			all = append(all, day)
			if day == last {
				break
			}
		}
	}
	return all
}

// spans reads hours: `closed`, one `HH:MM-HH:MM`, or a list of them.
func (r *reader) spans(f field) []ivr.Span {
	var all []ivr.Span
	for _, item := range r.list(f) {
		s, ok := r.scalar(item, "hours")
		if !ok || s == "closed" {
			continue
		}
		for part := range strings.SplitSeq(s, ",") {
			if span, ok := r.span(item, strings.TrimSpace(part)); ok {
				all = append(all, span)
			}
		}
	}
	return all
}

func (r *reader) span(f field, s string) (ivr.Span, bool) {
	from, to, _ := strings.Cut(s, "-")
	first, ok1 := minute(from)
	last, ok2 := minute(to)
	if !ok1 || !ok2 {
		r.fault(f.at(), ivr.Worded("%q are no hours", clip(s)), ivr.Worded("write them as 09:00-18:00, or closed"))
		return ivr.Span{}, false
	}
	if first >= last {
		r.fault(f.at(), ivr.Worded("the hours %s end before they begin", s),
			ivr.Worded("write hours past midnight as two: 22:00-24:00, and 00:00-06:00 on the next day"))
		return ivr.Span{}, false
	}
	return ivr.Span{Mark: f.at(), From: first, To: last}, true
}

// minute reads HH:MM as minutes since midnight; 24:00 is the end of the day.
func minute(s string) (int, bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	h, err1 := strconv.ParseUint(s[:2], 10, 8)
	m, err2 := strconv.ParseUint(s[3:], 10, 8)
	if err1 != nil || err2 != nil || m > 59 || h*60+m > 24*60 {
		return 0, false
	}
	return int(h*60 + m), true
}
