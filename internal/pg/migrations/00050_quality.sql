-- What recordings say, and what the rules find in it.
--
-- Like other facts of calls these carry no foreign keys to calls and recordings. Whatever is derived from a recording is
-- found by its leg, so that an erasure removes it.

-- +goose Up

create table rule_books (
    id         bigint generated always as identity primary key,
    version    integer not null unique,
    state      text not null check (state in ('draft', 'live', 'retired')),
    yaml       text not null,
    note       text not null default '',
    created_at timestamptz not null default now(),
    created_by text collate "C",
    live_at    timestamptz
);
create unique index rule_books_live on rule_books (state) where state = 'live';
create unique index rule_books_draft on rule_books (state) where state = 'draft';
comment on table rule_books is 'Versions of the rules. What was found says by which version, so a version never changes once it was live.';
comment on column rule_books.created_by is 'Null for the book that was shipped.';

create table transcripts (
    leg        text collate "C" primary key,
    call_id    text collate "C" not null,
    agent_id   text collate "C" not null,
    queue_id   text collate "C",
    started_at timestamptz not null,
    length_ms  integer not null default 0,
    state      text not null check (state in ('waiting', 'running', 'done', 'failed')),
    reason     text not null default '',
    attempt    integer not null default 0,
    since      timestamptz not null default now(),
    model      text not null default '',
    made_at    timestamptz,
    took_ms    integer not null default 0,
    agent_ms   integer not null default 0,
    caller_ms  integer not null default 0,
    unclear_ms integer not null default 0,
    masked     integer not null default 0,
    data       jsonb,
    book       integer references rule_books (version)
);
create index transcripts_book on transcripts (book);
create index transcripts_call on transcripts (call_id);
create index transcripts_agent on transcripts (agent_id, started_at desc);
create index transcripts_started on transcripts (started_at desc);
create index transcripts_made on transcripts (made_at);
create index transcripts_open on transcripts (started_at) where state <> 'done';
comment on table transcripts is 'One for each recording. Until it is done, reason says for people what it waits for.';
comment on column transcripts.attempt is 'Which attempt wrote last; an earlier one that comes late writes nothing.';
comment on column transcripts.unclear_ms is 'Speech that was not understood: counted, never judged.';
comment on column transcripts.masked is 'Digits of cards and identity numbers that are not in the text.';
comment on column transcripts.book is 'Version of the rules that judged it last.';
comment on column transcripts.data is 'Utterances with the time of each character; format owned by package qa.';

-- What is compared in a search: without blanks and punctuation, which a model sets as it likes.
create function text_fold(t text) returns text language sql immutable strict parallel safe
return lower(regexp_replace(normalize(t, nfkc), '[[:space:][:punct:]]+', '', 'g'));

-- The pairs and triples of neighbouring characters of a folded text: two characters suffice for a search, and three narrow it.
create function text_grams(folded text) returns text[] language sql immutable strict parallel safe
return (
    select coalesce(array_agg(distinct substr(folded, i, n)), '{}')
    from generate_series(2, 3) n, generate_series(1, greatest(length(folded) - 1, 0)) i
    where i + n - 1 <= length(folded)
);

create table transcript_lines (
    leg      text collate "C" not null,
    n        integer not null,
    at       timestamptz not null,
    role     text collate "C" not null check (role in ('agent', 'caller')),
    start_ms integer not null,
    end_ms   integer not null,
    text     text not null,
    folded   text collate "C" not null generated always as (text_fold(text)) stored,
    agent_id text collate "C" not null,
    queue_id text collate "C",
    primary key (leg, n)
);
create index transcript_lines_grams on transcript_lines using gin (text_grams(folded)) with (fastupdate = on);
create index transcript_lines_agent on transcript_lines (agent_id, at desc, leg desc, n desc);
create index transcript_lines_at on transcript_lines (at desc, leg desc, n desc);
comment on table transcript_lines is 'What was said, line by line, for searching.';
comment on column transcript_lines.at is 'When it was said: the beginning of the recording and start_ms.';

create table findings (
    id       bigint generated always as identity primary key,
    leg      text collate "C" not null,
    call_id  text collate "C" not null,
    agent_id text collate "C" not null,
    queue_id text collate "C",
    at       timestamptz not null,
    book     integer not null references rule_books (version),
    rule     text collate "C" not null,
    class    text collate "C" not null,
    phrase   text not null default '',
    heard    text not null default '',
    role     text collate "C" not null default '',
    start_ms integer,
    end_ms   integer,
    match    text collate "C" not null default '' check (match in ('', 'exact', 'sound')),
    apart    real not null default 0,
    value    real not null default 0
);
create index findings_leg on findings (leg, book);
create index findings_agent on findings (agent_id, at desc);
create index findings_rule on findings (rule, at desc);
create index findings_book on findings (book);
create index findings_at on findings (at desc);
comment on table findings is 'What the rules of one version of the book found in one recording. start_ms is null for what was not said.';
comment on column findings.apart is 'How unlike the phrase it sounded, for each syllable; the rule names the bound.';
