-- Scorecards, scores, and what people say of them.
--
-- Answers and marks are only ever added: what the machine said, what each person said, and when, stand beside one another.
-- Like other facts of calls these carry no foreign keys to recordings and findings, and are found by the leg. A finding is
-- named by its leg, book, rule and beginning, so that a recording that is transcribed again keeps what was said of it.

-- +goose Up

create table scorecards (
    version    integer primary key,
    state      text not null check (state in ('draft', 'live', 'retired')),
    yaml       text not null,
    note       text not null default '',
    created_at timestamptz not null default now(),
    created_by text collate "C",
    live_at    timestamptz
);
create unique index scorecards_live on scorecards (state) where state = 'live';
create unique index scorecards_draft on scorecards (state) where state = 'draft';
comment on table scorecards is 'Versions of the scorecard. A score says by which, so a version never changes once it was live.';
comment on column scorecards.created_by is 'Null for the card that was shipped.';

create table scores (
    id            bigint generated always as identity primary key,
    leg           text collate "C" not null,
    card          integer not null references scorecards (version),
    call_id       text collate "C" not null,
    agent_id      text collate "C" not null,
    queue_id      text collate "C",
    at            timestamptz not null,
    length_ms     integer not null,
    book          integer not null,
    refused       text not null default '' check (refused in ('', 'short', 'silent', 'unclear')),
    machine_total real,
    total         real,
    open          integer not null default 0,
    critical      integer not null default 0,
    reviewed_at   timestamptz,
    created_at    timestamptz not null default now(),
    unique (leg, card)
);
create index scores_card on scores (card);
create index scores_agent on scores (agent_id, at desc);
create index scores_at on scores (at desc, leg desc);
comment on column scores.book is 'Version of the rules whose findings it rests on.';
comment on column scores.refused is 'Why the rules answered nothing: too short, nobody spoke, too much was not understood.';
comment on column scores.machine_total is 'Percent by the machine''s answers alone; null when it gave none.';
comment on column scores.total is 'Percent now: people''s answers before the machine''s. What it was made of is in score_answers.';
comment on column scores.open is 'Questions that nobody has answered.';
comment on column scores.critical is 'Critical questions that got nothing.';

create table reviews (
    id         bigint generated always as identity primary key,
    score_id   bigint not null references scores (id) on delete cascade,
    reviewer   text collate "C" not null,
    kind       text not null check (kind in ('review', 'second', 'calibration')),
    state      text not null check (state in ('claimed', 'done', 'dropped', 'expired')),
    session_id bigint,
    list       text not null default '',
    claimed_at timestamptz not null default now(),
    expires_at timestamptz not null,
    done_at    timestamptz
);
create unique index reviews_one_first on reviews (score_id) where kind = 'review' and state in ('claimed', 'done');
create unique index reviews_one_second on reviews (score_id) where kind = 'second' and state in ('claimed', 'done');
create unique index reviews_once_each on reviews (score_id, reviewer, kind) where state in ('claimed', 'done');
create index reviews_score on reviews (score_id);
create index reviews_reviewer on reviews (reviewer, state, claimed_at desc);
comment on column reviews.kind is 'second and calibration are blind: they see neither the machine''s answers nor another person''s until they are done.';
comment on column reviews.list is 'The work list that it was taken from.';

create table score_answers (
    id        bigint generated always as identity primary key,
    score_id  bigint not null references scores (id) on delete cascade,
    question  text collate "C" not null,
    source    text not null check (source in ('rules', 'person')),
    by        text collate "C",
    review_id bigint references reviews (id) on delete cascade,
    value     text not null,
    note      text not null default '',
    evidence  jsonb not null default '[]',
    at        timestamptz not null default now(),
    check ((source = 'person') = (by is not null and review_id is not null))
);
create index score_answers_score on score_answers (score_id, question, id);
create index score_answers_review on score_answers (review_id);
create trigger append_only before update on score_answers
    for each statement execute function refuse_change();
comment on table score_answers is 'Every answer that was ever given. Of the machine''s, and of each review''s, the last counts.';
comment on column score_answers.evidence is 'The findings that a rule''s answer rests on: rule, start_ms, heard.';

create table finding_marks (
    id        bigint generated always as identity primary key,
    leg       text collate "C" not null,
    book      integer not null,
    rule      text collate "C" not null,
    start_ms  integer,
    agent_id  text collate "C" not null,
    review_id bigint references reviews (id) on delete cascade,
    by        text collate "C" not null,
    mark      text not null check (mark in ('confirmed', 'rejected', 'corrected', 'acknowledged', 'appealed', 'upheld', 'overturned')),
    rule_is   text collate "C" not null default '',
    note      text not null default '',
    at        timestamptz not null default now(),
    check (mark <> 'corrected' or rule_is <> ''),
    check (mark not in ('appealed', 'upheld', 'overturned') or btrim(note) <> ''),
    check (mark not in ('upheld', 'overturned') or by <> agent_id)
);
create index finding_marks_leg on finding_marks (leg, book, rule, start_ms, id);
create index finding_marks_agent on finding_marks (agent_id, at desc);
create index finding_marks_review on finding_marks (review_id);
create trigger append_only before update on finding_marks
    for each statement execute function refuse_change();
comment on table finding_marks is 'What people said of a finding, in order: reviewers confirm, reject or correct it, the agent acknowledges or appeals, somebody else decides.';
comment on column finding_marks.rule_is is 'corrected: the rule that it should have been found by.';

create table machine_switches (
    id       bigint generated always as identity primary key,
    at       timestamptz not null default now(),
    question text collate "C" not null,
    answers  boolean not null,
    pairs    integer not null default 0,
    kappa    real,
    floor    real,
    by       text collate "C",
    note     text not null default ''
);
create index machine_switches_question on machine_switches (question, id desc);
create trigger append_only before update on machine_switches
    for each statement execute function refuse_change();
comment on table machine_switches is 'When the machine stopped answering a question, since people disagreed with it too often, and when somebody let it again.';
comment on column machine_switches.by is 'Null for the floor itself.';

create table calibrations (
    id        bigint generated always as identity primary key,
    score_id  bigint not null references scores (id) on delete cascade,
    opened_by text collate "C" not null,
    opened_at timestamptz not null default now(),
    closed_at timestamptz,
    note      text not null default ''
);
create index calibrations_score on calibrations (score_id);
alter table reviews add foreign key (session_id) references calibrations (id) on delete cascade;
create index reviews_session on reviews (session_id);
comment on table calibrations is 'One call that several reviewers score by themselves, to compare afterwards.';

create table violation_steps (
    id       bigint generated always as identity primary key,
    agent_id text collate "C" not null,
    rule     text collate "C" not null,
    step     text not null check (step in ('remind', 'coach', 'warn', 'report')),
    count    integer not null check (count > 0),
    days     integer not null check (days > 0),
    by       text collate "C" not null,
    at       timestamptz not null default now(),
    note     text not null default ''
);
create index violation_steps_agent on violation_steps (agent_id, rule, at desc);
create trigger append_only before update on violation_steps
    for each statement execute function refuse_change();
comment on table violation_steps is 'Steps that a person confirmed, with the count that they were proposed for.';

create table coaching_notes (
    id       bigint generated always as identity primary key,
    agent_id text collate "C" not null,
    leg      text collate "C",
    from_ms  integer,
    to_ms    integer,
    note     text not null check (btrim(note) <> ''),
    by       text collate "C" not null,
    at       timestamptz not null default now(),
    read_at  timestamptz,
    check ((leg is null) = (from_ms is null) and (leg is null) = (to_ms is null) and (leg is null or from_ms >= 0 and to_ms > from_ms))
);
create index coaching_notes_agent on coaching_notes (agent_id, at desc);
create index coaching_notes_leg on coaching_notes (leg);
comment on column coaching_notes.leg is 'With from_ms and to_ms, the clip that the note is about.';

create table stars (
    month    date not null check (extract(day from month) = 1),
    agent_id text collate "C" not null,
    reasons  jsonb not null,
    by       text collate "C" not null,
    at       timestamptz not null default now(),
    primary key (month, agent_id)
);
comment on table stars is '客服之星 of a month: proposed by figures, named by a person.';

create table review_events (
    id     bigint generated always as identity primary key,
    at     timestamptz not null default now(),
    leg    text collate "C",
    by     text collate "C",
    action text collate "C" not null,
    detail jsonb not null default '{}'
);
create index review_events_leg on review_events (leg, id);
create trigger append_only before update on review_events
    for each statement execute function refuse_change();
comment on table review_events is 'The history of every score and review: scored, claimed, dropped, done, and what total that made. by is null for the machine.';
