package review

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/qa"
	"hotline/qa/score"
)

// QuestionAgreement is how far the answers to one question agree.
type QuestionAgreement struct {
	Question score.Question  `json:"question"`
	Machine  score.Agreement `json:"machine" doc:"The machine and people."`
	People   score.Agreement `json:"people" doc:"Two people who scored the same call by themselves."`
	Answers  bool            `json:"answers" doc:"The machine answers it: the card lets it, and its floor was held."`
	By       score.By        `json:"by" enum:"rules,model,person" doc:"Who answers it by the card."`
	Since    *time.Time      `json:"since" doc:"When the machine stopped, or was let answer again: only what was scored after that counts for its floor."`
	Note     string          `json:"note" doc:"Why it was switched."`
}

// pair is what two judges answered to a question of a call.
type pair struct {
	Question string    `db:"question"`
	A        string    `db:"a"`
	B        string    `db:"b"`
	Source   string    `db:"source"` // of the machine's: rules or model; empty of two people
	At       time.Time `db:"at"`     // the last of them
	N        int       `db:"n"`      // how many there are
}

// alike counts pairs that are alike: few rows instead of one for each answer.
func alike(pairs string) string {
	return `select question, a, b, source, max(at) as at, count(*)::int as n from (` + pairs + `) p group by question, a, b, source`
}

// The pairs of the machine and people: what the machine had answered when the person did.
const machinePairs = `
	select p.question, p.machine as a, p.value as b, p.machine_source as source, r.done_at as at, 1 as n
	from reviews r join scores s on s.id = r.score_id
	cross join lateral (select distinct on (question) question, value, machine, machine_source from score_answers where review_id = r.id order by question, id desc) p
	where p.machine is not null and r.state = 'done' and r.kind in ('review', 'second', 'calibration') and r.done_at >= @from and r.done_at < @to and `

// The pairs of people: whoever looked first and second, and all who took part in a calibration.
const peoplePairs = `
	select pa.question, pa.value as a, pb.value as b, '' as source, greatest(a.done_at, b.done_at) as at, 1 as n
	from reviews a join reviews b on b.score_id = a.score_id and b.state = 'done'
		and (a.kind = 'review' and b.kind = 'second' or a.kind = 'calibration' and b.session_id = a.session_id and b.reviewer > a.reviewer)
	join scores s on s.id = a.score_id
	cross join lateral (select distinct on (question) question, value from score_answers where review_id = a.id order by question, id desc) pa
	join lateral (select distinct on (question) question, value from score_answers where review_id = b.id order by question, id desc) pb on pb.question = pa.question
	where a.state = 'done' and greatest(a.done_at, b.done_at) >= @from and greatest(a.done_at, b.done_at) < @to and `

// Agreements are those of the live card's questions, of what was reviewed in the period within the viewer's scope.
func (s *Store) Agreements(ctx context.Context, v Viewer, from, to time.Time) (all []QuestionAgreement, err error) {
	c, err := s.quality.LiveCard(ctx)
	if err != nil {
		return nil, err
	}
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		args := pgx.NamedArgs{"from": from, "to": to}
		machine, err := collect[pair](ctx, tx, alike(machinePairs+v.Reach("s.agent_id", args)), args)
		if err != nil {
			return err
		}
		people, err := collect[pair](ctx, tx, alike(peoplePairs+v.Reach("s.agent_id", args)), args)
		if err != nil {
			return err
		}
		switches, err := lastSwitches(ctx, tx)
		if err != nil {
			return err
		}
		for _, q := range c.Questions() {
			a := QuestionAgreement{Question: q, Machine: agree(machine, q, math.MaxInt), People: agree(people, q, math.MaxInt), By: q.Answerer(), Answers: q.Answerer() != score.ByPerson}
			if w, ok := switches[q.ID]; ok {
				a.Since, a.Note, a.Answers = &w.At, w.Note, a.Answers && w.Answers
			}
			all = append(all, a)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count how far answers agree: %w", err)
	}
	return all, nil
}

// agree counts the pairs of a question, at most the first so many. What the rules once answered says nothing of a model that
// answers now, nor the other way round.
func agree(pairs []pair, q score.Question, most int) score.Agreement {
	var of []score.Pair
	for _, p := range pairs {
		ours := p.Question == q.ID && (p.Source == "" || p.Source == string(q.Answerer()))
		for n := 0; ours && n < p.N && len(of) < most; n++ {
			of = append(of, score.Pair{A: score.Value(p.A), B: score.Value(p.B)})
		}
	}
	return score.Agree(of)
}

// switched is a row of machine_switches.
type switched struct {
	Question string    `db:"question"`
	Answers  bool      `db:"answers"`
	At       time.Time `db:"at"`
	Note     string    `db:"note"`
}

func lastSwitches(ctx context.Context, tx pgx.Tx) (map[string]switched, error) {
	rows, err := collect[switched](ctx, tx, `select distinct on (question) question, answers, at, note from machine_switches order by question, id desc`)
	last := map[string]switched{}
	for _, w := range rows {
		last[w.Question] = w
	}
	return last, err
}

// floorPairs is how many of the newest pairs a floor is held against: rules and people change.
const floorPairs = 200

// floorReviews is among how many of the newest reviews those are looked for: not each has a pair for each question.
const floorReviews = 1000

// holdFloors switches the machine off for each question whose agreement with people has fallen under its floor.
func holdFloors(ctx context.Context, tx pgx.Tx, c *score.Card) error {
	floors := slices.DeleteFunc(c.Questions(), func(q score.Question) bool { return q.Floor == 0 || q.Answerer() == score.ByPerson })
	if len(floors) == 0 {
		return nil
	}
	// One at a time, so that two reviews that end together count one another.
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('machine_switches'))`); err != nil {
		return err
	}
	switches, err := lastSwitches(ctx, tx)
	if err != nil {
		return err
	}
	args := pgx.NamedArgs{"from": time.Time{}, "to": time.Now().Add(time.Hour), "most": floorReviews}
	pairs, err := collect[pair](ctx, tx, machinePairs+`r.id in (select id from reviews where state = 'done' order by id desc limit @most) order by r.done_at desc`, args)
	if err != nil {
		return err
	}
	for _, q := range floors {
		w, switchedBefore := switches[q.ID]
		if switchedBefore && !w.Answers {
			continue
		}
		a := agree(slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return p.At.Before(w.At) }), q, floorPairs)
		if !q.Under(a) {
			continue
		}
		note := fmt.Sprintf("kappa %.2f of %d pairs, under the floor %.2f", *a.Kappa, a.Pairs, q.Floor)
		if _, err := tx.Exec(ctx, `insert into machine_switches (question, answers, pairs, kappa, floor, note) values ($1, false, $2, $3, $4, $5)`, q.ID, a.Pairs, *a.Kappa, q.Floor, note); err != nil {
			return err
		}
		if err := qa.Note(ctx, tx, "", "", "machine_off", map[string]any{"question": q.ID, "kappa": *a.Kappa, "pairs": a.Pairs}); err != nil {
			return err
		}
	}
	return nil
}

// Switch lets the machine answer a question again, or no longer, by a person's word. What was scored before stays.
func (s *Store) Switch(ctx context.Context, by, question string, answers bool, note string) error {
	c, err := s.quality.LiveCard(ctx)
	if err != nil {
		return err
	}
	if q, ok := c.Question(question); !ok || q.Answerer() == score.ByPerson {
		return ErrNotFound
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `insert into machine_switches (question, answers, by, note) values ($1, $2, $3, $4)`, question, answers, by, note); err != nil {
			return err
		}
		return qa.Note(ctx, tx, "", by, "machine_switched", map[string]any{"question": question, "answers": answers})
	})
	if err != nil {
		return fmt.Errorf("switch the machine for %s: %w", question, err)
	}
	return nil
}
