package e2e

import (
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/internal/exchange"
	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/survey"
)

// checkReplay steps everything that the controllers of this stack were told on fresh Floors, and wants the same commands.
func (s *stack) checkReplay() {
	s.t.Helper()
	rows, err := s.db.Query(limit(s.t, time.Minute), `select distinct yaml from flow_versions`)
	must(s.t, err)
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(s.t, err)
	var flows []*ivr.Flow
	var surveys []*survey.Survey
	for _, text := range texts {
		switch file, _ := flowfile.Parse([]byte(text)); {
		case file.Flow != nil:
			flows = append(flows, file.Flow)
		case file.Survey != nil:
			surveys = append(surveys, file.Survey)
		}
	}
	facts, err := exchange.NewStore(s.db, nil).Facts(limit(s.t, time.Minute), time.Unix(0, 0), time.Now().Add(time.Hour))
	must(s.t, err)
	done, err := exchange.Replay(flows, surveys, facts)
	if err != nil {
		s.t.Errorf("replay after %d facts: %v", done.Facts, err)
	}
	s.t.Logf("replayed %d facts of %d floors: the same %d commands", done.Facts, done.Floors, done.Commands)
}
