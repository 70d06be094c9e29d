-- How long recordings are kept, and which of them must be kept.

-- +goose Up

create table retention_rules (
    id       bigint generated always as identity primary key,
    queue_id text collate "C" not null default '',
    outcome  text collate "C" not null default '',
    days     integer not null check (days between 1 and 36500),
    unique (queue_id, outcome)
);
comment on table retention_rules is 'Days after which a recording is thrown away. The rule that names queue and outcome goes before one that names the queue, and that before one that names the outcome; without any, evidence.keep_days counts.';
comment on column retention_rules.queue_id is 'Empty: every queue.';
comment on column retention_rules.outcome is 'A disposition; empty: every outcome.';

create table legal_holds (
    id             bigint generated always as identity primary key,
    reason         text not null check (btrim(reason) <> ''),
    owner          text collate "C" not null,
    placed_at      timestamptz not null default now(),
    released_at    timestamptz,
    released_by    text collate "C",
    release_reason text not null default '',
    queue_id       text collate "C",
    agent_id       text collate "C",
    customer_id    bigint,
    outcome        text collate "C",
    calls          text[],
    from_at        timestamptz,
    to_at          timestamptz,
    check ((released_at is null) = (released_by is null)),
    check (num_nonnulls(queue_id, agent_id, customer_id, outcome, calls, from_at, to_at) > 0)
);
comment on table legal_holds is 'Recordings that the query names may not be thrown away, those that come later included, until the hold is released.';
comment on column legal_holds.owner is 'Whoever placed it.';

create table legal_hold_legs (
    hold bigint not null references legal_holds (id),
    leg  text collate "C" not null,
    primary key (hold, leg)
);
create index legal_hold_legs_leg on legal_hold_legs (leg);

-- A hold is kept whatever program asks.
-- +goose StatementBegin
create function refuse_held() returns trigger language plpgsql as $$
begin
    if exists (select from legal_hold_legs l join legal_holds h on h.id = l.hold where l.leg = old.leg and h.released_at is null) then
        raise exception 'recording % is under a legal hold', old.leg using errcode = 'restrict_violation';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger held_erase before update of state on recordings
    for each row when (new.state = 'erased' and old.state <> 'erased') execute function refuse_held();
create trigger held_delete before delete on recordings
    for each row execute function refuse_held();
