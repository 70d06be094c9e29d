-- What the sweep of the ledger finds wrong with recordings.

-- +goose Up

create table recording_alarms (
    id         bigint generated always as identity primary key,
    leg        text collate "C" not null,
    kind       text collate "C" not null check (kind in ('missing', 'short', 'silent', 'hash')),
    detail     jsonb not null default '{}',
    raised_at  timestamptz not null default now(),
    cleared_at timestamptz,
    seen_by    text collate "C",
    seen_at    timestamptz,
    check ((seen_by is null) = (seen_at is null))
);
create unique index recording_alarms_open on recording_alarms (leg, kind) where cleared_at is null;
create index recording_alarms_raised on recording_alarms (raised_at desc, id desc);
comment on table recording_alarms is 'At most one open alarm for each leg and kind. It is cleared when the recording is mended, or was thrown away.';
comment on column recording_alarms.detail is 'Figures for the sentence that people read; format owned by package recording/ledger.';
comment on column recording_alarms.seen_by is 'Who said that somebody knows of it. The alarm stays open.';

alter table recordings add column checked_sha256 text collate "C" not null default '';
alter table recordings add column checked_at timestamptz;
create index recordings_unchecked on recordings (started_at) where state in ('finished', 'stored') and checked_sha256 <> sha256;
create index recordings_recheck on recordings (checked_at) where state in ('finished', 'stored') and checked_at is not null;
create index recordings_failed on recordings (started_at) where state = 'failed' and checked_at is null;
create index recordings_open on recordings (ended_at) where state in ('expected', 'writing') and ended_at is not null;
comment on column recordings.checked_sha256 is 'The file that the sweep of the ledger has looked at; made again, it is looked at again.';
