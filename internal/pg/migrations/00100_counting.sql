-- Trends count calls in the order of these indexes, and read no table.

-- +goose Up

create index mentions_call on mentions (kind, entry, call_id) include (at, opinion, role, queue_id, agent_id);
drop index transcripts_call;
create index transcripts_call on transcripts (call_id) include (state, started_at, queue_id, agent_id);
