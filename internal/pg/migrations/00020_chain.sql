-- The chain of recordings: what was finished and what was thrown away, each entry with the hash of the one before.

-- +goose Up

create table recording_chain (
    seq         bigint primary key check (seq > 0),
    kind        text collate "C" not null check (kind in ('finished', 'erased', 'expired')),
    leg         text collate "C" not null,
    at          timestamptz not null,
    started_at  timestamptz,
    duration_ms bigint not null default 0,
    sha256      text collate "C" not null default '',
    manifest    text collate "C" not null default '',
    note        text not null default '' check (note !~ '[\n\r]'),
    hash        text collate "C" not null check (hash ~ '^[0-9a-f]{64}$'),
    check (kind <> 'finished' or (started_at is not null and sha256 <> '' and manifest <> ''))
);
create index recording_chain_leg on recording_chain (leg, seq desc);
create trigger append_only before update or delete or truncate on recording_chain
    for each statement execute function refuse_change();
comment on table recording_chain is 'Each entry belongs to the transaction of what it says. The encoding that is hashed is described in docs/evidence.md.';
comment on column recording_chain.sha256 is 'Of the plain FLAC file.';
comment on column recording_chain.manifest is 'SHA-256 of what else the row says: call, agent, parts, waveform.';
comment on column recording_chain.note is 'Why something was thrown away, for people; holds no personal data.';
comment on column recording_chain.hash is 'SHA-256 over the entry and the hash of the entry before.';

create table recording_heads (
    seq       bigint not null,
    hash      text collate "C" not null,
    at        timestamptz not null,
    key       text collate "C" not null,
    signature bytea not null,
    primary key (seq, key)
);
create trigger append_only before update or delete or truncate on recording_heads
    for each statement execute function refuse_change();
comment on table recording_heads is 'What the chain had come to when it was signed (Ed25519). Also kept in the folders of evidence.copies.';
comment on column recording_heads.key is 'The first 16 hex digits of the SHA-256 of the public key.';

create index recordings_path on recordings (path) where path <> '';
