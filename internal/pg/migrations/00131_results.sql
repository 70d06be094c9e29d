-- Results of surveys, counted by day while answers come in, since pages over millions of answers must not read them all.
--
-- The rows themselves say of which queue and agent they are: a call may go on to another queue after its survey. The
-- counts are then a function of the rows, and survey_recount() makes them anew. Days are those of Taiwan.

-- +goose Up

create function local_day(at timestamptz) returns date language sql immutable strict parallel safe
return (at at time zone 'Asia/Taipei')::date;

alter table survey_answers drop constraint survey_answers_way_check;
update survey_answers set way = 'link' where way <> 'phone';
alter table survey_answers
    add constraint survey_answers_way_check check (way in ('phone', 'link', 'outbound')),
    add column queue_id text collate "C" not null default '',
    add column agent_id text collate "C" not null default '',
    add column campaign text collate "C" not null default '';
comment on column survey_answers.way is 'How the customer answered: the keypad after a call, a web link, or a call made for it.';
comment on column survey_answers.queue_id is 'Of the call when it was answered; also agent_id. Empty for none.';

create table survey_campaigns (
    id         text collate "C" primary key check (id ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    name       text not null check (btrim(name) <> ''),
    survey     text collate "C" not null,
    way        text not null check (way in ('link', 'outbound')),
    audience   text not null default '',
    list_rule  text not null default '',
    from_day   date not null,
    to_day     date not null check (to_day >= from_day),
    created_by text collate "C",
    created_at timestamptz not null default now()
);
comment on column survey_campaigns.audience is 'Whom it is for, in words (對象).';
comment on column survey_campaigns.list_rule is 'How its list was chosen, in words (名單條件).';

create table survey_offers (
    call_id     text collate "C" not null,
    survey      text collate "C" not null,
    version     text collate "C" not null,
    way         text not null default 'phone' check (way in ('phone', 'link', 'outbound')),
    campaign    text collate "C" not null default '',
    queue_id    text collate "C" not null default '',
    agent_id    text collate "C" not null default '',
    offered_at  timestamptz not null,
    started_at  timestamptz,
    finished_at timestamptz,
    primary key (call_id, survey)
);
comment on table survey_offers is 'Who was asked. A survey that has an answer was offered, even if nobody wrote that.';
comment on column survey_offers.started_at is 'When the first answer came.';
comment on column survey_offers.finished_at is 'When its end was heard; null for those who stopped half-way.';

create table survey_days (
    day      date not null,
    survey   text collate "C" not null,
    version  text collate "C" not null,
    way      text collate "C" not null,
    campaign text collate "C" not null,
    queue_id text collate "C" not null,
    agent_id text collate "C" not null,
    question text collate "C" not null,
    v0 integer not null, v1 integer not null, v2 integer not null, v3 integer not null, v4 integer not null, v5 integer not null,
    v6 integer not null, v7 integer not null, v8 integer not null, v9 integer not null, v10 integer not null,
    other    integer not null,
    primary key (survey, day, agent_id, queue_id, question, version, way, campaign)
);
create index survey_days_agent on survey_days (agent_id, survey, day);
comment on table survey_days is 'Answers counted by the day on which they were given: of 0, of 1 ... of 10, and of anything else.';

create table survey_offer_days (
    day      date not null,
    survey   text collate "C" not null,
    version  text collate "C" not null,
    way      text collate "C" not null,
    campaign text collate "C" not null,
    queue_id text collate "C" not null,
    agent_id text collate "C" not null,
    offered  integer not null,
    started  integer not null,
    finished integer not null,
    primary key (survey, day, agent_id, queue_id, version, way, campaign)
);
create index survey_offer_days_agent on survey_offer_days (agent_id, survey, day);
comment on table survey_offer_days is 'Offers counted by the day on which they were made, whenever they were answered.';

create table call_days (
    day      date not null,
    queue_id text collate "C" not null,
    agent_id text collate "C" not null,
    answered integer not null,
    primary key (day, agent_id, queue_id)
);
comment on table call_days is 'Calls that an agent answered, by the day of the answer: of whom a survey could have been asked.';

create table survey_definitions (
    survey   text collate "C" not null,
    version  text collate "C" not null,
    question text collate "C" not null,
    position integer not null,
    kind     text not null,
    zh       text not null default '',
    en       text not null default '',
    known_at timestamptz not null default now(),
    primary key (survey, version, question)
);
comment on table survey_definitions is 'What was asked, by every version that was ever in use: answers name only the question.';

-- An answer is of the queue and agent that its call is of now.
-- +goose StatementBegin
create function place_answer() returns trigger language plpgsql as $$
begin
    select coalesce(c.queue_id, ''), coalesce(c.agent_id, '') into new.queue_id, new.agent_id from calls c where c.id = new.call_id;
    new.queue_id := coalesce(new.queue_id, '');
    new.agent_id := coalesce(new.agent_id, '');
    return new;
end
$$;
-- +goose StatementEnd

-- The statements that count the rows of a table, or of a trigger's, with a sign. Keys are added in order, so that of two
-- transactions one waits for the other rather than crosswise.
-- +goose StatementBegin
create function answers_counted(source text, sign integer) returns text language sql immutable as $$
    select format('select local_day(at) as day, survey, version, way, campaign, queue_id, agent_id, question, %s,'
        || ' (%s * count(*) filter (where value not between 0 and 10))::integer as other from %s'
        || ' group by 1, 2, 3, 4, 5, 6, 7, 8 order by survey, 1, agent_id, queue_id, question, version, way, campaign',
        string_agg(format('(%1$s * count(*) filter (where value = %2$s))::integer as v%2$s', sign, v), ', ' order by v), sign, source)
    from generate_series(0, 10) v
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create function add_answers(source text, sign integer) returns text language sql immutable as $$
    select 'insert into survey_days as d ' || answers_counted(source, sign)
        || ' on conflict (survey, day, agent_id, queue_id, question, version, way, campaign) do update set '
        || string_agg(format('v%1$s = d.v%1$s + excluded.v%1$s', v), ', ') || ', other = d.other + excluded.other'
    from generate_series(0, 10) v
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create function offers_counted(source text, sign integer) returns text language sql immutable as $$
    select format('select local_day(offered_at) as day, survey, version, way, campaign, queue_id, agent_id, '
        '(%1$s * count(*))::integer as offered, (%1$s * count(started_at))::integer as started, (%1$s * count(finished_at))::integer as finished from %2$s'
        ' group by 1, 2, 3, 4, 5, 6, 7 order by survey, 1, agent_id, queue_id, version, way, campaign', sign, source)
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create function add_offers(source text, sign integer) returns text language sql immutable as $$
    select 'insert into survey_offer_days as d ' || offers_counted(source, sign)
        || ' on conflict (survey, day, agent_id, queue_id, version, way, campaign) do update set offered = d.offered + excluded.offered,'
        || ' started = d.started + excluded.started, finished = d.finished + excluded.finished'
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create function answered_counted(source text) returns text language sql immutable as $$
    select format('select local_day(answered_at) as day, coalesce(queue_id, %L) as queue_id, agent_id, sum(n)::integer as answered from (%s) r'
        ' where answered_at is not null and agent_id is not null group by 1, 2, 3 having sum(n) <> 0 order by 1, 3, 2', '', source)
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function count_answers() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        execute add_answers('old_rows', -1);
    end if;
    if tg_op <> 'DELETE' then
        execute add_answers('new_rows', 1);
        insert into survey_offers (call_id, survey, version, way, campaign, queue_id, agent_id, offered_at, started_at)
        select distinct on (call_id, survey) call_id, survey, version, way, campaign, queue_id, agent_id, at, at
        from new_rows order by call_id, survey, at
        on conflict (call_id, survey) do update set started_at = excluded.started_at
            where survey_offers.started_at is null or survey_offers.started_at > excluded.started_at;
    end if;
    return null;
end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create function count_offers() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        execute add_offers('old_rows', -1);
    end if;
    if tg_op <> 'DELETE' then
        execute add_offers('new_rows', 1);
    end if;
    return null;
end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create function count_answered() returns trigger language plpgsql as $$
begin
    execute 'insert into call_days as d ' || answered_counted(case tg_op
            when 'INSERT' then 'select *, 1 as n from new_rows' when 'DELETE' then 'select *, -1 as n from old_rows'
            else 'select *, 1 as n from new_rows union all select *, -1 as n from old_rows' end)
        || ' on conflict (day, agent_id, queue_id) do update set answered = d.answered + excluded.answered';
    return null;
end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create function survey_recount() returns void language plpgsql as $$
begin
    lock table calls, survey_answers, survey_offers in share mode;
    delete from survey_days;
    delete from survey_offer_days;
    delete from call_days;
    execute add_answers('survey_answers', 1);
    execute add_offers('survey_offers', 1);
    execute 'insert into call_days ' || answered_counted('select *, 1 as n from calls');
end
$$;
-- +goose StatementEnd

-- What was answered before, without what nobody wrote down then.
update survey_answers a set queue_id = coalesce(c.queue_id, ''), agent_id = coalesce(c.agent_id, '') from calls c where c.id = a.call_id;
insert into survey_offers (call_id, survey, version, way, queue_id, agent_id, offered_at, started_at)
    select distinct on (call_id, survey) call_id, survey, version, way, queue_id, agent_id, at, at from survey_answers order by call_id, survey, at;
select survey_recount();

create trigger place before insert on survey_answers for each row when (new.queue_id = '' and new.agent_id = '') execute function place_answer();
create trigger counted_insert after insert on survey_answers referencing new table as new_rows
    for each statement execute function count_answers();
create trigger counted_update after update on survey_answers referencing old table as old_rows new table as new_rows
    for each statement execute function count_answers();
create trigger counted_delete after delete on survey_answers referencing old table as old_rows
    for each statement execute function count_answers();
create trigger counted_insert after insert on survey_offers referencing new table as new_rows
    for each statement execute function count_offers();
create trigger counted_update after update on survey_offers referencing old table as old_rows new table as new_rows
    for each statement execute function count_offers();
create trigger counted_delete after delete on survey_offers referencing old table as old_rows
    for each statement execute function count_offers();
create trigger counted_insert after insert on calls referencing new table as new_rows
    for each statement execute function count_answered();
create trigger counted_update after update on calls referencing old table as old_rows new table as new_rows
    for each statement execute function count_answered();
create trigger counted_delete after delete on calls referencing old table as old_rows
    for each statement execute function count_answered();
