-- Opening hours: calendars by name, their own days, their emergency switches, and the office calendars that were imported.

-- +goose Up

create table calendars (
    name    text collate "C" primary key check (name ~ '^[a-z][a-z0-9-]{0,39}$'),
    name_zh text not null check (btrim(name_zh) <> ''),
    name_en text not null check (btrim(name_en) <> ''),
    zone    text not null,
    week    jsonb not null check (jsonb_array_length(week) = 7),
    make_up jsonb not null,
    holiday jsonb not null,
    office  boolean not null default true
);
comment on table calendars is 'Opening hours that flows go by. Hours are lists of 09:00-18:00.';
comment on column calendars.week is 'The hours of each weekday, Sunday first.';
comment on column calendars.make_up is 'The hours of Saturdays on which offices make up for a bridge day.';
comment on column calendars.holiday is 'The hours of public holidays; none: closed.';
comment on column calendars.office is 'Whether the office calendar of Taiwan is followed.';

create table calendar_days (
    calendar text collate "C" not null references calendars (name) on delete cascade,
    day      date not null,
    name_zh  text not null check (btrim(name_zh) <> ''),
    name_en  text not null default '',
    hours    jsonb not null,
    primary key (calendar, day)
);
comment on table calendar_days is 'Days on which the hours differ by the company''s own wish; no hours: closed all day.';

create table calendar_emergencies (
    calendar text collate "C" primary key references calendars (name) on delete cascade,
    since    timestamptz not null default now(),
    by_user  text collate "C" not null,
    until    timestamptz,
    say_zh   text not null default '',
    say_en   text not null default ''
);
comment on table calendar_emergencies is 'The switches that are on. Who calls hears say, and goes where the flow says, until the end or until the row is gone.';

create table office_years (
    year        integer primary key check (year between 1990 and 2200),
    days        jsonb not null,
    imported_at timestamptz not null default now(),
    imported_by text collate "C" not null
);
comment on table office_years is 'Office calendars of Taiwan that were imported; each goes before the one of its year that came with the program.';

create trigger config_changed after insert or update or delete or truncate on calendars
    for each statement execute function notify_config();
create trigger config_changed after insert or update or delete or truncate on calendar_days
    for each statement execute function notify_config();
create trigger config_changed after insert or update or delete or truncate on calendar_emergencies
    for each statement execute function notify_config();
create trigger config_changed after insert or update or delete or truncate on office_years
    for each statement execute function notify_config();
