-- Times are timestamptz, written and read in UTC. Ids that people or Asterisk make are text with collation "C": they
-- are compared byte by byte, and their indexes serve prefixes.
--
-- Facts of live calls (calls, call_event, survey_answers, recordings, agent_state) carry no foreign keys: they are
-- spooled while the database is away and written in whatever order they arrive. Settings do carry them.

-- +goose Up

-- Settings ------------------------------------------------------------------------------------------------------

create sequence team_number;

create table teams (
    id   text collate "C" primary key default 't' || nextval('team_number') check (id ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    name text not null unique check (btrim(name) <> '')
);
comment on table teams is 'Whom a scope of "team" covers.';

create sequence user_number;

create table users (
    id            text collate "C" primary key default 'u' || nextval('user_number') check (id ~ '^u[0-9]+$'),
    login         text collate "C" not null unique check (login ~ '^[a-z0-9][a-z0-9._@-]{0,63}$'),
    name          text not null check (btrim(name) <> ''),
    password_hash text not null,
    role          text not null check (role in ('agent', 'supervisor', 'qa', 'admin')),
    scope         text not null check (scope in ('own', 'team', 'all')),
    team_id       text collate "C" references teams (id),
    lang          text not null default 'zh-TW' check (lang in ('zh-TW', 'en')),
    active        boolean not null default true,
    created_at    timestamptz not null default now(),
    check (scope <> 'team' or team_id is not null)
);
comment on table users is 'People who sign in. Never deleted, since calls and recordings name them: active is set to false.';
comment on column users.id is 'Also the AgentID of whoever answers calls.';
comment on column users.login is 'In lower case.';
comment on column users.password_hash is 'argon2id, encoded; matches no password when empty.';

create table sessions (
    token_hash bytea primary key check (length(token_hash) = 32),
    user_id    text collate "C" not null references users (id) on delete cascade,
    created_at timestamptz not null default now(),
    seen_at    timestamptz not null default now(),
    expires_at timestamptz not null
);
create index sessions_user on sessions (user_id);
create index sessions_expires on sessions (expires_at);
comment on column sessions.token_hash is 'SHA-256 of the cookie''s token; the token itself is stored nowhere.';

create table queues (
    id              text collate "C" primary key check (id ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    name_zh         text not null check (btrim(name_zh) <> ''),
    name_en         text not null check (btrim(name_en) <> ''),
    longest_wait_s  integer not null default 600 check (longest_wait_s between 10 and 7200),
    wrap_up_s       integer not null default 60 check (wrap_up_s between 5 and 3600),
    ring_s          integer not null default 20 check (ring_s between 5 and 20),
    service_level_s integer not null default 20 check (service_level_s between 1 and 3600),
    position        integer not null default 0,
    active          boolean not null default true
);
comment on column queues.id is 'Slug, as flows name the queue.';
comment on column queues.longest_wait_s is 'After so long the caller hears why and the call ends.';
comment on column queues.wrap_up_s is 'Time for the disposition after a call, then wrap-up ends by itself.';
comment on column queues.ring_s is 'How long a desk rings before the call goes back to its place in the queue (RONA).';
comment on column queues.service_level_s is 'A call answered within this counts towards the service level.';

create table queue_members (
    queue_id text collate "C" not null references queues (id) on delete cascade,
    user_id  text collate "C" not null references users (id) on delete cascade,
    primary key (queue_id, user_id)
);
create index queue_members_user on queue_members (user_id);

create table lines (
    number text collate "C" primary key check (number ~ '^\+[1-9][0-9]{5,14}$'),
    flow   text not null check (btrim(flow) <> '')
);
comment on table lines is 'Which flow answers which number (DNIS, E.164).';

create table reasons (
    code     text collate "C" primary key check (code ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    label_zh text not null check (btrim(label_zh) <> ''),
    label_en text not null check (btrim(label_en) <> ''),
    position integer not null default 0,
    active   boolean not null default true
);
comment on table reasons is 'Why an agent is not ready. Kept when retired, since history names the code.';

create table dispositions (
    code     text collate "C" primary key check (code ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    label_zh text not null check (btrim(label_zh) <> ''),
    label_en text not null check (btrim(label_en) <> ''),
    position integer not null default 0,
    active   boolean not null default true
);
comment on table dispositions is 'How a call ended for the customer. Kept when retired, since history names the code.';

-- Whoever listens on hotline_config reads the settings again, so that a change needs no restart. A notice is sent at
-- commit, and once however many rows changed.
-- +goose StatementBegin
create function notify_config() returns trigger language plpgsql as $$
begin
    perform pg_notify('hotline_config', tg_table_name);
    return null;
end
$$;
-- +goose StatementEnd

create trigger config_changed after insert or update or delete or truncate on teams
    for each statement execute function notify_config();
create trigger config_changed after insert or update of login, name, role, scope, team_id, lang, active or delete or truncate on users
    for each statement execute function notify_config();
create trigger config_changed after insert or update or delete or truncate on queues
    for each statement execute function notify_config();
create trigger config_changed after insert or update or delete or truncate on queue_members
    for each statement execute function notify_config();
create trigger config_changed after insert or update or delete or truncate on lines
    for each statement execute function notify_config();
create trigger config_changed after insert or update or delete or truncate on reasons
    for each statement execute function notify_config();
create trigger config_changed after insert or update or delete or truncate on dispositions
    for each statement execute function notify_config();

-- Customers -----------------------------------------------------------------------------------------------------

-- The pairs of neighbouring characters of a name, folded: trigrams miss Chinese names of two characters. A name of one
-- character is its own gram.
create function name_grams(name text) returns text[] language sql immutable strict parallel safe
return (
    select coalesce(array_agg(distinct substr(folded, i, least(2, length(folded)))), '{}')
    from (select lower(regexp_replace(normalize(name, nfkc), '\s+', '', 'g')) as folded) f,
         generate_series(1, greatest(length(folded) - 1, 1)) i
    where folded <> ''
);

create table customers (
    id          bigint generated by default as identity primary key,
    name        text not null check (btrim(name) <> ''),
    tier        text check (tier in ('diamond', 'platinum', 'gold')),
    preferences text not null default '',
    note        text not null default '',
    created_at  timestamptz not null default now()
);
create index customers_name_grams on customers using gin (name_grams(name));
comment on column customers.tier is 'VIP by yearly spend: diamond > NT$300,000, platinum > 100,000, gold > 50,000, else null.';

create table customer_phones (
    e164        text collate "C" not null check (e164 ~ '^\+[1-9][0-9]{5,14}$'),
    customer_id bigint not null references customers (id) on delete cascade,
    primary key (e164, customer_id)
);
create index customer_phones_customer on customer_phones (customer_id);
comment on table customer_phones is 'Several customers may share a number, and a customer may have several.';

create table contacts (
    id          bigint generated by default as identity primary key,
    customer_id bigint not null references customers (id) on delete cascade,
    at          timestamptz not null,
    channel     text not null check (channel in ('phone', 'web', 'line', 'facebook', 'email', 'letter', 'visit')),
    direction   text not null check (direction in ('in', 'out')),
    subject     text not null,
    summary     text not null default '',
    agent_id    text collate "C",
    call_id     text collate "C"
);
create index contacts_customer on contacts (customer_id, at desc, id desc);
create unique index contacts_call on contacts (call_id) where call_id is not null;
comment on table contacts is 'The time line of a customer over all channels.';
comment on column contacts.at is 'When the contact began.';
comment on column contacts.call_id is 'Set for channel phone made by this system; one contact a call.';

create table products (
    id       text collate "C" primary key,
    name     text not null,
    name_en  text not null,
    price    integer not null check (price >= 0),
    category text not null
);
comment on column products.price is 'NT$, whole.';

create table orders (
    id          text collate "C" primary key,
    customer_id bigint not null references customers (id) on delete cascade,
    at          timestamptz not null,
    product     text collate "C" not null references products (id),
    quantity    integer not null default 1 check (quantity > 0),
    amount      integer not null check (amount >= 0),
    status      text not null check (status in ('placed', 'packed', 'shipped', 'delivered', 'returned', 'cancelled'))
);
create index orders_customer on orders (customer_id, at desc, id desc);
comment on column orders.amount is 'NT$, whole, for the quantity.';

create table cases (
    id          text collate "C" primary key,
    customer_id bigint not null references customers (id) on delete cascade,
    title       text not null check (btrim(title) <> ''),
    state       text not null check (state in ('opened', 'assigned', 'in_progress', 'answered', 'closed')),
    opened_at   timestamptz not null,
    closed_at   timestamptz,
    check ((state = 'closed') = (closed_at is not null))
);
create index cases_customer on cases (customer_id, opened_at desc);

-- Calls ---------------------------------------------------------------------------------------------------------

create table calls (
    id          text collate "C" primary key,
    line        text collate "C" not null,
    flow        text not null,
    caller_e164 text collate "C",
    anonymous   boolean not null default false,
    customer_id bigint,
    lang        text not null default 'zh-TW',
    path        text[] not null default '{}',
    queue_id    text collate "C",
    arrived_at  timestamptz not null,
    queued_at   timestamptz,
    answered_at timestamptz,
    agent_id    text collate "C",
    ended_at    timestamptz,
    outcome     text,
    disposition text collate "C",
    note        text not null default ''
);
create index calls_arrived on calls (arrived_at desc, id desc);
create index calls_agent on calls (agent_id, arrived_at desc) where agent_id is not null;
create index calls_caller on calls (caller_e164, arrived_at desc) where caller_e164 is not null;
create index calls_open on calls (arrived_at) where ended_at is null;
comment on column calls.line is 'The number that was dialled (DNIS).';
comment on column calls.caller_e164 is 'Null when withheld or not a phone number.';
comment on column calls.path is 'Words of the choices made in the menus.';
comment on column calls.queued_at is 'When the call entered its last queue.';
comment on column calls.agent_id is 'Who answered last; null while nobody has.';

create table call_event (
    id    bigint generated always as identity primary key,
    call  text collate "C",
    agent text collate "C",
    floor bigint not null,
    seq   bigint not null,
    at    timestamptz not null,
    kind  text collate "C" not null,
    data  jsonb not null,
    unique (floor, seq)
);
create index call_event_call on call_event (call, id) where call is not null;
create index call_event_agent on call_event (agent, id) where agent is not null;
create index call_event_at on call_event using brin (at);
comment on table call_event is 'Everything the floor was told, in order; replaying it yields the same commands.';
comment on column call_event.floor is 'Which floor was told: when it was made, in microseconds since 1970.';
comment on column call_event.seq is 'Its order among what that floor was told. What is written again after a break changes nothing.';

-- +goose StatementBegin
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;
-- +goose StatementEnd

create trigger append_only before update on call_event
    for each statement execute function refuse_change();

create table survey_answers (
    call_id  text collate "C" not null,
    survey   text collate "C" not null,
    version  text collate "C" not null,
    question text collate "C" not null,
    value    integer not null,
    at       timestamptz not null default now(),
    way      text not null default 'phone' check (way in ('phone', 'sms', 'email', 'web')),
    primary key (call_id, survey, question)
);
create index survey_answers_at on survey_answers (survey, at desc);
comment on column survey_answers.way is 'How the customer answered; phone is the keypad after a call.';

create table agent_state (
    user_id text collate "C" primary key,
    state   text not null,
    reason  text not null default '',
    since   timestamptz not null,
    data    jsonb not null default '{}'
);
comment on table agent_state is 'What the floor must know of an agent after the controller was restarted.';

create table recordings (
    leg         text collate "C" primary key,
    call_id     text collate "C" not null,
    agent_id    text collate "C" not null,
    state       text not null check (state in ('expected', 'finished', 'failed')),
    reason      text not null default '',
    started_at  timestamptz not null,
    duration_ms bigint not null default 0 check (duration_ms >= 0),
    sha256      text not null default '',
    path        text not null default '',
    bytes       bigint not null default 0 check (bytes >= 0),
    peaks       bytea,
    parts       jsonb not null default '[]',
    created_at  timestamptz not null default now(),
    check (state <> 'finished' or (sha256 ~ '^[0-9a-f]{64}$' and path <> ''))
);
create index recordings_call on recordings (call_id);
create index recordings_agent on recordings (agent_id, started_at desc);
create index recordings_started on recordings (started_at desc);
create index recordings_unfinished on recordings (started_at) where state = 'expected';
comment on table recordings is 'One for each agent leg.';
comment on column recordings.reason is 'Why it failed, for people.';
comment on column recordings.path is 'Within the blob store.';
comment on column recordings.peaks is 'For the waveform; format owned by package recording.';

create table access_log (
    id      bigint generated always as identity primary key,
    at      timestamptz not null default now(),
    user_id text collate "C",
    action  text collate "C" not null,
    object  text not null default '',
    detail  jsonb not null default '{}'
);
create index access_log_at on access_log (at desc);
create index access_log_user on access_log (user_id, at desc);
comment on table access_log is 'Who signed in, listened, changed or exported what. user_id is null before sign-in.';
create trigger append_only before update on access_log
    for each statement execute function refuse_change();
