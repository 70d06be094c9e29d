-- Questions of scorecards that a language model answers, with quotations that are checked to be in the transcript.

-- +goose Up

alter table score_answers drop constraint score_answers_source_check;
alter table score_answers add constraint score_answers_source_check check (source in ('rules', 'model', 'person'));
comment on column score_answers.evidence is 'What a machine''s answer rests on: of a rule''s the findings (rule, start_ms, heard), of a model''s its quotations (role, start_ms, heard).';
comment on column score_answers.note is 'What a person wrote, or a model''s reason.';

create table score_asks (
    score_id   bigint not null references scores (id) on delete cascade,
    question   text collate "C" not null,
    state      text not null default 'waiting' check (state in ('waiting', 'answered', 'refused')),
    reason     text not null default '',
    model      text not null default '',
    attempts   integer not null default 0,
    tokens_in  integer not null default 0,
    tokens_out integer not null default 0,
    created_at timestamptz not null default now(),
    at         timestamptz not null default now(),
    primary key (score_id, question)
);
create index score_asks_waiting on score_asks (created_at) where state = 'waiting';
create index score_asks_at on score_asks (at);
comment on table score_asks is 'What a model is to answer, is asked until it has, and why its answer was not taken. Erased with the score.';
comment on column score_asks.reason is 'waiting: why it still does; refused: why a person has to answer.';
comment on column score_asks.tokens_in is 'Read in all attempts, as the service counts; tokens_out: written.';
