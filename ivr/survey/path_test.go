package survey_test

import (
	"fmt"
	"testing"

	"hotline/ivr/survey"
)

func TestPath(t *testing.T) {
	s := &survey.Survey{ID: "s", Questions: []survey.Question{
		{ID: "a", Kind: survey.YesNo, Then: map[int]survey.Jump{1: {Question: "c"}}},
		{ID: "b", Kind: survey.CSAT5, Then: map[int]survey.Jump{1: {}}},
		{ID: "c", Kind: survey.CSAT5, Then: map[int]survey.Jump{1: {Question: "a"}}},
		{ID: "d", Kind: survey.NPS11},
	}}
	for _, tt := range []struct {
		answers map[string]int
		skipped []string
		want    string
	}{
		{nil, nil, "[] 0"},
		{map[string]int{"a": 2}, nil, "[0] 1"},
		{map[string]int{"a": 1}, nil, "[0] 2"},
		{map[string]int{"a": 1, "b": 3}, nil, "[0] 2"}, // b is off the path
		{map[string]int{"a": 2, "b": 1}, nil, "[0 1] -1"},
		{map[string]int{"a": 2, "b": 0}, nil, "[0 1] 2"},
		{map[string]int{"b": 5}, []string{"a"}, "[0 1] 2"},
		{map[string]int{"a": 1, "c": 5, "d": 0}, nil, "[0 2 3] -1"},
		{map[string]int{"a": 1, "c": 1}, nil, "[0 2] -1"}, // back is no way
		{nil, []string{"a", "b", "c", "d"}, "[0 1 2 3] -1"},
	} {
		asked, next := s.Path(tt.answers, tt.skipped)
		if got := fmt.Sprint(asked, next); got != tt.want {
			t.Errorf("%v, skipped %v: %s, want %s", tt.answers, tt.skipped, got, tt.want)
		}
	}
}
