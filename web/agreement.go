package web

import (
	"context"
	"net/http"

	"hotline/cti/id"
	"hotline/qa/review"
)

type agreementInput struct {
	Period
}

type switchInput struct {
	Question string `path:"question" maxLength:"40"`
	Body     struct {
		Answers bool   `json:"answers"`
		Note    string `json:"note" minLength:"1" maxLength:"500" doc:"What has changed."`
	}
}

// Opened is a calibration that was opened.
type Opened struct {
	ID int64 `json:"id"`
}

type calibrationInput struct {
	Body struct {
		Leg  string `json:"leg" minLength:"1" maxLength:"120"`
		Note string `json:"note,omitempty" maxLength:"500"`
	}
}

func (s *Server) registerAgreement() {
	route(s, endpoint{method: http.MethodGet, path: "/quality/agreement", id: "getAgreement", right: RightReview, summary: "How far machine and people agree, question by question"},
		func(ctx context.Context, who Who, in *agreementInput) (list[review.QuestionAgreement], error) {
			from, to := s.lately(in.Period)
			all, err := s.review.Agreements(ctx, viewer(who), from, to)
			return everything(all), err
		})
	act(s, endpoint{method: http.MethodPut, path: "/quality/agreement/{question}", id: "switchMachine", right: RightScorecards, summary: "Let the machine answer a question again, or no longer"},
		func(ctx context.Context, who Who, in *switchInput) error {
			if err := s.review.Switch(ctx, string(who.ID), in.Question, in.Body.Answers, in.Body.Note); err != nil {
				return err
			}
			return s.changed(ctx, who, "question:"+in.Question, map[string]any{"machine_answers": in.Body.Answers})
		})
	const path = "/quality/calibrations"
	route(s, endpoint{method: http.MethodGet, path: path, id: "listCalibrations", right: RightReview, summary: "Calibrations, the newest first"},
		func(ctx context.Context, who Who, _ *struct{}) (list[review.CalibrationSession], error) {
			all, err := s.review.Sessions(ctx, viewer(who))
			return everything(all), err
		})
	route(s, endpoint{method: http.MethodPost, path: path, id: "openCalibration", right: RightReview, summary: "Let several reviewers score one call by themselves", status: http.StatusCreated},
		func(ctx context.Context, who Who, in *calibrationInput) (Opened, error) {
			session, err := s.review.OpenSession(ctx, viewer(who), id.LegID(in.Body.Leg), in.Body.Note)
			return Opened{session}, s.reached(ctx, who, "score:"+in.Body.Leg, err)
		})
	route(s, endpoint{method: http.MethodGet, path: path + "/{id}", id: "compareCalibration", right: RightReview, summary: "What each reviewer answered; not before one's own part is done"},
		func(ctx context.Context, who Who, in *ReviewPath) (review.ComparedCalibration, error) {
			return s.review.Compare(ctx, viewer(who), in.ID)
		})
	act(s, endpoint{method: http.MethodPost, path: path + "/{id}/close", id: "closeCalibration", right: RightReview, summary: "End a calibration"},
		func(ctx context.Context, who Who, in *ReviewPath) error {
			return s.review.CloseSession(ctx, viewer(who), in.ID)
		})
}
