-- What agents say that may sell or settle a matter: found as topics are, and set against the outcome of calls.

-- +goose Up

alter table mentions drop constraint mentions_kind_check;
alter table mentions add constraint mentions_kind_check check (kind in ('topic', 'product', 'wording'));
