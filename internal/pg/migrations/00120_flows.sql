-- Flows and surveys are kept as versions: one is live, one may be a draft, all others were live once.
--
-- The hash is the one that calls and answers are stored with, so that a call that is on an older version finds its text.

-- +goose Up

create table flow_versions (
    kind       text collate "C" not null check (kind in ('flow', 'survey')),
    name       text collate "C" not null,
    version    integer not null check (version > 0),
    state      text collate "C" not null check (state in ('draft', 'live', 'retired')),
    yaml       text not null,
    hash       text collate "C" not null,
    origin     text collate "C" not null check (origin in ('file', 'import', 'editor')),
    note       text not null default '',
    created_at timestamptz not null default now(),
    created_by text collate "C",
    live_at    timestamptz,
    live_by    text collate "C",
    back_to    integer,
    primary key (kind, name, version)
);
create unique index flow_versions_live on flow_versions (kind, name) where state = 'live';
create unique index flow_versions_draft on flow_versions (kind, name) where state = 'draft';
create index flow_versions_hash on flow_versions (kind, name, hash);
comment on table flow_versions is 'Versions of flows and surveys. A version never changes once it was live, since calls and answers name it.';
comment on column flow_versions.hash is 'Of the text, as calls and answers have it.';
comment on column flow_versions.origin is 'A live version from a file follows its file at the next start; one from elsewhere does not.';
comment on column flow_versions.created_at is 'When it was saved last.';
comment on column flow_versions.created_by is 'Null for what came from a file.';
comment on column flow_versions.back_to is 'The earlier version whose text it repeats, when somebody went back.';

-- A draft is nobody's business but its editor's; what goes live is everybody's.
create trigger config_changed after insert or update on flow_versions
    for each row when (new.state = 'live') execute function notify_config();

-- +goose Down

drop table flow_versions;
