-- Which way each call went through its flow, and how many came by each step.

-- +goose Up

create table call_steps (
    call_id text collate "C" not null,
    n       integer not null,
    at      timestamptz not null,
    flow    text collate "C" not null,
    version text collate "C" not null,
    step    text collate "C" not null,
    primary key (call_id, n)
);
comment on table call_steps is 'Steps in the order in which a call entered them; written with the fact that led there, so before the row of the call.';
comment on column call_steps.n is 'Counts the steps of the call from 1; a new controller enters the step that the call is at anew.';
comment on column call_steps.version is 'Hash of the flow, as flow_versions has it.';

create table flow_hours (
    flow    text collate "C" not null,
    hour    timestamptz not null,
    version text collate "C" not null,
    step    text collate "C" not null,
    calls   bigint not null,
    visits  bigint not null,
    dropped bigint not null,
    primary key (flow, hour, version, step)
);
comment on table flow_hours is 'How many calls came by each step, by the hour in which they arrived; counted when a call ends.';
comment on column flow_hours.visits is 'How often they came by: a call may do so more than once.';
comment on column flow_hours.dropped is 'Calls whose caller hung up there.';

-- A call is counted once, however often its row is written.
alter table calls add column steps_counted boolean not null default false;

-- +goose Down

alter table calls drop column steps_counted;
drop table flow_hours;
drop table call_steps;
