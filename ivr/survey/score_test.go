package survey_test

import (
	"math"
	"testing"

	"hotline/ivr/survey"
)

func TestCSAT(t *testing.T) {
	tests := []struct {
		values []int
		want   survey.CSAT
	}{
		{nil, survey.CSAT{}},
		{[]int{5}, survey.CSAT{Answers: 1, Satisfied: 1, Share: 1, Mean: 5}},
		{[]int{1, 2, 3, 4, 5}, survey.CSAT{Answers: 5, Satisfied: 2, Share: 0.4, Mean: 3}},
		{[]int{4, 4, 0, 6, -1}, survey.CSAT{Answers: 2, Satisfied: 2, Share: 1, Mean: 4}},
	}
	for _, tt := range tests {
		if got := survey.CSATOf(tt.values); got != tt.want {
			t.Errorf("CSATOf(%v) = %+v, want %+v", tt.values, got, tt.want)
		}
	}
}

func TestNPSCountsWhoWouldRecommend(t *testing.T) {
	n := survey.NPSOf([]int{0, 6, 7, 8, 9, 10, 11, -1})
	want := survey.NPS{Answers: 6, Promoters: 2, Neutral: 2, Detractors: 2, Score: 0}
	if n != want {
		t.Errorf("got %+v, want %+v", n, want)
	}
	if got := survey.NPSOf([]int{10, 10, 3}).Score; math.Abs(got-100.0/3) > 1e-9 {
		t.Errorf("score = %v", got)
	}
}

func TestNPSBands(t *testing.T) {
	tests := []struct {
		score float64
		want  survey.Band
		label string
	}{
		{100, survey.Excellent, "卓越"},
		{70.5, survey.Excellent, "卓越"},
		{70, survey.Good, "優良"},
		{50, survey.Good, "優良"},
		{49.9, survey.Fair, "尚可"},
		{30, survey.Fair, "尚可"},
		{29.9, survey.Alert, "警戒"},
		{-100, survey.Alert, "警戒"},
	}
	for _, tt := range tests {
		band := survey.NPS{Answers: 10, Score: tt.score}.Band()
		if band != tt.want || band.Label(survey.Mandarin) != tt.label {
			t.Errorf("%v is %q (%s), want %q", tt.score, band, band.Label(survey.Mandarin), tt.want)
		}
	}
	if band := (survey.NPS{}).Band(); band != survey.NoBand || band.Label(survey.English) != "" {
		t.Errorf("no answers: %q", band)
	}
}
