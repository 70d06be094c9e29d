package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/qa"
	"hotline/qa/rule"
)

// judged stores a transcript of an agent's leg with one violation in it.
func (f *fixture) judged(leg id.LegID, agent id.AgentID) {
	f.t.Helper()
	ctx := f.t.Context()
	src := qa.Source{Leg: leg, Call: leg.Call(), Agent: agent, Started: time.Unix(1_790_000_000, 0)}
	live, err := f.Quality.LiveBook(ctx)
	if err != nil {
		f.t.Fatal(err)
	}
	attempt, err := f.Quality.Begin(ctx, src)
	if err != nil {
		f.t.Fatal(err)
	}
	u := rule.Utterance{Role: rule.Agent, Span: rule.Span{Start: 1000, End: 2800}}
	for i, r := range []rune("您應該看說明書") {
		u.Units = append(u.Units, rule.Unit{Text: string(r), Span: rule.Span{Start: 1000 + 200*i, End: 1200 + 200*i}})
	}
	t := rule.Transcript{
		Length: 10_000, Utterances: []rule.Utterance{u, {Role: rule.Caller, Span: rule.Span{Start: 4000, End: 5000}, Unclear: "language"}},
		Apart: []rule.Apart{{Span: rule.Span{Start: 6000, End: 9000}, Why: "hold"}},
	}
	err = f.Quality.Save(ctx, qa.Result{Source: src, Attempt: attempt, Model: "m@1", Transcript: t, Book: live.Version, Findings: live.Book.Judge(&t)},
		func(context.Context, pgx.Tx) error { return nil })
	if err != nil {
		f.t.Fatal(err)
	}
}

func TestATranscriptIsReadByWhomItConcerns(t *testing.T) {
	f := office(t)
	f.recordCall("c1.2", "c1", "u1", []byte("fLaC"))
	f.recordCall("c2.2", "c2", "u2", []byte("fLaC"))
	amy, quinn := f.as("u1"), f.as("u4")
	const path = "/api/v1/recordings/c1.2/transcript"
	if got := get[Transcript](amy, path); got.State != "none" || got.Findings == nil || got.Utterances == nil {
		t.Errorf("before anything is owed: %+v", got)
	}
	if _, err := f.Quality.Begin(t.Context(), qa.Source{Leg: "c1.2", Call: "c1", Agent: "u1"}); err != nil {
		t.Fatal(err)
	}
	if err := f.Quality.Set(t.Context(), "c1.2", qa.StateWaiting, "there is no model"); err != nil {
		t.Fatal(err)
	}
	if got := get[Transcript](amy, path); got.State != "waiting" || got.Reason != "there is no model" {
		t.Errorf("without a model: %+v", got)
	}
	if b := get[Backlog](quinn, "/api/v1/quality/backlog"); b.Waiting != 1 || b.Reason != "there is no model" {
		t.Errorf("backlog: %+v", b)
	}
	f.judged("c1.2", "u1")
	f.judged("c2.2", "u2")
	for _, who := range []*browser{amy, quinn} {
		got := get[Transcript](who, path)
		if got.State != "done" || len(got.Utterances) != 2 || got.Utterances[0].Words[2].Text != "該" || got.Utterances[0].Words[2].StartMS != 1400 ||
			got.Utterances[1].Unclear != "language" || len(got.Apart) != 1 || got.Book != 1 {
			t.Errorf("%+v", got)
		}
		var said []string
		for _, x := range got.Findings {
			if x.StartMS != nil {
				said = append(said, x.Phrase)
				if *x.StartMS != 1000 || x.Match != "exact" || !strings.Contains(x.Say, "說明書") {
					t.Errorf("%+v", x)
				}
			}
		}
		if strings.Join(said, " ") != "您應該" {
			t.Errorf("said: %q", said)
		}
	}
	amy.want(http.StatusNotFound, "not_found", "GET", "/api/v1/recordings/c2.2/transcript", nil)
	if n := count(f, `select count(*) from access_log where action = 'read_transcript' and object = 'transcript:c1.2'`); n != 2 {
		t.Errorf("%d looks in the access log, want 2: those at a page without words count for nothing", n)
	}
}

func TestATelephoneNumberThatWasSaidIsMasked(t *testing.T) {
	for text, want := range map[string]string{
		"我的電話是0912345678，謝謝":      "我的電話是*******678，謝謝",
		"打0912-345 678找我":         "打****-*** 678找我",
		"訂單1234567":               "訂單1234567",
		"12345678、1234、987654321": "*****678、1234、******321",
	} {
		if got := maskSpoken(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
		var words []Word
		for _, r := range text {
			words = append(words, Word{Text: string(r)})
		}
		maskWords(words)
		var got strings.Builder
		for _, w := range words {
			got.WriteString(w.Text)
		}
		if got.String() != want {
			t.Errorf("word by word %q becomes %q, want %q", text, got.String(), want)
		}
	}
}

func TestSearchReachesAsFarAsTheScope(t *testing.T) {
	f := office(t)
	f.judged("c1.2", "u1")
	f.judged("c2.2", "u2")
	const path = "/api/v1/quality/search?q="
	text := url.QueryEscape("您應該 說明書")
	for who, want := range map[string]string{"u1": "c1.2", "u2": "c2.2", "u3": "c1.2", "u4": "c2.2 c1.2", "u6": "c1.2"} {
		got := get[list[SaidLine]](f.as(who), path+text)
		if legs := ids(got, func(l SaidLine) string { return l.Leg }); legs != want {
			t.Errorf("%s finds %q, want %q", who, legs, want)
		}
	}
	quinn := f.as("u4")
	first := get[list[SaidLine]](quinn, path+text+"&limit=1")
	if l := first.Items[0]; l.Role != "agent" || l.StartMS != 1000 || l.AgentName == "" || l.Text != "您應該看說明書" || first.Next == "" {
		t.Errorf("%+v, %q", l, first.Next)
	}
	if second := get[list[SaidLine]](quinn, path+text+"&limit=1&after="+url.QueryEscape(first.Next)); len(second.Items) != 1 || second.Items[0].Leg != "c1.2" || second.Next != "" {
		t.Errorf("%+v", second)
	}
	if none := get[list[SaidLine]](quinn, path+text+"&role=caller"); len(none.Items) != 0 {
		t.Errorf("%+v", none)
	}
	if none := get[list[SaidLine]](f.as("u1"), path+text+"&agent=u2"); len(none.Items) != 0 {
		t.Errorf("amy finds what another said: %+v", none)
	}
	for _, bad := range []string{url.QueryEscape("您"), "%20", text + "&after=x", text + "&role=boss"} {
		quinn.want(http.StatusUnprocessableEntity, "invalid", "GET", path+bad, nil)
	}
	if n := count(f, `select count(*) from access_log where action = 'search_transcripts' and user_id = 'u4' and detail->>'q' = '您應該 說明書'`); n != 3 {
		t.Errorf("%d searches of quinn in the access log, want 3", n)
	}
}
