package campaign_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/campaign"
	"hotline/cti/id"
	"hotline/internal/calendar"
	"hotline/internal/pg/pgtest"
)

// noon is a Monday's in Taipei.
var noon = time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC)

func date(s string) calendar.Date {
	d, err := calendar.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// spring is a campaign that is right.
func spring() campaign.Campaign {
	return campaign.Campaign{
		ID: "spring", Name: "Spring", Survey: "csat", Way: campaign.Outbound, From: date("2026-11-29"), To: date("2026-12-01"), Lang: "zh-TW",
		Hours: calendar.Hours{{From: 9 * 60, To: 21 * 60}}, Zone: "Asia/Taipei", Most: 2, Ring: 20, AtOnce: 5, PerSec: 1, Detect: true,
	}
}

type house struct {
	*campaign.Store
	t    *testing.T
	pool *pgxpool.Pool
}

// running is a house with a campaign that runs, and has n contacts.
func running(t *testing.T, n int) *house {
	h := &house{t: t, pool: pgtest.Pool(t)}
	h.Store = campaign.NewStore(h.pool)
	h.must(h.Create(t.Context(), spring()))
	if _, err := h.Add(t.Context(), "spring", rows(n), noon); err != nil {
		t.Fatal(err)
	}
	h.must(h.Start(t.Context(), "spring", noon))
	return h
}

func rows(n int) []campaign.Row {
	var out []campaign.Row
	for i := range n {
		out = append(out, campaign.Row{Row: i + 2, Phone: fmt.Sprintf("+8869%08d", i)})
	}
	return out
}

func (h *house) must(_ campaign.Campaign, err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) claim(n int, at time.Time) []campaign.Claimed {
	h.t.Helper()
	claimed, err := h.Claim(h.t.Context(), "spring", n, at)
	if err != nil {
		h.t.Fatal(err)
	}
	return claimed
}

func (h *house) ended(call id.CallID, r campaign.Result, at time.Time) {
	h.t.Helper()
	if err := h.Ended(h.t.Context(), campaign.End{Call: call, Result: r, At: at}); err != nil {
		h.t.Fatal(err)
	}
}

// table is the counts of the campaign, which must add up.
func (h *house) table() campaign.Table {
	h.t.Helper()
	all, err := h.Tables(h.t.Context(), "spring")
	if err != nil {
		h.t.Fatal(err)
	}
	sum := 0
	for n := range maps.Values(all[0].Counts) {
		sum += n
	}
	if sum != all[0].Contacts {
		h.t.Errorf("the counts %v add up to %d, not %d", all[0].Counts, sum, all[0].Contacts)
	}
	return all[0]
}

func (h *house) counts(want map[campaign.Result]int) {
	h.t.Helper()
	if got := h.table().Counts; !maps.Equal(got, want) {
		h.t.Errorf("counts %v, want %v", got, want)
	}
}

func TestEveryContactIsSettledOnceAndTheTableAddsUp(t *testing.T) {
	h := running(t, 9)
	first := h.claim(100, noon)
	if len(first) != 9 || len(h.claim(100, noon)) != 0 {
		t.Fatalf("claimed %d, and then more", len(first))
	}
	results := []campaign.Result{
		campaign.Complete, campaign.Partial, campaign.Silent, campaign.Machine, campaign.Busy, campaign.NoAnswer, campaign.Rejected, campaign.Invalid, campaign.Failed,
	}
	for i, r := range results {
		h.ended(first[i].Call, r, noon)
		h.ended(first[i].Call, campaign.Busy, noon) // told twice: the first counts
	}
	h.counts(map[campaign.Result]int{
		campaign.Complete: 1, campaign.Partial: 1, campaign.Silent: 1, campaign.Rejected: 1, campaign.Invalid: 1, campaign.Waiting: 4,
	})
	if again := h.claim(100, noon.Add(9*time.Minute)); len(again) != 0 {
		t.Fatalf("dialled again too soon: %v", again)
	}
	again := h.claim(100, noon.Add(3*time.Hour))
	if len(again) != 4 {
		t.Fatalf("%d are dialled again, want 4", len(again))
	}
	for _, c := range again {
		h.ended(c.Call, campaign.NoAnswer, noon.Add(3*time.Hour)) // two attempts at most
	}
	table := h.table()
	if table.Contacts != 9 || table.Reached != 9 || table.Answered != 2 || table.Counts[campaign.NoAnswer] != 4 {
		t.Errorf("table: %+v", table)
	}
	if err := h.Tidy(t.Context(), noon.Add(3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := h.table().State; got != campaign.Finished {
		t.Errorf("nobody waits, and it is %s", got)
	}
}

func TestNobodyIsDialledTwiceAtOnce(t *testing.T) {
	h := running(t, 40)
	var mu sync.Mutex
	seen := map[id.CallID]int{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				claimed, err := h.Claim(t.Context(), "spring", 3, noon)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				for _, c := range claimed {
					seen[c.Call]++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for call, n := range seen {
		if n != 1 || !campaign.Made(call) {
			t.Errorf("call %s was claimed %d times", call, n)
		}
	}
	if len(seen) != 40 {
		t.Errorf("%d calls of 40", len(seen))
	}
	other := spring()
	other.ID = "summer"
	h.must(h.Create(t.Context(), other))
	if _, err := h.Add(t.Context(), "summer", rows(1), noon); err != nil {
		t.Fatal(err)
	}
	h.must(h.Start(t.Context(), "summer", noon))
	if claimed, err := h.Claim(t.Context(), "summer", 9, noon); err != nil || len(claimed) != 0 {
		t.Errorf("two campaigns dial one number at once: %v, %v", claimed, err)
	}
}

func TestCallsOfADeadControllerAreSettled(t *testing.T) {
	h := running(t, 3)
	calls := h.claim(3, noon)
	later := noon.Add(time.Minute)
	if err := campaign.Answered(t.Context(), h.pool, calls[1].Call, noon); err != nil {
		t.Fatal(err)
	}
	lose := func(at time.Time, want int) {
		t.Helper()
		if lost, err := h.Lose(t.Context(), []id.CallID{calls[0].Call}, later, at); err != nil || lost != want {
			t.Errorf("%d lost, %v; want %d", lost, err, want)
		}
	}
	lose(later, 1) // the third: the first lives, the second was answered and its row is to come
	h.counts(map[campaign.Result]int{campaign.Dialling: 2, campaign.Waiting: 1})
	lose(later, 0)
	// A person answered the third after all, says a row that waited on disk: they are not dialled again.
	h.ended(calls[2].Call, campaign.Complete, later)
	if again := h.claim(9, noon.Add(24*time.Hour)); len(again) != 0 {
		t.Errorf("dialled again after an answer: %v", again)
	}
	lose(noon.Add(2*time.Hour), 1) // nothing more will be heard of the second
	h.counts(map[campaign.Result]int{campaign.Dialling: 1, campaign.Complete: 1, campaign.Silent: 1})
}

func TestStopAndDoNotCall(t *testing.T) {
	h := running(t, 5)
	calls := h.claim(1, noon)
	added, err := h.Block(t.Context(), []string{rows(2)[1].Phone, "+886911111111", "+886911111111"}, "asked by mail", "u1", noon)
	if err != nil || added != 2 {
		t.Fatalf("blocked %d, %v", added, err)
	}
	h.counts(map[campaign.Result]int{campaign.Dialling: 1, campaign.DoNotCall: 1, campaign.Waiting: 3})
	checked, err := h.Check(t.Context(), spring(), []campaign.Row{{Row: 7, Phone: "+886911111111"}, {Row: 8, Phone: rows(1)[0].Phone}, {Row: 9, Phone: "+886911111112"}},
		campaign.Rules{Phone: func(s string) (string, bool) { return s, true }, Allowed: func(string) bool { return true }})
	if want := []campaign.RowFault{{Row: 7, Why: campaign.WhyBlocked}, {Row: 8, Why: campaign.WhyKnown}}; err != nil || !slices.Equal(checked.Faults, want) || len(checked.Good) != 1 {
		t.Errorf("checked: %+v, %v", checked, err)
	}
	listed, err := h.Blocked(t.Context(), "+886911111111", 0, 9)
	if err != nil || len(listed) != 1 || listed[0].Why != "asked by mail" {
		t.Fatalf("listed: %v, %v", listed, err)
	}
	if err := h.Unblock(t.Context(), listed[0].ID, "changed their mind", "u1", noon); err != nil {
		t.Error(err)
	}
	if err := h.Unblock(t.Context(), listed[0].ID, "again", "u1", noon); !errors.Is(err, campaign.ErrNotFound) {
		t.Errorf("unblocked twice: %v", err)
	}
	var events int
	if err := h.pool.QueryRow(t.Context(), `select count(*) from do_not_call_events`).Scan(&events); err != nil || events != 3 {
		t.Errorf("%d events, %v", events, err)
	}
	if err := h.Halt(t.Context(), "spring", campaign.Failing, noon); err != nil || h.table().State != campaign.Paused || h.table().Trouble != campaign.Failing {
		t.Errorf("halted: %+v, %v", h.table().Campaign, err)
	}
	h.must(h.Start(t.Context(), "spring", noon))
	if got := h.table().Trouble; got != "" {
		t.Errorf("started with %q", got)
	}
	h.must(h.Pause(t.Context(), "spring", noon))
	if claimed := h.claim(9, noon); len(claimed) != 0 {
		t.Errorf("dialled in a pause: %v", claimed)
	}
	h.must(h.Stop(t.Context(), "spring", noon))
	h.ended(calls[0].Call, campaign.Busy, noon) // not again: it is finished
	h.counts(map[campaign.Result]int{campaign.Busy: 1, campaign.DoNotCall: 1, campaign.Expired: 3})
	var refused *campaign.Refusal
	if _, err := h.Start(t.Context(), "spring", noon); !errors.As(err, &refused) {
		t.Errorf("started again: %v", err)
	}
}

func TestLinksAreSentOnce(t *testing.T) {
	h := running(t, 0+1)
	links := spring()
	links.ID, links.Way = "", campaign.Link
	made, err := h.Create(t.Context(), links)
	if err != nil || made.ID != "csat-20261129" {
		t.Fatalf("made %q, %v", made.ID, err)
	}
	if twin, err := h.Create(t.Context(), links); err != nil || twin.ID != "csat-20261129-2" {
		t.Fatalf("made %q, %v", twin.ID, err)
	}
	if _, err := h.Add(t.Context(), made.ID, append(rows(2), campaign.Row{Row: 9, Mail: "a@example.com"}), noon); err != nil {
		t.Fatal(err)
	}
	if none, err := h.ToSend(t.Context(), made.ID, noon, 9); err != nil || len(none) != 0 {
		t.Errorf("a draft sends: %v, %v", none, err)
	}
	h.must(h.Start(t.Context(), made.ID, noon))
	due, err := h.ToSend(t.Context(), made.ID, noon, 9)
	if err != nil || len(due) != 3 {
		t.Fatalf("to send: %v, %v", due, err)
	}
	is := func(want bool) func(bool, error) {
		return func(got bool, err error) {
			t.Helper()
			if got != want || err != nil {
				t.Errorf("%t, %v; want %t", got, err, want)
			}
		}
	}
	is(true)(campaign.MarkSent(t.Context(), h.pool, due[0].ID, noon))
	is(false)(campaign.MarkSent(t.Context(), h.pool, due[0].ID, noon))
	is(true)(campaign.MarkFailed(t.Context(), h.pool, due[1].ID, noon))
	is(true)(campaign.MarkAnswered(t.Context(), h.pool, due[0].ID, false, noon))
	is(true)(campaign.MarkAnswered(t.Context(), h.pool, due[0].ID, true, noon))
	is(false)(campaign.MarkAnswered(t.Context(), h.pool, due[0].ID, false, noon))
	all, err := h.Tables(t.Context(), made.ID)
	if err != nil || all[0].Contacts != 3 || all[0].Reached != 2 || all[0].Answered != 1 || all[0].Counts[campaign.Waiting] != 1 {
		t.Errorf("table %+v, %v", all, err)
	}
}

func TestWhenACampaignMayCall(t *testing.T) {
	c := spring()
	none := func(string) *calendar.Calendar { return nil }
	at := func(s string) time.Time {
		zone, err := time.LoadLocation("Asia/Taipei")
		if err != nil {
			t.Fatal(err)
		}
		when, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for when, want := range map[string]bool{
		"2026-11-28 12:00": false, "2026-11-29 08:59": false, "2026-11-29 09:00": true, "2026-11-29 20:59": true, "2026-11-29 21:00": false,
		"2026-12-01 12:00": true, "2026-12-02 12:00": false,
	} {
		if c.Open(at(when), none) != want {
			t.Errorf("%s: open is %t", when, !want)
		}
	}
	c.Calendar = "office"
	if c.Open(at("2026-11-30 12:00"), none) {
		t.Error("a calendar that is gone is open")
	}
	open := &calendar.Calendar{}
	open.Week[time.Monday] = calendar.Hours{{From: 0, To: 24 * 60}}
	if !c.Open(at("2026-11-30 12:00"), func(string) *calendar.Calendar { return open }) {
		t.Error("an open calendar is closed")
	}
	if c.Over(at("2026-12-01 23:59")) || !c.Over(at("2026-12-02 00:00")) {
		t.Error("the last day ends at another time than midnight")
	}
}

func TestFaultsOfACampaign(t *testing.T) {
	c := spring()
	c.Name, c.Lang, c.Zone, c.Most, c.Ring, c.PerSec, c.RestDays = " ", "fr", "Mars", 0, 1000, 0, -1
	c.Hours, c.To, c.Pauses = nil, date("2026-11-01"), map[campaign.Result]int{campaign.Complete: 5, "never": 1, campaign.Busy: 3}
	var fields []string
	for _, f := range c.Check() {
		fields = append(fields, f.Field)
	}
	if want := []string{"name", "to", "lang", "zone", "hours", "most", "ring", "per_second", "rest_days", "pauses.complete", "pauses.never"}; !slices.Equal(fields, want) {
		t.Errorf("faults in %v, want %v", fields, want)
	}
	h := running(t, 1)
	var invalid *campaign.InvalidError
	if _, err := h.Change(t.Context(), c); !errors.As(err, &invalid) {
		t.Errorf("stored: %v", err)
	}
	better := spring()
	better.Name, better.Pauses = "Better", map[campaign.Result]int{campaign.Busy: 3}
	better.RestDays = 90
	if got, err := h.Change(t.Context(), better); err != nil || got.Name != "Better" || got.RestDays != 90 || got.Pause(campaign.Busy) != 3*time.Minute || got.Pause(campaign.NoAnswer) != time.Hour {
		t.Errorf("changed to %+v, %v", got, err)
	}
	better.Survey = "other"
	var refused *campaign.Refusal
	if _, err := h.Change(t.Context(), better); !errors.As(err, &refused) {
		t.Errorf("another survey for the same contacts: %v", err)
	}
}
