package campaign_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"hotline/campaign"
)

const day = 24 * time.Hour

// exec changes what other parts of the program would.
func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.pool.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatal(err)
	}
}

// asked is a call from a number in which a survey was offered on an occasion, and answered at a time unless that is zero.
func (h *house) asked(phone, occasion, way string, arrived, answered time.Time) {
	h.t.Helper()
	call := fmt.Sprintf("c%s-%d", phone, arrived.Unix())
	h.exec(`insert into calls (id, line, flow, caller_e164, arrived_at) values ($1, '+886277001234', 'main', $2, $3)`, call, phone, arrived)
	h.exec(`insert into survey_offers (call_id, survey, version, way, occasion, offered_at) values ($1, 'other', 'v', $2, $3, $4)`, call, way, occasion, arrived)
	if !answered.IsZero() {
		h.exec(`insert into survey_answers (call_id, survey, version, way, question, value, at) values ($1, 'other', 'v', $2, 'satisfaction', 4, $3)`, call, way, answered)
	}
}

// elsewhere is a contact that another campaign brought to a result at a time.
func (h *house) elsewhere(name, phone, mail string, r campaign.Result, at time.Time) {
	h.t.Helper()
	h.exec(`insert into survey_campaigns (id, name, survey, way, from_day, to_day) values ($1, $1, 'other', 'link', '2026-01-01', '2026-12-31') on conflict do nothing`, name)
	h.exec(`insert into campaign_contacts (campaign, row, phone, mail, state, settled_at) values ($1, 1, $2, $3, $4, $5)`, name, phone, mail, r, at)
}

// resting sets the days after which somebody is asked again.
func (h *house) resting(days int) {
	h.t.Helper()
	c := spring()
	c.RestDays = days
	h.must(h.Change(h.t.Context(), c))
}

func TestWhoAnsweredLatelyIsNotRung(t *testing.T) {
	h := running(t, 14)
	h.resting(30)
	list := rows(14)
	for i, occasion := range []string{"ivr", "key", "after"} { // 0 to 2
		at := noon.Add(-time.Duration(28+i%2) * day)
		h.asked(list[i].Phone, occasion, "phone", at, at.Add(time.Minute))
	}
	h.asked(list[3].Phone, "link", "link", noon.Add(-80*day), noon.Add(-time.Hour)) // answered long after its call
	h.elsewhere("summer", list[4].Phone, "", campaign.Complete, noon.Add(-29*day))
	h.elsewhere("summer", list[5].Phone, "", campaign.Partial, noon.Add(-time.Second))
	h.exec(`insert into customers (id, name) values (1, '王大明')`)
	h.exec(`insert into customer_phones (e164, customer_id) values ($1, 1), ('+886223456789', 1)`, list[6].Phone)
	h.asked("+886223456789", "key", "phone", noon.Add(-3*day), noon.Add(-3*day))
	h.exec(`insert into contacts (customer_id, at, channel, direction, subject, call_id) select 1, arrived_at, 'phone', 'in', 'x', id from calls where caller_e164 = '+886223456789'`)
	// The others may be rung.
	h.asked(list[7].Phone, "after", "phone", noon.Add(-day), time.Time{})            // answered nothing
	h.asked(list[8].Phone, "after", "phone", noon.Add(-31*day), noon.Add(-31*day))   // long ago
	h.elsewhere("summer", list[9].Phone, "", campaign.Silent, noon.Add(-day))        // took the call, and answered nothing
	h.elsewhere("summer", list[10].Phone, "", campaign.Complete, noon.Add(-31*day))  // long ago
	h.asked("+886911111111", "after", "phone", noon.Add(-time.Hour), noon.Add(-day)) // somebody else

	claimed := h.claim(100, noon)
	if len(claimed) != 7 || claimed[0].Phone != list[7].Phone {
		t.Errorf("%d are rung, want the last seven: %v", len(claimed), claimed)
	}
	h.counts(map[campaign.Result]int{campaign.RecentlyAsked: 7, campaign.Dialling: 7})

	// Who was busy, and answered a survey of another kind before they are called again, is left alone as well.
	h.ended(claimed[0].Call, campaign.Busy, noon)
	h.asked(list[7].Phone, "key", "phone", noon.Add(time.Minute), noon.Add(time.Minute))
	if again := h.claim(100, noon.Add(time.Hour)); len(again) != 0 {
		t.Errorf("rung again after they were asked: %v", again)
	}
	h.counts(map[campaign.Result]int{campaign.RecentlyAsked: 8, campaign.Dialling: 6})
	if got := h.table(); got.Contacts != 14 || got.Reached != 7 || got.Answered != 0 {
		t.Errorf("table %+v", got)
	}
	for _, c := range claimed[1:] {
		h.ended(c.Call, campaign.Silent, noon)
	}
	if err := h.Tidy(t.Context(), noon.Add(time.Hour)); err != nil || h.table().State != campaign.Finished {
		t.Errorf("nobody is left to be called, and it is %s, %v", h.table().State, err)
	}
}

func TestWithoutALimitEverybodyIsRung(t *testing.T) {
	h := running(t, 1)
	h.asked(rows(1)[0].Phone, "key", "phone", noon.Add(-time.Hour), noon.Add(-time.Hour))
	if claimed := h.claim(9, noon); len(claimed) != 1 {
		t.Errorf("%d are rung, want one", len(claimed))
	}
}

// Those who rest take no turns of those who are to be called, however many they are; and nobody is called unseen.
func TestManyWhoAnsweredLatelyKeepNobodyWaiting(t *testing.T) {
	const rested = 2500
	h := running(t, rested+1)
	h.resting(1)
	h.exec(`insert into survey_campaigns (id, name, survey, way, from_day, to_day) values ('summer', 'summer', 'other', 'link', '2026-01-01', '2026-12-31')`)
	h.exec(`insert into campaign_contacts (campaign, row, phone, state, settled_at) select 'summer', row, phone, 'complete', $1 from campaign_contacts
		where campaign = 'spring' order by id limit $2`, noon, rested)
	turns := 0
	var claimed []campaign.Claimed
	for ; len(claimed) == 0 && turns < 5; turns++ {
		claimed = h.claim(1, noon)
	}
	if len(claimed) != 1 || claimed[0].Phone != rows(rested + 1)[rested].Phone || turns != 2 {
		t.Errorf("after %d turns: %v", turns, claimed)
	}
	h.counts(map[campaign.Result]int{campaign.RecentlyAsked: rested, campaign.Dialling: 1})
}

func TestWhoAnsweredLatelyGetsNoLink(t *testing.T) {
	h := running(t, 1)
	links := spring()
	links.ID, links.Way, links.RestDays = "links", campaign.Link, 30
	h.must(h.Create(t.Context(), links))
	list := append(rows(2), campaign.Row{Row: 8, Mail: "a@example.com"}, campaign.Row{Row: 9, Mail: "b@example.com"})
	if _, err := h.Add(t.Context(), "links", list, noon); err != nil {
		t.Fatal(err)
	}
	h.must(h.Start(t.Context(), "links", noon))
	h.asked(list[0].Phone, "after", "phone", noon.Add(-day), noon.Add(-day))
	h.elsewhere("summer", "", "a@example.com", campaign.Partial, noon.Add(-day))
	due, err := h.ToSend(t.Context(), "links", noon, 2)
	if err != nil || len(due) != 2 || due[0].Phone != list[1].Phone || due[1].Mail != "b@example.com" {
		t.Errorf("to send: %v, %v", due, err)
	}
	all, err := h.Tables(t.Context(), "links")
	if want := map[campaign.Result]int{campaign.RecentlyAsked: 2, campaign.Waiting: 2}; err != nil || !maps.Equal(all[0].Counts, want) || all[0].Contacts != 4 {
		t.Errorf("table %+v, %v", all, err)
	}
}
