-- Survey campaigns: whom they reach, how they call, and every attempt. What is counted adds up by construction: a contact is in one
-- state, and the table of a campaign counts its contacts by state.

-- +goose Up

alter table survey_campaigns
    add column state        text not null default 'draft' check (state in ('draft', 'running', 'paused', 'finished')),
    add column lang         text not null default 'zh-TW',
    add column calendar     text collate "C" not null default '',
    add column hours        jsonb not null default '["09:00-12:00", "13:30-21:00"]',
    add column zone         text not null default 'Asia/Taipei',
    add column most         integer not null default 3 check (most between 1 and 10),
    add column ring         integer not null default 30 check (ring between 3 and 120),
    add column at_once      integer not null default 5 check (at_once between 1 and 500),
    add column per_second   real not null default 1 check (per_second > 0 and per_second <= 50),
    add column pauses       jsonb not null default '{}',
    add column detect       boolean not null default true,
    add column started_at   timestamptz,
    add column finished_at  timestamptz;
comment on column survey_campaigns.calendar is 'Opening hours that it calls by; empty for its own hours. One that is gone is closed.';
comment on column survey_campaigns.hours is 'The hours of every day in which it calls, as 09:00-12:00; without effect where a calendar is named.';
comment on column survey_campaigns.most is 'How often one number is dialled at most.';
comment on column survey_campaigns.ring is 'Seconds for which a call rings.';
comment on column survey_campaigns.pauses is 'Minutes until a number is dialled again, by how the call before went.';
comment on column survey_campaigns.detect is 'Whether answering machines are told from people.';

create table campaign_contacts (
    id         bigint generated always as identity primary key,
    campaign   text collate "C" not null references survey_campaigns (id) on delete cascade,
    row        integer not null,
    phone      text collate "C" not null default '' check (phone = '' or phone ~ '^\+[0-9]{6,15}$'),
    mail       text collate "C" not null default '',
    name       text not null default '',
    ref        text not null default '',
    lang       text not null default '',
    state      text collate "C" not null default 'waiting' check (state in ('waiting', 'dialling', 'sent', 'complete', 'partial',
        'silent', 'machine', 'busy', 'no_answer', 'rejected', 'invalid', 'do_not_call', 'expired', 'failed')),
    attempts   integer not null default 0,
    due        timestamptz not null default now(),
    settled_at timestamptz,
    added_at   timestamptz not null default now(),
    check (phone <> '' or mail <> ''),
    check ((settled_at is null) = (state in ('waiting', 'dialling', 'sent')))
);
create unique index campaign_contacts_phone on campaign_contacts (campaign, phone) where phone <> '';
create unique index campaign_contacts_mail on campaign_contacts (campaign, mail) where mail <> '';
create index campaign_contacts_due on campaign_contacts (campaign, due, id) where state = 'waiting';
create index campaign_contacts_state on campaign_contacts (campaign, state, id);
create index campaign_contacts_dialled on campaign_contacts (phone) where state in ('waiting', 'dialling') and phone <> '';
comment on column campaign_contacts.row is 'Where it stood in the list that was imported.';
comment on column campaign_contacts.ref is 'What the list itself calls it: a customer or order number.';
comment on column campaign_contacts.due is 'Not to be dialled before that.';

create table campaign_attempts (
    contact_id  bigint not null references campaign_contacts (id) on delete cascade,
    n           integer not null,
    call_id     text collate "C" not null unique,
    dialled_at  timestamptz not null,
    answered_at timestamptz,
    ended_at    timestamptz,
    result      text collate "C" not null default '',
    cause       integer not null default 0,
    detail      text not null default '',
    primary key (contact_id, n)
);
create index campaign_attempts_open on campaign_attempts (dialled_at) where ended_at is null;
comment on column campaign_attempts.result is 'How the call went; empty while it goes on.';
comment on column campaign_attempts.cause is 'Of Q.850; 0 when none was said.';
comment on column campaign_attempts.detail is 'By what a machine was known, or what went wrong.';

create table do_not_call (
    phone    text collate "C" primary key check (phone ~ '^\+[0-9]{6,15}$'),
    why      text not null check (btrim(why) <> ''),
    added_by text collate "C" not null,
    added_at timestamptz not null default now()
);
comment on table do_not_call is 'Numbers that no campaign calls or writes to.';

create table do_not_call_events (
    id    bigint generated always as identity primary key,
    phone text collate "C" not null,
    what  text not null check (what in ('added', 'removed')),
    why   text not null check (btrim(why) <> ''),
    by    text collate "C" not null,
    at    timestamptz not null default now()
);
create index do_not_call_events_phone on do_not_call_events (phone, id);
create trigger append_only before update on do_not_call_events for each statement execute function refuse_change();

alter table calls add column campaign text collate "C" not null default '';
comment on column calls.campaign is 'The campaign for which this call was made; empty for one that came in.';
