-- Voice messages: tasks whose words are a recording of their own.

-- +goose Up

alter table tasks add column leg text collate "C";
create index tasks_leg on tasks (leg) where leg is not null;
comment on column tasks.leg is 'The recording that the task is about, of a voice message; null once that is erased.';

alter table survey_answers add column leg text collate "C";
create index survey_answers_leg on survey_answers (leg) where leg is not null;
comment on column survey_answers.leg is 'The recording of a spoken comment; null once that is erased.';

comment on column recordings.agent_id is 'Empty for a voice message and a spoken comment, which no agent hears live.';
