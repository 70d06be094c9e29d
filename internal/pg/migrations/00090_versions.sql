-- The scorecard and the dictionary say, as the rule book does, who put a version live and which earlier one it repeats.

-- +goose Up

alter table scorecards add column live_by text collate "C", add column back_to integer;
comment on column scorecards.live_by is 'Who put it live; null for the card that was shipped.';
comment on column scorecards.back_to is 'The earlier version whose text it repeats, when somebody went back.';
alter table dictionaries add column live_by text collate "C", add column back_to integer;
comment on column dictionaries.live_by is 'Who put it live; null for the dictionary that was shipped.';
comment on column dictionaries.back_to is 'The earlier version whose text it repeats, when somebody went back.';
