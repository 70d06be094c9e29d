-- Links by which customers answer a survey on a web page. Like other facts of calls they carry no foreign key to calls; a contact of
-- a campaign without a call has a made-up one.

-- +goose Up

create table survey_links (
    id          bigint generated always as identity primary key,
    token_hash  bytea not null unique check (length(token_hash) = 32),
    call_id     text collate "C" not null,
    survey      text collate "C" not null,
    version     text collate "C" not null,
    campaign    text collate "C" not null default '',
    lang        text not null,
    skipped     text[] not null default '{}',
    made_at     timestamptz not null default now(),
    expires_at  timestamptz not null,
    opened_at   timestamptz,
    finished_at timestamptz,
    unique (call_id, survey)
);
comment on column survey_links.token_hash is 'SHA-256 of the link''s token; the token itself is stored nowhere but in the message, until that is sent.';
comment on column survey_links.skipped is 'Questions that the reader went past without an answer.';
comment on column survey_links.opened_at is 'When the page was first asked for.';
