package web

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"hotline/report"
)

type surveyExportInput struct {
	SurveyQuery
	Format string `query:"format" enum:"csv,xlsx" default:"xlsx"`
	What   string `query:"what" enum:"results,answers" default:"results" doc:"The table of results, or every answer."`
}

// surveyHeadings are the columns in both languages, as people here read them side by side.
var surveyHeadings = []any{
	"分組 Group", "接聽 Answered", "邀請 Offered", "回收 Returned", "回收率 Return rate %", "完成 Finished", "中途離開 Stopped",
	"滿意度平均 CSAT average", "滿意比例 Satisfied %", "滿意比例下限 from %", "滿意比例上限 to %", "回答數 CSAT answers",
	"NPS", "NPS 下限 from", "NPS 上限 to", "推薦 Promoters", "中立 Passives", "批評 Detractors",
}

var answerHeadings = []any{
	"時間 Time", "通話 Call", "問卷 Survey", "版本 Version", "題目 Question", "回答 Answer", "方式 Way", "專案 Campaign", "佇列 Queue", "客服人員 Agent", "聽完 Finished",
}

// exportSurvey writes a table to keep. Who took it and what of stands in the access log before a byte is sent.
func (s *Server) exportSurvey(ctx context.Context, who Who, in *surveyExportInput) (*huma.StreamResponse, error) {
	from, to := s.days(in.Period)
	rows := s.answerRows(who, in, from, to)
	if in.What == "results" {
		found, err := s.surveyReport(ctx, who, &in.SurveyQuery)
		if err != nil {
			return nil, err
		}
		rows = resultRows(found)
	}
	const day = "2006-01-02"
	detail := map[string]any{"what": in.What, "format": in.Format, "from": from.Format(day), "to": to.Format(day)}
	if err := s.looked(ctx, who, actionExport, "survey:"+in.Survey, detail); err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%s-%s-%s-%s.%s", in.Survey, in.What, from.Format(day), to.Format(day), in.Format)
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		request, w := humago.Unwrap(hc)
		w.Header().Set("Content-Type", formats[in.Format])
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		if err := s.writeSheet(request.Context(), w, in.Format, rows); err != nil {
			s.log.WarnContext(request.Context(), "export broken off", "survey", in.Survey, "error", err)
			panic(http.ErrAbortHandler) // net/http's way to let the browser see a broken download, not a short one
		}
	}}, nil
}

type rowsOf func(ctx context.Context, row func(values ...any) error) error

func (s *Server) writeSheet(ctx context.Context, w io.Writer, format string, rows rowsOf) error {
	out, err := newSheet(format, w, s.zone)
	if err != nil {
		return err
	}
	if err := rows(ctx, out.row); err != nil {
		return err
	}
	return out.Close()
}

func resultRows(r SurveyReport) rowsOf {
	return func(_ context.Context, row func(...any) error) error {
		if err := row(append([]any{}, surveyHeadings...)...); err != nil {
			return err
		}
		for _, g := range append(r.Groups, Group{Key: "合計 Total", Result: r.Total}) {
			values := []any{cmp.Or(g.Name, g.Key), g.Answered, g.Offered, g.Started, round(g.Returned), g.Finished, g.Stopped}
			if g.CSAT.Count > 0 {
				values = append(values, round(g.CSAT.Average), round(g.CSAT.Percent), round(g.CSAT.Percents.Low), round(g.CSAT.Percents.High), g.CSAT.Count)
			} else {
				values = append(values, nil, nil, nil, nil, 0)
			}
			if g.NPS.Count > 0 {
				values = append(values, round(g.NPS.Score), round(g.NPS.Scores.Low), round(g.NPS.Scores.High))
			} else {
				values = append(values, nil, nil, nil)
			}
			if err := row(append(values, g.NPS.Promoters, g.NPS.Passives, g.NPS.Detractors)...); err != nil {
				return err
			}
		}
		return nil
	}
}

// round leaves two decimals.
func round(f float64) float64 {
	return math.Round(f*100) / 100
}

func (s *Server) answerRows(who Who, in *surveyExportInput, from, to time.Time) rowsOf {
	f := report.Filter{Survey: in.Survey, From: from, To: to, Queue: in.Queue, Agent: in.Agent, Way: in.Way, Campaign: in.Campaign}
	return func(ctx context.Context, row func(...any) error) error {
		if err := row(append([]any{}, answerHeadings...)...); err != nil {
			return err
		}
		return s.reports.Answers(ctx, reportViewer(who), f, s.zone.String(), func(a report.Answer) error {
			finished := 0
			if a.Finished {
				finished = 1
			}
			return row(a.At, a.Call, a.Survey, a.Version, a.Question, a.Value, a.Way, a.Campaign, a.Queue, a.Agent, finished)
		})
	}
}
