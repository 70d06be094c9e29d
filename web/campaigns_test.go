package web

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"hotline/campaign"
)

// campaignBody is a campaign as the app sends it, with changes.
func campaignBody(change map[string]any) string {
	body := map[string]any{
		"name": "年度滿意度", "survey": "after-call", "way": "outbound", "audience": "今年的客戶", "list_rule": "有訂單", "from": "2026-01-01", "to": "2027-12-31",
		"lang": "zh-TW", "calendar": "", "hours": []string{"09:00-21:00"}, "most": 3, "ring": 25, "at_once": 5, "per_second": 1, "detect": true, "rest_days": 30,
		"pauses": map[string]int{"busy": 10, "no_answer": 60, "machine": 120, "failed": 10},
	}
	for k, v := range change {
		body[k] = v
	}
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func listBody(file string, more string) string {
	return fmt.Sprintf(`{"data": %q%s}`, base64.StdEncoding.EncodeToString([]byte(file)), more)
}

func readBody[T any](t *testing.T, r result) (out T) {
	t.Helper()
	if err := json.Unmarshal(r.body, &out); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
	return out
}

func TestACampaignIsMadeFilledAndStarted(t *testing.T) {
	f := office(t)
	f.Outbound = Outbound{
		On: true, Allowed: func(e164 string) bool { return strings.HasPrefix(e164, "+8869") }, Surveys: func() []string { return []string{"after-call"} },
	}
	ada := f.as("u5")
	f.as("u3").want(403, "forbidden", "GET", "/api/v1/campaigns", nil) // of a team
	ada.want(422, "invalid", "POST", "/api/v1/campaigns", campaignBody(map[string]any{"survey": "none"}))
	ada.want(422, "invalid", "POST", "/api/v1/campaigns", campaignBody(map[string]any{"to": "2025-01-01"}))
	ada.want(422, "invalid", "POST", "/api/v1/campaigns", campaignBody(map[string]any{"rest_days": 3651}))
	made := readBody[CampaignTable](t, ada.want(200, "", "POST", "/api/v1/campaigns", campaignBody(nil)))
	if made.ID != "after-call-20260101" || made.State != campaign.Draft || made.Counts[campaign.Waiting] != 0 || made.Hours[0].String() != "09:00-21:00" {
		t.Errorf("made %+v", made)
	}
	path := "/api/v1/campaigns/" + made.ID
	ada.want(409, "campaign_empty", "POST", path+"/start", nil)

	file := "電話,姓名\n0912345678,王大明\n0912-345-678,again\n0223456789,far\nx,nobody\n0912345679,李小華\n"
	p := readBody[ListPreview](t, ada.want(200, "", "POST", path+"/import/preview", listBody(file, "")))
	if p.Rows != 5 || p.Good != 2 || p.Faulty != 3 || p.Faults[0] != (ListFault{3, campaign.WhyTwice, 2}) || p.Faults[1].Why != campaign.WhyPrefix || p.Faults[2].Row != 5 {
		t.Errorf("preview %+v", p)
	}
	if e := p.Example[0]; e.Phone != "0912-***-678" || e.Name != "王○明" {
		t.Errorf("not masked: %+v", e)
	}
	ada.want(409, "list_changed", "POST", path+"/import", listBody(file, `, "faulty": 1`))
	ada.want(422, "invalid", "POST", path+"/import", listBody("", `, "faulty": 0`))
	if done := readBody[ListImported](t, ada.want(200, "", "POST", path+"/import", listBody(file, `, "faulty": 3`))); done.Added != 2 || done.Faulty != 3 {
		t.Errorf("imported %+v", done)
	}
	if c := readBody[CampaignTable](t, ada.want(200, "", "POST", path+"/start", nil)); c.State != campaign.Running || c.Contacts != 2 || c.StartedAt == nil {
		t.Errorf("started: %+v", c)
	}
	changed := readBody[CampaignTable](t, ada.want(200, "", "PUT", path, campaignBody(map[string]any{"name": "better", "at_once": 9, "rest_days": 0})))
	if changed.Name != "better" || changed.AtOnce != 9 || made.RestDays != 30 || changed.RestDays != 0 || changed.State != campaign.Running {
		t.Errorf("changed: %+v", changed)
	}
	ada.want(409, "campaign_has_contacts", "PUT", path, campaignBody(map[string]any{"way": "link"}))
	ada.want(409, "campaign_begun", "DELETE", path, nil)
	ada.want(200, "", "POST", path+"/pause", nil)

	f.Outbound.On = false
	ada.want(409, "calls_off", "POST", path+"/start", nil)
	if c := readBody[CampaignTable](t, ada.want(200, "", "POST", path+"/stop", nil)); c.State != campaign.Finished || c.Counts[campaign.Expired] != 2 {
		t.Errorf("stopped: %+v", c)
	}
	if n := count(f, `select count(*) from access_log where action = 'change' and object = 'campaign:after-call-20260101'`); n != 6 {
		t.Errorf("%d changes logged", n)
	}
	if n := count(f, `select count(*) from access_log where detail::text like '%12345678%'`); n != 0 {
		t.Error("the log has a number")
	}
}

func TestContactsAreMaskedAndRevealed(t *testing.T) {
	f := office(t)
	f.Outbound.On = true
	ada := f.as("u5")
	made := readBody[CampaignTable](t, ada.want(200, "", "POST", "/api/v1/campaigns", campaignBody(nil)))
	path := "/api/v1/campaigns/" + made.ID
	ada.want(200, "", "POST", path+"/import", listBody("phone,name\n0912345671,王大明\n0912345672,李\n0912345673,\n", `, "faulty": 0`))
	ada.want(200, "", "POST", path+"/start", nil)
	calls, err := f.campaigns.Claim(t.Context(), made.ID, 1, time.Now())
	if err != nil || len(calls) != 1 {
		t.Fatal(calls, err)
	}
	if err := f.campaigns.Ended(t.Context(), campaign.End{Call: calls[0].Call, Result: campaign.Rejected, Cause: 21, At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	page := get[list[CampaignContact]](ada, path+"/contacts?limit=2")
	rest := get[list[CampaignContact]](ada, path+"/contacts?limit=2&after="+page.Next)
	if len(page.Items) != 2 || len(rest.Items) != 1 || rest.Next != "" || page.Items[0].Phone != "0912-***-671" {
		t.Errorf("pages %+v, %+v", page, rest)
	}
	only := get[list[CampaignContact]](ada, path+"/contacts?state=rejected")
	if len(only.Items) != 1 || only.Items[0].State != campaign.Rejected {
		t.Errorf("rejected: %+v", only)
	}
	one := fmt.Sprintf("%s/contacts/%d", path, only.Items[0].ID)
	if d := get[CampaignContactDetail](ada, one); d.Phone != "0912-***-671" || len(d.Calls) != 1 || d.Calls[0].Cause != 21 || d.Calls[0].Result != campaign.Rejected {
		t.Errorf("detail %+v", d)
	}
	if d := get[CampaignContactDetail](ada, one+"?reveal=true"); d.Phone != "+886912345671" || d.Name != "王大明" {
		t.Errorf("revealed %+v", d)
	}
	if n := count(f, `select count(*) from access_log where action = 'reveal_customer' and object like 'contact:%'`); n != 1 {
		t.Errorf("%d reveals logged", n)
	}
	ada.want(404, "not_found", "GET", path+"/contacts/999999", nil)

	// After its days nobody can be told who that was, and the table says what it said.
	ada.want(200, "", "POST", path+"/stop", nil)
	if n, err := f.campaigns.Forget(t.Context(), time.Now().Add(time.Hour), time.Now()); err != nil || n != 3 {
		t.Fatal(n, err)
	}
	if d := get[CampaignContactDetail](ada, one+"?reveal=true"); d.Phone+d.Name+d.Ref+d.Mail != "" || d.Row != 2 || d.State != campaign.Rejected || len(d.Calls) != 1 {
		t.Errorf("still known: %+v", d)
	}
	if c := get[CampaignTable](ada, path); c.ErasedAt == nil || c.Contacts != 3 || c.Reached != 1 || c.Counts[campaign.Rejected] != 1 || c.Counts[campaign.Expired] != 2 {
		t.Errorf("table of a list that is erased: %+v", c)
	}
	ada.want(404, "not_found", "GET", "/api/v1/campaigns/none/contacts", nil)
}

func TestNumbersThatAreNotToBeCalled(t *testing.T) {
	f := office(t)
	ada := f.as("u5")
	p := readBody[ListPreview](t, ada.want(200, "", "POST", "/api/v1/do-not-call", `{"numbers": "0912-345-678\n\nnobody\n0912345679", "why": "來信要求"}`))
	if p.Rows != 3 || p.Good != 0 || p.Faulty != 1 || p.Faults[0].Row != 3 {
		t.Errorf("with a fault: %+v", p)
	}
	if n := count(f, `select count(*) from do_not_call`); n != 0 {
		t.Errorf("%d were written before anybody accepted the fault", n)
	}
	p = readBody[ListPreview](t, ada.want(200, "", "POST", "/api/v1/do-not-call", `{"numbers": "0912-345-678\n\nnobody\n0912345679", "why": "來信要求", "faulty": 1}`))
	if p.Good != 2 {
		t.Errorf("accepted: %+v", p)
	}
	ada.want(200, "", "POST", "/api/v1/do-not-call", listBody("電話\n0912345670\n", `, "why": "名單"`))
	ada.want(422, "invalid", "POST", "/api/v1/do-not-call", `{"why": "nothing"}`)
	all := get[list[BlockedNumber]](ada, "/api/v1/do-not-call")
	if len(all.Items) != 3 || all.Items[0].Phone != "0912-***-670" || all.Items[0].ByName != "Name of ada" {
		t.Errorf("listed: %+v", all)
	}
	found := get[list[BlockedNumber]](ada, "/api/v1/do-not-call?number=0912345679")
	if len(found.Items) != 1 || found.Items[0].Why != "來信要求" {
		t.Errorf("found: %+v", found)
	}
	ada.want(422, "invalid", "GET", "/api/v1/do-not-call?number=0912", nil)
	one := fmt.Sprintf("/api/v1/do-not-call/%d", found.Items[0].ID)
	ada.want(422, "invalid", "DELETE", one, nil)
	ada.want(204, "", "DELETE", one+"?why=again", nil)
	ada.want(404, "not_found", "DELETE", one+"?why=again", nil)
	if n := count(f, `select count(*) from do_not_call_events where what = 'removed' and by = 'u5'`); n != 1 {
		t.Errorf("%d removals noted", n)
	}
}
