package web

import (
	"cmp"
	"context"
	"time"

	"hotline/ivr/survey"
	"hotline/report"
)

// Result is what a survey came to.
type Result struct {
	Answered     int              `json:"answered" doc:"Calls that an agent answered, of whom the survey could have been asked; 0 where a call says nothing of it: by way, occasion, campaign and version."`
	Offered      int              `json:"offered" doc:"Asked, by whatever way."`
	OfferedShare float64          `json:"offered_share" doc:"Offered of answered, 0 to 100."`
	Started      int              `json:"started" doc:"Gave at least one answer."`
	Finished     int              `json:"finished" doc:"Heard the survey's end."`
	Stopped      int              `json:"stopped" doc:"Started, and stopped half-way. Their answers count."`
	Returned     float64          `json:"returned" doc:"Started of offered, 0 to 100."`
	CSAT         CSAT             `json:"csat" doc:"Of the first question with a scale of 1 to 5."`
	NPS          NPS              `json:"nps" doc:"Of the first question with a scale of 0 to 10."`
	Questions    []QuestionResult `json:"questions" doc:"In the order in which they are asked."`
}

// CSAT is satisfaction, 1 to 5.
type CSAT struct {
	Count    int             `json:"count"`
	Average  float64         `json:"average" doc:"1 to 5; 0 without answers."`
	Percent  float64         `json:"percent" doc:"Share of 4 and 5, 0 to 100."`
	Counts   []int           `json:"counts" doc:"Answers of 1, 2, 3, 4, 5."`
	Averages survey.Interval `json:"averages" doc:"Where the average lies with 95 % confidence."`
	Percents survey.Interval `json:"percents" doc:"Where the share lies with 95 % confidence."`
}

// NPS is the net promoter score, of answers 0 to 10.
type NPS struct {
	Count      int             `json:"count"`
	Score      float64         `json:"score" doc:"-100 to 100: percent of 9-10 minus percent of 0-6."`
	Promoters  int             `json:"promoters"`
	Passives   int             `json:"passives"`
	Detractors int             `json:"detractors"`
	Counts     []int           `json:"counts" doc:"Answers of 0, 1 ... 10."`
	Band       survey.Band     `json:"band" enum:"excellent,good,fair,alert," doc:"Over 70, 50, 30, under 30; empty without answers."`
	Scores     survey.Interval `json:"scores" doc:"Where the score lies with 95 % confidence."`
}

// QuestionResult is how the answers to one question spread.
type QuestionResult struct {
	ID      string  `json:"id"`
	Count   int     `json:"count"`
	Average float64 `json:"average" doc:"0 without answers."`
	Counts  []int   `json:"counts" doc:"Answers of 0, 1 ... 10."`
	Other   int     `json:"other" doc:"Answers above 10."`
}

// Group is the result of one queue, agent or day.
type Group struct {
	Key  string `json:"key" doc:"Queue, agent, way, occasion (ivr, key, after, link), campaign, version, date or first day of the week (YYYY-MM-DD), or month (YYYY-MM); empty for calls without."`
	Name string `json:"name,omitempty" doc:"What a campaign is called."`
	Result
}

// SurveyQuestion is what was asked, as its newest version asks it.
type SurveyQuestion struct {
	Survey string      `json:"survey"`
	ID     string      `json:"id"`
	Kind   survey.Kind `json:"kind"`
	Zh     string      `json:"zh"`
	En     string      `json:"en"`
}

// SurveyReport is a survey's result, whole and in groups.
type SurveyReport struct {
	Survey    string           `json:"survey"`
	From      time.Time        `json:"from" doc:"The first day."`
	To        time.Time        `json:"to" doc:"The last day."`
	Surveys   []string         `json:"surveys" doc:"All there are."`
	Questions []SurveyQuestion `json:"questions" doc:"Of this survey."`
	Total     Result           `json:"total"`
	Groups    []Group          `json:"groups"`
}

// SurveyQuery is what a report is asked for.
type SurveyQuery struct {
	SurveyFilter
	Way      string `query:"way" enum:"phone,link,outbound"`
	Campaign string `query:"campaign" maxLength:"40"`
	By       string `query:"by" enum:"queue,agent,way,occasion,campaign,version,day,week,month" default:"queue"`
}

// surveyDays is the period of a report that asks for none.
const surveyDays = 30

// days are the whole days of the period, in the site's time zone. The end of a period is exclusive.
func (s *Server) days(p Period) (from, to time.Time) {
	day := func(t time.Time) time.Time {
		y, m, d := t.In(s.zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	to = s.now()
	if !p.To.IsZero() {
		to = p.To.Add(-time.Nanosecond)
	}
	from = to.AddDate(0, 0, -surveyDays)
	if !p.From.IsZero() {
		from = p.From
	}
	return day(from), day(to)
}

func reportViewer(who Who) report.Viewer {
	return report.Viewer{ID: string(who.ID), Scope: string(who.Scope), Team: who.Team}
}

func (s *Server) surveyReport(ctx context.Context, who Who, in *SurveyQuery) (SurveyReport, error) {
	from, to := s.days(in.Period)
	f := report.Filter{Survey: in.Survey, From: from, To: to, Queue: in.Queue, Agent: in.Agent, Way: in.Way, Campaign: in.Campaign}
	found, err := s.reports.Results(ctx, reportViewer(who), f, report.By(in.By))
	if err != nil {
		return SurveyReport{}, err
	}
	known, err := s.reports.Questions(ctx)
	if err != nil {
		return SurveyReport{}, err
	}
	out := SurveyReport{Survey: in.Survey, From: from, To: to, Surveys: []string{}, Questions: []SurveyQuestion{}, Groups: make([]Group, len(found))}
	for _, q := range known {
		if n := len(out.Surveys); n == 0 || out.Surveys[n-1] != q.Survey {
			out.Surveys = append(out.Surveys, q.Survey)
		}
		if q.Survey == in.Survey {
			out.Questions = append(out.Questions, SurveyQuestion{q.Survey, q.ID, q.Kind, q.Zh, q.En})
		}
	}
	named := map[string]string{}
	if in.By == "campaign" {
		if named, err = s.campaigns.Names(ctx); err != nil {
			return SurveyReport{}, err
		}
	}
	for i, g := range found {
		out.Groups[i] = Group{Key: g.Key, Name: named[g.Key], Result: resultOf(g, out.Questions)}
	}
	out.Total = resultOf(report.Sum(found), out.Questions)
	return out, nil
}

// resultOf makes the figures of the counts. Where nobody noted what the survey asks, the shipped survey's names count.
func resultOf(g report.Group, questions []SurveyQuestion) Result {
	r := Result{
		Answered: g.Answered, Offered: g.Offered, Started: g.Started, Finished: g.Finished, Stopped: max(0, g.Started-g.Finished),
		OfferedShare: share(g.Offered, g.Answered), Returned: share(g.Started, g.Offered), Questions: []QuestionResult{},
	}
	csat, nps := "", ""
	for _, q := range questions {
		switch q.Kind {
		case survey.CSAT5:
			csat = cmp.Or(csat, q.ID)
		case survey.NPS11:
			nps = cmp.Or(nps, q.ID)
		case survey.YesNo, survey.Choice, survey.Comment: // no score
		}
		r.Questions = append(r.Questions, questionOf(q.ID, g))
	}
	r.CSAT = csatOf(g.Counts[cmp.Or(csat, satisfaction)])
	r.NPS = npsOf(g.Counts[cmp.Or(nps, recommendation)])
	return r
}

func share(part, of int) float64 {
	if of == 0 {
		return 0
	}
	return 100 * float64(part) / float64(of)
}

func questionOf(id string, g report.Group) QuestionResult {
	counts := g.Counts[id]
	q := QuestionResult{ID: id, Counts: counts[:], Other: g.Other[id], Count: counts.Total() + g.Other[id]}
	sum := 0
	for v, n := range counts {
		sum += v * n
	}
	if n := counts.Total(); n > 0 {
		q.Average = float64(sum) / float64(n)
	}
	return q
}

func csatOf(counts report.Counts) CSAT {
	c := CSAT{Counts: append([]int{}, counts[1:6]...)}
	sum, satisfied := 0, 0
	for i, n := range c.Counts {
		c.Count += n
		sum += (i + 1) * n
		if i >= 3 {
			satisfied += n
		}
	}
	if c.Count > 0 {
		c.Average = float64(sum) / float64(c.Count)
	}
	c.Percent = share(satisfied, c.Count)
	c.Averages, c.Percents = survey.MeanInterval(c.Counts, 1), survey.ShareInterval(satisfied, c.Count)
	return c
}

func npsOf(counts report.Counts) NPS {
	var n survey.NPS
	for value, count := range counts {
		one := survey.NPSOf([]int{value})
		n.Answers += count
		n.Promoters += one.Promoters * count
		n.Neutral += one.Neutral * count
		n.Detractors += one.Detractors * count
	}
	n.Score = share(n.Promoters-n.Detractors, n.Answers)
	return NPS{
		Count: n.Answers, Score: n.Score, Promoters: n.Promoters, Passives: n.Neutral, Detractors: n.Detractors,
		Counts: counts[:], Band: n.Band(), Scores: n.Interval(),
	}
}
