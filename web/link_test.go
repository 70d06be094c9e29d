package web

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/ivr/flowfile"
	"hotline/ivr/flowstore"
	"hotline/ivr/survey"
	"hotline/surveylink"
)

const linkYAML = `kind: survey
version: 1
id: web-survey
languages: [zh-TW, en]
intro: {zh-TW: 耽誤您一分鐘。, en: It takes a minute.}
thanks: {zh-TW: 謝謝您。, en: Thank you.}
questions:
  - id: solved
    kind: yesno
    text: {zh-TW: 已解決請按一。, en: Press one if it is solved.}
    web: {zh-TW: 問題解決了嗎？, en: 'Is it solved?'}
    then: {1: satisfaction}
  - id: reason
    kind: choice
    text: {zh-TW: 商品請按一，其他請按三。, en: 'Goods one, other three.'}
    options:
      1: {zh-TW: 商品 <b>, en: Goods}
      3: {zh-TW: 其他, en: Other}
  - id: satisfaction
    kind: csat5
    text: {zh-TW: 滿意嗎, en: Satisfied}
  - id: recommendation
    kind: nps11
    text: {zh-TW: 推薦嗎, en: Recommend}
    fail: end
`

// linked is a site with a survey and a link to it.
func linked(t *testing.T) (f *fixture, token string) {
	f = newFixture(t)
	file, faults := flowfile.Parse([]byte(linkYAML))
	if file.Survey == nil || len(faults) > 0 {
		t.Fatal(faults)
	}
	set := &flowfile.Set{Surveys: map[string]*survey.Survey{"web-survey": file.Survey}, Texts: [][]byte{[]byte(linkYAML)}}
	if _, err := flowstore.NewStore(f.DB).Seed(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	f.exec(`insert into survey_definitions (survey, version, question, position, kind) values ('web-survey', $1, 'satisfaction', 2, 'csat5')`, file.Survey.Version)
	return f, f.link("c1", file.Survey.Version)
}

func (f *fixture) link(call, version string) (token string) {
	f.t.Helper()
	err := pgx.BeginFunc(f.t.Context(), f.DB, func(tx pgx.Tx) (err error) {
		token, err = surveylink.Make(f.t.Context(), tx, surveylink.New{
			Call: id.CallID(call), Survey: "web-survey", Version: version, Lang: survey.Mandarin, Expires: f.now().Add(24 * time.Hour),
		}, f.now())
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return token
}

// reader is somebody with a phone.
type reader struct {
	*browser
	lang string
}

func (r *reader) ask(method, path, form string) result {
	r.f.t.Helper()
	req, err := http.NewRequestWithContext(r.f.t.Context(), method, r.f.url+path, strings.NewReader(form))
	if err != nil {
		r.f.t.Fatal(err)
	}
	req.Header.Set("Accept-Language", r.lang)
	if form != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := r.Do(req)
	if err != nil {
		r.f.t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.f.t.Fatal(err)
	}
	return result{resp, body}
}

// sees wants a status and words on the page.
func (r *reader) sees(got result, status int, words ...string) {
	r.f.t.Helper()
	if got.StatusCode != status {
		r.f.t.Errorf("status %d, want %d", got.StatusCode, status)
	}
	for _, w := range words {
		if not, no := strings.CutPrefix(w, "!"); no == strings.Contains(string(got.body), not) {
			r.f.t.Errorf("%q: %s", w, got.body)
		}
	}
}

func (r *reader) answer(token, question, value string) result {
	return r.ask("POST", "/s/"+token+"?l=zh-TW", url.Values{"q": {question}, "v": {value}}.Encode())
}

func TestASurveyIsAnsweredOnAPage(t *testing.T) {
	f, token := linked(t)
	r := &reader{f.browser(), "zh-TW,zh;q=0.9,en;q=0.8"}
	page := r.ask("GET", "/s/"+token, "")
	r.sees(page, 200, "問題解決了嗎？", "耽誤您一分鐘", "第 1 題，最多 4 題", `<html lang="zh-Hant-TW">`, ">English</a>", "略過", "!上一題", "!script")
	if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || page.Header.Get("Referrer-Policy") != "no-referrer" || page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", page.Header)
	}
	r.sees((&reader{f.browser(), "en-US,en;q=0.5"}).ask("GET", "/s/"+token, ""), 200, "Is it solved?", `<html lang="en">`, ">中文</a>", ">Yes</button>")
	r.sees((&reader{f.browser(), "fr"}).ask("GET", "/s/"+token, ""), 200, "問題解決了嗎？")
	r.sees(r.ask("GET", "/s/"+token+"?l=en", ""), 200, "Is it solved?")

	r.sees(r.answer(token, "solved", "2"), 200, "商品請按一", "上一題", "商品 &lt;b&gt;", "第 2 題，最多 4 題", "!耽誤您一分鐘")
	r.sees(r.answer(token, "reason", "7"), 200, "商品請按一") // no such option
	r.sees(r.answer(token, "recommendation", "7"), 200, "商品請按一")
	r.sees(r.answer(token, "reason", "nonsense"), 200, "商品請按一")
	r.sees(r.answer(token, "reason", "3"), 200, "滿意嗎", "非常不滿意", "第 3 題")
	r.sees(r.ask("GET", "/s/"+token+"?q=solved", ""), 200, "問題解決了嗎？", `value="2" aria-pressed="true"`)
	r.sees(r.answer(token, "solved", "1"), 200, "滿意嗎", "第 2 題，最多 3 題")
	r.sees(r.answer(token, "satisfaction", "2"), 200, "推薦嗎", ">10</button>", "0：完全不願意", "!略過")
	r.sees(r.ask("GET", "/s/"+token+"?done=1", ""), 200, "推薦嗎") // it is not
	r.sees(r.answer(token, "recommendation", "10"), 200, "已收到您的回答", "謝謝您。")
	r.sees(r.ask("GET", "/s/"+token, ""), 200, "這份問卷已經作答完成")
	r.sees(r.answer(token, "recommendation", "0"), 200, "這份問卷已經作答完成")
	if n := count(f, `select count(*) from survey_answers where way = 'link' and (question, value) in (('solved', 1), ('satisfaction', 2), ('recommendation', 10))`); n != 3 {
		t.Errorf("%d answers", n)
	}
	if n := count(f, `select count(*) from tasks where made_by = 'survey' and call_id = 'c1'`); n != 1 {
		t.Errorf("%d tasks of a low answer", n)
	}
}

func TestLinksSayWhyTheyAreRefused(t *testing.T) {
	f, token := linked(t)
	r := &reader{f.browser(), "en"}
	r.sees(r.ask("GET", "/s/nonsense", ""), 404, "There is no such survey")
	r.sees(r.ask("POST", "/s/"+token, ""), 400, "could not be read")
	r.sees(r.ask("GET", "/s/"+f.link("c2", "gone"), ""), 503, "cannot be shown")
	f.clock.pass(25 * time.Hour)
	r.sees(r.ask("GET", "/s/"+token, ""), 410, "This survey has ended")
	if got := r.do("POST", "/s/"+token, strings.Repeat("x", linkLimit+9)); got.StatusCode != 413 && got.StatusCode != 415 {
		t.Errorf("a large form: %d", got.StatusCode)
	}
}

func TestLinksAreNotGuessed(t *testing.T) {
	f, token := linked(t)
	r := &reader{f.browser(), "en"}
	for range guessBurst {
		r.sees(r.ask("GET", "/s/AAAAAAAAAAAAAAAAAAAAAA", ""), 404)
	}
	refused := r.ask("GET", "/s/"+token, "")
	r.sees(refused, 429, "try again in a minute")
	if refused.Header.Get("Retry-After") == "" {
		t.Error("for how long?")
	}
	f.clock.pass(guessEvery + time.Second)
	r.sees(r.ask("GET", "/s/"+token, ""), 200)
	for range tokenBurst {
		r.ask("GET", "/s/"+token, "")
	}
	r.sees(r.ask("GET", "/s/"+token, ""), 429)
}

// Answers to links are among the newest answers, those of campaigns too, which have no call to open.
func TestAnswersToLinksAreListed(t *testing.T) {
	f, after := linked(t)
	f.user("u1", "amy", RoleAgent, ScopeOwn, "blue")
	f.user("u3", "sue", RoleSupervisor, ScopeTeam, "blue")
	f.user("u4", "quinn", RoleQA, ScopeAll, "")
	f.exec(`insert into calls (id, line, flow, path, agent_id, arrived_at, ended_at) values ('c1', '1', 'main', '{}', 'u1', $1, $1)`, f.now().Add(-time.Hour))
	f.exec(`insert into survey_campaigns (id, name, survey, way, from_day, to_day) values ('spring', '春季訪問', 'web-survey', 'link', '2026-01-01', '2026-12-31')`)
	var version, campaign string
	if err := f.DB.QueryRow(t.Context(), `select version from survey_links`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	err := pgx.BeginFunc(t.Context(), f.DB, func(tx pgx.Tx) (err error) {
		campaign, err = surveylink.Make(t.Context(), tx, surveylink.New{
			Call: "link:spring:1", Survey: "web-survey", Version: version, Campaign: "spring", Lang: survey.Mandarin, Expires: f.now().Add(time.Hour),
		}, f.now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{f.browser(), "zh-TW"}
	for i, token := range []string{after, campaign} {
		f.clock.pass(time.Second)
		r.sees(r.answer(token, "solved", "1"), 200)
		r.sees(r.answer(token, "satisfaction", strconv.Itoa(2+3*i)), 200)
	}
	list4 := func(user, query string) list[SurveyResponse] {
		t.Helper()
		return get[list[SurveyResponse]](f.as(user), "/api/v1/surveys/answers?survey=web-survey&"+query)
	}
	all := list4("u4", "").Items
	if len(all) != 2 {
		t.Fatalf("%+v", all)
	}
	if a := all[0]; a.CallID != "" || a.Campaign != "spring" || a.CampaignName != "春季訪問" || a.Occasion != "" || a.Way != "link" || *a.Satisfaction != 5 || a.ID == "" {
		t.Errorf("of the campaign: %+v", a)
	}
	if a := all[1]; a.CallID != "c1" || a.Campaign != "" || a.Occasion != "link" || a.Way != "link" || *a.Satisfaction != 2 || a.AgentID != "u1" {
		t.Errorf("after a call: %+v", a)
	}
	for _, one := range []struct{ user, query, want string }{
		{"u4", "max_satisfaction=2", "c1"}, {"u4", "campaign=spring", ""}, {"u4", "way=phone", "none"}, {"u4", "agent=u1", "c1"}, {"u3", "", "c1"}, {"u1", "", "c1"},
	} {
		got := list4(one.user, one.query)
		if calls := ids(got, func(r SurveyResponse) string { return r.CallID }); calls != one.want && (one.want != "none" || len(got.Items) > 0) || one.want == "" && len(got.Items) != 1 {
			t.Errorf("%s %s: %+v, want %q", one.user, one.query, got.Items, one.want)
		}
	}
	first := list4("u4", "limit=1")
	if rest := list4("u4", "limit=1&after="+url.QueryEscape(first.Next)); len(first.Items) != 1 || len(rest.Items) != 1 || rest.Items[0].CallID != "c1" {
		t.Errorf("pages %+v %+v", first, rest)
	}
}
