-- Places of the day's limits that talks hold whose callers may be asked when they end: without them, talks at the same time would
-- each find the last place free.

-- +goose Up

create table survey_places (
    call_id  text collate "C" not null,
    survey   text collate "C" not null,
    queue_id text collate "C" not null,
    agent_id text collate "C" not null,
    at       timestamptz not null default now(),
    primary key (call_id, survey)
);
create index survey_places_queue on survey_places (queue_id, survey);
create index survey_places_agent on survey_places (agent_id, survey);
comment on table survey_places is 'Held from the check during a talk until the offer is written, or the call is over. Those of calls that vanished are left out after twelve hours.';
