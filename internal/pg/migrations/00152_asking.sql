-- When callers are asked, by queue, and on which occasion they were. Occasions are counted with everything else, so that results
-- of callers whom an agent chose by a key can be told from those whom nobody chose.

-- +goose Up

create table survey_rules (
    queue_id    text collate "C" primary key references queues (id) on delete cascade,
    agreed      boolean not null default true,
    key         boolean not null default true,
    after       boolean not null default true,
    link        boolean not null default false,
    share       integer not null default 100 check (share between 0 and 100),
    agent_a_day integer not null default 0 check (agent_a_day between 0 and 10000),
    queue_a_day integer not null default 0 check (queue_a_day between 0 and 1000000),
    rest_days   integer not null default 0 check (rest_days between 0 and 3650),
    link_days   integer not null default 7 check (link_days between 1 and 90)
);
comment on table survey_rules is 'A queue without a row asks everybody, when its agent has ended the talk.';
comment on column survey_rules.agreed is 'Those who agreed in the flow to stay on the line.';
comment on column survey_rules.share is 'Of the callers, in percent, chosen by their call ids.';
comment on column survey_rules.agent_a_day is 'Most callers of an agent that are asked in a day; 0 for no limit. Also queue_a_day.';
comment on column survey_rules.rest_days is 'For how long whoever was asked is not asked again; 0 for always.';
comment on column survey_rules.link_days is 'How long a link can be answered.';
create trigger config_changed after insert or update or delete or truncate on survey_rules
    for each statement execute function notify_config();

alter table customers add column email text collate "C" check (email ~ '^[^@\s]+@[^@\s]+$');
comment on column customers.email is 'Where a link goes whose customer has no mobile number; null for none.';

alter table survey_offers add column occasion text collate "C" not null default '' check (occasion in ('', 'ivr', 'key', 'after', 'link'));
alter table survey_answers add column occasion text collate "C" not null default '' check (occasion in ('', 'ivr', 'key', 'after', 'link'));
comment on column survey_offers.occasion is 'ivr: in the flow, or agreed to there; key: by the agent''s key; after: the agent hung up; link: the caller did. Empty for campaigns, and where nobody noted it.';
comment on column survey_answers.occasion is 'Of the offer.';

alter table survey_days add column occasion text collate "C" not null default '';
alter table survey_offer_days add column occasion text collate "C" not null default '';
alter table survey_days drop constraint survey_days_pkey,
    add primary key (survey, day, agent_id, queue_id, question, version, way, campaign, occasion);
alter table survey_offer_days drop constraint survey_offer_days_pkey,
    add primary key (survey, day, agent_id, queue_id, version, way, campaign, occasion);

-- An answer is of the queue and agent that its call is of now, and of the occasion on which it was asked.
-- +goose StatementBegin
create or replace function place_answer() returns trigger language plpgsql as $$
begin
    select coalesce(c.queue_id, ''), coalesce(c.agent_id, '') into new.queue_id, new.agent_id from calls c where c.id = new.call_id;
    new.queue_id := coalesce(new.queue_id, '');
    new.agent_id := coalesce(new.agent_id, '');
    new.occasion := coalesce((select o.occasion from survey_offers o where o.call_id = new.call_id and o.survey = new.survey), '');
    return new;
end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function answers_counted(source text, sign integer) returns text language sql immutable as $$
    select format('select local_day(at) as day, survey, version, way, campaign, queue_id, agent_id, question, occasion, %s,'
        || ' (%s * count(*) filter (where value not between 0 and 10))::integer as other from %s'
        || ' group by 1, 2, 3, 4, 5, 6, 7, 8, 9 order by survey, 1, agent_id, queue_id, question, version, way, campaign, occasion',
        string_agg(format('(%1$s * count(*) filter (where value = %2$s))::integer as v%2$s', sign, v), ', ' order by v), sign, source)
    from generate_series(0, 10) v
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function add_answers(source text, sign integer) returns text language sql immutable as $$
    select 'insert into survey_days as d (day, survey, version, way, campaign, queue_id, agent_id, question, occasion, '
        || string_agg(format('v%1$s', v), ', ' order by v) || ', other) ' || answers_counted(source, sign)
        || ' on conflict (survey, day, agent_id, queue_id, question, version, way, campaign, occasion) do update set '
        || string_agg(format('v%1$s = d.v%1$s + excluded.v%1$s', v), ', ') || ', other = d.other + excluded.other'
    from generate_series(0, 10) v
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function offers_counted(source text, sign integer) returns text language sql immutable as $$
    select format('select local_day(offered_at) as day, survey, version, way, campaign, queue_id, agent_id, occasion, '
        '(%1$s * count(*))::integer as offered, (%1$s * count(started_at))::integer as started, (%1$s * count(finished_at))::integer as finished from %2$s'
        ' group by 1, 2, 3, 4, 5, 6, 7, 8 order by survey, 1, agent_id, queue_id, version, way, campaign, occasion', sign, source)
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function add_offers(source text, sign integer) returns text language sql immutable as $$
    select 'insert into survey_offer_days as d (day, survey, version, way, campaign, queue_id, agent_id, occasion, offered, started, finished) '
        || offers_counted(source, sign)
        || ' on conflict (survey, day, agent_id, queue_id, version, way, campaign, occasion) do update set offered = d.offered + excluded.offered,'
        || ' started = d.started + excluded.started, finished = d.finished + excluded.finished'
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function count_answers() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        execute add_answers('old_rows', -1);
    end if;
    if tg_op <> 'DELETE' then
        execute add_answers('new_rows', 1);
        insert into survey_offers (call_id, survey, version, way, campaign, queue_id, agent_id, occasion, offered_at, started_at)
        select distinct on (call_id, survey) call_id, survey, version, way, campaign, queue_id, agent_id, occasion, at, at
        from new_rows order by call_id, survey, at
        on conflict (call_id, survey) do update set started_at = excluded.started_at
            where survey_offers.started_at is null or survey_offers.started_at > excluded.started_at;
    end if;
    return null;
end
$$;
-- +goose StatementEnd
