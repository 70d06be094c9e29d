-- Rules are tried on what was said in past calls before they go live, and people say which of the findings are right.
--
-- A trial's findings are found by their leg, so that an erasure removes them. What people said of an example outlives its
-- trial: it is named by leg, rule and beginning, like a mark on a finding, and by the fingerprints of the rule's definitions
-- that found it.

-- +goose Up

alter table rule_books add column live_by text collate "C", add column back_to integer;
comment on column rule_books.live_by is 'Who put it live; null for the book that was shipped.';
comment on column rule_books.back_to is 'The earlier version whose text it repeats, when somebody went back.';

create table rule_trials (
    id          bigint generated always as identity primary key,
    yaml        text not null,
    live        integer not null references rule_books (version),
    rule        text collate "C" not null default '',
    queue_id    text collate "C" not null default '',
    since       timestamptz,
    before      timestamptz not null,
    most        integer not null check (most > 0),
    state       text not null check (state in ('waiting', 'running', 'done', 'failed', 'stopped')),
    reason      text not null default '',
    attempt     integer not null default 0,
    total       integer,
    done        integer not null default 0,
    unread      integer not null default 0,
    reached_at  timestamptz,
    reached     text collate "C",
    by          text collate "C" not null,
    created_at  timestamptz not null default now(),
    ended_at    timestamptz
);
create index rule_trials_live on rule_trials (live);
comment on column rule_trials.yaml is 'The draft as it was then: a draft may change while it is tried.';
comment on column rule_trials.live is 'The version that it is compared with.';
comment on column rule_trials.rule is 'The one rule that is tried, or empty for all.';
comment on column rule_trials.since is 'Calls from then on, and before that, at most so many, the newest first.';
comment on column rule_trials.attempt is 'Which attempt goes on; an earlier one that comes late writes nothing.';
comment on column rule_trials.total is 'Calls to be judged; null until they are counted.';
comment on column rule_trials.unread is 'Calls whose transcript could not be read.';
comment on column rule_trials.reached is 'The call that was judged last, with its time: the next attempt goes on after it.';

create table rule_trial_findings (
    id       bigint generated always as identity primary key,
    trial_id bigint not null references rule_trials (id) on delete cascade,
    leg      text collate "C" not null,
    agent_id text collate "C" not null,
    at       timestamptz not null,
    side     text collate "C" not null check (side in ('new', 'gone', 'same')),
    rule     text collate "C" not null,
    class    text collate "C" not null,
    phrase   text not null default '',
    heard    text not null default '',
    role     text collate "C" not null default '',
    start_ms integer,
    end_ms   integer,
    match    text collate "C" not null default '' check (match in ('', 'exact', 'sound')),
    apart    real not null default 0,
    value    real not null default 0,
    draw     integer not null generated always as (hashtext(leg || ' ' || rule || ' ' || coalesce(start_ms, -1)::text)) stored
);
create index rule_trial_findings_trial on rule_trial_findings (trial_id, rule, side, draw, id);
create index rule_trial_findings_leg on rule_trial_findings (leg);
comment on column rule_trial_findings.side is 'new: the draft alone finds it; gone: the live rules alone; same: both.';
comment on column rule_trial_findings.draw is 'Their order is a draw, the same in each trial, so that the first are a fair sample of all.';

create table rule_thumbs (
    id       bigint generated always as identity primary key,
    leg      text collate "C" not null,
    agent_id text collate "C" not null,
    rule     text collate "C" not null,
    start_ms integer,
    prints   text[] not null check (prints <> '{}'),
    trial_id bigint not null,
    thumb    text collate "C" not null check (thumb in ('up', 'down', 'none')),
    by       text collate "C" not null,
    at       timestamptz not null default now(),
    check (by <> agent_id)
);
create index rule_thumbs_leg on rule_thumbs (leg, rule, start_ms, id desc);
create index rule_thumbs_rule on rule_thumbs (rule);
create trigger append_only before update on rule_thumbs
    for each statement execute function refuse_change();
comment on table rule_thumbs is 'What people said of examples: up, the rule is right here; down, it is not; none takes back what was said. The last of an example counts.';
comment on column rule_thumbs.prints is 'Fingerprints of the definitions of the rule that found it: see rule.Book.Print.';
comment on column rule_thumbs.trial_id is 'No foreign key: old trials are thrown away.';
