-- What kind of fault kept a message from going, so that a page can say in words what helps.

-- +goose Up

alter table messages add column fault text collate "C" not null default ''
    check (fault in ('', 'no_provider', 'unreachable', 'busy', 'refused', 'unclear', 'request', 'late', 'erased'));
comment on column messages.fault is 'The kind of what error says; empty where nothing failed, and for messages of before there were kinds.';
