package qa

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/qa/rule"
)

// Search is what is looked for in everything that was said. Zero fields do not narrow it.
type Search struct {
	Text     string // words in a row, or several parted by blanks that all stand in one line
	Role     rule.Role
	From, To time.Time
	Queue    string
	Agent    id.AgentID
	Team     string // of the agent, now
	After    Place  // the last line of the page before
	Limit    int
}

// Place is where a line stands in the order of a search, the newest first.
type Place struct {
	At  time.Time
	Leg id.LegID
	N   int
}

// Line is something that was said.
type Line struct {
	Leg     id.LegID   `db:"leg"`
	N       int        `db:"n"`
	At      time.Time  `db:"at"`
	Role    rule.Role  `db:"role"`
	StartMS int        `db:"start_ms"`
	EndMS   int        `db:"end_ms"`
	Text    string     `db:"text"`
	Agent   id.AgentID `db:"agent_id"`
	Queue   string     `db:"queue_id"`
}

// Place is where the line stands.
func (l Line) Place() Place { return Place{l.At, l.Leg, l.N} }

// TooShort is the error for a word of which too much would be found.
type TooShort struct{ Word string }

func (e *TooShort) Error() string {
	return fmt.Sprintf("%q is too short to be looked for; write at least two characters", e.Word)
}

// Words are what has to stand in a line.
func (q Search) Words() ([]string, error) {
	words := strings.Fields(q.Text)
	if len(words) == 0 {
		return nil, &TooShort{}
	}
	for _, w := range words {
		if utf8.RuneCountInString(w) < 2 {
			return nil, &TooShort{w}
		}
	}
	return words, nil
}

// Find returns what was said, the newest first.
//
// A word that many calls have is found soon by reading lines from the newest on; a rare one by its index, which for the other
// kind would bring up half of all lines. Which it is is seen in the newest lines, that are looked through first.
func (s *Store) Find(ctx context.Context, q Search) ([]Line, error) {
	words, err := q.Words()
	if err != nil {
		return nil, err
	}
	var found []Line
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		f := newFinder(q)
		if err := tx.QueryRow(ctx, `select array(select text_fold(w) from unnest($1::text[]) w)`, words).Scan(&f.words); err != nil {
			return err
		}
		for i, w := range f.words {
			if utf8.RuneCountInString(w) < 2 {
				return &TooShort{words[i]}
			}
		}
		found, err = f.find(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("search transcripts: %w", err)
	}
	return found, nil
}

// finder is one search.
type finder struct {
	q          Search
	words      []string // folded
	conditions []string // besides the words and the time
	args       pgx.NamedArgs
}

const (
	sample   = 20_000  // lines that are looked through first
	mostRead = 400_000 // lines that are read from the newest on at most, before the index is asked
	perHit   = 8       // a line found by the index costs about as much as so many that are read in a row
	lineCols = `leg, n, at, role, start_ms, end_ms, text, agent_id, coalesce(queue_id, '') as queue_id`
)

func newFinder(q Search) *finder {
	f := &finder{q: q, args: pgx.NamedArgs{"limit": q.Limit}}
	add := func(set bool, condition, name string, value any) {
		if set {
			f.conditions, f.args[name] = append(f.conditions, condition), value
		}
	}
	add(q.Role != "", "role = @role", "role", q.Role)
	add(q.Queue != "", "queue_id = @queue", "queue", q.Queue)
	add(q.Team != "", "agent_id in (select id from users where team_id = @team)", "team", q.Team)
	return f
}

// period are the conditions of time and place, and of the one agent: those that an index in order of time has.
func (f *finder) period() string {
	all := []string{"true"}
	if f.q.Agent != "" {
		all, f.args["agent"] = append(all, "agent_id = @agent"), f.q.Agent
	}
	if !f.q.From.IsZero() {
		all, f.args["from"] = append(all, "at >= @from"), f.q.From
	}
	if !f.q.To.IsZero() {
		all, f.args["to"] = append(all, "at < @to"), f.q.To
	}
	if p := f.q.After; !p.At.IsZero() {
		all = append(all, "at <= @after_at and (at < @after_at or (leg, n) < (@after_leg, @after_n))")
		f.args["after_at"], f.args["after_leg"], f.args["after_n"] = p.At, p.Leg, p.N
	}
	return strings.Join(all, " and ")
}

// wanted are all other conditions.
func (f *finder) wanted() string {
	return strings.Join(append([]string{f.said()}, f.conditions...), " and ")
}

// said is that the words stand in the line.
func (f *finder) said() string {
	var all []string
	for i, w := range f.words {
		name := fmt.Sprintf("word%d", i)
		f.args[name] = w
		all = append(all, "strpos(folded, @"+name+") > 0")
	}
	return strings.Join(all, " and ")
}

func (f *finder) find(ctx context.Context, tx pgx.Tx) ([]Line, error) {
	var lines, said, hits int
	f.args["sample"] = sample
	err := tx.QueryRow(ctx, `select count(*), count(*) filter (where `+f.said()+`), count(*) filter (where `+f.wanted()+`)
		from (select * from transcript_lines where `+f.period()+` order by at desc, leg desc, n desc limit @sample) newest`, f.args).Scan(&lines, &said, &hits)
	if err != nil {
		return nil, err
	}
	if hits >= f.q.Limit || lines < sample {
		return f.read(ctx, tx, sample)
	}
	// With half a hit for none: it may well be there in the next lines.
	read := float64(sample) * float64(f.q.Limit) / max(float64(hits), .5)
	if read <= mostRead && (f.q.Agent != "" || read < perHit*f.hits(ctx, tx, said)) {
		found, err := f.read(ctx, tx, 2*int(read))
		if err != nil || len(found) >= f.q.Limit {
			return found, err
		}
	}
	return f.look(ctx, tx)
}

// hits is how many lines of all have the words, by how many of the sample do.
func (f *finder) hits(ctx context.Context, tx pgx.Tx, said int) float64 {
	var all float64
	if err := tx.QueryRow(ctx, `select greatest(reltuples, 0) from pg_class where oid = 'transcript_lines'::regclass`).Scan(&all); err != nil {
		return 0 // the index is never wrong, only slower
	}
	return all * float64(said) / sample
}

// read looks through the newest lines.
func (f *finder) read(ctx context.Context, tx pgx.Tx, lines int) ([]Line, error) {
	f.args["lines"] = lines
	return collect(tx.Query(ctx, `select `+lineCols+` from (select * from transcript_lines where `+f.period()+` order by at desc, leg desc, n desc limit @lines) newest
		where `+f.wanted()+` order by at desc, leg desc, n desc limit @limit`, f.args))
}

// look asks the index of neighbouring characters.
func (f *finder) look(ctx context.Context, tx pgx.Tx) ([]Line, error) {
	f.args["words"] = f.words
	return collect(tx.Query(ctx, `with hits as materialized (
			select `+lineCols+` from transcript_lines
			where text_grams(folded) @> (select array_agg(g) from unnest(@words::text[]) w, unnest(text_grams(w)) g)
				and `+f.wanted()+` and `+f.period()+`)
		select * from hits order by at desc, leg desc, n desc limit @limit`, f.args))
}

func collect(rows pgx.Rows, err error) ([]Line, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Line])
}
