package survey_test

import (
	"fmt"
	"testing"

	"hotline/ivr/survey"
)

func TestIntervals(t *testing.T) {
	show := func(i survey.Interval) string { return fmt.Sprintf("%.1f..%.1f", i.Low, i.High) }
	for _, tt := range []struct{ what, got, want string }{
		// Wilson's: R's prop.test(8, 10, correct = FALSE) says 49.0..94.3, of 80 in 100 71.1..86.7.
		{"8 of 10", show(survey.ShareInterval(8, 10)), "49.0..94.3"},
		{"80 of 100", show(survey.ShareInterval(80, 100)), "71.1..86.7"},
		{"0 of 5", show(survey.ShareInterval(0, 5)), "0.0..43.4"},
		{"5 of 5", show(survey.ShareInterval(5, 5)), "56.6..100.0"},
		{"none", show(survey.ShareInterval(0, 0)), "0.0..0.0"},
		// Mean 3, standard deviation 1.58, of 5.
		{"1 2 3 4 5", show(survey.MeanInterval([]int{1, 1, 1, 1, 1}, 1)), "1.6..4.4"},
		{"one answer", show(survey.MeanInterval([]int{0, 0, 1, 0, 0}, 1)), "1.0..5.0"},
		{"all the same", show(survey.MeanInterval([]int{0, 0, 0, 9, 0}, 1)), "4.0..4.0"},
		{"50 30 20", show(survey.NPS{Answers: 100, Promoters: 50, Neutral: 30, Detractors: 20, Score: 30}.Interval()), "14.6..45.4"},
		{"one caller", show(survey.NPS{Answers: 1, Promoters: 1, Score: 100}.Interval()), "-100.0..100.0"},
		{"all promoters", show(survey.NPS{Answers: 9, Promoters: 9, Score: 100}.Interval()), "100.0..100.0"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, tt.got, tt.want)
		}
	}
}
