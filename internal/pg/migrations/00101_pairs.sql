-- What the machine had answered when a person did stands beside the person's answer, so that agreement is counted by reading one
-- index. It cannot change afterwards: answers are only added.

-- +goose Up

alter table score_answers add column machine text, add column machine_source text;
alter table score_answers disable trigger append_only;
update score_answers p set (machine, machine_source) = (select m.value, m.source from score_answers m
        where m.score_id = p.score_id and m.question = p.question and m.source <> 'person' and m.id < p.id order by m.id desc limit 1)
    where source = 'person';
alter table score_answers enable trigger append_only;
alter table score_answers add check ((machine is null) = (machine_source is null) and (machine is null or source = 'person'));
comment on column score_answers.machine is 'Of a person: what the machine had answered last, null when it had not.';
comment on column score_answers.machine_source is 'Which machine that was: rules or model.';
drop index score_answers_review;
create index score_answers_review on score_answers (review_id, question, id desc) include (value, machine, machine_source);
