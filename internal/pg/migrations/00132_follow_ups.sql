-- Which answers make somebody follow up.

-- +goose Up

create table survey_follow_ups (
    survey   text collate "C" not null,
    question text collate "C" not null,
    at_most  integer not null check (at_most between 0 and 10),
    active   boolean not null,
    primary key (survey, question)
);
comment on table survey_follow_ups is 'An answer this low or lower makes a task. What nobody has set follows the kind of the question: 2 of 5 makes one, 6 of 10 would, but is off.';

-- What counts for each question of the newest versions.
create view survey_follow_up_rules as
select d.survey, d.question, d.kind, d.position, d.zh, d.en,
    coalesce(f.at_most, case d.kind when 'csat5' then 2 when 'nps11' then 6 else 0 end) as at_most,
    coalesce(f.active, d.kind = 'csat5') as active
from (select distinct on (survey, question) * from survey_definitions order by survey, question, known_at desc) d
left join survey_follow_ups f using (survey, question);
