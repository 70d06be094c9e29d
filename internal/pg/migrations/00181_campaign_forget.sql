-- Who was on the list of a finished campaign is forgotten after a time, and what came of each stays counted.

-- +goose Up

alter table survey_campaigns add column erased_at timestamptz;
comment on column survey_campaigns.erased_at is 'When numbers, addresses, names and refs of its contacts were erased; null while they are there.';
create index survey_campaigns_kept on survey_campaigns (finished_at) where state = 'finished' and erased_at is null;

alter table campaign_contacts
    drop constraint campaign_contacts_check,
    add constraint campaign_contacts_check check (phone <> '' or mail <> '' or settled_at is not null);
