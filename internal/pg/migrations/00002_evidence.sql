-- What a recording owes and was allowed: the ledger's states, the announcement, refusals and pauses.

-- +goose Up

alter table recordings drop constraint recordings_state_check;
alter table recordings drop constraint recordings_check;
alter table recordings add constraint recordings_state_check
    check (state in ('expected', 'writing', 'finished', 'stored', 'failed', 'refused', 'erased'));
alter table recordings add constraint recordings_file_check
    check (state not in ('finished', 'stored') or (sha256 ~ '^[0-9a-f]{64}$' and path <> ''));
alter table recordings add column ended_at timestamptz;
comment on column recordings.state is 'expected: the agent answered; writing: the gateway records; finished: one file, still local; stored: sealed and verified in the blob store; failed: reason says why; refused: nobody may record it; erased: thrown away, the row says that there was one.';
comment on column recordings.reason is 'Why it failed or was refused (caller, flow, queue), for people.';
comment on column recordings.ended_at is 'When the leg was over; null while it is live.';

alter table calls add column notice_at timestamptz;
alter table calls add column recording_refused text check (recording_refused in ('caller', 'flow', 'queue'));
comment on column calls.notice_at is 'When the announcement of the recording was played to its end.';
comment on column calls.recording_refused is 'Who allowed no recording; null when it was allowed.';

create table recording_pauses (
    leg        text collate "C" not null,
    started_at timestamptz not null,
    ended_at   timestamptz,
    by         text collate "C" not null,
    cause      text not null check (cause in ('agent', 'api', 'flow', 'unknown')),
    primary key (leg, started_at)
);
comment on table recording_pauses is 'When a recording held silence on purpose, as for a card number.';
comment on column recording_pauses.by is 'Whoever paused: the user, or the step of the flow.';
comment on column recording_pauses.cause is 'unknown: after a restart of the gateway nobody could say that it was not paused.';
