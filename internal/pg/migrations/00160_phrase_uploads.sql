-- Recordings of phrases that somebody has put in place of what an engine would speak.

-- +goose Up

create table phrase_uploads (
    key         text collate "C" primary key,
    lang        text collate "C" not null,
    text        text not null,
    sound       bytea not null,
    seconds     real not null,
    file        text not null,
    uploaded_by text collate "C" not null,
    uploaded_at timestamptz not null default now()
);
comment on table phrase_uploads is 'One recording of a phrase, whatever flows and surveys say it; every controller has them in memory.';
comment on column phrase_uploads.key is 'Made of language and text, as internal/speak names sounds; a long text is too much for an index.';
comment on column phrase_uploads.sound is 'Telephone sound: G.711 mu-law, 8 kHz, mono, at the level of all phrases.';
comment on column phrase_uploads.file is 'Name of the file that was taken.';

create trigger config_changed after insert or update or delete or truncate on phrase_uploads
    for each statement execute function notify_config();

-- +goose Down

drop table phrase_uploads;
