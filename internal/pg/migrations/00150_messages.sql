-- Messages to customers, by SMS and mail: an outbox. Whoever has something to say adds a row in the transaction of what causes
-- it; a job of the worker sends it.

-- +goose Up

create table messages (
    id         bigint generated always as identity primary key,
    key        text collate "C" not null unique check (key <> ''),
    channel    text not null check (channel in ('sms', 'mail')),
    recipient  text collate "C" not null,
    subject    text not null default '',
    body       text not null,
    about      text collate "C" not null,
    call_id    text collate "C",
    state      text not null default 'waiting' check (state in ('waiting', 'sending', 'sent', 'failed', 'unsure')),
    attempts   integer not null default 0,
    error      text not null default '',
    receipt    text not null default '',
    created_at timestamptz not null default now(),
    not_before timestamptz not null default now(),
    expires_at timestamptz not null,
    changed_at timestamptz not null default now()
);
create index messages_created on messages (created_at desc, id desc);
create index messages_open on messages (changed_at) where state in ('waiting', 'sending');
create index messages_call on messages (call_id) where call_id is not null;
comment on column messages.key is 'Names what the message is about, so that what is added twice is one message.';
comment on column messages.recipient is 'A number (E.164) or an address; empty once it was erased.';
comment on column messages.body is 'Empty once it was sent: it may hold a link that only its reader should have.';
comment on column messages.about is 'What made it, e.g. survey.';
comment on column messages.attempts is 'Also the fence: who sends says which attempt it was, and a late twin changes nothing.';
comment on column messages.state is 'unsure: given to the provider, who has not said what became of it. It is not sent again by itself.';
comment on column messages.error is 'Why the last attempt failed, without numbers and addresses.';

create table mailbox (
    message_id bigint primary key references messages (id) on delete cascade,
    at         timestamptz not null default now(),
    channel    text not null check (channel in ('sms', 'mail')),
    recipient  text collate "C" not null,
    subject    text not null,
    body       text not null
);
create index mailbox_at on mailbox (at desc, message_id desc);
comment on table mailbox is 'What would have been sent, where the configuration has a mailbox instead of a provider.';

create table message_hours (
    one         boolean primary key default true check (one),
    from_minute integer not null check (from_minute between 0 and 1439),
    to_minute   integer not null check (to_minute between 1 and 1440 and to_minute > from_minute)
);
comment on table message_hours is 'When messages may be sent, in minutes of the site''s day; without a row from 9 to 21.';
