package e2e

import (
	"slices"
	"strings"
	"time"

	"hotline/internal/exchange"
	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/survey"
)

// checkReplay steps everything that the controllers of this stack were told on fresh Floors, and wants the same commands.
func (s *stack) checkReplay(flows string) {
	s.t.Helper()
	set, err := flowfile.Load(ivr.Known{}, flows)
	must(s.t, err)
	var all []*ivr.Flow
	for _, f := range set.Flows {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *ivr.Flow) int { return strings.Compare(a.ID, b.ID) })
	var surveys []*survey.Survey
	for _, v := range set.Surveys {
		surveys = append(surveys, v)
	}
	facts, err := exchange.NewStore(s.db, nil).Facts(limit(s.t, time.Minute), time.Unix(0, 0), time.Now().Add(time.Hour))
	must(s.t, err)
	done, err := exchange.Replay(all, surveys, facts)
	if err != nil {
		s.t.Errorf("replay after %d facts: %v", done.Facts, err)
	}
	s.t.Logf("replayed %d facts of %d floors: the same %d commands", done.Facts, done.Floors, done.Commands)
}
