-- Whoever decides an appeal answers the questions anew that rested on the finding.

-- +goose Up

alter table reviews drop constraint reviews_kind_check;
alter table reviews add constraint reviews_kind_check check (kind in ('review', 'second', 'calibration', 'appeal'));
create index finding_marks_appeals on finding_marks (at) where mark = 'appealed';
