-- What the worker's sweep looks for every minute.

-- +goose Up

create index recordings_unsettled on recordings (started_at) where state = 'finished' or state = 'erased' and path <> '';
