package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"hotline/cti/id"
	"hotline/qa"
	"hotline/qa/rule"
	"hotline/qa/topic"
)

// TrendReport is what was spoken of in calls, over a time.
type TrendReport struct {
	From        time.Time  `json:"from"`
	To          time.Time  `json:"to"`
	Calls       int        `json:"calls" doc:"With a transcript: what shares are of."`
	CallsBefore int        `json:"calls_before" doc:"In the period before, of the same length."`
	Behind      int        `json:"behind" doc:"Transcripts that the live dictionary has not looked through yet, of the whole site."`
	Dictionary  int        `json:"dictionary" doc:"Version by which it was counted."`
	Days        []DayCalls `json:"days"`
	Items       []Trend    `json:"items" doc:"The most frequent first."`
}

// DayCalls is how many calls a day or week has.
type DayCalls struct {
	Day   string `json:"day" doc:"The day, or the Monday of the week, in the site's time zone."`
	Calls int    `json:"calls"`
}

// Trend is how often a topic or product was spoken of.
type Trend struct {
	Entry  string `json:"entry"`
	NameZH string `json:"name_zh"`
	NameEN string `json:"name_en"`
	qa.Count
	Share       float64    `json:"share" doc:"Percent of all calls with a transcript."`
	ShareBefore float64    `json:"share_before" doc:"The same in the period before."`
	Change      *float64   `json:"change" doc:"Of the share against the period before, in percent of that; null when it did not come up then."`
	Balance     *float64   `json:"balance" doc:"-100 to 100: praise minus complaint, in percent of the lines that have either; null without any."`
	Before      qa.Count   `json:"before"`
	Points      []qa.Point `json:"points"`
}

// TrendExample is a line in which something was spoken of.
type TrendExample struct {
	SaidLine
	Heard   string `json:"heard" doc:"The words that it was found by."`
	Match   string `json:"match" enum:"exact,sound"`
	Opinion int    `json:"opinion" doc:"-1, 0 or 1."`
	Word    string `json:"word" doc:"What the opinion was taken from; it may stand in the line before or after."`
}

// TrendFilter narrows a trend.
type TrendFilter struct {
	Period
	Queue string `query:"queue" maxLength:"40"`
	Agent string `query:"agent" maxLength:"40"`
	Role  string `query:"role" enum:"agent,caller" doc:"Who speaks of it; both when left out."`
}

type trendInput struct {
	TrendFilter
	Kind   string `query:"kind" enum:"topic,product" default:"topic"`
	Step   string `query:"step" enum:"day,week" default:"day"`
	Export bool   `query:"export" doc:"It is for a file to keep, which the access log says."`
}

type exampleInput struct {
	TrendFilter
	Kind    string `path:"kind" enum:"topic,product,wording"`
	Entry   string `path:"entry" maxLength:"40"`
	Opinion string `query:"opinion" enum:"positive,negative,none"`
	Export  bool   `query:"export" doc:"It is for a file to keep, which the access log says."`
	Paging
}

func (s *Server) registerTrends() {
	const path = "/quality/trends"
	route(s, endpoint{method: http.MethodGet, path: path, id: "getTrends", right: RightQuality, summary: "What calls speak of: topics or products over time, with opinions"}, s.trends)
	route(s, endpoint{method: http.MethodGet, path: path + "/{kind}/{entry}/examples", id: "listTrendExamples", right: RightQuality, summary: "Lines in which a topic or product was spoken of, the newest recordings first"}, s.trendExamples)
}

// reachOf is what the person's scope covers of what they ask for; none says that it is nothing.
func (s *Server) reachOf(who Who, in TrendFilter) (r qa.Reach, none bool) {
	r = qa.Reach{Queue: in.Queue, Agent: id.AgentID(in.Agent)}
	r.From, r.To = s.lately(in.Period)
	switch who.Scope {
	case ScopeAll:
	case ScopeTeam:
		r.Team = who.Team
	default:
		none = in.Agent != "" && in.Agent != string(who.ID)
		r.Agent = who.ID
	}
	return r, none
}

// asked is what the access log says of a filter.
func (in TrendFilter) asked(r qa.Reach, export bool) map[string]any {
	all := map[string]any{"from": r.From.UTC(), "to": r.To.UTC()}
	for name, value := range map[string]string{"queue": in.Queue, "agent": in.Agent, "role": in.Role} {
		if value != "" {
			all[name] = value
		}
	}
	if export {
		all["export"] = true
	}
	return all
}

// trends is logged before it is counted, as a search is.
func (s *Server) trends(ctx context.Context, who Who, in *trendInput) (TrendReport, error) {
	reach, none := s.reachOf(who, in.TrendFilter)
	out := TrendReport{From: reach.From, To: reach.To, Items: []Trend{}, Days: []DayCalls{}}
	if err := periodSound(reach); err != nil {
		return out, err
	}
	if err := s.looked(ctx, who, actionTrends, "trends:"+in.Kind, in.asked(reach, in.Export)); err != nil || none {
		return out, err
	}
	live, err := s.Quality.LiveDictionary(ctx)
	if err != nil {
		return out, err
	}
	found, err := s.Quality.Trends(ctx, qa.TrendQuery{Reach: reach, Kind: topic.Kind(in.Kind), Role: rule.Role(in.Role), Step: qa.Step(in.Step), Zone: s.TimeZone})
	if err != nil {
		return out, err
	}
	out.Calls, out.CallsBefore, out.Behind, out.Dictionary = found.Calls, found.Before, found.Behind, live.Version
	for _, d := range found.Days {
		out.Days = append(out.Days, DayCalls{d.Day, d.Calls})
	}
	names := map[string]map[string]string{}
	for _, e := range live.Dictionary.Entries {
		if string(e.Kind) == in.Kind {
			names[e.ID] = e.Name
		}
	}
	for _, t := range found.All {
		if name, ok := names[t.Entry]; ok { // else it was taken out of the dictionary
			out.Items = append(out.Items, trendOf(t, name, found.Calls, found.Before))
		}
	}
	return out, nil
}

// trendOf makes the figures of the counts.
func trendOf(t qa.Trend, name map[string]string, calls, before int) Trend {
	out := Trend{Entry: t.Entry, NameZH: name["zh-TW"], NameEN: name["en"], Count: t.Count, Before: t.Before, Points: t.Points}
	if calls > 0 {
		out.Share = 100 * float64(t.Calls) / float64(calls)
	}
	if before > 0 {
		out.ShareBefore = 100 * float64(t.Before.Calls) / float64(before)
	}
	if out.ShareBefore > 0 {
		change := 100 * (out.Share - out.ShareBefore) / out.ShareBefore
		out.Change = &change
	}
	if both := t.Positive + t.Negative; both > 0 {
		balance := 100 * float64(t.Positive-t.Negative) / float64(both)
		out.Balance = &balance
	}
	return out
}

// longestPeriod of a trend: what comes up by day is a few hundred points of each entry.
const longestPeriod = 400 * 24 * time.Hour

func periodSound(r qa.Reach) error {
	if length := r.To.Sub(r.From); length <= 0 || length > longestPeriod {
		return invalid("query.from", "give a beginning before the end, at most 400 days")
	}
	return nil
}

var opinions = map[string]int{"positive": 1, "negative": -1, "none": 0}

func (s *Server) trendExamples(ctx context.Context, who Who, in *exampleInput) (list[TrendExample], error) {
	reach, none := s.reachOf(who, in.TrendFilter)
	after, err := searchPlace(in.After)
	if err != nil {
		return list[TrendExample]{}, err
	}
	if in.After == "" {
		if err := s.looked(ctx, who, actionTrends, "trends:"+in.Kind+":"+in.Entry, in.asked(reach, in.Export)); err != nil {
			return list[TrendExample]{}, err
		}
	}
	if none {
		return everything[TrendExample](nil), nil
	}
	q := qa.ExampleQuery{Reach: reach, Kind: topic.Kind(in.Kind), Entry: in.Entry, Role: rule.Role(in.Role), After: after, Limit: in.Limit + 1}
	if sign, ok := opinions[in.Opinion]; ok {
		q.Opinion = &sign
	}
	found, err := s.Quality.Examples(ctx, q)
	if err != nil {
		return list[TrendExample]{}, err
	}
	lines := make([]qa.Line, len(found))
	for i, e := range found {
		lines[i] = e.Line
	}
	said, err := s.saidLines(ctx, who, lines)
	if err != nil {
		return list[TrendExample]{}, err
	}
	items := make([]TrendExample, len(found))
	for i, e := range found {
		items[i] = TrendExample{SaidLine: said[i], Heard: e.Heard, Match: e.Match, Opinion: e.Opinion, Word: e.Word}
	}
	return cut(items, in.Limit, func(e TrendExample) string {
		return strconv.FormatInt(e.At.UnixMicro(), 10) + "_" + e.Leg + "_" + strconv.Itoa(e.N)
	}), nil
}
