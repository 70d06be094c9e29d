package ivr_test

import (
	"slices"
	"testing"
	"time"

	"hotline/internal/calendar"
	"hotline/ivr"
)

// officeFlow goes by a calendar that is open on Mondays at noon, with 24 November as a holiday of its own.
func officeFlow(emergency *calendar.Emergency) (*ivr.Flow, map[string]*calendar.Calendar) {
	steps := map[string]ivr.Action{
		"hours": ivr.Hours{
			Calendar: "office", Open: to("open"), Closed: to("closed"), Holiday: to("holiday"), Emergency: to("emergency"),
		},
		"plain": ivr.Hours{Calendar: "office", Open: to("open"), Closed: to("closed")},
		"other": ivr.Hours{Calendar: "gone", Open: to("open"), Closed: to("closed")},
	}
	f := &ivr.Flow{
		ID: "office", Version: "v", Langs: []ivr.Lang{ivr.Mandarin, ivr.English}, Start: "hours",
		Prompts: map[string]ivr.Prompt{}, Steps: map[string]ivr.Step{},
	}
	for _, key := range []string{"open", "closed", "holiday", "emergency"} {
		f.Prompts[key] = ivr.Prompt{Text: both(key)}
		steps[key] = ivr.HangUp{Say: say(key)}
	}
	for key, do := range steps {
		f.Steps[key] = ivr.Step{Do: do}
	}
	c := &calendar.Calendar{Name: "office", Emergency: emergency, Own: []calendar.Own{{Date: calendar.Date{Year: 2026, Month: 11, Day: 24}}}}
	c.Week[time.Monday] = calendar.Hours{{From: 9 * 60, To: 18 * 60}}
	return f, map[string]*calendar.Calendar{"office": c}
}

func TestHoursByCalendar(t *testing.T) {
	for _, tt := range []struct {
		step      string
		at        time.Time
		emergency *calendar.Emergency
		want      string
	}{
		{"hours", noon, nil, "open"},
		{"hours", noon.Add(12 * time.Hour), nil, "holiday"},
		{"hours", noon.Add(36 * time.Hour), nil, "closed"},
		{"hours", noon, &calendar.Emergency{}, "emergency"},
		{"hours", noon, &calendar.Emergency{Until: noon}, "open"},
		{"plain", noon, nil, "open"},
		{"plain", noon.Add(12 * time.Hour), nil, "closed"},
		{"plain", noon, &calendar.Emergency{}, "closed"},
		{"other", noon, nil, "closed"},
	} {
		f, calendars := officeFlow(tt.emergency)
		p, out := f.With(calendars).Step(ivr.Position{Step: tt.step}, ivr.Begin{}, tt.at)
		if p.Step != tt.want || !out.HangUp || out.Say[0].Text != tt.want {
			t.Errorf("%s at %s with %v leads to %s: %+v; want %s", tt.step, tt.at, tt.emergency, p.Step, out, tt.want)
		}
	}
	if f, _ := officeFlow(nil); !slices.Equal(f.CalendarNames(), []string{"gone", "office"}) {
		t.Errorf("the flow goes by %v", f.CalendarNames())
	}
}

// What the switch says is heard to its end, in the caller's language, before the step for emergencies.
func TestEmergencyWords(t *testing.T) {
	f, calendars := officeFlow(&calendar.Emergency{Say: map[string]string{"zh-TW": "颱風停班", "en": "Typhoon"}})
	f = f.With(calendars)
	p, out := f.Step(ivr.Position{Lang: ivr.English}, ivr.Begin{}, noon)
	if len(out.Say) != 1 || out.Say[0].Text != "Typhoon" || out.BargeIn || out.HangUp || p.Step != "hours" {
		t.Fatalf("%+v at %+v", out, p)
	}
	if q, out := f.Step(p, ivr.Digit{Digit: '1'}, noon); !out.Idle() || q.Step != "hours" {
		t.Errorf("a digit cuts it short: %+v", out)
	}
	if q, out := f.Step(p, ivr.Begin{}, noon); len(out.Say) != 1 || q.Step != "hours" {
		t.Errorf("after a restart: %+v", out)
	}
	if q, out := f.Step(p, ivr.Played{}, noon); q.Step != "emergency" || !out.HangUp {
		t.Errorf("after it: %+v at %s", out, q.Step)
	}
	calendars["office"].Emergency = nil
	if q, _ := f.Step(p, ivr.Played{}, noon); q.Step != "open" {
		t.Errorf("switched off meanwhile, the caller comes to %s", q.Step)
	}
}
