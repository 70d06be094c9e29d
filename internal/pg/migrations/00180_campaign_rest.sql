-- Campaigns leave alone whoever answered a survey lately, on whatever occasion that was.

-- +goose Up

-- Those that were made before keep to what was decided for them.
alter table survey_campaigns add column rest_days integer not null default 0 check (rest_days between 0 and 3650);
alter table survey_campaigns alter column rest_days set default 30;
comment on column survey_campaigns.rest_days is 'Whoever answered any survey in so many days before is not called or written to; 0 for no limit.';

alter table campaign_contacts
    drop constraint campaign_contacts_state_check,
    add constraint campaign_contacts_state_check check (state in ('waiting', 'dialling', 'sent', 'complete', 'partial',
        'silent', 'machine', 'busy', 'no_answer', 'rejected', 'invalid', 'do_not_call', 'recently_asked', 'expired', 'failed'));

-- Who answered in another campaign, when a contact is about to be called.
create index campaign_contacts_answered on campaign_contacts (phone, settled_at) where state in ('complete', 'partial') and phone <> '';
create index campaign_contacts_answered_mail on campaign_contacts (mail, settled_at) where state in ('complete', 'partial') and mail <> '';
