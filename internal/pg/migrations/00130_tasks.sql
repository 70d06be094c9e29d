-- What a person still has to do. Calls leave tasks while they live, so like other facts of calls these carry no foreign keys to
-- calls, customers and queues. The caller's number is not copied: it is read from the call's row.

-- +goose Up

create table tasks (
    id          bigint generated always as identity primary key,
    key         text collate "C" not null unique check (key <> ''),
    kind        text not null check (kind in ('callback', 'follow-up', 'message')),
    state       text not null default 'open' check (state in ('open', 'taken', 'done', 'dropped')),
    queue_id    text collate "C",
    call_id     text collate "C",
    customer_id bigint,
    note        text not null default '',
    owner       text collate "C",
    due         timestamptz not null,
    made_by     text collate "C" not null,
    created_at  timestamptz not null default now(),
    closed_at   timestamptz,
    reason      text not null default '',
    check ((state in ('taken', 'done')) <= (owner is not null)),
    check (state <> 'open' or owner is null),
    check ((state in ('done', 'dropped')) = (closed_at is not null)),
    check (state <> 'dropped' or reason <> '')
);
create index tasks_due on tasks (due, id) where closed_at is null;
create index tasks_closed on tasks (closed_at desc, id desc) where closed_at is not null;
create index tasks_owner on tasks (owner, due, id) where owner is not null;
create index tasks_call on tasks (call_id) where call_id is not null;
comment on column tasks.key is 'Names what the task is about, so that what is added twice is one task.';
comment on column tasks.customer_id is 'Null: the customer of the call, if any.';
comment on column tasks.owner is 'Who has taken it, or did it; null while it is open.';
comment on column tasks.made_by is 'What made it: flow, survey, or a user''s id.';
comment on column tasks.reason is 'Why it was dropped, or what came of it.';

create table task_events (
    id      bigint generated always as identity primary key,
    task_id bigint not null references tasks (id) on delete cascade,
    at      timestamptz not null default now(),
    by      text collate "C",
    what    text not null check (what in ('added', 'taken', 'returned', 'done', 'dropped')),
    note    text not null default ''
);
create index task_events_task on task_events (task_id, id);
comment on table task_events is 'The history of every task.';
comment on column task_events.by is 'A user; null where the task was added by the program.';
create trigger append_only before update on task_events
    for each statement execute function refuse_change();
