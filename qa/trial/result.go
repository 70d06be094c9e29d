package trial

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hotline/qa/review"
	"hotline/qa/rule"
)

// TrialResult is how a trial's draft differs from the live rules, as far as the viewer's scope reaches.
type TrialResult struct {
	Trial
	Rules []RuleResult `json:"rules" doc:"Of the draft, in its order; then those that only the live rules have."`
}

// RuleResult is what the trial comes to for one rule.
type RuleResult struct {
	Rule    BookRule  `json:"rule" doc:"As the draft has it, or the live rules."`
	In      string    `json:"in" enum:"both,draft,live" doc:"Which rules have it."`
	Changed bool      `json:"changed" doc:"It looks for something else than in the live rules."`
	Untried bool      `json:"untried" doc:"It looks for digits, which transcripts no longer have."`
	New     TrialHits `json:"new" doc:"Found by the draft alone."`
	Gone    TrialHits `json:"gone" doc:"Found by the live rules alone."`
	Same    TrialHits `json:"same"`
	Draft   Precision `json:"draft" doc:"How often the draft's definition is right."`
	Live    Precision `json:"live" doc:"How often the live definition is right."`
}

// BookRule is a rule of the book, by a name that the API has but once.
type BookRule rule.Rule

// TrialHits are what was found on one side, and what people said of it.
type TrialHits struct {
	Calls    int `json:"calls"`
	Findings int `json:"findings"`
	Up       int `json:"up" doc:"Examples of which somebody said that the rule is right there."`
	Down     int `json:"down"`
}

// Result counts what a trial found.
func (s *Store) Result(ctx context.Context, v review.Viewer, trial int64) (TrialResult, error) {
	t, err := s.Trial(ctx, trial)
	if err != nil {
		return TrialResult{}, err
	}
	out := TrialResult{Trial: t}
	j, err := s.judgingOf(ctx, trial)
	if err != nil {
		return TrialResult{}, err
	}
	hits, err := s.hits(ctx, v, trial)
	if err != nil {
		return TrialResult{}, fmt.Errorf("count what trial %d found: %w", trial, err)
	}
	draft, err := s.Precisions(ctx, j.draft)
	if err != nil {
		return TrialResult{}, err
	}
	live, err := s.Precisions(ctx, j.live)
	if err != nil {
		return TrialResult{}, err
	}
	out.Rules = j.rules()
	for i := range out.Rules {
		r := &out.Rules[i]
		name := r.Rule.ID
		r.New, r.Gone, r.Same = hits[found{name, New}], hits[found{name, Gone}], hits[found{name, Same}]
		r.Draft, r.Live = draft[name], live[name]
	}
	return out, nil
}

// rules are those that are tried.
func (j judging) rules() []RuleResult {
	all := []RuleResult{}
	add := func(r rule.Rule, in string, changed bool) {
		if j.only == "" || j.only == r.ID {
			all = append(all, RuleResult{Rule: BookRule(r), In: in, Changed: changed, Untried: untried(r.Kind)})
		}
	}
	for _, r := range j.draft.Rules() {
		switch now := j.live.Print(r.ID); now {
		case "":
			add(r, "draft", true)
		default:
			add(r, "both", now != j.draft.Print(r.ID))
		}
	}
	for _, r := range j.live.Rules() {
		if j.draft.Print(r.ID) == "" {
			add(r, "live", true)
		}
	}
	return all
}

// found is a side of a rule.
type found struct {
	rule string
	side Side
}

// lastThumb is what was said last of the example f.
const lastThumb = `left join lateral (select thumb, by, at from rule_thumbs h where h.leg = f.leg and h.rule = f.rule and h.start_ms is not distinct from f.start_ms order by h.id desc limit 1) h on true`

func (s *Store) hits(ctx context.Context, v review.Viewer, trial int64) (map[found]TrialHits, error) {
	args := pgx.NamedArgs{"trial": trial}
	rows, err := s.pool.Query(ctx, `select f.rule, f.side, count(distinct f.leg), count(*), count(*) filter (where h.thumb = 'up'), count(*) filter (where h.thumb = 'down')
		from rule_trial_findings f `+lastThumb+` where f.trial_id = @trial and `+v.Reach("f.agent_id", args)+` group by 1, 2`, args)
	if err != nil {
		return nil, err
	}
	all := map[found]TrialHits{}
	var at found
	var h TrialHits
	_, err = pgx.ForEachRow(rows, []any{&at.rule, &at.side, &h.Calls, &h.Findings, &h.Up, &h.Down}, func() error {
		all[at] = h
		return nil
	})
	return all, err
}
