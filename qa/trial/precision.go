package trial

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hotline/qa/rule"
	"hotline/qa/score"
)

// Precision is how many of a rule's findings are right, as far as people have said.
type Precision struct {
	All     score.Share `json:"all" doc:"Each finding once; a reviewer's decision comes before a thumb."`
	Thumbs  score.Share `json:"thumbs" doc:"By thumbs on examples of trials."`
	Reviews score.Share `json:"reviews" doc:"By reviewers: confirmed or upheld is right; rejected, corrected or overturned is wrong."`
}

// Precisions are those of the book's rules, by their names. What people said of an earlier version counts where the rule was
// the same.
func (s *Store) Precisions(ctx context.Context, b *rule.Book) (map[string]Precision, error) {
	all := map[string]Precision{}
	var names, prints []string
	for _, r := range b.Rules() {
		names, prints = append(names, r.ID), append(prints, b.Print(r.ID))
		all[r.ID] = Precision{score.ShareOf(0, 0), score.ShareOf(0, 0), score.ShareOf(0, 0)}
	}
	books, of, err := s.versionsWith(ctx, b)
	if err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `
		with thumbs as (
			select distinct on (h.leg, h.rule, h.start_ms) h.leg, h.rule, coalesce(h.start_ms, -1) as start, h.thumb
			from rule_thumbs h join unnest(@names::text[], @prints::text[]) as w(rule, print) on w.rule = h.rule and w.print = any(h.prints)
			order by h.leg, h.rule, h.start_ms, h.id desc),
		decided as (
			select distinct on (m.leg, m.rule, m.start_ms) m.leg, m.rule, coalesce(m.start_ms, -1) as start, m.mark
			from finding_marks m join unnest(@books::int[], @of::text[]) as w(book, rule) on w.book = m.book and w.rule = m.rule
			left join reviews r on r.id = m.review_id
			where m.mark <> 'acknowledged' and (r.id is null or r.kind in ('review', 'appeal') and r.state = 'done')
			order by m.leg, m.rule, m.start_ms, m.id desc),
		said as (
			select coalesce(t.rule, d.rule) as rule, case t.thumb when 'up' then true when 'down' then false end as thumb,
				case when d.mark in ('confirmed', 'upheld') then true when d.mark in ('rejected', 'corrected', 'overturned') then false end as decided
			from thumbs t full join decided d on d.leg = t.leg and d.rule = t.rule and d.start = t.start)
		select rule, count(*) filter (where coalesce(decided, thumb)), count(coalesce(decided, thumb)), count(*) filter (where thumb), count(thumb),
			count(*) filter (where decided), count(decided)
		from said group by rule`, pgx.NamedArgs{"names": names, "prints": prints, "books": books, "of": of})
	if err != nil {
		return nil, fmt.Errorf("measure how often rules are right: %w", err)
	}
	var name string
	var n [6]int
	_, err = pgx.ForEachRow(rows, []any{&name, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5]}, func() error {
		all[name] = Precision{score.ShareOf(n[0], n[1]), score.ShareOf(n[2], n[3]), score.ShareOf(n[4], n[5])}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("measure how often rules are right: %w", err)
	}
	return all, nil
}

// versionsWith are the versions that calls were judged by, each with the rules that were the same as in the book.
func (s *Store) versionsWith(ctx context.Context, b *rule.Book) (books []int, rules []string, err error) {
	versions, err := s.quality.Books().All(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, v := range versions {
		if v.State == "draft" {
			continue
		}
		of, err := s.quality.BookOf(ctx, v.Version)
		if err != nil {
			return nil, nil, err
		}
		for _, r := range b.Rules() {
			if of.Book.Print(r.ID) == b.Print(r.ID) {
				books, rules = append(books, v.Version), append(rules, r.ID)
			}
		}
	}
	return books, rules, nil
}
