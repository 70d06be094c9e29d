package web

import (
	"testing"

	"hotline/internal/site"
)

func TestWhichAnswersMakeTasksIsSet(t *testing.T) {
	f := office(t)
	f.exec(`insert into survey_definitions (survey, version, question, position, kind, zh, en) values
		('after-call', 'v1', 'satisfaction', 0, 'csat5', '滿意嗎', 'Satisfied?'), ('after-call', 'v1', 'recommendation', 1, 'nps11', '推薦嗎', 'Recommend?')`)
	ada := f.as("u5")
	rules := func() []site.FollowUp { return get[list[site.FollowUp]](f.as("u1"), "/api/v1/follow-ups").Items }
	if r := rules(); len(r) != 2 || r[0].AtMost != 2 || !r[0].Active || r[1].AtMost != 6 || r[1].Active || r[1].En != "Recommend?" {
		t.Errorf("%+v", r)
	}
	ada.want(204, "", "PUT", "/api/v1/follow-ups/after-call/recommendation", `{"at_most": 3, "active": true}`)
	ada.want(422, "invalid", "PUT", "/api/v1/follow-ups/after-call/satisfaction", `{"at_most": 5, "active": true}`)
	ada.want(404, "not_found", "PUT", "/api/v1/follow-ups/after-call/nothing", `{"at_most": 2, "active": true}`)
	f.as("u3").want(403, "forbidden", "PUT", "/api/v1/follow-ups/after-call/satisfaction", `{"at_most": 1, "active": true}`)
	if r := rules(); r[1].AtMost != 3 || !r[1].Active || !r[0].Active {
		t.Errorf("%+v", r)
	}
	r := get[SurveyReport](ada, "/api/v1/surveys")
	if len(r.Questions) != 2 || r.Questions[0].Zh != "滿意嗎" || r.Total.Questions[0].Count != 2 || r.Total.Questions[0].Average != 3.5 {
		t.Errorf("%+v", r)
	}
}
