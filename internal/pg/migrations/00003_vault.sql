-- Recordings at rest: the keys of sealed files, what is silenced in copies, comments, and who looked.
--
-- Like other facts of calls these carry no foreign keys to calls and recordings. Whatever is derived from a recording is
-- found by its leg, so that an erasure removes it.

-- +goose Up

create table recording_keys (
    leg           text collate "C" primary key,
    wrapped       bytea not null,
    master_id     text collate "C" not null,
    sealed_sha256 text not null check (sealed_sha256 ~ '^[0-9a-f]{64}$'),
    sealed_bytes  bigint not null check (sealed_bytes > 0),
    sealed_at     timestamptz not null default now()
);
create index recording_keys_master on recording_keys (master_id);
comment on table recording_keys is 'The key of each sealed file, wrapped by a master key. The file itself holds none: without this row nobody can read it.';
comment on column recording_keys.master_id is 'The public half of the master key that wraps it.';
comment on column recording_keys.sealed_sha256 is 'Of the sealed file, so that it can be checked without any key.';

create table recording_redactions (
    leg      text collate "C" not null,
    channel  text not null check (channel in ('left', 'right', 'both')),
    start_ms bigint not null check (start_ms >= 0),
    end_ms   bigint not null,
    kind     text not null check (kind in ('card', 'id', 'other')),
    primary key (leg, start_ms, channel, kind),
    check (end_ms > start_ms)
);
comment on table recording_redactions is 'What is silence in the copy that most people hear. The sealed file is unchanged.';

create table recording_comments (
    id         bigint generated always as identity primary key,
    leg        text collate "C" not null,
    at_ms      bigint not null check (at_ms >= 0),
    user_id    text collate "C" not null,
    body       text not null check (btrim(body) <> ''),
    created_at timestamptz not null default now(),
    edited_at  timestamptz
);
create index recording_comments_leg on recording_comments (leg, at_ms, id);
comment on column recording_comments.at_ms is 'The moment of the recording that the comment is pinned to.';

alter table access_log add column denied boolean not null default false;
alter table access_log add column address text not null default '';
create index access_log_object on access_log (object, id desc) where object <> '';
comment on column access_log.denied is 'It was asked for, and refused.';
comment on column access_log.address is 'Of the browser, behind trusted proxies; empty where nobody asked.';
