-- A campaign that pauses by itself says why.

-- +goose Up

alter table survey_campaigns add column trouble text not null default '' check (trouble in ('', 'failing'));
comment on column survey_campaigns.trouble is 'Why it was paused by the program; empty where somebody did, or it runs.';
