package web

import (
	"strings"
	"testing"
)

func TestAHeldRecordingIsNotErased(t *testing.T) {
	f := office(t)
	f.recordCall("c1.2", "c1", "u1", []byte("fLaC"))
	f.user("u9", "sam", RoleSupervisor, ScopeAll, "")
	ada, sam := f.as("u5"), f.as("u9")
	sam.want(422, "invalid", "POST", "/api/v1/legal-holds", `{"reason": "dispute 12", "query": {}}`)
	sam.want(422, "invalid", "POST", "/api/v1/legal-holds", `{"reason": " ", "query": {"queue": "order"}}`)
	sam.want(201, "", "POST", "/api/v1/legal-holds", `{"reason": "dispute 12", "query": {"queue": "order", "from": "2020-01-01T00:00:00Z"}}`)
	holds := get[list[LegalHold]](sam, "/api/v1/legal-holds").Items
	if len(holds) != 1 || holds[0].Recordings != 1 || holds[0].OwnerName != "Name of sam" || holds[0].Query.Queue != "order" || holds[0].Query.To != nil || holds[0].ReleasedAt != nil {
		t.Fatalf("holds %+v", holds)
	}
	got := ada.want(409, "held", "POST", "/api/v1/recordings/c1.2/erasure", `{"why": "request"}`)
	if !strings.Contains(string(got.body), "Name of sam: dispute 12") {
		t.Errorf("does not say who holds it, and why: %s", got.body)
	}
	sam.want(204, "", "POST", "/api/v1/legal-holds/1/release", `{"reason": "settled"}`)
	sam.want(404, "not_found", "POST", "/api/v1/legal-holds/1/release", `{"reason": "settled"}`)
	if open := get[list[LegalHold]](sam, "/api/v1/legal-holds").Items; len(open) != 0 {
		t.Errorf("open holds %+v", open)
	}
	if all := get[list[LegalHold]](sam, "/api/v1/legal-holds?released=true").Items; len(all) != 1 || all[0].ReleasedBy != "Name of sam" || all[0].ReleaseReason != "settled" {
		t.Errorf("all holds %+v", all)
	}

	ada.want(422, "invalid", "POST", "/api/v1/recordings/c1.2/erasure", `{"why": "0900-000-007 asked"}`)
	ada.want(404, "not_found", "POST", "/api/v1/recordings/c9.2/erasure", `{"why": "request"}`)
	ada.want(204, "", "POST", "/api/v1/recordings/c1.2/erasure", `{"why": "request"}`)
	if r := get[Recording](ada, "/api/v1/recordings/c1.2"); r.State != "erased" {
		t.Errorf("state %s", r.State)
	}
	ada.want(404, "not_found", "GET", "/api/v1/recordings/c1.2/peaks", nil)
	var told []string
	for _, e := range get[list[AccessEntry]](ada, "/api/v1/access-log").Items {
		if strings.HasPrefix(e.Object, "hold:") || strings.HasPrefix(e.Object, "recording:") {
			told = append(told, e.UserID+" "+e.Action+" "+e.Object)
		}
	}
	if got := strings.Join(told, "; "); got != "u5 erased_recording recording:c1.2; u9 release_hold hold:1; u5 erase_refused recording:c1.2; u9 place_hold hold:1" {
		t.Errorf("the access log has %s", got)
	}
}

func TestRetentionRules(t *testing.T) {
	f := office(t)
	ada := f.as("u5")
	if r := get[Retention](ada, "/api/v1/retention"); r.KeepDays != 365 || len(r.Rules) != 0 {
		t.Errorf("retention %+v", r)
	}
	ada.want(200, "", "PUT", "/api/v1/retention", `{"queue": "order", "outcome": "sold", "days": 1825}`)
	ada.want(200, "", "PUT", "/api/v1/retention", `{"queue": "order", "outcome": "", "days": 90}`)
	ada.want(200, "", "PUT", "/api/v1/retention", `{"queue": "order", "outcome": "sold", "days": 3650}`)
	if r := get[Retention](ada, "/api/v1/retention"); len(r.Rules) != 2 || r.Rules[1].Days != 3650 {
		t.Errorf("retention %+v", r)
	}
	ada.want(200, "", "PUT", "/api/v1/retention", `{"queue": "order", "outcome": "", "days": 0}`)
	ada.want(404, "not_found", "PUT", "/api/v1/retention", `{"queue": "order", "outcome": "", "days": 0}`)
	ada.want(422, "invalid", "PUT", "/api/v1/retention", `{"queue": "order", "outcome": "", "days": -1}`)
}
