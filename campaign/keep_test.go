package campaign_test

import (
	"maps"
	"testing"
	"time"

	"hotline/campaign"
)

// What a campaign did stays counted when nobody knows any more whom it was done to.
func TestWhoWasOnAListIsForgottenAndTheTableStays(t *testing.T) {
	const many = 5005 // more than are erased at once
	h := running(t, many)
	h.exec(`update campaign_contacts set name = '王大明', ref = 'C' || id, mail = 'c' || id || '@example.com'`)
	calls := h.claim(4, noon)
	for i, r := range []campaign.Result{campaign.Complete, campaign.Partial, campaign.Rejected} {
		h.ended(calls[i].Call, r, noon)
	}
	h.must(h.Stop(t.Context(), "spring", noon))
	known := func(want int) {
		t.Helper()
		var n int
		if err := h.pool.QueryRow(t.Context(), `select count(*) from campaign_contacts where concat(phone, mail, name, ref) <> ''`).Scan(&n); err != nil || n != want {
			t.Errorf("%d contacts are known, %v; want %d", n, err, want)
		}
	}
	forget := func(before time.Time, want int) {
		t.Helper()
		if n, err := h.Forget(t.Context(), before, noon.Add(30*day)); err != nil || n != want {
			t.Errorf("%d forgotten, %v; want %d", n, err, want)
		}
	}
	before := h.table()
	forget(noon, 0) // it ended then, not before
	known(many)
	forget(noon.Add(time.Second), many-1) // one call goes on
	known(1)
	if h.table().Erased != nil {
		t.Error("it is said to be erased while a number is known")
	}
	h.ended(calls[3].Call, campaign.Silent, noon.Add(time.Minute))
	forget(noon.Add(time.Second), 1)
	known(0)
	forget(noon.Add(time.Second), 0)

	after := h.table()
	if after.Erased == nil || !after.Erased.Equal(noon.Add(30*day)) {
		t.Errorf("erased at %v", after.Erased)
	}
	before.Counts[campaign.Silent], before.Counts[campaign.Dialling] = 1, 0
	delete(before.Counts, campaign.Dialling)
	if !maps.Equal(after.Counts, before.Counts) || after.Contacts != many || after.Reached != 4 || after.Answered != 2 {
		t.Errorf("table before %+v, after %+v", before, after)
	}
	k, attempts, err := h.Contact(t.Context(), "spring", calls[0].ID)
	if err != nil || k.State != campaign.Complete || len(attempts) != 1 || k.Row == 0 {
		t.Errorf("contact %+v, attempts %v, %v", k, attempts, err)
	}
}

func TestARunningCampaignKeepsItsList(t *testing.T) {
	h := running(t, 2)
	h.ended(h.claim(1, noon)[0].Call, campaign.Complete, noon)
	if n, err := h.Forget(t.Context(), noon.Add(1000*day), noon); err != nil || n != 0 {
		t.Errorf("%d forgotten, %v", n, err)
	}
}

func TestForHowLongListsAreKept(t *testing.T) {
	if got := (campaign.Config{}).Days(); got != 365 {
		t.Errorf("%d days where nothing is set", got)
	}
	if got := (campaign.Config{KeepDays: 30}).Days(); got != 30 {
		t.Errorf("%d days, want 30", got)
	}
	for days, faults := range map[int]int{0: 0, 1: 0, 36500: 0, -1: 1, 36501: 1} {
		if got := (campaign.Config{KeepDays: days}).Check(); len(got) != faults {
			t.Errorf("%d days: %v", days, got)
		}
	}
}
