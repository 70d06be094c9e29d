-- What customers say of topics and products.

-- +goose Up

create table dictionaries (
    version    integer primary key,
    state      text not null check (state in ('draft', 'live', 'retired')),
    yaml       text not null,
    note       text not null default '',
    created_at timestamptz not null default now(),
    created_by text collate "C",
    live_at    timestamptz
);
create unique index dictionaries_live on dictionaries (state) where state = 'live';
create unique index dictionaries_draft on dictionaries (state) where state = 'draft';
comment on table dictionaries is 'Versions of the dictionary of topics, products and opinion words. Transcripts say by which they were looked through.';
comment on column dictionaries.created_by is 'Null for the one that was shipped.';

alter table transcripts add column dictionary integer not null default 0;
create index transcripts_dictionary on transcripts (dictionary, started_at desc) where state = 'done';
comment on column transcripts.dictionary is 'Version of the dictionary that its mentions are by; 0 is none yet.';

create table mentions (
    leg      text collate "C" not null,
    n        integer not null,
    kind     text collate "C" not null check (kind in ('topic', 'product')),
    entry    text collate "C" not null,
    call_id  text collate "C" not null,
    agent_id text collate "C" not null,
    queue_id text collate "C",
    at       timestamptz not null,
    role     text collate "C" not null check (role in ('agent', 'caller')),
    start_ms integer not null,
    phrase   text not null,
    heard    text not null,
    match    text collate "C" not null check (match in ('exact', 'sound')),
    opinion  smallint not null check (opinion between -1 and 1),
    word     text not null default '',
    primary key (leg, n, kind, entry)
);
create index mentions_entry on mentions (kind, entry, at desc, leg desc, n desc);
create index mentions_at on mentions (at, kind, entry, call_id, opinion, role, queue_id, agent_id);
comment on table mentions is 'What was spoken of in a line of a transcript, by the live dictionary.';
comment on column mentions.at is 'The beginning of the recording, so that a call counts for one day however long it lasts.';
comment on column mentions.word is 'What the opinion was taken from.';
