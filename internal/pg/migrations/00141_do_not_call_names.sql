-- Entries of the do-not-call list are named without showing the number.

-- +goose Up

alter table do_not_call add column id bigint generated always as identity unique;
