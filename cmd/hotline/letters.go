package main

import (
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/campaign"
	"hotline/internal/jobs"
	"hotline/internal/site"
	"hotline/ivr/flowstore"
)

// letters sends the links of campaigns.
func letters(s settings, pool *pgxpool.Pool, log *slog.Logger) (*jobs.Letters, error) {
	out, err := jobs.NewInserter(pool)
	if err != nil {
		return nil, err
	}
	out.Links = linksOf(s)
	return &jobs.Letters{
		DB: pool, Campaigns: campaign.NewStore(pool), Surveys: flowstore.NewStore(pool), Out: out, Log: log,
		Opening: opening(site.NewStore(pool, nil)),
	}, nil
}

// linksOf is how links to surveys are sent.
func linksOf(s settings) jobs.Links {
	return jobs.Links{Base: s.Web.Base(), Firm: s.Name, Channels: s.Notify.Channels()}
}
