package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // the page's template
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/ivr/flowfile"
	"hotline/ivr/flowstore"
	"hotline/ivr/survey"
	"hotline/surveylink"
)

// The page that a link in a message leads to: one question at a time, plain HTML that works without scripts, on any phone, for
// people who never sign in.

//go:embed link.html
var linkHTML string

// linkStyle is in the page itself, so that it is whole with its first answer.
//
//go:embed link.css
var linkStyle string

var linkPage = template.Must(template.New("link").Parse(linkHTML))

// linkPolicy allows the page its own style and its form, and nothing else.
var linkPolicy = func() string {
	sum := sha256.Sum256([]byte(linkStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}()

// linkPath is where links lead: short, since it stands in an SMS.
const linkPath = "/s/"

// Limits of the page: whole offices share an address, and a token that nobody knows is a guess.
const (
	linkBurst, linkEvery   = 120, 500 * time.Millisecond // of an address
	tokenBurst, tokenEvery = 60, time.Second             // of a link
	guessBurst, guessEvery = 20, 30 * time.Second        // unknown tokens of an address
)

// linkLimit is the largest form, in bytes.
const linkLimit = 4 << 10

// linkSurveys is how many versions of surveys are held in memory, as they were read.
const linkSurveys = 64

func (s *Server) registerLinks(mux *http.ServeMux) {
	mux.HandleFunc("GET "+linkPath+"{token}", s.showLink)
	mux.HandleFunc("POST "+linkPath+"{token}", s.answerLink)
}

// linkView is what the template shows: a question, or a notice.
type linkView struct {
	Lang, Other, OtherName, Firm string
	Style                        template.CSS
	Token                        string
	Notice, Hint                 string
	Intro, Question              string
	ID                           string
	Kind                         survey.Kind
	Choices                      []linkChoice
	Low, High                    string // ends of the scale
	Place, Back, BackText, Skip  string
	Switch                       string // address of the same in the other language
}

type linkChoice struct {
	Value string
	Label string
	Given bool // as the reader answered before
}

// showLink shows the question that is next, or one that was answered and is to be changed.
func (s *Server) showLink(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	l, err := s.openLink(r, token)
	if err == nil && r.URL.Query().Has("done") {
		// The last answer leads here only when it ended the survey: this one did not.
		http.Redirect(w, r, linkPath+url.PathEscape(token), http.StatusSeeOther)
		return
	}
	if errors.Is(err, surveylink.ErrAnswered) && r.URL.Query().Has("done") {
		s.linkThanks(w, r, l)
		return
	}
	if err != nil {
		s.linkRefused(w, r, l, err)
		return
	}
	def, err := s.linkSurvey(r.Context(), l)
	if err != nil {
		s.linkRefused(w, r, l, err)
		return
	}
	asked, next := def.Path(l.Answers, l.Skipped)
	at := slices.IndexFunc(asked, func(i int) bool { return def.Questions[i].ID == r.URL.Query().Get("q") })
	q := next
	if at >= 0 {
		q = asked[at]
	} else {
		at = len(asked)
	}
	if q < 0 { // a version whose end was changed by hand
		s.linkRefused(w, r, l, surveylink.ErrAnswered)
		return
	}
	s.showQuestion(w, r, def, l, asked, at, q)
}

func (s *Server) showQuestion(w http.ResponseWriter, r *http.Request, def *survey.Survey, l surveylink.Link, asked []int, at, index int) {
	q, lang := def.Questions[index], linkLang(r, def.Langs, l.Lang)
	words, v := linkWords[lang], s.linkView(r, lang, def.Langs)
	v.ID, v.Kind, v.Question = q.ID, q.Kind, phrase(q.Read(), lang, def)
	if at == 0 {
		v.Intro = phrase(def.Intro, lang, def)
	}
	most := at + 1 + len(def.Questions) - index - 1
	v.Place = fmt.Sprintf(words.place, at+1, most)
	if at > 0 {
		v.Back, v.BackText = linkPath+url.PathEscape(v.Token)+"?"+url.Values{"q": {def.Questions[asked[at-1]].ID}, "l": {string(lang)}}.Encode(), words.back
	}
	if q.Fail == survey.Skip {
		v.Skip = words.skip
	}
	given, answered := l.Answers[q.ID]
	for _, c := range linkChoices(q, lang, def) {
		c.Given = answered && c.Value == strconv.Itoa(given)
		v.Choices = append(v.Choices, c)
	}
	if q.Kind == survey.NPS11 {
		v.Low, v.High = words.low, words.high
	}
	s.writeLink(w, http.StatusOK, v)
}

// linkChoices are what can be answered, the best first where there is one.
func linkChoices(q survey.Question, lang survey.Lang, def *survey.Survey) (all []linkChoice) {
	words := linkWords[lang]
	low, high := q.Kind.Range()
	switch q.Kind {
	case survey.CSAT5:
		for v := high; v >= low; v-- {
			all = append(all, linkChoice{Value: strconv.Itoa(v), Label: words.csat[v-low]})
		}
	case survey.NPS11:
		for v := low; v <= high; v++ {
			all = append(all, linkChoice{Value: strconv.Itoa(v), Label: strconv.Itoa(v)})
		}
	case survey.YesNo:
		all = []linkChoice{{Value: "1", Label: words.yes}, {Value: "2", Label: words.no}}
	case survey.Choice:
		for _, o := range q.Options {
			all = append(all, linkChoice{Value: strconv.Itoa(o.Value), Label: phrase(o.Label, lang, def)})
		}
	case survey.Comment: // is not asked here
	}
	return all
}

// answerLink stores the answer of a form, and leads on.
func (s *Server) answerLink(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		s.linkRefused(w, r, surveylink.Link{}, surveylink.ErrMoved)
		return
	}
	l, err := s.openLink(r, token)
	var def *survey.Survey
	if err == nil {
		def, err = s.linkSurvey(r.Context(), l)
	}
	if err != nil {
		s.linkRefused(w, r, l, err)
		return
	}
	g := surveylink.Given{Token: token, Question: r.PostForm.Get("q"), Skip: r.PostForm.Get("v") == "skip"}
	if g.Value, err = strconv.Atoi(r.PostForm.Get("v")); err != nil && !g.Skip {
		g.Question = "" // no question: the one to be answered is shown again
	}
	over, err := s.links.Answer(r.Context(), def, g, s.Outbox, s.now())
	if err != nil && !errors.Is(err, surveylink.ErrMoved) {
		s.linkRefused(w, r, l, err)
		return
	}
	next := url.Values{"l": {string(linkLang(r, def.Langs, l.Lang))}}
	if over {
		next.Set("done", "1")
	}
	http.Redirect(w, r, linkPath+url.PathEscape(token)+"?"+next.Encode(), http.StatusSeeOther)
}

// errTooOften refuses who asks too often.
var errTooOften = errors.New("too many requests")

// openLink finds the link, unless its address or its token were here too often.
func (s *Server) openLink(r *http.Request, token string) (surveylink.Link, error) {
	address := s.address(r)
	if s.linkVisits.take(address) > 0 || s.linkTokens.take(token) > 0 || s.linkGuesses.spent(address) {
		return surveylink.Link{}, errTooOften
	}
	ctx, cancel := context.WithTimeout(r.Context(), requestTime)
	defer cancel()
	l, err := s.links.Open(ctx, token, s.now())
	if errors.Is(err, surveylink.ErrUnknown) {
		s.linkGuesses.take(address)
	}
	return l, err
}

// linkSurvey is the version of the survey that the link was made for.
func (s *Server) linkSurvey(ctx context.Context, l surveylink.Link) (*survey.Survey, error) {
	key := l.Survey + " " + l.Version
	if def, ok := s.linkDefs.Get(key); ok {
		return def, nil
	}
	v, err := s.Flows.ByHash(ctx, flowstore.Key{Kind: flowstore.KindSurvey, Name: l.Survey}, l.Version)
	if err != nil {
		return nil, err
	}
	file, _ := flowfile.Parse([]byte(v.YAML))
	if file.Survey == nil {
		return nil, fmt.Errorf("survey %s %s cannot be read any more", l.Survey, l.Version)
	}
	s.linkDefs.Add(key, file.Survey)
	return file.Survey, nil
}

func phrase(t survey.Text, lang survey.Lang, def *survey.Survey) string {
	for _, p := range t.In(lang, def.Langs[0]) {
		return p.Text
	}
	return ""
}

// linkLang is the language of the page: the reader's choice, their browser's, or the call's.
func linkLang(r *http.Request, has []survey.Lang, call survey.Lang) survey.Lang {
	if len(has) == 0 {
		has = []survey.Lang{survey.Mandarin, survey.English}
	}
	wants := []string{r.FormValue("l")}
	for _, tag := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), ";")
		switch {
		case strings.HasPrefix(tag, "zh"):
			wants = append(wants, string(survey.Mandarin))
		case strings.HasPrefix(tag, "en"):
			wants = append(wants, string(survey.English))
		}
	}
	for _, want := range append(wants, string(call)) {
		if lang := survey.Lang(want); slices.Contains(has, lang) && linkWords[lang].yes != "" {
			return lang
		}
	}
	return has[0]
}

// linkView is what every page shows. The other language is offered where the survey has it.
func (s *Server) linkView(r *http.Request, lang survey.Lang, has []survey.Lang) linkView {
	v := linkView{Lang: "zh-Hant-TW", Firm: s.Name, Style: template.CSS(linkStyle), Token: r.PathValue("token"), Place: ""}
	other := survey.English
	if lang == survey.English {
		v.Lang, other = "en", survey.Mandarin
	}
	if len(has) == 0 || slices.Contains(has, other) {
		query := r.URL.Query()
		query.Set("l", string(other))
		v.Switch, v.Other, v.OtherName = linkPath+url.PathEscape(v.Token)+"?"+query.Encode(), "en", "English"
		if other == survey.Mandarin {
			v.Other, v.OtherName = "zh-Hant-TW", "中文"
		}
	}
	return v
}

func (s *Server) linkThanks(w http.ResponseWriter, r *http.Request, l surveylink.Link) {
	var has []survey.Lang
	def, err := s.linkSurvey(r.Context(), l)
	if err == nil {
		has = def.Langs
	}
	lang := linkLang(r, has, l.Lang)
	v := s.linkView(r, lang, has)
	v.Notice = linkWords[lang].thanks
	if err == nil {
		v.Hint = phrase(def.Thanks, lang, def)
	}
	s.writeLink(w, http.StatusOK, v)
}

// linkRefused says why there is nothing to answer.
func (s *Server) linkRefused(w http.ResponseWriter, r *http.Request, l surveylink.Link, err error) {
	lang := linkLang(r, nil, l.Lang)
	words, v := linkWords[lang], s.linkView(r, lang, nil)
	status, notice := http.StatusServiceUnavailable, words.away
	switch {
	case errors.Is(err, surveylink.ErrUnknown):
		status, notice = http.StatusNotFound, words.unknown
	case errors.Is(err, surveylink.ErrExpired):
		status, notice = http.StatusGone, words.expired
	case errors.Is(err, surveylink.ErrAnswered):
		status, notice = http.StatusOK, words.answered
	case errors.Is(err, surveylink.ErrMoved):
		status, notice = http.StatusBadRequest, words.unreadable
	case errors.Is(err, errTooOften):
		status, notice = http.StatusTooManyRequests, words.tooOften
		w.Header().Set("Retry-After", "60")
	default:
		s.log.Error("a survey's page cannot be shown", "survey", l.Survey, "call", l.Call, "error", err)
	}
	v.Notice, v.Hint = notice[0], notice[1]
	s.writeLink(w, status, v)
}

func (s *Server) writeLink(w http.ResponseWriter, status int, v linkView) {
	var page bytes.Buffer
	if err := linkPage.Execute(&page, v); err != nil {
		s.log.Error("a survey's page cannot be written", "error", err)
		status = http.StatusInternalServerError
	}
	h := w.Header()
	h.Set("Content-Security-Policy", linkPolicy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // the address is the key to the answers
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // A browser that is gone needs no answer.
}

// linkText is the page's own words.
type linkText struct {
	csat                                                   [5]string
	yes, no, low, high, place, back, skip, thanks          string
	unknown, expired, answered, tooOften, away, unreadable [2]string
}

var linkWords = map[survey.Lang]linkText{
	survey.Mandarin: {
		csat: [5]string{"非常不滿意", "不滿意", "普通", "滿意", "非常滿意"},
		yes:  "是", no: "否", low: "0：完全不願意", high: "10：非常願意", place: "第 %d 題，最多 %d 題", back: "上一題", skip: "略過這一題",
		thanks:     "已收到您的回答",
		unknown:    [2]string{"找不到這份問卷", "連結可能不完整，請從簡訊或郵件直接點開。"},
		expired:    [2]string{"這份問卷已經過期", "謝謝您願意花時間回答；這個連結已超過作答期限。"},
		answered:   [2]string{"這份問卷已經作答完成", "每個連結只能作答一次，謝謝您的寶貴意見。"},
		tooOften:   [2]string{"請稍候再試", "短時間內開啟太多次，請一分鐘後再試。"},
		away:       [2]string{"暫時無法開啟問卷", "請稍候幾分鐘再點一次連結；已回答的題目都有保留。"},
		unreadable: [2]string{"無法讀取這次的回答", "請重新點開連結，再回答一次。"},
	},
	survey.English: {
		csat: [5]string{"Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"},
		yes:  "Yes", no: "No", low: "0: not at all likely", high: "10: very likely", place: "Question %d of at most %d", back: "Back", skip: "Skip this question",
		thanks:     "We have received your answers",
		unknown:    [2]string{"There is no such survey", "The link may be incomplete: open it from your message or mail."},
		expired:    [2]string{"This survey has ended", "Thank you for your time; this link is past its date."},
		answered:   [2]string{"This survey has been answered", "Each link is for one response. Thank you for your opinion."},
		tooOften:   [2]string{"Please try again later", "It was opened too often in a short time: try again in a minute."},
		away:       [2]string{"The survey cannot be shown just now", "Open the link again in a few minutes; what you have answered is kept."},
		unreadable: [2]string{"This answer could not be read", "Open the link again and answer once more."},
	},
}
